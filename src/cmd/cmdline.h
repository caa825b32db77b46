/*
 * cmdline.h - a command as one line of text: its words, and what must not be seen of it.
 */
#ifndef METERCTL_CMD_CMDLINE_H
#define METERCTL_CMD_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/profile.h"

#define CMDLINE_LINE 1024
#define CMDLINE_MAX 64

/* LINE as a shell would cut it: blanks part words, '...' "..." and \ keep them
 * together. ERR_USAGE: a quote is not closed, too long, too many. */
struct cmdline {
	char text[CMDLINE_LINE];
	char *argv[CMDLINE_MAX + 1];	/* ends with NULL */
	int argc;
};
int cmdline_split(struct cmdline *w, const char *line, struct err *e);

/* May LINE be kept? P: of the meter; NULL: none is chosen, here and below. Not when it gives a value to a secret point or its registers, or to something
 * that is no point and so might be one misspelt, nor with a password in a target. */
bool cmdline_keep(const struct profile *p, const char *line);

/* LINE as it may be shown: the values cmdline_keep() worries about as '*', one
 * for each character. Returns BUF. */
const char *cmdline_mask(const struct profile *p, const char *line, char *buf, size_t size);

#endif
