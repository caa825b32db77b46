#include "editor.h"

#include <stdio.h>
#include <string.h>

#include "profile/codec.h"
#include "ui/draw/draw.h"
#include "ui/keys.h"
#include "setting.h"

static const struct point *editor_point_of(const struct ui *u, const struct editor *ed)
{
	return &u->profile->points[ed->idx];
}

/* Nothing may be typed and nothing is wrong yet: an empty field is no new value. */
static void editor_check(const struct ui *u, struct editor *ed)
{
	const struct point *p = editor_point_of(u, ed);
	char text[VALUE_TEXT], why[80];

	err_clear(&ed->err);
	if (ed->kind == EDITOR_HEX
	    || (ed->kind == EDITOR_TEXT && !ed->field.text[0] && p->type != TYPE_STRING))
		return;
	if (ed->kind == EDITOR_SCHEDULE && schedule_wrong(&ed->schedule, why, sizeof(why)))
		err_set(&ed->err, ERR_DENIED, "%s", why);
	else
		setting_check(u, p, editor_text(u, ed, text, sizeof(text)), &ed->err);
}

static void open_choice(struct editor *ed, const struct point *p, const char *text)
{
	ed->kind = EDITOR_CHOICE;
	for (size_t i = 0; i < p->nchoices; i++)
		if (strcmp(p->choices[i].name, text) == 0)
			ed->choice = i;
}

static void open_bits(struct editor *ed, const struct point *p, const char *text)
{
	struct value v = { .kind = VALUE_NONE };

	ed->kind = EDITOR_BITS;
	/* what stands there, or nothing when that is not known */
	if (codec_parse(p, text, &v, NULL) == 0)
		ed->word = (unsigned)v.num;
}

static void open_schedule(struct editor *ed, const struct point *p, const struct reading *r,
		       const char *text)
{
	/* never written over what cannot be read (adw300 settings, section 10) */
	ed->kind = r->value.kind != VALUE_NONE && r->quality != QUALITY_FAILED
		&& schedule_parse(&ed->schedule, p->type, text) ? EDITOR_SCHEDULE : EDITOR_HEX;
}

void editor_open(const struct ui *u, struct editor *ed, uint16_t idx, const char *text)
{
	const struct point *p = &u->profile->points[idx];
	const struct reading *r = &u->readings[idx];
	char now[VALUE_TEXT];

	*ed = (struct editor){ .kind = EDITOR_TEXT, .idx = idx };
	if (!text)
		text = p->flags & POINT_SECRET ? "" : p->type == TYPE_CLOCK ? "now"
		     : codec_format(p, &r->value, now, sizeof(now));
	if (p->type == TYPE_DAYTABLE || p->type == TYPE_ZONES)
		open_schedule(ed, p, r, text);
	else if (p->nchoices > 0)
		open_choice(ed, p, text);
	else if (p->type == TYPE_BITS && p->nbits > 0)
		open_bits(ed, p, text);
	else
		field_set(&ed->field, text);
	ed->fresh = true;
	editor_check(u, ed);
}

const char *editor_text(const struct ui *u, const struct editor *ed, char *buf, size_t size)
{
	const struct point *p = editor_point_of(u, ed);

	switch (ed->kind) {
	case EDITOR_CHOICE:
		snprintf(buf, size, "%s", p->choices[ed->choice].name);
		break;
	case EDITOR_BITS:
		snprintf(buf, size, "%u", ed->word);
		break;
	case EDITOR_SCHEDULE:
		schedule_format(&ed->schedule, buf, size);
		break;
	default:
		snprintf(buf, size, "%s", ed->field.text);
	}
	return buf;
}

/* The next choice, or with a letter the next that begins with it. */
static bool choice_key(struct editor *ed, const struct point *p, int key)
{
	size_t n = p->nchoices;

	if (key == KEY_LEFT || key == KEY_UP) {
		ed->choice = (ed->choice + n - 1) % n;
	} else if (key == KEY_RIGHT || key == KEY_DOWN || key == ' ') {
		ed->choice = (ed->choice + 1) % n;
	} else {
		for (size_t i = 1; i <= n; i++)
			if (p->choices[(ed->choice + i) % n].name[0] == key) {
				ed->choice = (ed->choice + i) % n;
				return true;
			}
		return false;
	}
	return true;
}

