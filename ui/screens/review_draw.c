/* review_draw.c - the pages before and after a write as they look. */
#include "review_draw.h"

#include <stdio.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "setting.h"

#define STATE_CELLS 12
#define VALUE_MOST 64		/* of a column, where there is room */

/* Columns, made to fit the widest values there are. */
struct columns {
	int mark, name, before, arrow, want, state;
	int name_cells, value_cells;
};

static const char *want_text(const struct ui *u, const struct step *st, char *buf, size_t size)
{
	const struct point *p = &u->profile->points[st->idx];

	if (st->now)
		snprintf(buf, size, "this machine's time");
	else
		setting_value(p, &st->want, buf, size);
	return buf;
}

/* In its column: of bits those that change, by name. */
static const char *want_short(const struct ui *u, const struct step *st, char *buf, size_t size)
{
	const struct point *p = &u->profile->points[st->idx];

	if (p->type == TYPE_BITS && p->nbits > 1 && st->before.kind == VALUE_BITS && st->want.kind == VALUE_BITS)
		return setting_changes(p, &st->before, &st->want, buf, size);
	return want_text(u, st, buf, size);
}

static void widest(int *cells, int n, int most)
{
	if (n > *cells)
		*cells = n < most ? n : most;
}

static void columns_fit(const struct ui *u, struct columns *c)
{
	const struct plan *p = &u->job.plan;
	char buf[VALUE_TEXT];
	int room = u->cols - 3 - STATE_CELLS - 6;

	*c = (struct columns){ .mark = 3, .name = 3, .name_cells = 20, .value_cells = 12 };
	for (size_t i = 0; i < p->n; i++) {
		const struct point *pt = &u->profile->points[p->steps[i].idx];

		if (review_asks(u, i))
			c->name = 7;
		widest(&c->name_cells, draw_width(pt->name), 44);
		widest(&c->value_cells, draw_width(want_short(u, &p->steps[i], buf, sizeof(buf))), VALUE_MOST);
		widest(&c->value_cells, draw_width(setting_short(pt, &p->steps[i].before,
								 buf, sizeof(buf))), VALUE_MOST);
	}
	room -= c->name - 3;
	/* a name is cut before a value */
	if (c->name_cells + 2 * c->value_cells > room)
		c->value_cells = c->value_cells > room / 3 ? room / 3 : c->value_cells;
	if (c->name_cells + 2 * c->value_cells > room)
		c->name_cells = room - 2 * c->value_cells;
	c->before = c->name + c->name_cells + 1;
	c->arrow = c->before + c->value_cells + 1;
	c->want = c->arrow + 2;
	c->state = c->want + c->value_cells + 1;
}

/* The state in one word: before anything is written, in what will be done. */
static void review_draw_state(const struct ui *u, WINDOW *w, int y, int x, const struct step *st)
{
	static const struct { enum role role; const char *text; } looks[STEP_STATES] = {
		[STEP_PLANNED] = { ROLE_NORMAL, "write" },
		[STEP_UNCHANGED] = { ROLE_DIM, "= is so" },
		[STEP_VERIFIED] = { ROLE_GOOD, "● verified" },
		[STEP_FAILED] = { ROLE_BAD, "▲ FAILED" },
		[STEP_UNKNOWN] = { ROLE_BAD, "? UNKNOWN" },
		[STEP_REFUSED] = { ROLE_WARN, "▲ refused" },
	};
	const struct job *k = &u->job;

	if (st->state != STEP_PLANNED) {
		ui_text(u, w, y, x, STATE_CELLS, looks[st->state].role, "%s", looks[st->state].text);
		return;
	}
	if (k->kind == JOB_LOOK)
		ui_text(u, w, y, x, STATE_CELLS, ROLE_DIM, k->busy ? "◌ reading" : k->rc ? "--" : "to write");
	else if (k->busy)
		ui_text(u, w, y, x, STATE_CELLS, ROLE_WARN, "◌ writing");
	else
		ui_text(u, w, y, x, STATE_CELLS, ROLE_DIM, "not written");
}

