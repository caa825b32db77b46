/*
 * items.h - how each item is computed: the functions of kinds.c, of kinds.h's shape.
 */
#ifndef METERCTL_CHECKLIST_ITEMS_H
#define METERCTL_CHECKLIST_ITEMS_H

#include "kinds.h"

#define CHECKLIST_COMPUTES(NAME) \
	void NAME(const struct checklist_facts *f, const struct checklist_entry *p, \
		  const struct checklist *before, struct checklist_item *out)

/* from readings and the journal (item_meter.c, item_settings.c) */
CHECKLIST_COMPUTES(item_found);
CHECKLIST_COMPUTES(item_clock);
CHECKLIST_COMPUTES(item_ratios);
CHECKLIST_COMPUTES(item_settings);
CHECKLIST_COMPUTES(item_network);
/* from proofs, too (item_proof.c) */
CHECKLIST_COMPUTES(item_wiring);
CHECKLIST_COMPUTES(item_clamp);
CHECKLIST_COMPUTES(item_uplink);
CHECKLIST_COMPUTES(item_report);

/* The network settings that P asks for, or (NULL behind the last) those of every list. */
const char *item_network_key(const struct checklist_entry *p, size_t i);

/* What they share (kinds.c). */
void item_say(struct checklist_item *out, enum checklist_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds to WHY. */
void item_add(struct checklist_item *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The reading of KEY when it is ok, else NULL. */
const struct reading *item_reading(const struct checklist_facts *f, const char *key);
/* "2026-01-31 14:03". Returns BUF. */
const char *item_time(int64_t us, char buf[24]);

#endif
