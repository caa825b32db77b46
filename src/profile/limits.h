/*
 * limits.h - what standards allow, to hold readings against. Pure.
 */
#ifndef METERCTL_PROFILE_LIMITS_H
#define METERCTL_PROFILE_LIMITS_H

/* Percent of the fundamental that the 10 min means of the voltage harmonic ORDER (from
 * the 2nd) at the supply terminals stay within for 95 % of a week: EN 50160:2010,
 * 4.2.5, table 1. INFINITY above the 25th: it gives none. */
double limits_voltage_harmonic(int order);

#endif
