/*
 * plan_around.h - what a profile wants around a write: the unlock before it, the commit and
 * the lock behind it, and how many registers one write carries. For src/write/ alone.
 */
#ifndef METERCTL_WRITE_PLAN_AROUND_H
#define METERCTL_WRITE_PLAN_AROUND_H

#include "plan.h"

/* Waits US (a time that is over: not at all). True: a cancel came, and has been taken from L. */
bool around_rest(struct link *l, int64_t us);

/* The registers that one write carries. */
uint16_t around_most(const struct profile *p);

/*
 * Writes N registers from AT on, in as many writes as P's meter needs, lowest first. -1: one
 * failed, and the others behind it were not sent; *DONE registers were taken before. *SENT: a
 * request may have reached the meter.
 */
int around_write(const struct plan *p, struct meter *m, uint16_t at, uint16_t n, const uint16_t *regs,
		 uint16_t *done, bool *sent, struct err *e);

/* Unlocks, unless the meter is surely unlocked still. ERR_DENIED: there is no password;
 * ERR_REFUSED: the meter rejected it, or is locked as before. */
int around_unlock(struct plan *p, struct meter *m, struct err *e);

/* Locks again what was unlocked, where the profile says how. A cancel does not keep it from
 * being sent; *INTERRUPTED says that one came. -1: the meter may be unlocked still. */
int around_lock(struct plan *p, struct meter *m, bool *interrupted, struct err *e);

/* Sends the commit and waits until it is done, likewise. ERR_UNVERIFIED. */
int around_commit(struct plan *p, struct meter *m, bool *interrupted, struct err *e);

#endif
