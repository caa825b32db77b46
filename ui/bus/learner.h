/*
 * learner.h - a maker's tool that is heard beside the screens: as `learn` does it, in a thread of its
 * own. Nothing is sent while it is heard; a meter that the bus has on that line is let go of. However it
 * ends, the draft is written.
 *
 * All functions are for the thread of the screens.
 */
#ifndef METERCTL_UI_BUS_LEARNER_H
#define METERCTL_UI_BUS_LEARNER_H

#include "bus.h"
#include "cmd/app.h"
#include "cmd/own.h"
#include "learn/learn.h"

#define LEARNER_MASK "********"
#define LEARNER_WORDS 2048

struct learner_opts {
	const struct app *app;		/* the options everywhere; read by learner_new() alone, as the next two */
	const struct learn_own *own;	/* with --tap or --between, without --from */
	const char *profile;
	struct bus *bus;		/* NULL: there is none */
};

/* A value that is looked for. */
struct learner_row {
	char key[64];
	char typed[80];			/* its values; LEARNER_MASK: a secret */
	enum learn_state state;
	size_t places;
	uint16_t addr;			/* of LEARN_FOUND, and the next three */
	enum point_type type;
	uint8_t order;
	uint16_t scale;
	char why[LEARN_TEXT], second[LEARN_TEXT];	/* as in struct learn_found */
};

struct learner {
	char line[TARGET_TEXT];		/* that is heard, or that the meter is on */
	bool between;
	char where[128];		/* BETWEEN: what is entered in the tool; "": it is only heard */
	bool begun;			/* the line is open */
	unsigned long frames, requests, writes, garbage;	/* WRITES: of the requests */
	struct learner_row rows[LEARN_WANTS];
	size_t nrows;
	bool concluding;		/* no more is heard: the draft is written and read back */
	bool ended;
	size_t found;			/* then: so many rows are in the draft */
	char path[4096];		/* ... which is here; "": there is none */
	char words[LEARNER_WORDS];	/* ... and what the command says of it, a line each */
	struct err err;			/* ... and why it is not all; ERR_INTERRUPTED: it was asked to end */
	struct learner_own *own;	/* NULL: a test's */
};

struct learner *learner_new(const struct learner_opts *o, struct err *e);
/* Readable: learner_take() has something; -1: never. */
int learner_fd(const struct learner *l);
void learner_take(struct learner *l);
/* It ends soon; learner_take() brings that. */
void learner_cancel(struct learner *l);
void learner_free(struct learner *l);

#endif
