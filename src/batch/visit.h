/*
 * visit.h - what is done at one meter of a batch: its settings are read, written and read
 * back, its readings compared with what is expected of them, its wiring checked, its report
 * made. Each part is told as it ends.
 */
#ifndef METERCTL_BATCH_VISIT_H
#define METERCTL_BATCH_VISIT_H

#include <jansson.h>
#include <stdint.h>

#include "checklist/checklist.h"
#include "doctor/doctor.h"
#include "profile/range.h"
#include "sites.h"
#include "write/journal.h"

enum visit_kind {
	VISIT_START,
	VISIT_STEP,		/* a setting: what stood there, what became of it */
	VISIT_EXPECT,		/* a reading and its range */
	VISIT_CHECK,		/* the verdict on the wiring */
	VISIT_CHECKLIST,	/* what of its commissioning is done */
	VISIT_REPORT,		/* a file has been written */
	VISIT_DONE,
	VISIT_FAILED,		/* and why */
	VISIT_INTERRUPTED,	/* what was under way has ended well; the row is not done */
	VISIT_KINDS
};
extern const char *const visit_kind_names[VISIT_KINDS];	/* as in JSON */

/* What became of it, so far. */
struct visit_result {
	int written;		/* settings written and verified */
	int planned;		/* that would be written, in a dry run */
	int unchanged;		/* settings that the meter had already */
	char verdict[16];	/* of the wiring check; "" */
	int list_done, list_of;	/* items of the checklist that are done, of those that apply; 0: not computed */
	char report[SITE_REPORT + 8];	/* file; "" */
	struct err err;		/* code 0: all is done */
};

/* One thing that has happened. Those parts that KIND does not have are NULL. */
struct visit_event {
	enum visit_kind kind;
	const struct site *site;
	const struct plan *plan;	/* of STEP */
	const struct step *step;
	const struct range *range;	/* of EXPECT */
	const struct reading *reading;
	bool met;
	const struct doctor_verdict *verdict;
	const json_t *checklist;	/* checklist_json() */
	const struct visit_result *result;
};
/* False: nobody hears it any more; no further row need be begun. */
typedef bool visit_told(void *arg, const struct visit_event *ev);

/* What holds for every row. */
struct visit_opts {
	struct plan_policy policy;	/* what depends on the target is found out */
	bool dry_run;
	const char *unlock;	/* password of meters that ask for one; NULL: none is given */
	const char *journal_path;	/* for reports and proofs; NULL: the usual */
	const struct checklist_list *list;	/* of every meter */
	int64_t resumed_us;		/* when the run began that goes on now; 0: it is a new one */
	visit_told *told;
	/* Told, on any thread, what harms nothing: a proof that could not be recorded. */
	void (*remark)(void *arg, const char *text);
	void *arg;		/* of both */
};

/* Does it at M, which is open, and fills R, but for what it fails before that. J is NULL in
 * a dry run. Tells everything but VISIT_START and how it ended. */
void visit(const struct site *s, struct meter *m, struct journal *j, const struct visit_opts *o,
	   struct visit_result *r);

#endif
