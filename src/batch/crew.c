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

/* A thread. Its links are ended by an eventfd of their own: the plan takes back for a moment
 * what cancels its link, to read back what it has written. */
struct crew_worker {
	struct crew *crew;
	pthread_t thread;
	int cancel_fd;
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
	bool stopping;
	struct crew_count count;
	struct err err;			/* why it ends early */
	pthread_mutex_t telling;
	struct crew_worker *workers;
	size_t nworkers;
	int ended_fd;			/* counts workers that have ended */
};

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

/* ---- what is told --------------------------------------------------------------- */

static bool crew_told(void *arg, const struct visit_event *ev)
{
	struct crew *c = arg;
	bool heard;

	pthread_mutex_lock(&c->telling);
	heard = c->opts->visit.told(c->opts->visit.arg, ev);
	pthread_mutex_unlock(&c->telling);
	if (!heard)
		crew_stop(c, NULL);
	return heard;
}

static void crew_tell(struct crew *c, enum visit_kind kind, const struct site *s, const struct visit_result *r)
{
	crew_told(c, &(struct visit_event){ .kind = kind, .site = s, .result = r });
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
	bool moved, verified;
};

static int crew_move_row(void *arg, const struct journal_row *r)
{
	struct crew_move *m = arg;

	if (r->at_us >= m->since_us && strcmp(r->state, step_state_names[STEP_FAILED]) != 0
	    && strcmp(r->state, step_state_names[STEP_REFUSED]) != 0
	    && strcmp(r->target, m->at) == 0 && target_change(&m->to, r->key, r->want)) {
		target_format(&m->to, 0, m->at, sizeof(m->at));
		m->moved = true;
		m->verified = m->verified && strcmp(r->state, step_state_names[STEP_VERIFIED]) == 0;
	}
	return 0;
}

static struct crew_move crew_moved(const struct crew *c, const struct site *s)
{
	struct crew_move m = { .to = s->target, .since_us = c->opts->visit.resumed_us, .verified = true };
	struct journal_filter all = { 0 };
	struct err ignored;

	if (!m.since_us || !c->journal || target_is_broker(&s->target))
		return m;
	target_format(&m.to, 0, m.at, sizeof(m.at));
	journal_each(c->journal, &all, crew_move_row, &m, &ignored);
	return m;
}

/* The link to T: that of the row before, when it leads to the same place. */
static int crew_reach(const struct crew_worker *w, const struct target *t, const struct profile *p,
		      struct link **link, struct err *e)
{
	struct link_opts o = w->crew->opts->link;

	if (*link && link_retarget(*link, t, e) == 0)
		return 0;
	if (*link)
		link_close(*link);
	err_clear(e);
	o.profile = p;
	o.password = crew_password_for(w->crew, t);
	o.cancel_fd = w->cancel_fd;
	*link = link_open(t, &o, e);
	return *link ? 0 : -1;
}

static void crew_visit_at(const struct crew_worker *w, const struct site *s, const struct target *t,
			  struct link **link, struct visit_result *r)
{
	struct crew *c = w->crew;
	struct visit_opts visit_opts = c->opts->visit;
	struct meter m;

	visit_opts.told = crew_told;
	visit_opts.arg = c;
	if (crew_reach(w, t, s->profile, link, &r->err) || meter_borrow(&m, s->profile, *link, &r->err))
		return;
	visit(s, &m, c->journal, &visit_opts, r);
	m.profile = NULL;	/* stays: other rows, and what the link knows, are of it */
	meter_close(&m);
}

static void crew_visit(const struct crew_worker *w, const struct site *s, struct link **link)
{
	struct crew *c = w->crew;
	struct visit_result r = { 0 };
	struct crew_move m = crew_moved(c, s);

	crew_tell(c, VISIT_START, s, &r);
	/* What is not known to have been sent may not have been, and at the new place may be
	 * another meter: only when nobody is at the old one. A meter that has moved has left its
	 * old place to others. */
	crew_visit_at(w, s, m.moved && m.verified ? &m.to : &s->target, link, &r);
	if (m.moved && !m.verified && r.err.code == ERR_SILENT && !crew_cancelled(c)) {
		r = (struct visit_result){ 0 };
		crew_visit_at(w, s, &m.to, link, &r);
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
		pthread_cond_wait(&c->changed, &c->lock);
	}
}

