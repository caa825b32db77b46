#include "bus.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../src/link/fleet_source.h"
#include "../src/meter.h"
#include "../src/secret.h"
#include "bus_fleet.h"
#include "stage.h"

#define ROUND_US 200000LL	/* not more than five rounds a second */
#define LISTEN_US 1000000LL	/* how often a link that pushes is asked how it is */
#define HAND_OVER_US 100000LL	/* a slow round shows its readings as they come */
#define PAUSE_LEAST_US 500000LL	/* between two attempts to open */
#define PAUSE_MOST_US 10000000LL
#define PARTING_MS 150		/* for the thread to end when the program does */
#define VERDICT_MS 3000		/* ... and for the journal to say what became of a write */
#define SLOTS 4			/* what is asked for the meter; the journal's rows; registers; a report */

struct bus {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t told;		/* something below has changed */
	struct link_opts opts;		/* constant */
	struct trace_sink sink;
	int wake_fd;

	/* told to the thread */
	bool leave;
	unsigned turn;			/* which meter: grows with every bus_connect() */
	const struct profile *profile;	/* of the turn, until the thread has taken it */
	struct target target;
	char *password;			/* of its broker, until the thread has taken it; NULL */
	uint16_t *want;
	size_t nwant;
	bool want_new;			/* changed since the round under way began */
	int cancel_fd;			/* raised by bus_connect(), bus_free() and bus_work() */
	const char *journal;		/* constant */
	struct work ask[SLOTS];		/* busy: waits for the thread */

	/* told by the thread */
	size_t npoints;
	struct reading *latest;
	uint8_t *pending;		/* by point: waits in queue[] */
	uint16_t *queue;
	size_t nqueue;
	enum line_state line;
	struct err reason;
	struct link_stats stats;
	struct link_uplink uplink;
	struct uplink proof;
	struct bus_fleet fleet;
	struct ui_frame *frames;	/* ring */
	unsigned long nframes, taken_frames;
	int64_t woken_us;
	bool reading;			/* a round is under way */
	enum work_kind doing;		/* what it is at instead */
	struct work done[SLOTS];	/* progress and outcome */
	bool done_new[SLOTS];
};

/* What the thread needs to know of the meter it is at. */
struct round {
	struct bus *b;
	unsigned turn;
	bool came;			/* a reading has come in this round */
};

static int64_t mono_us(void)
{
	return time_mono_us();
}

/* With the lock held. Not more often than the eye follows, unless the round is
 * over (NOW). */
static void wake(struct bus *b, bool now)
{
	uint64_t one = 1;
	int64_t at = mono_us();

	if (!now && at - b->woken_us < HAND_OVER_US)
		return;
	b->woken_us = at;
	/* EAGAIN: it is readable already */
	if (write(b->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		b->woken_us = 0;
}

static void on_frame(void *arg, const struct trace_frame *f)
{
	struct bus *b = arg;
	struct ui_frame *to;

	pthread_mutex_lock(&b->lock);
	to = &b->frames[b->nframes++ % UI_FRAMES];
	to->dir = f->dir;
	to->at_us = f->at_us;
	to->n = (uint16_t)(f->n < sizeof(to->bytes) ? f->n : sizeof(to->bytes));
	if (to->n)
		memcpy(to->bytes, f->bytes, to->n);
	snprintf(to->note, sizeof(to->note), "%s", f->note);
	wake(b, false);
	pthread_mutex_unlock(&b->lock);
}

static void on_reading(void *arg, size_t idx, const struct reading *r)
{
	struct round *round = arg;
	struct bus *b = round->b;

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
		if (r->quality == QUALITY_OK) {
			round->came = true;
			/* the first round may be a long one */
			if (b->line == LINE_CONNECTING || b->line == LINE_SILENT)
				b->line = LINE_LIVE;
		}
		wake(b, false);
	}
	pthread_mutex_unlock(&b->lock);
}

static void tell(struct round *r, enum line_state line, const struct err *reason,
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
		wake(b, true);
	}
	pthread_mutex_unlock(&b->lock);
}

static bool over(const struct bus *b, unsigned turn)
{
	return b->leave || b->turn != turn;
}

