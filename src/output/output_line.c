#include "output_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "output.h"
#include "profile/codec.h"
#include "reading.h"

/* What one line takes at most beside its id and the text of its point: a value of
 * VALUE_TEXT bytes, bit names or an error, each byte escaped. */
#define LINE_MAX (6 * (VALUE_TEXT + 512 + ERR_TEXT) + 256)

/* {"key":"voltage.a","value": and ,"unit":"V","quality":" */
struct line_part {
	const char *key, *unit;
	size_t nkey, nunit;
};

/* As JSON wants it between quotes: at most six bytes for one. Returns the end. */
static char *output_line_put_escaped(char *to, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		const char *at = c < 0x20 || c == '"' || c == '\\' ? strchr("\"\\\b\f\n\r\t", c) : NULL;

		if (at) {
			*to++ = '\\';
			*to++ = "\"\\bfnrt"[at - "\"\\\b\f\n\r\t"];
		} else if (c < 0x20) {
			memcpy(to, "\\u00", 4);
			to[4] = hex[c >> 4];
			to[5] = hex[c & 15];
			to += 6;
		} else {
			*to++ = (char)c;
		}
	}
	return to;
}

static char *output_line_put(char *to, const char *s, size_t n)
{
	memcpy(to, s, n);
	return to + n;
}
#define PUT(to, text) output_line_put(to, text, sizeof(text) - 1)

static char *put_string(char *to, const char *s)
{
	*to++ = '"';
	to = output_line_put_escaped(to, s);
	*to++ = '"';
	return to;
}

static int make_part(struct output_lines *o, const struct point *p, struct line_part *part)
{
	char *text = malloc(6 * (strlen(p->key) + strlen(p->unit)) + 64), *end;

	if (!text)
		return -1;
	end = put_string(PUT(text, "\"key\":"), p->key);
	end = PUT(end, ",\"value\":");
	part->nkey = (size_t)(end - text);
	part->key = arena_copy(&o->arena, text, part->nkey);
	end = put_string(PUT(text, ",\"unit\":"), p->unit);
	end = PUT(end, ",\"quality\":\"");
	part->nunit = (size_t)(end - text);
	part->unit = arena_copy(&o->arena, text, part->nunit);
	free(text);
	return part->key && part->unit ? 0 : -1;
}

int output_lines_init(struct output_lines *o, const struct profile *profile, struct err *e)
{
	*o = (struct output_lines){ .profile = profile, .ratios = meter_ratios(profile), .second = INT64_MIN };
	o->parts = arena_alloc(&o->arena, profile->npoints * sizeof(*o->parts));
	for (size_t i = 0; o->parts && i < profile->npoints; i++)
		if (make_part(o, &profile->points[i], &o->parts[i]))
			goto fail;
	if (o->parts)
		return 0;
fail:
	output_lines_release(o);
	return err_set(e, ERR_NO, "out of memory");
}

void output_lines_release(struct output_lines *o)
{
	arena_release(&o->arena);
	free(o->buf);
	*o = (struct output_lines){ 0 };
}

static char *put_digits(char *to, uint64_t v, int least)
{
	char digits[24];
	int n = 0;

	for (; v || n < least; v /= 10)
		digits[n++] = (char)('0' + v % 10);
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

/* "%.15g", as the JSON library has it: ".0" behind a whole number, an exponent
 * without plus sign and leading zeros. */
static char *put_real_slowly(char *to, double v)
{
	char text[40], *exponent, *digits;

	snprintf(text, sizeof(text), "%.15g", v);
	exponent = strchr(text, 'e');
	if (exponent) {
		digits = exponent + 1 + (exponent[1] == '-' || exponent[1] == '+');
		digits += strspn(digits, "0");
		to = output_line_put(to, text, (size_t)(exponent + 1 + (exponent[1] == '-') - text));
		return output_line_put(to, digits, strlen(digits));
	}
	to = output_line_put(to, text, strlen(text));
	return strchr(text, '.') ? to : PUT(to, ".0");
}

/* As output_line.h says; a number of few decimals, which is nearly every one, without printf. V rounded to 15
 * digits is what "%.15g" prints: the shortest decimal that is nearer to V than half a
 * unit in the 15th digit (at least 5e-16 V; 3.5e-16 V and what computing it loses). */
char *output_put_real(char *to, double v)
{
	static const double tens[] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6 };
	double a = fabs(v);

	if (a < 1e-4 || a >= 1e9)	/* an exponent may be due; -0.0 */
		return put_real_slowly(to, v);
	for (int k = 0; k <= 6; k++) {
		double whole = rint(a * tens[k]);
		uint64_t digits = (uint64_t)whole, scale = (uint64_t)tens[k];

		if (whole >= 1e15 || fabs(whole / tens[k] - a) > 3.5e-16 * a)
			continue;
		if (v < 0)
			*to++ = '-';
		to = put_digits(to, digits / scale, 1);
		*to++ = '.';
		return put_digits(to, digits % scale, k ? k : 1);
	}
	return put_real_slowly(to, v);
}

