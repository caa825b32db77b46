/* checklist_draw.c - the checklist as it looks. */
#include "checklist.h"

#include <stdio.h>
#include <string.h>

#include "checklist/kinds.h"
#include "ui/draw/draw.h"

#define NARROW 60	/* no place beside a row; titles are cut */
#define PLACE_CELLS 16

struct checks_look {
	const char *mark;
	enum role role;
};

/* The proof of an uplink takes two uploads: until then it is neither open nor wrong. */
static bool checks_under_way(const struct ui *u, const struct checklist_item *item)
{
	return item->id == CHECKLIST_UPLINK && item->state == CHECKLIST_OPEN && ui_pushes(u)
	       && uplink_verdict(&u->proof, NULL) == UPLINK_WAITING;
}

static struct checks_look checks_look(const struct ui *u, const struct checklist_item *item)
{
	static const struct checks_look looks[CHECKLIST_STATES] = {
		[CHECKLIST_DONE] = { "✓", ROLE_GOOD }, [CHECKLIST_OPEN] = { "○", ROLE_NORMAL },
		[CHECKLIST_FAILED] = { "!", ROLE_BAD }, [CHECKLIST_NOT_APPLICABLE] = { "–", ROLE_DIM },
	};

	return checks_under_way(u, item) ? (struct checks_look){ "…", ROLE_WARN } : looks[item->state];
}

static const char *checks_why(const struct ui *u, const struct checklist_item *item, char *buf, size_t size)
{
	enum uplink_step step = UPLINK_BROKER;

	if (!checks_under_way(u, item))
		return item->why;
	uplink_verdict(&u->proof, &step);
	snprintf(buf, size, "waiting for %s", uplink_step_names[step]);
	return buf;
}

static int checks_title_cells(const struct ui *u)
{
	return u->cols < NARROW ? 16 : 22;
}

static void checks_draw_field(const struct ui *u, const struct checks *s, WINDOW *w, int y, int x)
{
	int n = (int)strlen(s->ask->label) + 2;

	ui_text(u, w, y, x, n, ROLE_KEY, "%s:", s->ask->label);
	field_draw(u, w, y, x + n, u->cols - x - n - 1, &s->field, true);
}

static void checks_draw_row(const struct ui *u, const struct checks *s, WINDOW *w, int y, int row)
{
	const struct checklist_item *item = &u->checklist.checklist.items[row];
	const struct checks_look look = checks_look(u, item);
	const char *place = checks_place(item->id);
	bool here = row == s->list.at, done = item->state == CHECKLIST_DONE || item->state == CHECKLIST_NOT_APPLICABLE;
	int title = checks_title_cells(u), x = 4 + title, room = u->cols - x - 1;
	char why[80];

	if (here)
		ui_text(u, w, y, 0, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 1, 1, look.role, "%s", look.mark);
	ui_text(u, w, y, 3, title, here ? ROLE_SELECTED : look.role == ROLE_DIM ? ROLE_DIM : ROLE_LABEL, "%s",
		checklist_kinds[item->id].title);
	if (here && s->ask) {
		checks_draw_field(u, s, w, y, x);
		return;
	}
	if (place && (here || !done) && u->cols >= NARROW) {
		room -= PLACE_CELLS;
		ui_right(u, w, y, x + room, PLACE_CELLS, ROLE_DIM, "Enter: %s", place);
	}
	ui_text(u, w, y, x, room - (room > 40), look.role == ROLE_DIM ? ROLE_DIM : ROLE_NORMAL, "%s",
		checks_why(u, item, why, sizeof(why)));
}

/* All of the row chosen, or what is asked in it. */
static void checks_draw_detail(const struct ui *u, const struct checks *s, WINDOW *w, int y)
{
	const struct checklist_item *item = &u->checklist.checklist.items[s->list.at];
	const struct checks_ask *ask = s->ask;
	int left = getmaxy(w) - y;
	char why[80];

	if (left > 1) {
		ui_rule(u, w, y++, 0, u->cols);
		left--;
	}
	if (ask) {
		ui_wrap(u, w, y, 1, u->cols - 2, left, ROLE_NORMAL, ask->help);
		return;
	}
	y += ui_wrap(u, w, y, 1, u->cols - 2, left < UI_WRAP_ROWS ? left : UI_WRAP_ROWS, ROLE_NORMAL,
		     checks_why(u, item, why, sizeof(why)));
	if (checks_first(item->id) && y < getmaxy(w))
		ui_text(u, w, y, 1, u->cols - 2, ROLE_DIM, "e: %s", checks_first(item->id)->help);
}

static void checks_draw_head(const struct ui *u, WINDOW *w)
{
	const struct checklist *c = &u->checklist.checklist;

	ui_text(u, w, 0, 1, u->cols - 14, ROLE_TITLE, "Commissioning");
	if (c->n && !checks_reading(u))
		ui_right(u, w, 0, u->cols - 13, 12, c->done == c->of ? ROLE_GOOD : ROLE_TITLE, "%zu of %zu", c->done, c->of);
	else if (u->line == LINE_LIVE)
		ui_right(u, w, 0, u->cols - 13, 12, ROLE_DIM, "reading ...");
	ui_rule(u, w, 1, 0, u->cols);
}

void checks_draw(struct ui *u, void *state, WINDOW *w)
{
	const struct checks *s = state;
	const struct job *k = &u->checklist;
	int rows, n;

	if (!s)
		return;
	checks_draw_head(u, w);
	if (k->checklist.n == 0) {
		if (k->rc && !k->busy)
			ui_wrap(u, w, CHECKS_HEAD, 1, u->cols - 2, UI_WRAP_ROWS, ROLE_WARN, k->err.text);
		return;
	}
	n = (int)k->checklist.n;
	rows = checks_rows(getmaxy(w), n);
	for (int i = 0; i < rows && s->list.top + i < n; i++)
		checks_draw_row(u, s, w, CHECKS_HEAD + i, s->list.top + i);
	checks_draw_detail(u, s, w, CHECKS_HEAD + rows);
	if (s->list.finding)
		list_draw_find(u, w, 0, &s->list);
}
