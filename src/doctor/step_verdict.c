/*
 * step_verdict.c - what load steps have shown, as findings.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "angle.h"
#include "angles.h"
#include "check_state.h"
#include "step.h"

#define STEP_SURE 0.99

static unsigned step_judged(const struct step_watch *w)
{
	unsigned set = 0;

	for (unsigned k = 0; k < 3; k++)
		set |= (unsigned)(w->in[k].judged && w->inputs >> k & 1) << k;
	return set;
}

/* Inputs whose change says that they are right (TURNED 0) or turned round (180). */
static unsigned step_showing(const struct step_watch *w, double turned)
{
	unsigned set = 0;

	for (unsigned k = 0; k < 3; k++)
		set |= (unsigned)(w->in[k].judged && angle_between(w->in[k].lag, turned) < 30) << k;
	return set & w->inputs;
}

/* ---- which wiring it is ------------------------------------------------------------- */

static bool step_fits(const struct step_watch *w, const struct doctor_wiring *h, const double u_lag[3])
{
	for (unsigned k = 0; k < 3; k++)
		if (w->in[k].judged && w->inputs >> k & 1
		    && angle_between(w->in[k].lag, u_lag[h->of[k]] - u_lag[k] + (h->reversed[k] ? 180 : 0)) > 30)
			return false;
	return true;
}

/* Those of the 48, under R, that explain all changes with the least to put right, behind the
 * FOUND there are. Returns how many there are then, at most DOCTOR_CANDIDATES. */
static unsigned step_search(const struct step_watch *w, const struct doctor_options *o, enum doctor_rotation r,
			    struct doctor_hypothesis into[DOCTOR_CANDIDATES], unsigned found)
{
	static const unsigned orders[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 },
	};
	double u_lag[3];

	angles_grid(o, r, u_lag);
	for (unsigned n = 0; n < 48; n++) {
		struct doctor_hypothesis h = { .rotation = r, .probability = STEP_SURE, .lag = NAN, .spread = NAN };
		unsigned moved = 0, beyond = 0, least = found ? (unsigned)into[0].changes : 9;

		memcpy(h.wiring.of, orders[n >> 3], sizeof(h.wiring.of));
		for (unsigned k = 0; k < 3; k++) {
			h.wiring.reversed[k] = n >> k & 1;
			h.changes += h.wiring.reversed[k];
			moved += h.wiring.of[k] != k;
			/* an input without a voltage has no CT to be confused */
			beyond |= !(w->inputs >> k & 1) && (h.wiring.reversed[k] || h.wiring.of[k] != k);
		}
		h.changes += moved ? (int)moved - 1 : 0;
		if (beyond || !step_fits(w, &h.wiring, u_lag) || (unsigned)h.changes > least)
			continue;
		if ((unsigned)h.changes < least)
			found = 0;
		if (found < DOCTOR_CANDIDATES)
			into[found++] = h;
	}
	return found;
}

static unsigned step_solve(const struct step_watch *w, const struct doctor_options *o, enum doctor_rotation r,
			   struct doctor_hypothesis h[DOCTOR_CANDIDATES])
{
	unsigned found = 0;

	if (r != DOCTOR_ROTATION_ACB)
		found = step_search(w, o, DOCTOR_ROTATION_ABC, h, found);
	/* a wiring without a CT on another phase is the same either way */
	if (r != DOCTOR_ROTATION_ABC && !(found && h->changes == 0))
		found = step_search(w, o, DOCTOR_ROTATION_ACB, h, found);
	return found;
}

/* ---- findings ----------------------------------------------------------------------- */

/* "a +0.460 kW, lag 1 deg; ..." of the inputs that were judged. */
static const char *step_seen(const struct step_watch *w, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned k = 0; k < 3; k++)
		if (step_judged(w) >> k & 1)
			text_append(buf, size, &at, "%s%c by %+.3f kW, %+.3f kvar", at ? ", " : "", 'a' + (int)k, w->in[k].p,
				    w->in[k].q);
	return buf;
}

static bool step_about_cts(enum doctor_code c)
{
	return c == DOCTOR_CT_REVERSED || c == DOCTOR_CT_SWAPPED || c == DOCTOR_CT_ROTATED || c == DOCTOR_CT_MISSING
	    || c == DOCTOR_INSUFFICIENT_LOAD;
}

/* Takes back what readings alone said of the inputs of SET, and where that is ALL what they
 * left open. */
static void step_take_back(struct doctor_verdict *v, unsigned set, bool all)
{
	size_t n = 0;

	for (size_t i = 0; i < v->nfindings; i++) {
		struct doctor_finding *f = &v->findings[i];

		if (step_about_cts(f->code) && f->phases) {
			/* two that are exchanged are one finding */
			if (all || f->code == DOCTOR_CT_REVERSED || f->code == DOCTOR_INSUFFICIENT_LOAD || !(f->phases & ~set))
				f->phases &= ~set;
			if (!f->phases)
				continue;
		}
		if (all && f->code == DOCTOR_AMBIGUOUS)
			continue;
		v->findings[n++] = *f;
	}
	v->nfindings = n;
}

