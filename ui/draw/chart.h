/*
 * chart.h - bars and sparklines, each with an ASCII twin.
 */
#ifndef METERCTL_UI_DRAW_CHART_H
#define METERCTL_UI_DRAW_CHART_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>

/* A vertical bar of FRACTION (0..1) growing up from row Y (its bottom), HEIGHT
 * cells: eighth blocks, or '.', ':' and '#'. */
void chart_vbar(WINDOW *w, int y, int x, int height, double fraction, bool ascii);
/* The newest WIDTH values as one row; NAN leaves a gap. */
void chart_spark(WINDOW *w, int y, int x, int width, const double *v, size_t n,
		 double min, double max, bool ascii);
/* Signal strength as four rising steps, and how many of them are lit. */
void chart_signal(WINDOW *w, int y, int x, int lit, bool ascii);

#endif
