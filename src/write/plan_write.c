#include "plan_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "profile/codec.h"
#include "plan_around.h"
#include "plan_link.h"
#include "plan_write_own.h"

#define TRIES 3			/* a write that has been seen not to land */
#define READ_BACK_US 6000000	/* a meter may restart after a setting */
#define RESTART_US 30000000	/* ... which a commit may bring about */
#define READ_AGAIN_US 300000	/* or take its time to store it */
#define CLOCK_SLACK_S 2		/* of a read-back, adw300 settings section 5 */

struct step *write_step(const struct write *w, size_t i)
{
	return &w->p->steps[w->first + i];
}

struct write write_of(struct plan *p, size_t first, size_t n, struct meter *m, struct journal *j,
		      plan_told *told, void *arg)
{
	const struct point *point = plan_point(p, &p->steps[first]), *last = plan_point(p, &p->steps[first + n - 1]);

	return (struct write){
		.p = p, .m = m, .j = j, .first = first, .n = n, .told = told, .arg = arg,
		.point = point, .words = (uint16_t)(last->addr + last->words - point->addr),
	};
}

static const struct point *plan_write_point_of(const struct write *w, const struct step *s)
{
	return plan_point(w->p, s);
}

/* Where its registers begin in REGS, which are those of the write. */
static const uint16_t *regs_of(const struct write *w, const struct step *s, const uint16_t *regs)
{
	return regs + (plan_write_point_of(w, s)->addr - w->point->addr);
}

static int read_registers(struct write *w, uint16_t *regs, struct err *e)
{
	return meter_read_registers(w->m, w->point->space, w->point->addr, w->words, regs, e);
}

/* Waits; a cancel shortens it and is remembered: what has been sent is seen
 * through before it takes effect. */
static void plan_write_rest(struct write *w, int64_t us)
{
	w->interrupted |= around_rest(w->m->link, us);
}

static bool plan_write_same(const struct write *w, const uint16_t *a, const uint16_t *b)
{
	return memcmp(a, b, w->words * sizeof(*a)) == 0;
}

/* Do all registers stand as they were shown? */
static bool as_shown(const struct write *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct step *s = write_step(w, i);

		if (memcmp(regs_of(w, s, w->current), s->before_raw,
			   plan_write_point_of(w, s)->words * sizeof(*w->current)) != 0)
			return false;
	}
	return true;
}

/* How far the clock in REGS is ahead of S. */
static bool clock_ahead(const struct write *w, const uint16_t *regs, int64_t s, int64_t *by)
{
	int64_t shown;

	if (codec_clock_decode(w->point, w->coding, regs, &shown))
		return false;
	*by = shown - s;
	return true;
}

/* ... of what it was set to. */
static bool clock_off(const struct write *w, int64_t *by)
{
	return clock_ahead(w, w->after, w->clock_s + (time_mono_us() - w->clock_us) / 1000000, by);
}

static bool clock_matches(const struct write *w)
{
	int64_t by;

	return clock_off(w, &by) && llabs(by) <= CLOCK_SLACK_S;
}

static bool plan_write_landed(const struct write *w)
{
	return w->point->type == TYPE_CLOCK ? clock_matches(w) : plan_write_same(w, w->after, w->want);
}

/* As before the write; a clock has gone on since. */
static bool untouched(const struct write *w)
{
	int64_t by;

	if (plan_write_same(w, w->after, w->current))
		return true;
	return w->point->type == TYPE_CLOCK && w->drift_known
	    && clock_ahead(w, w->after, time_local_s(time_wall_us()), &by)
	    && llabs(by - w->drift_s) <= CLOCK_SLACK_S;
}

/* The clock as it stands, and how far it was and is off the laptop's. */
static void see_clock(struct write *w, struct step *s)
{
	int64_t now = time_local_s(time_wall_us()), by;

	s->after = (struct value){ 0 };
	if (!clock_ahead(w, w->after, now, &by))
		return;
	codec_clock_value(now + by, &s->after);
	if (s->state == STEP_VERIFIED && w->drift_known)
		err_set(&s->err, ERR_NONE, "%lld s off the laptop's clock before%s%s, %lld s after",
			(long long)w->drift_s, *time_summer((double)w->drift_s) ? ": " : "",
			time_summer((double)w->drift_s), (long long)by);
}

