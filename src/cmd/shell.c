/*
 * shell.c - `meterctl shell`: the table of commands over one open meter, from standard
 * input or at a prompt.
 */
#include "shell.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cancel.h"
#include "target/password.h"
#include "cmd.h"
#include "cmdline.h"
#include "shell_input.h"
#include "shell_meter.h"
#include "shell_record.h"

struct shell_own {
	bool keep_going;
};

static const struct opt shell_opts[] = {
	OPT_FLAG('k', "keep-going", struct shell_own, keep_going, "go on after an error; exit with the first one's status"),
};

struct shell {
	struct app *app;		/* its own options: the defaults of each line */
	const struct app *line;		/* those of the command under way */
	struct shell_meter meter;
	struct app_host host;
	struct trace_sink relay;	/* what a command traces, --trace of the shell has, too */
	unsigned number;		/* of the line, from 1; 0: typed at a prompt */
	bool over;			/* by quit or exit */
};

/* ---- what a command sees ------------------------------------------------------ */

static int shell_borrow(void *arg, const struct target *t, struct link **link, struct err *e)
{
	struct shell *s = arg;

	return shell_meter_borrow(&s->meter, s->line, t, link, e);
}

static void shell_give_back(void *arg)
{
	shell_meter_give_back(&((struct shell *)arg)->meter);
}

static int shell_password(void *arg, const struct target *t, char **out, struct err *e)
{
	(void)arg;
	return password_fetch(t, true, out, e);
}

static int shell_connect(void *arg, struct app *line, const char *target, struct err *e)
{
	return shell_meter_connect(&((struct shell *)arg)->meter, line, target, e);
}

static void shell_relay(void *arg, const struct trace_frame *f)
{
	trace_pass(&((struct shell *)arg)->app->trace, f);
}

/* ---- a line ---------------------------------------------------------------------- */

/* The options of an invocation before its own. */
static void shell_begin_with(struct shell *s, struct app *line)
{
	*line = *s->app;
	/* cmd_parse() may not come to these */
	line->own = NULL;
	line->file = NULL;
	line->connect = *s->meter.connect ? s->meter.connect : NULL;
	line->profile = s->meter.profile_name;
	line->host = &s->host;
	line->editor = NULL;
	line->line = s->number;
	line->trace_file = NULL;
	line->trace = (struct trace){ 0 };
	if (s->app->trace.first) {
		s->relay = (struct trace_sink){ .frame = shell_relay, .arg = s };
		trace_add(&line->trace, &s->relay);
	}
}

/* What the words ask for; its status, and E is why. */
static int shell_invoke(struct shell *s, struct app *line, struct cmdline *w, struct err *e)
{
	char *argv[CMDLINE_MAX + 2] = { (char *)"meterctl" };
	int argc = w->argc + 1;
	const struct cmd *cmd = NULL;

	memcpy(argv + 1, w->argv, (size_t)w->argc * sizeof(*argv));
	if (cmd_parse(line, &argc, argv, &cmd, e))
		return cmd_finish(line, -1, e);
	if (line->version) {
		fputs("meterctl " METERCTL_VERSION "\n", line->out);
		return cmd_finish(line, 0, e);
	}
	if (line->help) {
		cmd_print_help(cmd, line->out);
		return cmd_finish(line, 0, e);
	}
	if (!cmd)
		return cmd_finish(line, err_set(e, ERR_USAGE, "a command is missing (see 'help')"), e);
	if (cmd->shell_only)
		return cmd_finish(line, err_set(e, ERR_USAGE, "'%s' cannot run inside the shell "
						"(end the shell first, then 'meterctl %s')", cmd->name, cmd->name), e);
	if (cmd->own_lines)
		shell_meter_let_go(&s->meter);
	return cmd_run(line, cmd->run, argc, argv, e);
}

static const char *shell_past_blanks(const char *text)
{
	while (ascii_blank(*text))
		text++;
	return text;
}

