/*
 * influx.c - readings as InfluxDB line protocol: those of one instant in one line,
 *
 *	meter,id=20201998111433,profile=adw300 voltage.a=230.5,di.status=5i 1768485807123456000
 *
 * (InfluxDB v2, "Line protocol": elements, data types, quotes, special characters.) A
 * field keeps its type whatever is read and with --primary, since the database refuses
 * the second type of a field: numbers are floats, words of bits integers, names and
 * texts strings.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "output.h"
#include "output_line.h"
#include "printer.h"

/* A tag's value or a field's key: a backslash before comma, space and equals sign. One at
 * the end would take away the meaning of what follows, and cannot be escaped itself. */
static void influx_put_name(FILE *f, const char *name)
{
	char text[TARGET_TEXT];
	size_t n = text_clean(text, sizeof(text), name);

	while (n > 0 && text[n - 1] == '\\')
		text[--n] = '\0';
	for (const char *s = text; *s; s++) {
		if (strchr(", =", *s))
			fputc('\\', f);
		fputc(*s, f);
	}
}

/* In quotes, with a backslash before quotes and backslashes; no line ends. */
static void influx_put_string(FILE *f, const char *string)
{
	char text[VALUE_TEXT];

	text_clean(text, sizeof(text), string);
	fputc('"', f);
	for (const char *s = text; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void influx_put_real(FILE *f, double v)
{
	char text[40];

	*output_put_real(text, v) = '\0';
	fputs(text, f);
}

/* The number that is shown of a reading, on the side that was asked for; false: none. */
static bool influx_number(const struct printer *p, const struct meter *m, size_t idx, double *out)
{
	const struct reading *r = &m->readings[idx];

	*out = r->value.num;
	if (p->primary && m->profile->points[idx].ratio != RATIO_NONE
	    && !meter_primary(m->profile, m->readings, idx, out))
		return false;
	return isfinite(*out);
}

/* Is there a field in the I-th of R? A secret is none, nor is a point that is there already. */
static bool influx_has(const struct printer *p, const struct readings *r, size_t i)
{
	size_t idx = r->idx[i];
	const struct reading *one = &r->meter->readings[idx];
	double v;

	if (one->quality != QUALITY_OK || one->at_us <= 0 || one->value.kind == VALUE_NONE
	    || output_hidden(&r->meter->profile->points[idx], &one->value)
	    || (one->value.kind == VALUE_NUMBER && !influx_number(p, r->meter, idx, &v)))
		return false;
	for (size_t k = 0; k < i; k++)
		if (r->idx[k] == idx)
			return false;
	return true;
}

static void influx_put_field(const struct printer *p, const struct meter *m, size_t idx)
{
	const struct value *v = &m->readings[idx].value;
	double number = 0;

	influx_put_name(p->f, m->profile->points[idx].key);
	fputc('=', p->f);
	if (v->kind == VALUE_NUMBER) {
		influx_number(p, m, idx, &number);
		influx_put_real(p->f, number);
	} else if (v->kind == VALUE_BITS) {
		fprintf(p->f, "%lldi", (long long)v->num);
	} else {
		influx_put_string(p->f, v->text);
	}
}

/* Behind a tunnel the serial number is the gateway's. */
static const char *influx_id(const struct meter *m)
{
	return target_tunnels(&m->link->target) ? NULL : output_meter_id(m);
}

/* Of a meter that has an id that, of others where they are; sorted by the names of tags,
 * as the database wants them for speed. */
static void influx_put_series(FILE *f, const struct readings *r)
{
	const char *id = r->id ? r->id : influx_id(r->meter);

	fputs("meter", f);
	if (id) {
		fputs(",id=", f);
		influx_put_name(f, id);
	}
	fputs(",profile=", f);
	influx_put_name(f, r->meter->profile->name);
	if (id)
		return;
	fputs(",target=", f);
	influx_put_name(f, r->meter->link->target.text);
}

/* Of the I-th reading and those after it that were taken at the same time; they are not
 * DUE then any more. */
static void influx_put_line(const struct printer *p, const struct readings *r, size_t i, bool *due)
{
	int64_t at = r->meter->readings[r->idx[i]].at_us;
	char before = ' ';

	influx_put_series(p->f, r);
	for (; i < r->n; i++) {
		if (!due[i] || r->meter->readings[r->idx[i]].at_us != at)
			continue;
		fputc(before, p->f);
		influx_put_field(p, r->meter, r->idx[i]);
		before = ',';
		due[i] = false;
	}
	fprintf(p->f, " %lld000\n", (long long)at);	/* nanoseconds */
}

static int influx_readings(struct printer *p, const struct readings *r, struct err *e)
{
	bool *due = calloc(r->n + 1, sizeof(*due));

	if (!due)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < r->n; i++)
		due[i] = influx_has(p, r, i);
	for (size_t i = 0; i < r->n; i++)
		if (due[i])
			influx_put_line(p, r, i, due);
	free(due);
	return ferror(p->f) ? err_set(e, ERR_NO, "cannot write output: %m") : 0;
}

const struct format format_influx = {
	.name = "influx",
	.flags = FORMAT_READINGS | FORMAT_LIVE,
	.readings = influx_readings,
};
