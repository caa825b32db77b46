/*
 * values.h - chosen readings in a list, which go on living.
 */
#ifndef METERCTL_UI_SCREENS_VALUES_H
#define METERCTL_UI_SCREENS_VALUES_H

#include "ui/screen.h"

/* Shows the readings of SEL, which is copied. */
void values_show(struct ui *u, const struct selection *sel);

#endif
