/*
 * link.h - the seam between a transport and the rest: points and readings.
 *
 * A link answers for points; registers are its private matter, and the few who
 * need them (the Registers screen, `raw`) ask link_raw_read(), which a link
 * without registers refuses. One thread owns a link; only link_cancel() may be
 * called from another.
 */
#ifndef METERCTL_LINK_LINK_H
#define METERCTL_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reasons.h"
#include "profile/profile.h"
#include "rhythm.h"
#include "target/target.h"
#include "base/trace.h"
#include "profile/value.h"

struct link_opts {
	int timeout_ms;		/* first byte; 0: 1 s to start with, then adapted */
	int retries;		/* per request after the first try; -1: default 2 */
	int wait_s;		/* for a serial port that is in use */
	const struct trace *trace;
	const struct profile *profile;	/* what a `sim:` target simulates; NULL: adw300 */
	int cancel_fd;		/* an eventfd of the caller's, which then cancels opening,
				   too; 0: the link makes one of its own */
	bool insecure;		/* broker: --insecure */
	bool plain_password;	/* broker: --allow-plaintext */
	const char *password;	/* broker: of the target's user; NULL: none */
	const char *lines;	/* file in which what is learned about meters is kept; NULL: none */
	bool private;		/* no other master can be on the line: a simulated meter */
	bool hurried;		/* more is asked as soon as this is answered: that an answer has no
				   second one is shown by a short request, where silence takes
				   longer. Costs the line two more frames an answer */
	int *step;		/* broker: how far connecting came (enum broker_step); NULL */
	/* Told, once, what a person should know and is no failure; on the owner's thread.
	 * NULL: nobody is. */
	void (*remark)(void *arg, const char *text);
	void *remark_arg;
};

#define LINK_LEARNED 160

/* Counters since the link was opened; all on the owner's thread. */
struct link_stats {
	unsigned long requests, replies, timeouts, corrupt, foreign, exceptions, reopened;
	double latency_ms;	/* request sent to first byte, smoothed */
	double rate;		/* replies a second, smoothed; 0 while silent */
	bool shared;		/* another master has been heard within the last minute */
	char learned[LINK_LEARNED];	/* about the meter, for its profile or target; "" */
	char heard[200];	/* ... and what it asked: "unit 1, register 0x001A, 12 times"; "" */
};

/* What is known of a meter that sends by itself. */
struct link_uplink {
	char sn[MQTT_NAME], model[MQTT_NAME], product[MQTT_NAME];
	char dialect[16];	/* "": not known yet */
	struct rhythm rhythm;
	bool offline;		/* its gateway or its last will says so */
	unsigned long messages;	/* of this meter */
	unsigned long others;	/* of other meters on the same topics */
	unsigned long nameless;	/* of this meter by the topic alone, which does not name it */
	char other[MQTT_NAME];	/* one of the others, when it came on a topic of this meter's; "" */
	struct reasons drops;	/* values and messages that were no good */
	unsigned long lost;	/* so often the connection was lost and came back */
	unsigned long oversized;	/* messages of anybody, too long to be looked at */
	bool up;		/* the broker is connected and we are subscribed */
};

/* Somebody who looks at every message of a meter that sends by itself, those of the
 * platform to it too. Called on the owner's thread. */
struct upload;
struct link_tap {
	void (*upload)(void *arg, const struct upload *up, enum rhythm_verdict verdict,
		       int64_t mono_us, int64_t wall_us);
	void (*refused)(void *arg, const char *why);
	void *arg;
};

/* A reading for point IDX has arrived (or failed). Called as each block comes
 * in, on the owner's thread. R is the callback's to copy, not to keep. */
typedef void link_sink(void *arg, size_t idx, const struct reading *r);

struct link;