static void draw_step(const struct ui *u, WINDOW *w, int y, const struct columns *c,
		      const struct review *s, size_t i)
{
	const struct step *st = &u->job.plan.steps[i];
	const struct point *p = &u->profile->points[st->idx];
	char buf[VALUE_TEXT];
	bool writes = st->state != STEP_UNCHANGED;

	if ((int)i == s->list.at)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	if (review_asks(u, i))
		ui_text(u, w, y, c->mark, 3, s->marked[st->idx] ? ROLE_TITLE : ROLE_WARN,
			s->marked[st->idx] ? "[x]" : "[ ]");
	ui_text(u, w, y, c->name, c->name_cells, (int)i == s->list.at ? ROLE_TITLE : ROLE_NORMAL,
		"%s", p->name);
	ui_right(u, w, y, c->before, c->value_cells, ROLE_NORMAL, "%s",
		 setting_short(p, &st->before, buf, sizeof(buf)));
	ui_text(u, w, y, c->arrow, 1, writes ? ROLE_KEY : ROLE_DIM, "→");
	ui_text(u, w, y, c->want, c->value_cells, writes ? ROLE_CHANGED : ROLE_DIM, "%s",
		want_short(u, st, buf, sizeof(buf)));
	review_draw_state(u, w, y, c->state, st);
}

/* Wrapped text, at most MOST lines; returns the next row. */
static int paragraph(const struct ui *u, WINDOW *w, int y, enum role role, int most,
		     const char *text)
{
	const char *row[4];
	int len[4], n = draw_wrap(text, u->cols - 4, row, len, most);

	for (int i = 0; i < n; i++)
		ui_text(u, w, y + i, 2, u->cols - 4, role, "%.*s", len[i], row[i]);
	return y + n;
}

/* How far the clock is off, before and after. */
static void review_draw_drift(const struct ui *u, WINDOW *w, int y, const struct step *st)
{
	const struct value *v = st->after.kind != VALUE_NONE ? &st->after : &st->before;
	struct reading r = { .value = *v, .at_us = u->job.busy ? u->wall_us
		: u->wall_us - (u->now_us - u->job.since_us) };
	double ahead;

	if (v->kind == VALUE_NONE || !setting_ahead(&r, &ahead))
		return;
	ui_text(u, w, y, 2, u->cols - 4, ROLE_NORMAL, "%s: the meter's clock %s %.0f s %s this machine's",
		st->after.kind != VALUE_NONE ? "after" : "now",
		st->after.kind != VALUE_NONE ? "was, read back," : "is",
		ahead < 0 ? -ahead : ahead, ahead < 0 ? "behind" : "ahead of");
}

static const char *what_to_do(const struct step *st, bool remote)
{
	switch (st->state) {
	case STEP_FAILED:
		if (remote)
			return "The meter says something else than was wished. What it sent is on the Trace screen.";
		return "The meter holds something else than was written. Read the note of this setting, look at the Registers screen; v looks again.";
	case STEP_UNKNOWN:
		if (remote)
			return "Perhaps taken over: the meter has not said so yet. What it sends next shows it (Trace); the journal keeps it open.";
		return "Perhaps written: the meter has not answered since. When it answers again, v reads first and settles it in the journal.";
	default:
		return "";
	}
}

