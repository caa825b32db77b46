/*
 * checklist.h - what of a meter's commissioning is done. Every line is computed: from
 * readings taken now, from the journal of writes, and from proofs (write/proof.h); nothing
 * is ticked by hand.
 *
 *	struct checklist_request r = { .journal = a->journal, .record = true };
 *	struct checklist c;
 *
 *	doctor_options_init(&r.doctor);
 *	if (checklist_run(&m, &r, &c, e))
 *		return -1;
 *	done = c.done == c.of;
 *
 * A struct checklist owns nothing.
 */
#ifndef METERCTL_CHECKLIST_CHECKLIST_H
#define METERCTL_CHECKLIST_CHECKLIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "doctor/doctor.h"
#include "doctor/step.h"
#include "list.h"
#include "meter/meter.h"
#include "mqtt/uplink.h"
#include "output/printer.h"
#include "write/settings.h"

#define CHECKLIST_SCHEMA "meterctl.checklist/1"
#define CHECKLIST_WHY 240

enum checklist_state {
	CHECKLIST_DONE,
	CHECKLIST_OPEN,			/* not done yet, or not any more */
	CHECKLIST_FAILED,		/* something speaks against it */
	CHECKLIST_NOT_APPLICABLE,	/* this meter has none of it */
	CHECKLIST_STATES
};
/* "done", "open", "failed", "not-applicable": as in JSON */
extern const char *const checklist_state_names[CHECKLIST_STATES];

struct checklist_item {
	enum checklist_id id;		/* checklist_kinds[id]: its name, title, where to go */
	enum checklist_state state;
	char why[CHECKLIST_WHY];	/* what was seen; of one that is not done, what to do */
};

struct checklist {
	struct checklist_item items[CHECKLIST_IDS];	/* in the order of the list */
	size_t n;
	size_t done, of;	/* of those that apply; complete when equal */
};

struct checklist_request {
	const char *journal;	/* file, as for journal_open(); one that is not there is not
				   made, unless something is recorded */
	const struct checklist_list *list;	/* NULL: the person's own, else the built-in one */
	const struct settings *settings;	/* of the site; NULL: the file that the list names */
	/* What a person says: as ratio_parse() takes them, NULL or "": not said now. What was said of
	 * this meter before is taken from its proofs; so are the options of its last wiring
	 * check when DOCTOR has none but those of doctor_options_init(). */
	const char *nameplate_ct, *nameplate_pt;
	struct doctor_options doctor;	/* with the clamp values */
	const struct uplink *uplink;	/* a proof of its uplink that has ended; NULL: none now */
	bool record;		/* keep what is said here as proofs of this meter */
	/* Told why that could not be done, and of a journal that cannot be read: no reason to
	 * fail. NULL: nobody is. */
	void (*remark)(void *arg, const char *text);
	void *remark_arg;
	/* Readings. SAMPLES, if there are any, are those of the verdict; AS_READ: nothing is
	 * read now, what M's readings are already is what counts. */
	const struct doctor_sample *samples;
	size_t nsamples;
	const struct step_watch *steps;	/* load steps that were seen, for it, too: kept with its verdict; NULL */
	const char *unread;	/* why samples are too few; NULL */
	bool as_read;
	int64_t now_us;		/* wall clock; 0: that of this machine */
	bool reporting;		/* the report is being made: it is done when the others are */
};

/*
 * Computes the list for M: reads what it needs (DOCTOR_SAMPLES times what the verdict
 * needs when the wiring is on the list, everything else once; of a meter that sends by
 * itself what its uploads hold), nothing is written to the meter. 0 also when nothing is
 * done. -1 and E: the line failed, interrupted, the list or the settings file is wrong
 * (ERR_USAGE), or a nameplate is no ratio; files and nameplates are looked at before
 * anything is sent.
 */
int checklist_run(struct meter *m, const struct checklist_request *r, struct checklist *out,
		  struct err *e);

/* Appends to SEL the points that the list for M is computed from, so that who reads the meter
 * himself (AS_READ) has them read. The caller releases SEL, also on -1 and E. */
int checklist_select(struct meter *m, const struct checklist_request *r, struct selection *sel, struct err *e);

/* What checklist_run() looks at before anything is sent, for who reads the meter himself. */
int checklist_validate(struct meter *m, const struct checklist_request *r, struct err *e);

/* {"items":[{"id","title","state","why","go"}],"done":6,"of":9}. The caller owns it; NULL
 * without memory. */
json_t *checklist_json(const struct checklist *c);

/* The same for a printer: the items as its rows, and what a document says behind them. */
extern const struct listing checklist_listing;
int checklist_rows(struct printer *out, const struct checklist *c, struct err *e);
json_t *checklist_tail_json(const struct checklist *c);

#endif
