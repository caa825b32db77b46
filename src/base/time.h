/*
 * time.h - clocks, and local time as people and meters write it.
 */
#ifndef METERCTL_BASE_TIME_H
#define METERCTL_BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

int64_t time_wall_us(void);
int64_t time_mono_us(void);
/* A wall clock time as a clock without a time zone shows it here: seconds since
 * 1970 in local time, which is what a meter's clock keeps. */
int64_t time_local_s(int64_t wall_us);
/* Two clocks are AHEAD_S apart: 60 or 30 minutes, give or take one, are no drift. What
 * they are, as a reason that can stand behind a colon; "" for any other difference. */
const char *time_summer(double ahead_s);
/* US (since 1970) in local time as strftime(3) writes it by FORMAT. Returns BUF. */
const char *time_format(int64_t us, const char *format, char *buf, size_t size);
/* "2026-01-31", its beginning, "2026-01-31T14:03" or "2026-01-31T14:03:27" in local time, as us
 * since 1970. -1: no such date. */
int time_parse(const char *text, int64_t *us);
#define TIME_CLOCK "%H:%M:%S"
/* "2026-01-31T14:03:27.123+01:00" (RFC 3339) in local time, of us since 1970. Returns BUF. */
const char *time_text(int64_t us, char *buf, size_t size);

#endif
