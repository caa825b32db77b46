/*
 * bus_push.c - a meter that speaks by itself: takes what it sends.
 */
#include <stdio.h>
#include <string.h>

#include "base/cancel.h"
#include "base/time.h"
#include "bus_own.h"
#include "support.h"

/* How it is, after a wait that ended with RC and E. */
static void tell_pushing(struct round *r, struct link *link, int rc, struct err *e)
{
	struct link_uplink u;
	enum line_state line;

	link_uplink(link, &u);
	line = rc < 0 ? (u.rhythm.uploads ? LINE_STALE : LINE_SILENT) : support_line(&u, time_mono_us(), e);
	bus_tell(r, line, e, link);
}

static void bus_push_on_upload(void *arg, const struct upload *up, enum rhythm_verdict v,
			       int64_t mono, int64_t wall)
{
	struct round *r = arg;

	pthread_mutex_lock(&r->b->lock);
	if (r->b->turn == r->turn) {
		/* the proof is of what it sees itself */
		if (mono != r->replayed_us)
			uplink_take(&r->b->proof, up, v, mono, wall);
		if (v != RHYTHM_RETAINED)
			r->b->nsaid = support_keep_said(r->b->said, r->b->nsaid, up, mono);
	}
	pthread_mutex_unlock(&r->b->lock);
}

static void bus_push_on_refused(void *arg, const char *why)
{
	struct round *r = arg;
	struct bus *b = r->b;
	const struct ui_frame *last = b->nframes ? &b->frames[(b->nframes - 1) % UI_FRAMES] : NULL;
	char note[sizeof(last->note)];

	snprintf(note, sizeof(note), "dropped: %s", why);
	pthread_mutex_lock(&b->lock);
	if (b->turn == r->turn)
		uplink_refused(&b->proof, why);
	pthread_mutex_unlock(&b->lock);
	/* one line for a row of them, and not more than one a second: they are counted */
	if (time_mono_us() - r->dropped_us < 1000000 || (last && strcmp(last->note, note) == 0))
		return;
	r->dropped_us = time_mono_us();
	trace_emit(b->opts.trace, TRACE_BAD, NULL, 0, note);
}

/* Opens the second way that has been asked for since the last time. */
static void open_way(struct round *r)
{
	struct bus *b = r->b;
	struct link_opts opts = b->opts;
	const struct profile *profile;
	struct err e = { 0 };
	struct target t;
	struct meter m;

	pthread_mutex_lock(&b->lock);
	profile = b->with_profile;
	b->with_profile = NULL;
	t = b->with;
	pthread_mutex_unlock(&b->lock);
	if (!profile)
		return;
	uplink_regs_close(&r->regs);
	opts.trace = NULL;	/* of the broker's messages */
	if (meter_open(&m, profile, &t, &opts, &e) == 0) {
		if (uplink_regs_init(&r->regs, &m, &e) == 0)
			return;
		profile = NULL;
	}
	pthread_mutex_lock(&b->lock);
	if (b->turn == r->turn && !b->with_profile) {
		if (e.code != ERR_INTERRUPTED) {
			uplink_no_registers(&b->proof, e.text, time_wall_us());
		} else {
			b->with_profile = profile;	/* something else came first: again */
			profile = NULL;
		}
	}
	pthread_mutex_unlock(&b->lock);
	if (profile)
		profile_free(profile);
}

/* Is the proof of R's meter waiting for registers, over the way that is open? With the lock
 * held. */
static bool compares(const struct round *r)
{
	const struct bus *b = r->b;

	return b->turn == r->turn && !b->with_profile
	       && b->proof.steps[UPLINK_REGISTERS].state == UPLINK_WAITING;
}

/* Holds what the upload has brought against the registers. */
static void bus_push_compare(struct round *r, const struct meter *m)
{
	struct bus *b = r->b;
	struct err e = { 0 };
	bool wanted;
	int rc;

	pthread_mutex_lock(&b->lock);
	wanted = compares(r);
	b->reading = wanted;
	pthread_mutex_unlock(&b->lock);
	if (!wanted)
		return;
	rc = uplink_regs_read(&r->regs, &e);
	pthread_mutex_lock(&b->lock);
	b->reading = false;
	/* it may have begun anew meanwhile, and elsewhere */
	if (rc > 0 && compares(r))
		uplink_regs_compare(&r->regs, &b->proof, m->readings, time_wall_us());
	else if (rc < 0 && compares(r) && e.code != ERR_INTERRUPTED)
		uplink_no_registers(&b->proof, e.text, time_wall_us());
	pthread_mutex_unlock(&b->lock);
}

/* What the fleet has heard of the meter of R last is shown until its next upload. */
static void bus_push_replay(struct round *r, struct link *link)
{
	struct bus *b = r->b;
	const struct fleet_row *row = fleet_find(&b->kept, link->target.mqtt.sn);
	const struct broker_message *last = row ? last_find(&b->last, (size_t)(row - b->kept.rows)) : NULL;

	if (!last || r->replayed_us)
		return;
	r->replayed_us = last->mono_us;
	link_replay(link, last);
}

void bus_listen(struct round *r, struct meter *m)
{
	const struct link_tap tap = { bus_push_on_upload, bus_push_on_refused, r };
	struct bus *b = r->b;
	bool over_now;

	link_tap(m->link, &tap);
	bus_push_replay(r, m->link);
	do {
		struct err e = { 0 };
		int rc;

		pthread_mutex_lock(&b->lock);
		b->want_new = false;	/* it sends what it sends */
		if (bus_asked(b))
			bus_do(b, r->turn, m, "");
		over_now = bus_over(b, r->turn);
		b->reading = !over_now;
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		open_way(r);
		rc = meter_receive(m, time_mono_us() + LISTEN_US, bus_on_reading, r, &e);
		if (rc > 0 && r->regs.m.link)
			bus_push_compare(r, m);
		pthread_mutex_lock(&b->lock);
		b->reading = false;
		if (rc < 0 && e.code != ERR_INTERRUPTED)
			bus_rest(b, r->turn, time_mono_us() + PAUSE_LEAST_US, false);
		/* what has waited may have been for us: look, and clear it */
		if (!bus_over(b, r->turn))
			cancel_clear(b->cancel_fd);
		pthread_mutex_unlock(&b->lock);
		if (rc >= 0 || e.code != ERR_INTERRUPTED)
			tell_pushing(r, m->link, rc, &e);
	} while (!over_now);
	uplink_regs_close(&r->regs);
}
