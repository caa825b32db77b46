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

#include "base/time.h"
#include "redact.h"
#include "sighting.h"

/* A line on which somebody talks without a pause is not waited for longer. */
#define CHATTER_US 200000
#define SLOWEST_CHAR_US 9167	/* 11 bits at 1200 baud */
/* A gateway that counts transactions by itself must not meet the number of another request. */
#define TRANSACTION_STEP 7919

static bool exchange_is_tcp(const struct line *l)
{
	return target_frames_tcp(&l->target);
}

static bool exchange_is_serial(const struct line *l)
{
	return target_is_serial(&l->target);
}

int64_t exchange_char_us(const struct line *l)
{
	return exchange_is_serial(l) ? target_char_us(&l->target) : 0;
}

/* Between frames (Modbus over serial line V1.02, 2.5.1.1): 3.5 characters, and
 * never less than 1.75 ms. A serial server keeps it by itself. */
static int64_t silence_us(const struct line *l)
{
	if (!exchange_is_serial(l))
		return 0;
	return l->target.baud > 19200 ? 1750 : exchange_char_us(l) * 7 / 2;
}

/* Longest pause inside a frame: the standard's 1.5 characters cannot be seen
 * through a USB adapter, which hands bytes over in parcels every 16 ms. Bytes that
 * can still become the answer are waited for longer: a serial server or a virtual
 * port may deliver it in parts 300 ms apart. */
static int64_t gap_us(const struct line *l, bool unfinished)
{
	int64_t chars = 20 * exchange_char_us(l);

	if (exchange_is_tcp(l))
		return 1000000;
	if (unfinished)
		return exchange_is_serial(l) ? 400000 : 1000000;
	if (!exchange_is_serial(l))
		return 250000;
	return chars > 60000 ? chars : 60000;
}

/* What N bytes take, also on the slowest line there is behind a serial server. */
static int64_t bytes_us(const struct line *l, size_t n)
{
	return (int64_t)n * (exchange_is_serial(l) ? 2 * exchange_char_us(l) : SLOWEST_CHAR_US);
}

/* Waits for FD (-1: nothing) or the cancel (-1: none counts). 1: readable (or broken, which a read
 * will tell), 0: UNTIL_US has come, -1: cancelled. */
static int exchange_await(int fd, int cancel_fd, int64_t until_us)
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
	return exchange_await(-1, l->cancel_fd, until_us) < 0 ? OUTCOME_CANCELLED : OUTCOME_SILENT;
}

/* To the trace, without secrets: those of the exchange Q, and whatever comes at a
 * time when it may be an answer that holds one. */
static void trace_bytes(struct line *l, const struct request *q, enum trace_dir dir,
			const uint8_t *bytes, size_t n, const char *note)
{
	uint8_t copy[FRAME_BUFFER];
	bool redacted;

	if (!l->trace || !l->trace->first || n > sizeof(copy))
		return;
	memcpy(copy, bytes, n);
	if (dir == TRACE_BAD) {
		redacted = time_mono_us() < l->redacted_until_us;
		if (redacted)
			memset(copy, 0, n);
	} else {
		redacted = redact_frame(l->profile, q, exchange_is_tcp(l), dir, copy, n);
	}
	trace_pass(l->trace, &(struct trace_frame){
		.dir = dir, .bytes = copy, .n = n, .tcp = exchange_is_tcp(l), .note = redacted && !*note ? REDACT_NOTE : note,
	});
}

/* The next datagram that may be a frame: not an empty one, and not one that is longer
 * than SIZE. As read(). */
static ssize_t read_datagram(struct line *l, uint8_t *buf, size_t size)
{
	for (;;) {
		ssize_t n = recv(l->fd, buf, size, MSG_TRUNC);

		if (n < 0 || (n > 0 && (size_t)n <= size))
			return n;
		if (n == 0)
			continue;
		l->stats.corrupt++;
		trace_bytes(l, &l->last, TRACE_BAD, buf, size, "datagram longer than a frame, discarded");
	}
}

