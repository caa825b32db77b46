/*
 * shell_meter.h - the meter of a shell: opened once, and lent to each of its commands.
 *
 * Only a link that is asked is kept open. What a meter uploads by itself is heard by each
 * command on a connection of its own, so that none takes what came before it for an answer.
 */
#ifndef METERCTL_CMD_SHELL_METER_H
#define METERCTL_CMD_SHELL_METER_H

#include "app.h"

struct shell_meter {
	struct app *app;		/* the shell's own options; its cancel_fd ends what waits */
	char *profile_name;
	const struct profile *profile;	/* NULL: `auto` */
	char connect[TARGET_TEXT];	/* -c of its commands; "": no meter is chosen */
	struct target target;		/* where it is now */
	struct link *link;		/* NULL: not open (any more) */
	bool used;			/* by the command under way */
};

/* The meter that the shell's own options name, if any. -1 and E (ERR_USAGE) when they are wrong. */
int shell_meter_init(struct shell_meter *m, struct app *a, struct err *e);
void shell_meter_release(struct shell_meter *m);

/* Another meter (TARGET NULL: none), with what is saved of that connection, and the profile
 * that LINE has as an option; LINE has both then. After -1 there is none: what follows is not for the one before. */
int shell_meter_connect(struct shell_meter *m, struct app *line, const char *target, struct err *e);

/* For struct app_host: LINE are the options of the command that asks. */
int shell_meter_borrow(struct shell_meter *m, const struct app *line, const struct target *t,
		       struct link **link, struct err *e);
void shell_meter_give_back(struct shell_meter *m);

/* A serial port is not held any longer; whoever borrows next opens it again. */
void shell_meter_let_go(struct shell_meter *m);

/* A command is over, with that exit status. A link on which nothing was heard, or what
 * nobody understands, is closed: the next command has a new one. */
void shell_meter_over(struct shell_meter *m, int status);

#endif
