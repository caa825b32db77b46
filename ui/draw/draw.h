/*
 * draw.h - what the screens draw with: roles, clean clipped text, values.
 */
#ifndef METERCTL_UI_DRAW_DRAW_H
#define METERCTL_UI_DRAW_DRAW_H

#include <curses.h>

#include "ui/bus/model.h"

/* What a cell means; ui_attr() turns it into colour, bold, dim or plain. Never
 * the only sign of a state: a word or mark always stands beside it. */
enum role {
	ROLE_NORMAL, ROLE_DIM, ROLE_LABEL, ROLE_TITLE, ROLE_SELECTED, ROLE_KEY,
	ROLE_GOOD, ROLE_WARN, ROLE_BAD, ROLE_CHANGED,
	ROLE_ARMED,		/* writing is allowed */
	ROLE_PHASE_A, ROLE_PHASE_B, ROLE_PHASE_C, ROLE_COUNT
};

attr_t ui_attr(const struct ui *u, enum role r);
/* Value of KEY right-aligned in WIDTH cells at Y,X: "--" when never read, dim
 * when stale, "err" when failed. Decimals are the point's. */
void ui_value(const struct ui *u, WINDOW *w, int y, int x, int width, const char *key);
/* Text that may come from outside, cleaned, clipped to WIDTH cells (UTF-8 aware).
 * Write it in UTF-8: with u->ascii, box lines, arrows, marks and signs become
 * their ASCII twins here ("°" is the only one that grows: "deg"). */
void ui_text(const struct ui *u, WINDOW *w, int y, int x, int width, enum role r, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* The same, ending at the right edge of WIDTH cells. */
void ui_right(const struct ui *u, WINDOW *w, int y, int x, int width, enum role r, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* A thin line of WIDTH cells. */
void ui_rule(const struct ui *u, WINDOW *w, int y, int x, int width);
/* Appends KEY to SEL when the profile has it. */
void ui_want(const struct ui *u, struct selection *sel, const char *key);

/* Sets up the colours; u->mono becomes true when there are none. */
void draw_init(struct ui *u);
/* Colours for the background that U->light says. */
void draw_theme(const struct ui *u);

/* Cells that S takes. */
int draw_width(const char *s);
/* SRC as ui_text() would show it. Returns BUF. */
const char *draw_clean(const struct ui *u, const char *src, char *buf, size_t size);

/* Cuts TEXT at spaces into at most MOST rows of WIDTH bytes (the last takes what
 * is left): where each begins and its bytes. Returns how many there are. */
int draw_wrap(const char *text, int width, const char **row, int *len, int most);
#define UI_WRAP_ROWS 6
/* TEXT so, in at most ROWS rows (up to UI_WRAP_ROWS) from Y on. Returns how many. */
int ui_wrap(const struct ui *u, WINDOW *w, int y, int x, int width, int rows, enum role r, const char *text);

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
/* A time in few cells and one unit: "119 s", "5 min", "3 h", "2 d". Returns BUF. */
const char *draw_span(int64_t us, char *buf, size_t size);
/* How long ago that was, likewise. */
const char *draw_age(const struct ui *u, int64_t mono_us, char *buf, size_t size);

/* Appends IDX to SEL; without memory it is left out. */
void draw_want(struct selection *sel, uint16_t idx);

/* The ratio at KEY, 1 while it is not known. */
double draw_ratio(const struct ui *u, const char *key);
/* The same when it is known: with a stale value it is still what the others were made with. */
bool draw_ratio_known(const struct ui *u, const char *key, double *out);
/* Those that make a primary value are to be read. */
void draw_want_ratios(const struct ui *u, struct selection *sel);
/* Is point KEY below zero at present? */
bool draw_negative(const struct ui *u, const char *key);

#endif
