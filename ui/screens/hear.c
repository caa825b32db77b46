/*
 * hear.c - a line that others talk on: their frames by name, who talks and how often. Nothing is
 * sent while it is shown.
 */
#include "hear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "base/time.h"
#include "output/cut_text.h"
#include "ui/bus/hearing.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define UNITS_SHOWN 4		/* at 24 rows */
#define DETAIL 4		/* rows below the list */

struct hear_state {
	struct hearing *hearing;	/* under way, or the last one; NULL: none yet */
	struct hearing_frame *held;	/* copy of the ring while paused; NULL: following */
	unsigned long nheld;
	unsigned long cursor;		/* number of the frame chosen, while paused */
	bool trouble;			/* only what is odd */
	bool detail;			/* every byte of the one chosen */
	bool units;			/* all of them instead of frames */
	unsigned long at[HEARING_FRAMES];	/* the frames shown, by number */
	struct list list;
};

/* ---- what there is --------------------------------------------------------------------------- */

static const struct hearing_frame *hear_frame(const struct hear_state *s, unsigned long number)
{
	return &(s->held ? s->held : s->hearing->frames)[number % HEARING_FRAMES];
}

static bool hear_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct hear_state *s = of;
	const struct hearing_frame *f = hear_frame(s, s->at[row]);
	char hex[3 * FRAME_MAX + 32];

	(void)u;
	return ascii_casestr(f->text, text) || ascii_casestr(f->note, text)
	    || ascii_casestr(cut_bytes(f->bytes, f->n, f->n, hex, sizeof(hex)), text);
}

static const struct list_ops hear_list = { .has = hear_has, .nowhere = "none of these" };

static bool hear_runs(const struct hear_state *s)
{
	return s->hearing && !s->hearing->ended;
}

static bool hear_unit(const struct traffic_unit *t)
{
	return t->requests + t->replies + t->exceptions > 0;
}

static int hear_units(const struct hear_state *s)
{
	int n = 0;

	for (size_t i = 0; i < TRAFFIC_UNITS; i++)
		n += hear_unit(&s->hearing->traffic.units[i]);
	return n;
}

/* Rows of units above the frames; of the page of units all there is room for. */
static int hear_unit_rows(const struct ui *u, const struct hear_state *s)
{
	int n = hear_units(s), most = u->rows > 30 ? 3 * UNITS_SHOWN : UNITS_SHOWN;

	if (s->units)
		most = u->rows;
	return n < most ? n : most;
}

/* Numbers of the frames that are shown, oldest first. */
static int hear_collect(struct hear_state *s)
{
	unsigned long n = s->held ? s->nheld : s->hearing->nframes;
	int count = 0;

	for (unsigned long i = n > HEARING_FRAMES ? n - HEARING_FRAMES : 0; i < n; i++)
		if (!s->trouble || hear_frame(s, i)->trouble)
			s->at[count++] = i;
	return count;
}

static void hear_fit(const struct ui *u, struct hear_state *s)
{
	struct list *l = &s->list;
	int head = 3 + hear_unit_rows(u, s) + 1, n = s->units ? 0 : hear_collect(s);
	int rows = u->rows - STAGE_HEAD - STAGE_FOOT - head - (s->detail ? DETAIL : 0);

	l->y = head;
	l->at = n ? n - 1 : 0;
	while (s->held && l->at > 0 && s->at[l->at] > s->cursor)
		l->at--;
	list_fit(u, l, n, rows);
}

/* ---- begin and end ------------------------------------------------------------------------------ */

static void hear_follow(struct hear_state *s)
{
	free(s->held);
	s->held = NULL;
}

int hear_begin(struct ui *u, const struct target *t, struct err *e)
{
	const struct stage_hooks *h = &u->loop->hooks;
	const struct hearing_opts o = {
		.target = *t, .profile = u->loop->profile, .timeout_ms = h->app ? h->app->timeout_ms : 0, .bus = h->place.bus,
	};
	struct hear_state *s = stage_state(u, &screen_hear);
	struct hearing *next;

	if (!s)
		return err_set(e, ERR_NO, "out of memory");
	next = h->hear ? h->hear(&o, e) : hearing_new(&o, e);
	if (!next)
		return -1;
	hear_follow(s);
	hearing_free(s->hearing);
	s->hearing = next;
	s->units = s->trouble = false;
	stage_show(u, &screen_hear);
	return 0;
}

