/*
 * find.h - the search for meters, begun from other screens.
 */
#ifndef METERCTL_UI_SCREENS_FIND_H
#define METERCTL_UI_SCREENS_FIND_H

#include "ui/screen.h"

struct search_meter;

/* Shows the Find screen and searches the line of TARGET (NULL: every serial port). */
int find_begin(struct ui *u, const char *target, struct err *e);
/* The meters that were found, from 0 on; NULL: no more. Valid until the screen is drawn again. */
const struct search_meter *find_meter(struct ui *u, size_t i);

#endif
