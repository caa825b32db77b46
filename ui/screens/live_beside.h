/*
 * live_beside.h - what stands around the table of Live where the terminal is large: the
 * phasors of the last sample, and the course of what Trend follows.
 */
#ifndef METERCTL_UI_SCREENS_LIVE_BESIDE_H
#define METERCTL_UI_SCREENS_LIVE_BESIDE_H

#include "ui/draw/draw.h"

/* In the rows from Y to LAST of W, and right of column X in those above. Nothing in fewer than
 * 120 columns. */
void live_beside_draw(struct ui *u, WINDOW *w, int x, int y, int last);

#endif
