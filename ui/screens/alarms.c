/*
 * alarms.c - the meter's alarm words, bit by bit and by name: what is active,
 * what is watched, what is off.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "base/text.h"
#include "upload_support.h"
#include "ui/stage.h"

#define WORDS 8

/* A status word and the one that says which of its bits are watched. */
struct word {
	size_t status;
	int enable;		/* -1: the profile has none */
};

struct alarms {
	struct word words[WORDS];
	size_t n;
};

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

static void *alarms_open(struct ui *u)
{
	struct alarms *a = calloc(1, sizeof(*a));

	for (size_t i = 0; a && i < u->profile->npoints && a->n < WORDS; i++) {
		const struct point *p = &u->profile->points[i];

		if (p->type != TYPE_BITS || p->nbits == 0 || !ends(p->key, ".status")
		    || strncmp(p->key, "alarm", 5) != 0)
			continue;
		a->words[a->n++] = (struct word){ i, enable_of(u->profile, p->key) };
	}
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

static void draw_bit(const struct ui *u, WINDOW *w, int y, int x, int width,
		     const struct word *d, const struct bit *b)
{
	static const struct look {
		const char *mark;
		enum role role;
	} looks[] = {
		[BIT_UNKNOWN] = { "?", ROLE_DIM },
		[BIT_OFF] = { " ", ROLE_DIM },
		[BIT_WATCHED] = { "○", ROLE_NORMAL },
		[BIT_ACTIVE] = { "▲", ROLE_WARN },
	};
	const struct look *l = &looks[bit_state(u, d, b)];
	enum role role = ui_old(u, &u->readings[d->status]) ? ROLE_DIM : l->role;

	ui_text(u, w, y, x, 1, role, "%s", l->mark);
	ui_text(u, w, y, x + 2, width - 3, role, "%s", b->name);
}

static void draw_word(const struct ui *u, WINDOW *w, int x, int width, const struct word *d)
{
	const struct point *p = &u->profile->points[d->status];
	const struct group *g = profile_group(u->profile, p->group);
	const struct reading *r = &u->readings[d->status];
	const char *name = g ? g->title : p->group;
	int title = (int)strlen(name);

	/* what stands in brackets is for where there is room */
	if (title > width - 3 && strstr(name, " ("))
		title = (int)(strstr(name, " (") - name);
	ui_text(u, w, 2, x + 2, width - 3, ROLE_TITLE, "%.*s", title, name);
	for (size_t b = 0; b < p->nbits; b++)
		draw_bit(u, w, 3 + (int)b, x, width, d, &p->bits[b]);
	if (r->quality == QUALITY_FAILED)
		ui_text(u, w, 3 + (int)p->nbits, x + 2, width - 3, ROLE_WARN, "%s", r->err.text);
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

static void alarms_draw(struct ui *u, void *state, WINDOW *w)
{
	struct alarms *a = state;
	int width;

	if (!a || a->n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "%s", a ? "this meter has no alarm words" : "out of memory");
		return;
	}
	if (ui_pushes(u) && alarms_draw_none(u, a, w))
		return;
	width = (u->cols - 1) / (int)(a->n < 3 ? 3 : a->n);
	if (width > 34)
		width = 34;
	alarms_draw_summary(u, w, a);
	ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "▲ active   ○ watched   no mark: off");
	for (size_t i = 0; i < a->n; i++)
		draw_word(u, w, 1 + (int)i * width, width, &a->words[i]);
}

const struct screen_ops screen_alarms = {
	.about = ABILITY_ALARMS,
	.open = alarms_open,
	.close = free,
	.points = alarms_points,
	.draw = alarms_draw,
	.worst = alarms_worst,
};
