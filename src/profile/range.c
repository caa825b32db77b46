#include "range.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "codec.h"

/* Between two limits. */
#define RANGE_DOTS ".."

/* "'KEY=TEXT': " and what is wrong with it; -1. */
static int range_wrong(const struct point *p, const char *text, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static int range_wrong(const struct point *p, const char *text, struct err *e, const char *fmt, ...)
{
	char why[ERR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_USAGE, "'%s=%.80s': %s", p->key, text, why);
}

static bool range_of_numbers(const struct point *p)
{
	return !p->nchoices && (p->type <= TYPE_LAST_NUMBER || p->type == TYPE_BIT);
}

/* ---- numbers --------------------------------------------------------------- */

static int range_no_number(const struct point *p, const char *text, struct err *e)
{
	return range_wrong(p, text, e, "not a number or range (write LOW..HIGH, LOW.., ..HIGH or one number%s%s)",
			   *p->unit ? ", in " : "", p->unit);
}

/* The number that is all of the N bytes at S but for blanks around it. */
static bool range_number(const char *s, size_t n, double *out)
{
	char buf[48];

	for (; n && ascii_blank(*s); n--)
		s++;
	while (n && ascii_blank(s[n - 1]))
		n--;
	if (n >= sizeof(buf))
		return false;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return text_double(buf, out);
}

static bool range_blank(const char *s, size_t n)
{
	while (n && ascii_blank(s[n - 1]))
		n--;
	return n == 0;
}

static int range_limits(const struct point *p, const char *text, const char *dots, struct range *r,
			struct err *e)
{
	const char *high = dots + strlen(RANGE_DOTS);
	size_t nlow = (size_t)(dots - text), nhigh = strlen(high);
	bool has_low = !range_blank(text, nlow), has_high = !range_blank(high, nhigh);

	r->low = -INFINITY;
	r->high = INFINITY;
	if ((!has_low && !has_high)
	    || (has_low && !range_number(text, nlow, &r->low))
	    || (has_high && !range_number(high, nhigh, &r->high)))
		return range_no_number(p, text, e);
	if (r->low > r->high)
		return range_wrong(p, text, e, "the first number is greater than the second "
				   "(write %.15g..%.15g)", r->high, r->low);
	return 0;
}

/* V as codec_format() shows it. */
static double range_shown(const struct point *p, double v)
{
	const struct value value = { .kind = VALUE_NUMBER, .num = v };
	char text[VALUE_TEXT];

	return strtod(codec_format(p, &value, text, sizeof(text)), NULL);
}

static int range_one(const struct point *p, const char *text, struct range *r, struct err *e)
{
	struct value v;
	double shown, step = pow(10, -p->decimals);

	if (p->flags & POINT_FRACTION && strpbrk(text, "/:")) {
		if (codec_parse(p, text, &v, e))
			return range_wrong(p, text, e, "not a ratio this meter can hold "
					   "(write PRIMARY/SECONDARY, like 200/5, or a number)");
		r->low = v.num;
	} else if (!range_number(text, strlen(text), &r->low)) {
		return range_no_number(p, text, e);
	}
	r->high = r->low;
	shown = range_shown(p, r->low);
	if (shown == r->low)
		return 0;
	return range_wrong(p, text, e, "values come in steps of %.*f (write %.*f..%.*f)",
			   p->decimals, step, p->decimals, shown > r->low ? shown - step : shown,
			   p->decimals, shown > r->low ? shown : shown + step);
}

/* ---- names and texts -------------------------------------------------------- */

static int range_no_choice(const struct point *p, const char *text, struct err *e)
{
	const char *names[64], *near;
	char list[160] = "";
	size_t n = 0, at = 0;

	for (; n < p->nchoices && n < sizeof(names) / sizeof(*names); n++) {
		names[n] = p->choices[n].name;
		text_append(list, sizeof(list), &at, "%s%s", n ? ", " : "", names[n]);
	}
	if (strstr(text, RANGE_DOTS))
		return range_wrong(p, text, e, "a range needs a number, and this setting has names "
				   "(write one of: %s)", list);
	near = text_nearest(text, names, n);
	if (near)
		return range_wrong(p, text, e, "unknown value (did you mean '%s'?)", near);
	return range_wrong(p, text, e, "unknown value (write one of: %s)", list);
}

static int range_no_bits(const struct point *p, const char *text, struct err *e)
{
	char list[120] = "";
	size_t at = 0;

	for (size_t i = 0; i < p->nbits; i++)
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "", p->bits[i].name);
	return range_wrong(p, text, e, "not a set of its bits (write their names with + between, none, "
			   "or the number%s%s)", p->nbits ? "; names: " : "", list);
}

static int range_no_text(const struct point *p, const char *text, const struct err *why, struct err *e)
{
	if (strstr(text, RANGE_DOTS))
		return range_wrong(p, text, e, "a range needs a number, and this value is a text "
				   "(write the text as 'get' prints it)");
	return range_wrong(p, text, e, "%s", why->text);
}

static int range_want(const struct point *p, const char *text, struct range *r, struct err *e)
{
	struct err why = { 0 };

	if (codec_parse(p, text, &r->want, &why) == 0)
		return 0;
	if (p->nchoices)
		return range_no_choice(p, text, e);
	if (p->type == TYPE_BITS)
		return range_no_bits(p, text, e);
	return range_no_text(p, text, &why, e);
}

/* ---- the range --------------------------------------------------------------- */

int range_parse(const struct point *p, const char *text, struct range *r, struct err *e)
{
	const char *dots = strstr(text, RANGE_DOTS);

	*r = (struct range){ .point = p, .number = range_of_numbers(p) };
	if (p->flags & POINT_SECRET)
		return err_set(e, ERR_USAGE, "'%s' is secret: its value cannot be compared", p->key);
	if (!r->number)
		return range_want(p, text, r, e);
	return dots ? range_limits(p, text, dots, r, e) : range_one(p, text, r, e);
}

bool range_holds(const struct range *r, const struct value *v)
{
	double shown;

	if (r->number) {
		if (v->kind != VALUE_NUMBER)
			return false;
		shown = range_shown(r->point, v->num);
		return shown >= r->low && shown <= r->high;
	}
	if (v->kind != r->want.kind)
		return false;
	if (v->kind == VALUE_STRING)
		return strcmp(v->text, r->want.text) == 0;
	return v->num == r->want.num;
}

/* A limit; none is nothing. */
static void range_append_limit(char *buf, size_t size, size_t *at, double limit)
{
	if (isfinite(limit))
		text_append(buf, size, at, "%.15g", limit);
}

/* Their names; the number when one has none. */
static void range_append_bits(const struct range *r, char *buf, size_t size)
{
	struct value again;

	codec_bits(r->point, &r->want, "+", buf, size);
	if (!*buf)
		snprintf(buf, size, "none");
	else if (codec_parse(r->point, buf, &again, NULL))
		codec_format(r->point, &r->want, buf, size);
}

const char *range_text(const struct range *r, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	if (r->number) {
		range_append_limit(buf, size, &at, r->low);
		if (r->low != r->high) {
			text_append(buf, size, &at, RANGE_DOTS);
			range_append_limit(buf, size, &at, r->high);
		}
	} else if (r->want.kind == VALUE_BITS) {
		range_append_bits(r, buf, size);
	} else {
		codec_format(r->point, &r->want, buf, size);
	}
	return buf;
}
