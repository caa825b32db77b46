/*
 * wiring.c - from the wirings that explain the lags to findings.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "angle.h"
#include "check_state.h"
#include "solver.h"

/* A sample fits the answer when each load is near to the mean of the samples. */
#define SAMPLE_NEAR 25.0
#define EXPORT_ALIKE 60.0
#define EXPORT_LEADS 135.0
#define FAR_APART 30.0	/* loads so far from each other a window can tell apart */
#define ROOM 25.0	/* of a window around the loads it is offered for */

/* How sure one may be: of a verdict, of what a weak input says, and at most. */
#define SURE 0.95
#define RIVAL_OF_FAULT 0.02	/* a site that is not right either way; of a pass: SOLVER_RIVAL */
#define WEAK_CONFIDENCE 0.6
#define BEST 0.98
#define WORTH_A_WORD 1e-4	/* what is so likely and no rival */
#define WORTH_A_NAME 1e-4	/* of what is not decided */

/* Mean direction of something over the fresh samples. */
struct mean_angle {
	double x, y;
};

static void add_angle(struct mean_angle *m, double degrees)
{
	m->x += cos(degrees * DEGREE);
	m->y += sin(degrees * DEGREE);
}

static double mean_angle(const struct mean_angle *m)
{
	return angle_lag(m->x, m->y);
}

static void wiring_measure(const struct check_state *x, struct puzzle *p)
{
	struct mean_angle lag[3] = { 0 }, u[3] = { 0 };
	enum doctor_rotation first = DOCTOR_ROTATION_UNKNOWN;
	bool steady = true, begun = false;

	for (size_t i = 0; i < x->n; i++) {
		enum doctor_rotation r;
		double grid[3];

		if (!check_fresh(x, i))
			continue;
		r = angles_voltages(&x->angles, x->o, &x->samples[i], grid);
		steady = steady && (!begun || r == first);
		first = r;
		begun = true;
		for (unsigned k = 0; k < 3; k++) {
			add_angle(&u[k], isnan(grid[k]) ? 0 : grid[k]);
			if (x->loaded >> k & 1)
				add_angle(&lag[k], angles_lag(&x->angles, &x->samples[i], k));
		}
	}
	p->inputs = x->loaded;
	p->conductors = x->o->wires == DOCTOR_3WIRE ? 7 : x->inputs;
	p->rotation = steady ? first : DOCTOR_ROTATION_UNKNOWN;
	for (unsigned k = 0; k < 3; k++) {
		p->lag[k] = x->loaded >> k & 1 ? mean_angle(&lag[k]) : NAN;
		p->u_lag[k] = mean_angle(&u[k]);
	}
}

/* How many fresh samples say what the mean of them says. */
static unsigned count_agreeing(const struct check_state *x, const struct puzzle *p)
{
	unsigned agreeing = 0;

	for (size_t i = 0; i < x->n; i++) {
		bool fits = check_fresh(x, i);

		for (unsigned k = 0; k < 3 && fits; k++)
			if (p->inputs >> k & 1)
				fits = angle_between(angles_lag(&x->angles, &x->samples[i], k),
						     p->lag[k]) <= SAMPLE_NEAR;
		agreeing += fits;
	}
	return agreeing;
}

static unsigned moved_of(const struct doctor_wiring *w)
{
	return (unsigned)(w->of[0] != 0) | (unsigned)(w->of[1] != 1) << 1
	     | (unsigned)(w->of[2] != 2) << 2;
}

static unsigned reversed_of(const struct doctor_wiring *w)
{
	return (unsigned)w->reversed[0] | (unsigned)w->reversed[1] << 1
	     | (unsigned)w->reversed[2] << 2;
}

static unsigned ones(unsigned set)
{
	return (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);
}

static bool same_findings(const struct doctor_hypothesis *a, const struct doctor_hypothesis *b)
{
	return moved_of(&a->wiring) == moved_of(&b->wiring) && reversed_of(&a->wiring) == reversed_of(&b->wiring);
}

