/*
 * alarm.h - thresholds and delays, digital inputs and outputs.
 */
#ifndef METERCTL_SIM_ALARM_H
#define METERCTL_SIM_ALARM_H

#include "site.h"

/* Mean powers and currents over the demand window. The first five have limits. */
enum {
	DEMAND_ACTIVE_IMPORT, DEMAND_ACTIVE_EXPORT, DEMAND_REACTIVE_IMPORT,
	DEMAND_REACTIVE_EXPORT, DEMAND_APPARENT, DEMAND_LIMITS,
	DEMAND_ACTIVE_NET = DEMAND_LIMITS, DEMAND_CURRENT, DEMANDS = DEMAND_CURRENT + 4
};

struct limit {
	double threshold;	/* in the unit of what is watched */
	double delay;		/* s */
};

struct output {
	double on;		/* by remote control */
	double pulse;		/* mode: 0 level, 1 pulse */
	double source;		/* 0 remote 1 any alarm 2 any alarm + DI1 + DI2 3 DI1 4 DI2
				   5 DI1 + DI2 (ADW300 manual 6.3.1) */
	double width;		/* s */
};

struct alarm_settings {
	double enable[3];	/* words of alarm 1 to 3 */
	struct limit limits[3][16];	/* by bit; those of alarm 1 end at bit 5 */
	struct limit residual;		/* kept, but no bit tells of it (6.3.2) */
	double closed_is_normal[4], linked[4];	/* of the inputs; linked: 0 none, output number */
	struct output output[2];
};

struct alarm {
	unsigned status[3];	/* words of alarm 1 to 3 */
	unsigned inputs;	/* bit 0 is DI1 */
	bool on[2];		/* the outputs */
	double held[3][16];	/* s a condition has been true */
	bool wanted[2];
	double pulse_left[2];
};

/* DT seconds have passed; M and DEMAND are as they stand now. With DT 0 only
 * the outputs follow a change of settings. */
void alarm_run(struct alarm *a, const struct alarm_settings *set, double nominal,
	       const struct moment *m, const double demand[DEMANDS], double dt);

#endif
