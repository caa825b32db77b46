/*
 * coach.h - what a transformer ratio does to the values, and whether it is the
 * right one: against a clamp meter on the conductors. Pure.
 *
 * It is not printed whether the ADW300 multiplies by PT and CT itself
 * (reference: manual V1.3, 6.2); so a clamp value is held against both.
 */
#ifndef METERCTL_DOCTOR_COACH_H
#define METERCTL_DOCTOR_COACH_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/profile.h"
#include "profile/value.h"

#define COACH_LINES 11
#define COACH_PHASES 3
#define COACH_LOAD_LEAST 2.0	/* percent of the rated current */

struct coach_ratios {
	double pt, ct;
};

/* One quantity on both sides of the transformers. NAN: not known. */
struct coach_line {
	const char *label;		/* "U A" */
	const struct point *point;
	double input;			/* at the meter's terminals */
	double before, after;		/* on the primary side */
};

/* U, I, P of each phase, their total and the demand, as far as P has them, with
 * the ratios the meter holds (NOW) and those it is to hold (THEN). APPLIED: the
 * readings are primary values already. Returns how many lines. */
size_t coach_lines(const struct profile *p, const struct reading *readings,
		   const struct coach_ratios *now, const struct coach_ratios *then,
		   bool applied, struct coach_line out[COACH_LINES]);

enum coach_verdict {
	COACH_NOTHING,		/* no clamp value, or no reading, or no ratio */
	COACH_FITS,		/* with CT 1 in the meter both readings of it are the same */
	COACH_INPUT,		/* reading x CT is the clamp's: the meter does not multiply */
	COACH_APPLIED,		/* reading is the clamp's: the meter multiplies itself */
	COACH_MISMATCH,		/* neither: `fits` would */
	COACH_ONE_SIDED,	/* one of the two sees next to nothing */
	COACH_TOO_LITTLE,	/* load below COACH_LOAD_LEAST: proves nothing */
	COACH_MIXED		/* of all phases: they do not agree */
};

struct coach_question {
	double now, then;		/* CT the meter holds; CT to be judged */
	double rated;			/* secondary of the CT, A; 0: not known, taken for 5 */
	double step;			/* resolution of the readings, A */
	double reading[COACH_PHASES];	/* as the meter says; NAN: none */
	double clamp[COACH_PHASES];	/* on the primary conductor, A; NAN: not measured */
};

struct coach_phase {
	enum coach_verdict verdict;
	double load;		/* percent of the rated current */
	double shown;		/* A, primary, as the meter would be understood with THEN */
	double error;		/* of `shown` against the clamp, percent */
	double fits;		/* COACH_MISMATCH: the CT with which it would fit */
};

struct coach_answer {
	struct coach_phase phase[COACH_PHASES];
	enum coach_verdict all;
	int odd;		/* COACH_MIXED: the phase that differs from the others, or -1 */
};

/* The question of whether the CT that a meter holds is the right one, from its READINGS
 * (p->npoints of them), CLAMP and the RATED secondary (0: not known). False: no phase has
 * a clamp value. */
bool coach_ask(const struct profile *p, const struct reading *readings, const double clamp[COACH_PHASES],
	       double rated, struct coach_question *q);

void coach_clamp(const struct coach_question *q, struct coach_answer *a);
/* "fits", "mismatch", "too-little", "nothing": as the report has it */
const char *coach_verdict_name(enum coach_verdict v);

/* A phase, or all of them (PHASE -1), in plain words. Returns BUF. */
const char *coach_text(const struct coach_question *q, const struct coach_answer *a,
		       int phase, char *buf, size_t size);

/* What TEXT means as a ratio, or why it means none: for the line below a field.
 * "200/5 = 40". Returns BUF. */
const char *coach_ratio_text(const char *text, char *buf, size_t size);

#endif
