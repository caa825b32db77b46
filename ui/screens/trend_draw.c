/*
 * trend_draw.c - the Trend screen: a row a point, and below them one chart.
 */
#include "trend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profile/codec.h"
#include "ui/draw/canvas.h"
#include "ui/draw/chart.h"
#include "ui/draw/draw.h"
#include "ui/stage.h"

#define GUTTER 9		/* cells of the numbers left of the chart */
#define SPARK_MAX 256

/* Where the parts of a row stand. */
struct columns {
	int key, key_width, last, unit, min, max, spark, spark_width;
};

/* What a line holds in the time shown. */
struct summary {
	double min, max, last;	/* NAN: nothing */
	bool old;		/* last is not the present */
};

struct chart {
	int y, height, width;	/* cells, numbers left out */
	int64_t from_us, dot_us;	/* left edge, and one dot to the right */
	double low, high, step;
	int decimals;
};

static const struct point *trend_draw_point_of(const struct ui *u, const struct trend *t, int i)
{
	return &u->profile->points[t->line[i].samples->idx];
}

/* 'A', 'B', 'C' for a phase: the end of its key. 0: not of one phase. */
static char phase_of(const struct point *p)
{
	const char *dot = strrchr(p->key, '.');

	return dot && dot[1] >= 'a' && dot[1] <= 'c' && !dot[2] ? (char)(dot[1] - 'a' + 'A') : 0;
}

static bool same_unit(const struct point *a, const struct point *b)
{
	return strcmp(a->unit, b->unit) == 0
	    && (a->unit[0] || strcmp(a->group, b->group) == 0);
}

/* The letter that names line I beside its row and at its end in the chart. */
static char trend_draw_mark_of(const struct ui *u, const struct trend *t, int i)
{
	const struct point *p = trend_draw_point_of(u, t, i);
	char phase = phase_of(p);

	for (int j = 0; j < i; j++)
		if (phase_of(trend_draw_point_of(u, t, j)) == phase && same_unit(trend_draw_point_of(u, t, j), p))
			phase = 0;
	return phase ? phase : (char)(i < 9 ? '1' + i : 'k' + i - 9);
}

static enum role trend_draw_role_of(const struct ui *u, const struct trend *t, int i)
{
	static const enum role others[] = { ROLE_NORMAL, ROLE_LABEL, ROLE_PHASE_B };
	char phase = phase_of(trend_draw_point_of(u, t, i));

	if (phase)
		return (enum role)(ROLE_PHASE_A + (phase - 'A'));
	return others[(size_t)i % (sizeof(others) / sizeof(others[0]))];
}

/* What the meter's number is multiplied by, and the decimals it is worth. NAN:
 * its primary side is asked for and not known. */
static double trend_draw_factor_of(const struct ui *u, const struct trend *t, int i, int *decimals)
{
	double v;

	if (!draw_side(u, t->line[i].samples->idx, u->primary, &v, decimals))
		return NAN;
	return u->primary ? codec_primary(trend_draw_point_of(u, t, i), draw_ratio(u, "ratio.pt"),
					  draw_ratio(u, "ratio.ct")) : 1;
}

static int64_t window_us(const struct trend *t)
{
	return trend_minutes[t->window] * 60 * SECOND_US;
}

/* The oldest sample of S not before AT, or S->n. */
static uint32_t first_since(const struct ui_trend *s, int64_t at_us)
{
	uint32_t low = 0, high = s->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->at_us[trend_sample(s, mid)] < at_us)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct summary summarize(const struct ui *u, const struct trend *t, int i)
{
	const struct trend_line *l = &t->line[i];
	const struct ui_trend *s = l->samples;
	struct summary sum = { NAN, NAN, NAN, true };
	int64_t end = trend_end(u, t), at = 0;

	for (uint32_t k = first_since(s, end - window_us(t)); k < s->n; k++) {
		size_t j = trend_sample(s, k);

		if (s->at_us[j] > end)
			break;
		sum.old = isnan(s->value[j]);
		if (sum.old)
			continue;
		sum.last = s->value[j];
		sum.min = fmin(sum.min, sum.last);
		sum.max = fmax(sum.max, sum.last);
		at = s->at_us[j];
	}
	sum.old |= trend_gap(l, at, end) || (!t->paused && u->line != LINE_LIVE);
	return sum;
}

