/*
 * codec_packed.h - the types that pack several small numbers into words: clock,
 * stamp, frame, freeze, day table, hex, string. Only codec.c uses this; the
 * contracts are those of codec.h.
 */
#ifndef METERCTL_CODEC_PACKED_H
#define METERCTL_CODEC_PACKED_H

#include "codec.h"

typedef int packed_decode(const struct point *p, const uint16_t *regs,
			  char *text, size_t size, struct err *e);
typedef int packed_encode(const struct point *p, const char *text,
			  uint16_t *regs, struct err *e);

packed_decode clock_decode, stamp_decode, frame_decode, freeze_decode,
	daytable_decode, hex_decode, string_decode;
packed_encode clock_encode, stamp_encode, frame_encode, freeze_encode,
	daytable_encode, hex_encode, string_encode;

#endif
