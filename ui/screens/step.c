#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/keys.h"
#include "ui/stage.h"

enum { STEP_ANEW = ACTION_SCREEN, STEP_ALL };

static const struct keyrow keys[] = {
	{ 'a', STEP_ANEW, "a", "anew", "forget what was judged, and begin anew" },
	{ '\r', STEP_ALL, "Enter", "all", "the whole verdict, every finding in full" },
	{ KEY_ENTER, STEP_ALL, NULL, NULL, NULL },
	/* the stage goes back; what was judged is kept */
	{ 27, ACTION_NONE, "Esc", "back", "back to Phasor: what was judged counts there, and S goes on" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static void *step_screen_open(struct ui *u)
{
	(void)u;
	return calloc(1, sizeof(struct step_screen));
}

bool step_is_shown(const struct ui *u)
{
	return stage_shown(u)->ops == &screen_step;
}

void step_begin_shown(struct ui *u)
{
	struct phasor *p = stage_state(u, &screen_phasor);
	const char *why = p ? step_refusal(ui_pushes(u), &p->options, &p->verdict) : "needs memory";

	if (why) {
		ui_say(u, "a load step %s", why);
		return;
	}
	p->what_if = false;
	stage_show(u, &screen_step);
}

static void step_note(struct step_screen *s, const char *text)
{
	if (s->nnotes == STEP_NOTES)
		memmove(s->note, s->note + 1, --s->nnotes * sizeof(s->note[0]));
	snprintf(s->note[s->nnotes++], STEP_NOTE, "%s", text);
}

/* One more for the curves: as the doctor sees it. */
static void step_keep(struct step_screen *s, const struct step_watch *w)
{
	if (s->nkept == STEP_KEPT) {
		s->nkept--;
		for (unsigned k = 0; k < 3; k++) {
			memmove(s->p[k], s->p[k] + 1, s->nkept * sizeof(double));
			memmove(s->q[k], s->q[k] + 1, s->nkept * sizeof(double));
		}
	}
	for (unsigned k = 0; k < 3; k++) {
		s->p[k][s->nkept] = w->seen[w->nseen - 1].p[k];
		s->q[k][s->nkept] = w->seen[w->nseen - 1].q[k];
	}
	s->nkept++;
}

/* From the first verdict on, which tells how the meter's angles are to be taken. */
static bool step_running(struct step_screen *s, struct phasor *p)
{
	if (s->runs || p->nsamples < DOCTOR_SAMPLES_LEAST || p->verdict.evidence.used < DOCTOR_SAMPLES_LEAST)
		return s->runs;
	if (step_shown(&p->steps) && step_done(&p->steps))
		return false;
	step_resume(&p->steps, &p->options, &p->verdict);
	s->runs = true;
	s->newest_us = 0;
	return true;
}

static void step_screen_update(struct ui *u, void *state)
{
	struct step_screen *s = state;
	struct phasor *p = stage_state(u, &screen_phasor);
	struct doctor_sample sample;
	enum step_event event;
	char text[STEP_NOTE];

	if (!s || !p || !step_is_shown(u) || !step_running(s, p) || !phasor_round(u, p, &s->newest_us))
		return;
	doctor_sample_take(u->profile, u->readings, &sample);
	event = step_take(&p->steps, &sample);
	if (p->steps.nseen)
		step_keep(s, &p->steps);
	if (event != STEP_NOTHING)
		step_note(s, step_event_text(&p->steps, event, text, sizeof(text)));
	if (event == STEP_JUDGED)
		phasor_judge(u, p);
	s->runs = !step_done(&p->steps);
	u->dirty = true;
}

/* What was begun and not judged would have a hole where nobody looked. */
static void step_screen_left(struct ui *u, void *state)
{
	struct step_screen *s = state;

	(void)u;
	if (s)
		s->runs = false;
}

static bool step_screen_key(struct ui *u, void *state, int key)
{
	struct step_screen *s = state;
	struct phasor *p = stage_state(u, &screen_phasor);

	if (!s || !p)
		return false;
	switch (keys_action(keys, NKEYS, key)) {
	case STEP_ANEW:
		p->steps = (struct step_watch){ 0 };
		*s = (struct step_screen){ 0 };
		phasor_judge(u, p);
		return true;
	case STEP_ALL:
		phasor_show_all(u, p);
		return true;
	default:
		return false;
	}
}

const struct screen_ops screen_step = {
	.open = step_screen_open,
	.close = free,
	.draw = step_screen_draw,
	.key_press = step_screen_key,
	.update = step_screen_update,
	.left = step_screen_left,
	.keys = keys,
	.nkeys = NKEYS,
};
