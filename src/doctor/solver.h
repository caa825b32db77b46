/*
 * solver.h - which wirings of the CTs explain the lags that were measured.
 */
#ifndef METERCTL_DOCTOR_SOLVER_H
#define METERCTL_DOCTOR_SOLVER_H

#include "doctor.h"

/* 6 orders x 8 polarities, under both rotations when that is not known */
#define SOLVER_MAX 96

struct puzzle {
	unsigned inputs;		/* whose lag is known */
	double lag[3];			/* of the current of an input behind its voltage */
	enum doctor_rotation rotation;	/* UNKNOWN: either */
	double u_lag[3];		/* of the voltages, when the rotation is known */
};

/* Lag that the load of phase of[x] has if W is how it is wired, for input X. */
double solver_load_lag(const struct puzzle *p, const struct doctor_options *o,
		       enum doctor_rotation r, const struct doctor_wiring *w, unsigned x);

struct solution {
	struct doctor_hypothesis list[SOLVER_MAX];	/* the likeliest first */
	size_t n;
	size_t rivals;		/* others inside the window, which were beaten */
	/* Of those and of the ones a little outside, the one with the fewest mistakes. */
	bool has_other;
	struct doctor_hypothesis other;
};

/* The wirings that explain P. One that another beats is not among them: by loads that
 * are more alike, or, in the default window, by having no mistake at all. */
void solver_run(const struct puzzle *p, const struct doctor_options *o, struct solution *s);

#endif
