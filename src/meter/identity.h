/*
 * identity.h - is this still the meter that was asked before?
 *
 * A port that was lost may lead to another meter afterwards, which has the same address
 * and, on a site, mostly the same settings. What tells two meters apart:
 *
 *   meter.serial       where the profile has one and it holds a number. Proof.
 *   energy counters    one that has counted goes on from where it stood, and not by more
 *                      than can have flown since. Evidence: of a new meter, whose
 *                      counters are 0, there is none.
 *
 * No register of an ADW300 is published that holds a serial number.
 */
#ifndef METERCTL_METER_IDENTITY_H
#define METERCTL_METER_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "meter.h"

#define IDENTITY_TEXT 256

/* What M says that tells it from others: "KEY=VALUE KEY=VALUE", for the journal. "" when
 * the profile has nothing of the kind. -1: the line failed. */
int identity_read(struct meter *m, char text[IDENTITY_TEXT], struct err *e);
/* The same from the readings that M has already; nothing on the wire. Returns TEXT. */
const char *identity_known(const struct meter *m, char text[IDENTITY_TEXT]);
/* Adds what it is made from, as far as P has it. */
int identity_select(const struct profile *p, struct selection *sel, struct err *e);
/* Does TEXT hold a serial number? */
bool identity_serial(const char *text);

enum identity_match {
	IDENTITY_SAME,
	IDENTITY_OTHER,		/* another meter, or one whose counters were cleared */
	IDENTITY_OPEN		/* nothing tells */
};

/* Are WAS and, ELAPSED_US later, IS of one meter? WHY says what does not fit, or what is
 * missing. */
enum identity_match identity_compare(const char *was, const char *is, int64_t elapsed_us,
				     struct err *why);

/* The meter that is about to be written to. */
struct identity {
	char text[IDENTITY_TEXT];
	int64_t at_us;		/* monotonic */
	unsigned long reopened;	/* as in struct link_stats */
};

/* Reads it. -1: the line failed. Of a link without registers nothing is read. */
int identity_take(struct meter *m, struct identity *id, struct err *e);

/*
 * A value has been read back from M; LANDED: it is the one that was written. 0: it is that
 * of the meter of ID, as the connection was never lost, or as the meter is the same. A
 * serial port that was lost wants evidence, and without a serial number only a value that
 * did land counts: whether another is that of a meter that did not take the write, or of
 * one that was never asked, cannot be told. -1 and WHY: nobody knows what was written.
 */
int identity_confirm(struct meter *m, struct identity *id, bool landed, struct err *why);

#endif
