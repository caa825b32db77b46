/*
 * profile_mapping.h - `meterctl profile` of what is no profile but a dialect that is data
 * (mqtt/dialects/mapping.h): checked and shown by the same words.
 */
#ifndef METERCTL_CMD_PROFILE_MAPPING_H
#define METERCTL_CMD_PROFILE_MAPPING_H

#include "app.h"
#include "profile_print.h"

/* Is NAME a file that holds a dialect, or the name of one and of no profile? */
bool profile_mapping_named(const char *name);
int profile_mapping_check(struct app *a, const char *name, struct err *e);
int profile_mapping_show(struct app *a, const char *name, struct err *e);

/* The end of a check, of a profile, too: its warnings, its findings, and whether it holds. */
int profile_check_conclude(struct app *a, const struct checked *is, const struct check *c, struct err *e);

#endif
