#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "discover_own.h"
#include "exchange.h"

#define QUIET_AMONG_US 60000	/* where another master speaks: silence before a request, */
#define QUIET_MOST_US 1000000	/* and how long it is waited for */

static int discover_lost(struct discover *d, struct err *e)
{
	return diagnosis_gone(&d->line.target, e);
}

/* Among others: not into their frames. */
static int discover_give_way(struct discover *d, struct err *e)
{
	enum outcome o = OUTCOME_SILENT;

	if (d->o->intrude && d->last_byte_us)
		o = exchange_quiet(&d->line, QUIET_AMONG_US, QUIET_MOST_US, false);
	if (o == OUTCOME_LOST)
		return discover_lost(d, e);
	return o == OUTCOME_CANCELLED ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

static void discover_show(struct discover *d, const struct request *q)
{
	struct frame f = { .kind = d->seen.replies == 1 ? FRAME_ANSWER : FRAME_CORRUPT, .len = d->n, .note = "" };

	if (d->seen.replies && d->seen.refused)
		f.kind = FRAME_EXCEPTION, f.code = d->seen.exception;
	else if (d->n && !d->seen.replies)
		f.note = d->seen.other ? "reply of another unit" : "no reply to the request";
	exchange_show(&d->line, q, &f, d->buf, d->n);
}

/* Whatever comes is taken and judged: more than one may reply. */
static int discover_ask_all(struct discover *d, const struct request *q, int64_t wait_us, struct err *e)
{
	struct line *l = &d->line;
	enum outcome o = exchange_gather(l, q, wait_us, d->one_reply, d->buf, sizeof(d->buf), &d->n, &d->latency_us);

	if (o == OUTCOME_LOST)
		return discover_lost(d, e);
	exchange_sight(l, q, d->buf, d->n, &d->seen);
	discover_show(d, q);
	return 0;
}

/* Of a read, Modbus TCP tells by itself whose reply it is. A gateway's own exceptions are no meter. */
static int discover_ask_tcp(struct discover *d, const struct request *q, int64_t wait_us, struct err *e)
{
	struct trouble b = { .tries = 1 };
	enum outcome o;

	d->seen = (struct sighting){ 0 };
	o = exchange(&d->line, q, wait_us, &d->answer, &b);
	if (o == OUTCOME_LOST)
		return discover_lost(d, e);
	if (o == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (o != OUTCOME_ANSWER)
		return 0;
	d->latency_us = d->answer.latency_us;
	d->seen.replies = 1;
	d->seen.unit = q->unit;
	d->seen.refused = d->answer.refused;
	d->seen.exception = d->answer.exception;
	for (size_t i = 0; i < q->count; i++) {
		d->data[2 * i] = (uint8_t)(d->answer.regs[i] >> 8);
		d->data[2 * i + 1] = (uint8_t)d->answer.regs[i];
	}
	d->seen.data = d->data;
	d->seen.ndata = 2U * q->count;
	return 0;
}

int discover_ask(struct discover *d, const struct request *q, int64_t wait_us, struct err *e)
{
	if (line_pause(&d->line, d->given->pause_ms * 1000LL, e) || discover_give_way(d, e))
		return -1;
	d->asked_us[q->unit] = time_mono_us();
	if (target_frames_tcp(&d->line.target) && q->function <= FUNCTION_INPUT ? discover_ask_tcp(d, q, wait_us, e)
									       : discover_ask_all(d, q, wait_us, e))
		return -1;
	if (d->seen.other || d->seen.master || d->seen.garbage >= SIGHTING_NOISE)
		d->last_byte_us = time_mono_us();
	return 0;
}