/* Does B find what A does, but that some of A's reversed CTs are feed-in? Then the CTs that
 * are on wrong phases are plain, and A's fix says what may be feed-in. */
static bool but_feed_in(const struct doctor_hypothesis *a, const struct doctor_hypothesis *b)
{
	return moved_of(&a->wiring) && b->feeds_in && !a->feeds_in
	    && memcmp(a->wiring.of, b->wiring.of, sizeof(a->wiring.of)) == 0
	    && (reversed_of(&b->wiring) & ~reversed_of(&a->wiring)) == 0;
}

/* That what the likeliest wiring finds is so. When only the rotation is open, and with it
 * which way the CTs are rotated, what is wrong is plain all the same. */
static double wiring_probability(const struct solution *s, bool or_feed_in)
{
	double p = 0;

	for (size_t k = 0; k < s->all; k++)
		if (same_findings(&s->list[0], &s->list[k]) || (or_feed_in && but_feed_in(&s->list[0], &s->list[k])))
			p += s->list[k].probability;
	return p;
}

static double confidence(const struct check_state *x, const struct solution *s, unsigned phases)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	double c = fmin(BEST, wiring_probability(s, false));

	if (ev->used)
		c *= (double)ev->agreeing / ev->used;
	if (phases & x->inputs & ~x->strong)
		c = fmin(c, WEAK_CONFIDENCE);
	return fmax(c, 0.5);
}

/* "power a 0.569, b -0.534, c 0.603 kW; lag ...". */
static const char *seen(const struct check_state *x, char *buf, size_t size)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned k = 0; k < 3; k++)
		if (!isnan(ev->lag[k]))
			text_append(buf, size, &at, "%s%c %.3f kW, lag %.0f deg", at ? "; " : "",
				    'a' + (int)k, x->mean.p[k], ev->lag[k]);
	return buf;
}

/* What the verdict rests on, when something with fewer mistakes would do for loads
 * that are hardly to be believed. */
static const char *unless(const struct solution *s, char *buf, size_t size)
{
	const struct doctor_hypothesis *other = &s->list[s->n];
	char name[100], pf[24];

	buf[0] = '\0';
	if (s->n < s->all && other->probability >= WORTH_A_WORD && other->changes < s->list[0].changes
	    && !other->feeds_in)
		snprintf(buf, size, "; were they %s, it would be: %s",
			 doctor_pf_text(other->lag, pf, sizeof(pf)),
			 doctor_wiring_text(&other->wiring, name, sizeof(name)));
	return buf;
}

static void tell_reversed(struct check_state *x, const struct solution *s)
{
	const struct doctor_hypothesis *h = &s->list[0];
	unsigned phases = reversed_of(&h->wiring);
	struct doctor_finding *f = finding_add(x->v, DOCTOR_CT_REVERSED, DOCTOR_FAULT, phases,
					       confidence(x, s, phases));
	char names[24], what[160], pf[24], other[160], pv[60] = "";

	doctor_phases_text(phases, names, sizeof(names));
	/* nobody has said that nothing does, and it would look the same */
	if (x->o->site == DOCTOR_SITE_UNSAID)
		snprintf(pv, sizeof(pv), "unless PV feeds in on %s: ", names);
	finding_explain(f, "%s. With %s turned round%s the loads have %s%s",
			seen(x, what, sizeof(what)), names,
			moved_of(&h->wiring) ? " and each at its own voltage" : "",
			doctor_pf_text(h->lag, pf, sizeof(pf)), unless(s, other, sizeof(other)));
	finding_fix_reversed(f, pv);
}

/* The CT leads move to where the voltages are, or the voltage leads the other way. */
static void tell_way_back(struct doctor_finding *f, const struct solution *s)
{
	const unsigned *of = s->list[0].wiring.of;
	char other[80] = "";

	for (size_t k = 1; k < s->n && !*other; k++) {
		const unsigned *or_of = s->list[k].wiring.of;

		if (same_findings(&s->list[0], &s->list[k]) && memcmp(of, or_of, 3 * sizeof(*of)) != 0)
			snprintf(other, sizeof(other), " (if the voltages turn %s: a on %c, b on %c, c on %c)",
				 doctor_rotation_name(s->list[k].rotation), 'a' + (int)or_of[0],
				 'a' + (int)or_of[1], 'a' + (int)or_of[2]);
	}
	finding_fix_moved(f, of, other);
}

