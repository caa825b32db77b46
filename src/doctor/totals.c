/*
 * totals.c - do the meter's numbers agree with each other?
 */
#include "angle.h"
#include "check_state.h"

/* Values of one reply are not of one moment in every meter, and each is rounded: with
 * 1 % on each, a difference of two has 1.4, of three 1.7, and four times that must pass
 * also where the meter shows the same for as long as it is read. And three steps of 1 W. */
#define SHARE 0.06
#define STEPS 0.003
#define PF_APART 0.08

static double totals_sum(const double v[3])
{
	return v[0] + v[1] + v[2];
}

/* One comparison within a sample. */
struct comparison {
	const char *what, *unit;
	unsigned phases;
	double shown, low, high;	/* what it may be by the other values; NAN: not known */
};

enum { P_TOTAL, Q_TOTAL, S_TOTAL, S_PHASE, PF_PHASE = S_PHASE + 3, COMPARISONS = PF_PHASE + 3 };

static double slack_of(const struct doctor_sample *m)
{
	double s = totals_sum(m->s);

	if (isnan(s))
		s = fabs(m->p[0]) + fabs(m->p[1]) + fabs(m->p[2])
		  + fabs(m->q[0]) + fabs(m->q[1]) + fabs(m->q[2]);
	return SHARE * s + STEPS;
}

static struct comparison near_to(const char *what, const char *unit, double shown,
				 double expected, double slack)
{
	return (struct comparison){ what, unit, 0, shown, expected - slack, expected + slack };
}

/* S^2 = P^2 + Q^2, and more where there is distortion: S may be larger, not less. The
 * sign of a power factor means different things in different meters. */
static struct comparison totals_compare(const struct doctor_sample *m, unsigned which)
{
	double slack = slack_of(m);
	unsigned k = which < PF_PHASE ? which - S_PHASE : which - PF_PHASE;
	struct comparison c;

	switch (which) {
	case P_TOTAL:
		return near_to("active power total", "kW", m->p_total, totals_sum(m->p), slack);
	case Q_TOTAL:
		return near_to("reactive power total", "kvar", m->q_total, totals_sum(m->q), slack);
	case S_TOTAL:
		/* the sum of the phases in some meters, of the vectors in others */
		c = near_to("apparent power total", "kVA", m->s_total, totals_sum(m->s), slack);
		c.low = hypot(totals_sum(m->p), totals_sum(m->q)) - slack;
		return c;
	case S_PHASE: case S_PHASE + 1: case S_PHASE + 2:
		c = near_to("apparent power of a phase", "kVA", m->s[k], hypot(m->p[k], m->q[k]),
			    SHARE * m->s[k] + STEPS);
		c.high = INFINITY;
		break;
	default:
		c = near_to("power factor of a phase", "", fabs(m->pf[k]), fabs(m->p[k]) / m->s[k],
			    PF_APART + STEPS / m->s[k]);
		break;
	}
	c.phases = 1U << k;
	return c;
}

static void totals_mismatch(struct check_state *x, const struct comparison *c)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_SUM_MISMATCH, DOCTOR_FAULT, c->phases, 0.9);

	finding_explain(f, "%s: the meter says %.3f%s%s, its other values make %s%.3f", c->what, c->shown,
			*c->unit ? " " : "", c->unit, isinf(c->high) ? "at least " : "",
			isinf(c->high) ? c->low : (c->low + c->high) / 2);
	finding_fix(f, "read again; if it stays, the profile does not fit this meter or its connection "
		    "mode (3 or 4 wires) is not that of the cabinet");
}

/* Off in every sample: a change between two registers is none. */
void check_sums(struct check_state *x)
{
	/* with three wires a phase's numbers are an element's, or nothing */
	unsigned n = x->o->wires == DOCTOR_4WIRE ? COMPARISONS : S_PHASE;

	for (unsigned which = 0; which < n; which++) {
		struct comparison c = { 0 };
		unsigned off = 0;

		for (size_t i = 0; i < x->n; i++) {
			if (!check_fresh(x, i))
				continue;
			c = totals_compare(&x->samples[i], which);
			/* a comparison with what was not read is false */
			off += c.shown < c.low || c.shown > c.high;
		}
		if (off == x->v->evidence.used && (c.phases & ~x->loaded) == 0)
			totals_mismatch(x, &c);
	}
}
