/*
 * find.c - what follows from the places where values were seen: which one it is, or what
 * would tell.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "learn.h"

#define TEXT_LEAST 4		/* characters: a shorter text is somewhere by chance */
#define NEAR 16			/* registers: a write so near to a setting may be one, too */

/* The places of one want that are left. */
struct find_left {
	const struct learn_place *list[LEARN_PLACES];
	size_t n;
};

static void find_say(struct learn_found *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void find_say(struct learn_found *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, args);
	va_end(args);
}

static void find_keep(struct find_left *left, bool (*keep)(const struct learn_place *))
{
	size_t n = 0;

	for (size_t i = 0; i < left->n; i++)
		if (keep(left->list[i]))
			left->list[n++] = left->list[i];
	left->n = n;
}

static bool find_one_word(const struct learn_place *p)
{
	return p->form.type != TYPE_STRING && p->form.words == 1;
}

static bool find_not_two_words(const struct learn_place *p)
{
	return p->form.type == TYPE_STRING || p->form.words != 2 || p->form.type == TYPE_IPV4;
}

static bool find_not_one_word(const struct learn_place *p)
{
	return !find_one_word(p);
}

static bool find_is_done(const struct learn_place *p)
{
	return p->done != 0;
}

/* ---- one place -------------------------------------------------------------------- */

/* The groups of places that share no register. */
static size_t find_spots(const struct find_left *left)
{
	size_t n = 0;
	bool taken[LEARN_PLACES] = { false };

	for (size_t i = 0; i < left->n; i++) {
		long from = left->list[i]->addr, to = from + left->list[i]->form.words;
		bool more = true;

		if (taken[i])
			continue;
		for (n++; more;) {
			more = false;
			for (size_t k = 0; k < left->n; k++) {
				const struct learn_place *p = left->list[k];

				if (taken[k] || p->space != left->list[i]->space || p->addr >= to || p->addr + p->form.words <= from)
					continue;
				taken[k] = more = true;
				from = p->addr < from ? p->addr : from;
				to = p->addr + p->form.words > to ? p->addr + p->form.words : to;
			}
		}
	}
	return n;
}

/* ---- another value ------------------------------------------------------------------- */

/* Has this been seen anywhere in what was read or written? Then it tells less. */
static bool find_is_used(const struct learn_want *w, uint32_t v)
{
	for (size_t i = 0; i < w->nvalues; i++)
		if (w->values[i].num == v)
			return true;
	return false;
}

/* One that differs from the others in every form. LEAST: of it. */
static void find_second(const struct learn_want *w, uint32_t least, struct learn_found *out)
{
	static const uint32_t times[] = { 720, 1380, 2040, 3180, 86400 }, numbers[] = { 1234, 2718, 3141, 5779, 70001 };
	const uint32_t *list = w->seconds ? times : numbers;
	const char *texts[2] = { "meter1.test", "learn2.example" };

	if (w->values[0].address)
		texts[0] = "10.98.76.54", texts[1] = "172.16.25.43";
	if (w->values[0].number) {
		for (size_t i = 0; i < 5; i++)
			if (list[i] >= least && !find_is_used(w, list[i])) {
				snprintf(out->second, sizeof(out->second), "%lu", (unsigned long)list[i]);
				return;
			}
		return;
	}
	snprintf(out->second, sizeof(out->second), "%s", strcmp(w->values[w->nvalues - 1].text, texts[0]) ? texts[0] : texts[1]);
}

static uint32_t find_greatest(const struct learn_want *w)
{
	uint32_t most = 0;

	for (size_t i = 0; i < w->nvalues; i++)
		most = w->values[i].num > most ? w->values[i].num : most;
	return most;
}

/* ---- the form ------------------------------------------------------------------------ */

/* Of numbers in one and in two words at one spot: which? -1: OUT says what would tell. */
static int find_width(const struct learn_want *w, struct find_left *left, struct learn_found *out)
{
	bool one = false, two = false, one_exact = false, two_exact = false;

	for (size_t i = 0; i < left->n; i++) {
		const struct learn_place *p = left->list[i];

		if (find_one_word(p)) {
			one = true;
			one_exact = one_exact || (p->exact && p->sent);
		} else if (!find_not_two_words(p)) {
			two = true;
			two_exact = two_exact || (p->exact && p->sent);
		}
	}
	if (!one || !two)
		return 0;
	if (one_exact || (!two_exact && w->most > 0 && w->most <= 65535)) {
		find_keep(left, find_not_two_words);
	} else if (two_exact) {
		size_t n = 0;

		find_keep(left, find_not_one_word);
		for (size_t i = 0; i < left->n; i++)
			if (left->list[i]->exact)
				left->list[n++] = left->list[i];
		left->n = n;
	} else {
		find_second(w, 65536, out);
		find_say(out, "the register beside it is 0: it may be a part of the value");
		return -1;
	}
	return 0;
}

