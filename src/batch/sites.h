/*
 * sites.h - a batch file (meterctl-batch(5)): CSV, a row a meter, understood and checked as
 * a whole before anything is sent. A row has what is to be done at its meter.
 */
#ifndef METERCTL_BATCH_SITES_H
#define METERCTL_BATCH_SITES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "sheet.h"
#include "profile/profile.h"
#include "target/target.h"
#include "write/plan.h"
#include "write/settings.h"

/* KEY=TEXT of a cell: a setting, or a range that a reading must be in. */
struct site_entry {
	const char *key, *text;
	bool secret;		/* TEXT has been fetched, and is wiped by sites_release() */
};

#define SITE_REPORT 240	/* a number that tells it from another is still to come */

struct site {
	int row;		/* 1: the first below the names of the columns */
	int line;		/* of the file */
	struct target target;
	const struct profile *profile;	/* one for all rows that name it */
	const struct settings *settings;	/* of a file that several rows may name; NULL */
	struct site_entry *wanted, *expected;
	size_t nwanted, nexpected;
	bool check;
	double clamp[3];	/* A; NAN: not measured */
	const char *nameplate_ct, *nameplate_pt;	/* NULL: not given */
	const char *report;	/* file, whole path of SITE_REPORT bytes at most; NULL: none is wanted */
	const char *note;	/* NULL */
};

struct site_file;	/* of settings */
struct site_profile;
struct sites {
	struct sheet sheet;	/* whose texts the rows have */
	struct arena arena;
	struct site *list;
	size_t n;
	struct site_file *files;
	struct site_profile *profiles;
	char hash[65];		/* SHA-256 of the file and of all files of settings */
};

struct sites_opts {
	const char *profile;	/* of rows that name none */
	/* The profile NAME of a row that says `auto`, or whose registers are found (base.h), by asking the meter at
	 * TARGET; NULL and E. NULL: no row may. */
	const struct profile *(*identify)(void *arg, const char *name, const char *target, struct err *e);
	void *identify_arg;
	struct plan_policy policy;	/* of every row; what depends on its target is found out */
	bool moved;		/* rows are told apart by where their meters reply in the end */
};

/*
 * Reads PATH. Every mistake is told as "file:line:column: column 'KEY': ..." before it ends:
 * unknown columns and keys, values out of range, secrets in clear, a meter twice. Paths in it
 * are relative to the folder it lies in. -1 and E (ERR_USAGE): how many there are.
 * sites_release() in any case.
 */
int sites_load(const char *path, const struct sites_opts *o, struct sites *s,
	       void (*mistake)(void *arg, const struct err *e), void *arg, struct err *e);
void sites_release(struct sites *s);

/* The new values of S in P, which has been initialised with PROFILE: those of its cells, and
 * those of its file that no cell names. ERR_USAGE, ERR_DENIED. */
int site_plan(const struct site *s, struct plan *p, struct err *e);

/* What S wants KEY to be, of its cells or its file; NULL: nothing. */
const char *site_value(const struct site *s, const char *key);
/* Does S change its meter's address, baud rate or character format? TO is where it replies then. */
bool site_moved(const struct site *s, struct target *to);

/* What is wired to the same line, port or broker as others has the same name: "rtu:/dev/ttyUSB0",
 * "10.0.0.7:502". A simulated meter has a line of its own. Returns BUF. */
const char *site_line(const struct site *s, char *buf, size_t size);
/* The same as the file has it, which is alike on every machine: a port by the name it has there. */
const char *site_place(const struct site *s, char *buf, size_t size);

#endif
