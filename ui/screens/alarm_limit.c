#include "alarm_limit.h"

#include <stdio.h>
#include <string.h>

#define THRESHOLD ".threshold"

/* Is STEP (N bytes of a key) a word of NAME, which '-' parts, or the beginning or end of one? */
static bool limit_has_step(const char *name, const char *step, size_t n)
{
	for (;;) {
		size_t word = strcspn(name, "-");

		if (word == n && strncmp(name, step, n) == 0)
			return true;
		if (n > 1 && word > n && (strncmp(name, step, n) == 0 || strncmp(name + word - n, step, n) == 0))
			return true;
		if (!name[word])
			return false;
		name += word + 1;
	}
}

/* Bytes of the steps FROM..TO of a key when NAME has all of them; 0: not. */
static size_t limit_match(const char *name, const char *from, const char *to)
{
	size_t all = 0;

	while (from < to) {
		size_t n = strcspn(from, ".");

		if (!limit_has_step(name, from, n))
			return 0;
		all += n;
		from += n + 1;
	}
	return all;
}

/* The same key with another last step. */
static int limit_beside(const struct profile *p, const char *key, size_t n, const char *last)
{
	char other[96];

	snprintf(other, sizeof(other), "%.*s%s", (int)n, key, last);
	return profile_find(p, other);
}

void alarm_limit_find(const struct profile *p, const struct point *status, const char *name, struct alarm_limit *out)
{
	size_t prefix = strcspn(status->key, ".") + 1, best = 0;

	*out = (struct alarm_limit){ -1, -1 };
	for (size_t i = 0; i < p->npoints; i++) {
		const char *key = p->points[i].key;
		size_t n = strlen(key), tail = strlen(THRESHOLD), match;

		if (n <= prefix + tail || strncmp(key, status->key, prefix) != 0 || strcmp(key + n - tail, THRESHOLD) != 0)
			continue;
		match = limit_match(name, key + prefix, key + n - tail);
		if (match <= best)
			continue;
		best = match;
		*out = (struct alarm_limit){ (int)i, limit_beside(p, key, n - tail, ".delay") };
	}
}
