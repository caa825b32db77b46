/*
 * fleet_census.h - how many meters of a broker were not heard yet, from those that were. Pure.
 *
 * A meter that uploads every T seconds is heard within t with the chance t / T, and stands for
 * T / t meters like it. T is known of a meter that has uploaded twice or says its interval. Of one
 * that was heard once it is not: such a meter may have an interval that others were seen to have,
 * or a longer one, up to 15 minutes; so there is a least and a most.
 */
#ifndef METERCTL_MQTT_FLEET_CENSUS_H
#define METERCTL_MQTT_FLEET_CENSUS_H

#include "fleet.h"

/* Upload intervals that meters have, in s. */
#define CENSUS_SHORTEST_S 60
#define CENSUS_LONGEST_S 900

struct fleet_census {
	double listened_s;
	size_t heard;		/* live; those that the broker only kept are not among them */
	size_t unknown;		/* heard, and their interval is not known */
	double longest_s;	/* known interval; 0: none */
	double least, most;	/* meters that are likely missing */
};

/* Of F, to which somebody has listened from SINCE_US to NOW_US. */
void fleet_census_take(const struct fleet *f, int64_t since_us, int64_t now_us, struct fleet_census *c);
/* When two intervals of all that were heard are over: monotonic us. While an interval is not known,
 * or nobody was heard, two of the longest there are. */
int64_t fleet_census_until_us(const struct fleet_census *c, int64_t since_us);

#endif
