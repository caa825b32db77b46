#include "values.h"

#include <stdlib.h>

#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "setting.h"
#include "ui/stage.h"

#define VALUE_CELLS 20
#define KEY_CELLS 34

enum {
	VALUES_UP = ACTION_SCREEN, VALUES_DOWN, VALUES_PAGE_UP, VALUES_PAGE_DOWN,
	VALUES_FIRST, VALUES_LAST
};

static const struct keyrow keys[] = {
	{ KEY_UP, VALUES_UP, "↑ ↓", NULL, "one row" },
	{ KEY_DOWN, VALUES_DOWN, NULL, NULL, NULL },
	{ 'k', VALUES_UP, NULL, NULL, NULL },
	{ 'j', VALUES_DOWN, NULL, NULL, NULL },
	{ KEY_PPAGE, VALUES_PAGE_UP, "PgUp PgDn", NULL, "one page" },
	{ KEY_NPAGE, VALUES_PAGE_DOWN, NULL, NULL, NULL },
	{ ' ', VALUES_PAGE_DOWN, NULL, NULL, NULL },
	{ KEY_HOME, VALUES_FIRST, "Home End", NULL, "first and last" },
	{ KEY_END, VALUES_LAST, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct values {
	struct selection sel;
	int top;
};

static void *values_open(struct ui *u)
{
	(void)u;
	return calloc(1, sizeof(struct values));
}

static void values_close(void *state)
{
	struct values *s = state;

	if (s)
		selection_release(&s->sel);
	free(s);
}

void values_show(struct ui *u, const struct selection *sel)
{
	struct values *s = stage_state(u, &screen_values);

	if (!s)
		return;
	selection_release(&s->sel);
	for (size_t i = 0; i < sel->n; i++)
		draw_want(&s->sel, sel->idx[i]);
	s->top = 0;
	stage_show(u, &screen_values);
}

static int values_rows(const struct ui *u)
{
	int rows = u->rows - STAGE_HEAD - STAGE_FOOT - 1;

	return rows < 1 ? 1 : rows;
}

static void values_settle(const struct ui *u, struct values *s)
{
	int n = (int)s->sel.n, rows = values_rows(u);

	if (s->top > n - rows)
		s->top = n - rows;
	if (s->top < 0)
		s->top = 0;
}

static void values_points(struct ui *u, void *state, struct selection *sel)
{
	struct values *s = state;

	if (!s)
		return;
	values_settle(u, s);
	for (int i = 0; i < values_rows(u) && s->top + i < (int)s->sel.n; i++)
		draw_want(sel, s->sel.idx[s->top + i]);
}

static bool values_key(struct ui *u, void *state, int key)
{
	struct values *s = state;

	if (!s)
		return false;
	switch (keys_action(keys, NKEYS, key)) {
	case VALUES_UP:		s->top--; break;
	case VALUES_DOWN:		s->top++; break;
	case VALUES_PAGE_UP:	s->top -= values_rows(u); break;
	case VALUES_PAGE_DOWN:	s->top += values_rows(u); break;
	case VALUES_FIRST:	s->top = 0; break;
	case VALUES_LAST:		s->top = (int)s->sel.n; break;
	default:
		return false;
	}
	values_settle(u, s);
	return true;
}

static void values_draw(struct ui *u, void *state, WINDOW *w)
{
	struct values *s = state;
	int rows = getmaxy(w) - 1;

	if (!s || s->sel.n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing chosen: type :read KEY");
		return;
	}
	values_settle(u, s);
	ui_text(u, w, 0, 1, KEY_CELLS, ROLE_DIM, "key");
	ui_right(u, w, 0, KEY_CELLS + 2, VALUE_CELLS, ROLE_DIM, "value");
	if ((int)s->sel.n > rows)
		ui_right(u, w, 0, u->cols - 20, 19, ROLE_DIM, "%d of %zu", s->top + 1, s->sel.n);
	for (int i = 0; i < rows && s->top + i < (int)s->sel.n; i++) {
		size_t idx = s->sel.idx[s->top + i];
		const struct point *p = &u->profile->points[idx];
		int y = 1 + i, x = KEY_CELLS + 2 + VALUE_CELLS + 1;

		ui_text(u, w, y, 1, KEY_CELLS, ROLE_NORMAL, "%s", p->key);
		if (p->flags & POINT_SECRET)
			ui_right(u, w, y, KEY_CELLS + 2, VALUE_CELLS, ROLE_DIM, SETTING_HIDDEN);
		else
			draw_value(u, w, y, KEY_CELLS + 2, VALUE_CELLS, idx, u->primary);
		ui_text(u, w, y, x, 6, ROLE_DIM, "%s", draw_unit(p));
		ui_text(u, w, y, x + 7, u->cols - x - 8, ROLE_DIM, "%s", p->name);
	}
}

const struct screen_ops screen_values = {
	.open = values_open,
	.close = values_close,
	.points = values_points,
	.draw = values_draw,
	.key_press = values_key,
	.keys = keys,
	.nkeys = NKEYS,
};
