/*
 * shell.h - what the shell wants of a terminal. The line editor is not known to the
 * commands: ui/prompt has it, main.c brings them together.
 */
#ifndef METERCTL_CMD_SHELL_H
#define METERCTL_CMD_SHELL_H

#include "base/err.h"
#include "profile/profile.h"

struct shell_editor {
	/* The next line of the person, without its end, in *LINE; free() it. PROFILE: of the
	 * meter; NULL: none is chosen. 1; 0: no more will come; -1: given up, as CANCEL_FD
	 * (an eventfd) was raised meanwhile. */
	int (*read)(const char *prompt, const struct profile *profile, int cancel_fd, char **line);
};

#endif