/* Of several registers, or bits of one, some may be as wanted when others are not. */
bool write_step_landed(const struct write *w, const struct step *s)
{
	const struct point *p = plan_write_point_of(w, s);
	uint16_t regs[VALUE_WORDS];
	struct err e;

	memcpy(regs, regs_of(w, s, w->after), p->words * sizeof(*regs));
	return codec_encode(p, &s->want, regs, &e) == 0
	    && memcmp(regs, regs_of(w, s, w->after), p->words * sizeof(*regs)) == 0;
}

/* What VERIFIED means, where the registers are not all of it. */
static void plan_write_remark(const struct write *w, struct step *s)
{
	enum effect effect = plan_write_point_of(w, s)->effect;
	char saved[48] = "";

	if (w->committed)
		snprintf(saved, sizeof(saved), "saved by register 0x%04X", w->p->profile->commit_at);
	if (effect == EFFECT_RESTART)
		err_set(&s->err, ERR_NONE, "%s%stakes effect after a restart of the meter", saved, *saved ? ", " : "");
	else if (effect == EFFECT_REOPEN)
		err_set(&s->err, ERR_NONE, "%s%stakes effect when the connection is opened again", saved, *saved ? ", " : "");
	else if (*saved)
		err_set(&s->err, ERR_NONE, "%s", saved);
}

void write_conclude(struct write *w, enum step_state state, const struct err *why, bool seen)
{
	for (size_t i = 0; i < w->n; i++) {
		struct step *s = write_step(w, i);

		if (s->state != STEP_PLANNED)
			continue;
		s->state = state;
		s->err = *why;
		s->uncommitted = false;
		if (!seen)
			continue;
		if (w->n > 1 && state == STEP_FAILED && write_step_landed(w, s)) {
			s->state = STEP_VERIFIED;
			s->err = (struct err){ 0 };
		}
		if (s->state == STEP_VERIFIED)
			plan_write_remark(w, s);
		if (w->point->type == TYPE_CLOCK)
			see_clock(w, s);
		else if (codec_decode(plan_write_point_of(w, s), regs_of(w, s, w->after), &s->after, NULL))
			s->after = (struct value){ 0 };
	}
}

static const char *journal_text(const struct point *p, const struct value *v,
				char *buf, size_t size)
{
	if (p->flags & POINT_SECRET && v->kind != VALUE_NONE)
		snprintf(buf, size, POINT_HIDDEN);
	else
		codec_format(p, v, buf, size);
	return buf;
}

/* On disk before anything is on the wire. */
int write_intend(struct write *w, long run, struct err *e)
{
	char target[TARGET_TEXT];

	target_format(&w->m->link->target, 0, target, sizeof(target));
	for (size_t i = 0; i < w->n; i++) {
		struct step *s = write_step(w, i);
		const struct point *p = plan_write_point_of(w, s);
		struct journal_row r = { .run = run };

		if (s->state != STEP_PLANNED)
			continue;
		snprintf(r.target, sizeof(r.target), "%s", target);
		snprintf(r.profile, sizeof(r.profile), "%s", w->p->profile->name);
		snprintf(r.key, sizeof(r.key), "%s", p->key);
		snprintf(r.identity, sizeof(r.identity), "%s", w->p->meter.text);
		journal_text(p, &s->before, r.before, sizeof(r.before));
		journal_text(p, &s->want, r.want, sizeof(r.want));
		if (journal_intent(w->j, &r, e))
			return -1;
		s->journal_id = r.id;
	}
	return 0;
}

/* What became of it. A journal that fails now leaves the row open: the next run
 * reads and settles it. */
static int plan_write_record(struct write *w, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct step *s = write_step(w, i);
		char after[JOURNAL_TEXT];

		if (!s->journal_id || s->state == STEP_PLANNED)
			continue;
		journal_text(plan_write_point_of(w, s), &s->after, after, sizeof(after));
		if (journal_result(w->j, s->journal_id, step_state_names[s->state],
				   after, s->err.text, e))
			rc = -1;
	}
	return rc;
}

static void plan_write_tell(struct write *w)
{
	for (size_t i = 0; w->told && i < w->n; i++)
		w->told(w->arg, w->p, w->first + i);
}

