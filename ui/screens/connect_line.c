/*
 * connect_line.c - what can be done with the line of the form beside connecting to one meter:
 * search it, listen to it. The meters found there are in the list.
 */
#include <stdio.h>
#include <string.h>

#include "connect.h"
#include "find.h"
#include "hear.h"
#include "ui/bus/search.h"

void connect_add_found(struct ui *u, struct connect_state *s)
{
	const struct search_meter *m;

	for (size_t i = 0; (m = find_meter(u, i)); i++) {
		struct entry *e;
		char name[96];

		snprintf(name, sizeof(name), "%s #%d", *m->model ? m->model : "not known", m->target.unit);
		e = connect_add(s, KIND_FOUND, name, m->target.text);
		if (e)
			snprintf(e->profile, sizeof(e->profile), "%s", m->profile);
	}
}

void connect_use_line(struct ui *u, struct connect_state *s, bool listens)
{
	struct err e = { 0 };
	struct target t;

	connect_forgive(s);
	if (connect_take(s, &t, &e) == 0 && (listens ? hear_begin(u, &t, &e) : find_begin(u, t.text, &e)) == 0)
		return;
	if (e.text[0])
		ui_say(u, "%s", e.text);
}

void connect_find_all(struct ui *u)
{
	struct err e = { 0 };

	if (find_begin(u, NULL, &e))
		ui_say(u, "%s", e.text);
}
