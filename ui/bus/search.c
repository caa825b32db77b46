#include "search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "cmd/scan.h"

struct search_own {
	struct aside aside;
	struct app app;
	struct scan_own scan;
	char *profile;
	char **words;
	int nwords;
	/* shared, under the lock of the aside */
	struct search_line *lines;
	size_t nlines;
	struct search_meter *meters;	/* not taken yet */
	size_t n;
	char said[300];
	bool ended;
	struct err err;
};

/* ---- on its thread ------------------------------------------------------------------------ */

static void search_copy_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

static void search_found(void *arg, const struct finder_line *l, const struct discover_meter *m)
{
	struct search_own *o = arg;
	struct search_meter *more;

	(void)l;
	pthread_mutex_lock(&o->aside.lock);
	more = realloc(o->meters, (o->n + 1) * sizeof(*more));
	if (more) {
		o->meters = more;
		more += o->n++;
		*more = (struct search_meter){
			.target = m->target, .latency_ms = m->latency_ms, .doubled = m->doubled, .any_unit = m->any_unit,
		};
		search_copy_text(more->profile, sizeof(more->profile), m->profile ? m->profile->name : "");
		search_copy_text(more->model, sizeof(more->model), m->model);
		search_copy_text(more->id, sizeof(more->id), m->id);
		search_copy_text(more->reply, sizeof(more->reply), m->reply);
	}
	aside_wake(&o->aside);
	pthread_mutex_unlock(&o->aside.lock);
}

static void search_said(void *arg, const struct finder_line *l, const char *text)
{
	struct search_own *o = arg;
	char name[300];

	scan_line_name(l, name, sizeof(name));
	pthread_mutex_lock(&o->aside.lock);
	snprintf(o->said, sizeof(o->said), "%.100s: %.190s", name, text);
	aside_wake(&o->aside);
	pthread_mutex_unlock(&o->aside.lock);
}

static void search_tick(void *arg, const struct finder_line *lines, size_t n)
{
	struct search_own *o = arg;

	pthread_mutex_lock(&o->aside.lock);
	for (size_t i = 0; i < n && i < o->nlines; i++) {
		const struct finder_line *l = &lines[i];
		struct search_line *to = &o->lines[i];

		to->begun = l->begun;
		to->over = l->over;
		to->master = l->over && l->master;
		to->err = l->err;
		if (!l->begun)
			continue;	/* the time it will take is known already */
		to->probe = l->probe;
		sweep_setting_text(&l->sweep.settings[l->probe.setting], to->setting, sizeof(to->setting));
		to->done = l->done;
		to->all = l->all;
		to->found = l->found;
		to->left_us = l->left_us;
	}
	aside_wake(&o->aside);
	pthread_mutex_unlock(&o->aside.lock);
}

/* The lines are shown before anything is tried. */
static int search_begin(struct search_own *o, const struct finder_line *lines, size_t n, struct err *e)
{
	struct search_line *list = calloc(n, sizeof(*list));

	if (!list)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < n; i++) {
		list[i].target = lines[i].target;
		list[i].left_us = sweep_left_us(&lines[i].sweep);
		sweep_count(&lines[i].sweep, &list[i].done, &list[i].all);
	}
	pthread_mutex_lock(&o->aside.lock);
	o->lines = list;
	o->nlines = n;
	pthread_mutex_unlock(&o->aside.lock);
	for (size_t i = 0; i < n; i++)
		if (aside_park(&o->aside, &lines[i].target, e))
			return -1;
	return 0;
}

static int search_lines(struct search_own *o, struct finder_line *lines, size_t n, const struct scan_profiles *p,
			struct err *e)
{
	struct finder_opts f = {
		.discover = {
			.profiles = p->list, .nprofiles = p->n, .link = app_link_opts(&o->app), .intrude = o->scan.intrude,
		},
		.found = search_found, .said = search_said, .tick = search_tick, .arg = o,
	};
	int rc;

	if (search_begin(o, lines, n, e))
		return -1;
	f.discover.link.cancel_fd = o->aside.cancel_fd;
	f.discover.link.lines = NULL;
	rc = finder_run(lines, n, &f, e);
	search_tick(o, lines, n);
	return rc;
}

