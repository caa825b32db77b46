/*
 * page.h - text to be looked at: what a command printed.
 */
#ifndef METERCTL_UI_SCREENS_PAGE_H
#define METERCTL_UI_SCREENS_PAGE_H

#include "ui/screen.h"

/* Shows TEXT, copied, below TITLE. */
void page_show(struct ui *u, const char *title, const char *text);

#endif
