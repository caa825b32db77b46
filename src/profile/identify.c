#include "identify.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
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

/* Would R, one part of a rule, match a meter whose bytes are all FILL? */
static bool identify_is_filled(const struct identify *r, int fill)
{
	uint8_t bytes[64];
	uint16_t regs[VALUE_WORDS];

	memset(bytes, fill, sizeof(bytes));
	memset(regs, fill, sizeof(regs));
	for (size_t n = 0; r->function && n <= sizeof(bytes); n++)
		if (identify_bytes(r, bytes, n))
			return true;
	return !r->function && identify_registers(r, regs);
}

const struct identify *identify_next(const struct identify *r)
{
	return r->more ? r + 1 : NULL;
}

const struct identify *identify_behind(const struct identify *r)
{
	while (r->more)
		r++;
	return r + 1;
}

bool identify_vacuous(const struct identify *r)
{
	bool zeros = true, ones = true;

	for (; r; r = identify_next(r)) {
		zeros = zeros && identify_is_filled(r, 0x00);
		ones = ones && identify_is_filled(r, 0xFF);
	}
	return zeros || ones;
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
	const char *model = r->model, *and = "";
	char place[64];
	size_t at = 0;

	for (; r; r = identify_next(r), and = " and ") {
		text_append(buf, size, &at, "%s%s %s", and, identify_place(r, place, sizeof(place)), r->glob ? "matches" : "is");
		for (size_t i = 0; i < r->nwant; i++)
			text_append(buf, size, &at, "%s %s", i ? " or" : "", r->want[i]);
	}
	text_append(buf, size, &at, ": %s", model);
	return buf;
}

/* ---- the search --------------------------------------------------------------------- */

/* The last place that was fetched, and what came: rules that look at the same ask once. */
struct identify_seen {
	const struct identify_search *search;
	const struct identify *place;	/* NULL: none */
	const uint8_t *data;
	size_t n;
};

/* Always true. */
static bool identify_words(const uint8_t *data, size_t n, uint16_t *regs)
{
	for (size_t i = 0; i < n; i++)
		regs[i] = (uint16_t)(data[2 * i] << 8 | data[2 * i + 1]);
	return true;
}

static bool identify_matches(const struct identify *r, const uint8_t *data, size_t n)
{
	uint16_t regs[VALUE_WORDS];

	if (r->function)
		return n > 0 && identify_bytes(r, data, n);
	return n == 2U * r->words && identify_words(data, r->words, regs) && identify_registers(r, regs);
}

/* Does the meter match R and all that belongs to it? 1, 0, or -1 and E. */
static int identify_try(struct identify_seen *seen, const struct identify *r, struct err *e)
{
	for (; r; r = identify_next(r)) {
		if (!(seen->place && identify_same_place(seen->place, r))) {
			seen->place = NULL;
			if (seen->search->fetch(seen->search->arg, r, &seen->data, &seen->n, e))
				return -1;
			seen->place = r;
		}
		if (!identify_matches(r, seen->data, seen->n))
			return 0;
	}
	return 1;
}

/* Does what is known already speak for R? */
static bool identify_begun(const struct identify_search *s, const struct identify *r)
{
	return s->nfirst && !r->function && r->space == SPACE_HOLDING && r->addr == 0
	    && identify_begins(r, s->first, s->nfirst);
}

/* The rules that what is known speaks for, or those that it tells nothing of. */
static int identify_among(struct identify_seen *seen, bool begun, struct identified *out, struct err *e)
{
	const struct identify_search *s = seen->search;

	for (size_t i = 0; i < s->nprofiles; i++) {
		const struct identify_list *l = &s->profiles[i]->identify;

		for (const struct identify *r = l->list; r < l->list + l->n; r = identify_behind(r)) {
			int rc = identify_begun(s, r) == begun ? identify_try(seen, r, e) : 0;

			*out = (struct identified){ .profile = s->profiles[i], .model = r->model };
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* For base_find(). */
static int identify_base_read(void *arg, uint16_t addr, uint16_t n, uint16_t *regs, struct err *e)
{
	const struct identify r = { .space = SPACE_HOLDING, .type = TYPE_HEX, .addr = addr, .words = n };
	const struct identify_search *s = arg;
	const uint8_t *data;
	size_t got;

	if (s->fetch(s->arg, &r, &data, &got, e))
		return -1;
	return got == 2U * n && identify_words(data, n, regs);
}

/* The profiles whose registers are to be found. */
static int identify_bases(const struct identify_search *s, struct identified *out, struct err *e)
{
	for (size_t i = 0; i < s->nprofiles; i++) {
		int rc = base_is_sought(s->profiles[i])
			 ? base_find(s->profiles[i], identify_base_read, (void *)(uintptr_t)s, &out->base, e) : 0;

		out->profile = s->profiles[i];
		out->model = s->profiles[i]->title;
		if (rc)
			return rc;
	}
	return 0;
}

int identify_find(const struct identify_search *s, struct identified *out, struct err *e)
{
	struct identify_seen seen = { .search = s };
	int rc = identify_among(&seen, true, out, e);

	if (rc == 0)
		rc = identify_among(&seen, false, out, e);
	return rc ? rc : identify_bases(s, out, e);
}
