/*
 * chart.h - bars, sparklines and a dot canvas, each with an ASCII twin.
 */
#ifndef METERCTL_CHART_H
#define METERCTL_CHART_H

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

/* Dots: 2 x 4 to a cell in braille, 1 x 2 to a cell in ASCII ('.', '\'', ':'). */
struct canvas;
struct canvas *canvas_new(int cells_wide, int cells_high, bool ascii);
void canvas_free(struct canvas *c);
int canvas_width(const struct canvas *c);	/* in dots */
int canvas_height(const struct canvas *c);
void canvas_dot(struct canvas *c, int x, int y, int layer);	/* layer: whose colour wins, 0.. */
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1, int layer);
/* ATTRS[layer] colours the cells. */
void canvas_draw(const struct canvas *c, WINDOW *w, int y, int x,
		 const attr_t *attrs, int nattrs);

#endif
