/* settings_draw.c - the Settings screen as it looks. */
#include "base/time.h"
#include "settings.h"

#include <stdio.h>
#include <string.h>

#include "profile/codec.h"
#include "ui/draw/draw.h"
#include "upload_support.h"
#include "setting.h"

#define LEFT_CELLS 21	/* the groups */
#define NOTE_ROWS 4
#define VALUE_MOST 40		/* of a column, where there is room */
#define DETAIL_ROWS (4 + NOTE_ROWS)	/* rule, key, range, notes, effect */

int settings_rows(const struct ui *u)
{
	int rows = u->rows - 5 - 1 - DETAIL_ROWS;

	return rows < 1 ? 1 : rows;
}

static int right_cells(const struct ui *u)
{
	int width = u->cols - SETTINGS_RIGHT_X - 1;

	return width > 110 ? 110 : width;
}

/* "Alarm 1 (voltage, current, power)" is "Alarm 1" in the list. */
static int title_cells(const struct group *g)
{
	const char *more = strstr(g->title, " (");

	return more ? (int)(more - g->title) : (int)strlen(g->title);
}

static void draw_groups(const struct ui *u, WINDOW *w, const struct settings_screen *s)
{
	const struct list *l = &s->groups;

	for (int i = 0; i < l->height && l->top + i < l->n; i++) {
		const struct setting_group *g = &s->group[l->top + i];
		bool here = l->top + i == l->at;
		bool changes = false;

		for (int k = 0; k < g->n; k++)
			changes |= settings_new(s, s->point[g->first + k]) != NULL;
		if (here)
			ui_text(u, w, i, 1, 1, ROLE_KEY, "▸");
		ui_text(u, w, i, 2, 1, ROLE_CHANGED, changes ? "*" : " ");
		ui_text(u, w, i, 3, LEFT_CELLS - 3, here && !s->inside ? ROLE_SELECTED
			: here ? ROLE_TITLE : ROLE_NORMAL, "%.*s", title_cells(g->group),
			g->group->title);
	}
}

/* The columns fit the longest name; what holds and what is new share the rest. */
static void columns(const struct ui *u, const struct settings_screen *s, int *name, int *value)
{
	const struct setting_group *g = settings_group(s);

	*name = 12;
	for (int i = 0; i < g->n; i++) {
		int n = draw_width(u->profile->points[s->point[g->first + i]].name);

		if (n > *name)
			*name = n;
	}
	if (*name > right_cells(u) - 26)
		*name = right_cells(u) - 26;
	*value = (right_cells(u) - *name - 6) / 2;
	if (*value > VALUE_MOST)
		*value = VALUE_MOST;
}

/* A new value as a person reads it. */
static const char *new_text(const struct point *p, const struct new_value *new_value, char *buf, size_t size)
{
	struct value v;

	if (p->type == TYPE_CLOCK && strcmp(new_value->text, "now") == 0)
		snprintf(buf, size, "now");
	else if (codec_parse(p, new_value->text, &v, NULL) == 0)
		setting_short(p, &v, buf, size);
	else
		snprintf(buf, size, "%s", p->flags & POINT_SECRET ? SETTING_HIDDEN : new_value->text);
	return buf;
}

static void settings_draw_row(const struct ui *u, WINDOW *w, int y, const struct settings_screen *s,
			      uint16_t idx, bool here)
{
	const struct point *p = &u->profile->points[idx];
	const struct reading *r = &u->readings[idx];
	const struct new_value *new_value = settings_new(s, idx);
	int name, value, x = SETTINGS_RIGHT_X;
	char buf[VALUE_TEXT];
	struct err e = { 0 };

	columns(u, s, &name, &value);
	if (here && s->inside)
		ui_text(u, w, y, x, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, x + 2, name, here && s->inside ? ROLE_SELECTED : ROLE_NORMAL, "%s", p->name);
	x += 2 + name + 1;
	if (r->quality == QUALITY_FAILED)
		ui_right(u, w, y, x, value, ROLE_WARN, "err");
	else
		ui_right(u, w, y, x, value, ui_old(u, r) ? ROLE_DIM : ROLE_NORMAL, "%s",
			 setting_short(p, &r->value, buf, sizeof(buf)));
	x += value + 1;
	if (here && s->editor.kind != EDITOR_NONE) {
		ui_text(u, w, y, x, 1, ROLE_KEY, "→");
		editor_draw(u, w, y, x + 2, value, &s->editor);
		if (s->editor.err.code)
			ui_text(u, w, y, x + 2 + value, 1, ROLE_WARN, "▲");
	} else if (new_value) {
		ui_text(u, w, y, x, 1, ROLE_KEY, "→");
		ui_text(u, w, y, x + 2, value, ROLE_CHANGED, "%s",
			new_text(p, new_value, buf, sizeof(buf)));
	} else if (support_cannot_set(u, p, &e)) {
		ui_text(u, w, y, x + 2, value, ROLE_DIM, "no way");
	}
}

