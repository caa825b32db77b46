#include "confirm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"

#define TRIES 6			/* of one form or another, before the registers are parted */
#define DEPTH 3			/* how often they are parted */
#define BUDGET 24		/* tries in all */
#define EXTRA 16		/* neighbours that are read along, when so few will do */
#define CLOCK_S 120
#define SHARE 0.05
#define DIGITS 3

/* ---- do two readings agree? ---------------------------------------------------- */

static bool clocks_agree(const struct point *p, const uint16_t *a, const uint16_t *b)
{
	int64_t x, y;

	for (enum clock_coding c = CLOCK_BINARY; c <= CLOCK_BCD; c++)
		if (codec_clock_decode(p, c, a, &x) == 0 && codec_clock_decode(p, c, b, &y) == 0
		    && llabs(x - y) <= CLOCK_S)
			return true;
	return false;
}

static bool numbers_agree(const struct point *p, double x, double y)
{
	double apart = fabs(x - y);

	return apart <= DIGITS * fabs(p->scale) * 1.0001
	    || apart <= SHARE * fmax(fabs(x), fabs(y));
}

static bool point_agrees(const struct point *p, const uint16_t *a, const uint16_t *b)
{
	const struct point plain = codec_unscaled(p);
	struct value x, y;

	if (memcmp(a, b, p->words * sizeof(*a)) == 0)
		return true;
	if (p->type == TYPE_CLOCK)
		return clocks_agree(p, a, b);
	if ((p->flags & POINT_WRITABLE) || codec_decode(&plain, a, &x, NULL) || codec_decode(&plain, b, &y, NULL))
		return false;
	return x.kind == VALUE_NUMBER && y.kind == VALUE_NUMBER && numbers_agree(p, x.num, y.num);
}

bool confirm_agree(const struct profile *p, enum space space, uint16_t addr, uint16_t n,
		   const uint16_t *a, const uint16_t *b)
{
	bool named[READ_MAX] = { false };

	for (size_t i = 0; p && i < p->npoints; i++) {
		const struct point *pt = &p->points[i];
		unsigned at = (unsigned)pt->addr - addr;

		if (pt->space != space || pt->addr < addr || at + pt->words > n
		    || (pt->flags & POINT_DERIVED))
			continue;
		if (!point_agrees(pt, a + at, b + at))
			return false;
		memset(&named[at], true, pt->words * sizeof(*named));
	}
	for (uint16_t i = 0; i < n; i++)
		if (!named[i] && a[i] != b[i])
			return false;
	return true;
}

static bool answers_agree(const struct confirm *c, uint16_t addr, uint16_t n,
			  const struct answer *a, const struct answer *b)
{
	if (a->refused || b->refused)
		return a->refused && b->refused && a->exception == b->exception;
	return confirm_agree(c->profile, c->space, addr, n, a->regs, b->regs);
}

/* ---- another form -------------------------------------------------------------- */

/* Fills F with a read of COUNT registers around the N from ADDR that divides no point.
 * False: there is none. */
static bool confirm_form_of(const struct confirm *c, uint16_t addr, uint16_t n, unsigned count,
			    struct request *f)
{
	uint16_t below[READ_MAX], above[READ_MAX];
	size_t nb = read_plan_below(c->read_plan, c->space, addr, below, READ_MAX);
	size_t na = read_plan_above(c->read_plan, c->space, (uint32_t)addr + n, above, READ_MAX);
	size_t from = nb ? arc4random_uniform((uint32_t)nb) : 0;

	for (size_t i = 0; i < nb; i++) {
		unsigned before = below[(from + i) % nb];

		for (size_t k = 0; k < na; k++)
			if (n + before + above[k] == count) {
				f->addr = (uint16_t)(addr - before);
				f->count = (uint16_t)count;
				return true;
			}
	}
	return false;
}

/* Of registers that nobody knows. */
static bool any_form(const struct confirm *c, uint16_t addr, uint16_t n, uint16_t but, struct request *f)
{
	unsigned from = arc4random_uniform(EXTRA), most = read_plan_most(c->read_plan, c->space);

	for (unsigned i = 0; i < EXTRA; i++) {
		unsigned more = (from + i) % EXTRA, below = arc4random_uniform(more + 1);

		if (n + more > most || n + more == but || heard_count(&c->line->heard, (uint16_t)(n + more)))
			continue;
		if (below > addr)
			below = addr;
		if (addr - below + n + more > 65536)
			below = more < addr ? more : addr;
		if (addr - below + n + more > 65536)
			continue;
		f->addr = (uint16_t)(addr - below);
		f->count = (uint16_t)(n + more);
		return true;
	}
	return false;
}

/* A read that brings the N registers from ADDR, of a length other than BUT that nobody
 * else is known to use. */
static bool pick_form(const struct confirm *c, uint16_t addr, uint16_t n, uint16_t but,
		      struct request *f)
{
	unsigned most = read_plan_most(c->read_plan, c->space), near = n + (unsigned)EXTRA;
	unsigned choices, from;

	near = near < most ? near : most;
	choices = near >= n ? near - n + 1 : 0;
	from = choices ? arc4random_uniform(choices) : 0;