static int slot(enum work_kind kind)
{
	return kind == WORK_JOURNAL ? 1 : kind == WORK_RAW ? 2 : kind == WORK_REPORT ? 3 : 0;
}

static bool asked(const struct bus *b)
{
	bool any = false;

	for (int i = 0; i < SLOTS; i++)
		any |= b->ask[i].busy;
	return any;
}

/* With the lock held. */
static void hand_back(struct bus *b, unsigned turn, const struct work *w)
{
	int i = slot(w->kind);

	if (w->kind != WORK_JOURNAL && b->turn != turn)
		return;
	/* without memory the screens learn nothing new, and ask again */
	if (work_copy(&b->done[i], w) == 0)
		b->done_new[i] = true;
	wake(b, true);
}

static void on_step(void *arg, const struct work *w)
{
	struct round *r = arg;

	pthread_mutex_lock(&r->b->lock);
	hand_back(r->b, r->turn, w);
	pthread_mutex_unlock(&r->b->lock);
}

/* Does what has been asked for, if anything; M is NULL while there is no meter,
 * WHY says why. With the lock held, and let go of in between. */
static void work(struct bus *b, unsigned turn, struct meter *m, const char *why)
{
	struct round r = { .b = b, .turn = turn };

	for (int i = 0; i < SLOTS && !over(b, turn); i++) {
		struct work w = b->ask[i];

		if (!w.busy)
			continue;
		b->ask[i] = (struct work){ .kind = WORK_NONE };
		b->doing = w.kind;
		cancel_clear(b->cancel_fd);
		pthread_mutex_unlock(&b->lock);
		work_run(&w, m, why, b->journal, on_step, &r);
		pthread_mutex_lock(&b->lock);
		b->doing = WORK_NONE;
		hand_back(b, turn, &w);
		work_release(&w);
	}
}

/* Waits until UNTIL, or until there is another meter, work or (ALSO_WANT) other
 * points to read. With the lock held. */
static void rest(struct bus *b, unsigned turn, int64_t until, bool also_want)
{
	struct timespec at = { until / 1000000, until % 1000000 * 1000 };

	while (!over(b, turn) && !asked(b) && !(also_want && b->want_new))
		if (pthread_cond_timedwait(&b->told, &b->lock, &at) == ETIMEDOUT)
			return;
}

/* A copy of what is wanted, or waits until something is. With the lock held. */
static size_t wanted(struct bus *b, unsigned turn, uint16_t **list)
{
	size_t n = 0;

	while (!over(b, turn) && !asked(b) && b->nwant == 0)
		pthread_cond_wait(&b->told, &b->lock);
	free(*list);
	*list = b->nwant ? calloc(b->nwant, sizeof(**list)) : NULL;
	for (; *list && n < b->nwant; n++)
		(*list)[n] = b->want[n];
	b->want_new = false;
	return n;
}

/* How a meter that speaks by itself is, after a wait that ended with RC and E. */
static void tell_pushing(struct round *r, struct link *link, int rc, struct err *e)
{
	struct link_uplink u;
	unsigned overdue;

	link_uplink(link, &u);
	overdue = rhythm_overdue(&u.rhythm, mono_us());
	if (rc < 0) {
		tell(r, u.rhythm.uploads ? LINE_STALE : LINE_SILENT, e, link);
	} else if (u.rhythm.uploads == 0) {
		err_set(e, ERR_SILENT, u.dropped ? "no upload that can be understood yet: %s"
			: "the broker is connected: waiting for the first upload of '%s'",
			u.dropped ? u.why : u.sn);
		tell(r, LINE_CONNECTING, e, link);
	} else if (u.offline || overdue > 0) {
		err_set(e, ERR_SILENT, u.offline ? "the meter is reported offline"
			: "%u upload%s overdue: one every %.0f s is usual", overdue,
			overdue == 1 ? " is" : "s are", rhythm_expected_s(&u.rhythm));
		tell(r, LINE_STALE, e, link);
	} else {
		tell(r, LINE_LIVE, e, link);
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

/* Takes what the meter sends until there is another one. */
static void listen(struct round *r, struct meter *m)
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
		if (asked(b))
			work(b, r->turn, m, "");
		b->reading = true;
		over_now = over(b, r->turn);
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		rc = meter_receive(m, mono_us() + LISTEN_US, on_reading, r, &e);
		pthread_mutex_lock(&b->lock);
		b->reading = false;
		if (rc < 0 && e.code != ERR_INTERRUPTED)
			rest(b, r->turn, mono_us() + PAUSE_LEAST_US, false);
		/* what has waited may have been for us: look, and clear it */
		if (!over(b, r->turn))
			cancel_clear(b->cancel_fd);
		pthread_mutex_unlock(&b->lock);
		if (rc >= 0 || e.code != ERR_INTERRUPTED)
			tell_pushing(r, m->link, rc, &e);
	} while (!over_now);
}

