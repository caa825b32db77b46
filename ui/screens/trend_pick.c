/*
 * trend_pick.c - choosing the points of the Trend screen from all numbers the
 * meter has, by typing a part of their key or name.
 */
#include "trend.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "ui/draw/draw.h"
#include "ui/stage.h"

/* A number that moves: not a code with names, not a month of the past. */
static bool trendable(const struct point *p)
{
	return p->type <= TYPE_LAST_NUMBER && p->nchoices == 0
	    && !(p->flags & (POINT_DERIVED | POINT_REPEAT | POINT_SECRET));
}

/* Is every word of FIND a part of the key or the name? */
static bool trend_pick_matches(const struct point *p, const char *find)
{
	char word[sizeof(((struct field *)0)->text)];
	size_t n;

	for (find += strspn(find, " "); *find; find += strspn(find, " ")) {
		n = strcspn(find, " ");
		memcpy(word, find, n);
		word[n] = '\0';
		if (!ascii_casestr(p->key, word) && !ascii_casestr(p->name, word))
			return false;
		find += n;
	}
	return true;
}

static const struct list_ops trend_pick_list = { .item = NULL };

static void trend_pick_fit(const struct ui *u, struct trend_pick *p)
{
	list_fit(u, &p->list, p->nmatch, u->rows - STAGE_HEAD - STAGE_FOOT - 3);
}

static void refind(const struct ui *u, struct trend_pick *p)
{
	p->nmatch = 0;
	list_init(&p->list, &trend_pick_list, p, 1);
	for (size_t i = 0; i < u->profile->npoints; i++) {
		const struct point *pt = &u->profile->points[i];

		if (trendable(pt) && trend_pick_matches(pt, p->find.text))
			p->match[p->nmatch++] = (uint16_t)i;
	}
	trend_pick_fit(u, p);
}

void pick_open(const struct ui *u, struct trend *t)
{
	struct trend_pick *p = &t->pick;

	if (!u->profile)
		return;
	if (!p->match)
		p->match = calloc(u->profile->npoints, sizeof(*p->match));
	if (!p->match)
		return;
	p->open = true;
	field_set(&p->find, "");
	refind(u, p);
}

static void trend_pick_draw_row(const struct ui *u, const struct trend *t, WINDOW *w, int y, int at)
{
	const struct trend_pick *p = &t->pick;
	size_t idx = p->match[at];
	const struct point *pt = &u->profile->points[idx];
	bool here = at == p->list.at, in = trend_line_of(t, (uint16_t)idx) >= 0;
	int width = getmaxx(w), name = 40;

	ui_text(u, w, y, 1, 1, ROLE_TITLE, "%s", here ? "▸" : "");
	ui_text(u, w, y, 3, 3, in ? ROLE_GOOD : ROLE_DIM, in ? "[x]" : "[ ]");
	ui_text(u, w, y, 7, name - 9, here ? ROLE_SELECTED : ROLE_NORMAL, "%s", pt->key);
	ui_text(u, w, y, name - 1, width - name - 17, ROLE_DIM, "%s", pt->name);
	draw_value(u, w, y, width - 17, 10, idx, u->primary);
	ui_text(u, w, y, width - 6, 5, ROLE_LABEL, "%s", pt->unit);
}

void pick_draw(const struct ui *u, struct trend *t, WINDOW *w)
{
	struct trend_pick *p = &t->pick;
	const struct list *l = &p->list;
	int width = getmaxx(w);

	ui_text(u, w, 0, 1, 20, ROLE_TITLE, "Points to keep");
	ui_text(u, w, 0, 17, 6, ROLE_LABEL, "find");
	field_draw(u, w, 0, 22, 38, &p->find, true);
	ui_right(u, w, 0, width - 20, 19, ROLE_DIM, "%d of at most %d", t->n, TREND_MAX);
	trend_pick_fit(u, p);
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		trend_pick_draw_row(u, t, w, 1 + i, l->top + i);
	if (p->nmatch == 0)
		ui_text(u, w, 2, 7, width - 8, ROLE_DIM, "no number of this meter is called that");
	ui_text(u, w, getmaxy(w) - 1, 1, width - 2, ROLE_DIM,
		"type to find · Enter puts in or takes out · Esc when done");
}

static void toggle(struct ui *u, struct trend *t)
{
	const struct trend_pick *p = &t->pick;
	uint16_t idx;
	int line;

	if (p->nmatch == 0)
		return;
	idx = p->match[p->list.at];
	line = trend_line_of(t, idx);
	if (line >= 0)
		trend_remove(t, line);
	else if (trend_add(t, idx))
		t->cursor = t->n - 1;	/* who puts it in wants to see it */
	else
		ui_say(u, "%d points are the most: take one out first", TREND_MAX);
}

bool pick_key(struct ui *u, struct trend *t, int key)
{
	struct trend_pick *p = &t->pick;

	trend_pick_fit(u, p);
	switch (key) {
	case 27:
		p->open = false;
		return true;
	case '\n':
	case '\r':
	case KEY_ENTER:
		toggle(u, t);
		return true;
	}
	if (!field_key(&p->find, key))
		return key >= KEY_MIN ? list_key(u, &p->list, key) : key >= ' ';
	refind(u, p);
	return true;
}
