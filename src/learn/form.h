/*
 * form.h - the forms in which a meter may keep a value that a person typed. Pure.
 */
#ifndef METERCTL_LEARN_FORM_H
#define METERCTL_LEARN_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/profile.h"

#define FORM_WORDS 32		/* of the longest text */
#define FORMS_MAX 24		/* of one value */

/* A value as it was typed. */
struct form_value {
	char text[2 * FORM_WORDS + 1];
	bool number;		/* ... a whole number of at most 32 bits: NUM */
	uint32_t num;
	bool address;		/* ... four numbers and dots: NUM */
};

struct form {
	enum point_type type;	/* TYPE_STRING, U16, U32, BCD, IPV4 */
	uint8_t order;		/* bit 0: words turned round, bit 1: the bytes of each */
	uint16_t scale;		/* the value is so many times the registers */
	uint16_t words;		/* of a text, as many as it fills */
	uint16_t regs[FORM_WORDS];
	bool half;		/* a text: the last word holds one character, the other byte is padding */
	char pad;		/* of a text, as it was seen: ' ' or 0 */
};

/* False: TEXT cannot be typed anywhere: empty, too long. */
bool form_value_parse(const char *text, struct form_value *out);

/* All of them into OUT, room for FORMS_MAX. SECONDS: it may be kept in minutes, too. */
size_t form_all(const struct form_value *v, bool seconds, struct form *out);

/* The same form, whatever the value. */
bool form_same(const struct form *a, const struct form *b);

/* Does it begin at REGS, of which N follow? The padding goes to F. */
bool form_at(struct form *f, const uint16_t *regs, size_t n);

/* How many of the N words at REGS are nothing but the padding of the text F before them. */
size_t form_padding(const struct form *f, const uint16_t *regs, size_t n);
/* Might the number F as well be characters? */
bool form_looks_like_text(const struct form *f);
/* May WORD, beside F, belong to a longer text of which F is a part? */
bool form_is_text(const struct form *f, uint16_t word, bool behind);

/* Are the N words a part of the text F, a character short of the end at most? */
bool form_has_part(const struct form *f, const uint16_t *regs, size_t n);

/* Does the value stand in these bytes, in any form and at any place? */
bool form_in_bytes(const struct form_value *v, bool seconds, const uint8_t *bytes, size_t n);

#endif
