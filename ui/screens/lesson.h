/*
 * lesson.h - the Learn screen, begun at the prompt.
 */
#ifndef METERCTL_UI_SCREENS_LESSON_H
#define METERCTL_UI_SCREENS_LESSON_H

#include "cmd/app.h"
#include "cmd/own.h"
#include "ui/screen.h"

/* Shows the Learn screen and hears the tool, as OWN says. A: the options everywhere. */
int lesson_begin(struct ui *u, const struct app *a, const struct learn_own *own, const char *profile, struct err *e);

#endif
