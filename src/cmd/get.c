#include <stdio.h>

#include "output/output.h"
#include "cmd.h"
#include "points.h"

static int get_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct points points;
	char value[VALUE_TEXT];
	struct meter m;
	int rc = -1;

	if (cmd_words(&cmd_get, argc, 1, 1, e)
	    || points_open_one(a, argv[0], &points, &m, e))
		return -1;
	points_patience(a, &m);
	if (meter_read(&m, points.wire.idx, points.wire.n, NULL, NULL, e) == 0
	    && output_value(a, &m, points.shown.idx[0], value, sizeof(value), e)) {
		fprintf(a->out, "%s\n", value);
		rc = 0;
	}
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_get = {
	.name = "get",
	.args = "KEY",
	.complete = "@key",
	.help = "one bare value on stdout, for $(...)",
	.run = get_run,
};
