/*
 * search.h - the search for meters beside the screens: as `scan` does it, in a thread of its own.
 *
 * All functions are for the thread of the screens.
 */
#ifndef METERCTL_UI_BUS_SEARCH_H
#define METERCTL_UI_BUS_SEARCH_H

#include "cmd/app.h"
#include "modbus/finder.h"
#include "bus.h"

struct search_opts {
	const struct app *app;	/* timeout and retries; NULL: the usual ones */
	const char *profile;	/* tried first, when it is a file */
	struct bus *bus;	/* lets go of a line that is searched; NULL: there is none */
	char **words;		/* ports and targets (copied), or ... */
	int nwords;		/* 0: every port of this machine */
	bool intrude;		/* also where another master speaks */
};

/* A line of it, as it was last heard of. */
struct search_line {
	struct target target;
	bool begun, over;
	bool master;		/* over, because another master is on it */
	struct sweep_probe probe;
	char setting[24];	/* of that; "" on a network */
	size_t done, all, found;
	int64_t left_us;
	struct err err;		/* why it ended early; code 0: it did not */
};

struct search_meter {
	struct target target;
	char profile[64], model[64];	/* "": not identified */
	char id[64], reply[160];
	double latency_ms;
	bool doubled, any_unit;
};

struct search {
	struct search_line *lines;
	size_t nlines;
	struct search_meter *meters;
	size_t n;
	char said[300];		/* the last that a person should know; "" */
	bool ended;
	struct err err;		/* then: why it found nothing or ended early; code 0: it did not */
	struct search_own *own;	/* NULL: a test's */
};

struct search *search_new(const struct search_opts *o, struct err *e);
/* Readable: search_take() has something; -1: never. */
int search_fd(const struct search *s);
/* Brings S up to date. */
void search_take(struct search *s);
/* It ends soon; search_take() brings that. */
void search_cancel(struct search *s);
void search_free(struct search *s);

#endif
