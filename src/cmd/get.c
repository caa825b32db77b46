#include <stdio.h>

#include "output/printer.h"
#include "output/reading.h"
#include "cmd.h"
#include "points.h"

/* A value a line. Where there is none the line is empty, so that each stands where it was named. */
static int get_print_bare(const struct app *a, const struct meter *m, const struct points *p, struct err *e)
{
	struct err first = { 0 };

	for (size_t i = 0; i < p->shown.n; i++) {
		char value[VALUE_TEXT];
		struct err why = { 0 };
		bool got = reading_value(m, p->shown.idx[i], a->primary, value, sizeof(value), &why);

		if (got || p->shown.n > 1)
			fprintf(a->out, "%s\n", value);
		if (!got && !first.code)
			first = why;
	}
	*e = first;
	return first.code ? -1 : 0;
}

static int get_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct printer out = app_printer(a);
	struct points points;
	struct meter m;
	int rc = -1;

	if (cmd_words(&cmd_get, argc, 1, -1, e)
	    || points_open_each(a, argc, argv, &points, &m, e))
		return -1;
	points_patience(a, &m);
	if (meter_read(&m, points.wire.idx, points.wire.n, NULL, NULL, e) == 0) {
		if (printer_prose(&out))
			rc = get_print_bare(a, &m, &points, e);
		else if (points_print(a, &m, &points, e) == 0)
			rc = points_verdict(a, &m, &points, e);
	}
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_get = {
	.name = "get",
	.args = "KEY ...",
	.complete = "@key",
	.help = "bare values on stdout, one a line, for $(...)",
	.readings = true,
	.run = get_run,
};
