/*
 * plan_write_own.h - one write under way, shared by what writes registers, what tells a meter
 * without registers, and what commits. For plan_*.c alone.
 */
#ifndef METERCTL_WRITE_PLAN_WRITE_OWN_H
#define METERCTL_WRITE_PLAN_WRITE_OWN_H

#include "plan.h"
#include "profile/codec.h"

struct write {
	struct plan *p;
	struct meter *m;
	struct journal *j;
	const struct point *point;	/* of the first step */
	const struct point *line;	/* the point these registers are when the link itself
					   depends on them, or NULL */
	size_t first, n;
	uint16_t words;			/* of all steps, from those of `point` on */
	uint16_t current[PLAN_REGISTERS_MAX], want[PLAN_REGISTERS_MAX], after[PLAN_REGISTERS_MAX];
	int64_t clock_s, clock_us;	/* wanted time and when it was true (monotonic) */
	int64_t drift_s;		/* of the clock before it was set */
	bool drift_known;
	enum clock_coding coding;
	bool interrupted;
	bool torn;			/* of several writes some were taken, and a later one failed */
	bool committed;			/* a commit has followed */
	struct err unfinished;		/* what should have followed the write and failed */
	plan_told *told;
	void *arg;
};

/* The write of the N steps from FIRST of P. */
struct write write_of(struct plan *p, size_t first, size_t n, struct meter *m, struct journal *j,
		      plan_told *told, void *arg);
struct step *write_step(const struct write *w, size_t i);
/* On disk, before anything is on the wire. */
int write_intend(struct write *w, long run, struct err *e);
/* Reads back until the meter replies, also when it restarts. */
int write_read_back(struct write *w, struct err *e);
/* Is what was read back that of the meter that was written to? */
int write_confirm_meter(struct write *w, bool there, struct err *why);
/* Holds what was read back, of a step, what it should? */
bool write_step_landed(const struct write *w, const struct step *s);
/* Sets STATE for every step that is PLANNED, with what the registers hold now if that was SEEN. */
void write_conclude(struct write *w, enum step_state state, const struct err *why, bool seen);
/* HOW it is not there; REPLY: to the write, when it was not that it is done. */
void write_not_there(struct write *w, const char *how, const struct err *reply);
/* It was sent, and what the meter holds could not be read. */
void write_unknown(struct write *w, const struct err *ack, const struct err *unread);
/* Tells and records what became of it. -1 and E with the worst of it. */
int write_over(struct write *w, struct err *e);

#endif
