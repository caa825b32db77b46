#include "finder.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/thread.h"
#include "base/time.h"

#define TICK_MS 200

struct finder;

/* A thread, and the line it searches. Its link is ended by an eventfd of its own. */
struct finder_worker {
	struct finder *finder;
	struct finder_line *line;
	pthread_t thread;
	int cancel_fd;
};

struct finder {
	const struct finder_opts *o;
	struct finder_line *lines;
	size_t n;
	pthread_mutex_t lock;	/* what follows, what lines show, and who is told */
	size_t next;		/* line to begin */
	size_t found;
	bool stopping;
	struct finder_worker workers[FINDER_THREADS];
	size_t nworkers;
	int ended_fd;		/* counts workers that have ended */
};

static void finder_found(void *arg, const struct discover_meter *m)
{
	struct finder_worker *w = arg;
	struct finder *f = w->finder;

	pthread_mutex_lock(&f->lock);
	if (!f->stopping) {
		f->found++;
		w->line->found++;
		f->o->found(f->o->arg, w->line, m);
	}
	if (f->o->first && f->found >= f->o->first)
		f->stopping = true;
	pthread_mutex_unlock(&f->lock);
}

static void finder_said(void *arg, const char *text)
{
	struct finder_worker *w = arg;

	pthread_mutex_lock(&w->finder->lock);
	w->finder->o->said(w->finder->o->arg, w->line, text);
	pthread_mutex_unlock(&w->finder->lock);
}

static bool finder_trying(void *arg, const struct sweep_probe *p)
{
	struct finder_worker *w = arg;
	struct finder_line *l = w->line;
	size_t done, all;
	int64_t left_us = sweep_left_us(&l->sweep);
	bool go_on;

	sweep_count(&l->sweep, &done, &all);
	pthread_mutex_lock(&w->finder->lock);
	l->begun = true;
	l->probe = *p;
	l->done = done;
	l->all = all;
	l->left_us = left_us;
	go_on = !w->finder->stopping;
	pthread_mutex_unlock(&w->finder->lock);
	return go_on;
}

static struct finder_line *finder_next(struct finder *f)
{
	struct finder_line *l = NULL;

	pthread_mutex_lock(&f->lock);
	if (!f->stopping && f->next < f->n)
		l = &f->lines[f->next++];
	pthread_mutex_unlock(&f->lock);
	return l;
}

static void finder_remark(void *arg, const char *text)
{
	finder_said(arg, text);
}

static void *finder_work(void *arg)
{
	struct finder_worker *w = arg;
	struct discover_opts o = w->finder->o->discover;
	struct err e = { 0 };

	o.found = finder_found;
	o.said = finder_said;
	o.trying = finder_trying;
	o.arg = w;
	o.link.cancel_fd = w->cancel_fd;
	o.link.remark = finder_remark;
	o.link.remark_arg = w;
	while ((w->line = finder_next(w->finder))) {
		o.known = w->line->known;
		o.master = &w->line->master;
		o.nknown = w->line->nknown;
		if (discover_line(&w->line->target, &w->line->sweep, &o, &e) == 0)
			e.code = ERR_NONE;
		pthread_mutex_lock(&w->finder->lock);
		w->line->err = e;
		w->line->over = true;
		pthread_mutex_unlock(&w->finder->lock);
	}
	cancel_raise(w->finder->ended_fd);
	return NULL;
}

static int finder_start(struct finder *f, struct err *e)
{
	size_t n = f->n < FINDER_THREADS ? f->n : FINDER_THREADS;

	f->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->ended_fd < 0)
		return err_set(e, ERR_NO, "cannot start: %m");
	for (; f->nworkers < n; f->nworkers++) {
		struct finder_worker *w = &f->workers[f->nworkers];

		w->finder = f;
		w->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (w->cancel_fd < 0)
			break;
		if (thread_start(&w->thread, finder_work, w)) {
			close(w->cancel_fd);
			break;
		}
	}
	return f->nworkers ? 0 : err_set(e, ERR_NO, "cannot start a thread");
}

static void finder_tick(struct finder *f)
{
	pthread_mutex_lock(&f->lock);
	if (f->o->tick)
		f->o->tick(f->o->arg, f->lines, f->n);
	pthread_mutex_unlock(&f->lock);
}

/* Until all have ended; the cancel is handed on to each. True: there was one. */
static bool finder_wait(struct finder *f)
{
	struct pollfd come[2] = {
		{ .fd = f->ended_fd, .events = POLLIN }, { .fd = f->o->discover.link.cancel_fd, .events = POLLIN },
	};
	uint64_t ended = 0, more;
	bool cancelled = false;

	while (ended < f->nworkers) {
		if (poll(come, 2, TICK_MS) < 0)
			continue;
		if (come[1].fd >= 0 && come[1].revents) {
			cancelled = true;
			for (size_t i = 0; i < f->nworkers; i++)
				cancel_raise(f->workers[i].cancel_fd);
			come[1].fd = -1;	/* it stays readable */
		}
		if (read(f->ended_fd, &more, sizeof(more)) == sizeof(more))
			ended += more;
		else
			finder_tick(f);
	}
	for (size_t i = 0; i < f->nworkers; i++) {
		pthread_join(f->workers[i].thread, NULL);
		close(f->workers[i].cancel_fd);
	}
	return cancelled;
}

static bool finder_timed_out(const struct finder *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->lines[i].err.code == ERR_INTERRUPTED)
			return true;
	return false;
}

int finder_run(struct finder_line *lines, size_t n, const struct finder_opts *o, struct err *e)
{
	struct finder *f = calloc(1, sizeof(*f));
	bool cancelled;
	int rc;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	f->o = o;
	f->lines = lines;
	f->n = n;
	pthread_mutex_init(&f->lock, NULL);
	rc = finder_start(f, e);
	if (!rc) {
		cancelled = finder_wait(f);
		if (cancelled)
			rc = err_set(e, ERR_INTERRUPTED, "interrupted");
		else if (finder_timed_out(f))
			rc = err_set(e, ERR_INTERRUPTED, "the time was over before the search");
	}
	if (f->ended_fd >= 0)
		close(f->ended_fd);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return rc;
}