static struct columns columns_for(int width)
{
	int more = width > 80 ? (width - 80) / 2 : 0;
	struct columns c = { .key = 5, .key_width = 20 + (more < 20 ? more : 20) };

	c.last = c.key + c.key_width + 1;
	c.unit = c.last + 10;
	c.min = c.unit + 5;
	c.max = c.min + 10;
	c.spark = c.max + 11;
	/* below 80 columns the last value is what counts */
	c.spark_width = width < 80 ? 0 : width - c.spark - 1;
	if (c.spark_width > SPARK_MAX)
		c.spark_width = SPARK_MAX;
	return c;
}

/* The mean of each cell's share of the time; gaps stay NAN, and cells between
 * two samples of a slow line repeat the one before. */
static void spark_values(const struct ui *u, const struct trend *t, int i, double *v, int cells)
{
	const struct trend_line *l = &t->line[i];
	const struct ui_trend *s = l->samples;
	int64_t share = window_us(t) / cells, end = trend_end(u, t), before = 0;
	unsigned count[SPARK_MAX] = { 0 };
	int last = -1;

	for (int c = 0; c < cells; c++)
		v[c] = NAN;
	for (uint32_t k = first_since(s, (end / share - cells + 1) * share); k < s->n; k++) {
		size_t j = trend_sample(s, k);
		int64_t cell = cells - 1 - (end / share - s->at_us[j] / share);

		if (s->at_us[j] > end)
			break;
		if (isnan(s->value[j])) {
			last = -1;
			continue;
		}
		for (int c = last + 1; last >= 0 && c < cell; c++)
			if (!trend_gap(l, before, s->at_us[j]))
				v[c] = v[last];
		last = (int)cell;
		before = s->at_us[j];
		v[last] = count[last] ? v[last] + s->value[j] : s->value[j];
		count[last]++;
	}
	for (int c = 0; c < cells; c++)
		if (count[c])
			v[c] /= count[c];
}

static void trend_draw_put_number(const struct ui *u, WINDOW *w, int y, int x, int width,
				  enum role r, double v, int decimals)
{
	char buf[32];

	if (isnan(v))
		ui_right(u, w, y, x, width, ROLE_DIM, "--");
	else
		ui_right(u, w, y, x, width, r, "%s",
			 draw_number(v, decimals, width, buf, sizeof(buf)));
}

static void draw_line_row(const struct ui *u, const struct trend *t, WINDOW *w,
			  int y, int i, bool charted)
{
	struct columns c = columns_for(getmaxx(w));
	struct summary sum = summarize(u, t, i);
	double v[SPARK_MAX], rest, factor;
	int decimals;

	factor = trend_draw_factor_of(u, t, i, &decimals);
	ui_text(u, w, y, 1, 1, ROLE_TITLE, "%s", i == t->cursor ? "▸" : "");
	ui_text(u, w, y, 3, 1, charted ? trend_draw_role_of(u, t, i) : ROLE_DIM, "%c", trend_draw_mark_of(u, t, i));
	ui_text(u, w, y, c.key, c.key_width, i == t->cursor ? ROLE_TITLE : ROLE_NORMAL,
		"%s", trend_draw_point_of(u, t, i)->key);
	trend_draw_put_number(u, w, y, c.last, 9, sum.old ? ROLE_DIM : ROLE_NORMAL, sum.last * factor, decimals);
	ui_text(u, w, y, c.unit, 5, ROLE_LABEL, "%s", trend_draw_point_of(u, t, i)->unit);
	if (c.spark_width < 1)
		return;
	trend_draw_put_number(u, w, y, c.min, 9, ROLE_NORMAL, sum.min * factor, decimals);
	trend_draw_put_number(u, w, y, c.max, 9, ROLE_NORMAL, sum.max * factor, decimals);
	/* the last digit of a steady value flickers: that is no trend */
	rest = 8 * pow(10, -trend_draw_point_of(u, t, i)->decimals) - (sum.max - sum.min);
	rest = rest > 0 ? rest / 2 : 0;
	spark_values(u, t, i, v, c.spark_width);
	wattrset(w, (int)ui_attr(u, charted ? trend_draw_role_of(u, t, i) : ROLE_DIM));
	chart_spark(w, y, c.spark, c.spark_width, v, (size_t)c.spark_width,
		    sum.min - rest, sum.max + rest, u->ascii);
	wattrset(w, A_NORMAL);
}

