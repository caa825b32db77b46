/*
 * harmonics.c - the harmonics of three phases, 2nd to 31st, one above the
 * other on one scale, or as a table of voltage and current together.
 */
#include "ui/screen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "profile/limits.h"
#include "ui/draw/chart.h"
#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "upload_support.h"

#define FIRST 2
#define LAST 31
#define ORDERS (LAST - FIRST + 1)
#define LEFT 8			/* cells left of the bars: phase and scale */
#define RIGHT 12		/* and right: THD and the largest orders */

enum kind { VOLTAGE, CURRENT, KINDS };

static const char *const kind_key[] = { "voltage", "current" };
static const char *const kind_title[] = { "Voltage harmonics", "Current harmonics" };
static const enum role phase_role[] = { ROLE_PHASE_A, ROLE_PHASE_B, ROLE_PHASE_C };
static const double scales[] = { 1, 2, 3, 4, 6, 8, 10, 16, 20, 30, 40, 60, 80, 100 };
#define NSCALES (sizeof(scales) / sizeof(scales[0]))

struct harmonics {
	int order[KINDS][3][ORDERS];	/* point, or -1 */
	int thd[KINDS][3];
	bool any;		/* the profile has some */
	enum kind kind;
	int cursor;		/* order */
	bool fit;
	size_t scale[KINDS];	/* into scales[] */
	bool table;
};

static const struct reading *reading_at(const struct ui *u, int idx)
{
	const struct reading *r = idx >= 0 ? &u->readings[idx] : NULL;

	if (!r || r->value.kind != VALUE_NUMBER
	    || (r->quality != QUALITY_OK && r->quality != QUALITY_STALE))
		return NULL;
	return r;
}

static bool above_limit(const struct ui *u, const struct harmonics *h,
			enum kind kind, int phase, int order)
{
	const struct reading *r = reading_at(u, h->order[kind][phase][order - FIRST]);

	return kind == VOLTAGE && r && r->value.num > limits_voltage_harmonic(order);
}

/* The smallest scale that holds every bar; it goes down only when there is
 * clear room, so that a value on the edge does not make the picture jump. */
static void harmonics_fit(const struct ui *u, struct harmonics *h)
{
	for (int k = 0; k < KINDS; k++) {
		size_t *s = &h->scale[k];
		double most = 0;

		for (int p = 0; p < 3; p++)
			for (int o = 0; o < ORDERS; o++) {
				const struct reading *r = reading_at(u, h->order[k][p][o]);

				if (r && r->value.num > most)
					most = r->value.num;
			}
		while (*s + 1 < NSCALES && most > scales[*s])
			(*s)++;
		while (most > 0 && *s > 0 && most < 0.85 * scales[*s - 1])
			(*s)--;
	}
}

static void *harmonics_open(struct ui *u)
{
	struct harmonics *h = calloc(1, sizeof(*h));
	char key[64];

	if (!h)
		return NULL;
	for (int k = 0; k < KINDS; k++)
		for (int p = 0; p < 3; p++) {
			snprintf(key, sizeof(key), "thd.%s.%c", kind_key[k], 'a' + p);
			h->thd[k][p] = u->profile ? profile_find(u->profile, key) : -1;
			for (int o = 0; o < ORDERS; o++) {
				snprintf(key, sizeof(key), "harmonic.%s.%c.%d",
					 kind_key[k], 'a' + p, o + FIRST);
				h->order[k][p][o] = u->profile ? profile_find(u->profile, key) : -1;
				h->any |= h->order[k][p][o] >= 0;
			}
		}
	h->cursor = 5;
	h->fit = true;
	h->scale[VOLTAGE] = 5;
	h->scale[CURRENT] = 8;
	return h;
}

static bool both(const struct ui *u, const struct harmonics *h)
{
	return h->table || u->cols >= 2 * (LEFT + 2 * ORDERS + RIGHT);
}

static void want(struct selection *sel, int idx)
{
	if (idx >= 0)
		draw_want(sel, (uint16_t)idx);
}

static void harmonics_points(struct ui *u, void *state, struct selection *sel)
{
	const struct harmonics *h = state;

	if (!h || !h->any)
		return;
	for (int k = 0; k < KINDS; k++) {
		if (k != (int)h->kind && !both(u, h))
			continue;
		for (int p = 0; p < 3; p++) {
			want(sel, h->thd[k][p]);
			for (int o = 0; o < ORDERS; o++)
				want(sel, h->order[k][p][o]);
		}
	}
}

static const char *ordinal(int n, char *buf, size_t size)
{
	static const char *const ends[] = { "th", "st", "nd", "rd" };

	snprintf(buf, size, "%d%s", n, ends[n / 10 != 1 && n % 10 < 4 ? n % 10 : 0]);
	return buf;
}

