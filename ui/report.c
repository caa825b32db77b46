#include "report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phasor.h"
#include "stage.h"

int report_begin(struct ui *u, const char *site, struct err *e)
{
	struct work w = { .kind = WORK_REPORT, .busy = true };
	const struct phasor *s;

	if (!u->profile || u->line == LINE_NONE || ui_is_fleet(u))
		return err_set(e, ERR_USAGE, "a report is of one meter: choose it first (c)");
	s = stage_state(u, &screen_phasor);
	snprintf(w.report.site, sizeof(w.report.site), "%s", site);
	doctor_options_init(&w.report.doctor);
	if (s)
		w.report.doctor = s->options;
	/* one that sends by itself cannot be asked: what it has sent is what there is */
	w.report.as_read = ui_pushes(u);
	if (s && w.report.as_read) {
		memcpy(w.report.samples, s->samples, sizeof(w.report.samples));
		w.report.nsamples = s->nsamples;
	}
	if (u->loop->hooks.work(u, &w, e))
		return -1;
	ui_say(u, "reading everything for the report ...");
	return 0;
}

void report_done(struct ui *u, const struct work *w)
{
	char folder[160];

	if (w->rc)
		ui_say(u, "no report: %s", w->err.text);
	else
		ui_say(u, "the report is in '%s', in %s", w->report.file,
		       getcwd(folder, sizeof(folder)) ? folder : "the current folder");
	u->dirty = true;
}
