/*
 * step_draw.c - the guided load step: P and Q of each input as curves, what it has shown, what is
 * awaited next, and the verdict.
 */
#include <math.h>
#include <stdio.h>

#include "step.h"
#include "ui/draw/chart.h"
#include "ui/stage.h"

#define STEP_CURVE_X 19		/* behind names and value */
#define STEP_CHANGE_CELLS 27	/* before, after and the difference, to the right */
#define STEP_ROWS_LEAST 10	/* title and three inputs of three rows */
#define STEP_CURVE_MOST 5	/* rows of one curve */

struct step_curves {
	const struct ui *u;
	WINDOW *w;
	const struct step_screen *s;
	const struct step_watch *watch;
	int high, wide;		/* cells of a curve */
	double span;		/* kW or kvar from its bottom to its top */
};

/* The least of the readings of V that have room, and how far the most is above it. */
static double step_least(const struct step_curves *c, const double *v, double *span)
{
	size_t from = c->s->nkept > (size_t)c->wide ? c->s->nkept - (size_t)c->wide : 0;
	double least = INFINITY, most = -INFINITY;

	for (size_t i = from; i < c->s->nkept; i++) {
		least = fmin(least, v[i]);
		most = fmax(most, v[i]);
	}
	*span = c->s->nkept ? most - least : 0;
	return least;
}

/* One scale for all: a step stands out of what the others do, and noise alone stays small. */
static void step_scale(struct step_curves *c)
{
	double span;

	c->span = c->watch->looked >= STEP_LEARN ? 1.5 * step_needed(c->watch) : 0.05;
	for (unsigned k = 0; k < 3; k++) {
		step_least(c, c->s->p[k], &span);
		c->span = fmax(c->span, span);
		step_least(c, c->s->q[k], &span);
		c->span = fmax(c->span, span);
	}
}

static void step_draw_curve(const struct step_curves *c, int y, const double *v, unsigned k)
{
	size_t shown = c->s->nkept < (size_t)c->wide ? c->s->nkept : (size_t)c->wide;
	double span, least = step_least(c, v, &span);
	int x = STEP_CURVE_X + c->wide - (int)shown;

	wattrset(c->w, (int)ui_attr(c->u, (enum role)(ROLE_PHASE_A + k)));
	for (size_t i = 0; i < shown; i++) {
		double part = (v[c->s->nkept - shown + i] - least) / c->span;

		/* the bottom is a line, not nothing */
		chart_vbar(c->w, y + c->high - 1, x + (int)i, c->high, fmax(part, 0.12 / c->high), c->u->ascii);
	}
	wattrset(c->w, A_NORMAL);
}

static void step_draw_quantity(const struct step_curves *c, int y, const char *name, const double *v, unsigned k,
			       double from, double by)
{
	char a[16], b[16];

	ui_text(c->u, c->w, y, 4, 6, ROLE_LABEL, "%s", name);
	if (!c->s->nkept)
		return;
	ui_right(c->u, c->w, y, 11, 7, ROLE_NORMAL, "%s", draw_number(v[c->s->nkept - 1], 3, 7, a, sizeof(a)));
	if (c->wide > 0)
		step_draw_curve(c, y, v, k);
	if (c->watch->in[k].last_us && c->watch->inputs >> k & 1)
		ui_right(c->u, c->w, y, getmaxx(c->w) - STEP_CHANGE_CELLS, STEP_CHANGE_CELLS - 1, ROLE_NORMAL, "%s → %s %+8.3f",
			 draw_number(from, 3, 7, a, sizeof(a)), draw_number(from + by, 3, 7, b, sizeof(b)), by);
}

/* What the changes of input K have come to. */
static void step_draw_input_verdict(const struct step_curves *c, int y, unsigned k)
{
	const struct step_input *in = &c->watch->in[k];
	int room = getmaxx(c->w) - 5;
	bool own;

	if (c->watch->inputs && !(c->watch->inputs >> k & 1)) {
		ui_text(c->u, c->w, y, 4, room, ROLE_DIM, "does not count with this service");
	} else if (in->judged) {
		own = fabs(in->lag) < 30;
		ui_text(c->u, c->w, y, 4, room, own ? ROLE_GOOD : ROLE_BAD, "%s %s (%+.3f kW, lag %ld°)",
			own ? "●" : "▼", step_says(in->lag), in->p, lround(in->lag));
	} else if (in->changes) {
		ui_text(c->u, c->w, y, 4, room, ROLE_WARN, "○ a step: %u of %d changes%s", in->changes, STEP_CHANGES,
			in->unlike ? ", unlike each other" : "");
	} else {
		ui_text(c->u, c->w, y, 4, room, ROLE_DIM, "○ pending");
	}
}

