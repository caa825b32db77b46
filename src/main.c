/*
 * main.c - picks a command or the screens.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "ui/prompt/shell_prompt.h"
#include "ui/ui.h"
#include "cmd/app.h"
#include "cmd/cmd.h"

/* A standard descriptor that is closed goes to the next file opened, and what is
 * printed would go onto the line of a meter. Filled, it still cannot be used. */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0
		    && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

static int main_screens(struct app *a, int argc, char **argv, struct err *e)
{
	(void)argv;
	return cmd_words(&cmd_tui, argc, 0, 0, e) ? -1 : ui_run(a, e);
}

static int main_command(struct app *a, int argc, char **argv)
{
	const struct cmd *cmd = NULL;
	struct err e = { 0 };

	if (cmd_parse(a, &argc, argv, &cmd, &e))
		return cmd_finish(a, -1, &e);
	if (a->version) {
		fputs("meterctl " METERCTL_VERSION "\n", a->out);
		return cmd_finish(a, 0, &e);
	}
	if (a->help) {
		cmd_print_help(cmd, a->out);
		return cmd_finish(a, 0, &e);
	}
	setlocale(LC_CTYPE, "");
	if (!cmd && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		cmd_print_help(NULL, a->err);
		return ERR_USAGE;
	}
	return cmd_run(a, cmd && cmd->run ? cmd->run : main_screens, argc, argv, &e);
}

int main(int argc, char **argv)
{
	struct app a;
	int status;

	fill_standard_fds();
	app_init(&a);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		a.editor = &shell_prompt_editor;
	status = main_command(&a, argc, argv);
	cmd_release(&a);
	return status;
}
