#include "value.h"

#include <math.h>
#include <time.h>

const char *quality_name(enum quality q)
{
	static const char *const names[] = {
		[QUALITY_NEVER] = "never",
		[QUALITY_OK] = "ok",
		[QUALITY_STALE] = "stale",
		[QUALITY_FAILED] = "failed",
	};

	return names[q];
}

bool reading_missing(const struct reading *r)
{
	if (r->quality == QUALITY_FAILED)
		return !r->absent && r->words == 0 && r->err.code != ERR_NO;
	return r->quality != QUALITY_OK;
}

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t time_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t time_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

const char *time_summer(double ahead_s)
{
	double off = fabs(ahead_s);

	if (fabs(off - 3600) <= 60)
		return "only one of the two clocks is on summer time";
	if (fabs(off - 1800) <= 60)
		return "one of the two clocks is in a time zone 30 minutes away, or on summer time of 30 minutes";
	return "";
}

int64_t time_local_s(int64_t wall_us)
{
	time_t t = (time_t)(wall_us / 1000000);
	struct tm tm;

	localtime_r(&t, &tm);
	return timegm(&tm);
}
