#include "fleet_census.h"

#include <math.h>

#define JITTER_S 2.0	/* a modem takes its time, as in rhythm.c */

/* Those of one interval are heard once when they upload in the middle of the time; at its
 * ends that takes a longer interval. */
struct census_ends {
	double from_s, to_s;	/* between, a known interval explains a single upload */
};

static struct census_ends census_ends(double listened_s, double longest_seen_s)
{
	return (struct census_ends){ listened_s - longest_seen_s - JITTER_S, longest_seen_s + JITTER_S };
}

/* Seconds of the time in which no known interval explains a single upload. */
static double census_ends_s(const struct census_ends *ends, double listened_s)
{
	double left = fmax(ends->from_s, 0), right = fmax(listened_s - ends->to_s, 0);

	return fmin(left + right, listened_s);
}

static double census_interval_s(const struct fleet_row *r)
{
	return rhythm_expected_s(&r->rhythm);
}

/* How many are not heard for one that is heard in T_S of every INTERVAL_S. */
static double census_unheard(double interval_s, double t_s)
{
	return fmax(interval_s / t_s - 1, 0);
}

static void census_count(const struct fleet *f, struct fleet_census *c, double *longest_seen_s)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct fleet_row *r = &f->rows[i];
		double interval = census_interval_s(r);

		if (!r->rhythm.uploads)
			continue;
		c->heard++;
		c->unknown += interval <= 0;
		c->longest_s = fmax(c->longest_s, interval);
		*longest_seen_s = fmax(*longest_seen_s, rhythm_seen_s(&r->rhythm));
		c->least += interval > 0 ? census_unheard(interval, c->listened_s) : 0;
	}
	c->most = c->least;
}

/* Of those that were heard once: how many at the ends. */
static size_t census_at_ends(const struct fleet *f, int64_t since_us, const struct census_ends *ends)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct rhythm *r = &f->rows[i].rhythm;
		double at = (double)(r->first_us - since_us) / 1e6;

		n += r->uploads && census_interval_s(&f->rows[i]) <= 0 && (at < ends->from_s || at > ends->to_s);
	}
	return n;
}

/* Those whose interval is not known: so many are of longer intervals than any that was seen. */
static void census_unknown(const struct fleet *f, int64_t since_us, double longest_seen_s, struct fleet_census *c)
{
	double t = c->listened_s, slowest = fmax(CENSUS_LONGEST_S, c->longest_s);
	double fewest = (double)c->unknown, many = fewest;

	if (longest_seen_s > 0) {
		struct census_ends ends = census_ends(t, longest_seen_s);
		double ends_s = census_ends_s(&ends, t);

		fewest = ends_s > 0 ? fmin((double)census_at_ends(f, since_us, &ends) * t / ends_s, many) : 0;
		many = ends_s > 0 ? fewest : many;
	}
	c->least += fewest * census_unheard(CENSUS_SHORTEST_S, t);
	c->most += many * census_unheard(slowest, t);
}

void fleet_census_take(const struct fleet *f, int64_t since_us, int64_t now_us, struct fleet_census *c)
{
	double longest_seen_s = 0, kept;

	*c = (struct fleet_census){ .listened_s = (double)(now_us - since_us) / 1e6 };
	if (c->listened_s <= 0)
		return;
	census_count(f, c, &longest_seen_s);
	census_unknown(f, since_us, longest_seen_s, c);
	/* those that the broker has kept a message of are not missing */
	kept = (double)(f->n - c->heard);
	c->least = fmax(c->least - kept, 0);
	c->most = fmax(c->most - kept, 0);
}

int64_t fleet_census_until_us(const struct fleet_census *c, int64_t since_us)
{
	double interval = c->heard && !c->unknown ? c->longest_s : CENSUS_LONGEST_S;

	return since_us + (int64_t)(2 * interval * 1e6);
}
