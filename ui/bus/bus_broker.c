/*
 * bus_broker.c - a broker with all its meters.
 */
#include "base/cancel.h"
#include "base/time.h"
#include "mqtt/fleet_source.h"
#include "bus_own.h"

/* What has changed since the last time. */
static void bus_broker_hand_over(struct round *r, struct fleet_source *s)
{
	size_t n;
	const uint32_t *changed = fleet_source_changed(s, &n);

	pthread_mutex_lock(&r->b->lock);
	if (r->b->turn == r->turn)
		bus_fleet_put(&r->b->fleet, fleet_source_fleet(s), changed, n);
	pthread_mutex_unlock(&r->b->lock);
}

struct keeper {
	struct last *last;
	const struct fleet_source *source;
};

/* The last upload of each is kept for who opens it. */
static bool bus_broker_keep_last(void *arg, const struct fleet_row *row, struct upload *up,
				 const struct broker_message *msg)
{
	const struct keeper *k = arg;

	if (up->kind == UPLOAD_DATA && row->fresh)
		last_keep(k->last, (size_t)(row - fleet_source_fleet(k->source)->rows), msg);
	return true;
}

/* Everything that comes within HAND_OVER_US of the first message. RC and E as
 * fleet_source_receive(). */
static int hear_some(struct bus *b, struct fleet_source *s, struct err *e)
{
	struct keeper k = { &b->last, s };
	int rc = fleet_source_receive(s, time_mono_us() + LISTEN_US, bus_broker_keep_last, &k, e);
	int64_t until = time_mono_us() + HAND_OVER_US;

	while (rc > 0 && time_mono_us() < until) {
		rc = fleet_source_receive(s, until, bus_broker_keep_last, &k, e);
		if (rc == 0)
			break;
	}
	return rc;
}

static void bus_broker_hear(struct round *r, struct fleet_source *s)
{
	const struct err none = { 0 };
	struct bus *b = r->b;
	bool over_now;

	bus_tell(r, LINE_LIVE, &none, NULL);
	do {
		struct err e = { 0 };
		bool heard;
		int rc;

		pthread_mutex_lock(&b->lock);
		if (bus_asked(b))
			bus_do(b, r->turn, NULL, "a broker with its meters is connected, not one of them");
		over_now = bus_over(b, r->turn);
		b->reading = !over_now;
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		rc = hear_some(b, s, &e);
		bus_broker_hand_over(r, s);
		heard = fleet_source_fleet(s)->n > 0;
		pthread_mutex_lock(&b->lock);
		b->reading = false;
		if (rc < 0 && e.code != ERR_INTERRUPTED)
			bus_rest(b, r->turn, time_mono_us() + PAUSE_LEAST_US, false);
		if (!bus_over(b, r->turn))
			cancel_clear(b->cancel_fd);
		pthread_mutex_unlock(&b->lock);
		if (rc >= 0 || e.code != ERR_INTERRUPTED)
			bus_tell(r, rc >= 0 ? LINE_LIVE : heard ? LINE_STALE : LINE_SILENT, &e, NULL);
	} while (!over_now);
}

void bus_attend_fleet(struct bus *b, unsigned turn, const struct profile *profile,
		      const struct target *t, const char *password)
{
	struct round r = { .b = b, .turn = turn };
	const struct err none = { 0 };
	int64_t pause = PAUSE_LEAST_US;
	struct link_opts opts = b->opts;
	bool over_now = false;

	opts.password = password;
	opts.profile = profile;
	bus_tell(&r, LINE_CONNECTING, &none, NULL);
	while (!over_now) {
		struct err e = { 0 };
		struct fleet_source *s = fleet_source_open(t, &opts, &e);

		if (s) {
			fleet_source_resume(s, &b->kept);
			bus_broker_hear(&r, s);
			fleet_source_part(s, &b->kept);
			b->kept_of = *t;
			break;
		}
		pthread_mutex_lock(&b->lock);
		over_now = bus_over(b, turn);
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		bus_tell(&r, LINE_SILENT, &e, NULL);
		pthread_mutex_lock(&b->lock);
		bus_do(b, turn, NULL, e.text);
		bus_rest(b, turn, time_mono_us() + pause, false);
		bus_do(b, turn, NULL, e.text);
		over_now = bus_over(b, turn);
		pthread_mutex_unlock(&b->lock);
		pause = pause * 2 < PAUSE_MOST_US ? pause * 2 : PAUSE_MOST_US;
	}
	profile_free(profile);
}
