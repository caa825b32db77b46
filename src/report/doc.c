#include "doc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "base/text.h"

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

static void doc_put_escaped(FILE *f, const char *text)
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
		doc_put_escaped(f, clean);
	free(clean);
}

static bool inside_character(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* How many bytes of TEXT, clean, have room in WIDTH cells, TEXT_WIDTH at most: whole
 * characters, one at least. */
static size_t room_for(const char *text, int width)
{
	char part[4 * TEXT_WIDTH + 1];		/* a character has four bytes at most */
	size_t n = strnlen(text, sizeof(part) - 1);

	memcpy(part, text, n);
	for (part[n] = '\0'; n > 1 && (inside_character(text[n]) || output_cells(part) > width); )
		part[--n] = '\0';
	while (inside_character(text[n]))
		n++;
	return n;
}

/* How many bytes of TEXT stand in a line of WIDTH cells: up to a space, or all there is
 * room for when there is none. */
static size_t line_of(const char *text, int width)
{
	size_t most = room_for(text, width), take = most;

	if (text[most] == '\0')
		return most;
	while (take > 0 && text[take] != ' ')
		take--;
	return take ? take : most;
}

/* What stands in the next line. */
static const char *next_line(const char *text, size_t taken)
{
	return text + taken + strspn(text + taken, " ");
}

static void put_wrapped(FILE *f, const char *text, int width)
{
	while (*text) {
		size_t take = line_of(text, width);

		fprintf(f, "%.*s\n", (int)take, text);
		text = next_line(text, take);
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
		doc_put_escaped(d->f, text);
		fputs("</p>\n", d->f);
	} else {
		put_wrapped(d->f, text, TEXT_WIDTH);
		fputc('\n', d->f);
	}
	free(text);
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
	doc_put_escaped(d->f, text);
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

#define LEAST_WIDTH 12	/* of a column of text from outside, whatever its words */

static int longest_word(const char *text)
{
	size_t most = 0;

	for (; *text; text = next_line(text, strcspn(text, " ")))
		if (strcspn(text, " ") > most)
			most = strcspn(text, " ");
	return (int)most;
}

/* A row, its cells over as many lines as they need; nothing trails. */
static void text_row(const struct doc *d, const char *const *cells, const int *width)
{
	const char *rest[DOC_COLUMNS];
	bool more = true;

	memcpy(rest, cells, d->columns * sizeof(*rest));
	while (more) {
		int blanks = 2;		/* not written before something follows */

		more = false;
		for (size_t c = 0; c < d->columns; c++) {
			size_t take = line_of(rest[c], width[c]);
			char *line = strndup(rest[c], take);
			int used = line ? output_cells(line) : 0, pad = used < width[c] ? width[c] - used : 0;
			bool right = d->aligns[c] == 'r';

			if (line && *line)
				fprintf(d->f, "%*s%s", blanks + (right ? pad : 0), "", line);
			blanks = (take ? (right ? 0 : pad) : blanks + width[c]) + 2;
			free(line);
			rest[c] = next_line(rest[c], take);
			more |= *rest[c] != '\0';
		}
		fputc('\n', d->f);
	}
}

/* Makes the widest columns narrower until they fit beside each other: those of words
 * not below their longest word, numbers not at all. */
static void narrow(const struct doc *d, int *width, const int *least)
{
	for (;;) {
		int total = 0;
		size_t widest = d->columns;

		for (size_t c = 0; c < d->columns; c++) {
			total += width[c] + 2;
			if (width[c] > least[c] && (widest == d->columns || width[c] > width[widest]))
				widest = c;
		}
		if (total <= TEXT_WIDTH || widest == d->columns)
			return;
		width[widest]--;
	}
}

static void text_table(const struct doc *d)
{
	int width[DOC_COLUMNS] = { 0 }, least[DOC_COLUMNS] = { 0 };

	for (size_t i = 0; i < d->n + (d->heads ? d->columns : 0); i++) {
		const char *text = i < d->n ? d->cells[i] : d->heads[i - d->n];
		size_t c = i % d->columns;
		int cells = output_cells(text), word = d->aligns[c] == 'r' ? cells : longest_word(text);

		if (d->aligns[c] == 't' && word > LEAST_WIDTH)
			word = LEAST_WIDTH;
		width[c] = cells > width[c] ? cells : width[c];
		least[c] = word > least[c] ? word : least[c];
	}
	narrow(d, width, least);
	if (d->heads)
		text_row(d, d->heads, width);
	for (size_t i = 0; i + d->columns <= d->n; i += d->columns)
		text_row(d, (const char *const *)d->cells + i, width);
	fputc('\n', d->f);
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
