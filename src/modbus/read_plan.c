#include "read_plan.h"

#include <stdlib.h>
#include <string.h>

/* Spans are made anew when a transaction costs so much more or less. */
#define DRIFT 1.3

static bool get(const uint8_t *bits, unsigned i)
{
	return bits[i >> 3] & 1U << (i & 7);
}

static void read_plan_set(uint8_t *bits, unsigned i, bool on)
{
	uint8_t mask = (uint8_t)(1U << (i & 7));

	if (i < 65536)
		bits[i >> 3] = (uint8_t)(on ? bits[i >> 3] | mask : bits[i >> 3] & ~mask);
}

void read_plan_release(struct read_plan *p)
{
	free(p->refused);
	free(p->idx);
	free(p->wants);
	free(p->spans);
	*p = (struct read_plan){ 0 };
}

/* Between registers that no point names, a read ends at even ones alone. */
static void read_plan_align(struct read_plan *p)
{
	for (enum space s = SPACE_HOLDING; s <= SPACE_INPUT; s++)
		for (unsigned r = 1; r < 65536; r += 2)
			if (!get(p->named[s], r) && !get(p->named[s], r - 1))
				read_plan_set(p->inside[s], r, true);
}

/* Begins anew: a profile says what may be read as a hole. */
static void take_profile(struct read_plan *p, const struct profile *profile)
{
	read_plan_release(p);
	p->profile = profile;
	memset(p->through, profile->read_holes ? 0xFF : 0, sizeof(p->through));
	for (size_t i = 0; i < profile->npoints; i++) {
		const struct point *pt = &profile->points[i];

		for (unsigned w = 0; w < pt->words; w++) {
			read_plan_set(p->through[pt->space], pt->addr + w, true);
			read_plan_set(p->named[pt->space], pt->addr + w, true);
			if (w > 0)
				read_plan_set(p->inside[pt->space], pt->addr + w, true);
			if (pt->flags & POINT_SECRET)
				read_plan_set(p->secret[pt->space], pt->addr + w, true);
		}
		if (profile_alone(profile, pt)) {
			read_plan_set(p->cut[pt->space], pt->addr, true);
			read_plan_set(p->cut[pt->space], pt->addr + pt->words, true);
		}
	}
	if (profile->read_align == ALIGN_EVEN)
		read_plan_align(p);
}

void read_plan_know(struct read_plan *p, const struct profile *profile)
{
	if (p->profile != profile)
		take_profile(p, profile);
}

uint16_t read_plan_most(const struct read_plan *p, enum space space)
{
	uint16_t most = p->profile && p->profile->read_most && p->profile->read_most < READ_MAX
			? p->profile->read_most : READ_MAX;

	return p->most[space] && p->most[space] < most ? p->most[space] : most;
}

void read_plan_learn_most(struct read_plan *p, enum space space, uint16_t most)
{
	p->most[space] = most;
	p->learned = true;
}

bool read_plan_named(const struct read_plan *p, enum space space, uint16_t addr, uint16_t n)
{
	for (unsigned i = 0; i < n; i++)
		if (!get(p->named[space], addr + i))
			return false;
	return true;
}

bool read_plan_edge(const struct read_plan *p, enum space space, uint16_t addr)
{
	return !get(p->inside[space], addr);
}

/* May register R be read along, over the edge that begins with register EDGE? */
static bool joins(const struct read_plan *p, enum space space, unsigned r, unsigned edge)
{
	return get(p->through[space], r) && !get(p->secret[space], r) && !get(p->cut[space], edge);
}

size_t read_plan_below(const struct read_plan *p, enum space space, uint16_t addr, uint16_t *edges, size_t n)
{
	size_t found = 0;

	for (unsigned more = 0; found < n && more < READ_MAX && more <= addr; more++) {
		if (more > 0 && !joins(p, space, addr - more, addr - more + 1U))
			break;
		if (read_plan_edge(p, space, (uint16_t)(addr - more)))
			edges[found++] = (uint16_t)more;
	}
	return found;
}

