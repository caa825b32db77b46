/*
 * modbus_read.c - points out of registers: what the meter refuses or is silent on is
 * found out, and an answer is given out once it is surely ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "profile/codec.h"
#include "profile/value.h"
#include "confirm.h"
#include "modbus_own.h"

/* One link_read() under way. */
struct job {
	struct modbus_link *m;
	const struct profile *profile;
	link_sink *sink;
	void *arg;
	struct err *e;
	struct answer a;	/* to the last request */
	uint16_t asked;		/* registers it asked for */
	bool dividing;		/* what a block is refused for is being found out */
};

/* ---- giving out ---------------------------------------------------------------- */

static void modbus_read_deliver(struct job *j, uint16_t addr, const struct span_want *w, size_t n,
				const struct answer *a)
{
	for (size_t i = 0; i < n; i++) {
		const struct point *p = &j->profile->points[w[i].tag];
		const uint16_t *regs = &a->regs[p->addr - addr];
		struct reading r = {
			.quality = QUALITY_OK,
			.words = (uint8_t)(p->words < VALUE_WORDS ? p->words : VALUE_WORDS),
			.at_us = a->at_us, .mono_us = a->mono_us,
		};

		memcpy(r.raw, regs, r.words * sizeof(*regs));
		if (codec_decode(p, regs, &r.value, &r.err))
			r.quality = QUALITY_FAILED;
		else if (r.value.kind == VALUE_NONE)
			r.quality = QUALITY_ABSENT;
		j->sink(j->arg, w[i].tag, &r);
	}
}

static void deliver_failure(struct job *j, const struct span_want *w, size_t n, bool absent,
			    const struct err *why)
{
	struct reading r = {
		.quality = QUALITY_FAILED, .err = *why, .absent = absent,
		.at_us = time_wall_us(), .mono_us = time_mono_us(),
	};

	for (size_t i = 0; i < n; i++)
		j->sink(j->arg, w[i].tag, &r);
}

static void deliver_refusal(struct job *j, const struct read_plan_span *s, bool silent, uint8_t code)
{
	struct request q = modbus_request(j->m, s->space, s->span.addr, s->span.words);
	struct err why;

	if (silent)
		diagnosis_deaf(&q, &why);
	else
		diagnosis_exception(&q, code, &why);
	deliver_failure(j, &j->m->read_plan.wants[s->span.first], s->span.count,
			!silent && code == EXCEPTION_ADDRESS, &why);
}

/* ---- is it ours? ---------------------------------------------------------------- */

void modbus_forget(struct modbus_link *m)
{
	free(m->held.wants);
	m->held = (struct held){ 0 };
}

/* An answer that no other agreed with: its points failed, the read goes on. -1: the line
 * itself has failed. */
static int give_out(struct job *j, uint16_t addr, const struct span_want *w, size_t n,
		    const struct answer *a, int rc, const struct err *why)
{
	if (rc == 0) {
		modbus_read_deliver(j, addr, w, n, a);
		return 0;
	}
	if (why->code != ERR_FOREIGN) {
		if (j->e)
			*j->e = *why;
		return -1;
	}
	deliver_failure(j, w, n, false, why);
	return 0;
}

/* The answer that is held has had its successor, or silence. */
static int settle_held(struct job *j)
{
	struct modbus_link *m = j->m;
	struct held *h = &m->held;
	struct confirm c = {
		.line = &m->line, .read_plan = &m->read_plan, .space = h->space, .profile = h->profile,
	};
	struct err why = { 0 };
	int rc = 0;

	if (!h->full)
		return 0;
	h->full = false;
	if (h->profile == j->profile) {
		struct request q = modbus_request(m, h->space, h->addr, h->words);

		if (m->line.heard.surplus != h->before)
			rc = confirm(&c, &q, &h->a, &why);
		rc = give_out(j, h->addr, h->wants, h->n, &h->a, rc, &why);
	}
	if (h->settled)
		h->settled(h->settled_arg);
	h->settled = NULL;
	return rc;
}

/* What J has just been given for S waits for its successor. */
static int modbus_read_hold(struct job *j, const struct read_plan_span *s, unsigned long before)
{
	struct held *h = &j->m->held;
	struct span_want *copy = realloc(h->wants, s->span.count * sizeof(*copy));

	if (!copy)
		return err_set(j->e, ERR_NO, "out of memory");
	memcpy(copy, &j->m->read_plan.wants[s->span.first], s->span.count * sizeof(*copy));
	*h = (struct held){
		.full = true, .before = before, .profile = j->profile, .space = s->space,
		.addr = s->span.addr, .words = s->span.words, .asked = j->asked,
		.wants = copy, .n = s->span.count, .a = j->a,
	};
	return 0;
}

