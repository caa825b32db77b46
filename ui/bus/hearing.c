#include "hearing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "base/time.h"
#include "modbus/listener.h"
#include "output/cut_text.h"

#define HAND_OVER_US 100000	/* not more often than the eye follows */

struct hearing_own {
	struct aside aside;
	struct hearing_opts opts;
	char *profile_name;
	/* the thread's */
	const struct profile *profile;
	struct listener listener;
	struct cut_text words;
	int64_t wall_us, woken_us;
	bool waiting;			/* something was not handed over yet */
	/* shared, under the lock of the aside */
	struct hearing told;		/* but for its frames: */
	struct hearing_frame frames[HEARING_FRAMES];
	unsigned long nframes, taken;
};

/* ---- on its thread ----------------------------------------------------------------------- */

static void hearing_cut(void *arg, const struct cut *c, const uint8_t *bytes, bool redacted)
{
	static const struct cut_words much = { .prose = true, .items = 16, .bytes = 24 };
	struct hearing_own *o = arg;
	struct hearing_frame *f;

	(void)redacted;
	cut_text_make(&o->words, o->profile, c, bytes, &much);
	pthread_mutex_lock(&o->aside.lock);
	f = &o->frames[o->nframes++ % HEARING_FRAMES];
	*f = (struct hearing_frame){
		.at_us = c->at_us + o->wall_us, .kind = c->kind, .paired = c->paired, .unit = c->unit, .function = c->function,
		.ms = (double)c->wait_us / 1e3, .n = (uint16_t)(c->n < sizeof(f->bytes) ? c->n : sizeof(f->bytes)),
		.mark = cut_mark(c), .note = cut_note(c),
	};
	f->trouble = c->kind == CUT_GARBAGE || *f->note || (c->kind == CUT_REPLY && c->function & 0x80);
	memcpy(f->bytes, bytes, f->n);
	snprintf(f->text, sizeof(f->text), "%.*s", (int)sizeof(f->text) - 1, o->words.text);
	if (c->kind != CUT_GARBAGE)
		o->told.lost = 0;
	o->waiting = true;
	pthread_mutex_unlock(&o->aside.lock);
}

static void hearing_lost(void *arg, size_t bytes)
{
	struct hearing_own *o = arg;

	pthread_mutex_lock(&o->aside.lock);
	o->told.lost = bytes;
	o->waiting = true;
	pthread_mutex_unlock(&o->aside.lock);
}

static void hearing_found(void *arg)
{
	((struct hearing_own *)arg)->waiting = true;
}

static bool hearing_enough(void *arg)
{
	(void)arg;
	return false;
}

static const struct listener_ops hearing_ops = {
	.cut = hearing_cut, .lost = hearing_lost, .found = hearing_found, .enough = hearing_enough,
};

static void hearing_hand_over(struct hearing_own *o)
{
	int64_t now = time_mono_us();

	if (!o->waiting || now - o->woken_us < HAND_OVER_US)
		return;
	o->woken_us = now;
	o->waiting = false;
	pthread_mutex_lock(&o->aside.lock);
	o->told.traffic = o->listener.traffic;
	o->told.now_us = o->listener.now_us;
	o->told.at = o->listener.line.target;
	o->told.begun = true;
	aside_wake(&o->aside);
	pthread_mutex_unlock(&o->aside.lock);
}

static int hearing_line(struct hearing_own *o, struct err *e)
{
	int rc = 0;

	listener_init(&o->listener, &hearing_ops, o, o->profile);
	if (passive_open(&o->listener.line, &o->opts.target, o->opts.timeout_ms, 0, o->aside.cancel_fd, e))
		return -1;
	o->wall_us = time_wall_us() - time_mono_us();
	o->waiting = true;
	while (rc == 0) {
		hearing_hand_over(o);
		rc = listener_turn(&o->listener, o->waiting ? o->woken_us + HAND_OVER_US : INT64_MAX, o->aside.cancel_fd, e);
		/* a request turns silent without a byte */
		o->waiting = o->waiting || time_mono_us() - o->woken_us >= 1000000;
	}
	listener_end(&o->listener);
	passive_close(&o->listener.line);
	o->waiting = true;
	o->woken_us = 0;
	hearing_hand_over(o);
	return rc;
}

static void hearing_run(void *arg)
{
	struct hearing_own *o = arg;
	struct err e = { 0 };

	o->profile = profile_open(o->profile_name, &e);
	if (o->profile && aside_park(&o->aside, &o->opts.target, &e) == 0)
		hearing_line(o, &e);
	aside_unpark(&o->aside);
	profile_free(o->profile);
	pthread_mutex_lock(&o->aside.lock);
	o->told.ended = true;
	o->told.err = e;
	pthread_mutex_unlock(&o->aside.lock);
}

/* ---- for the screens ------------------------------------------------------------------------- */

static void hearing_own_free(struct hearing_own *o)
{
	free(o->profile_name);
	free(o);
}

struct hearing *hearing_new(const struct hearing_opts *p, struct err *e)
{
	struct hearing *h = calloc(1, sizeof(*h));
	struct hearing_own *o = calloc(1, sizeof(*o));

	if (h && o) {
		h->given = h->at = o->told.given = o->told.at = p->target;
		h->own = o;
		o->opts = *p;
		o->profile_name = strdup(p->profile);
	}
	if (!h || !o || !o->profile_name)
		err_set(e, ERR_NO, "out of memory");
	else if (aside_start(&o->aside, p->bus, hearing_run, o, e) == 0)
		return h;
	if (o)
		hearing_own_free(o);
	free(h);
	return NULL;
}

int hearing_fd(const struct hearing *h)
{
	return h->own ? h->own->aside.wake_fd : -1;
}

void hearing_take(struct hearing *h)
{
	struct hearing_own *o = h->own;
	struct hearing_frame *frames = h->frames;

	if (!o)
		return;
	if (!frames)
		frames = calloc(HEARING_FRAMES, sizeof(*frames));
	aside_took(&o->aside);
	pthread_mutex_lock(&o->aside.lock);
	*h = o->told;
	h->own = o;
	h->frames = frames;
	if (o->nframes - o->taken > HEARING_FRAMES)
		o->taken = o->nframes - HEARING_FRAMES;
	for (; frames && o->taken < o->nframes; o->taken++)
		frames[o->taken % HEARING_FRAMES] = o->frames[o->taken % HEARING_FRAMES];
	h->nframes = frames ? o->nframes : 0;
	pthread_mutex_unlock(&o->aside.lock);
}

void hearing_cancel(struct hearing *h)
{
	if (h->own)
		aside_cancel(&h->own->aside);
}

void hearing_free(struct hearing *h)
{
	if (!h)
		return;
	if (h->own && aside_end(&h->own->aside))
		hearing_own_free(h->own);
	free(h->frames);
	free(h);
}