struct link_ops {
	const char *name;
	void (*close)(struct link *l);
	/* Reads N points of PROFILE, given as indices. 0 when every one was
	 * answered or refused by the meter; -1 when the line failed: readings
	 * not delivered have then not been read. */
	int (*read)(struct link *l, const struct profile *profile,
		    const uint16_t *idx, size_t n,
		    link_sink *sink, void *arg, struct err *e);
	/* NULL when there are no registers. */
	int (*raw_read)(struct link *l, enum space space, uint16_t addr,
			uint16_t n, uint16_t *out, struct err *e);
	/* NULL: as raw_read. */
	int (*probe)(struct link *l, uint8_t function, uint16_t addr, uint16_t count, uint8_t *buf,
		     size_t *n, struct err *e);
	void (*stats)(const struct link *l, struct link_stats *out);
	/* NULL: no serial port. */
	const char *(*port_now)(const struct link *l);
	/* NULL: cannot write registers. */
	int (*write)(struct link *l, uint16_t addr, uint16_t n,
		     const uint16_t *regs, bool *sent, struct err *e);
	/* NULL: has no parameters that can change. */
	int (*retarget)(struct link *l, const struct target *t, struct err *e);
	/* NULL: waits and repeats as it was opened. */
	void (*tune)(struct link *l, const struct link_opts *o);
	/* NULL: the meter answers and never speaks by itself. */
	int (*receive)(struct link *l, const struct profile *profile, int64_t until_us,
		       link_sink *sink, void *arg, struct err *e);
	/* NULL, like receive. */
	void (*leave)(struct link *l);
	void (*uplink)(const struct link *l, struct link_uplink *out);
	int (*silence)(const struct link *l, int64_t since_us, struct err *e);
	void (*tap)(struct link *l, const struct link_tap *tap);
	/* NULL: settings are registers. */
	int (*can_set)(struct link *l, const struct point *p, const struct value *want,
		       struct err *e);
	int (*set)(struct link *l, const struct profile *profile, size_t idx,
		   const struct value *want, struct value *after, bool *sent, struct err *e);
};

/* The part every link begins with. */
struct link {
	const struct link_ops *ops;
	struct target target;
	bool more;		/* see link_more() */
	void (*settled)(void *arg);
	void *settled_arg;
	int cancel_fd;		/* eventfd; readable: give up what you wait for */
	bool owns_cancel_fd;
};

/*
 * Opens T, a target of its scheme: one such function for each name in target/schemes.h.
 * CANCEL_FD becomes the link's. NULL and E on failure; then it stays the caller's.
 */
#define SCHEME(id, prefix, port, form, least, most, others, flags, opener, name, title) \
	struct link *opener##_link_open(const struct target *t, const struct link_opts *o, \
					int cancel_fd, struct err *e);
#include "target/schemes.h"
#undef SCHEME

void link_close(struct link *l);

int link_read(struct link *l, const struct profile *profile,
	      const uint16_t *idx, size_t n, link_sink *sink, void *arg,
	      struct err *e);
/* The next link_read() follows the one that comes now at once, and stands in for the
 * silence that would prove its last values; those are delivered there, first. SETTLED is
 * called then, when all of this one is delivered and nothing of the next; where nothing
 * is left to prove, by link_over(). For one link_read(). */
void link_more(struct link *l, void (*settled)(void *arg), void *arg);
/* That link_read() is over. Unless something is left to prove: calls SETTLED, or of one
 * that FAILED forgets it. */
void link_over(struct link *l, bool failed);
int link_raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
		  uint16_t *out, struct err *e);
bool link_has_registers(const struct link *l);
/*
 * Asks a meter that is known to be there for what it may not have: COUNT registers from ADDR by FUNCTION 3
 * or 4, or what it says of itself, by 17 or by 43 as object ADDR. N bytes of it in BUF (LINK_PROBE); N 0:
 * it has no such thing, by an exception or no reply to two short tries. -1 and E: the connection failed.
 */
#define LINK_PROBE 256
int link_probe(struct link *l, uint8_t function, uint16_t addr, uint16_t count, uint8_t *buf, size_t *n,
	       struct err *e);

