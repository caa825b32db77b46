/*
 * schedule_edit.h - a table of beginnings, being edited: times of day with their rate
 * (TYPE_DAYTABLE) or dates with their day table (TYPE_ZONES); and the day or the
 * year it makes, as a bar.
 */
#ifndef METERCTL_UI_SCREENS_SCHEDULE_EDIT_H
#define METERCTL_UI_SCREENS_SCHEDULE_EDIT_H

#include "ui/screen.h"

#define SCHEDULE_MAX 14

struct slot {
	int major, minor;	/* hour and minute; month and day */
	int what;		/* index into the names of the rates or tables */
};

struct schedule {
	enum point_type type;
	struct slot slot[SCHEDULE_MAX];
	int n;
	int at;			/* the one chosen */
	char typed[5];		/* digits of its beginning, so far */
};

/* From what codec_format() makes of such a point. False: not such a table. */
bool schedule_parse(struct schedule *s, enum point_type type, const char *text);
/* ... and as codec_parse() takes it. Returns BUF. */
const char *schedule_format(const struct schedule *s, char *buf, size_t size);

/* What is wrong with it, in words; NULL when nothing is. */
const char *schedule_wrong(const struct schedule *s, char *buf, size_t size);

/* True: the key changed it or moved in it. */
bool schedule_key(struct schedule *s, int key);

/* The rows, in two columns from X on; WIDTH cells. Returns how many lines. */
int schedule_draw(const struct ui *u, WINDOW *w, int y, int x, int width, const struct schedule *s);
/* The day or the year in WIDTH cells, with a scale below it: two lines. */
void schedule_bar(const struct ui *u, WINDOW *w, int y, int x, int width, const struct schedule *s);
/* What the shades of the bar mean: one line. */
void schedule_legend(const struct ui *u, WINDOW *w, int y, int x, int width, enum point_type type);

#endif
