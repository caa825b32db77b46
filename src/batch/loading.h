/*
 * loading.h - a batch file while it is read: what sites.c and columns.c share.
 */
#ifndef METERCTL_BATCH_LOADING_H
#define METERCTL_BATCH_LOADING_H

#include <limits.h>

#include "sites.h"
#include "target/config.h"

/* A file of settings, read once. */
struct site_file {
	struct site_file *next;
	const char *path;
	struct settings settings;
	bool bad;		/* said already, with the first row that names it */
	const struct profile *bad_for;	/* its settings are not of this one: said already, too */
};

/* A profile that rows name, opened once. */
struct site_profile {
	struct site_profile *next;
	const char *name;
	const struct profile *profile;	/* NULL: and why */
	struct err why;
};

struct mistake {
	int line, column;
	struct err err;
};

struct loading {
	const struct sites_opts *opts;
	struct sites *sites;
	bool has_targets;	/* a column of them */
	bool default_told;	/* that there is no opts->profile */
	struct config config;	/* saved connections that rows may name; with a mistake in it, the
				   target says so */
	const char *path;
	char folder[PATH_MAX];
	struct mistake *mistakes;
	size_t nmistakes, room;
};

/* columns.c. A column that is no key: TAKE gives the text of a cell to a row. -1 and E; of
 * ERR_NONE the mistake has been told of another row. */
struct column_kind {
	const char *name;
	int (*take)(struct loading *l, struct site *s, const char *text, struct err *e);
};
extern const struct column_kind column_kinds[];
extern const size_t ncolumn_kinds;
const struct column_kind *column_kind(const char *name);

/* PATH, from the folder of the file; NULL and E without memory. */
const char *column_path(struct loading *l, const char *path, struct err *e);
/* Is the profile of that name found out for each meter by itself: `auto`, or registers that are found? */
bool column_asks(struct loading *l, const char *name);
/* The meter model of that name, opened once; one that is found out (column_asks()) once for each TARGET,
 * and not at all without one. NULL and E. */
const struct profile *column_profile(struct loading *l, const char *name, const char *target, struct err *e);

#endif
