/*
 * cmdline.h - a command line being typed: its words, what may stand where the
 * cursor is, what must not be seen of it. Knows no terminal.
 */
#ifndef METERCTL_UI_PROMPT_CMDLINE_H
#define METERCTL_UI_PROMPT_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/profile.h"
#include "profile/value.h"

#define CMDLINE_LINE 1024
#define CMDLINE_MAX 64

/* LINE as a shell would cut it: blanks part words, '...' "..." and \ keep them
 * together. ERR_USAGE: a quote is not closed, too long, too many. */
struct cmdline {
	char text[CMDLINE_LINE];
	char *argv[CMDLINE_MAX + 1];	/* ends with NULL */
	int argc;
};
int cmdline_split(struct cmdline *w, const char *line, struct err *e);

/* What may stand there, sorted, each once. One that ends in '.' or '=' goes on. */
struct candidates {
	char **list;
	size_t n;
	bool files;		/* a file: to be looked up by the caller */
};

/* complete.c. For the word of LINE that begins at START and is typed up to END. P may be
 * NULL: no meter chosen. */
void cmdline_complete(const struct profile *p, const char *line, size_t start, size_t end,
		    struct candidates *out);
void candidates_release(struct candidates *c);

/* A line about the word at END: what the command takes, or what a point is, may
 * be and (READINGS, may be NULL) holds. "" when there is nothing to say. */
const char *cmdline_hint(const struct profile *p, const struct reading *readings,
		       const char *line, size_t end, char *buf, size_t size);

/* May LINE be kept? Not when it gives a value to a secret point, or to something
 * that is no point and so might be one misspelt. */
bool cmdline_keep(const struct profile *p, const char *line);

/* LINE as it may be shown: the values cmdline_keep() worries about as '*', one
 * for each character. Returns BUF. */
const char *cmdline_mask(const struct profile *p, const char *line, char *buf, size_t size);

#endif
