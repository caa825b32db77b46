/*
 * codec_words.h - the words of a value: their order, and the numbers they make. Only the
 * codec includes this.
 */
#ifndef METERCTL_PROFILE_CODEC_WORDS_H
#define METERCTL_PROFILE_CODEC_WORDS_H

#include "profile.h"
#include "value.h"

/* From 2^53 on a double holds no exact integers. */
#define WORDS_EXACT 9007199254740992.0

/* The words of P, in its own order, as ABCD; or those back again: what turns them, turns them
 * back. OUT may be IN. */
void words_arrange(const struct point *p, const uint16_t *in, uint16_t *out);

/* N words, at most 4, high word first, as a whole number; and that into them. */
uint64_t words_whole(const uint16_t *r, unsigned n);
void words_set_whole(uint16_t *r, unsigned n, uint64_t v);

/* The same of four decimal digits a word; false: a digit is none. */
bool words_digits(const uint16_t *r, unsigned n, uint64_t *v);
void words_set_digits(uint16_t *r, unsigned n, uint64_t v);

/* The lowest bit of MASK, whose bits stand side by side; the number they hold in W, and one put
 * into them. */
uint16_t words_step(uint16_t mask);
double words_part(uint16_t w, uint16_t mask, bool with_sign);
void words_set_part(uint16_t *w, uint16_t mask, uint64_t v);

/* All digits of RAW times the scale of P, when that is whole or a power of ten; else "". */
void words_exact(const struct point *p, bool negative, uint64_t raw, char *buf, size_t size);

#endif
