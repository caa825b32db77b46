#include "crew.h"

#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/thread.h"
#include "link/link.h"
#include "meter/open.h"
#include "target/secret.h"

#define WORKERS 400
#define READINGS_BYTES 65536

/* A password of one broker's user. */
struct crew_password {
	const struct target *of;
	char *text;		/* NULL: it needs none */
};

/* Meters that share a wire, a gateway or a broker. */
struct crew_line {
	char name[300];
	const struct site **sites;	/* in the order of the file */
	size_t n, next;
	int width;			/* at once */
	int workers;
};

struct crew;

/* A thread. What is under way in a link is cancelled by one eventfd each: a link that has
 * sent a write clears it to see that through, which is no matter of the others. */
struct crew_worker {
	struct crew *crew;
	pthread_t thread;
	int cancel_fd;
	struct link *link;		/* of the row before; NULL */
};

struct crew {
	const struct crew_opts *opts;
	const struct sites *sites;
	struct state *state;
	struct journal *journal;
	struct crew_password *passwords;
	size_t npasswords;
	struct crew_line *lines;
	size_t nlines;
	pthread_mutex_t lock;		/* what follows */
	pthread_cond_t changed;
	int busy;			/* lines that somebody works at */
	int working;			/* threads, this one included until all are started */
	int ended_fd;			/* raised when there are none left */
	bool stopping;
	struct crew_count count;
	struct err err;			/* why it ends early */
	pthread_mutex_t telling;
};

/* ---- what is told --------------------------------------------------------------- */

static void crew_told(void *arg, const struct visit_event *ev)
{
	struct crew *c = arg;

	pthread_mutex_lock(&c->telling);
	c->opts->visit.told(c->opts->visit.arg, ev);
	pthread_mutex_unlock(&c->telling);
}

static void crew_tell(struct crew *c, enum visit_kind kind, const struct site *s, const struct visit_result *r)
{
	crew_told(c, &(struct visit_event){ .kind = kind, .site = s, .result = r });
}

/* ---- ending ------------------------------------------------------------------------ */