static void crew_work_line(const struct crew_worker *w, struct crew_line *l)
{
	struct crew *c = w->crew;
	struct link *link = NULL;

	while (!c->stopping && l->next < l->n && !crew_cancelled(c)) {
		const struct site *s = l->sites[l->next++];

		pthread_mutex_unlock(&c->lock);
		crew_visit(w, s, &link);
		/* a broker's connection is one meter's */
		if (link && target_is_broker(&link->target)) {
			link_close(link);
			link = NULL;
		}
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	if (link)
		link_close(link);
	pthread_mutex_lock(&c->lock);
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
	pthread_mutex_unlock(&c->lock);
	cancel_raise(c->ended_fd);
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

static int crew_divide(struct crew *c, const bool *chosen, struct err *e)
{
	for (size_t i = 0; i < c->sites->n; i++) {
		struct crew_line *l = chosen[i] ? crew_line_of(c, &c->sites->list[i]) : NULL;
		const struct site **more;

		if (!chosen[i])
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

static int crew_fetch_passwords(struct crew *c, const bool *chosen, struct err *e)
{
	c->passwords = calloc(c->sites->n, sizeof(*c->passwords));
	if (!c->passwords)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < c->sites->n; i++) {
		const struct target *t = &c->sites->list[i].target;
		struct crew_password *p = &c->passwords[c->npasswords];

		if (!chosen[i] || !target_is_broker(t) || crew_password_for(c, t))
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

static int crew_start(struct crew *c, struct err *e)
{
	size_t n = crew_size(c);

	c->workers = calloc(n + 1, sizeof(*c->workers));
	c->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!c->workers || c->ended_fd < 0)
		return err_set(e, ERR_NO, "cannot start: %m");
	for (; c->nworkers < n; c->nworkers++) {
		struct crew_worker *w = &c->workers[c->nworkers];

		w->crew = c;
		w->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (w->cancel_fd < 0 || thread_start(&w->thread, crew_work, w))
			break;
	}
	return c->nworkers || n == 0 ? 0 : err_set(e, ERR_NO, "cannot start a thread");
}

/* Until all have ended; what cancels the run is handed on to each. */
static void crew_wait(struct crew *c)
{
	struct pollfd come[2] = {
		{ .fd = c->ended_fd, .events = POLLIN }, { .fd = c->opts->link.cancel_fd, .events = POLLIN },
	};
	uint64_t ended = 0, more;

	while (ended < c->nworkers) {
		if (poll(come, 2, -1) < 0)
			continue;
		if (come[1].revents) {
			crew_stop(c, NULL);
			for (size_t i = 0; i < c->nworkers; i++)
				cancel_raise(c->workers[i].cancel_fd);
			come[1].fd = -1;	/* it stays readable */
		}
		if (read(c->ended_fd, &more, sizeof(more)) == sizeof(more))
			ended += more;
	}
	for (size_t i = 0; i < c->nworkers; i++) {
		pthread_join(c->workers[i].thread, NULL);
		close(c->workers[i].cancel_fd);
	}
}

static void crew_release(struct crew *c)
{
	for (size_t i = 0; i < c->npasswords; i++)
		secret_free(c->passwords[i].text);
	for (size_t i = 0; i < c->nlines; i++)
		free(c->lines[i].sites);
	if (c->ended_fd >= 0)
		close(c->ended_fd);
	free(c->workers);
	free(c->passwords);
	free(c->lines);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->telling);
}

int crew_run(const struct sites *s, const bool *chosen, struct state *state, struct journal *j,
	     const struct crew_opts *o, struct crew_count *count, struct err *e)
{
	struct crew c = { .opts = o, .sites = s, .state = state, .journal = j, .ended_fd = -1 };
	int rc = -1;

	/* The readings of a meter are large and mostly untouched: pages of their own, also when
	 * many have come and gone, which by default moves the limit. */
	mallopt(M_MMAP_THRESHOLD, READINGS_BYTES);
	pthread_mutex_init(&c.lock, NULL);
	pthread_mutex_init(&c.telling, NULL);
	pthread_cond_init(&c.changed, NULL);
	if (crew_divide(&c, chosen, e) == 0 && crew_fetch_passwords(&c, chosen, e) == 0)
		rc = crew_start(&c, e);
	if (!rc)
		crew_wait(&c);
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
