#include "shell_prompt.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/readline.h>

#include "base/text.h"
#include "cmd/cmdline.h"
#include "complete.h"
#include "past.h"

/* readline has one state for a whole program, so has the prompt. */
static struct {
	bool ready, over;
	const struct profile *profile;	/* while a line is typed */
	char *line;			/* what Enter has accepted */
	struct candidates found;
	size_t taken;			/* for the generator */
} shell;

/* ---- what can be typed -------------------------------------------------------- */

static const struct command shell_words[] = {
	{ .name = "exit", .args = "", .help = "end the shell" },
	{ .name = "quit", .args = "", .help = "end the shell" },
};
#define SHELL_WORDS (sizeof(shell_words) / sizeof(*shell_words))

static bool shell_has(const struct cmd *c)
{
	return c->help && !c->shell_only;
}

static bool shell_command_find(const char *name, struct command *out)
{
	const struct cmd *c = cmd_find(name);

	for (size_t i = 0; i < SHELL_WORDS; i++)
		if (strcmp(shell_words[i].name, name) == 0) {
			*out = shell_words[i];
			return true;
		}
	if (!c || !shell_has(c))
		return false;
	*out = (struct command){ .name = c->name, .args = c->args, .complete = c->complete, .help = c->help, .cmd = c };
	return true;
}

static bool shell_command_nth(size_t i, struct command *out)
{
	for (size_t k = 0; cmd_table[k]; k++)
		if (shell_has(cmd_table[k]) && i-- == 0)
			return shell_command_find(cmd_table[k]->name, out);
	if (i >= SHELL_WORDS)
		return false;
	*out = shell_words[i];
	return true;
}

static const struct command_set commands_of_shell = { shell_command_find, shell_command_nth, NULL };

/* ---- what readline calls --------------------------------------------------------- */

static void shell_take_line(char *line)
{
	shell.line = line;
	shell.over = true;
	rl_callback_handler_remove();
}

static char *shell_next_candidate(const char *text, int state)
{
	(void)text;
	if (state == 0)
		shell.taken = 0;
	return shell.taken < shell.found.n ? strdup(shell.found.list[shell.taken++]) : NULL;
}

static char **shell_complete(const char *text, int start, int end)
{
	char **matches = NULL, last;

	cmdline_complete(&commands_of_shell, shell.profile, rl_line_buffer, (size_t)start, (size_t)end, &shell.found);
	rl_attempted_completion_over = !shell.found.files;
	if (shell.found.n > 0)
		matches = rl_completion_matches(text, shell_next_candidate);
	/* a step on the way, or the place for a value: the word goes on */
	last = matches && !matches[1] && *matches[0] ? matches[0][strlen(matches[0]) - 1] : ' ';
	rl_completion_suppress_append = last == '.' || last == '=' || last == ':';
	candidates_release(&shell.found);
	return matches;
}

/* The line with its secrets as asterisks: readline draws what is put in its place. */
static void shell_draw(void)
{
	char masked[CMDLINE_LINE], before[CMDLINE_LINE], head[CMDLINE_LINE];
	char *line = rl_line_buffer;
	int point = rl_point, end = rl_end;

	if (!shell.profile || end + 1 >= CMDLINE_LINE || RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH)) {
		rl_redisplay();
		return;
	}
	snprintf(head, sizeof(head), "%.*s", point, line);
	rl_line_buffer = (char *)(uintptr_t)cmdline_mask(shell.profile, line, masked, sizeof(masked));
	rl_point = (int)strlen(cmdline_mask(shell.profile, head, before, sizeof(before)));
	rl_end = (int)strlen(masked);
	rl_redisplay();
	rl_line_buffer = line;
	rl_point = point;
	rl_end = end;
	explicit_bzero(head, sizeof(head));
}

/* ---- the prompt -------------------------------------------------------------------- */

static void shell_prepare(void)
{
	if (shell.ready)
		return;
	rl_readline_name = "meterctl";
	rl_change_environment = 0;
	/* signals are the shell's: they come as an event */
	rl_catch_signals = 0;
	rl_completer_word_break_characters = " \t";
	rl_completer_quote_characters = "";
	rl_attempted_completion_function = shell_complete;
	rl_redisplay_function = shell_draw;
	rl_initialize();
	/* lines that are pasted are run as they are typed: one by one */
	rl_variable_bind("enable-bracketed-paste", "off");
	past_load();
	shell.ready = true;
}

/* Drops what has been typed, as after an interrupt. */
static void shell_give_up(void)
{
	rl_callback_sigcleanup();
	rl_free_line_state();
	rl_callback_handler_remove();
	fputc('\n', rl_outstream);
	fflush(rl_outstream);
}

static int shell_read(const char *prompt, const struct profile *profile, int cancel_fd, char **line)
{
	struct pollfd from[] = { { .fd = cancel_fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	struct err e = { 0 };

	shell_prepare();
	shell.profile = profile;
	shell.line = NULL;
	shell.over = false;
	rl_callback_handler_install(prompt, shell_take_line);
	while (!shell.over) {
		if (poll(from, 2, -1) < 0 && errno != EINTR)
			break;
		if (from[0].revents) {
			shell_give_up();
			return -1;
		}
		if (from[1].revents)
			rl_callback_read_char();
	}
	if (!shell.line) {
		fputc('\n', rl_outstream);
		fflush(rl_outstream);
		return 0;
	}
	*line = shell.line;
	if (**line && past_keep(profile, *line, &e))
		fprintf(stderr, "meterctl: history: %s\n", e.text);
	return 1;
}

const struct shell_editor shell_prompt_editor = { .read = shell_read };
