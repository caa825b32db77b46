/*
 * complete.h - a command line being typed: what may stand where the cursor is. Knows no
 * terminal.
 */
#ifndef METERCTL_UI_PROMPT_COMPLETE_H
#define METERCTL_UI_PROMPT_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/profile.h"
#include "profile/value.h"
#include "commands.h"

/* What may stand there, sorted, each once. One that ends in '.' or '=' goes on. */
struct candidates {
	char **list;
	size_t n;
	bool files;		/* a file: to be looked up by the caller */
};

/* complete.c. For the word of LINE that begins at START and is typed up to END, a command
 * of SET or what follows one. P may be NULL: no meter chosen. */
void cmdline_complete(const struct command_set *set, const struct profile *p, const char *line,
		      size_t start, size_t end, struct candidates *out);
void candidates_release(struct candidates *c);

/* hint.c. A line about the word at END: what the command takes, or what a point is, may
 * be and (READINGS, may be NULL) holds. "" when there is nothing to say. */
const char *cmdline_hint(const struct command_set *set, const struct profile *p, const struct reading *readings,
			 const char *line, size_t end, char *buf, size_t size);

#endif
