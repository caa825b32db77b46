/*
 * codec.h - registers to values and back. Pure: no I/O, no clock, no state.
 */
#ifndef METERCTL_PROFILE_CODEC_H
#define METERCTL_PROFILE_CODEC_H

#include "profile.h"
#include "value.h"

/* Words a type takes, or 0 when the point says (hex, string, bcd). */
unsigned codec_words(enum point_type t);
/* ... of P: its layout or slots say. */
unsigned codec_point_words(const struct point *p);
/* Why its layout or slot cannot be one, or NULL. */
const char *codec_layout_odd(const struct point *p);
/* Does it have digits of its own behind the point? */
bool codec_floats(enum point_type t);
/* Has it words, or a string's bytes, that can stand in another order? */
bool codec_ordered(const struct point *p);
/* The bits of its word that are P's; 0: all that its registers have. */
uint16_t codec_mask(const struct point *p);
/* Characters a string of P can have. */
unsigned codec_room(const struct point *p);
/* Those that stand in REGS, what fills them up included, into OUT. */
void codec_text_bytes(const struct point *p, const uint16_t *regs, char *out);

/* REGS are the point's own words, as they came (word 0 first). 0, or -1 when
 * the registers hold nothing this type can mean (month 13): ERR_FOREIGN. VALUE_NONE,
 * and E (ERR_NO) says so: they hold the code of "no such value", or NaN.
 * A whole number that a double cannot hold has all its digits in the text of V. */
int codec_decode(const struct point *p, const uint16_t *regs,
		 struct value *v, struct err *e);

/* The same of a point that is scaled by the value BY of another (profile_scaler()), which
 * codec_decode() refuses. ERR_FOREIGN: an exponent outside -10 to 10. VALUE_NONE when that
 * has no value. */
int codec_decode_by(const struct point *p, const uint16_t *regs, const struct value *by,
		    struct value *v, struct err *e);
/* Is P such a point? And that as if nothing scaled it. */
bool codec_is_scaled(const struct point *p);
struct point codec_unscaled(const struct point *p);

/* A number that came by name, in the point's unit, as a value of P: a choice, bits or
 * a number. ERR_FOREIGN: the registers of P could not hold it. */
int codec_number(const struct point *p, double num, struct value *v, struct err *e);
/* The most that the registers of P can hold, in its unit. */
double codec_most(const struct point *p);

/* The inverse. ERR_DENIED when the value does not fit its registers or its
 * range. Where codec_mask() says that it is a part of a word, REGS holds that as it stands,
 * and only those bits change. */
int codec_encode(const struct point *p, const struct value *v,
		 uint16_t *regs, struct err *e);

/* Text as a person writes it (a number in the shown unit, a choice by name, a
 * raw code as "#4", a ratio as "200/5") to a value. ERR_USAGE when it is not of the type,
 * ERR_DENIED when it is but out of range. Never repeats a secret. */
int codec_parse(const struct point *p, const char *text,
		struct value *v, struct err *e);

/* The value as shown and as codec_parse() takes it, without unit. Bit words
 * come as the number. Returns BUF. */
const char *codec_format(const struct point *p, const struct value *v,
			 char *buf, size_t size);

/* Names of the set bits, separated by SEP; unnamed ones as "bit9". */
const char *codec_bits(const struct point *p, const struct value *v,
		       const char *sep, char *buf, size_t size);

/* What the value of P is to be multiplied by, to be that of the primary side. */
enum ratio codec_ratio(const struct point *p);
/* Factor from the side of its value to the primary side: 1, PT, CT, PT x CT. */
double codec_primary(const struct point *p, double pt, double ct);
/* ... from the secondary side, wherever its value is. */
double codec_transforms(const struct point *p, double pt, double ct);

/*
 * The clock of a meter whose manual does not say whether its bytes are binary or
 * BCD (ADW300 ambiguity A9). Times are seconds since 1970 on a clock that knows
 * no time zone, as the meter's.
 */
enum clock_coding { CLOCK_BINARY, CLOCK_BCD };

/* Which one the registers of the clock P are: bytes that are a date in one only tell it;
 * else the one nearer to the host's local time; binary when that does not tell. */
enum clock_coding codec_clock_coding(const struct point *p, const uint16_t *regs, int64_t host_epoch_s_local);
/* What they say in that coding; -1 when that is no date. */
int codec_clock_decode(const struct point *p, enum clock_coding coding, const uint16_t *regs, int64_t *local_s);
/* 0, or -1 for a year that is not one of 2000 to 2099. Bytes without a name stay. */
int codec_clock_encode(const struct point *p, enum clock_coding coding, int64_t local_s, uint16_t *regs);
/* That time as the value of a clock: "2026-01-31 14:03:27". */
void codec_clock_value(int64_t local_s, struct value *v);
/* The inverse; -1 when it is no such text. */
int codec_clock_seconds(const char *text, int64_t *local_s);

/* A day table of which a profile says nothing. */
#define DAYTABLE_SLOTS 14
#define DAYTABLE_SLOT "rate minute hour"
#define DAYTABLE_RATES "sharp peak flat valley"
/* The words of the first 12 of its slots: what the maker's own platform writes
 * (ADW300 ambiguity C1), and all that is surely taken. */
#define DAYTABLE_SURE 18
/* How many of its registers, the first ones, make what P holds BEFORE what it should; all of
 * them, but for such a day table without a slot 13 and 14 in either. */
unsigned codec_needed(const struct point *p, const uint16_t *before, const uint16_t *want);

#endif
