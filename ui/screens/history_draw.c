/*
 * history_draw.c - how the History screen looks.
 */
#include "history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "profile/codec.h"
#include "ui/draw/draw.h"
#include "ui/stage.h"

#define HEAD 2			/* rows above the list */
#define FOOT 5			/* and below the records */
#define TIME_X 3
#define TIME_CELLS 16		/* without the seconds */
#define TOTAL_CELLS 11
#define DIFFERENCE_CELLS 12
#define TOTAL_X (TIME_X + TIME_CELLS + 1)
#define DIFFERENCE_X (TOTAL_X + TOTAL_CELLS + 1)
#define PARTS_X (DIFFERENCE_X + DIFFERENCE_CELLS + 2)
#define PART_CELLS 10
#define WIDE 116		/* columns of the terminal that have room for the tariffs */

/* As in the day tables: darker is dearer, and letters where there are no shades. */
static const char *const shades[HISTORY_PARTS] = { "█", "█", "▓", "▒", "░" };
static const char *const outgoings[HISTORY_PARTS] = { "#", "s", "p", "f", "v" };
static const enum role roles[HISTORY_PARTS] = {
	ROLE_NORMAL, ROLE_PHASE_C, ROLE_PHASE_B, ROLE_PHASE_A, ROLE_GOOD
};

/* What the drawing of energies needs at every step. */
struct picture {
	const struct ui *u;
	const struct history_screen *s;
	const struct history *h;
	WINDOW *w;
	int x, width;		/* of the bars */
	double greatest;
};

/* A value or its difference, on the side that is shown. False: there is none. */
static bool history_draw_number(const struct ui *u, const struct history *h, const struct history_value *v,
				bool difference, double *out, int *decimals)
{
	const struct point *p;
	double side;

	if (!v || !(difference ? v->compared : v->known)
	    || !draw_side(u, (size_t)v->point, u->primary, &side, decimals))
		return false;
	p = &h->profile->points[v->point];
	*out = difference ? v->difference : v->value;
	if (u->primary && p->ratio != RATIO_NONE)
		*out *= codec_primary(p, draw_ratio(u, "ratio.pt"), draw_ratio(u, "ratio.ct"));
	return true;
}

static void history_draw_put_number(const struct picture *p, int y, int x, int width,
				    const struct history_value *v, bool difference, enum role role)
{
	char buf[48];
	double n;
	int decimals;

	if (!v)
		return;
	if (!history_draw_number(p->u, p->h, v, difference, &n, &decimals))
		ui_right(p->u, p->w, y, x, width, ROLE_DIM, "--");
	else
		ui_right(p->u, p->w, y, x, width, role, "%s%s", difference && n >= 0 ? "+" : "",
			 draw_number(n, decimals, width - difference, buf, sizeof(buf)));
}

static const struct history_value *value_at(const struct picture *p, size_t r, size_t part)
{
	return history_value(p->h, r, p->s->kind, part);
}

/* ---- bars ----------------------------------------------------------------- */

/* What the bar of a record is of; 0 where there is nothing to draw. */
static double bar_value(const struct picture *p, size_t r, size_t part)
{
	double n;
	int decimals;

	return history_draw_number(p->u, p->h, value_at(p, r, part), !p->s->kept, &n, &decimals) && n > 0 ? n : 0;
}

/* N cells of a tariff from X on; it draws no further than the bar's end. */
static int run_of(const struct picture *p, int y, int x, int n, size_t part)
{
	for (int i = 0; i < n && x + i < p->x + p->width; i++)
		ui_text(p->u, p->w, y, x + i, 1, roles[part], "%s",
			p->u->ascii ? outgoings[part] : shades[part]);
	return n > 0 ? x + n : x;
}

static void history_draw_bar(const struct picture *p, int y, size_t r)
{
	double whole = bar_value(p, r, p->s->part), sum = 0;
	int end = p->x + (int)lround(whole / p->greatest * p->width), x = p->x;

	if (p->s->part || !value_at(p, r, 1)) {
		run_of(p, y, x, end - x, p->s->part);
		return;
	}
	for (size_t part = 1; part < HISTORY_PARTS; part++) {
		sum += bar_value(p, r, part);
		x = run_of(p, y, x, p->x + (int)lround(sum / p->greatest * p->width) - x, part);
	}
	/* what the tariffs do not account for */
	for (; x < end; x++)
		ui_text(p->u, p->w, y, x, 1, ROLE_DIM, "·");
}

static void history_draw_measure(struct picture *p)
{
	p->x = PARTS_X + (p->u->cols >= WIDE ? (HISTORY_PARTS - 1) * (PART_CELLS + 1) : 0);
	p->width = p->u->cols - p->x - 2;
	p->greatest = 0;
	for (size_t r = 0; r < p->h->nrecords; r++)
		p->greatest = fmax(p->greatest, bar_value(p, r, p->s->part));
}

