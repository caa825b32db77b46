/*
 * history.c - `meterctl history`: what the meter itself remembers of the months
 * behind it.
 */
#include <stdio.h>

#include "output/printer.h"
#include "meter/missing.h"
#include "auto.h"
#include "cmd.h"
#include "history_print.h"
#include "points.h"

#define MONTHS_MAX 12	/* records an ADW300 keeps (manual 6.4) */

struct history_own {
	int months;
};

static const struct opt options[] = {
	OPT_NUMBER(0, "months", "N", struct history_own, months, 1, MONTHS_MAX, "number of months",
		   "the last so many months (1 to 12, default 12)"),
};

static void history_defaults(void *own)
{
	((struct history_own *)own)->months = MONTHS_MAX;
}

static unsigned history_months(const struct app *a)
{
	return (unsigned)((const struct history_own *)a->own)->months;
}

/* Does the answer lack something that the meter should have told? That 0 or FFFFH
 * is no date is said as what it is: an unused record. */
static int history_verdict(const struct app *a, const struct meter *m, const struct history *h,
			   const struct selection *sel, struct err *e)
{
	const struct profile *p = h->profile;
	double factor;

	if (missing_complain(m, sel->idx, sel->n, "points", e))
		return -1;
	for (size_t i = 0; i < sel->n; i++) {
		const struct reading *r = &h->readings[sel->idx[i]];

		if (r->quality == QUALITY_OK
		    || (r->quality == QUALITY_FAILED && history_blank(r)))
			continue;
		*e = r->err;
		return -1;
	}
	for (size_t i = 0; a->primary && i < sel->n; i++)
		if (p->points[sel->idx[i]].ratio != RATIO_NONE
		    && !meter_factor(p, h->readings, sel->idx[i], &factor))
			return err_set(e, ERR_NO, "no primary values: PT and CT have not been read");
	return 0;
}

static int history_show(const struct app *a, struct meter *m, const struct selection *sel, struct err *e)
{
	struct printer out = app_printer(a);
	struct err line = { 0 };
	struct history h;
	bool down;
	int rc;

	if (link_pushes(m->link))
		return err_set(e, ERR_NO, "no history: a meter behind a broker sends no records of "
			       "past months (read it over its Modbus line)");
	/* what did arrive is printed even when the line fails half-way */
	down = meter_read(m, sel->idx, sel->n, NULL, NULL, &line) != 0;
	if (down && line.code == ERR_INTERRUPTED) {
		*e = line;
		return -1;
	}
	if (history_init(&h, m->profile, m->readings, history_months(a), e))
		return -1;
	rc = history_print(&out, a, m, &h, e);
	if (rc == 0)
		rc = history_verdict(a, m, &h, sel, e);
	if (rc && down)
		*e = line;
	history_release(&h);
	return rc;
}

static int history_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct profile *p;
	struct points points = { .shown = { 0 } };
	struct meter m;
	int rc;

	(void)argv;
	if (cmd_words(&cmd_history, argc, 0, 0, e))
		return -1;
	p = app_profile(a, e);
	if (!p)
		return -1;
	if (history_select(p, history_months(a), &points.wire, e) || app_open_meter(a, p, &m, e)) {
		selection_release(&points.wire);
		profile_free(p);
		return -1;
	}
	rc = history_show(a, &m, &points.wire, e);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_history = {
	.name = "history",
	.args = "",
	.help = "monthly energies and extremes kept by the meter",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct history_own),
	.defaults = history_defaults,
	.run = history_run,
};
