/*
 * fleet.c - every meter a broker shows: who is on air, how well, and the way to one.
 */
#include "fleet.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/fleet_source.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define SORT_US 400000		/* not more often by itself: rows would not hold still */

enum {
	FLEET_ENTER = ACTION_SCREEN, FLEET_LEFT, FLEET_RIGHT, FLEET_REVERSE, FLEET_FIND, FLEET_SICK
};

static const struct keyrow keys[] = {
	{ '\r', FLEET_ENTER, "Enter", "open", "the screens of the meter chosen; 0 leads back here" },
	{ '\n', FLEET_ENTER, NULL, NULL, NULL },
	{ KEY_ENTER, FLEET_ENTER, NULL, NULL, NULL },
	{ '/', FLEET_FIND, "/", "find", "only meters with this in serial, state, model or dialect; Esc: all" },
	{ 'f', FLEET_SICK, "f", "sick", "only meters with something wrong, or all" },
	{ '>', FLEET_RIGHT, "< >", "sort", "sort by the column before, or behind (also ← →)" },
	{ '<', FLEET_LEFT, NULL, NULL, NULL },
	{ KEY_RIGHT, FLEET_RIGHT, NULL, NULL, NULL },
	{ KEY_LEFT, FLEET_LEFT, NULL, NULL, NULL },
	{ 'r', FLEET_REVERSE, "r", "reverse", "the other way round" },
	{ KEY_UP, ACTION_NONE, "↑ ↓", NULL, "choose a meter; PgUp PgDn Home End" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static intptr_t fleet_item(const struct ui *u, const void *of, int row)
{
	(void)u;
	return ((const struct fleet_view *)of)->idx[row];
}

/* The meter chosen stays chosen, wherever it goes: Enter opens the one that was looked at. */
static const struct list_ops fleet_list = { .item = fleet_item, .creeps = true };

static void fleet_fit(const struct ui *u, struct fleet_view *v)
{
	list_fit(u, &v->list, (int)v->n, fleet_rows(u, u->rows - STAGE_HEAD - STAGE_FOOT));
}

/* The rows that are found; counts of all. False without memory: as it was. */
static bool fleet_collect(const struct ui *u, struct fleet_view *v)
{
	const struct fleet *f = u->fleet;

	if (v->room < f->n) {
		uint32_t *more = realloc(v->idx, f->room * sizeof(*more));

		if (!more)
			return false;
		v->idx = more;
		v->room = f->room;
	}
	v->n = 0;
	memset(v->states, 0, sizeof(v->states));
	for (size_t i = 0; i < f->n; i++) {
		const struct fleet_row *r = &f->rows[i];

		enum fleet_state state = fleet_state(r, u->now_us);

		v->states[state]++;
		if ((!v->sick || state > FLEET_KEPT) && (!v->find.text[0] || fleet_matches(r, v->find.text, u->now_us)))
			v->idx[v->n++] = (uint32_t)i;
	}
	return true;
}

static void fleet_view_sort(const struct ui *u, struct fleet_view *v)
{
	if (!u->fleet || !fleet_collect(u, v))
		return;
	fleet_sort(u->fleet, v->idx, v->n, v->by, v->descending, u->now_us);
	v->sorted_us = u->now_us;
	fleet_fit(u, v);
}

static void resort(struct ui *u, struct fleet_view *v)
{
	if (v && (v->n == 0 || u->now_us - v->sorted_us >= SORT_US))
		fleet_view_sort(u, v);
}

/* While one of them is looked at, the others rest. */
static void fleet_update(struct ui *u, void *state)
{
	if (ui_is_fleet(u))
		resort(u, state);
}

/* The next column in sight. */
static void choose_column(const struct ui *u, struct fleet_view *v, int step)
{
	int at = 0;

	while (fleet_columns[at].order != v->by)
		at++;
	do
		at = (at + FLEET_ORDERS + step) % FLEET_ORDERS;
	while (u->cols < fleet_columns[at].from_cols);
	v->by = fleet_columns[at].order;
	/* the worst state is what is looked for, and most alarms; the weakest signal, the latest news */
	v->descending = v->by == FLEET_BY_STATE || v->by == FLEET_BY_ALARMS || v->by == FLEET_BY_P || v->by == FLEET_BY_I;
	fleet_view_sort(u, v);
}

static void enter(struct ui *u, struct fleet_view *v)
{
	const struct target broker = u->target;
	const struct fleet_row *r;
	struct err e = { 0 };
	struct target t;

	if (v->n == 0 || !question_forget(u, '\r'))
		return;
	r = &u->fleet->rows[v->idx[v->list.at]];
	if (!fleet_target(&broker, r, &t))
		ui_say(u, "'%s' cannot stand in a topic: it cannot be opened", r->sn);
	else if (u->loop->hooks.connect(u, &t, u->loop->profile, &e))
		ui_say(u, "%s", e.text);
	else
		stage_home(u);
}

static bool fleet_find_key(struct ui *u, struct fleet_view *v, int key)
{
	if (key == 27)
		field_set(&v->find, "");
	if (key == 27 || key == '\r' || key == '\n' || key == KEY_ENTER)
		v->finding = false;
	else if (!field_key(&v->find, key))
		return key < KEY_MIN && key >= ' ';	/* typed, but there is no room */
	fleet_view_sort(u, v);
	return true;
}

static bool fleet_key(struct ui *u, void *state, int key)
{
	struct fleet_view *v = state;

	if (!v || !u->fleet)
		return false;
	if (v->finding)
		return fleet_find_key(u, v, key);
	if (key == 27 && v->find.text[0])
		return fleet_find_key(u, v, key);
	fleet_fit(u, v);
	switch (keys_action(keys, NKEYS, key)) {
	case FLEET_LEFT: choose_column(u, v, -1); return true;
	case FLEET_RIGHT: choose_column(u, v, 1); return true;
	case FLEET_FIND: v->finding = true; return true;
	case FLEET_ENTER: enter(u, v); return true;
	case FLEET_SICK:
		v->sick = !v->sick;
		fleet_view_sort(u, v);
		return true;
	case FLEET_REVERSE:
		v->descending = !v->descending;
		fleet_view_sort(u, v);
		return true;
	default: return list_key(u, &v->list, key);
	}
}

static void *fleet_open(struct ui *u)
{
	struct fleet_view *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	list_init(&v->list, &fleet_list, v, FLEET_HEAD);
	resort(u, v);
	return v;
}

static void fleet_close(void *state)
{
	struct fleet_view *v = state;

	if (v)
		free(v->idx);
	free(v);
}

const struct screen_ops screen_fleet = {
	.open = fleet_open,
	.close = fleet_close,
	.draw = fleet_draw,
	.key_press = fleet_key,
	.update = fleet_update,
	.tick = fleet_update,
	.keys = keys,
	.nkeys = NKEYS,
	.marks = "● ▲ x ○",
	.marks_help = "on air, something is wrong, offline, only what the broker had kept",
};