/* What comes after the last answer of this read shows no second one. */
static int prove_held(struct job *j)
{
	struct held *h = &j->m->held;
	struct request q = modbus_request(j->m, h->space, h->addr, h->asked);

	if (!h->full)
		return 0;
	if (modbus_prove(j->m, h->space, &q, j->e)) {
		h->full = false;
		return -1;
	}
	return settle_held(j);
}

/* The line has failed after the answer that is held. A meter that was silent has not
 * answered twice. */
static void settle_failed(struct job *j)
{
	struct held *h = &j->m->held;

	if (h->full && h->profile == j->profile && j->e && j->e->code == ERR_SILENT
	    && j->m->line.heard.surplus == h->before)
		modbus_read_deliver(j, h->addr, h->wants, h->n, &h->a);
	h->full = false;
	if (h->settled)
		h->settled(h->settled_arg);
	h->settled = NULL;
}

/* S was answered, with registers. BEFORE: the surplus when it was asked for. */
static int modbus_read_take_answer(struct job *j, const struct read_plan_span *s, unsigned long before)
{
	struct modbus_link *m = j->m;
	const struct span_want *w = &m->read_plan.wants[s->span.first];
	bool doubt = m->line.heard.surplus != before || heard_shared(&m->line.heard, time_mono_us());
	struct request q = modbus_request(m, s->space, s->span.addr, s->span.words);
	struct answer a = j->a;
	struct err why = { 0 };
	int rc;

	if (settle_held(j))
		return -1;
	if (m->line.private || !doubt) {
		if (!m->line.private)
			return modbus_read_hold(j, s, before);
		modbus_read_deliver(j, s->span.addr, w, s->span.count, &a);
		return 0;
	}
	rc = modbus_make_sure(m, s->space, &q, before, false, &a, &why);
	if (rc == 0 && a.refused) {
		rc = diagnosis_exception(&q, a.exception, &why);
		deliver_failure(j, w, s->span.count, false, &why);
		return 0;
	}
	return give_out(j, s->span.addr, w, s->span.count, &a, rc, &why);
}

/* ---- asking ---------------------------------------------------------------------- */

static struct request request_of(const struct job *j, const struct read_plan_span *s)
{
	return modbus_request(j->m, s->space, s->span.addr, s->span.words);
}

/* The points at both ends of S, which a meter may answer that is silent on all of it. */
static size_t small_parts(const struct job *j, const struct read_plan_span *s, struct request small[2])
{
	const struct span_want *w = &j->m->read_plan.wants[s->span.first];
	size_t last = s->span.count - 1;

	if (s->span.count < 2 || w[0].words >= s->span.words || w[last].words >= s->span.words)
		return 0;
	small[0] = modbus_request(j->m, s->space, w[0].addr, w[0].words);
	small[1] = modbus_request(j->m, s->space, w[last].addr, w[last].words);
	/* of a meter that has answered before, one is enough */
	return j->m->line.stats.replies ? 1 : 2;
}

/*
 * An answer that looks like the one that is held proves nothing: ours to the request
 * before may come late and pass for it, and so on for ever. So Q is asked for with one
 * more point; where there is none, silence comes first. 1: Q is longer; -1: the line has
 * failed.
 */
static int tell_apart(struct job *j, const struct read_plan_span *s, struct request *q)
{
	struct modbus_link *m = j->m;

	if (!m->held.full || m->held.space != s->space || m->held.asked != q->count)
		return 0;
	if (!m->as_planned && confirm_longer(&m->read_plan, s->space, q->addr, q->count, q))
		return 1;
	return prove_held(j);
}

/* J->a is of F: made one of the registers of S. */
static void cut_answer(struct job *j, const struct read_plan_span *s, const struct request *f)
{
	if (!j->a.refused)
		memmove(j->a.regs, j->a.regs + (s->span.addr - f->addr), s->span.words * sizeof(*j->a.regs));
}

enum fetched { FETCHED, FETCHED_REFUSED, FETCHED_SILENT, FETCHED_NOT };

/* Asks for S. FETCHED_SILENT: the meter is there, and silent on this. FETCHED_NOT and
 * J->e: the line failed. */
