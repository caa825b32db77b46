/*
 * voltages.c - missing, doubled and uneven voltages, and how they turn.
 */
#include <stdio.h>

#include "angle.h"
#include "check_state.h"

/* Below 61 % of the others a phase is lost (Echelon); nothing at all below 30 V,
 * where the smallest system has 57.7. */
#define LOST 0.61
#define NO_SYSTEM 30.0
/* Schneider looks for a blown fuse above 30 %, Itron lets 1 to 25 be chosen, a
 * network may have 2 (EN 50160). */
#define UNEVEN 10.0
/* Line voltages of 120 +- 20 degrees lie within 10 % of 1.73 times the phase's. */
#define SAME_PHASE 0.25
#define LINE_OFF 0.15
#define PT_OFF 0.20

/* Phase voltages of three-phase systems; the last two only between lines. */
static const double systems[] = { 57.7, 63.5, 110, 120, 127, 220, 230, 240, 277, 380, 400 };
static const double systems_3wire[] = { 100, 110, 208, 220, 380, 400, 415, 480, 660, 690 };

static double nearest_system(const double *list, size_t n, double u)
{
	double best = list[0];

	for (size_t k = 1; k < n; k++)
		if (fabs(log(u / list[k])) < fabs(log(u / best)))
			best = list[k];
	return best;
}

/* The largest voltage is one that is there. */
static double highest(const struct check_state *x)
{
	double most = 0;

	for (unsigned k = 0; k < 3; k++)
		if (x->inputs >> k & 1)
			most = fmax(most, x->mean.u[k]);
	return most;
}

static void find_nominal(struct check_state *x)
{
	struct doctor_evidence *ev = &x->v->evidence;
	double most = highest(x);

	ev->nominal_voltage = x->o->nominal_voltage;
	ev->nominal_voltage_deduced = !(x->o->nominal_voltage > 0);
	if (!ev->nominal_voltage_deduced)
		return;
	if (most < NO_SYSTEM)
		ev->nominal_voltage = 0;
	else if (x->o->wires == DOCTOR_3WIRE)
		ev->nominal_voltage = nearest_system(systems_3wire,
			sizeof(systems_3wire) / sizeof(*systems_3wire), most);
	else
		ev->nominal_voltage = nearest_system(systems,
			sizeof(systems) / sizeof(*systems), most);
}

static void missing(struct check_state *x, unsigned lost)
{
	bool all = lost == x->inputs;
	bool maybe_3wire = x->o->wires == DOCTOR_4WIRE && lost == 2;
	struct doctor_finding *f = finding_add(x->v, DOCTOR_VOLTAGE_MISSING, DOCTOR_FAULT, lost,
					       maybe_3wire ? 0.9 : 0.98);
	char names[24];

	finding_explain(f, "voltage a %.1f V, b %.1f V, c %.1f V: %s%s", x->mean.u[0], x->mean.u[1], x->mean.u[2],
			all ? "no input has any" : doctor_phases_text(lost, names, sizeof(names)),
			all ? "" : lost & (lost - 1) ? " have none of their own" : " has none of its own");
	finding_fix(f, "check the fuses, terminals and voltage leads of %s%s; the CTs are judged "
		    "when the voltages are right%s",
		    all ? "all phases" : doctor_phases_text(lost, names, sizeof(names)),
		    all ? " and the neutral" : "",
		    maybe_3wire ? ". Is it a three-wire connection, with b on the neutral terminal? "
				  "Then check again with three wires (--wires 3)" : "");
}

/* How far the line voltage of inputs K and K+1 is from what two voltages 120
 * degrees apart make: 1 is right. NAN: not known. */
static double line_share(const struct check_state *x, unsigned k)
{
	double a = x->mean.u[k], b = x->mean.u[(k + 1) % 3];

	return x->mean.line[k] / sqrt(a * a + b * b + a * b);
}

/* By line voltages, or by the angles, which may count either way. */
static bool same_phase(const struct check_state *x, unsigned k)
{
	double share = line_share(x, k);

	return isnan(share) ? check_apart_u(x, k) < 20 : share < SAME_PHASE;
}

