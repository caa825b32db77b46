/*
 * crew.h - carries out a batch: lines side by side, on a serial line or behind a gateway one
 * meter at a time, of a broker's meters many at once.
 */
#ifndef METERCTL_BATCH_CREW_H
#define METERCTL_BATCH_CREW_H

#include "link/link.h"
#include "state.h"
#include "visit.h"

#define CREW_LINES 32		/* worked at side by side, unless it is said otherwise */
#define CREW_LINES_MOST 256
#define CREW_BROKER 128		/* meters of one broker at once, each with its own connection */

struct crew_opts {
	struct visit_opts visit;	/* told is called from one thread at a time */
	struct link_opts link;		/* cancel_fd is raised to end it: rows under way end well */
	int lines;			/* side by side at most */
	bool stop_on_error;		/* begin no row after one has failed */
	/* As password_fetch(), in the caller's thread, before anything is opened; once for each
	 * broker and user. */
	int (*password)(void *arg, const struct target *t, char **out, struct err *e);
	void *password_arg;
};

struct crew_count {
	int done, failed, open;
};

/*
 * Does the rows of S that are CHOSEN, and records each in STATE (NULL in a dry run)
 * as it ends. 0 when each has ended, well or not; -1 and E when it could not be begun, or was
 * interrupted, or the state or the journal could not be written: then no further row was
 * begun. COUNT is of these rows.
 */
int crew_run(const struct sites *s, const bool *chosen, struct state *state, struct journal *j,
	     const struct crew_opts *o, struct crew_count *count, struct err *e);

#endif
