/*
 * mapping_path.c - the way to a value in a payload, the time that stands there, and the
 * units of one quantity.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mapping.h"
#include "upload.h"

/* ---- paths ---------------------------------------------------------------------- */

/* A member, in quotes, or an element, at P behind its bracket; where it goes on, or NULL. */
static const char *mapping_path_bracket(struct mapping_step *s, const char *p, struct arena *a)
{
	const char *end = strstr(p, *p == '"' ? "\"]" : "]");
	char number[8];
	long at;

	if (!end || end - p < 1)
		return NULL;
	if (*p == '"') {
		s->key = end > p + 1 ? arena_format(a, "%.*s", (int)(end - p - 1), p + 1) : NULL;
		return s->key ? end + 2 : NULL;
	}
	snprintf(number, sizeof(number), "%.*s", (int)(end - p), p);
	if (end - p >= (long)sizeof(number) || !text_long(number, 0, PAYLOAD_NODES, &at))
		return NULL;
	s->at = (unsigned)at;
	return end + 1;
}

bool mapping_path(struct mapping_path *path, const char *text, struct arena *a)
{
	const char *p = text;

	*path = (struct mapping_path){ .text = text };
	while (*p) {
		struct mapping_step *s = &path->step[path->n];
		size_t len = strcspn(p, ".[");

		if (path->n == MAPPING_STEPS)
			return false;
		if (*p == '[') {
			p = mapping_path_bracket(s, p + 1, a);
			if (!p)
				return false;
		} else {
			s->key = len ? arena_format(a, "%.*s", (int)len, p) : NULL;
			if (!s->key)
				return false;
			p += len;
		}
		path->n++;
		/* behind a step: another, whose name has a dot before it */
		if (*p == '.' && (!p[1] || p[1] == '['))
			return false;
		if (*p && *p != '.' && *p != '[')
			return false;
		p += *p == '.';
	}
	return path->n > 0;
}

static const struct node *mapping_path_element(const struct node *v, unsigned at)
{
	const struct node *c = node_first(v);

	if (v->kind != NODE_ARRAY)
		return at == 0 ? v : NULL;
	while (c && at-- > 0)
		c = node_next(v, c);
	return c;
}

const struct node *mapping_follow(const struct mapping_path *path, const struct node *v)
{
	for (size_t i = 0; i < path->n && v; i++)
		v = path->step[i].key ? node_get(v, path->step[i].key) : mapping_path_element(v, path->step[i].at);
	return v;
}

/* ---- times ---------------------------------------------------------------------- */

/* "Z", "+02:00", "-0330" at P, to its end, in hours; "": NAN. False: none of these. */
static bool mapping_zone(const char *p, double *hours)
{
	unsigned h, m;
	int used = 0;

	*hours = NAN;
	if (!*p)
		return true;
	*hours = 0;
	if (strcmp(p, "Z") == 0)
		return true;
	if ((*p != '+' && *p != '-') || strlen(p) < 5 || strspn(p + 1, "0123456789:") != strlen(p + 1))
		return false;
	if (sscanf(p + 1, p[3] == ':' ? "%2u:%2u%n" : "%2u%2u%n", &h, &m, &used) != 2 || p[1 + used] || used < 4 || h > 14 || m > 59)
		return false;
	*hours = (*p == '-' ? -1 : 1) * (h + m / 60.0);
	return true;
}

int64_t mapping_iso_us(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00";
	char digits[15], *to = digits;
	int64_t us, part = 0, unit = 100000;
	const char *p = text;
	double hours;

	for (const char *f = form; *f; f++, p++) {
		if (*f == '0' ? *p < '0' || *p > '9' : *p != *f && !(*f == 'T' && *p == ' '))
			return 0;
		if (*f == '0')
			*to++ = *p;
	}
	*to = '\0';
	if (*p == '.') {
		if (p[1] < '0' || p[1] > '9')
			return 0;
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			part += (*p - '0') * unit;
	}
	if (!mapping_zone(p, &hours))
		return 0;
	us = stamp_us(digits, hours);
	return us ? us + part : 0;
}

/* ---- units ---------------------------------------------------------------------- */

/* The number that the prefix of UNIT stands for, and *BASE behind it; 0: no such unit. */
static double mapping_prefix(const char *unit, const char **base)
{
	static const char *const bases[] = { "V", "A", "W", "var", "VA", "Wh", "varh", "VAh", "Ah", "Hz" };
	static const struct { char letter; double times; } prefixes[] = { { 'm', 1e-3 }, { 'k', 1e3 }, { 'M', 1e6 }, { 'G', 1e9 } };

	for (size_t b = 0; b < sizeof(bases) / sizeof(*bases); b++) {
		*base = bases[b];
		if (strcmp(unit, bases[b]) == 0)
			return 1;
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
			if (*unit == prefixes[i].letter && strcmp(unit + 1, bases[b]) == 0)
				return prefixes[i].times;
	}
	return 0;
}

bool mapping_units(const char *from, const char *to, double *ratio)
{
	const char *base_from, *base_to;
	double a, b;

	*ratio = 1;
	if (strcmp(from, to) == 0)
		return true;
	a = mapping_prefix(from, &base_from);
	b = mapping_prefix(to, &base_to);
	*ratio = b > 0 ? a / b : 0;
	return a > 0 && b > 0 && strcmp(base_from, base_to) == 0;
}
