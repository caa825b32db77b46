#include "bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/time.h"
#include "target/secret.h"
#include "base/thread.h"
#include "bus_own.h"

#define VERDICT_MS 3000		/* for the journal to say what became of a write */

bool bus_over(const struct bus *b, unsigned turn)
{
	return b->leave || b->turn != turn;
}

void bus_rest(struct bus *b, unsigned turn, int64_t until, bool also_want)
{
	struct timespec at = { until / 1000000, until % 1000000 * 1000 };

	while (!bus_over(b, turn) && !bus_asked(b) && !(also_want && b->want_new))
		if (pthread_cond_timedwait(&b->told, &b->lock, &at) == ETIMEDOUT)
			return;
}

/* Waits until nobody else wants the line, and says that it is in use here again, if TURN is
 * not over: false. */
static bool attend_may_open(struct bus *b, unsigned turn)
{
	bool over;

	pthread_mutex_lock(&b->lock);
	bus_stay_parked(b, turn);
	over = bus_over(b, turn);
	b->open = !over;
	if (!over)
		cancel_clear(b->cancel_fd);	/* whoever it was for has changed his mind */
	pthread_mutex_unlock(&b->lock);
	return !over;
}

/* Its line is free again. */
static void attend_closed(struct bus *b)
{
	pthread_mutex_lock(&b->lock);
	b->open = false;
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}

/* It does not open, says WHY: until it is to be tried again. */
static void attend_wait(struct round *r, const struct err *why, int64_t pause_us)
{
	struct bus *b = r->b;

	if (why->code != ERR_INTERRUPTED)
		bus_tell(r, LINE_SILENT, why, NULL);
	pthread_mutex_lock(&b->lock);
	bus_do(b, r->turn, NULL, why->text);
	bus_rest(b, r->turn, time_mono_us() + pause_us, false);
	bus_do(b, r->turn, NULL, why->text);
	pthread_mutex_unlock(&b->lock);
}

/* Opens T as M. False: the turn is over. */
static bool attend_open(struct round *r, struct meter *m, const struct profile *profile, const struct target *t,
			const struct link_opts *o)
{
	int64_t pause = PAUSE_LEAST_US;

	while (attend_may_open(r->b, r->turn)) {
		struct err e = { 0 };

		if (meter_open(m, profile, t, o, &e) == 0)
			return true;
		attend_closed(r->b);
		attend_wait(r, &e, pause);
		pause = pause * 2 < PAUSE_MOST_US ? pause * 2 : PAUSE_MOST_US;
	}
	return false;
}

/* The meter of a turn, until there is another one. Takes PROFILE over. */
static void attend(struct bus *b, unsigned turn, const struct profile *profile,
		   const struct target *t, const char *password)
{
	struct round r = { .b = b, .turn = turn };
	const struct err none = { 0 };
	struct link_opts opts = b->opts;
	struct target at = *t;
	struct meter m;

	opts.password = password;
	bus_tell(&r, LINE_CONNECTING, &none, NULL);
	while (attend_open(&r, &m, profile, &at, &opts)) {
		if (link_pushes(m.link))
			bus_listen(&r, &m);
		else
			bus_watch(&r, &m);
		m.profile = NULL;	/* for the next time */
		meter_close(&m);
		attend_closed(b);
		/* it may have another address since */
		pthread_mutex_lock(&b->lock);
		if (!bus_over(b, turn))
			at = b->target;
		pthread_mutex_unlock(&b->lock);
	}
	profile_free(profile);
}

