/*
 * expect.h - KEY=RANGE as the words of `wait` and the options --expect and --until: what
 * is expected of readings (profile/range.h).
 */
#ifndef METERCTL_CMD_EXPECT_H
#define METERCTL_CMD_EXPECT_H

#include "app.h"
#include "profile/range.h"

#define EXPECT_GIVEN 64

/* As given: the field of an option that may be repeated. */
struct expect_given {
	const char *text[EXPECT_GIVEN];
	size_t n;
};
int expect_take(const char *arg, void *field, struct err *e);
#define EXPECT_ROW(NAME, CONTEXT, FIELD, HELP) \
	OPT_CALL(0, NAME, "KEY=RANGE", "@range", struct expect_given, CONTEXT, FIELD, expect_take, HELP)

struct expect {
	size_t idx;		/* of the point */
	struct range range;
};

/* Understood, for the points of one profile, which outlives it. */
struct expects {
	struct expect *list;
	size_t n;
};

/* ERR_USAGE: not KEY=RANGE, an unknown key with the nearest, no range of that point;
 * OUT is empty then. */
int expects_parse(const struct profile *p, const struct expect_given *given, struct expects *out,
		  struct err *e);
void expects_release(struct expects *x);

/* Are all of them met by the readings of M? What has not been read now is not met. */
bool expects_hold(const struct expects *x, const struct meter *m);

/*
 * 0: all are met. Else -1, a line for each that is not, the last of them in E: ERR_NO, of a
 * point that has no value the code of its reason. WHEN: " after 60 s", or "".
 */
int expects_complain(const struct app *a, const struct expects *x, const struct meter *m,
		     const char *when, struct err *e);

#endif
