/*
 * settings.c - what the meter is set to, by group, and what it is to be set to.
 * New values are collected here; the Review screen has them written.
 */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "coach.h"
#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "upload_support.h"
#include "review.h"
#include "setting.h"
#include "ui/stage.h"

enum {
	SET_IN = ACTION_SCREEN, SET_OUT, SET_EDIT, SET_DROP, SET_REVIEW, SET_COACH, SET_CLOCK
};

static const struct keyrow keys[] = {
	{ '\r', SET_EDIT, "Enter", "edit", "a new value: type it, choose it or lay it out; Tab in it goes on to the next" },
	{ '\n', SET_EDIT, NULL, NULL, NULL },
	{ KEY_ENTER, SET_EDIT, NULL, NULL, NULL },
	{ 'v', SET_REVIEW, "v", "review", "see every old and new value; from there they are written" },
	{ 't', SET_COACH, "t", NULL, "a transformer ratio: held against a clamp meter" },
	{ 'T', SET_CLOCK, "T", NULL, "the clock, to this machine's time: a new value, and the review" },
	{ KEY_BACKSPACE, SET_DROP, "Backspace", NULL, "forget the new value" },
	{ 127, SET_DROP, NULL, NULL, NULL },
	{ 8, SET_DROP, NULL, NULL, NULL },
	{ KEY_DC, SET_DROP, NULL, NULL, NULL },
	LIST_KEYS,
	{ '/', ACTION_NONE, "/", "find", "find a setting in any group (Enter edits it); n the next, N the one before" },
	{ KEY_RIGHT, SET_IN, "← →", NULL, "groups, and the settings of the group" },
	{ KEY_LEFT, SET_OUT, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static void settings_add_group(const struct profile *p, struct settings_screen *s, const struct group *g)
{
	int total = s->ngroups ? s->group[s->ngroups - 1].first + s->group[s->ngroups - 1].n : 0;
	struct setting_group *to = &s->group[s->ngroups];

	*to = (struct setting_group){ g, total, 0 };
	for (size_t i = 0; i < p->npoints; i++)
		if (ability_is_setting(&p->points[i]) && strcmp(p->points[i].group, g->name) == 0)
			s->point[total + to->n++] = (uint16_t)i;
	s->ngroups += to->n > 0;
}

static void settings_close(void *state)
{
	struct settings_screen *s = state;

	if (!s)
		return;
	free(s->point);
	free(s->group);
	free(s->new_value);
	free(s);
}

static bool settings_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct settings_screen *s = of;

	return list_point_has(u, s->point[row], text);
}

static bool settings_named(const struct ui *u, const void *of, int row, const char *text)
{
	const struct settings_screen *s = of;

	return list_point_named(u, s->point[row], text);
}

/* In either list `/` looks among the settings of all groups. */
static const struct list_ops settings_groups = { .has = NULL }, settings_rows_list = { .has = NULL };
static const struct list_ops settings_all = { .has = settings_has, .named = settings_named, .nowhere = "no setting" };

static void *settings_open(struct ui *u)
{
	struct settings_screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->point = calloc(u->profile->npoints + 1, sizeof(*s->point));
	s->group = calloc(u->profile->ngroups + 1, sizeof(*s->group));
	if (!s->point || !s->group) {
		settings_close(s);
		return NULL;
	}
	for (size_t i = 0; i < u->profile->ngroups; i++)
		settings_add_group(u->profile, s, &u->profile->groups[i]);
	list_init(&s->groups, &settings_groups, s, 0);
	list_init(&s->rows, &settings_rows_list, s, 1);
	list_init(&s->all, &settings_all, s, 0);
	s->groups.width = s->rows.x = SETTINGS_RIGHT_X;
	return s;
}

const struct setting_group *settings_group(const struct settings_screen *s)
{
	return &s->group[s->groups.at];
}

uint16_t settings_point(const struct settings_screen *s)
{
	return s->point[settings_group(s)->first + s->rows.at];
}

struct new_value *settings_new(const struct settings_screen *s, uint16_t idx)
{
	for (size_t i = 0; i < s->nnew; i++)
		if (s->new_value[i].idx == idx)
			return &s->new_value[i];
	return NULL;
}

static void drop_new(struct settings_screen *s, uint16_t idx)
{
	struct new_value *w = settings_new(s, idx);

	if (!w)
		return;
	s->nnew--;
	memmove(w, w + 1, (size_t)(s->new_value + s->nnew - w) * sizeof(*w));
}

static void keep_new(struct settings_screen *s, uint16_t idx, const char *text)
{
	struct new_value *w = settings_new(s, idx);

	if (!w) {
		struct new_value *more = realloc(s->new_value, (s->nnew + 1) * sizeof(*more));

		if (!more)
			return;
		s->new_value = more;
		w = &more[s->nnew++];
		w->idx = idx;
	}
	snprintf(w->text, sizeof(w->text), "%s", text);
}

/* What has been written is no new value any more. */
static void take_outcome(const struct ui *u, struct settings_screen *s)
{
	if (s->taken == u->job.serial || u->job.kind != JOB_APPLY || u->job.busy)
		return;
	s->taken = u->job.serial;
	for (size_t i = s->nnew; i-- > 0;) {
		enum step_state state = review_state(u, s->new_value[i].idx);

		if (state == STEP_VERIFIED || state == STEP_UNCHANGED)
			drop_new(s, s->new_value[i].idx);
	}
}

void settings_fit(const struct ui *u, struct settings_screen *s)
{
	const struct setting_group *last = &s->group[s->ngroups - 1];

	take_outcome(u, s);
	list_fit(u, &s->groups, s->ngroups, u->rows - STAGE_HEAD - STAGE_FOOT);
	list_fit(u, &s->rows, settings_group(s)->n, settings_rows(u));
	list_fit(u, &s->all, last->first + last->n, settings_rows(u));
}

/* The setting at PLACE in point[] is chosen. */
static void settings_go(const struct ui *u, struct settings_screen *s, int place)
{
	int g = s->ngroups - 1;

	while (g > 0 && s->group[g].first > place)
		g--;
	list_go(u, &s->groups, g);
	settings_fit(u, s);
	list_go(u, &s->rows, place - s->group[g].first);
	s->inside = true;
}

bool settings_show(struct ui *u, uint16_t idx)
{
	struct settings_screen *s = stage_state(u, &screen_settings);
	int place = 0;

	if (!s || s->ngroups == 0)
		return false;
	settings_fit(u, s);
	while (place < s->all.n && s->point[place] != idx)
		place++;
	if (place == s->all.n)
		return false;
	s->editor = (struct editor){ .kind = EDITOR_NONE };
	settings_go(u, s, place);
	stage_show(u, &screen_settings);
	return true;
}

void settings_show_key(struct ui *u, const char *key)
{
	const struct settings_screen *s = stage_state(u, &screen_settings);

	for (int g = 0; s && g < s->ngroups; g++)
		for (int i = 0; i < s->group[g].n; i++) {
			uint16_t idx = s->point[s->group[g].first + i];

			if (strncmp(u->profile->points[idx].key, key, strlen(key)) == 0 && settings_show(u, idx))
				return;
		}
	stage_show(u, &screen_settings);
}

static void settings_points(struct ui *u, void *state, struct selection *sel)
{
	struct settings_screen *s = state;

	if (!s || s->ngroups == 0)
		return;
	settings_fit(u, s);
	for (int i = 0; i < s->rows.n; i++)
		draw_want(sel, s->point[settings_group(s)->first + i]);
	if (settings_is_ratio(&u->profile->points[settings_point(s)]))
		settings_coach_want(u, sel);
}

static void edit(struct ui *u, struct settings_screen *s)
{
	uint16_t idx = settings_point(s);
	const struct new_value *w = settings_new(s, idx);
	struct err e = { 0 };

	if (support_cannot_set(u, &u->profile->points[idx], &e))
		ui_say(u, "%s", e.text);
	else if (!u->writing)
		question_writing(u, '\r');
	else
		editor_open(u, &s->editor, idx, w ? w->text : NULL);
}

/* What stands there already is no new value, unless it is not known. */
static bool is_so(const struct ui *u, uint16_t idx, const char *text)
{
	const struct reading *r = &u->readings[idx];
	struct value v;
	const struct point *p = &u->profile->points[idx];

	return r->quality == QUALITY_OK && !(p->flags & POINT_SECRET)
	    && strcmp(text, "now") != 0 && codec_parse(p, text, &v, NULL) == 0
	    && v.kind == r->value.kind && strcmp(v.text, r->value.text) == 0
	    && !(v.num < r->value.num) && !(v.num > r->value.num);
}

const char *settings_wished(struct ui *u, uint16_t idx)
{
	const struct settings_screen *s = stage_state(u, &screen_settings);
	const struct new_value *w = s ? settings_new(s, idx) : NULL;

	return w ? w->text : NULL;
}

void settings_wish(struct ui *u, uint16_t idx, const char *text)
{
	struct settings_screen *s = stage_state(u, &screen_settings);

	if (s && is_so(u, idx, text))
		drop_new(s, idx);
	else if (s)
		keep_new(s, idx, text);
}

static void editor_press(struct ui *u, struct settings_screen *s, int key)
{
	char text[VALUE_TEXT];
	/* Tab keeps it as Enter does, and goes on to the next one */
	bool further = key == '\t' && s->rows.at + 1 < s->rows.n;

	switch (editor_key(u, &s->editor, further ? '\r' : key)) {
	case EDITOR_KEEPS:
		editor_text(u, &s->editor, text, sizeof(text));
		settings_wish(u, s->editor.idx, text);
		break;
	case EDITOR_LEAVES:
		break;
	case EDITOR_STAYS:
		return;
	}
	s->editor = (struct editor){ .kind = EDITOR_NONE };
	if (!further)
		return;
	list_go(u, &s->rows, s->rows.at + 1);
	edit(u, s);
}

static void review(struct ui *u, struct settings_screen *s)
{
	struct review_new *list;
	struct err e = { 0 };

	/* the page of a write under way is not made anew */
	if (job_writing(&u->job)) {
		stage_show(u, &screen_review);
		return;
	}
	if (s->nnew == 0) {
		ui_say(u, "nothing to write yet: Enter on a setting makes a new value");
		return;
	}
	list = calloc(s->nnew, sizeof(*list));
	for (size_t i = 0; list && i < s->nnew; i++)
		list[i] = (struct review_new){ u->profile->points[s->new_value[i].idx].key,
						s->new_value[i].text };
	if (!list || review_begin(u, list, s->nnew, &e))
		ui_say(u, "%s", list ? e.text : "out of memory");
	free(list);
}

/* A meter has one clock. */
static void settings_clock(struct ui *u, struct settings_screen *s)
{
	struct err e = { 0 };

	for (int i = 0; i < s->all.n; i++) {
		if (u->profile->points[s->point[i]].type != TYPE_CLOCK)
			continue;
		settings_go(u, s, i);
		if (support_cannot_set(u, &u->profile->points[s->point[i]], &e)) {
			ui_say(u, "%s", e.text);
		} else if (!u->writing) {
			question_writing(u, 'T');
		} else {
			keep_new(s, s->point[i], "now");
			review(u, s);
		}
		return;
	}
	ui_say(u, "this meter has no clock that can be set");
}

static void coach(struct ui *u, const struct settings_screen *s)
{
	uint16_t idx = settings_point(s);
	const struct new_value *w = settings_new(s, idx);

	if (settings_is_ratio(&u->profile->points[idx]))
		coach_show(u, u->profile->points[idx].key, w ? w->text : NULL);
	else
		ui_say(u, "only a transformer ratio has a coach");
}

/* Esc: out of the settings, and with new values only when one says so twice. */
static bool back(struct ui *u, struct settings_screen *s)
{
	if (s->inside) {
		s->inside = false;
	} else if (s->nnew > 0 && !s->asking) {
		s->asking = true;
		ui_say(u, "%zu new value%s not written: v reviews, Esc again forgets and goes back",
		       s->nnew, s->nnew == 1 ? " is" : "s are");
	} else {
		s->nnew = 0;
		s->asking = false;
		return false;
	}
	return true;
}

/* The list that the keys are for; a click says which. */
static struct list *settings_list(struct settings_screen *s, int key)
{
	if (key >= KEY_CLICK(0, 0))
		s->inside = KEY_CLICK_X(key) >= SETTINGS_RIGHT_X;
	return s->inside ? &s->rows : &s->groups;
}

static bool settings_move(struct ui *u, struct settings_screen *s, int key)
{
	int was = s->groups.at;
	bool mine = list_key(u, settings_list(s, key), key);

	if (s->groups.at != was)
		s->rows.at = s->rows.top = 0;
	settings_fit(u, s);
	return mine;
}

static bool settings_is_find(int key)
{
	return key == '/' || key == 'n' || key == 'N';
}

/* Finding; Enter that ends it opens the editor, too, where that asks nothing. */
static bool settings_find(struct ui *u, struct settings_screen *s, int key)
{
	int was = s->all.at = settings_group(s)->first + s->rows.at;
	bool mine = list_key(u, &s->all, key);

	if (s->all.at != was)
		settings_go(u, s, s->all.at);
	if (keys_action(keys, NKEYS, key) != SET_EDIT || !*s->all.find.text)
		return mine;
	s->inside = true;
	if (u->writing)
		edit(u, s);
	return mine;
}

static bool settings_act(struct ui *u, struct settings_screen *s, int key)
{
	switch (keys_action(keys, NKEYS, key)) {
	case SET_IN:		s->inside = true; break;
	case SET_OUT:		s->inside = false; break;
	case SET_REVIEW:	review(u, s); break;
	case SET_DROP:		drop_new(s, settings_point(s)); break;
	case SET_COACH:		coach(u, s); break;
	case SET_CLOCK:		settings_clock(u, s); break;
	case SET_EDIT:
		if (s->inside)
			edit(u, s);
		s->inside = true;
		break;
	default:
		return settings_move(u, s, key);
	}
	return true;
}

static bool settings_key(struct ui *u, void *state, int key)
{
	struct settings_screen *s = state;

	if (!s || s->ngroups == 0)
		return false;
	settings_fit(u, s);
	if (s->editor.kind != EDITOR_NONE) {
		/* a click is nothing typed */
		if (key < KEY_CLICK(0, 0))
			editor_press(u, s, key);
		return true;
	}
	if (s->all.finding)
		return settings_find(u, s, key);
	if (key == 27)
		return back(u, s);
	s->asking = false;
	return settings_is_find(key) ? settings_find(u, s, key) : settings_act(u, s, key);
}

static const struct keyrow *settings_mode(const struct ui *u, const void *state, size_t *n)
{
	const struct settings_screen *s = state;

	(void)u;
	return editor_keys(&s->editor, n);
}

static size_t settings_unwritten(const struct ui *u, void *state)
{
	struct settings_screen *s = state;

	take_outcome(u, s);
	return s->nnew;
}

const struct screen_ops screen_settings = {
	.about = ABILITY_SETTINGS,
	.open = settings_open,
	.close = settings_close,
	.points = settings_points,
	.draw = settings_draw,
	.key_press = settings_key,
	.unwritten = settings_unwritten,
	.mode = settings_mode,
	.keys = keys,
	.nkeys = NKEYS,
};
