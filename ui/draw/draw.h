/*
 * draw.h - the parts of draw.c that more than one screen needs beside the
 * services in screen.h.
 */
#ifndef METERCTL_UI_DRAW_DRAW_H
#define METERCTL_UI_DRAW_DRAW_H

#include "ui/screen.h"

/* Sets up the colours; u->mono becomes true when there are none. */
void draw_init(struct ui *u);

/* Cells that S takes. */
int draw_width(const char *s);
/* SRC as ui_text() would show it. Returns BUF. */
const char *draw_clean(const struct ui *u, const char *src, char *buf, size_t size);

/* Cuts TEXT at spaces into at most MOST rows of WIDTH bytes (the last takes what
 * is left): where each begins and its bytes. Returns how many there are. */
int draw_wrap(const char *text, int width, const char **row, int *len, int most);

/* V with at most DECIMALS, fewer when it would not fit WIDTH. Returns BUF. */
const char *draw_number(double v, int decimals, int width, char *buf, size_t size);

/* The number of point IDX on the meter's or the primary side, and how many
 * decimals it is worth. False: its primary side is not known. */
bool draw_side(const struct ui *u, size_t idx, bool primary, double *v, int *decimals);

/* As ui_value(), with the side chosen by the caller. */
void draw_value(const struct ui *u, WINDOW *w, int y, int x, int width,
		size_t idx, bool primary);

/* The unit as it is written beside a value: "°C" for degC. */
const char *draw_unit(const struct point *p);

/* ... and of what has been read: where the point has none, that of the message which
 * brought it ("dBm"). */
const char *draw_reading_unit(const struct point *p, const struct reading *r);
/* How long ago that was, in few cells: "12 s", "5 min". Returns BUF. */
const char *draw_age(const struct ui *u, int64_t mono_us, char *buf, size_t size);

/* Appends IDX to SEL; without memory it is left out. */
void draw_want(struct selection *sel, uint16_t idx);

/* The ratio at KEY, 1 while it is not known. */
double draw_ratio(const struct ui *u, const char *key);
/* Is point KEY below zero at present? */
bool draw_negative(const struct ui *u, const char *key);

#endif
