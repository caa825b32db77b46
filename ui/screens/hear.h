/*
 * hear.h - listening to a line, begun from other screens.
 */
#ifndef METERCTL_UI_SCREENS_HEAR_H
#define METERCTL_UI_SCREENS_HEAR_H

#include "ui/screen.h"

/* Shows the Listen screen and listens to the line of T. */
int hear_begin(struct ui *u, const struct target *t, struct err *e);

#endif
