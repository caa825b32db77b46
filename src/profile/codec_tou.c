#include "codec_packed.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SLOTS 14	/* of a day table, ADW300 register map 016DH (C1) */

static const char *const rate_names[] = { "", "sharp", "peak", "flat", "valley" };

static unsigned table_byte(const uint16_t *r, unsigned i)
{
	return i % 2 ? LO(r[i / 2]) : HI(r[i / 2]);
}

static void pack(const uint8_t *bytes, size_t n, uint16_t *r)
{
	for (size_t i = 0; i < n / 2; i++)
		r[i] = WORD(bytes[2 * i], bytes[2 * i + 1]);
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
			return packed_odd(p, e, "schedule that can be decoded");
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
	const char *like = "'00:00 valley, 08:00 flat': from 00:00 on, ascending, at most 14";
	uint8_t bytes[3 * SLOTS] = { 0 };
	const char *s = text;
	unsigned last = 0;

	for (unsigned i = 0; *s && strcmp(text, "empty") != 0; i++) {
		unsigned hour = 0, min = 0;
		int len = 0;
		unsigned rate = slot_parse(s, &len, &hour, &min);

		/* what holds before a first slot that is later is not known */
		if (i == SLOTS || rate == 0 || (i == 0 ? hour || min : hour * 60 + min <= last))
			return packed_unlike(p, e, text, like);
		last = hour * 60 + min;
		bytes[3 * i] = (uint8_t)rate;
		bytes[3 * i + 1] = (uint8_t)min;
		bytes[3 * i + 2] = (uint8_t)hour;
		s += len;
		if (*s == ',' && s[1])
			s++;
		else if (*s)
			return packed_unlike(p, e, text, like);
	}
	pack(bytes, sizeof(bytes), r);
	return 0;
}

unsigned codec_needed(const struct point *p, const uint16_t *before, const uint16_t *want)
{
	unsigned n = p->words;

	while (p->type == TYPE_DAYTABLE && n > DAYTABLE_SURE && !before[n - 1] && !want[n - 1])
		n--;
	return n > DAYTABLE_SURE ? p->words : n;
}

#define ZONES 4	/* ADW300 register map 0167H (C4, C5) */

static bool zone_valid(unsigned table, unsigned month, unsigned day)
{
	/* every year: a leap one has all days */
	return table >= 1 && table <= 3 && month >= 1 && month <= 12
	    && day >= 1 && day <= packed_days(month, 0);
}

/* 4 zones of day table, first day, first month, ascending in the year; unused
 * ones are zero and stand behind the used. */
int zones_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	size_t at = 0;
	unsigned last = 0;
	bool ended = false;

	snprintf(text, size, "empty");
	for (unsigned i = 0; i < ZONES; i++) {
		unsigned table = table_byte(r, 3 * i), day = table_byte(r, 3 * i + 1),
			 month = table_byte(r, 3 * i + 2), when = month * 32 + day;

		if (table == 0 && when == 0) {
			ended = true;
			continue;
		}
		if (ended || !zone_valid(table, month, day) || when <= last)
			return packed_odd(p, e, "calendar of seasons that can be decoded");
		text_append(text, size, &at, "%s%02u-%02u table%u", i ? ", " : "",
			    month, day, table);
		last = when;
	}
	return 0;
}

int zones_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	const char *like = "'01-01 table1, 06-01 table2': month-day, ascending, at most 4";
	uint8_t bytes[3 * ZONES] = { 0 };
	const char *s = text;
	unsigned last = 0;

	for (unsigned i = 0; *s && strcmp(text, "empty") != 0; i++) {
		unsigned month, day, table;
		int len = 0;

		if (i == ZONES
		    || sscanf(s, " %2u-%2u table%1u%n", &month, &day, &table, &len) != 3
		    || !zone_valid(table, month, day) || month * 32 + day <= last)
			return packed_unlike(p, e, text, like);
		last = month * 32 + day;
		bytes[3 * i] = (uint8_t)table;
		bytes[3 * i + 1] = (uint8_t)day;
		bytes[3 * i + 2] = (uint8_t)month;
		s += len;
		if (*s == ',' && s[1])
			s++;
		else if (*s)
			return packed_unlike(p, e, text, like);
	}
	pack(bytes, sizeof(bytes), r);
	return 0;
}
