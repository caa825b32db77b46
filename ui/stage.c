#include "stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "ui/bus/bus_fleet.h"
#include "ui/draw/field.h"
#include "ui/draw/list.h"
#include "keys.h"
#include "question.h"
#include "term.h"

#define HELP_END 10000	/* further than it has rows */
#define TICK_US 1000000LL

const struct screen *stage_shown(const struct ui *u)
{
	return &screen_table[u->loop->shown];
}

/* Does it mean anything for what is connected, or for nothing? */
static bool usable(const struct ui *u, const struct screen *s)
{
	if (s->flags & SCREEN_FLEET)
		return u->profile && ui_is_fleet(u);
	if (s->flags & SCREEN_ALWAYS)
		return true;
	return u->profile && (!ui_is_fleet(u) || s->flags & SCREEN_BROKER);
}

const char *stage_lack(const struct ui *u, const struct screen *s)
{
	return u->profile && !ui_is_fleet(u) ? ability_lack(u->profile, s->ops->about) : NULL;
}

static void screen_open(struct ui *u, size_t i)
{
	struct ui_loop *l = u->loop;

	if (l->opened[i] || !usable(u, &screen_table[i]) || stage_lack(u, &screen_table[i]))
		return;
	l->opened[i] = true;
	l->state[i] = screen_table[i].ops->open ? screen_table[i].ops->open(u) : NULL;
}

static void screen_close(struct ui *u, size_t i)
{
	struct ui_loop *l = u->loop;

	if (l->opened[i] && screen_table[i].ops->close)
		screen_table[i].ops->close(l->state[i]);
	l->state[i] = NULL;
	l->opened[i] = false;
}

/* What was typed on Connect outlives the meter it led to, as does the order of the fleet it
 * was chosen from. */
static void screens_close(struct ui *u, bool all)
{
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (all || !(screen_table[i].flags & SCREEN_KEPT))
			screen_close(u, i);
}

int stage_init(struct ui *u, const struct stage_hooks *hooks, struct err *e)
{
	u->loop = calloc(1, sizeof(*u->loop));
	if (!u->loop)
		return err_set(e, ERR_NO, "out of memory");
	u->loop->hooks = *hooks;
	draw_init(u);
	stage_resize(u, LINES, COLS);
	return 0;
}

static void windows_free(struct ui_loop *l)
{
	WINDOW **all[] = { &l->head, &l->body, &l->foot };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (*all[i])
			delwin(*all[i]);
		*all[i] = NULL;
	}
}

static void forget_fleet(struct ui *u)
{
	if (u->fleet)
		fleet_release(u->fleet);
	free(u->fleet);
	u->fleet = NULL;
}

void stage_target(struct ui *u, const struct target *t)
{
	if (!bus_fleet_stays(&u->fleet_target, t)) {
		forget_fleet(u);
		for (size_t i = 0; i < SCREEN_COUNT; i++)
			if (screen_table[i].flags & SCREEN_FLEET)
				screen_close(u, i);
		u->fleet_target = (struct target){ 0 };
	}
	if (!target_is_meter(t))
		u->fleet_target = *t;
	u->target = *t;
}

void stage_release(struct ui *u)
{
	if (!u->loop)
		return;
	stage_prompt.close();
	running_free(u->loop->running, 1000);
	screens_close(u, true);
	windows_free(u->loop);
	free(u->loop);
	forget_fleet(u);
	free(u->readings);
	free(u->changed_us);
	free(u->frames);
	job_release(&u->job);
	job_release(&u->journal);
	job_release(&u->checklist);
	u->loop = NULL;
	u->readings = NULL;
	u->changed_us = NULL;
	u->frames = NULL;
}

/* Is it told of what comes, or asked, while another one is shown? */
static bool stage_stays(const struct screen *s)
{
	return s->ops->update || s->ops->worst;
}

int stage_profile(struct ui *u, const struct profile *profile, struct err *e)
{
	struct reading *readings = calloc(profile->npoints, sizeof(*readings));
	int64_t *changed = calloc(profile->npoints, sizeof(*changed));

	if (!readings || !changed) {
		free(readings);
		free(changed);
		return err_set(e, ERR_NO, "out of memory");
	}
	screens_close(u, false);
	job_release(&u->job);
	job_release(&u->checklist);
	free(u->readings);
	free(u->changed_us);
	u->writing = false;	/* it was allowed for the meter before */
	u->loop->allowed = false;
	u->readings = readings;
	u->changed_us = changed;
	u->profile = profile;
	u->live_us = 0;
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (stage_stays(&screen_table[i]) || i == u->loop->shown)
			screen_open(u, i);
	u->dirty = true;
	return 0;
}

