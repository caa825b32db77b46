/*
 * draw.c - what the screens draw with: roles, clean clipped text, values.
 */
#include "draw.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "profile/codec.h"
#include "base/text.h"
#include "ui/bus/support.h"

/* A foreground of 8 and of 256 colours (-1: the terminal's own). */
struct ink {
	short eight, many;
};

/* What each role looks like on a dark background and on a light one, where the pale colours of the
 * first cannot be read, and what stands in for it on a terminal without colour. */
static const struct look {
	struct ink dark, light;
	attr_t color, mono;
} looks[ROLE_COUNT] = {
	[ROLE_NORMAL]	= { { -1, -1 }, { -1, -1 }, A_NORMAL, A_NORMAL },
	[ROLE_DIM]	= { { -1, 243 }, { -1, 241 }, A_DIM, A_DIM },
	[ROLE_LABEL]	= { { COLOR_CYAN, 109 }, { COLOR_BLUE, 24 }, A_NORMAL, A_NORMAL },
	[ROLE_TITLE]	= { { -1, -1 }, { -1, -1 }, A_BOLD, A_BOLD },
	[ROLE_SELECTED]	= { { -1, -1 }, { -1, -1 }, A_REVERSE, A_REVERSE },
	[ROLE_KEY]	= { { COLOR_CYAN, 116 }, { COLOR_BLUE, 25 }, A_BOLD, A_BOLD },
	[ROLE_GOOD]	= { { COLOR_GREEN, 114 }, { COLOR_GREEN, 22 }, A_NORMAL, A_NORMAL },
	[ROLE_WARN]	= { { COLOR_YELLOW, 221 }, { COLOR_RED, 130 }, A_BOLD, A_BOLD },
	[ROLE_BAD]	= { { COLOR_RED, 203 }, { COLOR_RED, 124 }, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE },
	[ROLE_ARMED]	= { { COLOR_YELLOW, 221 }, { COLOR_RED, 130 }, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE },
	[ROLE_CHANGED]	= { { COLOR_YELLOW, 222 }, { COLOR_RED, 94 }, A_BOLD, A_BOLD | A_UNDERLINE },
	/* Three that colour-blind people tell apart (Okabe and Ito, 2002: sky
	 * blue, orange, reddish purple; darker on light) and that mean no state elsewhere. */
	[ROLE_PHASE_A]	= { { COLOR_CYAN, 74 }, { COLOR_BLUE, 25 }, A_NORMAL, A_NORMAL },
	[ROLE_PHASE_B]	= { { COLOR_YELLOW, 214 }, { -1, 94 }, A_NORMAL, A_NORMAL },
	[ROLE_PHASE_C]	= { { COLOR_MAGENTA, 175 }, { COLOR_MAGENTA, 90 }, A_NORMAL, A_NORMAL },
};

/* What a terminal without UTF-8 shows instead. */
static const struct twin {
	unsigned cp;
	const char *ascii;
} twins[] = {
	{ 0x00B0, "deg" }, { 0x00B2, "2" }, { 0x00B5, "u" }, { 0x00B7, "-" },
	{ 0x00D7, "x" }, { 0x2013, "-" }, { 0x2014, "-" }, { 0x2018, "'" },
	{ 0x2019, "'" }, { 0x2026, "~" }, { 0x2190, "<" }, { 0x2191, "^" },
	{ 0x2192, ">" }, { 0x2193, "v" }, { 0x2500, "-" }, { 0x2502, "|" },
	{ 0x25B2, "^" }, { 0x25B6, ">" }, { 0x25B8, ">" }, { 0x25BC, "v" },
	{ 0x25C2, "<" }, { 0x25CB, "o" }, { 0x25CC, "~" }, { 0x25CF, "*" },
	{ 0x2713, "+" },
};

void draw_init(struct ui *u)
{
	if (u->mono || !has_colors() || start_color() == ERR) {
		u->mono = true;
		return;
	}
	use_default_colors();
	draw_theme(u);
}

