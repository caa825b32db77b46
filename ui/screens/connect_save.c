/*
 * connect_save.c - a name for the connection in the form, and the profile that a saved one
 * brings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "target/config.h"
#include "ui/draw/draw.h"

/* ---- the profile of a saved connection -------------------------------------------- */

static int connect_model_at(struct connect_state *s, const char *name)
{
	int n = 0;

	for (; n < CHOICES - 1 && s->models[n]; n++)
		if (strcmp(s->models[n], name) == 0)
			return n;
	if (n == CHOICES - 1)
		n--;
	snprintf(s->saved_model, sizeof(s->saved_model), "%s", name);
	s->models[n] = s->saved_model;
	return n;
}

void connect_follow_entry(struct connect_state *s)
{
	const struct entry *e = &s->entry[s->list.at];

	if (s->own_model > 0) {
		s->choice[ASK_MODEL] = s->own_model - 1;
		s->own_model = 0;
	}
	if (!e->profile[0])
		return;
	s->own_model = s->choice[ASK_MODEL] + 1;
	s->choice[ASK_MODEL] = connect_model_at(s, e->profile);
}

/* ---- a name ------------------------------------------------------------------------- */

void connect_name(struct connect_state *s, const struct target *t)
{
	const struct entry *e = &s->entry[s->list.at];

	target_format(t, 0, s->saving, sizeof(s->saving));
	field_set(&s->name, e->kind == KIND_SAVED ? e->name : "");
	s->naming = NAMING_NAME;
	s->name_error[0] = '\0';
}

/* True: it is saved. */
static bool connect_put(struct ui *u, struct connect_state *s)
{
	struct config_new n = {
		.name = s->name.text, .target = s->saving, .profile = connect_chosen(s, ASK_MODEL),
		.replace = s->naming == NAMING_REPLACE,
	};
	struct err e = { 0 };

	if (config_save(&n, &e) == 0) {
		s->naming = NAMING_NOT;
		ui_say(u, "saved as '%s'", s->name.text);
		return true;
	}
	s->naming = e.code == ERR_DENIED ? NAMING_REPLACE : NAMING_NAME;
	if (e.code == ERR_DENIED)
		snprintf(s->name_error, sizeof(s->name_error), "it leads elsewhere; y replaces it");
	else
		snprintf(s->name_error, sizeof(s->name_error), "%s", e.text);
	return false;
}

bool connect_name_key(struct ui *u, struct connect_state *s, int key)
{
	bool enter = key == '\r' || key == '\n' || key == KEY_ENTER;

	if (key == 27) {
		s->naming = NAMING_NOT;
		ui_say(u, "not saved");
	} else if (s->naming == NAMING_REPLACE && key == 'y') {
		return connect_put(u, s);
	} else if (enter && s->naming == NAMING_NAME) {
		return connect_put(u, s);
	} else if (!enter) {
		s->naming = NAMING_NAME;
		s->name_error[0] = '\0';
		field_key(&s->name, key);
	}
	return false;
}

void connect_draw_name(const struct ui *u, WINDOW *w, int y, const struct connect_state *s)
{
	if (s->naming == NAMING_NOT)
		return;
	wmove(w, y, 0);
	wclrtoeol(w);
	ui_text(u, w, y, 1, 8, ROLE_TITLE, "save as:");
	field_draw(u, w, y, 10, 28, &s->name, s->naming == NAMING_NAME);
	if (s->name_error[0])
		ui_text(u, w, y, 40, u->cols - 41, ROLE_WARN, "%s", s->name_error);
	else
		ui_text(u, w, y, 40, u->cols - 41, ROLE_DIM, "Enter saves, Esc does not");
}
