#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/printer.h"
#include "meter/missing.h"
#include "cmd.h"
#include "dropped.h"
#include "failure.h"
#include "points.h"
#include "watch_fleet.h"

#define PARTING_US 5000000	/* for what has come when an interrupt does */

struct watch_own {
	double interval_s;	/* -1: not given */
	int rounds;		/* -1: for ever */
	double for_s;		/* 0: for ever */
	struct expect_given until;
};

static const struct opt options[] = {
	OPT_REAL('i', "interval", "SECONDS", struct watch_own, interval_s, 0, 86400, "interval in seconds (0 to 86400)",
		 "from one round to the next (default 1, uploads as they come; 0: back to back)"),
	OPT_NUMBER('n', "count", "COUNT", struct watch_own, rounds, 1, OPT_ANY, "number of rounds",
		   "stop after this many rounds or uploads"),
	OPT_SPAN(0, "for", struct watch_own, for_s, "stop after this time: 90, 90s, 5m, 1h"),
	EXPECT_ROW("until", struct watch_own, until, "stop when the value is in this range; may be repeated"),
};

static void watch_defaults(void *own)
{
	*(struct watch_own *)own = (struct watch_own){ .interval_s = -1, .rounds = -1 };
}

/* When it ends. */
struct watch_end {
	int64_t time_us;	/* monotonic */
	const struct expects *until;
	bool held;		/* that has come true */
};

static struct watch_end watch_end_of(const struct watch_own *own, const struct points *p)
{
	return (struct watch_end){
		.time_us = own->for_s > 0 ? time_mono_us() + (int64_t)(own->for_s * 1e6) : INT64_MAX,
		.until = &p->expects,
	};
}

static bool watch_over(struct watch_end *end, const struct meter *m)
{
	end->held = end->held || (end->until->n && expects_hold(end->until, m));
	return end->held || time_mono_us() >= end->time_us;
}

/* All rounds are over, or the time is. */
static int watch_unmet(const struct app *a, const struct watch_end *end, const struct meter *m, struct err *e)
{
	return end->held ? 0 : expects_complain(a, end->until, m, " at the end", e);
}

static int print_round(struct printer *out, const struct meter *m, const struct points *p, struct err *e)
{
	const struct readings round = { .meter = m, .idx = p->shown.idx, .n = p->shown.n };

	return printer_readings(out, &round, e) ? -1 : printer_flush(out, e);
}

/* The rounds. A good one is over when its last values are proved, which back to back
 * the first exchange of the next does. */
struct rounds {
	const struct app *app;
	struct printer *out;
	struct meter *meter;
	const struct points *points;
	struct err *e;		/* of printing */
	int rc;
	struct err told;
};

static void finish_round(struct rounds *r, struct err *line)
{
	if (r->rc)
		return;
	r->rc = print_round(r->out, r->meter, r->points, r->e);
	if (r->rc)
		return;
	if (!line->code)
		missing_complain(r->meter, r->points->shown.idx, r->points->shown.n, "points", line);
	points_tell(r->app, r->meter->link, line, &r->told);
}

static void round_settled(void *arg)
{
	finish_round(arg, &(struct err){ 0 });
}

static int watch_loop(const struct app *a, struct printer *out, struct meter *m,
		      const struct points *p, struct err *e)
{
	const struct watch_own *own = a->own;
	int64_t next = time_mono_us(), step = (int64_t)((own->interval_s < 0 ? 1 : own->interval_s) * 1e6);
	struct rounds r = { .app = a, .out = out, .meter = m, .points = p, .e = e };
	struct watch_end end = watch_end_of(own, p);
	bool more = false;

	for (long done = 0; own->rounds < 0 || done < own->rounds; done++) {
		struct err line = { 0 };
		int rc;

		/* a round that took too long shifts those after it */
		if (!link_wait(m->link, next < end.time_us ? next : end.time_us))
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		/* what the next one is to prove is not left without it */
		if (done > 0 && !more && watch_over(&end, m))
			break;
		more = step == 0 && !p->expects.n && time_mono_us() < end.time_us
		       && (own->rounds < 0 || done + 1 < own->rounds);
		next = time_mono_us() > next + step ? time_mono_us() : next + step;
		if (more)
			link_more(m->link, round_settled, &r);
		rc = meter_read(m, p->wire.idx, p->wire.n, NULL, NULL, &line);
		if (line.code == ERR_INTERRUPTED)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		if (rc || !more)
			finish_round(&r, &line);
		if (r.rc)
			return -1;
		if (p->expects.n && watch_over(&end, m))
			break;
	}
	if (watch_unmet(a, &end, m, e))
		return -1;
	if (points_verdict(a, m, p, e)) {
		if (r.told.code) {	/* said already, to a person */
			failure_print(a, e);
			e->text[0] = '\0';
		}
		return -1;
	}
	return 0;
}

