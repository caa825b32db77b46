#include "uplink.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define ANSWER_S 10	/* a platform answers a login within this */
#define SLACK 0.2	/* of the interval; and the shadow dialect staggers its uploads */
#define SLACK_S 2.0
#define AGREES 0.05	/* a load changes between two readings */
#define NAMELESS "no serial number in message or topic: identity assumed from the topic (write {sn} into topic=, " \
	"or --assume-identity)"
#define BURST_S 0.25	/* what was held up somewhere comes at once: no interval */

const char *const uplink_step_names[UPLINK_STEPS] = {
	[UPLINK_BROKER] = "broker", [UPLINK_LOGIN] = "login", [UPLINK_ANSWER] = "answer",
	[UPLINK_TIME] = "time", [UPLINK_FIRST] = "first-data",
	[UPLINK_IDENTITY] = "identity", [UPLINK_CLOCK] = "clock",
	[UPLINK_SECOND] = "second-data", [UPLINK_REGISTERS] = "registers",
};

const char *const uplink_state_names[UPLINK_STATES] = {
	[UPLINK_WAITING] = "waiting", [UPLINK_PASSED] = "passed", [UPLINK_FAILED] = "failed",
	[UPLINK_IMPLIED] = "implied", [UPLINK_NONE] = "none", [UPLINK_UNDECIDED] = "undecided",
};