size_t read_plan_above(const struct read_plan *p, enum space space, uint32_t end, uint16_t *edges, size_t n)
{
	size_t found = 0;

	for (unsigned more = 0; found < n && more < READ_MAX && end + more <= 65536; more++) {
		if (more > 0 && !joins(p, space, end + more - 1, end + more - 1))
			break;
		if (end + more == 65536 || read_plan_edge(p, space, (uint16_t)(end + more)))
			edges[found++] = (uint16_t)more;
	}
	return found;
}

struct hole {
	const struct read_plan *p;
	enum space space;
};

static bool read_plan_readable(void *arg, uint16_t addr, uint16_t n)
{
	const struct hole *h = arg;

	for (unsigned i = 0; i < n; i++)
		if (!get(h->p->through[h->space], (unsigned)addr + i))
			return false;
	return true;
}

static bool overlaps(uint16_t a, uint16_t na, uint16_t b, uint16_t nb)
{
	return a < b + nb && b < a + na;
}

static const struct read_plan_refused *modbus_read_plan_refusal(const struct read_plan *p, enum space space,
					  uint16_t addr, uint16_t words)
{
	for (size_t i = 0; i < p->nrefused; i++)
		if (p->refused[i].space == space
		    && overlaps(p->refused[i].addr, p->refused[i].words, addr, words))
			return &p->refused[i];
	return NULL;
}

const struct read_plan_refused *read_plan_refusal(const struct read_plan *p, const struct read_plan_span *s)
{
	return modbus_read_plan_refusal(p, s->space, s->span.addr, s->span.words);
}

static void add_spans(struct read_plan *p, enum space space, size_t first,
		      const struct span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		p->spans[p->nspans].space = space;
		p->spans[p->nspans].span = spans[i];
		p->spans[p->nspans++].span.first += first;
	}
}

/* Does a run of wants end before I? At cuts, and around what is refused. */
static bool run_ends(const struct read_plan *p, enum space space, size_t first, size_t i)
{
	const struct span_want *w = &p->wants[i];
	const struct read_plan_refused *before, *here;

	for (unsigned a = p->wants[i - 1].addr + 1U; a <= w->addr; a++)
		if (get(p->cut[space], a))
			return true;
	before = modbus_read_plan_refusal(p, space, p->wants[first].addr, p->wants[first].words);
	here = modbus_read_plan_refusal(p, space, w->addr, w->words);
	return before != here;
}

static int read_plan_by_address(const void *a, const void *b)
{
	const struct span_want *x = a, *y = b;

	return x->addr != y->addr ? (x->addr < y->addr ? -1 : 1)
				  : (x->words > y->words) - (x->words < y->words);
}

/* Plans the wants FIRST .. END-1, all of one space, a run at a time. */
static void read_plan_space(struct read_plan *p, enum space space, size_t first, size_t end,
		       struct span_cost cost, struct span *scratch)
{
	uint16_t most = read_plan_most(p, space);
	struct hole h = { p, space };

	qsort(&p->wants[first], end - first, sizeof(*p->wants), read_plan_by_address);
	while (first < end) {
		size_t stop = first + 1;

		while (stop < end && !run_ends(p, space, first, stop))
			stop++;
		add_spans(p, space, first, scratch,
			  span_plan(&p->wants[first], stop - first, most, cost,
				    read_plan_readable, &h, scratch));
		first = stop;
	}
}

/* Does T begin where S ends, and may they be read together? */
static bool read_plan_touches(const struct read_plan *p, const struct read_plan_span *s, const struct read_plan_span *t)
{
	return s->space == t->space && s->span.addr + s->span.words == t->span.addr
	    && !get(p->cut[t->space], t->span.addr) && !read_plan_refusal(p, s) && !read_plan_refusal(p, t);
}

/* Does one of the wants from FIRST on reach over the beginning of want K? */
static bool straddled(const struct read_plan *p, size_t first, size_t k)
{
	for (size_t i = first; i < k; i++)
		if (p->wants[i].addr + (unsigned)p->wants[i].words > p->wants[k].addr)
			return true;
	return false;
}

/* The edge between S and T moves by a point: BACK, the last of S is read with T, else the
 * first of T with S; with what overlaps it. False: it cannot. */
