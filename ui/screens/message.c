#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/ascii.h"
#include "base/text.h"
#include "frame_decode.h"
#include "ui/draw/draw.h"

bool message_names(const void *p, size_t n, const char *sn)
{
	const char *at = p, *end = at + n;
	size_t len = strlen(sn);

	while (len && (at = memmem(at, (size_t)(end - at), sn, len))) {
		bool before = at > (const char *)p && ascii_alnum(at[-1]);
		bool after = at + len < end && ascii_alnum(at[len]);

		if (!before && !after)
			return true;
		at++;
	}
	return false;
}

bool message_is_other(const struct trace_frame *f, const struct target *t)
{
	const struct target_mqtt *m = &t->mqtt;

	if (!f->topic || f->dir == TRACE_OUT || !m->sn[0] || (m->topic[0] && !strpbrk(m->topic, "+#")))
		return false;
	return !message_names(f->topic, f->topic_len, m->sn) && !message_names(f->bytes, f->n, m->sn);
}

void message_keep(struct ui_frame *to, const struct trace_frame *f, const struct target *t)
{
	to->dir = f->dir;
	to->at_us = f->at_us;
	to->message = f->topic != NULL;
	to->other = message_is_other(f, t);
	to->whole = (uint32_t)f->n;
	to->n = (uint16_t)(f->n < sizeof(to->bytes) ? f->n : sizeof(to->bytes));
	if (to->n)
		memcpy(to->bytes, f->bytes, to->n);
	to->topic[0] = '\0';
	if (f->topic)
		text_clean_bytes(to->topic, sizeof(to->topic), f->topic, f->topic_len);
	snprintf(to->note, sizeof(to->note), "%s", f->note);
}

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
