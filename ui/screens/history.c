/*
 * history.c - what the meter remembers: the energies of twelve months by tariff
 * as bars and numbers, and the extremes of the last months with their times.
 *
 * These are many registers that hardly ever change. They are read once, some in
 * each round, so that nothing else on the line waits longer for them; then again on
 * a key, or when the newest record has another time.
 */
#include "history.h"

#include <stdlib.h>

#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define MONTHS 12
#define LOOK_US (60 * 1000000LL)	/* for another record, so often */
/* Asked for at once. With what Trend samples this stays below the 200 ms of a round
 * at 9600 baud, so that the next words are asked for before these are read twice. */
#define WORDS 40

enum {
	HISTORY_UP = ACTION_SCREEN, HISTORY_DOWN, HISTORY_LEFT, HISTORY_RIGHT, HISTORY_FIRST,
	HISTORY_LAST, HISTORY_VIEW, HISTORY_PART, HISTORY_BARS, HISTORY_AGAIN
};

static const struct keyrow keys[] = {
	{ KEY_RIGHT, HISTORY_RIGHT, "← →", "import/export",
	  "another energy: import, export, combined, reactive; another month of extremes" },
	{ KEY_LEFT, HISTORY_LEFT, NULL, NULL, NULL },
	{ 'e', HISTORY_VIEW, "e", "extremes", "extremes of the last months, or energies" },
	{ 't', HISTORY_PART, "t", "tariff", "all tariffs in a bar, or one of them" },
	{ 'd', HISTORY_BARS, "d", "bars", "bars of the differences to the record before, or of what is kept" },
	{ 'R', HISTORY_AGAIN, "R", NULL, "read all of it again" },
	{ KEY_UP, HISTORY_UP, "↑ ↓", NULL, "another month, or more extremes; Home End" },
	{ KEY_DOWN, HISTORY_DOWN, NULL, NULL, NULL },
	{ 'k', HISTORY_UP, NULL, NULL, NULL },
	{ 'j', HISTORY_DOWN, NULL, NULL, NULL },
	{ KEY_PPAGE, HISTORY_FIRST, NULL, NULL, NULL },
	{ KEY_NPAGE, HISTORY_LAST, NULL, NULL, NULL },
	{ KEY_HOME, HISTORY_FIRST, NULL, NULL, NULL },
	{ KEY_END, HISTORY_LAST, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static void *history_open(struct ui *u)
{
	struct history_screen *s = calloc(1, sizeof(*s));
	struct err e;

	if (!s)
		return NULL;
	if (ui_pushes(u))
		s->none = "no meter uploads its records of past months: RS485, or dialect=tunnel";
	else if (history_select(u->profile, MONTHS, &s->sel, &e))
		s->none = "this model has no records of past months";
	return s;
}

static void history_close(void *state)
{
	struct history_screen *s = state;

	if (s)
		selection_release(&s->sel);
	free(s);
}

/* Has it been read since all of it was asked for? A point that the meter refuses,
 * or an unused time that is no date, has an answer, too. */
static bool is_read(const struct ui *u, const struct history_screen *s, size_t idx)
{
	const struct reading *r = &u->readings[idx];

	return r->quality == QUALITY_FAILED
	    || (r->quality != QUALITY_NEVER && r->mono_us >= s->since_us);
}

static void read_again(struct ui *u, struct history_screen *s, int64_t since_us)
{
	s->since_us = since_us;
	/* what has failed bears no time of its own */
	for (size_t i = 0; i < s->sel.n; i++)
		if (u->readings[s->sel.idx[i]].quality == QUALITY_FAILED)
			u->readings[s->sel.idx[i]].quality = QUALITY_NEVER;
}

/* In which order the months are read: those in sight first. Negative: no part of
 * the records. */
static int turn_of(const struct history_screen *s, const struct point *p)
{
	unsigned ago;
	bool extreme;

	if (!history_month(p, &extreme, &ago))
		return -1;
	return (int)ago + (extreme == s->extremes ? 0 : 2 * MONTHS);
}

static void history_points(struct ui *u, void *state, struct selection *sel)
{
	struct history_screen *s = state;
	int now = -1, newest, words = 0;

	if (!s || s->none)
		return;
	s->left = 0;
	for (size_t i = 0; i < s->sel.n; i++) {
		int turn = turn_of(s, &u->profile->points[s->sel.idx[i]]);

		if (turn < 0 || is_read(u, s, s->sel.idx[i]))
			continue;
		s->left++;
		if (now < 0 || turn < now)
			now = turn;
	}
	for (size_t i = 0; i < s->sel.n && now >= 0 && words < WORDS; i++) {
		const struct point *p = &u->profile->points[s->sel.idx[i]];

		if (turn_of(s, p) != now || is_read(u, s, s->sel.idx[i]))
			continue;
		draw_want(sel, s->sel.idx[i]);
		words += p->words;
	}
	newest = profile_find(u->profile, "history.time");
	if (now < 0 && newest >= 0 && u->now_us - u->readings[newest].mono_us > LOOK_US
	    && u->readings[newest].quality != QUALITY_FAILED)
		draw_want(sel, (uint16_t)newest);
}

static void history_tick(struct ui *u, void *state)
{
	struct history_screen *s = state;
	int newest = profile_find(u->profile, "history.time");

	if (s && !s->none && newest >= 0 && u->changed_us[newest] > s->since_us)
		read_again(u, s, u->changed_us[newest]);
}

/* ---- keys ----------------------------------------------------------------- */

static int history_clamp(int v, int least, int most)
{
	v = v > most ? most : v;
	return v < least ? least : v;
}

static void step_by(const struct ui *u, const struct history *h, struct history_screen *s, int by)
{
	int quantities = 0;

	for (size_t i = 0; i < h->nextremes; i++)
		quantities += h->extremes[i].ago == 0;
	if (s->extremes)
		s->top = history_clamp(s->top + by, 0, quantities - history_rows(u));
	else
		s->row = history_clamp(s->row + by, 0, (int)h->nrecords - 1);
}

/* To the next energy that the meter keeps, round the ends; or to the next month. */
static void history_turn(const struct history *h, struct history_screen *s, int by)
{
	if (s->extremes) {
		unsigned last = h->nextremes ? h->extremes[h->nextremes - 1].ago : 0;

		s->ago = (unsigned)history_clamp((int)s->ago + by, 0, (int)last);
		return;
	}
	for (int i = 0; i < HISTORY_KINDS && h->nrecords; i++) {
		s->kind = (s->kind + (size_t)(HISTORY_KINDS + by)) % HISTORY_KINDS;
		if (history_value(h, 0, s->kind, 0))
			return;
	}
}

/* Totals tell by their differences; values that fall tell by themselves. */
static bool of_kept(const struct history_screen *s, const struct history *h)
{
	return s->chosen ? s->kept : h->course == HISTORY_FALLING;
}

static void press(struct ui *u, struct history_screen *s, const struct history *h, int action)
{
	switch (action) {
	case HISTORY_UP:	step_by(u, h, s, -1); break;
	case HISTORY_DOWN:	step_by(u, h, s, 1); break;
	case HISTORY_FIRST:	step_by(u, h, s, -1000); break;
	case HISTORY_LAST:	step_by(u, h, s, 1000); break;
	/* the older months of extremes lie to the right */
	case HISTORY_LEFT:	history_turn(h, s, -1); break;
	case HISTORY_RIGHT:	history_turn(h, s, 1); break;
	case HISTORY_VIEW:	s->extremes = !s->extremes; break;
	case HISTORY_PART:	s->part = (s->part + 1) % HISTORY_PARTS; break;
	case HISTORY_BARS:
		s->kept = !of_kept(s, h);
		s->chosen = true;
		break;
	case HISTORY_AGAIN:	read_again(u, s, u->now_us); break;
	default:		break;
	}
}

static bool history_key(struct ui *u, void *state, int key)
{
	struct history_screen *s = state;
	int action = keys_action(keys, NKEYS, key);
	struct history h;
	struct err e;

	if (!s || s->none || action == ACTION_NONE
	    || history_init(&h, u->profile, u->readings, MONTHS, &e))
		return false;
	press(u, s, &h, action);
	history_release(&h);
	return true;
}

/* ---- drawing -------------------------------------------------------------- */

static void history_draw(struct ui *u, void *state, WINDOW *w)
{
	struct history_screen *s = state;
	struct history_screen now;
	struct history h;
	struct err e;

	if (!s || s->none) {
		ui_text(u, w, 1, 2, u->cols - 4, ROLE_DIM, "%s", s ? s->none : "out of memory");
		return;
	}
	if (history_init(&h, u->profile, u->readings, MONTHS, &e)) {
		ui_text(u, w, 1, 2, u->cols - 4, ROLE_WARN, "%s", e.text);
		return;
	}
	now = *s;
	now.kept = of_kept(s, &h);
	if (s->extremes)
		history_draw_extremes(u, &now, &h, w);
	else
		history_draw_energies(u, &now, &h, w);
	history_release(&h);
}

const struct screen_ops screen_history = {
	.about = ABILITY_RECORDS,
	.open = history_open,
	.close = history_close,
	.points = history_points,
	.draw = history_draw,
	.key_press = history_key,
	.tick = history_tick,
	.keys = keys,
	.nkeys = NKEYS,
};
