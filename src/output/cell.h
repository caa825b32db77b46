/*
 * cell.h - a result's columns, and the typed cells of its rows. What a cell looks like
 * in JSON, CSV and a table follows from its type; TEXT and SHOWN say where it differs.
 */
#ifndef METERCTL_OUTPUT_CELL_H
#define METERCTL_OUTPUT_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "format.h"
#include "profile/profile.h"
#include "profile/value.h"

#define CELL_ROOM 1024	/* bytes for cell_to_text() */
#define CELL_WIDEST 1000	/* `most` of a column that is as wide as its widest cell */

struct column {
	const char *name;	/* of the member in JSON, at the head in CSV */
	unsigned in;		/* enum format_form, one or more */
	bool optional;		/* JSON: left out, not null, when there is nothing */
	/* Of a table: what stands around it; and when there is nothing (NULL: then neither
	 * the cell nor what is around it). */
	const char *before, *after, *none;
	const char *title;	/* above it; NULL: nothing, and takes no room there */
	int width;		/* at least, in bytes; below 0: text on the left */
	int most;		/* above 0: as wide as the widest cell of the round that is not
				   above this, in terminal cells; WIDTH gives the side */
};

enum cell_kind { CELL_NONE, CELL_TEXT, CELL_INTEGER, CELL_REAL, CELL_BOOL, CELL_VALUE, CELL_JSON };

struct cell {
	enum cell_kind kind;
	const char *text;	/* what CSV and tables have; NULL: as it is */
	const char *shown;	/* what tables have; NULL: as CSV */
	int decimals;		/* CELL_REAL: in JSON rounded to, in CSV printed with; below 0: as it is */
	union {
		const char *string;	/* CELL_TEXT */
		double real;
		int64_t integer;
		bool flag;
		json_t *json;	/* CELL_JSON: the row takes it over */
		struct {
			const struct point *point;
			const struct value *value;
		};
	};
};

static inline struct cell cell_text(const char *text)
{
	return (struct cell){ .kind = CELL_TEXT, .string = text };
}

/* "": nothing */
static inline struct cell cell_some(const char *text)
{
	return (struct cell){ .kind = *text ? CELL_TEXT : CELL_NONE, .string = text };
}

static inline struct cell cell_integer(int64_t v)
{
	return (struct cell){ .kind = CELL_INTEGER, .integer = v };
}

/* NaN: nothing */
struct cell cell_real(double v, int decimals);

static inline struct cell cell_bool(bool v)
{
	return (struct cell){ .kind = CELL_BOOL, .flag = v };
}

/* VALUE_NONE: nothing. A secret is hidden. */
static inline struct cell cell_value(const struct point *p, const struct value *v)
{
	return (struct cell){ .kind = v->kind == VALUE_NONE ? CELL_NONE : CELL_VALUE, .point = p, .value = v };
}

static inline struct cell cell_json(json_t *j)
{
	return (struct cell){ .kind = CELL_JSON, .json = j };
}

/* C as JSON, as the caller's reference; NULL without memory, or when a text is not UTF-8. */
json_t *cell_to_json(const struct cell *c);
/* As CSV has it. Returns BUF or a text of C. */
const char *cell_to_text(const struct cell *c, char *buf, size_t size);

/* An object of those columns that are in FORM, as the caller's reference; NULL as above. */
json_t *cell_row_json(const struct column *columns, size_t n, enum format_form form,
		      const struct cell *cells);

#endif
