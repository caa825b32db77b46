/*
 * shell_record.h - what became of a command of the shell, as one JSON object a line
 * (meterctl(1), SHELL): with -f jsonl of the shell.
 */
#ifndef METERCTL_CMD_SHELL_RECORD_H
#define METERCTL_CMD_SHELL_RECORD_H

#include "app.h"

struct shell_record {
	FILE *f;		/* what the command prints; NULL: it prints by itself */
	char *text;
	size_t size;
};

/* Where SHELL prints records, that of LINE begins: LINE prints JSON into it, unless it has
 * a format of its own. ERR_NO: no memory. */
int shell_record_begin(struct shell_record *r, const struct app *shell, struct app *line, struct err *e);

/* Prints it: TEXT is the command (secrets of PROFILE are masked), WHY its error. The status
 * of the command, or of the printing. */
int shell_record_end(struct shell_record *r, const struct app *shell, const struct profile *profile,
		     unsigned number, const char *text, int status, const struct err *why);

#endif
