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
#define IMPORT_BEYOND 20.0
#define FAR_APART 30.0	/* loads so far from each other a window can tell apart */
#define ROOM 5.0		/* of a window around the loads it is offered for */
#define WEAK_CONFIDENCE 0.6	/* what a weak input's evidence is worth at most */

/* How sure one may be when nothing speaks against it, and what takes off. */
#define BEST 0.98
#define PER_CHANGE 0.03
#define PER_RIVAL 0.04
#define UNKNOWN_ROTATION 0.03
#define UNSAID 0.02		/* PV on one phase would look the same, and is rare */
#define FAR_FEWER 2
#define FAR_FEWER_ELSE 0.78	/* so many less is wrong if the power factor is a little worse */

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

static double confidence(const struct check_state *x, const struct solution *s, unsigned phases)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	const struct doctor_hypothesis *h = &s->list[0];
	double c = BEST - PER_RIVAL * (double)s->rivals;

	if (h->changes > 1)
		c -= PER_CHANGE * (h->changes - 1);
	if (h->spread > 25)
		c -= (h->spread - 25) / 200;
	if (ev->rotation == DOCTOR_ROTATION_UNKNOWN && moved_of(&h->wiring))
		c -= UNKNOWN_ROTATION;
	if (x->o->site == DOCTOR_SITE_UNSAID && reversed_of(&h->wiring))
		c -= UNSAID;
	if (ev->used)
		c *= (double)ev->agreeing / ev->used;
	if (s->has_other && s->other.changes + FAR_FEWER <= h->changes)
		c = fmin(c, FAR_FEWER_ELSE);
	if (phases & ~x->strong)
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
 * that the window leaves out. */
static const char *unless(const struct solution *s, char *buf, size_t size)
{
	char name[100], pf[24];

	buf[0] = '\0';
	if (s->has_other && s->other.changes < s->list[0].changes)
		snprintf(buf, size, "; were they %s, it would be: %s",
			 doctor_pf_text(s->other.lag, pf, sizeof(pf)),
			 doctor_wiring_text(&s->other.wiring, name, sizeof(name)));
	return buf;
}

static void tell_reversed(struct check_state *x, const struct solution *s)
{
	const struct doctor_hypothesis *h = &s->list[0];
	unsigned phases = reversed_of(&h->wiring);
	struct doctor_finding *f = finding_add(x->v, DOCTOR_CT_REVERSED, DOCTOR_FAULT, phases,
					       confidence(x, s, phases));
	bool many = ones(phases) > 1;
	const char *them = many ? "them" : "it";
	char names[24], what[160], pf[24], other[160], pv[60] = "";

	doctor_phases_text(phases, names, sizeof(names));
	/* nobody has said that nothing does, and it would look the same */
	if (x->o->site == DOCTOR_SITE_UNSAID)
		snprintf(pv, sizeof(pv), "unless PV feeds in on %s: ", names);
	finding_explain(f, "%s. With %s turned round%s the loads have %s%s",
			seen(x, what, sizeof(what)), names,
			moved_of(&h->wiring) ? " and each at its own voltage" : "",
			doctor_pf_text(h->lag, pf, sizeof(pf)), unless(s, other, sizeof(other)));
	finding_fix(f, "%sexchange the two secondary leads of the CT%s of %s, or turn %s round (short %s first: "
		    NEVER_OPEN ")", pv, many ? "s" : "", names, them, them);
}

/* The CT leads move to where the voltages are, or the voltage leads the other way. */
static void tell_way_back(struct doctor_finding *f, const struct solution *s)
{
	const struct doctor_hypothesis *last = &s->list[s->n - 1];
	const unsigned *of = s->list[0].wiring.of, *or_of = last->wiring.of;
	char other[80] = "";

	if (s->n > 1)
		snprintf(other, sizeof(other), " (if the voltages turn %s: a on %c, b on %c, c on %c)",
			 doctor_rotation_name(last->rotation), 'a' + (int)or_of[0],
			 'a' + (int)or_of[1], 'a' + (int)or_of[2]);
	finding_fix(f, "the CT at input a is on phase %c, b on %c, c on %c%s: move each pair of CT leads to "
		    "the input of its phase (short the CTs first: " NEVER_OPEN "); or, where the voltage leads are "
		    "what was confused, bring each voltage to the input that has its current",
		    'a' + (int)of[0], 'a' + (int)of[1], 'a' + (int)of[2], other);
}

