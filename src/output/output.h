/*
 * output.h - how values and times are spelled, in whatever is printed (meterctl(1),
 * OUTPUT). What prints them is printer.h.
 */
#ifndef METERCTL_OUTPUT_OUTPUT_H
#define METERCTL_OUTPUT_OUTPUT_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/time.h"
#include "meter/meter.h"
#include "profile/codec.h"
#include "profile/profile.h"
#include "profile/value.h"

/* Are asterisks shown in place of V, a value of P? */
static inline bool output_hidden(const struct point *p, const struct value *v)
{
	return p->flags & POINT_SECRET && v->kind != VALUE_NONE;
}

/* Is number V of P a whole one by its type? */
static inline bool output_whole(const struct point *p, double v)
{
	/* from 2^53 on a double holds no exact integers */
	return p->decimals == 0 && !codec_floats(p->type) && fabs(v) < 9007199254740992.0;
}

/* A number of P, and a value by itself: a number, a name, null for VALUE_NONE; secrets
 * hidden. The caller owns the reference; NULL when memory has run out. */
json_t *output_number_json(const struct point *p, double v);
json_t *output_value_json(const struct point *p, const struct value *v);
/* "meter": {"profile":...,"target":...,"id":null} */
json_t *output_meter_json(const struct meter *m);
/* What a document says first: that, and "time", AT_US. */
json_t *output_head_json(const struct meter *m, int64_t at_us);
/* The serial number of a meter behind a broker, or NULL: there is none. */
const char *output_meter_id(const struct meter *m);

/* Prints and gives back J, one line; ERR_NO when it cannot be made. */
int output_json(FILE *f, json_t *j, struct err *e);

/* Cells a text takes on a terminal; bytes where the locale cannot tell. */
int output_cells(const char *text);

/* A value as codec_format() writes it, secrets hidden. Returns BUF. */
const char *output_text(const struct point *p, const struct value *v, char *buf, size_t size);

#endif
