/*
 * learn.h - what `learn` is made of: the values that are looked for, and what was found as
 * rows and as a draft.
 */
#ifndef METERCTL_CMD_LEARN_H
#define METERCTL_CMD_LEARN_H

#include "app.h"
#include "base/outfile.h"
#include "learn/draft.h"
#include "output/printer.h"

extern const struct listing learn_list;

/* Takes KEY=VALUE, or KEY=@ask, @env:NAME, @file:PATH, for what the tool is told, as WORD. P says
 * what the key is. On the screens, ERR_USAGE for @ask. */
int learn_value(const struct app *a, struct learn *l, const struct profile *p, const char *word, struct err *e);
/* Asks the person for them, a line each, until an empty one. */
int learn_ask(const struct app *a, struct learn *l, const struct profile *p, struct err *e);

/* A row for each key. PATH: of the draft; "" when there is none. */
int learn_print(const struct app *a, const struct draft *d, const char *path, struct err *e);

/* How a draft is written: readable by its owner alone. */
static inline unsigned learn_output_how(const struct app *a)
{
	return outfile_how(a->force) | OUTFILE_PRIVATE;
}

/* Writes the draft to PATH, as outfile_put(). */
int learn_save(const struct app *a, const struct draft *d, const char *path, struct err *e);

/* Reads what the draft at PATH has from the meter at METER, and says whether it is what was
 * typed. -1 and E: the meter does not reply, or the person ended it. */
int learn_read_back(const struct app *a, const struct target *meter, const struct draft *d, const char *path, struct err *e);

#endif
