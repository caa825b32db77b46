#include "list.h"

#include <string.h>

#include "base/ascii.h"
#include "draw.h"

#define ESC 27

static bool find_shown;	/* there is one terminal */

bool list_find_shown(void)
{
	return find_shown;
}

void list_find_none(void)
{
	find_shown = false;
}

void list_init(struct list *l, const struct list_ops *ops, const void *of, int y)
{
	*l = (struct list){ .ops = ops, .of = of, .y = y, .height = 1 };
}

static int list_clamp(int v, int most)
{
	return v > most ? (most < 0 ? 0 : most) : v < 0 ? 0 : v;
}

/* Keeps the chosen row in sight, and remembers what it is of. */
static void list_settle(const struct ui *u, struct list *l)
{
	l->at = list_clamp(l->at, l->n - 1);
	if (l->top > l->at)
		l->top = l->at;
	if (l->top < l->at - l->height + 1)
		l->top = l->at - l->height + 1;
	l->top = list_clamp(l->top, l->n - l->height);
	if (l->ops->item && l->n > 0)
		l->item = l->ops->item(u, l->of, l->at);
}

/* The cursor follows its item. */
static void list_follow(const struct ui *u, struct list *l)
{
	if (!l->ops->item || l->n == 0 || (l->ops->first_stays && l->at == 0)
	    || (l->at < l->n && l->ops->item(u, l->of, l->at) == l->item))
		return;
	for (int i = 0; i < l->n; i++)
		if (l->ops->item(u, l->of, i) == l->item) {
			l->at = i;
			return;
		}
}

void list_fit(const struct ui *u, struct list *l, int n, int height)
{
	bool known = l->n > 0;

	l->n = n;
	l->height = height < 1 ? 1 : height;
	if (known)
		list_follow(u, l);
	list_settle(u, l);
}

void list_go(const struct ui *u, struct list *l, int to)
{
	l->at = list_clamp(to, l->n - 1);
	list_settle(u, l);
}

/* One that scrolls moves what is in sight, and its end stays at the lower edge. */
static void list_move(const struct ui *u, struct list *l, int by)
{
	if (l->ops->scrolls) {
		l->top = list_clamp(l->top + by, l->n - l->height);
		l->at = l->top;
	}
	list_go(u, l, l->ops->scrolls ? l->at : l->at + by);
}

static void list_page(const struct ui *u, struct list *l, int by)
{
	/* what is in sight moves as far as the cursor, which so stays where one looks */
	if (!l->ops->scrolls && !l->ops->creeps)
		l->top += by;
	list_move(u, l, by);
}

/* ---- finding -------------------------------------------------------------- */

/* Goes to the next row from FROM on, round the end, that HAS what was typed. */
static bool list_find(const struct ui *u, struct list *l, int from, int step,
		      bool (*has)(const struct ui *u, const void *of, int row, const char *text))
{
	for (int i = 0; i < l->n; i++) {
		int row = ((from + i * step) % l->n + l->n) % l->n;

		if (!has(u, l->of, row, l->find.text))
			continue;
		l->at = row;
		/* from afar into the middle, so that its neighbours are seen too */
		if (row < l->top - l->height / 2 || row >= l->top + l->height + l->height / 2)
			l->top = row - l->height / 2;
		list_settle(u, l);
		return true;
	}
	return false;
}

static void list_find_key(const struct ui *u, struct list *l, int key)
{
	int step = key == KEY_UP ? -1 : 1;

	switch (key) {
	case '\r':
	case '\n':
	case KEY_ENTER:
		l->finding = false;
		break;
	case ESC:
		l->finding = false;
		list_go(u, l, l->from);
		break;
	case KEY_UP:
	case KEY_DOWN:
		if (l->find.text[0])
			list_find(u, l, l->at + step, step, l->ops->has);
		break;
	default:
		if (field_key(&l->find, key) && l->find.text[0]
		    && !(l->ops->named && list_find(u, l, l->from, 1, l->ops->named)))
			list_find(u, l, l->from, 1, l->ops->has);
	}
}

static void list_again(struct ui *u, struct list *l, int step)
{
	if (!l->find.text[0])
		ui_say(u, "nothing to find yet: press / first");
	else if (!list_find(u, l, l->at + step, step, l->ops->has))
		ui_say(u, "'%s' is in %s", l->find.text, l->ops->nowhere);
}

static bool list_find_start(struct ui *u, struct list *l, int key)
{
	if (!l->ops->has)
		return false;
	if (key != '/') {
		list_again(u, l, key == 'n' ? 1 : -1);
		return true;
	}
	l->finding = true;
	l->from = l->at;
	field_set(&l->find, "");
	return true;
}

bool list_point_has(const struct ui *u, uint16_t idx, const char *text)
{
	const struct point *p = &u->profile->points[idx];

	return ascii_casestr(p->key, text) || ascii_casestr(p->name, text);
}

bool list_point_named(const struct ui *u, uint16_t idx, const char *text)
{
	const char *key = u->profile->points[idx].key, *step = strrchr(key, '.');

	return ascii_casecmp(step ? step + 1 : key, text) == 0;
}

void list_draw_find(const struct ui *u, WINDOW *w, int y, const struct list *l)
{
	bool lost = l->find.text[0] && l->n > 0 && !l->ops->has(u, l->of, l->at, l->find.text);

	if (!l->finding)
		return;
	find_shown = true;
	wmove(w, y, 0);
	wclrtoeol(w);
	ui_text(u, w, y, 1, 5, ROLE_TITLE, "find:");
	field_draw(u, w, y, 7, 28, &l->find, true);
	if (lost)
		ui_text(u, w, y, 37, u->cols - 38, ROLE_DIM, "in %s", l->ops->nowhere);
}

/* ---- keys ----------------------------------------------------------------- */

static bool list_click(const struct ui *u, struct list *l, int key)
{
	int row = l->top + KEY_CLICK_Y(key) - l->y, x = KEY_CLICK_X(key) - l->x;

	if (KEY_CLICK_Y(key) < l->y || row >= l->n || row >= l->top + l->height || x < 0
	    || (l->width > 0 && x >= l->width) || l->ops->scrolls)
		return false;
	list_go(u, l, row);
	return true;
}

bool list_key(struct ui *u, struct list *l, int key)
{
	if (l->finding) {
		list_find_key(u, l, key);
		return true;
	}
	if (l->n == 0)
		return false;
	switch (key) {
	case KEY_UP:
	case 'k':
		list_move(u, l, -1);
		return true;
	case KEY_DOWN:
	case 'j':
		list_move(u, l, 1);
		return true;
	case KEY_PPAGE:
		list_page(u, l, -l->height);
		return true;
	case KEY_NPAGE:
	case ' ':
		list_page(u, l, l->height);
		return true;
	case KEY_HOME:
	case 'g':
		list_move(u, l, -l->n);
		return true;
	case KEY_END:
	case 'G':
		list_move(u, l, l->n);
		return true;
	case '/':
	case 'n':
	case 'N':
		return list_find_start(u, l, key);
	default:
		return key >= KEY_CLICK(0, 0) && list_click(u, l, key);
	}
}