/* What has arrived: bytes, 0 nothing, -1 the port or connection is gone, or nothing
 * listens where datagrams go. */
static ssize_t exchange_take(struct line *l, uint8_t *buf, size_t size)
{
	ssize_t n = target_is_datagram(&l->target) ? read_datagram(l, buf, size)
						   : read(l->fd, buf, size);

	if (n > 0) {
		l->quiet_us = time_mono_us();
		return n;
	}
	l->why = n < 0 ? errno : 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return exchange_is_serial(l) && !port_hung_up(l->fd) ? 0 : -1;
}

/* libmodbus writes to a socket without MSG_NOSIGNAL here: a connection closed by
 * the other side would end the program. */
static int send_rtu(struct line *l, const uint8_t *pdu, int n)
{
	static const struct timespec at_once;
	sigset_t pipe, before;
	int rc, why;

	/* with the check behind it */
	if (exchange_is_serial(l))
		return port_send(&l->port, pdu, n, (n + 2) * exchange_char_us(l));
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
	uint8_t frame[FRAME_MAX];
	size_t len;
	ssize_t rc;

	if (exchange_is_tcp(l)) {
		l->transaction = (uint16_t)(l->transaction + TRANSACTION_STEP);
		len = request_tcp(q, l->transaction, frame);
		rc = send(l->fd, frame, len, MSG_NOSIGNAL);
		pending_numbered(&l->pending, q, l->transaction, time_mono_us());
	} else {
		len = request_rtu(q, frame);
		rc = send_rtu(l, frame, (int)len - 2);
		pending_sent(&l->pending, q, time_mono_us());
	}
	l->fresh = false;
	b->sent = rc > 0;
	l->why = rc < 0 ? errno : 0;
	if (rc != (ssize_t)len)
		return OUTCOME_LOST;
	l->stats.requests++;
	l->last = *q;
	if (redact_needed(l->profile, q))
		l->redacted_until_us = time_mono_us() + PENDING_US;
	trace_bytes(l, q, TRACE_OUT, frame, len, "");
	return OUTCOME_SILENT;
}

