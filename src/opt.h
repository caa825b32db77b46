/*
 * opt.h - option tables. One row makes the parser, the help line and the
 * completions.
 */
#ifndef METERCTL_OPT_H
#define METERCTL_OPT_H

#include <stddef.h>

struct opt {
	int id;			/* what opt_parse hands to the setter; short
				   letter when there is one, else > 255 */
	const char *name;	/* long name without the dashes */
	const char *arg;	/* NULL: takes none; else its name in help: "FILE" */
	const char *values;	/* for completion: "table json", "@file", "@key",
				   "@target", "@profile"; NULL: nothing to offer */
	const char *help;
};

#endif