static void *bus_run(void *arg)
{
	struct bus *b = arg;

	pthread_mutex_lock(&b->lock);
	while (!b->leave) {
		const struct profile *profile = b->profile;
		struct target t = b->target;
		char *password = b->password;
		unsigned turn = b->turn;

		if (!profile && bus_asked(b)) {
			bus_do(b, turn, NULL, "no meter is chosen");
			continue;
		}
		if (!profile) {
			pthread_cond_wait(&b->told, &b->lock);
			continue;
		}
		b->profile = NULL;
		b->password = NULL;
		cancel_clear(b->cancel_fd);	/* it was for the turn before */
		pthread_mutex_unlock(&b->lock);
		if (!bus_fleet_stays(&b->kept_of, &t)) {
			fleet_release(&b->kept);
			last_release(&b->last);
		}
		if (target_is_meter(&t))
			attend(b, turn, profile, &t, password);
		else
			bus_attend_fleet(b, turn, profile, &t, password);
		secret_free(password);
		pthread_mutex_lock(&b->lock);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

static void bus_release(struct bus *b)
{
	if (b->profile)
		profile_free(b->profile);
	if (b->with_profile)
		profile_free(b->with_profile);
	secret_free(b->password);
	bus_fleet_release(&b->fleet);
	fleet_release(&b->kept);
	last_release(&b->last);
	if (b->wake_fd >= 0)
		close(b->wake_fd);
	if (b->cancel_fd >= 0)
		close(b->cancel_fd);
	pthread_cond_destroy(&b->told);
	pthread_mutex_destroy(&b->lock);
	free(b->want);
	free(b->latest);
	free(b->pending);
	free(b->queue);
	free(b->frames);
	for (int i = 0; i < SLOTS; i++) {
		job_release(&b->ask[i]);
		job_release(&b->done[i]);
	}
	free(b);
}

struct bus *bus_new(const struct link_opts *opts, struct trace *trace,
		    const char *journal, struct err *e)
{
	struct bus *b = calloc(1, sizeof(*b));
	pthread_condattr_t attr;

	if (!b) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->told, &attr);
	pthread_condattr_destroy(&attr);
	b->frames = calloc(UI_FRAMES, sizeof(*b->frames));
	b->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->opts = *opts;
	b->opts.trace = trace;
	b->opts.cancel_fd = b->cancel_fd;
	b->opts.remark = bus_on_remark;
	b->opts.remark_arg = b;
	b->journal = journal;
	b->sink = (struct trace_sink){ .frame = bus_on_frame, .arg = b };
	if (b->frames && b->wake_fd >= 0 && b->cancel_fd >= 0 && thread_start(&b->thread, bus_run, b) == 0) {
		trace_add(trace, &b->sink);
		return b;
	}
	err_set(e, ERR_NO, "cannot start the thread that reads the meter");
	bus_release(b);
	return NULL;
}

bool bus_free(struct bus *b, long parting_ms)
{
	long ms = parting_ms;

	if (!b)
		return true;
	pthread_mutex_lock(&b->lock);
	b->leave = true;
	if (b->doing == JOB_APPLY && ms < VERDICT_MS)
		ms = VERDICT_MS;
	cancel_raise(b->cancel_fd);
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
	if (!thread_part(b->thread, ms))
		return false;
	bus_release(b);
	return true;
}

int bus_fd(const struct bus *b)
{
	return b->wake_fd;
}

/* Room for the readings of a profile with N points. With the lock held. */
static int bus_make_room(struct bus *b, size_t n)
{
	struct reading *latest = calloc(n, sizeof(*latest));
	uint8_t *pending = calloc(n, sizeof(*pending));
	uint16_t *queue = calloc(n, sizeof(*queue));

	if (!latest || !pending || !queue) {
		free(latest);
		free(pending);
		free(queue);
		return -1;
	}
	free(b->latest);
	free(b->pending);
	free(b->queue);
	b->latest = latest;
	b->pending = pending;
	b->queue = queue;
	b->nqueue = 0;
	b->npoints = n;
	return 0;
}

/* With the lock held. */
static void set_way(struct bus *b, const struct target *with, const struct profile *profile)
{
	if (b->with_profile)
		profile_free(b->with_profile);
	b->with_profile = with ? profile : NULL;
	if (with)
		b->with = *with;
}

int bus_connect(struct bus *b, const struct profile *profile,
		const struct target *t, char *password, struct err *e)
{
	int rc;

	pthread_mutex_lock(&b->lock);
	if (b->doing == JOB_APPLY) {
		pthread_mutex_unlock(&b->lock);
		return err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	}
	if (b->loan == LOAN_OUT) {
		pthread_mutex_unlock(&b->lock);
		return err_set(e, ERR_DENIED, BUS_LENT);
	}
	rc = bus_make_room(b, profile->npoints);
	if (rc == 0) {
		job_release(&b->ask[0]);	/* were for the meter before */
		job_release(&b->ask[2]);
		if (b->profile)
			profile_free(b->profile);
		secret_free(b->password);
		b->profile = profile;
		b->password = password;
		b->target = *t;
		b->turn++;
		b->found = false;
		b->nwant = 0;
		b->line = LINE_CONNECTING;
		err_clear(&b->reason);
		b->stats = (struct link_stats){ 0 };
		b->uplink = (struct link_uplink){ 0 };
		b->nsaid = 0;
		bus_fleet_release(&b->fleet);
		uplink_init(&b->proof, &(struct uplink_options){ .nameless = !mqtt_names(&t->mqtt) });
		set_way(b, NULL, NULL);
		cancel_raise(b->cancel_fd);
		pthread_cond_broadcast(&b->told);
	}
	pthread_mutex_unlock(&b->lock);
	return rc ? err_set(e, ERR_NO, "out of memory") : 0;
}

void bus_want(struct bus *b, const uint16_t *idx, size_t n)
{
	uint16_t *copy = NULL;

	pthread_mutex_lock(&b->lock);
	if (n == b->nwant && (n == 0 || memcmp(idx, b->want, n * sizeof(*idx)) == 0))
		goto out;
	copy = n ? malloc(n * sizeof(*copy)) : NULL;
	if (n && !copy)
		goto out;	/* goes on with what it reads already */
	if (n)
		memcpy(copy, idx, n * sizeof(*copy));
	free(b->want);
	b->want = copy;
	b->nwant = n;
	b->want_new = true;
	pthread_cond_broadcast(&b->told);
out:
	pthread_mutex_unlock(&b->lock);
}

void bus_others(struct bus *b, bool kept)
{
	pthread_mutex_lock(&b->lock);
	b->others = kept;
	pthread_mutex_unlock(&b->lock);
}

void bus_prove(struct bus *b, const struct uplink_options *o, const struct target *with,
	       const struct profile *profile)
{
	struct uplink_options wanted = *o;

	pthread_mutex_lock(&b->lock);
	wanted.nameless = !mqtt_names(&b->target.mqtt);
	uplink_init(&b->proof, &wanted);
	set_way(b, with, profile);
	bus_wake(b, true);
	pthread_mutex_unlock(&b->lock);
}
