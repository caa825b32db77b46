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

/* Of a month (1 to 12) of a year since 2000. */
unsigned packed_days(unsigned month, unsigned year);

#endif
