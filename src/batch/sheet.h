/*
 * sheet.h - a CSV file as people and spreadsheets write it: comma or semicolon, quotes as
 * in RFC 4180, any line ends, with or without a byte order mark. Blank lines and lines that
 * begin with '#' are no rows. Blanks around a cell that is not quoted do not belong to it.
 * The first row names the columns; every cell knows where it is.
 */
#ifndef METERCTL_BATCH_SHEET_H
#define METERCTL_BATCH_SHEET_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define SHEET_BYTES (16L << 20)	/* the longest file that is read */

struct sheet_cell {
	const char *text;	/* "" when there is nothing */
	int line, column;	/* in the file, from 1; the column in characters */
};

struct sheet_row {
	const struct sheet_cell *cells;	/* of the first row NCOLUMNS, of others N */
	size_t n;
	int line;
};

struct sheet {
	struct arena arena;
	struct sheet_row *rows;	/* the first are the names of the columns */
	size_t nrows;		/* 1 at least */
	char *bytes;		/* of the file, NBYTES of them */
	size_t nbytes;
};

/* ERR_USAGE "file:line:column: ..." where it is no such file: not UTF-8, a quote that is
 * not closed or stands within a cell, no row at all. sheet_release() in any case. */
int sheet_load(const char *path, struct sheet *s, struct err *e);
void sheet_release(struct sheet *s);

#endif
