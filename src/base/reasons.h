/*
 * reasons.h - why things were not used: each reason once, with how often it was so.
 */
#ifndef METERCTL_BASE_REASONS_H
#define METERCTL_BASE_REASONS_H

#include <stddef.h>

#define REASONS_MAX 16

/* The text is the same for all of its cases; what differs between them, a value or a
 * topic, is in LAST, of the last one. */
struct reason {
	unsigned long n;
	char text[144];
	char last[96];		/* "": nothing differs */
};

struct reasons {
	unsigned long total;
	unsigned long others;	/* of it: for reasons beyond those that are kept */
	size_t n;
	struct reason list[REASONS_MAX];	/* in the order of their first case */
};

/* Only what is used of R is set. */
void reasons_clear(struct reasons *r);
/* N more cases of TEXT, both made safe to show; LAST: "" for none. The place of the reason
 * in R->list, or REASONS_MAX: one of the others. */
size_t reasons_add(struct reasons *r, unsigned long n, const char *text, const char *last);
/* Those of FROM, too. */
void reasons_join(struct reasons *r, const struct reasons *from);

/* "frequency outside 42.5 to 69 Hz (last: 500 Hz)". Returns BUF. */
const char *reason_text(const struct reason *one, char *buf, size_t size);
/* All in one line: "3 x A (last: B); 1 x C; 2 x other reasons"; "" for none. Returns BUF. */
const char *reasons_text(const struct reasons *r, char *buf, size_t size);

#endif