/* ---- energies ------------------------------------------------------------- */

static void draw_progress(const struct ui *u, const struct history_screen *s,
			  const struct history *h, WINDOW *w)
{
	int newest = profile_find(u->profile, "history.time");
	time_t at = newest < 0 ? 0 : (time_t)(h->readings[newest].at_us / 1000000);
	struct tm tm;
	char text[16];

	if (s->left) {
		ui_right(u, w, 0, u->cols - 32, 31, ROLE_WARN, "reading: %zu values to come", s->left);
	} else if (at && localtime_r(&at, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm)) {
		ui_right(u, w, 0, u->cols - 32, 31, ROLE_DIM, "looked at %s", text);
	}
}

static const char *unused(enum history_state s)
{
	return s == HISTORY_ZERO ? "unused: reads 0" : s == HISTORY_FFFF ? "unused: FFFFH"
	     : s == HISTORY_REFUSED ? "refused" : "--";
}

static void draw_record(const struct picture *p, int y, size_t r)
{
	const struct history_record *rec = &p->h->records[r];
	bool here = (int)r == p->s->row;
	const char *time = history_time(p->h, rec->time);
	size_t part = p->s->part;

	if (here)
		ui_text(p->u, p->w, y, 1, 1, ROLE_KEY, "▸");
	if (rec->state != HISTORY_KEPT && rec->state != HISTORY_UNREAD) {
		ui_text(p->u, p->w, y, TIME_X, TIME_CELLS, ROLE_DIM, "%s", unused(rec->state));
		return;
	}
	ui_text(p->u, p->w, y, TIME_X, TIME_CELLS, here ? ROLE_TITLE : ROLE_NORMAL, "%.16s",
		*time ? time : "--");
	history_draw_put_number(p, y, TOTAL_X, TOTAL_CELLS, value_at(p, r, part), false, ROLE_NORMAL);
	history_draw_put_number(p, y, DIFFERENCE_X, DIFFERENCE_CELLS, value_at(p, r, part), true, ROLE_NORMAL);
	if (p->u->cols >= WIDE)
		for (size_t i = 1; i < HISTORY_PARTS; i++)
			history_draw_put_number(p, y, PARTS_X + (int)(i - 1) * (PART_CELLS + 1), PART_CELLS,
						value_at(p, r, i), !p->s->kept, ROLE_NORMAL);
	if (p->greatest > 0)
		history_draw_bar(p, y, r);
}

static void history_draw_heading(const struct picture *p, const struct history_value *v)
{
	const struct point *pt = &p->h->profile->points[v->point];
	const struct ui *u = p->u;
	char buf[48];

	ui_text(u, p->w, 0, 1, u->cols - 34, ROLE_TITLE, "%s  %s%s", history_titles[p->s->kind],
		draw_unit(pt), u->primary && pt->ratio != RATIO_NONE ? ", primary" : "");
	ui_text(u, p->w, 1, TIME_X, TIME_CELLS, ROLE_DIM, "recorded at");
	ui_right(u, p->w, 1, TOTAL_X, TOTAL_CELLS, ROLE_DIM, "%s", history_parts[p->s->part]);
	ui_right(u, p->w, 1, DIFFERENCE_X, DIFFERENCE_CELLS, ROLE_DIM, "difference");
	for (size_t i = 1; i < HISTORY_PARTS && u->cols >= WIDE; i++)
		ui_right(u, p->w, 1, PARTS_X + (int)(i - 1) * (PART_CELLS + 1), PART_CELLS,
			 ROLE_DIM, "%s", history_parts[i]);
	if (p->greatest > 0)
		ui_text(u, p->w, 1, p->x, p->width, ROLE_DIM, "%s up to %s",
			p->s->kept ? "as kept" : "difference",
			draw_number(p->greatest, pt->decimals, 10, buf, sizeof(buf)));
}

/* The record under the cursor, tariff by tariff. */
static void history_draw_detail(const struct picture *p, int y)
{
	size_t r = (size_t)p->s->row;
	int x = TOTAL_X;

	ui_text(p->u, p->w, y + 1, TIME_X, TIME_CELLS, ROLE_LABEL, "as kept");
	ui_text(p->u, p->w, y + 2, TIME_X, TIME_CELLS, ROLE_LABEL, "to record before");
	for (size_t i = 0; i < HISTORY_PARTS; i++, x += TOTAL_CELLS + 1) {
		const struct history_value *v = value_at(p, r, i);

		if (!v)
			continue;
		ui_right(p->u, p->w, y, x, TOTAL_CELLS, ROLE_DIM, "%s", history_parts[i]);
		if (i && p->s->part == 0)
			ui_text(p->u, p->w, y, x + TOTAL_CELLS - (int)strlen(history_parts[i]) - 3, 2,
				roles[i], "%s%s", p->u->ascii ? outgoings[i] : shades[i],
				p->u->ascii ? "=" : shades[i]);
		history_draw_put_number(p, y + 1, x, TOTAL_CELLS, v, false, ROLE_NORMAL);
		history_draw_put_number(p, y + 2, x, TOTAL_CELLS, v, true, ROLE_NORMAL);
	}
}

