/*
 * big.c - the few numbers that are read from two metres away.
 */
#include <stdio.h>

#include "ui/draw/draw.h"
#include "ui/screen.h"

#define COLUMNS 3
#define GLYPH_ROWS 5
#define GLYPH_CELLS 3
#define BLOCK_CELLS 25		/* of a number, at the smallest */
#define LEFT_X 2

/* One for a row of the screen; the meter's own side or the primary one. */
static const struct big_row {
	struct { const char *label, *key; } at[COLUMNS];
} big_rows[] = {
	{ { { "U A", "voltage.a" }, { "U B", "voltage.b" }, { "U C", "voltage.c" } } },
	{ { { "I A", "current.a" }, { "I B", "current.b" }, { "I C", "current.c" } } },
	{ { { "P", "power.active.total" }, { "PF", "pf.total" }, { "f", "frequency" } } },
};
#define BIG_ROWS ((int)(sizeof(big_rows) / sizeof(big_rows[0])))

/* Rows of three cells, the upper one in the highest bits. */
static const struct {
	char c;
	unsigned short dots;
} big_glyphs[] = {
	{ '0', 075557 }, { '1', 026227 }, { '2', 071747 }, { '3', 071717 }, { '4', 055711 },
	{ '5', 074717 }, { '6', 074757 }, { '7', 071122 }, { '8', 075757 }, { '9', 075717 },
	{ '-', 000700 },
};

static void big_points(struct ui *u, void *state, struct selection *sel)
{
	(void)state;
	for (int r = 0; r < BIG_ROWS; r++)
		for (int c = 0; c < COLUMNS; c++)
			ui_want(u, sel, big_rows[r].at[c].key);
}

/* Cells that TEXT takes, the gap behind it included. */
static int big_width(const char *text, int scale)
{
	int cells = 0;

	for (; *text; text++)
		cells += *text == '.' ? 2 : GLYPH_CELLS + 1;
	return cells * scale;
}

static void big_dot(const struct ui *u, WINDOW *w, int y, int x, int scale, enum role role)
{
	for (int row = 0; row < scale; row++)
		for (int cell = 0; cell < scale; cell++)
			ui_text(u, w, y + row, x + cell, 1, role, "%s", u->ascii ? "#" : "█");
}

static void big_glyph(const struct ui *u, WINDOW *w, int y, int x, int scale, enum role role, char c)
{
	for (size_t i = 0; i < sizeof(big_glyphs) / sizeof(big_glyphs[0]); i++)
		for (int bit = 0; big_glyphs[i].c == c && bit < GLYPH_ROWS * GLYPH_CELLS; bit++)
			if (big_glyphs[i].dots >> (GLYPH_ROWS * GLYPH_CELLS - 1 - bit) & 1)
				big_dot(u, w, y + bit / GLYPH_CELLS * scale, x + bit % GLYPH_CELLS * scale, scale, role);
}

static void big_number(const struct ui *u, WINDOW *w, int y, int x, int scale, enum role role, const char *text)
{
	for (; *text; text++) {
		if (*text == '.')
			big_dot(u, w, y + (GLYPH_ROWS - 1) * scale, x, scale, role);
		else
			big_glyph(u, w, y, x, scale, role, *text);
		x += (*text == '.' ? 2 : GLYPH_CELLS + 1) * scale;
	}
}

/* The number of point IDX, with as many decimals as there is room for. False: there is none. */
static bool big_text(const struct ui *u, size_t idx, char *buf, size_t size)
{
	int decimals;
	double v;

	if (u->readings[idx].value.kind != VALUE_NUMBER || u->readings[idx].quality == QUALITY_FAILED
	    || !draw_side(u, idx, u->primary, &v, &decimals))
		return false;
	do
		snprintf(buf, size, "%.*f", decimals, v);
	while (big_width(buf, 1) > BLOCK_CELLS - 1 && decimals-- > 0);
	return true;
}

static void big_block(const struct ui *u, WINDOW *w, int y, int x, int scale, int row, int column)
{
	int idx = profile_find(u->profile, big_rows[row].at[column].key);
	enum role role = row < 2 ? ROLE_PHASE_A + (unsigned)column : ROLE_TITLE;
	char text[64];

	if (idx < 0)
		return;
	if (ui_old(u, &u->readings[idx]))
		role = ROLE_DIM;
	ui_text(u, w, y, x, BLOCK_CELLS * scale - 1, ROLE_LABEL, "%s  %s", big_rows[row].at[column].label,
		draw_unit(&u->profile->points[idx]));
	if (big_text(u, (size_t)idx, text, sizeof(text)) && big_width(text, scale) <= BLOCK_CELLS * scale)
		big_number(u, w, y + 1, x, scale, role, text);
	else
		big_number(u, w, y + 1, x, scale, ROLE_DIM, "--");
}

static void big_draw(struct ui *u, void *state, WINDOW *w)
{
	int rows = getmaxy(w), scale = (u->cols - LEFT_X) / (COLUMNS * BLOCK_CELLS);

	(void)state;
	while (scale > 1 && BIG_ROWS * (1 + GLYPH_ROWS * scale) > rows)
		scale--;
	if (scale < 1)
		scale = 1;
	for (int r = 0; r < BIG_ROWS; r++) {
		/* what is left between the rows, up to two lines */
		int spare = (rows - BIG_ROWS * (1 + GLYPH_ROWS * scale)) / BIG_ROWS;
		int y = r * (1 + GLYPH_ROWS * scale + (spare < 0 ? 0 : spare > 2 ? 2 : spare));

		for (int c = 0; c < COLUMNS && y + 1 + GLYPH_ROWS * scale <= rows; c++)
			big_block(u, w, y, LEFT_X + c * BLOCK_CELLS * scale, scale, r, c);
	}
}

const struct screen_ops screen_big = {
	.points = big_points,
	.draw = big_draw,
};
