/*
 * phasor_draw.c - the Phasor screen: the diagram, and where the numbers and the
 * words stand around it.
 */
#include "phasor.h"

#include <math.h>

#include "report/diagram.h"
#include "ui/draw/canvas.h"
#include "ui/draw/draw.h"
#include "ui/stage.h"

#define CMDLINE_LEAST 5		/* rows of the verdict at 80x24 */
#define TABLE_LEAST 52		/* cells */

enum { LAYER_CIRCLE, LAYER_U, LAYER_I = LAYER_U + 3, LAYERS = LAYER_I + 3 };

/* Inputs are told apart by their letter, by how their lines are broken, and by
 * colour where there is one; currents are drawn twice as thick. */
static const struct { int on, off; } dashes[2][3] = {
	{ { 1, 0 }, { 4, 3 }, { 1, 2 } },	/* braille */
	{ { 1, 0 }, { 2, 1 }, { 1, 1 } },	/* ASCII */
};

static void draw_arrow(struct canvas *c, const struct diagram_arrow *a, int x0, int y0,
		       double radius, bool ascii)
{
	int x = x0 + (int)lround(a->x * radius), y = y0 + (int)lround(a->y * radius);
	int layer = (a->current ? LAYER_I : LAYER_U) + (int)a->input;
	int on = dashes[ascii][a->input].on, off = dashes[ascii][a->input].off;
	bool steep = fabs(a->y) > fabs(a->x);

	/* a letter is thick enough, and broken it would be hard to follow */
	if (ascii && a->current) {
		canvas_line(c, x0, y0, x, y, layer);
		return;
	}
	canvas_dashes(c, x0, y0, x, y, on, off, layer);
	if (a->current)
		canvas_dashes(c, x0 + steep, y0 + !steep, x + steep, y + !steep, on, off, layer);
}

static void draw_circle(struct canvas *c, int x0, int y0, double radius, bool ascii)
{
	int step = ascii || radius < 16 ? 15 : radius < 32 ? 10 : 6;

	for (int degrees = 0; degrees < 360; degrees += step)
		canvas_dot(c, x0 + (int)lround(radius * sin(degrees * M_PI / 180)),
			   y0 - (int)lround(radius * cos(degrees * M_PI / 180)), LAYER_CIRCLE);
}

static void phasor_draw_names(const struct ui *u, WINDOW *w, int y, int x, const struct diagram *d,
			      int x0, int y0, double radius)
{
	int dots_x = u->ascii ? 1 : 2, dots_y = u->ascii ? 2 : 4;

	for (size_t i = 0; i < d->n; i++) {
		const struct diagram_arrow *a = &d->arrow[i];
		double px = x0 + a->name_x * radius, py = y0 + a->name_y * radius;

		ui_text(u, w, y + (int)floor(py / dots_y), x + (int)lround(px / dots_x) - 1, 2,
			ROLE_PHASE_A + a->input, "%c%c", a->current ? 'I' : 'U', 'A' + (int)a->input);
	}
}

static void draw_diagram(const struct ui *u, WINDOW *w, int y, int x, int rows, int cells,
			 const struct doctor_phasors *p, bool old)
{
	struct canvas *c = canvas_new(cells, rows, u->ascii);
	int dots_x = u->ascii ? 1 : 2, dots_y = u->ascii ? 2 : 4;
	int x0 = cells * dots_x / 2, y0 = rows * dots_y / 2;
	double radius = y0 - dots_y / 2;
	const struct diagram_names names = { (2 * dots_x + 1) / radius, dots_y / radius, 0 };
	attr_t attrs[LAYERS] = { ui_attr(u, ROLE_DIM) };
	struct diagram d;

	if (!c)
		return;
	for (int i = 0; i < 3; i++) {
		attrs[LAYER_U + i] = attrs[LAYER_I + i] = ui_attr(u, old ? ROLE_DIM : ROLE_PHASE_A + (unsigned)i);
		canvas_letter(c, LAYER_I + i, (char)('a' + i));
	}
	diagram_make(p, &names, &d);
	draw_circle(c, x0, y0, radius, u->ascii);
	for (size_t i = 0; i < d.n; i++)
		draw_arrow(c, &d.arrow[i], x0, y0, radius, u->ascii);
	canvas_draw(c, w, y, x, attrs, LAYERS);
	phasor_draw_names(u, w, y, x, &d, x0, y0, radius);
	canvas_free(c);
}

bool phasor_draw_beside(struct ui *u, WINDOW *w, int y, int x, int rows, int cells)
{
	const struct phasor *s = stage_state(u, &screen_phasor);

	if (!s || !s->nsamples)
		return false;
	draw_diagram(u, w, y, x, rows, cells, &s->seen, phasor_old(u, s));
	return true;
}

static void draw_title(const struct ui *u, WINDOW *w, const struct phasor *s)
{
	static const char *const from[] = {
		[DOCTOR_SOURCE_NONE] = "too little load: voltages drawn 120° apart",
		[DOCTOR_SOURCE_POWERS] = "from P and Q, voltages drawn 120° apart",
		[DOCTOR_SOURCE_ANGLES] = "from the meter's angles, which fit P and Q",
	};

	if (s->what_if)
		ui_text(u, w, 0, 1, 40, ROLE_ARMED, " WHAT IF it were put right ");
	else
		ui_text(u, w, 0, 1, 40, ROLE_TITLE, "Phasors");
	/* both have room at 80 */
	if (!s->what_if && (u->cols >= 80 || !s->nsamples))
		ui_text(u, w, 0, 10, 26, ROLE_DIM, "clockwise: lag behind UA");
	if (s->nsamples)
		ui_right(u, w, 0, 28, u->cols - 29, ROLE_DIM, "%s", from[s->seen.source]);
}

void phasor_draw(struct ui *u, void *state, WINDOW *w)
{
	struct phasor *s = state;
	int rows = getmaxy(w), words = CMDLINE_LEAST, high, wide;

	if (!s || s->nidx == 0) {
		ui_text(u, w, 1, 2, u->cols - 4, ROLE_DIM, "out of memory");
		return;
	}
	words += rows > 19 ? (rows - 19) / 6 : 0;
	high = rows - words - 2;
	wide = 2 * high + 2;
	if (wide > u->cols - TABLE_LEAST - 2)
		wide = u->cols - TABLE_LEAST - 2;
	if (high > wide / 2 - 1)
		high = wide / 2 - 1;
	draw_title(u, w, s);
	if (s->nsamples && high > 3)
		draw_diagram(u, w, 1, 1, high, wide, s->what_if ? &s->then : &s->seen,
			     phasor_old(u, s));
	phasor_draw_table(u, w, s, 1, high > 3 ? wide + 2 : 1, rows - words - 2);
	/* on a small terminal the numbers end where the words begin */
	wmove(w, rows - words - 1, 0);
	wclrtobot(w);
	ui_rule(u, w, rows - words - 1, 0, u->cols);
	phasor_draw_words(u, w, s, rows - words, words);
}