void stage_resize(struct ui *u, int rows, int cols)
{
	struct ui_loop *l = u->loop;
	int body = rows - STAGE_HEAD - STAGE_FOOT;

	windows_free(l);
	u->rows = rows;
	u->cols = cols;
	l->head = newwin(rows < STAGE_HEAD ? 1 : STAGE_HEAD, cols, 0, 0);
	if (body > 0) {
		l->body = newwin(body, cols, STAGE_HEAD, 0);
		l->foot = newwin(STAGE_FOOT, cols, rows - STAGE_FOOT, 0);
	}
	u->dirty = true;
}

void stage_hit(struct ui *u, int y, int x0, int x1, int key)
{
	struct ui_loop *l = u->loop;

	if (l->nhits < STAGE_HITS)
		l->hits[l->nhits++] = (struct stage_hit){
			(short)y, (short)x0, (short)x1, key };
}

void stage_draw(struct ui *u)
{
	struct ui_loop *l = u->loop;
	const struct screen *s = stage_shown(u);

	l->nhits = 0;
	field_none();
	list_find_none();
	if (u->message[0] && u->now_us >= u->message_until)
		u->message[0] = '\0';
	if (l->redraw)
		clearok(curscr, TRUE);
	l->redraw = false;
	chrome_head(u);
	wnoutrefresh(l->head);
	if (l->body) {
		werase(l->body);
		if (l->help)
			help_draw(u, l->body);
		else if (usable(u, s) && stage_lack(u, s))
			ui_text(u, l->body, 1, 2, u->cols - 4, ROLE_NORMAL, "this model %s", stage_lack(u, s));
		else if (usable(u, s))
			s->ops->draw(u, l->state[l->shown], l->body);
		else
			ui_text(u, l->body, 1, 2, u->cols - 4, ROLE_NORMAL,
				u->profile && ui_is_fleet(u) ? "a broker with its meters: choose one on 0 Fleet"
				: "no meter chosen: press c to connect");
		chrome_foot(u);
		wnoutrefresh(l->body);
		wnoutrefresh(l->foot);
	}
	u->dirty = false;
}

void *stage_state(struct ui *u, const struct screen_ops *ops)
{
	size_t i = screen_place(ops);

	screen_open(u, i);
	return u->loop->state[i];
}

/* The screen at place I is shown instead of the one that is. */
static void stage_turn(struct ui *u, size_t i)
{
	struct ui_loop *l = u->loop;

	if (i != l->shown && l->opened[l->shown] && stage_shown(u)->ops->left)
		stage_shown(u)->ops->left(u, l->state[l->shown]);
	l->shown = i;
	l->help = false;
	screen_open(u, i);
	u->dirty = true;
}

void stage_show(struct ui *u, const struct screen_ops *ops)
{
	struct ui_loop *l = u->loop;
	size_t i = screen_place(ops);

	if (i != l->shown) {
		if (l->nway == STAGE_WAY)	/* the oldest step is forgotten */
			memmove(l->way, l->way + 1, --l->nway * sizeof(*l->way));
		l->way[l->nway++] = l->shown;
	}
	stage_turn(u, i);
}

void stage_home(struct ui *u)
{
	size_t i = 0;

	while (!(screen_table[i].flags & SCREEN_HOME)
	       || ((screen_table[i].flags & SCREEN_FLEET) != 0) != ui_is_fleet(u))
		i++;
	stage_show(u, screen_table[i].ops);
}

bool stage_tab(const struct ui *u, const struct screen *s)
{
	return s->key && (!(s->flags & SCREEN_FLEET) || target_is_broker(&u->fleet_target));
}

bool stage_keyed(const struct ui *u, const struct screen *s)
{
	return !(s->flags & SCREEN_UPLOADS) || (ui_pushes(u) && !ui_is_fleet(u));
}