static void draw_notes(const struct ui *u, const struct history *h, WINDOW *w, int y, int most)
{
	const char *note[HISTORY_NOTES];

	history_notes(h, note);
	for (int i = 0; i < most && note[i]; i++)
		ui_text(u, w, y + i, 1, u->cols - 2, ROLE_DIM, "%s", note[i]);
}

void history_draw_energies(const struct ui *u, const struct history_screen *s,
			   const struct history *h, WINDOW *w)
{
	struct picture p = { .u = u, .s = s, .h = h, .w = w };
	const struct history_value *v = h->nrecords ? history_value(h, 0, s->kind, 0) : NULL;
	int rows = getmaxy(w) - HEAD - FOOT, n = (int)h->nrecords, top = 0;

	draw_progress(u, s, h, w);
	if (!v) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "this meter model keeps no such energy");
		return;
	}
	history_draw_measure(&p);
	history_draw_heading(&p, v);
	if (rows < 1)
		rows = 1;
	if (s->row >= rows)	/* a small terminal */
		top = s->row - rows + 1;
	for (int i = 0; i < rows && top + i < n; i++)
		draw_record(&p, HEAD + i, (size_t)(top + i));
	rows = HEAD + (rows < n ? rows : n);
	history_draw_detail(&p, rows + 1);
	draw_notes(u, h, w, rows + FOOT - 1, getmaxy(w) - rows - FOOT + 1);
}

/* ---- extremes ------------------------------------------------------------- */

int history_rows(const struct ui *u)
{
	int rows = u->rows - STAGE_HEAD - STAGE_FOOT - HEAD - 1;

	return rows < 1 ? 1 : rows;
}

static void draw_peak(const struct ui *u, const struct history *h, WINDOW *w, int y, int x,
		      const struct history_peak *peak)
{
	const char *time = peak->known ? history_time(h, peak->time) : "";
	char buf[48];
	double v;
	int decimals;

	if (peak->known && draw_side(u, (size_t)peak->point, u->primary, &v, &decimals))
		ui_right(u, w, y, x, 11, ROLE_NORMAL, "%s", draw_number(v, decimals, 11, buf, sizeof(buf)));
	else
		ui_right(u, w, y, x, 11, ROLE_DIM, "--");
	ui_text(u, w, y, x + 13, 11, *time ? ROLE_NORMAL : ROLE_DIM, "%s", *time ? time
		: peak->state == HISTORY_ZERO || peak->state == HISTORY_FFFF ? "unused" : "--");
}

void history_draw_extremes(const struct ui *u, const struct history_screen *s,
			   const struct history *h, WINDOW *w)
{
	int y = HEAD, row = 0, rows = history_rows(u);
	char when[32] = "this month";

	if (s->ago)
		snprintf(when, sizeof(when), "%u month%s ago", s->ago, s->ago == 1 ? "" : "s");
	draw_progress(u, s, h, w);
	ui_text(u, w, 0, 1, u->cols - 34, ROLE_TITLE, "Extremes %s", when);
	ui_text(u, w, 1, TIME_X, 22, ROLE_DIM, "quantity");
	ui_right(u, w, 1, 31, 11, ROLE_DIM, "highest");
	ui_text(u, w, 1, 44, 11, ROLE_DIM, "at");
	ui_right(u, w, 1, 55, 11, ROLE_DIM, "lowest");
	ui_text(u, w, 1, 68, 11, ROLE_DIM, "at");
	for (size_t i = 0; i < h->nextremes; i++) {
		const struct history_extreme *x = &h->extremes[i];

		if (x->ago != s->ago || row++ < s->top || y >= HEAD + rows)
			continue;
		ui_text(u, w, y, TIME_X, 22, ROLE_LABEL, "%s", x->quantity);
		ui_text(u, w, y, 26, 5, ROLE_DIM, "%s", draw_unit(&h->profile->points[
			x->max.point >= 0 ? x->max.point : x->min.point]));
		draw_peak(u, h, w, y, 31, &x->max);
		draw_peak(u, h, w, y++, 55, &x->min);
	}
	if (row > s->top + rows)
		ui_text(u, w, y, TIME_X, 20, ROLE_DIM, "↓ more below");
	ui_right(u, w, y, u->cols - 56, 55, ROLE_DIM, "the times of extremes are kept without a year");
}
