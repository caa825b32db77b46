/*
 * angles.h - the angle registers of a meter, and which way they count.
 *
 * Nothing printed says whether an ADW300 counts lag or lead, so P and Q of the
 * same moment decide, and angles that contradict them are not used.
 */
#ifndef METERCTL_DOCTOR_ANGLES_H
#define METERCTL_DOCTOR_ANGLES_H

#include "doctor.h"

struct angles {
	bool use;	/* they agree with P and Q */
	int sign;	/* 1 they count lag, -1 lead, 0: all so near to 0 or 180 that both fit */
	/* what has been seen so far, for a sign of 1 and of -1 */
	unsigned n;
	double error[2], worst[2], nearest;
};

/* A at the meter's input at full load: as told, else from the largest of I by the
 * ratings of section 3.2 of the ADW300 manual. */
double nominal_current(const struct doctor_options *o, const double i[3]);

/* Has input X of S the voltage, current and power that an angle needs? */
bool angles_input(const struct doctor_options *o, const struct doctor_sample *s, unsigned x);

/* Looks at one more sample; then what they all say. */
void angles_look(struct angles *a, const struct doctor_options *o,
		 const struct doctor_sample *s);
void angles_decide(struct angles *a);

/* Lag of the current of input X behind its own voltage, -180 to 180. */
double angles_lag(const struct angles *a, const struct doctor_sample *s, unsigned x);

/* Lags of the voltages behind the first when they turn as R says (UNKNOWN: ABC):
 * 120 degrees apart. With three wires those of the elements a-b and c-b, 60 degrees
 * apart, and none at b. */
void angles_grid(const struct doctor_options *o, enum doctor_rotation r, double lag[3]);

/* The same as far as the meter's angles tell them, and how they turn. */
enum doctor_rotation angles_voltages(const struct angles *a, const struct doctor_options *o,
				     const struct doctor_sample *s, double lag[3]);

#endif
