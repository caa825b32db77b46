#include "codec_packed.h"

#include <stddef.h>
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
	unsigned weekday;	/* 1 Monday, 7 Sunday: written, not compared */
	unsigned century;
};

static bool moment_valid(const struct moment *m)
{
	return m->sec < 60 && m->min < 60 && m->hour < 24
	    && m->month >= 1 && m->month <= 12 && m->year < 100 && m->century == 20
	    && m->day >= 1 && m->day <= packed_days(m->month, m->year);
}

static unsigned from_bcd(unsigned byte)
{
	return (byte >> 4) > 9 || (byte & 15) > 9 ? 999 : (byte >> 4) * 10 + (byte & 15);
}

static unsigned to_bcd(unsigned n)
{
	return n / 10 << 4 | n % 10;
}

/* ADW300 manual 6.2, and 6.5 (B9): what the bytes of its clock and its time stamps are. */
#define CLOCK_LAYOUT "second minute hour day month year"
#define STAMP_LAYOUT "minute hour day month"

static const char *layout_of(const struct point *p)
{
	return p->layout && *p->layout ? p->layout : p->type == TYPE_STAMP ? STAMP_LAYOUT : CLOCK_LAYOUT;
}

unsigned layout_bytes(const struct point *p)
{
	return packed_words(layout_of(p));
}

/* Those of a stamp come first. */
static const struct {
	const char *name;
	size_t offset;
} layout_parts[] = {
	{ "minute", offsetof(struct moment, min) }, { "hour", offsetof(struct moment, hour) },
	{ "day", offsetof(struct moment, day) }, { "month", offsetof(struct moment, month) },
	{ "second", offsetof(struct moment, sec) }, { "year", offsetof(struct moment, year) },
	{ "weekday", offsetof(struct moment, weekday) }, { "century", offsetof(struct moment, century) },
};
#define STAMP_PARTS 4
#define CLOCK_PARTS 6
#define ALL_PARTS 8

/* The part of M that byte I of P is, or NULL. */
static unsigned *layout_part(const struct point *p, unsigned i, struct moment *m)
{
	size_t len;
	const char *word = packed_word(layout_of(p), i, &len);

	for (size_t k = 0; k < ALL_PARTS; k++)
		if (strlen(layout_parts[k].name) == len && memcmp(layout_parts[k].name, word, len) == 0)
			return (unsigned *)(void *)((char *)m + layout_parts[k].offset);
	return NULL;
}

const char *codec_layout_odd(const struct point *p)
{
	bool stamp = p->type == TYPE_STAMP;

	if (p->type == TYPE_DAYTABLE && p->slot && *p->slot
	    && (packed_count(p->slot, "rate") != 1 || packed_count(p->slot, "minute") != 1 || packed_count(p->slot, "hour") != 1))
		return "slot needs rate, minute and hour, each once";
	if (!p->layout || !*p->layout)
		return NULL;
	for (size_t k = 0; k < ALL_PARTS; k++) {
		unsigned n = packed_count(p->layout, layout_parts[k].name);

		if (k < (stamp ? STAMP_PARTS : CLOCK_PARTS) ? n != 1 : n > (stamp ? 0 : 1))
			return stamp ? "layout of a stamp needs minute, hour, day and month, each once"
				: "layout of a clock needs second, minute, hour, day, month and year, each once";
	}
	return layout_bytes(p) % 2 ? "layout: bytes come in pairs, _ for one that is nothing" : NULL;
}

static struct moment moment_of(const struct point *p, const uint16_t *r, enum clock_coding coding)
{
	struct moment m = { .century = 20 };

	for (unsigned i = 0; i < layout_bytes(p); i++) {
		unsigned *part = layout_part(p, i, &m), byte = packed_byte(r, i);

		if (part)
			*part = coding == CLOCK_BCD ? from_bcd(byte) : byte;
	}
	return m;
}

static void moment_put(const struct point *p, struct moment m, enum clock_coding coding, uint16_t *r)
{
	for (unsigned i = 0; i < layout_bytes(p); i++) {
		const unsigned *part = layout_part(p, i, &m);

		if (part)
			packed_set_byte(r, i, coding == CLOCK_BCD ? to_bcd(*part) : *part);
	}
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

	m->century = 20;
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
	struct moment m = moment_of(p, r, CLOCK_BINARY);

	if (!moment_valid(&m))
		m = moment_of(p, r, CLOCK_BCD);
	if (!moment_valid(&m))
		return packed_odd(p, e, "date and time");
	snprintf(text, size, "20%02u-%02u-%02u %02u:%02u:%02u",
		 m.year, m.month, m.day, m.hour, m.min, m.sec);
	return 0;
}

static unsigned moment_weekday(const struct moment *m)
{
	/* 1 January 1970 was a Thursday */
	return (unsigned)((moment_seconds(m) / 86400 + 3) % 7) + 1;
}

int clock_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	struct moment m;

	if (!moment_parse(text, &m))
		return packed_unlike(p, e, text, "2026-01-31 14:03:27");
	m.weekday = moment_weekday(&m);
	moment_put(p, m, CLOCK_BINARY, r);
	return 0;
}

enum clock_coding codec_clock_coding(const struct point *p, const uint16_t *regs, int64_t host)
{
	struct moment binary = moment_of(p, regs, CLOCK_BINARY), bcd = moment_of(p, regs, CLOCK_BCD);

	/* a nibble above 9 makes a byte that is no part of a date in BCD */
	if (!moment_valid(&bcd))
		return CLOCK_BINARY;
	if (!moment_valid(&binary))
		return CLOCK_BCD;
	return llabs(moment_seconds(&bcd) - host) < llabs(moment_seconds(&binary) - host)
		? CLOCK_BCD : CLOCK_BINARY;
}

int codec_clock_decode(const struct point *p, enum clock_coding coding, const uint16_t *regs, int64_t *local_s)
{
	struct moment m = moment_of(p, regs, coding);

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

int codec_clock_encode(const struct point *p, enum clock_coding coding, int64_t local_s, uint16_t *regs)
{
	time_t t = (time_t)local_s;
	struct moment m;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || tm.tm_year < 100 || tm.tm_year > 199)
		return -1;
	m = (struct moment){ (unsigned)tm.tm_sec, (unsigned)tm.tm_min, (unsigned)tm.tm_hour, (unsigned)tm.tm_mday,
			     (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_year - 100, tm.tm_wday ? (unsigned)tm.tm_wday : 7, 20 };
	moment_put(p, m, coding, regs);
	return 0;
}

static bool stamp_filled(const struct point *p, const uint16_t *r, uint16_t word)
{
	unsigned n = layout_bytes(p) / 2;

	while (n > 0 && r[n - 1] == word)
		n--;
	return n == 0;
}

int stamp_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	struct moment m = moment_of(p, r, CLOCK_BINARY);

	/* What an unused record holds is not printed (E11): nothing or all ones. */
	if (stamp_filled(p, r, 0) || stamp_filled(p, r, 0xFFFF)) {
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
	struct moment m = { .century = 20 };
	int end = 0;

	if (strcmp(text, "none") == 0) {
		memset(r, 0, layout_bytes(p) / 2 * sizeof(*r));
		return 0;
	}
	if (sscanf(text, "%2u-%2u %2u:%2u%n", &m.month, &m.day, &m.hour, &m.min,
		   &end) != 4 || text[end] || !moment_valid(&m))
		return packed_unlike(p, e, text, "07-15 14:45");
	moment_put(p, m, CLOCK_BINARY, r);
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
