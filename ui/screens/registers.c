/*
 * registers.c - every register the profile knows: address, what it holds, what
 * that means. Only the rows in sight are read. Over a link without registers the items
 * of its dialect (items.c) stand here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "profile/codec.h"
#include "base/text.h"
#include "ui/draw/draw.h"
#include "ui/draw/field.h"
#include "items.h"
#include "ui/keys.h"
#include "ui/screen.h"

#define DETAIL_ROWS 4			/* rule and three lines below the list */
#define CHANGED_US (3 * 1000000LL)
#define RAW_CELLS 9
#define VALUE_CELLS 19
#define UNIT_CELLS 5
#define HIDDEN "****"			/* a secret that has been read */

enum {
	REG_UP = ACTION_SCREEN, REG_DOWN, REG_PAGE_UP, REG_PAGE_DOWN,
	REG_FIRST, REG_LAST, REG_FIND, REG_AGAIN, REG_BACKWARDS
};

static const struct keyrow keys[] = {
	{ '/', REG_FIND, "/", "find", "find by key, name or address (\"0x14\", \"voltage\")" },
	{ 'n', REG_AGAIN, "n", "next", "the next one found; N the one before" },
	{ 'N', REG_BACKWARDS, NULL, NULL, NULL },
	{ KEY_UP, REG_UP, "↑ ↓", NULL, "one row" },
	{ KEY_DOWN, REG_DOWN, NULL, NULL, NULL },
	{ 'k', REG_UP, NULL, NULL, NULL },
	{ 'j', REG_DOWN, NULL, NULL, NULL },
	{ KEY_PPAGE, REG_PAGE_UP, "PgUp PgDn", NULL, "one page" },
	{ KEY_NPAGE, REG_PAGE_DOWN, NULL, NULL, NULL },
	{ ' ', REG_PAGE_DOWN, NULL, NULL, NULL },
	{ KEY_HOME, REG_FIRST, "Home End", NULL, "first and last" },
	{ KEY_END, REG_LAST, NULL, NULL, NULL },
	{ 'g', REG_FIRST, NULL, NULL, NULL },
	{ 'G', REG_LAST, NULL, NULL, NULL },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

struct registers {
	uint16_t *row;		/* points, by address */
	int n;
	int at, top;		/* row chosen, first row in sight */
	bool finding;
	int from;		/* row where finding began */
	struct items items;	/* in place of rows, where there are no registers */
	struct field find;
};

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
	return s;
}

static void registers_close(void *state)
{
	struct registers *s = state;

	if (s)
		free(s->row);
	free(s);
}

static int registers_list_rows(const struct ui *u)
{
	int rows = u->rows - 5 - 1 - DETAIL_ROWS;

	return rows < 1 ? 1 : rows;
}

/* Keeps the chosen row in sight. */
static void registers_settle(const struct ui *u, struct registers *s)
{
	int rows = registers_list_rows(u);

	if (s->at >= s->n)
		s->at = s->n - 1;
	if (s->at < 0)
		s->at = 0;
	if (s->top > s->at)
		s->top = s->at;
	if (s->top < s->at - rows + 1)
		s->top = s->at - rows + 1;
	if (s->top > s->n - rows)
		s->top = s->n - rows;
	if (s->top < 0)
		s->top = 0;
}

static void registers_points(struct ui *u, void *state, struct selection *sel)
{
	struct registers *s = state;

	if (!s || ui_pushes(u))
		return;
	registers_settle(u, s);
	for (int i = s->top; i < s->n && i < s->top + registers_list_rows(u); i++)
		draw_want(sel, s->row[i]);
}

static bool registers_matches(const struct ui *u, const struct registers *s, int row, const char *text)
{
	const struct point *p = &u->profile->points[s->row[row]];
	char *end;
	unsigned long addr = strtoul(text, &end, 16);

	if (ascii_casestr(p->key, text) || ascii_casestr(p->name, text))
		return true;
	return end != text && *end == '\0' && end - text >= 2
	    && addr >= p->addr && addr < (unsigned long)p->addr + p->words;
}

/* Goes to the next match from row FROM on, round the end. */
static bool registers_find(const struct ui *u, struct registers *s, int from, int step)
{
	if (ui_pushes(u))
		return items_find(u, &s->items, from, step, s->find.text);
	for (int i = 0; i < s->n; i++) {
		int row = ((from + i * step) % s->n + s->n) % s->n;

		if (registers_matches(u, s, row, s->find.text)) {
			s->at = row;
			/* in the middle, so that its neighbours are seen too */
			if (row < s->top || row >= s->top + registers_list_rows(u))
				s->top = row - registers_list_rows(u) / 2;
			return true;
		}
	}
	return false;
}

