#include "broadcast.h"

#include "base/time.h"
#include "exchange.h"
#include "diagnosis.h"

#define SILENCE_US 1000000	/* heard on the line before it is asked */
#define LISTEN_US 10000000	/* how long that silence is waited for */
#define PAUSE_US 1000000	/* before a caller is told again why not */

/* Remembers why, for whoever asks again. Returns -1. */
static int fail(struct line *l, struct err *e)
{
	l->broadcast = true;
	l->broadcast_err = *e;
	return -1;
}

/* The reply is sound: whose is it? */
static void broadcast_take(struct line *l, const struct frame *f, const uint8_t *reply,
			   const struct request *q, struct answer *a)
{
	a->mono_us = l->quiet_us;
	a->at_us = time_wall_us() - (time_mono_us() - l->quiet_us);
	a->refused = f->kind == FRAME_EXCEPTION;
	a->exception = f->code;
	l->stats.replies++;
	if (f->kind == FRAME_EXCEPTION)
		l->stats.exceptions++;
	else
		frame_registers(reply + 3, q->count, a->regs);
	l->target.unit = f->unit;
	if (f->unit)
		line_remark(l, "unit 0 (broadcast read): reply from unit address %u (use unit=%u)", f->unit, f->unit);
	else
		line_remark(l, "unit 0 (broadcast read): the reply carries unit address 0, not the meter's own");
	/* should anything be asked of 0 again */
	err_set(&l->broadcast_err, ERR_DENIED, "unit address 0 is read once only (use the meter's own address, unit=1 to %d)", UNIT_MAX);
}

static int broadcast_judge(struct line *l, const struct request *q, const uint8_t *buf, size_t n,
			   struct answer *a, struct err *e)
{
	struct frame f = frame_scan_broadcast(q, buf, n);
	char where[160];

	exchange_show(l, q, &f, buf, n);
	if (f.kind == FRAME_ANSWER || f.kind == FRAME_EXCEPTION) {
		broadcast_take(l, &f, buf + f.junk, q, a);
		return 0;
	}
	diagnosis_where(&l->target, where, sizeof(where));
	if (f.kind == FRAME_MORE) {
		l->stats.timeouts++;
		err_set(e, ERR_SILENT, "no reply to a read of unit address 0 at %s (many meters do not reply to it; check power, wires A and B, baud rate and parity)", where);
	} else {
		l->stats.corrupt++;
		err_set(e, ERR_FOREIGN, "more than one meter replied to unit address 0 at %s, or the reply is damaged (leave one meter on the line and no other master, then repeat)", where);
	}
	return fail(l, e);
}

int broadcast_read(struct line *l, const struct request *q, struct answer *a, struct err *e)
{
	uint8_t buf[FRAME_BUFFER];
	enum outcome o = OUTCOME_LOST;
	size_t n = 0;
	char where[160];

	if (l->broadcast) {
		if (line_pause(l, PAUSE_US, e))
			return -1;
		*e = l->broadcast_err;
		return -1;
	}
	if (l->fd >= 0)
		o = exchange_silence(l, SILENCE_US, time_mono_us() + LISTEN_US);
	if (o == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (o == OUTCOME_CORRUPT) {
		diagnosis_where(&l->target, where, sizeof(where));
		return err_set(e, ERR_FOREIGN, "unit address 0 not read: no silence of %d s at %s (another master is on the line: disconnect it)",
			       SILENCE_US / 1000000, where);
	}
	if (o == OUTCOME_SILENT) {
		l->broadcast = true;
		o = exchange_gather(l, q, pace_timeout_us(&l->pace, true), false, buf, sizeof(buf), &n, NULL);
	}
	if (o == OUTCOME_LOST) {
		diagnosis_gone(&l->target, e);
		return fail(l, e);
	}
	return broadcast_judge(l, q, buf, n, a, e);
}
