#include "recorded.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/crc16.h"
#include "redact.h"

#define LINE 8192		/* as long as the trace makes them */
#define DAY_US 86400000000LL
#define HEADER 6		/* of Modbus TCP */

/* The time of day of a line, and where its bytes begin; -1: it is none. */
static int64_t recorded_time(const char *line, const char **bytes)
{
	unsigned h, m, s, us;
	int n = 0;
	char mark;

	if (sscanf(line, "%2u:%2u:%2u.%6u %c%n", &h, &m, &s, &us, &mark, &n) != 5 || !strchr("><!*", mark))
		return -1;
	*bytes = line + n;
	return ((h * 60LL + m) * 60 + s) * 1000000 + us;
}

/* " 01 03" up to two blanks, which a remark follows, or the end. */
static size_t recorded_bytes(const char *p, uint8_t *out, const char **note)
{
	size_t n = 0;
	unsigned v;
	int len;

	while (n < FRAME_BUFFER && p[0] == ' ' && p[1] != ' ' && sscanf(p, " %2x%n", &v, &len) == 1 && len == 3) {
		out[n++] = (uint8_t)v;
		p += len;
	}
	*note = p;
	/* a message of a broker, not bytes */
	return *p == '\n' || *p == '\0' || strncmp(p, "  ", 2) == 0 ? n : 0;
}

static size_t as_rtu(uint8_t *b, size_t n, const char *note)
{
	bool header = n >= HEADER + 3 && b[2] == 0 && b[3] == 0 && (size_t)(b[4] << 8 | b[5]) == n - HEADER;

	if (header) {
		memmove(b, b + HEADER, n - HEADER);
		return crc16_append(b, n - HEADER);
	}
	return n > 2 && strstr(note, REDACT_NOTE) ? crc16_append(b, n - 2) : n;
}

/* How many midnights are in it; -1: not a line of a trace. */
static int count_midnights(FILE *f)
{
	char line[LINE];
	const char *bytes;
	int64_t at, last = -1;
	int n = 0;

	while (fgets(line, sizeof(line), f)) {
		at = recorded_time(line, &bytes);
		n += at >= 0 && at < last - DAY_US / 2;
		last = at >= 0 ? at : last;
	}
	rewind(f);
	return last < 0 ? -1 : n;
}

int recorded_open(struct recorded *r, const char *path, struct err *e)
{
	struct stat st;
	struct tm day;
	int midnights;

	*r = (struct recorded){ .f = fopen(path, "re"), .last_us = -1 };
	if (!r->f || fstat(fileno(r->f), &st) < 0 || !localtime_r(&st.st_mtime, &day)) {
		err_set(e, ERR_NO, "cannot read '%s': %s", path, strerror(errno));
		recorded_close(r);
		return -1;
	}
	midnights = count_midnights(r->f);
	if (midnights < 0) {
		recorded_close(r);
		return err_set(e, ERR_USAGE, "'%s' is not a trace (listen reads what --trace FILE wrote as text)", path);
	}
	day.tm_hour = day.tm_min = day.tm_sec = 0;
	day.tm_mday -= midnights;
	day.tm_isdst = -1;
	r->midnight_us = (int64_t)mktime(&day) * 1000000;
	return 0;
}

void recorded_close(struct recorded *r)
{
	if (r->f)
		fclose(r->f);
	r->f = NULL;
}

size_t recorded_next(struct recorded *r, uint8_t *bytes, int64_t *at_us)
{
	char line[LINE];
	const char *p, *note;

	while (fgets(line, sizeof(line), r->f)) {
		int64_t at = recorded_time(line, &p);
		size_t n = at < 0 ? 0 : recorded_bytes(p, bytes, &note);

		if (at < 0)
			continue;
		if (at < r->last_us - DAY_US / 2)
			r->midnight_us += DAY_US;
		/* a clock that was set back: times do not go back here */
		else if (at < r->last_us)
			at = r->last_us;
		r->last_us = at;
		*at_us = r->midnight_us + at;
		if (n)
			return as_rtu(bytes, n, note);
	}
	return 0;
}