	for (unsigned i = 0; i < choices; i++) {
		unsigned count = n + (from + i) % choices;

		if (count != but && !heard_count(&c->line->heard, (uint16_t)count)
		    && confirm_form_of(c, addr, n, count, f))
			return true;
	}
	for (unsigned count = near + 1; count <= most; count++)
		if (count != but && !heard_count(&c->line->heard, (uint16_t)count)
		    && confirm_form_of(c, addr, n, count, f))
			return true;
	if (c->any && any_form(c, addr, n, but, f))
		return true;
	/* of other meters alone is spoken here: nothing of ours was asked by others */
	f->addr = addr;
	f->count = n;
	return !c->line->heard.surplus && !heard_unit(&c->line->heard, f->unit);
}

bool confirm_longer(const struct read_plan *p, enum space space, uint16_t addr, uint16_t n,
		    struct request *f)
{
	uint16_t below[2], above[2], end = (uint16_t)(addr + n);
	bool before = read_plan_below(p, space, addr, below, 2) > 1
		&& read_plan_named(p, space, (uint16_t)(addr - below[1]), below[1]);
	bool behind = read_plan_above(p, space, (uint32_t)addr + n, above, 2) > 1
		&& read_plan_named(p, space, end, above[1]);
	unsigned more;

	if (!before && !behind)
		return false;
	before = before && (!behind || below[1] < above[1]);
	more = before ? below[1] : above[1];
	if (n + more > read_plan_most(p, space))
		return false;
	f->addr = (uint16_t)(before ? addr - more : addr);
	f->count = (uint16_t)(n + more);
	return true;
}

/* ---- asking -------------------------------------------------------------------- */

/* Does this failure leave the line as it was, so that another try makes sense? */
static bool may_repeat(const struct err *e)
{
	return e->code == ERR_FOREIGN;
}

/* Asks F. 1: B is its answer, and from the request to the end of the tail nothing came
 * that may have been taken for it, or it for that; 0: something did. -1 and E. */
static int ask_alone(const struct confirm *c, const struct request *f, struct answer *b, struct err *e)
{
	unsigned long before;
	struct err why = { 0 };

	if (line_settle(c->line, e))
		return -1;
	before = c->line->heard.alike;
	if (line_ask(c->line, f, b, &why)) {
		if (e)
			*e = why;
		return may_repeat(&why) ? 0 : -1;
	}
	if (line_tail_among(c->line, e))
		return -1;
	return c->line->heard.alike == before;
}

static int resolve(struct confirm *c, uint16_t addr, uint16_t n, uint16_t asked,
		   struct answer *a, unsigned depth, struct err *e);

/* Where the N registers from ADDR are parted: nearest to the middle; 0: nowhere. */
static uint16_t confirm_parting(const struct confirm *c, uint16_t addr, uint16_t n)
{
	for (int off = 0; off < n / 2 + 1; off++) {
		int below = n / 2 - off, above = n / 2 + off;

		if (below > 0 && read_plan_edge(c->read_plan, c->space, (uint16_t)(addr + below)))
			return (uint16_t)below;
		if (above > 0 && above < n && read_plan_edge(c->read_plan, c->space, (uint16_t)(addr + above)))
			return (uint16_t)above;
	}
	return 0;
}

/* In two parts, each confirmed by itself. */
static int resolve_parts(struct confirm *c, uint16_t addr, uint16_t n, uint16_t at,
			 struct answer *a, unsigned depth, struct err *e)
{
	struct answer high = *a;

	memmove(high.regs, high.regs + at, (size_t)(n - at) * sizeof(*high.regs));
	if (resolve(c, addr, at, n, a, depth + 1, e)
	    || resolve(c, (uint16_t)(addr + at), (uint16_t)(n - at), n, &high, depth + 1, e))
		return -1;
	if (a->refused || high.refused) {
		*a = a->refused ? *a : high;
		return 0;
	}
	memcpy(a->regs + at, high.regs, (size_t)(n - at) * sizeof(*high.regs));
	return 0;
}

/* A, of the N registers from ADDR and out of an answer of ASKED registers, made sure. */
static int resolve(struct confirm *c, uint16_t addr, uint16_t n, uint16_t asked,
		   struct answer *a, unsigned depth, struct err *e)
{
	struct request f = {
		.unit = (uint8_t)c->line->target.unit,
		.function = c->space == SPACE_INPUT ? FUNCTION_INPUT : FUNCTION_HOLDING,
	};
	struct answer b;
	uint16_t at;

	for (int i = 0; i < TRIES && c->budget && pick_form(c, addr, n, asked, &f); i++) {
		int alone = ask_alone(c, &f, &b, e);

		c->budget--;
		if (alone < 0)
			return -1;
		if (!alone)
			continue;
		/* a neighbour may be refused, which says nothing of ours */
		if (b.refused && !a->refused && f.count > n)
			continue;
		if (!b.refused)
			memmove(b.regs, b.regs + (addr - f.addr), n * sizeof(*b.regs));
		asked = f.count;
		if (answers_agree(c, addr, n, a, &b)) {
			*a = b;
			return 0;
		}
		*a = b;
	}
	at = depth < DEPTH && c->budget ? confirm_parting(c, addr, n) : 0;
	if (at)
		return resolve_parts(c, addr, n, at, a, depth, e);
	return diagnosis_shared(&c->line->target, &c->line->heard, e);
}

int confirm(struct confirm *c, const struct request *q, struct answer *a, struct err *e)
{
	char text[200];

	heard_text(&c->line->heard, text, sizeof(text));
	line_note(c->line, "0x%04X+%u is asked for again: another master was heard%s%s",
		  q->addr, q->count, text[0] ? ": " : "", text);
	c->budget = BUDGET;
	return resolve(c, q->addr, q->count, q->count, a, 0, e);
}
