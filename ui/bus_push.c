/*
 * bus_push.c - a meter that speaks by itself: takes what it sends.
 */
#include "bus_own.h"

/* How a meter that speaks by itself is, after a wait that ended with RC and E. */
static void tell_pushing(struct round *r, struct link *link, int rc, struct err *e)
{
	struct link_uplink u;
	unsigned overdue;

	link_uplink(link, &u);
	overdue = rhythm_overdue(&u.rhythm, time_mono_us());
	if (rc < 0) {
		bus_tell(r, u.rhythm.uploads ? LINE_STALE : LINE_SILENT, e, link);
	} else if (u.rhythm.uploads == 0) {
		err_set(e, ERR_SILENT, u.dropped ? "no upload that can be understood yet: %s"
			: "the broker is connected: waiting for the first upload of '%s'",
			u.dropped ? u.why : u.sn);
		bus_tell(r, LINE_CONNECTING, e, link);
	} else if (u.offline || overdue > 0) {
		err_set(e, ERR_SILENT, u.offline ? "the meter is reported offline"
			: "%u upload%s overdue: one every %.0f s is usual", overdue,
			overdue == 1 ? " is" : "s are", rhythm_expected_s(&u.rhythm));
		bus_tell(r, LINE_STALE, e, link);
	} else {
		bus_tell(r, LINE_LIVE, e, link);
	}
}

static void on_upload(void *arg, const struct upload *up, enum rhythm_verdict v,
		      int64_t mono, int64_t wall)
{
	struct round *r = arg;

	pthread_mutex_lock(&r->b->lock);
	if (r->b->turn == r->turn)
		uplink_take(&r->b->proof, up, v, mono, wall);
	pthread_mutex_unlock(&r->b->lock);
}

static void on_refused(void *arg, const char *why)
{
	struct round *r = arg;

	pthread_mutex_lock(&r->b->lock);
	if (r->b->turn == r->turn)
		uplink_refused(&r->b->proof, why);
	pthread_mutex_unlock(&r->b->lock);
}

void bus_listen(struct round *r, struct meter *m)
{
	const struct link_tap tap = { on_upload, on_refused, r };
	struct bus *b = r->b;
	bool over_now;

	link_tap(m->link, &tap);
	do {
		struct err e = { 0 };
		int rc;

		pthread_mutex_lock(&b->lock);
		b->want_new = false;	/* it sends what it sends */
		if (bus_asked(b))
			bus_do(b, r->turn, m, "");
		b->reading = true;
		over_now = bus_over(b, r->turn);
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		rc = meter_receive(m, time_mono_us() + LISTEN_US, bus_on_reading, r, &e);
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
}
