/*
 * profile_print.h - meter models on stdout, for people and for scripts.
 */
#ifndef METERCTL_CMD_PROFILE_PRINT_H
#define METERCTL_CMD_PROFILE_PRINT_H

#include <jansson.h>
#include <stdio.h>

#include "app.h"
#include "profile/profile_check.h"

/* `profile list`: one row a profile, between its head and foot. */
struct profile_list {
	FILE *f;
	const struct app *app;
	json_t *rows;		/* --format json: kept until the end */
};
void profile_list_begin(struct profile_list *l, FILE *f, const struct app *a);
int profile_list_row(struct profile_list *l, const struct profile *p, struct err *e);
int profile_list_end(struct profile_list *l, struct err *e);

/* `profile show`: SEL NULL for the whole profile as a table, else these points
 * with everything known about them. */
int profile_print(FILE *f, const struct app *a, const struct profile *p,
		  const struct selection *sel, struct err *e);

/* `profile check`: what was looked at and found. */
int profile_print_check(FILE *f, const struct app *a, const struct profile *p,
			const struct check *c, struct err *e);

#endif
