#include "time.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

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

const char *time_format(int64_t us, const char *format, char *buf, size_t size)
{
	time_t s = (time_t)(us / 1000000);
	struct tm tm;

	if (size && (!localtime_r(&s, &tm) || strftime(buf, size, format, &tm) == 0))
		buf[0] = '\0';
	return buf;
}

const char *time_text(int64_t us, char *buf, size_t size)
{
	char date[32], zone[8];

	time_format(us, "%Y-%m-%dT%H:%M:%S", date, sizeof(date));
	time_format(us, "%z", zone, sizeof(zone));
	/* RFC 3339 wants the colon that strftime leaves out */
	snprintf(buf, size, "%s.%03d%.3s:%s", date, (int)(us / 1000 % 1000), zone, zone + 3);
	return buf;
}

int time_parse(const char *text, int64_t *us)
{
	static const char *const formats[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *rest = strptime(text, formats[i], &tm);
		int month = tm.tm_mon;
		time_t t;

		/* 2026-02-31 would become a day of March */
		if (!rest || *rest || (t = mktime(&tm)) == (time_t)-1 || tm.tm_mon != month)
			continue;
		*us = (int64_t)t * 1000000;
		return 0;
	}
	return -1;
}