/* "a-b 398.0 V, b-c 397.6 V, c-a 398.9 V". Returns BUF. */
static const char *lines_text(const struct check_state *x, char buf[80])
{
	const double *line = x->mean.line;

	if (isnan(line[0] + line[1] + line[2]))
		snprintf(buf, 80, "line voltages not known");
	else
		snprintf(buf, 80, "a-b %.1f V, b-c %.1f V, c-a %.1f V", line[0], line[1], line[2]);
	return buf;
}

static unsigned duplicated(struct check_state *x)
{
	unsigned found = 0;
	char names[24], lines[80];
	struct doctor_finding *f;

	for (unsigned k = 0; k < 3; k++) {
		unsigned pair = 1U << k | 1U << (k + 1) % 3;

		if ((x->live & pair) == pair && same_phase(x, k))
			found |= pair;
	}
	if (!found)
		return 0;
	f = finding_add(x->v, DOCTOR_VOLTAGE_DUPLICATED, DOCTOR_FAULT, found, 0.97);
	doctor_phases_text(found, names, sizeof(names));
	finding_explain(f, "the inputs %s have a voltage each, and hardly any between them (%s): "
			"they are on one phase", names, lines_text(x, lines));
	finding_fix(f, "trace the voltage leads of %s and put each on its own phase; the CTs are "
		    "judged when the voltages are right", names);
	return found;
}

/* Two line voltages that both belong to one input are as low as a phase's: its
 * transformer is turned round. */
static unsigned reversed_pt(struct check_state *x)
{
	unsigned low = 0, at;
	struct doctor_finding *f;
	char lines[80];

	for (unsigned k = 0; k < 3; k++)
		low |= (unsigned)(fabs(line_share(x, k) - 0.577) < 0.08) << k;
	/* ab and ca share a, ab and bc share b, bc and ca share c */
	at = low == 5 ? 0 : low == 3 ? 1 : low == 6 ? 2 : 3;
	if (at == 3)
		return 0;
	f = finding_add(x->v, DOCTOR_VOLTAGE_UNBALANCED, DOCTOR_FAULT, 1U << at, 0.93);
	finding_explain(f, "two line voltages are 1.73 times too low (%s): the voltage of %c is "
			"upside down", lines_text(x, lines), 'a' + (int)at);
	finding_fix(f, "exchange the two leads of the voltage transformer of phase %c", 'a' + (int)at);
	return 1U << at;
}

static bool lines_off(const struct check_state *x)
{
	for (unsigned k = 0; k < 3; k++)
		if (fabs(line_share(x, k) - 1) > LINE_OFF)
			return true;
	return false;
}

static void unbalanced(struct check_state *x)
{
	const double *u = x->mean.u;
	double middle = (u[0] + u[1] + u[2]) / 3, worst = 0;
	struct doctor_finding *f;
	unsigned at = 0;
	char lines[80];

	for (unsigned k = 0; k < 3; k++)
		if (fabs(u[k] - middle) > worst) {
			worst = fabs(u[k] - middle);
			at = k;
		}
	x->v->evidence.unbalance_u = 100 * worst / middle;
	if (100 * worst / middle <= UNEVEN && !lines_off(x))
		return;
	x->voltages_right = false;
	f = finding_add(x->v, DOCTOR_VOLTAGE_UNBALANCED, DOCTOR_FAULT,
			100 * worst / middle > UNEVEN ? 1U << at : 0, 0.9);
	finding_explain(f, "phase voltages %.1f, %.1f, %.1f V (%s): they do not make one "
			"three-phase system (%c is %.0f %% from the mean)", u[0], u[1], u[2],
			lines_text(x, lines), 'a' + (int)at, 100 * worst / middle);
	finding_fix(f, "measure the voltages at the meter's terminals: a blown fuse, a loose neutral, "
		    "or voltage transformers of different ratios");
}

