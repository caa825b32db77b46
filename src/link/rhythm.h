/*
 * rhythm.h - how regularly a meter uploads by itself: the interval seen, uploads
 * missed, duplicates, and what came late. Pure; times are the caller's.
 */
#ifndef METERCTL_LINK_RHYTHM_H
#define METERCTL_LINK_RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

#include "moment.h"

#define RHYTHM_SAMPLES 9

struct upload;

enum rhythm_verdict {
	RHYTHM_FIRST,		/* nothing to compare with yet */
	RHYTHM_ON_TIME,
	RHYTHM_LATE,		/* after a gap in which uploads are missing */
	RHYTHM_DUPLICATE,	/* the same upload again: not counted as one */
	RHYTHM_OLD,		/* sent before one that has come already: not counted */
	RHYTHM_RETAINED,	/* the broker kept it; says nothing of now */
	/* rhythm_upload() alone sees these: */
	RHYTHM_PART,		/* more of the upload before: its stamp, other items */
	RHYTHM_BACKLOG		/* measured long before it came: says nothing of now */
};

struct rhythm {
	unsigned long uploads;		/* live ones, each once */
	unsigned long missed, duplicates, old, retained;
	int64_t first_us, last_us;	/* arrival, monotonic; 0: none yet */
	int64_t last_wall_us;
	int64_t resumed_us;		/* nobody listened before; monotonic, 0: not known */
	int64_t sent_us;		/* the newest time stamp the meter gave; 0: none */
	uint64_t brought[2];		/* items that came with it, a bit each by index */
	uint64_t prints[2];		/* what the last two with that stamp held */
	unsigned long backlog;		/* uploads that came long after they were measured */
	struct moment moment;
	int64_t old_us, old_sent_us;	/* arrival and stamp of the last old one; 0: none */
	int set_s;			/* the interval the meter says it has; 0: not said */
	float gaps[RHYTHM_SAMPLES];	/* s between the last uploads, a ring */
	unsigned ngaps, next;
};

/* An upload has come. SENT_US: the meter's time stamp, 0 when it gives none. DUP:
 * the broker marks it as sent again, which makes a duplicate of one without a stamp
 * (of one with a new stamp it does not: the first time it was lost). Same time stamp
 * as the last: a duplicate. Old ones whose stamps go on as time does are no
 * stragglers but of a clock that was set back, and count from the second on. */
enum rhythm_verdict rhythm_take(struct rhythm *r, int64_t mono_us, int64_t wall_us,
				int64_t sent_us, bool retained, bool dup);

/* The same of UP, of whatever kind: only data have a rhythm, anything else is retained
 * or on time. An upload may come in parts with one time stamp; other values of the same
 * items with it are of a clock that is stuck. Says in UP when it was measured. */
enum rhythm_verdict rhythm_upload(struct rhythm *r, struct upload *up, int64_t mono_us,
				  int64_t wall_us, bool retained, bool dup);

/* The meter says that it uploads every S seconds. When that is another interval than it
 * said before, the gaps seen so far say nothing any more. */
void rhythm_set(struct rhythm *r, int s);
/* It has been told to upload every S seconds, and has agreed. */
void rhythm_change(struct rhythm *r, int s);

/* Nobody has listened until NOW_US: what may have been sent meanwhile is neither missed
 * nor overdue. */
void rhythm_resume(struct rhythm *r, int64_t now_us);

/* The usual interval in seconds: the median of the last gaps; 0 while unknown. */
double rhythm_seen_s(const struct rhythm *r);
/* The interval to expect: that seen, else that set; 0 while unknown. */
double rhythm_expected_s(const struct rhythm *r);
/* How many uploads are overdue at NOW_US (half an interval and 2 s are forgiven). */
unsigned rhythm_overdue(const struct rhythm *r, int64_t now_us);

#endif
