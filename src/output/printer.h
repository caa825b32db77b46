/*
 * printer.h - what a command prints on standard output. It names the columns once and
 * hands over rows; the format (format.h) makes of them what it is: a document, lines,
 * cells, a table.
 *
 *	static const struct column columns[] = {
 *		{ "key", .in = IN_ALL, .width = -12, .after = "  " },
 *		{ "value", .in = IN_ALL, .none = "--" },
 *	};
 *	static const struct listing listing = { "meterctl.toy/1", "values", columns, 2 };
 *
 *	if (printer_begin(p, &listing, json_pack("{s:o}", "meter", output_meter_json(m)), e))
 *		return -1;
 *	for (...)
 *		if (printer_row(p, (struct cell[]){ cell_text(key), cell_integer(v) }, e))
 *			goto drop;
 *	return printer_end(p, json_pack("{s:s}", "result", "ok"), e);
 *
 * A printer belongs to one thread.
 */
#ifndef METERCTL_OUTPUT_PRINTER_H
#define METERCTL_OUTPUT_PRINTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "cell.h"
#include "format.h"
#include "reading.h"

/* One list of results, and what is around it. */
struct listing {
	const char *schema;		/* "meterctl.read/1" */
	const char *name;		/* of the list in JSON: "readings" */
	const struct column *columns;
	size_t ncolumns;
	bool concludes;			/* what is around it is a verdict: the last line of lines */
	bool endless;			/* it goes on until it is interrupted: no document */
};

struct printer {
	FILE *f;			/* the caller's */
	const struct format *format;
	bool primary;			/* --primary */
	bool *documented;		/* set when a document, or the verdict of lines, has been printed; NULL */
	/* of the list under way */
	const struct listing *list;
	json_t *head, *tail;
	void *state;			/* the format's */
};

/* PRIMARY: values of the primary side are what a person is shown. */
void printer_init(struct printer *p, FILE *f, const struct format *format, bool primary);

/* HEAD, an object, is taken over: what a document says before its list; NULL: memory
 * has run out. After -1 the printer is as before. */
int printer_begin(struct printer *p, const struct listing *l, json_t *head, struct err *e);
/* CELLS: one for each column. Those of CELL_JSON are taken over, also on -1. */
int printer_row(struct printer *p, const struct cell *cells, struct err *e);
/* A row that only stands in formats of these forms (IN_TABLE ...). */
int printer_row_in(struct printer *p, unsigned forms, const struct cell *cells, struct err *e);
/* Only makes the columns of a table as wide as this row would, in what is measured next. */
int printer_measure(struct printer *p, const struct cell *cells, struct err *e);
/* Readings as rows; L is one of reading.h. */
int printer_readings(struct printer *p, const struct readings *r, struct err *e);
/* A line between or below the rows, for a person only. Cells of a table that are wide as
 * the widest are so within what is between two of them. */
void printer_note(struct printer *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* All that has been handed over goes out, for whoever waits for it. */
int printer_flush(struct printer *p, struct err *e);
/* TAIL as HEAD: what a document says behind its list. The list is over, also on -1. */
int printer_end(struct printer *p, json_t *tail, struct err *e);
/* The list is over, and what was kept for its end is not printed. Harmless when there
 * is none. */
void printer_drop(struct printer *p);

/* The document of a list: what it says before, ROWS (an array of objects), what it says
 * behind. All three are taken over; NULL when one is, or memory has run out. */
json_t *printer_document(const struct listing *l, json_t *head, json_t *rows, json_t *tail);
/* One row of it. */
json_t *printer_row_json(const struct listing *l, const struct cell *cells);

/* The one object of the format, or the verdict that ends its lines, has been printed: why the
 * command fails stands in it. */
void printer_documented(const struct printer *p);

/* One object and no list; only where printer_nests(). OBJECT is taken over. */
int printer_object(struct printer *p, json_t *object, struct err *e);

/* ---- where a result is no list ------------------------------------------------- */

/* The stream, when a person reads it and would rather have text than rows; else NULL. */
FILE *printer_prose(const struct printer *p);
/* Does somebody wait for each row? Else they may come all at the end. */
bool printer_live(const struct printer *p);
/* May a cell, or the whole, be an object? */
bool printer_nests(const struct printer *p);

#endif
