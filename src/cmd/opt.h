/*
 * opt.h - option tables. One row makes the parser, the help line and the
 * completions.
 */
#ifndef METERCTL_CMD_OPT_H
#define METERCTL_CMD_OPT_H

#include <stddef.h>

#include "base/err.h"

struct opt {
	int id;			/* its letter when it has one ('f'), else above 255 */
	const char *name;	/* long name without the dashes; NULL: letter only */
	const char *arg;	/* NULL: takes none; else its name in help: "FILE" */
	const char *values;	/* for completion: "table json", "@file", "@key",
				   "@target", "@profile"; NULL: nothing to offer */
	const char *help;
};

/* The row with that letter or long name, or NULL. */
const struct opt *opt_letter(const struct opt *table, size_t n, int letter);
const struct opt *opt_named(const struct opt *table, size_t n, const char *name,
			    size_t len);

/* ARG as a whole number. ERR_USAGE, which calls it WHAT ("port"). */
int opt_number(const char *arg, long min, long max, const char *what, int *out,
	       struct err *e);

/* "  -f, --format FORMAT   help", aligned for a list. Returns BUF. */
const char *opt_line(const struct opt *o, char *buf, size_t size);

#endif
