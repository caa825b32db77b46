/*
 * ratios.c - can the ratio be right? Angles do not show it.
 */
#include <stdio.h>
#include <string.h>

#include "coach.h"
#include "angle.h"
#include "check_state.h"

#define OVERLOAD 1.25	/* more than a x/5 or x/1 transformer gives */
#define UI_SHARE 0.08	/* S = U x I within this (1 % on each), and a step of I and of S */
#define CURRENT_STEP 0.01
#define POWER_STEP 0.001
#define SHUNTED 0.7
/* Rated currents are made in steps of a fifth (IEC 61869-2, 5.201): what is off by
 * less than half of one is rather the load that moved, or the clamp meter. */
#define HALF_A_STEP 0.10
#define RATHER_THE_LOAD 0.6

static void overload(struct check_state *x)
{
	double nominal = x->o->nominal_current;
	unsigned set = 0;
	struct doctor_finding *f;
	char ct[24];

	for (unsigned k = 0; k < 3 && nominal > 0; k++)
		set |= (unsigned)(x->mean.i[k] > OVERLOAD * nominal) << k;
	if (!set)
		return;
	f = finding_add(x->v, DOCTOR_RATIO_MISMATCH, DOCTOR_FAULT, set, 0.8);
	finding_explain(f, "%.2f, %.2f and %.2f A at the meter, whose full load is %g A", x->mean.i[0],
			x->mean.i[1], x->mean.i[2], nominal);
	finding_fix(f, "compare the CTs' nameplate with the meter's input (x/5 or x/1), CT (now: %s), and the "
		    "nominal current given here", ratio_text(x->mean.ct, ct));
}

/* Powers that are not volts times amperes: some are multiplied, others not. */
static void volt_amperes(struct check_state *x)
{
	const struct doctor_sample *m = &x->mean;

	for (unsigned k = 0; k < 3; k++) {
		double ui = m->u[k] * m->i[k] / 1000, share = m->s[k] / ui;
		double slack = UI_SHARE + CURRENT_STEP / m->i[k] + POWER_STEP / ui;
		struct doctor_finding *f;
		char pt[24], ct[24];

		if (!(x->loaded >> k & 1) || !(fabs(share - 1) > slack))
			continue;
		f = finding_add(x->v, DOCTOR_RATIO_MISMATCH, DOCTOR_FAULT, 1U << k, 0.85);
		finding_explain(f, "%c: %.3f kVA are %.3g times %.1f V x %.2f A (PT %s, CT %s)", 'a' + (int)k,
				m->s[k], share, m->u[k], m->i[k], ratio_text(m->pt, pt), ratio_text(m->ct, ct));
		finding_fix(f, "the powers and the currents are not of the same side of the transformers, or "
			    "the profile does not fit this meter");
	}
}

/* Input K, whose conductor has the current AMPERES. */
static void tell_shunted(struct check_state *x, unsigned k, double amperes, double expected)
{
	bool none = x->mean.i[k] < CURRENT_STEP;
	struct doctor_finding *f = finding_add(x->v, none ? DOCTOR_CT_MISSING : DOCTOR_CT_SHORTED,
					       DOCTOR_FAULT, 1U << k, none ? 0.97 : 0.9);

	finding_explain(f, "%c: the clamp shows %g A, which makes %.2f A at the meter; it reads %.2f A",
			'a' + (int)k, amperes, expected, x->mean.i[k]);
	finding_fix(f, "%s at input %c (" NEVER_OPEN ")", none
		    ? "check the leads, the terminals and the shorting link of the CT"
		    : "open the shorting link of the test block and look for a shunt across the CT",
		    'a' + (int)k);
}

/* Whether the meter multiplies or not, does CT nearly fit for every input of SET? */
static bool nearly_fits(const struct coach_question *q, unsigned set)
{
	for (unsigned k = 0; k < 3; k++)
		if (set >> k & 1 && !(fabs(q->reading[k] * q->now / q->clamp[k] - 1) < HALF_A_STEP
				      || fabs(q->reading[k] / q->clamp[k] - 1) < HALF_A_STEP))
			return false;
	return true;
}

static void tell_ratio(struct check_state *x, unsigned set, const struct coach_question *q,
		       const struct coach_answer *a, int phase)
{
	bool nearly = nearly_fits(q, set);
	struct doctor_finding *f = finding_add(x->v, DOCTOR_RATIO_MISMATCH, DOCTOR_FAULT, set,
					       nearly ? RATHER_THE_LOAD : 0.95);
	char text[DOCTOR_TEXT];

	finding_explain(f, "%s", coach_text(q, a, phase, text, sizeof(text)));
	finding_fix(f, "%sread the ratio on the CTs' nameplates and set ratio.ct to it; measure again where the "
		    "clamp was", nearly ? "so little off may be a load that moved: measure again while it is "
		    "steady. If it stays, " : "");
}

static bool speaks_against(enum coach_verdict v)
{
	return v == COACH_MISMATCH || v == COACH_ONE_SIDED;
}

/* The clamp was on the conductors of the phases; whose current an input has is what the
 * wiring says. Where more than one may be, the first that the clamp fits, else the first. */
static void ask_clamp(const struct check_state *x, struct coach_question *q, struct coach_answer *a)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	size_t n = ev->ncandidates < DOCTOR_CANDIDATES ? ev->ncandidates : DOCTOR_CANDIDATES;
	bool fits = false;

	for (size_t c = 0; c <= n && !fits; c++) {
		/* round again to the first */
		const unsigned *of = ev->candidates[c < n ? c : 0].wiring.of;

		for (unsigned k = 0; k < 3; k++)
			q->clamp[k] = x->o->clamp[n ? of[k] : k];
		coach_clamp(q, a);
		fits = !speaks_against(a->phase[0].verdict) && !speaks_against(a->phase[1].verdict)
		    && !speaks_against(a->phase[2].verdict);
	}
}

/* One phase far below what the others' ratio makes of its clamp value is shunted;
 * otherwise the ratio itself is wrong, of one phase or of all. */
static void ratios_clamp(struct check_state *x)
{
	struct coach_question q = {
		.now = x->mean.ct, .then = x->mean.ct, .step = CURRENT_STEP,
		.rated = x->v->evidence.nominal_current,
	};
	struct coach_answer a;
	unsigned wrong = 0;

	memcpy(q.reading, x->mean.i, sizeof(q.reading));
	ask_clamp(x, &q, &a);
	for (unsigned k = 0; k < 3; k++)
		x->v->evidence.clamp_ct[k] = q.clamp[k] / q.reading[k];
	if (a.all == COACH_MISMATCH) {
		for (unsigned k = 0; k < 3; k++)
			wrong |= (unsigned)(a.phase[k].verdict == COACH_MISMATCH) << k;
		tell_ratio(x, wrong, &q, &a, -1);
		return;
	}
	for (unsigned k = 0; k < 3; k++) {
		bool applied = a.phase[(k + 1) % 3].verdict == COACH_APPLIED
			    || a.phase[(k + 2) % 3].verdict == COACH_APPLIED;
		double expected = q.clamp[k] / (applied ? 1 : q.now);

		if (!speaks_against(a.phase[k].verdict))
			continue;
		if (q.reading[k] < SHUNTED * expected)
			tell_shunted(x, k, q.clamp[k], expected);
		else
			tell_ratio(x, 1U << k, &q, &a, (int)k);
	}
}

void check_ratios(struct check_state *x)
{
	overload(x);
	if (x->o->wires == DOCTOR_4WIRE)
		volt_amperes(x);
	ratios_clamp(x);
}
