/*
 * angle.h - angles in degrees.
 */
#ifndef METERCTL_DOCTOR_ANGLE_H
#define METERCTL_DOCTOR_ANGLE_H

#include <math.h>

#define DEGREE (M_PI / 180)

/* The same angle in -180 to 180, or in 0 to 360. */
static inline double angle_wrap(double a)
{
	return remainder(a, 360);
}

static inline double angle_circle(double a)
{
	double c = fmod(a, 360);

	return c < 0 ? c + 360 : c;
}

/* How far apart, 0 to 180. */
static inline double angle_between(double a, double b)
{
	return fabs(angle_wrap(a - b));
}

/* Lag of a current whose input takes P and Q. */
static inline double angle_lag(double p, double q)
{
	return atan2(q, p) / DEGREE;
}

#endif
