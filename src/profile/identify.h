/*
 * identify.h - which model is it? By the rules of profiles (`identify`), each of which looks at
 * one value of the meter, or at several (`and`), each a struct identify of its own, one behind
 * the other. Pure: who reads the values is elsewhere.
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
/* The part of the same rule behind R, or NULL. */
const struct identify *identify_next(const struct identify *r);
/* The rule behind the one that begins with R, which may be beyond the list. */
const struct identify *identify_behind(const struct identify *r);
/* Would the whole rule that begins with R match a meter in which every register is 0, or FFFF? */
bool identify_vacuous(const struct identify *r);
/* Do both look at the same place? One read then is enough. */
bool identify_same_place(const struct identify *a, const struct identify *b);

#define IDENTIFY_FIRST 2	/* words of the read that is any meter's first */

/* Fetches what R looks at, one part of a rule: N bytes at DATA, which hold until the next call; N 0: the
 * meter has no such thing. -1 and E: it cannot be asked (any longer). */
typedef int identify_fetch(void *arg, const struct identify *r, const uint8_t **data, size_t *n, struct err *e);

struct identify_search {
	const struct profile *const *profiles;	/* whose rules are tried, in order; */
	size_t nprofiles;
	uint16_t first[IDENTIFY_FIRST];	/* those of rules that go on from these holding registers, of */
	size_t nfirst;			/* 0 and up, before all others; none need be known */
	identify_fetch *fetch;
	void *arg;
};

struct identified {
	const struct profile *profile;
	const char *model;
	uint16_t base;		/* of a profile that is found (base.h): where */
};

/* The first rule that matches as a whole, else the first profile that is found: 1 and OUT; 0: neither; -1 and E. */
int identify_find(const struct identify_search *s, struct identified *out, struct err *e);

/* "holding 0xFC02", "function 17". Returns BUF. */
const char *identify_place(const struct identify *r, char *buf, size_t size);
/* "holding 0xFC02 is 0x0070: SDM630", of the whole rule that begins with R. Returns BUF. */
const char *identify_text(const struct identify *r, char *buf, size_t size);

#endif
