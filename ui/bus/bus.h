/*
 * bus.h - the one thread that owns the meter. It connects, reads what is
 * wanted round after round, and hands copies over; whoever draws never waits
 * for it.
 *
 * All functions are for one other thread (that of the screens).
 */
#ifndef METERCTL_UI_BUS_BUS_H
#define METERCTL_UI_BUS_BUS_H

#include "link/link.h"
#include "model.h"

struct bus;

#define BUS_LENT "a command is using the meter (Esc on Output ends it)"

/* OPTS are those of every meter it opens; to TRACE (which the caller owns and
 * must not touch while the bus lives) it adds a sink of its own, whose frames
 * go to struct ui. JOURNAL is the file for journal_open(), which the caller keeps.
 * NULL and E on failure. */
struct bus *bus_new(const struct link_opts *opts, struct trace *trace,
		    const char *journal, struct err *e);
#define BUS_PARTING_MS 150	/* for the thread to end when the program does */

/* Closes the meter and ends the thread: at once, whatever the line does; a write
 * under way is given up, and the journal says so. True once the thread has ended. Only
 * the look-up of a host name cannot be cancelled: after PARTING_MS (with a write under
 * way: 3 s) the thread is left to the end of the process, as are TRACE and JOURNAL. */
bool bus_free(struct bus *b, long parting_ms);

/* Readable: bus_take() has something. */
int bus_fd(const struct bus *b);

/* Leaves the meter it has and goes on with this one. Takes PROFILE over, which
 * must number its points as that of struct ui does, and PASSWORD (that of the broker's
 * user; NULL: none). 0, or -1 without memory, while a write is under way or a command has
 * the meter: then both stay the caller's. */
int bus_connect(struct bus *b, const struct profile *profile,
		const struct target *t, char *password, struct err *e);
/* What to read, from the next round on. */
void bus_want(struct bus *b, const uint16_t *idx, size_t n);

/* Are messages of other meters on the same topics among the frames, from now on? At first
 * they are not. */
void bus_others(struct bus *b, bool kept);

/* Has W (copied) done before the next round of readings; what becomes of it comes
 * through stage_work(). It takes the place of what was asked for before and has
 * not begun. -1: a write is under way, or no memory. */
int bus_job(struct bus *b, const struct job *w, struct err *e);

/* Begins the proof of the meter's uplink anew (one has begun with the meter); how far
 * it is, bus_take() brings. WITH (NULL: none) is a second way to the same meter, whose
 * registers are compared; PROFILE, then, is taken over, and numbers its points as that of
 * the meter. */
void bus_prove(struct bus *b, const struct uplink_options *o, const struct target *with,
	       const struct profile *profile);

/*
 * For the thread of a command. Borrows the open link to T, once what it is at is done: 1,
 * and the bus does nothing until bus_give_back(). 0: it has none there, or one that more
 * than one can have. -1 and E (ERR_INTERRUPTED): CANCEL_FD was raised, which bus_interrupt()
 * has to follow, or the bus is left.
 */
int bus_borrow(struct bus *b, const struct target *t, int cancel_fd, struct link **link, struct err *e);
void bus_give_back(struct bus *b);
/*
 * For the thread of whoever wants the line of the meter for himself: the bus closes it, once
 * what it is at is done, and opens it again after as many bus_unpark(). One behind a broker
 * goes on. 0; -1 and E (ERR_INTERRUPTED) as above.
 */
int bus_park(struct bus *b, int cancel_fd, struct err *e);
void bus_unpark(struct bus *b);
#define BUS_PARKED "the line is used for something else (Esc on Find, Listen or Output ends it)"
/* Is the meter it has on the line of T? */
bool bus_has_line(struct bus *b, const struct target *t);
/* To the trace of the bus, BUS, as if its link had shown F; a trace_sink's. */
void bus_show_frame(void *bus, const struct trace_frame *f);
/* Is it out? */
bool bus_lent(struct bus *b);
/* Cancels what who borrows or parks waits for; from any thread. */
void bus_interrupt(struct bus *b);

/* Takes over what has come since the last time: readings through ui_take(), the state of
 * the line, statistics, frames; DONE is told of jobs. True when there were readings. */
bool bus_take(struct bus *b, struct ui *u, void (*done)(struct ui *u, const struct job *w));

#endif
