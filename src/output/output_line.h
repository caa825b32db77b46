/*
 * output_line.h - readings as JSON lines, many and fast: the same bytes as
 * reading_json() and output_json() make, without an object a line. A broker
 * with a fleet behind it brings several hundred thousand readings a second.
 */
#ifndef METERCTL_OUTPUT_OUTPUT_LINE_H
#define METERCTL_OUTPUT_OUTPUT_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "meter/meter.h"
#include "profile/profile.h"
#include "profile/value.h"

struct line_part;

/* Lines that wait to be written, and what is the same in all of a point's lines. */
struct output_lines {
	const struct profile *profile;	/* the caller's; must outlive this */
	struct line_part *parts;	/* by point */
	struct arena arena;
	struct meter_ratios ratios;
	int64_t second;			/* that DATE and ZONE say; of the last time stamp */
	char date[24], zone[8];
	char *buf;
	size_t n, room;			/* bytes that wait, and room for them */
};

/* 0, or -1 and E (ERR_NO: no memory). */
int output_lines_init(struct output_lines *o, const struct profile *profile, struct err *e);
void output_lines_release(struct output_lines *o);

/* Appends reading IDX of READINGS (as many as the profile has points: PT and CT are
 * looked up there) as one line. ID: of the meter, in front of it as "id"; NULL: not.
 * 0, or -1 and E without memory. */
int output_line_json(struct output_lines *o, const char *id, const struct reading *readings,
		     size_t idx, struct err *e);

/* Numbers in their digits, without printf; the first as JSON has it, "%.15g" with ".0"
 * behind a whole one (at most 32 bytes). Return the end, which is not terminated. */
char *output_put_real(char *to, double v);
char *output_put_integer(char *to, long long v);

/* Writes what waits to F, which it does not flush. 0, or -1 and E (ERR_NO). */
int output_lines_write(struct output_lines *o, FILE *f, struct err *e);

#endif
