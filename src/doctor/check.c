/*
 * check.c - the order of the steps, and the outcome.
 */
#include <string.h>

#include "angle.h"
#include "check_state.h"

/* Loads change: what is older says nothing of now. Three uploads, of a meter that sends
 * one every five minutes, must have room in it. */
#define FRESH_US (15 * 60 * (int64_t)1000000)

bool check_fresh(const struct check_state *x, size_t i)
{
	const struct doctor_sample *s = &x->samples[i];
	double whole = 0;

	/* the same upload read twice is one */
	for (size_t k = 0; k < i; k++)
		if (x->samples[k].at_us == s->at_us)
			return false;
	for (unsigned k = 0; k < 3; k++)
		if (x->inputs >> k & 1)
			whole += s->u[k] + s->i[k];
	return s->at_us > 0 && s->at_us >= x->oldest_us && !isnan(whole);
}

double check_apart_u(const struct check_state *x, unsigned k)
{
	unsigned l = (k + 1) % 3;
	double seen = 0, apart = 0;

	for (size_t i = 0; i < x->n; i++) {
		const struct doctor_sample *s = &x->samples[i];

		if (!check_fresh(x, i) || isnan(s->angle_u[k]) || isnan(s->angle_u[l]))
			continue;
		seen++;
		apart += angle_between(s->angle_u[k], s->angle_u[l]);
	}
	return seen > 0 ? apart / seen : NAN;
}

/* Everything behind the time is a number, in one row. */
#define FIRST offsetof(struct doctor_sample, u)
#define NUMBERS ((sizeof(struct doctor_sample) - FIRST) / sizeof(double))

static double doctor_check_number(const struct doctor_sample *s, size_t k)
{
	double v;

	memcpy(&v, (const char *)s + FIRST + k * sizeof(v), sizeof(v));
	return v;
}

static void find_means(struct check_state *x)
{
	for (size_t k = 0; k < NUMBERS; k++) {
		double total = 0, mean;
		unsigned n = 0;

		for (size_t i = 0; i < x->n; i++)
			if (check_fresh(x, i) && !isnan(doctor_check_number(&x->samples[i], k))) {
				total += doctor_check_number(&x->samples[i], k);
				n++;
			}
		mean = n ? total / n : NAN;
		memcpy((char *)&x->mean + FIRST + k * sizeof(mean), &mean, sizeof(mean));
	}
}

/* Which samples count, and how their angles are to be taken. */
static void check_look(struct check_state *x)
{
	struct doctor_evidence *ev = &x->v->evidence;
	int64_t now = x->o->now_us;

	for (size_t i = 0; i < x->n; i++)
		if (x->o->now_us == 0 && x->samples[i].at_us > now)
			now = x->samples[i].at_us;
	x->oldest_us = now - FRESH_US;
	ev->samples = (unsigned)x->n;
	for (size_t i = 0; i < x->n; i++) {
		if (!check_fresh(x, i))
			continue;
		ev->used++;
		if (!x->newest || x->samples[i].at_us > x->newest->at_us)
			x->newest = &x->samples[i];
		angles_look(&x->angles, x->o, &x->samples[i]);
	}
	angles_decide(&x->angles);
	find_means(x);
	for (unsigned k = 0; k < 3; k++) {
		ev->voltage[k] = x->mean.u[k];
		ev->current[k] = x->mean.i[k];
		ev->lag[k] = ev->clamp_ct[k] = ev->load[k] = NAN;
	}
	ev->unbalance_u = ev->unbalance_i = ev->clock_ahead = NAN;
}

static void tell_too_few(struct check_state *x)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, 0, 1);

	finding_explain(f, "%u of %u readings are whole and of the last minutes, %d are wanted%s%s", ev->used,
			ev->samples, DOCTOR_SAMPLES_LEAST, x->o->unread ? ": " : "", x->o->unread ? x->o->unread : "");
	finding_fix(f, "check the line, or whether this model gives voltages and currents, and read again");
}

static void tell_no_power(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, 0, 1);

	finding_explain(f, "this meter gives no active and reactive power by phase");
	finding_fix(f, "look at the phasors with another instrument: this meter cannot show its wiring");
}

/* Without its sign power tells neither which way a current flows nor, by its angle, whose it is. */
static void tell_hidden(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_POLARITY_HIDDEN, DOCTOR_DOUBT, 0, 1);
	const char *shows = x->newest->shows_sign;

	finding_explain(f, "the meter is set to %s: power has no sign there, and a CT that is reversed or on another phase "
			"looks right", x->newest->hides_sign);
	if (*shows)
		finding_fix(f, "give power its sign (meterctl set %s), then check again", shows);
	else
		finding_fix(f, "change that setting, then check again");
}

static bool no_power(const struct check_state *x)
{
	for (unsigned k = 0; k < 3; k++)
		if (x->inputs >> k & 1 && isnan(x->mean.p[k] + x->mean.q[k]))
			return true;
	return false;
}

/* A pass is earned: every input that counts was judged, and one wiring is left, the
 * right one. */
static bool earned(const struct check_state *x)
{
	const struct doctor_evidence *ev = &x->v->evidence;

	return x->inputs == x->strong && x->voltages_right && ev->ncandidates == 1
	    && doctor_wiring_right(&ev->candidates[0].wiring)
	    && x->o->site != DOCTOR_SITE_EXPORTING;
}

static enum doctor_outcome check_outcome(const struct check_state *x)
{
	const struct doctor_verdict *v = x->v;
	bool doubt = false;

	for (size_t k = 0; k < v->nfindings; k++) {
		const struct doctor_finding *f = &v->findings[k];

		if (f->weight == DOCTOR_FAULT && f->confidence >= DOCTOR_CERTAIN)
			return DOCTOR_FAIL;
		doubt = doubt || f->weight != DOCTOR_REMARK;
	}
	return doubt || !earned(x) ? DOCTOR_INSUFFICIENT : DOCTOR_PASS;
}

void doctor_check(const struct doctor_sample *samples, size_t n,
		  const struct doctor_options *o, struct doctor_verdict *v)
{
	struct check_state x = {
		.o = o, .samples = samples, .n = n, .v = v,
		.inputs = service_inputs(o),
	};

	struct doctor_options told;

	memset(v, 0, sizeof(*v));
	check_look(&x);
	check_service(&x, &told);
	if (v->evidence.used < DOCTOR_SAMPLES_LEAST) {
		tell_too_few(&x);
	} else {
		doctor_phasors_make(x.newest, x.o, &v->order.seen);
		check_voltages(&x);
		check_currents(&x);
		if (no_power(&x))
			tell_no_power(&x);
		else if (*x.newest->hides_sign)
			tell_hidden(&x);
		else
			check_wiring(&x);
		check_sums(&x);
		check_ratios(&x);
		check_clock(&x);
	}
	findings_sort(v);
	v->outcome = check_outcome(&x);
	order_make(x.o, v, x.o->site == DOCTOR_SITE_UNSAID);
}
