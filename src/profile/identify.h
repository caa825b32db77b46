/*
 * identify.h - which model is it? By the rules of profiles (`identify`), each of which looks at
 * one value of the meter. Pure: who reads the value is elsewhere.
 *
 * That a meter replies tells nothing: there are models that reply zeros to everything. So a
 * rule that a meter of zeros, or of ones, would match is no rule.
 */
#ifndef METERCTL_PROFILE_IDENTIFY_H
#define METERCTL_PROFILE_IDENTIFY_H

#include "profile.h"

#define IDENTIFY_BYTES 252	/* of a PDU without its function */

/* May a rule look at a value of that type? Numbers, text and words as they stand. */
bool identify_type(enum point_type t);
/* A number as a rule has it: decimal, hex with 0x. */
bool identify_number(const char *text, double *out);

/* Are these the registers of the rule's model? R->words of them, word 0 first. */
bool identify_registers(const struct identify *r, const uint16_t *regs);
/* What R matches, for a meter that is made up: R->words registers, or by R->function *N bytes (at most
 * IDENTIFY_BYTES). False: R is of the other kind, or its pattern gives nothing away. */
bool identify_example(const struct identify *r, uint16_t *regs);
bool identify_example_bytes(const struct identify *r, uint8_t *bytes, size_t *n);
/* Does what R wants begin with these N registers? No rule but one of words as they stand (hex) tells
 * by a part of them. */
bool identify_begins(const struct identify *r, const uint16_t *regs, size_t n);
/* Is this what its model says of itself, by R->function? */
bool identify_bytes(const struct identify *r, const uint8_t *bytes, size_t n);
/* Would a meter match in which every register is 0, or FFFF? */
bool identify_vacuous(const struct identify *r);
/* Do both look at the same place? One read then is enough. */
bool identify_same_place(const struct identify *a, const struct identify *b);

/* "holding 0xFC02", "function 17". Returns BUF. */
const char *identify_place(const struct identify *r, char *buf, size_t size);
/* "holding 0xFC02 is 0x0070: SDM630". Returns BUF. */
const char *identify_text(const struct identify *r, char *buf, size_t size);

#endif
