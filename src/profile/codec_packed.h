/*
 * codec_packed.h - the types that pack several small numbers into words: clock,
 * stamp, frame, freeze, day table, zones, hex, string, IP address. Only the codec includes
 * this; the contracts are those of codec.h.
 */
#ifndef METERCTL_PROFILE_CODEC_PACKED_H
#define METERCTL_PROFILE_CODEC_PACKED_H

#include "codec.h"

#define HI(w) ((unsigned)(w) >> 8)
#define LO(w) ((unsigned)(w) & 0xFFU)
#define WORD(hi, lo) ((uint16_t)((hi) << 8 | (lo)))

typedef int packed_decode(const struct point *p, const uint16_t *regs,
			  char *text, size_t size, struct err *e);
typedef int packed_encode(const struct point *p, const char *text,
			  uint16_t *regs, struct err *e);

packed_decode clock_decode, stamp_decode, frame_decode, freeze_decode,
	daytable_decode, zones_decode, hex_decode, string_decode, ipv4_decode;
packed_encode clock_encode, stamp_encode, frame_encode, freeze_encode,
	daytable_encode, zones_encode, hex_encode, string_encode, ipv4_encode;

/* "'KEY' holds no WHAT", and "'TEXT' is no value for 'KEY' (like LIKE)"; -1. */
int packed_odd(const struct point *p, struct err *e, const char *what);
int packed_unlike(const struct point *p, struct err *e, const char *text,
		  const char *like);

/* The characters in R, codec_room() of them. */
void string_bytes(const struct point *p, const uint16_t *r, char *out);

/* How often WORD stands in LIST, a text with blanks between; and all its words. */
unsigned packed_count(const char *list, const char *word);
unsigned packed_words(const char *list);
/* The word at I, with its length; "" behind the last. */
const char *packed_word(const char *list, unsigned i, size_t *len);
/* The byte I of registers. */
unsigned packed_byte(const uint16_t *r, unsigned i);
void packed_set_byte(uint16_t *r, unsigned i, unsigned byte);
/* Of a clock or stamp; of a day table. */
unsigned layout_bytes(const struct point *p);
unsigned daytable_bytes(const struct point *p);

/* Of a month (1 to 12) of a year since 2000. */
unsigned packed_days(unsigned month, unsigned year);

#endif
