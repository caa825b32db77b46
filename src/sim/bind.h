/*
 * bind.h - which part of the model a point of a profile shows, or sets.
 */
#ifndef METERCTL_SIM_BIND_H
#define METERCTL_SIM_BIND_H

#include "profile/profile.h"
#include "model.h"

enum bind_kind {
	BIND_NONE,	/* nothing of the model's: 0, or its least value */
	BIND_NUMBER,	/* double */
	BIND_WORD,	/* unsigned */
	BIND_FLAG,	/* bool, bit 0 */
	BIND_TIME,	/* double: s since 1970 on the meter's clock */
	BIND_CLOCK	/* the clock itself */
};

struct bind {
	enum bind_kind kind;
	size_t offset;	/* into struct model */
	size_t less;	/* of a number to be taken away from it; 0: none */
	int sign;	/* 1, -1: only a number with that sign counts, and as positive; 0: any */
	enum ratio ratio;	/* of the transformers, by which it is multiplied */
	double factor;	/* shown = model's x factor */
};

/* What P shows. */
struct bind bind_shown(const struct point *p);

/* The setting a writable point means: the offset of a double in struct settings,
 * or -1. */
long bind_setting(const struct point *p);

/* Bytes of the calendar that point holds (*N of them), as an offset into struct
 * settings, or -1. */
long bind_bytes(const struct point *p, size_t *n);

#endif