static void trend_draw_head(const struct ui *u, const struct trend *t, WINDOW *w)
{
	struct columns c = columns_for(getmaxx(w));
	int x = getmaxx(w) - 19;
	char clock[16];
	struct tm tm;
	time_t at = (time_t)(t->held_wall_us / SECOND_US);

	if (t->paused) {
		localtime_r(&at, &tm);
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
		ui_text(u, w, 0, 1, c.last - 1, ROLE_WARN, "paused at %s", clock);
	} else {
		ui_text(u, w, 0, 1, 8, ROLE_TITLE, "Trend");
		ui_text(u, w, 0, c.key + 4, c.key_width - 4, ROLE_DIM,
			u->primary ? "primary" : "meter side");
	}
	ui_right(u, w, 0, c.last, 9, ROLE_LABEL, "last");
	if (c.spark_width > 0) {
		ui_right(u, w, 0, c.min, 9, ROLE_LABEL, "min");
		ui_right(u, w, 0, c.max, 9, ROLE_LABEL, "max");
	}
	for (int i = 0; i < TREND_WINDOWS; i++) {
		bool here = i == t->window;
		char text[16];

		snprintf(text, sizeof(text), here ? "[%d]" : " %d ", trend_minutes[i]);
		ui_text(u, w, 0, x, 4, here ? ROLE_TITLE : ROLE_DIM, "%s", text);
		x += (int)strlen(text);
	}
	ui_text(u, w, 0, x + 1, 3, ROLE_DIM, "min");
}

static bool charted(const struct ui *u, const struct trend *t, int i)
{
	return i == t->cursor
	    || (!t->alone && same_unit(trend_draw_point_of(u, t, i), trend_draw_point_of(u, t, t->cursor)));
}

/* The least of 1, 2, 5 x 10^n that is not below V. */
static double nice(double v)
{
	double ten = pow(10, floor(log10(v))), f = v / ten;

	return ten * (f <= 1.0001 ? 1 : f <= 2.0001 ? 2 : f <= 5.0001 ? 5 : 10);
}

/* A scale of round numbers round MIN .. MAX, at least three rows apart. */
static void trend_draw_fit(struct chart *c, double min, double max, int decimals)
{
	int most = c->height * 2 / 5 > 1 ? c->height * 2 / 5 : 1;
	double least = 4 * pow(10, -decimals);

	if (max - min < least) {
		min -= least / 2;
		max = min + least;
	}
	c->step = nice((max - min) / most);
	while (ceil(max / c->step - 1e-9) - floor(min / c->step + 1e-9) > most)
		c->step = nice(c->step * 1.5);
	c->low = floor(min / c->step + 1e-9) * c->step;
	c->high = ceil(max / c->step - 1e-9) * c->step;
	c->decimals = c->step < 1 ? (int)ceil(-log10(c->step) - 1e-9) : 0;
}

static int dot_of(const struct chart *c, double v, int dots)
{
	return (int)lround((c->high - v) / (c->high - c->low) * (dots - 1));
}

/* Which dot from the left; edges of dots stand still while time goes on. */
static int dot_at(const struct chart *c, int64_t at_us)
{
	return (int)(at_us / c->dot_us - c->from_us / c->dot_us) - 1;
}

static void draw_scale(const struct ui *u, const struct chart *c, WINDOW *w)
{
	int intervals = (int)lround((c->high - c->low) / c->step);

	for (int row = 0; row < c->height; row++)
		ui_text(u, w, c->y + row, GUTTER - 1, 1, ROLE_DIM, "│");
	for (int i = 0; i <= intervals; i++) {
		double v = c->low + i * c->step;
		int y = c->y + dot_of(c, v, c->height * 4) / 4;

		trend_draw_put_number(u, w, y, 0, GUTTER - 2, ROLE_DIM, v, c->decimals);
		wattrset(w, (int)ui_attr(u, ROLE_DIM));
		mvwaddstr(w, y, GUTTER - 1, u->ascii ? "+" : "┤");
		for (int x = 3; x < c->width; x += 4)
			mvwaddstr(w, y, GUTTER + x, u->ascii ? "-" : "·");
		wattrset(w, A_NORMAL);
	}
}

