#include "doc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../output.h"
#include "../text.h"

#define TEXT_WIDTH 96

static const char *const classes[] = {
	[DOC_PLAIN] = "", [DOC_DIM] = " class=\"dim\"", [DOC_GOOD] = " class=\"good\"",
	[DOC_WARN] = " class=\"warn\"", [DOC_BAD] = " class=\"bad\"",
};

/* TEXT without controls, in memory of its own; NULL without any. */
static char *cleaned(const char *text)
{
	size_t size = strlen(text) + 1;
	char *out = malloc(size);

	if (out)
		text_clean(out, size, text);
	return out;
}

static void put_escaped(FILE *f, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&': fputs("&amp;", f); break;
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '"': fputs("&quot;", f); break;
		case '\'': fputs("&#39;", f); break;
		default: fputc(*text, f); break;
		}
}

void doc_escaped(FILE *f, const char *text)
{
	char *clean = cleaned(text);

	if (clean)
		put_escaped(f, clean);
	free(clean);
}

/* TEXT, clean, at spaces into lines of WIDTH bytes; the ones after the first are
 * indented. */
static void put_wrapped(FILE *f, const char *text, size_t width, int indent)
{
	for (bool first = true; *text; first = false) {
		size_t left = strlen(text), take = left;

		if (left > width)
			for (take = width; take > width / 2 && text[take] != ' '; take--)
				;
		/* not inside a character */
		while (take < left && take > 1 && ((unsigned char)text[take] & 0xC0) == 0x80)
			take--;
		fprintf(f, "%*s%.*s\n", first ? 0 : indent, "", (int)take, text);
		text += take;
		text += strspn(text, " ");
	}
}

void doc_begin(struct doc *d, FILE *f, bool html)
{
	*d = (struct doc){ .f = f, .html = html };
}

int doc_end(struct doc *d)
{
	if (d->html && d->section)
		fputs("</section>\n", d->f);
	d->section = false;
	return d->failed || ferror(d->f) ? -1 : 0;
}

FILE *doc_file(struct doc *d)
{
	return d->html ? d->f : NULL;
}

void doc_section(struct doc *d, const char *title)
{
	if (!d->html) {
		fprintf(d->f, "\n%s\n", title);
		for (size_t i = 0; title[i]; i++)
			fputc('-', d->f);
		fputc('\n', d->f);
		return;
	}
	if (d->section)
		fputs("</section>\n", d->f);
	fputs("<section>\n<h2>", d->f);
	doc_escaped(d->f, title);
	fputs("</h2>\n", d->f);
	d->section = true;
}

void doc_heading(struct doc *d, const char *title)
{
	fputs(d->html ? "<h3>" : "\n", d->f);
	if (d->html)
		doc_escaped(d->f, title);
	else
		fputs(title, d->f);
	fputs(d->html ? "</h3>\n" : "\n", d->f);
}

/* As printf() would, cleaned; NULL without memory. */
static char *formatted(struct doc *d, const char *fmt, va_list ap)
{
	char *raw = NULL, *clean = NULL;

	if (vasprintf(&raw, fmt, ap) >= 0) {
		clean = cleaned(raw);
		free(raw);
	}
	if (!clean)
		d->failed = true;
	return clean;
}

void doc_para(struct doc *d, enum doc_role role, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = formatted(d, fmt, ap);
	va_end(ap);
	if (!text)
		return;
	if (d->html) {
		fprintf(d->f, "<p%s>", classes[role]);
		put_escaped(d->f, text);
		fputs("</p>\n", d->f);
	} else {
		put_wrapped(d->f, text, TEXT_WIDTH, 0);
		fputc('\n', d->f);
	}
	free(text);
}

void doc_lines(struct doc *d, const char *text)
{
	if (d->html)
		fputs("<pre>", d->f);
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len), *clean = line ? cleaned(line) : NULL;

		if (!clean)
			d->failed = true;
		else if (d->html)
			put_escaped(d->f, clean);
		else
			fprintf(d->f, "  %s", clean);
		fputc('\n', d->f);
		free(clean);
		free(line);
		text += len + (text[len] == '\n');
	}
	if (d->html)
		fputs("</pre>\n", d->f);
}