void draw_theme(const struct ui *u)
{
	for (int r = 0; r < ROLE_COUNT && !u->mono; r++) {
		const struct ink *ink = u->light ? &looks[r].light : &looks[r].dark;

		init_pair((short)(r + 1), COLORS >= 256 ? ink->many : ink->eight, -1);
	}
}

attr_t ui_attr(const struct ui *u, enum role r)
{
	if (u->mono)
		return looks[r].mono;
	/* grey is a colour of its own where there are enough of them */
	if (r == ROLE_DIM && COLORS >= 256)
		return (attr_t)COLOR_PAIR(r + 1);
	return looks[r].color | (attr_t)COLOR_PAIR(r + 1);
}

static const char *twin_of(unsigned cp)
{
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
		if (twins[i].cp == cp)
			return twins[i].ascii;
	return "?";
}

static void to_ascii(char *dst, size_t size, const char *src)
{
	size_t left = strlen(src), at = 0;

	dst[0] = '\0';
	while (left > 0) {
		unsigned cp = 0;
		size_t len = text_utf8(src, left, &cp);

		if (len == 0)
			break;
		if (cp < 0x80)
			text_append(dst, size, &at, "%c", (int)cp);
		else
			text_append(dst, size, &at, "%s", twin_of(cp));
		src += len;
		left -= len;
	}
}

static int cell_width(unsigned cp)
{
	int n = cp < 0x80 ? 1 : wcwidth((wchar_t)cp);

	return n < 0 ? 1 : n;
}

int draw_width(const char *s)
{
	size_t left = strlen(s);
	int cells = 0;

	while (left > 0) {
		unsigned cp = 0;
		size_t len = text_utf8(s, left, &cp);

		if (len == 0)
			break;
		cells += cell_width(cp);
		s += len;
		left -= len;
	}
	return cells;
}

/* Cuts S to WIDTH cells; a cut shows as an ellipsis. */
static void clip(char *s, size_t size, int width, bool ascii)
{
	const char *mark = ascii ? "~" : "…";
	size_t at = 0, n = strlen(s), keep = 0;
	int cells = 0;

	while (at < n) {
		unsigned cp = 0;
		size_t len = text_utf8(s + at, n - at, &cp);
		int wide = len ? cell_width(cp) : 1;

		if (len == 0 || cells + wide > width)
			break;
		cells += wide;
		at += len;
		if (cells < width)
			keep = at;
	}
	if (at < n && width > 0 && keep + strlen(mark) < size)
		strcpy(s + keep, mark);
	else
		s[at] = '\0';
}

const char *draw_clean(const struct ui *u, const char *src, char *buf, size_t size)
{
	char clean[1024];

	if (!u->ascii) {
		text_clean(buf, size, src);
		return buf;
	}
	text_clean(clean, sizeof(clean), src);
	to_ascii(buf, size, clean);
	return buf;
}

static void draw_put(const struct ui *u, WINDOW *w, int y, int x, int width,
		     enum role r, bool right, const char *fmt, va_list ap)
{
	char raw[1024], text[1024];
	int most = getmaxx(w) - x;

	if (width > most)
		width = most;
	if (y < 0 || y >= getmaxy(w) || x < 0 || width <= 0)
		return;
	vsnprintf(raw, sizeof(raw), fmt, ap);
	draw_clean(u, raw, text, sizeof(text));
	clip(text, sizeof(text), width, u->ascii);
	if (right)
		x += width - draw_width(text);
	wattrset(w, (int)ui_attr(u, r));
	mvwaddstr(w, y, x, text);
	wattrset(w, A_NORMAL);
}

void ui_text(const struct ui *u, WINDOW *w, int y, int x, int width,
	     enum role r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	draw_put(u, w, y, x, width, r, false, fmt, ap);
	va_end(ap);
}