void stage_open(struct ui *u, const struct screen *s)
{
	const struct target t = u->fleet_target;
	struct err e = { 0 };

	if (!(s->flags & SCREEN_FLEET))
		stage_show(u, s->ops);
	else if (!target_is_broker(&t))
		ui_say(u, "no broker with many meters is connected (c connects to one)");
	else if (!ui_is_fleet(u) && !question_forget(u, s->key))
		return;
	else if (!ui_is_fleet(u) && u->loop->hooks.connect(u, &t, u->loop->profile, &e))
		ui_say(u, "%s", e.text);
	else
		stage_show(u, s->ops);
}

/* The tab STEP places further, round the ends. */
static void show_neighbour(struct ui *u, int step)
{
	int i = (int)u->loop->shown;

	do
		i = (i + SCREEN_COUNT + step) % SCREEN_COUNT;
	while (!screen_table[i].key || ((screen_table[i].flags & SCREEN_FLEET) && !ui_is_fleet(u)));
	stage_show(u, screen_table[i].ops);
}

static void toggle_primary(struct ui *u)
{
	bool pt = u->profile && profile_ratio(u->profile, RATIO_PT).of[0] >= 0;
	bool ct = u->profile && profile_ratio(u->profile, RATIO_CT).of[0] >= 0;
	double by_pt, by_ct;

	u->primary = !u->primary;
	if (!u->primary)
		ui_say(u, "values as the meter holds them");
	else if (!pt || !ct)
		ui_say(u, "this meter has no PT and CT ratio to multiply by");
	else if (draw_ratio_known(u, "ratio.pt", &by_pt) && draw_ratio_known(u, "ratio.ct", &by_ct))
		ui_say(u, profile_side_assumed(u->profile)
		       ? "primary values: multiplied by PT %g and CT %g (side assumed)"
		       : "primary values: multiplied by PT %g and CT %g", by_pt, by_ct);
	else
		ui_say(u, "primary values as soon as PT and CT have been read");
}

const char *stage_meter(const struct ui *u, char *buf, size_t size)
{
	size_t n = 0;

	for (; n + 1 < size && n < 20 && u->profile && u->profile->name[n]; n++)
		buf[n] = ascii_upper(u->profile->name[n]);
	buf[n] = '\0';
	if (!target_is_broker(&u->target))
		snprintf(buf + n, size - n, " #%d", u->target.unit);
	else if (*u->target.mqtt.sn)
		snprintf(buf + n, size - n, " %s", u->target.mqtt.sn);
	return buf;
}

bool stage_may_allow(struct ui *u)
{
	struct err e;

	if (u->read_only)
		ui_say(u, "started with --read-only: nothing can be written");
	else if (!u->profile || u->line == LINE_NONE)
		ui_say(u, "no meter is chosen: c connects to one");
	else if (target_may_write(&u->target, &e))
		ui_say(u, "%s", e.text);
	else if (job_writing(&u->job))
		ui_say(u, "a write is under way: wait for its verdict");
	else if (u->loop->running && u->loop->running->writes)
		ui_say(u, "a command that writes is running: Esc on Output ends it");
	else
		return true;
	return false;
}

/* Who goes on from the first look at a meter to setting it up is told what is to be done. */
static void stage_lead(struct ui *u)
{
	bool first = !u->loop->allowed && stage_shown(u)->flags & SCREEN_HOME && !ui_is_fleet(u);

	u->loop->allowed = true;
	for (size_t i = 0; first && i < SCREEN_COUNT; i++)
		if (screen_table[i].flags & SCREEN_ALLOWED)
			stage_show(u, screen_table[i].ops);
}

void stage_allow(struct ui *u)
{
	if (!stage_may_allow(u))
		return;
	u->writing = true;
	stage_lead(u);
	ui_say(u, "writing is allowed: nothing is written before you have seen it");
}

static void stage_take_theme(struct ui *u)
{
	u->light = u->loop->theme == THEME_AUTO ? u->loop->light : u->loop->theme == THEME_LIGHT;
	draw_theme(u);
	u->loop->redraw = u->dirty = true;
}

void stage_background(struct ui *u, bool light)
{
	u->loop->light = light;
	stage_take_theme(u);
}

void stage_theme(struct ui *u, enum theme t)
{
	u->loop->theme = t;
	stage_take_theme(u);
}

