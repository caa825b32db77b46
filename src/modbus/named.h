/*
 * named.h - the registers of a frame by the names of a profile. Pure.
 */
#ifndef METERCTL_MODBUS_NAMED_H
#define METERCTL_MODBUS_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/profile.h"
#include "profile/value.h"
#include "splitter.h"

/* A point, or registers side by side of which no whole point is there. */
struct named {
	const struct point *point;	/* NULL: no point is known */
	uint16_t addr, words;
	const uint16_t *regs;		/* WORDS of them; NULL: the frame has no content */
	struct value value;		/* VALUE_NONE: no content, or it is none of the type */
};

/* What a request or reply C is about, with the content it carries, into OUT, room for
 * READ_MAX. REGS, room for READ_MAX: its registers. Returns how many; 0: it names none, or
 * coils. */
size_t named_of(const struct profile *p, const struct cut *c, uint16_t *regs, struct named *out);

/* Hides in the N BYTES of frame C what the profile says is secret; also the registers of a
 * reply of which nobody knows which they are, when the profile has a secret. True: there was
 * something. */
bool named_redact(const struct profile *p, const struct cut *c, uint8_t *bytes);

#endif
