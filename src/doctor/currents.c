/*
 * currents.c - is there enough load to judge by, and is a current missing?
 */
#include "angle.h"
#include "check_state.h"

/* Of the nominal current: what is judged by (Rockwell), what others carry when a
 * phase is called dead, and what a meter of class 1 starts at. */
#define ENOUGH 0.10
#define STARTS 0.004
/* A shorted CT leaves a few percent; so does a lamp. */
#define NEXT_TO_NOTHING 0.10

static unsigned currents_count(unsigned set)
{
	return (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);
}

static void weigh(struct check_state *x)
{
	struct doctor_evidence *ev = &x->v->evidence;
	double middle, worst = 0;

	ev->nominal_current = nominal_current(x->o, x->mean.i);
	ev->nominal_current_assumed = !(x->o->nominal_current > 0);
	for (unsigned k = 0; k < 3; k++) {
		ev->load[k] = x->mean.i[k] / ev->nominal_current;
		if (!(x->inputs >> k & 1))
			continue;
		if (angles_input(x->o, &x->mean, k))
			x->loaded |= x->live & 1U << k;
		if (ev->load[k] >= ENOUGH)
			x->strong |= x->loaded & 1U << k;
	}
	middle = (x->mean.i[0] + x->mean.i[1] + x->mean.i[2]) / 3;
	for (unsigned k = 0; k < 3; k++)
		worst = fmax(worst, fabs(x->mean.i[k] - middle));
	ev->unbalance_i = middle > 0 ? 100 * worst / middle : 0;
}

/* A clamp on the conductor tells more: exam_ratios() compares it. */
static bool clamped(const struct check_state *x, unsigned k)
{
	return !isnan(x->o->clamp[k]) && !isnan(x->mean.ct);
}

/* Returns the inputs of the set that a finding has been made about. */
static unsigned dead(struct check_state *x, unsigned set)
{
	unsigned others = currents_count(x->strong);
	struct doctor_finding *f;
	char names[24];

	for (unsigned k = 0; k < 3; k++)
		if (clamped(x, k))
			set &= ~(1U << k);
	if (!set || !others)
		return 0;
	f = finding_add(x->v, DOCTOR_CT_MISSING, DOCTOR_FAULT, set, others > 1 ? 0.85 : 0.6);
	doctor_phases_text(set, names, sizeof(names));
	finding_explain(f, "%s shows %.2f A while the others carry %.2f A: no current reaches it, or "
			"there is no load at all on that phase", names,
			x->mean.i[set & 1 ? 0 : set & 2 ? 1 : 2],
			fmax(x->mean.i[0], fmax(x->mean.i[1], x->mean.i[2])));
	finding_fix(f, "measure the conductor of %s with a clamp meter: if it carries current, the CT is "
		    "not connected, open or shorted by its test block (" NEVER_OPEN ")", names);
	return set;
}

static void next_to_nothing(struct check_state *x, unsigned set)
{
	struct doctor_finding *f;
	char names[24];

	f = finding_add(x->v, DOCTOR_CT_SHORTED, DOCTOR_FAULT, set, 0.4);
	doctor_phases_text(set, names, sizeof(names));
	finding_explain(f, "%s shows less than a tenth of the other currents: little load, or a CT whose "
			"shorting link is still closed", names);
	finding_fix(f, "measure the conductor of %s with a clamp meter and compare (--clamp); open a closed "
		    "shorting link of the test block only with the meter's leads in place (" NEVER_OPEN ")",
		    names);
}

static void too_little(struct check_state *x, unsigned set)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	struct doctor_finding *f = finding_add(x->v, DOCTOR_INSUFFICIENT_LOAD, DOCTOR_DOUBT, set, 1);
	char names[24];

	doctor_phases_text(set, names, sizeof(names));
	finding_explain(f, "%s carr%s less than %.0f %% of %g A: a %.1f %%, b %.1f %%, c %.1f %%", names,
			currents_count(set) > 1 ? "y" : "ies", 100 * ENOUGH, ev->nominal_current,
			100 * ev->load[0], 100 * ev->load[1], 100 * ev->load[2]);
	finding_fix(f, "switch on loads on %s and check again%s", names, ev->nominal_current_assumed
		    ? "; if the transformers are not x/5 A, say so (--nominal-current)" : "");
}

/* Load is power: a current that the meter makes none of has no angle, however large. */
static void powerless(struct check_state *x, unsigned set)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_INSUFFICIENT_LOAD, DOCTOR_DOUBT, set, 1);
	unsigned k = set & 1 ? 0 : set & 2 ? 1 : 2;
	char names[24];

	doctor_phases_text(set, names, sizeof(names));
	finding_explain(f, "%s: %.2f A at %.1f V, but active power %.3f kW and reactive power %.3f kvar: without power there "
			"is no angle to judge by", names, x->mean.i[k], x->mean.u[k], x->mean.p[k], x->mean.q[k]);
	finding_fix(f, "check again; if it stays, the profile does not fit this meter, or its connection mode is not that "
		    "of the cabinet");
}

void check_currents(struct check_state *x)
{
	unsigned nothing = 0, little = 0, unpowered = 0, weak;
	double most = 0;

	weigh(x);
	for (unsigned k = 0; k < 3; k++)
		if (x->strong >> k & 1)
			most = fmax(most, x->mean.i[k]);
	weak = x->live & ~x->strong;
	for (unsigned k = 0; k < 3; k++) {
		if (!(weak >> k & 1))
			continue;
		if (x->v->evidence.load[k] >= ENOUGH)
			unpowered |= 1U << k;
		else if (x->v->evidence.load[k] < STARTS)
			nothing |= 1U << k;
		else if (x->mean.i[k] < NEXT_TO_NOTHING * most && isnan(x->o->clamp[k]))
			little |= 1U << k;
	}
	nothing = dead(x, nothing);
	if (little && currents_count(x->strong) > 1)
		next_to_nothing(x, little);
	if (unpowered)
		powerless(x, unpowered);
	weak &= ~nothing & ~unpowered;
	if (weak)
		too_little(x, weak);
}
