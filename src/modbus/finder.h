/*
 * finder.h - searches lines for meters side by side, a thread each: four take as long as one.
 */
#ifndef METERCTL_MODBUS_FINDER_H
#define METERCTL_MODBUS_FINDER_H

#include "discover.h"

#define FINDER_THREADS 64	/* lines beyond that wait for one that is done */

struct finder_line {
	struct target target;
	struct sweep sweep;		/* made ready by the caller; only looked at when all is over */
	struct discover_meter *known;	/* found in a run before: not told again; the caller's */
	size_t nknown;
	bool of_range;			/* a host of a range: that nobody listens there is no failure */
	/* As they were at the last probe; for finder_opts.tick */
	bool begun, over;
	struct sweep_probe probe;	/* what is tried */
	size_t done, all;		/* probes */
	int64_t left_us;		/* sweep_left_us() */
	size_t found;
	struct err err;			/* why it ended early; code 0: it did not */
	bool master;			/* ... because another master is on it */
};

struct finder_opts {
	struct discover_opts discover;	/* found, said, trying, master and arg are not used; its
					   link.cancel_fd ends the search */
	size_t first;			/* enough when so many are found; 0: all */
	/* Told of one at a time, from any thread. */
	void (*found)(void *arg, const struct finder_line *l, const struct discover_meter *m);
	void (*said)(void *arg, const struct finder_line *l, const char *text);
	/* Some times a second, in the caller's thread, while nothing else is told. NULL: not. */
	void (*tick)(void *arg, const struct finder_line *lines, size_t n);
	void *arg;
};

/* 0: all have ended, lines that could not be searched have their err. -1 and E: not begun, or
 * ERR_INTERRUPTED: the cancel, or their time was over; lines that were not done say so. */
int finder_run(struct finder_line *lines, size_t n, const struct finder_opts *o, struct err *e);

#endif