static void put_percent(const struct ui *u, WINDOW *w, int y, int x, int width, int idx)
{
	if (idx >= 0)
		draw_value(u, w, y, x, width, (size_t)idx, false);
	else
		ui_right(u, w, y, x, width, ROLE_DIM, "--");
}

/* One bar of WIDTH cells up from row Y, and the guide of the cursor above it. */
static void harmonics_draw_bar(const struct ui *u, const struct harmonics *h, WINDOW *w,
			       enum kind kind, int phase, int order, int y, int x, int width, int height)
{
	const struct reading *r = reading_at(u, h->order[kind][phase][order - FIRST]);
	double top = scales[h->scale[kind]];
	enum role role = r && !ui_old(u, r) ? phase_role[phase] : ROLE_DIM;

	if (order == h->cursor) {
		wattrset(w, (int)ui_attr(u, ROLE_DIM));
		for (int i = 0; i < height; i++)
			mvwaddstr(w, y - i, x + (width - 1) / 2, u->ascii ? "'" : "┊");
	}
	wattrset(w, (int)ui_attr(u, r ? role : ROLE_DIM));
	for (int i = 0; r && i < width; i++) {
		/* what rounds to nothing leaves the line clean: a row of
		 * least bars would say that there is something everywhere */
		if (r->value.num / top * height * 8 >= 0.5)
			chart_vbar(w, y, x + i, height, r->value.num / top, u->ascii);
		if (r->value.num > top)
			mvwaddstr(w, y - height + 1, x + i, u->ascii ? "^" : "▲");
	}
	if (!r)
		mvwaddstr(w, y, x + (width - 1) / 2, u->ascii ? "." : "·");
	wattrset(w, A_NORMAL);
}

/* The NTOP orders with the highest bars. */
static int largest(const struct ui *u, const int *idx, int *out, int ntop)
{
	int n = 0;

	for (int o = 0; o < ORDERS; o++) {
		const struct reading *r = reading_at(u, idx[o]);
		int at = n;

		if (!r || !(r->value.num > 0))
			continue;
		while (at > 0 && reading_at(u, idx[out[at - 1] - FIRST])->value.num < r->value.num)
			at--;
		if (at >= ntop)
			continue;
		if (n < ntop)
			n++;
		for (int i = n - 1; i > at; i--)
			out[i] = out[i - 1];
		out[at] = o + FIRST;
	}
	return n;
}

/* THD, and under it the orders that make it. */
static void harmonics_draw_summary(const struct ui *u, const struct harmonics *h, WINDOW *w,
				   enum kind kind, int phase, int y, int x, int rows)
{
	int top[8], n;

	ui_text(u, w, y, x, 4, ROLE_LABEL, "THD");
	put_percent(u, w, y, x + 4, 6, h->thd[kind][phase]);
	n = largest(u, h->order[kind][phase], top, rows - 1 < 8 ? rows - 1 : 8);
	for (int i = 0; i < n; i++) {
		char name[16];

		ui_text(u, w, y + 1 + i, x, 4, ROLE_DIM, "%s", ordinal(top[i], name, sizeof(name)));
		put_percent(u, w, y + 1 + i, x + 4, 6, h->order[kind][phase][top[i] - FIRST]);
		if (above_limit(u, h, kind, phase, top[i]))
			ui_text(u, w, y + 1 + i, x + 11, 1, ROLE_WARN, "!");
	}
}

static void draw_panel(const struct ui *u, const struct harmonics *h, WINDOW *w,
		       enum kind kind, int phase, int y, int x, int step, int height)
{
	int bars = x + LEFT;

	ui_text(u, w, y, x + 1, 1, phase_role[phase], "%c", 'A' + phase);
	for (int i = 0; i < height; i++) {
		double mark = scales[h->scale[kind]] * (height - i) / height;

		if (i == 0 || 2 * i == height)
			ui_text(u, w, y + i, x + 2, 6, ROLE_DIM, "%4g %s", mark, u->ascii ? "|" : "┤");
		else
			ui_text(u, w, y + i, x + 7, 1, ROLE_DIM, "%s", u->ascii ? "|" : "│");
	}
	ui_text(u, w, y + height, x + 5, 3, ROLE_DIM, "0 %s", u->ascii ? "+" : "┼");
	wattrset(w, (int)ui_attr(u, ROLE_DIM));
	for (int i = 0; i < step * ORDERS; i++)
		mvwaddstr(w, y + height, bars + i, u->ascii ? "-" : "─");
	wattrset(w, A_NORMAL);
	for (int o = FIRST; o <= LAST; o++)
		harmonics_draw_bar(u, h, w, kind, phase, o, y + height - 1,
				   bars + (o - FIRST) * step + 1, step - 1, height);
	harmonics_draw_summary(u, h, w, kind, phase, y, bars + step * ORDERS + 1, height);
}