static bool bits_key(struct editor *ed, const struct point *p, int key)
{
	int n = (int)p->nbits;

	switch (key) {
	case KEY_UP:
		ed->at -= ed->at > 0;
		return true;
	case KEY_DOWN:
		ed->at += ed->at + 1 < n;
		return true;
	case ' ':
	case KEY_LEFT:
	case KEY_RIGHT:
		ed->word ^= 1U << p->bits[ed->at].pos;
		return true;
	default:
		return false;
	}
}

enum editor_end editor_key(const struct ui *u, struct editor *ed, int key)
{
	const struct point *p = editor_point_of(u, ed);

	if (key == 27)
		return EDITOR_LEAVES;
	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		if (ed->kind == EDITOR_HEX)
			return EDITOR_LEAVES;
		/* an empty field takes the new value back, unless it is a text */
		if (ed->kind == EDITOR_TEXT && !ed->field.text[0] && p->type != TYPE_STRING)
			return EDITOR_LEAVES;
		return ed->err.code ? EDITOR_STAYS : EDITOR_KEEPS;
	}
	switch (ed->kind) {
	case EDITOR_TEXT:
		if (ed->fresh && key >= ' ' && key <= 255 && key != 127)
			field_set(&ed->field, "");
		ed->fresh = false;
		field_key(&ed->field, key);
		break;
	case EDITOR_CHOICE:
		choice_key(ed, p, key);
		break;
	case EDITOR_BITS:
		bits_key(ed, p, key);
		break;
	case EDITOR_SCHEDULE:
		schedule_key(&ed->schedule, key);
		break;
	default:
		break;
	}
	editor_check(u, ed);
	return EDITOR_STAYS;
}

bool editor_is_page(const struct editor *ed)
{
	return ed->kind == EDITOR_BITS || ed->kind == EDITOR_SCHEDULE || ed->kind == EDITOR_HEX;
}

void editor_draw(const struct ui *u, WINDOW *w, int y, int x, int width, const struct editor *ed)
{
	const struct point *p = editor_point_of(u, ed);

	if (ed->kind == EDITOR_CHOICE) {
		const char *name = p->choices[ed->choice].name;

		ui_text(u, w, y, x, 1, ROLE_KEY, "◂");
		ui_text(u, w, y, x + 2, width - 4, ROLE_SELECTED, "%s", name);
		ui_text(u, w, y, x + 3 + draw_width(name), 1, ROLE_KEY, "▸");
	} else if (p->flags & POINT_SECRET) {
		field_draw_hidden(u, w, y, x, width, &ed->field);
	} else {
		int n = draw_width(ed->field.text);

		field_draw(u, w, y, x, width, &ed->field, true);
		if (ed->fresh && n > 0)
			mvwchgat(w, y, x, n < width ? n : width, A_REVERSE, 0, NULL);
	}
}

static void draw_bits(const struct ui *u, WINDOW *w, const struct editor *ed)
{
	const struct point *p = editor_point_of(u, ed);
	const struct reading *r = &u->readings[ed->idx];
	int half = p->nbits > 8 ? ((int)p->nbits + 1) / 2 : (int)p->nbits;

	for (int i = 0; i < (int)p->nbits; i++) {
		unsigned mask = 1U << p->bits[i].pos;
		bool on = ed->word & mask, was = (unsigned)r->value.num & mask;
		bool known = r->value.kind == VALUE_BITS;
		int y = 3 + i % half, x = 2 + (i < half ? 0 : (u->cols - 4) / 2);

		if (i == ed->at)
			ui_text(u, w, y, x - 1, 1, ROLE_KEY, "▸");
		ui_text(u, w, y, x + 1, 3, on ? ROLE_TITLE : ROLE_DIM, on ? "[x]" : "[ ]");
		ui_text(u, w, y, x + 5, 24, i == ed->at ? ROLE_SELECTED : ROLE_NORMAL, "%s",
			p->bits[i].name);
		if (known && on != was)
			ui_text(u, w, y, x + 30, 7, ROLE_CHANGED, was ? "was on" : "was off");
	}
}

