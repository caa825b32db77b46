/*
 * recognise.h - which model is the meter behind a link? By the rules of profiles (identify.h), read over
 * whatever leads to it. That it replies tells nothing.
 */
#ifndef METERCTL_METER_RECOGNISE_H
#define METERCTL_METER_RECOGNISE_H

#include "link/link.h"
#include "profile/identify.h"

struct recognise {
	const struct profile *const *profiles;	/* whose rules are tried, in order */
	size_t nprofiles;
	const char *known;	/* the name of the one whose rules are tried first; "" */
};

#define RECOGNISE_REPLY 120

/*
 * 1 and OUT: it matches; 0: no rule does. REPLY is then what it replied to the read of its first
 * registers: "holding 0x0000-0x0001: 0011 0003", "exception 02 ...". -1 and E: the connection failed
 * (ERR_SILENT ...), or has no registers (ERR_USAGE).
 */
int recognise(struct link *l, const struct recognise *r, struct identified *out, char reply[RECOGNISE_REPLY],
	      struct err *e);

/*
 * Of the profiles without rules, those that make sense of what the meter has: frequency and voltage are
 * those of a supply. A comma-separated list in BUF; "": none. -1 and E: the connection failed.
 */
int recognise_likely(struct link *l, const struct recognise *r, char *buf, size_t size, struct err *e);

#endif