static enum fetched modbus_read_ask(struct job *j, const struct read_plan_span *s, unsigned long *before)
{
	struct modbus_link *m = j->m;
	struct request q = request_of(j, s), small[2];
	size_t nsmall = j->dividing ? 0 : small_parts(j, s, small);
	struct err why = { 0 };
	int rc = tell_apart(j, s, &q), longer = rc > 0;

	if (rc < 0)
		return FETCHED_NOT;
	*before = m->line.heard.surplus;
	rc = modbus_ask(m, &q, small, nsmall, &j->a, &why);
	if (longer && rc == 0 && j->a.refused) {
		/* its neighbour may be to blame */
		m->as_planned = true;
		return modbus_read_ask(j, s, before);
	}
	j->asked = q.count;
	if (rc > 0) {
		m->good = small[0];
		return FETCHED_SILENT;
	}
	if (rc == 0 && j->a.refused && modbus_make_sure(m, s->space, &q, *before, false, &j->a, &why))
		rc = -1;
	if (rc == 0 && j->a.refused)
		return FETCHED_REFUSED;
	if (rc == 0) {
		m->good = q;
		cut_answer(j, s, &q);
		return FETCHED;
	}
	if (j->dividing && why.code == ERR_SILENT && m->line.fd >= 0) {
		m->line.failures = 0;
		m->line.next_try_us = 0;
		return FETCHED_SILENT;
	}
	if (j->e)
		*j->e = why;
	return FETCHED_NOT;
}

static int modbus_read_fetch(struct job *j, const struct read_plan_span *s, unsigned *refused);

/* Reads the wants of S without the registers between them. */
static int fetch_without_holes(struct job *j, const struct read_plan_span *s, unsigned *refused)
{
	struct read_plan_span *parts = calloc(s->span.count, sizeof(*parts));
	int rc = 0;
	size_t n;

	if (!parts)
		return err_set(j->e, ERR_NO, "out of memory");
	read_plan_ban_holes(&j->m->read_plan, s);
	n = read_plan_without_holes(&j->m->read_plan, s, parts);
	line_note(&j->m->line, "0x%04X+%u refused: read again without the registers between",
		  s->span.addr, s->span.words);
	for (size_t i = 0; i < n && !rc; i++)
		rc = modbus_read_fetch(j, &parts[i], refused);
	free(parts);
	return rc;
}

/* Does the meter give the COUNT registers from ADDR in one read? 1, 0, or -1. */
static int gives(struct job *j, enum space space, uint16_t addr, uint16_t count)
{
	struct read_plan_span s = { .space = space, .span = { .addr = addr, .words = count } };
	unsigned long before;

	switch (modbus_read_ask(j, &s, &before)) {
	case FETCHED:
		return 1;
	case FETCHED_NOT:
		return -1;
	default:
		return 0;
	}
}

/* S is not given, and its parts on both sides of EDGE are, GIVEN registers at most: how
 * many are given at once? */
static int learn_most(struct job *j, const struct read_plan_span *s, uint16_t given)
{
	struct modbus_link *m = j->m;
	uint16_t most = given, over = s->span.words;

	while (most + 1 < over) {
		uint16_t half = (uint16_t)((most + over) / 2);
		int rc = gives(j, s->space, s->span.addr, half);

		if (rc < 0)
			return -1;
		if (rc)
			most = half;
		else
			over = half;
	}
	read_plan_learn_most(&m->read_plan, s->space, most);
	snprintf(m->learned, sizeof(m->learned),
		 "this meter answers at most %u registers a read: read: {most: %u}", most, most);
	line_note(&m->line, "%s", m->learned);
	return 0;
}

/* Both parts of S, before and from EDGE on, were given, and S was not: for the crossing
 * of that edge, or for its length? */
static int modbus_read_learn(struct job *j, const struct read_plan_span *s, const struct read_plan_span *low,
			     const struct read_plan_span *high)
{
	struct read_plan *p = &j->m->read_plan;
	const struct span_want *before = &p->wants[low->span.first + low->span.count - 1];
	const struct span_want *behind = &p->wants[high->span.first];
	uint16_t across = (uint16_t)(behind->addr + behind->words - before->addr);
	int rc = 0;

	if (across < low->span.words && across < high->span.words)
		rc = gives(j, s->space, before->addr, across);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		read_plan_cut(p, s->space, high->span.addr);
		return 0;
	}
	/* it may have been lost for once */
	rc = gives(j, s->space, s->span.addr, s->span.words);
	if (rc)
		return rc < 0 ? -1 : 0;
	return learn_most(j, s, low->span.words > high->span.words ? low->span.words : high->span.words);
}

