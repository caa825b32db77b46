/*
 * order.c - the findings of a verdict as one list of what to do at the terminals, in the
 * order in which it is safe: what can kill, the voltages, what decides between wirings that
 * are left, and the currents last, their CTs shorted before and after.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "angle.h"
#include "check_state.h"

static struct doctor_step *order_add(struct doctor_verdict *v, enum doctor_work kind, unsigned inputs)
{
	struct doctor_order *o = &v->order;
	struct doctor_step *s;

	if (o->nsteps < DOCTOR_STEPS)
		o->nsteps++;
	s = &o->steps[o->nsteps - 1];
	*s = (struct doctor_step){ .kind = kind, .inputs = inputs };
	return s;
}

static void order_say(struct doctor_verdict *v, enum doctor_work kind, unsigned inputs, const char *text)
{
	struct doctor_step *s = order_add(v, kind, inputs);

	snprintf(s->text, sizeof(s->text), "%s", text);
	s->text[0] = ascii_upper(s->text[0]);
}

/* What the fix of a finding is part of; DOCTOR_WORKS: of none, or made of the wiring. */
static enum doctor_work order_kind(const struct doctor_finding *f)
{
	switch (f->code) {
	case DOCTOR_NEUTRAL_LOST: return DOCTOR_WORK_DANGER;
	case DOCTOR_NEUTRAL_EXCHANGED: case DOCTOR_VOLTAGE_MISSING: case DOCTOR_VOLTAGE_DUPLICATED:
	case DOCTOR_VOLTAGE_UNBALANCED: return DOCTOR_WORK_VOLTAGES;
	case DOCTOR_AMBIGUOUS: case DOCTOR_INSUFFICIENT_LOAD: return DOCTOR_WORK_DECIDE;
	case DOCTOR_CT_MISSING: case DOCTOR_CT_SHORTED: return DOCTOR_WORK_CURRENTS;
	case DOCTOR_POLARITY_HIDDEN: case DOCTOR_RATIO_MISMATCH: case DOCTOR_SUM_MISMATCH:
	case DOCTOR_CLOCK_WRONG: return DOCTOR_WORK_SETTINGS;
	default: return DOCTOR_WORKS;
	}
}

/* The fixes of KIND; of settings those that decide (HIDDEN), or the others. */
static unsigned order_fixes(struct doctor_verdict *v, enum doctor_work kind, bool hidden)
{
	unsigned n = 0;

	for (size_t i = 0; i < v->nfindings; i++) {
		const struct doctor_finding *f = &v->findings[i];

		if (order_kind(f) != kind || (f->code == DOCTOR_POLARITY_HIDDEN) != hidden)
			continue;
		order_say(v, kind, f->phases, f->fix);
		n++;
	}
	return n;
}

static const struct doctor_finding *order_finding(const struct doctor_verdict *v, enum doctor_code code)
{
	for (size_t i = 0; i < v->nfindings; i++)
		if (v->findings[i].code == code)
			return &v->findings[i];
	return NULL;
}

/* The wiring that is to be put right; NULL: none is found, or it is not sure. */
static const struct doctor_hypothesis *order_wiring(const struct doctor_verdict *v)
{
	if ((!order_finding(v, DOCTOR_CT_REVERSED) && !order_finding(v, DOCTOR_CT_SWAPPED)
	     && !order_finding(v, DOCTOR_CT_ROTATED)) || v->evidence.ncandidates == 0)
		return NULL;
	return &v->evidence.candidates[0];
}

/* Another of the candidates moves other CTs: which it is the phase sequence tells. */
static const struct doctor_hypothesis *order_other(const struct doctor_verdict *v, const struct doctor_hypothesis *h)
{
	for (size_t k = 1; k < v->evidence.ncandidates && k < DOCTOR_CANDIDATES; k++)
		if (memcmp(h->wiring.of, v->evidence.candidates[k].wiring.of, sizeof(h->wiring.of)) != 0
		    && h->rotation != v->evidence.candidates[k].rotation)
			return &v->evidence.candidates[k];
	return NULL;
}

/* "A to C, B to A with its two leads exchanged". Where two elements have no input B, the CT on
 * that conductor goes to the one that has none. Returns BUF. */
static const char *order_moves(const struct doctor_wiring *w, bool two_elements, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned x = 0; x < 3; x++) {
		unsigned to = w->of[x];

		if (to == x || (two_elements && x == 1))
			continue;
		text_append(buf, size, &at, "%s%c to ", at ? ", " : "", 'A' + (int)x);
		if (two_elements && to == 1)
			text_append(buf, size, &at, "%c, and its CT from conductor B to conductor %c", 'A' + (int)w->of[1],
				    'A' + (int)w->of[1]);
		else
			text_append(buf, size, &at, "%c", 'A' + (int)to);
		text_append(buf, size, &at, "%s", w->reversed[x] ? " with its two leads exchanged" : "");
	}
	return buf;
}

static void order_move(struct doctor_verdict *v, const struct doctor_options *o, const struct doctor_hypothesis *h,
		       unsigned moved)
{
	const struct doctor_hypothesis *other = order_other(v, h);
	bool two = o->wires == DOCTOR_3WIRE;
	char first[160], second[160];
	struct doctor_step *s = order_add(v, DOCTOR_WORK_CURRENTS, moved);

	order_moves(&h->wiring, two, first, sizeof(first));
	if (!other)
		snprintf(s->text, sizeof(s->text), "Move the pairs of CT leads between the inputs: %s", first);
	else
		snprintf(s->text, sizeof(s->text), "Move the pairs of CT leads between the inputs. Sequence %s: %s. Sequence %s: %s",
			 doctor_rotation_name(h->rotation), first, doctor_rotation_name(other->rotation),
			 order_moves(&other->wiring, two, second, sizeof(second)));
}

