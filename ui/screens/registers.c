/*
 * registers.c - every register the profile knows: address, what it holds, what
 * that means. Only the rows in sight are read. Over a link without registers the items
 * of its dialect (items.c) stand here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "base/text.h"
#include "ui/draw/draw.h"
#include "items.h"
#include "ui/keys.h"
#include "ui/screen.h"

#define DETAIL_ROWS 4			/* rule and three lines below the list */
#define CHANGED_US (3 * 1000000LL)
#define RAW_CELLS 9
#define VALUE_CELLS 19
#define UNIT_CELLS 5
#define HIDDEN "****"			/* a secret that has been read */

static const struct keyrow keys[] = {
	{ '/', ACTION_NONE, "/", "find", "find by key, name or address (\"0x14\", \"voltage\")" },
	{ 'n', ACTION_NONE, "n", "next", "the next one found; N the one before" },
	LIST_KEYS,
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct registers {
	uint16_t *row;		/* points, by address */
	int n;
	struct list list;
	struct items items;	/* in place of rows, where there are no registers */
};

static bool registers_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct registers *s = of;
	const struct point *p = &u->profile->points[s->row[row]];
	char *end;
	unsigned long addr = strtoul(text, &end, 16);

	if (list_point_has(u, s->row[row], text))
		return true;
	return end != text && *end == '\0' && end - text >= 2
	    && addr >= p->addr && addr < (unsigned long)p->addr + p->words;
}

static const struct list_ops registers_list = { .has = registers_has, .nowhere = "no key, name or address" };

static int registers_by_address(const void *a, const void *b, void *points)
{
	const struct point *p = (const struct point *)points + *(const uint16_t *)a;
	const struct point *q = (const struct point *)points + *(const uint16_t *)b;

	if (p->space != q->space)
		return p->space == SPACE_HOLDING ? -1 : 1;
	if (p->addr != q->addr)
		return p->addr < q->addr ? -1 : 1;
	return p < q ? -1 : p > q;
}

static void *registers_open(struct ui *u)
{
	struct registers *s = calloc(1, sizeof(*s));

	if (s)
		s->row = calloc(u->profile->npoints, sizeof(*s->row));
	if (!s || !s->row) {
		free(s);
		return NULL;
	}
	for (size_t i = 0; i < u->profile->npoints; i++)
		if (!(u->profile->points[i].flags & POINT_DERIVED))
			s->row[s->n++] = (uint16_t)i;
	qsort_r(s->row, (size_t)s->n, sizeof(*s->row), registers_by_address, (void *)u->profile->points);
	list_init(&s->list, &registers_list, s, 1);
	items_init(&s->items);
	return s;
}

static void registers_close(void *state)
{
	struct registers *s = state;

	if (s)
		free(s->row);
	free(s);
}

/* The list in sight: of registers or, where there are none, of items. */
static struct list *registers_fit(const struct ui *u, struct registers *s)
{
	if (ui_pushes(u))
		return items_fit(u, &s->items);
	list_fit(u, &s->list, s->n, u->rows - 5 - 1 - DETAIL_ROWS);
	return &s->list;
}

static void registers_points(struct ui *u, void *state, struct selection *sel)
{
	struct registers *s = state;
	const struct list *l;

	if (!s || ui_pushes(u))
		return;
	l = registers_fit(u, s);
	for (int i = l->top; i < l->n && i < l->top + l->height; i++)
		draw_want(sel, s->row[i]);
}

static bool registers_key(struct ui *u, void *state, int key)
{
	struct registers *s = state;

	return s && s->n > 0 && list_key(u, registers_fit(u, s), key);
}

/* One register, two, or the first of many. */
static const char *raw_short(const struct point *p, const struct reading *r,
			     char *buf, size_t size)
{
	if (r->words == 0)
		snprintf(buf, size, "--");
	else if (p->flags & POINT_SECRET)
		snprintf(buf, size, HIDDEN);
	else if (p->words == 1)
		snprintf(buf, size, "%04X", r->raw[0]);
	else if (p->words == 2)
		snprintf(buf, size, "%04X %04X", r->raw[0], r->raw[1]);
	else
		snprintf(buf, size, "%04X +%d", r->raw[0], p->words - 1);
	return buf;
}

/* The value as a person reads it: bit words by the names of their set bits. */
static const char *registers_value_text(const struct point *p, const struct reading *r,
					char *buf, size_t size)
{
	if (r->value.kind == VALUE_NONE)
		snprintf(buf, size, "--");
	else if (p->flags & POINT_SECRET)
		snprintf(buf, size, HIDDEN);
	else if (r->value.kind == VALUE_BITS && r->value.num > 0 && p->nbits > 0)
		codec_bits(p, &r->value, " ", buf, size);
	else if (r->value.kind == VALUE_BITS && p->nbits > 0)
		snprintf(buf, size, "-");
	else
		codec_format(p, &r->value, buf, size);
	return buf;
}

