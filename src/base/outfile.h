/*
 * outfile.h - a file that a person names to be written: -o FILE, --trace FILE. What is there
 * already is looked at first:
 *
 *	nothing			it is made, whole or not at all; its folder must exist
 *	a file			refused, unless OUTFILE_FORCE: then replaced, with the mode it had
 *	a link			what it leads to is meant, and the link stays
 *	a pipe, a device	written to as it is
 *	anything else		refused: folders, disks, sockets
 */
#ifndef METERCTL_BASE_OUTFILE_H
#define METERCTL_BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "err.h"

enum outfile_how {
	OUTFILE_FORCE = 1,	/* a file that is there is replaced */
	OUTFILE_PRIVATE = 2	/* a new one is readable by its user only; else as the umask says */
};

/* For the option --force. */
static inline unsigned outfile_how(bool force)
{
	return force ? OUTFILE_FORCE : 0;
}

/* Could PATH be written? Before anything is done for it. ERR_DENIED: something is there;
 * ERR_NO: it cannot be written. */
int outfile_check(const char *path, unsigned how, struct err *e);
/* Writes TEXT: after a crash there is the old file or the new one. Errors as above. */
int outfile_put(const char *path, const char *text, unsigned how, struct err *e);
/* For what comes bit by bit, and is there as far as it came. NULL and E. */
FILE *outfile_open(const char *path, unsigned how, struct err *e);

#endif
