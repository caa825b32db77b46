#include "calendar.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

struct civil civil_of(double t)
{
	time_t whole = (time_t)floor(t);
	struct tm tm = { 0 };

	gmtime_r(&whole, &tm);
	return (struct civil){
		.year = (unsigned)tm.tm_year + 1900,
		.month = (unsigned)tm.tm_mon + 1,
		.day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour,
		.minute = (unsigned)tm.tm_min,
		.second = (unsigned)tm.tm_sec,
	};
}

double civil_time(const struct civil *c)
{
	struct tm tm = {
		.tm_year = (int)c->year - 1900,
		.tm_mon = (int)c->month - 1,
		.tm_mday = (int)c->day,
		.tm_hour = (int)c->hour,
		.tm_min = (int)c->minute,
		.tm_sec = (int)c->second,
	};

	return (double)timegm(&tm);
}

void civil_clock(double t, char *buf, size_t size)
{
	struct civil c = civil_of(t);

	snprintf(buf, size, "%04u-%02u-%02u %02u:%02u:%02u", c.year, c.month, c.day,
		 c.hour, c.minute, c.second);
}

void civil_stamp(double t, char *buf, size_t size)
{
	struct civil c = civil_of(t);

	snprintf(buf, size, "%02u-%02u %02u:%02u", c.month, c.day, c.hour, c.minute);
}

/* The day table valid on a date: that of the latest season begun, which before
 * the first of the year is the last of the year before. */
static const uint8_t *day_table(const struct calendar *c, const struct civil *now)
{
	unsigned today = now->month * 32 + now->day, best = 0, last = 0;
	unsigned table = 1, wrap = 1;

	for (unsigned i = 0; i < 4; i++) {
		unsigned number = c->zones[3 * i], from;

		from = c->zones[3 * i + 2] * 32U + c->zones[3 * i + 1];
		if (number < 1 || number > 3 || from < 33)
			continue;
		if (from <= today && from >= best) {
			best = from;
			table = number;
		}
		if (from >= last) {
			last = from;
			wrap = number;
		}
	}
	return c->tables[(best ? table : wrap) - 1];
}

enum tariff calendar_tariff(const struct calendar *c, double t)
{
	struct civil now = civil_of(t);
	const uint8_t *slot = day_table(c, &now);
	unsigned minute = now.hour * 60 + now.minute;
	unsigned rate = 0, last = TARIFF_FLAT + 1;

	for (unsigned i = 0; i < 14; i++, slot += 3) {
		if (slot[0] < 1 || slot[0] > TARIFFS)
			continue;
		last = slot[0];
		if (slot[2] * 60U + slot[1] <= minute)
			rate = slot[0];
	}
	return (enum tariff)((rate ? rate : last) - 1);
}

int calendar_month(const struct calendar *c, double t)
{
	struct civil now = civil_of(t);
	int month = (int)(now.year * 12 + now.month - 1);

	if (now.day < c->freeze_day || (now.day == c->freeze_day && now.hour < c->freeze_hour))
		month--;
	return month;
}

double calendar_month_start(const struct calendar *c, int month)
{
	struct civil start = {
		.year = (unsigned)month / 12,
		.month = (unsigned)month % 12 + 1,
		.day = c->freeze_day,
		.hour = c->freeze_hour,
	};

	return civil_time(&start);
}
