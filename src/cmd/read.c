#include <stdio.h>

#include "cmd.h"
#include "points.h"

struct read_own {
	struct expect_given expect;
};

static const struct opt read_opts[] = {
	EXPECT_ROW("expect", struct read_own, expect, "exit status 1 unless the value is in this range; may be repeated"),
};

/* A value that did not come goes before one that is not as expected; each is said. */
static int read_verdict(const struct app *a, const struct meter *m, const struct points *p,
			const struct err *line, struct err *e)
{
	struct err unmet = { 0 };
	int rc = expects_complain(a, &p->expects, m, "", &unmet);

	if (points_verdict(a, m, p, e)) {
		app_complain(a, &unmet);
		if (line)
			*e = *line;
		return -1;
	}
	if (rc)
		*e = unmet;
	return rc;
}

/* What did arrive is printed even when the line fails half-way, for the reason LINE
 * (NULL: it did not). */
static int read_print_points(const struct app *a, const struct meter *m, const struct points *p,
			     const struct err *line, struct err *e)
{
	if (points_print(a, m, p, e))
		return -1;
	if (!line)
		points_say_missing(a, m, p->shown.idx, p->shown.n);
	points_say_side(a, m->profile, &p->shown);
	return read_verdict(a, m, p, line, e);
}

static int read_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct read_own *own = a->own;
	struct points points;
	struct meter m;
	struct err line = { 0 };
	int rc;

	if (points_open_expecting(a, argc, argv, &own->expect, &points, &m, e))
		return -1;
	points_patience(a, &m);
	rc = meter_read(&m, points.wire.idx, points.wire.n, NULL, NULL, &line);
	if (argc == 0 && own->expect.n == 0)
		points_keep_sent(&m, &points);
	if (rc && line.code == ERR_INTERRUPTED)
		*e = line;
	else
		rc = read_print_points(a, &m, &points, rc ? &line : NULL, e);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_read = {
	.name = "read",
	.args = "[KEY|GROUP|GLOB ...]",
	.complete = "@key",
	.help = "one reading of these points (none named: the live page; '*': the main map)",
	.opts = read_opts,
	.nopts = sizeof(read_opts) / sizeof(*read_opts),
	.own_size = sizeof(struct read_own),
	.readings = true,
	.run = read_run,
};