static void hear_stop(struct hear_state *s)
{
	if (hear_runs(s))
		hearing_cancel(s->hearing);
}

/* ---- drawing ------------------------------------------------------------------------------------ */

static bool hear_moved(const struct hearing *h)
{
	return target_is_serial(&h->at)
	    && (h->at.baud != h->given.baud || h->at.parity != h->given.parity || h->at.stop != h->given.stop);
}

/* Which line, and whether it is right. */
static void hear_draw_line(const struct ui *u, WINDOW *w, const struct hearing *h)
{
	char line[24], text[TARGET_TEXT], was[24], second[300];

	if (h->ended && h->err.code && h->err.code != ERR_INTERRUPTED) {
		ui_wrap(u, w, 0, 1, u->cols - 2, 2, ROLE_BAD, h->err.text);
		return;
	}
	target_line(&h->at, line, sizeof(line));
	if (target_is_serial(&h->at))
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "%s %s at %s: nothing is sent",
			h->ended ? "listened to" : h->begun ? "listening to" : "opening", h->at.path, line);
	else
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "%s %s:%d: nothing is sent",
			h->ended ? "listened to" : h->begun ? "listening to" : "opening", h->at.host, h->at.port);
	if (h->lost && target_is_serial(&h->at))
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_WARN, "▲ no valid frame in %zu bytes at %s: trying other baud rates",
			h->lost, target_line(&h->given, was, sizeof(was)));
	else if (h->lost)
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_WARN, "▲ no valid frame in %zu bytes (check baud rate and parity of the serial server)",
			h->lost);
	else if (hear_moved(h) && h->traffic.frames)
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_WARN, "▲ the line is at %s, not at %s%s%s", line,
			target_line(&h->given, was, sizeof(was)), u->cols < 110 ? "" : ": ",
			u->cols < 110 ? "" : target_format(&h->at, 0, text, sizeof(text)));
	else if (*traffic_second_master(&h->traffic, second, sizeof(second)))
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_WARN, "▲ second master: %s", second);
}

/* What the frames below are of all. */
static void hear_draw_counts(const struct ui *u, WINDOW *w, int y, const struct hear_state *s, int hidden)
{
	const struct traffic *t = &s->hearing->traffic;
	char text[120];
	size_t at = 0;

	text_append(text, sizeof(text), &at, " frames %lu", t->frames);
	if (t->garbage)
		text_append(text, sizeof(text), &at, ", not frames %lu (%lu bytes)", t->garbage, t->garbage_bytes);
	if (hidden)
		text_append(text, sizeof(text), &at, ", %d more units (u)", hidden);
	ui_rule(u, w, y, 0, u->cols);
	ui_text(u, w, y, 1, u->cols - 24, t->garbage ? ROLE_WARN : ROLE_NORMAL, "%s ", text);
	if (s->held)
		ui_right(u, w, y, u->cols - 23, 21, ROLE_WARN, " paused, %lu since ", s->hearing->nframes - s->nheld);
	else if (s->trouble)
		ui_right(u, w, y, u->cols - 23, 21, ROLE_WARN, " errors only ");
}

static void hear_draw_unit(const struct ui *u, WINDOW *w, int y, size_t unit, const struct hearing *h)
{
	const struct traffic_unit *t = &h->traffic.units[unit];
	unsigned long silent = traffic_silent(t, h->now_us);

	ui_right(u, w, y, 1, 4, ROLE_NORMAL, "%zu", unit);
	ui_right(u, w, y, 6, 9, ROLE_NORMAL, "%lu", t->requests);
	ui_right(u, w, y, 16, 8, ROLE_NORMAL, "%lu", t->replies);
	ui_right(u, w, y, 25, 7, silent ? ROLE_WARN : ROLE_NORMAL, "%lu", silent);
	ui_right(u, w, y, 33, 11, t->exceptions ? ROLE_WARN : ROLE_NORMAL, "%lu", t->exceptions);
	if (traffic_rate(t) > 0)
		ui_right(u, w, y, 45, 8, ROLE_NORMAL, "%.2f/s", traffic_rate(t));
	if (t->waits)
		ui_text(u, w, y, 56, 24, ROLE_NORMAL, "%.0f to %.0f", (double)t->wait_least_us / 1e3, (double)t->wait_most_us / 1e3);
}

