/*
 * bus_notify.c - what the thread tells the screens, and how they take it over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "bus_own.h"
#include "kept.h"

void bus_wake(struct bus *b, bool now)
{
	uint64_t one = 1;
	int64_t at = time_mono_us();

	if (!now && at - b->woken_us < HAND_OVER_US)
		return;
	b->woken_us = at;
	/* EAGAIN: it is readable already */
	if (write(b->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		b->woken_us = 0;
}

void bus_on_frame(void *arg, const struct trace_frame *f)
{
	struct bus *b = arg;

	pthread_mutex_lock(&b->lock);
	/* thousands of meters on one topic would leave no room for the one looked at */
	if (b->others || !kept_is_other(f, &b->target)) {
		kept_frame(&b->frames[b->nframes++ % UI_FRAMES], f, &b->target);
		bus_wake(b, false);
	}
	pthread_mutex_unlock(&b->lock);
}

void bus_on_reading(void *arg, size_t idx, const struct reading *r)
{
	struct round *round = arg;
	struct bus *b = round->b;

	uplink_regs_note(&round->regs, idx, r);
	/* what a cancelled read did not fetch is not stale: nobody waits for it */
	if (r->err.code == ERR_INTERRUPTED && r->quality != QUALITY_OK)
		return;
	pthread_mutex_lock(&b->lock);
	if (b->turn == round->turn && idx < b->npoints) {
		b->latest[idx] = *r;
		if (!b->pending[idx]) {
			b->pending[idx] = 1;
			b->queue[b->nqueue++] = (uint16_t)idx;
		}
		if (r->quality == QUALITY_OK || r->quality == QUALITY_ABSENT) {
			round->came = true;
			/* the first round may be a long one */
			if (b->line == LINE_CONNECTING || b->line == LINE_SILENT)
				b->line = LINE_LIVE;
		}
		bus_wake(b, false);
	}
	pthread_mutex_unlock(&b->lock);
}

void bus_on_remark(void *arg, const char *text)
{
	struct bus *b = arg;

	pthread_mutex_lock(&b->lock);
	snprintf(b->remark, sizeof(b->remark), "%s", text);
	bus_wake(b, true);
	pthread_mutex_unlock(&b->lock);
}

void bus_tell(struct round *r, enum line_state line, const struct err *reason,
	      const struct link *link)
{
	struct bus *b = r->b;
	struct link_stats stats = { 0 };
	struct link_uplink uplink = { 0 };

	if (link) {
		link_stats(link, &stats);
		link_uplink(link, &uplink);
	}
	pthread_mutex_lock(&b->lock);
	if (b->turn == r->turn) {
		b->line = line;
		b->reason = *reason;
		b->stats = stats;
		b->uplink = uplink;
		if (uplink.up)
			uplink_connected(&b->proof, time_wall_us());
		else if (reason->code)
			uplink_lost(&b->proof, reason->text, time_wall_us());
		bus_wake(b, true);
	}
	pthread_mutex_unlock(&b->lock);
}

static void take_frames(struct bus *b, struct ui *u)
{
	if (!u->frames)
		u->frames = calloc(UI_FRAMES, sizeof(*u->frames));
	if (!u->frames)
		return;
	if (b->nframes - b->taken_frames > UI_FRAMES)
		b->taken_frames = b->nframes - UI_FRAMES;
	for (; b->taken_frames < b->nframes; b->taken_frames++)
		u->frames[b->taken_frames % UI_FRAMES] = b->frames[b->taken_frames % UI_FRAMES];
	u->nframes = b->nframes;
}

/* True when there was any. */
static bool take_fleet(struct bus *b, struct ui *u)
{
	if (!b->fleet.some)
		return false;
	if (!u->fleet) {
		u->fleet = calloc(1, sizeof(*u->fleet));
		if (!u->fleet)
			return false;	/* they wait */
		fleet_init(u->fleet, NULL);	/* copies need no profile */
	}
	bus_fleet_take(&b->fleet, u->fleet);
	return true;
}

bool bus_take(struct bus *b, struct ui *u, void (*done)(struct ui *u, const struct job *w))
{
	uint64_t count;
	bool came;

	if (read(b->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return false;
	pthread_mutex_lock(&b->lock);
	came = b->nqueue > 0;
	for (size_t i = 0; i < b->nqueue; i++) {
		ui_take(u, b->queue[i], &b->latest[b->queue[i]]);
		b->pending[b->queue[i]] = 0;
	}
	b->nqueue = 0;
	if (b->turn > 0) {
		u->line = b->line;
		snprintf(u->reason, sizeof(u->reason), "%s", b->reason.text);
		u->reason_code = b->reason.code;
		if (*b->stats.learned && strcmp(b->stats.learned, u->stats.learned) != 0)
			ui_say(u, "%s", b->stats.learned);
		u->stats = b->stats;
		u->uplink = b->uplink;
		u->proof = b->proof;
		memcpy(u->said, b->said, sizeof(u->said));
		u->nsaid = b->nsaid;
	}
	if (b->found)
		u->target = b->target;
	b->found = false;
	if (*b->remark)
		ui_say(u, "%s", b->remark);
	b->remark[0] = '\0';
	u->lent = b->loan == LOAN_OUT;
	u->parked = bus_parks(b);
	if (u->line == LINE_LIVE && !u->lent && !u->parked)
		u->live_us = u->now_us;
	take_frames(b, u);
	came = take_fleet(b, u) || came;
	for (int i = 0; i < SLOTS; i++) {
		if (b->done_new[i])
			done(u, &b->done[i]);
		b->done_new[i] = false;
	}
	pthread_mutex_unlock(&b->lock);
	u->dirty = true;
	return came;
}