/* Reads round after round until there is another meter. */
static void watch(struct round *r, struct meter *m)
{
	struct bus *b = r->b;
	uint16_t *list = NULL;
	bool was_live = false;

	for (;;) {
		struct err e = { 0 };
		int64_t began;
		size_t n;
		int rc;

		pthread_mutex_lock(&b->lock);
		n = wanted(b, r->turn, &list);
		if (over(b, r->turn)) {
			pthread_mutex_unlock(&b->lock);
			break;
		}
		if (asked(b)) {
			work(b, r->turn, m, "");
			pthread_mutex_unlock(&b->lock);
			continue;
		}
		b->reading = true;
		pthread_mutex_unlock(&b->lock);
		began = mono_us();
		r->came = false;
		rc = n ? meter_read(m, list, n, on_reading, r, &e) : 0;
		pthread_mutex_lock(&b->lock);
		b->reading = false;
		pthread_mutex_unlock(&b->lock);
		if (rc == 0) {
			was_live = true;
			tell(r, LINE_LIVE, &e, m->link);
		} else if (e.code != ERR_INTERRUPTED) {
			was_live = was_live || r->came;
			tell(r, was_live ? LINE_STALE : LINE_SILENT, &e, m->link);
		}
		pthread_mutex_lock(&b->lock);
		rest(b, r->turn, began + ROUND_US, true);
		pthread_mutex_unlock(&b->lock);
	}
	free(list);
}

/* The meter of a turn, until there is another one. */
static void attend(struct bus *b, unsigned turn, const struct profile *profile,
		   const struct target *t, const char *password)
{
	struct round r = { .b = b, .turn = turn };
	const struct err none = { 0 };
	int64_t pause = PAUSE_LEAST_US;
	struct link_opts opts = b->opts;
	struct meter m;

	opts.password = password;

	tell(&r, LINE_CONNECTING, &none, NULL);
	for (;;) {
		struct err e = { 0 };
		int rc = meter_open(&m, profile, t, &opts, &e);

		pthread_mutex_lock(&b->lock);
		if (over(b, turn)) {
			pthread_mutex_unlock(&b->lock);
			if (rc == 0)
				meter_close(&m);
			else
				profile_free(profile);
			return;
		}
		pthread_mutex_unlock(&b->lock);
		if (rc == 0)
			break;
		tell(&r, LINE_SILENT, &e, NULL);
		pthread_mutex_lock(&b->lock);
		work(b, turn, NULL, e.text);
		rest(b, turn, mono_us() + pause, false);
		work(b, turn, NULL, e.text);
		pthread_mutex_unlock(&b->lock);
		pause = pause * 2 < PAUSE_MOST_US ? pause * 2 : PAUSE_MOST_US;
	}
	if (link_pushes(m.link))
		listen(&r, &m);
	else
		watch(&r, &m);
	meter_close(&m);
}

/* ---- a broker with all its meters ---- */

/* What has changed since the last time. */
static void hand_over(struct round *r, struct fleet_source *s)
{
	size_t n;
	const uint32_t *changed = fleet_source_changed(s, &n);

	pthread_mutex_lock(&r->b->lock);
	if (r->b->turn == r->turn)
		bus_fleet_put(&r->b->fleet, fleet_source_fleet(s), changed, n);
	pthread_mutex_unlock(&r->b->lock);
}

