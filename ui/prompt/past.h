/*
 * past.h - the lines typed before, in readline's list and in $XDG_STATE_HOME/meterctl/history.
 */
#ifndef METERCTL_UI_PROMPT_PAST_H
#define METERCTL_UI_PROMPT_PAST_H

#include "base/err.h"
#include "profile/profile.h"

/* Reads the file; none yet is as good as an empty one. */
void past_load(void);
/* Keeps LINE, unless it is the last one again or holds what must not be kept
 * (cmdline_keep()). ERR_NO: it is in the list, and not in the file. */
int past_keep(const struct profile *p, const char *line, struct err *e);

#endif
