/*
 * step_words.c - the guided load step in words: what was seen, what is awaited.
 */
#include <stdio.h>
#include <stdlib.h>

#include "angle.h"
#include "step.h"

const char *step_refusal(bool pushes, const struct doctor_options *o, const struct doctor_verdict *v)
{
	if (pushes)
		return "needs a meter that is polled (this one sends by itself, too seldom)";
	if (o->wires == DOCTOR_3WIRE || v->evidence.service == DOCTOR_SERVICE_HIGH_LEG)
		return "needs a neutral, and the same angle between all phases (service wye, split or single)";
	return NULL;
}

const char *step_says(double lag)
{
	static const char *const says[] = {
		"the current of its own phase", "the current of another phase, reversed",
		"the current of another phase", "the current of its own phase, reversed",
	};

	return says[abs((int)lround(angle_wrap(lag) / 60))];
}

const char *step_event_text(const struct step_watch *w, enum step_event event, char *buf, size_t size)
{
	const struct step_input *in = &w->in[w->input];
	char name = (char)('A' + (int)w->input), names[24];

	buf[0] = '\0';
	switch (event) {
	case STEP_NOTHING:
		break;
	case STEP_READY:
		snprintf(buf, size, "ready: a load of %.0f W or more at the meter (times the ratios) is seen in the load of the "
			 "site", 1000 * step_needed(w));
		break;
	case STEP_CHANGED:
		snprintf(buf, size, "input %c: %+.3f kW, %+.3f kvar (%u of %d)", name, w->p, w->q, in->changes, STEP_CHANGES);
		break;
	case STEP_SEVERAL:
		snprintf(buf, size, "%s changed at once: not counted (switch a load of one phase)",
			 doctor_inputs_text(w->several, names, sizeof(names)));
		break;
	case STEP_RESTLESS:
		snprintf(buf, size, "repeat: drowned in other loads (wait until the site is steadier, or take a larger load)");
		break;
	case STEP_REPEAT:
		snprintf(buf, size, "input %c: repeat (%s)", name, w->why);
		break;
	case STEP_JUDGED:
		snprintf(buf, size, "input %c: %s (%+.3f kW, %+.3f kvar)", name, step_says(in->lag), in->p, in->q);
		break;
	}
	return buf;
}

const char *step_await_text(const struct step_watch *w, char *buf, size_t size)
{
	static const char *const next[] = { "switch it on", "switch it off", "switch it on again",
					    "switch it off again" };
	unsigned left = 0, changes = 0;
	char names[24];

	for (unsigned k = 0; k < 3; k++) {
		if (w->in[k].changes)
			changes = w->in[k].changes;
		if (w->inputs >> k & 1 && !w->in[k].judged)
			left |= 1U << k;
	}
	buf[0] = '\0';
	if (w->looked < STEP_LEARN)
		snprintf(buf, size, "begin with the load switched off; learning how the load of the site moves ...");
	else if (changes >= STEP_CHANGES)
		snprintf(buf, size, "wait, with the load switched off");
	else if (changes)
		snprintf(buf, size, "%s, after 5 s", next[changes]);
	else if (left)
		snprintf(buf, size, "pending: %s. Connect a heater between a phase and the neutral, wait 10 s, %s",
			 doctor_inputs_text(left, names, sizeof(names)), next[0]);
	return buf;
}