/* The registers as they are to be. */
static int make_want(struct write *w, struct err *e)
{
	struct step *s = write_step(w, 0);

	memcpy(w->want, w->current, sizeof(w->want));
	if (w->point->type != TYPE_CLOCK) {
		for (size_t i = 0; i < w->n; i++) {
			const struct step *one = write_step(w, i);
			ptrdiff_t at = regs_of(w, one, w->want) - w->want;

			if (codec_encode(plan_write_point_of(w, one), &one->want, w->want + at, e))
				return -1;
		}
		return 0;
	}
	w->coding = codec_clock_coding(w->point, w->current, time_local_s(time_wall_us()));
	w->drift_known = clock_ahead(w, w->current, time_local_s(time_wall_us()), &w->drift_s);
	if (s->now) {
		int64_t us = time_wall_us();

		/* at a second's beginning, so that the meter is not half a second off */
		plan_write_rest(w, 1000000 - us % 1000000);
		w->clock_s = time_local_s(time_wall_us() + 1000);
	} else if (codec_clock_seconds(s->want.text, &w->clock_s)) {
		return err_set(e, ERR_USAGE, "'%s' is no date and time", s->want.text);
	}
	w->clock_us = time_mono_us();
	if (codec_clock_encode(w->point, w->coding, w->clock_s, w->want))
		return err_set(e, ERR_DENIED, "'%s' cannot hold that date", w->point->key);
	codec_clock_value(w->clock_s, &s->want);
	return 0;
}

/* Before it is sent again: the time that it is by then, at a second's beginning. */
static void renew_clock(struct write *w)
{
	int64_t gone;

	plan_write_rest(w, 1000000 - (time_mono_us() - w->clock_us) % 1000000);
	gone = (time_mono_us() - w->clock_us + 1000) / 1000000;
	w->clock_s += gone;
	w->clock_us += gone * 1000000;
	codec_clock_encode(w->point, w->coding, w->clock_s, w->want);
}

/* An interrupt before anything was sent: then nothing is. */
static int stopped(const struct write *w, struct err *e)
{
	return w->interrupted ? err_set(e, ERR_INTERRUPTED, "interrupted: nothing is written") : 0;
}

/* Reads back until the meter answers, also when it restarts. */
int write_read_back(struct write *w, struct err *e)
{
	bool restarts = w->committed && w->point->effect == EFFECT_RESTART;
	int64_t end = time_mono_us() + (restarts ? RESTART_US : READ_BACK_US);

	for (;;) {
		if (read_registers(w, w->after, e) == 0)
			return 0;
		if (e->code == ERR_INTERRUPTED) {
			w->interrupted = true;
			link_uncancel(w->m->link);
		}
		/* the meter's own refusal to be read will not change */
		if (e->code == ERR_REFUSED || time_mono_us() >= end)
			return -1;
		plan_write_rest(w, READ_AGAIN_US);
	}
}

/* An acknowledged write that is not there yet may still be on its way to flash. */
static int read_back_patiently(struct write *w, bool acknowledged, struct err *e)
{
	if (write_read_back(w, e))
		return -1;
	if (acknowledged && !plan_write_landed(w) && untouched(w)) {
		plan_write_rest(w, READ_AGAIN_US);
		return write_read_back(w, e);
	}
	return 0;
}

void write_unknown(struct write *w, const struct err *ack, const struct err *unread)
{
	struct err why;

	err_set(&why, ERR_UNVERIFIED, "'%s' was sent and what the meter holds now is not known: %s",
		w->point->key, *unread->text ? unread->text : ack->text);
	write_conclude(w, STEP_UNKNOWN, &why, false);
}

/* Is what was read back that of the meter that was written to? A cancel does not keep
 * from knowing it. */
int write_confirm_meter(struct write *w, bool there, struct err *why)
{
	int rc = identity_confirm(w->m, &w->p->meter, there, why);

	if (rc && why->code == ERR_INTERRUPTED) {
		w->interrupted = true;
		link_uncancel(w->m->link);
		rc = identity_confirm(w->m, &w->p->meter, there, why);
	}
	return rc;
}

/* A new address, speed or frame of the line itself. */
static void plan_write_follow(struct write *w, const struct err *ack)
{
	struct err where = { 0 }, other = { 0 };
	enum step_state s = plan_follow(w->m, w->line, w->want, w->after, &w->interrupted, &where);

	if (s != STEP_UNKNOWN && write_confirm_meter(w, s == STEP_VERIFIED, &other))
		write_unknown(w, ack, &other);
	else
		write_conclude(w, s, &where, s != STEP_UNKNOWN);
}

