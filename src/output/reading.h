/*
 * reading.h - readings as rows, and the rules of what is shown of one, in any format:
 * no value unless it is ok, secrets hidden, primary values where both ratios are known.
 */
#ifndef METERCTL_OUTPUT_READING_H
#define METERCTL_OUTPUT_READING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/meter.h"

struct listing;
struct printer;

/* Some readings of one meter. */
struct readings {
	const struct meter *meter;	/* its link may be NULL when there is an id */
	const char *id;			/* of one among others: stands in each row; NULL */
	const uint16_t *idx;		/* N points */
	size_t n;
};

/* What `read` prints; what `watch` does, of one meter, and of each of many. */
extern const struct listing reading_list, reading_watch, reading_fleet;

/* What is shown of a reading. */
struct reading_face {
	bool ok;		/* there is a value of now */
	bool known;		/* there is one, of now or (late) of then */
	const char *unit, *quality;
	const char *from;	/* what vouches for it; NULL: it is the profile's point */
	const char *error;	/* why there is no value; "" when there is one, or nobody knows */
	bool has_primary;
	double primary;
};
void reading_face(const struct profile *p, struct meter_ratios ratios,
		  const struct reading *readings, size_t idx, struct reading_face *out);

/* What a person or a script sees of a reading: PRIMARY when asked for, secrets hidden.
 * False when there is none; E (may be NULL) says why. */
bool reading_value(const struct meter *m, size_t idx, bool primary, char *buf, size_t size,
		   struct err *e);

struct range;
/* That R, a reading of the point of RANGE, is not in it: "'KEY' is 231.3 V, expected 10..50 V",
 * WHEN ("" or " after 2 s") behind the value; or why it was not read. -1. */
int reading_unexpected(const struct reading *r, const struct range *range, const char *when, struct err *e);

/* One reading as an object of the `readings` list. The caller owns the reference; NULL
 * when memory has run out. */
json_t *reading_json(const struct meter *m, size_t idx);

/* One reading as a row of P. */
int reading_row(struct printer *p, const struct readings *r, size_t idx, struct err *e);

#endif
