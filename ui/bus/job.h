/*
 * job.h - what the screens ask of the thread that owns the meter and the
 * journal: look at what stands there, write a plan, list the journal, compute the
 * checklist. Each thread works on a copy of its own.
 */
#ifndef METERCTL_UI_BUS_JOB_H
#define METERCTL_UI_BUS_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/step.h"
#include "checklist/checklist.h"
#include "doctor/doctor.h"
#include "write/journal.h"
#include "meter/meter.h"
#include "write/plan.h"
#include "mqtt/uplink.h"

#define JOB_ROWS 500	/* of the journal, the newest */

enum job_kind {
	JOB_NONE,
	JOB_LOOK,	/* settles what earlier runs left open, then plan_look() */
	JOB_UNDO,	/* the plan becomes what puts row ID back; then JOB_LOOK */
	JOB_APPLY,	/* plan_apply() */
	JOB_JOURNAL,	/* the rows */
	JOB_REPORT,	/* read everything, write a report */
	JOB_CHECKLIST	/* what is done, from what has been read; nothing is sent */
};

/* What a person says of it; "" for nothing. */
struct job_head {
	char site[128], technician[128], note[256];
};

/* What a report, and the checklist, are made of beside the meter. */
struct job_report {
	struct job_head head;
	bool as_read;			/* of a meter that cannot be asked */
	struct doctor_options doctor;
	struct doctor_sample samples[DOCTOR_SAMPLES];	/* as in struct report_request */
	size_t nsamples;
	struct step_watch steps;	/* load steps that were seen; zeros: none */
	char nameplate_ct[128], nameplate_pt[128];	/* "" for none */
	bool proven;			/* there is a proof of the uplink that has ended: */
	struct uplink proof;
	char with[TARGET_TEXT];		/* ... and with what it compared, if it did */
	char file[256];			/* where it is, in the current folder */
};

struct job {
	enum job_kind kind;
	unsigned serial;	/* of the asker: what comes back bears it, too */
	bool busy;		/* asked for and not done */
	int64_t since_us;	/* monotonic: asked for, then done */
	int rc;			/* of what was done; err says why, or what a report lacks */
	struct err err;
	struct plan plan;	/* JOB_LOOK, JOB_APPLY: its steps as far as they are */
	long id;		/* JOB_UNDO */
	struct plan_settled settled;	/* JOB_LOOK */
	struct target target;	/* JOB_APPLY: where the meter answers now */
	bool moved;		/* ... and that is another place */
	struct journal_row *rows;	/* JOB_JOURNAL, in order of id */
	size_t nrows;
	struct job_report report;	/* JOB_REPORT; of JOB_CHECKLIST what is said there */
	bool record;		/* JOB_CHECKLIST: keep what is said as proofs */
	int64_t wall_us;	/* ... at this time */
	struct checklist checklist;	/* ... and what it has come to */
	uint16_t *want;		/* ... from readings of these points, NWANT */
	size_t nwant;
};

/* TO becomes what FROM is, with its own steps and rows. -1 without memory: TO is
 * as it was. */
int job_copy(struct job *to, const struct job *from);
void job_release(struct job *w);

/* Does W on the thread that owns M (NULL: there is no meter; WHY says why).
 * TOLD is called when a step has changed. Afterwards W is not busy. */
void job_run(struct job *w, struct meter *m, const char *why, const char *journal,
	     void (*told)(void *arg, const struct job *w), void *arg);

/* A write is under way. */
bool job_writing(const struct job *w);

#endif
