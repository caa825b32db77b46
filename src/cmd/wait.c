/*
 * wait.c - `meterctl wait KEY=RANGE ...`: reads until all of it holds.
 */
#include <stdio.h>

#include "base/time.h"
#include "output/output.h"
#include "output/printer.h"
#include "cmd.h"
#include "points.h"

#define WAIT_S 60.0		/* unless --for says another */
#define WAIT_STEP_US 1000000	/* from one reading of registers to the next, as of `watch` */
#define WAIT_AGAIN_US 200000	/* between two looks at a connection that is lost */

struct wait_own {
	double for_s;
};

static const struct opt wait_opts[] = {
	OPT_SPAN(0, "for", struct wait_own, for_s, "give up after this time: 90, 90s, 5m, 1h (default 60s)"),
};

static void wait_defaults(void *own)
{
	((struct wait_own *)own)->for_s = WAIT_S;
}

static int64_t wait_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What the next look brings, in LINE why it brought nothing. False: interrupted. */
static bool wait_look(struct meter *m, const struct points *p, int64_t end_us, struct err *line)
{
	int rc;

	if (!link_pushes(m->link)) {
		meter_read(m, p->wire.idx, p->wire.n, NULL, NULL, line);
		return line->code != ERR_INTERRUPTED;
	}
	rc = meter_receive(m, end_us, NULL, NULL, line);
	/* a lost connection is tried again by itself */
	return line->code != ERR_INTERRUPTED
	       && (rc >= 0 || link_wait(m->link, wait_earlier(time_mono_us() + WAIT_AGAIN_US, end_us)));
}

/* 1: it holds; 0: the time is over; -1: interrupted. */
static int wait_met(const struct app *a, struct meter *m, const struct points *p, int64_t end_us)
{
	struct err told = { 0 };
	int64_t next = time_mono_us();

	for (;;) {
		struct err line = { 0 };

		if (!wait_look(m, p, end_us, &line))
			return -1;
		if (expects_hold(&p->expects, m))
			return 1;
		if (time_mono_us() >= end_us)
			return 0;
		points_tell(a, m->link, &line, &told);
		next += WAIT_STEP_US;
		if (next < time_mono_us())
			next = time_mono_us();
		if (!link_pushes(m->link) && !link_wait(m->link, wait_earlier(next, end_us)))
			return -1;
		if (time_mono_us() >= end_us)
			return 0;
	}
}

static int wait_print(const struct app *a, const struct meter *m, const struct points *p, struct err *e)
{
	const struct readings all = { .meter = m, .idx = p->shown.idx, .n = p->shown.n };
	struct printer out = app_printer(a);

	if (printer_begin(&out, &reading_list, output_head_json(m, time_wall_us()), e))
		return -1;
	if (printer_readings(&out, &all, e)) {
		printer_drop(&out);
		return -1;
	}
	return printer_end(&out, json_object(), e);
}

static int wait_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct wait_own *own = a->own;
	struct expect_given given = { 0 };
	struct points points;
	char when[40];
	struct meter m;
	int rc;

	if (cmd_words(&cmd_wait, argc, 1, EXPECT_GIVEN, e))
		return -1;
	for (int i = 0; i < argc; i++)
		expect_take(argv[i], &given, e);
	if (points_open_expecting(a, 0, NULL, &given, &points, &m, e))
		return -1;
	points_patience(a, &m);
	rc = wait_met(a, &m, &points, time_mono_us() + (int64_t)(own->for_s * 1e6));
	snprintf(when, sizeof(when), " after %g s", own->for_s);
	if (rc < 0)
		rc = err_set(e, ERR_INTERRUPTED, "%s", "");
	else if (rc == 0)
		rc = expects_complain(a, &points.expects, &m, when, e);
	else
		rc = wait_print(a, &m, &points, e);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_wait = {
	.name = "wait",
	.args = "KEY=RANGE ...",
	.complete = "@range",
	.help = "read until every value is in its range: LOW..HIGH, LOW.., ..HIGH or VALUE",
	.opts = wait_opts,
	.nopts = sizeof(wait_opts) / sizeof(*wait_opts),
	.own_size = sizeof(struct wait_own),
	.defaults = wait_defaults,
	.readings = true,
	.run = wait_run,
};
