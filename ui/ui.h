/*
 * ui.h - the screens: what they draw from, and how they start and stop.
 *
 * Only the bus thread touches the meter. Screens draw from the copies in
 * struct ui, which bus_take() brings when the bus wakes the loop; so drawing never waits and a dead line never holds a key.
 */
#ifndef METERCTL_UI_UI_H
#define METERCTL_UI_UI_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/app.h"

/* Runs the screens until the person leaves. Without a target in A (no -c, no
 * METERCTL_CONNECT) it opens on Connect. 0, or -1 and E. */
int ui_run(struct app *a, struct err *e);

#endif
