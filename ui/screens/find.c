/*
 * find.c - meters found on serial lines and behind gateways: what is tried, how far it is, and
 * those that have replied, to connect to.
 */
#include "find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "cmd/scan.h"
#include "ui/bus/search.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define LINES_SHOWN 4		/* at 24 rows */
#define DETAIL 4		/* rows below the list */
#define LINE_AT 34		/* cells */

struct find_state {
	struct search *search;	/* under way, or the last one; NULL: none yet */
	bool stopped;		/* by the person */
	bool over;		/* ... has been seen to have ended */
	bool asking;		/* another master is on a line: y goes on beside it */
	struct list list;	/* of the meters */
};

/* ---- what there is ---------------------------------------------------------------------- */

static bool find_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct search_meter *m = &((const struct find_state *)of)->search->meters[row];

	(void)u;
	return ascii_casestr(m->target.text, text) || ascii_casestr(m->model, text) || ascii_casestr(m->id, text)
	    || ascii_casestr(m->reply, text);
}

static const struct list_ops find_list = { .has = find_has, .nowhere = "none of these" };

static bool find_runs(const struct find_state *s)
{
	return s->search && !s->search->ended;
}

/* Does another master keep it from a line? */
static bool find_kept_from(const struct find_state *s)
{
	for (size_t i = 0; i < s->search->nlines; i++)
		if (s->search->lines[i].master)
			return true;
	return false;
}

static const char *find_name(const struct search_line *l, char *buf, size_t size)
{
	const struct finder_line named = { .target = l->target };

	return scan_line_name(&named, buf, size);
}

/* Rows that the lines take. */
static int find_line_rows(const struct ui *u, const struct find_state *s)
{
	size_t most = (size_t)(u->rows > 30 ? 2 * LINES_SHOWN : LINES_SHOWN);

	return s->search ? (int)(s->search->nlines < most ? s->search->nlines : most) : 0;
}

static void find_fit(const struct ui *u, struct find_state *s)
{
	int head = 1 + find_line_rows(u, s) + 2;

	s->list.y = head;
	list_fit(u, &s->list, s->search ? (int)s->search->n : 0, u->rows - STAGE_HEAD - STAGE_FOOT - head - DETAIL);
}

/* ---- a search ------------------------------------------------------------------------------- */

static struct search *find_start(struct ui *u, char **words, int n, bool intrude, struct err *e)
{
	const struct stage_hooks *h = &u->loop->hooks;
	const struct search_opts o = {
		.app = h->app, .profile = u->loop->profile, .bus = h->place.bus, .words = words, .nwords = n, .intrude = intrude,
	};

	return h->search ? h->search(&o, e) : search_new(&o, e);
}

int find_begin(struct ui *u, const char *target, struct err *e)
{
	struct find_state *s = stage_state(u, &screen_find);
	char *words[] = { (char *)target };
	struct search *next;

	if (!s)
		return err_set(e, ERR_NO, "out of memory");
	next = find_start(u, words, target ? 1 : 0, false, e);
	if (!next)
		return -1;
	search_free(s->search);
	s->search = next;
	s->stopped = s->over = s->asking = false;
	s->list.at = 0;
	stage_show(u, &screen_find);
	return 0;
}

/* Once more on the lines where another master speaks, beside it; what was found stays. */
static void find_intrude(struct ui *u, struct find_state *s)
{
	struct search *before = s->search, *next;
	char **words = calloc(before->nlines, sizeof(*words));
	struct err e = { 0 };
	int n = 0;

	for (size_t i = 0; words && i < before->nlines; i++)
		if (before->lines[i].master)
			words[n++] = before->lines[i].target.text;
	next = words ? find_start(u, words, n, true, &e) : NULL;
	free(words);
	if (!next) {
		ui_say(u, "%s", *e.text ? e.text : "out of memory");
		return;
	}
	next->meters = before->meters;
	next->n = before->n;
	before->meters = NULL;
	before->n = 0;
	search_free(before);
	s->search = next;
	s->over = false;
}

