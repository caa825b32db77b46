/*
 * cmd.h - commands: one file each, one row each in CMD_LIST. A row makes the usage line,
 * --help, the completions, and what the prompt of the screens takes.
 */
#ifndef METERCTL_CMD_CMD_H
#define METERCTL_CMD_CMD_H

#include "app.h"
#include "opt.h"

struct cmd {
	const char *name;
	const char *args;		/* "[KEY|GROUP|GLOB ...]" */
	const char *complete;		/* what ARGS complete to: words, names of completion.h; NULL */
	const char *help;		/* one line; NULL: not listed */
	const char *words_title, *words;	/* "WORD WORD ...", what ARGS are made of; NULL */
	const struct opt *opts;		/* its own, NOPTS of them */
	size_t nopts;
	bool plain;			/* prints text, and no rows: -f is refused */
	bool readings;			/* prints readings, also in a format that is for them alone */
	size_t own_size;		/* of the context that they fill; 0: it has none */
	/* That context when no option is given; NULL: all zeros. */
	void (*defaults)(void *own);
	bool shell_only;		/* of no use inside the screens */
	bool own_lines;			/* opens ports by itself: a host that holds one lets go of it */
	bool regardless;		/* runs also when file or environment are wrong: a->unset */
	bool endless;			/* prints as things happen: its newest lines matter */
	/* Would this invocation write to a meter or answer one? NULL: it never does. */
	bool (*writes)(const struct app *a, int argc, char **argv);
	/* ARGV[0 .. argc-1] are the words after the command, options taken
	 * out and in a->own. 0 and the exit status is 0; -1 and it is e->code, the text
	 * printed by the caller. NULL: the screens, which main.c starts. */
	int (*run)(struct app *a, int argc, char **argv, struct err *e);
};

/*
 * Every command, in the order of the manual: X(NAME), which is `cmd_NAME` of a file of its
 * own.
 */
#define CMD_LIST(X) \
	X(tui) X(read) X(get) X(watch) X(wait) X(set) X(plan) X(apply) X(backup) X(restore) X(diff) X(undo) \
	X(check) X(checklist) X(connect) X(scan) X(listen) X(learn) X(batch) X(report) X(uplink) X(platform) X(history) \
	X(raw) X(profile) X(journal) X(config) X(simulate) X(shell) X(help) X(completion)

#define CMD_EXTERN(name) extern const struct cmd cmd_##name;
CMD_LIST(CMD_EXTERN)
#undef CMD_EXTERN

extern const struct cmd *const cmd_table[];	/* ends with NULL */

const struct cmd *cmd_find(const char *name);
/* ERR_USAGE: there is no command WORD; the nearest there is. */
int cmd_unknown(const char *word, struct err *e);

/* ERR_USAGE when ARGC is not in [min, max] (max < 0: any number). */
int cmd_words(const struct cmd *c, int argc, int min, int max, struct err *e);

/*
 * Sorts ARGV into options and words; words are moved to its front, *ARGC is
 * their number, *CMD the command named (NULL: none). Options may stand before
 * or after the command. Options that are not given are as the environment and the
 * configuration file have them (preset.h). A->own becomes the context of the command's own,
 * whatever it was; cmd_release() in any case.
 */
int cmd_parse(struct app *a, int *argc, char **argv, const struct cmd **cmd,
	      struct err *e);

/* Gives back what cmd_parse() has made. */
void cmd_release(struct app *a);

/*
 * Runs RUN as run() of struct cmd, with --trace around it, and says what went wrong, also
 * that not all of the output could be written. The exit status; E is why.
 */
int cmd_run(struct app *a, int (*run)(struct app *a, int argc, char **argv, struct err *e),
	    int argc, char **argv, struct err *e);
/* What was printed must have arrived: RC and E of a run that is over as its exit status. */
int cmd_finish(const struct app *a, int rc, const struct err *e);

/* Help for one command, or (NULL) for the program. */
void cmd_print_help(const struct cmd *c, FILE *f);

#endif
