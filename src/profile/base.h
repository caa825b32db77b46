/*
 * base.h - profiles whose registers have no addresses of their own (`base`): where they begin is found in
 * the meter, by a mark at one of a few addresses and a chain of models behind it, each with its number and
 * its length. SunSpec Device Information Model Specification V1.2: the mark is "SunS", the chain ends with
 * the number FFFFH. Pure: who reads is elsewhere.
 */
#ifndef METERCTL_PROFILE_BASE_H
#define METERCTL_PROFILE_BASE_H

#include "profile.h"

/* Does the profile have to be found first? */
bool base_is_sought(const struct profile *p);

/* Reads N words, at most CODE_MAX, of holding registers from ADDR: 1 and REGS; 0: the meter has no such; -1 and E. */
typedef int base_read(void *arg, uint16_t addr, uint16_t n, uint16_t *regs, struct err *e);

/* Where the first model of the chain that P is about begins, with its number: 1 and ADDR; 0: there is none; -1 and E. */
int base_find(const struct profile *p, base_read *read, void *arg, uint16_t *addr, struct err *e);

/* P with its registers from ADDR on; it takes over P, and profile_free() gives back both. NULL and E, and P
 * is the caller's still: they would end behind register 65535. */
const struct profile *base_apply(const struct profile *p, uint16_t addr, struct err *e);
/* For profile_free(). */
void base_release(const struct profile *p);

#endif
