/*
 * draft.h - what was found, as a profile in YAML (meterctl-profile(5)) that extends a
 * built-in one.
 */
#ifndef METERCTL_LEARN_DRAFT_H
#define METERCTL_LEARN_DRAFT_H

#include <stdio.h>

#include "learn.h"
#include "profile/profile.h"

#define DRAFT_NAME 40

struct draft {
	const struct profile *base;	/* built in */
	const struct learn *learn;
	const struct learn_found *found;	/* one for each of its wants */
	struct learn_around around;
	char name[DRAFT_NAME];		/* of the profile */
	char date[16];			/* 2026-11-30 */
};

/* NAME of the profile in the file PATH: "learned" in "out/Learned.yaml". */
void draft_name(const char *path, char *name, size_t size);

/* Another point of the base that has registers of want I; NULL: there is none. The meter is no
 * such model then, and the draft does not extend it: it has what was found alone. */
const struct point *draft_conflict(const struct draft *d, size_t i);
/* The first of any want; NULL: the draft extends the base. */
const struct point *draft_any_conflict(const struct draft *d);

/* How sure it is, in words: "written, read back". Returns BUF. */
const char *draft_certainty(const struct learn_found *f, char *buf, size_t size);

/* The file. No value that is a secret is in it. ferror() of F tells whether all went out. */
void draft_write(const struct draft *d, FILE *f);

#endif
