/*
 * settings_coach.c - below a transformer ratio that is to change: what a few
 * values are at the meter and on the primary side, before and after.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "doctor/coach.h"
#include "profile/codec.h"
#include "ui/draw/draw.h"
#include "settings.h"

#define LABEL_CELLS 9
#define NUMBER_CELLS 12

bool settings_is_ratio(const struct point *p)
{
	return strcmp(p->key, "ratio.ct") == 0 || strcmp(p->key, "ratio.pt") == 0;
}

void settings_coach_want(const struct ui *u, struct selection *sel)
{
	const struct coach_ratios one = { 1, 1 };
	struct coach_line lines[COACH_LINES];
	size_t n = coach_lines(u->profile, u->readings, &one, &one, false, lines);

	for (size_t i = 0; i < n; i++)
		draw_want(sel, (uint16_t)(lines[i].point - u->profile->points));
}

/* The ratio at KEY as it is to be; as it is when there is no new value for it. */
static double settings_coach_new(const struct ui *u, const struct settings_screen *s, const char *key,
				 double now)
{
	int idx = profile_find(u->profile, key);
	const struct new_value *w = idx < 0 ? NULL : settings_new(s, (uint16_t)idx);
	char text[VALUE_TEXT] = "";
	struct value v;

	if (idx >= 0 && s->editor.kind != EDITOR_NONE && s->editor.idx == idx)
		editor_text(u, &s->editor, text, sizeof(text));
	else if (w)
		snprintf(text, sizeof(text), "%s", w->text);
	if (!*text || codec_parse(&u->profile->points[idx], text, &v, NULL))
		return now;
	return v.num;
}

static void draw_one(const struct ui *u, WINDOW *w, int y, int x, enum role role, double v,
		     int decimals)
{
	char buf[32];

	ui_right(u, w, y, x, NUMBER_CELLS, role, "%s",
		 isnan(v) ? "--" : draw_number(v, decimals, NUMBER_CELLS, buf, sizeof(buf)));
}

void settings_coach_draw(const struct ui *u, WINDOW *w, int y, int x, int rows,
			 const struct settings_screen *s)
{
	const struct point *p = &u->profile->points[settings_point(s)];
	const struct coach_ratios now = { draw_ratio(u, "ratio.pt"), draw_ratio(u, "ratio.ct") };
	const struct coach_ratios then = { settings_coach_new(u, s, "ratio.pt", now.pt),
					   settings_coach_new(u, s, "ratio.ct", now.ct) };
	enum ratio side = strcmp(p->key, "ratio.pt") == 0 ? RATIO_PT : RATIO_CT;
	struct coach_line lines[COACH_LINES];
	size_t n = coach_lines(u->profile, u->readings, &now, &then, false, lines);
	int at = x + LABEL_CELLS;

	if (!(fabs(then.pt - now.pt) > 0) && !(fabs(then.ct - now.ct) > 0))
		return;
	ui_right(u, w, y, at, NUMBER_CELLS, ROLE_DIM, "at meter");
	ui_right(u, w, y, at + NUMBER_CELLS + 1, NUMBER_CELLS, ROLE_DIM, "primary now");
	ui_right(u, w, y, at + 2 * (NUMBER_CELLS + 1), NUMBER_CELLS, ROLE_DIM, "then");
	for (size_t i = 0; i < n && --rows > 0; i++) {
		const struct coach_line *l = &lines[i];

		if (!(l->point->ratio & side)) {
			rows++;
			continue;
		}
		ui_text(u, w, ++y, x, LABEL_CELLS - 1, ROLE_LABEL, "%s", l->label);
		draw_one(u, w, y, at, ROLE_NORMAL, l->input, l->point->decimals);
		draw_one(u, w, y, at + NUMBER_CELLS + 1, ROLE_NORMAL, l->before, l->point->decimals);
		draw_one(u, w, y, at + 2 * (NUMBER_CELLS + 1), ROLE_CHANGED, l->after,
			 l->point->decimals);
		ui_text(u, w, y, at + 3 * (NUMBER_CELLS + 1), 4, ROLE_DIM, "%s", draw_unit(l->point));
	}
}
