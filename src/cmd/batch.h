/*
 * batch.h - what `batch` prints: events as they come, a summary at the end, and on a
 * terminal how far it is meanwhile.
 */
#ifndef METERCTL_CMD_BATCH_H
#define METERCTL_CMD_BATCH_H

#include "app.h"
#include "batch/state.h"
#include "batch/visit.h"
#include "output/printer.h"

/* ---- rows: events for who reads objects, the summary for who reads lines ---------- */

extern const struct listing batch_list;

/* An event, where each is looked at as it comes. */
int batch_event_row(struct printer *out, const struct visit_event *ev, struct err *e);
/* A setting that a dry run would write, for a person. */
void batch_plan_line(FILE *f, const struct visit_event *ev);
/* The last one, where there is no end around the list. */
int batch_summary_event(struct printer *out, int done, int failed, int open, struct err *e);
/* What became of a meter. */
int batch_result_row(struct printer *out, const struct site *s, enum state_row is, const struct visit_result *r,
		     struct err *e);

/* ---- a file made of a scan ------------------------------------------------------------- */

/* Writes a batch file of the meters in PATH, the output of scan -f json or jsonl, to OUTPUT,
 * which must not be there yet; NULL: prints it. ERR_USAGE, ERR_DENIED; ERR_NO: no meter. */
int batch_from_scan(const struct app *a, const char *path, const char *output, struct err *e);

/* ---- addresses for new meters ------------------------------------------------------------- */

/* Walks the rows of PATH (assign.h). ERR_SOME: some failed; ERR_DENIED: not confirmed. */
int batch_assign(struct app *a, const char *path, const struct plan_policy *policy, bool resume, struct err *e);

/* ---- on a terminal ---------------------------------------------------------------------- */

/* A line a port: what it does now, done, failed, and when all may be over. */
struct batch_progress;
/* NULL without memory, which harms nothing: the others take it. F: the terminal. */
struct batch_progress *batch_progress_new(FILE *f, const struct sites *s, const bool *todo);
void batch_progress_take(struct batch_progress *p, const struct visit_event *ev);
/* Takes what is drawn away, so that something else can be printed. */
void batch_progress_clear(struct batch_progress *p);
void batch_progress_free(struct batch_progress *p);

#endif
