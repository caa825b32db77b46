/*
 * auto.h - the profile of the meter of -c, with its registers where they are: the one that -p names, or
 * with `-p auto` the one whose rules the meter matches. What was found is remembered for the connection
 * (lines.h): its rules are asked first the next time, and asked: it may be another meter by then.
 */
#ifndef METERCTL_CMD_AUTO_H
#define METERCTL_CMD_AUTO_H

#include "app.h"

/* NULL and E; ERR_FOREIGN: the meter replies, and no rule identifies it, or its registers are not found (base.h).
 * profile_free() it. */
const struct profile *app_profile(const struct app *a, struct err *e);

#endif