static void toggle_writing(struct ui *u)
{
	if (!u->writing) {
		question_writing(u, 0);
	} else if (stage_may_allow(u)) {
		u->writing = false;
		ui_say(u, "read only again");
	}
}

void stage_leave(struct ui *u)
{
	struct ui_loop *l = u->loop;

	if (!job_writing(&u->job) || l->leave_by) {
		l->leave = true;
		return;
	}
	l->leave_by = u->now_us + LEAVE_WAIT_US;
	ui_say(u, "a write is under way: leaving when its verdict is in; again to leave now");
}

/* What there is to say about a plan that has been written, in one line. */
static void say_outcome(struct ui *u, const struct job *w)
{
	size_t verified = 0;

	for (size_t i = 0; i < w->plan.n; i++)
		verified += w->plan.steps[i].state == STEP_VERIFIED;
	if (w->rc)
		ui_say(u, "%s", w->err.text);
	else
		ui_say(u, "%zu setting%s written and verified", verified, verified == 1 ? "" : "s");
}

void stage_job(struct ui *u, const struct job *w)
{
	struct job *mine = w->kind == JOB_JOURNAL ? &u->journal : w->kind == JOB_CHECKLIST ? &u->checklist : &u->job;

	if (w->kind == JOB_REPORT) {
		stage_prompt.done(u, w);
		return;
	}
	/* of a plan that has been given up meanwhile */
	if (w->serial != mine->serial || job_copy(mine, w))
		return;
	mine->plan.profile = u->profile;
	u->dirty = true;
	if (w->kind != JOB_APPLY || w->busy)
		return;
	if (w->moved)
		u->target = w->target;
	if (!(stage_shown(u)->flags & SCREEN_OUTCOME))
		say_outcome(u, w);
	if (u->loop->leave_by)
		u->loop->leave = true;
}

static void stage_act(struct ui *u, int action)
{
	struct ui_loop *l = u->loop;

	switch (action) {
	case ACTION_HELP:
		l->help = true;
		l->help_top = 0;
		break;
	case ACTION_PRIMARY:
		toggle_primary(u);
		break;
	case ACTION_PROMPT:
		stage_prompt.open(u, "");
		break;
	case ACTION_WRITING:
		toggle_writing(u);
		break;
	case ACTION_REPORT:
		question_report(u);
		break;
	case ACTION_NEXT:
		show_neighbour(u, 1);
		break;
	case ACTION_PREVIOUS:
		show_neighbour(u, -1);
		break;
	case ACTION_BACK:
		if (l->nway > 0)
			stage_turn(u, l->way[--l->nway]);
		break;
	case ACTION_REDRAW:
		l->redraw = true;
		break;
	case ACTION_QUIT:
		question_quit(u);
		break;
	default:
		if (action >= ACTION_SHOW && action < ACTION_SHOW + SCREEN_COUNT)
			stage_open(u, &screen_table[action - ACTION_SHOW]);
		return;
	}
	u->dirty = true;
}

/* The help page takes its own keys; any other one closes it and counts. */
static bool help_key(struct ui *u, int key)
{
	struct ui_loop *l = u->loop;

	u->dirty = true;
	switch (key) {
	case KEY_DOWN:
	case KEY_NPAGE:
	case ' ':
		l->help_top += key == KEY_DOWN ? 1 : 10;
		return true;
	case KEY_UP:
	case KEY_PPAGE:
		l->help_top -= key == KEY_UP ? 1 : 10;
		return true;
	case KEY_HOME:
	case 'g':
		l->help_top = 0;
		return true;
	case KEY_END:
	case 'G':
		l->help_top = HELP_END;
		return true;
	default:
		l->help = false;
		return key == 27 || keys_action(keys_global, nkeys_global, key) == ACTION_HELP;
	}
}

static int mouse_key(struct ui *u)
{
	MEVENT ev;

	if (getmouse(&ev) != OK)
		return 0;
	if (ev.bstate & BUTTON4_PRESSED)
		return KEY_UP;
	if (ev.bstate & BUTTON5_PRESSED)
		return KEY_DOWN;
	for (size_t i = 0; i < u->loop->nhits; i++) {
		const struct stage_hit *h = &u->loop->hits[i];

		if (ev.y == h->y && ev.x >= h->x0 && ev.x < h->x1)
			return h->key;
	}
	if (u->loop->help || question_asked(u) || stage_prompt.shown() || ev.y < STAGE_HEAD || ev.y >= u->rows - STAGE_FOOT)
		return 0;
	return KEY_CLICK(ev.y - STAGE_HEAD, ev.x);
}

