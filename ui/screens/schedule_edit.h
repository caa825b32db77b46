/*
 * schedule_edit.h - a table of beginnings, being edited: times of day with their rate
 * (TYPE_DAYTABLE) or dates with their day table (TYPE_ZONES); and the day or the
 * year it makes, as a bar.
 */
#ifndef METERCTL_SLOTS_H
#define METERCTL_SLOTS_H

#include "ui/screen.h"

#define SLOTS_MOST 14

struct slot {
	int major, minor;	/* hour and minute; month and day */
	int what;		/* index into the names of the rates or tables */
};

struct slots {
	enum point_type type;
	struct slot slot[SLOTS_MOST];
	int n;
	int at;			/* the one chosen */
	char typed[5];		/* digits of its beginning, so far */
};

/* From what codec_format() makes of such a point. False: not such a table. */
bool slots_parse(struct slots *s, enum point_type type, const char *text);
/* ... and as codec_parse() takes it. Returns BUF. */
const char *slots_format(const struct slots *s, char *buf, size_t size);

/* What is wrong with it, in words; NULL when nothing is. */
const char *slots_wrong(const struct slots *s, char *buf, size_t size);

/* True: the key changed it or moved in it. */
bool slots_key(struct slots *s, int key);

/* The rows, in two columns from X on; WIDTH cells. Returns how many lines. */
int slots_draw(const struct ui *u, WINDOW *w, int y, int x, int width, const struct slots *s);
/* The day or the year in WIDTH cells, with a scale below it: two lines. */
void slots_bar(const struct ui *u, WINDOW *w, int y, int x, int width, const struct slots *s);
/* What the shades of the bar mean: one line. */
void slots_legend(const struct ui *u, WINDOW *w, int y, int x, int width, enum point_type type);

#endif