/* Those of S differ in their rotation alone. */
static void tell_moved(struct check_state *x, const struct solution *s)
{
	const struct doctor_hypothesis *h = &s->list[0];
	unsigned phases = moved_of(&h->wiring);
	bool two = ones(phases) == 2;
	struct doctor_finding *f = finding_add(x->v, two ? DOCTOR_CT_SWAPPED : DOCTOR_CT_ROTATED,
					       DOCTOR_FAULT, phases, confidence(x, s, phases));
	char what[160], pf[24], other[160];

	finding_explain(f, "%s. With each current at its own voltage%s the loads have %s%s",
			seen(x, what, sizeof(what)),
			reversed_of(&h->wiring) ? " and the right way round" : "",
			doctor_pf_text(h->lag, pf, sizeof(pf)), unless(s, other, sizeof(other)));
	if (two)
		finding_fix_swapped(f, x->v->evidence.rotation);
	else
		tell_way_back(f, s);
}

#define AND_MORE 16	/* of "; and 94 more" */

/* "CT b reversed (PF 0.92 lag); or ...": the candidates, as many as there is room for. */
static const char *list_wirings(const struct doctor_evidence *ev, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t k = 0; k < ev->ncandidates; k++) {
		char one[160] = "", text[140];

		if (k < DOCTOR_CANDIDATES)
			snprintf(one, sizeof(one), "%s%s", k ? "; or " : "",
				 doctor_hypothesis_text(&ev->candidates[k], text, sizeof(text)));
		if (k == DOCTOR_CANDIDATES || at + strlen(one) + AND_MORE >= size) {
			text_append(buf, size, &at, "; and %zu more", ev->ncandidates - k);
			break;
		}
		text_append(buf, size, &at, "%s", one);
	}
	return buf;
}

/* "0.63lag,0.95lead", as --pf-window takes it: loads around LAG, and none 60 degrees from
 * them. Returns BUF. */
static const char *window_text(double lag, char *buf, size_t size)
{
	double most = fmin(lag + ROOM, 89), least = fmax(lag - ROOM, -89);

	snprintf(buf, size, "%.2f%s,%.2f%s", cos(most * DEGREE), most >= 0 ? "lag" : "lead",
		 cos(least * DEGREE), least >= 0 ? "lag" : "lead");
	return buf;
}

/* Two wirings whose loads are far apart: the window that leaves each of them. */
static bool tell_windows(struct check_state *x, struct doctor_finding *f)
{
	const struct doctor_hypothesis *c = x->v->evidence.candidates;
	char first[40], second[40];

	/* a third that is hardly likely is no reason not to say what tells the two apart */
	if (x->v->evidence.ncandidates < 2 || fabs(c[0].lag - c[1].lag) < FAR_APART
	    || (x->v->evidence.ncandidates > 2 && c[2].probability >= RIVAL_OF_FAULT))
		return false;
	finding_fix(f, "only the power factor of the loads tells them apart. If it is surely as the first has it, "
		    "check with --pf-window %s; if as the second, with --pf-window %s; else with a load that is "
		    "known, a heater", window_text(c[0].lag, first, sizeof(first)),
		    window_text(c[1].lag, second, sizeof(second)));
	return true;
}

/* More than one wiring explains it: all are named. */
static void tell_ambiguous(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	const struct doctor_evidence *ev = &x->v->evidence;
	char list[DOCTOR_TEXT - 64];	/* the words before it have room */
	bool right = false;

	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		right = right || doctor_wiring_right(&ev->candidates[k].wiring);
	finding_explain(f, "%s%zu wirings explain the readings: %s", right ? "" : "something is wrong, and ", ev->ncandidates,
			list_wirings(ev, list, sizeof(list)));
	if (!tell_windows(x, f))
		finding_fix(f, "check again with a load on all three phases that is known, a heater");
}

