/*
 * plan_write.h - one write of a plan: read again, intent, write, read back,
 * verdict. Only plan.c uses this.
 */
#ifndef METERCTL_WRITE_PLAN_WRITE_H
#define METERCTL_WRITE_PLAN_WRITE_H

#include "plan.h"

/* Writes the planned ones among the N steps from FIRST, which share their
 * registers. 0 when they are VERIFIED; -1, their state and E otherwise. RUN is
 * the journal's. */
int plan_write(struct plan *p, size_t first, size_t n, struct meter *m,
	       struct journal *j, long run, plan_told *told, void *arg, struct err *e);

/* The same for a link without registers: intent, new value, the meter's word, verdict. */
int plan_tell(struct plan *p, size_t step, struct meter *m, struct journal *j, long run,
	      plan_told *told, void *arg, struct err *e);

/* How many steps from FIRST on go in one write. In plan.c. */
size_t plan_group(const struct plan *p, size_t first);

/* Commits, once, what plan_write() has written and read back; reads it back again. 0 also when
 * nothing waits for a commit. */
int plan_commit(struct plan *p, struct meter *m, struct journal *j, plan_told *told, void *arg, struct err *e);
/* A write failed, E says how: what waits for a commit gets none, unless a person has ended it
 * and nothing else failed. -1. */
int plan_uncommitted(struct plan *p, struct meter *m, struct journal *j, plan_told *told, void *arg, struct err *e);

#endif