static void settings_draw_list(const struct ui *u, WINDOW *w, const struct settings_screen *s)
{
	const struct setting_group *g = settings_group(s);
	const struct list *l = &s->rows;
	int name, value;

	columns(u, s, &name, &value);
	ui_text(u, w, 0, SETTINGS_RIGHT_X + 2, name + value - 5, ROLE_TITLE, "%s", g->group->title);
	ui_right(u, w, 0, SETTINGS_RIGHT_X + 3 + name, value, ROLE_DIM, "holds");
	ui_text(u, w, 0, SETTINGS_RIGHT_X + 6 + name + value, value, ROLE_DIM, "new");
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		settings_draw_row(u, w, 1 + i, s, s->point[g->first + l->top + i], l->top + i == l->at);
	if (l->top + l->height < l->n)
		ui_right(u, w, 1 + l->height, u->cols - 22, 20, ROLE_DIM, "↓ %d more",
			 l->n - l->top - l->height);
}

static void settings_draw_drift(const struct ui *u, WINDOW *w, int y, const struct reading *r)
{
	double ahead;

	if (r->value.kind == VALUE_NONE || !setting_ahead(r, &ahead))
		return;
	if (ahead > -2 && ahead < 2)
		ui_text(u, w, y, SETTINGS_RIGHT_X + 2, right_cells(u) - 2, ROLE_NORMAL,
			"in step with this machine's clock");
	else if (*time_summer(ahead))
		ui_text(u, w, y, SETTINGS_RIGHT_X + 2, right_cells(u) - 2, ROLE_WARN, "%.0f min %s: summer time, or time zone",
			(ahead < 0 ? -ahead : ahead) / 60, ahead < 0 ? "behind" : "ahead");
	else
		ui_text(u, w, y, SETTINGS_RIGHT_X + 2, right_cells(u) - 2, ROLE_WARN,
			"%.0f s %s this machine's clock", ahead < 0 ? -ahead : ahead,
			ahead < 0 ? "behind" : "ahead of");
}

/* A table as a bar: what it holds or, if there is a new value, will hold. */
static bool settings_draw_bar(const struct ui *u, WINDOW *w, int y, const struct settings_screen *s,
			      uint16_t idx)
{
	const struct point *p = &u->profile->points[idx];
	const struct new_value *new_value = settings_new(s, idx);
	const char *text = new_value ? new_value->text : u->readings[idx].value.text;
	struct schedule schedule;

	if ((p->type != TYPE_DAYTABLE && p->type != TYPE_ZONES) || !*text
	    || !schedule_parse(&schedule, p->type, text))
		return false;
	schedule_bar(u, w, y, SETTINGS_RIGHT_X + 2, right_cells(u) >= 74 ? 72 : 48, &schedule);
	return true;
}

/* What stands there and what is to, where the columns are too narrow for it. Returns the rows taken. */
static int settings_draw_whole(const struct ui *u, WINDOW *w, int y, const struct settings_screen *s, uint16_t idx)
{
	const struct point *p = &u->profile->points[idx];
	const struct new_value *new_value = settings_new(s, idx);
	char text[VALUE_TEXT + 8] = "", short_text[VALUE_TEXT];
	int x = SETTINGS_RIGHT_X + 2, width = right_cells(u) - 2, name, value, rows = 0;

	columns(u, s, &name, &value);
	if (p->type == TYPE_BITS || p->type == TYPE_DAYTABLE || p->type == TYPE_ZONES)
		return 0;	/* they have a list or a bar */
	setting_value(p, &u->readings[idx].value, short_text, sizeof(short_text));
	if (draw_width(short_text) > value) {
		snprintf(text, sizeof(text), "holds %s", short_text);
		rows += ui_wrap(u, w, y, x, width, 2, ROLE_NORMAL, text);
	}
	if (s->editor.kind == EDITOR_TEXT)
		snprintf(short_text, sizeof(short_text), "%s", p->flags & POINT_SECRET ? "" : s->editor.field.text);
	else if (new_value)
		new_text(p, new_value, short_text, sizeof(short_text));
	else
		return rows;
	if (draw_width(short_text) > value) {
		snprintf(text, sizeof(text), "new   %s", short_text);
		rows += ui_wrap(u, w, y + rows, x, width, 2, ROLE_CHANGED, text);
	}
	return rows;
}

