/*
 * review.c - before a write: every old -> new, and the marks that need a
 * decision; `y` writes, nothing else does. After it: what became of each.
 */
#include "review.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "review_draw.h"
#include "setting.h"
#include "ui/stage.h"

enum {
	REVIEW_WRITE = ACTION_SCREEN, REVIEW_CONFIRM, REVIEW_TAKE_OUT, REVIEW_AGAIN
};

static const struct keyrow keys[] = {
	{ 'y', REVIEW_WRITE, "y", "write", "write what is listed, one after the other, and read each back" },
	{ ' ', REVIEW_CONFIRM, "Space", "mark", "agree to a setting that asks for a mark of its own" },
	{ KEY_BACKSPACE, REVIEW_TAKE_OUT, "Backspace", NULL, "take a setting out of the list" },
	{ 127, REVIEW_TAKE_OUT, NULL, NULL, NULL },
	{ 8, REVIEW_TAKE_OUT, NULL, NULL, NULL },
	{ KEY_DC, REVIEW_TAKE_OUT, NULL, NULL, NULL },
	{ 'v', REVIEW_AGAIN, "v", "look again", "read again what stands there" },
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Hands U's plan over as KIND. */
static int review_hand_over(struct ui *u, enum job_kind kind, struct err *e)
{
	struct job *w = &u->job, was = *w;

	w->kind = kind;
	w->serial++;
	w->busy = true;
	w->since_us = u->now_us;
	w->rc = 0;
	w->moved = false;
	u->message[0] = '\0';
	err_clear(&w->err);
	if (u->loop->hooks.job(u, w, e) == 0)
		return 0;
	*w = was;
	return -1;
}

int review_begin(struct ui *u, const struct review_new *list, size_t n, struct err *e)
{
	struct plan_policy policy = setting_policy(u);
	struct plan plan, was = u->job.plan;

	if (job_writing(&u->job))
		return err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	plan_init(&plan, u->profile, &policy);
	for (size_t i = 0; i < n; i++)
		if (plan_add(&plan, list[i].key, list[i].text, e))
			goto fail;
	u->job.plan = plan;
	if (review_hand_over(u, JOB_LOOK, e)) {
		u->job.plan = was;
		goto fail;
	}
	plan_release(&was);
	stage_show(u, &screen_review);
	return 0;
fail:
	plan_release(&plan);
	return -1;
}

int review_undo(struct ui *u, long id, struct err *e)
{
	struct plan_policy policy = setting_policy(u);
	struct plan was = u->job.plan;

	if (job_writing(&u->job))
		return err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	plan_init(&u->job.plan, u->profile, &policy);
	u->job.id = id;
	if (review_hand_over(u, JOB_UNDO, e)) {
		u->job.plan = was;
		return -1;
	}
	plan_release(&was);
	stage_show(u, &screen_review);
	return 0;
}

enum step_state review_state(const struct ui *u, uint16_t idx)
{
	const struct job *w = &u->job;

	if (w->kind != JOB_APPLY)
		return STEP_STATES;
	for (size_t i = 0; i < w->plan.n; i++)
		if (w->plan.steps[i].idx == idx)
			return w->plan.steps[i].state;
	return STEP_STATES;
}

static intptr_t review_item(const struct ui *u, const void *of, int row)
{
	(void)of;
	return u->job.plan.steps[row].idx;
}

static bool review_has(const struct ui *u, const void *of, int row, const char *text)
{
	(void)of;
	return list_point_has(u, u->job.plan.steps[row].idx, text);
}

static const struct list_ops review_list = {
	.item = review_item, .has = review_has, .nowhere = "no setting of these",
};

static void *review_open(struct ui *u)
{
	struct review *s = calloc(1, sizeof(*s));

	if (s)
		s->marked = calloc(u->profile->npoints, 1);
	if (!s || !s->marked) {
		free(s);
		return NULL;
	}
	list_init(&s->list, &review_list, s, REVIEW_HEAD);
	return s;
}

static void review_close(void *state)
{
	struct review *s = state;

	if (s) {
		free(s->marked);
		explicit_bzero(&s->password, sizeof(s->password));
	}
	free(s);
}

/* Begins to take the unlock password, or forgets what was typed. */
static void review_unlock(struct review *s, bool on)
{
	explicit_bzero(s->password.text, sizeof(s->password.text));
	field_set(&s->password, "");
	s->unlocking = on;
}

/* Marks are for the plan they were set on. */
static void review_fit(const struct ui *u, struct review *s)
{
	if (s->serial != u->job.serial && u->job.kind != JOB_APPLY) {
		memset(s->marked, 0, u->profile->npoints);
		review_unlock(s, false);
		list_init(&s->list, &review_list, s, REVIEW_HEAD);
	}
	s->serial = u->job.serial;
	list_fit(u, &s->list, (int)u->job.plan.n,
		 u->rows - STAGE_HEAD - STAGE_FOOT - REVIEW_HEAD - REVIEW_FOOT);
}

bool review_ready(const struct ui *u)
{
	const struct job *w = &u->job;

	return w->kind == JOB_LOOK && !w->busy && w->rc == 0;
}

bool review_asks(const struct ui *u, size_t step)
{
	const struct step *st = &u->job.plan.steps[step];
	char why[8];

	return st->state == STEP_PLANNED
	    && *setting_consent(u->profile, &u->profile->points[st->idx],
				&u->job.plan.policy, why, sizeof(why));
}

size_t review_unmarked(const struct ui *u, const struct review *s)
{
	size_t n = 0;

	for (size_t i = 0; i < u->job.plan.n; i++)
		n += review_asks(u, i) && !s->marked[u->job.plan.steps[i].idx];
	return n;
}

size_t review_count(const struct ui *u, enum step_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < u->job.plan.n; i++)
		n += u->job.plan.steps[i].state == state;
	return n;
}

