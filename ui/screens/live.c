/*
 * live.c - one look: is the meter talking, and are the numbers plausible.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profile/ability.h"
#include "ui/draw/chart.h"
#include "ui/draw/draw.h"
#include "live_beside.h"
#include "phasor.h"
#include "upload_support.h"
#include "ui/screen.h"
#include "setting.h"

#define LABEL_X 1
#define UNIT_X 9
#define TABLE_X 14	/* first value column */
#define VALUE_CELLS 9
#define SIDE_CELLS 25	/* the pane on the right */
#define SIDE_VALUE 11
#define SIDE_UNIT 21

enum row_kind { ROW_PLAIN, ROW_SIGNED, ROW_OTHER_SIDE, ROW_GAP };

#define COLUMNS 5		/* A, B, C, total, and direct current */

/* A row of the table: A, B, C, total, and direct current. Those further down appear where the
 * terminal is high enough; one of which the model has nothing does not. */
static const struct row {
	const char *label;
	enum row_kind kind;
	const char *key[COLUMNS];
} rows[] = {
	{ "U", ROW_PLAIN, { "voltage.a", "voltage.b", "voltage.c", NULL, "voltage.dc" } },
	{ "U L-L", ROW_PLAIN, { "voltage.ab", "voltage.bc", "voltage.ca" } },
	{ "I", ROW_PLAIN, { "current.a", "current.b", "current.c", NULL, "current.dc" } },
	{ "", ROW_OTHER_SIDE, { "current.a", "current.b", "current.c" } },
	{ "P", ROW_SIGNED, { "power.active.a", "power.active.b",
			     "power.active.c", "power.active.total", "power.dc" } },
	{ "Q", ROW_PLAIN, { "power.reactive.a", "power.reactive.b",
			    "power.reactive.c", "power.reactive.total" } },
	{ "S", ROW_PLAIN, { "power.apparent.a", "power.apparent.b",
			    "power.apparent.c", "power.apparent.total" } },
	{ "PF", ROW_SIGNED, { "pf.a", "pf.b", "pf.c", "pf.total" } },
	{ "", ROW_GAP, { NULL } },
	{ "THD U", ROW_PLAIN, { "thd.voltage.a", "thd.voltage.b", "thd.voltage.c" } },
	{ "THD I", ROW_PLAIN, { "thd.current.a", "thd.current.b", "thd.current.c" } },
	{ "Temp", ROW_PLAIN, { "temperature.a", "temperature.b", "temperature.c" } },
};
static const struct row more_rows[] = {
	{ "", ROW_GAP, { NULL } },
	{ "ang U", ROW_PLAIN, { "angle.voltage.a", "angle.voltage.b", "angle.voltage.c" } },
	{ "ang I", ROW_PLAIN, { "angle.current.a", "angle.current.b", "angle.current.c" } },
	{ "U 1st", ROW_PLAIN, { "voltage.fundamental.a", "voltage.fundamental.b",
				"voltage.fundamental.c" } },
	{ "I 1st", ROW_PLAIN, { "current.fundamental.a", "current.fundamental.b",
				"current.fundamental.c" } },
	{ "P 1st", ROW_PLAIN, { "power.active.fundamental.a", "power.active.fundamental.b",
				"power.active.fundamental.c", "power.active.fundamental.total" } },
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))
#define NMORE (sizeof(more_rows) / sizeof(more_rows[0]))
#define MORE_BODY 28	/* rows the body needs before the rest is shown */

/* The inputs (bits) that the verdict on the wiring complains of. */
struct live_marks {
	unsigned voltages, currents;
};

/* Lines of the pane on the right with one value each. */
static const struct side {
	const char *label, *key;
} sides[] = {
	{ "Frequency", "frequency" },
	{ "Unbalance U", "unbalance.voltage" },
	{ "Unbalance I", "unbalance.current" },
	{ "I sum", "current.vector_sum" },
	{ "I N", "current.n" },
	{ "Residual I", "current.residual" },
	{ "Temp meter", "meter.temperature" },
	{ "Signal", "signal.strength" },
}, last_side = { "Temp N", "temperature.n" };
#define NSIDES (sizeof(sides) / sizeof(sides[0]))

