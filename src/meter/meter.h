/*
 * meter.h - one meter: its profile, its link, and the latest reading of every
 * point. Owned by one thread.
 */
#ifndef METERCTL_METER_METER_H
#define METERCTL_METER_METER_H

#include "link/link.h"
#include "profile/profile.h"
#include "profile/value.h"

struct meter {
	const struct profile *profile;
	struct link *link;
	struct reading *readings;	/* profile->npoints of them */
	bool borrowed;			/* the link is somebody else's: meter_close() leaves it open */
	bool log;			/* what comes late is taken in its turn, in the place of what
					   is of now: who sets it writes down all that comes */
	struct link_stats before;	/* its counters then; zeros of a link of its own */
};

/* Takes over PROFILE (freed by meter_close) only when it succeeds. */
int meter_open(struct meter *m, const struct profile *profile,
	       const struct target *t, const struct link_opts *o, struct err *e);
/* The same with a link that is open already and stays its owner's, who lets nobody else
 * at it meanwhile. */
int meter_borrow(struct meter *m, const struct profile *profile, struct link *link, struct err *e);
void meter_close(struct meter *m);
/* The link's counters since M has it; LEARNED is "" when it was that before. */
void meter_stats(const struct meter *m, struct link_stats *out);

/* Reads the points and stores what came. On -1 those that were not read turn
 * stale (or stay never) and carry E as their reason. CHANGED (may be NULL) is
 * called for every reading stored. */
typedef void meter_changed(void *arg, size_t idx, const struct reading *r);
int meter_read(struct meter *m, const uint16_t *idx, size_t n,
	       meter_changed *changed, void *arg, struct err *e);

/* N registers as they stand, as many at once as the meter is known to give. */
int meter_read_registers(struct meter *m, enum space space, long addr, long n, uint16_t *regs,
			 struct err *e);

/* Of a link that pushes: the next upload until UNTIL_US (monotonic), stored as above.
 * 1: something came; 0: nothing; -1 and E: the connection failed. */
int meter_receive(struct meter *m, int64_t until_us, meter_changed *changed, void *arg,
		  struct err *e);

/* The primary-side value of a point: only for VALUE_NUMBER points that depend
 * on PT or CT, and only when both ratios have been read and are plausible
 * (>= 1). False: there is none. profile_ratio() knows which points those are. */
bool meter_primary(const struct profile *profile, const struct reading *readings,
		   size_t idx, double *out);
/* The same with the places of the ratios known; a profile of
 * hundreds of points is not looked through for each of many readings. */
struct meter_ratios {
	struct ratio_points pt, ct;
};
struct meter_ratios meter_ratios(const struct profile *profile);
bool meter_primary_by(const struct profile *profile, struct meter_ratios at,
		      const struct reading *readings, size_t idx, double *out);
/* The ratio of AT, as read; false: it has not been, or it is less than 1. */
bool meter_ratio(const struct reading *readings, const struct ratio_points *at, double *out);
/* The factor from the meter's side to the primary one, under the same terms. */
bool meter_factor(const struct profile *profile, const struct reading *readings,
		  size_t idx, double *out);

#endif
