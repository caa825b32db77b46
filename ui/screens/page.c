#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "ui/bus/running.h"
#include "ui/draw/draw.h"
#include "ui/draw/field.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define SIDEWAYS 16
#define DROP 1000	/* lines that make room at once */

enum {
	PAGE_UP = ACTION_SCREEN, PAGE_DOWN, PAGE_PAGE_UP, PAGE_PAGE_DOWN,
	PAGE_FIRST, PAGE_LAST, PAGE_LEFT, PAGE_RIGHT, PAGE_FIND, PAGE_AGAIN, PAGE_BACKWARDS
};

static const struct keyrow keys[] = {
	{ KEY_UP, PAGE_UP, "↑ ↓", NULL, "one row" },
	{ KEY_DOWN, PAGE_DOWN, NULL, NULL, NULL },
	{ 'k', PAGE_UP, NULL, NULL, NULL },
	{ 'j', PAGE_DOWN, NULL, NULL, NULL },
	{ KEY_PPAGE, PAGE_PAGE_UP, "PgUp PgDn", NULL, "one page" },
	{ KEY_NPAGE, PAGE_PAGE_DOWN, NULL, NULL, NULL },
	{ ' ', PAGE_PAGE_DOWN, NULL, NULL, NULL },
	{ KEY_HOME, PAGE_FIRST, "Home End", NULL, "first and last; at the last, new lines stay in sight" },
	{ KEY_END, PAGE_LAST, NULL, NULL, NULL },
	{ 'g', PAGE_FIRST, NULL, NULL, NULL },
	{ 'G', PAGE_LAST, NULL, NULL, NULL },
	{ KEY_LEFT, PAGE_LEFT, "← →", NULL, "sideways" },
	{ KEY_RIGHT, PAGE_RIGHT, NULL, NULL, NULL },
	{ '/', PAGE_FIND, "/", NULL, "find lines with this text" },
	{ 'n', PAGE_AGAIN, "n N", NULL, "find the next line, the one before" },
	{ 'N', PAGE_BACKWARDS, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct page {
	char title[128], how[64];
	char **line;
	int n, room, top, left;
	bool open_line;		/* the last line has not ended yet */
	bool follow;
	char question[200];
	struct field find;
	bool finding;
	int from;		/* line that was the first in sight */
	int found;		/* line; -1: none */
};

static void page_clear(struct page *s)
{
	for (int i = 0; i < s->n; i++)
		free(s->line[i]);
	free(s->line);
	*s = (struct page){ .found = -1 };
}

static void *page_open(struct ui *u)
{
	struct page *s = calloc(1, sizeof(*s));

	(void)u;
	if (s)
		s->found = -1;
	return s;
}

static void page_close(void *state)
{
	if (state)
		page_clear(state);
	free(state);
}

/* ---- text ---------------------------------------------------------------------- */

static int page_rows(const struct ui *u)
{
	return u->rows - STAGE_HEAD - STAGE_FOOT - 1;
}

/* The oldest lines go, and what is in sight stays there. */
static void page_drop(struct page *s)
{
	for (int i = 0; i < DROP; i++)
		free(s->line[i]);
	s->n -= DROP;
	memmove(s->line, s->line + DROP, (size_t)s->n * sizeof(*s->line));
	s->top -= DROP;
	s->found = s->found >= DROP ? s->found - DROP : -1;
}

/* N bytes without a line end, behind the last line or as a new one. */
static void page_put(struct page *s, const char *text, size_t n)
{
	char *was = s->open_line ? s->line[s->n - 1] : NULL, *now;
	size_t len = was ? strlen(was) : 0;

	if (!was && s->n == PAGE_LINES_MAX)
		page_drop(s);
	if (!was && s->n == s->room) {
		int room = s->room ? 2 * s->room : 64;
		char **more = realloc(s->line, (size_t)room * sizeof(*more));

		if (!more)
			return;
		s->line = more;
		s->room = room;
	}
	now = realloc(was, len + n + 1);
	if (!now)
		return;
	for (size_t i = 0; i < n; i++)
		if (text[i] != '\r' && text[i] != '\0')
			now[len++] = text[i];
	now[len] = '\0';
	if (was)
		s->line[s->n - 1] = now;
	else
		s->line[s->n++] = now;
	s->open_line = true;
}

static void page_settle(const struct ui *u, struct page *s)
{
	int rows = page_rows(u) - (s->question[0] != '\0');

	if (s->follow || s->top > s->n - rows)
		s->top = s->n - rows;
	if (s->top < 0)
		s->top = 0;
	if (s->left < 0)
		s->left = 0;
}

void page_append(struct ui *u, const char *text, size_t n)
{
	struct page *s = stage_state(u, &screen_output);

	for (size_t at = 0; s && at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;

		page_put(s, text + at, len);
		if (end)
			s->open_line = false;
		at += len + (end != NULL);
	}
	u->dirty = true;
}

void page_begin(struct ui *u, const char *title, bool follow)
{
	struct page *s = stage_state(u, &screen_output);

	if (!s)
		return;
	page_clear(s);
	snprintf(s->title, sizeof(s->title), "%s", title);
	s->follow = follow;
	stage_show(u, &screen_output);
}

void page_show(struct ui *u, const char *title, const char *text)
{
	page_begin(u, title, false);
	page_append(u, text, strlen(text));
}

void page_ask(struct ui *u, const char *question)
{
	struct page *s = stage_state(u, &screen_output);

	if (!s || strcmp(s->question, question) == 0)
		return;
	snprintf(s->question, sizeof(s->question), "%s", question);
	/* what is asked about stands above it */
	if (*question) {
		s->top = s->n;
		s->finding = false;
		stage_show(u, &screen_output);
	}
	u->dirty = true;
}

void page_end(struct ui *u, const char *how)
{
	struct page *s = stage_state(u, &screen_output);

	if (!s)
		return;
	snprintf(s->how, sizeof(s->how), "%s", how);
	s->question[0] = '\0';
	u->dirty = true;
}

/* ---- finding --------------------------------------------------------------------- */

/* Goes to the next line with the text from line FROM on, round the end. */
static bool page_find(const struct ui *u, struct page *s, int from, int step)
{
	for (int i = 0; i < s->n; i++) {
		int at = ((from + i * step) % s->n + s->n) % s->n;

		if (!ascii_casestr(s->line[at], s->find.text))
			continue;
		s->found = at;
		s->follow = false;
		if (at < s->top || at >= s->top + page_rows(u))
			s->top = at - page_rows(u) / 2;
		return true;
	}
	s->found = -1;
	return false;
}

static bool page_find_key(struct ui *u, struct page *s, int key)
{
	switch (key) {
	case '\r':
	case '\n':
	case KEY_ENTER:
		s->finding = false;
		if (s->find.text[0] && s->found < 0)
			ui_say(u, "'%s' is in no line", s->find.text);
		break;
	case 27:
		s->finding = false;
		s->found = -1;
		s->top = s->from;
		break;
	default:
		if (field_key(&s->find, key) && s->find.text[0])
			page_find(u, s, s->from, 1);
	}
	return true;
}

static void page_again(struct ui *u, struct page *s, int step)
{
	if (!s->find.text[0])
		ui_say(u, "nothing to find yet: press / first");
	else if (!page_find(u, s, s->found < 0 ? s->top : s->found + step, step))
		ui_say(u, "'%s' is in no line", s->find.text);
}

/* ---- keys ------------------------------------------------------------------------ */

/* The command waits: nothing else is taken. */
static bool page_answer_key(struct ui *u, int key)
{
	if (key == 'y' || key == 'Y')
		running_answer(u->loop->running, true);
	else if (key == 'n' || key == 'N' || key == 27)
		running_answer(u->loop->running, false);
	else
		return key != ':' && key != '?';
	page_ask(u, "");
	return true;
}

static bool page_key(struct ui *u, void *state, int key)
{
	struct page *s = state;
	int page = page_rows(u) - 1;

	if (!s)
		return false;
	if (s->finding)
		return page_find_key(u, s, key);
	if (s->question[0] && u->loop->running)
		return page_answer_key(u, key);
	if (key == 27 && u->loop->running) {
		running_cancel(u->loop->running);
		ui_say(u, "ending it ...");
		return true;
	}
	switch (keys_action(keys, NKEYS, key)) {
	case PAGE_UP:		s->top--; break;
	case PAGE_DOWN:		s->top++; break;
	case PAGE_PAGE_UP:	s->top -= page; break;
	case PAGE_PAGE_DOWN:	s->top += page; break;
	case PAGE_FIRST:	s->top = 0; break;
	case PAGE_LAST:		s->top = s->n; break;
	case PAGE_LEFT:		s->left -= SIDEWAYS; return page_settle(u, s), true;
	case PAGE_RIGHT:	s->left += SIDEWAYS; return true;
	case PAGE_AGAIN:	page_again(u, s, 1); return true;
	case PAGE_BACKWARDS:	page_again(u, s, -1); return true;
	case PAGE_FIND:
		s->finding = true;
		s->from = s->top;
		field_set(&s->find, "");
		return true;
	default:
		return false;
	}
	s->follow = u->loop->running && s->top + page_rows(u) >= s->n;
	page_settle(u, s);
	return true;
}

static const struct keyrow page_answer_keys[] = {
	{ 'y', ACTION_NONE, "y", "yes", NULL },
	{ 'n', ACTION_NONE, "n, Esc", "no", NULL },
};

static const struct keyrow *page_mode(const struct ui *u, const void *state, size_t *n)
{
	const struct page *s = state;

	if (s->finding) {
		*n = nkeys_find;
		return keys_find;
	}
	*n = sizeof(page_answer_keys) / sizeof(page_answer_keys[0]);
	return s->question[0] && u->loop->running ? page_answer_keys : NULL;
}

/* ---- drawing --------------------------------------------------------------------- */

/* LINE without its first CELLS. */
static const char *behind(const char *line, int cells)
{
	while (cells > 0 && *line) {
		line++;
		while (((unsigned char)*line & 0xC0) == 0x80)
			line++;
		cells--;
	}
	return line;
}

static void page_draw_title(const struct ui *u, WINDOW *w, const struct page *s, int rows)
{
	int x = u->cols - 1;
	char text[64];

	if (s->finding) {
		ui_text(u, w, 0, 1, 5, ROLE_TITLE, "find:");
		field_draw(u, w, 0, 7, 28, &s->find, true);
		ui_text(u, w, 0, 37, u->cols - 38, ROLE_DIM, s->find.text[0] && s->found < 0 ? "in no line"
			: "Enter keeps, n and N go on");
		return;
	}
	if (s->n > rows) {
		snprintf(text, sizeof(text), "%d to %d of %d", s->top + 1,
			 s->top + rows < s->n ? s->top + rows : s->n, s->n);
		x -= draw_width(text);
		ui_text(u, w, 0, x, u->cols - 1 - x, ROLE_DIM, "%s", text);
		x -= 2;
	}
	snprintf(text, sizeof(text), "%s", u->loop->running ? "running, Esc ends it" : s->how);
	if (*text) {
		x -= draw_width(text);
		ui_text(u, w, 0, x, draw_width(text), u->loop->running ? ROLE_WARN : ROLE_DIM, "%s", text);
		x -= 2;
	}
	ui_text(u, w, 0, 1, x - 1, ROLE_TITLE, "%s", s->title);
}

static void page_draw(struct ui *u, void *state, WINDOW *w)
{
	struct page *s = state;
	int rows = getmaxy(w) - 1;

	if (!s || (s->n == 0 && !s->title[0])) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing to show");
		return;
	}
	page_settle(u, s);
	rows -= s->question[0] != '\0';
	page_draw_title(u, w, s, rows);
	if (s->n == 0 && !s->question[0])
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM,
			u->loop->running ? "nothing printed yet" : "it has ended, and printed nothing");
	for (int i = 0; i < rows && s->top + i < s->n; i++)
		ui_text(u, w, 1 + i, 1, u->cols - 2, s->top + i == s->found ? ROLE_SELECTED : ROLE_NORMAL,
			"%s", behind(s->line[s->top + i], s->left));
	if (s->question[0])
		ui_text(u, w, rows + 1, 1, u->cols - 2, ROLE_ARMED, " %s  y: yes   n, Esc: no ", s->question);
}

const struct screen_ops screen_output = {
	.open = page_open,
	.close = page_close,
	.draw = page_draw,
	.key_press = page_key,
	.mode = page_mode,
	.keys = keys,
	.nkeys = NKEYS,
};
