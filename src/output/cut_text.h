/*
 * cut_text.h - a frame of others in words: what it is, which points it is about, what they hold.
 */
#ifndef METERCTL_OUTPUT_CUT_TEXT_H
#define METERCTL_OUTPUT_CUT_TEXT_H

#include "modbus/named.h"

#define CUT_TEXT 16384		/* the names and values of a frame of 125 registers */

struct cut_text {
	struct named items[READ_MAX];
	size_t n;		/* of them */
	uint16_t regs[READ_MAX];
	char text[CUT_TEXT];
};

/* How much is said. */
struct cut_words {
	bool prose;		/* also what is done, and bytes of what is no frame */
	size_t items, bytes;	/* at most; of more is said how many */
};

/* Fills T with what C is about, by the names of P: "read voltage.a, voltage.b", "voltage.a=230.1 V",
 * "exception 02, illegal data address". BYTES: those of C without secrets. */
void cut_text_make(struct cut_text *t, const struct profile *p, const struct cut *c, const uint8_t *bytes,
		   const struct cut_words *w);

/* "01 03 00 14": N bytes, of more than MOST how many there are. Returns BUF. */
const char *cut_bytes(const uint8_t *bytes, size_t n, size_t most, char *buf, size_t size);

/* "request", "reply", "exception", "unknown", "garbage" */
const char *cut_kind(const struct cut *c);
/* Whose it is: ">" the master's, "<" a meter's, "!" no frame. */
const char *cut_mark(const struct cut *c);
/* What is odd about it; "": nothing is. */
const char *cut_note(const struct cut *c);

#endif
