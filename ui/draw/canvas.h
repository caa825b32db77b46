/*
 * canvas.h - dots: 2 x 4 to a cell in braille, 1 x 2 to a cell in ASCII
 * ('.', '\'', ':').
 */
#ifndef METERCTL_UI_DRAW_CANVAS_H
#define METERCTL_UI_DRAW_CANVAS_H

#include <curses.h>
#include <stdbool.h>

#define CANVAS_LAYERS 16

struct canvas;

/* NULL without a size or memory. */
struct canvas *canvas_new(int cells_wide, int cells_high, bool ascii);
void canvas_free(struct canvas *c);
int canvas_width(const struct canvas *c);	/* in dots */
int canvas_height(const struct canvas *c);
/* LAYER, 0 to CANVAS_LAYERS - 1: the highest in a cell gives its look. */
void canvas_dot(struct canvas *c, int x, int y, int layer);
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1, int layer);
/* ON dots drawn, OFF left out, and again. OFF 0: a whole line. */
void canvas_dashes(struct canvas *c, int x0, int y0, int x1, int y1, int on, int off, int layer);
/* In ASCII the cells of LAYER show LETTER instead of dots. */
void canvas_letter(struct canvas *c, int layer, char letter);
/* ATTRS[layer] colours the cells. */
void canvas_draw(const struct canvas *c, WINDOW *w, int y, int x,
		 const attr_t *attrs, int nattrs);

#endif
