/*
 * assign.h - gives unit addresses to factory-new meters: a walk along one line, a row after the
 * other. A person switches a meter on; it is found at the factory settings of its profile, read
 * three times, confirmed, written and read back at its new address.
 *
 * The address of a row is its column comm.address, else the unit of its target. It is written by
 * the plan (plan.h), with its journal entry, and only when nobody replies there before.
 */
#ifndef METERCTL_BATCH_ASSIGN_H
#define METERCTL_BATCH_ASSIGN_H

#include "link/link.h"
#include "state.h"
#include "visit.h"

#define ASSIGN_READS 3	/* of one meter that must be alike before it is written to */

struct assign_opts {
	struct link_opts link;		/* its cancel_fd ends the walk */
	struct plan_policy policy;
	bool resume;			/* rows that the journal has as verified are done, also when
					   their meters do not reply */
	void (*said)(void *arg, const char *text);	/* what a person is to do or to know */
	/* May it be written? 0; -1 and E: ERR_DENIED, ERR_INTERRUPTED. */
	int (*confirm)(void *arg, const char *question, struct err *e);
	/* What happens at a row (START, STEP), and how it ended: IS. An open row was not confirmed. */
	void (*told)(void *arg, const struct visit_event *ev, enum state_row is);
	bool (*ended)(void *arg);	/* by a signal, also one that came during a write */
	void *arg;
};

/* Where the meter of S replies when it has its address. */
void assign_target(const struct site *s, struct target *to);
/* Can the rows of S be walked? Each mistake is told as "FILE:LINE: ...". -1 and E (ERR_USAGE). */
int assign_check(const char *path, const struct sites *s, void (*mistake)(void *arg, const struct err *e), void *arg,
		 struct err *e);
/* Walks the rows. 0: each was told how it ended; -1 and E: interrupted, another master is on the
 * line, the line or the journal failed. No further row was begun then. */
int assign_run(const struct sites *s, struct journal *j, const struct assign_opts *o, struct err *e);

#endif
