#include "items.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "profile/codec.h"
#include "ui/draw/draw.h"
#include "upload_support.h"

#define HEAD 3			/* what this is, and the headings */
#define DETAIL_ROWS 4		/* rule and three lines below the list */

/* Cells. */
enum { NAME_X = 1, NAME_CELLS = 10, VALUE_X = 12, VALUE_CELLS = 11, UNIT_X = 24, UNIT_CELLS = 7,
       AGE_X = 31, AGE_CELLS = 7, FROM_X = 39, FROM_CELLS = 11, KEY_X = 51, KEY_CELLS = 29 };

/* The reading that ITEM has brought, or NULL. */
static const struct reading *reading_of(const struct ui *u, const struct dialect_item *item,
					const struct point **p)
{
	const struct reading *r = item->key ? ui_reading(u, item->key, p) : NULL;

	return r && r->item == item && r->quality != QUALITY_NEVER ? r : NULL;
}

static const struct ui_said *said_of(const struct ui *u, const struct dialect_item *item)
{
	for (size_t i = 0; i < u->nsaid; i++)
		if (u->said[i].item == item)
			return &u->said[i];
	return NULL;
}

static int items_collect(const struct ui *u, struct item_row *rows)
{
	const struct dialect *mine = support_dialect(u);
	const struct point *p;
	int n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t d = 0; dialect_table[d]; d++) {
			const struct dialect *of = dialect_table[d];

			if ((of == mine) != (pass == 0))
				continue;
			for (size_t i = 0; i < of->nitems && n < ITEMS_MAX; i++)
				if (of == mine || reading_of(u, &of->items[i], &p)
				    || said_of(u, &of->items[i]))
					rows[n++] = (struct item_row){ of, &of->items[i] };
		}
	return n;
}

static intptr_t items_item(const struct ui *u, const void *of, int row)
{
	(void)u;
	return (intptr_t)((const struct items *)of)->row[row].item;
}

static bool items_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct dialect_item *item = ((const struct items *)of)->row[row].item;

	(void)u;
	return ascii_casestr(item->name, text) || (item->key && ascii_casestr(item->key, text));
}

static const struct list_ops items_list = {
	.item = items_item, .has = items_has, .nowhere = "no item or key",
};

void items_init(struct items *s)
{
	list_init(&s->list, &items_list, s, HEAD);
}

struct list *items_fit(const struct ui *u, struct items *s)
{
	list_fit(u, &s->list, items_collect(u, s->row), u->rows - 5 - HEAD - DETAIL_ROWS);
	return &s->list;
}

static void draw_reading(const struct ui *u, WINDOW *w, int y, const struct dialect_item *item)
{
	const struct ui_said *said = said_of(u, item);
	const struct point *p = NULL;
	const struct reading *r = reading_of(u, item, &p);
	enum role role = r && !ui_old(u, r) ? ROLE_NORMAL : ROLE_DIM;
	char text[VALUE_TEXT];

	if (r && r->quality == QUALITY_FAILED)
		ui_right(u, w, y, VALUE_X, VALUE_CELLS, ROLE_WARN, "err");
	else if (r)
		ui_right(u, w, y, VALUE_X, VALUE_CELLS, role, "%s",
			 codec_format(p, &r->value, text, sizeof(text)));
	else
		ui_right(u, w, y, VALUE_X, VALUE_CELLS, said ? ROLE_NORMAL : ROLE_DIM, "%s",
			 said ? said->text : "--");
	ui_text(u, w, y, UNIT_X, UNIT_CELLS, ROLE_DIM, "%s", r ? draw_reading_unit(p, r) : item->unit);
	if (r || said)
		ui_right(u, w, y, AGE_X, AGE_CELLS, r ? role : ROLE_NORMAL, "%s",
			 draw_age(u, r ? r->mono_us : said->mono_us, text, sizeof(text)));
}

