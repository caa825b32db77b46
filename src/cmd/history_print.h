/*
 * history_print.h - what a meter remembers, as `history` prints it.
 */
#ifndef METERCTL_CMD_HISTORY_PRINT_H
#define METERCTL_CMD_HISTORY_PRINT_H

#include <stdio.h>

#include "app.h"
#include "meter/history.h"
#include "meter/meter.h"

/* H is of M's readings. */
int history_print(struct printer *out, const struct app *a, const struct meter *m,
		  const struct history *h, struct err *e);

#endif