/* The row chosen. */
static int *registers_row_of(const struct ui *u, struct registers *s)
{
	return ui_pushes(u) ? &s->items.at : &s->at;
}

static bool registers_find_key(struct ui *u, struct registers *s, int key)
{
	switch (key) {
	case '\r':
	case '\n':
	case KEY_ENTER:
		s->finding = false;
		return true;
	case 27:
		s->finding = false;
		*registers_row_of(u, s) = s->from;
		return true;
	case KEY_UP:
	case KEY_DOWN:
		if (s->find.text[0])
			registers_find(u, s, *registers_row_of(u, s) + (key == KEY_UP ? -1 : 1), key == KEY_UP ? -1 : 1);
		return true;
	default:
		if (field_key(&s->find, key) && s->find.text[0])
			registers_find(u, s, s->from, 1);
		return true;
	}
}

static void again(struct ui *u, struct registers *s, int step)
{
	if (!s->find.text[0])
		ui_say(u, "nothing to find yet: press / first");
	else if (!registers_find(u, s, *registers_row_of(u, s) + step, step))
		ui_say(u, "'%s' is in no key, name or address", s->find.text);
}

static void registers_step(const struct ui *u, struct registers *s, int by)
{
	if (ui_pushes(u))
		items_step(u, &s->items, by);
	else
		s->at += by;
}

static void page(const struct ui *u, struct registers *s, int by)
{
	registers_step(u, s, by * (ui_pushes(u) ? items_height(u) : registers_list_rows(u)));
	s->top += by * registers_list_rows(u);
}

static bool registers_key(struct ui *u, void *state, int key)
{
	struct registers *s = state;

	if (!s || s->n == 0)
		return false;
	if (s->finding)
		return registers_find_key(u, s, key);
	switch (keys_action(keys, NKEYS, key)) {
	case REG_UP:		registers_step(u, s, -1); break;
	case REG_DOWN:		registers_step(u, s, 1); break;
	case REG_PAGE_UP:	page(u, s, -1); break;
	case REG_PAGE_DOWN:	page(u, s, 1); break;
	case REG_FIRST:		registers_step(u, s, -s->n); break;
	case REG_LAST:		registers_step(u, s, s->n); break;
	case REG_AGAIN:		again(u, s, 1); break;
	case REG_BACKWARDS:	again(u, s, -1); break;
	case REG_FIND:
		s->finding = true;
		s->from = *registers_row_of(u, s);
		field_set(&s->find, "");
		break;
	default:
		return false;
	}
	registers_settle(u, s);
	return true;
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

static void registers_draw_header(const struct ui *u, WINDOW *w, const struct registers *s)
{
	ui_text(u, w, 0, 1, 4, ROLE_DIM, "addr");
	ui_text(u, w, 0, 6, RAW_CELLS, ROLE_DIM, "registers");
	ui_right(u, w, 0, 16, VALUE_CELLS, ROLE_DIM, "value");
	ui_text(u, w, 0, 16 + VALUE_CELLS + 1 + UNIT_CELLS + 1, 20, ROLE_DIM, "key");
	ui_right(u, w, 0, u->cols - 21, 20, ROLE_DIM, "%d of %d", s->at + 1, s->n);
}

/* In place of the headings: the last rows may be covered by why the line is
 * dead. */
static void draw_find(const struct ui *u, WINDOW *w, const struct registers *s)
{
	ui_text(u, w, 0, 1, 5, ROLE_TITLE, "find:");
	field_draw(u, w, 0, 7, 28, &s->find, true);
	ui_text(u, w, 0, 37, u->cols - 38, ROLE_DIM,
		s->find.text[0] && !ui_pushes(u) && !registers_matches(u, s, s->at, s->find.text)
		? "in no key, name or address" : "↑↓ others, Enter keeps, Esc goes back");
}

static void registers_draw(struct ui *u, void *state, WINDOW *w)
{
	struct registers *s = state;
	int rows = registers_list_rows(u);

	if (!s || s->n == 0) {
		ui_text(u, w, 1, 1, u->cols - 2, ROLE_DIM, "this meter has no registers");
		return;
	}
	if (ui_pushes(u)) {
		items_draw(u, &s->items, w);
		if (s->finding) {
			wmove(w, 0, 0);
			wclrtoeol(w);
			draw_find(u, w, s);
		}
		return;
	}
	registers_settle(u, s);
	if (s->finding)
		draw_find(u, w, s);
	else
		registers_draw_header(u, w, s);
	for (int i = 0; i < rows && s->top + i < s->n; i++)
		registers_draw_row(u, w, 1 + i, s->row[s->top + i], s->top + i == s->at);
	registers_draw_detail(u, w, 1 + rows, s->row[s->at]);
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
