#include "codec_packed.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void pack(const uint8_t *bytes, size_t n, uint16_t *r)
{
	for (size_t i = 0; i < n / 2; i++)
		r[i] = WORD(bytes[2 * i], bytes[2 * i + 1]);
}

/* ADW300 register map 016DH: 14 slots of rate, start minute, start hour (ambiguities C1, C2); of
 * other meters the point says. */
static unsigned daytable_slots(const struct point *p)
{
	return p->slots ? p->slots : DAYTABLE_SLOTS;
}

static const char *daytable_slot(const struct point *p)
{
	return p->slot && *p->slot ? p->slot : DAYTABLE_SLOT;
}

static const char *daytable_rates(const struct point *p)
{
	return p->rates && *p->rates ? p->rates : DAYTABLE_RATES;
}

unsigned daytable_bytes(const struct point *p)
{
	return daytable_slots(p) * packed_words(daytable_slot(p));
}

enum { RATE, MINUTE, HOUR, SLOT_PARTS };
static const char *const slot_parts[SLOT_PARTS] = { "rate", "minute", "hour" };

/* Where the parts of slot I are among the bytes of the table. */
static void slot_places(const struct point *p, unsigned i, unsigned place[SLOT_PARTS])
{
	const char *slot = daytable_slot(p);
	unsigned n = packed_words(slot);

	for (unsigned k = 0; k < n; k++) {
		size_t len;
		const char *word = packed_word(slot, k, &len);

		for (unsigned part = 0; part < SLOT_PARTS; part++)
			if (strncmp(word, slot_parts[part], len) == 0)
				place[part] = i * n + k;
	}
}

/* The name of RATE, 1 the first, and its length; 0: it has none. */
static int rate_name(const struct point *p, unsigned rate, const char **name)
{
	size_t len = 0;

	*name = rate ? packed_word(daytable_rates(p), rate - 1, &len) : "";
	return **name == '_' ? 0 : (int)len;
}

/* Slots ascend; unused ones are zero and stand behind the used. */
int daytable_decode(const struct point *p, const uint16_t *r, char *text,
		    size_t size, struct err *e)
{
	size_t at = 0;
	unsigned last = 0;
	bool ended = false;

	snprintf(text, size, "empty");
	for (unsigned i = 0; i < daytable_slots(p); i++) {
		unsigned place[SLOT_PARTS] = { 0 }, rate, min, hour, when;
		const char *name;
		int len;

		slot_places(p, i, place);
		rate = packed_byte(r, place[RATE]);
		min = packed_byte(r, place[MINUTE]);
		hour = packed_byte(r, place[HOUR]);
		when = hour * 60 + min;
		if (rate == 0 && when == 0) {
			ended = true;
			continue;
		}
		len = rate_name(p, rate, &name);
		if (ended || len == 0 || min > 59 || hour > 23 || (i > 0 && when <= last))
			return packed_odd(p, e, "schedule that can be decoded");
		text_append(text, size, &at, "%s%02u:%02u %.*s", i ? ", " : "", hour, min, len, name);
		last = when;
	}
	return 0;
}

/* One "HH:MM rate" of a day table: its rate, or 0. */
static unsigned slot_parse(const struct point *p, const char *s, int *len, unsigned *hour, unsigned *min)
{
	const char *rate;
	char name[8];

	if (sscanf(s, " %2u:%2u %7[a-z]%n", hour, min, name, len) != 3
	    || *hour > 23 || *min > 59)
		return 0;
	for (unsigned k = 1; k <= packed_words(daytable_rates(p)); k++) {
		int n = rate_name(p, k, &rate);

		if (n && (size_t)n == strlen(name) && memcmp(name, rate, (size_t)n) == 0)
			return k;
	}
	return 0;
}

static int daytable_unlike(const struct point *p, struct err *e, const char *text)
{
	char like[120];

	snprintf(like, sizeof(like), "'00:00 valley, 08:00 flat': from 00:00 on, ascending, at most %u", daytable_slots(p));
	return packed_unlike(p, e, text, like);
}

int daytable_encode(const struct point *p, const char *text, uint16_t *r,
		    struct err *e)
{
	const char *s = text;
	unsigned last = 0;

	memset(r, 0, (daytable_bytes(p) + 1) / 2 * sizeof(*r));
	for (unsigned i = 0; *s && strcmp(text, "empty") != 0; i++) {
		unsigned hour = 0, min = 0, place[SLOT_PARTS] = { 0 };
		int len = 0;
		unsigned rate = slot_parse(p, s, &len, &hour, &min);

		/* what holds before a first slot that is later is not known */
		if (i == daytable_slots(p) || rate == 0 || (i == 0 ? hour || min : hour * 60 + min <= last))
			return daytable_unlike(p, e, text);
		last = hour * 60 + min;
		slot_places(p, i, place);
		packed_set_byte(r, place[RATE], rate);
		packed_set_byte(r, place[MINUTE], min);
		packed_set_byte(r, place[HOUR], hour);
		s += len;
		if (*s == ',' && s[1])
			s++;
		else if (*s)
			return daytable_unlike(p, e, text);
	}
	return 0;
}

unsigned codec_needed(const struct point *p, const uint16_t *before, const uint16_t *want)
{
	unsigned n = p->words;

	while (p->type == TYPE_DAYTABLE && !p->slots && n > DAYTABLE_SURE && !before[n - 1] && !want[n - 1])
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
		unsigned table = packed_byte(r, 3 * i), day = packed_byte(r, 3 * i + 1),
			 month = packed_byte(r, 3 * i + 2), when = month * 32 + day;

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
