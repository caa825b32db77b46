#include "identify.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec.h"
#include "value.h"

bool identify_type(enum point_type t)
{
	return t <= TYPE_LAST_NUMBER || t == TYPE_HEX || t == TYPE_STRING;
}

bool identify_number(const char *text, double *out)
{
	long v;

	if (text_long(text, -2147483648L, 4294967295L, &v)) {
		*out = (double)v;
		return true;
	}
	return text_double(text, out);
}

static bool identify_is(const struct identify *r, const char *text)
{
	for (size_t i = 0; i < r->nwant; i++)
		if (r->glob ? fnmatch(r->want[i], text, 0) == 0 : strcmp(r->want[i], text) == 0)
			return true;
	return false;
}

static bool identify_is_number(const struct identify *r, double v)
{
	double want;

	for (size_t i = 0; i < r->nwant; i++)
		if (identify_number(r->want[i], &want) && v >= want && v <= want)
			return true;
	return false;
}

static struct point identify_point(const struct identify *r)
{
	return (struct point){
		.key = "", .name = "", .group = "", .unit = "", .note = "", .section = "", .source = "", .exponent = "",
		.factor = "", .type = r->type, .space = r->space, .order = r->order, .chars = 2,
		.addr = r->addr, .words = r->words, .scale = 1, .min = 1, .max = 0,
	};
}

bool identify_registers(const struct identify *r, const uint16_t *regs)
{
	const struct point p = identify_point(r);
	struct value v;
	struct err e;

	if (codec_decode(&p, regs, &v, &e))
		return false;
	return v.kind == VALUE_STRING ? identify_is(r, v.text) : identify_is_number(r, v.num);
}

/* The shortest text that GLOB matches: nothing for *, 0 for ?, the first of [..]. */
static void glob_example(const char *glob, char *buf, size_t size)
{
	size_t n = 0;

	for (; *glob && n + 1 < size; glob++) {
		if (*glob == '*')
			continue;
		if (*glob == '[' && strchr(glob, ']')) {
			buf[n++] = glob[1];
			glob = strchr(glob, ']');
		} else {
			buf[n++] = *glob == '?' ? '0' : *glob;
		}
	}
	buf[n] = '\0';
}

static void identify_example_text(const struct identify *r, char *buf, size_t size)
{
	if (r->glob)
		glob_example(r->want[0], buf, size);
	else
		snprintf(buf, size, "%s", r->want[0]);
}

bool identify_example(const struct identify *r, uint16_t *regs)
{
	const struct point p = identify_point(r);
	struct value v = { .kind = VALUE_NUMBER };
	char text[VALUE_TEXT];
	size_t at;
	struct err e;

	if (r->function || r->nwant == 0 || r->words > VALUE_WORDS)
		return false;
	identify_example_text(r, text, sizeof(text));
	/* words behind what the pattern asks for */
	for (at = strlen(text); r->type == TYPE_HEX && at + 5 < sizeof(text) && at + 1 < 5U * r->words; )
		text_append(text, sizeof(text), &at, "%s0000", at ? " " : "");
	memset(regs, 0, r->words * sizeof(*regs));
	if (r->type > TYPE_LAST_NUMBER ? codec_parse(&p, text, &v, &e) : !identify_number(text, &v.num))
		return false;
	return codec_encode(&p, &v, regs, &e) == 0 && identify_registers(r, regs);
}

bool identify_example_bytes(const struct identify *r, uint8_t *bytes, size_t *n)
{
	char text[IDENTIFY_BYTES];

	if (!r->function || r->nwant == 0)
		return false;
	identify_example_text(r, text, sizeof(text));
	*n = strlen(text);
	memcpy(bytes, text, *n);
	return identify_bytes(r, bytes, *n);
}

/* GLOB's first N characters, of which [..] is one. */
static size_t glob_cut(char *buf, size_t size, const char *glob, size_t n)
{
	size_t at = 0;

	for (; n > 0 && glob[at]; n--)
		at += glob[at] == '[' ? strcspn(glob + at, "]") + 1 : 1;
	snprintf(buf, size, "%.*s", (int)at, glob);
	return at;
}

bool identify_begins(const struct identify *r, const uint16_t *regs, size_t n)
{
	char text[8 * 5], want[IDENTIFY_BYTES];
	size_t at = 0;

	if (r->type != TYPE_HEX || !r->glob || n > sizeof(text) / 5 || n > r->words)
		return false;
	for (size_t i = 0; i < n; i++)
		text_append(text, sizeof(text), &at, "%s%04X", i ? " " : "", regs[i]);
	for (size_t i = 0; i < r->nwant; i++)
		if (!strchr(r->want[i], '*') && glob_cut(want, sizeof(want), r->want[i], at) < sizeof(want)
		    && fnmatch(want, text, 0) == 0)
			return true;
	return false;
}

bool identify_bytes(const struct identify *r, const uint8_t *bytes, size_t n)
{
	char text[3 * IDENTIFY_BYTES + 1];

	text_clean_bytes(text, sizeof(text), (const char *)bytes, n < IDENTIFY_BYTES ? n : IDENTIFY_BYTES);
	return identify_is(r, text);
}

bool identify_vacuous(const struct identify *r)
{
	static const uint8_t fill[] = { 0x00, 0xFF };
	uint8_t bytes[64];
	uint16_t regs[VALUE_WORDS];

	for (size_t i = 0; i < sizeof(fill); i++) {
		memset(bytes, fill[i], sizeof(bytes));
		memset(regs, fill[i], sizeof(regs));
		if (!r->function && identify_registers(r, regs))
			return true;
		for (size_t n = 0; r->function && n <= sizeof(bytes); n++)
			if (identify_bytes(r, bytes, n))
				return true;
	}
	return false;
}

bool identify_same_place(const struct identify *a, const struct identify *b)
{
	return a->function == b->function && a->object == b->object && a->space == b->space
	    && a->addr == b->addr && a->words == b->words;
}

const char *identify_place(const struct identify *r, char *buf, size_t size)
{
	if (r->function == IDENTIFY_DEVICE)
		snprintf(buf, size, "function 43, object %u", r->object);
	else if (r->function)
		snprintf(buf, size, "function %u", r->function);
	else if (r->words > 1)
		snprintf(buf, size, "%s 0x%04X-0x%04X", space_names[r->space], r->addr, r->addr + r->words - 1);
	else
		snprintf(buf, size, "%s 0x%04X", space_names[r->space], r->addr);
	return buf;
}

const char *identify_text(const struct identify *r, char *buf, size_t size)
{
	char place[64];
	size_t at = 0;

	text_append(buf, size, &at, "%s %s", identify_place(r, place, sizeof(place)), r->glob ? "matches" : "is");
	for (size_t i = 0; i < r->nwant; i++)
		text_append(buf, size, &at, "%s %s", i ? " or" : "", r->want[i]);
	text_append(buf, size, &at, ": %s", r->model);
	return buf;
}
