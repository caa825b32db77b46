/*
 * drawing.h - the drawings of a report as inline SVG: no script, no link, nothing
 * but numbers and names of this program. Phases are told apart by letter and by
 * line or filling, colour comes on top.
 */
#ifndef METERCTL_REPORT_DRAWING_H
#define METERCTL_REPORT_DRAWING_H

#include <stdbool.h>
#include <stdio.h>

#include "doctor/doctor.h"

#define DRAWING_FIRST 2		/* orders of the harmonics */
#define DRAWING_LAST 31
#define DRAWING_ORDERS (DRAWING_LAST - DRAWING_FIRST + 1)

void drawing_phasors(FILE *f, const struct doctor_phasors *p);
/* Percent of the fundamental, NAN where there is none; VOLTAGE: with the limits of
 * EN 50160. TITLE is this program's own. */
void drawing_harmonics(FILE *f, const char *title, double percent[3][DRAWING_ORDERS], bool voltage);

#endif
