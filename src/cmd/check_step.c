/*
 * check_step.c - `check --step`: waits for a load that is switched, and says what it sees.
 */
#include "check_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "report/verdict.h"

#define STEP_APART_US 250000	/* between two readings, where the line is that fast */
#define STEP_LOST_US 10000000	/* a line that fails for longer ends it: steps take minutes */

int check_step_possible(const struct meter *m, const struct doctor_options *o, const struct doctor_verdict *v,
			struct err *e)
{
	const char *why = step_refusal(link_pushes(m->link), o, v);

	return why ? err_set(e, ERR_USAGE, "--step %s", why) : 0;
}

/* What was seen and, to who can be asked to, what to do next. */
static void step_say(const struct app *a, const struct step_watch *w, enum step_event event)
{
	char text[200];

	if (event == STEP_NOTHING)
		return;
	app_say(a, "%s%s", step_event_text(w, event, text, sizeof(text)), event == STEP_READY ? "; Ctrl-C ends" : "");
	if (a->asks && *step_await_text(w, text, sizeof(text)))
		app_say(a, "  %s", text);
}

int check_step_run(const struct app *a, struct meter *m, const struct selection *sel, const struct doctor_options *o,
		   const struct doctor_verdict *v, struct step_watch *w, struct err *e)
{
	const size_t size = m->profile->npoints * sizeof(*m->readings);
	struct reading *whole = malloc(size);
	int64_t next = time_mono_us(), heard = next;
	char text[200];
	int rc = 0;

	if (!whole)
		return err_set(e, ERR_NO, "out of memory");
	memcpy(whole, m->readings, size);

	step_begin(w, o, v);
	app_say(a, "load step: %s", step_await_text(w, text, sizeof(text)));
	while (!rc && !step_done(w) && link_wait(m->link, next)) {
		struct doctor_sample s;

		next = time_mono_us() + STEP_APART_US;
		if (meter_read(m, sel->idx, sel->n, NULL, NULL, e) == 0) {
			heard = time_mono_us();
			memcpy(whole, m->readings, size);
			doctor_sample_take(m->profile, m->readings, &s);
			step_say(a, w, step_take(w, &s));
		} else if (e->code != ERR_INTERRUPTED && time_mono_us() - heard > STEP_LOST_US) {
			rc = -1;
		}
	}
	if (!rc)
		*e = (struct err){ 0 };
	/* a person ends it in the middle of a round, which is nothing that the meter refused */
	memcpy(m->readings, whole, size);
	free(whole);
	return rc;
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
