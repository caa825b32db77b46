/*
 * write.h - what `set`, `apply`, `restore` and `undo` have in common: their
 * options, and the way from a plan to its result (meterctl(1), WRITING).
 */
#ifndef METERCTL_CMD_WRITE_H
#define METERCTL_CMD_WRITE_H

#include "app.h"
#include "write/plan.h"
#include "cmd.h"

struct write_opts {
	bool yes;		/* --yes: do not ask */
	bool dry_run;		/* --dry-run: say what would be written */
	bool provisional;	/* --allow-provisional */
	bool switching;		/* --allow-switching */
	const char *unlock;	/* --unlock, what the password is in; NULL: it is asked for */
};

/* Rows for the option table of a writing command; FIELD of CONTEXT is the struct write_opts. */
#define WRITE_ALLOW_PROVISIONAL_ROW(CONTEXT, FIELD, HELP) \
	OPT_FLAG_BY_HAND(0, "allow-provisional", CONTEXT, FIELD.provisional, HELP)
#define WRITE_ALLOW_ROWS(CONTEXT, FIELD) \
	WRITE_ALLOW_PROVISIONAL_ROW(CONTEXT, FIELD, "write settings whose registers are not published, too"), \
	OPT_FLAG_BY_HAND(0, "allow-switching", CONTEXT, FIELD.switching, "write what may switch a breaker, too")
#define WRITE_YES_ROW(CONTEXT, FIELD) \
	OPT_FLAG_BY_HAND(0, "yes", CONTEXT, FIELD.yes, "do not ask before writing")
#define WRITE_ROWS(CONTEXT, FIELD) \
	OPT_FLAG(0, "dry-run", CONTEXT, FIELD.dry_run, "say what would be written, write nothing"), \
	WRITE_YES_ROW(CONTEXT, FIELD), \
	WRITE_ALLOW_ROWS(CONTEXT, FIELD), \
	OPT_TEXT(0, "unlock", "WHERE", NULL, CONTEXT, FIELD.unlock, "unlock password: @ask, @env:NAME or @file:PATH")

/* On a terminal an output may be planned without --allow-switching: write_run()
 * then asks about it by itself. */
struct plan_policy write_policy(const struct app *a, const struct target *t,
				const struct write_opts *o);

/* Asks the person QUESTION; on a terminal, WORD is to be typed. 0; ERR_DENIED: not
 * confirmed; ERR_INTERRUPTED: CANCEL_FD (a link's; -1: there is none) became readable. */
int write_confirm(const struct app *a, int cancel_fd, const char *question,
		  const char *word, struct err *e);

/* The unlock password that O refers to; secret_free() it. *OUT NULL: a person is to be asked.
 * ERR_USAGE: it is no reference. */
int write_password(const struct write_opts *o, char **out, struct err *e);
/* Asks the person at the terminal for it. NULL and E: ERR_DENIED, there is none. */
char *write_ask_password(const struct app *a, struct err *e);

/* For struct cmd, of commands whose context begins with a struct write_opts: a dry run
 * writes nothing. */
bool write_writes(const struct app *a, int argc, char **argv);

/* Settles what earlier runs left open, and says so. */
int write_settle(const struct app *a, struct meter *m, struct journal *j, struct err *e);

/*
 * From the new values in P to the result on a->out: settles what earlier runs left
 * open, reads what stands there, shows old -> new, asks (--yes: does not),
 * writes, reads back, prints. The saved connection follows when the meter
 * changed its address or speed. -1 and the exit status in E when not every step
 * ended as asked; ERR_DENIED "not confirmed" when nobody agreed.
 */
int write_run(struct app *a, struct meter *m, struct plan *p,
	      const struct write_opts *o, struct err *e);

/* The same with opening and closing the meter of -c around it. PROFILE is taken
 * over in any case. */
int write_meter(struct app *a, const struct profile *profile, struct plan *p,
		const struct write_opts *o, struct err *e);

#endif
