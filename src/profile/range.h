/*
 * range.h - what a value is to be: the grammar of `wait KEY=RANGE`, `--expect`, `--until`
 * and the columns expect.KEY of `batch`. Pure.
 *
 *   LOW..HIGH   LOW..   ..HIGH   of a number, in the point's unit, limits included
 *   VALUE       a number as it is shown; the name of a choice, bits, or a text, as `set`
 *               takes them
 *
 * A number is compared as it is shown, with the point's decimals: 0.1 + 0.2 is 0.3. It is
 * the value that the meter gives, also where a primary one is shown beside it.
 */
#ifndef METERCTL_PROFILE_RANGE_H
#define METERCTL_PROFILE_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "profile.h"
#include "value.h"

struct range {
	const struct point *point;	/* not owned; must outlive the range */
	bool number;			/* LOW to HIGH; else WANT */
	double low, high;		/* -INFINITY, INFINITY: no limit; alike: one number */
	struct value want;
};

/* The longest text that range_text() writes, and its end. */
#define RANGE_TEXT (VALUE_TEXT + 1)

/*
 * TEXT, the part behind "KEY=", as a range of P. ERR_USAGE, which names the key, the text
 * and the way to write it: no number, limits the wrong way round, a range of something that
 * is not a number, an unknown choice (with the nearest), a number with more decimals than
 * are ever shown, a secret point (whose text is not repeated).
 */
int range_parse(const struct point *p, const char *text, struct range *r, struct err *e);

/* Is V, a value of the range's point, inside? False for VALUE_NONE. */
bool range_holds(const struct range *r, const struct value *v);

/* As range_parse() takes it, without unit: "220..240", "..5", "15min". Returns BUF. */
const char *range_text(const struct range *r, char *buf, size_t size);

#endif
