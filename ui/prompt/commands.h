/*
 * commands.h - what can be typed at the prompt, and what it does. Names and
 * meanings are those of the command line; what needs the meter goes through the
 * one the screens have open.
 */
#ifndef METERCTL_UI_PROMPT_COMMANDS_H
#define METERCTL_UI_PROMPT_COMMANDS_H

#include "ui/screens/review.h"
#include "ui/screen.h"

struct command {
	const char *name;
	const char *args;	/* "[KEY|GROUP|GLOB ...]"; NULL: as the shell's command */
	const char *complete;	/* what ARGS complete to, as in src/cmd/cmd.h; also
				   "@setting": a key that can be written and '=' */
	const char *help;	/* NULL: as the shell's command */
	/* u->profile is NULL while no meter is chosen. ARGV[0] is the name. */
	int (*run)(struct ui *u, int argc, char **argv, struct err *e);
};

/* Sorted by name; ends with a NULL name. Screens can be named as well. */
extern const struct command command_table[];

const struct command *command_find(const char *name);
const char *command_args(const struct command *c);
const char *command_help(const struct command *c);

/* Runs LINE and says on the screen what came of it. */
void command_run(struct ui *u, const char *line);

#endif
