#include "line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "exchange.h"
#include "diagnosis.h"
#include "port_wait.h"
#include "sock.h"

#define CONNECT_MS 3000
#define GONE_LOOK_US 100000	/* how often an unplugged port is looked for */
#define GONE_TELL_US 1000000	/* how often a caller is told it still is gone */
#define LISTEN_MOST_US 3000000
#define LISTEN_MARGIN_US 10000
#define USUAL_LISTEN_US 60000
#define SHARED_TRIES 3
#define BRISK_TRIES 2
#define BRISK_US 200000
#define SMALL_US 2000000
#define SETTLE_US 15000		/* more than an answer takes to begin */
#define SETTLE_MOST_US 1000000

/* Before anything has been measured. */
#define START_RTU_US 5000
#define START_TCP_US 2000
#define BEHIND_BAUD 9600	/* what is assumed behind a serial server */

/* A meter behind a mobile network: seconds pass before the first answer. */
#define TUNNEL_MS 5000
#define START_TUNNEL_US 300000

static bool line_is_serial(const struct line *l)
{
	return target_is_serial(&l->target);
}

void line_note(const struct line *l, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	if (!l->trace || !l->trace->first)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_emit(l->trace, TRACE_NOTE, NULL, 0, text);
}

void line_remark(const struct line *l, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line_note(l, "%s", text);
	if (l->remark)
		l->remark(l->remark_arg, text);
}

void line_tell_unit(struct line *l, uint8_t asked, uint8_t got)
{
	if (l->told_unit)
		return;
	l->told_unit = true;
	line_remark(l, "reply from unit address %u instead of %u: accepted, its transaction number fits", got, asked);
}

static bool is_tunnel(const struct line *l)
{
	return l->way && l->way->plug;
}

/* RTU over TCP or through a broker: libmodbus frames and sends on a socket it did
 * not open. */
static int open_socket(struct line *l, struct err *e)
{
	int fd = is_tunnel(l) ? l->way->plug(l->way->arg, l->connect_ms, e)
			      : sock_open(&l->target, l->connect_ms, l->cancel_fd, e);

	if (fd < 0)
		return -1;
	if (!target_frames_tcp(&l->target)) {
		l->ctx = modbus_new_rtu("socket", BEHIND_BAUD, 'N', 8, 1);
		if (!l->ctx) {
			close(fd);
			return err_set(e, ERR_NO, "out of memory");
		}
		modbus_set_socket(l->ctx, fd);
	}
	l->fd = fd;
	return 0;
}

static int open_fd(struct line *l, struct err *e)
{
	l->fresh = true;
	if (!line_is_serial(l))
		return open_socket(l, e);
	if (port_wait(port_open, &l->port, &l->target, l->wait_s, l->cancel_fd, e))
		return -1;
	l->ctx = l->port.ctx;
	l->fd = l->port.fd;
	return 0;
}

/* The line, but not what leads to it. */
static void hang_up(struct line *l)
{
	if (l->fd < 0)
		return;
	if (line_is_serial(l)) {
		port_close(&l->port);
	} else {
		if (l->ctx)
			modbus_free(l->ctx);
		close(l->fd);
	}
	l->ctx = NULL;
	l->fd = -1;
	l->nrest = 0;
	/* what a TCP gateway still owes goes to a connection that is no more;
	 * a serial server hands late bytes to the next one */
	if (target_frames_tcp(&l->target))
		pending_clear(&l->pending);
}

void line_close(struct line *l)
{
	hang_up(l);
}

static void start_pace(struct line *l, int timeout_ms)
{
	pace_init(&l->pace, timeout_ms, line_is_serial(l) ? START_RTU_US
		  : is_tunnel(l) ? START_TUNNEL_US : START_TCP_US);
	/* ... and an answer in doubt is asked for twice: the wait is not shortened */
	if (is_tunnel(l) && timeout_ms <= 0) {
		l->pace.base_us = TUNNEL_MS * (int64_t)1000;
		l->pace.fixed = true;
	}
}

