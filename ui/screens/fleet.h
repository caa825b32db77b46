/*
 * fleet.h - what fleet.c knows and fleet_draw.c shows: the meters of a broker.
 */
#ifndef METERCTL_UI_SCREENS_FLEET_H
#define METERCTL_UI_SCREENS_FLEET_H

#include "mqtt/fleet.h"
#include "ui/draw/list.h"

#define FLEET_HEAD 2	/* rows above the list: counts, names of the columns */
#define FLEET_FOOT 2	/* below: a line, all about the meter chosen; and one for what was
			   refused, if anything was */

struct fleet_view {
	uint32_t *idx;		/* rows of u->fleet shown, in order */
	size_t n, room;
	struct list list;	/* of idx */
	enum fleet_order by;
	bool descending;
	struct field find;
	bool finding;		/* it is being typed */
	int64_t sorted_us;	/* monotonic */
	bool sick;		/* only those with something wrong are shown */
	size_t states[FLEET_STATES];	/* of all, when they were sorted */
};

/* One column, from left to right. */
struct fleet_column {
	enum fleet_order order;
	const char *name;
	int width;
	int from_cols;		/* shown on a terminal this wide, and wider */
	bool left;		/* left-aligned */
};
extern const struct fleet_column fleet_columns[FLEET_ORDERS];

/* Rows of the list in a body of HEIGHT. */
int fleet_rows(const struct ui *u, int height);
void fleet_draw(struct ui *u, void *state, WINDOW *w);

#endif