/* Those of S differ in their rotation alone. */
static void tell_moved(struct check_state *x, const struct solution *s)
{
	const struct doctor_hypothesis *h = &s->list[0];
	unsigned phases = moved_of(&h->wiring);
	/* two voltages exchanged turn the other way */
	static const char *const sequence[] = {
		[DOCTOR_ROTATION_UNKNOWN] = "", [DOCTOR_ROTATION_ABC] = " (sequence then acb)",
		[DOCTOR_ROTATION_ACB] = " (which also puts the phase sequence right)",
	};
	bool two = ones(phases) == 2;
	struct doctor_finding *f = finding_add(x->v, two ? DOCTOR_CT_SWAPPED : DOCTOR_CT_ROTATED,
					       DOCTOR_FAULT, phases, confidence(x, s, phases));
	char names[24], what[160], pf[24], other[160];

	doctor_phases_text(phases, names, sizeof(names));
	finding_explain(f, "%s. With each current at its own voltage%s the loads have %s%s",
			seen(x, what, sizeof(what)),
			reversed_of(&h->wiring) ? " and the right way round" : "",
			doctor_pf_text(h->lag, pf, sizeof(pf)), unless(s, other, sizeof(other)));
	if (two)
		finding_fix(f, "exchange the CT leads of %s (short the CTs first: " NEVER_OPEN "), or the voltage "
			    "leads of %s%s", names, names, sequence[x->v->evidence.rotation]);
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
		char one[140] = "", name[100], pf[24];

		if (k < DOCTOR_CANDIDATES)
			snprintf(one, sizeof(one), "%s%s (%s)", k ? "; or " : "",
				 doctor_wiring_text(&ev->candidates[k].wiring, name, sizeof(name)),
				 doctor_pf_text(ev->candidates[k].lag, pf, sizeof(pf)));
		if (k == DOCTOR_CANDIDATES || at + strlen(one) + AND_MORE >= size) {
			text_append(buf, size, &at, "; and %zu more", ev->ncandidates - k);
			break;
		}
		text_append(buf, size, &at, "%s", one);
	}
	return buf;
}

/* "0.63lag,0.95lead", as --pf-window takes it. Returns BUF. */
static const char *window_text(double lag, double lead, char *buf, size_t size)
{
	snprintf(buf, size, "%.2f%s,%.2f%s", cos(lag * DEGREE), lag >= 0 ? "lag" : "lead",
		 cos(lead * DEGREE), lead >= 0 ? "lead" : "lag");
	return buf;
}

/* Two wirings whose loads are far apart: the window that leaves each of them. */
static bool tell_windows(const struct check_state *x, struct doctor_finding *f)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	double first = ev->candidates[0].lag, second = ev->candidates[1].lag, between = (first + second) / 2;
	double most = fmax(x->o->window_lag, fmax(first, second) + ROOM);
	double lead = fmax(x->o->window_lead, -fmin(first, second) + ROOM);
	char lags[40], leads[40];

	if (ev->ncandidates != 2 || fabs(first - second) < FAR_APART)
		return false;
	window_text(most, -between, lags, sizeof(lags));
	window_text(between, lead, leads, sizeof(leads));
	finding_fix(f, "only the power factor of the loads tells them apart. If it is surely as the first has it, "
		    "check with --pf-window %s; if as the second, with --pf-window %s; else with a load that is "
		    "known, a heater", first > second ? lags : leads, first > second ? leads : lags);
	return true;
}

/* More than one wiring explains it: all are named. */
static void tell_ambiguous(struct check_state *x, size_t n)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	const struct doctor_evidence *ev = &x->v->evidence;
	char list[DOCTOR_TEXT - 64];	/* the words before it have room */
	bool right = false;

	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		right = right || doctor_wiring_right(&ev->candidates[k].wiring);
	finding_explain(f, "%s%zu wirings explain the readings: %s", right ? "" : "something is wrong, and ", n,
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

/* Power flowing out is right there, so polarity and with it the power factor prove
 * nothing. */
static void tell_export(struct check_state *x, bool declared)
{
	const struct doctor_evidence *ev = &x->v->evidence;
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, x->loaded, 0.9);
	bool in_order = false;
	char what[160], list[DOCTOR_TEXT - 180];

	for (size_t k = 0; k < ev->ncandidates && k < DOCTOR_CANDIDATES; k++)
		in_order = in_order || !moved_of(&ev->candidates[k].wiring);
	if (declared)
		finding_explain(f, "%s. Where a site may export either direction is right: the polarity "
				"cannot be judged, and the order of the CTs %s", seen(x, what, sizeof(what)),
				in_order ? "is as it should be if PV and loads are alike in all phases"
					 : "is in doubt");
	else
		finding_explain(f, "%s. The site exports just now, or it is a consumer with: %s",
				seen(x, what, sizeof(what)), ev->ncandidates
				? list_wirings(ev, list, sizeof(list)) : "no wiring that fits");
	finding_fix(f, "%s", declared ? "check again while nothing is generated, as a consumer (--site consumer)"
		    : "does the site have PV, a battery or a generator? If not: --site consumer; if so, check "
		      "again while nothing is generated");
}

