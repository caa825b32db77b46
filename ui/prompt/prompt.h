/*
 * prompt.h - the line below the screen in which commands are typed: readline,
 * fed from the loop's keys, so that the screens go on meanwhile.
 */
#ifndef METERCTL_UI_PROMPT_PROMPT_H
#define METERCTL_UI_PROMPT_PROMPT_H

#include "ui/screen.h"

/* Opens it, with TEXT in it. The history is in $XDG_STATE_HOME/meterctl/history. */
void prompt_open(struct ui *u, const char *text);
bool prompt_shown(void);
/* One of curses' keys. Enter closes the prompt and runs the line; Esc and Ctrl-G
 * close it. */
void prompt_key(struct ui *u, int key);
/* Draws it into the two rows of FOOT: candidates or a hint, and the line. */
void prompt_draw(const struct ui *u, WINDOW *foot);
/* Closes it without running anything. */
void prompt_close(void);

#endif
