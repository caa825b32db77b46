/*
 * chrome.c - what stands around every screen: which meter, how fresh, which
 * screens there are, what just happened, which keys do what.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "ui/bus/bus.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "keys.h"
#include "stage.h"

#define LATE_US 2000000LL	/* without a reply of a line that is live */
#define CLOCK_CELLS 8
#define STATE_CELLS 18
#define LOCK_CELLS 9
#define STATE_LEAST 12	/* where it is narrow */
#define NAME_LEAST 9	/* "ADW300 #1" */
#define REASON_ROWS 3	/* a reason may cover this much of the body */

static void where(const struct ui *u, char *buf, size_t size)
{
	const struct target *t = &u->target;
	char line[32];

	if (target_is_serial(t))
		snprintf(buf, size, "%s %s", t->path, target_line(t, line, sizeof(line)));
	else if (target_is_broker(t))
		snprintf(buf, size, "%.*s %s:%d%s%s", (int)strcspn(target_prefix(t), ":"), target_prefix(t),
			 t->host, t->port, *t->mqtt.dialect ? " " : "", t->mqtt.dialect);
	else if (target_is_simulated(t))
		snprintf(buf, size, "sim:%s", t->scenario);
	else
		snprintf(buf, size, "%s%s:%d", target_prefix(t), t->host, t->port);
}

static void draw_meter(const struct ui *u, WINDOW *w, int width)
{
	char name[32 + MQTT_NAME], at[TARGET_TEXT];
	size_t n;

	if (u->line == LINE_NONE || !u->profile) {
		ui_text(u, w, 0, 1, width, ROLE_TITLE, "meterctl");
		return;
	}
	where(u, at, sizeof(at));
	stage_meter(u, name, sizeof(name));
	ui_text(u, w, 0, 1, width, ROLE_TITLE, "%s", name);
	n = strlen(name);
	if ((int)n + 3 < width)
		ui_text(u, w, 0, 1 + (int)n, width - (int)n, ROLE_NORMAL, " · %s", at);
}

/* Seconds since the line was last live, in as few cells as it takes. */
static void silence(const struct ui *u, char *buf, size_t size)
{
	char age[32];

	buf[0] = '\0';
	if (u->live_us != 0 && u->now_us - u->live_us >= 1000000)
		snprintf(buf, size, " %s", draw_age(u, u->live_us, age, sizeof(age)));
}

/* The age of the last upload, and how often one comes. */
static void chrome_draw_rhythm(const struct ui *u, WINDOW *w, int x, int width)
{
	const struct rhythm *r = &u->uplink.rhythm;
	int age = (int)((u->now_us - r->last_us) / 1000000);
	double each = rhythm_expected_s(r);

	if (each > 0)
		ui_text(u, w, 0, x, width, ROLE_GOOD, "● %d s of %.0f s", age < 0 ? 0 : age, each);
	else
		ui_text(u, w, 0, x, width, ROLE_GOOD, "● %d s ago", age < 0 ? 0 : age);
}

static void chrome_draw_state(const struct ui *u, WINDOW *w, int x, int width)
{
	char since[32];

	silence(u, since, sizeof(since));
	switch (u->line) {
	case LINE_NONE:
		ui_text(u, w, 0, x, width, ROLE_DIM, "○ no meter");
		break;
	case LINE_CONNECTING:
		ui_text(u, w, 0, x, width, ROLE_WARN, u->uplink.up ? "◌ waiting" : "◌ connecting");
		break;
	case LINE_LIVE:
		if (ui_is_fleet(u))
			ui_text(u, w, 0, x, width, ROLE_GOOD, "● %zu meter%s", u->fleet ? u->fleet->n : 0,
				u->fleet && u->fleet->n == 1 ? "" : "s");
		else if (ui_pushes(u))
			chrome_draw_rhythm(u, w, x, width);
		else if ((u->lent || u->parked) && *since)
			ui_text(u, w, 0, x, width, ROLE_WARN, "◌ in use%s", since);
		else if (u->loop->reads && u->live_us && u->now_us - u->live_us >= LATE_US)
			ui_text(u, w, 0, x, width, ROLE_WARN, "◌ waiting%s", since);
		else if (u->stats.shared)
			ui_text(u, w, 0, x, width, ROLE_WARN, "● shared %.1f/s", u->stats.rate);
		else
			ui_text(u, w, 0, x, width, ROLE_GOOD, "● live %.1f/s", u->stats.rate);
		break;
	case LINE_STALE:
		ui_text(u, w, 0, x, width, ROLE_BAD, " ▲ STALE%s ", since);
		break;
	case LINE_SILENT:
		ui_text(u, w, 0, x, width, ROLE_BAD, " ▲ %s ",
			u->reason_code == ERR_FOREIGN ? "BAD REPLY"
			: u->reason_code == ERR_DENIED ? "NO ACCESS" : "NO REPLY");
		break;
	}
}

