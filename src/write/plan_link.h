/*
 * plan_link.h - a setting that changes the link it was written over: where does
 * the meter answer now? Only plan_write.c uses this.
 */
#ifndef METERCTL_WRITE_PLAN_LINK_H
#define METERCTL_WRITE_PLAN_LINK_H

#include "plan.h"

/*
 * Before an address is given away: does anything answer there already? Two meters
 * at one address would both be lost. 0: nobody does, or P is another setting, or
 * the units behind a TCP address are its own affair. ERR_DENIED: taken.
 */
int plan_probe(struct meter *m, const struct point *p, const uint16_t *want, struct err *e);

/*
 * Looks for the meter on the new settings, then on the old, to a deadline, and
 * leaves M's link where it answers. WANT: the registers that were written; AFTER:
 * what it holds now. VERIFIED (E may carry a remark), FAILED, or UNKNOWN with E
 * saying where it was looked for and how to find it. *INTERRUPTED becomes true
 * when a cancel came meanwhile: the search goes on, what follows should not.
 */
enum step_state plan_follow(struct meter *m, const struct point *p,
			    const uint16_t *want, uint16_t *after, bool *interrupted,
			    struct err *e);

#endif
