#include "question.h"

#include <stdarg.h>
#include <stdio.h>

#include "stage.h"

void question_ask(struct ui *u, void (*yes)(struct ui *u, int key), int key, const char *fmt, ...)
{
	struct question *q = &u->loop->question;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(q->text, sizeof(q->text), fmt, ap);
	va_end(ap);
	q->yes = yes;
	q->key = key;
	u->message[0] = '\0';
	u->dirty = true;
}

bool question_asked(const struct ui *u)
{
	return u->loop->question.text[0] != '\0';
}

void question_key(struct ui *u, int key)
{
	const struct question q = u->loop->question;

	if (key != 'y' && key != 'Y' && key != 'n' && key != 'N' && key != 27)
		return;
	u->loop->question = (struct question){ 0 };
	u->dirty = true;
	if (key == 'y' || key == 'Y')
		q.yes(u, q.key);
}

void question_draw(struct ui *u, WINDOW *foot)
{
	const struct question *q = &u->loop->question;
	int n = draw_width(q->text);

	ui_text(u, foot, 0, 1, u->cols - 2, ROLE_ARMED, " %s ", q->text);
	ui_text(u, foot, 1, 1, 1, ROLE_KEY, "y");
	ui_text(u, foot, 1, 3, 3, ROLE_NORMAL, "yes");
	ui_text(u, foot, 1, 8, 6, ROLE_KEY, "n, Esc");
	ui_text(u, foot, 1, 15, 2, ROLE_NORMAL, "no");
	stage_hit(u, u->rows - 1, 1, 6, 'y');
	stage_hit(u, u->rows - 1, 8, 17, 'n');
	if (n + 4 <= u->cols)
		wmove(foot, 0, n + 3);
}

/* ---- writing ---------------------------------------------------------------------------- */

static void question_allowed(struct ui *u, int key)
{
	stage_allow(u);
	if (u->writing && key)
		stage_key(u, key);
}

void question_writing(struct ui *u, int key)
{
	char meter[40];

	if (stage_may_allow(u))
		question_ask(u, question_allowed, key, "Writing is off. Allow it for %s?",
			     stage_meter(u, meter, sizeof(meter)));
}

/* ---- files ------------------------------------------------------------------------------ */

static void question_reported(struct ui *u, int key)
{
	(void)key;
	stage_prompt.run(u, "report");
}

void question_report(struct ui *u)
{
	char meter[40];

	/* without a meter it says so */
	if (!u->profile || u->line == LINE_NONE || ui_is_fleet(u))
		question_reported(u, 0);
	else
		question_ask(u, question_reported, 0, "Write a report on %s, a file in the current folder?",
			     stage_meter(u, meter, sizeof(meter)));
}

/* ---- what would be lost ------------------------------------------------------------------ */

/* New values that stand on the screens and have not been written. */
static size_t question_unwritten(const struct ui *u)
{
	const struct ui_loop *l = u->loop;
	size_t n = 0;

	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (l->opened[i] && l->state[i] && screen_table[i].ops->unwritten)
			n += screen_table[i].ops->unwritten(u, l->state[i]);
	return n;
}

static void question_forgotten(struct ui *u, int key)
{
	u->loop->forgets = true;
	stage_key(u, key);
	u->loop->forgets = false;
}

bool question_forget(struct ui *u, int key)
{
	size_t n = question_unwritten(u);

	if (n == 0 || u->loop->forgets)
		return true;
	question_ask(u, question_forgotten, key, n == 1 ? "%zu new value is not written. Leave this meter without it?"
		     : "%zu new values are not written. Leave this meter without them?", n);
	return false;
}

int question_lost(const struct ui *u, struct err *e)
{
	size_t n = question_unwritten(u);

	return n == 0 ? 0 : err_set(e, ERR_DENIED, n == 1 ? "%zu new value is not written (write or drop it on Settings first)"
				     : "%zu new values are not written (write or drop them on Settings first)", n);
}

static void question_leave(struct ui *u, int key)
{
	(void)key;
	stage_leave(u);
}

void question_quit(struct ui *u)
{
	size_t n = question_unwritten(u);

	/* values under way are seen through (stage_leave) */
	if (n == 0 || job_writing(&u->job))
		stage_leave(u);
	else
		question_ask(u, question_leave, 0, n == 1 ? "%zu new value is not written. Quit without it?"
			     : "%zu new values are not written. Quit without them?", n);
}
