#include "opt.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct opt *opt_letter(const struct opt *table, size_t n, int letter)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].letter == letter)
			return &table[i];
	return NULL;
}

const struct opt *opt_named(const struct opt *table, size_t n, const char *name,
			    size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].name && strlen(table[i].name) == len
		    && strncmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

static int opt_number(const struct opt *o, const char *arg, int *out, struct err *e)
{
	long v;

	if (!text_long(arg, o->min, o->max, &v))
		return o->max == OPT_ANY
		     ? err_set(e, ERR_USAGE, "'%s' is no %s (%ld or more)", arg, o->what, o->min)
		     : err_set(e, ERR_USAGE, "'%s' is no %s (%ld to %ld)", arg, o->what, o->min, o->max);
	*out = (int)v;
	return 0;
}

static int opt_real(const struct opt *o, const char *arg, double *out, struct err *e)
{
	double v;

	if (!text_double(arg, &v) || !(v >= o->least && v <= o->most))
		return err_set(e, ERR_USAGE, "'%s' is no %s", arg, o->what);
	*out = v;
	return 0;
}

#define SPAN_MOST 31536000.0	/* a year of seconds */

int opt_take_span(const char *arg, void *field, struct err *e)
{
	size_t n = strlen(arg);
	double unit = 1, v;
	char number[32];

	if (n && strchr("smh", arg[n - 1]))
		unit = arg[--n] == 'h' ? 3600 : arg[n] == 'm' ? 60 : 1;
	snprintf(number, sizeof(number), "%.*s", (int)n, arg);
	if (n >= sizeof(number) || !text_double(number, &v) || !(v > 0 && v * unit <= SPAN_MOST))
		return err_set(e, ERR_USAGE, "'%s': not a time (write seconds, or like 90s, 5m, 1h)", arg);
	*(double *)field = v * unit;
	return 0;
}

static int opt_choice(const struct opt *o, const char *arg, unsigned *out, struct err *e)
{
	const char *word = o->values;
	char list[80] = "";
	size_t at = 0, len;

	for (unsigned i = 0; *word; i++) {
		len = strcspn(word, " ");
		if (strlen(arg) == len && strncmp(arg, word, len) == 0) {
			*out = i;
			return 0;
		}
		text_append(list, sizeof(list), &at, "%s%.*s", i ? ", " : "", (int)len, word);
		word += len + (word[len] == ' ');
	}
	return err_set(e, ERR_USAGE, "'%s' is no %s (one of: %s)", arg, o->what, list);
}

int opt_take(const struct opt *o, void *context, const char *arg, struct err *e)
{
	void *field = (char *)context + o->at;

	switch (o->kind) {
	case OPT_KIND_FLAG: *(bool *)field = true; break;
	case OPT_KIND_COUNT: ++*(int *)field; break;
	case OPT_KIND_CONSTANT: *(int *)field = (int)o->min; break;
	case OPT_KIND_NUMBER: return opt_number(o, arg, field, e);
	case OPT_KIND_REAL: return opt_real(o, arg, field, e);
	case OPT_KIND_TEXT: *(const char **)field = arg; break;
	case OPT_KIND_CHOICE: return opt_choice(o, arg, field, e);
	case OPT_KIND_CALL: return o->take(arg, field, e);
	}
	return 0;
}

#define OPT_COUNT_MAX 9

int opt_set(const struct opt *o, void *context, const char *value, struct err *e)
{
	void *field = (char *)context + o->at;
	bool yes;
	long n;

	switch (o->kind) {
	case OPT_KIND_FLAG:
	case OPT_KIND_CONSTANT:
		if (!text_bool(value, &yes))
			return err_set(e, ERR_USAGE, "'%s' is neither yes nor no", value);
		if (o->kind == OPT_KIND_FLAG)
			*(bool *)field = yes;
		else if (yes)
			*(int *)field = (int)o->min;
		return 0;
	case OPT_KIND_COUNT:
		if (!text_long(value, 0, OPT_COUNT_MAX, &n))
			return err_set(e, ERR_USAGE, "'%s' is no number from 0 to %d", value, OPT_COUNT_MAX);
		*(int *)field = (int)n;
		return 0;
	default:
		return opt_take(o, context, value, e);
	}
}

/* The word among VALUES that fills a field as this one is. */
static const char *opt_value_word(const struct opt *o, const void *field, char *buf, size_t size)
{
	_Alignas(max_align_t) char like[16] = { 0 };
	const struct opt only = { .kind = o->kind, .take = o->take, .values = o->values, .what = o->what };

	buf[0] = '\0';
	if (!o->values || o->size > sizeof(like))
		return buf;
	for (const char *word = o->values; *word; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");

		snprintf(buf, size, "%.*s", (int)len, word);
		if (opt_take(&only, like, buf, NULL) == 0 && memcmp(like, field, o->size) == 0)
			return buf;
		word += len;
	}
	buf[0] = '\0';
	return buf;
}

const char *opt_value(const struct opt *o, const void *context, char *buf, size_t size)
{
	const void *field = (const char *)context + o->at;
	const char *text;
	int n;

	buf[0] = '\0';
	switch (o->kind) {
	case OPT_KIND_FLAG:
		return *(const bool *)field ? "yes" : "no";
	case OPT_KIND_CONSTANT:
		return *(const int *)field == (int)o->min ? "yes" : "no";
	case OPT_KIND_COUNT:
	case OPT_KIND_NUMBER:
		n = *(const int *)field;
		if (o->kind == OPT_KIND_COUNT || (n >= o->min && n <= o->max))
			snprintf(buf, size, "%d", n);
		return buf;
	case OPT_KIND_REAL:
		if (*(const double *)field >= o->least && *(const double *)field <= o->most)
			snprintf(buf, size, "%g", *(const double *)field);
		return buf;
	case OPT_KIND_TEXT:
		text = *(const char *const *)field;
		return text ? text : buf;
	case OPT_KIND_CHOICE:
	case OPT_KIND_CALL:
		break;
	}
	return opt_value_word(o, field, buf, size);
}

const char *opt_line(const struct opt *o, char *buf, size_t size)
{
	char left[64] = "";
	size_t at = 0;

	if (o->letter)
		text_append(left, sizeof(left), &at, "-%c%s", o->letter, o->name ? ", " : "");
	else
		text_append(left, sizeof(left), &at, "    ");
	if (o->name)
		text_append(left, sizeof(left), &at, "--%s", o->name);
	if (o->arg)
		text_append(left, sizeof(left), &at, " %s", o->arg);
	snprintf(buf, size, "  %-24s %s", left, o->help);
	return buf;
}
