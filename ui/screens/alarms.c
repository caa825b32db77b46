/*
 * alarms.c - the meter's alarm words, bit by bit and by name: what is active,
 * what is watched, what is off, and what trips it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "alarm_limit.h"
#include "setting.h"
#include "settings.h"
#include "upload_support.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "ui/keys.h"
#include "ui/question.h"
#include "ui/stage.h"

#define WORDS 8

/* A status word and the one that says which of its bits are watched. */
struct word {
	size_t status;
	int enable;		/* -1: the profile has none */
};

/* One bit of a status word. */
struct alarm_row {
	const struct word *word;
	const struct bit *bit;
	struct alarm_limit limit;
};

struct alarms {
	struct word words[WORDS];
	size_t n;
	struct alarm_row row[WORDS * 32];
	int nrows;
	struct list list;
};

enum { ALARM_SETTING = ACTION_SCREEN, ALARM_WATCH };

static const struct keyrow keys[] = {
	{ '\r', ALARM_SETTING, "Enter", "setting", "to the setting that says when it trips" },
	{ '\n', ALARM_SETTING, NULL, NULL, NULL },
	{ KEY_ENTER, ALARM_SETTING, NULL, NULL, NULL },
	{ ' ', ALARM_WATCH, "Space", "watch", "to be watched or not: a new value among the settings (s, then v)" },
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

#define ROWS_Y 2
#define NAME_X 5
#define LIMIT_X 30
#define LIMIT_CELLS 12
#define DELAY_X 43
#define STATE_X 55
#define GROUP_X 71

#define EVERY_US 5000000LL	/* between two looks while another screen is shown */

static bool ends(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && strcmp(s + n - t, tail) == 0;
}

static int enable_of(const struct profile *p, const char *status)
{
	char key[80];

	snprintf(key, sizeof(key), "%.*senable",
		 (int)(strlen(status) - strlen("status")), status);
	return profile_find(p, key);
}

static bool alarms_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct alarm_row *r = &((const struct alarms *)of)->row[row];

	return ascii_casestr(r->bit->name, text) || ascii_casestr(u->profile->points[r->word->status].key, text);
}

static const struct list_ops alarms_list = { .has = alarms_has, .nowhere = "none of these" };

static void alarms_add_word(const struct profile *p, struct alarms *a, const struct word *w)
{
	const struct point *status = &p->points[w->status];

	for (size_t b = 0; b < status->nbits && a->nrows < WORDS * 32; b++) {
		struct alarm_row *r = &a->row[a->nrows++];

		*r = (struct alarm_row){ .word = w, .bit = &status->bits[b] };
		alarm_limit_find(p, status, r->bit->name, &r->limit);
	}
}

static void *alarms_open(struct ui *u)
{
	struct alarms *a = calloc(1, sizeof(*a));

	for (size_t i = 0; a && i < u->profile->npoints && a->n < WORDS; i++) {
		const struct point *p = &u->profile->points[i];

		if (p->type != TYPE_BITS || p->nbits == 0 || !ends(p->key, ".status")
		    || strncmp(p->key, "alarm", 5) != 0)
			continue;
		a->words[a->n] = (struct word){ i, enable_of(u->profile, p->key) };
		alarms_add_word(u->profile, a, &a->words[a->n++]);
	}
	if (a)
		list_init(&a->list, &alarms_list, a, ROWS_Y);
	return a;
}

/* Is a status word to be read while another screen is shown? */
static bool alarms_due(const struct ui *u, const struct alarms *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct reading *r = &u->readings[a->words[i].status];

		if (u->line == LINE_LIVE && !ui_pushes(u) && r->quality != QUALITY_FAILED && u->now_us - r->mono_us >= EVERY_US)
			return true;
	}
	return false;
}

static void alarms_points(struct ui *u, void *state, struct selection *sel)
{
	const struct alarms *a = state;
	bool shown = stage_shown(u)->ops == &screen_alarms;

	if (!a || (!shown && !alarms_due(u, a)))
		return;
	for (size_t i = 0; i < a->n; i++) {
		draw_want(sel, (uint16_t)a->words[i].status);
		if (shown && a->words[i].enable >= 0)
			draw_want(sel, (uint16_t)a->words[i].enable);
	}
	for (int i = 0; shown && i < a->nrows; i++) {
		if (a->row[i].limit.threshold >= 0)
			draw_want(sel, (uint16_t)a->row[i].limit.threshold);
		if (a->row[i].limit.delay >= 0)
			draw_want(sel, (uint16_t)a->row[i].limit.delay);
	}
}

enum bit_state { BIT_UNKNOWN, BIT_OFF, BIT_WATCHED, BIT_ACTIVE };

static enum bit_state bit_state(const struct ui *u, const struct word *d, const struct bit *b)
{
	const struct reading *s = &u->readings[d->status];
	const struct reading *e = d->enable < 0 ? NULL : &u->readings[d->enable];

