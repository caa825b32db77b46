/*
 * completion.h - what the completion scripts of the three shells share.
 */
#ifndef METERCTL_CMD_COMPLETION_H
#define METERCTL_CMD_COMPLETION_H

#include <stddef.h>
#include <stdio.h>

#include "cmd.h"

/* Each prints the script of its shell on a->out. */
int completion_bash(struct app *a, struct err *e);
int completion_zsh(struct app *a, struct err *e);
int completion_fish(struct app *a, struct err *e);

/* A script is a template in which a line "%NAME" stands for what the function
 * of that name prints. The list ends with a NULL name. */
struct filler {
	const char *name;
	void (*print)(FILE *out);
};
void completion_print(FILE *out, const char *text, const struct filler *fillers);

/* Calls EACH for the options everywhere (C is NULL) and those of every command. */
void completion_each(FILE *out, void (*each)(FILE *out, const struct cmd *c, const struct opt *o));

/* Prints TEXT in single quotes. */
void completion_quote(FILE *out, const char *text);

/* Prints "-c|--connect" for BETWEEN "|". */
void completion_names(FILE *out, const struct opt *o, const char *between);

/* The columns `values` and `complete`: plain words, then names: "@key", "@setting" (a key
 * that can be written, and '='), "@range" (any key, and '='), "@target", "@profile",
 * "@command", "@file". In `complete`, plain words are for the command's first argument and the
 * '@' names then for those after it. */

/* Length of the plain words. */
size_t completion_plain(const char *column);

/* Takes the name of the next '@' from *AT on: its start, N its length, *AT moved
 * behind it; NULL when there is no more. *AT may be NULL. */
const char *completion_at(const char **at, size_t *n);

#endif