/* Runs TEXT; its exit status. BAD: why it cannot be run at all; NULL: it can. */
static int shell_run_line(struct shell *s, const char *text, const struct err *bad)
{
	struct shell_record record;
	struct err e = { 0 };
	struct cmdline w;
	struct app line;
	int status;

	shell_begin_with(s, &line);
	if (shell_record_begin(&record, s->app, &line, &e)) {
		status = cmd_finish(&line, -1, &e);
	} else if (bad) {
		e = *bad;
		status = cmd_finish(&line, -1, &e);
	} else if (cmdline_split(&w, text, &e)) {
		status = cmd_finish(&line, -1, &e);
	} else if (w.argc == 1 && (strcmp(w.argv[0], "quit") == 0 || strcmp(w.argv[0], "exit") == 0)) {
		s->over = true;
		status = 0;
	} else {
		s->line = &line;
		status = shell_invoke(s, &line, &w, &e);
		s->line = NULL;
	}
	cmd_release(&line);
	shell_meter_over(&s->meter, status);
	return shell_record_end(&record, s->app, s->meter.profile, s->number, shell_past_blanks(text), status, &e);
}

static bool shell_is_blank(const char *text)
{
	text = shell_past_blanks(text);
	return !*text || *text == '#';
}

/* ---- from standard input ---------------------------------------------------------- */

static int shell_run_input(struct shell *s, bool keep_going, struct err *e)
{
	struct shell_input in = { .fd = STDIN_FILENO };
	int first = 0, status;

	while (!s->over) {
		enum shell_input_got got = shell_input_next(&in, s->app->cancel_fd, e);

		if (got == SHELL_INPUT_FAILED)
			return -1;
		if (got == SHELL_INPUT_END)
			break;
		s->number++;
		if (got == SHELL_INPUT_LINE && shell_is_blank(in.line))
			continue;
		status = got == SHELL_INPUT_BAD ? shell_run_line(s, "", e) : shell_run_line(s, in.line, NULL);
		explicit_bzero(in.line, sizeof(in.line));
		/* whatever the command made of it, it was meant for the whole */
		if (app_signal() || status == ERR_INTERRUPTED)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		first = first ? first : status;
		if ((status && !keep_going) || ferror(s->app->out))
			break;
	}
	/* what went wrong has been said */
	return first ? err_set(e, (enum err_code)first, "%s", "") : 0;
}

/* ---- at a prompt --------------------------------------------------------------------- */

static void shell_prompt(const struct shell *s, char *buf, size_t size)
{
	char target[TARGET_TEXT];

	snprintf(buf, size, "%s> ", *s->meter.connect ? target_format(&s->meter.target, 0, target, sizeof(target))
						      : "meterctl");
}

static int shell_run_prompt(struct shell *s, struct err *e)
{
	while (!s->over) {
		char prompt[TARGET_TEXT + 3], *line = NULL;
		int rc, signal;

		cancel_clear(s->app->cancel_fd);
		shell_prompt(s, prompt, sizeof(prompt));
		rc = s->app->editor->read(prompt, *s->meter.connect ? s->meter.profile : NULL,
					  s->app->cancel_fd, &line);
		if (rc > 0 && !shell_is_blank(line) && shell_run_line(s, line, NULL) == ERR_INTERRUPTED)
			fputc('\n', s->app->err);	/* behind the ^C */
		if (line)
			explicit_bzero(line, strlen(line));
		free(line);
		signal = app_signal();
		if (signal == SIGTERM || signal == SIGHUP)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		if (rc == 0)
			break;
	}
	return 0;
}

/* ---- the command ----------------------------------------------------------------------- */

static int shell_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct shell_own *own = a->own;
	struct shell s = { .app = a };
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_shell, argc, 0, 0, e))
		return -1;
	a->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->cancel_fd < 0)
		return err_set(e, ERR_NO, "cannot make an event: %m");
	s.host = (struct app_host){
		.borrow = shell_borrow, .give_back = shell_give_back, .password = shell_password,
		.connect = shell_connect, .arg = &s,
	};
	if (!a->editor)
		a->asks = false;	/* standard input is commands, not answers */
	if (shell_meter_init(&s.meter, a, e) == 0) {
		app_cancel_on_signal(a, a->cancel_fd);
		rc = a->editor ? shell_run_prompt(&s, e) : shell_run_input(&s, own->keep_going, e);
		app_cancel_on_signal(a, -1);
	}
	shell_meter_release(&s.meter);
	close(a->cancel_fd);
	a->cancel_fd = 0;
	return rc;
}

const struct cmd cmd_shell = {
	.name = "shell",
	.args = "",
	.help = "commands at a prompt, or from standard input, over one open meter",
	.opts = shell_opts,
	.nopts = sizeof(shell_opts) / sizeof(*shell_opts),
	.own_size = sizeof(struct shell_own),
	.shell_only = true,
	.run = shell_run,
};