static bool crew_cancelled(const struct crew *c)
{
	struct pollfd p = { .fd = c->opts->link.cancel_fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* No row is begun any more. */
static void crew_stop(struct crew *c, const struct err *why)
{
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	if (why && c->err.code == ERR_NONE)
		c->err = *why;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

/* Records how S ended, and then tells it: what has been told is on disk. */
static void crew_end(struct crew *c, const struct site *s, struct visit_result *r)
{
	bool interrupted = r->err.code == ERR_INTERRUPTED;
	enum state_row is = interrupted ? STATE_OPEN : r->err.code ? STATE_FAILED : STATE_DONE;
	struct err e;

	if (c->state && state_put(c->state, s->row, is, r, &e)) {
		crew_stop(c, &e);
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->count.open--;
	*(interrupted ? &c->count.open : r->err.code ? &c->count.failed : &c->count.done) += 1;
	pthread_mutex_unlock(&c->lock);
	crew_tell(c, interrupted ? VISIT_INTERRUPTED : r->err.code ? VISIT_FAILED : VISIT_DONE, s, r);
	if (interrupted)
		crew_stop(c, NULL);
	else if (r->err.code && c->opts->stop_on_error)
		crew_stop(c, NULL);
}

/* ---- one row ------------------------------------------------------------------------ */

static const char *crew_password_for(const struct crew *c, const struct target *t)
{
	for (size_t i = 0; i < c->npasswords; i++)
		if (c->passwords[i].of->port == t->port && strcmp(c->passwords[i].of->host, t->host) == 0
		    && strcmp(c->passwords[i].of->mqtt.user, t->mqtt.user) == 0)
			return c->passwords[i].text;
	return NULL;
}

/* Where the run that goes on now has moved the meter to: it may have written the address or
 * the speed and have been ended before it could say so. */
struct crew_move {
	struct target to;
	char at[TARGET_TEXT];
	int64_t since_us;
	bool moved;
};

static int crew_move_row(void *arg, const struct journal_row *r)
{
	struct crew_move *m = arg;

	if (r->at_us >= m->since_us && strcmp(r->state, "failed") != 0 && strcmp(r->state, "refused") != 0
	    && strcmp(r->target, m->at) == 0 && target_change(&m->to, r->key, r->want)) {
		target_format(&m->to, 0, m->at, sizeof(m->at));
		m->moved = true;
	}
	return 0;
}

static bool crew_moved(const struct crew *c, const struct site *s, struct target *to)
{
	struct crew_move m = { .to = s->target, .since_us = c->opts->visit.resumed_us };
	struct journal_filter all = { 0 };
	struct err ignored;

	if (!m.since_us || !c->journal || target_is_broker(&s->target))
		return false;
	target_format(&m.to, 0, m.at, sizeof(m.at));
	journal_each(c->journal, &all, crew_move_row, &m, &ignored);
	*to = m.to;
	return m.moved;
}

static void crew_hang_up(struct crew_worker *w)
{
	if (w->link)
		link_close(w->link);
	w->link = NULL;
}

/* A link to T: that of the row before, when it leads to the same place. */
static int crew_reach(struct crew_worker *w, const struct target *t, const struct profile *p, struct err *e)
{
	struct link_opts o = w->crew->opts->link;

	if (w->link && link_retarget(w->link, t, e) == 0)
		return 0;
	crew_hang_up(w);
	err_clear(e);
	o.profile = p;
	o.password = crew_password_for(w->crew, t);
	o.cancel_fd = w->cancel_fd;
	w->link = link_open(t, &o, e);
	return w->link ? 0 : -1;
}

static void crew_visit_at(struct crew_worker *w, const struct site *s, const struct target *t, struct visit_result *r)
{
	struct visit_opts visit_opts = w->crew->opts->visit;
	struct meter m;

	visit_opts.told = crew_told;
	visit_opts.arg = w->crew;
	if (crew_reach(w, t, s->profile, &r->err) || meter_borrow(&m, s->profile, w->link, &r->err))
		return;
	visit(s, &m, w->crew->journal, &visit_opts, r);
	m.profile = NULL;	/* stays: other rows, and what the link knows, are of it */
	meter_close(&m);
}

static void crew_visit(struct crew_worker *w, const struct site *s)
{
	struct crew *c = w->crew;
	struct visit_result r = { 0 };
	struct target moved;

	crew_tell(c, VISIT_START, s, &r);
	if (crew_moved(c, s, &moved))
		crew_visit_at(w, s, &moved, &r);
	else
		r.err.code = ERR_SILENT;
	if (r.err.code == ERR_SILENT && !crew_cancelled(c)) {
		r = (struct visit_result){ 0 };
		crew_visit_at(w, s, &s->target, &r);
	}
	crew_end(c, s, &r);
}

/* ---- a worker ---------------------------------------------------------------------------- */

static bool crew_has_work(const struct crew *c, const struct crew_line *l)
{
	return l->next < l->n && l->workers < l->width && (l->workers > 0 || c->busy < c->opts->lines);
}

/* A line to work at; NULL: there is nothing left to begin. With the lock held. */
static struct crew_line *crew_pick(struct crew *c)
{
	for (;;) {
		bool left = false;

		for (size_t i = 0; i < c->nlines && !c->stopping; i++) {
			struct crew_line *l = &c->lines[i];

			left = left || (l->next < l->n && l->workers < l->width);
			if (!crew_has_work(c, l))
				continue;
			c->busy += l->workers == 0;
			l->workers++;
			return l;
		}
		if (!left)
			return NULL;
		if (crew_cancelled(c))
			return NULL;
		pthread_cond_wait(&c->changed, &c->lock);
	}
}

static void crew_work_line(struct crew_worker *w, struct crew_line *l)
{
	struct crew *c = w->crew;

	while (!c->stopping && l->next < l->n && !crew_cancelled(c)) {
		const struct site *s = l->sites[l->next++];

		pthread_mutex_unlock(&c->lock);
		crew_visit(w, s);
		/* a broker's connection is one meter's */
		if (target_is_broker(&s->target))
			crew_hang_up(w);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	crew_hang_up(w);
	pthread_mutex_lock(&c->lock);
}

/* With the lock held. */
static void crew_leave(struct crew *c)
{
	if (--c->working == 0)
		cancel_raise(c->ended_fd);
}

static void *crew_work(void *arg)
{
	struct crew_worker *w = arg;
	struct crew *c = w->crew;
	struct crew_line *l;

	pthread_mutex_lock(&c->lock);
	while (!crew_cancelled(c) && (l = crew_pick(c))) {
		crew_work_line(w, l);
		c->busy -= --l->workers == 0;
		pthread_cond_broadcast(&c->changed);
	}
	crew_leave(c);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* ---- before and after ---------------------------------------------------------------------- */

static struct crew_line *crew_line_of(struct crew *c, const struct site *s)
{
	char name[sizeof(c->lines->name)];
	struct crew_line *more;

	site_line(s, name, sizeof(name));
	for (size_t i = 0; i < c->nlines; i++)
		if (strcmp(c->lines[i].name, name) == 0)
			return &c->lines[i];
	more = realloc(c->lines, (c->nlines + 1) * sizeof(*more));
	if (!more)
		return NULL;
	c->lines = more;
	more = &c->lines[c->nlines++];
	*more = (struct crew_line){ .width = target_is_broker(&s->target) ? CREW_BROKER : 1 };
	memcpy(more->name, name, sizeof(name));
	return more;
}

static int crew_divide(struct crew *c, const bool *todo, struct err *e)
{
	for (size_t i = 0; i < c->sites->n; i++) {
		struct crew_line *l = todo[i] ? crew_line_of(c, &c->sites->list[i]) : NULL;
		const struct site **more;

		if (!todo[i])
			continue;
		more = l ? realloc(l->sites, (l->n + 1) * sizeof(*more)) : NULL;
		if (!more)
			return err_set(e, ERR_NO, "out of memory");
		l->sites = more;
		l->sites[l->n++] = &c->sites->list[i];
		c->count.open++;
	}
	return 0;
}

static int crew_fetch_passwords(struct crew *c, const bool *todo, struct err *e)
{
	c->passwords = calloc(c->sites->n, sizeof(*c->passwords));
	if (!c->passwords)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < c->sites->n; i++) {
		const struct target *t = &c->sites->list[i].target;
		struct crew_password *p = &c->passwords[c->npasswords];

		if (!todo[i] || !target_is_broker(t) || crew_password_for(c, t))
			continue;
		if (c->opts->password(c->opts->password_arg, t, &p->text, e))
			return err_prefix(e, "row %d", c->sites->list[i].row);
		p->of = t;
		c->npasswords += p->text != NULL;
	}
	return 0;
}

/* As many as can work at once: of the lines with room for one, no more than may be worked at. */
static size_t crew_size(const struct crew *c)
{
	size_t n = 0, single = 0;

	for (size_t i = 0; i < c->nlines; i++) {
		const struct crew_line *l = &c->lines[i];

		if (l->width > 1)
			n += l->n < (size_t)l->width ? l->n : (size_t)l->width;
		else
			single++;
	}
	n += single < (size_t)c->opts->lines ? single : (size_t)c->opts->lines;
	return n < WORKERS ? n : WORKERS;
}

static int crew_hire(struct crew *c, struct crew_worker *w)
{
	int rc;

	*w = (struct crew_worker){ .crew = c, .cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (w->cancel_fd < 0)
		return -1;
	pthread_mutex_lock(&c->lock);
	c->working++;
	rc = thread_start(&w->thread, crew_work, w);
	c->working -= rc != 0;
	pthread_mutex_unlock(&c->lock);
	if (rc)
		close(w->cancel_fd);
	return rc;
}

/* Until all have ended. What interrupts this interrupts each of them, once. */
static void crew_watch(struct crew *c, const struct crew_worker *workers, size_t n)
{
	struct pollfd p[] = {
		{ .fd = c->ended_fd, .events = POLLIN },
		{ .fd = c->opts->link.cancel_fd, .events = POLLIN },
	};

	while (!(p[0].revents & POLLIN)) {
		if (poll(p, 2, -1) <= 0 || !p[1].revents)
			continue;
		for (size_t i = 0; i < n; i++)
			cancel_raise(workers[i].cancel_fd);
		p[1] = (struct pollfd){ .fd = -1 };
		/* those that wait for a line are to see it, too */
		pthread_mutex_lock(&c->lock);
		pthread_cond_broadcast(&c->changed);
		pthread_mutex_unlock(&c->lock);
	}
}

static int crew_start(struct crew *c, struct err *e)
{
	size_t n = crew_size(c), started = 0;
	struct crew_worker *workers = calloc(n + 1, sizeof(*workers));

	c->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->working = 1;
	while (workers && c->ended_fd >= 0 && started < n && crew_hire(c, &workers[started]) == 0)
		started++;
	if (started == 0 && n > 0)
		err_set(e, ERR_NO, "cannot start a thread");
	if (started) {
		pthread_mutex_lock(&c->lock);
		crew_leave(c);
		pthread_mutex_unlock(&c->lock);
		crew_watch(c, workers, started);
	}
	for (size_t i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
		close(workers[i].cancel_fd);
	}
	if (c->ended_fd >= 0)
		close(c->ended_fd);
	free(workers);
	return started == 0 && n > 0 ? -1 : 0;
}

static void crew_release(struct crew *c)
{
	for (size_t i = 0; i < c->npasswords; i++)
		secret_free(c->passwords[i].text);
	for (size_t i = 0; i < c->nlines; i++)
		free(c->lines[i].sites);
	free(c->passwords);
	free(c->lines);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->telling);
}

int crew_run(const struct sites *s, const bool *todo, struct state *state, struct journal *j,
	     const struct crew_opts *o, struct crew_count *count, struct err *e)
{
	struct crew c = { .opts = o, .sites = s, .state = state, .journal = j };
	int rc = -1;

	/* The readings of a meter are large and mostly untouched: pages of their own, also when
	 * many have come and gone, which by default moves the limit. */
	mallopt(M_MMAP_THRESHOLD, READINGS_BYTES);
	pthread_mutex_init(&c.lock, NULL);
	pthread_mutex_init(&c.telling, NULL);
	pthread_cond_init(&c.changed, NULL);
	if (crew_divide(&c, todo, e) == 0 && crew_fetch_passwords(&c, todo, e) == 0)
		rc = crew_start(&c, e);
	if (!rc && c.err.code) {
		*e = c.err;
		rc = -1;
	} else if (!rc && c.count.open && crew_cancelled(&c)) {
		rc = err_set(e, ERR_INTERRUPTED, "interrupted: %d of %d meters not done", c.count.open,
			     c.count.open + c.count.done + c.count.failed);
	}
	*count = c.count;
	crew_release(&c);
	return rc;
}
