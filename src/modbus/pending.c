#include "pending.h"

#include <string.h>

void pending_clear(struct pending *o)
{
	o->n = 0;
}

static void pending_drop(struct pending *o, size_t n)
{
	o->n -= n;
	memmove(&o->open[0], &o->open[n], o->n * sizeof(o->open[0]));
}

/* The I-th has been answered: of its unit nothing asked before will come. */
static void modbus_pending_settle(struct pending *o, size_t i)
{
	uint8_t unit = o->open[i].q.unit;
	size_t kept = 0;

	for (size_t k = 0; k < o->n; k++)
		if (k > i || o->open[k].q.unit != unit)
			o->open[kept++] = o->open[k];
	o->n = kept;
}

void pending_numbered(struct pending *o, const struct request *q, uint16_t transaction, int64_t now_us)
{
	if (o->n == PENDING_MAX)
		pending_drop(o, 1);
	o->open[o->n].q = *q;
	o->open[o->n].transaction = transaction;
	o->open[o->n++].sent_us = now_us;
}

void pending_sent(struct pending *o, const struct request *q, int64_t now_us)
{
	pending_numbered(o, q, 0, now_us);
}

void pending_expire(struct pending *o, int64_t now_us)
{
	while (o->n > 0 && now_us - o->open[0].sent_us > PENDING_US)
		pending_drop(o, 1);
}

static bool looks_like(const struct request *a, const struct request *b)
{
	return a->unit == b->unit && a->function == b->function && a->count == b->count
	    && (a->addr == b->addr || !request_writes(a));
}

/* Might what answers OPEN be taken for an answer to Q, and wrongly so? */
static bool mistakable(const struct request *open, const struct request *q)
{
	if (request_writes(q))
		return open->unit == q->unit && request_writes(open);
	return looks_like(open, q) && !request_same(open, q);
}

bool pending_ambiguous(const struct pending *o, const struct request *q)
{
	for (size_t i = 0; i < o->n; i++)
		if (mistakable(&o->open[i].q, q))
			return true;
	return false;
}

struct request pending_marker(const struct pending *o, const struct request *q)
{
	struct request m = *q;

	if (request_writes(q))
		m.function = FUNCTION_HOLDING;
	/* PENDING_MAX open requests cannot take up all of these lengths */
	for (m.count = 1; m.count <= PENDING_MAX + 1; m.count++) {
		size_t i = 0;

		while (i < o->n && !looks_like(&o->open[i].q, &m))
			i++;
		if (i == o->n && m.count != q->count)
			break;
	}
	if (m.addr > UINT16_MAX - m.count)
		m.addr = (uint16_t)(UINT16_MAX - m.count);
	return m;
}

bool pending_answered(struct pending *o, const struct request *like)
{
	for (size_t i = 0; i < o->n; i++)
		if (looks_like(&o->open[i].q, like)) {
			modbus_pending_settle(o, i);
			return true;
		}
	return false;
}

bool pending_refusable(const struct pending *o, uint8_t unit, uint8_t function)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->open[i].q.unit == unit && o->open[i].q.function == function)
			return true;
	return false;
}

const struct request *pending_of(const struct pending *o, uint16_t transaction, int64_t *sent_us)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->open[i].transaction == transaction) {
			*sent_us = o->open[i].sent_us;
			return &o->open[i].q;
		}
	return NULL;
}

void pending_settle(struct pending *o, uint16_t transaction)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->open[i].transaction != transaction)
			o->open[kept++] = o->open[i];
	o->n = kept;
}

bool pending_refused(struct pending *o, const struct request *q)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct request *open = &o->open[i].q;

		if (open->unit == q->unit && open->function == q->function) {
			bool ours = request_same(open, q);

			modbus_pending_settle(o, i);
			return ours;
		}
	}
	return true;
}
