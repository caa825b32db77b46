/*
 * proof.h - what was shown to hold of a meter, or was said of it, and when: a wiring
 * check, a comparison with a clamp meter, an uplink, the nameplates, a report. They are
 * kept in the journal's file beside the writes, so that a later run need not ask again
 * (src/checklist/).
 *
 * A proof is no write to a meter: it is recorded with --read-only, too. It is never a
 * condition of anything: who records one says on stderr that it could not be done, and
 * goes on.
 */
#ifndef METERCTL_WRITE_PROOF_H
#define METERCTL_WRITE_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "journal.h"

enum proof_kind {
	PROOF_WIRING,		/* the verdict of a wiring check */
	PROOF_CLAMP,		/* readings against a clamp meter */
	PROOF_NAMEPLATE,	/* what stands on the transformers */
	PROOF_UPLINK,		/* two uploads through the broker, on the beat */
	PROOF_REPORT,		/* a report was made */
	PROOF_ENERGY,		/* the energy registers stood so */
	PROOF_KINDS
};
/* "wiring", "clamp", "nameplate", "uplink", "report", "energy": as in the file */
extern const char *const proof_kind_names[PROOF_KINDS];

struct proof {
	long id;			/* by proof_add() */
	int64_t at_us;			/* wall clock; 0 given to proof_add(): now */
	char target[TARGET_TEXT];	/* canonical: target_format() */
	char identity[JOURNAL_TEXT];	/* of the meter (identity.h); "": none was to be had */
	enum proof_kind kind;
	char outcome[16];		/* "pass", "fail" ...: a word of its kind */
	const char *what;		/* JSON, an object; NULL: "{}" */
};

/* Records P; ID and AT_US are filled in. On disk when it returns 0. ERR_DENIED when the
 * journal cannot be written (says why). */
int proof_add(struct journal *j, struct proof *p, struct err *e);

/* Of the proofs of P's kind and target, leaves MOST or so: the oldest and the newest, and in between
 * the less the longer ago. ERR_DENIED as above. */
int proof_thin(struct journal *j, const struct proof *p, int most, struct err *e);

/* Proofs, the newest first: those with PART in their target or identity, of all meters
 * when PART is NULL. Those of a kind that this program does not know are left out. WHAT of
 * P lives for the call. EACH returns 0 to go on; it may not write to J. */
int proof_each(struct journal *j, const char *part, int (*each)(void *arg, const struct proof *p),
	       void *arg, struct err *e);

#endif
