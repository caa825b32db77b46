#include "keys.h"

#include <curses.h>

#define CTRL(c) ((c) & 0x1F)

/* In the order of the key bar; `quit` is kept at its end. */
const struct keyrow keys_global[] = {
	{ '?', ACTION_HELP, "?", "help", "this page; again, or Esc, to leave it" },
	{ KEY_F(1), ACTION_HELP, NULL, NULL, NULL },
	{ ':', ACTION_PROMPT, ":", "command", "type a command: read, set, connect ... (:help lists them)" },
	{ 'w', ACTION_SHOW + SCREEN_AT(phasor), "w", "wiring", "is it wired right: phasors and a verdict" },
	{ 'r', ACTION_REPORT, "r", "report", "commissioning report: an HTML file in the current folder (asks)" },
	{ 's', ACTION_SHOW + SCREEN_AT(settings), "s", "settings", "what the meter is set to, and to set it otherwise" },
	{ 'W', ACTION_WRITING, "W", "writing", "allow writing to the meter (asks), or forbid it again" },
	{ 'c', ACTION_SHOW + SCREEN_AT(connect), "c", "connect", "choose a port or another meter" },
	{ 'p', ACTION_PRIMARY, "p", "primary", "primary values (x PT, x CT) or the meter's own" },
	{ 'B', ACTION_SHOW + SCREEN_AT(big), "B", NULL, "big digits: voltages, currents, power, from two metres" },
	{ 'J', ACTION_SHOW + SCREEN_AT(journal), "J", NULL, "journal: what has been written, and how to put it back" },
	{ 'K', ACTION_SHOW + SCREEN_AT(checklist), "K", NULL, "checklist: what of the commissioning is done" },
	{ 'u', ACTION_SHOW + SCREEN_AT(uplink), "u", "uplink", "uplink: a meter behind a broker, is it on air" },
	{ '\t', ACTION_NEXT, "Tab", NULL, "next screen; Shift-Tab the one before" },
	{ KEY_BTAB, ACTION_PREVIOUS, NULL, NULL, NULL },
	{ 27, ACTION_BACK, "Esc", NULL, "back to the screen before, step by step" },
	{ CTRL('L'), ACTION_REDRAW, "^L", NULL, "draw everything again" },
	{ 'q', ACTION_QUIT, "q", "quit", "leave the screens" },
};
/* What the help page takes, and a list while something is being found. */
const struct keyrow keys_help[] = {
	{ 27, ACTION_NONE, "Esc", "back", NULL },
	{ KEY_DOWN, ACTION_NONE, "↑ ↓", "row", NULL },
	{ KEY_NPAGE, ACTION_NONE, "PgUp PgDn", "page", NULL },
	{ KEY_HOME, ACTION_NONE, "Home", "first", NULL },
	{ KEY_END, ACTION_NONE, "End", "last", NULL },
};
const size_t nkeys_help = sizeof(keys_help) / sizeof(keys_help[0]);

const struct keyrow keys_find[] = {
	{ KEY_DOWN, ACTION_NONE, "↑ ↓", "others", NULL },
	{ '\r', ACTION_NONE, "Enter", "keep", NULL },
	{ 27, ACTION_NONE, "Esc", "back", NULL },
};
const size_t nkeys_find = sizeof(keys_find) / sizeof(keys_find[0]);

const size_t nkeys_global = sizeof(keys_global) / sizeof(keys_global[0]);

int keys_action(const struct keyrow *table, size_t n, int key)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].key == key)
			return table[i].action;
	return ACTION_NONE;
}