	if (s->value.kind == VALUE_NONE)
		return BIT_UNKNOWN;
	if ((unsigned)s->value.num >> b->pos & 1)
		return BIT_ACTIVE;
	if (!e || e->value.kind == VALUE_NONE)
		return BIT_UNKNOWN;
	return (unsigned)e->value.num >> b->pos & 1 ? BIT_WATCHED : BIT_OFF;
}

/* How many are active, and their names as far as they fit. */
static int alarms_active(const struct ui *u, const struct alarms *a, char *text, size_t size)
{
	size_t at = 0;
	int active = 0;

	*text = '\0';
	for (size_t i = 0; i < a->n; i++) {
		const struct point *p = &u->profile->points[a->words[i].status];

		for (size_t b = 0; b < p->nbits; b++)
			if (bit_state(u, &a->words[i], &p->bits[b]) == BIT_ACTIVE)
				text_append(text, size, &at, "%s%s", active++ ? ", " : "", p->bits[b].name);
	}
	return active;
}

static bool alarms_worst(struct ui *u, void *state, struct screen_worst *out)
{
	const struct alarms *a = state;
	char names[120];
	size_t at = 0;
	int n = a ? alarms_active(u, a, names, sizeof(names)) : 0;

	for (size_t i = 0; a && i < a->n; i++)
		if (ui_old(u, &u->readings[a->words[i].status]))
			return false;
	out->role = ROLE_BAD;
	text_append(out->text, sizeof(out->text), &at, n == 1 ? "%d alarm active: %s" : "%d alarms active: %s", n, names);
	return n > 0;
}

/* Active ones by name over all words, as far as they fit. */
static void alarms_draw_summary(const struct ui *u, WINDOW *w, const struct alarms *a)
{
	char text[600];
	int active = alarms_active(u, a, text, sizeof(text));
	bool known = false, old = false;

	for (size_t i = 0; i < a->n; i++) {
		known = known || u->readings[a->words[i].status].value.kind != VALUE_NONE;
		old = old || ui_old(u, &u->readings[a->words[i].status]);
	}
	if (!known)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_DIM, "alarm words not read yet");
	else if (active == 0)
		ui_text(u, w, 0, 1, u->cols - 2, old ? ROLE_DIM : ROLE_GOOD, "no alarm is active");
	else
		ui_text(u, w, 0, 1, u->cols - 2, old ? ROLE_DIM : ROLE_BAD,
			" ▲ %d active: %s ", active, text);
}

/* Is it to be watched as soon as the new values are written, and is that another thing than now? */
static bool alarms_wished(struct ui *u, const struct alarm_row *r, bool *on)
{
	const char *text = r->word->enable < 0 ? NULL : settings_wished(u, (uint16_t)r->word->enable);

	if (!text)
		return false;
	*on = strtoul(text, NULL, 10) >> r->bit->pos & 1;
	return *on != ((unsigned)u->readings[r->word->enable].value.num >> r->bit->pos & 1);
}

static void alarms_draw_limit(const struct ui *u, WINDOW *w, int y, int x, int cells, int idx, enum role role)
{
	const struct reading *r = idx < 0 ? NULL : &u->readings[idx];
	char text[VALUE_TEXT + 16];

	if (r)
		ui_right(u, w, y, x, cells, ui_old(u, r) ? ROLE_DIM : role, "%s",
			 r->quality == QUALITY_FAILED ? "err" : setting_value(&u->profile->points[idx], &r->value, text, sizeof(text)));
}

static void alarms_draw_row(struct ui *u, WINDOW *w, int y, const struct alarm_row *r, bool here)
{
	static const struct look {
		const char *mark, *word;
		enum role role;
	} looks[] = {
		[BIT_UNKNOWN] = { "?", "--", ROLE_DIM },
		[BIT_OFF] = { " ", "off", ROLE_DIM },
		[BIT_WATCHED] = { "○", "watched", ROLE_NORMAL },
		[BIT_ACTIVE] = { "▲", "active", ROLE_WARN },
	};
	const struct look *l = &looks[bit_state(u, r->word, r->bit)];
	const char *group = u->profile->points[r->word->status].group;
	enum role role = ui_old(u, &u->readings[r->word->status]) ? ROLE_DIM : l->role;
	bool on;

	if (here)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 3, 1, role, "%s", l->mark);
	ui_text(u, w, y, NAME_X, LIMIT_X - NAME_X - 1, here ? ROLE_SELECTED : role, "%s", r->bit->name);
	alarms_draw_limit(u, w, y, LIMIT_X, LIMIT_CELLS, r->limit.threshold, role);
	alarms_draw_limit(u, w, y, DELAY_X, STATE_X - DELAY_X - 2, r->limit.delay, ROLE_DIM);
	if (alarms_wished(u, r, &on))
		ui_text(u, w, y, STATE_X, GROUP_X - STATE_X - 1, ROLE_CHANGED, on ? "to be watched" : "to be off");
	else
		ui_text(u, w, y, STATE_X, GROUP_X - STATE_X - 1, role, "%s", l->word);
	ui_text(u, w, y, GROUP_X, u->cols - GROUP_X, ROLE_DIM, "%s", group);
}

