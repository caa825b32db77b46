/*
 * learning.h - hearing a maker's tool until what was typed into it is found, and the draft of that:
 * what `learn` and the Learn screen share. One thread at a time owns it.
 */
#ifndef METERCTL_CMD_LEARNING_H
#define METERCTL_CMD_LEARNING_H

#include "app.h"
#include "learn/draft.h"
#include "own.h"

struct learning_ops {
	/* The line is open. WHERE: what is entered in the tool (between_where()); NULL: it is only heard. */
	void (*open)(void *arg, const char *where);
	/* One more frame. SECRET: it has a secret value, and is not to be shown. */
	void (*cut)(void *arg, const struct cut *c, bool secret);
	/* At least twice a second while a line is heard. ANY: there were frames, and learn_find() may say
	 * something else. */
	void (*turn)(void *arg, bool any);
};

struct learning {
	const struct app *app;		/* cancel_fd ends it */
	const struct learn_own *own;	/* its values have been taken */
	const struct profile *profile;	/* built in */
	struct learn learn;
	const struct learning_ops *ops;
	void *arg;
	int64_t wall_us;	/* what the times of frames are behind the wall clock */
	/* its own */
	struct splitter splitter;
	int64_t last_us;	/* when the last byte came: between */
};

/* To be run with A and OWN, both the caller's until learning_free(), or others that are put in
 * instead. PROFILE: a name. ERR_USAGE: options that do not go together, no KEY=VALUE, a profile that is
 * not built in; ERR_DENIED: the draft is there already, as outfile_check(). */
struct learning *learning_new(const struct app *a, const struct learn_own *own, const char *profile, struct err *e);
void learning_free(struct learning *l);

/* All frames, until every value is found and the line is silent, or the time is over. With L->ops set.
 * ERR_INTERRUPTED: it was ended by a person. */
int learning_frames(struct learning *l, struct err *e);

struct learning_result {
	struct learn_found found[LEARN_WANTS];
	struct draft draft;	/* of L; its found is this */
	size_t n;		/* how many are found */
	char path[4096];	/* of the draft that was written; "": none is found, and there is none */
};

/* Writes the draft of what is found. R must stay where it is. */
int learning_draft(const struct learning *l, struct learning_result *r, struct err *e);
/* Says on L->app what there is to know of it and, where the meter is there and the person has not ended
 * it, reads it back. ERR_NO, ERR_INTERRUPTED: not all was found. */
int learning_conclude(const struct learning *l, const struct learning_result *r, bool interrupted, struct err *e);

#endif