const struct search_meter *find_meter(struct ui *u, size_t i)
{
	const struct find_state *s = stage_state(u, &screen_find);

	return s && s->search && i < s->search->n ? &s->search->meters[i] : NULL;
}

/* The profile of an identified meter, or that of the screens. */
static void find_connect(struct ui *u, struct find_state *s)
{
	const struct search_meter *m;
	struct err e = { 0 };
	char profile[sizeof(m->profile)];
	struct target t;

	find_fit(u, s);
	if (s->list.n == 0 || !question_forget(u, '\r'))
		return;
	m = &s->search->meters[s->list.at];
	t = m->target;
	snprintf(profile, sizeof(profile), "%s", m->profile);
	search_cancel(s->search);
	if (u->loop->hooks.connect(u, &t, *profile ? profile : u->loop->profile, &e) == 0)
		stage_home(u);
	else
		ui_say(u, "%s", e.text);
}

static void find_stop(struct find_state *s)
{
	if (!find_runs(s))
		return;
	s->stopped = true;
	search_cancel(s->search);
}

/* ---- drawing ----------------------------------------------------------------------------- */

/* "/dev/ttyUSB0             42 %  9600 8E1 unit 7, slow       2 found   0:31 left" */
static void find_draw_line(const struct ui *u, WINDOW *w, int y, const struct search_line *l)
{
	unsigned percent = l->over && !l->err.code ? 100 : l->all ? (unsigned)(100 * l->done / l->all) : 0;
	char name[300], left[24];

	ui_text(u, w, y, 1, 23, ROLE_NORMAL, "%s", find_name(l, name, sizeof(name)));
	ui_right(u, w, y, 24, 6, ROLE_NORMAL, "%u %%", percent);
	if (l->over && l->err.code && l->err.code != ERR_INTERRUPTED) {
		ui_text(u, w, y, 32, u->cols - 33, ROLE_WARN, "%s", l->master ? "another master is on the line" : l->err.text);
		return;
	}
	if (l->over)
		ui_text(u, w, y, 32, 26, ROLE_DIM, "%s", l->err.code ? "stopped" : "done");
	else if (!l->begun)
		ui_text(u, w, y, 32, 26, ROLE_NORMAL, "listening first");
	else if (l->probe.unit == 0)
		ui_text(u, w, y, 32, 26, ROLE_NORMAL, "%s all units", l->setting);
	else
		ui_text(u, w, y, 32, 26, ROLE_NORMAL, "%s unit %u%s", l->setting, l->probe.unit, l->probe.patient ? ", slow" : "");
	ui_right(u, w, y, 58, 8, ROLE_NORMAL, "%zu found", l->found);
	if (!l->over)
		ui_right(u, w, y, 66, 13, ROLE_NORMAL, "%s left", scan_time(l->left_us, left, sizeof(left)));
}

/* The longest of them; what is over has none. */
static int64_t find_left_us(const struct search *s)
{
	int64_t most = 0;

	for (size_t i = 0; i < s->nlines; i++)
		if (!s->lines[i].over && s->lines[i].left_us > most)
			most = s->lines[i].left_us;
	return most;
}

static void find_draw_title(const struct ui *u, WINDOW *w, const struct find_state *s)
{
	const struct search *f = s->search;
	char left[24];

	if (!f->ended && s->stopped)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "stopping ...");
	else if (!f->ended && f->nlines == 0)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "looking for lines ...");
	else if (!f->ended)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "searching %zu line%s, at most %s left while nothing is found",
			f->nlines, f->nlines == 1 ? "" : "s", scan_time(find_left_us(f), left, sizeof(left)));
	else if (s->stopped || f->err.code == ERR_INTERRUPTED)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, "stopped: %zu found so far", f->n);
	else if (f->err.code)
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_WARN, "%s", f->err.text);
	else
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_TITLE, "done: %zu meter%s found", f->n, f->n == 1 ? "" : "s");
}