/* Everything that comes within HAND_OVER_US of the first message. RC and E as
 * fleet_source_receive(). */
static int hear_some(struct fleet_source *s, struct err *e)
{
	int rc = fleet_source_receive(s, mono_us() + LISTEN_US, NULL, NULL, e);
	int64_t until = mono_us() + HAND_OVER_US;

	while (rc > 0 && mono_us() < until) {
		rc = fleet_source_receive(s, until, NULL, NULL, e);
		if (rc == 0)
			break;
	}
	return rc;
}

static void hear(struct round *r, struct fleet_source *s)
{
	const struct err none = { 0 };
	struct bus *b = r->b;
	bool over_now;

	tell(r, LINE_LIVE, &none, NULL);
	do {
		struct err e = { 0 };
		bool heard;
		int rc;

		pthread_mutex_lock(&b->lock);
		if (asked(b))
			work(b, r->turn, NULL, "a broker with its meters is connected, not one of them");
		b->reading = true;
		over_now = over(b, r->turn);
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		rc = hear_some(s, &e);
		hand_over(r, s);
		heard = fleet_source_fleet(s)->n > 0;
		pthread_mutex_lock(&b->lock);
		b->reading = false;
		if (rc < 0 && e.code != ERR_INTERRUPTED)
			rest(b, r->turn, mono_us() + PAUSE_LEAST_US, false);
		if (!over(b, r->turn))
			cancel_clear(b->cancel_fd);
		pthread_mutex_unlock(&b->lock);
		if (rc >= 0 || e.code != ERR_INTERRUPTED)
			tell(r, rc >= 0 ? LINE_LIVE : heard ? LINE_STALE : LINE_SILENT, &e, NULL);
	} while (!over_now);
}

static void attend_fleet(struct bus *b, unsigned turn, const struct profile *profile,
			 const struct target *t, const char *password)
{
	struct round r = { .b = b, .turn = turn };
	const struct err none = { 0 };
	int64_t pause = PAUSE_LEAST_US;
	struct link_opts opts = b->opts;
	bool over_now = false;

	opts.password = password;
	opts.profile = profile;
	tell(&r, LINE_CONNECTING, &none, NULL);
	while (!over_now) {
		struct err e = { 0 };
		struct fleet_source *s = fleet_source_open(t, &opts, &e);

		if (s) {
			hear(&r, s);
			fleet_source_close(s);
			break;
		}
		pthread_mutex_lock(&b->lock);
		over_now = over(b, turn);
		pthread_mutex_unlock(&b->lock);
		if (over_now)
			break;
		tell(&r, LINE_SILENT, &e, NULL);
		pthread_mutex_lock(&b->lock);
		work(b, turn, NULL, e.text);
		rest(b, turn, mono_us() + pause, false);
		work(b, turn, NULL, e.text);
		over_now = over(b, turn);
		pthread_mutex_unlock(&b->lock);
		pause = pause * 2 < PAUSE_MOST_US ? pause * 2 : PAUSE_MOST_US;
	}
	profile_free(profile);
}

