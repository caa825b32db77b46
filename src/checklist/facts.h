/*
 * facts.h - what a checklist is computed from. Facts made by hand make a test of an item.
 */
#ifndef METERCTL_CHECKLIST_FACTS_H
#define METERCTL_CHECKLIST_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/doctor.h"
#include "link/link.h"
#include "meter/identity.h"
#include "profile/profile.h"
#include "profile/value.h"
#include "write/proof.h"
#include "write/settings.h"

/* The newest write of a setting that the meter did not refuse. */
struct checklist_write {
	long id;		/* of the journal's row */
	char key[64];
	char state[16];			/* as in struct journal_row */
	char after[JOURNAL_TEXT];	/* likewise */
	int64_t at_us;		/* of its result; of the intent when there is none yet */
};

/* The newest proof of a kind that is of this meter. */
struct checklist_proof {
	bool there;
	bool by_target;		/* nothing but the target tells that it is this meter's */
	int64_t at_us;
	char outcome[16];
	json_t *what;		/* an object; NULL: none */
};

struct checklist_facts {
	const struct profile *profile;
	const struct reading *readings;		/* profile->npoints of them */
	const struct target *target;
	bool pushes;				/* it sends by itself; then */
	struct link_uplink uplink;		/* what is known of that */
	double latency_ms;			/* else; 0: not known */
	int64_t now_us;
	char identity[IDENTITY_TEXT];		/* "": none */
	const struct doctor_verdict *verdict;	/* NULL: the wiring was not looked at */
	const char *unread;			/* why there were too few readings for it; NULL */
	char nameplate_ct[64], nameplate_pt[64];	/* "": never said */
	struct checklist_proof proofs[PROOF_KINDS];
	struct checklist_write *writes;		/* one a key */
	size_t nwrites;
	const struct settings *settings;	/* NULL: none */
	bool reporting;				/* the report is being made */
};

/* The newest write of KEY, or NULL. */
const struct checklist_write *checklist_written(const struct checklist_facts *f, const char *key);
/* Gives back WRITES and what the proofs hold. */
void checklist_facts_release(struct checklist_facts *f);

#endif
