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
};

enum { OPT_DRY_RUN = 512, OPT_YES, OPT_ALLOW_PROVISIONAL, OPT_ALLOW_SWITCHING };

/* Rows for the option table of a writing command. */
#define WRITE_ALLOW_ROWS \
	{ OPT_ALLOW_PROVISIONAL, "allow-provisional", NULL, NULL, \
	  "write settings whose registers are not published, too" }, \
	{ OPT_ALLOW_SWITCHING, "allow-switching", NULL, NULL, \
	  "write what may switch a breaker, too" }
#define WRITE_ROWS \
	{ OPT_DRY_RUN, "dry-run", NULL, NULL, "say what would be written, write nothing" }, \
	{ OPT_YES, "yes", NULL, NULL, "do not ask before writing" }, \
	WRITE_ALLOW_ROWS

/* Takes one of them over; others are left alone. */
void write_set(struct write_opts *o, int id);

/* On a terminal an output may be planned without --allow-switching: write_run()
 * then asks about it by itself. */
struct plan_policy write_policy(const struct app *a, const struct target *t,
				const struct write_opts *o);

/* Settles what earlier runs left open, and says so. */
int write_settle(const struct app *a, struct meter *m, struct journal *j, struct err *e);

/*
 * From the new values in P to the result on stdout: settles what earlier runs left
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
