#include <stdio.h>

#include "output/printer.h"
#include "cmd.h"
#include "points.h"

static int get_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct printer out = app_printer(a);
	struct points points;
	struct meter m;
	int rc = -1;

	if (cmd_words(&cmd_get, argc, 1, 1, e)
	    || points_open_one(a, argv[0], &points, &m, e))
		return -1;
	points_patience(a, &m);
	if (meter_read(&m, points.wire.idx, points.wire.n, NULL, NULL, e) == 0)
		rc = printer_bare(&out, &(struct readings){ .meter = &m, .idx = points.shown.idx, .n = 1 }, e);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_get = {
	.name = "get",
	.args = "KEY",
	.complete = "@key",
	.help = "one bare value on stdout, for $(...)",
	.readings = true,
	.run = get_run,
};
