#include "traffic.h"

#include <math.h>

#include "base/text.h"

#define RHYTHM_TIMES 8		/* times that a poll was seen, before it has a rhythm */
#define RHYTHM_STEADY 0.1	/* of its time from one to the next */
#define RHYTHM_APART 0.15	/* from a multiple of the other's, of one of its times */

static struct traffic_poll *poll_of(struct traffic *t, const struct request *q)
{
	for (size_t i = 0; i < t->npolls; i++) {
		struct traffic_poll *p = &t->polls[i];

		if (p->unit == q->unit && p->function == q->function && p->addr == q->addr && p->count == q->count)
			return p;
	}
	if (t->npolls == TRAFFIC_POLLS)
		return NULL;
	t->polls[t->npolls] = (struct traffic_poll){
		.unit = q->unit, .function = q->function, .addr = q->addr, .count = q->count,
	};
	return &t->polls[t->npolls++];
}

/* A running mean and its spread (Welford, Technometrics 4, 1962). */
static void poll_take(struct traffic_poll *p, int64_t at_us)
{
	if (p->times++ > 0) {
		double step = (double)(at_us - p->last_us), off = step - p->mean_us;

		p->mean_us += off / (double)(p->times - 1);
		p->spread += off * (step - p->mean_us);
	}
	p->last_us = at_us;
}

static void take_request(struct traffic *t, const struct cut *c)
{
	struct traffic_unit *u = &t->units[c->unit];
	struct traffic_poll *p = c->addressed && !c->repeated ? poll_of(t, &c->about) : NULL;

	if (u->requests++ == 0)
		u->first_us = c->at_us;
	u->last_us = c->at_us;
	u->repeated += c->repeated;
	u->asked_us = c->at_us;
	t->crowded += c->early;
	if (p)
		poll_take(p, c->at_us);
}

static void take_reply(struct traffic *t, const struct cut *c)
{
	struct traffic_unit *u = &t->units[c->unit];

	u->unasked += !c->paired;
	t->crowded += c->late;
	u->asked_us = 0;
	if (c->function & 0x80)
		u->exceptions++;
	else
		u->replies++;
	if (!c->paired || c->ambiguous)
		return;
	if (u->waits == 0 || c->wait_us < u->wait_least_us)
		u->wait_least_us = c->wait_us;
	if (u->waits == 0 || c->wait_us > u->wait_most_us)
		u->wait_most_us = c->wait_us;
	u->waits++;
	u->wait_sum_us += c->wait_us;
}

void traffic_take(struct traffic *t, const struct cut *c)
{
	if (!t->first_us)
		t->first_us = c->from_us;
	t->last_us = c->at_us;
	if (c->kind == CUT_GARBAGE) {
		t->garbage++;
		t->garbage_bytes += c->n;
		return;
	}
	t->frames++;
	if (c->kind == CUT_REPLY || c->paired)
		take_reply(t, c);
	else
		take_request(t, c);
}

unsigned long traffic_silent(const struct traffic_unit *u, int64_t now_us)
{
	unsigned long answered = u->replies + u->exceptions - u->unasked;
	bool due = u->asked_us && now_us - u->asked_us < SPLITTER_DUE_US;

	return u->requests > answered + due ? u->requests - answered - due : 0;
}

double traffic_rate(const struct traffic_unit *u)
{
	return u->last_us > u->first_us ? (double)(u->requests - 1) * 1e6 / (double)(u->last_us - u->first_us) : 0;
}

static bool poll_steady(const struct traffic_poll *p)
{
	return p->times >= RHYTHM_TIMES && sqrt(p->spread / (double)(p->times - 1)) < RHYTHM_STEADY * p->mean_us;
}

/* A master with a fast and a slow list asks for the slow one each so many rounds. */
static bool polls_apart(const struct traffic_poll *a, const struct traffic_poll *b)
{
	double ratio = a->mean_us < b->mean_us ? b->mean_us / a->mean_us : a->mean_us / b->mean_us;

	return fabs(ratio - round(ratio)) > RHYTHM_APART;
}

bool traffic_two_rhythms(const struct traffic *t, const struct traffic_poll **a, const struct traffic_poll **b)
{
	for (size_t i = 0; i < t->npolls; i++)
		for (size_t k = i + 1; k < t->npolls && poll_steady(&t->polls[i]); k++)
			if (poll_steady(&t->polls[k]) && polls_apart(&t->polls[i], &t->polls[k])) {
				*a = &t->polls[i];
				*b = &t->polls[k];
				return true;
			}
	return false;
}

static void say_poll(const struct traffic_poll *p, char *buf, size_t size, size_t *at)
{
	text_append(buf, size, at, "unit %u register 0x%04X every %.2f s", p->unit, p->addr, p->mean_us / 1e6);
}

const char *traffic_second_master(const struct traffic *t, char *buf, size_t size)
{
	const struct traffic_poll *a, *b;
	size_t at = 0;

	buf[0] = '\0';
	if (t->crowded >= TRAFFIC_CROWDED)
		text_append(buf, size, &at, "%lu times a request was sent while the reply to another was due", t->crowded);
	if (traffic_two_rhythms(t, &a, &b)) {
		text_append(buf, size, &at, "%stwo polling rhythms: ", at ? "; " : "");
		say_poll(a, buf, size, &at);
		text_append(buf, size, &at, ", ");
		say_poll(b, buf, size, &at);
	}
	return buf;
}