static void items_draw_row(const struct ui *u, WINDOW *w, int y, const struct item_row *row, bool chosen)
{
	static const enum role roles[] = {
		[FROM_MANUAL] = ROLE_NORMAL, [FROM_PUBLIC] = ROLE_NORMAL,
		[FROM_LEARNED] = ROLE_NORMAL, [FROM_PROVISIONAL] = ROLE_WARN,
	};
	const struct dialect_item *item = row->item;

	ui_text(u, w, y, NAME_X, NAME_CELLS, ROLE_LABEL, "%s", item->name);
	draw_reading(u, w, y, item);
	ui_text(u, w, y, FROM_X, FROM_CELLS, roles[item->from], "%s", support_source(item->from));
	ui_text(u, w, y, KEY_X, KEY_CELLS, item->key ? ROLE_NORMAL : ROLE_DIM, "%s",
		item->key ? item->key : "no point");
	/* where there is room, the note that the rows below the list have of the one chosen */
	if (u->cols >= 120)
		ui_text(u, w, y, KEY_X + KEY_CELLS + 1, u->cols - KEY_X - KEY_CELLS - 2, ROLE_DIM, "%s",
			item->note);
	if (chosen)
		mvwchgat(w, y, 0, -1, A_REVERSE, 0, NULL);
}

/* In which messages the item comes: "data", "login or heartbeat". */
static void say_kinds(unsigned kinds, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (int k = 0; k < UPLOAD_KINDS && at < size; k++)
		if (kinds >> k & 1)
			at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? " or " : "",
					       upload_kind_names[k]);
}

static void items_draw_detail(const struct ui *u, WINDOW *w, int y, const struct item_row *row)
{
	const struct dialect_item *item = row->item;
	const struct point *p = NULL;
	const struct reading *r = reading_of(u, item, &p);
	const struct ui_said *said = said_of(u, item);
	const char *line[2];
	char kinds[80];
	int len[2], n;

	if (item->key)
		ui_reading(u, item->key, &p);
	ui_rule(u, w, y, 0, u->cols);
	/* what a cell is too narrow for is seen whole here */
	ui_text(u, w, ++y, 1, u->cols - 42, ROLE_TITLE, "%s%s%s", item->name, p || said ? "  " : "",
		p ? p->name : said ? said->text : "");
	say_kinds(item->kinds, kinds, sizeof(kinds));
	ui_right(u, w, y, u->cols - 41, 40, ROLE_DIM, "%s, in %s messages%s%s", row->dialect->name, kinds,
		 item->scale < 1 || item->scale > 1 ? ", there in " : "",
		 item->scale < 1 || item->scale > 1 ? item->unit : "");
	n = draw_wrap(r && r->quality != QUALITY_OK ? r->err.text : item->note, u->cols - 2, line, len, 2);
	for (int i = 0; i < n; i++)
		ui_text(u, w, y + 1 + i, 1, u->cols - 2, r && r->quality == QUALITY_FAILED ? ROLE_WARN
			: ROLE_DIM, "%.*s", len[i], line[i]);
}

static void items_draw_head(const struct ui *u, WINDOW *w, const struct list *l)
{
	const struct dialect *d = support_dialect(u);

	ui_text(u, w, 0, 1, u->cols - 2, ROLE_NORMAL,
		"No registers over %s: dialect=tunnel reaches them.%s", d ? d->name : "this connection",
		l->n ? " What it uploads:" : "");
	if (d)
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "source: %s", d->source);
	ui_text(u, w, 2, NAME_X, NAME_CELLS, ROLE_DIM, "item");
	ui_right(u, w, 2, VALUE_X, VALUE_CELLS, ROLE_DIM, "value");
	ui_text(u, w, 2, UNIT_X, UNIT_CELLS, ROLE_DIM, "unit");
	ui_right(u, w, 2, AGE_X, AGE_CELLS, ROLE_DIM, "age");
	ui_text(u, w, 2, FROM_X, FROM_CELLS, ROLE_DIM, "known from");
	ui_text(u, w, 2, KEY_X, KEY_CELLS, ROLE_DIM, "key");
	if (l->n)
		ui_right(u, w, 2, u->cols - 13, 12, ROLE_DIM, "%d of %d", l->at + 1, l->n);
	list_draw_find(u, w, 0, l);
}

void items_draw(const struct ui *u, struct items *s, WINDOW *w)
{
	const struct list *l = items_fit(u, s);

	items_draw_head(u, w, l);
	if (l->n == 0) {
		ui_text(u, w, HEAD, 1, u->cols - 2, ROLE_DIM,
			"its dialect is not known yet: the first upload tells");
		return;
	}
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		items_draw_row(u, w, HEAD + i, &s->row[l->top + i], l->top + i == l->at);
	items_draw_detail(u, w, HEAD + l->height, &s->row[l->at]);
}
