#include "field.h"

#include <stdio.h>
#include <string.h>

#include "draw.h"

#define CTRL(c) ((c) & 0x1F)

static bool typed;	/* there is one terminal */

bool field_typed(void)
{
	return typed;
}

void field_none(void)
{
	typed = false;
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t before(const struct field *f)
{
	size_t i = f->at;

	while (i > 0 && continues(f->text[--i]))
		;
	return i;
}

static size_t after(const struct field *f)
{
	size_t i = f->at;

	if (f->text[i])
		i++;
	while (continues(f->text[i]))
		i++;
	return i;
}

static void field_cut(struct field *f, size_t from, size_t to)
{
	memmove(f->text + from, f->text + to, strlen(f->text + to) + 1);
	f->at = from;
}

void field_set(struct field *f, const char *text)
{
	snprintf(f->text, sizeof(f->text), "%s", text);
	f->at = strlen(f->text);
}

static bool insert(struct field *f, int key)
{
	size_t n = strlen(f->text);

	if (key < ' ' || key == 127 || key > 255 || n + 1 >= sizeof(f->text))
		return false;
	memmove(f->text + f->at + 1, f->text + f->at, n - f->at + 1);
	f->text[f->at++] = (char)key;
	return true;
}

bool field_key(struct field *f, int key)
{
	switch (key) {
	case KEY_LEFT:
		f->at = before(f);
		return true;
	case KEY_RIGHT:
		f->at = after(f);
		return true;
	case KEY_HOME:
	case CTRL('A'):
		f->at = 0;
		return true;
	case KEY_END:
	case CTRL('E'):
		f->at = strlen(f->text);
		return true;
	case KEY_BACKSPACE:
	case 127:
	case CTRL('H'):
		field_cut(f, before(f), f->at);
		return true;
	case KEY_DC: {
		size_t at = f->at;

		field_cut(f, at, after(f));
		return true;
	}
	case CTRL('U'):
		field_cut(f, 0, f->at);
		return true;
	case CTRL('W'): {
		size_t from = f->at;

		while (from > 0 && f->text[from - 1] == ' ')
			from--;
		while (from > 0 && f->text[from - 1] != ' ')
			from--;
		field_cut(f, from, f->at);
		return true;
	}
	default:
		return insert(f, key);
	}
}

void field_draw(const struct ui *u, WINDOW *w, int y, int x, int width,
		const struct field *f, bool active)
{
	char head[sizeof(f->text)];
	const char *from = f->text;
	int cells;

	typed |= active;
	snprintf(head, sizeof(head), "%.*s", (int)f->at, f->text);
	cells = draw_width(head);
	/* keep the cursor in sight */
	while (active && cells >= width && *from) {
		from++;
		while (continues(*from))
			from++;
		cells--;
	}
	ui_text(u, w, y, x, width, ROLE_NORMAL, "%s", from);
	wattrset(w, (int)(active ? A_UNDERLINE : ui_attr(u, ROLE_DIM) | A_UNDERLINE));
	for (int i = draw_width(from); i < width; i++)
		mvwaddch(w, y, x + i, ' ');
	wattrset(w, A_NORMAL);
	if (active && cells < width)
		mvwchgat(w, y, x + cells, 1, A_REVERSE, 0, NULL);
}
