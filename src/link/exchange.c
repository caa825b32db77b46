#include "exchange.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../value.h"
#include "veil.h"

/* A line on which somebody talks without a pause is not waited for longer. */
#define CHATTER_US 200000

static bool is_tcp(const struct line *l)
{
	return l->target.scheme == SCHEME_TCP;
}

static bool is_serial(const struct line *l)
{
	return l->target.scheme == SCHEME_RTU;
}

static int64_t char_us(const struct line *l)
{
	int bits = 9 + l->target.stop + (l->target.parity != 'N');

	return is_serial(l) ? bits * (int64_t)1000000 / l->target.baud : 0;
}

/* Between frames (Modbus over serial line V1.02, 2.5.1.1): 3.5 characters, and
 * never less than 1.75 ms. A serial server keeps it by itself. */
static int64_t silence_us(const struct line *l)
{
	if (!is_serial(l))
		return 0;
	return l->target.baud > 19200 ? 1750 : char_us(l) * 7 / 2;
}

/* Longest pause inside a frame: the standard's 1.5 characters cannot be seen
 * through a USB adapter, which hands bytes over in parcels every 16 ms. */
static int64_t gap_us(const struct line *l)
{
	int64_t chars = 20 * char_us(l);

	if (!is_serial(l))
		return is_tcp(l) ? 1000000 : 250000;
	return chars > 60000 ? chars : 60000;
}

/* Waits for FD (-1: nothing) or the cancel (-1: none counts). 1: readable (or broken, which a read
 * will tell), 0: UNTIL_US has come, -1: cancelled. */
static int await(int fd, int cancel_fd, int64_t until_us)
{
	struct pollfd p[2] = { { cancel_fd, POLLIN, 0 }, { fd, POLLIN, 0 } };

	for (;;) {
		int64_t left = until_us - time_mono_us();
		struct timespec ts = { 0 };

		if (left > 0) {
			ts.tv_sec = left / 1000000;
			ts.tv_nsec = left % 1000000 * 1000;
		}
		if (ppoll(p, fd < 0 ? 1 : 2, &ts, NULL) < 0 && errno != EINTR)
			return -1;
		if (p[0].revents)
			return -1;
		if (fd >= 0 && p[1].revents)
			return 1;
		if (left <= 0)
			return 0;
	}
}

enum outcome exchange_pause(struct line *l, int64_t until_us)
{
	return await(-1, l->cancel_fd, until_us) < 0 ? OUTCOME_CANCELLED : OUTCOME_SILENT;
}

/* What has arrived: bytes, 0 nothing, -1 the port or connection is gone. */
static ssize_t take(struct line *l, uint8_t *buf, size_t size)
{
	struct pollfd p = { l->fd, POLLIN, 0 };
	ssize_t n = read(l->fd, buf, size);

	if (n > 0) {
		l->quiet_us = time_mono_us();
		return n;
	}
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	/* a terminal says 0 also when there is just nothing; an unplugged one
	 * says it for ever, and hangs up */
	if (!is_serial(l))
		return -1;
	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) ? -1 : 0;
}

/* To the trace, without secrets: those of the exchange Q, and whatever comes at a
 * time when it may be an answer that holds one. */
static void trace_bytes(struct line *l, const struct request *q, enum trace_dir dir,
			const uint8_t *bytes, size_t n, const char *note)
{
	uint8_t copy[FRAME_BUFFER];
	bool veiled;

	if (!l->trace || !l->trace->first || n > sizeof(copy))
		return;
	memcpy(copy, bytes, n);
	if (dir == TRACE_BAD) {
		veiled = time_mono_us() < l->veiled_until_us;
		if (veiled)
			memset(copy, 0, n);
	} else {
		veiled = veil_frame(l->profile, q, is_tcp(l), dir, copy, n);
	}
	trace_emit(l->trace, dir, copy, n, veiled && !*note ? VEIL_NOTE : note);
}

/* Bytes nobody asked for, as one burst. */
static void note_stray(struct line *l, const uint8_t *buf, size_t n)
{
	if (n == 0)
		return;
	l->stats.foreign++;
	trace_bytes(l, &l->last, TRACE_BAD, buf, n, "not asked for, discarded");
}

/* Throws away what is there and waits until the line has been quiet. */
static enum outcome quieten(struct line *l)
{
	int64_t patience = time_mono_us() + CHATTER_US;
	enum outcome o = OUTCOME_SILENT;
	uint8_t buf[FRAME_BUFFER];
	size_t n = 0;