/* How long ago, under the chart. */
static void draw_times(const struct ui *u, const struct trend *t, const struct chart *c, WINDOW *w)
{
	static const int every[TREND_WINDOWS] = { 10, 60, 180, 600 };	/* seconds */
	int window = trend_minutes[t->window] * 60, y = c->y + c->height;

	ui_right(u, w, y, 0, GUTTER - 2, ROLE_LABEL, "%s", trend_draw_point_of(u, t, t->cursor)->unit);
	for (int s = every[t->window]; s <= window; s += every[t->window]) {
		char text[16];
		int x = GUTTER + c->width - (int)((long)c->width * s / window);

		if (window == 60)
			snprintf(text, sizeof(text), "-%d s", s);
		else
			snprintf(text, sizeof(text), "-%d min", s / 60);
		x -= s == window ? 0 : (int)strlen(text) / 2;
		ui_text(u, w, y, x, (int)strlen(text), ROLE_DIM, "%s", text);
	}
	ui_right(u, w, y, GUTTER + c->width - 6, 7, ROLE_DIM, t->paused ? "paused" : "now");
}

static void draw_curve(struct canvas *cv, const struct trend *t, const struct chart *c,
		       int i, double factor, int64_t end, int layer)
{
	const struct trend_line *l = &t->line[i];
	const struct ui_trend *s = l->samples;
	int dots = canvas_height(cv), px = 0, py = 0;
	int64_t before = 0;
	bool joined = false;

	uint32_t k = first_since(s, c->from_us);

	/* the one before the left edge is where the line comes from */
	for (k -= k > 0; k < s->n; k++) {
		size_t j = trend_sample(s, k);
		int x, y;

		if (s->at_us[j] > end)
			break;
		if (isnan(s->value[j])) {
			joined = false;
			continue;
		}
		x = dot_at(c, s->at_us[j]);
		x = (int)((long)x * canvas_width(cv) / (2 * c->width));
		y = dot_of(c, s->value[j] * factor, dots);
		if (joined && !trend_gap(l, before, s->at_us[j]))
			canvas_line(cv, px, py, x, y, layer);
		else
			canvas_dot(cv, x, y, layer);
		px = x;
		py = y;
		before = s->at_us[j];
		joined = true;
	}
}

/* Each line's letter beside its end, moved apart where two would meet. */
static void draw_ends(const struct ui *u, const struct trend *t, const struct chart *c,
		      const struct summary *sums, const double *factors, WINDOW *w)
{
	bool taken[512] = { false };

	for (int i = 0; i < t->n; i++) {
		int row, at = -1;

		if (!charted(u, t, i) || isnan(sums[i].last * factors[i]) || sums[i].old)
			continue;
		row = dot_of(c, sums[i].last * factors[i], c->height * 4) / 4;
		/* the last may be newer than the time shown, and beyond its scale */
		if (row < 0 || row >= c->height)
			continue;
		for (int off = 0; off < 4 && at < 0; off++) {
			if (row + off < c->height && !taken[row + off])
				at = row + off;
			else if (row - off >= 0 && !taken[row - off])
				at = row - off;
		}
		if (at < 0)
			continue;
		taken[at] = true;
		ui_text(u, w, c->y + at, GUTTER + c->width + 1, 1,
			i == t->cursor ? ROLE_TITLE : trend_draw_role_of(u, t, i), "%c", trend_draw_mark_of(u, t, i));
	}
}

/* Range of all lines in the chart; false: there is nothing to draw yet. */
static bool range(const struct ui *u, const struct trend *t, const struct summary *sums,
		  const double *factors, double *min, double *max)
{
	*min = *max = NAN;
	for (int i = 0; i < t->n; i++) {
		if (!charted(u, t, i))
			continue;
		*min = fmin(*min, sums[i].min * factors[i]);
		*max = fmax(*max, sums[i].max * factors[i]);
	}
	if (t->zero && !isnan(*min)) {
		*min = fmin(*min, 0);
		*max = fmax(*max, 0);
	}
	return !isnan(*min);
}