static void draw_lock(const struct ui *u, WINDOW *w, int x)
{
	if (u->writing)
		ui_text(u, w, 0, x, LOCK_CELLS, ROLE_ARMED, " WRITING ");
	else
		ui_text(u, w, 0, x, LOCK_CELLS, ROLE_GOOD, "READ ONLY");
}

/* Which meter and whether it may be written stay to the last, then how fresh. */
static void draw_status_narrow(const struct ui *u, WINDOW *w)
{
	char name[32 + MQTT_NAME] = "meterctl";
	int lock = u->cols - LOCK_CELLS - 1, most = lock - 2 - STATE_LEAST, n;

	if (u->line != LINE_NONE && u->profile)
		stage_meter(u, name, sizeof(name));
	n = draw_width(name);
	if (n > most)
		n = most > NAME_LEAST ? most : n < lock - 2 ? n : lock - 2;
	ui_text(u, w, 0, 1, n, ROLE_TITLE, "%s", name);
	chrome_draw_state(u, w, n + 2, lock - n - 3);
	draw_lock(u, w, lock > 0 ? lock : 0);
}

static void draw_status(struct ui *u, WINDOW *w)
{
	/* right to left, each in its own fixed cells, so that nothing jumps */
	int clock = u->cols - CLOCK_CELLS - 1;
	int lock = clock - 12, state = lock - STATE_CELLS;
	char text[16];

	time_format(u->wall_us, TIME_CLOCK, text, sizeof(text));
	if (state < 12) {
		draw_status_narrow(u, w);
		return;
	}
	draw_meter(u, w, state - 2);
	chrome_draw_state(u, w, state, STATE_CELLS - 1);
	draw_lock(u, w, lock);
	ui_text(u, w, 0, clock, CLOCK_CELLS, ROLE_NORMAL, "%s", text);
}

static const char *tab_name(const struct screen *s, bool brief)
{
	return brief ? s->short_name : s->name;
}

/* Cells of the tab line with names that stand GAP apart, and with one of a screen that has no tab. */
static int tabs_width(const struct ui *u, bool brief, int gap)
{
	int cells = 1, most = 0;

	for (size_t i = 0; i < SCREEN_COUNT; i++) {
		int n = (int)strlen(tab_name(&screen_table[i], brief));

		if (stage_tab(u, &screen_table[i]))
			cells += 2 + n + gap;
		else if (!screen_table[i].key && n > most)
			most = n;
	}
	return cells + most + 1;
}

/* Every name in full or every one in short, so that none moves when another is shown. */
static void draw_tabs(struct ui *u, WINDOW *w)
{
	bool brief = tabs_width(u, false, 1) > u->cols;
	int gap = 3, x = 1;

	while (gap > 1 && tabs_width(u, brief, gap) > u->cols)
		gap--;
	for (size_t i = 0; i < SCREEN_COUNT && x < u->cols; i++) {
		const struct screen *s = &screen_table[i];
		const char *name = tab_name(s, brief);
		int n = (int)strlen(name);
		bool here = i == u->loop->shown;

		if (!stage_tab(u, s) && !here)
			continue;
		if (here && s->key) {
			/* the last one may stand at the edge */
			ui_text(u, w, 1, x - 1, n + 4, ROLE_SELECTED, " %c %s%s", s->key, name,
				x + n + 3 > u->cols ? "" : " ");
		} else if (here) {
			if (x + n + 1 > u->cols)	/* over the last tab rather than out of sight */
				x = u->cols - n - 1 > 1 ? u->cols - n - 1 : 1;
			ui_text(u, w, 1, x - 1, n + 2, ROLE_SELECTED, " %s ", name);
		} else {
			enum role role = stage_lack(u, s) ? ROLE_DIM : ROLE_NORMAL;

			ui_text(u, w, 1, x, 1, ROLE_KEY, "%c", s->key);
			ui_text(u, w, 1, x + 2, n, role, "%s", name);
		}
		if (s->key)
			stage_hit(u, 1, x, x + 2 + n, s->key);
		x += (s->key ? 2 : 0) + n + gap;
	}
}

