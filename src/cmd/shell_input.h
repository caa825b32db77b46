/*
 * shell_input.h - commands on standard input, a line each.
 */
#ifndef METERCTL_CMD_SHELL_INPUT_H
#define METERCTL_CMD_SHELL_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cmdline.h"

struct shell_input {
	int fd;			/* the caller's */
	char buf[4096];
	size_t at, n;		/* what has been read and not been taken */
	bool begun;
	char line[CMDLINE_LINE];
};

enum shell_input_got {
	SHELL_INPUT_LINE,	/* in->line */
	SHELL_INPUT_BAD,	/* a line that cannot be a command: E says why */
	SHELL_INPUT_END,
	SHELL_INPUT_FAILED	/* E: it cannot be read; ERR_INTERRUPTED: CANCEL_FD is raised */
};

/* The next line, without its end; the last one may lack it. */
enum shell_input_got shell_input_next(struct shell_input *in, int cancel_fd, struct err *e);

#endif