int line_open(struct line *l, const struct target *t, const struct link_opts *o,
	      const struct way *way, int cancel_fd, struct err *e)
{
	*l = (struct line){
		.target = way && way->wire ? *way->wire : *t, .way = way, .fd = -1, .cancel_fd = cancel_fd,
		.trace = o->trace, .profile = o->profile,
		.remark = o->remark, .remark_arg = o->remark_arg,
		.retries = o->retries < 0 ? 2 : o->retries,
		.connect_ms = o->timeout_ms > 0 ? o->timeout_ms : CONNECT_MS,
		.wait_s = o->wait_s,
		.private = o->private || t->exclusive || target_frames_tcp(t),
		.hurried = o->hurried,
		/* an answer to a program that had this UDP port before is none to us */
		.transaction = target_is_datagram(t) ? (uint16_t)time_mono_us() : 0,
	};
	start_pace(l, o->timeout_ms);
	pause_init(&l->pause, t->pause_ms);
	if (open_fd(l, e))
		return -1;
	l->wait_s = 0;
	return 0;
}

static void line_untune(struct line *l)
{
	if (!l->untuned.on)
		return;
	l->trace = l->untuned.trace;
	l->retries = l->untuned.retries;
	l->connect_ms = l->untuned.connect_ms;
	l->pace.base_us = l->untuned.base_us;
	l->pace.fixed = l->untuned.fixed;
	l->untuned.on = false;
}

void line_tune(struct line *l, const struct link_opts *o)
{
	line_untune(l);
	if (!o)
		return;
	l->untuned.on = true;
	l->untuned.trace = l->trace;
	l->untuned.retries = l->retries;
	l->untuned.connect_ms = l->connect_ms;
	l->untuned.base_us = l->pace.base_us;
	l->untuned.fixed = l->pace.fixed;
	if (o->trace && o->trace->first)
		l->trace = o->trace;
	if (o->retries >= 0)
		l->retries = o->retries;
	if (o->timeout_ms > 0) {
		l->connect_ms = o->timeout_ms;
		l->pace.base_us = o->timeout_ms * (int64_t)1000;
		l->pace.fixed = true;
	}
}

/* A pause that was promised to a dead meter or a lost port. */
static int await_turn(struct line *l, struct err *e)
{
	do {
		int64_t now = time_mono_us(), until = l->next_try_us;

		if (l->absent) {
			if (port_present(&l->port))
				until = now;
			else if (until > now + GONE_LOOK_US)
				until = now + GONE_LOOK_US;
		}
		if (exchange_pause(l, until) == OUTCOME_CANCELLED) {
			/* somebody is there and wants something: try at once */
			l->next_try_us = 0;
			return err_set(e, ERR_INTERRUPTED, "interrupted");
		}
		if (until == now)
			break;
	} while (time_mono_us() < l->next_try_us);
	return 0;
}

/* Where there is no connection, none can have been closed. */
static int tell_gone(const struct line *l, struct err *e)
{
	return target_is_datagram(&l->target) ? sock_complain(&l->target, l->why, e)
					      : diagnosis_gone(&l->target, e);
}

const char *line_port(const struct line *l)
{
	return line_is_serial(l) && strcmp(l->port.now, l->target.path) != 0 ? l->port.now : NULL;
}

static void line_lost(struct line *l)
{
	struct err why;

	hang_up(l);
	if (l->gone)
		return;
	tell_gone(l, &why);
	line_note(l, "%s", why.text);
	l->gone = true;
	l->absent = line_is_serial(l) && !port_present(&l->port);
	l->gone_us = time_mono_us();
}

static int reopen(struct line *l, struct err *e)
{
	if (open_fd(l, e) == 0) {
		if (l->gone) {
			l->stats.reopened++;
			line_note(l, "reopened after %.1f s%s%s", (double)(time_mono_us() - l->gone_us) / 1e6,
				  line_port(l) ? ": the adapter is now " : "", line_port(l) ? line_port(l) : "");
		}
		l->gone = l->absent = false;
		return 0;
	}
	if (e && e->code == ERR_INTERRUPTED)
		return -1;
	if (!l->gone)
		l->gone_us = time_mono_us();
	l->gone = true;
	l->failures++;
	l->absent = line_is_serial(l) && !port_present(&l->port);
	l->next_try_us = time_mono_us() + (line_is_serial(l) ? GONE_TELL_US : pace_backoff_us(l->failures));
	return l->absent ? port_gone(&l->port, &l->target, e) : -1;
}

