/*
 * phasor_table.c - the numbers beside the diagram, and what the verdict rests on.
 */
#include "phasor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/draw/draw.h"

#define LABEL_CELLS 8
#define VALUE_CELLS 9
#define TABLE_ROWS 9	/* with the header, before the grounds */

struct table {
	const struct ui *u;
	WINDOW *w;
	int y, x, step;		/* next row; left edge; cells from column to column */
	enum role role;		/* of the values */
	double pt, ct;		/* what the shown side multiplies by */
};

static void label(struct table *t, const char *name, const char *unit)
{
	ui_text(t->u, t->w, t->y, t->x, LABEL_CELLS, ROLE_LABEL, "%s", name);
	ui_right(t->u, t->w, t->y, t->x, LABEL_CELLS - 1, ROLE_DIM, "%s", unit);
}

static int phasor_table_column(const struct table *t, int c)
{
	return t->x + LABEL_CELLS + c * t->step;
}

static void phasor_table_cell(struct table *t, int c, double v, int decimals, double factor)
{
	char buf[32];

	for (double f = factor; f >= 10 && decimals > 0; f /= 10)
		decimals--;
	if (isnan(v))
		ui_right(t->u, t->w, t->y, phasor_table_column(t, c), VALUE_CELLS, ROLE_DIM, "--");
	else
		ui_right(t->u, t->w, t->y, phasor_table_column(t, c), VALUE_CELLS, t->role, "%s",
			 draw_number(v * factor, decimals, VALUE_CELLS, buf, sizeof(buf)));
}

/* A row of power, of which the model has the points that begin with STEM: three inputs, their sum, and a
 * mark where it runs backwards. */
static void powers(struct table *t, const char *name, const char *stem, const double v[3], double total, bool marked)
{
	char key[48];
	int idx = -1;

	for (int c = 0; c < 4; c++) {
		double one = c < 3 ? v[c] : total;

		snprintf(key, sizeof(key), "%s.%s", stem, (const char *[]){ "a", "b", "c", "total" }[c]);
		if (profile_find(t->u->profile, key) < 0)
			continue;
		idx = profile_find(t->u->profile, key);
		phasor_table_cell(t, c, one, 3, t->pt * t->ct);
		if (marked && one < 0)
			ui_text(t->u, t->w, t->y, phasor_table_column(t, c) + VALUE_CELLS, 1, ROLE_WARN, "▼");
	}
	if (idx < 0)
		return;
	label(t, name, draw_unit(&t->u->profile->points[idx]));
	t->y++;
}

/* Does the model tell how a current lies to its voltage: by an angle, or by P and Q? */
static bool phasor_table_lags(const struct table *t)
{
	return ability_begins(t->u->profile, "angle.") || ability_phases_of(t->u->profile, "power.reactive");
}

static void vectors(struct table *t, const char *name, const char *unit,
		    const struct doctor_vector v[3], int decimals, double factor, bool told)
{
	label(t, name, unit);
	for (int c = 0; c < 3; c++)
		phasor_table_cell(t, c, v[c].length, decimals, factor);
	t->y++;
	if (!told)
		return;
	label(t, " at", "°");
	for (int c = 0; c < 3; c++)
		phasor_table_cell(t, c, v[c].length > 0 ? v[c].lag : NAN, 1, 1);
	t->y++;
}

static void lags(struct table *t, const struct doctor_phasors *p)
{
	label(t, "lag", "°");
	for (int c = 0; c < 3; c++)
		phasor_table_cell(t, c, phasor_lag(p, (unsigned)c), 1, 1);
	ui_text(t->u, t->w, t->y, phasor_table_column(t, 3) + 1, VALUE_CELLS, ROLE_DIM, "its own U");
	t->y++;
}

static void header(struct table *t, bool what_if)
{
	if (what_if)
		ui_text(t->u, t->w, t->y, t->x, LABEL_CELLS, ROLE_ARMED, "what if");
	else if (t->pt * t->ct > 1)
		ui_text(t->u, t->w, t->y, t->x, LABEL_CELLS, ROLE_DIM, "primary");
	for (int c = 0; c < 4; c++)
		ui_right(t->u, t->w, t->y, phasor_table_column(t, c), VALUE_CELLS,
			 c < 3 ? ROLE_PHASE_A + (unsigned)c : ROLE_TITLE, "%s",
			 (const char *[]){ "A", "B", "C", "total" }[c]);
	t->y++;
}

static void phasor_table_load(struct table *t, const struct phasor *s)
{
	const struct doctor_evidence *e = &s->verdict.evidence;

	label(t, "load", "%");
	for (int c = 0; c < 3; c++)
		phasor_table_cell(t, c, e->nominal_current > 0 ? e->load[c] * 100 : NAN, 0, 1);
	if (e->nominal_current > 0)
		ui_text(t->u, t->w, t->y, phasor_table_column(t, 3) + 1, t->step + VALUE_CELLS, ROLE_DIM, "of %g A%s",
			e->nominal_current, e->nominal_current_assumed ? "?" : "");
	t->y++;
}

static const char *order_text(enum doctor_rotation r)
{
	return r == DOCTOR_ROTATION_ABC ? "A B C" : r == DOCTOR_ROTATION_ACB
	     ? "A C B ▼ reversed" : "not told by these values";
}