/* Each consent is that of the marks, no wider. */
static void write_now(struct ui *u, struct review *s)
{
	struct plan *p = &u->job.plan;
	struct err e = { 0 };

	if (!u->writing) {
		question_writing(u, 0);
	} else if (!review_ready(u)) {
		ui_say(u, "nothing is written unseen: v looks at what stands there");
	} else if (review_count(u, STEP_REFUSED)) {
		ui_say(u, "refused settings stop the others: Backspace takes them out");
	} else if (plan_pending(p) == 0) {
		ui_say(u, "nothing to write: the meter holds it already");
	} else if (review_unmarked(u, s)) {
		ui_say(u, "%zu setting%s a mark of its own: choose it, read why, Space marks it",
		       review_unmarked(u, s), review_unmarked(u, s) == 1 ? " asks for" : "s ask for");
	} else if (plan_asks_password(p)) {
		review_unlock(s, true);
	} else {
		p->policy.read_only = false;
		p->policy.switching = p->policy.provisional = false;
		for (size_t i = 0; i < p->n; i++) {
			const struct point *pt = &u->profile->points[p->steps[i].idx];

			if (!s->marked[p->steps[i].idx])
				continue;
			p->policy.switching |= (pt->flags & POINT_SWITCHES) != 0;
			p->policy.provisional |= pt->from == FROM_PROVISIONAL
					      || (pt->flags & POINT_HARMFUL) != 0;
		}
		if (review_hand_over(u, JOB_APPLY, &e))
			ui_say(u, "%s", e.text);
	}
}

/* A key while the unlock password is typed: with Enter the meter is written to. */
static void review_password_key(struct ui *u, struct review *s, int key)
{
	struct err e = { 0 };

	if (key == 27) {
		review_unlock(s, false);
	} else if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		int rc = plan_give_password(&u->job.plan, s->password.text, &e);

		review_unlock(s, false);
		if (rc)
			ui_say(u, "%s", e.text);
		else
			write_now(u, s);
	} else {
		field_key(&s->password, key);
	}
}