/* An answer to a retry may be the late one to the first try. What tells is the answer to
 * the retry, when it comes as well; of a meter that has only answered like this so far,
 * the second time does. */
static void suspect_late(struct line *l, int64_t latency_us)
{
	l->maybe_late_us = latency_us;
	if (l->pace.n == 0 && ++l->maybe_lates >= 2)
		pace_late(&l->pace, latency_us);
}

static void line_answered(struct line *l, const struct answer *a,
			  const struct trouble *b, int64_t first_us)
{
	/* Modbus TCP says which request was answered */
	bool doubtful = b->silent && !target_frames_tcp(&l->target);
	int64_t latency = doubtful ? a->mono_us - first_us : a->latency_us;
	int64_t slowest = pace_slowest_us(&l->pace);
	bool usual = l->pace.n > 0 && a->latency_us <= 3 * slowest;

	pace_answered(&l->pace, a->mono_us, latency, doubtful);
	l->failures = 0;
	l->next_try_us = 0;
	l->maybe_late_us = 0;
	if (doubtful && !usual)
		suspect_late(l, latency);
	else
		l->maybe_lates = 0;
	if (b->silent && l->pending.n > 0) {
		int64_t most = latency < LISTEN_MOST_US ? latency : LISTEN_MOST_US;

		/* a meter busy with the first takes as long again over the next; when this
		 * one came as soon as usual, the first was lost */
		if (usual && most > USUAL_LISTEN_US)
			most = USUAL_LISTEN_US;
		l->listen_until_us = a->mono_us + most + LISTEN_MARGIN_US;
	}
	/* a meter that may only have been late needs no pause */
	if (b->silent && usual && b->first_wait_us >= 2 * slowest)
		pause_lost(&l->pause, b->first_gap_us);
	else if (!b->silent)
		pause_answered(&l->pause, b->gap_us);
}

static void timed_out(struct line *l, struct trouble *b)
{
	if (b->silent++ == 0) {
		b->first_gap_us = b->gap_us;
		b->first_wait_us = b->waited_us;
	}
	l->stats.timeouts++;
	line_note(l, "no reply within %.0f ms (try %u)", (double)b->waited_us / 1000, b->tries);
	pace_timed_out(&l->pace);
}

static int line_give_up(struct line *l, const struct trouble *b, struct err *e)
{
	/* to another function the meter itself may have replied */
	if (b->foreign && !l->private && !b->strange && (b->master || b->unit == l->target.unit))
		diagnosis_shared(&l->target, &l->heard, e);
	else
		diagnosis_trouble(&l->target, b, e);
	/* a connection that died without a word would stay dead, and a host that has
	 * another address by now would not be found */
	if (target_is_network(&l->target) && !l->brisk)
		hang_up(l);
	if (b->silent == b->tries) {
		l->failures++;
		l->next_try_us = time_mono_us() + pace_backoff_us(l->failures);
	}
	return -1;
}

/* Waits for what is pending and makes sure that no late answer could be mistaken for
 * one to Q: OUTCOME_ANSWER when it may be sent. */
static enum outcome clear_way(struct line *l, const struct request *q, int64_t timeout_us,
			      struct answer *a, struct trouble *b)
{
	enum outcome o = exchange_listen(l);
	struct request marker;

	if (o != OUTCOME_SILENT)
		return o;
	pending_expire(&l->pending, time_mono_us());
	if (target_frames_tcp(&l->target) || !pending_ambiguous(&l->pending, q))
		return OUTCOME_ANSWER;
	marker = pending_marker(&l->pending, q);
	line_note(l, "a late answer would look like the next one: %u registers are asked for first", marker.count);
	return exchange(l, &marker, timeout_us, a, b);
}

static enum outcome try_once(struct line *l, const struct request *q, int64_t timeout_us,
			     struct answer *a, struct trouble *b)
{
	enum outcome o = clear_way(l, q, timeout_us, a, b);

	return o == OUTCOME_ANSWER ? exchange(l, q, timeout_us, a, b) : o;
}

static bool is_shared(const struct line *l)
{
	return heard_shared(&l->heard, time_mono_us());
}

/* Is the silence of the meter not for certain its own? */
static bool disturbed(const struct trouble *b)
{
	return b->foreign || b->noise >= HEARD_NOISE;
}