static void step_draw_inputs(const struct step_curves *c)
{
	int y = 1;

	for (unsigned k = 0; k < 3; k++) {
		const struct step_input *in = &c->watch->in[k];

		ui_text(c->u, c->w, y, 1, 2, (enum role)(ROLE_PHASE_A + k), "%c", 'A' + (int)k);
		step_draw_quantity(c, y, "P kW", c->s->p[k], k, in->from_p, in->last_p);
		step_draw_quantity(c, y + c->high, "Q kvar", c->s->q[k], k, in->from_q, in->last_q);
		step_draw_input_verdict(c, y + 2 * c->high, k);
		y += 2 * c->high + 1;
	}
}

static void step_draw_title(const struct step_curves *c, const struct phasor *p)
{
	const struct step_watch *watch = c->watch;
	int room = getmaxx(c->w) - 14;

	ui_text(c->u, c->w, 0, 1, 11, ROLE_TITLE, "Load step");
	if (step_shown(watch) && step_done(watch))
		ui_right(c->u, c->w, 0, 13, room, ROLE_GOOD, "every input is judged");
	else if (!c->s->runs)
		ui_right(c->u, c->w, 0, 13, room, ROLE_DIM, "first the readings of a check: %zu of %d", p->nsamples,
			 DOCTOR_SAMPLES_LEAST);
	else if (watch->looked < STEP_LEARN)
		ui_right(c->u, c->w, 0, 13, room, ROLE_DIM, "learning how the load moves: %zu of %d readings",
			 watch->looked + watch->nseen - (watch->looked > 0), STEP_LEARN + STEP_WINDOW - 1);
	else
		ui_right(c->u, c->w, 0, 13, room, ROLE_NORMAL, "seen: %.0f W or more at the meter", 1000 * step_needed(watch));
}

/* What is awaited, and what was seen, the newest first. */
static void step_draw_words(const struct step_curves *c, int y, int rows)
{
	char text[200];

	if (*step_await_text(c->watch, text, sizeof(text)) && rows > 0) {
		int n = rows < 2 ? rows : 2;

		ui_text(c->u, c->w, y, 1, 6, ROLE_LABEL, "next:");
		n = ui_wrap(c->u, c->w, y, 7, getmaxx(c->w) - 8, n, ROLE_TITLE, text);
		y += n;
		rows -= n;
	}
	for (size_t i = c->s->nnotes; i > 0 && rows > 0; i--) {
		int n = ui_wrap(c->u, c->w, y, 7, getmaxx(c->w) - 8, rows < 2 ? rows : 2,
				i == c->s->nnotes ? ROLE_NORMAL : ROLE_DIM, c->s->note[i - 1]);

		y += n;
		rows -= n;
	}
}

void step_screen_draw(struct ui *u, void *state, WINDOW *w)
{
	const struct step_screen *s = state;
	const struct phasor *p = stage_state(u, &screen_phasor);
	int rows = getmaxy(w), words = rows > 30 ? 12 : 8, behind;
	struct step_curves c = { .u = u, .w = w, .s = s };
	bool done;

	if (!s || !p || p->nhave == 0) {
		ui_text(u, w, 1, 2, u->cols - 4, ROLE_DIM, "this meter model has no points that tell how it is wired");
		return;
	}
	c.watch = &p->steps;
	done = step_shown(c.watch) && step_done(c.watch);
	c.wide = getmaxx(w) - STEP_CURVE_X - STEP_CHANGE_CELLS - 1;
	c.wide = c.wide < 0 ? 0 : c.wide > STEP_KEPT ? STEP_KEPT : c.wide;
	c.high = 1 + (rows - STEP_ROWS_LEAST - words - 1) / 6;
	c.high = c.high < 1 ? 1 : c.high > STEP_CURVE_MOST ? STEP_CURVE_MOST : c.high;
	behind = STEP_ROWS_LEAST + 6 * (c.high - 1);
	step_scale(&c);
	step_draw_title(&c, p);
	step_draw_inputs(&c);
	ui_rule(u, w, behind++, 0, u->cols);
	if (done)
		phasor_draw_words(u, w, p, behind, rows - behind);
	else
		step_draw_words(&c, behind, rows - behind);
}
