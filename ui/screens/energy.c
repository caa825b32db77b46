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
static const struct energy_column {
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
} rows[] = {
	{ "total", "total", false },
	{ "phase A", "a", false },
	{ "phase B", "b", false },
	{ "phase C", "c", false },
	{ "partial", "partial", false },
	{ "month", "month", false },
	{ "sharp", "sharp", true },
	{ "peak", "peak", true },
	{ "flat", "flat", true },
	{ "valley", "valley", true },
	{ "deep val.", "deepvalley", true },
	{ "T1", "t1", true },
	{ "T2", "t2", true },
	{ "T3", "t3", true },
	{ "T4", "t4", true },
};
static const struct demand {
	const char *label, *key;
} demands[] = {
	{ "P", "demand.active" },
	{ "P import", "demand.active.import" },
	{ "P export", "demand.active.export" },
	{ "Q import", "demand.reactive.import" },
	{ "Q export", "demand.reactive.export" },
	{ "S", "demand.apparent" },
	{ "I A", "demand.current.a" },
	{ "I B", "demand.current.b" },
	{ "I C", "demand.current.c" },
	{ "I N", "demand.current.n" },
};
static const struct { const char *part, *head; int x, width; } parts[] = {
	{ "present", "present", 15, 10 }, { "max", "max", 26, 10 }, { "max.time", "at", 38, 11 },
};
static const struct demand quadrants[] = {
	{ "Q1", "energy.reactive.q1.total" },
	{ "Q2", "energy.reactive.q2.total" },
	{ "Q3", "energy.reactive.q3.total" },
	{ "Q4", "energy.reactive.q4.total" },
	{ "combined", "energy.reactive.combined.total" },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *cell_key(const struct row *r, const struct energy_column *c, char *buf, size_t size)
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
	char key[80];

	(void)state;
	for (size_t r = 0; r < COUNT(rows); r++)
		for (size_t c = 0; c < COUNT(columns); c++)
			ui_want(u, sel, cell_key(&rows[r], &columns[c], key, sizeof(key)));
	for (size_t i = 0; i < COUNT(demands); i++)
		for (size_t p = 0; p < COUNT(parts); p++)
			ui_want(u, sel, demand_key(demands[i].key, parts[p].part, key, sizeof(key)));
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

static bool energy_has(const struct ui *u, const struct row *r, const struct energy_column *c)
{
	char key[80];

	return ui_reading(u, cell_key(r, c, key, sizeof(key)), NULL) != NULL;
}

/* The unit of column C; NULL: the model has nothing of it. */
static const char *energy_unit(const struct ui *u, size_t c)
{
	const struct point *p;
	char key[80];

	for (size_t r = 0; r < COUNT(rows); r++)
		if (ui_reading(u, cell_key(&rows[r], &columns[c], key, sizeof(key)), &p))
			return draw_unit(p);
	return NULL;
}

/* Over columns FROM to TO: "Active kWh", with the unit the meter counts in; and their names. */
static void energy_draw_heading(const struct ui *u, WINDOW *w, size_t from, size_t to, const char *name)
{
	int x = column_x(u, from), edge = column_x(u, to) + VALUE_CELLS;
	const char *unit = NULL;

	for (size_t c = to + 1; c-- > from;) {
		if (!energy_unit(u, c))
			continue;
		unit = energy_unit(u, c);
		ui_right(u, w, 1, column_x(u, c), VALUE_CELLS, ROLE_DIM, "%s", columns[c].name);
	}
	if (unit)
		ui_right(u, w, 0, x, edge - x, ROLE_TITLE, "%s %s", name, unit);
}

/* Those of its values that the model has. False: none. */
static bool energy_draw_row(const struct ui *u, WINDOW *w, int y, const struct row *r)
{
	bool any = false;
	char key[80];

	for (size_t c = 0; c < COUNT(columns); c++)
		if (energy_has(u, r, &columns[c])) {
			any = true;
			ui_value(u, w, y, column_x(u, c), VALUE_CELLS, cell_key(r, &columns[c], key, sizeof(key)));
		}
	if (any)
		ui_text(u, w, y, 1, LABEL_CELLS, ROLE_LABEL, "%s", r->label);
	return any;
}

/* The rows the model has, tariffs a line apart. Returns the line behind. */
static int energy_draw_table(const struct ui *u, WINDOW *w)
{
	int y = 2, tariffs = 0;

	energy_draw_heading(u, w, 0, 2, "Active");
	energy_draw_heading(u, w, 3, 4, "Reactive");
	for (size_t r = 0; r < COUNT(rows); r++) {
		bool apart = rows[r].tariff && !tariffs && y > 2;

		if (!energy_draw_row(u, w, y + apart, &rows[r]))
			continue;
		tariffs += rows[r].tariff;
		y += 1 + apart;
	}
	return y;
}

/* The part K of any demand: has the model one? */
static bool energy_has_demand(const struct ui *u, size_t k)
{
	char key[80];

	for (size_t i = 0; i < COUNT(demands); i++)
		if (ui_reading(u, demand_key(demands[i].key, parts[k].part, key, sizeof(key)), NULL))
			return true;
	return false;
}

/* False: the model has not this one. */
static bool energy_draw_demand(const struct ui *u, WINDOW *w, int y, const struct demand *d)
{
	const struct point *p;
	bool any = false;
	char key[80];

	for (size_t k = 0; k < COUNT(parts); k++) {
		if (!ui_reading(u, demand_key(d->key, parts[k].part, key, sizeof(key)), &p))
			continue;
		if (!any)
			ui_text(u, w, y, 10, 4, ROLE_DIM, "%s", draw_unit(p));
		any = true;
		ui_value(u, w, y, parts[k].x, parts[k].width, key);
	}
	if (any)
		ui_text(u, w, y, 1, 9, ROLE_LABEL, "%s", d->label);
	return any;
}

/* From Y on, with its header. Returns the line behind. */
static int draw_demands(const struct ui *u, WINDOW *w, int y)
{
	int top = y;

	for (size_t i = 0; i < COUNT(demands); i++)
		y += energy_draw_demand(u, w, y + 1, &demands[i]);
	if (y == top)
		return y;
	ui_text(u, w, top, 1, 13, ROLE_TITLE, "Demand");
	for (size_t k = 0; k < COUNT(parts); k++) {
		if (!energy_has_demand(u, k))
			continue;
		if (k < 2)
			ui_right(u, w, top, parts[k].x, parts[k].width, ROLE_DIM, "%s", parts[k].head);
		else
			ui_text(u, w, top, parts[k].x, parts[k].width, ROLE_DIM, "%s", parts[k].head);
	}
	return y + 1;
}

/* From Y on, with its header. Returns the line behind. */
static int draw_quadrants(const struct ui *u, WINDOW *w, int top)
{
	int x = column_x(u, 3), edge = column_x(u, 4) + VALUE_CELLS;
	const struct point *p;

	if (!ui_reading(u, quadrants[0].key, &p))
		return top;
	ui_text(u, w, top, x, edge - x, ROLE_TITLE, "Reactive by quadrant");
	for (size_t i = 0; i < COUNT(quadrants); i++) {
		if (!ui_reading(u, quadrants[i].key, NULL))
			continue;
		ui_text(u, w, ++top, x, 9, ROLE_LABEL, "%s", quadrants[i].label);
		ui_value(u, w, top, edge - VALUE_CELLS, VALUE_CELLS, quadrants[i].key);
	}
	return top + 1;
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
	int y, behind, last;

	(void)state;
	if (ui_pushes(u) && !draw_absent(u, w))
		return;
	y = energy_draw_table(u, w) + 1;
	behind = draw_demands(u, w, y);
	last = draw_quadrants(u, w, y);
	draw_foot(u, w, behind > last ? behind : last);
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
	.about = ABILITY_ENERGIES,
	.points = energy_points,
	.draw = energy_draw,
	.key_press = energy_key,
	.keys = keys,
	.nkeys = NKEYS,
};
