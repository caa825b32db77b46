/*
 * value.h - a decoded value, and a reading: a value with where it stands in
 * time and how far it may be trusted.
 */
#ifndef METERCTL_PROFILE_VALUE_H
#define METERCTL_PROFILE_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* The longest point is 42 bytes (a day table); network names reach 64. */
#define VALUE_WORDS 32
#define VALUE_TEXT 200

enum value_kind {
	VALUE_NONE,
	VALUE_NUMBER,	/* num, in the point's unit; text: its digits when num lacks some */
	VALUE_CHOICE,	/* num is the raw code, text its name ("#7" if it has none) */
	VALUE_BITS,	/* num is the word; the point names the bits */
	VALUE_STRING	/* text: clock, time stamp, frame, day table, name */
};

struct value {
	enum value_kind kind;
	double num;
	char text[VALUE_TEXT];
};

/* "No reading" is a state of its own, never 0.0. */
enum quality {
	QUALITY_NEVER,	/* nothing has been read yet */
	QUALITY_OK,
	QUALITY_STALE,	/* it was ok; the meter has not answered since */
	QUALITY_FAILED,	/* this point cannot be read; error says why */
	QUALITY_ABSENT,	/* the meter has no such value, and says so by the code it sends */
	QUALITY_LATE,	/* measured long before it came: a value of then, not of now */
	QUALITY_AMBIGUOUS	/* what came can be read in two ways; error has both */
};

struct dialect_item;	/* dialect.h */

struct reading {
	enum quality quality;
	struct value value;		/* last good value, also while stale */
	uint16_t raw[VALUE_WORDS];	/* registers behind it, when there are any */
	uint8_t words;			/* 0: not from registers, or refused */
	const struct dialect_item *item;	/* how a message carried it; NULL: none did */
	int64_t at_us;			/* wall clock of the reply, us since 1970; of a message with
					   a time of its own, that; 0: not known */
	int64_t received_us;		/* wall clock, when that is much later; 0: it is not */
	int64_t mono_us;		/* CLOCK_MONOTONIC of the reply, for ages */
	struct err err;			/* why stale or failed */
	bool absent;			/* failed, because the meter has no such register: it
					   refused this point alone with exception 02 */
};

/* Was it asked for, and has not come? Not so what the meter has answered: that it has no
 * such register or value, or with words that are no value of the type; nor what a meter behind a
 * broker does not send. */
bool reading_missing(const struct reading *r);

/* "never", "ok", "stale", "failed", "absent", "late", "ambiguous": the words of the JSON output. */
const char *quality_name(enum quality q);

#endif
