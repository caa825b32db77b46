/*
 * check_step.c - `check --step`: waits for a load that is switched, and says what it sees.
 */
#include "check_step.h"

#include <stdio.h>

#include "base/time.h"
#include "report/verdict.h"

#define STEP_APART_US 250000	/* between two readings, where the line is that fast */
#define STEP_LOST_US 10000000	/* a line that fails for longer ends it: steps take minutes */

int check_step_possible(const struct meter *m, const struct doctor_options *o, const struct doctor_verdict *v,
			struct err *e)
{
	enum doctor_service s = v->evidence.service;

	if (link_pushes(m->link))
		return err_set(e, ERR_USAGE, "--step needs a meter that is polled (this one sends by itself, too seldom)");
	if (o->wires == DOCTOR_3WIRE || s == DOCTOR_SERVICE_HIGH_LEG)
		return err_set(e, ERR_USAGE, "--step needs a neutral, and the same angle between all phases (service wye, "
			       "split or single)");
	return 0;
}

/* What to do next, to who can be asked to. */
static void step_guide(const struct app *a, const struct step_watch *w)
{
	static const char *const next[] = { "switch it on", "switch it off", "switch it on again",
					    "switch it off, and wait" };
	unsigned left = 0, changes = 0;
	char names[24];

	if (!a->asks)
		return;
	for (unsigned k = 0; k < 3; k++) {
		if (w->in[k].changes)
			changes = w->in[k].changes;
		if (w->inputs >> k & 1 && !w->in[k].judged)
			left |= 1U << k;
	}
	if (changes && changes < STEP_CHANGES)
		app_say(a, "  %s, after 5 s", next[changes]);
	else if (!changes && left)
		app_say(a, "pending: %s. Connect a heater between a phase and the neutral, wait 10 s, %s",
			doctor_inputs_text(left, names, sizeof(names)), next[0]);
}

static void step_say(const struct app *a, const struct step_watch *w, enum step_event event)
{
	const struct step_input *in = &w->in[w->input];
	char name = (char)('A' + (int)w->input), names[24];

	switch (event) {
	case STEP_READY:
		app_say(a, "ready: a load of %.0f W or more at the meter (times the ratios) is seen in the load of the "
			"site; Ctrl-C ends", 1000 * step_needed(w));
		break;
	case STEP_CHANGED:
		app_say(a, "input %c: %+.3f kW, %+.3f kvar (%u of %d)", name, w->p, w->q, in->changes, STEP_CHANGES);
		break;
	case STEP_SEVERAL:
		app_say(a, "%s changed at once: not counted (switch a load of one phase)",
			doctor_inputs_text(w->several, names, sizeof(names)));
		break;
	case STEP_RESTLESS:
		app_say(a, "the load of the site changes too much: repeat when it is steadier, or with a larger load");
		break;
	case STEP_REPEAT:
		app_say(a, "input %c: repeat (%s)", name, w->why);
		break;
	case STEP_JUDGED:
		app_say(a, "input %c: %s (%+.3f kW, %+.3f kvar)", name, step_says(in->lag), in->p, in->q);
		break;
	default:
		return;
	}
	step_guide(a, w);
}

int check_step_run(const struct app *a, struct meter *m, const struct selection *sel, const struct doctor_options *o,
		   const struct doctor_verdict *v, struct step_watch *w, struct err *e)
{
	int64_t next = time_mono_us(), heard = next;

	step_begin(w, o, v);
	app_say(a, "load step: begin with the load switched off; learning how the load of the site moves ...");
	while (!step_done(w) && link_wait(m->link, next)) {
		struct doctor_sample s;

		next = time_mono_us() + STEP_APART_US;
		if (meter_read(m, sel->idx, sel->n, NULL, NULL, e) == 0) {
			heard = time_mono_us();
			doctor_sample_take(m->profile, m->readings, &s);
			step_say(a, w, step_take(w, &s));
		} else if (e->code != ERR_INTERRUPTED && time_mono_us() - heard > STEP_LOST_US) {
			return -1;
		}
	}
	*e = (struct err){ 0 };
	return 0;
}

void check_step_print(FILE *out, const struct step_watch *w)
{
	for (unsigned k = 0; k < 3; k++) {
		const struct step_input *in = &w->in[k];

		if (!(w->inputs >> k & 1))
			continue;
		fprintf(out, "%-11s%c  ", k ? "" : "load steps", 'A' + (int)k);
		if (in->judged)
			fprintf(out, "%+.3f kW, %+.3f kvar: %s\n", in->p, in->q, step_says(in->lag));
		else
			fprintf(out, "none that was whole\n");
	}
}

json_t *check_step_json(const struct step_watch *w)
{
	json_t *list = json_array();

	for (unsigned k = 0; k < 3; k++) {
		const struct step_input *in = &w->in[k];
		char name[] = { (char)('a' + (int)k), '\0' };

		if (w->inputs >> k & 1 && in->judged)
			json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:s}", "input", name,
				"active", verdict_number_json(in->p, 3), "reactive", verdict_number_json(in->q, 3),
				"lag", verdict_number_json(in->lag, 1), "says", step_says(in->lag)));
	}
	return list;
}
