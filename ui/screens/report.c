#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "checklist.h"
#include "coach.h"
#include "phasor.h"
#include "ui/stage.h"

void report_phasor(struct ui *u, struct job_report *r)
{
	const struct phasor *s = stage_state(u, &screen_phasor);

	doctor_options_init(&r->doctor);
	if (!s)
		return;
	r->doctor = s->options;
	r->steps = s->steps;
	memcpy(r->samples, s->samples, sizeof(r->samples));
	r->nsamples = s->nsamples;
}

int report_begin(struct ui *u, const struct job_head *head, struct err *e)
{
	struct job w = { .kind = JOB_REPORT, .busy = true };
	struct job_report *r = &w.report;
	struct coach_entries typed;

	if (!u->profile || u->line == LINE_NONE || ui_is_fleet(u))
		return err_set(e, ERR_USAGE, "a report is of one meter: choose it first (c)");
	r->head = *head;
	checklist_head(u, &r->head);
	report_phasor(u, r);
	coach_entries(u, &typed);
	snprintf(r->nameplate_ct, sizeof(r->nameplate_ct), "%s", typed.ct);
	snprintf(r->nameplate_pt, sizeof(r->nameplate_pt), "%s", typed.pt);
	for (int k = 0; k < 3; k++)
		if (!isnan(typed.clamp[k]))
			r->doctor.clamp[k] = typed.clamp[k];
	/* one that sends by itself cannot be asked: what it has sent is what there is */
	r->as_read = ui_pushes(u);
	if (r->as_read) {
		r->proof = u->proof;
		snprintf(r->with, sizeof(r->with), "%s", u->with.text);
		r->proven = uplink_verdict(&u->proof, NULL) != UPLINK_WAITING;
	}
	if (!r->as_read)
		r->nsamples = 0;
	if (u->loop->hooks.job(u, &w, e))
		return -1;
	ui_say(u, "reading everything for the report ...");
	return 0;
}

void report_done(struct ui *u, const struct job *w)
{
	char folder[160];

	if (w->rc)
		ui_say(u, "no report: %s", w->err.text);
	else if (*w->err.text)
		ui_say(u, "the report is in '%s' and incomplete: %s", w->report.file, w->err.text);
	else
		ui_say(u, "the report is in '%s', in %s", w->report.file,
		       getcwd(folder, sizeof(folder)) ? folder : "the current folder");
	u->dirty = true;
}