static void tell_nothing_fits(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	char what[160], least[24], most[24];

	finding_explain(f, "%s: no wiring of the CTs gives loads of %s to %s that are alike",
			seen(x, what, sizeof(what)),
			doctor_pf_text(x->o->window_lag, most, sizeof(most)),
			doctor_pf_text(-x->o->window_lead, least, sizeof(least)));
	finding_fix(f, "if the loads are unlike each other or beyond that, say so (--pf-window) or check "
		    "again with a three-phase load; else trace the voltage leads too");
}

/* Inputs whose power flows out now and that have counted both directions: the site exports. (A
 * load whose CT is on another phase flows out, too, and changes sign near 90 degrees.) */
#define FLOWS_OUT 120.0

static unsigned wiring_both_ways(const struct check_state *x, const struct puzzle *p)
{
	unsigned both = 0;

	for (unsigned k = 0; k < 3; k++)
		if (x->loaded >> k & 1 && fabs(p->lag[k]) >= FLOWS_OUT && tally_both(x->o->tally, k))
			both |= 1U << k;
	return x->o->wires == DOCTOR_4WIRE ? both : 0;
}

/* Of BOTH: why the site is taken for one that exports though nobody has said so; "": somebody has. */
static const char *wiring_why_exporting(const struct check_state *x, unsigned both, char *buf, size_t size)
{
	char names[32], period[80];

	buf[0] = '\0';
	if (both)
		snprintf(buf, size, "The registers of %s counted both directions %s: something feeds in, or its CT was turned. ",
			 doctor_inputs_text(both, names, sizeof(names)),
			 tally_period_text(x->o->tally, period, sizeof(period)));
	return buf;
}

/* Power flowing out is right there, so polarity and with it the power factor prove
 * nothing. BOTH: the registers say so, of these inputs; 0: somebody does. */
static void tell_exporting(struct check_state *x, unsigned both)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	bool in_order = false;
	char what[160], why[200];

	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		in_order = in_order || !moved_of(&ev->candidates[k].wiring);
	finding_explain(f, "%s. %sWhere a site may export either direction is right: the polarity "
			"cannot be judged, and the order of the CTs %s", seen(x, what, sizeof(what)),
			wiring_why_exporting(x, both, why, sizeof(why)),
			in_order ? "is as it should be if PV and loads are alike in all phases"
				 : "is in doubt");
	finding_fix(f, "check again while nothing is generated, as a consumer (--site consumer)");
}

/* Who says that a site is a consumer says what he knows of. One phase whose power flows out
 * as that of an inverter does, near unity, with the reactive power of the loads that stay, is
 * what a plug-in inverter looks like that nobody has told him of; and a CT turned round, too. */
#define INVERTER_LAG 8.1	/* PF 0.99, of the current turned round: data sheets promise as much */
#define INVERTER_LEAD 30.0	/* the reactive power of the loads stays */

static bool wiring_maybe_untold(const struct check_state *x, const struct solution *s)
{
	const struct doctor_wiring *w = &s->list[0].wiring;
	unsigned reversed = reversed_of(w);

	if (x->o->site != DOCTOR_SITE_CONSUMER || x->o->wires == DOCTOR_3WIRE || moved_of(w) || ones(reversed) != 1)
		return false;
	for (unsigned k = 0; k < 3; k++)
		if (reversed >> k & 1) {
			double turned = angle_wrap(x->v->evidence.lag[k] + 180);

			/* beside loads, an inverter counts import at night */
			return turned <= INVERTER_LAG && turned >= -INVERTER_LEAD && !tally_only_out(x->o->tally, k);
		}
	return false;
}

static void tell_untold(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	char what[160], list[DOCTOR_TEXT - 180], counted[200];

	finding_explain(f, "%s. A reversed CT and a small inverter that nobody has told of look the same here: %s",
			seen(x, what, sizeof(what)), list_wirings(&x->v->evidence, list, sizeof(list)));
	finding_fix(f, "look for a plug-in inverter or a battery on that phase and check again while it is off; or switch "
		    "a heater there on: where the current is right, the power of that input rises%s",
		    tally_text(x->o->tally, counted, sizeof(counted)));
}

