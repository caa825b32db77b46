#include "job.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/paths.h"
#include "checklist/record.h"
#include "report/report.h"
#include "write/undo.h"
#include "report/uplink_doc.h"

int job_copy(struct job *to, const struct job *from)
{
	struct step *steps = NULL;
	struct journal_row *rows = NULL;
	uint16_t *want = NULL;

	if (from->plan.n && !(steps = calloc(from->plan.n, sizeof(*steps))))
		return -1;
	if ((from->nrows && !(rows = calloc(from->nrows, sizeof(*rows))))
	    || (from->nwant && !(want = calloc(from->nwant, sizeof(*want))))) {
		free(rows);
		free(steps);
		return -1;
	}
	if (steps)
		memcpy(steps, from->plan.steps, from->plan.n * sizeof(*steps));
	if (rows)
		memcpy(rows, from->rows, from->nrows * sizeof(*rows));
	if (want)
		memcpy(want, from->want, from->nwant * sizeof(*want));
	job_release(to);
	*to = *from;
	to->want = want;
	to->plan.steps = steps;
	to->rows = rows;
	return 0;
}

void job_release(struct job *w)
{
	plan_release(&w->plan);
	free(w->rows);
	free(w->want);
	*w = (struct job){ .kind = JOB_NONE };
}

bool job_writing(const struct job *w)
{
	return w->kind == JOB_APPLY && w->busy;
}

struct told {
	struct job *w;
	void (*told)(void *arg, const struct job *w);
	void *arg;
};

static void job_on_step(void *arg, const struct plan *p, size_t step)
{
	struct told *t = arg;

	(void)p;
	(void)step;
	t->told(t->arg, t->w);
}

static int keep_row(void *arg, const struct journal_row *r)
{
	struct job *w = arg;
	struct journal_row *more = realloc(w->rows, (w->nrows + 1) * sizeof(*more));

	if (!more)
		return -1;
	more[w->nrows++] = *r;
	w->rows = more;
	return 0;
}

static int job_list_rows(struct job *w, struct journal *j, struct err *e)
{
	const struct journal_filter newest = { .most = JOB_ROWS };

	return journal_each(j, &newest, keep_row, w, e);
}

static int job_look(struct job *w, struct meter *m, struct journal *j, struct err *e)
{
	if (plan_settle(m->profile, m, j, &w->settled, e))
		return -1;
	return plan_look(&w->plan, m, e);
}

/* Afterwards it is a plan that has been looked at, as any other. */
static int job_undo(struct job *w, struct meter *m, struct journal *j, struct err *e)
{
	struct undo back = { 0 };
	int rc = -1;

	w->kind = JOB_LOOK;
	if (plan_settle(m->profile, m, j, &w->settled, e) == 0
	    && undo_find(j, &m->link->target, w->id, &back, e) == 0
	    && undo_add(&back, &w->plan, e) == 0 && undo_check(&back, m, e) == 0)
		rc = plan_look(&w->plan, m, e);
	undo_release(&back);
	return rc;
}

static int job_apply(struct job *w, struct meter *m, struct journal *j, struct told *t,
		     struct err *e)
{
	char before[sizeof(w->target.text)], now[sizeof(w->target.text)];
	int rc;

	target_format(&m->link->target, 1, before, sizeof(before));
	rc = plan_apply(&w->plan, m, j, job_on_step, t, e);
	w->target = m->link->target;
	w->moved = strcmp(before, target_format(&w->target, 1, now, sizeof(now))) != 0;
	if (w->moved)
		target_format(&w->target, 0, w->target.text, sizeof(w->target.text));
	return rc;
}

/* The proof of the uplink as `uplink -f json` prints it; NULL when there is none. */
static json_t *proof_json(const struct job_report *r, const struct meter *m)
{
	struct link_uplink known = { 0 };
	const struct uplink_about about = {
		.profile = m->profile->name, .target = &m->link->target, .dialect = known.dialect,
		.with = r->with, .points = m->profile,
	};
	enum uplink_step step;
	bool pass;

	if (!r->proven)
		return NULL;
	link_uplink(m->link, &known);
	pass = uplink_verdict(&r->proof, &step) == UPLINK_PASSED;
	return uplink_document(&r->proof, &about, pass ? "pass" : "fail", pass ? NULL : uplink_step_names[step]);
}

