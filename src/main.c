/*
 * main.c - picks a command or the screens.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ui/ui.h"
#include "cmd/app.h"
#include "cmd/cmd.h"

static int main_complain(const struct app *a, const struct err *e)
{
	app_complain(a, e);
	return e->code;
}

/* A standard descriptor that is closed goes to the next file opened, and what is
 * printed would go onto the line of a meter. Filled, it still cannot be used. */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0
		    && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

/* What was printed must have arrived: a full disk is no success. Whoever met it
 * first has said so in E. */
static int main_finish(const struct app *a, int rc, const struct err *e)
{
	bool lost = fflush(a->out) != 0 || ferror(a->out);
	int why = errno;
	int status = rc ? main_complain(a, e) : 0;

	if (!lost)
		return status;
	if (status != ERR_NO)
		fprintf(a->err, "meterctl: cannot write output: %s\n", strerror(why));
	return status ? status : ERR_NO;
}

static int main_run(struct app *a, const struct cmd *cmd, int argc, char **argv)
{
	struct err e = { 0 }, lost = { 0 };
	int rc, status;

	if (app_open_trace(a, &e))
		return main_complain(a, &e);
	if (cmd->run)
		rc = cmd->run(a, argc, argv, &e);
	else
		rc = cmd_words(cmd, argc, 0, 0, &e) ? -1 : ui_run(a, &e);
	status = main_finish(a, rc, &e);
	if (app_close_trace(a, &lost)) {
		main_complain(a, &lost);
		status = status ? status : ERR_NO;
	}
	return status;
}

static int main_command(struct app *a, int argc, char **argv)
{
	const struct cmd *cmd = NULL;
	struct err e = { 0 };

	if (cmd_parse(a, &argc, argv, &cmd, &e))
		return main_complain(a, &e);
	if (a->version) {
		fputs("meterctl " METERCTL_VERSION "\n", a->out);
		return main_finish(a, 0, &e);
	}
	if (a->help) {
		cmd_help(cmd, a->out);
		return main_finish(a, 0, &e);
	}
	setlocale(LC_CTYPE, "");
	if (!cmd && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		cmd_help(NULL, a->err);
		return ERR_USAGE;
	}
	return main_run(a, cmd ? cmd : &cmd_tui, argc, argv);
}

int main(int argc, char **argv)
{
	struct app a;
	int status;

	fill_standard_fds();
	app_init(&a);
	status = main_command(&a, argc, argv);
	cmd_release(&a);
	return status;
}
