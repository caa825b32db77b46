#include "codec_packed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

unsigned packed_days(unsigned month, unsigned year)
{
	static const unsigned char days[] =
		{ 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && year % 4 == 0 ? 1U : 0U);
}

struct moment {
	unsigned sec, min, hour, day, month, year;	/* year since 2000 */
};

static bool moment_valid(const struct moment *m)
{
	return m->sec < 60 && m->min < 60 && m->hour < 24
	    && m->month >= 1 && m->month <= 12 && m->year < 100
	    && m->day >= 1 && m->day <= packed_days(m->month, m->year);
}

static unsigned from_bcd(unsigned byte)
{
	return (byte >> 4) > 9 || (byte & 15) > 9 ? 999 : (byte >> 4) * 10 + (byte & 15);
}

static struct moment moment_of(const uint16_t *r, enum clock_coding coding)
{
	struct moment m = { HI(r[0]), LO(r[0]), HI(r[1]), LO(r[1]), HI(r[2]), LO(r[2]) };

	if (coding == CLOCK_BCD)
		m = (struct moment){ from_bcd(m.sec), from_bcd(m.min), from_bcd(m.hour),
			from_bcd(m.day), from_bcd(m.month), from_bcd(m.year) };
	return m;
}

static int64_t moment_seconds(const struct moment *m)
{
	struct tm tm = {
		.tm_year = (int)m->year + 100, .tm_mon = (int)m->month - 1,
		.tm_mday = (int)m->day, .tm_hour = (int)m->hour,
		.tm_min = (int)m->min, .tm_sec = (int)m->sec,
	};

	return timegm(&tm);
}

/* "2026-01-31 14:03:27" */
static bool moment_parse(const char *text, struct moment *m)
{
	int end = 0;

	return sscanf(text, "20%2u-%2u-%2u%*1[ T]%2u:%2u:%2u%n", &m->year, &m->month,
		      &m->day, &m->hour, &m->min, &m->sec, &end) == 6
	    && !text[end] && moment_valid(m);
}

/*
 * Manual 6.2 gives the order only; plain binary is the likelier coding
 * (ambiguity A9). Registers that are no date in binary but one in BCD are BCD.
 */
int clock_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	struct moment m = moment_of(r, CLOCK_BINARY);

	if (!moment_valid(&m))
		m = moment_of(r, CLOCK_BCD);
	if (!moment_valid(&m))
		return packed_odd(p, e, "date and time");
	snprintf(text, size, "20%02u-%02u-%02u %02u:%02u:%02u",
		 m.year, m.month, m.day, m.hour, m.min, m.sec);
	return 0;
}

int clock_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	struct moment m;

	if (!moment_parse(text, &m))
		return packed_unlike(p, e, text, "2026-01-31 14:03:27");
	r[0] = WORD(m.sec, m.min);
	r[1] = WORD(m.hour, m.day);
	r[2] = WORD(m.month, m.year);
	return 0;
}

enum clock_coding codec_clock_coding(const uint16_t *regs, int64_t host)
{
	struct moment binary = moment_of(regs, CLOCK_BINARY), bcd = moment_of(regs, CLOCK_BCD);

	/* a nibble above 9 makes a byte that is no part of a date in BCD */
	if (!moment_valid(&bcd))
		return CLOCK_BINARY;
	if (!moment_valid(&binary))
		return CLOCK_BCD;
	return llabs(moment_seconds(&bcd) - host) < llabs(moment_seconds(&binary) - host)
		? CLOCK_BCD : CLOCK_BINARY;
}

int codec_clock_decode(enum clock_coding coding, const uint16_t *regs, int64_t *local_s)
{
	struct moment m = moment_of(regs, coding);

	if (!moment_valid(&m))
		return -1;
	*local_s = moment_seconds(&m);
	return 0;
}

int codec_clock_seconds(const char *text, int64_t *local_s)
{
	struct moment m;

	if (!moment_parse(text, &m))
		return -1;
	*local_s = moment_seconds(&m);
	return 0;
}

static unsigned to_bcd(unsigned n)
{
	return n / 10 << 4 | n % 10;
}

int codec_clock_encode(enum clock_coding coding, int64_t local_s, uint16_t *regs)
{
	time_t t = (time_t)local_s;
	struct tm tm;
	unsigned b[6];

	if (!gmtime_r(&t, &tm) || tm.tm_year < 100 || tm.tm_year > 199)
		return -1;
	b[0] = (unsigned)tm.tm_sec;
	b[1] = (unsigned)tm.tm_min;
	b[2] = (unsigned)tm.tm_hour;
	b[3] = (unsigned)tm.tm_mday;
	b[4] = (unsigned)tm.tm_mon + 1;
	b[5] = (unsigned)tm.tm_year - 100;
	for (unsigned i = 0; i < 3; i++)
		regs[i] = coding == CLOCK_BCD ? WORD(to_bcd(b[2 * i]), to_bcd(b[2 * i + 1]))
			: WORD(b[2 * i], b[2 * i + 1]);
	return 0;
}

/* Manual 6.5: minutes in the high byte, then hours; days, then months (B9). */
int stamp_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	struct moment m = { 0, HI(r[0]), LO(r[0]), HI(r[1]), LO(r[1]), 0 };

	/* What an unused record holds is not printed (E11): nothing or all ones. */
	if ((r[0] == 0 && r[1] == 0) || (r[0] == 0xFFFF && r[1] == 0xFFFF)) {
		snprintf(text, size, "none");
		return 0;
	}
	if (!moment_valid(&m))
		return packed_odd(p, e, "time stamp");
	snprintf(text, size, "%02u-%02u %02u:%02u", m.month, m.day, m.hour, m.min);
	return 0;
}

int stamp_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	struct moment m = { 0 };
	int end = 0;

	if (strcmp(text, "none") == 0) {
		r[0] = r[1] = 0;
		return 0;
	}
	if (sscanf(text, "%2u-%2u %2u:%2u%n", &m.month, &m.day, &m.hour, &m.min,
		   &end) != 4 || text[end] || !moment_valid(&m))
		return packed_unlike(p, e, text, "07-15 14:45");
	r[0] = WORD(m.min, m.hour);
	r[1] = WORD(m.day, m.month);
	return 0;
}

void codec_clock_value(int64_t local_s, struct value *v)
{
	time_t t = (time_t)local_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	*v = (struct value){ .kind = VALUE_STRING };
	strftime(v->text, sizeof(v->text), "%Y-%m-%d %H:%M:%S", &tm);
}
