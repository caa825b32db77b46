/*
 * lesson.c - a maker's tool that is heard while a person types into it: what was seen, where each value
 * went, and the draft of it. Nothing is sent while it is heard.
 */
#include "lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "profile/profile.h"
#include "ui/bus/learner.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define HEAD 4			/* rows above the list */
#define DETAIL 7		/* ... below it */
#define STATE_AT 50		/* cells */

struct lesson_state {
	struct learner *learner;	/* under way, or the last one; NULL: none yet */
	bool stopped;			/* by the person */
	struct list list;		/* of the values */
};

/* ---- what there is ------------------------------------------------------------------------ */

static bool lesson_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct learner_row *r = &((const struct lesson_state *)of)->learner->rows[row];

	(void)u;
	return ascii_casestr(r->key, text) || ascii_casestr(r->typed, text);
}

static const struct list_ops lesson_list = { .has = lesson_has, .nowhere = "none of these" };

static bool lesson_runs(const struct lesson_state *s)
{
	return s->learner && !s->learner->ended;
}

static void lesson_fit(const struct ui *u, struct lesson_state *s)
{
	s->list.y = HEAD;
	list_fit(u, &s->list, s->learner ? (int)s->learner->nrows : 0, u->rows - STAGE_HEAD - STAGE_FOOT - HEAD - DETAIL);
}

/* ---- begin and end -------------------------------------------------------------------------- */

int lesson_begin(struct ui *u, const struct app *a, const struct learn_own *own, const char *profile, struct err *e)
{
	const struct stage_hooks *h = &u->loop->hooks;
	const struct learner_opts o = { .app = a, .own = own, .profile = profile, .bus = h->place.bus };
	struct lesson_state *s = stage_state(u, &screen_lesson);
	struct learner *next;

	if (!s)
		return err_set(e, ERR_NO, "out of memory");
	/* one at a time: the line of the other one may be the same */
	if (lesson_runs(s))
		return err_set(e, ERR_DENIED, "learning already (Esc on Learn ends it)");
	next = h->learn ? h->learn(&o, e) : learner_new(&o, e);
	if (!next)
		return -1;
	learner_free(s->learner);
	s->learner = next;
	s->stopped = false;
	s->list.at = 0;
	stage_show(u, &screen_lesson);
	return 0;
}

static void lesson_stop(struct lesson_state *s)
{
	if (!lesson_runs(s))
		return;
	s->stopped = true;
	learner_cancel(s->learner);
}

/* ---- drawing ---------------------------------------------------------------------------------- */

static void lesson_draw_title(const struct ui *u, WINDOW *w, const struct lesson_state *s)
{
	const struct learner *l = s->learner;
	int width = u->cols - 2;

	if (l->ended && l->found == l->nrows)
		ui_text(u, w, 0, 1, width, ROLE_GOOD, "done: %zu of %zu values found", l->found, l->nrows);
	else if (l->ended)
		ui_text(u, w, 0, 1, width, ROLE_WARN, "ended: %zu of %zu values found", l->found, l->nrows);
	else if (l->concluding)
		ui_text(u, w, 0, 1, width, ROLE_TITLE, "writing the draft ...");
	else if (s->stopped)
		ui_text(u, w, 0, 1, width, ROLE_TITLE, "ending ...");
	else if (!l->begun)
		ui_text(u, w, 0, 1, width, ROLE_TITLE, "opening %s", l->line);
	else if (l->between)
		ui_text(u, w, 0, 1, width, ROLE_TITLE, "connect the maker's tool to %s", l->where);
	else
		ui_text(u, w, 0, 1, width, ROLE_TITLE, "hearing %s: nothing is sent", l->line);
	if (lesson_runs(s) && l->begun && !l->concluding && !s->stopped)
		ui_text(u, w, 1, 1, width, ROLE_NORMAL, "Set the values in the maker's tool now. Esc ends and writes the draft.");
	else if (*l->path && l->ended)
		ui_text(u, w, 1, 1, width, ROLE_NORMAL, "draft %s", l->path);
	else if (l->ended && !*l->words)
		ui_text(u, w, 1, 1, width, ROLE_NORMAL, "no draft was written");
}

static void lesson_draw_counts(const struct ui *u, WINDOW *w, const struct learner *l)
{
	char text[160];
	size_t at = 0;

	text_append(text, sizeof(text), &at, " frames %lu, requests %lu, writes %lu", l->frames, l->requests, l->writes);
	if (l->garbage)
		text_append(text, sizeof(text), &at, ", not frames %lu", l->garbage);
	ui_rule(u, w, 2, 0, u->cols);
	ui_text(u, w, 2, 1, u->cols - 2, l->garbage > l->frames ? ROLE_WARN : ROLE_NORMAL, "%s ", text);
}

static enum role lesson_state_text(const struct learner_row *r, char *text, size_t size)
{
	size_t at = 0;

	switch (r->state) {
	case LEARN_FOUND:
		text_append(text, size, &at, "found at 0x%04X %s %s", r->addr, point_type_names[r->type], byte_order_names[r->order]);
		if (r->scale > 1)
			text_append(text, size, &at, " x%u", r->scale);
		return ROLE_GOOD;
	case LEARN_UNSEEN:
		text_append(text, size, &at, "not seen");
		return ROLE_DIM;
	case LEARN_BEYOND:
		text_append(text, size, &at, "seen, not in registers");
		return ROLE_WARN;
	default:
		text_append(text, size, &at, "seen at %zu place%s", r->places, r->places == 1 ? "" : "s");
		return ROLE_WARN;
	}
}