static bool move_edge(const struct read_plan *p, struct read_plan_span *s, struct read_plan_span *t, bool back)
{
	size_t first = s->span.first, end = t->span.first + t->span.count, k = t->span.first;
	uint16_t most = read_plan_most(p, s->space);
	struct read_plan_span whole = { .space = s->space, .span = { .first = first } }, low, high;

	if (!read_plan_touches(p, s, t))
		return false;
	do
		k = back ? k - 1 : k + 1;
	while (k > first && k < end && straddled(p, first, k));
	if (k <= first || k >= end)
		return false;
	low = read_plan_part(p, &whole, 0, k - first);
	high = read_plan_part(p, &whole, k - first, end - k);
	if (low.span.words > most || high.span.words > most)
		return false;
	*s = low;
	*t = high;
	return true;
}

/* Two reads of one length in a row cannot be told apart by their answers, and silence
 * would have to come between them: an edge moves, which costs nothing. */
static void vary_lengths(struct read_plan *p)
{
	for (size_t i = p->nspans; i-- > 1;) {
		struct read_plan_span *s = &p->spans[i - 1], *t = &p->spans[i];

		if (s->space != t->space || s->span.words != t->span.words)
			continue;
		if (move_edge(p, s, t, true) || (i + 1 < p->nspans && move_edge(p, t, t + 1, true)))
			continue;
		if (i > 1)
			move_edge(p, s - 1, s, false);
	}
}

static bool still_good(const struct read_plan *p, const struct profile *profile,
		       const uint16_t *idx, size_t n, struct span_cost cost)
{
	return p->profile == profile && p->spans && !p->learned && p->n == n
	    && memcmp(p->idx, idx, n * sizeof(*idx)) == 0
	    && cost.frame_us < p->frame_us * DRIFT && cost.frame_us * DRIFT > p->frame_us;
}

int read_plan_make(struct read_plan *p, const struct profile *profile, const uint16_t *idx,
	      size_t n, struct span_cost cost, struct err *e)
{
	struct span *scratch;
	size_t at = 0;

	if (still_good(p, profile, idx, n, cost))
		return 0;
	read_plan_know(p, profile);
	free(p->idx);
	free(p->wants);
	free(p->spans);
	p->idx = malloc((n + 1) * sizeof(*p->idx));
	p->wants = malloc((n + 1) * sizeof(*p->wants));
	p->spans = malloc((n + 1) * sizeof(*p->spans));
	scratch = malloc((n + 1) * sizeof(*scratch));
	p->n = p->nspans = 0;
	if (!p->idx || !p->wants || !p->spans || !scratch) {
		free(p->spans);
		p->spans = NULL;
		free(scratch);
		return err_set(e, ERR_NO, "out of memory");
	}
	memcpy(p->idx, idx, n * sizeof(*idx));
	p->n = n;
	p->frame_us = cost.frame_us;
	p->learned = false;
	for (enum space s = SPACE_HOLDING; s <= SPACE_INPUT; s++) {
		size_t first = at;

		for (size_t i = 0; i < n; i++) {
			const struct point *pt = &profile->points[idx[i]];

			if (pt->space == s)
				p->wants[at++] = (struct span_want){ pt->addr, pt->words, idx[i] };
		}
		read_plan_space(p, s, first, at, cost, scratch);
	}
	free(scratch);
	vary_lengths(p);
	return 0;
}

bool read_plan_has_holes(const struct read_plan *p, const struct read_plan_span *s)
{
	const struct span_want *w = &p->wants[s->span.first];
	unsigned end = s->span.addr;

	for (size_t i = 0; i < s->span.count; i++) {
		if (w[i].addr > end)
			return true;
		if (w[i].addr + (unsigned)w[i].words > end)
			end = w[i].addr + (unsigned)w[i].words;
	}
	return false;
}

void read_plan_ban_holes(struct read_plan *p, const struct read_plan_span *s)
{
	const struct span_want *w = &p->wants[s->span.first];
	unsigned end = s->span.addr;

	for (size_t i = 0; i < s->span.count; i++) {
		while (end < w[i].addr)
			read_plan_set(p->through[s->space], end++, false);
		if (w[i].addr + (unsigned)w[i].words > end)
			end = w[i].addr + (unsigned)w[i].words;
	}
	p->learned = true;
}

