#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"
#include "value.h"

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
	struct trace_frame f = {
		.dir = dir, .bytes = bytes, .n = n, .note = note ? note : "",
	};

	if (!t || !t->first)
		return;
	f.at_us = time_wall_us();
	for (struct trace_sink *s = t->first; s; s = s->next)
		s->frame(s->arg, &f);
}

const char *trace_line(const struct trace_frame *f, char *buf, size_t size)
{
	static const char mark[] = {
		[TRACE_OUT] = '>', [TRACE_IN] = '<',
		[TRACE_BAD] = '!', [TRACE_NOTE] = '*',
	};
	time_t s = (time_t)(f->at_us / 1000000);
	struct tm tm;
	size_t at = 0;

	if (size == 0)
		return buf;
	buf[0] = '\0';
	localtime_r(&s, &tm);
	text_append(buf, size, &at, "%02d:%02d:%02d.%06d %c", tm.tm_hour,
		    tm.tm_min, tm.tm_sec, (int)(f->at_us % 1000000), mark[f->dir]);
	for (size_t i = 0; i < f->n; i++)
		text_append(buf, size, &at, " %02X", f->bytes[i]);
	if (f->note[0])
		text_append(buf, size, &at, "%s%s", f->n ? "  " : " ", f->note);
	return buf;
}

static void write_line(void *arg, const struct trace_frame *f)
{
	char line[1200];	/* 260 bytes of frame and a note */

	/* a full disk must not end the reading; closing reports it */
	fprintf(arg, "%s\n", trace_line(f, line, sizeof(line)));
	fflush(arg);
}

int trace_file_open(struct trace_sink *s, const char *path, struct err *e)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return err_set(e, ERR_NO, "cannot write trace file '%s': %s",
			       path, strerror(errno));
	*s = (struct trace_sink){ .frame = write_line, .arg = f };
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
