/*
 * report.h - the commissioning report from the screens.
 */
#ifndef METERCTL_UI_SCREENS_REPORT_H
#define METERCTL_UI_SCREENS_REPORT_H

#include "ui/screen.h"

/* Has one made of the meter of the screens, with HEAD, the options of the Phasor
 * screen and what was typed on Ratio, and of a meter that sends by itself with
 * the samples of the one and the proof of its uplink when that has ended. */
int report_begin(struct ui *u, const struct job_head *head, struct err *e);
/* Into R, what the Phasor screen has: its samples, and what it was told of the site. */
void report_phasor(struct ui *u, struct job_report *r);
/* It is there, or why it is not. */
void report_done(struct ui *u, const struct job *w);

#endif
