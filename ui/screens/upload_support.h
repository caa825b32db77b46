/*
 * upload_support.h - says on a screen what the uploads of a meter do not bring.
 */
#ifndef METERCTL_UI_SCREENS_UPLOAD_SUPPORT_H
#define METERCTL_UI_SCREENS_UPLOAD_SUPPORT_H

#include "ui/bus/support.h"
#include "ui/draw/draw.h"

/* "· is not in the uploads of json-v2", when some of SEL are not: the mark stands in
 * their place (SUPPORT_MARK). */
void support_legend(const struct ui *u, WINDOW *w, int y, int x, int width, const struct selection *sel);

/* If none of SEL will ever have a reading: says in W that the dialect uploads no WHAT,
 * and where it is found. False: there is, or may be. */
bool support_empty(const struct ui *u, WINDOW *w, const struct selection *sel, const char *what);

#endif
