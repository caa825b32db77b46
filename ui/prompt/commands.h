/*
 * commands.h - what can be typed at the prompt, and what it does: every command of the
 * command line (src/cmd/list.h) with all its options, in a thread of its own whose output
 * is shown; or, where there is one, the way of the screens.
 */
#ifndef METERCTL_UI_PROMPT_COMMANDS_H
#define METERCTL_UI_PROMPT_COMMANDS_H

#include "cmd/cmd.h"
#include "ui/screens/review.h"
#include "ui/screen.h"

/* What the screens do themselves: ways.c. */
struct screen_way {
	const char *name;	/* of a command; or of something that only the screens can do */
	const char *options;	/* of the command's own, those this way has, a space between; with
				   any other option the command itself runs. NULL: none */
	const char *args;	/* NULL: as the command's, likewise the next two */
	const char *complete;	/* as in struct cmd */
	const char *help;
	/* A: the options, parsed; NULL without a command. ARGV: the words behind the name.
	 * u->profile is NULL while no meter is chosen. */
	int (*run)(struct ui *u, const struct app *a, int argc, char **argv, struct err *e);
};

extern const struct screen_way screen_way_table[];	/* ends with a NULL name */

/* A row of either table, or of both. */
struct command {
	const char *name, *args, *complete, *help;
	const struct cmd *cmd;	/* NULL: of the screens alone */
	const struct screen_way *way;	/* NULL: the command itself runs */
};

/* False: there is none, or none at the prompt. */
bool command_find(const char *name, struct command *out);
/* All of them, from 0 on; false: no more. In no order. */
bool command_nth(size_t i, struct command *out);

/* What can be typed somewhere: two such functions, and what are commands besides. */
struct command_set {
	bool (*find)(const char *name, struct command *out);
	bool (*nth)(size_t i, struct command *out);
	const char *(*screen)(size_t i);	/* a screen's word; NULL: it has none; SCREEN_COUNT of them */
};
extern const struct command_set commands_of_screens;

/* Runs LINE and says on the screen what came of it, or what is under way. */
void command_run(struct ui *u, const char *line);

/* u->loop->running has printed something, asks, or has ended. */
void command_running(struct ui *u);

/* A `get` waits for its reading: what it reads, and that readings have come or a
 * second has passed. */
void command_points(struct ui *u, struct selection *sel);
void command_update(struct ui *u);

#endif
