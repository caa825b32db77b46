#include "trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/stat.h>

#include "outfile.h"
#include "pcapng.h"
#include "time.h"
#include "text.h"

void trace_add(struct trace *t, struct trace_sink *s)
{
	struct trace_sink **at = &t->first;

	while (*at)
		at = &(*at)->next;
	s->next = NULL;
	*at = s;
}

void trace_emit(const struct trace *t, enum trace_dir dir,
		const uint8_t *bytes, size_t n, const char *note)
{
	const struct trace_frame f = {
		.dir = dir, .bytes = bytes, .n = n, .note = note ? note : "",
	};

	trace_pass(t, &f);
}

void trace_pass(const struct trace *t, const struct trace_frame *f)
{
	struct trace_frame now = *f;

	if (!t || !t->first)
		return;
	if (now.at_us == 0)
		now.at_us = time_wall_us();
	for (struct trace_sink *s = t->first; s; s = s->next)
		s->frame(s->arg, &now);
}

/* Appends WORD, or "..." and nothing any more when it has no room. */
static void append_or_end(char *buf, size_t size, size_t *at, const char *word)
{
	if (*at < size && *at + strlen(word) + sizeof("...") > size) {
		text_append(buf, size, at, "...");
		*at = size;
	}
	text_append(buf, size, at, "%s", word);
}

/* The next character of the N bytes at P as it may be shown, in OUT; how many bytes
 * it takes. *GOOD becomes false when that is not what stands there: control and bidi
 * characters, NUL, bytes that are no UTF-8. */
static size_t next_character(const char *p, size_t n, char out[16], bool *good)
{
	unsigned c = 0;
	size_t len = text_utf8(p, n, &c);
	char one[16];

	if (len == 0)
		len = 1;
	memcpy(one, p, len);
	one[len] = '\0';
	/* a NUL is an empty string */
	if (text_clean(out, 8, one) == 0)
		memcpy(out, "?", 2);
	if (strcmp(one, out) != 0)
		*good = false;
	return len;
}

static bool trace_is_text(const char *p, size_t n)
{
	bool good = true;
	char ignored[16];

	for (size_t i = 0; i < n && good;)
		i += next_character(p + i, n - i, ignored, &good);
	return good;
}

static void append_text(char *buf, size_t size, size_t *at, const char *p, size_t n)
{
	bool good;
	char one[16];

	for (size_t i = 0; i < n && *at < size;) {
		i += next_character(p + i, n - i, one, &good);
		append_or_end(buf, size, at, one);
	}
}

static void append_message(const struct trace_frame *f, char *buf, size_t size, size_t *at)
{
	const char *p = (const char *)f->bytes;

	text_append(buf, size, at, " ");
	append_text(buf, size, at, f->topic, f->topic_len);
	if (trace_is_text(p, f->n)) {
		append_or_end(buf, size, at, f->n ? " " : "");
		append_text(buf, size, at, p, f->n);
		return;
	}
	for (size_t i = 0; i < f->n && *at < size; i++) {
		char hex[4];

		snprintf(hex, sizeof(hex), " %02X", f->bytes[i]);
		append_or_end(buf, size, at, hex);
	}
}

const char *trace_line(const struct trace_frame *f, char *buf, size_t size)
{
	static const char mark[] = {
		[TRACE_OUT] = '>', [TRACE_IN] = '<',
		[TRACE_BAD] = '!', [TRACE_NOTE] = '*',
	};
	char clock[16];
	size_t at = 0;

	if (size == 0)
		return buf;
	buf[0] = '\0';
	text_append(buf, size, &at, "%s.%06d %c", time_format(f->at_us, TIME_CLOCK, clock, sizeof(clock)),
		    (int)(f->at_us % 1000000), mark[f->dir]);
	if (f->topic)
		append_message(f, buf, size, &at);
	for (size_t i = 0; i < f->n && !f->topic; i++)
		text_append(buf, size, &at, " %02X", f->bytes[i]);
	if (f->note[0])
		text_append(buf, size, &at, "%s%s", f->n || f->topic ? "  " : " ", f->note);
	return buf;
}

static void write_line(void *arg, const struct trace_frame *f)
{
	char line[8192];	/* a frame of 260 bytes and a note, or a message */

	/* a full disk must not end the reading; closing reports it */
	fprintf(arg, "%s\n", trace_line(f, line, sizeof(line)));
	fflush(arg);
}

static void write_packet(void *arg, const struct trace_frame *f)
{
	pcapng_frame(arg, f);
}

/* Does PATH hold a trace, or nothing? One is replaced by the next. */
static bool trace_is_one(const char *path)
{
	char head[16] = "";
	struct stat st;
	bool one = false;
	/* a pipe would be waited for */
	FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "re") : NULL;

	if (!f)
		return false;
	/* "14:03:27.123456", or the block a capture begins with */
	one = fread(head, 1, sizeof(head) - 1, f) == 0 || memcmp(head, "\n\r\r\n", 4) == 0
	   || (head[2] == ':' && head[5] == ':' && head[8] == '.');
	fclose(f);
	return one;
}

int trace_file_open(struct trace_sink *s, const char *path, bool force, struct err *e)
{
	FILE *f = outfile_open(path, force || trace_is_one(path) ? OUTFILE_FORCE : 0, e);

	if (!f)
		return err_prefix(e, "no trace");
	*s = (struct trace_sink){ .frame = pcapng_named(path) ? write_packet : write_line, .arg = f };
	if (pcapng_named(path))
		pcapng_begin(f);
	return 0;
}

int trace_file_close(struct trace_sink *s)
{
	FILE *f = s->arg;
	int bad;

	if (!f)
		return 0;
	s->arg = NULL;
	bad = ferror(f);
	return fclose(f) || bad ? -1 : 0;
}
