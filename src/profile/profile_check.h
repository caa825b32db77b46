/*
 * profile_check.h - does a profile mean what its author thinks? Pure: nothing
 * is read or printed.
 */
#ifndef METERCTL_PROFILE_PROFILE_CHECK_H
#define METERCTL_PROFILE_PROFILE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "profile.h"

/* Something wrong: one line a person can act on, and the line of the YAML file
 * and column it is about (0: not about one). */
struct finding {
	int line, column;
	char text[ERR_TEXT];
};

struct check {
	size_t points;		/* looked at, bits and repeats included */
	size_t listed, proven;	/* without them; those that a vector expects */
	bool *seen;		/* by point: a vector expects it, or its word of bits */
	size_t vectors;		/* run */
	size_t values;		/* expectations in them */
	struct finding *list;
	size_t n;
	struct finding *warnings;	/* does not speak against it, but others will not
					   understand: keys and units (vocabulary.h) */
	size_t nwarnings;
};

/*
 * Looks for registers two points claim (a part may share those of its whole),
 * points that no request can carry, codes and bit positions given twice, and
 * runs the test vectors: registers must decode to the text expected, and for
 * settings the text must encode to the registers again. Warns of the points that this file
 * itself gives (not those of the profile it extends) when the vocabulary has no such key,
 * or another unit for it. 0 with what it found in OUT, -1 (out of memory) with E.
 * check_release() in both cases.
 */
int profile_check(const struct profile *p, struct check *out, struct err *e);
void check_release(struct check *c);
/* One more finding, without a place, at the end of LIST, which has *N. ERR_NO. */
int check_append(struct finding **list, size_t *n, const char *text, struct err *e);
/* To the findings of OUT, in LINE of its file (0: of the whole). */
int check_add(struct check *out, struct err *e, int line, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