/* Lines below: two values and a time. The first of a label that the model has something of. */
static const struct pair {
	const char *label;
	struct { const char *label, *key; } value[2];
	const char *time;
} pairs[] = {
	{ "Demand", { { "now", "demand.active.import.present" }, { "max", "demand.active.import.max" } },
	  "demand.active.import.max.time" },
	{ "Demand", { { "now", "demand.active.present" }, { "max", "demand.active.max" } }, NULL },
	{ "Energy", { { "import", "energy.active.import.total" }, { "export", "energy.active.export.total" } }, NULL },
	{ "Energy", { { "total", "energy.active.combined.total" }, { "net", "energy.active.net.total" } }, NULL },
	{ "Charge", { { "total", "charge.total" } }, NULL },
};
#define NPAIRS (sizeof(pairs) / sizeof(pairs[0]))

/* Read for what is neither of these. */
static const char *const others[] = { "di.status", "do.1", "do.2", "clock" };

static void want_rows(struct ui *u, struct selection *sel, const struct row *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < COLUMNS; c++)
			if (r[i].key[c] && r[i].kind != ROW_OTHER_SIDE)
				ui_want(u, sel, r[i].key[c]);
}

static bool high(const struct ui *u)
{
	return u->rows - 5 >= MORE_BODY;
}

static void live_want_pair(struct ui *u, struct selection *sel, const struct pair *p)
{
	for (int k = 0; k < 2; k++)
		if (p->value[k].key)
			ui_want(u, sel, p->value[k].key);
	if (p->time)
		ui_want(u, sel, p->time);
}

