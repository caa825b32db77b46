/*
 * profile_load.h - a profile from its YAML file (meterctl-profile(5)).
 */
#ifndef METERCTL_PROFILE_PROFILE_LOAD_H
#define METERCTL_PROFILE_PROFILE_LOAD_H

#include "profile.h"

/* NULL and E ("file:line:column: ...", ERR_USAGE) when it does not follow the
 * schema; profile_free() gives it back. */
const struct profile *profile_load(const char *path, struct err *e);
/* What profile_free() does for one made here. */
void profile_unload(const struct profile *p);

#endif
