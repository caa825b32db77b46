/*
 * bus_own.h - what the files of the bus share: its state under one lock, and the
 * steps of its thread. Nobody else includes it.
 */
#ifndef METERCTL_UI_BUS_BUS_OWN_H
#define METERCTL_UI_BUS_BUS_OWN_H

#include <pthread.h>

#include "meter/meter.h"
#include "meter/uplink_regs.h"
#include "bus.h"
#include "bus_fleet.h"
#include "last.h"

#define LISTEN_US 1000000LL	/* how often a link that pushes is asked how it is */
#define HAND_OVER_US 100000LL	/* a slow round shows its readings as they come */
#define PAUSE_LEAST_US 500000LL	/* between two attempts to open */
#define PAUSE_MOST_US 10000000LL
#define SLOTS 4			/* what is asked for the meter; the journal's rows; a report; the checklist */

struct bus {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t told;		/* something below has changed */
	struct link_opts opts;		/* constant */
	struct trace_sink sink;
	int wake_fd;

	/* told to the thread */
	bool leave;
	unsigned turn;			/* which meter: grows with every bus_connect() */
	const struct profile *profile;	/* of the turn, until the thread has taken it */
	struct target target;
	char *password;			/* of its broker, until the thread has taken it; NULL */
	uint16_t *want;
	size_t nwant;
	bool want_new;			/* changed since the round under way began */
	int cancel_fd;			/* raised by bus_connect(), bus_free() and bus_work() */
	const char *journal;		/* constant */
	struct target with;		/* the second way to its registers, */
	const struct profile *with_profile;	/* ... until the thread has taken it; NULL */
	bool others;			/* frames of other meters are kept, too */
	struct job ask[SLOTS];		/* busy: waits for the thread */
	enum { LOAN_NONE, LOAN_ASKED, LOAN_OUT, LOAN_REFUSED } loan;	/* of the link, to a command */
	unsigned loan_turn;		/* the meter it was asked of */
	struct link *lent;		/* LOAN_OUT: this one */
	unsigned parkers;		/* who have the line of the meter for themselves, or want it */

	/* told by the thread */
	bool open;			/* the line of a meter, or it is being opened */
	size_t npoints;
	struct reading *latest;
	uint8_t *pending;		/* by point: waits in queue[] */
	uint16_t *queue;
	size_t nqueue;
	enum line_state line;
	struct err reason;
	char remark[ERR_TEXT];		/* of the link, until it is shown */
	bool found;			/* unit 0 was asked: TARGET has the address of who replied */
	struct link_stats stats;
	struct link_uplink uplink;
	struct uplink proof;
	struct ui_said said[UI_SAID];
	size_t nsaid;
	struct bus_fleet fleet;
	struct fleet kept;		/* the thread's: what it has heard of KEPT_OF ... */
	struct last last;		/* ... and the last uploads of its rows */
	struct target kept_of;		/* ... while it listens to one of its meters */
	struct ui_frame *frames;	/* ring */
	unsigned long nframes, taken_frames;
	int64_t woken_us;
	bool reading;			/* a round is under way */
	enum job_kind doing;		/* what it is at instead */
	struct job done[SLOTS];	/* progress and outcome */
	bool done_new[SLOTS];
};

/* What the thread needs to know of the meter it is at. */
struct round {
	struct bus *b;
	unsigned turn;
	struct uplink_regs regs;	/* the second way to its registers */
	bool came;			/* a reading has come in this round */
	int64_t replayed_us;		/* when the upload came that the fleet had heard; 0: none */
	int64_t dropped_us;		/* when it was last said that a message was no good */
};

/* ---- bus_notify.c */

/* With the lock held. Not more often than the eye follows, unless the round is
 * over (NOW). */
void bus_wake(struct bus *b, bool now);
/* A trace_sink's, of struct bus; a link_sink of struct round. */
void bus_on_frame(void *arg, const struct trace_frame *f);
void bus_on_reading(void *arg, size_t idx, const struct reading *r);
/* A link's remark, to struct bus. */
void bus_on_remark(void *arg, const char *text);
/* How the line is, with what LINK (NULL: none) counts. */
void bus_tell(struct round *r, enum line_state line, const struct err *reason,
	      const struct link *link);

/* ---- bus.c, all with the lock held */

/* Is there another meter than that of TURN, or an end? */
bool bus_over(const struct bus *b, unsigned turn);
/* Waits until UNTIL, or until there is another meter, work or (ALSO_WANT) other
 * points to read. */
void bus_rest(struct bus *b, unsigned turn, int64_t until, bool also_want);

/* ---- bus_work.c, with the lock held */

bool bus_asked(const struct bus *b);
/* Does what has been asked for, if anything; M is NULL while there is no meter,
 * WHY says why. Lets go of the lock in between. */
void bus_do(struct bus *b, unsigned turn, struct meter *m, const char *why);

/* bus_lend.c, with the lock held: if a command has asked for the link of M (NULL: there is
 * none), lets it have it, and waits until it is given back. */
void bus_lend(struct bus *b, unsigned turn, struct meter *m);

/* bus_park.c, with the lock held: is the meter to let go of its line? One behind a broker has
 * none to itself. */
bool bus_parks(const struct bus *b);
/* Does, until that is over, what needs no line. */
void bus_stay_parked(struct bus *b, unsigned turn);

/* ---- until there is another meter */

/* bus_read.c: reads round after round. */
void bus_watch(struct round *r, struct meter *m);
/* bus_push.c: takes what the meter sends. */
void bus_listen(struct round *r, struct meter *m);
/* bus_broker.c: a broker with all its meters. Takes PROFILE over. */
void bus_attend_fleet(struct bus *b, unsigned turn, const struct profile *profile,
		      const struct target *t, const char *password);

#endif