static void live_points(struct ui *u, void *state, struct selection *sel)
{
	(void)state;
	want_rows(u, sel, rows, NROWS);
	if (high(u))
		want_rows(u, sel, more_rows, NMORE);
	for (size_t i = 0; i < NSIDES; i++)
		ui_want(u, sel, sides[i].key);
	ui_want(u, sel, last_side.key);
	for (size_t i = 0; i < NPAIRS; i++)
		live_want_pair(u, sel, &pairs[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ui_want(u, sel, others[i]);
	draw_want_ratios(u, sel);
}

/* Is there another side than the one shown? */
static bool two_sides(const struct ui *u)
{
	return draw_ratio(u, "ratio.pt") * draw_ratio(u, "ratio.ct") > 1;
}

/* Where the columns stand; a wider terminal only spreads them. */
static int live_column(const struct ui *u, int c)
{
	int spread = (u->cols - 80) / 10;

	if (spread < 0)
		spread = 0;
	return TABLE_X + c * (VALUE_CELLS + 1 + (spread > 4 ? 4 : spread));
}

static int side_x(const struct ui *u)
{
	return live_column(u, 4) + 1;
}

/* The point of ROW in column C, -1: the model has none. Where it measures one circuit, all is in
 * one column: of the only phase, of the total, or of direct current. */
static int live_point(const struct ui *u, const struct row *r, int c)
{
	static const int one[] = { 0, 3, 4 };
	int idx = -1;

	if (ability_phases(u->profile) & ~ABILITY_ONE_PHASE)
		return c < 4 && r->key[c] ? profile_find(u->profile, r->key[c]) : -1;
	for (size_t i = 0; c == 0 && idx < 0 && i < sizeof(one) / sizeof(*one); i++)
		if (r->key[one[i]])
			idx = profile_find(u->profile, r->key[one[i]]);
	return idx;
}

static bool live_has(const struct ui *u, const struct row *r)
{
	bool has = false;

	for (int c = 0; c < 4; c++)
		has = has || live_point(u, r, c) >= 0;
	return has && (r->kind != ROW_OTHER_SIDE || profile_find(u->profile, "ratio.ct") >= 0);
}

static bool live_has_column(const struct ui *u, int c)
{
	for (size_t i = 0; i < NROWS; i++)
		if (live_point(u, &rows[i], c) >= 0)
			return true;
	return false;
}

static void live_draw_header(const struct ui *u, WINDOW *w)
{
	static const char *const names[] = { "A", "B", "C", "total" };

	if (two_sides(u))
		ui_text(u, w, 0, LABEL_X, TABLE_X - 1, ROLE_DIM, "%s",
			u->primary ? "primary" : "meter side");
	if (!(ability_phases(u->profile) & ~ABILITY_ONE_PHASE))
		return;
	for (int c = 0; c < 4; c++)
		if (live_has_column(u, c))
			ui_right(u, w, 0, live_column(u, c), VALUE_CELLS,
				 c < 3 ? ROLE_PHASE_A + (unsigned)c : ROLE_TITLE, "%s", names[c]);
}

/* Of phase C: is the value of that row one that the verdict complains of? */
static bool live_marked(const struct live_marks *m, const char *key, int c)
{
	return c < 3 && ((m->voltages >> c & 1 && strncmp(key, "voltage.", 8) == 0 && key[9] == '\0')
			 || (m->currents >> c & 1 && strncmp(key, "current.", 8) == 0 && key[9] == '\0'));
}

static void live_draw_row(const struct ui *u, WINDOW *w, int y, const struct row *r, const struct live_marks *m)
{
	bool primary = u->primary;
	const char *label = r->label;
	const struct point *p = NULL;

	if (r->kind == ROW_OTHER_SIDE) {
		if (draw_ratio(u, "ratio.ct") <= 1)
			return;
		primary = !primary;
		label = primary ? "primary" : "meter";
	}
	for (int c = 0; c < 4; c++) {
		int idx = live_point(u, r, c);

		if (idx < 0)
			continue;
		p = &u->profile->points[idx];
		draw_value(u, w, y, live_column(u, c), VALUE_CELLS, (size_t)idx, primary);
		if (r->kind == ROW_SIGNED && draw_negative(u, p->key))
			ui_text(u, w, y, live_column(u, c) + VALUE_CELLS, 1, ROLE_WARN, "▼");
		if (live_marked(m, p->key, c))
			ui_text(u, w, y, live_column(u, c) + VALUE_CELLS, 1, ROLE_BAD, "▲");
	}
	if (!p)
		return;
	ui_text(u, w, y, LABEL_X, UNIT_X - LABEL_X, ROLE_LABEL, "%s", label);
	ui_text(u, w, y, UNIT_X, TABLE_X - UNIT_X, ROLE_DIM, "%s", draw_unit(p));
}

/* dBm as handsets show them: usable from -100, good from -65. Above zero it is
 * not dBm (what the register holds is not certain, see its note): no steps. */
static void live_draw_signal(const struct ui *u, WINDOW *w, int y, int x)
{
	static const int least[] = { -100, -85, -75, -65 };
	const struct reading *r = ui_reading(u, "signal.strength", NULL);
	int lit = 0;

	if (!r || r->value.kind != VALUE_NUMBER || r->value.num >= 0 || ui_old(u, r))
		return;
	for (int i = 0; i < 4; i++)
		lit += r->value.num >= least[i];
	chart_signal(w, y, x, lit, u->ascii);
}

/* At Y, if the model has it. Returns the line behind. */
static int live_draw_side(const struct ui *u, WINDOW *w, int y, const struct side *s)
{
	const struct point *p;
	const struct reading *r = ui_reading(u, s->key, &p);
	int x = side_x(u);

	if (!r)
		return y;
	ui_text(u, w, y, x, 12, ROLE_LABEL, "%s", s->label);
	ui_value(u, w, y, x + SIDE_VALUE, VALUE_CELLS, s->key);
	ui_text(u, w, y, x + SIDE_UNIT, 4, ROLE_DIM, "%s", draw_reading_unit(p, r));
	if (strcmp(s->key, "signal.strength") == 0)
		live_draw_signal(u, w, y, x + 8);
	return y + 1;
}

/* When the last upload came, and how long ago that is. */
static void live_draw_upload_time(const struct ui *u, WINDOW *w, int y)
{
	const struct rhythm *r = &u->uplink.rhythm;
	time_t at = (time_t)(r->last_wall_us / 1000000);
	char when[16] = "", age[32] = "--";
	struct tm tm;

	if (r->last_us && localtime_r(&at, &tm)) {
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
		draw_age(u, r->last_us, age, sizeof(age));
	}
	ui_text(u, w, y, side_x(u), 7, ROLE_LABEL, "Upload");
	ui_text(u, w, y, side_x(u) + 8, 8, ROLE_DIM, "%s", when);
	ui_right(u, w, y, side_x(u) + 16, SIDE_CELLS - 17, r->last_us && u->line == LINE_LIVE
		 ? ROLE_NORMAL : ROLE_DIM, "%s", age);
}

enum { CONTACT_NONE = -3, CONTACT_NEVER, CONTACT_UNKNOWN, CONTACT_OFF, CONTACT_ON };

/* R has no value: it never will, or not yet. */
static int no_contact(const struct ui *u, const struct reading *r)
{
	return support_never(u, (size_t)(r - u->readings)) ? CONTACT_NEVER : CONTACT_UNKNOWN;
}

/* Contact I (from 1) of "di" or "do": on, off, or what is known instead. */
static int contact(const struct ui *u, const char *kind, int i)
{
	char key[32];
	const struct point *p;
	const struct reading *r;

	snprintf(key, sizeof(key), "%s.status", kind);
	r = ui_reading(u, key, &p);
	snprintf(key, sizeof(key), "%s.%d", kind, i);
	if (r) {
		for (size_t b = 0; b < p->nbits; b++)
			if (strcmp(p->bits[b].key, key) == 0)
				return r->value.kind == VALUE_NONE ? no_contact(u, r)
				    : (int)r->value.num >> p->bits[b].pos & 1;
		return CONTACT_NONE;
	}
	r = ui_reading(u, key, NULL);
	if (!r)
		return CONTACT_NONE;
	return r->value.kind == VALUE_NONE ? no_contact(u, r) : r->value.num != 0;
}

static int draw_contacts(const struct ui *u, WINDOW *w, int y, const char *kind, const char *label)
{
	static const char *const marks[] = { SUPPORT_MARK, "-", "○", "●" };
	int x = side_x(u), n = 0;

	for (int i = 1; i <= 4; i++) {
		int on = contact(u, kind, i), at = x + 6 + (i - 1) * 5;

		if (on == CONTACT_NONE)
			continue;
		n++;
		ui_text(u, w, y, x, 4, ROLE_LABEL, "%s", label);
		ui_text(u, w, y, at, 1, ROLE_DIM, "%d", i);
		ui_text(u, w, y, at + 2, 1, on == CONTACT_ON ? ROLE_TITLE : ROLE_DIM,
			"%s", marks[on - CONTACT_NEVER]);
	}
	return y + (n > 0);
}

static int draw_ratios(const struct ui *u, WINDOW *w, int y)
{
	const struct reading *pt = ui_reading(u, "ratio.pt", NULL);
	const struct reading *ct = ui_reading(u, "ratio.ct", NULL);
	int idx = profile_find(u->profile, "power.active.total");
	int x = side_x(u);

	if (!pt && !ct)
		return y;
	ui_text(u, w, y, x, 8, ROLE_LABEL, pt && ct ? "Ratios" : "Ratio");
	if (pt) {
		ui_text(u, w, y, x + 8, 3, ROLE_DIM, "PT");
		ui_value(u, w, y, x + 10, 5, "ratio.pt");
	}
	if (ct) {
		ui_text(u, w, y, x + 17, 3, ROLE_DIM, "CT");
		ui_value(u, w, y, x + 19, 5, "ratio.ct");
	}
	if (idx < 0)
		return y + 1;
	if (!two_sides(u))
		return y + 2;
	ui_text(u, w, y + 1, x, 12, ROLE_LABEL, u->primary ? "P meter" : "P primary");
	draw_value(u, w, y + 1, x + SIDE_VALUE, VALUE_CELLS, (size_t)idx, !u->primary);
	ui_text(u, w, y + 1, x + SIDE_UNIT, 4, ROLE_DIM, "%s",
		draw_unit(&u->profile->points[idx]));
	return y + 2;
}

static void draw_clock(const struct ui *u, WINDOW *w, int y)
{
	static const struct { double most, unit; const char *name; } scale[] = {
		{ 120, 1, "s" }, { 7200, 60, "min" }, { 172800, 3600, "h" }, { 1e12, 86400, "days" },
	};
	const struct reading *r = ui_reading(u, "clock", NULL);
	enum role role = ROLE_DIM;
	char text[32] = "--";
	double ahead, off;
	size_t i = 0;

	if (!r)
		return;
	if (support_never(u, (size_t)(r - u->readings)))
		snprintf(text, sizeof(text), SUPPORT_MARK);
	if (r->value.kind != VALUE_NONE && setting_ahead(r, &ahead)) {
		off = ahead < 0 ? -ahead : ahead;
		while (i < 3 && off >= scale[i].most)
			i++;
		/* a whole second of doubt: the meter shows no fractions */
		if (off < 2)
			snprintf(text, sizeof(text), "in step");
		else
			snprintf(text, sizeof(text), "%.0f %s %s", off / scale[i].unit,
				 scale[i].name, ahead < 0 ? "slow" : "fast");
		role = ui_old(u, r) ? ROLE_DIM : off > 60 ? ROLE_WARN : ROLE_NORMAL;
	}
	ui_text(u, w, y, side_x(u), 8, ROLE_LABEL, "Clock");
	ui_right(u, w, y, side_x(u) + 8, SIDE_CELLS - 9, role, "%s", text);
}

/* "Demand kW  now 61.2  max 88.1  at 07-15 14:45". False: the model has neither. */
static bool live_draw_pair(const struct ui *u, WINDOW *w, int y, const struct pair *l)
{
	const struct point *p;
	bool any = false;

	for (int k = 0; k < 2; k++) {
		int x = TABLE_X + 1 + k * 20;

		if (!l->value[k].key || !ui_reading(u, l->value[k].key, &p))
			continue;
		if (!any)
			ui_text(u, w, y, UNIT_X, 4, ROLE_DIM, "%s", draw_unit(p));
		any = true;
		ui_text(u, w, y, x, 8, ROLE_DIM, "%s", l->value[k].label);
		ui_value(u, w, y, x + 7, 11, l->value[k].key);
	}
	if (any)
		ui_text(u, w, y, LABEL_X, 7, ROLE_LABEL, "%s", l->label);
	if (l->time && ui_reading(u, l->time, NULL)) {
		ui_text(u, w, y, side_x(u), 3, ROLE_DIM, "at");
		ui_value(u, w, y, side_x(u) + 3, 11, l->time);
	}
	return any;
}

/* From Y on, each label once. */
static void live_draw_pairs(const struct ui *u, WINDOW *w, int y)
{
	const char *drawn = "";

	for (size_t i = 0; i < NPAIRS; i++)
		if (strcmp(drawn, pairs[i].label) != 0 && live_draw_pair(u, w, y, &pairs[i])) {
			drawn = pairs[i].label;
			y++;
		}
}

static void live_draw_hint(const struct ui *u, WINDOW *w, int y)
{
	static const char *const keys[] = { "power.active.a", "power.active.b", "power.active.c" };
	char phases[16] = "";
	int n = 0;

	for (int i = 0; i < 3; i++)
		if (draw_negative(u, keys[i])) {
			size_t at = strlen(phases);

			snprintf(phases + at, sizeof(phases) - at, "%s%c", n ? ", " : "", 'A' + i);
			n++;
		}
	if (n == 0)
		return;
	ui_text(u, w, y, 1, u->cols - 2, ROLE_WARN, n == 3
		? "▼ all phases run backwards: feeding in, or all CTs turned? w checks the wiring"
		: "▼ phase %s: power is negative: CT turned, or feeding in? w checks the wiring",
		phases);
}

/* What is said of a meter that uploads alone. */
static void live_draw_upload(struct ui *u, WINDOW *w, int y)
{
	struct selection sel = { 0 };

	live_points(u, NULL, &sel);
	support_legend(u, w, y, 1, u->cols - 2, &sel);
	selection_release(&sel);
}

/* The pane on the right: what the model has of it, closed up. */
static void live_draw_sides(const struct ui *u, WINDOW *w)
{
	int y = 0;

	for (size_t i = 0; i < NSIDES; i++)
		y = live_draw_side(u, w, y, &sides[i]);
	if (ui_pushes(u))
		live_draw_upload_time(u, w, y);
	y += ui_pushes(u) || y > 0;
	y = draw_contacts(u, w, y, "di", "DI");
	y = draw_contacts(u, w, y, "do", "DO");
	y = draw_ratios(u, w, y);
	y = live_draw_side(u, w, y, &last_side);
	draw_clock(u, w, y);
}

/* Those of N rows that the model has, from Y on. Returns the line behind. A gap stands between two. */
static int live_draw_rows(const struct ui *u, WINDOW *w, int y, const struct row *r, size_t n, const struct live_marks *m)
{
	bool gap = false;

	for (size_t i = 0; i < n; i++) {
		gap = gap || r[i].kind == ROW_GAP;
		if (!live_has(u, &r[i]))
			continue;
		y += gap;
		gap = false;
		live_draw_row(u, w, y++, &r[i], m);
	}
	return y;
}

static void live_draw(struct ui *u, void *state, WINDOW *w)
{
	const struct live_marks m = { phasor_voltages(u), phasor_currents(u) };
	int y, last = getmaxy(w) - 1;

	(void)state;
	live_draw_header(u, w);
	y = live_draw_rows(u, w, 1, rows, NROWS, &m);
	if (high(u))
		y = live_draw_rows(u, w, y, more_rows, NMORE, &m);
	live_draw_sides(u, w);
	live_draw_pairs(u, w, y + 1);
	live_beside_draw(u, w, side_x(u) + SIDE_CELLS, y + 4, last - 2);
	if (ui_pushes(u) && last > y + 3)
		live_draw_upload(u, w, last - 1);
	if (last > y + 2)
		live_draw_hint(u, w, last);
}

const struct screen_ops screen_live = {
	.about = ABILITY_VALUES,
	.points = live_points,
	.draw = live_draw,
};