static void lesson_draw_row(const struct ui *u, WINDOW *w, int y, const struct learner_row *r, bool here)
{
	char state[80];
	int typed = 30, at = u->cols > 100 ? STATE_AT + 12 : STATE_AT;
	enum role role = lesson_state_text(r, state, sizeof(state));

	if (here)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 3, typed - 4, here ? ROLE_SELECTED : ROLE_NORMAL, "%s", r->key);
	ui_text(u, w, y, typed, at - typed - 1, ROLE_NORMAL, "%s", r->typed);
	ui_text(u, w, y, at, u->cols - at - 1, role, "%s", state);
}

/* Of the one chosen, while it is not sure. */
static void lesson_draw_why(const struct ui *u, WINDOW *w, int y, const struct learner_row *r)
{
	int width = u->cols - 2;

	ui_text(u, w, y++, 1, width, ROLE_TITLE, "%s", r->key);
	if (*r->why)
		y += ui_wrap(u, w, y, 1, width, 2, ROLE_NORMAL, r->why);
	if (*r->second)
		ui_text(u, w, y, 1, width, ROLE_NORMAL, "Type %s in the tool, too: it tells the places apart.", r->second);
}

/* The error, if any, is the last thing said. */
static void lesson_draw_words(const struct ui *u, WINDOW *w, int y, const struct learner *l)
{
	int end = getmaxy(w), width = u->cols - 2, error = l->err.code && l->err.code != ERR_INTERRUPTED ? 2 : 0;

	for (const char *s = l->words; *s && y < end - error;) {
		char line[512];
		size_t n = strcspn(s, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)n, s);
		y += ui_wrap(u, w, y, 1, width, end - error - y < 3 ? end - error - y : 3, ROLE_NORMAL, line);
		s += n + (s[n] == '\n');
	}
	if (error && y < end)
		ui_wrap(u, w, y, 1, width, end - y < 2 ? end - y : 2, ROLE_WARN, l->err.text);
}

static void lesson_draw(struct ui *u, void *state, WINDOW *w)
{
	struct lesson_state *s = state;
	const struct learner *l = s ? s->learner : NULL;
	int below = getmaxy(w) - DETAIL;

	if (!l) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing was learned yet: :learn --tap TARGET --value KEY=VALUE begins");
		return;
	}
	lesson_fit(u, s);
	lesson_draw_title(u, w, s);
	lesson_draw_counts(u, w, l);
	ui_text(u, w, 3, 3, 24, ROLE_LABEL, "Setting");
	ui_text(u, w, 3, 30, 18, ROLE_LABEL, "Typed");
	ui_text(u, w, 3, u->cols > 100 ? STATE_AT + 12 : STATE_AT, 20, ROLE_LABEL, "State");
	for (int i = 0; i < s->list.height && s->list.top + i < s->list.n; i++)
		lesson_draw_row(u, w, s->list.y + i, &l->rows[s->list.top + i], s->list.top + i == s->list.at);
	ui_rule(u, w, below, 0, u->cols);
	if (l->ended)
		lesson_draw_words(u, w, below + 1, l);
	else if (s->list.n > 0)
		lesson_draw_why(u, w, below + 1, &l->rows[s->list.at]);
	list_draw_find(u, w, s->list.y - 1, &s->list);
}

/* ---- keys ----------------------------------------------------------------------------------------- */

static const struct keyrow keys[] = {
	{ 27, ACTION_NONE, "Esc", "stop, back", "stop, and write the draft; when it has ended, back" },
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static bool lesson_key(struct ui *u, void *state, int key)
{
	struct lesson_state *s = state;

	if (!s || !s->learner)
		return false;
	lesson_fit(u, s);
	if (key == 27 && !s->list.finding && lesson_runs(s)) {
		lesson_stop(s);
		return true;
	}
	return list_key(u, &s->list, key);
}

/* ---- its thread ------------------------------------------------------------------------------------- */

static int lesson_fd(const void *state)
{
	const struct lesson_state *s = state;

	return s->learner ? learner_fd(s->learner) : -1;
}

/* Where the draft is, for whoever has gone elsewhere. */
static void lesson_take(struct ui *u, void *state)
{
	struct learner *l = ((struct lesson_state *)state)->learner;
	bool before = l->ended;

	learner_take(l);
	if (before || !l->ended || stage_shown(u)->ops == &screen_lesson)
		return;
	if (*l->path)
		ui_say(u, "learn has ended: draft %s", l->path);
	else
		ui_say(u, "learn has ended: no draft");
}

static void lesson_left(struct ui *u, void *state)
{
	(void)u;
	lesson_stop(state);
}

static void *lesson_open(struct ui *u)
{
	struct lesson_state *s = calloc(1, sizeof(*s));

	(void)u;
	if (s)
		list_init(&s->list, &lesson_list, s, HEAD);
	return s;
}

static void lesson_close(void *state)
{
	struct lesson_state *s = state;

	if (s)
		learner_free(s->learner);
	free(s);
}

const struct screen_ops screen_lesson = {
	.open = lesson_open,
	.close = lesson_close,
	.draw = lesson_draw,
	.key_press = lesson_key,
	.left = lesson_left,
	.fd = lesson_fd,
	.take = lesson_take,
	.keys = keys,
	.nkeys = NKEYS,
};
