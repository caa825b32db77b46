/*
 * trend_pick.c - choosing the points of the Trend screen from all numbers the
 * meter has, by typing a part of their key or name.
 */
#include "trend.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "ui/draw/draw.h"

#define PAGE 10

/* A number that moves: not a code with names, not a month of the past. */
static bool trendable(const struct point *p)
{
	return p->type <= TYPE_F32 && p->nchoices == 0
	    && !(p->flags & (POINT_DERIVED | POINT_REPEAT | POINT_SECRET));
}

/* Is every word of FIND a part of the key or the name? */
static bool trend_pick_matches(const struct point *p, const char *find)
{
	char word[sizeof(((struct trend_pick *)0)->find)];
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

static void refind(const struct ui *u, struct trend_pick *p)
{
	p->nmatch = 0;
	p->cursor = 0;
	for (size_t i = 0; i < u->profile->npoints; i++) {
		const struct point *pt = &u->profile->points[i];

		if (trendable(pt) && trend_pick_matches(pt, p->find))
			p->match[p->nmatch++] = (uint16_t)i;
	}
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
	p->find[0] = '\0';
	refind(u, p);
}

static void trend_pick_draw_row(const struct ui *u, const struct trend *t, WINDOW *w, int y, size_t at)
{
	const struct trend_pick *p = &t->pick;
	size_t idx = p->match[at];
	const struct point *pt = &u->profile->points[idx];
	bool here = at == p->cursor, in = trend_line_of(t, (uint16_t)idx) >= 0;
	int width = getmaxx(w), name = 40;

	ui_text(u, w, y, 1, 1, ROLE_TITLE, "%s", here ? "▸" : "");
	ui_text(u, w, y, 3, 3, in ? ROLE_GOOD : ROLE_DIM, in ? "[x]" : "[ ]");
	ui_text(u, w, y, 7, name - 9, here ? ROLE_SELECTED : ROLE_NORMAL, "%s", pt->key);
	ui_text(u, w, y, name - 1, width - name - 17, ROLE_DIM, "%s", pt->name);
	draw_value(u, w, y, width - 17, 10, idx, u->primary);
	ui_text(u, w, y, width - 6, 5, ROLE_LABEL, "%s", pt->unit);
}

void pick_draw(const struct ui *u, const struct trend *t, WINDOW *w)
{
	const struct trend_pick *p = &t->pick;
	int width = getmaxx(w), rows = getmaxy(w) - 3;
	size_t first = 0;

	ui_text(u, w, 0, 1, 20, ROLE_TITLE, "Points to keep");
	ui_text(u, w, 0, 17, 6, ROLE_LABEL, "find");
	ui_text(u, w, 0, 22, 42, ROLE_NORMAL, "%s%s", p->find, u->ascii ? "_" : "▏");
	ui_right(u, w, 0, width - 20, 19, ROLE_DIM, "%d of at most %d", t->n, TREND_MAX);
	if (rows < 1)
		return;
	if (p->cursor >= (size_t)rows)
		first = p->cursor - (size_t)rows + 1;
	for (size_t i = 0; i < (size_t)rows && first + i < p->nmatch; i++)
		trend_pick_draw_row(u, t, w, 1 + (int)i, first + i);
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
	idx = p->match[p->cursor];
	line = trend_line_of(t, idx);
	if (line >= 0)
		trend_remove(t, line);
	else if (trend_add(t, idx))
		t->cursor = t->n - 1;	/* who puts it in wants to see it */
	else
		ui_say(u, "%d points are the most: take one out first", TREND_MAX);
}

static void trend_pick_step(struct trend_pick *p, int by)
{
	long at = (long)p->cursor + by, last = (long)p->nmatch - 1;

	at = at > last ? last : at;
	p->cursor = at > 0 ? (size_t)at : 0;
}

bool pick_key(struct ui *u, struct trend *t, int key)
{
	struct trend_pick *p = &t->pick;
	size_t n = strlen(p->find);

	switch (key) {
	case 27:
		p->open = false;
		return true;
	case '\n':
	case '\r':
	case KEY_ENTER:
		toggle(u, t);
		return true;
	case KEY_UP:
	case KEY_DOWN:
		trend_pick_step(p, key == KEY_UP ? -1 : 1);
		return true;
	case KEY_PPAGE:
	case KEY_NPAGE:
		trend_pick_step(p, key == KEY_PPAGE ? -PAGE : PAGE);
		return true;
	case KEY_BACKSPACE:
	case 127:
	case '\b':
		if (n > 0)
			p->find[n - 1] = '\0';
		refind(u, p);
		return true;
	default:
		/* keys and names of points are ASCII */
		if (key < ' ' || key > '~')
			return key > '~' && key < KEY_MIN;
		if (n + 1 < sizeof(p->find)) {
			p->find[n] = (char)key;
			p->find[n + 1] = '\0';
			refind(u, p);
		}
		return true;
	}
}