/* The meter refuses S, or is silent on it: not on all of it, as a rule. Halves it at a
 * point's edge. */
static int divide(struct job *j, const struct read_plan_span *s, bool silent, unsigned *refused)
{
	struct read_plan *p = &j->m->read_plan;
	size_t at = read_plan_divide(p, s);
	bool outer = j->dividing;
	unsigned bad = 0;
	int rc;

	if (at == 0) {
		if (silent)
			read_plan_deaf(p, s, time_mono_us());
		else
			read_plan_refuse(p, s, j->a.exception, time_mono_us());
		deliver_refusal(j, s, silent, j->a.exception);
		(*refused)++;
		return 0;
	}
	struct read_plan_span low = read_plan_part(p, s, 0, at);
	struct read_plan_span high = read_plan_part(p, s, at, s->span.count - at);

	line_note(&j->m->line, "0x%04X+%u %s: read in two parts, from 0x%04X", s->span.addr,
		  s->span.words, silent ? "not answered" : "refused", high.span.addr);
	j->dividing = true;
	j->m->line.brisk = j->m->line.stats.replies > 0;
	rc = modbus_read_fetch(j, &low, &bad);
	if (!rc)
		rc = modbus_read_fetch(j, &high, &bad);
	if (!rc && !bad && s->span.words <= read_plan_most(p, s->space))
		rc = modbus_read_learn(j, s, &low, &high);
	j->dividing = outer;
	j->m->line.brisk = outer && j->m->line.brisk;
	*refused += bad;
	return rc;
}

static bool divides(uint8_t code)
{
	return code == EXCEPTION_FUNCTION || code == EXCEPTION_ADDRESS
	    || code == EXCEPTION_COUNT || code == EXCEPTION_FAILURE;
}

/* More than the meter is known to give at once. */
static int fetch_halves(struct job *j, const struct read_plan_span *s, size_t at, unsigned *refused)
{
	struct read_plan_span low = read_plan_part(&j->m->read_plan, s, 0, at);
	struct read_plan_span high = read_plan_part(&j->m->read_plan, s, at, s->span.count - at);

	return modbus_read_fetch(j, &low, refused) ? -1 : modbus_read_fetch(j, &high, refused);
}

/* As gives(), of a meter that may well be silent on it. */
static int gives_briskly(struct job *j, enum space space, uint16_t addr, uint16_t count)
{
	int rc;

	j->dividing = j->m->line.brisk = true;
	rc = gives(j, space, addr, count);
	j->dividing = j->m->line.brisk = false;
	return rc;
}

/* The meter was found silent on something since BEGAN_US: then it has to answer what it
 * answered before. */
static int still_there(struct job *j, int64_t began_us)
{
	struct modbus_link *m = j->m;
	int rc;

	if (!read_plan_deaf_since(&m->read_plan, began_us))
		return 0;
	rc = gives_briskly(j, m->good.function == FUNCTION_INPUT ? SPACE_INPUT : SPACE_HOLDING,
			   m->good.addr, m->good.count);
	if (rc > 0)
		return 0;
	read_plan_forgive_since(&m->read_plan, began_us);
	return rc < 0 ? -1 : diagnosis_trouble(&m->line.target, &(struct trouble){ .tries = 2, .silent = 2 }, j->e);
}

/* Why S, or a part of it, is not given is found out. What then looks deaf may be a meter
 * that has just fallen silent. */
static int find_out(struct job *j, const struct read_plan_span *s, bool silent, unsigned *refused)
{
	struct modbus_link *m = j->m;
	int64_t began_us = time_mono_us();
	int rc = read_plan_has_holes(&m->read_plan, s) ? fetch_without_holes(j, s, refused)
					       : divide(j, s, silent, refused);

	return rc || j->dividing ? rc : still_there(j, began_us);
}