/* The wait for an answer. */
struct wait {
	struct line *l;
	const struct request *q;
	struct answer *a;
	struct trouble *b;
	bool late;		/* nothing is wanted any more: what comes is counted */
	int64_t sent_us;	/* the request's last byte has left */
	int64_t deadline_us;	/* an answer that has not begun by then is not waited for */
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

/* A frame that is not for us stands in the buffer. */
static void note_surplus(struct wait *w, size_t n)
{
	if (!w->l->private && !copies_has(&w->l->answers, w->buf, n))
		heard_frame(&w->l->heard, w->q, w->buf, n, time_mono_us());
}

/* Is F the answer to something of ours, which has come late? */
static bool was_pending(struct wait *w, const struct frame *f)
{
	struct pending *o = &w->l->pending;
	struct request like = *w->q;
	bool pending;

	if (exchange_is_tcp(w->l)) {
		pending_settle(o, frame_transaction(w->buf));
		return true;
	}
	if (f->kind == FRAME_EXCEPTION) {
		pending = pending_refusable(o, w->q->unit, w->q->function);
		if (pending)
			pending_refused(o, w->q);
	} else {
		if (f->kind == FRAME_FOREIGN) {
			struct frame about = frame_about(w->buf, f->len);

			like = (struct request){ .unit = about.unit, .function = about.function,
						 .addr = about.addr,
						 .count = about.master ? 0 : about.count };
		}
		pending = like.count && pending_answered(o, &like);
	}
	/* the answer before this one was that to an earlier try, then */
	if (pending && w->l->maybe_late_us)
		pace_late(&w->l->pace, w->l->maybe_late_us);
	if (pending)
		w->l->maybe_late_us = 0;
	return pending;
}

/* Something has come although nothing is wanted. */
static void count_late(struct wait *w, const struct frame *f)
{
	struct line *l = w->l;
	bool whole = f->kind != FRAME_CORRUPT && f->kind != FRAME_NOISE;
	size_t few = l->fresh ? TROUBLE_NOISE : HEARD_BYTES;

	l->stats.foreign++;
	l->telnet = l->telnet || frame_is_telnet(w->buf, f->len);
	if (whole && f->kind != FRAME_ECHO && was_pending(w, f)) {
		discard(w, f->len, "late answer, discarded");
		return;
	}
	if (whole)
		note_surplus(w, f->len);
	else if (!l->private && l->pending.n == 0 && f->len >= few)
		heard_bytes(&l->heard, time_mono_us());
	discard(w, f->len, "not asked for, discarded");
}

static void accept_answer(struct wait *w, const struct frame *f)
{
	size_t data = exchange_is_tcp(w->l) ? 9 : 3;
	char note[48] = "";

	w->a->at_us = time_wall_us();
	w->a->mono_us = time_mono_us();
	w->a->refused = f->kind == FRAME_EXCEPTION;
	w->a->exception = f->code;
	w->a->latency_us = w->first_us - w->sent_us;
	if (exchange_is_tcp(w->l) && f->unit != w->q->unit)
		line_tell_unit(w->l, w->q->unit, f->unit);
	w->l->stats.replies++;
	if (w->a->refused) {
		w->l->stats.exceptions++;
		snprintf(note, sizeof(note), "exception %02u %s", f->code, diagnosis_exception_name(f->code));
	} else if (!request_writes(w->q)) {
		frame_registers(w->buf + data, w->q->count, w->a->regs);
	}
	trace_bytes(w->l, w->q, TRACE_IN, w->buf, f->len, note);
	copies_add(&w->l->answers, w->buf, f->len);
	w->n -= f->len;
	memmove(w->buf, w->buf + f->len, w->n);
}

static void note_foreign(struct wait *w, const struct frame *f)
{
	w->l->stats.foreign++;
	/* our own unit: late, when it is to something asked before */
	if (!exchange_is_tcp(w->l) && was_pending(w, f)) {
		w->b->late++;
		return;
	}
	w->b->foreign++;
	w->b->unit = f->unit;
	w->b->master = f->master;
	w->b->strange = !f->master && f->unit == w->q->unit && (w->buf[1] & 0x7F) != w->q->function;
	w->b->note = f->note;
	note_surplus(w, f->len);
}

/* Modbus TCP: an answer is that to the request of its number. False: one that is not
 * waited for any more. */
static bool is_wanted(struct wait *w)
{
	uint16_t number = frame_transaction(w->buf);
	int64_t sent_us;
	const struct request *of = pending_of(&w->l->pending, number, &sent_us);
	bool wanted = of && (number == w->l->transaction
			     || (!request_writes(w->q) && request_same(of, w->q)));

	pending_settle(&w->l->pending, number);
	if (wanted && number != w->l->transaction)
		w->sent_us = sent_us;
	return wanted;
}

/* An answer or an exception of the right form: is it ours? */
static bool exchange_accepted(struct wait *w, const struct frame *f)
{
	if (exchange_is_tcp(w->l) ? !is_wanted(w)
	    : f->kind == FRAME_EXCEPTION && !pending_refused(&w->l->pending, w->q)) {
		w->l->stats.foreign++;
		discard(w, f->len, exchange_is_tcp(w->l) ? "late answer, discarded"
						: "exception, perhaps to an earlier request");
		return false;
	}
	if (!exchange_is_tcp(w->l) && f->kind != FRAME_EXCEPTION)
		pending_answered(&w->l->pending, w->q);
	if (!request_writes(w->q))
		w->l->echoes = w->b->echo > 0;
	accept_answer(w, f);
	return true;
}

/* Function 06 is acknowledged by the same bytes: they are an echo only where the
 * adapter made one of the last read, and the first time. */
static bool acknowledges(const struct wait *w)
{
	return w->q->function == FUNCTION_WRITE_ONE && (!w->l->echoes || w->b->echo > 0);
}

/* N bytes that are no frame, while an answer is waited for. Where others speak, two have
 * spoken at once, and ours is lost, unless it comes soon. */
static void note_noise(struct wait *w, size_t n)
{
	int64_t soon = w->l->quiet_us + line_tail_us(w->l);

	if (n < HEARD_NOISE || w->l->private || !exchange_is_serial(w->l))
		return;
	heard_noise(&w->l->heard);
	if (heard_shared(&w->l->heard, time_mono_us()) && soon < w->deadline_us)
		w->deadline_us = soon;
}

/* One judged frame; true when the wait is over with *O. */
static bool handle(struct wait *w, const struct frame *f, enum outcome *o)
{
	struct line *l = w->l;

	if (w->late) {
		count_late(w, f);
		return false;
	}
	w->b->clues[f->clue]++;
	switch (f->kind) {
	case FRAME_EXCEPTION:
	case FRAME_ANSWER:
		*o = OUTCOME_ANSWER;
		return exchange_accepted(w, f);
	case FRAME_CORRUPT:
		l->stats.corrupt++;
		w->b->corrupt++;
		w->b->note = f->note;
		discard(w, w->n, f->note);
		*o = OUTCOME_CORRUPT;
		/* the answer may be in the next datagram */
		return !target_is_datagram(&l->target);
	case FRAME_ECHO:
		if (acknowledges(w)) {
			*o = OUTCOME_ANSWER;
			return exchange_accepted(w, f);
		}
		w->b->echo++;
		break;
	case FRAME_FOREIGN:
		note_foreign(w, f);
		break;
	default:
		l->stats.corrupt++;
		if (f->len > w->b->noise)
			w->b->noise = f->len;
		note_noise(w, f->len);
		break;
	}
	discard(w, f->len, f->note);
	return false;
}

static struct frame exchange_scan(struct wait *w, bool over)
{
	struct line *l = w->l;
	const struct request *of = NULL;
	uint16_t number = l->transaction;
	int64_t sent_us;

