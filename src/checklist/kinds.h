/*
 * kinds.h - the items there are: a row each. A new one is a row here, a name in list.h and
 * the function that computes it. Pure: from facts that are handed in.
 */
#ifndef METERCTL_CHECKLIST_KINDS_H
#define METERCTL_CHECKLIST_KINDS_H

#include "checklist.h"
#include "facts.h"

struct checklist_kind {
	const char *id;		/* "wiring": in JSON and in checklist.yaml */
	const char *title;	/* "wiring": for a person */
	const char *go;		/* the command that gets it done, with its words; NULL: none */
	unsigned params;	/* CHECKLIST_TOLERANCE ... */
	bool samples;		/* is computed from the doctor's samples */
	bool last;		/* is computed when all others are */
	/* Fills STATE and WHY of OUT. BEFORE: what is computed already. */
	void (*compute)(const struct checklist_facts *f, const struct checklist_entry *p,
			const struct checklist *before, struct checklist_item *out);
};
extern const struct checklist_kind checklist_kinds[CHECKLIST_IDS];

/* All of L from F. */
void checklist_compute(const struct checklist_facts *f, const struct checklist_list *l,
		       struct checklist *out);

#endif