/* ---- tables ------------------------------------------------------------------- */

void doc_table(struct doc *d, const char *aligns, const char *const *heads)
{
	snprintf(d->aligns, sizeof(d->aligns), "%s", aligns);
	d->columns = strlen(d->aligns);
	d->heads = heads;
	d->n = 0;
}

void doc_cell(struct doc *d, const char *fmt, ...)
{
	va_list ap;

	if (d->n == d->have) {
		size_t have = d->have ? 2 * d->have : 64;
		char **more = realloc(d->cells, have * sizeof(*more));

		if (!more) {
			d->failed = true;
			return;
		}
		d->cells = more;
		d->have = have;
	}
	va_start(ap, fmt);
	d->cells[d->n] = formatted(d, fmt, ap);
	va_end(ap);
	if (d->cells[d->n])
		d->n++;
}

static void html_cell(const struct doc *d, const char *tag, size_t column, const char *text)
{
	fprintf(d->f, "<%s%s>", tag, d->aligns[column] == 'r' ? " class=\"r\""
		: d->aligns[column] == 't' ? " class=\"t\"" : "");
	put_escaped(d->f, text);
	fprintf(d->f, "</%s>", tag);
}

static void html_table(const struct doc *d)
{
	fputs("<table>\n", d->f);
	if (d->heads) {
		fputs("<thead><tr>", d->f);
		for (size_t c = 0; c < d->columns; c++)
			html_cell(d, "th", c, d->heads[c]);
		fputs("</tr></thead>\n", d->f);
	}
	fputs("<tbody>\n", d->f);
	for (size_t i = 0; i + d->columns <= d->n; i += d->columns) {
		fputs("<tr>", d->f);
		for (size_t c = 0; c < d->columns; c++)
			html_cell(d, "td", c, d->cells[i + c]);
		fputs("</tr>\n", d->f);
	}
	fputs("</tbody>\n</table>\n", d->f);
}

static void text_row(const struct doc *d, const char *const *cells, const int *width)
{
	int at = 2, blanks = 2;		/* not written before something follows */

	for (size_t c = 0; c < d->columns; c++) {
		int pad = width[c] - output_cells(cells[c]);
		bool right = d->aligns[c] == 'r';

		if (*cells[c] && c + 1 == d->columns && !right) {
			fprintf(d->f, "%*s", blanks, "");
			put_wrapped(d->f, cells[c], at < TEXT_WIDTH / 2 ? (size_t)(TEXT_WIDTH - at)
				    : TEXT_WIDTH / 2, at);
			return;
		}
		if (*cells[c])
			fprintf(d->f, "%*s%s", blanks + (right ? pad : 0), "", cells[c]);
		blanks = (*cells[c] ? (right ? 0 : pad) : blanks + width[c]) + 2;
		at += width[c] + 2;
	}
	fputc('\n', d->f);
}

static void text_table(const struct doc *d)
{
	int width[DOC_COLUMNS] = { 0 };

	for (size_t i = 0; i < d->n + (d->heads ? d->columns : 0); i++) {
		int cells = output_cells(i < d->n ? d->cells[i] : d->heads[i - d->n]);

		if (cells > width[i % d->columns])
			width[i % d->columns] = cells;
	}
	if (d->heads)
		text_row(d, d->heads, width);
	for (size_t i = 0; i + d->columns <= d->n; i += d->columns)
		text_row(d, (const char *const *)d->cells + i, width);
}

void doc_table_end(struct doc *d)
{
	if (d->n && d->html)
		html_table(d);
	else if (d->n)
		text_table(d);
	for (size_t i = 0; i < d->n; i++)
		free(d->cells[i]);
	free(d->cells);
	d->cells = NULL;
	d->n = d->have = 0;
}