static void step_tell_reversed(const struct step_watch *w, struct doctor_verdict *v, unsigned phases)
{
	struct doctor_finding *f = finding_add(v, DOCTOR_CT_REVERSED, DOCTOR_FAULT, phases, STEP_SURE);
	char what[200];

	finding_explain(f, "a load that was switched on changed the power of %s", step_seen(w, what, sizeof(what)));
	finding_fix_reversed(f, "");
}

static void step_tell_moved(const struct step_watch *w, struct doctor_verdict *v, const struct doctor_hypothesis *h,
			    unsigned phases, bool either_way)
{
	bool two = phases != 7;
	struct doctor_finding *f = finding_add(v, two ? DOCTOR_CT_SWAPPED : DOCTOR_CT_ROTATED, DOCTOR_FAULT, phases,
					       STEP_SURE);
	char what[200];

	finding_explain(f, "a load that was switched on changed the power of %s: these have another phase's current",
			step_seen(w, what, sizeof(what)));
	if (two)
		finding_fix_swapped(f, v->evidence.rotation);
	else
		finding_fix_moved(f, h->wiring.of, either_way ? " (or the other way round, as the voltages turn)" : "");
}

static void step_tell_contradiction(const struct step_watch *w, struct doctor_verdict *v)
{
	struct doctor_finding *f = finding_add(v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, step_judged(w), 0.9);
	char what[200];

	finding_explain(f, "a load that was switched on changed the power of %s: no wiring of the CTs does all of that",
			step_seen(w, what, sizeof(what)));
	finding_fix(f, "repeat the steps with a heater between one phase and the neutral, one phase after the other");
}

static void step_tell_unfinished(const struct step_watch *w, struct doctor_verdict *v, unsigned moved)
{
	struct doctor_finding *f = finding_add(v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, moved, 0.9);
	char what[200];

	finding_explain(f, "a load that was switched on changed the power of %s: another phase's current",
			step_seen(w, what, sizeof(what)));
	finding_fix(f, "repeat the step on the other phases: only all of them tell where each CT belongs");
}

/* All inputs were judged: this is what it is. */
static void step_conclude_all(const struct step_watch *w, const struct doctor_options *o, struct doctor_verdict *v)
{
	struct doctor_evidence *ev = &v->evidence;
	const struct doctor_hypothesis *h = &ev->candidates[0];
	unsigned found = step_solve(w, o, ev->rotation, ev->candidates), moved = 0, reversed = 0;

	step_take_back(v, step_judged(w), true);
	ev->export_possible = ev->has_unlikely = false;
	ev->ncandidates = found;
	if (!found) {
		step_tell_contradiction(w, v);
		return;
	}
	for (unsigned k = 0; k < 3; k++) {
		moved |= (unsigned)(h->wiring.of[k] != k) << k;
		reversed |= (unsigned)h->wiring.reversed[k] << k;
	}
	if (moved)
		step_tell_moved(w, v, h, moved, found > 1);
	if (reversed)
		step_tell_reversed(w, v, reversed);
}

/* Do the changes that there are fit what the readings were taken for? */
static bool step_agrees(const struct step_watch *w, const struct doctor_options *o, const struct doctor_evidence *ev)
{
	double u_lag[3];

	if (ev->ncandidates == 0)
		return true;
	angles_grid(o, ev->candidates[0].rotation, u_lag);
	return step_fits(w, &ev->candidates[0].wiring, u_lag);
}

/* Some inputs were judged. What the readings alone say of the others is left, if the steps do
 * not show that they are something else. */
static void step_conclude_some(const struct step_watch *w, const struct doctor_options *o, struct doctor_verdict *v)
{
	unsigned reversed = step_showing(w, 180), judged = step_judged(w);

	if (step_agrees(w, o, &v->evidence)) {
		step_take_back(v, step_showing(w, 0) | reversed, false);
	} else {
		step_take_back(v, 7, true);
		v->evidence.ncandidates = 0;
	}
	if (reversed)
		step_tell_reversed(w, v, reversed);
	if (judged & ~reversed & ~step_showing(w, 0))
		step_tell_unfinished(w, v, judged & ~reversed & ~step_showing(w, 0));
}

static enum doctor_outcome step_outcome(const struct step_watch *w, const struct doctor_verdict *v)
{
	bool doubt = !step_done(w);

	for (size_t i = 0; i < v->nfindings; i++) {
		if (v->findings[i].weight == DOCTOR_FAULT && v->findings[i].confidence >= DOCTOR_CERTAIN)
			return DOCTOR_FAIL;
		doubt = doubt || v->findings[i].weight != DOCTOR_REMARK;
	}
	return doubt ? DOCTOR_INSUFFICIENT : DOCTOR_PASS;
}

void step_conclude(const struct step_watch *w, const struct doctor_options *o, struct doctor_verdict *v)
{
	struct doctor_options told = *o;

	/* without voltages that are right there is nothing a change could be held against */
	if (!step_judged(w) || v->evidence.used < DOCTOR_SAMPLES_LEAST)
		return;
	told.service = v->evidence.service;
	if (step_done(w))
		step_conclude_all(w, &told, v);
	else
		step_conclude_some(w, &told, v);
	findings_sort(v);
	/* a pass by readings that nothing contradicts stays one */
	if (step_done(w) || v->outcome != DOCTOR_PASS || v->evidence.ncandidates == 0)
		v->outcome = step_outcome(w, v);
	/* what was switched on was no feed-in */
	order_make(&told, v, false);
}