static void draw_schedule(const struct ui *u, WINDOW *w, const struct editor *ed)
{
	int rows, bar = (u->cols - 8) / 24 * 24;
	struct schedule was;

	if (bar > 96)
		bar = 96;
	rows = schedule_draw(u, w, 3, 2, u->cols - 4, &ed->schedule);
	ui_text(u, w, 4 + rows, 2, 4, ROLE_LABEL, "new");
	schedule_bar(u, w, 4 + rows, 6, bar, &ed->schedule);
	if (schedule_parse(&was, ed->schedule.type, u->readings[ed->idx].value.text)) {
		ui_text(u, w, 6 + rows, 2, 4, ROLE_LABEL, "now");
		schedule_bar(u, w, 6 + rows, 6, bar, &was);
	}
	schedule_legend(u, w, 9 + rows, 6, u->cols - 8, ed->schedule.type);
}

static void draw_hex(const struct ui *u, WINDOW *w, const struct editor *ed)
{
	const struct point *p = editor_point_of(u, ed);
	const struct reading *r = &u->readings[ed->idx];

	ui_text(u, w, 3, 2, u->cols - 4, ROLE_WARN, "▲ %s", r->err.text[0] ? r->err.text
		: r->words ? "what stands there cannot be decoded" : "not read yet");
	for (int i = 0; i < p->words && i < r->words; i++)
		ui_text(u, w, 5 + i / 7, 4 + i % 7 * 6, 4, ROLE_NORMAL, "%04X", r->raw[i]);
	ui_text(u, w, 10, 2, u->cols - 4, ROLE_NORMAL,
		"A table that cannot be decoded is not written over: Esc goes back.");
}

#define EDITOR_ENDS { '\r', ACTION_NONE, "Enter", "keep", NULL }, { 27, ACTION_NONE, "Esc", "leave", NULL }
#define EDITOR_NEXT { '\t', ACTION_NONE, "Tab", "keep, next setting", NULL }

static const struct keyrow editor_text_keys[] = { EDITOR_ENDS, EDITOR_NEXT };
static const struct keyrow editor_choice_keys[] = {
	{ KEY_RIGHT, ACTION_NONE, "← →", "choose", NULL }, EDITOR_ENDS, EDITOR_NEXT,
};
static const struct keyrow editor_bits_keys[] = {
	{ KEY_DOWN, ACTION_NONE, "↑ ↓", "choose", NULL }, { ' ', ACTION_NONE, "Space", "on or off", NULL },
	EDITOR_ENDS, EDITOR_NEXT,
};
static const struct keyrow editor_schedule_keys[] = {
	{ KEY_DOWN, ACTION_NONE, "↑ ↓", "row", NULL }, { 0, ACTION_NONE, "0-9", "beginning", NULL },
	{ KEY_RIGHT, ACTION_NONE, "← →", "what begins", NULL }, { 'a', ACTION_NONE, "a", "add", NULL },
	{ 'd', ACTION_NONE, "d", "drop", NULL }, EDITOR_ENDS,
};
static const struct keyrow editor_hex_keys[] = { { 27, ACTION_NONE, "Esc", "leave", NULL } };

const struct keyrow *editor_keys(const struct editor *ed, size_t *n)
{
#define EDITOR_ROWS(rows) { rows, sizeof(rows) / sizeof(rows[0]) }
	static const struct { const struct keyrow *rows; size_t n; } tables[] = {
		[EDITOR_NONE] = { NULL, 0 },
		[EDITOR_TEXT] = EDITOR_ROWS(editor_text_keys),
		[EDITOR_CHOICE] = EDITOR_ROWS(editor_choice_keys),
		[EDITOR_BITS] = EDITOR_ROWS(editor_bits_keys),
		[EDITOR_SCHEDULE] = EDITOR_ROWS(editor_schedule_keys),
		[EDITOR_HEX] = EDITOR_ROWS(editor_hex_keys),
	};

	*n = tables[ed->kind].n;
	return tables[ed->kind].rows;
}

void editor_draw_page(const struct ui *u, WINDOW *w, const struct editor *ed)
{
	const struct point *p = editor_point_of(u, ed);
	int rows = getmaxy(w);

	ui_text(u, w, 0, 2, u->cols - 4, ROLE_TITLE, "%s", p->name);
	ui_right(u, w, 0, u->cols - 34, 32, ROLE_DIM, "%s", p->key);
	ui_rule(u, w, 1, 0, u->cols);
	if (ed->kind == EDITOR_BITS)
		draw_bits(u, w, ed);
	else if (ed->kind == EDITOR_SCHEDULE)
		draw_schedule(u, w, ed);
	else
		draw_hex(u, w, ed);
	if (ed->err.code)
		ui_text(u, w, rows - 2, 2, u->cols - 4, ROLE_WARN, "▲ %s", ed->err.text);
}