	if (!exchange_is_tcp(l))
		return frame_scan_rtu(w->q, w->buf, w->n, over);
	if (w->n >= 2)
		of = pending_of(&l->pending, frame_transaction(w->buf), &sent_us);
	if (of)
		number = frame_transaction(w->buf);
	return frame_scan_tcp(of ? of : w->q, number, w->buf, w->n, over);
}

/* Judges all that is in the buffer; true when the wait is over with *O. */
static bool exchange_judge(struct wait *w, bool over, enum outcome *o)
{
	while (w->n > 0) {
		struct frame f = exchange_scan(w, over);

		if (f.kind == FRAME_MORE)
			return false;
		discard(w, f.junk, "noise before the answer");
		if (handle(w, &f, o))
			return true;
	}
	return false;
}

/* What has come since, as one more parcel in W. OUTCOME_SILENT, or _LOST. */
static enum outcome take_more(struct wait *w)
{
	ssize_t n = exchange_take(w->l, w->buf + w->n, sizeof(w->buf) - w->n);

	if (n < 0) {
		discard(w, w->n, "cut short");
		return OUTCOME_LOST;
	}
	if (n > 0 && w->n == 0)
		w->first_us = w->l->quiet_us;
	w->n += (size_t)n;
	return OUTCOME_SILENT;
}

static bool unfinished(const struct wait *w)
{
	return !exchange_is_tcp(w->l) && frame_unfinished(w->q, w->buf, w->n);
}

static enum outcome exchange_receive(struct wait *w)
{
	struct line *l = w->l;
	/* a frame that has begun in time may end after it */
	int64_t hard_us = w->deadline_us + gap_us(l, true) + bytes_us(l, request_answer_bytes(w->q));
	/* whether a write has landed cannot be told before its answer has come */
	int cancel_fd = request_writes(w->q) ? -1 : l->cancel_fd;
	/* a datagram is a frame: what is missing of it is not in the next one */
	bool whole = target_is_datagram(&l->target);
	enum outcome o;

