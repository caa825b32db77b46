/*
 * csv.c - cells separated by commas, below a line of their names (RFC 4180).
 */
#include <string.h>

#include "base/text.h"
#include "csv.h"
#include "printer.h"

void csv_cell(FILE *f, const char *text)
{
	double number;
	/* =, +, -, @ start a formula in a spreadsheet; a number may begin so */
	bool formula = *text && strchr("=+-@\t\r", *text) && !text_double(text, &number);

	if (!formula && !strpbrk(text, ",\"\r\n")) {
		fputs(text, f);
		return;
	}
	fputc('"', f);
	if (formula)
		fputc('\'', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

/* Cells, or (NULL) their names. */
static int csv_line(struct printer *p, const struct cell *cells)
{
	char text[CELL_ROOM];
	bool first = true;

	for (size_t i = 0; i < p->list->ncolumns; i++) {
		const struct column *c = &p->list->columns[i];

		if (!(c->in & IN_CELLS))
			continue;
		if (!first)
			fputc(',', p->f);
		csv_cell(p->f, cells ? cell_to_text(&cells[i], text, sizeof(text)) : c->name);
		first = false;
	}
	fputs("\r\n", p->f);
	return 0;
}

static int csv_begin(struct printer *p, struct err *e)
{
	(void)e;
	return csv_line(p, NULL);
}

static int csv_row(struct printer *p, const struct cell *cells, struct err *e)
{
	csv_line(p, cells);
	return ferror(p->f) ? err_set(e, ERR_NO, "cannot write output: %m") : 0;
}

const struct format format_csv = {
	.name = "csv",
	.form = IN_CELLS,
	.begin = csv_begin,
	.row = csv_row,
};
