#include "tally.h"

#include <math.h>
#include <stdio.h>

#include "base/time.h"
#include "doctor.h"

/* So many of the last digit are a count and no rounding; so many make "no more than" sure. */
#define COUNTED 10
#define COUNTED_ALONE 50

bool tally_by_phase(const struct tally_reading *r)
{
	for (unsigned x = 0; x < 3; x++)
		if (!isnan(r->import[x] + r->export[x]))
			return true;
	return false;
}

/* The coarsest of 1, 0.1, 0.01 kWh that all counters are whole multiples of: how finely they
 * are shown. Of 0.001 a tenth of a kWh is wanted all the same. */
static double tally_digit(const struct tally_reading *was, const struct tally_reading *is)
{
	const struct tally_reading *both[] = { was, is };
	double digit = 1;

	for (unsigned k = 0; k < 4; k++)
		for (unsigned x = 0; x < 3; x++) {
			double v = k & 1 ? both[k >> 1]->export[x] : both[k >> 1]->import[x];

			while (!isnan(v) && digit > 0.011 && fabs(v / digit - round(v / digit)) > 1e-3)
				digit /= 10;
		}
	return digit;
}

static enum tally_counted tally_count(double import, double export, double digit)
{
	double most = fmax(import, export), least = fmin(import, export);

	if (isnan(import + export))
		return TALLY_LITTLE;
	/* half a digit may have been there before */
	if (least > (COUNTED - 0.5) * digit)
		return TALLY_BOTH;
	if (most > (COUNTED_ALONE - 0.5) * digit && least < 1.5 * digit)
		return import > export ? TALLY_IMPORT : TALLY_EXPORT;
	return TALLY_LITTLE;
}

static int tally_difference(const double was[4], const double is[4], const char *direction, double out[4],
				struct tally *r)
{
	static const char *const names[] = { "of input A", "of input B", "of input C", "in total" };

	for (unsigned x = 0; x < 4; x++) {
		out[x] = is[x] - was[x];
		if (!(out[x] < -1e-6))
			continue;
		snprintf(r->why_not, sizeof(r->why_not), "the counter of %s %s went back from %.2f to %.2f kWh", direction,
			 names[x], was[x], is[x]);
		return -1;
	}
	return 0;
}

/* A sum over the phases is net, however the meter makes its totals; without phases the
 * difference of the totals is. */
static double tally_net(const struct tally *r)
{
	double net = 0;

	for (unsigned x = 0; x < 3; x++)
		net += r->import[x] - r->export[x];
	return isnan(net) ? r->import[TALLY_TOTAL] - r->export[TALLY_TOTAL] : net;
}

int tally_since(const struct tally_reading *was, const struct tally_reading *is, struct tally *r)
{
	double digit = tally_digit(was, is);

	*r = (struct tally){ .from_us = was->at_us, .to_us = is->at_us };
	if (tally_difference(was->import, is->import, "import", r->import, r)
	    || tally_difference(was->export, is->export, "export", r->export, r))
		return -1;
	for (unsigned x = 0; x < 3; x++)
		r->counted[x] = tally_count(r->import[x], r->export[x], digit);
	r->net = tally_net(r);
	r->known = true;
	return 0;
}

bool tally_only_out(const struct tally *r, unsigned x)
{
	return r && r->known && r->counted[x] == TALLY_EXPORT && r->to_us - r->from_us >= TALLY_DAY_US;
}

bool tally_both(const struct tally *r, unsigned x)
{
	return r && r->known && r->counted[x] == TALLY_BOTH;
}

const char *tally_period_text(const struct tally *r, char *buf, size_t size)
{
	static const char format[] = "%Y-%m-%d %H:%M";
	char from[32], to[32];

	snprintf(buf, size, "from %s to %s", time_format(r->from_us, format, from, sizeof(from)),
		 time_format(r->to_us, format, to, sizeof(to)));
	return buf;
}

const char *tally_text(const struct tally *r, char *buf, size_t size)
{
	unsigned both = 0, out = 0;
	char names[32], period[80];

	buf[0] = '\0';
	if (!r)
		return buf;
	for (unsigned k = 0; k < 3; k++) {
		both |= (unsigned)tally_both(r, k) << k;
		out |= (unsigned)tally_only_out(r, k) << k;
	}
	doctor_inputs_text(both ? both : out, names, sizeof(names));
	if (both)
		snprintf(buf, size, "; the registers of %s counted both directions %s: something feeds in there", names,
			 tally_period_text(r, period, sizeof(period)));
	else if (out)
		snprintf(buf, size, "; the registers of %s counted export alone %s, day and night: no PV beside loads does", names,
			 tally_period_text(r, period, sizeof(period)));
	else if (!r->known || r->to_us - r->from_us < TALLY_DAY_US)
		snprintf(buf, size, "; or check again after an hour of energy registers: both directions counted is feed-in. "
			 "After a day, export alone is a reversed CT");
	return buf;
}

const char *tally_counted_name(enum tally_counted c)
{
	static const char *const names[] = {
		[TALLY_LITTLE] = "little", [TALLY_IMPORT] = "import", [TALLY_EXPORT] = "export",
		[TALLY_BOTH] = "both",
	};

	return names[c];
}
