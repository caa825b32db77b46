/*
 * check_correction.h - what `check --correction` says of the energy that a fault has cost.
 */
#ifndef METERCTL_CMD_CHECK_CORRECTION_H
#define METERCTL_CMD_CHECK_CORRECTION_H

#include <stdio.h>

#include "doctor/correction.h"

void check_correction_print(FILE *out, const struct correction *c, const struct correction_energy *energy);

#endif
