#include "sheet.h"

#include <csv.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The file while it is read. */
struct reader {
	struct sheet *sheet;
	struct csv_parser csv;
	const char *path;
	int line, column;		/* of the character that comes next */
	char last;			/* the one before it */
	int cell_line, cell_column;	/* where the cell under way begins */
	struct sheet_cell *cells;	/* of the row under way */
	size_t n, room, rows_room;
	bool failed;			/* memory has run out */
};

static int sheet_complain(const struct reader *r, const char *what, struct err *e)
{
	return err_set(e, ERR_USAGE, "%s:%d:%d: %s", r->path, r->line, r->column, what);
}

/* ---- what the parser says --------------------------------------------------- */

static void sheet_cell_ends(void *text, size_t n, void *arg)
{
	struct reader *r = arg;
	char *copy;

	if (r->n == r->room) {
		size_t room = 2 * r->room + 16;
		struct sheet_cell *more = realloc(r->cells, room * sizeof(*more));

		r->failed = r->failed || !more;
		if (!more)
			return;
		r->cells = more;
		r->room = room;
	}
	copy = arena_alloc(&r->sheet->arena, n + 1);
	r->failed = r->failed || !copy;
	if (!copy)
		return;
	if (n)
		memcpy(copy, text, n);
	r->cells[r->n++] = (struct sheet_cell){ copy, r->cell_line, r->cell_column };
	r->cell_line = r->line;
	r->cell_column = r->column + 1;
}

static bool sheet_has_text(const struct reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (*r->cells[i].text)
			return true;
	return false;
}

static void sheet_row_ends(int end, void *arg)
{
	struct reader *r = arg;
	struct sheet *s = r->sheet;

	(void)end;
	/* what a spreadsheet makes of a blank line: ",,," */
	if (sheet_has_text(r)) {
		struct sheet_row *row;

		if (s->nrows == r->rows_room) {
			size_t room = 2 * r->rows_room + 64;
			struct sheet_row *more = realloc(s->rows, room * sizeof(*more));

			r->failed = r->failed || !more;
			if (!more)
				return;
			s->rows = more;
			r->rows_room = room;
		}
		row = &s->rows[s->nrows];
		*row = (struct sheet_row){
			.cells = arena_copy(&s->arena, r->cells, r->n * sizeof(*r->cells)),
			.n = r->n,
			.line = r->cells[0].line,
		};
		r->failed = r->failed || !row->cells;
		s->nrows++;
	}
	r->n = 0;
}

/* ---- feeding it --------------------------------------------------------------- */

/* All of F, twice the room each time. -1: no memory. */
static int sheet_take(struct sheet *s, FILE *f)
{
	size_t room = 65536, got;

	do {
		char *more = realloc(s->bytes, room);

		if (!more)
			return -1;
		s->bytes = more;
		got = fread(s->bytes + s->nbytes, 1, room - s->nbytes, f);
		s->nbytes += got;
		room *= 2;
	} while (got && s->nbytes <= SHEET_BYTES);
	return 0;
}

static int sheet_slurp(struct reader *r, struct err *e)
{
	FILE *f = fopen(r->path, "re");
	int rc = 0;

	if (!f)
		return err_set(e, ERR_USAGE, "cannot read '%s': %s", r->path, strerror(errno));
	if (sheet_take(r->sheet, f))
		rc = err_set(e, ERR_NO, "out of memory");
	else if (ferror(f))
		rc = err_set(e, ERR_USAGE, "cannot read '%s': %s", r->path, strerror(errno));
	else if (r->sheet->nbytes > SHEET_BYTES)
		rc = err_set(e, ERR_USAGE, "'%s' is longer than %ld MB", r->path, SHEET_BYTES >> 20);
	fclose(f);
	return rc;
}

static const char *sheet_line_end(const char *at, const char *end)
{
	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return at;
}

/* What separates the cells: of ',' and ';' the one that the first row has more of. */
static char sheet_delimiter(const char *at, const char *end)
{
	bool quoted = false;
	long more = 0;

	while (at < end && (*at == '#' || strchr("\r\n\t ", *at)))
		if (*at++ == '#')
			at = sheet_line_end(at, end);
	for (; at < end && (quoted || (*at != '\n' && *at != '\r')); at++) {
		quoted = quoted != (*at == '"');
		if (!quoted)
			more += *at == ';' ? 1 : *at == ',' ? -1 : 0;
	}
	return more > 0 ? ';' : ',';
}

/* Behind a character that begins with C. */
static void sheet_step(struct reader *r, char c)
{
	bool second = c == '\n' && r->last == '\r';	/* half of a line end */

	r->last = c;
	if (second)
		return;
	r->column++;
	if (c == '\n' || c == '\r') {
		r->line++;
		r->column = 1;
	}
}

static int sheet_parse(struct reader *r, const char *at, const char *end, struct err *e)
{
	while (at < end) {
		unsigned cp;
		size_t n = text_utf8(at, (size_t)(end - at), &cp);
		bool fresh = r->n == 0 && r->column == 1 && r->csv.entry_pos == 0 && !r->csv.quoted;

		if (n == 0 || cp == 0)
			return sheet_complain(r, cp == 0 && n ? "a NUL byte: no text file"
					      : "not UTF-8 (save it as CSV in UTF-8)", e);
		if (fresh && *at == '#') {
			r->last = *at;	/* the column stays that of a fresh line */
			at = sheet_line_end(at, end);
			continue;
		}
		if (fresh) {
			r->cell_line = r->line;
			r->cell_column = 1;
		}
		if (csv_parse(&r->csv, at, n, sheet_cell_ends, sheet_row_ends, r) != n)
			return sheet_complain(r, csv_error(&r->csv) == CSV_EPARSE
					      ? "a quote within a cell (put the cell in quotes and write the quote twice)"
					      : csv_strerror(csv_error(&r->csv)), e);
		sheet_step(r, *at);
		at += n;
	}
	r->line = r->csv.quoted ? r->cell_line : r->line;
	r->column = r->csv.quoted ? r->cell_column : r->column;
	return csv_fini(&r->csv, sheet_cell_ends, sheet_row_ends, r) == 0 ? 0
	     : sheet_complain(r, "the quote that begins this cell is not closed", e);
}

int sheet_load(const char *path, struct sheet *s, struct err *e)
{
	struct reader r = { .sheet = s, .path = path, .line = 1, .column = 1 };
	const char *at, *end;
	int rc;

	*s = (struct sheet){ 0 };
	if (sheet_slurp(&r, e))
		return -1;
	at = s->bytes;
	end = at + s->nbytes;
	if (s->nbytes >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
		at += 3;
	if (csv_init(&r.csv, CSV_STRICT | CSV_STRICT_FINI))
		return err_set(e, ERR_NO, "out of memory");
	csv_set_delim(&r.csv, (unsigned char)sheet_delimiter(at, end));
	rc = sheet_parse(&r, at, end, e);
	csv_free(&r.csv);
	free(r.cells);
	if (!rc && r.failed)
		rc = err_set(e, ERR_NO, "out of memory");
	if (!rc && s->nrows == 0)
		rc = err_set(e, ERR_USAGE, "%s: there is no row that names the columns", path);
	return rc;
}

void sheet_release(struct sheet *s)
{
	arena_release(&s->arena);
	free(s->rows);
	free(s->bytes);
	*s = (struct sheet){ 0 };
}
