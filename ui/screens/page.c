#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define SIDEWAYS 16

enum {
	PAGE_UP = ACTION_SCREEN, PAGE_DOWN, PAGE_PAGE_UP, PAGE_PAGE_DOWN,
	PAGE_FIRST, PAGE_LAST, PAGE_LEFT, PAGE_RIGHT
};

static const struct keyrow keys[] = {
	{ KEY_UP, PAGE_UP, "↑ ↓", NULL, "one row" },
	{ KEY_DOWN, PAGE_DOWN, NULL, NULL, NULL },
	{ 'k', PAGE_UP, NULL, NULL, NULL },
	{ 'j', PAGE_DOWN, NULL, NULL, NULL },
	{ KEY_PPAGE, PAGE_PAGE_UP, "PgUp PgDn", NULL, "one page" },
	{ KEY_NPAGE, PAGE_PAGE_DOWN, NULL, NULL, NULL },
	{ ' ', PAGE_PAGE_DOWN, NULL, NULL, NULL },
	{ KEY_HOME, PAGE_FIRST, "Home End", NULL, "first and last" },
	{ KEY_END, PAGE_LAST, NULL, NULL, NULL },
	{ KEY_LEFT, PAGE_LEFT, "← →", NULL, "sideways" },
	{ KEY_RIGHT, PAGE_RIGHT, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct page {
	char title[128];
	char *text;		/* its line ends are NUL */
	char **line;
	int n, top, left;
};

static void page_clear(struct page *s)
{
	free(s->text);
	free(s->line);
	*s = (struct page){ .title = "" };
}

static void *page_open(struct ui *u)
{
	(void)u;
	return calloc(1, sizeof(struct page));
}

static void page_close(void *state)
{
	if (state)
		page_clear(state);
	free(state);
}

void page_show(struct ui *u, const char *title, const char *text)
{
	struct page *s = stage_state(u, &screen_page);
	int n = 1;

	if (!s)
		return;
	page_clear(s);
	snprintf(s->title, sizeof(s->title), "%s", title);
	for (const char *c = text; *c; c++)
		n += *c == '\n';
	s->text = strdup(text);
	s->line = calloc((size_t)n, sizeof(*s->line));
	for (char *at = s->text, *next; s->line && at && *at; at = next) {
		s->line[s->n++] = at;
		next = at + strcspn(at, "\n");
		if (*next)
			*next++ = '\0';
	}
	stage_show(u, &screen_page);
}

static void page_settle(const struct ui *u, struct page *s)
{
	int rows = u->rows - STAGE_HEAD - STAGE_FOOT - 1;

	if (s->top > s->n - rows)
		s->top = s->n - rows;
	if (s->top < 0)
		s->top = 0;
	if (s->left < 0)
		s->left = 0;
}

static bool page_key(struct ui *u, void *state, int key)
{
	struct page *s = state;
	int page = u->rows - STAGE_HEAD - STAGE_FOOT - 2;

	if (!s)
		return false;
	switch (keys_action(keys, NKEYS, key)) {
	case PAGE_UP:		s->top--; break;
	case PAGE_DOWN:		s->top++; break;
	case PAGE_PAGE_UP:	s->top -= page; break;
	case PAGE_PAGE_DOWN:	s->top += page; break;
	case PAGE_FIRST:	s->top = 0; break;
	case PAGE_LAST:		s->top = s->n; break;
	case PAGE_LEFT:		s->left -= SIDEWAYS; break;
	case PAGE_RIGHT:	s->left += SIDEWAYS; break;
	default:
		return false;
	}
	page_settle(u, s);
	return true;
}

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

static void page_draw(struct ui *u, void *state, WINDOW *w)
{
	struct page *s = state;
	int rows = getmaxy(w) - 1;

	if (!s || s->n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "nothing to show");
		return;
	}
	page_settle(u, s);
	ui_text(u, w, 0, 1, u->cols - 24, ROLE_TITLE, "%s", s->title);
	if (s->n > rows)
		ui_right(u, w, 0, u->cols - 22, 21, ROLE_DIM, "%d to %d of %d", s->top + 1,
			 s->top + rows < s->n ? s->top + rows : s->n, s->n);
	for (int i = 0; i < rows && s->top + i < s->n; i++)
		ui_text(u, w, 1 + i, 1, u->cols - 2, ROLE_NORMAL, "%s",
			behind(s->line[s->top + i], s->left));
}

const struct screen_ops screen_page = {
	.open = page_open,
	.close = page_close,
	.draw = page_draw,
	.key_press = page_key,
	.keys = keys,
	.nkeys = NKEYS,
};
