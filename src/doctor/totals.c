/*
 * totals.c - do the meter's numbers agree with each other?
 */
#include "angle.h"
#include "exam.h"

/* Values of one reply are not of one moment in every meter, and each is rounded:
 * 4 % of the apparent power and three steps of 1 W. */
#define SHARE 0.04
#define STEPS 0.003
#define PF_APART 0.06

static double sum(const double v[3])
{
	return v[0] + v[1] + v[2];
}

static void mismatch(struct exam *x, unsigned phases, const char *what, double shown,
		     double expected, const char *unit)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_SUM_MISMATCH, DOCTOR_FAULT, phases, 0.9);

	finding_explain(f, "%s: the meter says %.3f%s%s, its other values make %.3f", what, shown,
			*unit ? " " : "", unit, expected);
	finding_fix(f, "read again; if it stays, the profile does not fit this meter or its connection "
		    "mode (3 or 4 wires) is not that of the cabinet");
}

static void totals(struct exam *x)
{
	const struct doctor_sample *m = &x->mean;
	double slack = SHARE * sum(m->s) + STEPS, vector = hypot(sum(m->p), sum(m->q));

	if (isnan(slack))
		slack = SHARE * (fabs(m->p[0]) + fabs(m->p[1]) + fabs(m->p[2])
				 + fabs(m->q[0]) + fabs(m->q[1]) + fabs(m->q[2])) + STEPS;
	/* a comparison with what was not read is false */
	if (fabs(m->p_total - sum(m->p)) > slack)
		mismatch(x, 0, "active power total", m->p_total, sum(m->p), "kW");
	if (fabs(m->q_total - sum(m->q)) > slack)
		mismatch(x, 0, "reactive power total", m->q_total, sum(m->q), "kvar");
	/* the sum of the phases in some meters, of the vectors in others */
	if (m->s_total > sum(m->s) + slack || m->s_total < vector - slack)
		mismatch(x, 0, "apparent power total", m->s_total, sum(m->s), "kVA");
}

/* S^2 = P^2 + Q^2, and more where there is distortion: S may be larger, not less.
 * The sign of a power factor means different things in different meters. */
static void phases(struct exam *x)
{
	const struct doctor_sample *m = &x->mean;

	for (unsigned k = 0; k < 3; k++) {
		double pq = hypot(m->p[k], m->q[k]);

		if (!(x->loaded >> k & 1))
			continue;
		if (m->s[k] < pq * (1 - SHARE) - STEPS)
			mismatch(x, 1U << k, "apparent power of a phase", m->s[k], pq, "kVA");
		if (fabs(fabs(m->pf[k]) - fabs(m->p[k]) / m->s[k]) > PF_APART + STEPS / m->s[k])
			mismatch(x, 1U << k, "power factor of a phase", fabs(m->pf[k]),
				 fabs(m->p[k]) / m->s[k], "");
	}
}

void exam_totals(struct exam *x)
{
	totals(x);
	/* with three wires a phase's numbers are an element's, or nothing */
	if (x->o->wires == DOCTOR_4WIRE)
		phases(x);
}
