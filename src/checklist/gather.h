/*
 * gather.h - from the journal's file into the facts: the newest write of every setting and
 * the newest proof of every kind, of one meter.
 */
#ifndef METERCTL_CHECKLIST_GATHER_H
#define METERCTL_CHECKLIST_GATHER_H

#include "facts.h"

/* F has target, pushes, identity and now_us; its writes and proofs are added. 0, also when
 * there is no journal at PATH; -1 and E when it cannot be read: F is then as it was, or has
 * a part. */
int gather_journal(struct checklist_facts *f, const char *path, struct err *e);

#endif