/* By address: those with most requests would jump about. */
static void hear_draw_units(const struct ui *u, WINDOW *w, const struct hear_state *s)
{
	int rows = hear_unit_rows(u, s), y = 3, all = hear_units(s);

	ui_text(u, w, 2, 1, 72, ROLE_LABEL, "Unit  requests  replies  silent  exceptions     rate   reply ms");
	for (size_t i = 0; i < TRAFFIC_UNITS && y < 3 + rows; i++)
		if (hear_unit(&s->hearing->traffic.units[i]))
			hear_draw_unit(u, w, y++, i, s->hearing);
	hear_draw_counts(u, w, y, s, all - rows);
}

static void hear_draw_frame(const struct ui *u, WINDOW *w, int y, const struct hearing_frame *f, bool chosen)
{
	char at[48];
	enum role role = f->trouble ? ROLE_WARN : *f->mark == '>' ? ROLE_LABEL : ROLE_NORMAL;
	int x = 36, note = *f->note ? draw_width(f->note) + 3 : 0;

	ui_text(u, w, y, 1, 12, chosen ? ROLE_SELECTED : ROLE_DIM, "%.12s", time_text(f->at_us, at, sizeof(at)) + 11);
	ui_text(u, w, y, 14, 1, role, "%s", *f->mark == '>' ? "→" : *f->mark == '<' ? "←" : "x");
	if (f->kind != CUT_GARBAGE)
		ui_right(u, w, y, 16, 3, role, "%u", f->unit);
	if (f->kind != CUT_GARBAGE)
		ui_text(u, w, y, 20, 2, ROLE_DIM, "%02X", f->function);
	if (f->paired)
		ui_right(u, w, y, 23, 9, ROLE_DIM, "%.1f ms", f->ms);
	note = note > (u->cols - x) / 2 ? (u->cols - x) / 2 : note;
	ui_text(u, w, y, x - 2, u->cols - x - note, role, "%s", f->text);
	if (note)
		ui_right(u, w, y, u->cols - note, note - 1, ROLE_WARN, "%s", f->note);
}

/* All that it says, and its bytes. */
static void hear_draw_detail(const struct ui *u, WINDOW *w, const struct hearing_frame *f)
{
	int y = getmaxy(w) - DETAIL, width = u->cols - 2;
	char hex[3 * FRAME_MAX + 32];

	ui_rule(u, w, y, 0, u->cols);
	ui_text(u, w, y, 1, width, ROLE_TITLE, " %u bytes%s%s ", f->n, *f->note ? ", " : "", f->note);
	ui_wrap(u, w, y + 1, 1, width, 2, ROLE_NORMAL, f->text);
	ui_text(u, w, getmaxy(w) - 1, 1, width, ROLE_DIM, "%s",
		cut_bytes(f->bytes, f->n, (size_t)(width > 24 ? (width - 16) / 3 : 1), hex, sizeof(hex)));
}

static void hear_draw(struct ui *u, void *state, WINDOW *w)
{
	struct hear_state *s = state;
	const struct list *l;

	if (!s || !s->hearing) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing was listened to yet: l on Trace begins, or :listen TARGET");
		return;
	}
	hear_fit(u, s);
	l = &s->list;
	hear_draw_line(u, w, s->hearing);
	hear_draw_units(u, w, s);
	if (s->units)
		return;
	if (l->n == 0 && l->height > 0)
		ui_text(u, w, l->y, 1, u->cols - 2, ROLE_DIM, "%s", s->trouble && s->hearing->nframes ? "nothing went wrong in the last frames"
			: "nothing heard yet (check wires A and B, and that a master polls)");
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		hear_draw_frame(u, w, l->y + i, hear_frame(s, s->at[l->top + i]), (s->held || s->detail) && l->top + i == l->at);
	if (s->detail && l->n > 0)
		hear_draw_detail(u, w, hear_frame(s, s->at[l->at]));
	list_draw_find(u, w, l->y - 1, l);
}

/* ---- keys ------------------------------------------------------------------------------------------ */