	for (;;) {
		int64_t until = w->n ? l->quiet_us + gap_us(l, unfinished(w)) : w->deadline_us;
		int rc = exchange_await(l->fd, cancel_fd, until < hard_us ? until : hard_us);

		if (rc < 0) {
			discard(w, w->n, "cancelled");
			return OUTCOME_CANCELLED;
		}
		if (rc > 0 && take_more(w) == OUTCOME_LOST)
			return OUTCOME_LOST;
		if (exchange_judge(w, rc == 0 || whole || w->n == sizeof(w->buf), &o))
			return o;
		if (rc == 0 && time_mono_us() >= w->deadline_us)
			return OUTCOME_SILENT;
	}
}

/* When to stop listening before the time is over. */
enum until { UNTIL_END, UNTIL_SURPLUS, UNTIL_ALIKE, UNTIL_SETTLED };

static enum outcome listen_until(struct line *l, int64_t quiet_us, int64_t end_us, enum until stop)
{
	struct trouble b = { 0 };
	struct wait w = { .l = l, .q = &l->last, .b = &b, .late = true, .n = l->nrest };
	unsigned long before = l->heard.surplus, alike = l->heard.alike;
	enum outcome o;

	memcpy(w.buf, l->rest, w.n);
	l->nrest = 0;
	for (;;) {
		int64_t quiet = end_us - l->quiet_us > quiet_us ? l->quiet_us + quiet_us : end_us;
		/* what may be a frame is given the time to become one */
		int64_t frame = w.n < TROUBLE_NOISE ? 0 : l->quiet_us + gap_us(l, unfinished(&w));
		int rc = exchange_await(l->fd, l->cancel_fd, frame <= quiet ? quiet : frame < end_us ? frame : end_us);

		if (rc < 0) {
			discard(&w, w.n, "cancelled");
			return OUTCOME_CANCELLED;
		}
		if (rc > 0 && take_more(&w) == OUTCOME_LOST)
			return OUTCOME_LOST;
		exchange_judge(&w, rc == 0 || target_is_datagram(&l->target) || w.n == sizeof(w.buf), &o);
		if ((stop == UNTIL_SURPLUS && l->heard.surplus != before)
		    || (stop == UNTIL_ALIKE && l->heard.alike != alike)
		    || (stop == UNTIL_SETTLED && l->pending.n == 0)
		    || (rc == 0 && w.n == 0))
			return OUTCOME_SILENT;
	}
}

enum outcome exchange_listen(struct line *l)
{
	enum outcome o = OUTCOME_SILENT;

	if (l->pending.n > 0 && time_mono_us() < l->listen_until_us)
		o = listen_until(l, INT64_MAX, l->listen_until_us, UNTIL_SETTLED);
	if (o == OUTCOME_SILENT)
		l->listen_until_us = 0;
	return o;
}

enum outcome exchange_quiet(struct line *l, int64_t quiet_us, int64_t most_us, bool surplus)
{
	return listen_until(l, quiet_us, time_mono_us() + most_us,
			    surplus ? UNTIL_SURPLUS : UNTIL_END);
}

enum outcome exchange_alike(struct line *l, int64_t us)
{
	return listen_until(l, INT64_MAX, time_mono_us() + us, UNTIL_ALIKE);
}

enum outcome exchange(struct line *l, const struct request *q, int64_t timeout_us,
		      struct answer *a, struct trouble *b)
{
	struct wait w = { .l = l, .q = q, .a = a, .b = b };
	int64_t pause = pause_us(&l->pause), silence = silence_us(l);
	enum outcome o = exchange_quiet(l, pause > silence ? pause : silence, CHATTER_US + pause, false);

