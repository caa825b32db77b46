#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "frame_decode.h"
#include "ui/draw/draw.h"

/* Can it be read? A character may have been cut in two at the end. */
static bool message_is_text(const struct ui_frame *f)
{
	const char *p = (const char *)f->bytes;
	size_t left = f->n;

	while (left > 0) {
		unsigned cp = 0;
		size_t len = text_utf8(p, left, &cp);

		if (len == 0)
			return f->whole > f->n && left < 4;
		if (cp < ' ' && !strchr("\t\n\r", (int)cp))
			return false;
		p += len;
		left -= len;
	}
	return true;
}

/* Line ends and tabs become blanks, everything else that is not to be seen '?'. */
static void to_line(char *buf, size_t size, const struct ui_frame *f)
{
	char flat[UI_FRAME_BYTES];

	for (size_t i = 0; i < f->n; i++)
		flat[i] = strchr("\t\n\r", f->bytes[i]) && f->bytes[i] ? ' ' : (char)f->bytes[i];
	text_clean_bytes(buf, size, flat, f->n);
}

const char *message_text(const struct ui_frame *f, char *buf, size_t size)
{
	if (message_is_text(f))
		to_line(buf, size, f);
	else
		frame_decode_hex(f, 0, f->n, buf, size);
	return buf;
}

/* How many bytes of TEXT make a row of WIDTH cells: behind a comma or a blank when one
 * stands in its second half. */
static size_t message_row_of(const char *text, int width)
{
	size_t n = strlen(text), at = 0, good = 0;
	int cells = 0;

	while (at < n && cells < width) {
		unsigned cp = 0;
		size_t len = text_utf8(text + at, n - at, &cp);

		at += len ? len : 1;
		cells += cp < 0x80 || wcwidth((wchar_t)cp) < 1 ? 1 : wcwidth((wchar_t)cp);
		if ((cp == ',' || cp == ' ') && cells > width / 2)
			good = at;
	}
	return at == n || !good ? at : good;
}

char *message_page(const struct ui_frame *f, int width)
{
	static const char *const ways[] = {
		[TRACE_OUT] = "to the broker", [TRACE_IN] = "from the broker",
		[TRACE_BAD] = "trouble", [TRACE_NOTE] = "note",
	};
	char text[3 * UI_FRAME_BYTES + 1], *page = NULL;
	const char *at = message_text(f, text, sizeof(text));
	size_t size;
	FILE *out = open_memstream(&page, &size);

	if (!out)
		return strdup("");
	fprintf(out, "%s%s%s, %u bytes%s%s\n", ways[f->dir], *f->topic ? " on " : "", f->topic,
		f->whole, *f->note ? ", " : "", f->note);
	if (f->other)
		fputs("names another meter, or none\n", out);
	if (f->whole > f->n)
		fprintf(out, "the first %u are kept\n", f->n);
	putc('\n', out);
	while (*at) {
		size_t n = message_row_of(at, width < 8 ? 8 : width);

		fprintf(out, "%.*s\n", (int)n, at);
		at += n;
	}
	fclose(out);
	return page;
}
