/*
 * save.h - what is on the screen, kept: in a file, or in the clipboard of the terminal.
 */
#ifndef METERCTL_UI_PROMPT_SAVE_H
#define METERCTL_UI_PROMPT_SAVE_H

#include "ui/screen.h"

/* The readings of the screen as csv or json where FILE ends so, else its text. FORCE: also over
 * a file that is there. 0, or -1 and E. */
int save_file(struct ui *u, const char *file, bool force, struct err *e);
/* Its text, to the terminal's clipboard. */
int save_copy(struct ui *u, struct err *e);

#endif
