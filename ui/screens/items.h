/*
 * items.h - what stands on the Registers screen when the link has none: the items of the
 * dialect, what each means and who says so.
 */
#ifndef METERCTL_UI_SCREENS_ITEMS_H
#define METERCTL_UI_SCREENS_ITEMS_H

#include "mqtt/dialects/dialect.h"
#include "ui/screen.h"

#define ITEMS_MAX 128

/* One row of the list. */
struct item_row {
	const struct dialect *dialect;
	const struct dialect_item *item;
};

struct items {
	int at, top;		/* row chosen, first row in sight */
};

/* The rows for U: those of its dialect, then what has come in messages of others. */
int items_rows(const struct ui *u, struct item_row *rows);

void items_draw(const struct ui *u, struct items *s, WINDOW *w);
/* BY rows on; the ends hold. */
void items_step(const struct ui *u, struct items *s, int by);
/* How many rows there is room for. */
int items_height(const struct ui *u);
/* To the next row from FROM on, round the end, with TEXT in name or key. */
bool items_find(const struct ui *u, struct items *s, int from, int step, const char *text);

#endif
