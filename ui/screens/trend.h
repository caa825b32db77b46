/*
 * trend.h - what the parts of the Trend screen share: trend.c samples and takes
 * keys, trend_draw.c draws, trend_pick.c chooses points.
 */
#ifndef METERCTL_UI_SCREENS_TREND_H
#define METERCTL_UI_SCREENS_TREND_H

#include "ui/draw/list.h"

#define TREND_MAX 12		/* points at a time */
#define TREND_WINDOWS 4
#define SECOND_US 1000000LL

struct trend_line {
	struct ui_trend *samples;	/* about one a second, never more */
	int64_t usual_us;	/* between two samples, smoothed; where the meter uploads by
				   itself, a part of its interval */
};

/* The list to choose from, while it is open. */
struct trend_pick {
	bool open;
	struct field find;
	uint16_t *match;	/* points that FIND leaves */
	int nmatch;
	struct list list;	/* of them */
};

struct trend {
	struct trend_line line[TREND_MAX];
	int n, cursor;
	int window;		/* 0 .. TREND_WINDOWS - 1 */
	bool alone;		/* only the chosen point, not all of its unit */
	bool zero;		/* the scale begins at zero */
	bool paused;
	int64_t held_us, held_wall_us;	/* right edge while paused */
	struct trend_pick pick;
};

extern const int trend_minutes[TREND_WINDOWS];

/* Sample I of S, 0 the oldest. */
size_t trend_sample(const struct ui_trend *s, uint32_t i);
/* Are two samples so far apart that the meter was silent between them? */
bool trend_gap(const struct trend_line *l, int64_t from_us, int64_t to_us);
/* Right edge of what is shown, monotonic. */
int64_t trend_end(const struct ui *u, const struct trend *t);
/* The line of point IDX, or -1. */
int trend_line_of(const struct trend *t, uint16_t idx);
/* False: there are TREND_MAX already, or no memory. */
bool trend_add(struct trend *t, uint16_t idx);
void trend_remove(struct trend *t, int line);

/* Its rows alone, on another screen, in COLS cells. False: there are none. */
bool trend_draw_beside(struct ui *u, WINDOW *w, int y, int x, int rows, int cols);
void trend_draw(struct ui *u, void *state, WINDOW *w);

void pick_open(const struct ui *u, struct trend *t);
void pick_draw(const struct ui *u, struct trend *t, WINDOW *w);
bool pick_key(struct ui *u, struct trend *t, int key);

#endif
