/*
 * phasor.h - what the parts of the Phasor screen share: phasor.c takes samples
 * and keys, phasor_draw.c draws.
 */
#ifndef METERCTL_UI_SCREENS_PHASOR_H
#define METERCTL_UI_SCREENS_PHASOR_H

#include "doctor/step.h"
#include "ui/screen.h"

struct phasor {
	struct doctor_options options;
	size_t window;			/* of the power factors that can be chosen */
	int *idx;			/* points of doctor_key(), -1: the profile has none */
	size_t nidx, nhave;
	struct reading *whole;		/* those of one round, profile->npoints */
	struct doctor_sample samples[DOCTOR_SAMPLES];	/* the newest last */
	size_t nsamples;
	size_t nvalues;			/* most that were in one */
	int64_t sampled_us, judged_us;	/* monotonic; 0: not yet */
	struct doctor_phasors seen;	/* in the newest sample */
	struct doctor_verdict verdict;	/* on all of them */
	size_t finding;			/* which is shown */
	struct step_watch steps;	/* load steps that were seen: they count in the verdict */

	/* What if it were wired like this, and put right? */
	bool what_if;
	struct doctor_wiring new_value;
	struct doctor_phasors then;	/* what would be seen */
};

/* Shows the screen, told about the site by SITE (NULL: as it has been). */
void phasor_check(struct ui *u, const struct doctor_options *site);

/* The verdict anew: by the samples, and by load steps. */
void phasor_judge(struct ui *u, struct phasor *s);
/* Is there a whole round newer than NEWEST, which becomes that of its latest reading? */
bool phasor_round(const struct ui *u, const struct phasor *s, int64_t *newest);

/* What is surely wrong, as a screen's `worst`. */
bool phasor_worst(struct ui *u, void *state, struct screen_worst *out);
/* The inputs (bits) whose voltage, or current, that is about. */
unsigned phasor_voltages(struct ui *u);
unsigned phasor_currents(struct ui *u);
/* Is a sample to be read for it while another screen is shown? */
bool phasor_due(const struct ui *u, const struct phasor *s);

/* "12 s ago" of the newest sample. Returns BUF. */
const char *phasor_age_text(const struct ui *u, const struct phasor *s, char *buf, size_t size);
/* Too old to be shown as present? */
bool phasor_old(const struct ui *u, const struct phasor *s);
/* How far the current of input X lags its own voltage, -180 to 180; NAN. */
double phasor_lag(const struct doctor_phasors *p, unsigned x);
/* Would that be inside the window of power factors, if what is to be set were so? */
bool phasor_inside(const struct phasor *s, unsigned x);
/* The candidates that can be chosen among. */
size_t phasor_candidates(const struct phasor *s);
/* Which of them is to be set; phasor_candidates() when none of them is. */
size_t phasor_choice(const struct phasor *s);

/* "CT b reversed: loads of PF 0.92 lag, 3° apart". Returns BUF. */
const char *phasor_candidate_text(const struct doctor_hypothesis *h, char *buf, size_t size);

/* ROWS from Y on, as many as there is something for. */
void phasor_draw_table(const struct ui *u, WINDOW *w, const struct phasor *s, int y, int x, int rows);
void phasor_draw_words(const struct ui *u, WINDOW *w, const struct phasor *s, int y, int rows);
/* The whole verdict on a page of its own. */
void phasor_show_all(struct ui *u, const struct phasor *s);

/* The diagram alone, of the newest sample, on another screen. False: there is none. */
bool phasor_draw_beside(struct ui *u, WINDOW *w, int y, int x, int rows, int cells);

void phasor_draw(struct ui *u, void *state, WINDOW *w);

#endif
