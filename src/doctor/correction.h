/*
 * correction.h - what a wiring fault has cost: the factor from registered to right energy.
 */
#ifndef METERCTL_DOCTOR_CORRECTION_H
#define METERCTL_DOCTOR_CORRECTION_H

#include "doctor.h"

struct correction {
	bool known;
	const char *why_not;		/* where it is not known; static */
	double k;			/* right / registered active power, over all elements */
	double uncertainty;		/* of K, expanded (k = 2) */
	double input[3];		/* the same of each input; NAN: not known, or it registers
					   under 5 % of right */
	double registered, right;	/* kW, means of the readings */
	double lag;			/* of the loads, degrees: the power factor it rests on */
};

/* K of the fault that V found in the N samples, which it was made of. It holds for the
 * power factor of now; and where that was the same, for the energy since the fault. */
void correction_make(const struct doctor_sample *samples, size_t n, const struct doctor_options *o,
		     const struct doctor_verdict *v, struct correction *c);

/* What K makes of energy that was registered with that wiring, kWh. */
struct correction_energy {
	bool known;
	const char *why_not;		/* else; static */
	double registered;		/* as given; NAN: not */
	double right, uncertainty, difference;	/* difference: right less registered */
};

/* Of REGISTERED, which somebody says. 0: nobody has. */
void correction_energy_said(const struct correction *c, double registered, struct correction_energy *out);
/* Of what the registers counted, import less export. */
void correction_energy_counted(const struct correction *c, const struct tally *r, struct correction_energy *out);

#endif
