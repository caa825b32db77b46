/*
 * undo.h - what the journal says stood there before, as new values.
 *
 * A meter that was given another address or speed is followed back through the
 * journal: its older entries name the target it answered at then. The other way
 * round, entries of a meter that has left a target are not those of the one that
 * answers there now.
 */
#ifndef METERCTL_WRITE_UNDO_H
#define METERCTL_WRITE_UNDO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "journal.h"
#include "plan.h"
#include "target/target.h"

struct undo {
	struct journal_row *rows;	/* verified ones, newest first */
	size_t n;
	bool open;	/* failed because the outcome of a write is not known:
			   plan_settle(), and find again */
};

/*
 * ID 0: the newest run of the meter at AT that wrote something; else that entry.
 * ERR_USAGE: no such entry. ERR_NO: nothing to put back. ERR_DENIED: it was never
 * verified, or is of another meter. Free with undo_release() in any case.
 */
int undo_find(struct journal *j, const struct target *at, long id,
	      struct undo *u, struct err *e);
void undo_release(struct undo *u);

/* Every row of the meter at AT, the newest first, whatever became of it. EACH
 * returns 0 to go on. */
int undo_each(struct journal *j, const struct target *at,
	      int (*each)(void *arg, const struct journal_row *r), void *arg, struct err *e);

/* Adds the new values to P; nothing on the wire. ERR_DENIED for what cannot be put
 * back: a secret (not kept), a clock, what was not read before. */
int undo_add(const struct undo *u, struct plan *p, struct err *e);

/* Reads whether the meter still holds what was written (or what stood there
 * before). ERR_DENIED: somebody changed it since, or it is another meter. */
int undo_check(const struct undo *u, struct meter *m, struct err *e);

#endif
