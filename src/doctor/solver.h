/*
 * solver.h - which wirings of the CTs explain the lags that were measured, and how likely
 * each is.
 */
#ifndef METERCTL_DOCTOR_SOLVER_H
#define METERCTL_DOCTOR_SOLVER_H

#include "doctor.h"

#define SOLVER_MAX 48		/* 6 orders x 8 polarities */

struct puzzle {
	unsigned inputs;		/* whose lag is known */
	unsigned conductors;		/* that there are: none of the others can be in a CT */
	double lag[3];			/* of the current of an input behind its voltage */
	enum doctor_rotation rotation;	/* UNKNOWN: either */
	double u_lag[3];		/* of the voltages, when the rotation is known */
};

struct solution {
	struct doctor_hypothesis list[SOLVER_MAX];	/* all, the likeliest first */
	size_t all;
	size_t n;		/* of those, that count: each of SOLVER_RIVAL or more */
	double anything;	/* that it is none of them */
};

/* A verdict by a wiring is one beside which none of the others is so likely. */
#define SOLVER_RIVAL 0.0075

/* The wirings that explain P, by Bayes' rule over what odds.h holds likely. */
void solver_run(const struct puzzle *p, const struct doctor_options *o, struct solution *s);

#endif
