/*
 * editor.h - the new value of one setting, being made: typed, chosen, ticked or
 * laid out as a table.
 */
#ifndef METERCTL_UI_SCREENS_EDITOR_H
#define METERCTL_UI_SCREENS_EDITOR_H

#include "ui/draw/field.h"
#include "schedule_edit.h"

enum editor_kind {
	EDITOR_NONE,	/* closed */
	EDITOR_TEXT, EDITOR_CHOICE, EDITOR_BITS, EDITOR_SCHEDULE,
	EDITOR_HEX	/* a table that cannot be decoded: to be seen only */
};

struct editor {
	enum editor_kind kind;
	uint16_t idx;		/* point */
	struct field field;	/* EDITOR_TEXT */
	bool fresh;		/* ... as it was opened: what is typed takes its place */
	size_t choice;		/* EDITOR_CHOICE */
	unsigned word;		/* EDITOR_BITS */
	int at;			/* EDITOR_BITS: which */
	struct schedule schedule;
	struct err err;		/* what is wrong with it now */
};

enum editor_end { EDITOR_STAYS, EDITOR_KEEPS, EDITOR_LEAVES };

/* Begins with TEXT, or with what the meter holds when it is NULL. */
void editor_open(const struct ui *u, struct editor *ed, uint16_t idx, const char *text);
/* EDITOR_KEEPS: editor_text() is the new value. */
enum editor_end editor_key(const struct ui *u, struct editor *ed, int key);
/* The value as plan_add() takes it. Returns BUF. */
const char *editor_text(const struct ui *u, const struct editor *ed, char *buf, size_t size);

/* Its keys, for the key bar; NULL: it is closed. N: how many. */
const struct keyrow *editor_keys(const struct editor *ed, size_t *n);
/* Does it need the whole body? Else it is drawn in WIDTH cells of its row. */
bool editor_is_page(const struct editor *ed);
void editor_draw_page(const struct ui *u, WINDOW *w, const struct editor *ed);
void editor_draw(const struct ui *u, WINDOW *w, int y, int x, int width, const struct editor *ed);

#endif
