/*
 * fuzz_splitter.c - any bytes in any lumps: all of them come out again, in their order, each
 * once; what is called a frame has the check of one.
 */
#include <stdio.h>

#include "base/crc16.h"
#include "learn/draft.h"
#include "modbus/named.h"
#include "modbus/splitter.h"
#include "modbus/traffic.h"
#include "fuzz.h"

#define TALK 1600

/* Some bytes as they are, some frames that would be right. */
static size_t fuzz_talk(struct input *in, uint8_t *buf)
{
	static const uint8_t functions[] = { 1, 3, 4, 5, 6, 16, 23, 0x83, 0x20, 0x2B };
	size_t n = 0;

	while (in->n > 0 && n + 300 < TALK) {
		unsigned how = take(in);
		size_t len = how & 0x80 ? how & 0x7F : 3 + (how & 7), from = n;

		for (size_t i = 0; i < len; i++)
			buf[n++] = (uint8_t)take(in);
		if (how & 0x40)
			continue;
		if (len > 1) {
			buf[from] %= 4;
			buf[from + 1] = functions[buf[from + 1] % sizeof(functions)];
		}
		n = from + crc16_append(buf + from, len);
	}
	return n;
}

/* What `learn` makes of it: a claim has room in a draft, whatever was said. */
static struct learn learn;

static void fuzz_learn_begin(void)
{
	static const char *const values[][2] = {
		{ "network.apn", "ab" }, { "network.broker.host", "0.0.1.3" }, { "network.broker.port", "3" },
		{ "network.upload_interval", "180" },
	};
	struct err e;

	HOLDS(learn_init(&learn, &e) == 0);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		HOLDS(learn_want(&learn, values[i][0], values[i][1], i == 3, i == 3 ? 86400 : 0, i == 0, &e) == 0);
}

static void fuzz_learn_end(void)
{
	static FILE *nowhere;
	struct learn_found found[LEARN_WANTS];
	struct draft d = { .base = profile_builtin(0), .learn = &learn, .found = found, .name = "x", .date = "y" };

	nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
	HOLDS(nowhere);
	for (size_t i = 0; i < learn.nwants; i++) {
		const struct learn_place *p = &found[i].place;

		learn_find(&learn, i, &found[i]);
		HOLDS(found[i].state != LEARN_FOUND || (p->words >= 1 && p->words <= FORM_WORDS && p->addr + p->words <= 65536));
	}
	learn_around(&learn, found, &d.around);
	draft_write(&d, nowhere);
	learn_release(&learn);
}

static void take_cut(const struct cut *c, const uint8_t *talk, size_t n, size_t *at)
{
	static struct traffic traffic;
	struct named items[READ_MAX];
	uint16_t regs[READ_MAX];
	uint8_t bytes[2 * SPLITTER_LUMP + FRAME_MAX];
	size_t named;

	HOLDS(c->n > 0 && *at + c->n <= n);
	HOLDS(memcmp(c->bytes, talk + *at, c->n) == 0);
	HOLDS(c->from_us <= c->at_us);
	*at += c->n;
	traffic_take(&traffic, c);
	learn_take(&learn, c);
	if (c->kind == CUT_GARBAGE)
		return;
	HOLDS(c->n >= 4 && c->n <= 256 && crc_of(c->bytes, c->n) == 0);
	named = named_of(profile_builtin(0), c, regs, items);
	HOLDS(named <= READ_MAX);
	for (size_t i = 0; i < named; i++)
		HOLDS(items[i].words > 0 && items[i].addr >= c->about.addr);
	memcpy(bytes, c->bytes, c->n);
	named_redact(profile_builtin(0), c, bytes);
}

void fuzz_splitter(struct input in)
{
	static struct splitter s;
	uint8_t talk[TALK];
	size_t n, fed = 0, at = 0;
	unsigned seed = take_word(&in);
	int64_t now = 1000000;
	struct cut c;

	memset(&s, 0, sizeof(s));
	fuzz_learn_begin();
	n = fuzz_talk(&in, talk);
	while (fed < n) {
		size_t lump = 1 + seed % SPLITTER_LUMP;

		lump = lump < n - fed ? lump : n - fed;
		now += seed % 7 * 30000;
		while (splitter_next(&s, now, &c))
			take_cut(&c, talk, n, &at);
		splitter_feed(&s, talk + fed, lump, now);
		fed += lump;
		while (splitter_next(&s, now, &c))
			take_cut(&c, talk, n, &at);
		HOLDS(splitter_due_us(&s, now) > now);
		seed = seed * 1103515245U + 12345U;
	}
	while (splitter_next(&s, INT64_MAX, &c))
		take_cut(&c, talk, n, &at);
	HOLDS(at == n);
	fuzz_learn_end();
}
