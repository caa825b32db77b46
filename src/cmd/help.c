/*
 * help.c - `meterctl help [COMMAND]`: as --help.
 */
#include "cmd.h"

static int help_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct cmd *c = argc > 0 ? cmd_find(argv[0]) : NULL;

	if (cmd_words(&cmd_help, argc, 0, 1, e))
		return -1;
	if (argc > 0 && !c)
		return cmd_unknown(argv[0], e);
	cmd_print_help(c, a->out);
	return 0;
}

const struct cmd cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.complete = "@command",
	.help = "the help of a command, or of all, as --help",
	.run = help_run,
	.plain = true,
};