/* Those under way first, where there is no room for all. */
static void find_draw_lines(const struct ui *u, WINDOW *w, const struct find_state *s)
{
	const struct search *f = s->search;
	int rows = find_line_rows(u, s), y = 1;

	for (int over = 0; over < 2; over++)
		for (size_t i = 0; i < f->nlines && y <= rows; i++)
			if ((size_t)rows == f->nlines ? !over : f->lines[i].over == (over == 1))
				find_draw_line(u, w, y++, &f->lines[i]);
	ui_rule(u, w, y, 0, u->cols);
}

/* The whole target of the one chosen is below. */
static void find_draw_meter(const struct ui *u, WINDOW *w, int y, const struct search_meter *m, bool here)
{
	const struct search_line line = { .target = m->target };
	int serial = u->cols > 100 ? 16 : 0, ms = u->cols - 22 - serial;
	char name[300], setting[24] = "";

	if (target_is_serial(&m->target))
		target_line(&m->target, setting, sizeof(setting));
	if (here)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 3, 13, here ? ROLE_SELECTED : ROLE_NORMAL, "%s", *m->model ? m->model : "not known");
	ui_right(u, w, y, 17, 4, ROLE_NORMAL, "%d", m->target.unit);
	ui_text(u, w, y, 23, 10, ROLE_NORMAL, "%s", setting);
	ui_text(u, w, y, LINE_AT, ms - LINE_AT - 1, ROLE_NORMAL, "%s", find_name(&line, name, sizeof(name)));
	if (serial)
		ui_text(u, w, y, ms, serial - 1, ROLE_DIM, "%s", m->id);
	ui_right(u, w, y, ms + serial, 10, ROLE_NORMAL, "%.1f ms", m->latency_ms);
	if (m->doubled)
		ui_text(u, w, y, u->cols - 10, 9, ROLE_WARN, "▲ doubled");
}

/* What a person should know while there is no meter to look at: why a line cannot be searched. */
static const char *find_remark(const struct search *f)
{
	for (size_t i = 0; i < f->nlines; i++)
		if (f->lines[i].err.code && f->lines[i].err.code != ERR_INTERRUPTED && !f->lines[i].master)
			return f->lines[i].err.text;
	return f->ended && f->err.code && f->err.code != ERR_INTERRUPTED ? f->err.text : f->said;
}

static void find_draw_detail(const struct ui *u, WINDOW *w, int y, const struct search_meter *m)
{
	int width = u->cols - 2;

	ui_rule(u, w, y++, 0, u->cols);
	ui_text(u, w, y++, 1, width, ROLE_TITLE, "%s", m->target.text);
	if (*m->id)
		ui_text(u, w, y, 1, width, ROLE_NORMAL, "serial %s, profile %s", m->id, m->profile);
	else if (*m->profile)
		ui_text(u, w, y, 1, width, ROLE_NORMAL, "profile %s", m->profile);
	else
		ui_text(u, w, y, 1, width, ROLE_WARN, "no profile fits: connects as %s", u->loop->profile);
	ui_text(u, w, ++y, 1, width, ROLE_DIM, "replied %s", m->reply);
	if (m->doubled)
		ui_text(u, w, y, 1, width, ROLE_WARN, "▲ two meters have this address (give one of them another, alone on the line)");
	else if (m->any_unit)
		ui_text(u, w, y, 1, width, ROLE_DIM, "it replies to every unit address, and is listed once");
}

static void find_draw_question(const struct ui *u, WINDOW *w)
{
	int y = getmaxy(w) - 1;

	wmove(w, y, 0);
	wclrtoeol(w);
	ui_text(u, w, y, 1, u->cols - 2, ROLE_ARMED, " another master is on the line. y: search beside it   n, Esc: leave it alone ");
}

