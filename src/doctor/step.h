/*
 * step.h - the guided load step: a load of one phase is switched on and off twice, and the
 * change of P and Q on each input tells whose current it has and which way round, whatever
 * else the site takes or feeds in.
 *
 *	step_begin(&w, &options, &verdict);
 *	while (read a sample)
 *		if (step_take(&w, &sample) == STEP_JUDGED)
 *			... w.input, w.in[w.input]
 *	step_conclude(&w, &options, &verdict);
 *
 * Resistive loads only: P and Q of the change lie near a multiple of 60 degrees. Whether a
 * change is "on" or "off" is told by the order: it begins with the load switched off. So
 * a sequence counts when its changes are even in number, four or more, alternate, agree, and
 * are followed by a pause; any other is to be repeated. Pure, as all of the doctor.
 */
#ifndef METERCTL_DOCTOR_STEP_H
#define METERCTL_DOCTOR_STEP_H

#include "angles.h"
#include "doctor.h"

#define STEP_MEAN 4		/* readings on each side of a change */
#define STEP_WINDOW (2 * STEP_MEAN + 1)
#define STEP_CHANGES 4		/* on, off, on, off */
#define STEP_LEARN 16		/* windows until the noise is known */
#define STEP_REMEMBERS 64	/* windows that it is learned from */
#define STEP_ANGLE 20.0		/* degrees that a heater may be off a multiple of 60 */

enum step_event {
	STEP_NOTHING,
	STEP_READY,	/* the noise is known: step_needed() */
	STEP_CHANGED,	/* of w->input, by w->p and w->q */
	STEP_SEVERAL,	/* of several inputs at once (w->several): no load of one phase; not counted */
	STEP_RESTLESS,	/* the loads of the site change too much: a step would drown */
	STEP_REPEAT,	/* of w->input; w->why */
	STEP_JUDGED	/* of w->input */
};

struct step_input {
	unsigned changes;	/* of the sequence that goes on */
	bool unlike;		/* one of them is not the one before, turned round */
	int64_t last_us;
	int64_t gap_us[STEP_CHANGES - 1];	/* between the latest, a ring: they tell its rhythm */
	double from_p, from_q;	/* kW, kvar: before the latest change (last_us: of none yet, 0) */
	double last_p, last_q;	/* ... and what it brought */
	double sum_p, sum_q;	/* those of "on" less those of "off" */
	bool judged;		/* a sequence was whole; then: */
	double p, q;		/* kW, kvar: means of its changes, of "on" */
	double lag;		/* of that current behind the voltage of this input, -180 to 180 */
};

struct step_watch {
	unsigned inputs;	/* that count */
	struct angles angles;	/* how the meter's are to be taken */
	struct step_input in[3];
	/* of the latest event */
	unsigned input, several;
	double p, q;
	const char *why;	/* static */

	struct { int64_t at_us; double p[3], q[3]; } seen[STEP_WINDOW];	/* the newest last */
	size_t nseen;
	double noise[3];	/* kVA, rms of what the mean changes by without a step */
	double size[3][STEP_REMEMBERS];	/* kVA: those it is learned from, a ring */
	unsigned looked, restless;	/* windows; those in a row that are neither quiet nor a step */
};

/* O and V: of a check before. */
void step_begin(struct step_watch *w, const struct doctor_options *o, const struct doctor_verdict *v);
/* The same; what was judged before stays so. */
void step_resume(struct step_watch *w, const struct doctor_options *o, const struct doctor_verdict *v);
/* One more reading, newer than the last; one without P and Q of an input is left out. */
enum step_event step_take(struct step_watch *w, const struct doctor_sample *s);
/* kVA at the meter that are surely seen, once it is ready. */
double step_needed(const struct step_watch *w);
/* Every input that counts has been judged. */
bool step_done(const struct step_watch *w);
/* Any input has been. */
bool step_shown(const struct step_watch *w);

/* ---- in words (step_words.c) */

/* Behind "--step" or "a load step": why no step can be judged at this meter (PUSHES: it sends by
 * itself) or supply, told by V. Static; NULL: it can. */
const char *step_refusal(bool pushes, const struct doctor_options *o, const struct doctor_verdict *v);
/* "the current of its own phase" of the lag of a change. Static. */
const char *step_says(double lag);
/* What EVENT, the latest, has been. Returns BUF; "" for nothing. */
const char *step_event_text(const struct step_watch *w, enum step_event event, char *buf, size_t size);
/* What a person is to do next. Returns BUF. */
const char *step_await_text(const struct step_watch *w, char *buf, size_t size);

/* V, by a check of the same options, with what the steps have shown in the place of what its
 * readings left open or had wrong. */
void step_conclude(const struct step_watch *w, const struct doctor_options *o, struct doctor_verdict *v);

#endif