/* Everything about the chosen one. */
static void review_draw_detail(const struct ui *u, WINDOW *w, int y, const struct columns *c, const struct step *st)
{
	int end = getmaxy(w) - 1;	/* of what to do next */
	const struct point *p = &u->profile->points[st->idx];
	char text[ERR_TEXT], now[VALUE_TEXT], want[VALUE_TEXT];

	setting_value(p, st->after.kind != VALUE_NONE ? &st->after : &st->before, now, sizeof(now));
	ui_text(u, w, y, 2, u->cols - 4, ROLE_LABEL, "%s", p->key);
	ui_right(u, w, y, u->cols - 34, 32, ROLE_DIM, "%s", setting_source(u, p, text, sizeof(text)));
	y++;
	want_text(u, st, want, sizeof(want));
	if (p->type == TYPE_BITS && p->nbits > 1 && st->before.kind != VALUE_NONE) {
		setting_bits(p, &st->before, &st->want, text, sizeof(text));
		y = paragraph(u, w, y, ROLE_NORMAL, 3, text);
	} else if (draw_width(now) > c->value_cells || draw_width(want) > c->value_cells || st->state == STEP_FAILED) {
		snprintf(text, sizeof(text), "holds %s", now);
		y = paragraph(u, w, y, ROLE_NORMAL, 3, text);
		snprintf(text, sizeof(text), "%s %s", u->job.kind == JOB_APPLY ? "was to be" : "to be", want);
		y = paragraph(u, w, y, ROLE_NORMAL, 3, text);
	}
	if (st->now)
		review_draw_drift(u, w, y++, st);
	if (st->err.text[0]) {
		y = paragraph(u, w, y, ROLE_WARN, 2, st->err.text);
		paragraph(u, w, y, ROLE_NORMAL, 2, what_to_do(st, u->job.plan.policy.remote));
		return;
	}
	if (u->job.kind != JOB_APPLY
	    && *setting_consent(u->profile, p, &u->job.plan.policy, text, sizeof(text)))
		y = paragraph(u, w, y, ROLE_WARN, 3, text);
	else if (u->job.kind != JOB_APPLY && *setting_effect(u->profile, p))
		y = paragraph(u, w, y, ROLE_WARN, 1, setting_effect(u->profile, p));
	if (y < end)
		paragraph(u, w, y, ROLE_DIM, end - y < 3 ? end - y : 3, setting_note(u, p));
}

/* One line: how many of what. */
static void counts(const struct ui *u, char *buf, size_t size)
{
	static const char *const words[STEP_STATES] = {
		[STEP_PLANNED] = "to write", [STEP_UNCHANGED] = "held already",
		[STEP_VERIFIED] = "verified", [STEP_FAILED] = "FAILED",
		[STEP_UNKNOWN] = "UNKNOWN", [STEP_REFUSED] = "refused",
	};
	size_t at = 0;

	buf[0] = '\0';
	for (int i = 0; i < STEP_STATES; i++) {
		size_t n = review_count(u, (enum step_state)i);
		bool left = i == STEP_PLANNED && u->job.kind == JOB_APPLY && !u->job.busy;

		if (n == 0 || at >= size)
			continue;
		at += (size_t)snprintf(buf + at, size - at, "%s%zu %s", at ? ", " : "", n,
				       left ? "not written" : words[i]);
	}
}

static bool moves(const struct ui *u)
{
	for (size_t i = 0; i < u->job.plan.n; i++)
		if (u->profile->points[u->job.plan.steps[i].idx].flags & POINT_DROPS_LINK
		    && u->job.plan.steps[i].state == STEP_PLANNED)
			return true;
	return false;
}

/* What this page is, over the list. */
static void review_draw_heading(const struct ui *u, WINDOW *w)
{
	const struct job *k = &u->job;
	int s = (int)((u->now_us - k->since_us) / 1000000);
	char text[120];

	counts(u, text, sizeof(text));
	if (k->busy && k->kind != JOB_APPLY)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "Looking at what stands there ...");
	else if (k->kind == JOB_LOOK && k->rc)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, "▲ Nothing has been written");
	else if (k->plan.n == 0)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "Nothing is to be written");
	else if (k->kind == JOB_LOOK)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "Before writing: %s", text);
	else if (k->busy && moves(u) && s > 0)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN,
			"Writing: looking for the meter, new settings first, then old ... %d s", s);
	else if (k->busy)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, "Writing ...");
	else
		ui_text(u, w, 0, 1, u->cols - 2, k->rc ? ROLE_WARN : ROLE_GOOD, "%s Written: %s",
			k->rc ? "▲" : "●", text);
	if (k->settled.n && k->kind == JOB_LOOK && !k->busy)
		ui_right(u, w, 0, u->cols - 42, 40, ROLE_DIM, "%zu open in the journal settled by reading",
			 k->settled.n);
	else if (k->settled.others && k->kind == JOB_LOOK && !k->busy)
		ui_right(u, w, 0, u->cols - 42, 40, ROLE_WARN, "%zu in the journal of another meter?",
			 k->settled.others);
}