static void alarms_draw_header(const struct ui *u, WINDOW *w)
{
	ui_text(u, w, 1, NAME_X, 12, ROLE_DIM, "alarm");
	ui_right(u, w, 1, LIMIT_X, LIMIT_CELLS, ROLE_DIM, "threshold");
	ui_right(u, w, 1, DELAY_X, STATE_X - DELAY_X - 2, ROLE_DIM, "delay");
	ui_text(u, w, 1, STATE_X, GROUP_X - STATE_X - 1, ROLE_DIM, "state");
}

/* Says so when no alarm word can ever come; that there is an alarm may come all the same. */
static bool alarms_draw_none(struct ui *u, struct alarms *a, WINDOW *w)
{
	const struct ui_said *last = support_said(u, "type");
	struct selection sel = { 0 };
	char age[32];
	bool none;

	alarms_points(u, a, &sel);
	none = support_empty(u, w, &sel, "alarm words");
	selection_release(&sel);
	if (none && last)
		ui_text(u, w, 5, 2, u->cols - 4, ROLE_WARN, "▲ a message of type %s came %s ago; what it says is not public",
			last->text, draw_age(u, last->mono_us, age, sizeof(age)));
	return none;
}

static struct list *alarms_fit(const struct ui *u, struct alarms *a)
{
	list_fit(u, &a->list, a->nrows, u->rows - STAGE_HEAD - STAGE_FOOT - ROWS_Y);
	return &a->list;
}

/* Why the words have not come, where that is so. */
static const char *alarms_failed(const struct ui *u, const struct alarms *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (u->readings[a->words[i].status].quality == QUALITY_FAILED)
			return u->readings[a->words[i].status].err.text;
	return NULL;
}

static void alarms_draw(struct ui *u, void *state, WINDOW *w)
{
	struct alarms *a = state;
	const struct list *l;
	const char *why;

	if (!a || a->n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "%s", a ? "this meter has no alarm words" : "out of memory");
		return;
	}
	if (ui_pushes(u) && alarms_draw_none(u, a, w))
		return;
	l = alarms_fit(u, a);
	why = alarms_failed(u, a);
	alarms_draw_summary(u, w, a);
	if (why)
		ui_text(u, w, 1, NAME_X, u->cols - NAME_X - 1, ROLE_WARN, "%s", why);
	else
		alarms_draw_header(u, w);
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		alarms_draw_row(u, w, ROWS_Y + i, &a->row[l->top + i], l->top + i == l->at);
	list_draw_find(u, w, 1, l);
}

/* The setting that says when it trips; where there is none, whether it is watched. */
static void alarms_setting(struct ui *u, const struct alarm_row *r)
{
	int idx = r->limit.threshold >= 0 ? r->limit.threshold : r->word->enable;

	if (idx < 0 || !settings_show(u, (uint16_t)idx))
		ui_say(u, "this meter has no setting for it");
}

static void alarms_watch(struct ui *u, const struct alarm_row *r)
{
	const int idx = r->word->enable;
	const char *text = idx < 0 ? NULL : settings_wished(u, (uint16_t)idx);
	char now[16];
	struct err e;

	if (idx < 0 || u->readings[idx].value.kind == VALUE_NONE) {
		ui_say(u, idx < 0 ? "this meter has no setting for it" : "not read yet");
	} else if (support_cannot_set(u, &u->profile->points[idx], &e)) {
		ui_say(u, "%s", e.text);
	} else if (!u->writing) {
		question_writing(u, ' ');
	} else {
		unsigned long bits = text ? strtoul(text, NULL, 10) : (unsigned long)u->readings[idx].value.num;

		snprintf(now, sizeof(now), "%lu", bits ^ 1UL << r->bit->pos);
		settings_wish(u, (uint16_t)idx, now);
		ui_say(u, "a new value among the settings: s shows it, v there reviews it");
	}
}

static bool alarms_key(struct ui *u, void *state, int key)
{
	struct alarms *a = state;
	int action = keys_action(keys, NKEYS, key);

	if (!a || a->nrows == 0)
		return false;
	alarms_fit(u, a);
	if (a->list.finding || action == ACTION_NONE)
		return list_key(u, &a->list, key);
	if (action == ALARM_SETTING)
		alarms_setting(u, &a->row[a->list.at]);
	else
		alarms_watch(u, &a->row[a->list.at]);
	return true;
}

const struct screen_ops screen_alarms = {
	.about = ABILITY_ALARMS,
	.open = alarms_open,
	.close = free,
	.points = alarms_points,
	.draw = alarms_draw,
	.key_press = alarms_key,
	.worst = alarms_worst,
	.keys = keys,
	.nkeys = NKEYS,
};
