#include "listener.h"

#include <string.h>

#include "base/time.h"
#include "named.h"

/* ---- frames --------------------------------------------------------------------- */

void listener_init(struct listener *l, const struct listener_ops *ops, void *arg, const struct profile *profile)
{
	memset(l, 0, sizeof(*l));
	l->ops = ops;
	l->arg = arg;
	l->profile = profile;
	l->line.fd = -1;
}

static void listener_take(struct listener *l, const struct cut *c)
{
	uint8_t bytes[sizeof(l->splitter.out)];
	bool redacted;

	memcpy(bytes, c->bytes, c->n);
	redacted = c->kind != CUT_GARBAGE && named_redact(l->profile, c, bytes);
	traffic_take(&l->traffic, c);
	l->frames += c->kind != CUT_GARBAGE;
	l->ops->cut(l->arg, c, bytes, redacted);
}

/* All that is sure at NOW_US. */
static void listener_drain(struct listener *l, int64_t now_us)
{
	struct cut c;

	while (!l->ops->enough(l->arg) && splitter_next(&l->splitter, now_us, &c))
		listener_take(l, &c);
}

void listener_bytes(struct listener *l, const uint8_t *bytes, size_t n, int64_t at_us)
{
	l->now_us = at_us;
	listener_drain(l, at_us);
	splitter_feed(&l->splitter, bytes, n, at_us);
	listener_drain(l, at_us);
}

void listener_end(struct listener *l)
{
	listener_drain(l, INT64_MAX);
}

/* ---- the wrong baud rate ----------------------------------------------------------- */

/* The next setting that the port can do. */
static void listener_try(struct listener *l, struct target *t)
{
	struct err cannot;

	memset(&l->splitter, 0, sizeof(l->splitter));
	for (int left = SPEED_SEARCH_SETTINGS; left > 0 && passive_set_line(&l->line, t, &cannot); left--)
		speed_search_ended(&l->speed, 0, t);
}

/* A burst has ended: what was it? */
static void listener_paused(struct listener *l)
{
	struct target t = l->line.target;
	bool serial = target_is_serial(&t), searched = l->speed.searching, lost;

	/* where frames are heard, they may have a pause in them */
	if (serial && l->frames == 0 && (!l->speed.known || searched))
		listener_drain(l, INT64_MAX);
	lost = speed_search_ended(&l->speed, l->frames, &t);
	if (l->frames) {
		l->told_lost = false;
		if (serial && searched)
			l->ops->found(l->arg);
	}
	l->frames = 0;
	if (!lost || l->ops->enough(l->arg))
		return;
	if (!l->told_lost)
		l->ops->lost(l->arg, l->speed.rubbish);
	l->told_lost = true;
	if (serial)
		listener_try(l, &t);
}

/* ---- a turn ------------------------------------------------------------------------------ */

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int listener_turn(struct listener *l, int64_t until_us, int cancel_fd, struct err *e)
{
	uint8_t bytes[SPLITTER_LUMP];
	int64_t now = time_mono_us(), due = earliest(splitter_due_us(&l->splitter, now), speed_search_due_us(&l->speed));
	int n = passive_read(&l->line, bytes, sizeof(bytes), earliest(until_us, earliest(due, now + 1000000)), cancel_fd, e);

	if (n < 0)
		return -1;
	l->now_us = time_mono_us();
	if (n > 0) {
		if (speed_search_paused(&l->speed, l->now_us))
			listener_paused(l);
		listener_bytes(l, bytes, (size_t)n, l->now_us);
		speed_search_bytes(&l->speed, (size_t)n, l->now_us);
	}
	listener_drain(l, l->now_us);
	if (speed_search_paused(&l->speed, l->now_us))
		listener_paused(l);
	return 0;
}
