#include "learner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "base/text.h"
#include "base/time.h"
#include "cmd/learn.h"
#include "cmd/learning.h"
#include "modbus/function.h"

#define HAND_OVER_US 100000	/* not more often than the eye follows */

struct learner_own {
	struct aside aside;
	struct app app;
	struct learn_own options;	/* with texts of its own */
	struct target target;
	/* the thread's */
	struct learning *learning;
	struct learner now;
	int64_t woken_us;
	bool waiting;			/* something was not handed over yet */
	/* shared, under the lock of the aside */
	struct learner told;
};

static const struct app_host learner_host = { .on_screen = true };

/* ---- on its thread ----------------------------------------------------------------------- */

static void learner_look(const struct learn_want *w, struct learner_row *row)
{
	size_t at = 0;

	snprintf(row->key, sizeof(row->key), "%s", w->key);
	row->typed[0] = '\0';
	for (size_t i = 0; i < w->nvalues && !w->secret; i++)
		text_append(row->typed, sizeof(row->typed), &at, "%s%s", i ? ", " : "", w->values[i].text);
	if (w->secret)
		snprintf(row->typed, sizeof(row->typed), LEARNER_MASK);
}

static void learner_row_take(const struct learn *l, size_t i, struct learner_row *row)
{
	struct learn_found f;

	learn_find(l, i, &f);
	learner_look(&l->wants[i], row);
	row->state = f.state;
	row->places = f.places;
	row->addr = f.place.addr;
	row->type = f.place.form.type;
	row->order = f.place.form.order;
	row->scale = f.place.form.scale;
	memcpy(row->why, f.why, sizeof(row->why));
	memcpy(row->second, f.second, sizeof(row->second));
}

static void learner_hand_over(struct learner_own *o)
{
	const struct learn *l = &o->learning->learn;

	for (size_t i = 0; i < l->nwants; i++)
		learner_row_take(l, i, &o->now.rows[i]);
	o->now.nrows = l->nwants;
	o->woken_us = time_mono_us();
	o->waiting = false;
	pthread_mutex_lock(&o->aside.lock);
	o->told = o->now;
	aside_wake(&o->aside);
	pthread_mutex_unlock(&o->aside.lock);
}

static void learner_open(void *arg, const char *where)
{
	struct learner_own *o = arg;

	o->now.begun = true;
	snprintf(o->now.where, sizeof(o->now.where), "%s", where ? where : "");
	learner_hand_over(o);
}

static void learner_cut(void *arg, const struct cut *c, bool secret)
{
	struct learner *l = &((struct learner_own *)arg)->now;
	const struct function *f = c->kind == CUT_REQUEST ? function_find(c->function) : NULL;

	(void)secret;
	l->frames += c->kind != CUT_GARBAGE;
	l->garbage += c->kind == CUT_GARBAGE;
	l->requests += c->kind == CUT_REQUEST;
	l->writes += f && f->writes;
}

static void learner_turn(void *arg, bool any)
{
	struct learner_own *o = arg;

	o->waiting = o->waiting || any;
	if (o->waiting && time_mono_us() - o->woken_us >= HAND_OVER_US)
		learner_hand_over(o);
}

static const struct learning_ops learner_ops = { .open = learner_open, .cut = learner_cut, .turn = learner_turn };

/* What the command says, without its name. */
static void learner_words(struct learner *l, const char *said)
{
	static const char name[] = "meterctl: ";
	size_t at = 0;

	for (const char *s = said; *s;) {
		size_t n = strcspn(s, "\n");

		if (strncmp(s, name, sizeof(name) - 1) == 0) {
			s += sizeof(name) - 1;
			n -= sizeof(name) - 1;
		}
		text_append(l->words, sizeof(l->words), &at, "%.*s\n", (int)n, s);
		s += n + (s[n] == '\n');
	}
}

static void learner_conclude(struct learner_own *o, bool interrupted, struct err *e)
{
	struct learning_result *r = calloc(1, sizeof(*r));
	char *said = NULL;
	size_t size;

	o->app.err = open_memstream(&said, &size);
	if (!r || !o->app.err) {
		err_set(e, ERR_NO, "out of memory");
	} else if (learning_draft(o->learning, r, e) == 0) {
		o->now.found = r->n;
		memcpy(o->now.path, r->path, sizeof(o->now.path));
		o->now.concluding = true;
		learner_hand_over(o);
		learning_conclude(o->learning, r, interrupted, e);
	}
	if (o->app.err && fclose(o->app.err) == 0)
		learner_words(&o->now, said);
	free(said);
	free(r);
}