/* Which points the upload under way has brought. */
struct brought {
	uint8_t *by_point;
	uint16_t *list;		/* of those, the ones shown, in their order */
	size_t n;
	bool live;		/* not what the broker had kept from before */
	struct printer *out;
};

static void note_brought(void *arg, size_t idx, const struct reading *r)
{
	struct brought *b = arg;

	b->by_point[idx] = 1;
	b->live = b->live || r->quality != QUALITY_LATE;
}

static int print_brought(const struct meter *m, const struct points *p, struct brought *b, struct err *e)
{
	b->n = 0;
	for (size_t i = 0; i < p->shown.n; i++)
		if (b->by_point[p->shown.idx[i]])
			b->list[b->n++] = p->shown.idx[i];
	memset(b->by_point, 0, m->profile->npoints);
	return printer_readings(b->out, &(struct readings){ .meter = m, .idx = b->list, .n = b->n }, e);
}

/* The next upload: 1; 0: none within a second, or until END_US. What was printed goes out
 * before we wait, and not after every upload of a flood. */
static int next_upload(struct meter *m, struct brought *b, int64_t end_us, struct err *line, struct err *e)
{
	int64_t second = time_mono_us() + 1000000;
	int rc = meter_receive(m, 0, note_brought, b, line);

	if (rc)
		return rc;
	if (printer_flush(b->out, e))
		return -1;
	return meter_receive(m, second < end_us ? second : end_us, note_brought, b, line);
}

static bool watch_interrupted(const struct link *l)
{
	return poll(&(struct pollfd){ l->cancel_fd, POLLIN, 0 }, 1, 0) > 0;
}

/* What the broker has been told was received is printed, although we are to end: it
 * will not send it again. */
static int watch_print_rest(const struct app *a, struct meter *m, const struct points *p,
			    struct brought *b, struct err *e)
{
	const struct watch_own *own = a->own;
	int64_t end = time_mono_us() + PARTING_US;
	bool late = false;

	link_leave(m->link);
	while (own->interval_s < 0 && !late && meter_receive(m, 0, note_brought, b, NULL) > 0) {
		if (print_brought(m, p, b, e))
			return -1;
		late = time_mono_us() > end;
	}
	if (printer_flush(b->out, e))
		return -1;
	if (late)
		app_say(a, "interrupted: of the uploads that had come, those that could not be printed in %d s are lost",
			PARTING_US / 1000000);
	return err_set(e, ERR_INTERRUPTED, "%s", "");
}

/* Enough was printed. A session that is kept will not bring the rest again. */
static void tell_rest(const struct app *a, struct meter *m)
{
	unsigned long n = 0;

	if (!m->link->target.mqtt.persistent)
		return;
	link_leave(m->link);
	while (meter_receive(m, 0, NULL, NULL, NULL) > 0)
		n++;
	if (n)
		app_say(a, "%lu more upload%s had come and %s not printed", n, n == 1 ? "" : "s",
			n == 1 ? "is" : "are");
}

/* Uploads that are overdue, as a failure of the line. */
static void overdue(const struct meter *m, struct err *line)
{
	struct link_uplink u;

	link_uplink(m->link, &u);
	if (u.rhythm.uploads && rhythm_overdue(&u.rhythm, time_mono_us()))
		err_set(line, ERR_SILENT, "upload of '%s' overdue (one every %.0f s is usual)",
			u.sn, rhythm_expected_s(&u.rhythm));
}

/* The rounds of uploads: one is over when an upload of now came, or with -t when none did. */
struct pushed {
	int64_t since_us;	/* monotonic: of the round under way */
	int64_t over_us;	/* ... and when it is, without an upload */
	long done;
	struct err silent;	/* the last brought none */
	struct err told;
	struct dropped dropped;
};

static void pushed_next_round(const struct app *a, struct pushed *r)
{
	r->since_us = time_mono_us();
	r->over_us = a->timeout_ms ? r->since_us + a->timeout_ms * 1000LL : INT64_MAX;
}

/* A round is over without an upload. LINE is why, unless it was the last: that ends us. */
static void pushed_silent(const struct app *a, const struct meter *m, struct pushed *r, struct err *line)
{
	const struct watch_own *own = a->own;

	if (time_mono_us() < r->over_us)
		return;
	r->silent = (struct err){ 0 };
	link_silence(m->link, r->since_us, &r->silent);
	pushed_next_round(a, r);
	r->done++;
	if (r->done != own->rounds)
		*line = r->silent;
}

