/*
 * odds.h - what the doctor holds likely before it has seen a site: how often leads are
 * confused, which loads there are, how a phase looks that feeds in. The only guesses
 * behind a verdict, and all of them; meterctl(1), WIRING CHECK, has them as a table.
 *
 * Densities are per degree. Lags are those of the load of a conductor behind its own
 * voltage: within 90 degrees of 0 power flows in, beyond it flows out.
 */
#ifndef METERCTL_DOCTOR_ODDS_H
#define METERCTL_DOCTOR_ODDS_H

#include "doctor.h"

/* That somebody has wired it like W; 1 is that he has wired it right. Of a window of
 * power factors that a person gives, mistakes count less: all that it allows is named. */
double odds_wiring(const struct doctor_options *o, const struct doctor_wiring *w);

/* That it turns as R says, when nothing shows it. */
double odds_rotation(enum doctor_rotation r);

/* That N conductors have the loads LAG, those whose power flows out being feed-in if the
 * site may have any. *FEEDS_IN: of the conductors, the bits I of those that then do. */
double odds_loads(const struct doctor_options *o, const double *lag, unsigned n, unsigned *feeds_in);

/* That N lags come of something else: voltages that are not what they seem, two CTs on
 * one conductor, loads like none here. */
double odds_anything(unsigned n);

#endif
