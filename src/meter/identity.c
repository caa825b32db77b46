#include "identity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "profile/codec.h"
#include "base/text.h"

#define SERIAL "meter.serial"

static const char *const counters[] = {
	"energy.active.import.total", "energy.active.export.total",
	"energy.reactive.import.total", "energy.reactive.export.total",
};
#define NCOUNTERS (sizeof(counters) / sizeof(*counters))

/* More than a low-voltage site draws, and little enough that after the seconds a cable is
 * out a neighbour's counter is hardly within it: 10 MW make 28 kWh in ten seconds. */
#define MOST_KW 10000.0

/* Is it a number that some meter may have and others have not? */
static bool tells(const struct reading *r)
{
	if (r->quality != QUALITY_OK)
		return false;
	if (r->value.kind == VALUE_NUMBER)
		return r->value.num > 0 && r->value.num < UINT32_MAX;
	return r->value.kind == VALUE_STRING && strspn(r->value.text, " 0") < strlen(r->value.text);
}

static void add_value(const struct meter *m, uint16_t idx, char text[IDENTITY_TEXT], size_t *at)
{
	char value[VALUE_TEXT];

	codec_format(&m->profile->points[idx], &m->readings[idx].value, value, sizeof(value));
	for (char *c = value; *c; c++)
		if (*c == ' ')
			*c = '_';
	text_append(text, IDENTITY_TEXT, at, "%s%s=%s", *at ? " " : "", m->profile->points[idx].key, value);
}

/* "" when its readings have nothing that tells. */
const char *identity_known(const struct meter *m, char text[IDENTITY_TEXT])
{
	int serial = profile_find(m->profile, SERIAL);
	size_t at = 0;

	text[0] = '\0';
	if (serial >= 0 && tells(&m->readings[serial])) {
		add_value(m, (uint16_t)serial, text, &at);
		return text;
	}
	for (size_t i = 0; i < NCOUNTERS; i++) {
		int k = profile_find(m->profile, counters[i]);

		if (k >= 0 && m->readings[k].quality == QUALITY_OK)
			add_value(m, (uint16_t)k, text, &at);
	}
	return text;
}

int identity_select(const struct profile *p, struct selection *sel, struct err *e)
{
	if (profile_find(p, SERIAL) >= 0 && profile_select(p, SERIAL, sel, e))
		return -1;
	for (size_t i = 0; i < NCOUNTERS; i++)
		if (profile_find(p, counters[i]) >= 0 && profile_select(p, counters[i], sel, e))
			return -1;
	return 0;
}

int identity_read(struct meter *m, char text[IDENTITY_TEXT], struct err *e)
{
	int serial = profile_find(m->profile, SERIAL);
	uint16_t idx[NCOUNTERS];
	size_t n = 0;

	text[0] = '\0';
	if (serial >= 0) {
		idx[0] = (uint16_t)serial;
		if (meter_read(m, idx, 1, NULL, NULL, e))
			return -1;
	}
	for (size_t i = 0; i < NCOUNTERS && !(serial >= 0 && tells(&m->readings[serial])); i++) {
		int k = profile_find(m->profile, counters[i]);

		if (k >= 0)
			idx[n++] = (uint16_t)k;
	}
	if (n && meter_read(m, idx, n, NULL, NULL, e))
		return -1;
	identity_known(m, text);
	return 0;
}

/* ---- comparing ---------------------------------------------------------------- */

/* The word of TEXT that begins with the N bytes of KEY and '=', behind that; NULL. */
static const char *identity_value_of(const char *text, const char *key, size_t n)
{
	for (; text; text = strchr(text, ' ')) {
		text += *text == ' ';
		if (strncmp(text, key, n) == 0 && text[n] == '=')
			return text + n + 1;
	}
	return NULL;
}

static bool same_word(const char *a, const char *b)
{
	size_t n = strcspn(a, " ");

	return n == strcspn(b, " ") && strncmp(a, b, n) == 0;
}

bool identity_serial(const char *text)
{
	return identity_value_of(text, SERIAL, strlen(SERIAL)) != NULL;
}

/* Half a unit of the last digit of a decimal number. */
static double half_digit(const char *number)
{
	size_t whole = strcspn(number, ". ");
	size_t decimals = number[whole] == '.' ? strcspn(number + whole + 1, " ") : 0;

	return 0.5 * pow(10, -(double)decimals);
}

/* Has a counter that stood at WAS come to IS by itself? */
static bool went_on(const char *was, const char *is, int64_t elapsed_us)
{
	double from = strtod(was, NULL), to = strtod(is, NULL), slack = 2 * half_digit(was);

	return to >= from - slack && to <= from + slack + MOST_KW * (double)elapsed_us / 3.6e9;
}

enum identity_match identity_compare(const char *was, const char *is, int64_t elapsed_us,
				     struct err *why)
{
	bool counted = false;

	for (const char *word = was; *word; word += strcspn(word, " "), word += *word == ' ') {
		size_t n = strcspn(word, "=");
		const char *before = word + n + 1, *now = identity_value_of(is, word, n);
		bool serial = n == strlen(SERIAL) && strncmp(word, SERIAL, n) == 0;

		if (!now)
			continue;
		if (serial ? !same_word(before, now) : !went_on(before, now, elapsed_us)) {
			err_set(why, ERR_UNVERIFIED, "another meter answers: its %.*s is %.*s, and was %.*s", (int)n, word,
				(int)strcspn(now, " "), now, (int)strcspn(before, " "), before);
			return IDENTITY_OTHER;
		}
		if (serial)
			return IDENTITY_SAME;
		counted = counted || strtod(before, NULL) > 0;
	}
	if (counted)
		return IDENTITY_SAME;
	err_set(why, ERR_UNVERIFIED, "no serial number and no energy counter tells whether the same meter answers");
	return IDENTITY_OPEN;
}

/* ---- around a write ------------------------------------------------------------- */

#define LOST "the connection was lost meanwhile"

static unsigned long identity_reopened(const struct meter *m)
{
	struct link_stats s;

	link_stats(m->link, &s);
	return s.reopened;
}

int identity_take(struct meter *m, struct identity *id, struct err *e)
{
	*id = (struct identity){ .at_us = time_mono_us(), .reopened = identity_reopened(m) };
	return link_has_registers(m->link) ? identity_read(m, id->text, e) : 0;
}

int identity_confirm(struct meter *m, struct identity *id, bool landed, struct err *why)
{
	/* a host and a port lead to where they led before, as far as nothing speaks against it */
	bool port = target_is_serial(&m->link->target);
	unsigned long now = identity_reopened(m);
	char text[IDENTITY_TEXT];
	enum identity_match match;

	if (now == id->reopened)
		return 0;
	if (identity_read(m, text, why))
		return err_prefix(why, LOST);
	match = identity_compare(id->text, text, time_mono_us() - id->at_us, why);
	if (match == IDENTITY_OTHER || (match == IDENTITY_OPEN && port))
		return err_prefix(why, LOST);
	if (port && !landed && !identity_serial(id->text))
		return err_set(why, ERR_UNVERIFIED, LOST ": what is read now is not what was written, and only a serial"
			       " number could prove that it is the same meter");
	id->reopened = now;
	return 0;
}
