/*
 * plan.h - the way of a write: new value, look, show, write, read back, verdict.
 *
 * The one engine behind forms, `set`, `apply`, `restore`, `undo`, `raw write` and
 * batch, and the only caller of link_write(). Nothing is written unseen: what a person or a
 * script agreed to is what stood in `before` when they agreed, and it is read
 * again right before the write. Nothing is called done unread.
 *
 *   plan_add()     type, range, choice, access, provenance; nothing on the wire
 *   plan_look()    reads what stands there: before; says what would be written
 *   (the caller shows before -> want and asks)
 *   plan_apply()   for each write: read again, journal intent, write, read back,
 *                  journal result
 *
 * Not thread-safe; runs on the thread that owns the meter.
 */
#ifndef METERCTL_WRITE_PLAN_H
#define METERCTL_WRITE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "meter/identity.h"
#include "journal.h"
#include "meter/meter.h"
#include "profile/value.h"

#define PLAN_REGISTERS_MAX 123	/* in one write: Modbus Application Protocol V1.1b3, 6.12 */

enum step_state {
	STEP_PLANNED,	/* is to be written */
	STEP_UNCHANGED,	/* the meter holds it already */
	STEP_VERIFIED,	/* written and read back */
	STEP_FAILED,	/* read back, and it is not there */
	STEP_UNKNOWN,	/* perhaps written: the meter has not answered since */
	STEP_REFUSED,	/* not written: stopped here, or refused by the meter */
	STEP_STATES
};
extern const char *const step_state_names[STEP_STATES];	/* as in JSON */

struct step {
	uint16_t idx;		/* point; of one without a name 0 */
	const struct point *made;	/* the point of a register without a name; NULL: idx says it */
	struct value before, want, after;	/* VALUE_NONE: not read */
	uint16_t before_raw[VALUE_WORDS];	/* the registers that were shown */
	enum step_state state;
	struct err err;		/* why refused, failed or unknown; or a remark */
	long journal_id;	/* 0: none */
	size_t write;		/* steps with the same number go in one frame */
	bool now;		/* "clock=now": want is made when it is written */
	bool uncommitted;	/* PLANNED still: written, and waits for the commit behind all */
};

/* What the person allows. A new value that needs more is refused: ERR_DENIED. */
struct plan_policy {
	bool read_only;		/* --read-only; the screens before W */
	bool provisional;	/* --allow-provisional */
	bool switching;		/* an output that may move a breaker: its own consent */
	bool simulated;		/* the target is the built-in simulator */
	bool remote;		/* a broker stands between, and no tunnel leads through it */
	enum unit_ban ban;	/* of the target: target_unit_ban() */
};

struct plan {
	const struct profile *profile;
	struct plan_policy policy;
	struct step *steps;
	size_t n;
	bool looked;
	unsigned long reopened;	/* connections, when it was looked at */
	struct identity meter;	/* that is written to, when that began */
	struct code password;	/* of the unlock, given by a person; n 0: none */
	bool unlocked;		/* the meter may be, by us */
	int64_t unlocked_until_us;	/* ... and is, surely (monotonic) */
};

/* Told of each step whose state changes, while plan_apply() runs. */
typedef void plan_told(void *arg, const struct plan *p, size_t step);

void plan_init(struct plan *p, const struct profile *profile,
	       const struct plan_policy *policy);
void plan_release(struct plan *p);

/* The point that S is about. */
const struct point *plan_point(const struct plan *p, const struct step *s);

/*
 * Adds KEY=TEXT. ERR_USAGE: no such key, not writable, not of its type, wished
 * twice. ERR_DENIED: out of range, no such choice, read-only, reserved, an
 * unpublished register (says where to put the supplier's address), an output
 * without consent. Nothing is added then.
 */
int plan_add(struct plan *p, const char *key, const char *text, struct err *e);

/*
 * Adds N registers from ADDR on, whatever a profile says of them: a step each, on a point
 * without a name ("raw:0x000F", one word), all in one frame. They are written also when
 * the meter holds the values already, and sent once only: nothing is known of what a
 * second time would do. A register of a secret point is a secret. ERR_USAGE: more than
 * one write of this meter carries, beyond 0xFFFF, or a second time in P. ERR_DENIED: read-only, or the unit
 * may not be written to. Nothing is added then.
 */
int plan_add_registers(struct plan *p, long addr, long n, const uint16_t *values, struct err *e);

/* Reads `before`; each step is then PLANNED, UNCHANGED or REFUSED (what stands
 * there does not look like what the point should hold). Orders the steps:
 * thresholds before the enable bits that arm them, the link's own settings last.
 * -1: the line failed, or the meter does not give the registers of points without a
 * name: nothing can be said. */
int plan_look(struct plan *p, struct meter *m, struct err *e);

/* Is a password needed that nobody has given yet? A person is asked for it just before
 * plan_apply(). */
bool plan_asks_password(const struct plan *p);
/* TEXT is the password of the unlock. It is kept in P alone, until plan_apply() is over. ERR_USAGE:
 * it cannot be one; E does not repeat it. */
int plan_give_password(struct plan *p, const char *text, struct err *e);

/* In how many writes WORDS registers go (write.most, write.function). */
uint16_t plan_write_count(const struct profile *p, uint16_t words);

/* How many steps plan_apply() would write. */
size_t plan_pending(const struct plan *p);

/*
 * Writes what is pending, one point or one word of bits at a time, stopping at
 * the first that does not end VERIFIED; what the profile commits is read back, committed once
 * behind all of it, and read back again. After it no step is PLANNED unless it
 * was not reached. 0 when all are VERIFIED or UNCHANGED; else -1 and E with
 * ERR_UNVERIFIED (failed, unknown), ERR_REFUSED (the meter), ERR_DENIED (stopped
 * here: changed since it was shown, no journal), ERR_SILENT or ERR_FOREIGN (the
 * line failed before anything was written).
 * What is read back counts only when it is the same meter that answers; else the
 * step ends UNKNOWN.
 * When the address, speed or frame of the link was written, M's link has
 * followed: m->link->target says where the meter answers now.
 */
int plan_apply(struct plan *p, struct meter *m, struct journal *j,
	       plan_told *told, void *arg, struct err *e);

struct plan_settled {
	size_t n;	/* rows that have their verdict now */
	size_t others;	/* that stay open: the meter that answers at this target is another
			   one, or nothing shows that it is not (identity.h) */
};

/*
 * What earlier runs left open for this meter (a crash, a timeout): reads those
 * points and writes the verdict into the journal. To be called before anything
 * new is written. OUT may be NULL.
 */
int plan_settle(const struct profile *profile, struct meter *m, struct journal *j,
		struct plan_settled *out, struct err *e);

#endif
