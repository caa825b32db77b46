/*
 * vocabulary.h - the keys that mean the same in every profile, with their units:
 * src/profiles/keys.yaml, compiled in. Pure.
 *
 * Patterns, as meterctl-profile(5) has them: {a,b,c} is one of these, {2..63} a number of
 * these, {*} at the end anything. They do not stand in each other, and no key follows from
 * two rows.
 */
#ifndef METERCTL_PROFILE_VOCABULARY_H
#define METERCTL_PROFILE_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct vocabulary_key {
	const char *pattern;
	const char *const *units;	/* ends with NULL; the first is the usual one, "" is none,
					   "*" any */
	const char *meaning;
	const char *standard;		/* its term there; "" */
};

/* All N rows. From any thread. */
const struct vocabulary_key *vocabulary_all(size_t *n);

/* Is PATTERN one of that syntax? */
bool vocabulary_pattern_valid(const char *pattern);
bool vocabulary_matches(const char *pattern, const char *key);

/* The row of KEY, or NULL. The number of a repeated block (KEY@3) is passed over. */
const struct vocabulary_key *vocabulary_find(const char *key);
bool vocabulary_has_unit(const struct vocabulary_key *k, const char *unit);

/* Every key that a pattern stands for, but for those with {*}. Those in LIST are A's. -1:
 * out of memory. */
struct vocabulary_list {
	const char **key;
	size_t n;
};
int vocabulary_expand(const char *pattern, struct arena *a, struct vocabulary_list *list);
int vocabulary_expand_all(struct arena *a, struct vocabulary_list *list);
/* KEY itself is the caller's to free(). */

#endif