void chrome_head(struct ui *u)
{
	WINDOW *w = u->loop->head;

	werase(w);
	draw_status(u, w);
	if (getmaxy(w) < STAGE_HEAD)
		return;
	draw_tabs(u, w);
	ui_rule(u, w, 2, 0, u->cols);
}

/* Why the line is dead is said in full: in the message line and, if it is
 * long, over the last rows of the body. */
static void draw_reason(struct ui *u)
{
	struct ui_loop *l = u->loop;
	const char *row[REASON_ROWS];
	int len[REASON_ROWS], n, body = getmaxy(l->body);

	n = draw_wrap(u->reason, u->cols - 2, row, len, REASON_ROWS);
	for (int i = 0; i < n; i++) {
		int up = n - 1 - i;
		WINDOW *w = up ? l->body : l->foot;
		int y = up ? body - up : 0;

		if (y < 0)
			continue;
		wmove(w, y, 0);
		wclrtoeol(w);
		ui_text(u, w, y, 1, u->cols - 2, ROLE_WARN, "%.*s", len[i], row[i]);
	}
}

/* Values of the screen shown that the meter refuses, and its reason. False: none. */
static bool draw_refused(struct ui *u)
{
	const struct ui_loop *l = u->loop;
	const struct screen_ops *s = stage_shown(u)->ops;
	struct selection sel = { 0 };
	const struct reading *first = NULL;
	int n = 0;

	if (u->profile && u->line == LINE_LIVE && l->opened[l->shown] && s->points)
		s->points(u, l->state[l->shown], &sel);
	for (size_t i = 0; i < sel.n; i++) {
		const struct reading *r = &u->readings[sel.idx[i]];

		if (r->quality != QUALITY_FAILED)
			continue;
		if (n++ == 0)
			first = r;
	}
	if (n > 0)
		ui_text(u, l->foot, 0, 1, u->cols - 2, ROLE_WARN, "%d value%s (err): %s",
			n, n == 1 ? "" : "s", first->err.text);
	selection_release(&sel);
	return n > 0;
}

/* Once for each thing that begins to be wrong; numbers in it change all the time. */
static void chrome_ring(struct ui *u, const struct screen *s, const struct screen_worst *worst)
{
	struct ui_loop *l = u->loop;
	char now[sizeof(l->rung)] = "";

	if (s)
		snprintf(now, sizeof(now), "%s", worst->role == ROLE_BAD ? worst->text : s->id);
	if (l->rings && *now && strcmp(now, l->rung) != 0)
		beep();
	memcpy(l->rung, now, sizeof(now));
}

/* What opens S: its own key, or the one of the table. */
static int chrome_key(const struct screen *s)
{
	for (size_t i = 0; !s->key && i < nkeys_global; i++)
		if (keys_global[i].action == ACTION_SHOW + (int)(s - screen_table))
			return keys_global[i].key;
	return s->key;
}

/* The worst of what the screens know, and the key of the one that tells more. */
static bool chrome_draw_worst(struct ui *u)
{
	const struct ui_loop *l = u->loop;
	struct screen_worst worst = { 0 };
	const struct screen *s = NULL;
	int more = 0;
	char where[48];

	for (size_t i = 0; u->profile && u->line == LINE_LIVE && !ui_is_fleet(u) && i < SCREEN_COUNT; i++) {
		struct screen_worst w = { 0 };

		if (!l->opened[i] || !screen_table[i].ops->worst || !screen_table[i].ops->worst(u, l->state[i], &w))
			continue;
		more += s != NULL;
		if (s && (w.role != ROLE_BAD || worst.role == ROLE_BAD))
			continue;
		s = &screen_table[i];
		worst = w;
	}
	chrome_ring(u, s, &worst);
	if (!s)
		return false;
	snprintf(where, sizeof(where), more ? "%c: %s, %d more" : "%c: %s", chrome_key(s), s->name, more);
	ui_text(u, l->foot, 0, 1, u->cols - 4 - (int)strlen(where), worst.role, " ▲ %s ", worst.text);
	ui_right(u, l->foot, 0, u->cols - 1 - (int)strlen(where), (int)strlen(where), ROLE_DIM, "%s", where);
	return true;
}