/* Written by this thread, too: a slow stick does not hold up a key. */
static int report(struct job *w, struct meter *m, const char *journal, struct err *e)
{
	struct job_report *r = &w->report;
	struct report_request request = {
		.site_name = r->head.site, .technician = r->head.technician,
		.note = r->head.note, .journal = journal, .doctor = r->doctor,
		.nsamples = r->nsamples, .as_read = r->as_read,
		.nameplate_ct = r->nameplate_ct, .nameplate_pt = r->nameplate_pt,
		.proof = proof_json(r, m), .record = true, .steps = step_shown(&r->steps) ? &r->steps : NULL,
	};
	struct record_whose whose;
	struct err lacks, none;
	json_t *data;
	char *text;
	int rc;

	memcpy(request.samples, r->samples, sizeof(request.samples));
	data = report_collect(m, &request, &lacks, e);
	text = data ? report_make(data, true, e) : NULL;
	json_decref(request.proof);
	report_file_name(&m->link->target, time_wall_us(), true, r->file, sizeof(r->file));
	rc = text ? paths_create(r->file, text, false, e) : -1;
	record_whose(&whose, m);
	/* there is no place to say that it was not */
	if (rc == 0 && !lacks.code)
		report_record(journal, &whose, r->file, text, data, &none);
	json_decref(data);
	free(text);
	if (rc == 0)
		*e = lacks;
	return rc;
}

/* What the readings of the screens, the journal and what was said come to. */
static int job_checklist(struct job *w, struct meter *m, const char *journal, struct err *e)
{
	const struct job_report *r = &w->report;
	const struct checklist_request request = {
		.journal = journal, .nameplate_ct = r->nameplate_ct, .nameplate_pt = r->nameplate_pt,
		.doctor = r->doctor, .record = w->record, .samples = r->nsamples ? r->samples : NULL,
		.nsamples = r->nsamples, .as_read = true,
		.now_us = w->wall_us, .uplink = r->proven ? &r->proof : NULL,
	};
	struct selection sel = { 0 };
	int rc = checklist_select(m, &request, &sel, e);

	w->want = sel.idx;
	w->nwant = sel.n;
	return rc ? -1 : checklist_run(m, &request, &w->checklist, e);
}

void job_run(struct job *w, struct meter *m, const char *why, const char *journal,
	     void (*told)(void *arg, const struct job *w), void *arg)
{
	struct told t = { w, told, arg };
	struct journal *j = NULL;

	err_clear(&w->err);
	w->rc = -1;
	if (!m && w->kind != JOB_JOURNAL) {
		err_set(&w->err, ERR_SILENT, "there is no meter to %s%s%s",
			w->kind == JOB_REPORT || w->kind == JOB_CHECKLIST ? "read" : "write to", *why ? ": " : "", why);
		goto out;
	}
	if (w->kind == JOB_REPORT) {
		w->rc = report(w, m, journal, &w->err);
		goto out;
	}
	if (w->kind == JOB_CHECKLIST) {
		w->rc = job_checklist(w, m, journal, &w->err);
		goto out;
	}
	j = journal_open(journal, &w->err);
	if (!j)
		goto out;
	/* the points are numbered alike in every copy of a profile */
	if (m)
		w->plan.profile = m->profile;
	if (w->kind == JOB_LOOK)
		w->rc = job_look(w, m, j, &w->err);
	else if (w->kind == JOB_UNDO)
		w->rc = job_undo(w, m, j, &w->err);
	else if (w->kind == JOB_APPLY)
		w->rc = job_apply(w, m, j, &t, &w->err);
	else
		w->rc = job_list_rows(w, j, &w->err);
	journal_close(j);
out:
	w->busy = false;
	w->since_us = time_mono_us();
}
