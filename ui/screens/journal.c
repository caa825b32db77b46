/*
 * journal.c - what has been written: newest first, with what became of it, and
 * the way back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "ui/keys.h"
#include "review.h"
#include "ui/stage.h"

#define FRESH_US (2 * 1000000LL)	/* asked for again so often */
#define DETAIL_ROWS 6

enum { ROW_OPEN = ACTION_SCREEN, ROW_UNDO };

static const struct keyrow keys[] = {
	{ '\r', ROW_OPEN, "Enter", "detail", "everything about the row; again, or Esc, for the list" },
	{ '\n', ROW_OPEN, NULL, NULL, NULL },
	{ KEY_ENTER, ROW_OPEN, NULL, NULL, NULL },
	{ 'u', ROW_UNDO, "u", "undo", "put back what stood there before; goes through the review" },
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct journal_screen {
	struct list list;
	bool open;	/* all of it instead of the list */
};

/* Row I of the screen: 0 is the newest. */
static const struct journal_row *journal_row_at(const struct ui *u, int i)
{
	return i < 0 || (size_t)i >= u->journal.nrows ? NULL
	     : &u->journal.rows[u->journal.nrows - 1 - (size_t)i];
}

static intptr_t journal_item(const struct ui *u, const void *of, int row)
{
	(void)of;
	return journal_row_at(u, row)->id;
}

static bool journal_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct journal_row *r = journal_row_at(u, row);

	(void)of;
	return ascii_casestr(r->key, text) || ascii_casestr(r->target, text);
}

/* Whoever looks at the newest row goes on looking at the newest. */
static const struct list_ops journal_list = {
	.item = journal_item, .has = journal_has, .nowhere = "no setting or target", .first_stays = true,
};

static void journal_screen_ask(struct ui *u)
{
	struct job w = { .kind = JOB_JOURNAL, .serial = u->journal.serial + 1,
			  .busy = true, .since_us = u->now_us };
	struct err e = { 0 };

	/* rows stay in sight until others come */
	if (u->loop->hooks.job(u, &w, &e) == 0) {
		u->journal.serial = w.serial;
		u->journal.since_us = u->now_us;
		u->journal.kind = JOB_JOURNAL;
	}
}

static void *journal_screen_open(struct ui *u)
{
	struct journal_screen *s = calloc(1, sizeof(*s));

	journal_screen_ask(u);
	if (s)
		list_init(&s->list, &journal_list, s, 1);
	return s;
}

static void journal_tick(struct ui *u, void *state)
{
	(void)state;
	if (u->now_us - u->journal.since_us >= FRESH_US)
		journal_screen_ask(u);
}

static void journal_fit(const struct ui *u, struct journal_screen *s)
{
	list_fit(u, &s->list, (int)u->journal.nrows, u->rows - 5 - 1 - DETAIL_ROWS);
}

static bool is_open(const struct journal_row *r)
{
	return strcmp(r->state, "intent") == 0 || strcmp(r->state, "unknown") == 0;
}

/* Is the row about the meter the screens are at, as far as its address tells? */
static bool is_here(const struct ui *u, const struct journal_row *r)
{
	char now[sizeof(u->target.text)];

	return u->profile && strcmp(r->profile, u->profile->name) == 0
	    && strcmp(r->target, target_format(&u->target, 0, now, sizeof(now))) == 0;
}

static void journal_undo(struct ui *u, const struct journal_row *r)
{
	struct err e = { 0 };

	if (!r)
		return;
	if (!u->writing)
		question_writing(u, 'u');
	else if (review_undo(u, r->id, &e))
		ui_say(u, "%s", e.text);
}

static bool journal_key(struct ui *u, void *state, int key)
{
	struct journal_screen *s = state;

	if (!s)
		return false;
	journal_fit(u, s);
	if (s->list.finding)
		return list_key(u, &s->list, key);
	if (s->open && key == 27) {
		s->open = false;
		return true;
	}
	s->open &= key != '/';	/* rows are found in the list */
	switch (keys_action(keys, NKEYS, key)) {
	case ROW_OPEN:		s->open = !s->open && u->journal.nrows > 0; break;
	case ROW_UNDO:		journal_undo(u, journal_row_at(u, s->list.at)); break;
	default:		return list_key(u, &s->list, key);
	}
	return true;
}

static const char *when(int64_t us, const char *format, char *buf, size_t size)
{
	time_t at = (time_t)(us / 1000000);
	struct tm tm;

	if (us == 0 || !localtime_r(&at, &tm) || strftime(buf, size, format, &tm) == 0)
		snprintf(buf, size, "--");
	return buf;
}

static enum role state_role(const struct journal_row *r)
{
	return is_open(r) || strcmp(r->state, "failed") == 0 ? ROLE_WARN
	     : strcmp(r->state, "verified") == 0 ? ROLE_GOOD : ROLE_NORMAL;
}