/* Somebody else's frames make ours fail more often: more tries, then. */
static unsigned tries_of(const struct line *l)
{
	if (l->failures)
		return 1;
	return (l->brisk ? BRISK_TRIES : 1 + (unsigned)l->retries) + (is_shared(l) ? SHARED_TRIES : 0);
}

/* How long to wait in the try that comes now. */
static int64_t patience_us(const struct line *l, bool last, bool small)
{
	int64_t wait = pace_timeout_us(&l->pace, last), brisk = 4 * pace_slowest_us(&l->pace);

	if (l->brisk) {
		brisk = brisk > BRISK_US ? brisk : BRISK_US;
		return brisk < wait ? brisk : wait;
	}
	return small && !l->pace.fixed && wait > SMALL_US ? SMALL_US : wait;
}

int line_ask_or(struct line *l, const struct request *q, const struct request *small, size_t n,
		struct answer *a, struct err *e)
{
	unsigned usual = tries_of(l), tries = usual;
	struct trouble b = { 0 };
	int64_t first_us = 0;
	bool again = !line_is_serial(l);	/* a server may close an idle connection */
	bool more = !l->failures && !is_shared(l);	/* tries, once others are heard */

	if (usual > 1 && n > 0)
		tries += (unsigned)n - 1;
	if (await_turn(l, e))
		return -1;
	while (b.tries < tries && (b.tries < usual || b.silent == b.tries)) {
		if (more && is_shared(l)) {
			usual += SHARED_TRIES;
			tries += SHARED_TRIES;
			more = false;
		}
		bool last = ++b.tries >= usual;
		const struct request *other = n > 0 && last && usual > 1 && b.silent + 1 == b.tries
			&& !disturbed(&b) ? &small[b.tries - usual] : NULL;
		int64_t wait_us = patience_us(l, last, other != NULL);

		if (l->fd < 0 && reopen(l, e))
			return -1;
		if (!first_us)
			first_us = time_mono_us();
		switch (try_once(l, other ? other : q, wait_us, a, &b)) {
		case OUTCOME_ANSWER:
			if (other)
				b.silent = 0;	/* it is no late answer to Q */
			line_answered(l, a, &b, first_us);
			return other != NULL;
		case OUTCOME_SILENT:
			timed_out(l, &b);
			break;
		case OUTCOME_CORRUPT:
			break;
		case OUTCOME_LOST:
			line_lost(l);
			if (again) {
				tries++;
				usual++;
			}
			again = false;
			if (line_is_serial(l) || b.tries == tries) {
				l->failures++;
				/* a port that refuses is asked again after a pause, too */
				if (!line_is_serial(l))
					l->next_try_us = time_mono_us() + pace_backoff_us(l->failures);
				return tell_gone(l, e);
			}
			break;
		case OUTCOME_CANCELLED:
			return err_set(e, ERR_INTERRUPTED, "interrupted");
		}
	}
	return line_give_up(l, &b, e);
}

int line_ask(struct line *l, const struct request *q, struct answer *a, struct err *e)
{
	return line_ask_or(l, q, NULL, 0, a, e);
}

