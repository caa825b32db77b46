/*
 * line.h - one open way to a meter: a request out, its answer in.
 *
 * Knows RTU on a serial port, RTU frames over TCP, in datagrams or through a broker,
 * and Modbus TCP, over UDP too. Retries,
 * learns how long to wait, keeps late and foreign answers apart from ours, and
 * comes back after the adapter has been unplugged. Nothing here knows points, but
 * for the secrets that are kept out of a trace.
 */
#ifndef METERCTL_MODBUS_LINE_H
#define METERCTL_MODBUS_LINE_H

#include <modbus.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "link/link.h"
#include "span.h"
#include "target/target.h"
#include "base/trace.h"
#include "copies.h"
#include "frame.h"
#include "heard.h"
#include "pending.h"
#include "pace.h"
#include "pause.h"
#include "port.h"
#include "way.h"

struct line {
	struct target target;		/* what is opened: no simulated meter */
	const struct trace *trace;
	void (*remark)(void *arg, const char *text);	/* as in struct link_opts */
	void *remark_arg;
	bool told_unit;			/* that replies carry another unit */
	const struct profile *profile;	/* says what a trace must not show; may be NULL */
	int64_t redacted_until_us;	/* bytes nobody can place may be a secret */
	int cancel_fd;
	int retries;
	int connect_ms;
	int wait_s;			/* for a port in use, when it is opened first */
	struct {			/* line_tune(): what it has changed */
		bool on, fixed;
		const struct trace *trace;
		int retries, connect_ms;
		int64_t base_us;
	} untuned;

	int fd;				/* -1: closed */
	int why;			/* errno with which it was lost */
	struct port port;		/* of a serial line */
	const struct way *way;		/* how FD comes here; NULL: as TARGET says. The link's */
	modbus_t *ctx;			/* frames and sends RTU; NULL for TCP */
	uint16_t transaction;		/* TCP: of the last request */

	struct pace pace;
	struct pause pause;
	int64_t maybe_late_us;		/* what the last answer took, if it was that to an earlier
					   try; 0: it was not */
	bool hurried;			/* see struct link_opts */
	bool brisk;			/* the meter is known to be there: it is found out what it
					   is silent on, with two short tries for each */
	unsigned maybe_lates;		/* such answers in a row, while nothing is known */
	bool private;			/* no other master can be there: Modbus TCP, a simulated
					   meter, a line that a person calls exclusive */
	bool telnet;			/* a telnet server's words have come */
	bool fresh;			/* opened, and nothing sent yet */
	struct heard heard;
	struct copies answers;
	uint8_t rest[FRAME_BUFFER];	/* came along with the last answer */
	size_t nrest;
	struct pending pending;
	struct request last;		/* the last request sent */
	int64_t listen_until_us;	/* an answer to it may come until then */
	int64_t quiet_us;		/* the last byte on the line, ours or not */
	int64_t answered_us;		/* the last byte of the last answer */

	bool echoes;			/* the adapter hands back what is sent, as it did last */
	unsigned failures;		/* requests in a row without an answer */
	int64_t next_try_us;		/* 0: now */
	bool broadcast;			/* unit 0 has been read: not again, see broadcast.h */
	struct err broadcast_err;	/* ... and why not */
	bool gone;			/* the port or connection was lost */
	bool absent;			/* and the port is not there: look out for it */
	int64_t gone_us;
	struct link_stats stats;
};

struct answer {
	bool refused;			/* by EXCEPTION, which may be any code, also 0 */
	uint8_t exception;
	uint16_t regs[READ_MAX];
	int64_t at_us, mono_us;		/* arrival, wall clock and monotonic */
	int64_t latency_us;		/* request out to first byte */
};

/* Opens T, or comes to it by WAY (which outlives L). L->fd is -1 after a failure. */
int line_open(struct line *l, const struct target *t, const struct link_opts *o,
	      const struct way *way, int cancel_fd, struct err *e);
void line_close(struct line *l);
/* As link_tune(). */
void line_tune(struct line *l, const struct link_opts *o);

/* Asks. 0: the meter answered, A holds registers or an exception. -1: the line
 * failed (ERR_SILENT, ERR_FOREIGN, ERR_DENIED) or a cancel (ERR_INTERRUPTED).
 * While the meter is dead a call waits out a pause and then tries once. */
int line_ask(struct line *l, const struct request *q, struct answer *a, struct err *e);

/* As line_ask(), but when all was silent the last try, and tries beyond it, ask the N in
 * SMALL instead: parts of Q that a meter may answer which is silent on all of it.
 * 1: one of those was answered, and A is of it. */
int line_ask_or(struct line *l, const struct request *q, const struct request *small, size_t n,
		struct answer *a, struct err *e);

/* Listens for the time in which a second answer to the last request would come: twice
 * the longest that answers take here, at least 40 ms plus the time of 40 characters (a
 * short exchange of somebody else, which ours may have waited for); it ends early when
 * L->heard has counted something, or the line is lost. -1: cancelled. */
#define LINE_TAIL_US 40000
#define LINE_TAIL_CHARS 40
int line_tail(struct line *l, struct err *e);
/* That time, here and now. */
int64_t line_tail_us(const struct line *l);
/* As line_tail(), on a line where others speak: no longer than that, and only what may be
 * taken for an answer to the last request ends it early (L->heard.alike). */
int line_tail_among(struct line *l, struct err *e);
/* Waits until whoever was heard has had an answer and is quiet, but not for long. */
int line_settle(struct line *l, struct err *e);

/* As line_ask() for a write, which is sent once: *SENT says whether any of it has
 * left. Waits the full time, a cancel notwithstanding: meters store to flash. */
int line_write(struct line *l, const struct request *q, struct answer *a, bool *sent,
	       struct err *e);

/* Speaks with the unit, speed, parity and stop bits of T from now on, and learns
 * anew how long to wait. ERR_USAGE when the port cannot do it, nothing has
 * changed then. */
int line_retarget(struct line *l, const struct target *t, struct err *e);

/* Waits, but no longer than a cancel: ERR_INTERRUPTED. */
int line_pause(struct line *l, int64_t us, struct err *e);

/* Where the adapter is now, when that is not what the target says; else NULL. */
const char *line_port(const struct line *l);

/* What a transaction costs here and now. */
struct span_cost line_cost(const struct line *l);
void line_stats(const struct line *l, struct link_stats *out);
void line_note(const struct line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* To the trace and to the person. */
void line_remark(const struct line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Says once that the reply to ASKED carried GOT. */
void line_tell_unit(struct line *l, uint8_t asked, uint8_t got);

#endif
