#include "coach.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "doctor/coach.h"
#include "profile/ratio.h"
#include "base/text.h"
#include "ui/draw/draw.h"
#include "ui/draw/field.h"
#include "ui/keys.h"
#include "review.h"
#include "ui/stage.h"

#define NUMBER_CELLS 11
#define TABLE_X 1
#define TABLE_CELLS (9 + 3 * (NUMBER_CELLS + 1))
#define VERDICT_Y (3 + COACH_LINES + 2)
#define CLAMP_X (TABLE_X + TABLE_CELLS + 4)

enum { COACH_NEXT = ACTION_SCREEN, COACH_PREVIOUS, COACH_SET };

static const char *const ratio_keys[] = { "ratio.ct", "ratio.pt" };

static const struct keyrow keys[] = {
	{ '\r', COACH_SET, "Enter", "set", "go to the page that sets the ratios typed here" },
	{ '\n', COACH_SET, NULL, NULL, NULL },
	{ KEY_ENTER, COACH_SET, NULL, NULL, NULL },
	{ '\t', COACH_NEXT, "Tab", "next", "next field; Shift-Tab the one before" },
	{ KEY_DOWN, COACH_NEXT, "↑ ↓", NULL, "from field to field" },
	{ KEY_BTAB, COACH_PREVIOUS, NULL, NULL, NULL },
	{ KEY_UP, COACH_PREVIOUS, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct coach {
	struct field ask[ASKS];
	int at;
};

/* A current as a person types it; NAN when there is none. */
static double current(const char *text)
{
	char copy[32];
	double v;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *c = copy; *c; c++)
		if (*c == ',')
			*c = '.';
	return text_double(copy, &v) && v >= 0 ? v : NAN;
}

static void *coach_open(struct ui *u)
{
	(void)u;
	return calloc(1, sizeof(struct coach));
}

void coach_show(struct ui *u, const char *key, const char *text)
{
	struct coach *s = stage_state(u, &screen_coach);

	if (!s)
		return;
	s->at = strcmp(key, ratio_keys[ASK_PT]) == 0 ? ASK_PT : ASK_CT;
	field_set(&s->ask[s->at], text ? text : "");
	stage_show(u, &screen_coach);
}

void coach_show_at(struct ui *u, int ask)
{
	struct coach *s = stage_state(u, &screen_coach);

	if (s)
		s->at = ask;
	stage_show(u, &screen_coach);
}

const char *coach_typed(struct ui *u, int ask)
{
	const struct coach *s = stage_state(u, &screen_coach);

	return s ? s->ask[ask].text : "";
}

int coach_type(struct ui *u, int ask, const char *text, struct err *e)
{
	struct coach *s = stage_state(u, &screen_coach);
	double ratio;

	if (*text && ask < ASK_CLAMP && ratio_parse(text, &ratio, e))
		return -1;
	if (*text && ask >= ASK_CLAMP && isnan(current(text)))
		return err_set(e, ERR_USAGE, "'%s' is not a current in A", text);
	if (s)
		field_set(&s->ask[ask], text);
	return 0;
}

static void coach_points(struct ui *u, void *state, struct selection *sel)
{
	struct coach_line lines[COACH_LINES];
	const struct coach_ratios one = { 1, 1 };
	size_t n = coach_lines(u->profile, u->readings, &one, &one, false, lines);

	(void)state;
	for (size_t i = 0; i < n; i++)
		draw_want(sel, (uint16_t)(lines[i].point - u->profile->points));
	ui_want(u, sel, ratio_keys[ASK_CT]);
	ui_want(u, sel, ratio_keys[ASK_PT]);
}

/* ---- what has been typed ------------------------------------------------ */

/* What the meter holds; NAN while it is not known. */
static double held(const struct ui *u, int ask)
{
	const struct reading *r = ui_reading(u, ratio_keys[ask], NULL);

	return r && r->value.kind == VALUE_NUMBER && r->value.num > 0 ? r->value.num : NAN;
}

/* The ratio to be judged: as typed, else the meter's. -1 and why it is none. */
static int coach_wanted(const struct ui *u, const struct coach *s, int ask, double *ratio, struct err *e)
{
	const char *text = s->ask[ask].text;
	const struct point *p = NULL;
	struct value v;

	*ratio = held(u, ask);
	if (!*text || !ui_reading(u, ratio_keys[ask], &p))
		return 0;
	if (codec_parse(p, text, &v, e))
		return -1;
	*ratio = v.num;
	return 0;
}

/* Rated secondary current of the transformer, where it was typed; else 0. */
static double screens_coach_rated(const struct coach *s)
{
	double primary, secondary;
	struct err e;

	return ratio_sides(s->ask[ASK_CT].text, &primary, &secondary, &e) ? 0 : secondary;
}

void coach_entries(struct ui *u, struct coach_entries *e)
{
	const struct coach *s = stage_state(u, &screen_coach);

	*e = (struct coach_entries){ .clamp = { NAN, NAN, NAN } };
	if (!s)
		return;
	snprintf(e->ct, sizeof(e->ct), "%s", s->ask[ASK_CT].text);
	snprintf(e->pt, sizeof(e->pt), "%s", s->ask[ASK_PT].text);
	for (int i = 0; i < COACH_PHASES; i++)
		e->clamp[i] = current(s->ask[ASK_CLAMP + i].text);
}

static void question(const struct ui *u, const struct coach *s, double then,
		     struct coach_question *q)
{
	static const char *const readings[] = { "current.a", "current.b", "current.c" };

	*q = (struct coach_question){ .now = held(u, ASK_CT), .then = then, .rated = screens_coach_rated(s) };
	for (int i = 0; i < COACH_PHASES; i++) {
		const struct point *p = NULL;
		const struct reading *r = ui_reading(u, readings[i], &p);

		q->reading[i] = r && r->value.kind == VALUE_NUMBER ? r->value.num : NAN;
		q->step = r ? p->scale : q->step;
		q->clamp[i] = current(s->ask[ASK_CLAMP + i].text);
	}
}

static bool coach_set(struct ui *u, const struct coach *s)
{
	struct review_new new_value[2];
	struct err e = { 0 };
	size_t n = 0;

	for (int i = ASK_CT; i <= ASK_PT; i++)
		if (s->ask[i].text[0])
			new_value[n++] = (struct review_new){ ratio_keys[i], s->ask[i].text };
	if (n == 0)
		ui_say(u, "no ratio has been typed: 200/5, 10kV/100V or plainly 40");
	else if (ui_may_write(u, &e) || review_begin(u, new_value, n, &e))
		ui_say(u, "%s", e.text);
	return true;
}

static bool coach_key(struct ui *u, void *state, int key)
{
	struct coach *s = state;

	if (!s)
		return false;
	switch (keys_action(keys, NKEYS, key)) {
	case COACH_SET:
		return coach_set(u, s);
	case COACH_NEXT:
		s->at = (s->at + 1) % ASKS;
		return true;
	case COACH_PREVIOUS:
		s->at = (s->at + ASKS - 1) % ASKS;
		return true;
	}
	/* other letters keep what they mean everywhere */
	if (key > ' ' && key < 127 && !strchr("0123456789.,/", key)
	    && (s->at >= ASK_CLAMP || !strchr("aAkKvV", key)))
		return false;
	return field_key(&s->ask[s->at], key);
}

/* ---- drawing ------------------------------------------------------------ */

static void coach_draw_ask(const struct ui *u, WINDOW *w, int y, const struct coach *s, int ask,
			   const char *label)
{
	double now = held(u, ask), then;
	struct err e = { 0 };
	int rc = coach_wanted(u, s, ask, &then, &e);
	char text[80];

	ui_text(u, w, y, 1, 3, s->at == ask ? ROLE_TITLE : ROLE_LABEL, "%s", label);
	field_draw(u, w, y, 5, 16, &s->ask[ask], s->at == ask);
	if (rc)
		ui_text(u, w, y, 23, u->cols - 24, ROLE_WARN, "cannot be set (see below); the meter "
			"holds %g", now);
	else if (s->ask[ask].text[0])
		ui_text(u, w, y, 23, u->cols - 24, ROLE_NORMAL, "%s; the meter holds %g",
			coach_ratio_text(s->ask[ask].text, text, sizeof(text)), now);
	else if (!isnan(now))
		ui_text(u, w, y, 23, u->cols - 24, ROLE_DIM, "the meter holds %g (to change it, type it "
			"like %s)", now, ask == ASK_CT ? "200/5" : "10kV/100V");
	else
		ui_text(u, w, y, 23, u->cols - 24, ROLE_DIM, "not read yet");
}

static void draw_number_at(const struct ui *u, WINDOW *w, int y, int x, enum role role, double v,
			   int decimals)
{
	char buf[32];

	ui_right(u, w, y, x, NUMBER_CELLS, isnan(v) ? ROLE_DIM : role, "%s", isnan(v) ? "--"
		 : draw_number(v, decimals, NUMBER_CELLS, buf, sizeof(buf)));
}

/* How many decimals are worth anything behind a ratio of FACTOR. */
static int worth(int decimals, double factor)
{
	if (factor >= 10)
		decimals -= (int)(log10(factor) + 1e-9);
	return decimals < 0 ? 0 : decimals;
}

static void coach_draw_table(const struct ui *u, WINDOW *w, int y, const struct coach_ratios *now,
			     const struct coach_ratios *then, bool applied)
{
	struct coach_line lines[COACH_LINES];
	size_t n = coach_lines(u->profile, u->readings, now, then, applied, lines);
	bool other = fabs(then->pt - now->pt) > 0 || fabs(then->ct - now->ct) > 0;
	const int x = TABLE_X + 9;

	ui_right(u, w, y, x, NUMBER_CELLS, ROLE_DIM, "at meter");
	ui_right(u, w, y, x + NUMBER_CELLS + 1, NUMBER_CELLS, ROLE_DIM, "primary now");
	ui_right(u, w, y, x + 2 * (NUMBER_CELLS + 1), NUMBER_CELLS, ROLE_DIM, "then");
	for (size_t i = 0; i < n; i++) {
		const struct coach_line *l = &lines[i];
		int decimals = l->point->decimals;

		y++;
		ui_text(u, w, y, TABLE_X, 8, ROLE_LABEL, "%s", l->label);
		draw_number_at(u, w, y, x, ROLE_NORMAL, l->input, decimals);
		draw_number_at(u, w, y, x + NUMBER_CELLS + 1, ROLE_NORMAL, l->before,
			       worth(decimals, codec_primary(l->point, now->pt, now->ct)));
		draw_number_at(u, w, y, x + 2 * (NUMBER_CELLS + 1), other ? ROLE_CHANGED : ROLE_NORMAL,
			       l->after, worth(decimals, codec_primary(l->point, then->pt, then->ct)));
		ui_text(u, w, y, x + 3 * (NUMBER_CELLS + 1), 4, ROLE_DIM, "%s", draw_unit(l->point));
	}
}

/* A sign beside the colour of each verdict. */
static const struct {
	enum role role;
	const char *mark;
} looks[] = {
	[COACH_NOTHING] = { ROLE_DIM, "" },
	[COACH_FITS] = { ROLE_GOOD, "●" },
	[COACH_INPUT] = { ROLE_GOOD, "●" },
	[COACH_APPLIED] = { ROLE_GOOD, "●" },
	[COACH_MISMATCH] = { ROLE_WARN, "▲" },
	[COACH_ONE_SIDED] = { ROLE_WARN, "▲" },
	[COACH_TOO_LITTLE] = { ROLE_NORMAL, "○" },
	[COACH_MIXED] = { ROLE_WARN, "▲" },
};

static void draw_clamp(const struct ui *u, WINDOW *w, int y, const struct coach *s,
		       const struct coach_answer *a)
{
	ui_text(u, w, y, CLAMP_X, u->cols - CLAMP_X - 1, ROLE_DIM, "clamp meter, primary side");
	for (int i = 0; i < COACH_PHASES; i++) {
		const struct coach_phase *p = &a->phase[i];
		int row = y + 1 + 2 * i, room = u->cols - CLAMP_X - 17;

		ui_text(u, w, row, CLAMP_X, 1, (enum role)(ROLE_PHASE_A + i), "%c", 'A' + i);
		field_draw(u, w, row, CLAMP_X + 2, 10, &s->ask[ASK_CLAMP + i], s->at == ASK_CLAMP + i);
		ui_text(u, w, row, CLAMP_X + 13, 1, ROLE_DIM, "A");
		if (s->ask[ASK_CLAMP + i].text[0] && isnan(current(s->ask[ASK_CLAMP + i].text)))
			ui_text(u, w, row, CLAMP_X + 16, room, ROLE_WARN, "no number");
		else if (!isnan(p->error))
			ui_text(u, w, row, CLAMP_X + 16, room, looks[p->verdict].role, "%s %+.1f %%",
				looks[p->verdict].mark, p->error);
	}
}

static void draw_rows(const struct ui *u, WINDOW *w, int y, enum role role, const char *text)
{
	const char *row[2];
	int len[2], n = draw_wrap(text, u->cols - 5, row, len, 2);

	for (int i = 0; i < n; i++)
		ui_text(u, w, y + i, 3, u->cols - 4, role, "%.*s", len[i], row[i]);
}

/* Of all phases, and of the one whose value is being typed. */
static void coach_draw_verdict(const struct ui *u, WINDOW *w, int y, const struct coach *s,
			       const struct coach_question *q, const struct coach_answer *a)
{
	int phase = s->at - ASK_CLAMP;
	char text[240];

	coach_text(q, a, -1, text, sizeof(text));
	ui_text(u, w, y, 1, 1, looks[a->all].role, "%s", looks[a->all].mark);
	draw_rows(u, w, y, looks[a->all].role, text);
	if (phase >= 0 && *coach_text(q, a, phase, text, sizeof(text)))
		ui_text(u, w, y + 2, 3, u->cols - 4, ROLE_NORMAL, "%c: %s", 'A' + phase, text);
}

static void coach_draw(struct ui *u, void *state, WINDOW *w)
{
	struct coach *s = state;
	struct coach_ratios now = { held(u, ASK_PT), held(u, ASK_CT) }, then;
	struct coach_question q;
	struct coach_answer a;
	struct err e = { 0 };

	if (!s)
		return;
	coach_draw_ask(u, w, 0, s, ASK_CT, "CT");
	coach_draw_ask(u, w, 1, s, ASK_PT, "PT");
	ui_rule(u, w, 2, 0, u->cols);
	if (coach_wanted(u, s, ASK_PT, &then.pt, &e))
		then.pt = NAN;
	if (coach_wanted(u, s, ASK_CT, &then.ct, &e))
		then.ct = NAN;
	question(u, s, then.ct, &q);
	coach_clamp(&q, &a);
	coach_draw_table(u, w, 3, &now, &then, a.all == COACH_APPLIED);
	draw_clamp(u, w, 3, s, &a);
	if (e.text[0])
		draw_rows(u, w, VERDICT_Y, ROLE_WARN, e.text);
	else
		coach_draw_verdict(u, w, VERDICT_Y, s, &q, &a);
}

const struct screen_ops screen_coach = {
	.open = coach_open,
	.close = free,
	.points = coach_points,
	.draw = coach_draw,
	.key_press = coach_key,
	.keys = keys,
	.nkeys = NKEYS,
};
