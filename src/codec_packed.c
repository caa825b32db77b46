#include "codec_packed.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define HI(w) ((unsigned)(w) >> 8)
#define LO(w) ((unsigned)(w) & 0xFFU)
#define WORD(hi, lo) ((uint16_t)((hi) << 8 | (lo)))

#define SLOTS 14	/* of a day table, ADW300 register map 016DH (C1) */

static const char *const rate_names[] = { "", "sharp", "peak", "flat", "valley" };

static int odd(const struct point *p, struct err *e, const char *what)
{
	return err_set(e, ERR_FOREIGN, "'%s' holds no %s", p->key, what);
}

static int unlike(const struct point *p, struct err *e, const char *text,
		  const char *like)
{
	return err_set(e, ERR_USAGE, "'%s' is no value for '%s' (like %s)",
		       text, p->key, like);
}

static unsigned days_in(unsigned month, unsigned year)
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
	    && m->day >= 1 && m->day <= days_in(m->month, m->year);
}

static unsigned from_bcd(unsigned byte)
{
	return (byte >> 4) > 9 || (byte & 15) > 9 ? 999 : (byte >> 4) * 10 + (byte & 15);
}

/*
 * Manual 6.2 gives the order only; plain binary is the likelier coding
 * (ambiguity A9). Registers that are no date in binary but one in BCD are BCD.
 */
int clock_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	struct moment m = { HI(r[0]), LO(r[0]), HI(r[1]), LO(r[1]), HI(r[2]), LO(r[2]) };

	if (!moment_valid(&m))
		m = (struct moment){ from_bcd(m.sec), from_bcd(m.min), from_bcd(m.hour),
			from_bcd(m.day), from_bcd(m.month), from_bcd(m.year) };
	if (!moment_valid(&m))
		return odd(p, e, "date and time");
	snprintf(text, size, "20%02u-%02u-%02u %02u:%02u:%02u",
		 m.year, m.month, m.day, m.hour, m.min, m.sec);
	return 0;
}

int clock_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	struct moment m;
	int end = 0;

	if (sscanf(text, "20%2u-%2u-%2u%*1[ T]%2u:%2u:%2u%n", &m.year, &m.month,
		   &m.day, &m.hour, &m.min, &m.sec, &end) != 6 || text[end]
	    || !moment_valid(&m))
		return unlike(p, e, text, "2026-01-31 14:03:27");
	r[0] = WORD(m.sec, m.min);
	r[1] = WORD(m.hour, m.day);
	r[2] = WORD(m.month, m.year);
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
		return odd(p, e, "time stamp");
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
		return unlike(p, e, text, "07-15 14:45");
	r[0] = WORD(m.min, m.hour);
	r[1] = WORD(m.day, m.month);
	return 0;
}

/* ADW300 0004H; its sibling ADW310 has the bytes the other way round (A3). */
int frame_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	if (HI(r[0]) > 2 || LO(r[0]) > 1)
		return odd(p, e, "parity and stop bits");
	snprintf(text, size, "8%c%u", "NEO"[HI(r[0])], LO(r[0]) + 1);
	return 0;
}

int frame_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	const char *parity = strlen(text) == 3 ? strchr("NEO", toupper((unsigned char)text[1])) : NULL;

	if (!parity || text[0] != '8' || (text[2] != '1' && text[2] != '2'))
		return unlike(p, e, text, "8N1, 8E1, 8O1, 8N2");
	r[0] = WORD((unsigned)(parity - "NEO"), (unsigned)(text[2] - '1'));
	return 0;
}

int freeze_decode(const struct point *p, const uint16_t *r, char *text,
		  size_t size, struct err *e)
{
	if (HI(r[0]) > 23 || LO(r[0]) < 1 || LO(r[0]) > 31)
		return odd(p, e, "day and hour");
	snprintf(text, size, "%u %02u:00", LO(r[0]), HI(r[0]));
	return 0;
}

int freeze_encode(const struct point *p, const char *text, uint16_t *r,
		  struct err *e)
{
	unsigned day, hour;
	int end = 0;

	if (sscanf(text, "%2u %2u:00%n", &day, &hour, &end) != 2 || !end || text[end]
	    || hour > 23 || day < 1)
		return unlike(p, e, text, "1 00:00: day, hour");
	/* The range of the day is not printed; 28 is safe in every month (C6). */
	if (day > 28)
		return err_set(e, ERR_DENIED, "'%s' day %u is out of range (1 to 28)",
			       p->key, day);
	r[0] = WORD(hour, day);
	return 0;
}

static unsigned table_byte(const uint16_t *r, unsigned i)
{
	return i % 2 ? LO(r[i / 2]) : HI(r[i / 2]);
}

