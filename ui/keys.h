/*
 * keys.h - one table: action, key, name, help line. Dispatch, key bar, help
 * page and manual all come from it.
 */
#ifndef METERCTL_UI_KEYS_H
#define METERCTL_UI_KEYS_H

#include <stddef.h>

#include "screens.h"

/* What the keys that work everywhere do. A screen's own actions start at
 * ACTION_SCREEN and mean something to that screen alone. */
enum ui_action {
	ACTION_NONE,
	ACTION_HELP, ACTION_PRIMARY, ACTION_QUIT, ACTION_NEXT, ACTION_PREVIOUS, ACTION_BACK,
	ACTION_REDRAW, ACTION_WRITING, ACTION_PROMPT, ACTION_REPORT,
	ACTION_SHOW,		/* + SCREEN_AT(ID): that screen */
	ACTION_SCREEN = ACTION_SHOW + SCREEN_COUNT
};

struct keyrow {
	int key;		/* curses key or character */
	int action;		/* what dispatch sees; global actions in enum ui_action */
	const char *label;	/* "?", "PgDn"; NULL: the same as the row above */
	const char *name;	/* in the key bar: "help"; NULL: not in the bar */
	const char *help;	/* in the help page; NULL: not there */
};

extern const struct keyrow keys_global[];
extern const size_t nkeys_global;
/* Of the help page; of a list in which something is being found. */
extern const struct keyrow keys_help[], keys_find[];
extern const size_t nkeys_help, nkeys_find;

/* The action of KEY in TABLE, or ACTION_NONE. */
int keys_action(const struct keyrow *table, size_t n, int key);

#endif