static void mqtt_uplink_set(struct uplink *u, enum uplink_step step, enum uplink_state state,
			    int64_t wall_us, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void mqtt_uplink_set(struct uplink *u, enum uplink_step step, enum uplink_state state,
			    int64_t wall_us, const char *fmt, ...)
{
	struct uplink_check *c = &u->steps[step];
	va_list ap;

	c->state = state;
	c->at_us = wall_us;
	va_start(ap, fmt);
	vsnprintf(c->what, sizeof(c->what), fmt, ap);
	va_end(ap);
}

static bool open_step(const struct uplink *u, enum uplink_step step)
{
	return u->steps[step].state == UPLINK_WAITING;
}

/* Only one of the dialects has logins and time requests that are answered. */
static void know_dialect(struct uplink *u, const struct dialect *d, int64_t wall_us)
{
	if (u->dialect)
		return;
	u->dialect = d;
	if (d->answer)
		return;
	for (enum uplink_step s = UPLINK_LOGIN; s <= UPLINK_TIME; s++)
		mqtt_uplink_set(u, s, UPLINK_NONE, wall_us, "dialect %s has none", d->name);
}

void uplink_init(struct uplink *u, const struct uplink_options *o)
{
	*u = (struct uplink){ .opts = *o, .delay_s = NAN };
	if (o->dialect)
		know_dialect(u, o->dialect, 0);
	if (!o->registers)
		u->steps[UPLINK_REGISTERS].state = UPLINK_NONE;
}

void uplink_connected(struct uplink *u, int64_t wall_us)
{
	if (open_step(u, UPLINK_BROKER))
		mqtt_uplink_set(u, UPLINK_BROKER, UPLINK_PASSED, wall_us, "connected and subscribed");
}

void uplink_lost(struct uplink *u, const char *why, int64_t wall_us)
{
	mqtt_uplink_set(u, UPLINK_BROKER, UPLINK_WAITING, wall_us, "%s", why);
	u->last_us = 0;	/* what comes next is no interval after what came before */
}

static void uplink_take_answer(struct uplink *u, const struct upload *up, int64_t wall_us)
{
	if (up->kind != UPLOAD_LOGIN || !up->has_result)
		return;
	if (up->result == 1)
		mqtt_uplink_set(u, UPLINK_ANSWER, UPLINK_PASSED, wall_us, "a platform accepted the login");
	else
		mqtt_uplink_set(u, UPLINK_ANSWER, UPLINK_FAILED, wall_us,
				"the platform refused the login (res %d)", up->result);
}

/* What came before the meter was switched on proves nothing of after. */
static void forget_data(struct uplink *u)
{
	for (enum uplink_step s = UPLINK_FIRST; s <= UPLINK_SECOND; s++)
		u->steps[s] = (struct uplink_check){ .state = UPLINK_WAITING };
	u->last_us = 0;
	u->gap_s = 0;
}

static void take_login(struct uplink *u, int64_t mono_us, int64_t wall_us)
{
	if (u->steps[UPLINK_LOGIN].state != UPLINK_PASSED)
		mqtt_uplink_set(u, UPLINK_LOGIN, UPLINK_PASSED, wall_us, "login seen");
	if (!u->login_us && u->opts.from_start)
		forget_data(u);
	/* who is not answered asks again: the wait began with the first */
	if (!u->login_us || !open_step(u, UPLINK_ANSWER))
		u->login_us = mono_us;
	/* one that was only implied can be seen now */
	for (enum uplink_step s = UPLINK_ANSWER; s <= UPLINK_TIME; s++)
		if (u->steps[s].state == UPLINK_IMPLIED)
			u->steps[s] = (struct uplink_check){ .state = UPLINK_WAITING };
}

/* Data or heartbeats arrive, and nothing of the login was seen: it lies before our time. */
static void imply(struct uplink *u, int64_t wall_us)
{
	if (u->opts.from_start || u->login_us)
		return;
	for (enum uplink_step s = UPLINK_LOGIN; s <= UPLINK_TIME; s++)
		if (open_step(u, s))
			mqtt_uplink_set(u, s, UPLINK_IMPLIED, wall_us, "not seen; the meter is on air, so it lies before");
}

static int expected(const struct uplink *u)
{
	return u->opts.interval_s ? u->opts.interval_s : u->set_s;
}

static void take_second(struct uplink *u, int64_t wall_us)
{
	int want = expected(u);
	double off = fabs(u->gap_s - want);

	if (want == 0)
		mqtt_uplink_set(u, UPLINK_SECOND, UPLINK_PASSED, wall_us,
				"%.1f s after the one before (what interval is set is not known)", u->gap_s);
	else if (off <= SLACK_S + SLACK * want)
		mqtt_uplink_set(u, UPLINK_SECOND, UPLINK_PASSED, wall_us,
				"%.1f s after the one before; %d s are set", u->gap_s, want);
	else if (open_step(u, UPLINK_SECOND))
		/* the first after a start need not be on the beat: the next may be */
		snprintf(u->steps[UPLINK_SECOND].what, sizeof(u->steps[0].what),
			 "%.1f s after the one before, %d s are set", u->gap_s, want);
}

static void uplink_take_identity(struct uplink *u, const struct upload *up, int64_t wall_us)
{
	struct uplink_check *c = &u->steps[UPLINK_IDENTITY];

	if (up->sn[0] || !u->opts.nameless) {
		if (c->state != UPLINK_PASSED)
			mqtt_uplink_set(u, UPLINK_IDENTITY, UPLINK_PASSED, wall_us, "serial number in the %s",
					up->sn[0] ? "message" : "topic");
	} else if (u->opts.assume_identity && open_step(u, UPLINK_IDENTITY)) {
		mqtt_uplink_set(u, UPLINK_IDENTITY, UPLINK_IMPLIED, wall_us, "identity assumed from the topic");
	} else if (open_step(u, UPLINK_IDENTITY)) {
		snprintf(c->what, sizeof(c->what), "no serial number in message or topic");
	}
}

static void uplink_take_clock(struct uplink *u, const struct upload *up, int64_t wall_us)
{
	double may = u->opts.clock_tolerance_s ? u->opts.clock_tolerance_s : MOMENT_TOLERANCE_S;
	struct moment m = { .clock = MOMENT_OFF, .off_s = u->delay_s };
	char text[80];

	if (up->foreign_clock) {
		mqtt_uplink_set(u, UPLINK_CLOCK, UPLINK_UNDECIDED, wall_us, "the time in the uploads is of a server, not of the "
				"meter: its clock cannot be checked");
		return;
	}
	if (up->sent_us && up->sent_us == u->sent_us) {
		mqtt_uplink_set(u, UPLINK_CLOCK, UPLINK_FAILED, wall_us, "time stamp stuck: a new upload with the stamp "
				"of the one before (set the clock, restart the meter)");
		return;
	}
	if (u->steps[UPLINK_CLOCK].state == UPLINK_FAILED)
		return;
	if (!up->sent_us && u->steps[UPLINK_CLOCK].state == UPLINK_PASSED)
		return;
	if (!up->sent_us)
		mqtt_uplink_set(u, UPLINK_CLOCK, UPLINK_UNDECIDED, wall_us, "no time in the uploads: the clock of the meter "
				"cannot be checked");
	else if (fabs(u->delay_s) <= may)
		mqtt_uplink_set(u, UPLINK_CLOCK, UPLINK_PASSED, wall_us, "time stamp %.1f s %s arrival", fabs(u->delay_s),
				u->delay_s < 0 ? "after" : "before");
	else
		mqtt_uplink_set(u, UPLINK_CLOCK, UPLINK_FAILED, wall_us, "%s (tolerance %.0f s%s%s; set the clock)",
				moment_text(&m, may, text, sizeof(text)), may,
				*time_summer(u->delay_s) ? "; " : "", time_summer(u->delay_s));
}

static void uplink_take_data(struct uplink *u, const struct upload *up, enum rhythm_verdict verdict,
			     int64_t mono_us, int64_t wall_us)
{
	switch (verdict) {
	case RHYTHM_RETAINED: u->retained++; return;
	case RHYTHM_DUPLICATE:
		u->duplicates++;
		u->again += u->last_us && (double)(mono_us - u->last_us) / 1e6 > SLACK_S;
		return;
	case RHYTHM_OLD: u->old++; return;
	case RHYTHM_PART: return;
	case RHYTHM_BACKLOG:
		u->late++;
		u->delay_s = up->sent_us ? (double)(wall_us - up->sent_us) / 1e6 : NAN;
		return;
	default: break;
	}
	if (up->offline || upload_usable(up) == 0)
		return;
	u->uploads++;
	u->again = 0;
	u->delay_s = up->sent_us ? (double)(wall_us - up->sent_us) / 1e6 : NAN;
	imply(u, wall_us);
	if (open_step(u, UPLINK_FIRST))
		mqtt_uplink_set(u, UPLINK_FIRST, UPLINK_PASSED, wall_us, "%zu values", upload_usable(up));
	uplink_take_identity(u, up, wall_us);
	uplink_take_clock(u, up, wall_us);
	u->sent_us = up->sent_us;
	if (u->last_us && (double)(mono_us - u->last_us) / 1e6 >= BURST_S) {
		u->gap_s = (double)(mono_us - u->last_us) / 1e6;
		if (open_step(u, UPLINK_SECOND))
			take_second(u, wall_us);
	}
	u->last_us = mono_us;
	if (u->steps[UPLINK_SECOND].state == UPLINK_PASSED && open_step(u, UPLINK_IDENTITY))
		mqtt_uplink_set(u, UPLINK_IDENTITY, UPLINK_FAILED, wall_us, NAMELESS);
}

/* Something did come, and is no second upload. False: nothing has. */
static bool uplink_say_again(struct uplink *u, int64_t wall_us, double silent_s)
{
	if (u->again)
		mqtt_uplink_set(u, UPLINK_SECOND, UPLINK_FAILED, wall_us, "no new upload in %.0f s: %lu with the time stamp and "
				"values of the first (time stamp stuck, or sent again)", silent_s, u->again);
	return u->again > 0;
}

void uplink_tick(struct uplink *u, int64_t mono_us, int64_t wall_us)
{
	double want = expected(u), silent = u->last_us ? (double)(mono_us - u->last_us) / 1e6 : 0;

	if (!(want > 0 && open_step(u, UPLINK_SECOND) && silent > 2 * (SLACK_S + (1 + SLACK) * want)))
		return;
	if (!uplink_say_again(u, wall_us, silent))
		mqtt_uplink_set(u, UPLINK_SECOND, UPLINK_FAILED, wall_us, "no upload in %.0f s, %.0f s are set: "
				"2 missed", silent, want);
}

bool uplink_over(const struct uplink *u)
{
	struct uplink seen;
	enum uplink_step step;

	if (uplink_verdict(u, &step) != UPLINK_FAILED)
		return uplink_verdict(u, NULL) != UPLINK_WAITING;
	if (step != UPLINK_IDENTITY && step != UPLINK_CLOCK)
		return true;
	seen = *u;
	seen.steps[UPLINK_IDENTITY].state = seen.steps[UPLINK_CLOCK].state = UPLINK_PASSED;
	return uplink_verdict(&seen, NULL) != UPLINK_WAITING;
}

void uplink_take(struct uplink *u, const struct upload *up, enum rhythm_verdict verdict,
		 int64_t mono_us, int64_t wall_us)
{
	/* what the broker kept proves nothing of now, whoever said it */
	if (verdict == RHYTHM_RETAINED && (up->down || up->kind != UPLOAD_DATA)) {
		u->retained++;
		return;
	}
	if (up->down) {
		uplink_take_answer(u, up, wall_us);
		return;
	}
	reasons_join(&u->drops, &up->drops);
	know_dialect(u, up->dialect, wall_us);
	if (up->interval_s > 0)
		u->set_s = up->interval_s;
	if (up->kind == UPLOAD_LOGIN)
		take_login(u, mono_us, wall_us);
	else if (up->kind == UPLOAD_TIME && u->steps[UPLINK_TIME].state != UPLINK_PASSED)
		mqtt_uplink_set(u, UPLINK_TIME, UPLINK_PASSED, wall_us, "the meter asked for the time");
	else if (up->kind == UPLOAD_DATA)
		uplink_take_data(u, up, verdict, mono_us, wall_us);
	else if (up->kind == UPLOAD_HEART || up->kind == UPLOAD_ALARM)
		imply(u, wall_us);
	/* a login nobody answers: the meter goes on for a while, the proof does not */
	if (u->login_us && open_step(u, UPLINK_ANSWER)
	    && mono_us - u->login_us > ANSWER_S * 1000000LL)
		mqtt_uplink_set(u, UPLINK_ANSWER, UPLINK_FAILED, wall_us,
				"no platform answered the login within %d s", ANSWER_S);
}

void uplink_refused(struct uplink *u, const char *why)
{
	u->refused++;
	reasons_add(&u->drops, 1, why, "");
}

/* What the last digit of both sides together can hide. */
static double resolution(const struct point *p)
{
	return 3 * pow(10, -p->decimals);
}

static bool uplink_agree(const struct point *p, double a, double b)
{
	bool setting = p->flags & POINT_WRITABLE || p->type == TYPE_BITS;
	double most = fabs(a) > fabs(b) ? fabs(a) : fabs(b);

	if (setting)
		return fabs(a - b) < 1e-9;
	return fabs(a - b) <= AGREES * most + resolution(p);
}

void uplink_compare(struct uplink *u, const struct profile *profile, const uint16_t *idx,
		    size_t n, const struct reading *uploaded, const struct reading *held,
		    double skew_s, int64_t wall_us)
{
	char first[120] = "";
	size_t differ = 0;

	u->npairs = 0;
	u->skew_s = skew_s;
	for (size_t i = 0; i < n && u->npairs < UPLINK_PAIRS; i++) {
		const struct reading *a = &uploaded[idx[i]], *b = &held[idx[i]];
		struct uplink_pair *pair = &u->pairs[u->npairs];

		if (a->quality != QUALITY_OK || b->quality != QUALITY_OK
		    || a->value.kind == VALUE_STRING || b->value.kind == VALUE_STRING)
			continue;
		*pair = (struct uplink_pair){ idx[i], a->value.num, b->value.num, false };
		pair->agrees = uplink_agree(&profile->points[idx[i]], pair->uploaded, pair->held);
		if (!pair->agrees && differ++ == 0)
			snprintf(first, sizeof(first), "%s, %.10g uploaded and %.10g held",
				 profile->points[idx[i]].key, pair->uploaded, pair->held);
		u->npairs++;
	}
	if (u->npairs == 0)
		mqtt_uplink_set(u, UPLINK_REGISTERS, UPLINK_WAITING, 0, "nothing to compare yet");
	else if (differ)
		mqtt_uplink_set(u, UPLINK_REGISTERS, ++u->differed > 1 ? UPLINK_FAILED : UPLINK_WAITING, wall_us,
				"%zu of %zu values differ from the registers, the first: %s", differ,
				u->npairs, first);
	else
		mqtt_uplink_set(u, UPLINK_REGISTERS, UPLINK_PASSED, wall_us,
				"%zu values agree with the registers, read %.1f s apart", u->npairs, skew_s);
}

void uplink_no_registers(struct uplink *u, const char *why, int64_t wall_us)
{
	mqtt_uplink_set(u, UPLINK_REGISTERS, UPLINK_FAILED, wall_us, "%s", why);
}

enum uplink_state uplink_verdict(const struct uplink *u, enum uplink_step *step)
{
	enum uplink_state all = UPLINK_PASSED;

	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++) {
		enum uplink_state state = u->steps[s].state;

		if (state == UPLINK_FAILED || (state == UPLINK_WAITING && all == UPLINK_PASSED)) {
			if (step)
				*step = s;
			all = state;
		}
		if (state == UPLINK_FAILED)
			break;
	}
	return all;
}