static void search_run(void *arg)
{
	struct search_own *o = arg;
	struct scan_profiles profiles = { 0 };
	struct finder_line *lines = NULL;
	struct err e = { 0 };
	size_t n = 0, size;
	char *said = NULL;
	int rc = -1;

	o->app.err = open_memstream(&said, &size);
	if (!o->app.err)
		err_set(&e, ERR_NO, "out of memory");
	else if (scan_profiles_open(&o->app, &profiles, &e) == 0
		 && scan_choose(&o->app, &o->scan, &profiles, o->words, o->nwords, &lines, &n, &e) == 0)
		rc = search_lines(o, lines, n, &profiles, &e);
	aside_unpark(&o->aside);
	if (o->app.err)
		fclose(o->app.err);
	pthread_mutex_lock(&o->aside.lock);
	if (said && *said && !*o->said)
		snprintf(o->said, sizeof(o->said), "%.*s", (int)strcspn(said, "\n"), said);
	if (rc)
		o->err = e;
	o->ended = true;
	pthread_mutex_unlock(&o->aside.lock);
	free(said);
	free(lines);
	scan_profiles_close(&profiles);
}

/* ---- for the screens ------------------------------------------------------------------------- */

static void search_own_free(struct search_own *o)
{
	for (int i = 0; o->words && i < o->nwords; i++)
		free(o->words[i]);
	free(o->words);
	free(o->profile);
	free(o->lines);
	free(o->meters);
	free(o);
}

static struct search_own *search_own_new(const struct search_opts *p)
{
	struct search_own *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	app_init(&o->app);
	o->app.settled = true;
	if (p->app) {
		o->app.timeout_ms = p->app->timeout_ms;
		o->app.retries = p->app->retries;
	}
	o->scan.intrude = p->intrude;
	o->profile = strdup(p->profile);
	o->app.profile = o->profile;
	o->words = calloc((size_t)p->nwords + 1, sizeof(*o->words));
	for (int i = 0; o->words && i < p->nwords; i++)
		if ((o->words[i] = strdup(p->words[i])))
			o->nwords++;
	if (o->profile && o->words && o->nwords == p->nwords)
		return o;
	search_own_free(o);
	return NULL;
}

struct search *search_new(const struct search_opts *p, struct err *e)
{
	struct search *s = calloc(1, sizeof(*s));

	if (s)
		s->own = search_own_new(p);
	if (!s || !s->own)
		err_set(e, ERR_NO, "out of memory");
	else if (aside_start(&s->own->aside, p->bus, search_run, s->own, e) == 0)
		return s;
	else
		search_own_free(s->own);
	free(s);
	return NULL;
}

int search_fd(const struct search *s)
{
	return s->own ? s->own->aside.wake_fd : -1;
}

static void search_take_meters(struct search *s, struct search_own *o)
{
	struct search_meter *more = o->n ? realloc(s->meters, (s->n + o->n) * sizeof(*more)) : NULL;

	if (!more)
		return;		/* nothing new, or it waits */
	memcpy(more + s->n, o->meters, o->n * sizeof(*more));
	s->meters = more;
	s->n += o->n;
	o->n = 0;
}

void search_take(struct search *s)
{
	struct search_own *o = s->own;

	if (!o)
		return;
	aside_took(&o->aside);
	pthread_mutex_lock(&o->aside.lock);
	if (!s->lines && o->nlines)
		s->lines = calloc(o->nlines, sizeof(*s->lines));
	if (s->lines) {
		s->nlines = o->nlines;
		memcpy(s->lines, o->lines, o->nlines * sizeof(*s->lines));
	}
	search_take_meters(s, o);
	memcpy(s->said, o->said, sizeof(s->said));
	s->ended = o->ended;
	s->err = o->err;
	pthread_mutex_unlock(&o->aside.lock);
}

void search_cancel(struct search *s)
{
	if (s->own)
		aside_cancel(&s->own->aside);
}

void search_free(struct search *s)
{
	if (!s)
		return;
	if (s->own && aside_end(&s->own->aside))
		search_own_free(s->own);
	free(s->lines);
	free(s->meters);
	free(s);
}