static const char *site_text(enum doctor_site s)
{
	return s == DOCTOR_SITE_CONSUMER ? "consumer" : s == DOCTOR_SITE_EXPORTING
	     ? "may export" : "not said";
}

/* The inputs whose load steps count: "AC". */
static const char *phasor_table_steps(const struct phasor *s, char names[4])
{
	unsigned n = 0;

	for (unsigned k = 0; k < 3; k++)
		if (s->steps.in[k].judged)
			names[n++] = (char)('A' + (int)k);
	names[n] = '\0';
	return names;
}

/* What the verdict rests on. */
static void phasor_table_grounds(struct table *t, const struct phasor *s)
{
	const struct doctor_evidence *e = &s->verdict.evidence;
	const struct doctor_options *o = &s->options;
	char old[24], agree[32], lag[32], lead[32], steps[4];
	int x = t->x + LABEL_CELLS + 1, width = getmaxx(t->w) - x;

	label(t, "order", "");
	ui_text(t->u, t->w, t->y++, x, width, ROLE_NORMAL, "%s", order_text(e->rotation));
	label(t, "samples", "");
	if (s->nsamples) {
		phasor_age_text(t->u, s, old, sizeof(old));
		snprintf(agree, sizeof(agree), e->agreeing ? "%u of %zu agree" : "%.0u%zu taken",
			 e->agreeing, s->nsamples);
		ui_text(t->u, t->w, t->y, x, width, phasor_old(t->u, s) ? ROLE_WARN : ROLE_NORMAL,
			*phasor_table_steps(s, steps) ? "%s, newest %s · steps %s" : "%s, the newest %s", agree, old, steps);
	} else {
		ui_text(t->u, t->w, t->y, x, width, ROLE_DIM, "none yet");
	}
	t->y++;
	label(t, "site", "");
	ui_text(t->u, t->w, t->y++, x, width, ROLE_NORMAL, "%s · %s–%s · %d-wire",
		site_text(o->site), doctor_pf_text(o->window_lag, lag, sizeof(lag)),
		doctor_pf_text(-o->window_lead, lead, sizeof(lead)) + strlen("PF "),
		o->wires == DOCTOR_4WIRE ? 4 : 3);
}

/* The wirings the doctor thinks of, where there is room for them. */
static void candidates(struct table *t, const struct phasor *s, int rows)
{
	size_t n = phasor_candidates(s), choice = phasor_choice(s);
	int width = getmaxx(t->w) - t->x - 1, end = t->y + rows;
	char line[256];

	if (n == 0 || rows < 3)
		return;
	t->y++;
	ui_text(t->u, t->w, t->y++, t->x, width, ROLE_LABEL, "wirings that would look like this");
	for (size_t i = 0; i < n && t->y < end; i++) {
		enum role role = s->what_if && choice == i ? ROLE_SELECTED : ROLE_NORMAL;
		const char *row[2];
		int len[2], nrows;

		phasor_candidate_text(&s->verdict.evidence.candidates[i], line, sizeof(line));
		nrows = draw_wrap(line, width - 2, row, len, end - t->y < 2 ? 1 : 2);
		ui_text(t->u, t->w, t->y, t->x, 2, role, "%-2zu", i + 1);
		for (int k = 0; k < nrows; k++)
			ui_text(t->u, t->w, t->y++, t->x + 2, width - 2, role, "%.*s", len[k], row[k]);
	}
}

static double ratio(const struct ui *u, double r)
{
	return u->primary && r >= 1 ? r : 1;
}

void phasor_draw_table(const struct ui *u, WINDOW *w, const struct phasor *s, int y, int x, int rows)
{
	const struct doctor_phasors *p = s->what_if ? &s->then : &s->seen;
	const struct doctor_sample *last = s->nsamples ? &s->samples[s->nsamples - 1] : NULL;
	int step = (getmaxx(w) - x - LABEL_CELLS - 1) / 4;
	struct table t = { u, w, y, x, step > 14 ? 14 : step,
			   phasor_old(u, s) ? ROLE_DIM : ROLE_NORMAL, 1, 1 };

	if (!last) {
		ui_text(u, w, t.y, x, getmaxx(w) - x, ROLE_DIM, "waiting for a first reading of everything");
		t.y += TABLE_ROWS;
		phasor_table_grounds(&t, s);
		return;
	}
	t.pt = ratio(u, last->pt);
	t.ct = ratio(u, last->ct);
	header(&t, s->what_if);
	vectors(&t, "U", "V", p->u, 1, t.pt, true);
	vectors(&t, "I", "A", p->i, 3, t.ct, phasor_table_lags(&t));
	if (phasor_table_lags(&t))
		lags(&t, p);
	powers(&t, "P", "power.active", p->p, p->p_total, true);
	powers(&t, "Q", "power.reactive", p->q, p->q_total, false);
	if (s->what_if)
		powers(&t, "now", "power.active", s->seen.p, s->seen.p_total, true);
	else
		phasor_table_load(&t, s);
	phasor_table_grounds(&t, s);
	candidates(&t, s, rows - (t.y - y));
}
