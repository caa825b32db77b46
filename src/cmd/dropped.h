/*
 * dropped.h - what came from a broker and cannot be used, said to who watches: the first at
 * once, then at most one a minute, so that a broker full of others does not fill the terminal.
 */
#ifndef METERCTL_CMD_DROPPED_H
#define METERCTL_CMD_DROPPED_H

#include "app.h"

struct dropped {
	unsigned long said;	/* of those, when it was said last */
	int64_t next_us;	/* monotonic: not before */
};

/* N were dropped so far, the last for WHY. */
void dropped_tell(const struct app *a, struct dropped *d, unsigned long n, const char *why);
/* N messages were over the limit; 0: nothing is said. */
void dropped_tell_oversized(const struct app *a, unsigned long n);

#endif
