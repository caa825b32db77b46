/*
 * phasor_worst.c - what the verdict knows to be wrong, for the state line and for the values concerned.
 */
#include <stdio.h>

#include "base/text.h"
#include "phasor.h"
#include "ui/stage.h"

#define FIRST_US 1000000LL	/* between samples until there is a verdict, */
#define EVERY_US 5000000LL	/* and then, while another screen is shown */

enum concern { CONCERN_NONE, CONCERN_VOLTAGE, CONCERN_CURRENT };

/* In a few words; %s: the inputs. */
static const struct {
	const char *text;
	enum concern concern;
} words[DOCTOR_CODES] = {
	[DOCTOR_PHASE_SEQUENCE_REVERSED] = { "phase sequence reversed", CONCERN_NONE },
	[DOCTOR_VOLTAGE_MISSING] = { "voltage missing: %s", CONCERN_VOLTAGE },
	[DOCTOR_VOLTAGE_DUPLICATED] = { "same voltage: %s", CONCERN_VOLTAGE },
	[DOCTOR_VOLTAGE_UNBALANCED] = { "voltage unbalance", CONCERN_NONE },
	[DOCTOR_CT_REVERSED] = { "CT reversed: %s", CONCERN_CURRENT },
	[DOCTOR_CT_SWAPPED] = { "CTs swapped: %s", CONCERN_CURRENT },
	[DOCTOR_CT_ROTATED] = { "CTs rotated", CONCERN_CURRENT },
	[DOCTOR_CT_MISSING] = { "no current: %s", CONCERN_CURRENT },
	[DOCTOR_CT_SHORTED] = { "CT shorted: %s", CONCERN_CURRENT },
	[DOCTOR_RATIO_MISMATCH] = { "ratio mismatch", CONCERN_NONE },
	[DOCTOR_SUM_MISMATCH] = { "sum mismatch", CONCERN_NONE },
	[DOCTOR_NEUTRAL_EXCHANGED] = { "neutral swapped: %s", CONCERN_VOLTAGE },
	[DOCTOR_NEUTRAL_LOST] = { "neutral lost", CONCERN_VOLTAGE },
	[DOCTOR_CLOCK_WRONG] = { "clock wrong", CONCERN_NONE },
};

static bool phasor_certain(const struct doctor_finding *f)
{
	return f->weight == DOCTOR_FAULT && f->confidence >= DOCTOR_CERTAIN && words[f->code].text;
}

bool phasor_worst(struct ui *u, void *state, struct screen_worst *out)
{
	const struct phasor *s = state;
	char inputs[24];
	size_t at = 0;

	if (!s || s->nsamples == 0 || phasor_old(u, s))
		return false;
	for (size_t i = 0; i < s->verdict.nfindings; i++) {
		const struct doctor_finding *f = &s->verdict.findings[i];

		if (!phasor_certain(f))
			continue;
		text_append(out->text, sizeof(out->text), &at, "%s", at ? "; " : "");
		text_append(out->text, sizeof(out->text), &at, words[f->code].text,
			    doctor_inputs_text(f->phases, inputs, sizeof(inputs)));
	}
	out->role = ROLE_BAD;
	return at > 0;
}

static unsigned phasor_concerned(struct ui *u, enum concern what)
{
	const struct phasor *s = stage_state(u, &screen_phasor);
	unsigned set = 0;

	for (size_t i = 0; s && s->nsamples && i < s->verdict.nfindings; i++)
		if (phasor_certain(&s->verdict.findings[i]) && words[s->verdict.findings[i].code].concern == what)
			set |= s->verdict.findings[i].phases;
	return set;
}

unsigned phasor_voltages(struct ui *u)
{
	return phasor_concerned(u, CONCERN_VOLTAGE);
}

unsigned phasor_currents(struct ui *u)
{
	return phasor_concerned(u, CONCERN_CURRENT);
}

/* What a meter sends by itself comes anyway. */
bool phasor_due(const struct ui *u, const struct phasor *s)
{
	return u->line == LINE_LIVE && !ui_pushes(u) && u->now_us - s->sampled_us
		>= (s->nsamples < DOCTOR_SAMPLES_LEAST ? FIRST_US : EVERY_US);
}