	if (o != OUTCOME_SILENT)
		return o;
	b->clues[CLUE_TELNET] += l->telnet;
	b->gap_us = time_mono_us() - l->answered_us;
	w.sent_us = time_mono_us() + (int64_t)request_bytes(q) * exchange_char_us(l);
	o = send_request(l, q, b);
	if (o != OUTCOME_SILENT)
		return o;
	/* or they have left already: an RS485 driver was waited for */
	if (w.sent_us < time_mono_us())
		w.sent_us = time_mono_us();
	w.deadline_us = w.sent_us + timeout_us;
	o = exchange_receive(&w);
	b->waited_us = w.deadline_us - w.sent_us;
	if (o == OUTCOME_ANSWER) {
		l->answered_us = l->quiet_us;
		memcpy(l->rest, w.buf, w.n);
		l->nrest = w.n;
	}
	/* its answer may be on its way: nobody talks into it */
	if (o == OUTCOME_CANCELLED)
		l->listen_until_us = w.sent_us + timeout_us;
	return o;
}

/* ---- a read that everybody hears ------------------------------------------------- */

enum outcome exchange_silence(struct line *l, int64_t us, int64_t until_us)
{
	enum outcome o;

	/* what was heard before nobody has listened to */
	l->quiet_us = time_mono_us();
	o = exchange_quiet(l, us, until_us - l->quiet_us, false);
	return o == OUTCOME_SILENT && time_mono_us() - l->quiet_us < us ? OUTCOME_CORRUPT : o;
}

void exchange_sight(const struct line *l, const struct request *q, const uint8_t *buf, size_t n, struct sighting *s)
{
	if (exchange_is_tcp(l))
		sighting_judge_tcp(q, l->transaction, buf, n, s);
	else
		sighting_judge(q, buf, n, s);
}

static bool exchange_replied(const struct line *l, const struct request *q, const uint8_t *buf, size_t n)
{
	struct sighting seen;

	exchange_sight(l, q, buf, n, &seen);
	return seen.replies > 0;
}

enum outcome exchange_gather(struct line *l, const struct request *q, int64_t wait_us, bool one,
			     uint8_t *buf, size_t size, size_t *n, int64_t *latency_us)
{
	struct trouble b = { 0 };
	int64_t sent = time_mono_us() + (int64_t)request_bytes(q) * exchange_char_us(l);
	enum outcome o = send_request(l, q, &b);
	int64_t end = (sent > time_mono_us() ? sent : time_mono_us()) + wait_us;
	int64_t hard = end + gap_us(l, false) + bytes_us(l, request_answer_bytes(q));

	*n = 0;
	pending_clear(&l->pending);
	while (o == OUTCOME_SILENT && *n < size && !(one && exchange_replied(l, q, buf, *n))) {
		int64_t until = *n && l->quiet_us + gap_us(l, false) > end ? l->quiet_us + gap_us(l, false) : end;
		ssize_t more;

		if (until > hard)
			until = hard;
		if (exchange_await(l->fd, -1, until) == 0)
			break;
		more = exchange_take(l, buf + *n, size - *n);
		if (more > 0 && *n == 0 && latency_us)
			*latency_us = l->quiet_us > sent ? l->quiet_us - sent : 0;
		if (more < 0)
			o = OUTCOME_LOST;
		else
			*n += (size_t)more;
	}
	return o;
}

void exchange_show(struct line *l, const struct request *q, const struct frame *f,
		   const uint8_t *buf, size_t n)
{
	char note[48] = "";

	if (f->kind == FRAME_CORRUPT || f->kind == FRAME_MORE) {
		if (n)
			trace_bytes(l, q, TRACE_BAD, buf, n, f->note);
		return;
	}
	if (f->junk)
		trace_bytes(l, q, TRACE_BAD, buf, f->junk, "echo of the request");
	if (f->kind == FRAME_EXCEPTION)
		snprintf(note, sizeof(note), "exception %02u %s", f->code, diagnosis_exception_name(f->code));
	trace_bytes(l, q, TRACE_IN, buf + f->junk, f->len, note);
}