static void *run(void *arg)
{
	struct bus *b = arg;

	pthread_mutex_lock(&b->lock);
	while (!b->leave) {
		const struct profile *profile = b->profile;
		struct target t = b->target;
		char *password = b->password;
		unsigned turn = b->turn;

		if (!profile && asked(b)) {
			work(b, turn, NULL, "no meter is chosen");
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
		if (target_is_meter(&t))
			attend(b, turn, profile, &t, password);
		else
			attend_fleet(b, turn, profile, &t, password);
		secret_free(password);
		pthread_mutex_lock(&b->lock);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

static void release(struct bus *b)
{
	if (b->profile)
		profile_free(b->profile);
	secret_free(b->password);
	bus_fleet_release(&b->fleet);
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
		work_release(&b->ask[i]);
		work_release(&b->done[i]);
	}
	free(b);
}

/* The thread leaves every signal to the one that draws. */
static int start_thread(struct bus *b)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&b->thread, NULL, run, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
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
	b->journal = journal;
	b->sink = (struct trace_sink){ .frame = on_frame, .arg = b };
	if (b->frames && b->wake_fd >= 0 && b->cancel_fd >= 0 && start_thread(b) == 0) {
		trace_add(trace, &b->sink);
		return b;
	}
	err_set(e, ERR_NO, "cannot start the thread that reads the meter");
	release(b);
	return NULL;
}

void bus_free(struct bus *b)
{
	struct timespec until;
	long ms = PARTING_MS;

	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->leave = true;
	if (b->doing == WORK_APPLY)
		ms = VERDICT_MS;
	cancel_raise(b->cancel_fd);
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	/* Only the look-up of a host name cannot be cancelled: it holds nothing,
	 * and ends with the process. */
	if (pthread_timedjoin_np(b->thread, NULL, &until) == 0)
		release(b);
	else
		pthread_detach(b->thread);
}

int bus_fd(const struct bus *b)
{
	return b->wake_fd;
}

/* Room for the readings of a profile with N points. With the lock held. */
static int make_room(struct bus *b, size_t n)
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

int bus_connect(struct bus *b, const struct profile *profile,
		const struct target *t, char *password, struct err *e)
{
	int rc;

	pthread_mutex_lock(&b->lock);
	if (b->doing == WORK_APPLY) {
		pthread_mutex_unlock(&b->lock);
		return err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	}
	rc = make_room(b, profile->npoints);
	if (rc == 0) {
		work_release(&b->ask[0]);	/* were for the meter before */
		work_release(&b->ask[2]);
		work_release(&b->ask[3]);
		if (b->profile)
			profile_free(b->profile);
		secret_free(b->password);
		b->profile = profile;
		b->password = password;
		b->target = *t;
		b->turn++;
		b->nwant = 0;
		b->line = LINE_CONNECTING;
		err_clear(&b->reason);
		b->stats = (struct link_stats){ 0 };
		b->uplink = (struct link_uplink){ 0 };
		bus_fleet_release(&b->fleet);
		uplink_init(&b->proof, &(struct uplink_options){ 0 });
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

int bus_work(struct bus *b, const struct work *w, struct err *e)
{
	int i = slot(w->kind), rc = -1;

	pthread_mutex_lock(&b->lock);
	if (b->doing == WORK_APPLY && w->kind != WORK_JOURNAL) {
		err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	} else if (work_copy(&b->ask[i], w)) {
		err_set(e, ERR_NO, "out of memory");
	} else {
		b->ask[i].busy = true;
		if (b->reading || ((b->doing == WORK_LOOK || b->doing == WORK_UNDO) && i == 0))
			cancel_raise(b->cancel_fd);
		pthread_cond_broadcast(&b->told);
		rc = 0;
	}
	pthread_mutex_unlock(&b->lock);
	return rc;
}

void bus_prove(struct bus *b, const struct uplink_options *o)
{
	pthread_mutex_lock(&b->lock);
	uplink_init(&b->proof, o);
	wake(b, true);
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

bool bus_take(struct bus *b, struct ui *u)
{
	uint64_t count;
	bool came;

	if (read(b->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return false;
	pthread_mutex_lock(&b->lock);
	came = b->nqueue > 0;
	for (size_t i = 0; i < b->nqueue; i++) {
		stage_take(u, b->queue[i], &b->latest[b->queue[i]]);
		b->pending[b->queue[i]] = 0;
	}
	b->nqueue = 0;
	if (b->turn > 0) {
		u->line = b->line;
		snprintf(u->reason, sizeof(u->reason), "%s", b->reason.text);
		u->reason_code = b->reason.code;
		u->stats = b->stats;
		u->uplink = b->uplink;
		u->proof = b->proof;
	}
	if (u->line == LINE_LIVE)
		u->loop->live_us = u->now_us;
	take_frames(b, u);
	came = take_fleet(b, u) || came;
	for (int i = 0; i < SLOTS; i++) {
		if (b->done_new[i])
			stage_work(u, &b->done[i]);
		b->done_new[i] = false;
	}
	pthread_mutex_unlock(&b->lock);
	u->dirty = true;
	return came;
}