/* Numbers under the bars: the odd ones when there is no room for all. */
static void draw_axis(const struct ui *u, const struct harmonics *h, WINDOW *w,
		      int y, int x, int step)
{
	for (int o = FIRST; o <= LAST; o++) {
		bool near = step < 3 && abs(o - h->cursor) == 1;

		if (o != h->cursor && (near || (step < 3 && o % 2 == 0)))
			continue;
		ui_text(u, w, y, x + LEFT + (o - FIRST) * step + (step - 1) / 2, 2,
			o == h->cursor ? ROLE_SELECTED : ROLE_LABEL, "%2d", o);
	}
}

/* The order under the cursor, exactly. */
static void draw_cursor(const struct ui *u, const struct harmonics *h, WINDOW *w,
			enum kind kind, int y, int x, int width)
{
	char name[16];
	int at = x + LEFT + 2;

	ui_text(u, w, y, x + 1, 7, ROLE_TITLE, "%s", ordinal(h->cursor, name, sizeof(name)));
	for (int p = 0; p < 3; p++, at += 14) {
		ui_text(u, w, y, at, 1, phase_role[p], "%c", 'A' + p);
		put_percent(u, w, y, at + 2, 6, h->order[kind][p][h->cursor - FIRST]);
		ui_text(u, w, y, at + 9, 1, ROLE_LABEL, "%%");
		if (above_limit(u, h, kind, p, h->cursor))
			ui_text(u, w, y, at + 11, 1, ROLE_WARN, "!");
	}
	if (kind == VOLTAGE && h->cursor <= 25 && width >= 80)
		ui_text(u, w, y, at, width - (at - x), ROLE_DIM, "EN 50160 limit %.1f %%",
			limits_voltage_harmonic(h->cursor));
}

/* The worst against its limit, in words; nothing when all are within. */
static void draw_limits(const struct ui *u, const struct harmonics *h, WINDOW *w, int y, int width)
{
	double worst = 1;
	int phase = -1, order = 0;
	char name[16];

	for (int p = 0; p < 3; p++)
		for (int o = FIRST; o <= LAST; o++) {
			const struct reading *r = reading_at(u, h->order[VOLTAGE][p][o - FIRST]);

			if (r && r->value.num / limits_voltage_harmonic(o) > worst) {
				worst = r->value.num / limits_voltage_harmonic(o);
				phase = p;
				order = o;
			}
		}
	if (phase < 0)
		return;
	ui_text(u, w, y, 1, width - 1, ROLE_WARN,
		"! %s, phase %c: %.2f %% now; EN 50160 (4.2.5) holds its 10 min means to %.1f %%",
		ordinal(order, name, sizeof(name)), 'A' + phase,
		worst * limits_voltage_harmonic(order), limits_voltage_harmonic(order));
}

static void draw_picture(const struct ui *u, const struct harmonics *h, WINDOW *w,
			 enum kind kind, int x, int width)
{
	int height = (getmaxy(w) - 4) / 3;
	int step = (width - LEFT - RIGHT) / ORDERS;
	int y = 1;

	if (step < 2)
		step = 2;
	if (height < 2)
		height = 2;
	ui_text(u, w, 0, x + 1, 40, ROLE_TITLE, "%s", kind_title[kind]);
	ui_text(u, w, 0, x + 20, 20, ROLE_DIM, "%% of fundamental");
	ui_text(u, w, 0, x + LEFT + step * ORDERS - 19, 19, ROLE_DIM, "%19s",
		h->fit ? "scale: fit" : "scale: fixed");
	for (int p = 0; p < 3; p++, y += height)
		draw_panel(u, h, w, kind, p, y, x, step, height - 1);
	draw_axis(u, h, w, y, x, step);
	draw_cursor(u, h, w, kind, y + 1, x, width);
}

static void harmonics_draw_table(const struct ui *u, const struct harmonics *h, WINDOW *w)
{
	const int rows = ORDERS / 2;

	ui_text(u, w, 0, 1, 60, ROLE_TITLE, "Harmonics of voltage and current");
	ui_text(u, w, 0, 35, 40, ROLE_DIM, "%% of fundamental");
	for (int half = 0; half < 2; half++) {
		int x = half * 40;

		for (int c = 0; c < 6; c++)
			ui_text(u, w, 1, x + 3 + c * 6 + c / 3, 6, phase_role[c % 3],
				"%4s %c", c < 3 ? "U" : "I", 'A' + c % 3);
		for (int i = 0; i < rows; i++) {
			int o = FIRST + half * rows + i;

			ui_text(u, w, 3 + i, x, 3, o == h->cursor ? ROLE_SELECTED : ROLE_LABEL, "%3d", o);
			for (int c = 0; c < 6; c++) {
				int at = x + 3 + c * 6 + c / 3;

				put_percent(u, w, 3 + i, at + 1, 5, h->order[c / 3][c % 3][o - FIRST]);
				if (above_limit(u, h, (enum kind)(c / 3), c % 3, o))
					ui_text(u, w, 3 + i, at, 1, ROLE_WARN, "!");
			}
		}
	}
	ui_text(u, w, 2, 0, 3, ROLE_LABEL, "THD");
	for (int c = 0; c < 6; c++)
		put_percent(u, w, 2, 4 + c * 6 + c / 3, 5, h->thd[c / 3][c % 3]);
}