static void learner_run(void *arg)
{
	struct learner_own *o = arg;
	struct err e = { 0 };
	int rc = aside_park(&o->aside, &o->target, &e);

	o->app.cancel_fd = o->aside.cancel_fd;
	if (rc == 0)
		rc = learning_frames(o->learning, &e);
	if (rc == 0 || (e.code == ERR_INTERRUPTED && o->now.begun)) {
		err_clear(&e);
		learner_conclude(o, rc != 0, &e);
	}
	aside_unpark(&o->aside);
	o->now.ended = true;
	o->now.err = e;
	learner_hand_over(o);
}

/* ---- for the screens ------------------------------------------------------------------------- */

static void learner_own_free(struct learner_own *o)
{
	if (!o)
		return;
	learning_free(o->learning);
	free((char *)o->options.tap);
	free((char *)o->options.between);
	free((char *)o->options.serve);
	free((char *)o->options.output);
	free(o);
}

static int learner_copy(const char *from, const char **to, struct err *e)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? err_set(e, ERR_NO, "out of memory") : 0;
}

/* The options outlive the line that was typed. */
static int learner_options(struct learner_own *o, const struct learner_opts *p, struct err *e)
{
	const struct app *a = p->app;

	app_init(&o->app);
	o->app.host = &learner_host;
	o->app.timeout_ms = a->timeout_ms;
	o->app.retries = a->retries;
	o->app.wait_s = a->wait_s;
	o->app.force = a->force;
	memcpy(o->app.lines_file, a->lines_file, sizeof(o->app.lines_file));
	o->options = (struct learn_own){ .for_s = p->own->for_s };
	return learner_copy(p->own->tap, &o->options.tap, e) || learner_copy(p->own->between, &o->options.between, e)
	    || learner_copy(p->own->serve, &o->options.serve, e) || learner_copy(p->own->output, &o->options.output, e) ? -1 : 0;
}

static int learner_prepare(struct learner_own *o, const struct learner_opts *p, struct err *e)
{
	const char *line = p->own->tap ? p->own->tap : p->own->between;

	if (learner_options(o, p, e))
		return -1;
	o->learning = learning_new(&o->app, p->own, p->profile, e);
	if (!o->learning || (p->own->values.n == 0 && learn_ask(&o->app, &o->learning->learn, o->learning->profile, e))
	    || target_parse(line, &o->target, e))
		return -1;
	o->learning->own = &o->options;
	o->learning->ops = &learner_ops;
	o->learning->arg = o;
	o->now.between = p->own->between != NULL;
	snprintf(o->now.line, sizeof(o->now.line), "%s", line);
	return 0;
}

struct learner *learner_new(const struct learner_opts *p, struct err *e)
{
	struct learner *l = calloc(1, sizeof(*l));
	struct learner_own *o = calloc(1, sizeof(*o));

	if (!l || !o) {
		err_set(e, ERR_NO, "out of memory");
	} else if (learner_prepare(o, p, e) == 0) {
		const struct learn *learn = &o->learning->learn;

		for (size_t i = 0; i < learn->nwants; i++)
			learner_row_take(learn, i, &o->now.rows[i]);
		o->now.nrows = learn->nwants;
		*l = o->told = o->now;
		l->own = o;
		if (aside_start(&o->aside, p->bus, learner_run, o, e) == 0)
			return l;
	}
	learner_own_free(o);
	free(l);
	return NULL;
}

int learner_fd(const struct learner *l)
{
	return l->own ? l->own->aside.wake_fd : -1;
}

void learner_take(struct learner *l)
{
	struct learner_own *o = l->own;

	if (!o)
		return;
	aside_took(&o->aside);
	pthread_mutex_lock(&o->aside.lock);
	*l = o->told;
	pthread_mutex_unlock(&o->aside.lock);
	l->own = o;
}

void learner_cancel(struct learner *l)
{
	if (l->own)
		aside_cancel(&l->own->aside);
}

void learner_free(struct learner *l)
{
	if (!l)
		return;
	if (l->own && aside_end(&l->own->aside))
		learner_own_free(l->own);
	free(l);
}
