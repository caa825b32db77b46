#include <stdio.h>

#include "../output.h"
#include "cmd.h"
#include "points.h"

static int run(struct app *a, int argc, char **argv, struct err *e)
{
	struct points points;
	struct meter m;
	struct err line = { 0 };
	int rc;

	if (points_open(a, argc, argv, &points, &m, e))
		return -1;
	points_patience(a, &m);
	/* what did arrive is printed even when the line fails half-way */
	rc = meter_read(&m, points.wire.idx, points.wire.n, NULL, NULL, &line);
	if (argc == 0)
		points_keep_sent(&m, &points);
	if (rc && line.code == ERR_INTERRUPTED)
		*e = line;
	else if (output_read(stdout, a, &m, points.shown.idx, points.shown.n, e))
		rc = -1;
	else
		rc = points_verdict(a, &m, &points, e);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_read = {
	.name = "read",
	.args = "[KEY|GROUP|GLOB ...]",
	.complete = "@key",
	.help = "one reading of these points (none named: the live page; '*': the main map)",
	.run = run,
};
