/*
 * history.h - what a meter remembers: the energies it froze month by month, and
 * the extremes of each month. Put together from readings; pure.
 *
 * Points are found by key. Records of `history.` count from the last month
 * closed, those of `extreme.max.` and `extreme.min.` from the month under way
 * (ADW300 manual, 6.4 and 6.5). A frozen energy stays what the meter keeps: that
 * it is the counter at that moment and not the energy of that month is nowhere
 * printed (ambiguity E4), so the difference to the record before stands beside
 * it, and either can be used.
 */
#ifndef METERCTL_METER_HISTORY_H
#define METERCTL_METER_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/profile.h"
#include "profile/value.h"

/* What is frozen, and the parts of it that have a column of their own. */
#define HISTORY_KINDS 5
#define HISTORY_PARTS 5
extern const char *const history_kinds[HISTORY_KINDS];	/* "active.import" */
extern const char *const history_titles[HISTORY_KINDS];	/* "Active energy import" */
extern const char *const history_parts[HISTORY_PARTS];	/* "total", "sharp" ... */

enum history_state {
	HISTORY_UNREAD,		/* some of it has not been read */
	HISTORY_REFUSED,	/* the meter refuses all of it */
	HISTORY_ZERO,		/* unused, as it seems: every register is 0 ... */
	HISTORY_FFFF,		/* ... or FFFFH. Which one is not printed (E11) */
	HISTORY_KEPT
};

struct history_value {
	int point;		/* index; -1: the profile has none */
	bool known;		/* has been read and is a number: FFFFH is none */
	double value;		/* in the point's unit, meter side */
	bool compared;		/* known here and in the record before */
	double difference;	/* value less that of the record before; below zero where
				   that is greater: nothing is made of it */
};

struct history_record {
	unsigned ago;		/* in months: 1 is the last one closed */
	enum history_state state;
	int time;		/* point of its time; -1: none */
	struct history_value *values;	/* nvalues of them, as the profile has them */
};

/* One side of an extreme. Its time has no year (E10). */
struct history_peak {
	enum history_state state;
	int point, time;	/* indices; -1: the profile has none */
	bool known;		/* as of struct history_value */
	double value;
};

struct history_extreme {
	unsigned ago;		/* in months: 0 is the one under way */
	const char *quantity;	/* voltage.a */
	struct history_peak max, min;
};

/* Do the values go up from record to record, as counters do? */
enum history_course {
	HISTORY_FEW,		/* too little to tell */
	HISTORY_RISING,		/* none is below the record before, and some rise in three months */
	HISTORY_FALLING		/* some are below the record before */
};

/* PROFILE and READINGS are the caller's and must live on. */
struct history {
	const struct profile *profile;
	const struct reading *readings;
	struct history_record *records;		/* newest first; MONTHS at most */
	size_t nrecords, nvalues;
	struct history_extreme *extremes;	/* newest month first */
	size_t nextremes;
	enum history_course course;
};

/* The points of the MONTHS last records, of the one before them (for the difference),
 * and of the extremes of so many months and of the one under way; PT and CT, too. ERR_NO when the profile has no
 * history. selection_release() frees. */
int history_select(const struct profile *p, unsigned months, struct selection *sel,
		   struct err *e);
/* Is this point part of it, and of which month? Records 1.., extremes 0... */
bool history_month(const struct point *p, bool *extreme, unsigned *ago);

/* Puts together what READINGS hold of the same points. -1 without memory. */
int history_init(struct history *h, const struct profile *p, const struct reading *readings,
		 unsigned months, struct err *e);
void history_release(struct history *h);

/* A value of record R: PART (0 the total) of KIND; NULL: the profile has none. */
const struct history_value *history_value(const struct history *h, size_t r, size_t kind,
					  size_t part);
/* The time of a record or an extreme as the meter keeps it; "" when there is none. */
const char *history_time(const struct history *h, int point);

/* Does R stand in registers that are all 0 or all FFFFH? Then it may be unused. */
bool history_blank(const struct reading *r);

/* "kept", "unused", "refused", "unread". */
const char *history_state_name(enum history_state s);
/* What is to be known of the numbers, a sentence each; NULL ends the list. */
#define HISTORY_NOTES 5
void history_notes(const struct history *h, const char *notes[HISTORY_NOTES]);

#endif
