/*
 * ratio.h - a transformer ratio as it stands on the transformer: "200/5",
 * "10kV/100V", or plainly 40. Pure.
 */
#ifndef METERCTL_PROFILE_RATIO_H
#define METERCTL_PROFILE_RATIO_H

#include <stdbool.h>

#include "base/err.h"

/* *RATIO as written, perhaps no whole number: "100/3" is 33.33. Units A, kA, V
 * and kV may stand behind either side, ':' for '/', blanks anywhere between.
 * ERR_USAGE: not a ratio, volts over amperes, a side that is not above zero. */
int ratio_parse(const char *text, double *ratio, struct err *e);

/* The two sides, in A or V. *SECONDARY is 0 when TEXT is a plain number, which
 * then is *PRIMARY. */
int ratio_sides(const char *text, double *primary, double *secondary, struct err *e);

/* Is HELD, of a meter, the ratio of the transformers? To a thousandth: a tenth of what a
 * meter of class 1 may be off. */
bool ratio_same(double ratio, double held);

/* A transformer of x/5 or x/1 says what full load is at the meter: 5 or 1 (A); 0: TEXT, which
 * may be NULL, says nothing of it. */
double ratio_full_load(const char *text);

#endif