/* Why a step was not reached. */
static bool uplink_give_up(struct uplink *u, enum uplink_step s, int64_t wall_us, double waited_s)
{
	char off[UPLINK_WHAT], why[180];

	switch (s) {
	case UPLINK_BROKER:
		u->steps[s].state = UPLINK_FAILED;
		return false;
	case UPLINK_LOGIN:
	case UPLINK_TIME:
		if (u->uploads) {
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "not seen in %.0f s, though data arrive "
					"(was the meter switched on after this began?)", waited_s);
			return false;
		}
		break;
	case UPLINK_ANSWER:
		if (u->login_us && wall_us - u->steps[UPLINK_LOGIN].at_us >= ANSWER_S * 1000000LL) {
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "no platform answered the login");
			return false;
		}
		break;
	case UPLINK_FIRST:
		if (u->drops.total) {
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "no upload could be used: %s",
					reasons_text(&u->drops, why, sizeof(why)));
			return false;
		}
		if (u->late) {
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "only late uploads (%lu), the last measured %.0f s before "
					"it came: a backlog, or the meter's clock is behind", u->late, u->delay_s);
			return false;
		}
		if (u->retained) {
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "only messages the broker had kept");
			return false;
		}
		break;
	case UPLINK_IDENTITY:
		if (u->uploads) {
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, NAMELESS);
			return false;
		}
		break;
	case UPLINK_SECOND:
		if (uplink_say_again(u, wall_us, waited_s))
			return false;
		if (u->gap_s > 0) {
			memcpy(off, u->steps[s].what, sizeof(off));
			mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "not at the interval set: %.120s", off);
			return false;
		}
		break;
	case UPLINK_REGISTERS:
		if (u->differed) {
			u->steps[s].state = UPLINK_FAILED;
			return false;
		}
		break;
	default:
		break;
	}
	mqtt_uplink_set(u, s, UPLINK_FAILED, wall_us, "not in %.0f s", waited_s);
	return true;
}

bool uplink_end(struct uplink *u, int64_t wall_us, double waited_s)
{
	bool only_time = true, first = true;

	for (enum uplink_step s = UPLINK_LOGIN; s <= UPLINK_TIME; s++)
		if (!u->dialect && !u->opts.from_start)
			mqtt_uplink_set(u, s, UPLINK_NONE, 0, "no message was understood: its dialect is not known");
	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++) {
		bool mere;

		if (u->steps[s].state == UPLINK_FAILED)
			only_time = first = false;
		if (!open_step(u, s))
			continue;
		mere = uplink_give_up(u, s, wall_us, waited_s);
		/* what comes after the first failure follows from it */
		if (first)
			only_time = mere;
		first = false;
	}
	return only_time;
}
