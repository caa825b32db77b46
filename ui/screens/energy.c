/*
 * energy.c - the registers of account: totals, phases, tariffs, quadrants and
 * demands.
 */
#include <stdio.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "history.h"
#include "ui/keys.h"
#include "upload_support.h"
#include "ui/stage.h"

#define LABEL_CELLS 10
#define VALUE_CELLS 12

/* Columns of the big table: KEY with %s for the row. */
static const struct column {
	const char *name;
	const char *total;	/* rows total, a, b, c */
	const char *tariff;	/* rows sharp, peak, flat, valley */
} columns[] = {
	{ "import", "energy.active.import.%s", "energy.tou.active.import.%s" },
	{ "export", "energy.active.export.%s", "energy.tou.active.export.%s" },
	{ "combined", "energy.active.combined.%s", "energy.tou.active.combined.%s" },
	{ "import", "energy.reactive.import.%s", "energy.tou.reactive.import.%s" },
	{ "export", "energy.reactive.export.%s", "energy.tou.reactive.export.%s" },
};
static const struct row {
	const char *label, *part;
	bool tariff;
	int y;
} rows[] = {
	{ "total", "total", false, 2 },
	{ "phase A", "a", false, 3 },
	{ "phase B", "b", false, 4 },
	{ "phase C", "c", false, 5 },
	{ "sharp", "sharp", true, 7 },
	{ "peak", "peak", true, 8 },
	{ "flat", "flat", true, 9 },
	{ "valley", "valley", true, 10 },
};
static const struct demand {
	const char *label, *key;
} demands[] = {
	{ "P import", "demand.active.import" },
	{ "P export", "demand.active.export" },
	{ "Q import", "demand.reactive.import" },
	{ "Q export", "demand.reactive.export" },
	{ "S", "demand.apparent" },
};
static const struct demand quadrants[] = {
	{ "Q1", "energy.reactive.q1.total" },
	{ "Q2", "energy.reactive.q2.total" },
	{ "Q3", "energy.reactive.q3.total" },
	{ "Q4", "energy.reactive.q4.total" },
	{ "combined", "energy.reactive.combined.total" },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DEMAND_Y 12

static const char *cell_key(const struct row *r, const struct column *c, char *buf, size_t size)
{
	/* the format is one of the table's own, with its one %s */
	const char *form = r->tariff ? c->tariff : c->total;
	size_t head = strlen(form) - 2;

	snprintf(buf, size, "%.*s%s", (int)head, form, r->part);
	return buf;
}

static const char *demand_key(const char *base, const char *what, char *buf, size_t size)
{
	snprintf(buf, size, "%s.%s", base, what);
	return buf;
}

static void energy_points(struct ui *u, void *state, struct selection *sel)
{
	static const char *const parts[] = { "present", "max", "max.time" };
	char key[80];

	(void)state;
	for (size_t r = 0; r < COUNT(rows); r++)
		for (size_t c = 0; c < COUNT(columns); c++)
			ui_want(u, sel, cell_key(&rows[r], &columns[c], key, sizeof(key)));
	for (size_t i = 0; i < COUNT(demands); i++)
		for (size_t p = 0; p < COUNT(parts); p++)
			ui_want(u, sel, demand_key(demands[i].key, parts[p], key, sizeof(key)));
	for (size_t i = 0; i < COUNT(quadrants); i++)
		ui_want(u, sel, quadrants[i].key);
	ui_want(u, sel, "demand.cycle");
	draw_want_ratios(u, sel);
}

static int gap(const struct ui *u)
{
	int more = (u->cols - 80) / 8;

	return 1 + (more < 0 ? 0 : more > 4 ? 4 : more);
}

/* The reactive columns stand a little apart from the active ones. */
static int column_x(const struct ui *u, size_t c)
{
	return 1 + LABEL_CELLS + (int)c * (VALUE_CELLS + gap(u)) + (c >= 3 ? 2 : 0);
}

/* Over columns FROM to TO: "Active kWh", with the unit the meter counts in. */
static void energy_draw_heading(const struct ui *u, WINDOW *w, size_t from, size_t to,
				const char *key, const char *name)
{
	int x = column_x(u, from), edge = column_x(u, to) + VALUE_CELLS;
	const struct point *p;

	if (ui_reading(u, key, &p))
		ui_right(u, w, 0, x, edge - x, ROLE_TITLE, "%s %s", name, draw_unit(p));
}

static void energy_draw_table(const struct ui *u, WINDOW *w)
{
	char key[80];

	energy_draw_heading(u, w, 0, 2, "energy.active.import.total", "Active");
	energy_draw_heading(u, w, 3, 4, "energy.reactive.import.total", "Reactive");
	for (size_t c = 0; c < COUNT(columns); c++)
		ui_right(u, w, 1, column_x(u, c), VALUE_CELLS, ROLE_DIM, "%s", columns[c].name);
	for (size_t r = 0; r < COUNT(rows); r++) {
		bool any = false;

		for (size_t c = 0; c < COUNT(columns); c++) {
			cell_key(&rows[r], &columns[c], key, sizeof(key));
			any = any || ui_reading(u, key, NULL);
			ui_value(u, w, rows[r].y, column_x(u, c), VALUE_CELLS, key);
		}
		if (any)
			ui_text(u, w, rows[r].y, 1, LABEL_CELLS, ROLE_LABEL, "%s", rows[r].label);
	}
}

static void draw_demands(const struct ui *u, WINDOW *w)
{
	const struct point *p;
	int y = DEMAND_Y;
	char key[80];

	ui_text(u, w, y, 1, 20, ROLE_TITLE, "Demand");
	ui_right(u, w, DEMAND_Y, 15, 10, ROLE_DIM, "present");
	ui_right(u, w, DEMAND_Y, 26, 10, ROLE_DIM, "max");
	ui_text(u, w, DEMAND_Y, 38, 11, ROLE_DIM, "at");
	for (size_t i = 0; i < COUNT(demands); i++) {
		if (!ui_reading(u, demand_key(demands[i].key, "present", key, sizeof(key)), &p)
		    && !ui_reading(u, demand_key(demands[i].key, "max", key, sizeof(key)), &p))
			continue;
		y++;
		ui_text(u, w, y, 1, 9, ROLE_LABEL, "%s", demands[i].label);
		ui_text(u, w, y, 10, 4, ROLE_DIM, "%s", draw_unit(p));
		ui_value(u, w, y, 15, 10, demand_key(demands[i].key, "present", key, sizeof(key)));
		ui_value(u, w, y, 26, 10, demand_key(demands[i].key, "max", key, sizeof(key)));
		ui_value(u, w, y, 38, 11, demand_key(demands[i].key, "max.time", key, sizeof(key)));
	}
}

static void draw_quadrants(const struct ui *u, WINDOW *w)
{
	int x = column_x(u, 3), edge = column_x(u, 4) + VALUE_CELLS;
	const struct point *p;

	if (!ui_reading(u, quadrants[0].key, &p))
		return;
	ui_text(u, w, DEMAND_Y, x, edge - x, ROLE_TITLE, "Reactive by quadrant");
	for (size_t i = 0; i < COUNT(quadrants); i++) {
		int y = DEMAND_Y + 1 + (int)i;

		ui_text(u, w, y, x, 9, ROLE_LABEL, "%s", quadrants[i].label);
		ui_value(u, w, y, edge - VALUE_CELLS, VALUE_CELLS, quadrants[i].key);
	}
}

/* What the numbers are to be taken for. */
static void draw_foot(const struct ui *u, WINDOW *w, int y)
{
	const struct point *p;
	const struct reading *r = ui_reading(u, "demand.cycle", &p);
	double factor = draw_ratio(u, "ratio.pt") * draw_ratio(u, "ratio.ct");
	int x = 1;

	if (r && r->value.kind == VALUE_CHOICE) {
		ui_text(u, w, y, x, 30, ROLE_DIM, "demand cycle %s", r->value.text);
		x = 26;
	}
	if (factor > 1)
		ui_text(u, w, y, x, u->cols - x - 1, ROLE_DIM, u->primary
			? "primary values: the meter's own x %g"
			: "the meter's own values: primary is x %g (key p)", factor);
}

/* What the dialect of a meter that uploads leaves out. False: all of it. */
static bool draw_absent(struct ui *u, WINDOW *w)
{
	struct selection sel = { 0 };
	bool none;

	energy_points(u, NULL, &sel);
	none = support_empty(u, w, &sel, "energies");
	if (!none)
		support_legend(u, w, 0, 1, 36, &sel);
	selection_release(&sel);
	return !none;
}

static void energy_draw(struct ui *u, void *state, WINDOW *w)
{
	(void)state;
	if (ui_pushes(u) && !draw_absent(u, w))
		return;
	energy_draw_table(u, w);
	draw_demands(u, w);
	draw_quadrants(u, w);
	draw_foot(u, w, DEMAND_Y + 6);
}

enum { ENERGY_HISTORY = ACTION_SCREEN };

static const struct keyrow keys[] = {
	{ 'y', ENERGY_HISTORY, "y", "history", "energies and extremes of past months, from the meter's memory" },
};
#define NKEYS COUNT(keys)

static bool energy_key(struct ui *u, void *state, int key)
{
	(void)state;
	if (keys_action(keys, NKEYS, key) != ENERGY_HISTORY)
		return false;
	stage_show(u, &screen_history);
	return true;
}

const struct screen_ops screen_energy = {
	.points = energy_points,
	.draw = energy_draw,
	.key_press = energy_key,
	.keys = keys,
	.nkeys = NKEYS,
};
