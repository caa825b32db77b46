#include "prompt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include <readline/readline.h>

#include "commands.h"
#include "ui/draw/draw.h"
#include "ui/stage.h"
#include "cmd/cmdline.h"
#include "complete.h"
#include "past.h"

/* readline has one state for a whole program, so has the prompt. */
static struct {
	const struct ui *ui;	/* while a key is being taken */
	bool ready, open;
	unsigned char byte;	/* on its way to readline */
	bool has_byte;
	char *line;		/* what Enter has accepted */
	struct candidates found;
	size_t from;		/* first of them in sight */
	size_t next;		/* first that no longer fitted */
	size_t taken;		/* for the generator */
} prompt;

/* ---- what readline calls ------------------------------------------------ */

static int give_byte(FILE *f)
{
	(void)f;
	if (!prompt.has_byte)
		return EOF;
	prompt.has_byte = false;
	return prompt.byte;
}

/* readline asks whether more has been typed ahead: it is given when it comes. */
static int have_byte(void)
{
	return prompt.has_byte;
}

static void drawn_elsewhere(void)
{
}

static void take_line(char *line)
{
	prompt.line = line;
	prompt.open = false;
	rl_callback_handler_remove();
}

static char *next_candidate(const char *text, int state)
{
	(void)text;
	if (state == 0)
		prompt.taken = 0;
	return prompt.taken < prompt.found.n ? strdup(prompt.found.list[prompt.taken++]) : NULL;
}

static char **complete(const char *text, int start, int end)
{
	const struct profile *p = prompt.ui->line == LINE_NONE ? NULL : prompt.ui->profile;
	char **matches = NULL, last;

	candidates_release(&prompt.found);
	cmdline_complete(&commands_of_screens, p, rl_line_buffer, (size_t)start, (size_t)end, &prompt.found);
	rl_attempted_completion_over = !prompt.found.files;
	if (prompt.found.n > 0)
		matches = rl_completion_matches(text, next_candidate);
	/* a step on the way, or the place for a value: the word goes on */
	last = matches && !matches[1] && *matches[0] ? matches[0][strlen(matches[0]) - 1] : ' ';
	rl_completion_suppress_append = last == '.' || last == '=' || last == ':';
	if (matches && !matches[1])
		candidates_release(&prompt.found);
	return matches;
}

/* More than one: those in sight move on with each Tab. */
static void keep_matches(char **matches, int n, int longest)
{
	(void)longest;
	if (prompt.next > 0 && prompt.next < (size_t)n)
		prompt.from = prompt.next;
	else
		prompt.from = 0;
	candidates_release(&prompt.found);
	prompt.found.list = calloc((size_t)n, sizeof(char *));
	for (int i = 1; prompt.found.list && i <= n; i++) {
		char *copy = strdup(matches[i]);

		if (copy)
			prompt.found.list[prompt.found.n++] = copy;
	}
}

/* ---- opening and closing ------------------------------------------------ */

/* Everything readline would do to a terminal is taken from it: it neither reads,
 * draws, catches signals nor exports LINES and COLUMNS. */
static int prompt_prepare(struct err *e)
{
	FILE *nowhere;
	TERMINAL *ours = cur_term;

	if (prompt.ready)
		return 0;
	nowhere = fopen("/dev/null", "r+e");
	if (!nowhere)
		return err_set(e, ERR_NO, "cannot open '/dev/null': %s", strerror(errno));
	rl_readline_name = "meterctl";
	rl_terminal_name = "dumb";
	rl_change_environment = 0;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_instream = rl_outstream = nowhere;
	rl_prep_term_function = NULL;
	rl_deprep_term_function = NULL;
	rl_getc_function = give_byte;
	rl_input_available_hook = have_byte;
	rl_redisplay_function = drawn_elsewhere;
	rl_completer_word_break_characters = " \t";
	rl_completer_quote_characters = "";
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = keep_matches;
	rl_completion_query_items = 0;
	rl_initialize();
	/* it has looked up a terminal of its own: curses goes on with ours */
	if (ours)
		set_curterm(ours);
	/* whatever a person's inputrc says: Esc closes, Tab shows, nothing beeps */
	rl_variable_bind("editing-mode", "emacs");
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_variable_bind("bell-style", "none");
	/* Enter alone accepts a line, and what it does is not another one's to change */
	rl_unbind_command_in_map("operate-and-get-next", emacs_standard_keymap);
	rl_unbind_command_in_map("vi-editing-mode", emacs_meta_keymap);
	past_load();
	prompt.ready = true;
	return 0;
}

static void forget_candidates(void)
{
	candidates_release(&prompt.found);
	prompt.from = prompt.next = 0;
}

void prompt_open(struct ui *u, const char *text)
{
	struct err e = { 0 };

	if (prompt.open)
		return;
	if (prompt_prepare(&e)) {
		ui_say(u, "%s", e.text);
		return;
	}
	forget_candidates();
	prompt.ui = u;
	prompt.open = true;
	rl_callback_handler_install(":", take_line);
	rl_insert_text(text);
	u->dirty = true;
}

static void feed(unsigned char byte)
{
	prompt.byte = byte;
	prompt.has_byte = true;
	rl_callback_read_char();
	prompt.has_byte = false;
}

static bool searching(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH);
}