/* Quiet, or no line any more. */
static int listened(struct line *l, enum outcome o, struct err *e)
{
	if (o == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (o == OUTCOME_LOST)
		line_lost(l);	/* nothing more comes on it */
	return 0;
}

int64_t line_tail_us(const struct line *l)
{
	int64_t tail = 2 * pace_slowest_us(&l->pace), least = LINE_TAIL_US;

	if (line_is_serial(l))
		least += LINE_TAIL_CHARS * exchange_char_us(l);
	else
		least += LINE_TAIL_CHARS * 500LL;	/* as at 19200 baud */
	return tail > least ? tail : least;
}

int line_tail_among(struct line *l, struct err *e)
{
	return l->fd < 0 ? 0 : listened(l, exchange_alike(l, line_tail_us(l)), e);
}

int line_tail(struct line *l, struct err *e)
{
	int64_t tail = line_tail_us(l);

	if (l->fd < 0)
		return 0;
	return listened(l, exchange_quiet(l, tail, 4 * tail, true), e);
}

int line_settle(struct line *l, struct err *e)
{
	int64_t quiet = pace_slowest_us(&l->pace) + SETTLE_US;

	if (l->fd < 0)
		return 0;
	return listened(l, exchange_quiet(l, quiet, SETTLE_MOST_US + quiet, false), e);
}

/* The meter has not acknowledged. What it does next is read, and at once: it is
 * not taken for dead. */
static int unacknowledged(struct line *l, struct trouble *b, int64_t waited_us, struct err *e)
{
	l->stats.timeouts++;
	b->silent++;
	line_note(l, "write not acknowledged within %.0f ms", (double)waited_us / 1000);
	if (exchange_pause(l, 0) == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted, and the write has not been acknowledged");
	return diagnosis_trouble(&l->target, b, e);
}

/* The marker before a write failed, or the wait for what is pending. */
static int not_sent(struct line *l, enum outcome o, struct trouble *b, struct err *e)
{
	if (o == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (o == OUTCOME_SILENT)
		timed_out(l, b);
	return diagnosis_trouble(&l->target, b, e);
}

int line_write(struct line *l, const struct request *q, struct answer *a, bool *sent,
	       struct err *e)
{
	struct trouble b = { .tries = 1 }, before = { .tries = 1 };
	/* a server may have closed an idle connection: that is seen before sending */
	bool again = !line_is_serial(l);
	int64_t wait_us;
	enum outcome o;

	*sent = false;
	if (await_turn(l, e))
		return -1;
	for (;; again = false) {
		if (l->fd < 0 && reopen(l, e))
			return -1;
		wait_us = pace_timeout_us(&l->pace, true);
		o = clear_way(l, q, wait_us, a, &before);
		if (o != OUTCOME_ANSWER && o != OUTCOME_LOST)
			return not_sent(l, o, &before, e);
		if (o == OUTCOME_ANSWER)
			o = exchange(l, q, wait_us, a, &b);
		*sent = b.sent;
		if (o == OUTCOME_LOST)
			line_lost(l);
		if (o != OUTCOME_LOST || *sent || !again)
			break;
	}
	switch (o) {
	case OUTCOME_ANSWER:
		l->failures = 0;
		l->next_try_us = 0;
		return 0;
	case OUTCOME_SILENT:
		return unacknowledged(l, &b, wait_us, e);
	case OUTCOME_LOST:
		return tell_gone(l, e);
	case OUTCOME_CANCELLED:
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	default:
		return diagnosis_trouble(&l->target, &b, e);
	}
}

int line_retarget(struct line *l, const struct target *t, struct err *e)
{
	if (line_is_serial(l) && l->fd >= 0 && port_set_line(&l->port, t, e))
		return -1;
	l->target.unit = t->unit;
	l->target.baud = t->baud;
	l->target.parity = t->parity;
	l->target.stop = t->stop;
	start_pace(l, l->pace.fixed ? (int)(l->pace.base_us / 1000) : 0);
	l->failures = 0;
	l->next_try_us = 0;
	return 0;
}

int line_pause(struct line *l, int64_t us, struct err *e)
{
	if (exchange_pause(l, time_mono_us() + us) == OUTCOME_CANCELLED)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	return 0;
}

struct span_cost line_cost(const struct line *l)
{
	int bits = 9 + l->target.stop + (l->target.parity != 'N');
	int baud = line_is_serial(l) ? l->target.baud : BEHIND_BAUD;
	double chr = bits * 1e6 / baud;
	/* the model counts the silence before an answer and its first byte apart */
	double apart = chr + (baud > 19200 ? 1750 : 3.5 * chr);
	double turnaround = l->pace.n ? l->pace.smooth_us - apart : START_RTU_US;

	turnaround = (turnaround > 0 ? turnaround : 0) + (double)l->pause.us;
	if (target_frames_tcp(&l->target))
		return span_cost_tcp(l->pace.smooth_us + (double)l->pause.us);
	return span_cost_rtu(baud, bits, turnaround);
}

void line_stats(const struct line *l, struct link_stats *out)
{
	*out = l->stats;
	out->latency_ms = l->pace.n ? l->pace.smooth_us / 1000 : 0;
	out->rate = l->failures ? 0 : pace_rate(&l->pace, time_mono_us());
	out->shared = heard_shared(&l->heard, time_mono_us());
	heard_text(&l->heard, out->heard, sizeof(out->heard));
}