size_t read_plan_divide(const struct read_plan *p, const struct read_plan_span *s)
{
	const struct span_want *w = &p->wants[s->span.first];
	unsigned middle = s->span.addr + s->span.words / 2U, end = 0;
	size_t best = 0;

	for (size_t i = 0; i < s->span.count; i++) {
		if (i > 0 && w[i].addr >= end
		    && (!best || abs((int)w[i].addr - (int)middle) < abs((int)w[best].addr - (int)middle)))
			best = i;
		if (w[i].addr + (unsigned)w[i].words > end)
			end = w[i].addr + (unsigned)w[i].words;
	}
	return best;
}

void read_plan_cut(struct read_plan *p, enum space space, uint16_t addr)
{
	read_plan_set(p->cut[space], addr, true);
	p->learned = true;
}

struct read_plan_span read_plan_part(const struct read_plan *p, const struct read_plan_span *s,
			   size_t first, size_t count)
{
	const struct span_want *w = &p->wants[s->span.first + first];
	unsigned end = w->addr;

	for (size_t i = 0; i < count; i++)
		if (w[i].addr + (unsigned)w[i].words > end)
			end = w[i].addr + (unsigned)w[i].words;
	return (struct read_plan_span){
		.space = s->space,
		.span = { w->addr, (uint16_t)(end - w->addr), s->span.first + first, count },
	};
}

size_t read_plan_without_holes(const struct read_plan *p, const struct read_plan_span *s,
			  struct read_plan_span *out)
{
	const struct span_want *w = &p->wants[s->span.first];
	unsigned end = w[0].addr;
	size_t n = 0, first = 0;

	for (size_t i = 0; i < s->span.count; i++) {
		if (w[i].addr > end) {
			out[n++] = read_plan_part(p, s, first, i - first);
			first = i;
		}
		if (w[i].addr + (unsigned)w[i].words > end)
			end = w[i].addr + (unsigned)w[i].words;
	}
	out[n++] = read_plan_part(p, s, first, s->span.count - first);
	return n;
}

static void read_plan_remember(struct read_plan *p, const struct read_plan_span *s, bool silent, uint8_t code,
			       int64_t now_us)
{
	struct read_plan_refused *grown;

	read_plan_forgive(p, s);
	p->learned = true;
	for (unsigned i = 0; i < s->span.words; i++)
		read_plan_set(p->through[s->space], s->span.addr + i, false);
	grown = realloc(p->refused, (p->nrefused + 1) * sizeof(*grown));
	if (!grown)
		return;		/* then it is asked again next time */
	p->refused = grown;
	grown[p->nrefused++] = (struct read_plan_refused){
		s->space, s->span.addr, s->span.words, silent, code, now_us,
	};
}

void read_plan_refuse(struct read_plan *p, const struct read_plan_span *s, uint8_t code, int64_t now_us)
{
	read_plan_remember(p, s, false, code, now_us);
}

void read_plan_deaf(struct read_plan *p, const struct read_plan_span *s, int64_t now_us)
{
	read_plan_remember(p, s, true, 0, now_us);
}

void read_plan_forgive(struct read_plan *p, const struct read_plan_span *s)
{
	for (size_t i = 0; i < p->nrefused; i++)
		if (p->refused[i].space == s->space && p->refused[i].addr == s->span.addr
		    && p->refused[i].words == s->span.words) {
			p->refused[i] = p->refused[--p->nrefused];
			p->learned = true;
			return;
		}
}

static bool deaf_since(const struct read_plan_refused *r, int64_t since_us)
{
	return r->silent && r->at_us >= since_us;
}

bool read_plan_deaf_since(const struct read_plan *p, int64_t since_us)
{
	for (size_t i = 0; i < p->nrefused; i++)
		if (deaf_since(&p->refused[i], since_us))
			return true;
	return false;
}

void read_plan_forgive_since(struct read_plan *p, int64_t since_us)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->nrefused; i++)
		if (!deaf_since(&p->refused[i], since_us))
			p->refused[kept++] = p->refused[i];
	p->learned = p->learned || kept < p->nrefused;
	p->nrefused = kept;
}