static void draw_curves(const struct ui *u, const struct trend *t, const struct chart *c,
			const double *factors, WINDOW *w)
{
	struct canvas *cv = canvas_new(c->width, c->height, u->ascii);
	attr_t attrs[TREND_MAX + 1];

	if (!cv)
		return;
	for (int i = 0; i < t->n; i++) {
		attrs[i] = ui_attr(u, trend_draw_role_of(u, t, i));
		if (charted(u, t, i) && i != t->cursor && !isnan(factors[i]))
			draw_curve(cv, t, c, i, factors[i], trend_end(u, t), i);
	}
	/* last, so that the chosen one is on top */
	attrs[t->n] = attrs[t->cursor] | A_BOLD;
	if (!isnan(factors[t->cursor]))
		draw_curve(cv, t, c, t->cursor, factors[t->cursor], trend_end(u, t), t->n);
	canvas_draw(cv, w, c->y, GUTTER, attrs, t->n + 1);
	canvas_free(cv);
}

static void draw_chart(const struct ui *u, const struct trend *t, WINDOW *w, int y)
{
	struct chart c = { .y = y, .height = getmaxy(w) - y - 1, .width = getmaxx(w) - GUTTER - 3 };
	struct summary sums[TREND_MAX];
	double factors[TREND_MAX], min, max;
	int decimals = 0;

	if (c.height < 3 || c.width < 10 || c.height > 512)
		return;
	for (int i = 0; i < t->n; i++) {
		sums[i] = summarize(u, t, i);
		factors[i] = trend_draw_factor_of(u, t, i, &decimals);
	}
	if (!range(u, t, sums, factors, &min, &max)) {
		ui_text(u, w, y + 1, GUTTER, c.width, ROLE_DIM, "%s",
			isnan(factors[t->cursor]) ? "PT and CT have not been read yet"
						  : "nothing read in this time");
		return;
	}
	trend_draw_factor_of(u, t, t->cursor, &decimals);
	trend_draw_fit(&c, min, max, decimals);
	c.dot_us = window_us(t) / (c.width * 2);
	c.from_us = trend_end(u, t) - c.dot_us * c.width * 2;
	draw_scale(u, &c, w);
	draw_times(u, t, &c, w);
	draw_curves(u, t, &c, factors, w);
	draw_ends(u, t, &c, sums, factors, w);
}

void trend_draw(struct ui *u, void *state, WINDOW *w)
{
	struct trend *t = state;
	int rows, first = 0;

	if (!t)
		return;
	if (t->pick.open) {
		pick_draw(u, t, w);
		return;
	}
	trend_draw_head(u, t, w);
	if (t->n == 0) {
		ui_text(u, w, 2, 2, getmaxx(w) - 4, ROLE_DIM, "no points: a chooses some");
		return;
	}
	/* the chart keeps ten rows as long as three points can be seen */
	rows = getmaxy(w) - 12 > 3 ? getmaxy(w) - 12 : 3;
	if (rows > t->n)
		rows = t->n;
	if (t->cursor >= rows)
		first = t->cursor - rows + 1;
	for (int i = 0; i < rows; i++)
		draw_line_row(u, t, w, 1 + i, first + i, charted(u, t, first + i));
	if (first > 0)
		ui_text(u, w, 1, 0, 1, ROLE_DIM, "↑");
	if (first + rows < t->n)
		ui_text(u, w, rows, 0, 1, ROLE_DIM, "↓");
	draw_chart(u, t, w, 1 + rows);
}

bool trend_draw_beside(struct ui *u, WINDOW *w, int y, int x, int rows, int cols)
{
	const struct trend *t = stage_state(u, &screen_trend);
	WINDOW *part = t && t->n > 0 && rows > 1 ? derwin(w, rows, cols, y, x) : NULL;
	struct trend shown;

	if (!part)
		return false;
	shown = *t;
	shown.cursor = -1;
	trend_draw_head(u, &shown, part);
	for (int i = 0; i < shown.n && 1 + i < rows; i++)
		draw_line_row(u, &shown, part, 1 + i, i, true);
	delwin(part);
	return true;
}
