#include "ascii.h"

#include <stdint.h>
#include <string.h>

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool ascii_alnum(char c)
{
	char l = ascii_lower(c);

	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

bool ascii_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ascii_print(char c)
{
	return c >= ' ' && c <= '~';
}

int ascii_ncasecmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		int diff = (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);

		if (diff || !*a)
			return diff;
	}
	return 0;
}

int ascii_casecmp(const char *a, const char *b)
{
	return ascii_ncasecmp(a, b, SIZE_MAX);
}

const char *ascii_casestr(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; *text || !n; text++)
		if (ascii_ncasecmp(text, word, n) == 0)
			return text;
	return NULL;
}