static int modbus_read_fetch(struct job *j, const struct read_plan_span *s, unsigned *refused)
{
	struct read_plan *p = &j->m->read_plan;
	size_t at = s->span.words > read_plan_most(p, s->space) ? read_plan_divide(p, s) : 0;
	const struct read_plan_refused *known = read_plan_refusal(p, s);
	unsigned long before;
	bool silent = false;

	if (known && time_mono_us() - known->at_us < READ_PLAN_FORGIVE_US) {
		deliver_refusal(j, s, known->silent, known->code);
		(*refused)++;
		return 0;
	}
	if (at)
		return fetch_halves(j, s, at, refused);
	switch (modbus_read_ask(j, s, &before)) {
	case FETCHED:
		if (known)
			read_plan_forgive(p, s);
		return modbus_read_take_answer(j, s, before);
	case FETCHED_NOT:
		return -1;
	case FETCHED_SILENT:
		silent = true;
		break;
	case FETCHED_REFUSED:
		break;
	}
	if (settle_held(j))
		return -1;
	if (silent || divides(j->a.exception))
		return find_out(j, s, silent, refused);
	deliver_refusal(j, s, false, j->a.exception);
	(*refused)++;
	return 0;
}

/* Was the meter silent on S the last time, and is it time to ask again? */
static bool doubts_deaf(const struct job *j, const struct read_plan_span *s, int64_t began_us)
{
	const struct read_plan_refused *r = read_plan_refusal(&j->m->read_plan, s);

	return r && r->silent && began_us - r->at_us >= READ_PLAN_FORGIVE_US;
}

/* What the meter was silent on may cost time again, so it comes last; and of a meter
 * that answers, it is a matter of these registers alone. */
static int fetch_deaf(struct job *j, int64_t began_us, unsigned *refused)
{
	struct modbus_link *m = j->m;
	int rc = 0;

	j->dividing = m->line.brisk = m->good.count > 0;
	for (size_t i = 0; i < m->read_plan.nspans && !rc; i++)
		if (doubts_deaf(j, &m->read_plan.spans[i], began_us))
			rc = modbus_read_fetch(j, &m->read_plan.spans[i], refused);
	j->dividing = m->line.brisk = false;
	return rc ? rc : still_there(j, began_us);
}

static int fetch_all(struct job *j, unsigned *refused)
{
	struct modbus_link *m = j->m;
	int64_t began_us = time_mono_us();
	bool deaf = false;
	int rc = 0;

	for (size_t i = 0; i < m->read_plan.nspans && !rc; i++) {
		if (doubts_deaf(j, &m->read_plan.spans[i], began_us))
			deaf = true;
		else
			rc = modbus_read_fetch(j, &m->read_plan.spans[i], refused);
	}
	return rc || !deaf ? rc : fetch_deaf(j, began_us, refused);
}

/* The meter gave so many registers at once on another day, and no more: is that still so? */
static void try_more(struct job *j)
{
	struct modbus_link *m = j->m;
	struct request more;
	enum space space = m->good.function == FUNCTION_INPUT ? SPACE_INPUT : SPACE_HOLDING;
	uint16_t most = m->read_plan.most[space];

	if (!known_doubts_most(m, space) || m->good.count < 1)
		return;
	/* a longer read than it gave then */
	read_plan_learn_most(&m->read_plan, space, 0);
	more = m->good;
	while (more.count <= most)
		if (!confirm_longer(&m->read_plan, space, more.addr, more.count, &more)) {
			read_plan_learn_most(&m->read_plan, space, most);
			return;
		}
	m->tried_most = true;
	/* all that was wanted is there: a line that fails now says so the next time */
	j->e = NULL;
	if (gives_briskly(j, space, more.addr, more.count) <= 0)
		read_plan_learn_most(&m->read_plan, space, most);
}

int modbus_read_points(struct link *l, const struct profile *profile, const uint16_t *idx,
		       size_t n, link_sink *sink, void *arg, struct err *e)
{
	struct modbus_link *m = (struct modbus_link *)l;
	struct job j = { .m = m, .profile = profile, .sink = sink, .arg = arg, .e = e };
	unsigned refused = 0;
	int rc = 0;

	known_profile(m, profile);
	if (read_plan_make(&m->read_plan, profile, idx, n, line_cost(&m->line), e))
		return -1;
	rc = fetch_all(&j, &refused);
	if (rc) {
		/* the line has failed, so nothing proves what is held */
		settle_failed(&j);
		return -1;
	}
	if (m->held.full && l->more) {
		m->held.settled = l->settled;
		m->held.settled_arg = l->settled_arg;
		l->settled = NULL;
		return 0;
	}
	if (prove_held(&j))
		return -1;
	try_more(&j);
	return 0;
}