static void chrome_draw_message(struct ui *u)
{
	WINDOW *w = u->loop->foot;

	if (u->message[0])
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "%s", u->message);
	else if (u->reason[0] && u->line != LINE_LIVE && u->line != LINE_NONE)
		draw_reason(u);
	else if (chrome_draw_worst(u))
		return;
	else if (u->rows < 24 || u->cols < 80)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN,
			"%dx%d is small: some of this screen needs 80x24", u->cols, u->rows);
	else if (u->lent && stage_shown(u)->ops != &screen_output)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, BUS_LENT);
	else if (u->parked)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, "the meter is read again when its line is free");
	else if (!draw_refused(u) && u->line == LINE_LIVE)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, "%s", u->reason[0] || !u->stats.shared ? u->reason
			: "shared line: another master heard, reading is slower (9: its requests)");
}

struct bar {
	struct ui *u;
	int x, room;
};

static void bar_put(struct bar *b, const struct keyrow *k)
{
	int key = draw_width(k->label), name = (int)strlen(k->name);
	int cells = key + 1 + name;

	if (b->x + cells > b->room)
		return;
	ui_text(b->u, b->u->loop->foot, 1, b->x, key, ROLE_KEY, "%s", k->label);
	ui_text(b->u, b->u->loop->foot, 1, b->x + key + 1, name, ROLE_NORMAL, "%s", k->name);
	stage_hit(b->u, b->u->rows - 1, b->x, b->x + cells, k->key);
	b->x += cells + 2;
}

/* Does S show a key of its own there? */
static bool own_key(const struct screen_ops *s, int key)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (s->keys[i].key == key)
			return s->keys[i].name != NULL;
	return false;
}

/* Of a meter behind a broker the uplink matters more; most dialects set nothing. */
static bool comes_last(const struct ui *u, int action)
{
	return ui_pushes(u) && !ui_is_fleet(u) && (action == ACTION_PRIMARY || action == ACTION_WRITING);
}

/* Neither a screen that means nothing here, nor the one shown unless it has a tab, which does. */
static bool in_bar(const struct ui *u, const struct keyrow *k)
{
	const struct screen *s = k->action < ACTION_SHOW ? NULL : &screen_table[k->action - ACTION_SHOW];

	return k->name && k->action != ACTION_HELP && !own_key(stage_shown(u)->ops, k->key)
	    && (!s || (stage_keyed(u, s) && (s->key || s != stage_shown(u))));
}

/* The keys of what takes every key now; NULL: nothing does. */
static const struct keyrow *chrome_mode(const struct ui *u, size_t *n)
{
	const struct ui_loop *l = u->loop;
	const struct screen_ops *s = stage_shown(u)->ops;

	if (l->help) {
		*n = nkeys_help;
		return keys_help;
	}
	if (list_find_shown()) {
		*n = nkeys_find;
		return keys_find;
	}
	return s->mode && l->opened[l->shown] && l->state[l->shown] ? s->mode(u, l->state[l->shown], n) : NULL;
}

/* True: it is drawn. */
static bool chrome_draw_mode(struct ui *u)
{
	struct bar b = { u, 1, u->cols };
	size_t n = 0;
	const struct keyrow *rows = chrome_mode(u, &n);

	for (size_t i = 0; rows && i < n; i++)
		bar_put(&b, &rows[i]);
	return rows != NULL;
}

/* Help first, then what this screen can do, then the rest; quit always fits. */
static void chrome_draw_bar(struct ui *u)
{
	const struct screen_ops *s = stage_shown(u)->ops;
	const struct keyrow *quit = &keys_global[nkeys_global - 1];
	struct bar b = { u, 1, u->cols - (int)strlen(quit->name) - 4 };

	for (size_t i = 0; i < nkeys_global; i++)
		if (keys_global[i].name && keys_global[i].action == ACTION_HELP)
			bar_put(&b, &keys_global[i]);
	for (size_t i = 0; i < s->nkeys && !stage_lack(u, stage_shown(u)); i++)
		if (s->keys[i].name)
			bar_put(&b, &s->keys[i]);
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i + 1 < nkeys_global; i++)
			if (in_bar(u, &keys_global[i]) && comes_last(u, keys_global[i].action) == last)
				bar_put(&b, &keys_global[i]);
	b.room = u->cols;
	bar_put(&b, quit);
}

void chrome_foot(struct ui *u)
{
	werase(u->loop->foot);
	if (question_asked(u)) {
		question_draw(u, u->loop->foot);
		return;
	}
	if (stage_prompt.shown()) {
		stage_prompt.draw(u, u->loop->foot);
		return;
	}
	chrome_draw_message(u);
	if (!chrome_draw_mode(u))
		chrome_draw_bar(u);
}