void prompt_close(void)
{
	if (prompt.open) {
		bool put_aside = searching();

		/* as after an interrupt: no search, no count, nothing to undo is left */
		rl_callback_sigcleanup();
		if (put_aside)
			rl_restore_prompt();
		rl_free_line_state();
		rl_callback_handler_remove();
	}
	prompt.open = false;
	forget_candidates();
}

bool prompt_shown(void)
{
	return prompt.open;
}

/* ---- keys --------------------------------------------------------------- */

/* Curses has taken the sequences of these keys apart already. */
static int control_of(int key)
{
	static const struct { int key, control; } keys[] = {
		{ KEY_LEFT, CTRL('B') }, { KEY_RIGHT, CTRL('F') }, { KEY_HOME, CTRL('A') },
		{ KEY_END, CTRL('E') }, { KEY_UP, CTRL('P') }, { KEY_DOWN, CTRL('N') },
		{ KEY_BACKSPACE, CTRL('H') }, { KEY_DC, CTRL('D') }, { KEY_ENTER, '\r' },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			return keys[i].control;
	return key > 0 && key <= 255 ? key : 0;
}

static void accept_line(struct ui *u)
{
	char *line = prompt.line;
	struct err e = { 0 };

	prompt.line = NULL;
	forget_candidates();
	if (*line) {
		int rc = past_keep(u->profile, line, &e);

		command_run(u, line);
		if (rc && !u->message[0])
			ui_say(u, "history: %s", e.text);
	}
	explicit_bzero(line, strlen(line));
	free(line);
}

/* readline 8.2, fed key by key, follows a null pointer when a search ends by a sequence of keys
 * (Ctrl-S Ctrl-X M): the first of one does nothing in a search. */
static bool prompt_begins_sequence(int byte)
{
	return searching() && rl_get_keymap()[byte].type == ISKMAP;
}

void prompt_key(struct ui *u, int key)
{
	int byte = control_of(key);

	u->dirty = true;
	prompt.ui = u;
	if (key == 27 || (key == CTRL('G') && !searching())) {
		prompt_close();
		return;
	}
	if (key == CTRL('L'))
		u->loop->redraw = true;
	if (!byte || prompt_begins_sequence(byte) || key == CTRL('L') || (key == KEY_DC && rl_end == 0)
	    || (byte >= ' ' && byte != 127 && rl_end + 2 >= CMDLINE_LINE))
		return;
	if (byte != '\t')
		forget_candidates();
	feed((unsigned char)byte);
	if (prompt.line)
		accept_line(u);
}

/* ---- drawing ------------------------------------------------------------ */

/* How much of every candidate is the same and ends with a step of a key, a folder
 * or the '=' before a value: what need not be shown. */
static size_t common_steps(const struct candidates *c)
{
	const char *first = c->list[0];
	size_t step = 0;

	for (size_t n = 0; first[n]; n++) {
		for (size_t i = 1; i < c->n; i++)
			if (c->list[i][n] != first[n])
				return step;
		if (strchr("./=", first[n]))
			step = n + 1;
	}
	return step;
}

static void draw_candidates(const struct ui *u, WINDOW *w)
{
	size_t i = prompt.from, same = common_steps(&prompt.found);
	int x = 1;

	for (; i < prompt.found.n; i++) {
		const char *word = prompt.found.list[i] + same;
		int cells = draw_width(word), more = i + 1 < prompt.found.n ? 7 : 0;

		if (x + cells + more > u->cols - 1 && i > prompt.from)
			break;
		ui_text(u, w, 0, x, u->cols - x - 1, ROLE_KEY, "%s", word);
		x += cells + 2;
	}
	prompt.next = i;
	if (i < prompt.found.n)
		ui_right(u, w, 0, u->cols - 8, 7, ROLE_DIM, "+%zu", prompt.found.n - i);
}

void prompt_draw(const struct ui *u, WINDOW *w)
{
	const struct profile *p = u->line == LINE_NONE ? NULL : u->profile;
	char shown[CMDLINE_LINE], before[CMDLINE_LINE], masked[CMDLINE_LINE], hint[512];
	const char *from = shown;
	int label = draw_width(rl_display_prompt), width = u->cols - label - 1, cells;

	if (prompt.found.n > 1)
		draw_candidates(u, w);
	else
		ui_text(u, w, 0, 1, u->cols - 2, ROLE_DIM, "%s",
			cmdline_hint(&commands_of_screens, p, u->readings, rl_line_buffer, (size_t)rl_point,
				     hint, sizeof(hint)));
	cmdline_mask(p, rl_line_buffer, shown, sizeof(shown));
	snprintf(before, sizeof(before), "%.*s", rl_point, rl_line_buffer);
	cells = draw_width(cmdline_mask(p, before, masked, sizeof(masked)));
	/* keep the cursor in sight */
	for (; cells >= width && *from; cells--) {
		from++;
		while (((unsigned char)*from & 0xC0) == 0x80)
			from++;
	}
	ui_text(u, w, 1, 0, label, ROLE_TITLE, "%s", rl_display_prompt);
	ui_text(u, w, 1, label, width + 1, ROLE_NORMAL, "%s", from);
	mvwchgat(w, 1, label + cells, 1, A_REVERSE, 0, NULL);
}
