/*
 * items.h - what stands on the Registers screen when the link has none: the items of the
 * dialect, what each means and who says so.
 */
#ifndef METERCTL_UI_SCREENS_ITEMS_H
#define METERCTL_UI_SCREENS_ITEMS_H

#include "mqtt/dialects/dialect.h"
#include "ui/draw/list.h"

#define ITEMS_MAX 128

/* One row of the list. */
struct item_row {
	const struct dialect *dialect;
	const struct dialect_item *item;
};

struct items {
	struct list list;
	struct item_row row[ITEMS_MAX];	/* those of the dialect, then what has come in messages of others */
};

void items_init(struct items *s);
/* The list of what there is for U now. */
struct list *items_fit(const struct ui *u, struct items *s);
void items_draw(const struct ui *u, struct items *s, WINDOW *w);

#endif
