/*
 * keys.h - one table: action, key, name, help line. Dispatch, key bar, help
 * page and manual all come from it.
 */
#ifndef METERCTL_KEYS_H
#define METERCTL_KEYS_H

#include <stddef.h>

struct keyrow {
	int key;		/* curses key or character */
	int action;		/* what dispatch sees; global actions in enum ui_action */
	const char *label;	/* "?", "PgDn" */
	const char *name;	/* in the key bar: "help"; NULL: not in the bar */
	const char *help;	/* in the help page */
};

#endif
