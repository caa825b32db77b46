#include "values.h"

#include <stdlib.h>

#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "ui/keys.h"
#include "setting.h"
#include "ui/stage.h"

#define VALUE_CELLS 20
#define KEY_CELLS 34

static const struct keyrow keys[] = {
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct values {
	struct selection sel;
	struct list list;
};

static bool values_has(const struct ui *u, const void *of, int row, const char *text)
{
	return list_point_has(u, ((const struct values *)of)->sel.idx[row], text);
}

static const struct list_ops values_list = {
	.has = values_has, .nowhere = "no key or name", .scrolls = true,
};

static void *values_open(struct ui *u)
{
	struct values *s = calloc(1, sizeof(*s));

	(void)u;
	if (s)
		list_init(&s->list, &values_list, s, 1);
	return s;
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
	s->list.at = s->list.top = 0;
	stage_show(u, &screen_values);
}

static void values_fit(const struct ui *u, struct values *s)
{
	list_fit(u, &s->list, (int)s->sel.n, u->rows - STAGE_HEAD - STAGE_FOOT - 1);
}

static void values_points(struct ui *u, void *state, struct selection *sel)
{
	struct values *s = state;

	if (!s)
		return;
	values_fit(u, s);
	for (int i = s->list.top; i < s->list.top + s->list.height && i < s->list.n; i++)
		draw_want(sel, s->sel.idx[i]);
}

static bool values_key(struct ui *u, void *state, int key)
{
	struct values *s = state;

	if (!s)
		return false;
	values_fit(u, s);
	return list_key(u, &s->list, key);
}

static void values_draw(struct ui *u, void *state, WINDOW *w)
{
	struct values *s = state;
	const struct list *l;

	if (!s || s->sel.n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing chosen: type :read KEY");
		return;
	}
	values_fit(u, s);
	l = &s->list;
	ui_text(u, w, 0, 1, KEY_CELLS, ROLE_DIM, "key");
	ui_right(u, w, 0, KEY_CELLS + 2, VALUE_CELLS, ROLE_DIM, "value");
	if (l->n > l->height)
		ui_right(u, w, 0, u->cols - 20, 19, ROLE_DIM, "%d of %d", l->at + 1, l->n);
	list_draw_find(u, w, 0, l);
	for (int i = 0; i < l->height && l->top + i < l->n; i++) {
		size_t idx = s->sel.idx[l->top + i];
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