/* What is pasted goes to the field or prompt that is shown, a line as one with others, or nowhere.
 * False: KEY is not to be looked at. */
static bool stage_pasted(struct ui *u, int *key)
{
	struct ui_loop *l = u->loop;
	bool field = !question_asked(u) && (stage_prompt.shown() || (field_typed() && !l->help));

	if (*key == TERM_KEY_PASTE || *key == TERM_KEY_PASTED) {
		if (*key == TERM_KEY_PASTED && l->lost)
			ui_say(u, "pasted text ignored (open a field or : first)");
		l->pasting = *key == TERM_KEY_PASTE;
		l->lost = false;
		return false;
	}
	if (!l->pasting)
		return true;
	l->lost |= !field;
	/* a key that is no character would act, as would the end of a line */
	return field && *key >= ' ' && *key != 127 && *key <= 255;
}

void stage_key(struct ui *u, int key)
{
	struct ui_loop *l = u->loop;
	const struct screen *s;

	if (key == KEY_MOUSE)
		key = mouse_key(u);
	if (key <= 0 || key == KEY_RESIZE || !stage_pasted(u, &key))
		return;
	if (question_asked(u)) {
		question_key(u, key);
		return;
	}
	if (stage_prompt.shown()) {
		stage_prompt.key(u, key);
		return;
	}
	if (l->help && help_key(u, key))
		return;
	s = stage_shown(u);
	if (s->ops->key_press && usable(u, s) && !stage_lack(u, s)
	    && s->ops->key_press(u, l->state[l->shown], key)) {
		u->dirty = true;
		return;
	}
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (screen_table[i].key == key) {
			stage_open(u, &screen_table[i]);
			return;
		}
	stage_act(u, keys_action(keys_global, nkeys_global, key));
}

int stage_fd(const struct ui *u, size_t i)
{
	const struct ui_loop *l = u->loop;

	return l->opened[i] && l->state[i] && screen_table[i].ops->fd ? screen_table[i].ops->fd(l->state[i]) : -1;
}

void stage_take(struct ui *u, size_t i)
{
	screen_table[i].ops->take(u, u->loop->state[i]);
	if (i == u->loop->shown)
		u->dirty = true;
}

void stage_update(struct ui *u)
{
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (u->loop->opened[i] && screen_table[i].ops->update)
			screen_table[i].ops->update(u, u->loop->state[i]);
	stage_prompt.update(u);
}

void stage_tick(struct ui *u)
{
	struct ui_loop *l = u->loop;

	if (l->opened[l->shown] && stage_shown(u)->ops->tick)
		stage_shown(u)->ops->tick(u, l->state[l->shown]);
	stage_prompt.update(u);
	if (l->leave_by && u->now_us >= l->leave_by)
		l->leave = true;
	u->dirty = true;
}

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

void stage_wants(struct ui *u, struct selection *sel)
{
	struct ui_loop *l = u->loop;
	size_t kept = 0;

	*sel = (struct selection){ 0 };
	l->reads = false;
	if (!u->profile)
		return;
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (l->opened[i] && screen_table[i].ops->points
		    && (i == l->shown || stage_stays(&screen_table[i])))
			screen_table[i].ops->points(u, l->state[i], sel);
	stage_prompt.points(u, sel);
	if (u->primary)
		draw_want_ratios(u, sel);
	l->reads = sel->n > 0;
	if (sel->n == 0)
		return;
	qsort(sel->idx, sel->n, sizeof(*sel->idx), by_number);
	for (size_t i = 0; i < sel->n; i++)
		if (i == 0 || sel->idx[i] != sel->idx[i - 1])
			sel->idx[kept++] = sel->idx[i];
	sel->n = kept;
}

int64_t stage_next(const struct ui *u)
{
	int64_t next = u->now_us + TICK_US - u->wall_us % TICK_US;

	if (u->message[0] && u->message_until < next)
		next = u->message_until;
	if (u->loop->leave_by && u->loop->leave_by < next)
		next = u->loop->leave_by;
	return next;
}