/* What can be done, under everything. */
static void draw_way_on(const struct ui *u, WINDOW *w, int y, const struct review *s)
{
	const struct job *k = &u->job;
	char at[sizeof(k->target.text)];

	if (s->unlocking) {
		ui_text(u, w, y, 2, 34, ROLE_TITLE, "Unlock password of the meter:");
		field_draw_hidden(u, w, y, 33, 20, &s->password);
		ui_text(u, w, y, 55, u->cols - 56, ROLE_DIM, "Enter: write");
		return;
	}
	if (k->rc && !k->busy && !(k->plan.n && k->plan.steps[s->list.at].err.text[0])) {
		paragraph(u, w, y - 1, ROLE_WARN, 2, k->err.text);
	} else if (k->kind == JOB_APPLY && k->moved && !k->busy) {
		ui_text(u, w, y, 2, u->cols - 4, ROLE_TITLE, "the meter answers at %s now",
			target_format(&k->target, 0, at, sizeof(at)));
	} else if (k->kind == JOB_APPLY && !k->busy) {
		ui_text(u, w, y, 2, u->cols - 4, ROLE_DIM,
			"kept in the journal (J)%s; Enter goes to the settings",
			k->rc ? "" : ", which can put it back");
	} else if (!review_ready(u) || k->plan.n == 0) {
		return;
	} else if (review_count(u, STEP_REFUSED)) {
		ui_text(u, w, y, 2, u->cols - 4, ROLE_WARN,
			"▲ a refused setting stops the others: Backspace takes it out");
	} else if (review_unmarked(u, s)) {
		ui_text(u, w, y, 2, u->cols - 4, ROLE_WARN,
			"▲ %zu with [ ] to mark with Space, then y writes; Esc goes back",
			review_unmarked(u, s));
	} else if (plan_pending(&k->plan) == 0) {
		ui_text(u, w, y, 2, u->cols - 4, ROLE_NORMAL,
			"the meter holds it already: nothing to write; Esc goes back");
	} else {
		ui_text(u, w, y, 2, 1, ROLE_KEY, "y");
		ui_text(u, w, y, 4, u->cols - 6, ROLE_TITLE,
			"writes this now; Esc goes back and nothing is written");
	}
}

void review_page(struct ui *u, WINDOW *w, struct review *s)
{
	const struct list *l = &s->list;
	struct columns c;

	review_draw_heading(u, w);
	columns_fit(u, &c);
	ui_right(u, w, 1, c.before, c.value_cells, ROLE_DIM,
		 u->job.kind == JOB_APPLY ? "before" : "holds");
	ui_text(u, w, 1, c.want, c.value_cells, ROLE_DIM, "new");
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		draw_step(u, w, REVIEW_HEAD + i, &c, s, (size_t)(l->top + i));
	if (l->n > l->height)
		ui_right(u, w, 1, u->cols - 14, 12, ROLE_DIM, "%d of %d", l->at + 1, l->n);
	list_draw_find(u, w, 1, l);
	ui_rule(u, w, REVIEW_HEAD + l->height, 0, u->cols);
	if (l->n > 0)
		review_draw_detail(u, w, REVIEW_HEAD + 1 + l->height, &c, &u->job.plan.steps[l->at]);
	draw_way_on(u, w, getmaxy(w) - 1, s);
}