static void pushed_tell(const struct app *a, const struct meter *m, struct pushed *r, const struct err *line)
{
	struct link_uplink u;

	link_uplink(m->link, &u);
	dropped_tell(a, &r->dropped, &u.drops);
	/* silence lasts until an upload comes */
	if (line->code || !r->silent.code)
		points_tell(a, m->link, line, &r->told);
}

/* Fails when the last round brought nothing, which a person may have been told already. */
static int pushed_verdict(const struct app *a, const struct pushed *r, struct err *e)
{
	if (!r->silent.code)
		return 0;
	*e = r->silent;
	if (r->told.code == e->code) {
		failure_print(a, e);
		e->text[0] = '\0';
	}
	return -1;
}

static int loop_pushed(const struct app *a, struct meter *m, const struct points *p,
		       struct brought *b, struct err *e)
{
	const struct watch_own *own = a->own;
	int64_t next = 0;
	struct pushed r = { 0 };
	struct watch_end end = watch_end_of(own, p);

	m->log = true;
	points_patience(a, m);
	pushed_next_round(a, &r);
	while ((own->rounds < 0 || r.done < own->rounds) && !watch_over(&end, m)) {
		struct err line = { 0 };
		int rc;

		/* also in a flood, in which nothing is waited for */
		if (watch_interrupted(m->link))
			return watch_print_rest(a, m, p, b, e);
		rc = next_upload(m, b, end.time_us < r.over_us ? end.time_us : r.over_us, &line, e);
		if (e->code)
			return -1;
		if (rc < 0 && line.code == ERR_INTERRUPTED)
			continue;
		if (rc > 0 && b->live) {
			r.silent = (struct err){ 0 };
			pushed_next_round(a, &r);
		}
		if (rc == 0)
			overdue(m, &line);
		pushed_silent(a, m, &r, &line);
		pushed_tell(a, m, &r, &line);
		/* a lost connection is tried again by itself */
		if (rc < 0 && !link_wait(m->link, time_mono_us() + 200000))
			return watch_print_rest(a, m, p, b, e);
		if (rc > 0 && time_mono_us() >= next) {
			if (print_brought(m, p, b, e))
				return -1;
			next = own->interval_s < 0 ? 0 : time_mono_us() + (int64_t)(own->interval_s * 1e6);
			r.done += b->n > 0 && b->live;
			b->live = false;
		}
	}
	tell_rest(a, m);
	if (printer_flush(b->out, e) || watch_unmet(a, &end, m, e))
		return -1;
	return pushed_verdict(a, &r, e);
}

static int run_pushed(const struct app *a, struct printer *out, struct meter *m,
		      const struct points *p, struct err *e)
{
	struct brought b = {
		.by_point = calloc(m->profile->npoints, 1),
		.list = calloc(p->shown.n, sizeof(*b.list)),
		.out = out,
	};
	int rc = -1;

	if (!b.by_point || !b.list)
		err_set(e, ERR_NO, "out of memory");
	else
		rc = loop_pushed(a, m, p, &b, e);
	free(b.by_point);
	free(b.list);
	return rc;
}

static int watch_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct watch_own *own = a->own;
	struct printer out = app_printer(a);
	struct points points;
	struct target t;
	struct meter m;
	int rc;

	if (app_target(a, &t, e))
		return -1;
	if (!target_is_meter(&t) && own->until.n)
		return err_set(e, ERR_USAGE, "--until needs one meter, not a broker with all its meters (add /SN)");
	if (!target_is_meter(&t))
		return watch_fleet(a, argc, argv, &t, own->interval_s < 0 ? 0 : own->interval_s, own->rounds,
				   own->for_s, e);
	if (points_open_expecting(a, argc, argv, &own->until, &points, &m, e))
		return -1;
	rc = printer_begin(&out, &reading_watch, json_object(), e);
	if (rc == 0)
		rc = link_pushes(m.link) ? run_pushed(a, &out, &m, &points, e) : watch_loop(a, &out, &m, &points, e);
	if (rc == 0)
		rc = printer_end(&out, json_object(), e);
	printer_drop(&out);
	points_close(a, &points, &m);
	return rc;
}

const struct cmd cmd_watch = {
	.name = "watch",
	.args = "[KEY|GROUP|GLOB ...]",
	.complete = "@key",
	.help = "readings as they come; -f jsonl, csv or influx for logging",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct watch_own),
	.defaults = watch_defaults,
	.endless = true,
	.readings = true,
	.run = watch_run,
};