/* ANSWER: what was said to the write, other than that it is done; or it has no text. */
void write_not_there(struct write *w, const char *how, const struct err *answer)
{
	const char *sep = *answer->text ? ": " : "";
	int64_t by = 0;
	struct err why;

	if (w->point->type == TYPE_CLOCK && clock_off(w, &by) && *time_summer((double)by))
		err_set(&why, ERR_UNVERIFIED, "'%s' %s, %lld minutes off: %s (check whether the meter changes to summer time by itself)",
			w->point->key, how, (long long)((llabs(by) + 30) / 60), time_summer((double)by));
	else
		err_set(&why, ERR_UNVERIFIED, "'%s' %s%s%s", w->point->key, how, sep, answer->text);
	/* without registers the meter's word is in the step already */
	write_conclude(w, STEP_FAILED, &why, link_has_registers(w->m->link));
}

static bool plan_write_needs(const struct write *w, unsigned flag)
{
	for (size_t i = 0; i < w->n; i++)
		if (plan_write_point_of(w, write_step(w, i))->flags & flag)
			return true;
	return false;
}

/* Is the commit of this write to come behind those of others, too? That of the line's own
 * settings, after which the meter may be elsewhere, and that of a clock follow at once. */
static bool plan_write_waits(const struct write *w)
{
	return plan_write_needs(w, POINT_COMMIT) && !w->line && w->point->type != TYPE_CLOCK;
}

static void plan_write_unfinished(struct write *w, const char *what, const struct err *why)
{
	if (!*w->unfinished.text)
		err_set(&w->unfinished, ERR_UNVERIFIED, "%s: %s", what, why->text);
}

/* Registers that go in several writes, of which one failed behind the first DONE registers:
 * they get back what they held, unless the meter has all of it nevertheless. */
static void plan_write_put_back(struct write *w, uint16_t done, struct err *e)
{
	uint16_t n = (uint16_t)(done + around_most(w->p->profile));
	struct err unread = { 0 }, why = { 0 };
	bool sent;

	if (write_read_back(w, &unread) == 0 && plan_write_landed(w))
		return;
	w->torn = true;
	n = n > w->words ? w->words : n;
	if (around_write(w->p, w->m, w->point->addr, n, w->current, &done, &sent, &why) && why.code == ERR_INTERRUPTED) {
		w->interrupted = true;
		link_uncancel(w->m->link);
		around_write(w->p, w->m, w->point->addr, n, w->current, &done, &sent, &why);
	}
	if (e->code == ERR_REFUSED)
		err_prefix(e, "'%s' not written, registers written before were put back", w->point->key);
}

static int plan_write_registers(struct write *w, bool *sent, struct err *e)
{
	uint16_t done, n = w->n > 1 ? w->words : (uint16_t)codec_needed(w->point, w->current, w->want);
	int rc = around_write(w->p, w->m, w->point->addr, n, w->want, &done, sent, e);

	w->torn = false;
	if (rc && e->code == ERR_INTERRUPTED) {
		w->interrupted = true;
		link_uncancel(w->m->link);
	}
	if (rc && done)
		plan_write_put_back(w, done, e);
	return rc;
}

/* Unlocks, sends, commits and locks again, as far as the profile says so. */
static int plan_write_send(struct write *w, bool *sent, struct err *e)
{
	const struct profile *p = w->p->profile;
	bool unlock = plan_write_needs(w, POINT_UNLOCK), commit = plan_write_needs(w, POINT_COMMIT);
	struct err why = { 0 };
	int rc;

	w->unfinished = (struct err){ 0 };
	if ((unlock && !p->unlock_password.n) || (commit && !p->commit_value.n))
		return err_set(e, ERR_DENIED, "profile '%s' has no unlock or commit for '%s' (see 'profile check')", p->name,
			       w->point->key);
	if (unlock && around_unlock(w->p, w->m, &why)) {
		err_set(e, why.code, "'%s' not written, the unlock before it failed: %s", w->point->key, why.text);
		around_lock(w->p, w->m, &w->interrupted, &why);
		return -1;
	}
	rc = plan_write_registers(w, sent, e);
	if (rc == 0 && commit && !plan_write_waits(w)) {
		w->committed = around_commit(w->p, w->m, &w->interrupted, &why) == 0;
		if (!w->committed)
			plan_write_unfinished(w, "written, but the commit failed", &why);
	}
	if (unlock && (rc || !plan_write_waits(w)) && around_lock(w->p, w->m, &w->interrupted, &why))
		plan_write_unfinished(w, "written, but the meter may still be unlocked", &why);
	return rc;
}

/* Written, as far as that can be read; the rest is the commit's. */
static void plan_write_hold(struct write *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (write_step(w, i)->state == STEP_PLANNED)
			write_step(w, i)->uncommitted = true;
}

