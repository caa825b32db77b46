/*
 * step.c - changes of P and Q among readings that move, and which of them belong together.
 */
#include "step.h"

#include <stdlib.h>
#include <string.h>

#include "angle.h"
#include "check_state.h"

#define STEP_TIMES_NOISE 6
#define STEP_LEAST 0.006	/* kVA: six steps of a register of 1 W */
#define STEP_STEADY 0.25	/* of the change, by which its two sides may move */
#define STEP_SHARE 0.3		/* of the change, from which another input has changed too */
#define STEP_UNLIKE 0.3		/* of the change before */
#define STEP_RESTLESS_AFTER (3 * STEP_WINDOW)
#define STEP_PAUSE_LEAST_US 2000000
#define STEP_UNFINISHED_US 30000000

void step_begin(struct step_watch *w, const struct doctor_options *o, const struct doctor_verdict *v)
{
	struct doctor_options told = *o;

	told.service = v->evidence.service;
	*w = (struct step_watch){
		.inputs = service_inputs(&told),
		.angles = { .use = v->evidence.source == DOCTOR_SOURCE_ANGLES, .sign = v->evidence.angle_sign },
	};
}

static void step_forget(struct step_input *in)
{
	in->changes = 0;
	in->unlike = false;
	in->sum_p = in->sum_q = 0;
}

void step_resume(struct step_watch *w, const struct doctor_options *o, const struct doctor_verdict *v)
{
	const struct step_watch before = *w;

	step_begin(w, o, v);
	for (unsigned k = 0; k < 3; k++)
		if (before.in[k].judged) {
			w->in[k] = before.in[k];
			step_forget(&w->in[k]);
		}
}

/* That of the fundamental, where the meter's angles tell it: the reactive power of many meters
 * has all distortion in it, and that does not add up. */
static double step_reactive(const struct step_watch *w, const struct doctor_sample *s, unsigned k)
{
	double lag = w->angles.use ? angles_lag(&w->angles, s, k) : NAN;

	return isnan(lag) ? s->q[k] : s->u[k] * s->i[k] / 1000 * sin(lag * DEGREE);
}

/* What input K changes by from the older half of the window to the newer. */
static double step_difference(const struct step_watch *w, unsigned k, double *p, double *q)
{
	*p = *q = 0;
	for (size_t i = 0; i < STEP_MEAN; i++) {
		*p += w->seen[STEP_MEAN + 1 + i].p[k] - w->seen[i].p[k];
		*q += w->seen[STEP_MEAN + 1 + i].q[k] - w->seen[i].q[k];
	}
	*p /= STEP_MEAN;
	*q /= STEP_MEAN;
	return hypot(*p, *q);
}

/* Does P of input K, or Q, stay near its mean over the half that begins at FROM? */
static bool step_half_steady(const struct step_watch *w, unsigned k, size_t from, double most)
{
	double p = 0, q = 0;

	for (size_t i = from; i < from + STEP_MEAN; i++) {
		p += w->seen[i].p[k] / STEP_MEAN;
		q += w->seen[i].q[k] / STEP_MEAN;
	}
	for (size_t i = from; i < from + STEP_MEAN; i++)
		if (hypot(w->seen[i].p[k] - p, w->seen[i].q[k] - q) > most)
			return false;
	return true;
}

static double step_threshold(const struct step_watch *w, unsigned k)
{
	return fmax(STEP_LEAST, STEP_TIMES_NOISE * w->noise[k]);
}

double step_needed(const struct step_watch *w)
{
	double most = 0;

	for (unsigned k = 0; k < 3; k++)
		if (w->inputs >> k & 1)
			most = fmax(most, step_threshold(w, k));
	return 1.5 * most;
}

bool step_done(const struct step_watch *w)
{
	for (unsigned k = 0; k < 3; k++)
		if (w->inputs >> k & 1 && !w->in[k].judged)
			return false;
	return true;
}

bool step_shown(const struct step_watch *w)
{
	bool any = false;

	for (unsigned k = 0; k < 3; k++)
		any = any || (w->inputs >> k & 1 && w->in[k].judged);
	return any;
}

/* ---- sequences -------------------------------------------------------------------- */

static void step_add(struct step_input *in, double p, double q, int64_t at_us)
{
	double sign = in->changes % 2 ? -1 : 1;

	if (in->changes) {
		in->unlike = in->unlike
			|| hypot(in->last_p + p, in->last_q + q) > STEP_UNLIKE * hypot(in->last_p, in->last_q);
		in->gap_us[in->changes % (STEP_CHANGES - 1)] = at_us - in->last_us;
	}
	in->changes++;
	in->sum_p += sign * p;
	in->sum_q += sign * q;
	in->last_p = p;
	in->last_q = q;
	in->last_us = at_us;
}

/* Nothing more is to come of the sequence of IN. */
static bool step_over(const struct step_input *in, int64_t now_us)
{
	int64_t pause = STEP_PAUSE_LEAST_US;

	for (size_t i = 0; i < STEP_CHANGES - 1; i++)
		if (pause < in->gap_us[i] + in->gap_us[i] / 2)
			pause = in->gap_us[i] + in->gap_us[i] / 2;
	if (in->changes < STEP_CHANGES)
		pause = STEP_UNFINISHED_US;
	return in->changes > 0 && now_us - in->last_us > pause;
}

