/*
 * state.h - how far a batch has come: an SQLite file beside the journal, one for each batch
 * file and shard. What has been recorded survives kill -9 and a power cut. One run at a time
 * holds it.
 */
#ifndef METERCTL_BATCH_STATE_H
#define METERCTL_BATCH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sites.h"
#include "visit.h"

struct state;

enum state_row {
	STATE_OPEN,	/* not begun, or interrupted */
	STATE_DONE,
	STATE_FAILED,
	STATE_ROWS
};
extern const char *const state_row_names[STATE_ROWS];

/*
 * PATH: of the batch file; JOURNAL: as for journal_open(), which is beside it. ERR_DENIED:
 * another process runs it (says which), or the file cannot be used. state_close() in any case.
 */
struct state *state_open(const char *path, const char *journal, int shard, int shards, struct err *e);
void state_close(struct state *s);

/* A new run: all rows are open; with KEEP_DONE those stay done whose meter the run before
 * has done, wherever they stand now. */
int state_begin(struct state *s, const struct sites *sites, bool keep_done, struct err *e);
/* Has there been a run? */
bool state_known(struct state *s);
/* Goes on with the one before. -1 and E (ERR_DENIED): the batch file or a file of settings
 * has changed since. */
int state_resume(struct state *s, const struct sites *sites, struct err *e);
/* When the run began, us since 1970. */
int64_t state_began(const struct state *s);

/* How ROW (from 1) stands, and what became of it then. */
int state_get(struct state *s, int row, enum state_row *is, struct visit_result *r, struct err *e);
/* Records it; on disk when it returns 0. For any thread. */
int state_put(struct state *s, int row, enum state_row is, const struct visit_result *r, struct err *e);

#endif
