/*
 * main.c - picks a command or the screens.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../ui/ui.h"
#include "app.h"
#include "cmd/cmd.h"

static int complain(const struct err *e)
{
	if (*e->text)
		fprintf(stderr, "meterctl: %s\n", e->text);
	return e->code;
}

/* What was printed must have arrived: a full disk is no success. */
static int close_stdout(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "meterctl: cannot write output: %s\n", strerror(errno));
	return status ? status : ERR_NO;
}

static int run(struct app *a, const struct cmd *cmd, int argc, char **argv)
{
	struct err e = { 0 }, lost = { 0 };
	int rc, status;

	if (app_open_trace(a, &e))
		return complain(&e);
	if (cmd->run)
		rc = cmd->run(a, argc, argv, &e);
	else
		rc = cmd_words(cmd, argc, 0, 0, &e) ? -1 : ui_run(a, &e);
	status = rc ? complain(&e) : 0;
	if (app_close_trace(a, &lost)) {
		complain(&lost);
		status = status ? status : ERR_NO;
	}
	return close_stdout(status);
}

int main(int argc, char **argv)
{
	const struct cmd *cmd = NULL;
	struct err e = { 0 };
	struct app a;

	app_init(&a);
	if (cmd_parse(&a, &argc, argv, &cmd, &e))
		return complain(&e);
	if (a.version) {
		puts("meterctl " METERCTL_VERSION);
		return close_stdout(0);
	}
	if (a.help) {
		cmd_help(cmd, stdout);
		return close_stdout(0);
	}
	setlocale(LC_CTYPE, "");
	if (!cmd && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		cmd_help(NULL, stderr);
		return ERR_USAGE;
	}
	return run(&a, cmd ? cmd : &cmd_tui, argc, argv);
}