static const char *state_mark(const struct journal_row *r)
{
	return is_open(r) ? "?" : strcmp(r->state, "verified") == 0 ? "●" : "▲";
}

static void journal_draw_row(const struct ui *u, WINDOW *w, int y, const struct journal_row *r, bool here)
{
	int value = (u->cols - 60) / 2, key = 25;
	char text[64];

	if (value > 24) {
		key += 2 * (value - 24);
		value = 24;
	}
	if (here)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 3, 14, is_here(u, r) ? ROLE_NORMAL : ROLE_DIM, "%s",
		when(r->at_us, "%m-%d %H:%M:%S", text, sizeof(text)));
	ui_text(u, w, y, 18, key, here ? ROLE_TITLE : ROLE_NORMAL, "%s", r->key);
	ui_right(u, w, y, 19 + key, value, ROLE_NORMAL, "%s", r->before);
	ui_text(u, w, y, 20 + key + value, 1, ROLE_DIM, "→");
	ui_text(u, w, y, 22 + key + value, value, ROLE_NORMAL, "%s", r->want);
	ui_text(u, w, y, 23 + key + 2 * value, 11, state_role(r), "%s %s", state_mark(r), r->state);
}

/* The row's own lines below the list; ALL: everything there is. */
static void journal_draw_detail(const struct ui *u, WINDOW *w, int y, const struct journal_row *r, bool all)
{
	char text[64];
	const char *row[4];
	int len[4], n;

	ui_text(u, w, y, 2, u->cols - 4, ROLE_TITLE, "%s", r->key);
	ui_right(u, w, y++, u->cols - 34, 32, ROLE_DIM, "#%ld, run %ld", r->id, r->run);
	ui_text(u, w, y++, 2, u->cols - 4, ROLE_NORMAL, "%s at %s (%s)", r->who, r->target, r->profile);
	if (all) {
		y++;
		ui_text(u, w, y++, 2, u->cols - 4, ROLE_NORMAL, "begun   %s",
			when(r->at_us, "%Y-%m-%d %H:%M:%S", text, sizeof(text)));
		ui_text(u, w, y++, 2, u->cols - 4, ROLE_NORMAL, "done    %s",
			when(r->done_us, "%Y-%m-%d %H:%M:%S", text, sizeof(text)));
		ui_text(u, w, y++, 2, u->cols - 4, state_role(r), "state   %s %s", state_mark(r), r->state);
		y++;
	}
	ui_text(u, w, y++, 2, u->cols - 4, ROLE_NORMAL, "before  %s", r->before);
	if (all)
		ui_text(u, w, y++, 2, u->cols - 4, ROLE_NORMAL, "want    %s", r->want);
	ui_text(u, w, y++, 2, u->cols - 4, ROLE_NORMAL, "after   %s", *r->after ? r->after : "--");
	if (all)
		y++;
	n = draw_wrap(is_open(r) && !*r->error ? "open: the next write to this meter reads first and settles it"
		      : r->error, u->cols - 4, row, len, all ? 4 : 1);
	for (int i = 0; i < n; i++)
		ui_text(u, w, y + i, 2, u->cols - 4, ROLE_WARN, "%.*s", len[i], row[i]);
}

static void journal_draw(struct ui *u, void *state, WINDOW *w)
{
	struct journal_screen *s = state;
	const struct list *l;
	size_t open = 0;

	if (!s)
		return;
	if (u->journal.nrows == 0) {
		ui_text(u, w, 1, 2, u->cols - 4, u->journal.rc ? ROLE_WARN : ROLE_DIM, "%s",
			u->journal.rc ? u->journal.err.text : u->journal.busy
			? "reading the journal ..." : "nothing has been written yet");
		return;
	}
	journal_fit(u, s);
	l = &s->list;
	if (s->open) {
		journal_draw_detail(u, w, 1, journal_row_at(u, l->at), true);
		return;
	}
	for (size_t i = 0; i < u->journal.nrows; i++)
		open += is_open(&u->journal.rows[i]);
	ui_text(u, w, 0, 3, 14, ROLE_DIM, "when");
	ui_text(u, w, 0, 18, 20, ROLE_DIM, "setting");
	if (open)
		ui_right(u, w, 0, u->cols - 42, 40, ROLE_WARN, "? %zu open", open);
	else
		ui_right(u, w, 0, u->cols - 42, 40, ROLE_DIM, "%d of %d", l->at + 1, l->n);
	list_draw_find(u, w, 0, l);
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		journal_draw_row(u, w, 1 + i, journal_row_at(u, l->top + i), l->top + i == l->at);
	ui_rule(u, w, 1 + l->height, 0, u->cols);
	journal_draw_detail(u, w, 2 + l->height, journal_row_at(u, l->at), false);
}

const struct screen_ops screen_journal = {
	.open = journal_screen_open,
	.close = free,
	.draw = journal_draw,
	.key_press = journal_key,
	.tick = journal_tick,
	.keys = keys,
	.nkeys = NKEYS,
};
