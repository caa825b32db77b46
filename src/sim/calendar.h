/*
 * calendar.h - the meter's own time: the clock it shows, the tariff of the
 * moment, and when a month is closed. Times are seconds since 1970 on the
 * meter's clock, which knows no time zone.
 */
#ifndef METERCTL_SIM_CALENDAR_H
#define METERCTL_SIM_CALENDAR_H

#include <stddef.h>
#include <stdint.h>

enum tariff { TARIFF_SHARP, TARIFF_PEAK, TARIFF_FLAT, TARIFF_VALLEY, TARIFFS };

struct calendar {
	uint8_t zones[12];	/* 4 x day table (1..3), first day, first month */
	uint8_t tables[3][42];	/* 14 x tariff (1..4), minute, hour; 0: unused */
	unsigned freeze_day, freeze_hour;
};

struct civil {
	unsigned year, month, day, hour, minute, second;
};

struct civil civil_of(double t);
double civil_time(const struct civil *c);

/* "2026-11-22 14:03:27" and "11-22 14:03", as codec.h has clocks and stamps. */
void civil_clock(double t, char *buf, size_t size);
void civil_stamp(double t, char *buf, size_t size);

enum tariff calendar_tariff(const struct calendar *c, double t);

/* Number of the month under way: grows by one at each freeze. */
int calendar_month(const struct calendar *c, double t);
/* When the month of that number began. */
double calendar_month_start(const struct calendar *c, int month);

#endif
