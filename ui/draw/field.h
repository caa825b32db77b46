/*
 * field.h - one line of text being typed: for finding and for forms.
 */
#ifndef METERCTL_UI_DRAW_FIELD_H
#define METERCTL_UI_DRAW_FIELD_H

#include "draw.h"

struct field {
	char text[128];		/* UTF-8, possibly cut inside a character being typed */
	size_t at;		/* cursor, in bytes */
};

/* Cursor at the end of TEXT. */
void field_set(struct field *f, const char *text);
/* True: the key changed the text or moved in it. */
bool field_key(struct field *f, int key);
/* Draws it in WIDTH cells; with a cursor when it is the one being typed in. */
void field_draw(const struct ui *u, WINDOW *w, int y, int x, int width,
		const struct field *f, bool active);

/* Has one with a cursor been drawn since field_none()? Then what is pasted is for it. */
bool field_typed(void);
void field_none(void);

#endif