static void find_draw(struct ui *u, void *state, WINDOW *w)
{
	struct find_state *s = state;
	const struct list *l;

	if (!s || !s->search) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing was searched yet: f on Connect begins");
		return;
	}
	find_fit(u, s);
	l = &s->list;
	find_draw_title(u, w, s);
	find_draw_lines(u, w, s);
	if (l->n == 0)
		ui_text(u, w, l->y - 1, 3, u->cols - 4, ROLE_DIM, "%s", find_runs(s) ? "no meter has replied yet"
			: "no meter found (check power, wires A and B (try them swapped))");
	else
		ui_text(u, w, l->y - 1, 3, u->cols - 4, ROLE_LABEL, "Model         Unit  Setting    Line");
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		find_draw_meter(u, w, l->y + i, &s->search->meters[l->top + i], l->top + i == l->at);
	if (l->n > 0)
		find_draw_detail(u, w, getmaxy(w) - DETAIL, &s->search->meters[l->at]);
	else
		ui_wrap(u, w, getmaxy(w) - DETAIL, 1, u->cols - 2, DETAIL, ROLE_WARN, find_remark(s->search));
	list_draw_find(u, w, l->y - 1, l);
	if (s->asking)
		find_draw_question(u, w);
}

/* ---- keys --------------------------------------------------------------------------------- */

enum { FIND_GO = ACTION_SCREEN };

static const struct keyrow keys[] = {
	{ '\r', FIND_GO, "Enter", "connect", "connect to the meter chosen; ends the search" },
	{ '\n', FIND_GO, NULL, NULL, NULL },
	{ KEY_ENTER, FIND_GO, NULL, NULL, NULL },
	{ 27, ACTION_NONE, "Esc", "stop, back", "stop the search; when it has ended, back" },
	LIST_KEYS,
	LIST_FIND_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* The question takes every key but those that lead nowhere. */
static bool find_answer(struct ui *u, struct find_state *s, int key)
{
	if (key == ':' || key == '?')
		return false;
	if (key != 'y' && key != 'Y' && key != 'n' && key != 'N' && key != 27)
		return true;
	s->asking = false;
	if (key == 'y' || key == 'Y')
		find_intrude(u, s);
	return true;
}

static bool find_key(struct ui *u, void *state, int key)
{
	struct find_state *s = state;

	if (!s || !s->search)
		return false;
	if (s->asking)
		return find_answer(u, s, key);
	find_fit(u, s);
	if (s->list.finding)
		return list_key(u, &s->list, key);
	if (key == 27 && find_runs(s)) {
		find_stop(s);
		return true;
	}
	if (keys_action(keys, NKEYS, key) == FIND_GO) {
		find_connect(u, s);
		return true;
	}
	return list_key(u, &s->list, key);
}

/* ---- its thread ------------------------------------------------------------------------------- */

static int find_fd(const void *state)
{
	const struct find_state *s = state;

	return s->search ? search_fd(s->search) : -1;
}

static void find_take(struct ui *u, void *state)
{
	struct find_state *s = state;

	(void)u;
	search_take(s->search);
	if (!s->search->ended || s->over)
		return;
	s->over = true;
	s->asking = !s->stopped && find_kept_from(s);
}

static void find_left(struct ui *u, void *state)
{
	(void)u;
	find_stop(state);
}

static void *find_open(struct ui *u)
{
	struct find_state *s = calloc(1, sizeof(*s));

	(void)u;
	if (s)
		list_init(&s->list, &find_list, s, 0);
	return s;
}

static void find_close(void *state)
{
	struct find_state *s = state;

	if (s)
		search_free(s->search);
	free(s);
}

const struct screen_ops screen_find = {
	.open = find_open,
	.close = find_close,
	.draw = find_draw,
	.key_press = find_key,
	.left = find_left,
	.fd = find_fd,
	.take = find_take,
	.keys = keys,
	.nkeys = NKEYS,
};
