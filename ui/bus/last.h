/*
 * last.h - the last upload of each meter of a broker, as it came, so that a meter that is opened
 * shows it at once and not after its next. Of the thread that hears the broker.
 */
#ifndef METERCTL_UI_BUS_LAST_H
#define METERCTL_UI_BUS_LAST_H

#include "mqtt/broker.h"

#define LAST_METERS 20000	/* of so many, */
#define LAST_BYTES 4096		/* and none that is larger: an upload of 41 items has about 1,000 */

struct last {
	struct broker_message **of;	/* by row of the fleet; NULL: none */
	size_t n;
};

/* M (copied) is the last one of the meter in ROW. What there is no room for is not kept. */
void last_keep(struct last *l, size_t row, const struct broker_message *m);
/* That of ROW, or NULL. */
const struct broker_message *last_find(const struct last *l, size_t row);
void last_release(struct last *l);

#endif
