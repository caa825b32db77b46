#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"

size_t text_utf8(const char *s, size_t n, unsigned *cp)
{
	const unsigned char *u = (const unsigned char *)s;
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;
	unsigned c;

	if (n == 0)
		return 0;
	len = u[0] < 0x80 ? 1 : u[0] < 0xC2 ? 0 : u[0] < 0xE0 ? 2
	    : u[0] < 0xF0 ? 3 : u[0] < 0xF5 ? 4 : 0;
	if (len == 0 || len > n)
		return 0;
	c = len == 1 ? u[0] : u[0] & (0x7FU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3FU);
	}
	if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*cp = c;
	return len;
}

/* Characters that move the cursor or turn the text around. */
static bool is_hostile(unsigned c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F)
	    || c == 0x061C || c == 0x200E || c == 0x200F
	    || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* Characters that nobody sees (Unicode, Default_Ignorable_Code_Point, and what annotates):
 * two texts that look the same need not be the same. */
static bool text_invisible(unsigned c)
{
	static const struct { unsigned first, last; } none[] = {
		{ 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
		{ 0x200B, 0x200D }, { 0x2060, 0x2065 }, { 0x206A, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },
		{ 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
		{ 0xE0000, 0xE0FFF },	/* tags among them */
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none) && c >= none[i].first; i++)
		if (c <= none[i].last)
			return true;
	return false;
}

/* What stands for C, whose LEN bytes are at SRC; 0: no character. */
static size_t text_show(char *buf, size_t size, const char *src, size_t len, unsigned c)
{
	if (len > 0 && text_invisible(c))
		return (size_t)snprintf(buf, size, "<U+%04X>", c);
	if (len == 0 || is_hostile(c)) {
		buf[0] = '?';
		return 1;
	}
	memcpy(buf, src, len);
	return len;
}

size_t text_clean_bytes(char *dst, size_t size, const char *src, size_t n)
{
	size_t left = n, at = 0;

	if (size == 0)
		return 0;
	while (left > 0) {
		unsigned c = 0;
		size_t len = text_utf8(src, left, &c);
		char shown[16];
		size_t room = text_show(shown, sizeof(shown), src, len, c);

		if (at + room >= size)
			break;
		memcpy(dst + at, shown, room);
		at += room;
		src += len ? len : 1;
		left -= len ? len : 1;
	}
	dst[at] = '\0';
	return at;
}

size_t text_clean(char *dst, size_t size, const char *src)
{
	return text_clean_bytes(dst, size, src, strlen(src));
}

void text_append(char *buf, size_t size, size_t *at, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (*at >= size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(buf + *at, size - *at, fmt, ap);
	va_end(ap);
	if (n > 0)
		*at += (size_t)n < size - *at ? (size_t)n : size - *at - 1;
}

bool text_long(const char *s, long min, long max, long *out)
{
	char *end;
	int base = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10;
	long v;

	if ((*s < '0' || *s > '9') && *s != '-')
		return false;
	errno = 0;
	v = strtol(s, &end, base);
	if (errno || *end || end == s || v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool text_double(const char *s, double *out)
{
	char *end;
	double v;

	/* strtod also takes inf, nan and hex floats: nobody means those here */
	if (!*s || strspn(s, "+-0123456789.eE") != strlen(s))
		return false;
	errno = 0;
	v = strtod(s, &end);
	if (errno || *end || end == s)
		return false;
	*out = v;
	return true;
}

bool text_bool(const char *s, bool *out)
{
	*out = !ascii_casecmp(s, "yes") || !ascii_casecmp(s, "true");
	return *out || !ascii_casecmp(s, "no") || !ascii_casecmp(s, "false");
}

/* Edits that turn A into B, counting no further than MOST. */
static unsigned distance(const char *a, const char *b, unsigned most)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[64];

	if (la >= 63 || lb >= 63)
		return most + 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diag = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned keep = diag + (a[i - 1] != b[j - 1]);

			diag = row[j];
			if (row[j] + 1 < keep)
				keep = row[j] + 1;
			if (row[j - 1] + 1 < keep)
				keep = row[j - 1] + 1;
			row[j] = keep;
		}
	}
	return row[lb];
}

const char *text_nearest(const char *word, const char *const *list, size_t n)
{
	const char *best = NULL;
	unsigned least = (unsigned)strlen(word) / 3 + 1;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, list[i], least);

		if (d < least || (d == least && !best)) {
			least = d;
			best = list[i];
		}
	}
	return best;
}
