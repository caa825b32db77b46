/*
 * trend.c - points over the last minutes: sampling and keys. Sampling goes on
 * while another screen is shown.
 */
#include "trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "ui/keys.h"

const int trend_minutes[TREND_WINDOWS] = { 1, 5, 15, 60 };

static const char *const usual_points[] = {
	"voltage.a", "voltage.b", "voltage.c",
	"current.a", "current.b", "current.c", "power.active.total",
};

size_t trend_sample(const struct ui_trend *s, uint32_t i)
{
	return (s->head + UI_TREND - s->n + i) % UI_TREND;
}

bool trend_gap(const struct trend_line *l, int64_t from_us, int64_t to_us)
{
	int64_t most = 4 * l->usual_us;

	return to_us - from_us > (most > 5 * SECOND_US ? most : 5 * SECOND_US);
}

int64_t trend_end(const struct ui *u, const struct trend *t)
{
	return t->paused ? t->held_us : u->now_us;
}

int trend_line_of(const struct trend *t, uint16_t idx)
{
	for (int i = 0; i < t->n; i++)
		if (t->line[i].samples->idx == idx)
			return i;
	return -1;
}

bool trend_add(struct trend *t, uint16_t idx)
{
	struct ui_trend *s;

	if (t->n == TREND_MAX)
		return false;
	s = calloc(1, sizeof(*s));
	if (!s)
		return false;
	s->idx = idx;
	t->line[t->n++] = (struct trend_line){ .samples = s, .usual_us = SECOND_US };
	return true;
}

void trend_remove(struct trend *t, int line)
{
	free(t->line[line].samples);
	t->n--;
	memmove(&t->line[line], &t->line[line + 1],
		(size_t)(t->n - line) * sizeof(t->line[0]));
	if (t->cursor >= t->n)
		t->cursor = t->n > 0 ? t->n - 1 : 0;
}

static void push(struct trend_line *l, double value, int64_t at_us)
{
	struct ui_trend *s = l->samples;

	s->value[s->head] = value;
	s->at_us[s->head] = at_us;
	s->head = (s->head + 1) % UI_TREND;
	if (s->n < UI_TREND)
		s->n++;
}

static void trend_take(const struct ui *u, struct trend_line *l)
{
	struct ui_trend *s = l->samples;
	const struct reading *r = &u->readings[s->idx];
	size_t last = s->n ? trend_sample(s, s->n - 1) : 0;
	double each = ui_pushes(u) ? rhythm_expected_s(&u->uplink.rhythm) : 0;

	/* so that two missed uploads make a gap, and one a longer line */
	if (each > 0)
		l->usual_us = (int64_t)(each * 1e6 * 5 / 8);
	if (r->quality != QUALITY_OK || r->value.kind != VALUE_NUMBER) {
		if (s->n && !isnan(s->value[last]))
			push(l, NAN, u->now_us);
		return;
	}
	if (s->n) {
		int64_t since = r->mono_us - s->at_us[last];

		/* one in each second: an hour fits, whatever the line's pace */
		if (since <= 0 || r->mono_us / SECOND_US == s->at_us[last] / SECOND_US)
			return;
		if (!isnan(s->value[last]) && since < 30 * SECOND_US && each <= 0)
			l->usual_us += (since - l->usual_us) / 8;
	}
	push(l, r->value.num, r->mono_us);
}

static void trend_update(struct ui *u, void *state)
{
	struct trend *t = state;

	for (int i = 0; t && i < t->n; i++)
		trend_take(u, &t->line[i]);
}

static void *trend_open(struct ui *u)
{
	struct trend *t = calloc(1, sizeof(*t));

	if (!t || !u->profile)
		return t;
	t->window = 1;
	for (size_t i = 0; i < sizeof(usual_points) / sizeof(usual_points[0]); i++) {
		int idx = profile_find(u->profile, usual_points[i]);

		if (idx >= 0)
			trend_add(t, (uint16_t)idx);
	}
	return t;
}

static void trend_close(void *state)
{
	struct trend *t = state;

	if (!t)
		return;
	while (t->n > 0)
		trend_remove(t, t->n - 1);
	free(t->pick.match);
	free(t);
}

static void trend_points(struct ui *u, void *state, struct selection *sel)
{
	const struct trend *t = state;

	(void)u;
	for (int i = 0; t && i < t->n; i++)
		draw_want(sel, t->line[i].samples->idx);
}

enum {
	UP = ACTION_SCREEN, DOWN, LONGER, SHORTER, PAUSE, ALONE, PICK, REMOVE, ZERO
};

static const struct keyrow keys[] = {
	{ KEY_UP, UP, "Up Down", NULL, "choose a point; its chart and those of its unit are shown" },
	{ KEY_DOWN, DOWN, NULL, NULL, NULL },
	{ KEY_RIGHT, LONGER, "arrows", "time", "Right a longer time, Left a shorter one: 1, 5, 15, 60 min" },
	{ KEY_LEFT, SHORTER, NULL, NULL, NULL },
	{ ' ', PAUSE, "Space", "pause", "hold the picture; sampling goes on behind it" },
	{ 'a', PICK, "a", "points", "choose the points that are kept" },
	{ 'x', REMOVE, "x", NULL, "take the chosen point out" },
	{ KEY_DC, REMOVE, NULL, NULL, NULL },
	{ '\n', ALONE, "Enter", "alone", "the chosen point alone, or all of its unit" },
	{ KEY_ENTER, ALONE, NULL, NULL, NULL },
	{ '\r', ALONE, NULL, NULL, NULL },
	{ 'z', ZERO, "z", "zero", "begin the scale at zero, or at the lowest value" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static void pause_or_go(const struct ui *u, struct trend *t)
{
	t->paused = !t->paused;
	t->held_us = u->now_us;
	t->held_wall_us = u->wall_us;
}

static bool trend_key(struct ui *u, void *state, int key)
{
	struct trend *t = state;

	if (!t)
		return false;
	if (t->pick.open)
		return pick_key(u, t, key);
	switch (keys_action(keys, NKEYS, key)) {
	case UP:
		t->cursor -= t->cursor > 0;
		return true;
	case DOWN:
		t->cursor += t->cursor < t->n - 1;
		return true;
	case LONGER:
		t->window += t->window < TREND_WINDOWS - 1;
		return true;
	case SHORTER:
		t->window -= t->window > 0;
		return true;
	case PAUSE:
		pause_or_go(u, t);
		return true;
	case ALONE:
		t->alone = !t->alone;
		return true;
	case PICK:
		pick_open(u, t);
		return true;
	case REMOVE:
		if (t->n > 0)
			trend_remove(t, t->cursor);
		return true;
	case ZERO:
		t->zero = !t->zero;
		return true;
	default:
		return false;
	}
}

const struct screen_ops screen_trend = {
	.open = trend_open,
	.close = trend_close,
	.points = trend_points,
	.draw = trend_draw,
	.key_press = trend_key,
	.update = trend_update,
	.keys = keys,
	.nkeys = NKEYS,
};
