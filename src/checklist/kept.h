/*
 * kept.h - readings of the energy registers that checks have kept (a proof of kind energy), and what
 * was counted since one of them.
 */
#ifndef METERCTL_CHECKLIST_KEPT_H
#define METERCTL_CHECKLIST_KEPT_H

#include "doctor/tally.h"
#include "record.h"

/* Adds the counters that P has. */
int kept_select(const struct profile *p, struct selection *sel, struct err *e);
/* How they stand by the readings of M; AT_US 0: it has none by phase, and there is nothing to keep. */
void kept_reading(const struct meter *m, struct tally_reading *r);

/* {"import", "export"}, kWh of a b c and in total, null: not read. Outcome read. */
void record_energy(struct record *r, const struct tally_reading *now);

/*
 * What M has counted up to NOW since the kept reading nearest to SINCE_US; SINCE_US 0: since the
 * newest that is a day old, else the oldest of an hour or more. Of the readings of another meter, and
 * of one whose counters went backwards since, none is taken; when there is no other, OUT says so.
 * JOURNAL as for journal_look().
 */
void kept_since(const char *journal, const struct meter *m, int64_t since_us, const struct tally_reading *now,
		struct tally *out);

#endif