/* Digits and a number are the same up to 9. */
static bool find_agree(const struct learn_want *w, const struct learn_place *a, const struct learn_place *b)
{
	bool kinds = (a->form.type == TYPE_BCD) != (b->form.type == TYPE_BCD) && a->form.type != TYPE_STRING
		  && b->form.type != TYPE_STRING;

	return kinds && a->addr == b->addr && a->form.words == b->form.words && a->form.order == b->form.order
	    && a->form.scale == b->form.scale && find_greatest(w) <= 9U * a->form.scale;
}

/* Up to which value P is known to be right; 0: all. */
static double find_limit(const struct learn_want *w, const struct learn_place *p, bool digits)
{
	double scale = p->form.scale, limit = 0;

	if (digits)
		limit = 9 * scale;
	else if (p->form.words == 2 && (p->form.type == TYPE_U32 || p->form.type == TYPE_BCD))
		limit = (p->form.type == TYPE_U32 ? 65535 : 9999) * scale;
	return find_greatest(w) > limit || (w->most > 0 && w->most <= limit) ? 0 : limit;
}

static void find_claim(const struct learn *l, const struct learn_want *w, const struct learn_place *p, bool digits,
		       struct learn_found *out)
{
	out->state = LEARN_FOUND;
	out->place = *p;
	out->limit = find_limit(w, p, digits);
	if (out->limit > 0) {
		find_second(w, (uint32_t)out->limit + 1, out);
		find_say(out, "known up to %.0f", out->limit);
	}
	/* what was written for itself behind it is not padding */
	for (size_t i = 0; i < l->nwrites; i++) {
		const struct learn_write *x = &l->writes[i];

		if (p->form.type == TYPE_STRING && x->addr > p->addr && x->addr < p->addr + out->place.words
		    && x->addr >= p->addr + p->form.words)
			out->place.words = (uint16_t)(x->addr - p->addr);
	}
}

/* All of LEFT are at one spot. */
static void find_form(const struct learn *l, const struct learn_want *w, struct find_left *left, struct learn_found *out)
{
	const struct learn_place *p, *other;

	if (find_width(w, left, out))
		return;
	p = left->list[0];
	other = left->n > 1 ? left->list[1] : NULL;
	if (left->n == 2 && find_agree(w, p, other)) {
		find_claim(l, w, p->form.type == TYPE_BCD ? other : p, true, out);
	} else if (left->n == 1) {
		find_claim(l, w, p, false, out);
	} else {
		find_second(w, 10, out);
		find_say(out, "its value reads the same in %zu forms", left->n);
	}
}

/* ---- from what was written --------------------------------------------------------------- */

/* Does register ADDR belong to another key, as far as is known? */
static bool find_is_anothers(const struct learn *l, const struct learn_want *w, long addr)
{
	for (size_t i = 0; i < l->nwants; i++)
		for (size_t k = 0; k < l->wants[i].nplaces && &l->wants[i] != w; k++) {
			const struct learn_place *p = &l->wants[i].places[k];

			if (p->done && p->addr <= addr && addr < p->addr + p->words)
				return true;
		}
	return false;
}

/* May P be a part of a longer text? */
static bool find_is_part(const struct learn *l, const struct learn_want *w, const struct learn_place *p)
{
	return (p->text_before && !find_is_anothers(l, w, p->addr - 1L))
	    || (p->text_behind && !find_is_anothers(l, w, p->addr + p->form.words));
}