static void registers_draw_row(const struct ui *u, WINDOW *w, int y, uint16_t idx, bool chosen)
{
	const struct point *p = &u->profile->points[idx];
	const struct reading *r = &u->readings[idx];
	bool changed = u->changed_us[idx] && u->now_us - u->changed_us[idx] < CHANGED_US;
	enum role role = r->quality != QUALITY_FAILED && ui_old(u, r) ? ROLE_DIM
		       : changed ? ROLE_CHANGED : ROLE_NORMAL;
	int x = 1, key;
	char buf[VALUE_TEXT];

	if (changed)
		ui_text(u, w, y, 0, 1, ROLE_CHANGED, "*");
	ui_text(u, w, y, x, 4, ROLE_LABEL, "%04X", p->addr);
	ui_text(u, w, y, x += 5, RAW_CELLS, r->words ? role : ROLE_DIM, "%s",
		raw_short(p, r, buf, sizeof(buf)));
	x += RAW_CELLS + 1;
	if (r->quality == QUALITY_FAILED)
		ui_right(u, w, y, x, VALUE_CELLS, ROLE_WARN, "err");
	else
		ui_right(u, w, y, x, VALUE_CELLS, role, "%s", registers_value_text(p, r, buf, sizeof(buf)));
	ui_text(u, w, y, x += VALUE_CELLS + 1, UNIT_CELLS, ROLE_DIM, "%s", draw_unit(p));
	x += UNIT_CELLS + 1;
	key = u->cols >= 120 ? 44 : u->cols - x - 1;
	ui_text(u, w, y, x, key, ROLE_NORMAL, "%s", p->key);
	if (u->cols >= 120)
		ui_text(u, w, y, x + key + 1, u->cols - x - key - 2, ROLE_DIM, "%s", p->name);
	if (chosen)
		mvwchgat(w, y, 0, -1, A_REVERSE, 0, NULL);
}

/* Everything about the chosen one: name, what the list had no room for, what to
 * know. */
static void registers_draw_detail(const struct ui *u, WINDOW *w, int y, uint16_t idx)
{
	const struct point *p = &u->profile->points[idx];
	const struct reading *r = &u->readings[idx];
	char raw[VALUE_WORDS * 5 + 1] = "", value[VALUE_TEXT];
	const char *row[2];
	int len[2], n;
	size_t at = 0;

	ui_rule(u, w, y, 0, u->cols);
	ui_text(u, w, ++y, 1, u->cols - 2, ROLE_TITLE, "%s", p->name);
	ui_right(u, w, y, u->cols - 41, 40, ROLE_DIM, "%s%s%s%s%s",
		 point_type_names[p->type], p->space == SPACE_INPUT ? " input" : "",
		 p->flags & POINT_WRITABLE ? ", read and write" : "",
		 p->section[0] ? ", section " : "", p->section);
	y++;
	if (r->quality == QUALITY_FAILED) {
		ui_text(u, w, y++, 1, u->cols - 2, ROLE_WARN, "%s", r->err.text);
	} else if ((p->words > 2 || p->nbits > 0) && !(p->flags & POINT_SECRET)) {
		for (int i = 0; i < r->words && i < VALUE_WORDS; i++)
			text_append(raw, sizeof(raw), &at, "%04X ", r->raw[i]);
		ui_text(u, w, y++, 1, u->cols - 2, ROLE_NORMAL, "%s%s", raw,
			r->words ? registers_value_text(p, r, value, sizeof(value)) : "");
	}
	n = draw_wrap(p->note, u->cols - 2, row, len, 2);
	for (int i = 0; i < n; i++)
		ui_text(u, w, y + i, 1, u->cols - 2, ROLE_DIM, "%.*s", len[i], row[i]);
}

static void registers_draw_header(const struct ui *u, WINDOW *w, const struct list *l)
{
	ui_text(u, w, 0, 1, 4, ROLE_DIM, "addr");
	ui_text(u, w, 0, 6, RAW_CELLS, ROLE_DIM, "registers");
	ui_right(u, w, 0, 16, VALUE_CELLS, ROLE_DIM, "value");
	ui_text(u, w, 0, 16 + VALUE_CELLS + 1 + UNIT_CELLS + 1, 20, ROLE_DIM, "key");
	ui_right(u, w, 0, u->cols - 21, 20, ROLE_DIM, "%d of %d", l->at + 1, l->n);
	/* not below: the last rows may be covered by why the line is dead */
	list_draw_find(u, w, 0, l);
}

static void registers_draw(struct ui *u, void *state, WINDOW *w)
{
	struct registers *s = state;
	const struct list *l;

	if (!s || s->n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "this meter has no registers");
		return;
	}
	if (ui_pushes(u)) {
		items_draw(u, &s->items, w);
		return;
	}
	l = registers_fit(u, s);
	registers_draw_header(u, w, l);
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		registers_draw_row(u, w, 1 + i, s->row[l->top + i], l->top + i == l->at);
	registers_draw_detail(u, w, 1 + l->height, s->row[l->at]);
}

const struct screen_ops screen_registers = {
	.open = registers_open,
	.close = registers_close,
	.points = registers_points,
	.draw = registers_draw,
	.key_press = registers_key,
	.keys = keys,
	.nkeys = NKEYS,
};
