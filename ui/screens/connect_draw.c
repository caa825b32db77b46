/* connect_draw.c - the Connect screen as it looks. */
#include "connect.h"

#include <stdio.h>
#include <string.h>

#include "ui/draw/draw.h"

#define LABEL_CELLS 10
#define FIELD_CELLS 24

int connect_list_width(const struct ui *u)
{
	int width = u->cols * 9 / 20;

	return width > 60 ? 60 : width;
}

static void draw_entry(const struct ui *u, WINDOW *w, int y, int width,
		       const struct entry *e, bool here, bool active)
{
	bool port = e->kind == KIND_SERIAL || e->kind == KIND_SAVED || e->kind == KIND_FOUND;
	int name = draw_width(e->name);

	if (name > width - 4)
		name = width - 4;
	if (here)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 3, width - 4, here && active ? ROLE_SELECTED
		: here ? ROLE_TITLE : ROLE_NORMAL, "%s", e->name);
	if (e->warn)
		ui_text(u, w, y, 3 + name + 2, width - name - 6, ROLE_WARN, "no permission");
	else if (port)
		ui_text(u, w, y, 3 + name + 2, width - name - 6, ROLE_DIM, "%s", e->detail);
}

/* The list with its headings, scrolled so that the chosen entry is seen. */
static void connect_draw_list(const struct ui *u, WINDOW *w, struct connect_state *s)
{
	int rows = getmaxy(w), width = connect_list_width(u), line = 0, at = 0;

	for (int pass = 0; pass < 2; pass++) {
		line = 0;
		for (int i = 0; i < s->n; i++) {
			const char *heading = connect_forms[s->entry[i].kind].heading;
			bool first = heading && (i == 0 || s->entry[i].kind != s->entry[i - 1].kind);

			/* a list without ports begins with "another port" */
			if (i == 0 && !heading) {
				heading = connect_forms[KIND_SERIAL].heading;
				first = true;
			}
			if (first) {
				if (pass)
					ui_text(u, w, line - s->top + (i > 0), 1, width,
						ROLE_LABEL, "%s", heading);
				line += 1 + (i > 0);
			}
			if (i == s->list.at)
				at = line;
			s->entry[i].y = line - s->top;
			if (pass)
				draw_entry(u, w, s->entry[i].y, width, &s->entry[i],
					   i == s->list.at, s->focus == 0);
			line++;
		}
		if (s->top > at - 1)
			s->top = at > 0 ? at - 1 : 0;
		if (s->top < at - rows + 2)
			s->top = at - rows + 2;
	}
	if (line - s->top > rows)
		ui_right(u, w, rows - 1, width - 8, 8, ROLE_DIM, "↓ more");
}

static void connect_draw_ask(const struct ui *u, WINDOW *w, int y, int x, const struct connect_state *s,
			     enum ask a, bool active)
{
	int at = x + LABEL_CELLS, room = u->cols - at - FIELD_CELLS - 2;

	ui_text(u, w, y, x, LABEL_CELLS, active ? ROLE_TITLE : ROLE_LABEL, "%s", connect_asked[a].label);
	if (connect_typed(a)) {
		field_draw(u, w, y, at, FIELD_CELLS - 2, &s->text[a], active);
		if (a == ASK_SN && !s->text[a].text[0] && !active)
			ui_text(u, w, y, at, FIELD_CELLS - 2, ROLE_DIM, "(every meter)");
	} else {
		ui_text(u, w, y, at, 1, active ? ROLE_KEY : ROLE_DIM, "◂");
		ui_text(u, w, y, at + 2, FIELD_CELLS - 6, active ? ROLE_SELECTED : ROLE_NORMAL,
			"%s", connect_chosen(s, a));
		ui_text(u, w, y, at + 3 + draw_width(connect_chosen(s, a)), 1,
			active ? ROLE_KEY : ROLE_DIM, "▸");
	}
	if (s->wrong != a)
		return;
	if (room >= (int)strlen(s->error))
		ui_text(u, w, y, at + FIELD_CELLS, room, ROLE_WARN, "%s", s->error);
	else
		ui_text(u, w, y + 1, at, u->cols - at - 1, ROLE_WARN, "▲ %s", s->error);
}

static void draw_form(const struct ui *u, WINDOW *w, const struct connect_state *s)
{
	const struct form *f = connect_form(s);
	const struct entry *e = &s->entry[s->list.at];
	int x = connect_list_width(u) + 3, y = 3;

	ui_text(u, w, 0, x, u->cols - x - 1, ROLE_TITLE, "%s",
		f->title ? f->title : scheme_title(s->entry[s->list.at].scheme));
	ui_text(u, w, 1, x, u->cols - x - 1, ROLE_DIM, "%s", e->detail);
	for (int i = 0; i < f->n; i++, y += 2)
		connect_draw_ask(u, w, y, x, s, f->ask[i], s->focus == i + 1);
	if (e->warn)
		ui_text(u, w, y, x, u->cols - x - 1, ROLE_WARN, "you may not open it: join group dialout");
	if (s->wrong == ASK_COUNT && s->error[0])
		ui_text(u, w, y + 1, x, u->cols - x - 1, ROLE_WARN, "%s", s->error);
}

void connect_draw(struct ui *u, void *state, WINDOW *w)
{
	struct connect_state *s = state;

	if (!s)
		return;
	connect_draw_list(u, w, s);
	draw_form(u, w, s);
	if (s->broken[0])
		ui_text(u, w, getmaxy(w) - 1, 1, u->cols - 2, ROLE_WARN, "%s", s->broken);
	list_draw_find(u, w, getmaxy(w) - 1, &s->list);
	connect_draw_name(u, w, getmaxy(w) - 1, s);
}