void ui_right(const struct ui *u, WINDOW *w, int y, int x, int width,
	      enum role r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	draw_put(u, w, y, x, width, r, true, fmt, ap);
	va_end(ap);
}

void ui_rule(const struct ui *u, WINDOW *w, int y, int x, int width)
{
	wattrset(w, (int)ui_attr(u, ROLE_DIM));
	for (int i = 0; i < width && x + i < getmaxx(w); i++)
		mvwaddstr(w, y, x + i, u->ascii ? "-" : "─");
	wattrset(w, A_NORMAL);
}

void ui_want(const struct ui *u, struct selection *sel, const char *key)
{
	int idx = u->profile ? profile_find(u->profile, key) : -1;

	if (idx >= 0)
		draw_want(sel, (uint16_t)idx);
}

void draw_want(struct selection *sel, uint16_t idx)
{
	uint16_t *more = realloc(sel->idx, (sel->n + 1) * sizeof(*more));

	if (!more)
		return;	/* one value is not refreshed: better than no screen */
	more[sel->n++] = idx;
	sel->idx = more;
}

int draw_wrap(const char *text, int width, const char **row, int *len, int most)
{
	int n = 0;

	if (width < 1)
		width = 1;
	while (*text && n < most) {
		int left = (int)strlen(text), take = left;

		if (left > width && n + 1 < most) {
			take = width;
			while (take > width / 2 && text[take] != ' ')
				take--;
			if (text[take] != ' ')	/* one long word, as names of hosts are */
				take = width;
		}
		row[n] = text;
		len[n++] = take;
		text += take;
		while (*text == ' ')
			text++;
	}
	return n;
}

int ui_wrap(const struct ui *u, WINDOW *w, int y, int x, int width, int rows, enum role r, const char *text)
{
	const char *row[UI_WRAP_ROWS];
	int len[UI_WRAP_ROWS], n = draw_wrap(text, width, row, len, rows < UI_WRAP_ROWS ? rows : UI_WRAP_ROWS);

	for (int i = 0; i < n; i++)
		ui_text(u, w, y + i, x, width, r, "%.*s", len[i], row[i]);
	return n;
}

const char *draw_number(double v, int decimals, int width, char *buf, size_t size)
{
	if (fabs(v) < 0.5 * pow(10, -decimals))
		v = 0;	/* "-0.00" says nothing */
	for (int d = decimals; d >= 0; d--) {
		if (snprintf(buf, size, "%.*f", d, v) <= width)
			return buf;
	}
	if (snprintf(buf, size, "%.*e", width > 8 ? 2 : 0, v) > width)
		snprintf(buf, size, "%.*s", width, "################");
	return buf;
}

bool draw_ratio_known(const struct ui *u, const char *key, double *out)
{
	const struct ratio_points at = profile_ratio(u->profile, strcmp(key, "ratio.pt") == 0 ? RATIO_PT : RATIO_CT);
	double sides[2] = { 1, 1 };

	if (!u->readings || at.of[0] < 0)
		return false;
	for (int i = 0; i < 2 && at.of[i] >= 0; i++) {
		const struct value *v = &u->readings[at.of[i]].value;

		if (v->kind != VALUE_NUMBER || !(v->num > 0))
			return false;
		sides[i] = v->num;
	}
	*out = sides[0] / sides[1];
	return *out >= 1;
}

double draw_ratio(const struct ui *u, const char *key)
{
	double ratio;

	return draw_ratio_known(u, key, &ratio) ? ratio : 1;
}

void draw_want_ratios(const struct ui *u, struct selection *sel)
{
	for (enum ratio r = RATIO_PT; r <= RATIO_CT; r++) {
		const struct ratio_points at = profile_ratio(u->profile, r);

		for (int i = 0; i < 2; i++)
			if (at.of[i] >= 0)
				ui_want(u, sel, u->profile->points[at.of[i]].key);
	}
}