	for (;;) {
		ssize_t more = take(l, buf + n, sizeof(buf) - n);
		int64_t until;

		if (more < 0) {
			o = OUTCOME_LOST;
			break;
		}
		n += (size_t)more;
		if (n == sizeof(buf)) {
			note_stray(l, buf, n);
			n = 0;
		}
		until = l->quiet_us + silence_us(l);
		if (until > patience)
			until = patience;
		if (time_mono_us() >= until)
			break;
		if (await(l->fd, l->cancel_fd, until) < 0) {
			o = OUTCOME_CANCELLED;
			break;
		}
	}
	note_stray(l, buf, n);
	return o;
}

/* libmodbus writes to a socket without MSG_NOSIGNAL here: a connection closed by
 * the other side would end the program. */
static int send_rtu(struct line *l, const uint8_t *pdu, int n)
{
	static const struct timespec at_once;
	sigset_t pipe, before;
	int rc, why;

	if (is_serial(l))
		return modbus_send_raw_request(l->ctx, pdu, n);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	rc = modbus_send_raw_request(l->ctx, pdu, n);
	why = errno;
	if (rc < 0 && why == EPIPE && !sigismember(&before, SIGPIPE))
		sigtimedwait(&pipe, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return rc;
}

/* Modbus TCP is framed here and not by libmodbus: a raw request of its goes out
 * with transaction 0 always, which then proves nothing. */
static enum outcome send_request(struct line *l, const struct request *q, struct trouble *b)
{
	uint8_t frame[FRAME_MOST];
	size_t len;
	ssize_t rc;

	if (is_tcp(l)) {
		len = request_tcp(q, ++l->transaction, frame);
		rc = send(l->fd, frame, len, MSG_NOSIGNAL);
	} else {
		len = request_rtu(q, frame);
		rc = send_rtu(l, frame, (int)len - 2);
		owed_sent(&l->owed, q, time_mono_us());
	}
	b->sent = rc > 0;
	if (rc != (ssize_t)len)
		return OUTCOME_LOST;
	l->stats.requests++;
	l->last = *q;
	if (veil_needed(l->profile, q))
		l->veiled_until_us = time_mono_us() + OWED_US;
	trace_bytes(l, q, TRACE_OUT, frame, len, "");
	return OUTCOME_SILENT;
}

/* The wait for an answer. */
struct wait {
	struct line *l;
	const struct request *q;
	struct answer *a;
	struct trouble *b;
	bool late;		/* the answer is not wanted any more */
	int64_t sent_us;	/* the request's last byte has left */
	int64_t first_us;	/* first byte of what is in buf */
	size_t n;
	uint8_t buf[FRAME_BUFFER];
};

static void discard(struct wait *w, size_t n, const char *note)
{
	if (n)
		trace_bytes(w->l, w->q, TRACE_BAD, w->buf, n, note);
	w->n -= n;
	memmove(w->buf, w->buf + n, w->n);
}

static void accept_answer(struct wait *w, const struct frame *f)
{
	size_t data = is_tcp(w->l) ? 9 : 3;
	char note[48] = "";

	if (w->late) {
		w->l->stats.foreign++;
		discard(w, f->len, "late answer, discarded");
		return;
	}
	w->a->at_us = time_wall_us();
	w->a->mono_us = time_mono_us();
	w->a->exception = f->kind == FRAME_EXCEPTION ? f->code : 0;
	w->l->stats.replies++;
	if (f->kind == FRAME_EXCEPTION) {
		w->l->stats.exceptions++;
		snprintf(note, sizeof(note), "exception %02u %s", f->code, hint_exception_name(f->code));
	} else if (!request_writes(w->q)) {
		frame_registers(w->buf + data, w->q->count, w->a->regs);
	}
	trace_bytes(w->l, w->q, TRACE_IN, w->buf, f->len, note);
	w->n -= f->len;
	memmove(w->buf, w->buf + f->len, w->n);
	discard(w, w->n, "behind the answer, discarded");
}

static void note_foreign(struct wait *w, const struct frame *f)
{
	const struct request like = {
		.unit = f->unit, .function = f->function, .addr = f->addr, .count = f->count,
	};

	w->l->stats.foreign++;
	/* our own unit: late, when it is to something asked before */
	if (f->count && owed_answered(&w->l->owed, &like)) {
		w->b->late++;
		return;
	}
	w->b->foreign++;
	w->b->unit = f->unit;
	w->b->master = f->master;
	w->b->note = f->note;
}

/* One judged frame; true when the wait is over with *O. */
static bool handle(struct wait *w, const struct frame *f, enum outcome *o)
{
	struct line *l = w->l;

	switch (f->kind) {
	case FRAME_EXCEPTION:
		if (!is_tcp(l) && !owed_refused(&l->owed, w->q)) {
			l->stats.foreign++;
			discard(w, f->len, "exception, perhaps to an earlier request");
			return false;
		}
		accept_answer(w, f);
		*o = OUTCOME_ANSWER;
		return true;
	case FRAME_ANSWER:
		owed_answered(&l->owed, w->q);
		accept_answer(w, f);
		*o = OUTCOME_ANSWER;
		return true;
	case FRAME_CORRUPT:
		l->stats.corrupt++;
		w->b->corrupt++;
		w->b->note = f->note;
		discard(w, w->n, f->note);
		*o = OUTCOME_CORRUPT;
		return true;
	case FRAME_ECHO:
		w->b->echo++;
		break;
	case FRAME_FOREIGN:
		note_foreign(w, f);
		break;
	default:
		l->stats.corrupt++;
		if (f->len > w->b->noise)
			w->b->noise = f->len;
		break;
	}
	discard(w, f->len, f->note);
	return false;
}

/* Judges all that is in the buffer; true when the wait is over with *O. */
static bool judge(struct wait *w, bool over, enum outcome *o)
{
	while (w->n > 0) {
		struct frame f = is_tcp(w->l)
			? frame_scan_tcp(w->q, w->l->transaction, w->buf, w->n, over)
			: frame_scan_rtu(w->q, w->buf, w->n, over);

		if (f.kind == FRAME_MORE)
			return false;
		discard(w, f.junk, "noise before the answer");
		if (handle(w, &f, o))
			return true;
	}
	return false;
}

static enum outcome receive(struct wait *w, int64_t deadline_us)
{
	struct line *l = w->l;
	/* a frame that has begun in time may end after it */
	int64_t hard_us = deadline_us + gap_us(l) + 2 * char_us(l) * (int64_t)request_answer_bytes(w->q);
	/* whether a write has landed cannot be told before its answer has come */
	int cancel_fd = request_writes(w->q) && !w->late ? -1 : l->cancel_fd;
	enum outcome o = OUTCOME_SILENT;

	for (;;) {
		int64_t until = w->n ? l->quiet_us + gap_us(l) : deadline_us;
		int rc = await(l->fd, cancel_fd, until < hard_us ? until : hard_us);
		bool over = rc == 0;
		ssize_t n = 0;

		if (rc < 0) {
			discard(w, w->n, "cancelled");
			return OUTCOME_CANCELLED;
		}
		if (rc > 0)
			n = take(l, w->buf + w->n, sizeof(w->buf) - w->n);
		if (n < 0) {
			discard(w, w->n, "cut short");
			return OUTCOME_LOST;
		}
		if (n > 0 && w->n == 0)
			w->first_us = l->quiet_us;
		w->n += (size_t)n;
		if (judge(w, over || w->n == sizeof(w->buf), &o))
			return o;
		if (over && time_mono_us() >= deadline_us)
			return OUTCOME_SILENT;
	}
}

enum outcome exchange_listen(struct line *l)
{
	enum outcome o = OUTCOME_ANSWER;

	while (o == OUTCOME_ANSWER && l->owed.n > 0 && time_mono_us() < l->listen_until_us) {
		struct trouble b = { 0 };
		struct wait w = { .l = l, .q = &l->last, .b = &b, .late = true };

		o = receive(&w, l->listen_until_us);
		if (o == OUTCOME_CORRUPT)
			o = OUTCOME_ANSWER;
	}
	if (o == OUTCOME_CANCELLED || o == OUTCOME_LOST)
		return o;
	l->listen_until_us = 0;
	return OUTCOME_SILENT;
}

enum outcome exchange(struct line *l, const struct request *q, int64_t timeout_us,
		      struct answer *a, struct trouble *b)
{
	struct wait w = { .l = l, .q = q, .a = a, .b = b };
	enum outcome o = quieten(l);
	int64_t deadline_us;

	if (o != OUTCOME_SILENT)
		return o;
	o = send_request(l, q, b);
	if (o != OUTCOME_SILENT)
		return o;
	w.sent_us = time_mono_us() + (int64_t)request_bytes(q) * char_us(l);
	deadline_us = w.sent_us + timeout_us;
	o = receive(&w, deadline_us);
	if (o == OUTCOME_ANSWER)
		a->latency_us = w.first_us - w.sent_us;
	/* its answer may be on its way: nobody talks into it */
	if (o == OUTCOME_CANCELLED)
		l->listen_until_us = deadline_us;
	return o;
}