static void find_among_written(const struct learn *l, const struct learn_want *w, struct find_left *left, struct learn_found *out)
{
	out->state = LEARN_SEVERAL;
	out->places = find_spots(left);
	if (w->overflow) {
		find_say(out, "it stands in too many places");
		find_second(w, 100, out);
		return;
	}
	if (out->places > 1) {
		find_say(out, w->nvalues > 1 ? "%zu places took every value: no further value tells them apart"
					     : "it was written to %zu places", out->places);
		if (w->nvalues == 1)
			find_second(w, 100, out);
		return;
	}
	for (size_t i = 0; i < left->n; i++)
		if (find_is_part(l, w, left->list[i])) {
			find_say(out, "it was written beside other text, perhaps as a part of it");
			find_second(w, 100, out);
			return;
		}
	if (w->nvalues == 1 && (w->loose || w->damaged)) {
		if (w->loose)
			find_say(out, "it stands in a frame of function %02XH, too", w->loose_function);
		else
			find_say(out, "it stands in damaged bytes, too");
		find_second(w, 100, out);
		return;
	}
	find_keep(left, find_is_done);
	if (left->n == 0) {
		out->state = LEARN_UNPROVEN;
		find_say(out, "the meter did not acknowledge the write");
		return;
	}
	find_form(l, w, left, out);
}

/* ---- from what was read --------------------------------------------------------------------- */

/* Enough to be no accident: a text, or two values, that came behind something else. */
static bool find_is_proof(const struct learn_want *w, const struct learn_place *p, unsigned full)
{
	bool long_enough = w->values[0].address || (!w->values[0].number && strlen(w->values[0].text) >= TEXT_LEAST);

	return p->changed && !p->other_now && (w->nvalues > 1 ? p->changed & (full & ~1U) : long_enough);
}

static void find_among_read(const struct learn *l, const struct learn_want *w, struct find_left *left, unsigned full,
			    struct learn_found *out)
{
	out->state = LEARN_UNPROVEN;
	out->places = find_spots(left);
	find_say(out, "it was read, not written");
	find_second(w, 100, out);
	if (w->read_overflow || out->places > 1 || !find_is_proof(w, left->list[0], full) || w->loose || w->damaged)
		return;
	out->second[0] = '\0';
	find_form(l, w, left, out);
	out->reads_only = out->state == LEARN_FOUND;
}

static void find_nothing(const struct learn_want *w, struct learn_found *out)
{
	unsigned seen = 0;

	for (size_t i = 0; i < w->nplaces; i++)
		seen |= w->places[i].sent;
	out->state = w->loose && !seen ? LEARN_BEYOND : LEARN_UNSEEN;
	if (out->state == LEARN_BEYOND)
		find_say(out, "it stands in a frame of function %02XH only, which a profile cannot write", w->loose_function);
	else if (seen)
		find_say(out, "no place took all of its %zu values", w->nvalues);
	else if (w->damaged)
		find_say(out, "it stands in damaged bytes only");
	else
		find_say(out, "it was not seen");
}

/* Is the number P made of characters of another key's text? */
static bool find_is_in_text(const struct learn *l, const struct learn_want *w, const struct learn_place *p)
{
	for (size_t i = 0; i < l->nwants && p->form.type != TYPE_STRING; i++) {
		const struct learn_want *o = &l->wants[i];

		if (o == w || strlen(o->values[0].text) < TEXT_LEAST)
			continue;
		for (size_t k = 0; k < o->nplaces; k++) {
			const struct learn_place *t = &o->places[k];

			if (t->form.type == TYPE_STRING && t->done && p->addr < t->addr + t->form.words
			    && t->addr < p->addr + p->form.words)
				return true;
		}
	}
	return false;
}

void learn_find(const struct learn *l, size_t want, struct learn_found *out)
{
	const struct learn_want *w = &l->wants[want];
	unsigned full = (1U << w->nvalues) - 1;
	struct find_left left = { .n = 0 };

	*out = (struct learn_found){ .state = LEARN_UNSEEN };
	for (size_t i = 0; i < w->nplaces; i++)
		if (w->places[i].sent == full && !find_is_in_text(l, w, &w->places[i]))
			left.list[left.n++] = &w->places[i];
	if (left.n) {
		find_among_written(l, w, &left, out);
		return;
	}
	for (size_t i = 0; i < w->nplaces; i++)
		if (w->places[i].read == full)
			left.list[left.n++] = &w->places[i];
	if (left.n && !w->overflow)
		find_among_read(l, w, &left, full, out);
	else
		find_nothing(w, out);
}

bool learn_complete(const struct learn *l)
{
	for (size_t i = 0; i < l->nwants; i++) {
		struct learn_found f;

		learn_find(l, i, &f);
		if (f.state != LEARN_FOUND)
			return false;
	}
	return l->nwants > 0;
}

/* ---- before and after ------------------------------------------------------------------------- */

static bool find_touches(const struct learn_write *w, long from, long to)
{
	return w->addr < to && w->addr + w->n > from;
}