/* Nobody has said whether the site may export, and some of what is likely takes that. */
static void tell_export(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	char what[160], list[DOCTOR_TEXT - 180], counted[200];

	finding_explain(f, "%s. Is it a site that exports? Then feed-in may be why: %s", seen(x, what, sizeof(what)),
			list_wirings(&x->v->evidence, list, sizeof(list)));
	finding_fix(f, "does the site have PV, a battery or a generator? If not: --site consumer; if so, check "
		    "again while nothing is generated%s", tally_text(x->o->tally, counted, sizeof(counted)));
}

/* Nobody has said that the site does not export, more flows out than in, and either all CTs
 * are on their phases or it flows out alike of every input: feed-in may be all there is.
 * (CTs on wrong phases give little in sum, too, but 120 degrees apart.) */
static bool wiring_flows_out(const struct check_state *x, const struct doctor_hypothesis *h)
{
	const double *lag = x->v->evidence.lag;
	double total = 0;
	bool alike = true;

	for (unsigned k = 0; k < 3; k++) {
		if (!(x->loaded >> k & 1))
			continue;
		total += x->mean.p[k];
		/* inverters near unity and inductive loads: not the other side */
		alike = alike && (lag[k] > 90 || lag[k] < -EXPORT_LEADS);
		for (unsigned j = 0; j < k; j++)
			alike = alike && !(angle_between(lag[j], lag[k]) > EXPORT_ALIKE);
	}
	return x->o->site == DOCTOR_SITE_UNSAID && total < 0 && (alike || !moved_of(&h->wiring));
}

/* A fault that another one among the candidates names, but for feed-in. */
static bool wiring_named(const struct doctor_evidence *ev, const struct doctor_hypothesis *h)
{
	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		if (but_feed_in(&ev->candidates[k], h))
			return true;
	return false;
}

/* What is decided has its rivals beside it, if any; of what is not the likeliest few are
 * named, whatever is between them. */
static void wiring_remember(struct check_state *x, const struct solution *s, bool decided)
{
	struct doctor_evidence *ev = &x->v->evidence;
	const struct doctor_hypothesis *next = &s->list[s->n];

	for (size_t k = 0; k < s->all; k++) {
		const struct doctor_hypothesis *h = &s->list[k];

		if (k >= s->n && (decided || ev->ncandidates >= DOCTOR_CANDIDATES || h->probability < WORTH_A_NAME))
			break;
		if (wiring_named(ev, h))
			continue;
		if (ev->ncandidates < DOCTOR_CANDIDATES)
			ev->candidates[ev->ncandidates] = *h;
		ev->ncandidates++;
		ev->export_possible = ev->export_possible
			|| (h->feeds_in && h->probability >= SOLVER_RIVAL && x->o->site == DOCTOR_SITE_UNSAID);
	}
	ev->export_possible = ev->export_possible || wiring_flows_out(x, &s->list[0]);
	ev->has_unlikely = s->n < s->all && next->probability >= WORTH_A_WORD && !next->feeds_in;
	if (ev->has_unlikely)
		ev->unlikely = *next;
}

static void tell_disagreement(struct check_state *x)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, 0, 1);

	finding_explain(f, "only %u of %u readings say the same, %u are wanted", ev->agreeing, ev->used,
			ev->used > DOCTOR_SAMPLES_LEAST ? (4 * ev->used + 4) / 5 : DOCTOR_SAMPLES_LEAST);
	finding_fix(f, "check again while the loads are steady");
}

/* At least three, and four of five. */
static bool enough_agree(const struct doctor_evidence *ev)
{
	return ev->agreeing >= DOCTOR_SAMPLES_LEAST && 5 * ev->agreeing >= 4 * ev->used;
}

