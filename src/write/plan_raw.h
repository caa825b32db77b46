/*
 * plan_raw.h - steps on registers by address, and what plan.c lends them. For plan*.c
 * alone.
 */
#ifndef METERCTL_WRITE_PLAN_RAW_H
#define METERCTL_WRITE_PLAN_RAW_H

#include "plan.h"

/* Reads `before` of those steps of P, sorted and numbered. -1: the line failed, or the
 * meter does not give them. */
int plan_raw_look(struct plan *p, struct meter *m, struct err *e);
/* NULL is allowed. */
void plan_raw_free(const struct point *made);

/* In plan.c: the consent that every write needs; a step more. */
int plan_may_write(const struct plan *p, const char *key, struct err *e);
int plan_append(struct plan *p, const struct step *s, struct err *e);

#endif
