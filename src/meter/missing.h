/*
 * missing.h - which of the points that were asked for have not come, and why, for a
 * person and for the exit status.
 */
#ifndef METERCTL_METER_MISSING_H
#define METERCTL_METER_MISSING_H

#include "meter.h"

/* How many of the N points are missing (reading_missing()). */
size_t missing_count(const struct meter *m, const uint16_t *idx, size_t n);

/* The first of them: its index, or -1. */
int missing_first(const struct meter *m, const uint16_t *idx, size_t n);

/* 0 when none is missing. Else -1 and E: "3 of 81 settings not read, the first 'KEY':
 * REASON", with the code of that reason. WHAT names them, in the plural. */
int missing_complain(const struct meter *m, const uint16_t *idx, size_t n, const char *what,
		     struct err *e);

/* Missing points from *AT on that share a reason, as those that were refused together do.
 * False when there are no more; *AT is then, or before the next, behind them. */
struct missing_group {
	const uint16_t *idx;	/* from here on */
	size_t n;		/* so many; some of them may not be missing */
	const char *why;
};
bool missing_next(const struct meter *m, const uint16_t *idx, size_t n, size_t *at,
		  struct missing_group *g);

/* A line for each such group: "KEY, KEY (REASON)". SAY is not called when one is missing,
 * or all are: missing_complain() says that in full; and of a great many lines only the
 * first ones are said. */
void missing_list(const struct meter *m, const uint16_t *idx, size_t n,
		  void (*say)(void *arg, const char *line), void *arg);

#endif
