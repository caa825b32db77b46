/*
 * opt.h - option tables. One row makes the parser, the help line and the
 * completions: what the option is called, how its argument is taken, and which
 * field of a context it fills. A context is a struct made for one invocation
 * (struct app for the options everywhere, a command's own for its own), so
 * nothing of one run is left for the next.
 */
#ifndef METERCTL_CMD_OPT_H
#define METERCTL_CMD_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum opt_kind {
	OPT_KIND_FLAG,		/* bool: true */
	OPT_KIND_COUNT,		/* int: one more each time */
	OPT_KIND_CONSTANT,	/* int: MIN */
	OPT_KIND_NUMBER,	/* int: MIN to MAX */
	OPT_KIND_REAL,		/* double: LEAST to MOST */
	OPT_KIND_TEXT,		/* const char *: the argument itself, which must outlive the context */
	OPT_KIND_CHOICE,	/* enum: the number of the word among VALUES, from 0 */
	OPT_KIND_CALL,		/* whatever TAKE makes of it */
};

struct opt {
	int letter;		/* 0: long name only */
	const char *name;	/* long name without the dashes; NULL: letter only */
	const char *arg;	/* NULL: takes none; else its name in help: "FILE" */
	const char *values;	/* for completion: "table json", "@file", "@key",
				   "@target", "@profile"; NULL: nothing to offer */
	const char *help;
	enum opt_kind kind;
	size_t at;		/* offset of its field in the context */
	long min, max;		/* MAX OPT_ANY: no limit worth a word */
	double least, most;
	const char *what;	/* in the complaint, "'x' is no PORT"; a REAL says its range there, too */
	int (*take)(const char *arg, void *field, struct err *e);
	size_t size;		/* of the field */
	bool by_hand;		/* a person says it, each time: never the file or the environment */
};

#define OPT_ANY 1000000000L

/* Offset of FIELD in the struct CONTEXT; does not compile unless it is a TYPE. */
#define OPT_AT(TYPE, CONTEXT, FIELD) _Generic(((CONTEXT *)0)->FIELD, TYPE: offsetof(CONTEXT, FIELD))

/* Rows. */
#define OPT_FLAG(LETTER, NAME, CONTEXT, FIELD, HELP) \
	{ .letter = LETTER, .name = NAME, .help = HELP, .kind = OPT_KIND_FLAG, \
	  .at = OPT_AT(bool, CONTEXT, FIELD), .size = sizeof(bool) }
#define OPT_FLAG_BY_HAND(LETTER, NAME, CONTEXT, FIELD, HELP) \
	{ .letter = LETTER, .name = NAME, .help = HELP, .kind = OPT_KIND_FLAG, \
	  .at = OPT_AT(bool, CONTEXT, FIELD), .size = sizeof(bool), .by_hand = true }
#define OPT_COUNT(LETTER, NAME, CONTEXT, FIELD, HELP) \
	{ .letter = LETTER, .name = NAME, .help = HELP, .kind = OPT_KIND_COUNT, \
	  .at = OPT_AT(int, CONTEXT, FIELD), .size = sizeof(int) }
#define OPT_CONSTANT(LETTER, NAME, CONTEXT, FIELD, VALUE, HELP) \
	{ .letter = LETTER, .name = NAME, .help = HELP, .kind = OPT_KIND_CONSTANT, \
	  .at = OPT_AT(int, CONTEXT, FIELD), .size = sizeof(int), .min = VALUE }
#define OPT_NUMBER(LETTER, NAME, ARG, CONTEXT, FIELD, MIN, MAX, WHAT, HELP) \
	{ .letter = LETTER, .name = NAME, .arg = ARG, .help = HELP, .kind = OPT_KIND_NUMBER, \
	  .at = OPT_AT(int, CONTEXT, FIELD), .size = sizeof(int), .min = MIN, .max = MAX, .what = WHAT }
#define OPT_REAL(LETTER, NAME, ARG, CONTEXT, FIELD, LEAST, MOST, WHAT, HELP) \
	{ .letter = LETTER, .name = NAME, .arg = ARG, .help = HELP, .kind = OPT_KIND_REAL, \
	  .at = OPT_AT(double, CONTEXT, FIELD), .size = sizeof(double), .least = LEAST, .most = MOST, .what = WHAT }
#define OPT_TEXT(LETTER, NAME, ARG, VALUES, CONTEXT, FIELD, HELP) \
	{ .letter = LETTER, .name = NAME, .arg = ARG, .values = VALUES, .help = HELP, \
	  .kind = OPT_KIND_TEXT, .at = OPT_AT(const char *, CONTEXT, FIELD), \
	  .size = sizeof(const char *) }
#define OPT_CHOICE(LETTER, NAME, ARG, VALUES, ENUM, CONTEXT, FIELD, WHAT, HELP) \
	{ .letter = LETTER, .name = NAME, .arg = ARG, .values = VALUES, .help = HELP, \
	  .kind = OPT_KIND_CHOICE, .at = OPT_AT(ENUM, CONTEXT, FIELD), .size = sizeof(ENUM), .what = WHAT }
#define OPT_CALL(LETTER, NAME, ARG, VALUES, TYPE, CONTEXT, FIELD, TAKE, HELP) \
	{ .letter = LETTER, .name = NAME, .arg = ARG, .values = VALUES, .help = HELP, \
	  .kind = OPT_KIND_CALL, .at = OPT_AT(TYPE, CONTEXT, FIELD), .size = sizeof(TYPE), .take = TAKE }

/* double: seconds, given as "90", "90s", "5m" or "1h" */
#define OPT_SPAN(LETTER, NAME, CONTEXT, FIELD, HELP) \
	OPT_CALL(LETTER, NAME, "TIME", NULL, double, CONTEXT, FIELD, opt_take_span, HELP)
int opt_take_span(const char *arg, void *field, struct err *e);

/* The row with that letter or long name, or NULL. */
const struct opt *opt_letter(const struct opt *table, size_t n, int letter);
const struct opt *opt_named(const struct opt *table, size_t n, const char *name,
			    size_t len);

/* Fills the field of O in CONTEXT. ARG: NULL when it takes none. ERR_USAGE. */
int opt_take(const struct opt *o, void *context, const char *arg, struct err *e);

/* The same from a file or the environment, where each option has a VALUE: yes or no for one
 * that takes none, a number for one that counts. */
int opt_set(const struct opt *o, void *context, const char *value, struct err *e);
/* VALUE of opt_set() for what the field says; "": none that could be given. Returns BUF or a
 * text of the field. */
const char *opt_value(const struct opt *o, const void *context, char *buf, size_t size);

/* "  -f, --format FORMAT   help", aligned for a list. Returns BUF. */
const char *opt_line(const struct opt *o, char *buf, size_t size);

#endif