/* Says so when no harmonic can ever come. */
static bool harmonics_draw_none(const struct ui *u, const struct harmonics *h, WINDOW *w)
{
	struct selection sel = { 0 };
	bool none;

	for (int k = 0; k < KINDS; k++)
		for (int p = 0; p < 3; p++)
			for (int o = 0; o < ORDERS; o++)
				want(&sel, h->order[k][p][o]);
	none = support_empty(u, w, &sel, "harmonics");
	selection_release(&sel);
	return none;
}

static void harmonics_draw(struct ui *u, void *state, WINDOW *w)
{
	struct harmonics *h = state;
	int width = getmaxx(w);

	if (!h || !h->any) {
		ui_text(u, w, 1, 2, width - 4, ROLE_DIM, "%s", h ? "this model has no harmonics" : "out of memory");
		return;
	}
	if (ui_pushes(u) && harmonics_draw_none(u, h, w))
		return;
	/* here and not in an update hook: that would keep the harmonics on the
	 * line while nobody looks at them */
	if (h->fit)
		harmonics_fit(u, h);
	if (h->table) {
		harmonics_draw_table(u, h, w);
	} else if (both(u, h)) {
		draw_picture(u, h, w, VOLTAGE, 0, width / 2);
		draw_picture(u, h, w, CURRENT, width / 2, width / 2);
	} else {
		draw_picture(u, h, w, h->kind, 0, width);
	}
	if (h->table || both(u, h) || h->kind == VOLTAGE)
		draw_limits(u, h, w, getmaxy(w) - 1, width);
}

/* One step up or down from what is shown now; the picture stays there. */
static void rescale(const struct ui *u, struct harmonics *h, int by)
{
	h->fit = false;
	for (int k = 0; k < KINDS; k++) {
		size_t *s = &h->scale[k];

		if (k != (int)h->kind && !both(u, h))
			continue;
		if (by > 0 && *s + 1 < NSCALES)
			(*s)++;
		if (by < 0 && *s > 0)
			(*s)--;
	}
}

enum {
	EARLIER = ACTION_SCREEN, LATER, START, END, KIND, TABLE, HIGHER, LOWER, FIT
};

static const struct keyrow keys[] = {
	{ KEY_LEFT, EARLIER, "arrows", "order", "move the cursor to another order" },
	{ KEY_RIGHT, LATER, NULL, NULL, NULL },
	{ KEY_UP, EARLIER, NULL, NULL, NULL },
	{ KEY_DOWN, LATER, NULL, NULL, NULL },
	{ KEY_HOME, START, "Home", NULL, "the 2nd order; End the 31st" },
	{ KEY_END, END, NULL, NULL, NULL },
	{ 'v', KIND, "v", "volts/amps", "harmonics of the voltage or of the current" },
	{ 't', TABLE, "t", "table", "all orders as numbers, or the picture" },
	{ '+', HIGHER, "+", NULL, "higher bars (smaller scale); - lower ones" },
	{ '=', HIGHER, NULL, NULL, NULL },
	{ '-', LOWER, NULL, NULL, NULL },
	{ 'f', FIT, "f", NULL, "let the scale follow the highest bar again" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static bool harmonics_key(struct ui *u, void *state, int key)
{
	struct harmonics *h = state;

	if (!h || !h->any)
		return false;
	switch (keys_action(keys, NKEYS, key)) {
	case EARLIER:
		h->cursor -= h->cursor > FIRST;
		return true;
	case LATER:
		h->cursor += h->cursor < LAST;
		return true;
	case START:
		h->cursor = FIRST;
		return true;
	case END:
		h->cursor = LAST;
		return true;
	case KIND:
		h->kind = h->kind == VOLTAGE ? CURRENT : VOLTAGE;
		return true;
	case TABLE:
		h->table = !h->table;
		return true;
	case HIGHER:
		rescale(u, h, -1);
		return true;
	case LOWER:
		rescale(u, h, 1);
		return true;
	case FIT:
		h->fit = true;
		return true;
	default:
		return false;
	}
}

const struct screen_ops screen_harmonics = {
	.about = ABILITY_HARMONICS,
	.open = harmonics_open,
	.close = free,
	.points = harmonics_points,
	.draw = harmonics_draw,
	.key_press = harmonics_key,
	.keys = keys,
	.nkeys = NKEYS,
};