/* Does W set one of FOUND? */
static bool find_sets(const struct learn *l, const struct learn_found *found, const struct learn_write *w)
{
	for (size_t i = 0; i < l->nwants; i++)
		if (found[i].state == LEARN_FOUND && !found[i].reads_only
		    && find_touches(w, found[i].place.addr, found[i].place.addr + found[i].place.words))
			return true;
	return false;
}

/* May W set one that was not found? */
static bool find_may_set(const struct learn *l, const struct learn_found *found, const struct learn_write *w)
{
	for (size_t i = 0; i < l->nwants; i++)
		for (size_t k = 0; found[i].state != LEARN_FOUND && k < l->wants[i].nplaces; k++) {
			const struct learn_place *p = &l->wants[i].places[k];

			if (p->sent && find_touches(w, p->addr, p->addr + p->form.words))
				return true;
		}
	return w->secret || !w->done;
}

/* Is W more likely a setting that nobody asked for? */
static bool find_is_setting(const struct learn *l, const struct learn_found *found, const struct learn_write *w)
{
	for (size_t i = 0; i < l->nwants; i++) {
		const struct learn_place *p = &found[i].place;

		if (found[i].state == LEARN_FOUND && find_touches(w, p->addr - NEAR, p->addr + p->words + NEAR))
			return true;
	}
	return w->kept;
}

static bool find_is_again(const struct learn_write *a, const struct learn_write *b)
{
	return a->addr == b->addr && a->n == b->n && memcmp(a->regs, b->regs, sizeof(a->regs)) == 0;
}

/* How many different contents were written to the registers of W; 100: also to some of them. */
static size_t find_contents(const struct learn *l, const struct learn_write *w)
{
	const struct learn_write *other = NULL;
	size_t n = 1;

	for (size_t i = 0; i < l->nwrites; i++) {
		const struct learn_write *x = &l->writes[i];

		if (!find_touches(x, w->addr, w->addr + w->n) || find_is_again(x, w))
			continue;
		if (x->addr != w->addr || x->n != w->n)
			return 100;
		n += !other || !find_is_again(x, other);
		other = x;
	}
	return n;
}

static size_t find_times(const struct learn *l, const struct learn_write *w)
{
	size_t n = 0;

	for (size_t i = 0; i < l->nwrites; i++)
		n += find_is_again(&l->writes[i], w);
	return n;
}

/* The writes FROM to TO that are for no setting, each once, into LIST, room for 2: the only one
 * there is, or of several those that were written more than once and are nowhere near a
 * setting. What has CONTENTS only when it is always one of so many. 0: nobody can tell. */
static size_t find_between(const struct learn *l, const struct learn_found *found, size_t from, size_t to, size_t contents,
			   const struct learn_write *list[2])
{
	size_t different = 0, n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = from; i < to; i++) {
			const struct learn_write *w = &l->writes[i];
			size_t k = from;

			while (k < i && !find_is_again(&l->writes[k], w))
				k++;
			if (k < i || find_may_set(l, found, w))
				continue;
			if (pass == 0)
				different++;
			else if (w->n <= CODE_MAX && find_contents(l, w) <= contents
				 && (different == 1 || (find_times(l, w) > 1 && !find_is_setting(l, found, w))) && n++ < 2)
				list[n - 1] = w;
		}
	return n <= 2 ? n : 0;
}

void learn_around(const struct learn *l, const struct learn_found *found, struct learn_around *out)
{
	const struct learn_write *before[2] = { NULL }, *after[2] = { NULL };
	size_t first = l->nwrites, last = 0, n;

	*out = (struct learn_around){ NULL, NULL, NULL };
	for (size_t i = 0; i < l->nwrites; i++)
		if (find_sets(l, found, &l->writes[i])) {
			first = first < i ? first : i;
			last = i + 1;
		}
	if (!last)
		return;
	/* the register of the unlock may lock, too: by another content */
	if (find_between(l, found, 0, first, 2, before) == 1)
		out->unlock = before[0];
	n = find_between(l, found, last, l->nwrites, out->unlock ? 2 : 1, after);
	for (size_t i = 0; i < n; i++) {
		bool locks = out->unlock && (after[i]->addr == out->unlock->addr || i == 1);

		if (locks)
			out->lock = after[i];
		else if (find_contents(l, after[i]) == 1 && !out->commit)
			out->commit = after[i];
	}
	if (out->unlock && find_contents(l, out->unlock) > 1 && (!out->lock || out->lock->addr != out->unlock->addr))
		out->unlock = out->lock = NULL;
}
