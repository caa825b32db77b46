/*
 * help.c - the page behind `?`, made from the key tables.
 */
#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define LABEL_CELLS 9

struct page {
	const struct ui *u;
	WINDOW *w;
	int top;	/* rows scrolled away */
	int y;		/* next row of the page */
};

static int row(struct page *p)
{
	return p->y++ - p->top + 1;
}

static void heading(struct page *p, const char *text)
{
	if (p->y > 0)
		p->y++;
	ui_text(p->u, p->w, row(p), 2, p->u->cols - 4, ROLE_TITLE, "%s", text);
}

static void line(struct page *p, const char *label, const char *text)
{
	int y = row(p);

	ui_text(p->u, p->w, y, 2, LABEL_CELLS, ROLE_KEY, "%s", label);
	ui_text(p->u, p->w, y, 2 + LABEL_CELLS + 1, p->u->cols - LABEL_CELLS - 5,
		ROLE_NORMAL, "%s", text);
}

/* Without those that mean something else on S; NULL: nowhere. */
static void table(struct page *p, const struct keyrow *keys, size_t n, const struct screen_ops *s)
{
	for (size_t i = 0; i < n; i++)
		if (keys[i].label && keys[i].help
		    && (!s || keys_action(s->keys, s->nkeys, keys[i].key) == ACTION_NONE))
			line(p, keys[i].label, keys[i].help);
}

/* The key that opens screen I, wherever one is; a blank for one that has none. */
static char opener(const struct ui *u, size_t i)
{
	const struct screen *s = &screen_table[i];

	if (s->key)
		return (char)s->key;
	for (size_t k = 0; k < nkeys_global && stage_keyed(u, s); k++)
		if (keys_global[k].action == ACTION_SHOW + (int)i)
			return (char)keys_global[k].key;
	return ' ';
}

static void screens(struct page *p)
{
	for (size_t i = 0; i < SCREEN_COUNT; i++) {
		const struct screen *s = &screen_table[i];

		ui_text(p->u, p->w, row(p), 2, 14, ROLE_KEY, "%c %s", opener(p->u, i), s->name);
		ui_text(p->u, p->w, p->y - p->top, 16, p->u->cols - 18, ROLE_NORMAL, "%s", s->help);
	}
}

void help_draw(struct ui *u, WINDOW *w)
{
	const struct screen *s = stage_shown(u);
	struct page p = { .u = u, .w = w };
	int rows = getmaxy(w);

	/* composed twice: once to learn how long it is, so that scrolling stops */
	for (int pass = 0; pass < 2; pass++) {
		werase(w);
		p.y = 0;
		p.top = u->loop->help_top;
		heading(&p, s->name);
		ui_text(u, w, row(&p), 2, u->cols - 4, ROLE_NORMAL, "%s", s->help);
		table(&p, s->ops->keys, s->ops->nkeys, NULL);
		heading(&p, "Everywhere");
		table(&p, keys_global, nkeys_global, s->ops);
		heading(&p, "Screens");
		screens(&p);
		heading(&p, "Marks");
		line(&p, "▼", "power flows backwards, or a power factor below zero");
		line(&p, "--", "never read yet; dim: not fresh; err: the meter refuses it");
		if (s->ops->marks)
			line(&p, s->ops->marks, s->ops->marks_help);
		if (u->loop->help_top > p.y + 1 - rows)
			u->loop->help_top = p.y + 1 - rows;
		if (u->loop->help_top < 0)
			u->loop->help_top = 0;
	}
	if (p.y + 1 - rows > u->loop->help_top)
		ui_right(u, w, 0, u->cols - 22, 20, ROLE_DIM, "↓ more below");
}