/*
 * Writes N registers from ADDR by one request of function 10H, or 06 when the profile
 * says so, sent once and never again by itself: whether a write may be repeated, only a
 * read can tell. A meter that refuses 10H as unknown (exception 01) has written nothing:
 * one register then goes by 06, here and in later calls.
 * 0: the meter acknowledged it, which is no proof that it holds it; by exception 05, the
 * text of E says so. -1 and E;
 * *SENT then says whether the request may have reached the meter. An exception is
 * ERR_REFUSED, but for 05, which acknowledges, and 0B, by which a gateway says that
 * it has heard nothing: ERR_SILENT. The wait for the answer is the full one, and a
 * cancel does not shorten it: ERR_INTERRUPTED is a write that stayed unanswered, or
 * was not sent. For src/write/plan_around.c alone.
 */
int link_write(struct link *l, uint16_t addr, uint16_t n, const uint16_t *regs,
	       bool *sent, struct err *e);

/* Speaks to the same place with other parameters from now on: unit, speed,
 * parity and stop bits of T. L->target follows, that of a simulated meter by its
 * scenario. -1 and E: nothing has changed. ERR_DENIED: speed and frame behind a
 * gateway are the gateway's. */
int link_retarget(struct link *l, const struct target *t, struct err *e);
/* For who has an open link for a while: its timeout_ms and retries are those of O where
 * they are given (not 0; not negative), and its trace, if it has an observer. NULL: as it
 * was opened, again. */
void link_tune(struct link *l, const struct link_opts *o);
void link_stats(const struct link *l, struct link_stats *out);
#define LINK_HEARD 256
/* Of a line or tunnel that is shared: what a person should know. Returns BUF (LINK_HEARD bytes). */
const char *link_heard_text(const struct link *l, const struct link_stats *s, char *buf, size_t size);
/* Where the adapter is now that was plugged in again under another name than the target
 * has; else NULL. */
const char *link_port(const struct link *l);
/* Waits for that moment (CLOCK_MONOTONIC). False when a signal has cancelled the link
 * meanwhile. */
bool link_wait(const struct link *l, int64_t mono_us);

/*
 * Meters that send by themselves (a broker stands between): link_read() then waits
 * until what was asked for has been uploaded, or the deadline of struct link_opts
 * (0: 330 s, more than the longest usual interval) has come.
 */
bool link_pushes(const struct link *l);
/* Waits for the next upload until UNTIL_US (monotonic) and delivers what it holds.
 * 1: something came; 0: nothing did; -1 and E: not connected (ERR_SILENT, and says
 * which step fails), or ERR_INTERRUPTED. Only for links that push. */
int link_receive(struct link *l, const struct profile *profile, int64_t until_us,
		 link_sink *sink, void *arg, struct err *e);
/* Disconnects, so that nothing more comes: link_receive() then delivers what has come
 * already, and fails when that was all. For who must not lose what a broker has been
 * told was received. Only for links that push. */
void link_leave(struct link *l);
/* Zeros for a link that does not push. */
void link_uplink(const struct link *l, struct link_uplink *out);
/* No upload has come since SINCE_US (monotonic): -1 and E, as link_read() has it at its
 * deadline. Only for links that push. */
int link_silence(const struct link *l, int64_t since_us, struct err *e);
/* From now on TAP (copied; NULL: nobody) is told. Only for links that push. */
void link_tap(struct link *l, const struct link_tap *tap);

/*
 * Settings without registers. link_can_set(): 0, or ERR_DENIED and why this link
 * has no way to set P, or not to WANT. link_set() sends the new value once, waits for the meter's word and
 * fills AFTER with what the meter then says it holds. 0: it says so. -1: ERR_REFUSED
 * it said no; ERR_SILENT it has not said (SENT: the new value has left).
 */
bool link_sets_points(const struct link *l);
int link_can_set(struct link *l, const struct point *p, const struct value *want,
		 struct err *e);
int link_set(struct link *l, const struct profile *profile, size_t idx,
	     const struct value *want, struct value *after, bool *sent, struct err *e);

/* From any thread or a signal handler: the call under way ends with
 * ERR_INTERRUPTED as soon as it waits. Stays until link_uncancel(). */
void link_cancel(struct link *l);
void link_uncancel(struct link *l);

#endif
