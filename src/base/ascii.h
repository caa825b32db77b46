/*
 * ascii.h - letters and words of this program, in any locale.
 *
 * What <ctype.h> and strcasecmp() say of a letter follows the locale of whoever
 * started the program: in Turkish I is no capital i, and 15MIN would not be 15min.
 * Keys, choices and file formats are ASCII; bytes above it equal only themselves.
 * The functions of the C library are not used (tests/lint.sh).
 */
#ifndef METERCTL_BASE_ASCII_H
#define METERCTL_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

char ascii_lower(char c);
char ascii_upper(char c);
bool ascii_alnum(char c);
bool ascii_blank(char c);	/* space, tab, line and page ends */
bool ascii_print(char c);	/* space to ~ */

/* As strcasecmp(), strncasecmp() and strcasestr(). */
int ascii_casecmp(const char *a, const char *b);
int ascii_ncasecmp(const char *a, const char *b, size_t n);
const char *ascii_casestr(const char *text, const char *word);

#endif
