/*
 * step.h - the guided load step on a screen of its own: step.c hands the readings of each round to
 * the doctor and keeps what is drawn, step_draw.c draws. What was seen is the Phasor screen's.
 */
#ifndef METERCTL_UI_SCREENS_STEP_H
#define METERCTL_UI_SCREENS_STEP_H

#include "doctor/step.h"
#include "ui/screen.h"
#include "phasor.h"

#define STEP_KEPT 240	/* readings that are drawn, a cell each */
#define STEP_NOTES 8
#define STEP_NOTE 160

struct step_screen {
	bool runs;		/* while it is shown, until all inputs are judged */
	int64_t newest_us;	/* monotonic: of the latest reading taken */
	double p[3][STEP_KEPT], q[3][STEP_KEPT];	/* kW, kvar; the newest last */
	size_t nkept;
	char note[STEP_NOTES][STEP_NOTE];	/* what was seen; the newest last */
	size_t nnotes;
};

/* S on Phasor: shows it, or says why no step can be judged. */
void step_begin_shown(struct ui *u);
/* Is it shown? Then it needs all that Phasor does, round after round. */
bool step_is_shown(const struct ui *u);

void step_screen_draw(struct ui *u, void *state, WINDOW *w);

#endif
