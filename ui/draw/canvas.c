#include "canvas.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A cell of 2 x 4 dots: bit 4 * column + row. ASCII uses 1 x 2 of them. */
struct cell {
	uint8_t dots;
	uint8_t layer;
};

struct canvas {
	int wide, high;		/* cells */
	int dots_x, dots_y;	/* dots in a cell */
	bool ascii;
	char letter[CANVAS_LAYERS];	/* 0: dots */
	struct cell cell[];
};

struct canvas *canvas_new(int cells_wide, int cells_high, bool ascii)
{
	struct canvas *c;

	if (cells_wide < 1 || cells_high < 1)
		return NULL;
	c = calloc(1, sizeof(*c) + (size_t)cells_wide * (size_t)cells_high * sizeof(struct cell));
	if (!c)
		return NULL;
	c->wide = cells_wide;
	c->high = cells_high;
	c->dots_x = ascii ? 1 : 2;
	c->dots_y = ascii ? 2 : 4;
	c->ascii = ascii;
	return c;
}

void canvas_free(struct canvas *c)
{
	free(c);
}

int canvas_width(const struct canvas *c)
{
	return c->wide * c->dots_x;
}

int canvas_height(const struct canvas *c)
{
	return c->high * c->dots_y;
}

void canvas_dot(struct canvas *c, int x, int y, int layer)
{
	struct cell *cell;

	if (x < 0 || y < 0 || x >= canvas_width(c) || y >= canvas_height(c)
	    || layer < 0 || layer >= CANVAS_LAYERS)
		return;
	cell = &c->cell[(size_t)(y / c->dots_y) * (size_t)c->wide + (size_t)(x / c->dots_x)];
	cell->dots |= (uint8_t)(1U << (4 * (x % c->dots_x) + y % c->dots_y));
	if (layer > cell->layer)
		cell->layer = (uint8_t)layer;
}

void canvas_letter(struct canvas *c, int layer, char letter)
{
	if (layer >= 0 && layer < CANVAS_LAYERS)
		c->letter[layer] = letter;
}

void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1, int layer)
{
	canvas_dashes(c, x0, y0, x1, y1, 1, 0, layer);
}

/* Bresenham in all eight directions. */
void canvas_dashes(struct canvas *c, int x0, int y0, int x1, int y1, int on, int off, int layer)
{
	int dx = abs(x1 - x0), sx = x0 < x1 ? 1 : -1;
	int dy = -abs(y1 - y0), sy = y0 < y1 ? 1 : -1;
	int error = dx + dy;

	for (int n = 0;; n++) {
		int twice = 2 * error;

		if (n % (on + off) < on)
			canvas_dot(c, x0, y0, layer);
		if (x0 == x1 && y0 == y1)
			break;
		if (twice >= dy) {
			error += dy;
			x0 += sx;
		}
		if (twice <= dx) {
			error += dx;
			y0 += sy;
		}
	}
}

/* Unicode 16.0, Braille Patterns, U+2800: dots 1 2 3 and 7 are the left column
 * from above, 4 5 6 and 8 the right one; dot n is bit n - 1. As UTF-8. */
static void braille(uint8_t dots, char out[4])
{
	static const uint8_t bit[] = { 0, 1, 2, 6, 3, 4, 5, 7 };
	unsigned cp = 0x2800;

	for (unsigned i = 0; i < 8; i++)
		if (dots & 1U << i)
			cp |= 1U << bit[i];
	out[0] = (char)(0xE0 | cp >> 12);
	out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[2] = (char)(0x80 | (cp & 0x3F));
	out[3] = '\0';
}

static void glyph(const struct canvas *c, const struct cell *cell, char out[4])
{
	static const char two_dots[] = " '.:";

	if (!c->ascii) {
		braille(cell->dots, out);
		return;
	}
	out[0] = c->letter[cell->layer] ? c->letter[cell->layer] : two_dots[cell->dots & 3];
	out[1] = '\0';
}

void canvas_draw(const struct canvas *c, WINDOW *w, int y, int x,
		 const attr_t *attrs, int nattrs)
{
	attr_t attr;
	short pair;

	wattr_get(w, &attr, &pair, NULL);
	for (int row = 0; row < c->high; row++)
		for (int col = 0; col < c->wide; col++) {
			const struct cell *cell = &c->cell[row * c->wide + col];
			char text[4];

			if (!cell->dots)
				continue;
			if (cell->layer < nattrs)
				wattrset(w, (int)attrs[cell->layer]);
			glyph(c, cell, text);
			mvwaddstr(w, y + row, x + col, text);
		}
	wattr_set(w, attr, pair, NULL);
}