/* Everything about the chosen one. */
static void settings_draw_detail(const struct ui *u, WINDOW *w, int y, const struct settings_screen *s)
{
	uint16_t idx = settings_point(s);
	const struct point *p = &u->profile->points[idx];
	const struct reading *r = &u->readings[idx];
	int x = SETTINGS_RIGHT_X + 2, width = right_cells(u) - 2, len[NOTE_ROWS], n = 0;
	bool editing = s->editor.kind != EDITOR_NONE;
	const char *row[NOTE_ROWS];
	struct err e = { 0 };
	char text[200];

	ui_text(u, w, y, x, width, ROLE_LABEL, "%s", p->key);
	ui_right(u, w, y, x + width - 32, 32, ROLE_DIM, "%s", setting_source(u, p, text, sizeof(text)));
	if (p->type == TYPE_BITS && p->nbits > 1 && r->value.kind == VALUE_BITS)
		ui_text(u, w, y + 1, x, width, ROLE_NORMAL, "on: %s",
			setting_value(p, &r->value, text, sizeof(text)));
	else
		ui_text(u, w, y + 1, x, width, ROLE_NORMAL, "%s%s",
			setting_range(p, text, sizeof(text)), !settings_is_ratio(p) ? ""
			: strcmp(p->key, "ratio.pt") == 0 ? ", or like 10kV/100V" : ", or like 200/5");
	y += 2;
	if (editing && s->editor.err.code) {
		n = draw_wrap(s->editor.err.text, width - 2, row, len, NOTE_ROWS);
		ui_text(u, w, y, x, 1, ROLE_WARN, "▲");
		for (int i = 0; i < n; i++)
			ui_text(u, w, y + i, x + 2, width - 2, ROLE_WARN, "%.*s", len[i], row[i]);
	} else if (r->quality == QUALITY_FAILED) {
		n = draw_wrap(r->err.text, width, row, len, NOTE_ROWS);
		for (int i = 0; i < n; i++)
			ui_text(u, w, y + i, x, width, ROLE_WARN, "%.*s", len[i], row[i]);
	} else {
		int at = y + settings_draw_whole(u, w, y, s, idx);
		const char *note = setting_note(u, p);

		if (p->type == TYPE_CLOCK)
			settings_draw_drift(u, w, at++, r);
		if (settings_draw_bar(u, w, at, s, idx))
			at += 2;
		n = at < y + NOTE_ROWS ? draw_wrap(note, width, row, len, y + NOTE_ROWS - at) : 0;
		for (int i = 0; i < n; i++)
			ui_text(u, w, at + i, x, width, ROLE_DIM, "%.*s", len[i], row[i]);
	}
	if (support_cannot_set(u, p, &e))
		ui_text(u, w, y + NOTE_ROWS, x, width, ROLE_WARN, "▲ no public way over %s: RS485, or dialect=tunnel",
			support_dialect(u)->name);
	else if (settings_is_ratio(p))
		ui_text(u, w, y + NOTE_ROWS, x, width, ROLE_NORMAL,
			"t: the ratio coach, with the word of a clamp meter");
	else if (*setting_effect(u->profile, p))
		ui_text(u, w, y + NOTE_ROWS, x, width, ROLE_WARN, "▲ %s", setting_effect(u->profile, p));
}

static void settings_draw_hint(const struct ui *u, WINDOW *w, const struct settings_screen *s)
{
	int y = getmaxy(w) - 1;

	if (s->nnew > 0 && s->editor.kind == EDITOR_NONE)
		ui_text(u, w, y, 1, LEFT_CELLS, ROLE_CHANGED, "%zu new: v reviews", s->nnew);
	list_draw_find(u, w, y, &s->all);
}

void settings_draw(struct ui *u, void *state, WINDOW *w)
{
	struct settings_screen *s = state;

	if (!s || s->ngroups == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "out of memory");
		return;
	}
	if (editor_is_page(&s->editor)) {
		editor_draw_page(u, w, &s->editor);
		return;
	}
	settings_fit(u, s);
	draw_groups(u, w, s);
	ui_rule(u, w, 1 + settings_rows(u), SETTINGS_RIGHT_X, u->cols - SETTINGS_RIGHT_X);
	settings_draw_list(u, w, s);
	if (settings_is_ratio(&u->profile->points[settings_point(s)]))
		settings_coach_draw(u, w, 2 + settings_group(s)->n, SETTINGS_RIGHT_X + 2,
				    settings_rows(u) - 1 - settings_group(s)->n, s);
	settings_draw_detail(u, w, 2 + settings_rows(u), s);
	settings_draw_hint(u, w, s);
}