bool draw_negative(const struct ui *u, const char *key)
{
	const struct reading *r = ui_reading(u, key, NULL);

	return r && r->value.kind == VALUE_NUMBER && r->value.num < 0
	    && (r->quality == QUALITY_OK || r->quality == QUALITY_STALE);
}

bool draw_side(const struct ui *u, size_t idx, bool primary, double *v, int *decimals)
{
	const struct point *p = &u->profile->points[idx];
	double factor;

	*v = u->readings[idx].value.num;
	*decimals = p->decimals;
	if (!primary || codec_ratio(p) == RATIO_NONE)
		return true;
	if ((p->ratio & RATIO_PT && !draw_ratio_known(u, "ratio.pt", &factor))
	    || (p->ratio & RATIO_CT && !draw_ratio_known(u, "ratio.ct", &factor)))
		return false;
	factor = codec_primary(p, draw_ratio(u, "ratio.pt"), draw_ratio(u, "ratio.ct"));
	*v *= factor;
	/* a factor of 40 takes the worth of the last digit away */
	if (factor >= 10)
		*decimals -= (int)(log10(factor) + 1e-9);
	if (*decimals < 0)
		*decimals = 0;
	return true;
}

const char *draw_unit(const struct point *p)
{
	return strcmp(p->unit, "degC") == 0 ? "°C"
	     : strcmp(p->unit, "deg") == 0 ? "°" : p->unit;
}

const char *draw_reading_unit(const struct point *p, const struct reading *r)
{
	const char *unit = *p->unit ? draw_unit(p) : dialect_unit(p, r);

	return strcmp(unit, "percent") == 0 ? "%" : unit;
}

void draw_value(const struct ui *u, WINDOW *w, int y, int x, int width,
		size_t idx, bool primary)
{
	const struct reading *r = &u->readings[idx];
	enum role role = ui_old(u, r) ? ROLE_DIM : ROLE_NORMAL;
	char buf[VALUE_TEXT];
	double v;
	int decimals;

	if (r->quality == QUALITY_NEVER) {
		ui_right(u, w, y, x, width, ROLE_DIM, "%s", support_never(u, idx) ? SUPPORT_MARK : "--");
	} else if (r->quality == QUALITY_ABSENT) {
		ui_right(u, w, y, x, width, ROLE_DIM, "--");
	} else if (r->quality == QUALITY_FAILED || r->quality == QUALITY_AMBIGUOUS) {
		ui_right(u, w, y, x, width, ROLE_WARN, r->quality == QUALITY_FAILED ? "err" : "?");
	} else if (r->value.kind == VALUE_NUMBER) {
		/* without its ratio no number is better than a wrong one */
		bool known = draw_side(u, idx, primary, &v, &decimals);

		ui_right(u, w, y, x, width, known ? role : ROLE_DIM, "%s", known
			 ? draw_number(v, decimals, width, buf, sizeof(buf)) : "--");
	} else {
		ui_right(u, w, y, x, width, role, "%s",
			 codec_format(&u->profile->points[idx], &r->value, buf, sizeof(buf)));
	}
}

void ui_value(const struct ui *u, WINDOW *w, int y, int x, int width, const char *key)
{
	int idx = u->profile ? profile_find(u->profile, key) : -1;

	if (idx >= 0)
		draw_value(u, w, y, x, width, (size_t)idx, u->primary);
}

const char *draw_span(int64_t us, char *buf, size_t size)
{
	int64_t s = us / 1000000;

	if (s < 120)
		snprintf(buf, size, "%d s", s < 0 ? 0 : (int)s);
	else if (s < 7200)
		snprintf(buf, size, "%d min", (int)(s / 60));
	else if (s < 172800)
		snprintf(buf, size, "%d h", (int)(s / 3600));
	else
		snprintf(buf, size, "%d d", (int)(s / 86400));
	return buf;
}

const char *draw_age(const struct ui *u, int64_t mono_us, char *buf, size_t size)
{
	return draw_span(u->now_us - mono_us, buf, size);
}
