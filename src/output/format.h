/*
 * format.h - the formats in which results are printed (-f): one file and one row each.
 * Commands know none of them; they hand columns and rows to a printer (printer.h).
 */
#ifndef METERCTL_OUTPUT_FORMAT_H
#define METERCTL_OUTPUT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The rows, in the order of the manual; the first is the default. NAME is the word of -f;
 * NAME.c has its `struct format format_NAME`. A new one goes above the last. */
#define FORMATS(FIRST, MORE, LAST) \
	FIRST(table) \
	MORE(json) \
	MORE(jsonl) \
	MORE(csv) \
	LAST(influx)

/* "table json jsonl csv influx" */
#define FORMATS_SPACED FORMATS(FORMATS_WORD_, FORMATS_SPACE_, FORMATS_SPACE_)
/* "table, json, jsonl, csv or influx" */
#define FORMATS_SPOKEN FORMATS(FORMATS_WORD_, FORMATS_COMMA_, FORMATS_OR_)
#define FORMATS_WORD_(name) #name
#define FORMATS_SPACE_(name) " " #name
#define FORMATS_COMMA_(name) ", " #name
#define FORMATS_OR_(name) " or " #name

/* What a column or a row stands in (struct column); of a format the one that it is. */
enum format_form {
	IN_TABLE = 1,		/* for a person */
	IN_DOCUMENT = 2,	/* one object, with a list in it */
	IN_LINES = 4,		/* an object a row */
	IN_CELLS = 8,		/* a line of plain cells a row, below their names */
	IN_JSON = IN_DOCUMENT | IN_LINES,
	IN_DATA = IN_JSON | IN_CELLS,
	IN_ALL = IN_TABLE | IN_DATA
};

enum format_flags {
	FORMAT_PROSE = 1,	/* a person reads it: text may take the place of rows */
	FORMAT_NESTED = 2,	/* a cell may hold objects and lists */
	FORMAT_LIVE = 4,	/* its rows are looked at as they come, not at the end */
	FORMAT_READINGS = 8	/* prints readings, and nothing else */
};

struct printer;
struct cell;
struct readings;

/* Functions return 0, or -1 and E. Those that are NULL: nothing is to be done, or as
 * said. What they keep between calls is in printer->state, which drop() gives back. */
struct format {
	const char *name;
	enum format_form form;
	unsigned flags;
	int (*begin)(struct printer *p, struct err *e);
	int (*row)(struct printer *p, const struct cell *cells, struct err *e);
	/* NULL: as rows */
	int (*readings)(struct printer *p, const struct readings *r, struct err *e);
	/* CELLS as a row that is not printed, but makes columns as wide as one that is. */
	int (*measure)(struct printer *p, const struct cell *cells, struct err *e);
	/* The rows since the last time belong together, and may be printed now. */
	int (*round)(struct printer *p, struct err *e);
	int (*flush)(struct printer *p, struct err *e);
	int (*end)(struct printer *p, struct err *e);
	void (*drop)(struct printer *p);
};

/* Ends with NULL. */
extern const struct format *const formats[];

/* The one of that name, or NULL and E (ERR_USAGE, with all of them). */
const struct format *format_find(const char *name, struct err *e);
const struct format *format_default(void);
/* Does it print readings only? */
bool format_of_readings(const struct format *f);

#endif
