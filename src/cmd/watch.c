#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../output.h"
#include "../text.h"
#include "cmd.h"
#include "points.h"

static double interval = 1;	/* -i, seconds */
static long rounds = -1;	/* -n, -1: for ever */

static const struct opt options[] = {
	{ 'i', "interval", "SECONDS", NULL, "from one round to the next (default 1; 0: back to back)" },
	{ 'n', "count", "COUNT", NULL, "stop after this many rounds" },
};

static int set(int id, const char *arg, struct err *e)
{
	if (id == 'i' && (!text_double(arg, &interval) || interval < 0 || interval > 86400))
		return err_set(e, ERR_USAGE, "'%s' is no interval in seconds (0 to 86400)", arg);
	if (id == 'n' && !text_long(arg, 1, 1000000000, &rounds))
		return err_set(e, ERR_USAGE, "'%s' is no number of rounds (1 or more)", arg);
	return 0;
}

/* False when a signal has cancelled the link while we waited. */
static bool wait_until(const struct link *l, int64_t mono_us)
{
	struct pollfd p = { .fd = l->cancel_fd, .events = POLLIN };
	int64_t left;

	while ((left = mono_us - time_mono_us()) > 0) {
		struct timespec ts = { left / 1000000, left % 1000000 * 1000 };

		if (ppoll(&p, 1, &ts, NULL) > 0)
			return false;
	}
	return true;
}

/* Says a failure once, also with -q, and when it is over. */
static void tell(const struct app *a, const struct err *now, struct err *told)
{
	/* a dead meter is tried less and less often: the count of tries at the
	 * end of the text changes, what has failed stands at its beginning */
	if (now->code == told->code && strncmp(now->text, told->text, 20) == 0)
		return;
	app_complain(now);
	if (!*now->text)
		app_say(a, "the meter answers again");
	*told = *now;
}

static int print_round(const struct app *a, const struct meter *m,
		       const struct points *p, struct err *e)
{
	if (output_round(stdout, a, m, p->shown.idx, p->shown.n, e))
		return -1;
	if (fflush(stdout))
		return err_set(e, ERR_NO, "cannot write output: %m");
	return 0;
}

static int loop(const struct app *a, struct meter *m, const struct points *p,
		struct err *e)
{
	int64_t next = time_mono_us(), step = (int64_t)(interval * 1e6);
	struct err told = { 0 };

	for (long done = 0; rounds < 0 || done < rounds; done++) {
		struct err line = { 0 };

		/* a round that took too long shifts those after it */
		if (!wait_until(m->link, next))
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		next = time_mono_us() > next + step ? time_mono_us() : next + step;
		if (meter_read(m, p->wire.idx, p->wire.n, NULL, NULL, &line)
		    && line.code == ERR_INTERRUPTED)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		if (print_round(a, m, p, e))
			return -1;
		tell(a, &line, &told);
	}
	if (points_verdict(a, m, p, e)) {
		if (strcmp(e->text, told.text) == 0)
			e->text[0] = '\0';	/* said already */
		return -1;
	}
	return 0;
}

static int run(struct app *a, int argc, char **argv, struct err *e)
{
	struct points points;
	struct meter m;
	int rc;

	/* one document cannot go on for ever: json is jsonl here */
	if (points_open(a, argc, argv, &points, &m, e))
		return -1;
	output_header(stdout, a);
	rc = loop(a, &m, &points, e);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_watch = {
	.name = "watch",
	.args = "[KEY|GROUP|GLOB ...]",
	.complete = "@key",
	.help = "readings as they come; -f jsonl or csv for logging",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.set = set,
	.run = run,
};
