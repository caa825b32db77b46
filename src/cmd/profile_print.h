/*
 * profile_print.h - meter models on stdout, for people and for scripts.
 */
#ifndef METERCTL_CMD_PROFILE_PRINT_H
#define METERCTL_CMD_PROFILE_PRINT_H

#include "output/printer.h"
#include "profile/profile_check.h"

/* `profile list`: one row a profile; printer_end() is the caller's. */
int profile_list_begin(struct printer *out, struct err *e);
int profile_list_row(struct printer *out, const struct profile *p, struct err *e);

/* `profile show`: these points with everything known about them; SEL NULL: all, for a
 * person as a table. */
int profile_print(struct printer *out, const struct profile *p, const struct selection *sel, struct err *e);

/* `profile check`: of what a person's file is, or the program has. */
struct checked {
	const char *kind, *part;	/* "profile", of "point"s */
	const char *name;
	const char *origin;		/* its file; of what is compiled in, its name */
};

/* What was looked at and found. */
int profile_print_check(struct printer *out, const struct checked *is, const struct check *c, struct err *e);

#endif
