/*
 * connect.c - `connect TARGET`: the meter of the commands that follow in the shell.
 */
#include "cmd.h"

static int connect_run(struct app *a, int argc, char **argv, struct err *e)
{
	if (cmd_words(&cmd_connect, argc, 1, 1, e))
		return -1;
	if (!a->host || !a->host->connect)
		return err_set(e, ERR_USAGE, "'connect' is a command of the shell "
			       "(give the meter of one command with -c TARGET)");
	return a->host->connect(a->host->arg, argv[0], a->profile, e);
}

const struct cmd cmd_connect = {
	.name = "connect",
	.args = "TARGET",
	.complete = "@target",
	.help = "in the shell: go on with another meter",
	.run = connect_run,
};
