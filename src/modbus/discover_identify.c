#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "diagnosis.h"
#include "discover_own.h"
#include "exchange.h"
#include "profile/codec.h"
#include "profile/identify.h"

#define SERIAL "meter.serial"

/* The registers of the first read: words 0 if it was refused. */
struct first_reply {
	uint16_t regs[DISCOVER_WORDS];
	uint16_t words;
};

/* Long enough for this meter, which has just replied; exchanges here are few. What stands between
 * may hand over a reply when it is whole. */
static int64_t identify_wait_us(const struct discover *d, const struct request *q)
{
	int64_t known = d->s->answer_us[d->at];

	return (known * 2 > 150000 ? known * 2 : 150000)
		+ (int64_t)request_answer_bytes(q) * exchange_char_us(&d->line);
}

/* The longest silence that any model wants before a request: which it is, is not known yet. */
static int64_t identify_pause_us(const struct discover *d)
{
	int64_t most = 0;

	for (size_t i = 0; i < d->o->nprofiles; i++)
		if (d->o->profiles[i]->line_pause_ms > most)
			most = d->o->profiles[i]->line_pause_ms;
	return most * 1000;
}

static int identify_read(struct discover *d, const struct request *q, struct err *e)
{
	for (int tries = 0; tries < 2; tries++) {
		if (line_pause(&d->line, identify_pause_us(d), e) || discover_ask(d, q, identify_wait_us(d, q), e))
			return -1;
		if (d->seen.replies)
			break;
	}
	return 0;
}

static struct request identify_request(const struct identify *r, uint8_t unit)
{
	return (struct request){
		.unit = unit, .function = r->function ? r->function : r->space == SPACE_INPUT ? FUNCTION_INPUT : FUNCTION_HOLDING,
		.addr = r->function ? r->object : r->addr, .count = r->words,
	};
}

static bool identify_matches(const struct discover *d, const struct identify *r)
{
	uint16_t regs[READ_MAX];

	if (!d->seen.replies || d->seen.refused)
		return false;
	if (r->function)
		return identify_bytes(r, d->seen.data, d->seen.ndata);
	if (d->seen.ndata != 2U * r->words)
		return false;
	frame_registers(d->seen.data, r->words, regs);
	return identify_registers(r, regs);
}

/* The serial number of a meter whose profile has one. */
static int identify_serial(struct discover *d, struct discover_meter *m, struct err *e)
{
	int at = profile_find(m->profile, SERIAL);
	const struct point *p = at < 0 ? NULL : &m->profile->points[at];
	struct value v = { 0 };
	uint16_t regs[READ_MAX];
	struct request q;
	struct err why;

	if (!p || p->flags & POINT_SECRET)
		return 0;
	q = (struct request){
		.unit = (uint8_t)m->target.unit, .function = p->space == SPACE_INPUT ? FUNCTION_INPUT : FUNCTION_HOLDING,
		.addr = p->addr, .count = p->words,
	};
	if (identify_read(d, &q, e))
		return -1;
	if (!d->seen.replies || d->seen.refused || d->seen.ndata != 2U * p->words)
		return 0;
	frame_registers(d->seen.data, p->words, regs);
	if (codec_decode(p, regs, &v, &why) == 0)
		codec_format(p, &v, m->id, sizeof(m->id));
	return 0;
}

/* What it has replied to the first read. */
static void identify_describe(const struct discover *d, struct discover_meter *m)
{
	size_t at = 0;

	if (d->seen.refused) {
		snprintf(m->reply, sizeof(m->reply), "exception %02u %s", d->seen.exception,
			 diagnosis_exception_name(d->seen.exception));
		return;
	}
	text_append(m->reply, sizeof(m->reply), &at, "holding 0x0000-0x%04X:", DISCOVER_WORDS - 1);
	for (size_t i = 0; i + 1 < d->seen.ndata; i += 2)
		text_append(m->reply, sizeof(m->reply), &at, " %02X%02X", d->seen.data[i], d->seen.data[i + 1]);
}

/* Does it begin as R's model does, as far as the first read tells? */
static bool identify_begun(const struct identify *r, const struct first_reply *f)
{
	return !r->function && r->space == SPACE_HOLDING && r->addr == 0 && f->words
	    && identify_begins(r, f->regs, f->words);
}

static int identify_by_rule(struct discover *d, struct discover_meter *m, const struct profile *p,
			    const struct identify *r, struct err *e)
{
	struct request q = identify_request(r, (uint8_t)m->target.unit);

	/* what has just been read is not read again */
	if (!(d->last_rule && identify_same_place(d->last_rule, r)) && identify_read(d, &q, e))
		return -1;
	d->last_rule = r;
	if (!identify_matches(d, r))
		return 0;
	m->profile = p;
	m->model = r->model;
	return identify_serial(d, m, e);
}

/* The rules that the first reply speaks for, or those that it tells nothing of. */
static int identify_by_rules(struct discover *d, struct discover_meter *m, const struct first_reply *f,
			     bool begun, struct err *e)
{
	for (size_t i = 0; i < d->o->nprofiles && !m->profile; i++) {
		const struct identify_list *l = &d->o->profiles[i]->identify;

		for (size_t k = 0; k < l->n && !m->profile; k++)
			if (identify_begun(&l->list[k], f) == begun
			    && identify_by_rule(d, m, d->o->profiles[i], &l->list[k], e))
				return -1;
	}
	return 0;
}

int discover_identify(struct discover *d, struct discover_meter *m, struct err *e)
{
	struct first_reply f = { 0 };
	int rc;

	identify_describe(d, m);
	if (!d->seen.refused && d->seen.ndata == 2 * DISCOVER_WORDS) {
		f.words = DISCOVER_WORDS;
		frame_registers(d->seen.data, f.words, f.regs);
	}
	d->last_rule = NULL;
	/* waiting for a second reply to each read would take as long as the reads */
	d->one_reply = !m->doubled;
	rc = identify_by_rules(d, m, &f, true, e);
	if (rc == 0 && !m->profile)
		rc = identify_by_rules(d, m, &f, false, e);
	d->one_reply = false;
	return rc;
}
