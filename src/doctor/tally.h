/*
 * tally.h - energy registers as evidence: what each input has counted between two readings.
 *
 * Power of a load flows in. An input that has counted one direction only, day and night, is
 * that of a load whose current is as it was; what has counted both has something that feeds in,
 * or was turned round meanwhile. A few hours of export alone may be sun. Totals over the phases
 * may be net, and tell nothing of the kind. Pure.
 */
#ifndef METERCTL_DOCTOR_TALLY_H
#define METERCTL_DOCTOR_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TALLY_TOTAL 3
#define TALLY_HOUR_US (3600 * INT64_C(1000000))
/* So long that a night is in it, wherever it begins. */
#define TALLY_DAY_US (20 * TALLY_HOUR_US)

/* Counters of active energy of inputs a b c and in total, kWh as the meter counts; NAN: not read. */
struct tally_reading {
	int64_t at_us;		/* wall clock */
	double import[4], export[4];
};

enum tally_counted {
	TALLY_LITTLE,	/* less than tells anything, or not known */
	TALLY_IMPORT,	/* this direction alone */
	TALLY_EXPORT,
	TALLY_BOTH
};

struct tally {
	bool known;
	char why_not[ERR_TEXT];	/* else, one line; "": nothing is kept that is old enough */
	int64_t from_us, to_us;
	double import[4], export[4];	/* kWh since; NAN: not known */
	enum tally_counted counted[3];
	double net;		/* import less export over all inputs, kWh; NAN: not known */
};

/* Has R the counters of a phase? */
bool tally_by_phase(const struct tally_reading *r);

/* What was counted from WAS to IS. -1: R is not known, and says which counter went backwards. */
int tally_since(const struct tally_reading *was, const struct tally_reading *is, struct tally *r);

/* Did input X count export alone, and so long that no sun explains it? R may be NULL. */
bool tally_only_out(const struct tally *r, unsigned x);
/* Did it count both? R may be NULL. */
bool tally_both(const struct tally *r, unsigned x);

/* "from 2026-03-01 10:00 to 2026-03-02 10:30", in local time. Returns BUF. */
const char *tally_period_text(const struct tally *r, char *buf, size_t size);
/* What R says where feed-in and a reversed CT look the same, or could say, to stand behind a fix;
 * "" where R is NULL or tells nothing. Returns BUF. */
const char *tally_text(const struct tally *r, char *buf, size_t size);
/* "import", "export", "both", "little" */
const char *tally_counted_name(enum tally_counted c);

#endif
