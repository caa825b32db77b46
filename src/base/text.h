/*
 * text.h - text that came from a meter, a file or a person, made safe to show.
 */
#ifndef METERCTL_BASE_TEXT_H
#define METERCTL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies SRC to DST (SIZE bytes, always terminated, never cut inside a
 * character). C0, DEL, C1, bidi controls and invalid UTF-8 become '?', so that
 * no payload can move the cursor or reverse a text; characters that nobody sees become
 * their code, "<U+200B>", so that none hides in it. Returns strlen(dst). */
size_t text_clean(char *dst, size_t size, const char *src);
/* The same of N bytes, which may hold NULs ('?'). */
size_t text_clean_bytes(char *dst, size_t size, const char *src, size_t n);

/* Decodes one UTF-8 character of at most N bytes: its length, or 0 when the
 * bytes are not valid UTF-8 (overlong, surrogate, truncated). */
size_t text_utf8(const char *s, size_t n, unsigned *cp);

/* snprintf that keeps appending: *AT moves on and never passes SIZE. */
void text_append(char *buf, size_t size, size_t *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A number that must be all of S: decimal, or hex with 0x. */
bool text_long(const char *s, long min, long max, long *out);
bool text_double(const char *s, double *out);
/* yes, no, true or false. */
bool text_bool(const char *s, bool *out);

/* The candidate that differs least from WORD, for "did you mean", or NULL when
 * none is near. */
const char *text_nearest(const char *word, const char *const *list, size_t n);

#endif