enum { HEAR_PAUSE = ACTION_SCREEN, HEAR_NEWEST, HEAR_TROUBLE, HEAR_DETAIL, HEAR_UNITS };

static const struct keyrow keys[] = {
	{ ' ', HEAR_PAUSE, "Space", "pause", "hold the list, or follow the line again" },
	{ KEY_UP, ACTION_NONE, "↑ ↓", NULL, "choose a frame; holds the list" },
	{ KEY_PPAGE, ACTION_NONE, "PgUp PgDn", NULL, "one page" },
	{ KEY_HOME, ACTION_NONE, "Home", NULL, "the oldest frame kept" },
	{ KEY_END, HEAR_NEWEST, "End", NULL, "follow the line again" },
	{ 'G', HEAR_NEWEST, NULL, NULL, NULL },
	LIST_FIND_KEYS,
	{ '\r', HEAR_DETAIL, "Enter", "all", "all that the chosen frame says, and its bytes" },
	{ '\n', HEAR_DETAIL, NULL, NULL, NULL },
	{ KEY_ENTER, HEAR_DETAIL, NULL, NULL, NULL },
	{ 'e', HEAR_TROUBLE, "e", "errors", "only exceptions and what is odd, or every frame" },
	{ 'u', HEAR_UNITS, "u", "units", "every unit that was heard of, or frames" },
	{ 27, ACTION_NONE, "Esc", "stop, back", "stop listening, and back" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* The line goes on, so what is looked at is copied out of the ring. */
static void hear_hold(struct ui *u, struct hear_state *s)
{
	if (s->held || !s->hearing->frames || !s->hearing->nframes)
		return;
	s->held = malloc(HEARING_FRAMES * sizeof(*s->held));
	if (!s->held) {
		ui_say(u, "out of memory: cannot hold the frames");
		return;
	}
	memcpy(s->held, s->hearing->frames, HEARING_FRAMES * sizeof(*s->held));
	s->nheld = s->hearing->nframes;
	s->cursor = s->nheld - 1;
}

/* Who chooses a frame holds it. */
static bool hear_move(struct ui *u, struct hear_state *s, int key)
{
	hear_fit(u, s);
	if (!list_key(u, &s->list, key))
		return false;
	if (s->list.n > 0) {
		hear_hold(u, s);
		s->cursor = s->at[s->list.at];
	}
	return true;
}

static bool hear_key(struct ui *u, void *state, int key)
{
	struct hear_state *s = state;

	if (!s || !s->hearing)
		return false;
	if (s->list.finding)
		return hear_move(u, s, key);
	switch (keys_action(keys, NKEYS, key)) {
	case HEAR_PAUSE:
		if (s->held)
			hear_follow(s);
		else
			hear_hold(u, s);
		return true;
	case HEAR_NEWEST:
		hear_follow(s);
		return true;
	case HEAR_TROUBLE:
		s->trouble = !s->trouble;
		return true;
	case HEAR_DETAIL:
		s->detail = !s->detail;
		return true;
	case HEAR_UNITS:
		s->units = !s->units;
		return true;
	default:
		return hear_move(u, s, key);
	}
}

/* ---- its thread ---------------------------------------------------------------------------------------- */

static int hear_fd(const void *state)
{
	const struct hear_state *s = state;

	return s->hearing ? hearing_fd(s->hearing) : -1;
}

static void hear_take(struct ui *u, void *state)
{
	(void)u;
	hearing_take(((struct hear_state *)state)->hearing);
}

static void hear_left(struct ui *u, void *state)
{
	(void)u;
	hear_stop(state);
}

static void *hear_open(struct ui *u)
{
	struct hear_state *s = calloc(1, sizeof(*s));

	(void)u;
	if (s)
		list_init(&s->list, &hear_list, s, 0);
	return s;
}

static void hear_close(void *state)
{
	struct hear_state *s = state;

	if (s) {
		hear_follow(s);
		hearing_free(s->hearing);
	}
	free(s);
}

const struct screen_ops screen_hear = {
	.open = hear_open,
	.close = hear_close,
	.draw = hear_draw,
	.key_press = hear_key,
	.left = hear_left,
	.fd = hear_fd,
	.take = hear_take,
	.keys = keys,
	.nkeys = NKEYS,
};
