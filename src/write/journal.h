/*
 * journal.h - what was written, when, by whom, to which meter, and what became
 * of it. SQLite, WAL, synchronous FULL: an intent that has been recorded
 * survives kill -9, a power cut and a full disk; without it nothing is written.
 *
 * Threads may share one.
 */
#ifndef METERCTL_WRITE_JOURNAL_H
#define METERCTL_WRITE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "target/target.h"

struct journal;

#define JOURNAL_TEXT 256

struct journal_row {
	long id;			/* by journal_intent() */
	long run;			/* writes of one command or form share it */
	int64_t at_us;			/* of the intent, wall clock */
	int64_t done_us;		/* of the result; 0: none yet */
	char who[64];			/* user@host of the laptop */
	char target[TARGET_TEXT];		/* canonical: target_format() */
	char profile[64];
	char key[64];
	/* as codec_format() writes them; "********" for a secret */
	char before[JOURNAL_TEXT], want[JOURNAL_TEXT], after[JOURNAL_TEXT];
	char state[16];			/* "intent", then step_state_names[] */
	char identity[JOURNAL_TEXT];	/* of the meter (identity.h); "": none was to be had */
	char error[ERR_TEXT];
};

/* PATH NULL: $XDG_STATE_HOME/meterctl/journal.db, made when it is not there,
 * readable by its user only. ERR_DENIED: cannot be written (says why). */
struct journal *journal_open(const char *path, struct err *e);
void journal_close(struct journal *j);
/* One to look into only: *J, which is NULL where there is none yet. Also where nothing can be
 * written, as on a read-only medium. -1 and E (ERR_DENIED). */
int journal_look(const char *path, struct journal **j, struct err *e);

/* A number for the rows of one command. */
long journal_run(struct journal *j, struct err *e);

/* Records that R (id, at_us and who are filled in) is about to be written; on
 * disk when it returns 0. ERR_DENIED when it is not: then do not write. */
int journal_intent(struct journal *j, struct journal_row *r, struct err *e);
/* ... and what became of it. */
int journal_result(struct journal *j, long id, const char *state, const char *after,
		   const char *error, struct err *e);

/* Whether it was written is not known yet: "intent" or "unknown". */
bool journal_row_open(const struct journal_row *r);

struct journal_filter {
	long id;		/* 0: any */
	long run;		/* 0: any */
	const char *target;	/* NULL: any */
	bool open;		/* only rows still "intent" or "unknown" */
	long most;		/* newest so many; 0: all */
};
/* Rows in order of id. EACH returns 0 to go on. */
int journal_each(struct journal *j, const struct journal_filter *f,
		 int (*each)(void *arg, const struct journal_row *r), void *arg,
		 struct err *e);

#endif
