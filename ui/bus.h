/*
 * bus.h - the one thread that owns the meter. It connects, reads what is
 * wanted round after round, and hands copies over; whoever draws never waits
 * for it.
 *
 * All functions are for one other thread (that of the screens).
 */
#ifndef METERCTL_BUS_H
#define METERCTL_BUS_H

#include "../src/link.h"
#include "screen.h"

struct bus;

/* OPTS are those of every meter it opens; to TRACE (which the caller owns and
 * must not touch while the bus lives) it adds a sink of its own, whose frames
 * go to struct ui. NULL and E on failure. */
struct bus *bus_new(const struct link_opts *opts, struct trace *trace, struct err *e);
/* Closes the meter and ends the thread: at once, whatever the line does. */
void bus_free(struct bus *b);

/* Readable: bus_take() has something. */
int bus_fd(const struct bus *b);

/* Leaves the meter it has and goes on with this one. Takes PROFILE over, which
 * must number its points as that of struct ui does. 0, or -1 without memory. */
int bus_connect(struct bus *b, const struct profile *profile,
		const struct target *t, struct err *e);
/* What to read, from the next round on. */
void bus_want(struct bus *b, const uint16_t *idx, size_t n);

/* Takes over what has come since the last time: readings through stage_take(),
 * the state of the line, statistics, frames. True when there were readings. */
bool bus_take(struct bus *b, struct ui *u);

#endif