/* As three wires have it: voltages a-b and c-b on inputs a and c. */
static void three_wires(struct check_state *x)
{
	double a = x->mean.u[0], c = x->mean.u[2], between = x->mean.line[2];
	struct doctor_finding *f;

	x->v->evidence.unbalance_u = 100 * fabs(a - c) / (a + c);
	if (fabs(between / fmax(a, c) - 1.73) < 0.15) {
		x->voltages_right = false;
		f = finding_add(x->v, DOCTOR_VOLTAGE_UNBALANCED, DOCTOR_FAULT, 5, 0.93);
		finding_explain(f, "between c and a there are %.1f V, 1.73 times the other two (%.1f "
				"and %.1f V): one voltage transformer is upside down", between, a, c);
		finding_fix(f, "exchange the two leads of the voltage transformer of a or of c, and check "
			    "again. Is it a four-wire connection? Then say so instead (--wires 4)");
	} else if (x->v->evidence.unbalance_u > UNEVEN) {
		x->voltages_right = false;
		f = finding_add(x->v, DOCTOR_VOLTAGE_UNBALANCED, DOCTOR_FAULT, 5, 0.9);
		finding_explain(f, "%.1f V at input a, %.1f V at input c", a, c);
		finding_fix(f, "measure the voltages at the meter's terminals: a blown fuse, or "
			    "transformers of different ratios");
	}
}

/* Two legs, or one: the legs are 180 degrees apart, so 2 / 1.73 of what three phases have. */
static void two_legs_voltages(struct check_state *x)
{
	unsigned l = x->inputs >> 1 & 1 ? 1 : 2;
	double a = x->mean.u[0], b = x->mean.u[l];
	struct doctor_finding *f;

	if (x->inputs == 1)
		return;
	x->v->evidence.unbalance_u = 100 * fabs(a - b) / (a + b);
	if (same_phase(x, l == 1 ? 0 : 2)) {
		f = finding_add(x->v, DOCTOR_VOLTAGE_DUPLICATED, DOCTOR_FAULT, x->inputs, 0.97);
		finding_explain(f, "both inputs have %.0f V, and hardly any between them: they are on one leg", a);
		finding_fix(f, "trace both voltage leads and put each on its own leg");
		x->voltages_right = false;
	} else if (x->v->evidence.unbalance_u > UNEVEN) {
		f = finding_add(x->v, DOCTOR_NEUTRAL_LOST, DOCTOR_FAULT, 0, 0.9);
		finding_explain(f, "%.1f V on one leg, %.1f V on the other: the neutral is loose or lost", a, b);
		finding_fix(f, "danger for all single-phase loads: check the neutral from the supply to the meter for a "
			    "break or a loose terminal");
		x->voltages_right = false;
	}
}

static void wrong_system(struct check_state *x)
{
	double nominal = x->o->nominal_voltage, u = highest(x);
	struct doctor_finding *f;
	char pt[24];

	if (!(nominal > 0) || fabs(u / nominal - 1) <= PT_OFF)
		return;
	f = finding_add(x->v, DOCTOR_RATIO_MISMATCH, DOCTOR_FAULT, 0, 0.9);
	finding_explain(f, "%.1f V at the meter where %.1f V are expected (PT is %s)",
			u, nominal, ratio_text(x->mean.pt, pt));
	finding_fix(f, "compare PT and the nameplate of the voltage transformers, and the nominal "
		    "voltage given here");
}

void check_voltages(struct check_state *x)
{
	unsigned lost = 0;
	double most = highest(x);

	find_nominal(x);
	for (unsigned k = 0; k < 3; k++)
		if (x->inputs >> k & 1 && !(x->mean.u[k] >= fmax(NO_SYSTEM, LOST * most)))
			lost |= 1U << k;
	x->live = x->inputs & ~lost;
	x->voltages_right = !lost;
	if (x->o->service == DOCTOR_SERVICE_HIGH_LEG) {
		x->voltages_right = false;
	} else if (x->inputs == 7 && neutral_exchanged(x)) {
		x->voltages_right = false;
	} else if (lost) {
		missing(x, lost);
	} else if (x->o->wires == DOCTOR_3WIRE) {
		three_wires(x);
	} else if (x->inputs != 7) {
		two_legs_voltages(x);
	} else if (neutral_lost(x) || duplicated(x) || reversed_pt(x)) {
		x->voltages_right = false;
	} else {
		unbalanced(x);
	}
	if (!lost)
		wrong_system(x);
}