/* What is known for sure before a CT is touched. */
static void order_doubts(struct doctor_verdict *v, const struct doctor_hypothesis *h, bool export_open, unsigned reversed)
{
	char names[24], text[DOCTOR_TEXT];

	if (order_other(v, h))
		order_say(v, DOCTOR_WORK_DECIDE, 7, "Measure the phase sequence of the voltages at the meter: it decides which "
			  "way the CTs are moved");
	if (!export_open || !reversed)
		return;
	snprintf(text, sizeof(text), "Make sure that no PV, battery or generator feeds in on %s: where one does, its negative "
		 "power is right and its CT stays", doctor_inputs_text(reversed, names, sizeof(names)));
	order_say(v, DOCTOR_WORK_DECIDE, reversed, text);
}

static void order_currents(struct doctor_verdict *v, const struct doctor_options *o, const struct doctor_hypothesis *h,
			   bool export_open)
{
	unsigned moved = 0, turned = 0, reversed = 0;
	char names[24], text[DOCTOR_TEXT];

	for (unsigned x = 0; x < 3; x++) {
		moved |= (unsigned)(h->wiring.of[x] != x) << x;
		reversed |= (unsigned)h->wiring.reversed[x] << x;
	}
	turned = reversed & ~moved;
	order_doubts(v, h, export_open, reversed);
	snprintf(text, sizeof(text), "Short the CT secondaries of %s at the test block, or switch the load off: " NEVER_OPEN,
		 doctor_inputs_text(moved | reversed, names, sizeof(names)));
	order_say(v, DOCTOR_WORK_SHORT, moved | reversed, text);
	if (moved)
		order_move(v, o, h, moved);
	if (turned) {
		snprintf(text, sizeof(text), "Exchange the two CT leads at %s", doctor_inputs_text(turned, names, sizeof(names)));
		order_say(v, DOCTOR_WORK_CURRENTS, turned, text);
	}
	order_say(v, DOCTOR_WORK_OPEN, moved | reversed, "Open the shorting links again when all leads are tight");
}

/* The newest reading as it is and put right. The wiring holds under a rotation of its own. */
static void order_expect(struct doctor_verdict *v, const struct doctor_options *o, const struct doctor_hypothesis *h)
{
	struct doctor_order *w = &v->order;
	struct doctor_phasors seen = w->seen, right;
	double grid[3];

	if (order_other(v, h))
		return;
	angles_grid(o, h->rotation, grid);
	for (unsigned x = 0; x < 3; x++) {
		double lag = angle_wrap(seen.i[x].lag - seen.u[x].lag);

		w->lag_before[x] = lag;
		w->p_before[x] = isnan(lag) ? NAN : seen.p[x];
		if (seen.rotation != DOCTOR_ROTATION_UNKNOWN)
			continue;
		seen.u[x].lag = grid[x];
		seen.i[x].lag = angle_circle(grid[x] + lag);
	}
	doctor_correct(&seen, &h->wiring, &right);
	for (unsigned x = 0; x < 3; x++) {
		w->lag_after[x] = angle_wrap(right.i[x].lag - right.u[x].lag);
		w->p_after[x] = isnan(w->lag_after[x]) ? NAN : right.p[x];
		w->expected = w->expected || !isnan(w->lag_after[x]);
	}
}

/* Who wants to move a voltage lead. Measuring them takes the voltages. */
static void order_voltages(struct doctor_verdict *v)
{
	unsigned inputs = 0;

	for (size_t i = 0; i < v->nfindings; i++)
		if (order_kind(&v->findings[i]) == DOCTOR_WORK_VOLTAGES)
			inputs |= v->findings[i].phases;
	if (!inputs)
		return;
	order_say(v, DOCTOR_WORK_DEAD, inputs, "Before a voltage lead is touched: switch the voltage circuit off and check that "
		  "it is dead");
	order_fixes(v, DOCTOR_WORK_VOLTAGES, false);
}

static void order_clear(struct doctor_order *w)
{
	w->nsteps = 0;
	w->expected = false;
	for (unsigned x = 0; x < 3; x++)
		w->lag_before[x] = w->lag_after[x] = w->p_before[x] = w->p_after[x] = NAN;
}

void order_make(const struct doctor_options *o, struct doctor_verdict *v, bool export_open)
{
	const struct doctor_hypothesis *h = order_wiring(v);
	size_t work;

	order_clear(&v->order);
	order_fixes(v, DOCTOR_WORK_DANGER, false);
	order_fixes(v, DOCTOR_WORK_SETTINGS, true);
	order_voltages(v);
	order_fixes(v, DOCTOR_WORK_DECIDE, false);
	order_fixes(v, DOCTOR_WORK_CURRENTS, false);
	work = v->order.nsteps;
	if (h) {
		order_currents(v, o, h, export_open);
		order_expect(v, o, h);
	}
	order_fixes(v, DOCTOR_WORK_SETTINGS, false);
	if (v->order.nsteps > work || work > 1)
		order_say(v, DOCTOR_WORK_CHECK, 0, v->order.expected ? "Check again: the inputs then read as expected here"
			  : "Check again");
}
