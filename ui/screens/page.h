/*
 * page.h - text to be looked at: what a command printed, or prints while it runs
 * (u->loop->running).
 */
#ifndef METERCTL_UI_SCREENS_PAGE_H
#define METERCTL_UI_SCREENS_PAGE_H

#include "ui/screen.h"

#define PAGE_LINES_MAX 20000	/* of a command that goes on and on, the newest are kept */

/* Who else wants the page is told so while a command runs: it prints and asks there. */
#define PAGE_TAKEN "a command is running: Esc on Output ends it"

/* Shows TEXT, copied, below TITLE. No command runs. */
void page_show(struct ui *u, const char *title, const char *text);

/* The same for text that comes in pieces, by page_append(). FOLLOW: the newest lines are in
 * sight until the person looks elsewhere. */
void page_begin(struct ui *u, const char *title, bool follow);
void page_append(struct ui *u, const char *text, size_t n);
/* The command asks QUESTION; "": no more. */
void page_ask(struct ui *u, const char *question);
/* It has ended, and how: "exit status 1"; "": as it should. */
void page_end(struct ui *u, const char *how);

#endif