static const char *step_fault(const struct step_input *in, double lag)
{
	if (in->unlike)
		return "its changes are unlike each other";
	if (in->changes < STEP_CHANGES)
		return "it was not switched on and off twice";
	if (in->changes % 2)
		return "an odd number of changes: begin and end with the load off";
	if (angle_between(lag, 60 * round(lag / 60)) > STEP_ANGLE)
		return "no resistive load";
	return NULL;
}

static enum step_event step_close(struct step_watch *w, unsigned k)
{
	struct step_input *in = &w->in[k];
	double lag = angle_lag(in->sum_p, in->sum_q);

	w->input = k;
	w->why = step_fault(in, lag);
	if (!w->why) {
		in->judged = true;
		in->p = in->sum_p / in->changes;
		in->q = in->sum_q / in->changes;
		in->lag = lag;
	}
	step_forget(in);
	return w->why ? STEP_REPEAT : STEP_JUDGED;
}

/* ---- changes ---------------------------------------------------------------------- */

static int step_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A switched load is in many of the windows: the lower quarter is without it. Of a change
 * with two parts of one spread that quarter is 0.54 of the rms. */
static void step_learn(struct step_watch *w, const double size[3])
{
	size_t n = ++w->looked < STEP_REMEMBERS ? w->looked : STEP_REMEMBERS;

	for (unsigned k = 0; k < 3; k++) {
		double sorted[STEP_REMEMBERS];

		w->size[k][(w->looked - 1) % STEP_REMEMBERS] = size[k];
		memcpy(sorted, w->size[k], n * sizeof(double));
		qsort(sorted, n, sizeof(double), step_compare);
		w->noise[k] = sorted[n / 4] / 0.54;
	}
}

/* The newer half becomes the older one of the next change. */
static void step_go_on(struct step_watch *w)
{
	memmove(w->seen, w->seen + STEP_MEAN + 1, STEP_MEAN * sizeof(w->seen[0]));
	w->nseen = STEP_MEAN;
	w->restless = 0;
}

static enum step_event step_change(struct step_watch *w, unsigned k, const double size[3])
{
	struct step_input *in = &w->in[k];

	w->input = k;
	w->several = 1U << k;
	for (unsigned j = 0; j < 3; j++)
		if (j != k && w->inputs >> j & 1 && size[j] > fmax(STEP_SHARE * size[k], step_threshold(w, j)))
			w->several |= 1U << j;
	step_difference(w, k, &w->p, &w->q);
	if (w->several == 1U << k) {
		in->from_p = in->from_q = 0;
		for (size_t i = 0; i < STEP_MEAN; i++) {
			in->from_p += w->seen[i].p[k] / STEP_MEAN;
			in->from_q += w->seen[i].q[k] / STEP_MEAN;
		}
		step_add(in, w->p, w->q, w->seen[STEP_WINDOW - 1].at_us);
	}
	step_go_on(w);
	return w->several == 1U << k ? STEP_CHANGED : STEP_SEVERAL;
}

/* The window is full: has something changed in the middle of it? */
static enum step_event step_look(struct step_watch *w)
{
	double size[3] = { 0 }, p, q;
	unsigned most = 0;

	for (unsigned k = 0; k < 3; k++) {
		if (w->inputs >> k & 1)
			size[k] = step_difference(w, k, &p, &q);
		if (size[k] > size[most])
			most = k;
	}
	step_learn(w, size);
	if (w->looked <= STEP_LEARN)
		return w->looked == STEP_LEARN ? STEP_READY : STEP_NOTHING;
	if (size[most] <= step_threshold(w, most)) {
		w->restless = 0;
		return STEP_NOTHING;
	}
	if (step_half_steady(w, most, 0, STEP_STEADY * size[most])
	    && step_half_steady(w, most, STEP_MEAN + 1, STEP_STEADY * size[most]))
		return step_change(w, most, size);
	return ++w->restless == STEP_RESTLESS_AFTER ? STEP_RESTLESS : STEP_NOTHING;
}

enum step_event step_take(struct step_watch *w, const struct doctor_sample *s)
{
	enum step_event event = STEP_NOTHING;

	for (unsigned k = 0; k < 3; k++)
		if (w->inputs >> k & 1 && isnan(s->p[k] + s->q[k]))
			return STEP_NOTHING;
	if (w->nseen == STEP_WINDOW)
		memmove(w->seen, w->seen + 1, --w->nseen * sizeof(w->seen[0]));
	w->seen[w->nseen].at_us = s->at_us;
	for (unsigned k = 0; k < 3; k++) {
		w->seen[w->nseen].p[k] = s->p[k];
		w->seen[w->nseen].q[k] = step_reactive(w, s, k);
	}
	if (++w->nseen == STEP_WINDOW)
		event = step_look(w);
	for (unsigned k = 0; k < 3 && event == STEP_NOTHING; k++)
		if (step_over(&w->in[k], s->at_us))
			event = step_close(w, k);
	return event;
}
