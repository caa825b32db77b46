/*
 * running.h - a command of the command line in a thread of its own: what it prints
 * comes in pieces, its questions are handed on, and it can be interrupted. It uses the
 * link of the bus where it can; one that opens ports by itself has the bus let go of its line.
 *
 * All functions are for one other thread (that of the screens).
 */
#ifndef METERCTL_UI_BUS_RUNNING_H
#define METERCTL_UI_BUS_RUNNING_H

#include "bus.h"
#include "cmd/cmd.h"

/* The invocation, as cmd_parse() takes it apart; APP, CMD and the words are to be read,
 * once it runs not even that. */
struct running {
	struct app app;
	const struct cmd *cmd;		/* NULL: an option, and no command */
	int argc;
	char **argv;			/* words after the command; end with NULL */
	bool writes;			/* the screens have let it write */
	struct running_own *own;
};

/* ARGV[0 .. ARGC-1] (copied), which begin with the command, with options of A where none are
 * given. NULL and E: they are no command, or memory has run out. */
struct running *running_new(const struct app *a, int argc, char *const *argv, struct err *e);

/* Where the command is. */
struct running_place {
	struct bus *bus;	/* NULL: no meter to lend */
	/* As in struct app_host, on the command's thread. NULL: there are none. */
	int (*password)(void *arg, const struct target *t, char **out, struct err *e);
	void *arg;
};
/* 0, or -1 and E. P is copied. */
int running_start(struct running *r, const struct running_place *p, struct err *e);

/* Readable: running_take() has something. */
int running_fd(const struct running *r);

struct running_news {
	char *text;		/* what it has printed since, N bytes; free() it; NULL: nothing */
	size_t n;
	char question[200];	/* waits for running_answer(); "": none */
	bool ended;
	int status;		/* then: its exit status, and ... */
	struct err err;		/* ... why */
};
void running_take(struct running *r, struct running_news *news);

/* To its question; without one, nothing. */
void running_answer(struct running *r, bool yes);
/* As SIGINT does on the command line. */
void running_cancel(struct running *r);

/* Interrupts it, if it runs, and waits PARTING_MS for its end; a command that has not
 * ended by then is left to the end of the process, as is the bus it may use. True: it has,
 * and all is freed. */
bool running_free(struct running *r, long parting_ms);

#endif
