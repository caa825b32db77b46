/*
 * bus_fleet.h - rows of a fleet on their way from the thread that hears the broker to
 * the screens: copies, each meter at most once.
 */
#ifndef METERCTL_UI_BUS_BUS_FLEET_H
#define METERCTL_UI_BUS_BUS_FLEET_H

#include "mqtt/fleet.h"
#include "target/target.h"

struct bus_fleet {
	struct fleet_row *rows;		/* those that wait, N of them */
	size_t n, room;
	uint32_t *place;		/* by row of the thread's fleet: where it waits, + 1 */
	size_t nplace;
	unsigned long messages;
	struct reasons refusals, drops;
	bool some;			/* anything to take */
};

/* Rows CHANGED (N indices) of F, and its counters. Without memory a row waits until it
 * changes again. */
void bus_fleet_put(struct bus_fleet *q, const struct fleet *f, const uint32_t *changed, size_t n);
/* Hands everything that waits to TO. */
void bus_fleet_take(struct bus_fleet *q, struct fleet *to);
/* Is what was heard of FLEET, a broker, still of use at T: the same again, or a meter of it? */
bool bus_fleet_stays(const struct target *fleet, const struct target *t);
void bus_fleet_release(struct bus_fleet *q);

#endif