static void tell_sequence(struct check_state *x)
{
	struct doctor_finding *f;

	if (x->v->evidence.rotation != DOCTOR_ROTATION_ACB)
		return;
	f = finding_add(x->v, DOCTOR_PHASE_SEQUENCE_REVERSED, DOCTOR_REMARK, 7, 0.95);
	finding_explain(f, "the voltages turn A, C, B. Energy is measured right all the same. Where motors run on this "
			"supply, check their direction before two phases are exchanged");
	finding_fix(f, "nothing for the meter's sake");
}

/* Two elements are less to go by than three, and no CT belongs on b: what puts one there
 * is decided by a window that somebody gives, not by usual loads, and what is right is
 * believed at usual power factors only (0.98 lead to 0.6 lag). Sixty degrees from there
 * all CTs are on wrong conductors and turned round. */
#define PASS_LEAD -10.0
#define PASS_LAG 53.1

static bool wiring_sure(const struct check_state *x, const struct solution *s)
{
	const struct doctor_hypothesis *first = &s->list[0];

	if (wiring_probability(s, true) < SURE)
		return false;
	if (x->o->wires == DOCTOR_4WIRE || x->o->window_said)
		return true;
	if (doctor_wiring_right(&first->wiring))
		return first->lag >= PASS_LEAD && first->lag <= PASS_LAG;
	return first->wiring.of[1] == 1;
}

/* One wiring without a rival, but those that find the same. */
static bool wiring_decided(const struct check_state *x, const struct solution *s)
{
	const struct doctor_hypothesis *first = &s->list[0];
	double least = doctor_wiring_right(&first->wiring) ? SOLVER_RIVAL : RIVAL_OF_FAULT;

	for (size_t k = 1; k < s->n && s->list[k].probability >= least; k++)
		if (!same_findings(first, &s->list[k]) && !but_feed_in(first, &s->list[k]))
			return false;
	return s->n > 0 && !first->feeds_in && !wiring_flows_out(x, first) && s->anything < SOLVER_RIVAL && wiring_sure(x, s);
}

static void wiring_tell(struct check_state *x, const struct solution *s, unsigned both)
{
	const struct doctor_wiring *first = &s->list[0].wiring;

	if (x->o->site == DOCTOR_SITE_EXPORTING)
		tell_exporting(x, both);
	else if (s->anything > s->list[0].probability)
		tell_nothing_fits(x);
	else if (!wiring_decided(x, s) && x->v->evidence.export_possible)
		tell_export(x);
	else if (!wiring_decided(x, s))
		tell_ambiguous(x);
	else {
		if (moved_of(first))
			tell_moved(x, s);
		if (reversed_of(first))
			tell_reversed(x, s);
	}
}

void check_wiring(struct check_state *x)
{
	struct doctor_evidence *ev = &x->v->evidence;
	struct solution s;
	struct puzzle p;
	unsigned both = 0;
	bool untold;

	wiring_measure(x, &p);
	ev->rotation = p.rotation;
	ev->angle_sign = x->angles.sign;
	for (unsigned k = 0; k < 3; k++)
		ev->lag[k] = p.lag[k];
	ev->agreeing = count_agreeing(x, &p);
	tell_sequence(x);
	if (!x->loaded)
		return;
	ev->source = x->angles.use ? DOCTOR_SOURCE_ANGLES : DOCTOR_SOURCE_POWERS;
	if (!x->voltages_right)
		return;
	if (x->o->site == DOCTOR_SITE_UNSAID && (both = wiring_both_ways(x, &p))) {
		x->exporting = *x->o;
		x->exporting.site = DOCTOR_SITE_EXPORTING;
		x->o = &x->exporting;
	}
	solver_run(&p, x->o, &s);
	untold = wiring_decided(x, &s) && wiring_maybe_untold(x, &s);
	if (untold) {
		struct doctor_options unsaid = *x->o;

		unsaid.site = DOCTOR_SITE_UNSAID;
		solver_run(&p, &unsaid, &s);
	}
	wiring_remember(x, &s, !untold && wiring_decided(x, &s));
	if (!enough_agree(ev))
		tell_disagreement(x);
	else if (untold)
		tell_untold(x);
	else
		wiring_tell(x, &s, both);
}