/* Nobody has said what the site is, more flows out than in, where it flows out it does
 * so alike, and where it flows in the loads can be: PV on two or three phases would look
 * like that, with or without mistakes. (Two CTs exchanged give little in sum, too, but 120
 * degrees to either side.) */
static bool seems_to_export(const struct check_state *x, const struct puzzle *p)
{
	double total = 0, first = NAN;

	for (unsigned k = 0; k < 3; k++) {
		if (!(x->loaded >> k & 1))
			continue;
		total += x->mean.p[k];
		if (fabs(p->lag[k]) < 90) {
			if (p->lag[k] > x->o->window_lag + IMPORT_BEYOND
			    || p->lag[k] < -x->o->window_lead - IMPORT_BEYOND)
				return false;
			continue;
		}
		/* inverters near unity and inductive loads: not this side */
		if (p->lag[k] < 0 && p->lag[k] > -EXPORT_LEADS)
			return false;
		if (!isnan(first) && angle_between(first, p->lag[k]) > EXPORT_ALIKE)
			return false;
		first = p->lag[k];
	}
	return x->o->site == DOCTOR_SITE_UNSAID && total < 0;
}

static bool same_wiring(const struct doctor_wiring *a, const struct doctor_wiring *b)
{
	return memcmp(a->of, b->of, sizeof(a->of)) == 0
	    && memcmp(a->reversed, b->reversed, sizeof(a->reversed)) == 0;
}

/* Both directions of flow, for a site that may export. */
static void solve_both_ways(const struct check_state *x, const struct puzzle *p, struct solution *s)
{
	struct solution other;
	struct puzzle back = *p;
	size_t n;

	for (unsigned k = 0; k < 3; k++)
		back.lag[k] = angle_wrap(p->lag[k] + 180);
	solver_run(p, x->o, s);
	solver_run(&back, x->o, &other);
	n = s->n;
	for (size_t k = 0; k < other.n && s->n < SOLVER_MAX; k++) {
		bool known = false;

		for (size_t j = 0; j < n; j++)
			known = known || same_wiring(&other.list[k].wiring, &s->list[j].wiring);
		if (!known)
			s->list[s->n++] = other.list[k];
	}
}

static void wiring_remember(struct check_state *x, const struct solution *s)
{
	struct doctor_evidence *ev = &x->v->evidence;

	ev->ncandidates = s->n;
	for (size_t k = 0; k < s->n && k < DOCTOR_CANDIDATES; k++)
		ev->candidates[k] = s->list[k];
	ev->has_unlikely = s->has_other;
	ev->unlikely = s->other;
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
	finding_explain(f, "the voltages turn a, c, b. Energy is measured right all the same");
	finding_fix(f, "nothing for the meter's sake; where motors hang on this supply, check their "
		    "direction before two phases are exchanged");
}

/* When only the rotation is open, and with it which way the CTs are rotated, what
 * is wrong is plain all the same. */
static bool same_findings(const struct solution *s)
{
	const struct doctor_wiring *first = &s->list[0].wiring;

	for (size_t k = 1; k < s->n; k++)
		if (moved_of(&s->list[k].wiring) != moved_of(first)
		    || reversed_of(&s->list[k].wiring) != reversed_of(first))
			return false;
	return true;
}

static void wiring_tell(struct check_state *x, const struct puzzle *p, const struct solution *s)
{
	const struct doctor_wiring *first = &s->list[0].wiring;

	if (x->o->site == DOCTOR_SITE_EXPORTING) {
		tell_export(x, true);
		return;
	}
	if (seems_to_export(x, p)) {
		x->v->evidence.export_possible = true;
		tell_export(x, false);
		return;
	}
	if (s->n == 0) {
		tell_nothing_fits(x);
		return;
	}
	if (!same_findings(s)) {
		tell_ambiguous(x, s->n);
		return;
	}
	if (moved_of(first))
		tell_moved(x, s);
	if (reversed_of(first))
		tell_reversed(x, s);
}

void check_wiring(struct check_state *x)
{
	struct doctor_evidence *ev = &x->v->evidence;
	struct solution s;
	struct puzzle p;

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
	if (x->o->site == DOCTOR_SITE_EXPORTING)
		solve_both_ways(x, &p, &s);
	else
		solver_run(&p, x->o, &s);
	wiring_remember(x, &s);
	if (enough_agree(ev))
		wiring_tell(x, &p, &s);
	else
		tell_disagreement(x);
}
