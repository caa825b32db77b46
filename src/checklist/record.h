/*
 * record.h - what commands have shown or were told of a meter, as proofs (write/proof.h):
 * the word of its outcome, and as JSON what it was.
 *
 *	record_wiring(&r, &options, &verdict);
 *	if (record_keep(a->journal, &whose, &r, &why))
 *		app_complain(a, &why);		... and the command goes on
 */
#ifndef METERCTL_CHECKLIST_RECORD_H
#define METERCTL_CHECKLIST_RECORD_H

#include <jansson.h>

#include "doctor/coach.h"
#include "doctor/doctor.h"
#include "meter/identity.h"
#include "meter/meter.h"
#include "mqtt/uplink.h"
#include "write/proof.h"

/* Of which meter. */
struct record_whose {
	char target[TARGET_TEXT];
	char identity[IDENTITY_TEXT];
};
/* M, and what its readings say of its identity; nothing on the wire. */
void record_whose(struct record_whose *w, const struct meter *m);
/* The same, after reading what tells its identity where it has registers. A line that
 * fails leaves the identity empty. */
void record_ask_whose(struct record_whose *w, struct meter *m);

struct record {
	enum proof_kind kind;
	char outcome[16];
	int most;		/* of its kind and meter are kept; 0: all */
	json_t *what;		/* owned; record_keep() and record_drop() give it back */
};

/* {"said", "options"}; outcome pass, fail or insufficient. */
void record_wiring(struct record *r, const struct doctor_options *o, const struct doctor_verdict *v);
/* The options of that check, into O; the clamp values of O stay. */
void record_wiring_options(const json_t *what, struct doctor_options *o);
/* {"says", "ct", "clamp", "reading"}; outcome fits, mismatch, too-little or nothing. */
void record_clamp(struct record *r, const struct coach_question *q);
/* {"ct", "pt"}, null: not said; outcome entered. */
void record_nameplate(struct record *r, const char *ct, const char *pt);
/* {"said", "step", "uploads", "interval_seen"}; VERDICT is the outcome: pass, fail or timeout;
 * STEP, where it ended, NULL for a pass. */
void record_uplink(struct record *r, const struct uplink *u, const char *verdict, const char *step);
/* {"file", "seal", "done", "of"}: the items that were done of those that applied, but for the
 * report itself, from CHECKLIST (checklist_json(); NULL: not known). Outcome made. */
void record_report(struct record *r, const char *file, const char *seal, const json_t *checklist);

/* Into the journal of PATH, as for journal_open(). What proves nothing is not kept: a check
 * or a comparison that was inconclusive does not take the place of one that was not. R is
 * given back in any case. -1 and E. */
int record_keep(const char *path, const struct record_whose *w, struct record *r, struct err *e);
void record_drop(struct record *r);

#endif