/* Neither all of it nor what stood there before. */
static void plan_write_torn(struct write *w, const struct err *ack)
{
	struct err why;

	err_set(&why, ERR_UNVERIFIED, "'%s' is written in part, and what it held before could not be put back: %s", w->point->key,
		ack->text);
	write_conclude(w, STEP_UNKNOWN, &why, true);
}

/* Sends, reads back, and sends again only what has been seen not to be there. */
static void plan_write_carry_out(struct write *w)
{
	/* of registers without a name nothing says that a second time does no harm */
	int tries = write_step(w, 0)->made ? 1 : TRIES;
	struct err ack;

	for (int try = 0; try < tries; try++) {
		struct err unread = { 0 };
		bool sent = false;
		int rc;

		ack = (struct err){ 0 };
		rc = plan_write_send(w, &sent, &ack);
		if (rc && !sent) {
			write_conclude(w, STEP_REFUSED, &ack, false);
			return;
		}
		if (w->line && (!rc || ack.code != ERR_REFUSED)) {
			plan_write_follow(w, &ack);
			return;
		}
		if (read_back_patiently(w, rc == 0, &unread) || write_confirm_meter(w, plan_write_landed(w), &unread)) {
			write_unknown(w, &ack, &unread);
			return;
		}
		/* what the commit is to bring about may not be seen before it */
		if (plan_write_waits(w) && !*w->unfinished.text && (plan_write_landed(w) || (rc == 0 && untouched(w)))) {
			plan_write_hold(w);
			return;
		}
		if (plan_write_landed(w) && *w->unfinished.text) {
			write_conclude(w, STEP_UNKNOWN, &w->unfinished, true);
			return;
		}
		if (plan_write_landed(w)) {
			write_conclude(w, STEP_VERIFIED, &(struct err){ 0 }, true);
			return;
		}
		if (w->torn && !untouched(w)) {
			plan_write_torn(w, &ack);
			return;
		}
		if (rc && ack.code == ERR_REFUSED) {
			write_conclude(w, STEP_REFUSED, &ack, true);
			return;
		}
		if (rc == 0 || !untouched(w)) {
			write_not_there(w, rc == 0 ? "was acknowledged, but the meter holds something else"
					     : "was not taken over as it was sent", &ack);
			return;
		}
		if (w->point->type == TYPE_CLOCK && try + 1 < tries)
			renew_clock(w);
		if (w->interrupted)
			break;
	}
	write_not_there(w, "did not reach the meter", &ack);
}

/* The worst of the write's steps, as an error; -1. */
static int plan_write_verdict(const struct write *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++)
		if (write_step(w, i)->state != STEP_VERIFIED && write_step(w, i)->state != STEP_UNCHANGED
		    && !write_step(w, i)->uncommitted) {
			*e = write_step(w, i)->err;
			return -1;
		}
	return w->interrupted ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

int write_over(struct write *w, struct err *e)
{
	struct err why = { 0 };

	plan_write_tell(w);
	if (plan_write_record(w, &why) && plan_write_verdict(w, e) == 0)
		return err_set(e, ERR_UNVERIFIED, "'%s' written and verified, not recorded: %s", w->point->key, why.text);
	return plan_write_verdict(w, e);
}

/* The point that these registers are, all of it, when the link depends on it. */
static const struct point *line_point(const struct write *w)
{
	const struct point *p = write_step(w, 0)->made
		? profile_at(w->p->profile, w->point->space, w->point->addr) : w->point;

	return p && p->flags & POINT_DROPS_LINK && p->effect == EFFECT_NOW && p->addr == w->point->addr && p->words == w->words
	       ? p : NULL;
}

int plan_write(struct plan *p, size_t first, size_t n, struct meter *m,
	       struct journal *j, long run, plan_told *told, void *arg, struct err *e)
{
	struct write w = write_of(p, first, n, m, j, told, arg);
	struct err why = { 0 };

	w.line = line_point(&w);

	if (read_registers(&w, w.current, e))
		return -1;
	memcpy(w.after, w.current, sizeof(w.after));
	if (w.point->type != TYPE_CLOCK && !as_shown(&w)) {
		err_set(&why, ERR_DENIED, "'%s' has changed since it was shown: nothing is written", w.point->key);
		write_conclude(&w, STEP_REFUSED, &why, true);
	} else if (make_want(&w, &why) || stopped(&w, &why)
		   || plan_probe(m, w.line ? w.line : w.point, w.want, &why)
		   || write_intend(&w, run, &why)) {
		write_conclude(&w, STEP_REFUSED, &why, false);
	} else {
		plan_write_carry_out(&w);
	}
	return write_over(&w, e);
}
