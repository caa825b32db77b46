#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "diagnosis.h"
#include "discover_own.h"
#include "exchange.h"
#include "profile/codec.h"
#include "profile/identify.h"

#define SERIAL "meter.serial"

struct identify_meter {
	struct discover *discover;
	struct discover_meter *meter;
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

/* For identify_find(). */
static int identify_fetch_seen(void *arg, const struct identify *r, const uint8_t **data, size_t *n, struct err *e)
{
	struct identify_meter *i = arg;
	struct request q = identify_request(r, (uint8_t)i->meter->target.unit);

	if (identify_read(i->discover, &q, e))
		return -1;
	*data = i->discover->seen.data;
	*n = i->discover->seen.replies && !i->discover->seen.refused ? i->discover->seen.ndata : 0;
	return 0;
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

int discover_identify(struct discover *d, struct discover_meter *m, struct err *e)
{
	struct identify_meter i = { d, m };
	struct identify_search s = {
		.profiles = d->o->profiles, .nprofiles = d->o->nprofiles, .fetch = identify_fetch_seen, .arg = &i,
	};
	struct identified found;
	int rc;

	identify_describe(d, m);
	if (!d->seen.refused && d->seen.ndata == 2 * DISCOVER_WORDS) {
		s.nfirst = DISCOVER_WORDS;
		frame_registers(d->seen.data, DISCOVER_WORDS, s.first);
	}
	/* waiting for a second reply to each read would take as long as the reads */
	d->one_reply = !m->doubled;
	rc = identify_find(&s, &found, e);
	if (rc > 0) {
		m->profile = found.profile;
		m->model = found.model;
		rc = identify_serial(d, m, e);
	}
	d->one_reply = false;
	return rc;
}
