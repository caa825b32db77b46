/*
 * doc.h - a document of headings, paragraphs and tables, as HTML or as plain text.
 *
 * Text may come from a meter or a person: everything that goes through here is
 * cleaned of controls and, for HTML, escaped. doc_file() is for drawings, which
 * write their own markup around numbers and names of this program alone.
 */
#ifndef METERCTL_REPORT_DOC_H
#define METERCTL_REPORT_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DOC_COLUMNS 8

/* A word stands beside it, always. */
enum doc_role { DOC_PLAIN, DOC_DIM, DOC_GOOD, DOC_WARN, DOC_BAD };

struct doc {
	FILE *f;
	bool html;
	bool section;		/* one is open */
	/* the table that is open; text waits for its widths */
	size_t columns, n, have;	/* cells: so many, room for so many */
	char aligns[DOC_COLUMNS + 1];
	const char *const *heads;
	char **cells;
	bool failed;		/* out of memory */
};

void doc_begin(struct doc *d, FILE *f, bool html);
/* Ends what is open. -1: out of memory or F could not be written. */
int doc_end(struct doc *d);

void doc_section(struct doc *d, const char *title);
void doc_heading(struct doc *d, const char *title);	/* inside a section */
void doc_para(struct doc *d, enum doc_role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ALIGNS: 'l' words, 'r' numbers, 't' text from outside that may have no place to break, a column; HEADS (as many, or NULL) must live until the end. */
void doc_table(struct doc *d, const char *aligns, const char *const *heads);
void doc_cell(struct doc *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doc_table_end(struct doc *d);

/* TEXT, cleaned, escaped for an element or an attribute of HTML. */
void doc_escaped(FILE *f, const char *text);
/* Where a drawing goes; NULL for plain text, which has none. */
FILE *doc_file(struct doc *d);

#endif
