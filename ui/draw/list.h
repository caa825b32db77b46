/*
 * list.h - rows of which one is chosen, or which only scroll: its keys, its place on the
 * screen, finding, and a cursor that stays on its item when rows come, go or change places.
 * The screen that has one says how many rows there are and draws them.
 */
#ifndef METERCTL_UI_DRAW_LIST_H
#define METERCTL_UI_DRAW_LIST_H

#include "field.h"

/* A click into the body, as screens get it: cells from its upper left corner. */
#define KEY_CLICK(y, x) (KEY_MAX + 1 + ((y) << 12 | (x)))
#define KEY_CLICK_Y(key) (((key) - KEY_MAX - 1) >> 12)
#define KEY_CLICK_X(key) (((key) - KEY_MAX - 1) & 0xFFF)

struct list_ops {
	/* Which item row ROW is of, any number that is its own. NULL: rows stay where they are. */
	intptr_t (*item)(const struct ui *u, const void *of, int row);
	/* Is TEXT, which is not empty, in row ROW? NULL: `/` finds nothing here. */
	bool (*has)(const struct ui *u, const void *of, int row, const char *text);
	/* Is it what TEXT names? Such a row is found before those that only have it. NULL: none is. */
	bool (*named)(const struct ui *u, const void *of, int row, const char *text);
	const char *nowhere;	/* "no key or name": where a text is that no row has */
	bool first_stays;	/* a cursor on the first row stays there, whatever row that is then */
	bool scrolls;		/* no row is chosen: the keys move what is in sight */
	bool creeps;		/* PgUp and PgDn move what is in sight only as far as the cursor asks for */
};

struct list {
	const struct list_ops *ops;
	const void *of;		/* what the ops are told; the screen's state */
	int n;			/* rows */
	int at;			/* the row chosen; of one that scrolls the first in sight, or the one found */
	int top, height;	/* first row in sight, and how many there is room for */
	int y, x, width;	/* where they are drawn in the body; width 0: to its right edge */
	struct field find;
	bool finding;		/* what is typed goes there */
	int from;		/* the row where that began */
	intptr_t item;		/* of row AT when it was last looked at */
};

/* OPS and OF must outlive L. The first row is drawn in row Y of the body. */
void list_init(struct list *l, const struct list_ops *ops, const void *of, int y);
/* There are N rows now and room for HEIGHT: to be told before L is used, whenever that may have
 * changed. The cursor is on its item and in sight then. */
void list_fit(const struct ui *u, struct list *l, int n, int height);
void list_go(const struct ui *u, struct list *l, int to);
/* True: the key (also a click, KEY_CLICK) was L's. One that is being found takes every key. */
bool list_key(struct ui *u, struct list *l, int key);
/* For has() of a list of points: key and name. */
bool list_point_has(const struct ui *u, uint16_t idx, const char *text);
/* For named(): the last step of its key is TEXT. */
bool list_point_named(const struct ui *u, uint16_t idx, const char *text);
/* Has one in which something is being found been drawn since list_find_none()? */
bool list_find_shown(void);
void list_find_none(void);
/* While something is being found, the line to type it in takes the place of row Y of W. */
void list_draw_find(const struct ui *u, WINDOW *w, int y, const struct list *l);

/* For the help page (a table of struct keyrow): what list_key() does. */
#define LIST_KEYS \
	{ KEY_UP, ACTION_NONE, "↑ ↓", NULL, "one row" }, \
	{ KEY_NPAGE, ACTION_NONE, "PgUp PgDn", NULL, "one page" }, \
	{ KEY_HOME, ACTION_NONE, "Home End", NULL, "first and last; g and G are the same" }
#define LIST_FIND_KEYS \
	{ '/', ACTION_NONE, "/", NULL, "find; n the next one found, N the one before" }

#endif
