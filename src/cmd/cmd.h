/*
 * cmd.h - commands: one file each, one row each in table.c. A row makes the
 * usage line, --help and the completions.
 */
#ifndef METERCTL_CMD_H
#define METERCTL_CMD_H

#include "../app.h"
#include "../opt.h"

struct cmd {
	const char *name;
	const char *args;		/* "[KEY|GROUP|GLOB ...]" */
	const char *complete;		/* what ARGS complete to: "@key", "@file", words */
	const char *help;		/* one line */
	const struct opt *opts;		/* its own, ended by a row without a name */
	size_t nopts;
	/* ARGV[0 .. argc-1] are the words after the command, options taken
	 * out and handed to set(). Returns the exit status; E filled when it is
	 * not 0 and the command has not said why itself. */
	int (*run)(struct app *a, int argc, char **argv, struct err *e);
	/* One own option with its argument (NULL if it takes none). */
	int (*set)(struct app *a, int id, const char *arg, struct err *e);
};

extern const struct cmd *const cmd_table[];	/* ends with NULL */
extern const struct opt app_options[];		/* options everywhere */
extern const size_t napp_options;

const struct cmd *cmd_find(const char *name);

extern const struct cmd cmd_tui, cmd_read, cmd_get, cmd_watch, cmd_raw,
	cmd_profile, cmd_simulate;

#endif
