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
	[DOCTOR_VOLTAGE_MISSING] = { "no voltage on %s", CONCERN_VOLTAGE },
	[DOCTOR_VOLTAGE_DUPLICATED] = { "the same voltage on %s", CONCERN_VOLTAGE },
	[DOCTOR_VOLTAGE_UNBALANCED] = { "voltages uneven", CONCERN_NONE },
	[DOCTOR_CT_REVERSED] = { "CT of %s reversed", CONCERN_CURRENT },
	[DOCTOR_CT_SWAPPED] = { "CTs of %s exchanged", CONCERN_CURRENT },
	[DOCTOR_CT_ROTATED] = { "CTs rotated", CONCERN_CURRENT },
	[DOCTOR_CT_MISSING] = { "no current on %s", CONCERN_CURRENT },
	[DOCTOR_CT_SHORTED] = { "CT of %s may be shorted", CONCERN_CURRENT },
	[DOCTOR_RATIO_MISMATCH] = { "a ratio does not fit", CONCERN_NONE },
	[DOCTOR_SUM_MISMATCH] = { "totals do not fit the phases", CONCERN_NONE },
	[DOCTOR_NEUTRAL_EXCHANGED] = { "neutral and %s exchanged", CONCERN_VOLTAGE },
	[DOCTOR_NEUTRAL_LOST] = { "neutral lost", CONCERN_VOLTAGE },
	[DOCTOR_CLOCK_WRONG] = { "clock wrong", CONCERN_NONE },
};

static const char *phasor_inputs(unsigned set, char *buf, size_t size)
{
	size_t at = 0;

	*buf = '\0';
	for (unsigned k = 0; k < 3; k++)
		if (set >> k & 1)
			text_append(buf, size, &at, "%s%c", at ? ", " : "", 'A' + (int)k);
	return buf;
}

static bool phasor_certain(const struct doctor_finding *f)
{
	return f->weight == DOCTOR_FAULT && f->confidence >= DOCTOR_CERTAIN && words[f->code].text;
}

bool phasor_worst(struct ui *u, void *state, struct screen_worst *out)
{
	const struct phasor *s = state;
	char inputs[16];
	size_t at = 0;

	if (!s || s->nsamples == 0 || phasor_old(u, s))
		return false;
	for (size_t i = 0; i < s->verdict.nfindings; i++) {
		const struct doctor_finding *f = &s->verdict.findings[i];

		if (!phasor_certain(f))
			continue;
		text_append(out->text, sizeof(out->text), &at, "%s", at ? "; " : "");
		text_append(out->text, sizeof(out->text), &at, words[f->code].text,
			    phasor_inputs(f->phases, inputs, sizeof(inputs)));
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