/* 14 slots of rate, start minute, start hour (ambiguity C2), ascending; unused
 * ones are zero and stand behind the used. */
int daytable_decode(const struct point *p, const uint16_t *r, char *text,
		    size_t size, struct err *e)
{
	size_t at = 0;
	unsigned last = 0;
	bool ended = false;

	snprintf(text, size, "empty");
	for (unsigned i = 0; i < SLOTS; i++) {
		unsigned rate = table_byte(r, 3 * i), min = table_byte(r, 3 * i + 1),
			 hour = table_byte(r, 3 * i + 2), when = hour * 60 + min;

		if (rate == 0 && when == 0) {
			ended = true;
			continue;
		}
		if (ended || rate < 1 || rate > 4 || min > 59 || hour > 23
		    || (i > 0 && when <= last))
			return odd(p, e, "schedule that can be decoded");
		text_append(text, size, &at, "%s%02u:%02u %s", i ? ", " : "",
			    hour, min, rate_names[rate]);
		last = when;
	}
	return 0;
}

/* One "HH:MM rate" of a day table: its rate, or 0. */
static unsigned slot_parse(const char *s, int *len, unsigned *hour, unsigned *min)
{
	char name[8];

	if (sscanf(s, " %2u:%2u %7[a-z]%n", hour, min, name, len) != 3
	    || *hour > 23 || *min > 59)
		return 0;
	for (unsigned k = 1; k <= 4; k++)
		if (strcmp(name, rate_names[k]) == 0)
			return k;
	return 0;
}

int daytable_encode(const struct point *p, const char *text, uint16_t *r,
		    struct err *e)
{
	const char *like = "'00:00 valley, 08:00 flat': ascending, at most 14";
	uint8_t bytes[3 * SLOTS] = { 0 };
	const char *s = text;
	unsigned last = 0;

	for (unsigned i = 0; *s && strcmp(text, "empty") != 0; i++) {
		unsigned hour = 0, min = 0;
		int len = 0;
		unsigned rate = slot_parse(s, &len, &hour, &min);

		if (i == SLOTS || rate == 0 || (i > 0 && hour * 60 + min <= last))
			return unlike(p, e, text, like);
		last = hour * 60 + min;
		bytes[3 * i] = (uint8_t)rate;
		bytes[3 * i + 1] = (uint8_t)min;
		bytes[3 * i + 2] = (uint8_t)hour;
		s += len;
		if (*s == ',' && s[1])
			s++;
		else if (*s)
			return unlike(p, e, text, like);
	}
	for (unsigned i = 0; i < sizeof(bytes) / 2; i++)
		r[i] = WORD(bytes[2 * i], bytes[2 * i + 1]);
	return 0;
}

int hex_decode(const struct point *p, const uint16_t *r, char *text,
	       size_t size, struct err *e)
{
	size_t at = 0;

	(void)e;
	text[0] = '\0';
	for (unsigned i = 0; i < p->words; i++)
		text_append(text, size, &at, "%s%04X", i ? " " : "", r[i]);
	return 0;
}

int hex_encode(const struct point *p, const char *text, uint16_t *r,
	       struct err *e)
{
	const char *s = text;

	for (unsigned i = 0; i < p->words; i++) {
		unsigned word;
		int len = 0;

		if (sscanf(s, " %4x%n", &word, &len) != 1)
			return unlike(p, e, text, "0102 0304: a word of 4 hex digits each");
		r[i] = (uint16_t)word;
		s += len;
	}
	return *s ? unlike(p, e, text, "0102 0304: a word of 4 hex digits each") : 0;
}

int string_decode(const struct point *p, const uint16_t *r, char *text,
		  size_t size, struct err *e)
{
	char raw[2 * VALUE_WORDS + 1];
	size_t n = 0;

	(void)e;
	for (unsigned i = 0; i < p->words; i++) {
		raw[n++] = (char)HI(r[i]);
		raw[n++] = (char)LO(r[i]);
	}
	raw[n] = '\0';
	n = strlen(raw);
	while (n > 0 && raw[n - 1] == ' ')
		raw[--n] = '\0';
	text_clean(text, size, raw);
	return 0;
}

int string_encode(const struct point *p, const char *text, uint16_t *r,
		  struct err *e)
{
	size_t n = strlen(text);

	if (n > 2U * p->words)
		return err_set(e, ERR_DENIED, "'%s' takes at most %u characters, not %zu",
			       p->key, 2U * p->words, n);
	for (unsigned i = 0; i < p->words; i++) {
		unsigned hi = 2U * i < n ? (unsigned char)text[2 * i] : 0;
		unsigned lo = 2U * i + 1 < n ? (unsigned char)text[2 * i + 1] : 0;

		r[i] = WORD(hi, lo);
	}
	return 0;
}