static void look_again(struct ui *u)
{
	struct job *w = &u->job;
	struct err e = { 0 };

	/* what has been verified or written meanwhile is looked at anew, too */
	for (size_t i = 0; i < w->plan.n; i++) {
		w->plan.steps[i].state = STEP_PLANNED;
		w->plan.steps[i].journal_id = 0;
		err_clear(&w->plan.steps[i].err);
	}
	if (w->plan.n && review_hand_over(u, JOB_LOOK, &e))
		ui_say(u, "%s", e.text);
}

static void review_take_out(struct ui *u, const struct review *s)
{
	struct plan *p = &u->job.plan;

	if (u->job.kind != JOB_LOOK || u->job.busy || p->n == 0)
		return;
	p->n--;
	memmove(&p->steps[s->list.at], &p->steps[s->list.at + 1],
		(p->n - (size_t)s->list.at) * sizeof(*p->steps));
}

static void review_mark(struct ui *u, struct review *s)
{
	if (!review_ready(u) || u->job.plan.n == 0)
		return;
	if (!review_asks(u, (size_t)s->list.at)) {
		ui_say(u, "this one needs no mark");
		return;
	}
	s->marked[u->job.plan.steps[s->list.at].idx] ^= 1;
	/* and on, so that the next one is marked by the same key */
	for (int i = s->list.at + 1; i < (int)u->job.plan.n; i++)
		if (review_asks(u, (size_t)i)) {
			list_go(u, &s->list, i);
			return;
		}
}

static bool review_key(struct ui *u, void *state, int key)
{
	struct review *s = state;
	int action = keys_action(keys, NKEYS, key);

	if (!s)
		return false;
	review_fit(u, s);
	if (s->unlocking) {
		review_password_key(u, s, key);
		return true;
	}
	if ((s->list.finding || action == ACTION_NONE) && list_key(u, &s->list, key))
		return true;
	if (job_writing(&u->job)) {
		if (action == ACTION_NONE)
			return false;
		ui_say(u, "a write is under way: its verdict comes here");
		return true;
	}
	switch (action) {
	case REVIEW_WRITE:	write_now(u, s); break;
	case REVIEW_CONFIRM:	review_mark(u, s); break;
	case REVIEW_TAKE_OUT:	review_take_out(u, s); break;
	case REVIEW_AGAIN:	look_again(u); break;
	default:
		if (key != '\r' && key != '\n' && key != KEY_ENTER)
			return false;
		if (u->job.kind == JOB_APPLY)
			stage_show(u, &screen_settings);
		else
			ui_say(u, "press y to write, Esc to go back");
	}
	review_fit(u, s);
	return true;
}

static const struct keyrow review_password_keys[] = {
	{ '\r', ACTION_NONE, "Enter", "write", NULL },
	{ 27, ACTION_NONE, "Esc", "back", NULL },
};

static const struct keyrow *review_mode(const struct ui *u, const void *state, size_t *n)
{
	const struct review *s = state;

	(void)u;
	*n = sizeof(review_password_keys) / sizeof(review_password_keys[0]);
	return s->unlocking ? review_password_keys : NULL;
}

static void review_points(struct ui *u, void *state, struct selection *sel)
{
	(void)state;
	/* so that the line is seen to live while one reads the page */
	for (size_t i = 0; i < u->job.plan.n && i < 8; i++)
		draw_want(sel, u->job.plan.steps[i].idx);
}

static void review_draw(struct ui *u, void *state, WINDOW *w)
{
	struct review *s = state;

	if (!s)
		return;
	review_fit(u, s);
	review_page(u, w, s);
}

const struct screen_ops screen_review = {
	.open = review_open,
	.close = review_close,
	.points = review_points,
	.draw = review_draw,
	.key_press = review_key,
	.mode = review_mode,
	.keys = keys,
	.nkeys = NKEYS,
};
