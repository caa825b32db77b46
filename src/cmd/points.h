/*
 * points.h - the points a reading command names, and those that have to be read
 * along with them.
 */
#ifndef METERCTL_CMD_POINTS_H
#define METERCTL_CMD_POINTS_H

#include "app.h"
#include "expect.h"

struct points {
	struct selection shown;		/* what was asked for, in that order */
	struct selection wire;		/* that, and PT and CT where they are needed */
	struct expects expects;		/* of points that are shown */
};

/* Selects what the words name (none: the live page), then opens the meter, so
 * that a misspelt key never reaches the line. points_close() after success. */
int points_open(const struct app *a, int argc, char **argv,
		struct points *out, struct meter *m, struct err *e);
/* The same, and GIVEN is expected of the readings: its points are selected, too, behind
 * those of the words. */
int points_open_expecting(const struct app *a, int argc, char **argv, const struct expect_given *given,
			  struct points *out, struct meter *m, struct err *e);

/* As points_open(), for words that name exactly one point each, none of them twice, and without
 * PT and CT unless primary values are asked for. */
int points_open_each(const struct app *a, int argc, char **argv, struct points *out,
		     struct meter *m, struct err *e);
/* Says, to a person who would wonder, that a meter which speaks by itself is waited for. */
void points_patience(const struct app *a, const struct meter *m);
/* Nobody named them: only those that such a meter does send are shown. */
void points_keep_sent(const struct meter *m, struct points *p);
/* With -v it says what the line did; also without, what had to be dropped. */
void points_close(const struct app *a, struct points *p, struct meter *m);

/* Says a failure of the line, NOW, once, also with -q, and when it is over. TOLD: what was
 * said last, zeros at first. */
void points_tell(const struct app *a, const struct link *l, const struct err *now, struct err *told);

/* Prints the readings of the points shown. */
/* With --primary: when nobody says on which side of the transformers one of the values is, that
 * it was multiplied all the same. */
void points_say_side(const struct app *a, const struct profile *p, const struct selection *shown);
int points_print(const struct app *a, const struct meter *m, const struct points *p, struct err *e);

/* Says which of several points are missing, and why (missing.h). */
void points_say_missing(const struct app *a, const struct meter *m, const uint16_t *idx, size_t n);

/* The exit status of what has been read: 0, or -1 and why the first of the points
 * shown has no value, or with --primary no primary one; of several points also how
 * many are missing. */
int points_verdict(const struct app *a, const struct meter *m, const struct points *p,
		   struct err *e);

#endif
