/*
 * dropped.h - what came from a broker and cannot be used, said to who watches: the first at
 * once, then at most once a minute, so that a broker full of others does not fill the
 * terminal. Each reason has a line, with its count.
 */
#ifndef METERCTL_CMD_DROPPED_H
#define METERCTL_CMD_DROPPED_H

#include "app.h"
#include "base/reasons.h"

struct dropped {
	unsigned long said[REASONS_MAX];	/* by reason: of those, when it was said last */
	unsigned long said_others, said_total;
	int64_t next_us;	/* monotonic: not before */
};

/* R is what was dropped so far: what has come to it since the last time is said. */
void dropped_tell(const struct app *a, struct dropped *d, const struct reasons *r);
/* The same, and nothing waits for its minute. */
void dropped_tell_rest(const struct app *a, struct dropped *d, const struct reasons *r);
/* Everything that was dropped of the meter SN. */
void dropped_tell_all(const struct app *a, const char *sn, const struct reasons *r);
/* N messages were over the limit; 0: nothing is said. */
void dropped_tell_oversized(const struct app *a, unsigned long n);
/* The connection was lost LOST times: what may have taken it, see broker_namesake(). */
void dropped_tell_namesake(const struct app *a, const struct target *t, unsigned long lost);

#endif