char *output_put_integer(char *to, long long v)
{
	if (v < 0)
		*to++ = '-';
	return put_digits(to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1);
}

static char *output_line_put_number(char *to, const struct point *p, double v)
{
	return output_whole(p, v) ? output_put_integer(to, llround(v)) : output_put_real(to, v);
}

/* As output_value_json() */
static char *put_value(char *to, const struct point *p, const struct value *v)
{
	if (output_hidden(p, v))
		return put_string(to, POINT_HIDDEN);
	switch (v->kind) {
	case VALUE_NUMBER: return *v->text ? put_string(to, v->text) : output_line_put_number(to, p, v->num);
	case VALUE_BITS: return output_put_integer(to, (long long)v->num);
	case VALUE_CHOICE:
	case VALUE_STRING: return put_string(to, v->text);
	case VALUE_NONE: break;
	}
	return PUT(to, "null");
}

static char *put_bits(char *to, const struct point *p, const struct value *v)
{
	char names[512], *save = NULL, *first = to + 1;

	*to++ = '[';
	codec_bits(p, v, " ", names, sizeof(names));
	for (char *s = strtok_r(names, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
		if (to > first)
			*to++ = ',';
		to = put_string(to, s);
	}
	*to++ = ']';
	return to;
}

/* The time as time_text() has it; the part that changes once a second is kept. */
static char *put_time(struct output_lines *o, char *to, int64_t us)
{
	int64_t second = us / 1000000;

	if (second != o->second) {
		char zone[8];

		time_format(us, "%Y-%m-%dT%H:%M:%S.", o->date, sizeof(o->date));
		time_format(us, "%z", zone, sizeof(zone));
		snprintf(o->zone, sizeof(o->zone), "%.3s:%.2s", zone, zone + 3);
		o->second = second;
	}
	*to++ = '"';
	to = output_line_put(to, o->date, strlen(o->date));
	to = put_digits(to, (uint64_t)(us / 1000 % 1000), 3);
	to = output_line_put(to, o->zone, strlen(o->zone));
	*to++ = '"';
	return to;
}

static int output_line_make_room(struct output_lines *o, size_t more, struct err *e)
{
	size_t room = o->room ? o->room : 1 << 16;
	char *buf;

	while (room - o->n < more)
		room *= 2;
	if (room == o->room)
		return 0;
	buf = realloc(o->buf, room);
	if (!buf)
		return err_set(e, ERR_NO, "out of memory");
	o->buf = buf;
	o->room = room;
	return 0;
}

int output_line_json(struct output_lines *o, const char *id, const struct reading *readings,
		     size_t idx, struct err *e)
{
	const struct point *p = &o->profile->points[idx];
	const struct line_part *part = &o->parts[idx];
	const struct reading *r = &readings[idx];
	struct reading_face face;
	char *to;

	if (output_line_make_room(o, LINE_MAX + part->nkey + part->nunit + (id ? 6 * strlen(id) : 0), e))
		return -1;
	reading_face(o->profile, o->ratios, readings, idx, &face);
	to = o->buf + o->n;
	*to++ = '{';
	if (id) {
		to = put_string(PUT(to, "\"id\":"), id);
		*to++ = ',';
	}
	to = output_line_put(to, part->key, part->nkey);
	to = face.known ? put_value(to, p, &r->value) : PUT(to, "null");
	if (face.unit != p->unit)
		to = PUT(put_string(PUT(to, ",\"unit\":"), face.unit), ",\"quality\":\"");
	else
		to = output_line_put(to, part->unit, part->nunit);
	to = output_line_put(to, face.quality, strlen(face.quality));
	to = PUT(to, "\",\"at\":");
	to = r->at_us ? put_time(o, to, r->at_us) : PUT(to, "null");
	if (face.from)
		to = put_string(PUT(to, ",\"from\":"), face.from);
	if (face.known && r->value.kind == VALUE_CHOICE)
		to = output_put_integer(PUT(to, ",\"raw\":"), (long long)r->value.num);
	if (face.known && r->value.kind == VALUE_BITS)
		to = put_bits(PUT(to, ",\"bits\":"), p, &r->value);
	if (face.has_primary)
		to = output_line_put_number(PUT(to, ",\"primary\":"), p, face.primary);
	if (!face.known)
		to = put_string(PUT(to, ",\"error\":"), *face.error ? face.error : "not read");
	if (r->received_us)
		to = put_time(o, PUT(to, ",\"received\":"), r->received_us);
	to = PUT(to, "}\n");
	o->n = (size_t)(to - o->buf);
	return 0;
}

int output_lines_write(struct output_lines *o, FILE *f, struct err *e)
{
	size_t n = o->n;

	o->n = 0;
	if (n > 0 && fwrite(o->buf, 1, n, f) != n)
		return err_set(e, ERR_NO, "cannot write output: %m");
	return 0;
}
