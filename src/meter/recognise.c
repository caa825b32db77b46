#include "recognise.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "modbus/frame.h"
#include "profile/codec.h"
#include "profile/value.h"

/* A supply of low voltage, at the meter or behind voltage transformers, and its frequency. */
#define SUPPLY_LEAST_V 40.0
#define SUPPLY_MOST_V 500.0
#define SUPPLY_LEAST_HZ 45.0
#define SUPPLY_MOST_HZ 65.0

struct recognising {
	struct link *link;
	uint8_t buf[LINK_PROBE];
};

static uint8_t recognise_function(enum space s)
{
	return s == SPACE_INPUT ? FUNCTION_INPUT : FUNCTION_HOLDING;
}

/* For identify_find(). */
static int recognise_fetch(void *arg, const struct identify *r, const uint8_t **data, size_t *n, struct err *e)
{
	struct recognising *g = arg;

	*data = g->buf;
	return link_probe(g->link, r->function ? r->function : recognise_function(r->space), r->function ? r->object : r->addr,
			  r->words, g->buf, n, e);
}

/* The first read: is there a meter? */
static int recognise_begin(struct link *l, struct identify_search *s, char reply[RECOGNISE_REPLY], struct err *e)
{
	size_t at = 0;

	if (link_raw_read(l, SPACE_HOLDING, 0, IDENTIFY_FIRST, s->first, e)) {
		if (e->code != ERR_REFUSED)
			return -1;
		snprintf(reply, RECOGNISE_REPLY, "%.*s", (int)strcspn(e->text, "("), e->text);
		reply[strlen(reply) ? strlen(reply) - 1 : 0] = '\0';
		return 0;
	}
	s->nfirst = IDENTIFY_FIRST;
	text_append(reply, RECOGNISE_REPLY, &at, "holding 0x0000-0x%04X:", IDENTIFY_FIRST - 1);
	for (size_t i = 0; i < s->nfirst; i++)
		text_append(reply, RECOGNISE_REPLY, &at, " %04X", s->first[i]);
	return 0;
}

int recognise(struct link *l, const struct recognise *r, struct identified *out, char reply[RECOGNISE_REPLY],
	      struct err *e)
{
	struct recognising g = { .link = l };
	struct identify_search s = { .fetch = recognise_fetch, .arg = &g };
	int rc = recognise_begin(l, &s, reply, e);

	for (size_t i = 0; i < r->nprofiles && *r->known && rc == 0; i++)
		if (strcmp(r->profiles[i]->name, r->known) == 0) {
			s.profiles = &r->profiles[i];
			s.nprofiles = 1;
			rc = identify_find(&s, out, e);
		}
	s.profiles = r->profiles;
	s.nprofiles = r->nprofiles;
	return rc ? rc : identify_find(&s, out, e);
}

/* Is the point KEY of P, if it has one, between LEAST and MOST? 1: it has none, or it is; 0; -1 and E. */
static int recognise_between(struct recognising *g, const struct profile *p, const char *key, double least, double most,
			     struct err *e)
{
	int idx = profile_find(p, key);
	const struct point *q = idx < 0 ? NULL : &p->points[idx];
	uint16_t regs[VALUE_WORDS];
	struct value v;
	struct err why;
	size_t n;

	if (!q)
		return 1;
	if (codec_is_scaled(q))
		return 0;
	if (link_probe(g->link, recognise_function(q->space), q->addr, q->words, g->buf, &n, e))
		return -1;
	if (n != 2U * q->words)
		return 0;
	for (size_t i = 0; i < q->words; i++)
		regs[i] = (uint16_t)(g->buf[2 * i] << 8 | g->buf[2 * i + 1]);
	return codec_decode(q, regs, &v, &why) == 0 && v.kind == VALUE_NUMBER && v.num >= least && v.num <= most;
}

int recognise_likely(struct link *l, const struct recognise *r, char *buf, size_t size, struct err *e)
{
	struct recognising g = { .link = l };
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < r->nprofiles; i++) {
		const struct profile *p = r->profiles[i];
		int rc = p->identify.n || profile_find(p, "voltage.a") < 0 ? 0
		       : recognise_between(&g, p, "voltage.a", SUPPLY_LEAST_V, SUPPLY_MOST_V, e);

		if (rc > 0)
			rc = recognise_between(&g, p, "frequency", SUPPLY_LEAST_HZ, SUPPLY_MOST_HZ, e);
		if (rc < 0)
			return -1;
		if (rc > 0)
			text_append(buf, size, &at, "%s%s", at ? ", " : "", p->name);
	}
	return 0;
}
