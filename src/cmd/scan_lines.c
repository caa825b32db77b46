/*
 * scan_lines.c - `meterctl scan [PORT|TARGET ...]`: the meters of serial lines, and those behind
 * gateways. What is found is printed as it comes, or all at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "output/printer.h"
#include "scan.h"
#include "signals.h"

/* A search. */
struct scan_search {
	struct app *app;
	const struct scan_own *own;
	struct scan_profiles profiles;
	struct finder_line *lines;
	size_t nlines;
	struct scan_meter *meters;	/* found, also in the run that this one goes on with */
	size_t n;
	struct printer out;
	struct scan_progress progress;
	struct err print;		/* why a row could not be printed; also no memory */
	int64_t until_us;		/* of --for; 0: no end */
	char state[4096];
};

/* ---- one meter ---------------------------------------------------------------------------- */

enum {
	FOUND_TARGET, FOUND_UNIT, FOUND_PROFILE, FOUND_ID, FOUND_MODEL, FOUND_PORT, FOUND_BAUD, FOUND_FRAME, FOUND_LATENCY,
	FOUND_REPLY, FOUND_DOUBLED, FOUND_SHOWN, FOUND_ANY, FOUND_COLUMNS
};

static const struct column found_columns[FOUND_COLUMNS] = {
	[FOUND_TARGET] = { "target", .in = IN_ALL, .width = -44, .title = "target" },
	[FOUND_UNIT] = { "unit", .in = IN_DATA },
	[FOUND_PROFILE] = { "profile", .in = IN_DATA },
	[FOUND_ID] = { "id", .in = IN_ALL, .width = -12, .before = "  ", .none = "--", .title = "serial" },
	[FOUND_MODEL] = { "model", .in = IN_ALL, .width = -12, .before = "  ", .none = "not known", .title = "model" },
	[FOUND_PORT] = { "port", .in = IN_DATA },
	[FOUND_BAUD] = { "baud", .in = IN_DATA },
	[FOUND_FRAME] = { "frame", .in = IN_DATA },
	[FOUND_LATENCY] = { "latency_ms", .in = IN_DATA },
	[FOUND_REPLY] = { "reply", .in = IN_DATA },
	[FOUND_DOUBLED] = { "doubled", .in = IN_DATA },
	[FOUND_SHOWN] = { NULL, .in = IN_TABLE, .before = "  " },
	[FOUND_ANY] = { "any_unit", .in = IN_JSON, .optional = true },
};
static const struct listing found_list = {
	.schema = "meterctl.scan/1", .name = "found", .columns = found_columns, .ncolumns = FOUND_COLUMNS,
};

static int scan_print_meter(struct scan_search *s, const struct discover_meter *m, struct err *e)
{
	const struct target *t = &m->target;
	char frame[8], shown[200] = "";
	struct cell cells[FOUND_COLUMNS] = {
		[FOUND_TARGET] = cell_text(t->text), [FOUND_UNIT] = cell_integer(t->unit),
		[FOUND_ID] = cell_some(m->id), [FOUND_LATENCY] = cell_real(m->latency_ms, 1),
		[FOUND_REPLY] = cell_text(m->reply), [FOUND_DOUBLED] = cell_bool(m->doubled),
	};

	if (m->profile) {
		cells[FOUND_PROFILE] = cell_text(m->profile->name);
		cells[FOUND_MODEL] = cell_text(m->model);
	}
	if (target_is_serial(t)) {
		snprintf(frame, sizeof(frame), "8%c%d", t->parity, t->stop);
		cells[FOUND_PORT] = cell_text(t->path);
		cells[FOUND_BAUD] = cell_integer(t->baud);
		cells[FOUND_FRAME] = cell_text(frame);
	}
	if (m->any_unit)
		cells[FOUND_ANY] = cell_bool(true);
	if (m->doubled)
		snprintf(shown, sizeof(shown), "two meters have this address");
	else if (!m->profile)
		snprintf(shown, sizeof(shown), "%s", m->reply);
	cells[FOUND_SHOWN] = cell_some(shown);
	return printer_row(&s->out, cells, e);
}

/* ---- while it runs ---------------------------------------------------------------------------- */

static void scan_keep(struct scan_search *s, const struct finder_line *l, const struct discover_meter *m)
{
	struct scan_meter *more = realloc(s->meters, (s->n + 1) * sizeof(*more));

	if (!more) {
		err_set(&s->print, ERR_NO, "out of memory");
		return;
	}
	s->meters = more;
	more[s->n++] = (struct scan_meter){ (size_t)(l - s->lines), *m };
}

static void scan_found(void *arg, const struct finder_line *l, const struct discover_meter *m)
{
	struct scan_search *s = arg;
	struct err e;

	scan_progress_clear(&s->progress);
	scan_keep(s, l, m);
	if ((scan_print_meter(s, m, &e) || printer_flush(&s->out, &e)) && !s->print.code)
		s->print = e;
	if (m->doubled)
		app_say(s->app, "two meters reply at unit address %d of '%s' (give one of them another address, alone on the line)",
			m->target.unit, m->target.text);
	if (m->any_unit)
		app_say(s->app, "'%s' replies to every unit address: listed once", m->target.text);
}

static void scan_said(void *arg, const struct finder_line *l, const char *text)
{
	struct scan_search *s = arg;
	char name[300];

	scan_progress_clear(&s->progress);
	app_say(s->app, "%s: %s", scan_line_name(l, name, sizeof(name)), text);
}

static void scan_tick(void *arg, const struct finder_line *lines, size_t n)
{
	scan_progress_draw(&((struct scan_search *)arg)->progress, lines, n);
}

/* ---- before and after ------------------------------------------------------------------------------ */

/* How long it may take, at first: the longest line, and of more lines than threads all in turn. */
static void scan_say_plan(const struct scan_search *s)
{
	size_t done, all, sum = 0;
	int64_t most = 0, total = 0;
	char time[24];

	for (size_t i = 0; i < s->nlines; i++) {
		int64_t left = sweep_left_us(&s->lines[i].sweep);

		sweep_count(&s->lines[i].sweep, &done, &all);
		sum += all - done;
		total += left;
		most = left > most ? left : most;
	}
	most = total / FINDER_THREADS > most ? total / FINDER_THREADS : most;
	if (s->app->verbose || s->app->attended)
		app_say(s->app, "%zu line%s, %zu address%s to try, at most %s while nothing is found", s->nlines,
			s->nlines == 1 ? "" : "s", sum, sum == 1 ? "" : "es", scan_time(most, time, sizeof(time)));
}

/* Meters of the run before come first. */
static int scan_go_on(struct scan_search *s, struct err *e)
{
	if (scan_state_load(s->state, s->lines, s->nlines, &s->profiles, &s->meters, &s->n, e))
		return -1;
	for (size_t i = 0; i < s->nlines; i++) {
		size_t n = 0;

		s->lines[i].known = calloc(s->n + 1, sizeof(*s->lines[i].known));
		if (!s->lines[i].known)
			return err_set(e, ERR_NO, "out of memory");
		for (size_t k = 0; k < s->n; k++)
			if (s->meters[k].line == i)
				s->lines[i].known[n++] = s->meters[k].meter;
		s->lines[i].nknown = n;
	}
	for (size_t k = 0; k < s->n; k++)
		if (scan_print_meter(s, &s->meters[k].meter, e))
			return -1;
	return 0;
}

static bool scan_is_absent(const struct finder_line *l)
{
	return l->of_range && l->err.code == ERR_SILENT;
}

static void scan_say_absent(const struct scan_search *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nlines; i++)
		n += scan_is_absent(&s->lines[i]);
	if (n)
		app_say(s->app, "%zu of %zu hosts: no connection", n, s->nlines);
}

/* Lines that could not be searched say why. The first of them, when one did not end well. */
static const struct err *scan_complain(const struct scan_search *s)
{
	const struct err *first = NULL;

	for (size_t i = 0; i < s->nlines; i++) {
		const struct err *e = &s->lines[i].err;

		if (e->code == ERR_NONE || e->code == ERR_INTERRUPTED || scan_is_absent(&s->lines[i]))
			continue;
		if (first)
			app_complain(s->app, e);
		else
			first = e;
	}
	return first;
}

/* What a person can do who has not found any. */
static int scan_nothing(const struct scan_search *s, struct err *e)
{
	bool serial = target_is_serial(&s->lines[0].target);
	const char *check = serial ? "power, wires A and B (try them swapped)" : "unit addresses, and power and wires behind a gateway";
	const char *more = serial && !s->own->full && !s->own->units.given ? "; --full tries every address" : "";
	char name[300];

	if (s->nlines > 1)
		return err_set(e, ERR_SILENT, "no meter found on %zu lines (check %s%s)", s->nlines, check, more);
	return err_set(e, ERR_SILENT, "no meter found on '%s' (check %s%s)", scan_line_name(&s->lines[0], name, sizeof(name)), check, more);
}

/* Keeps how far it came, or forgets it when all is done. */
static void scan_keep_state(const struct scan_search *s, bool ended)
{
	struct err e;

	if (!*s->state)
		return;
	if (ended)
		unlink(s->state);
	else if (scan_state_save(s->state, s->lines, s->nlines, s->meters, s->n, &e))
		app_complain(s->app, &e);
}

/* WHY the search ended: the exit status. */
static int scan_conclude(const struct scan_search *s, const struct err *why, struct err *e)
{
	const struct err *failed = scan_complain(s);
	bool timed = why->code == ERR_INTERRUPTED && s->until_us && time_mono_us() >= s->until_us;

	scan_say_absent(s);
	if (s->print.code)
		*e = s->print;
	else if (why->code == ERR_INTERRUPTED && !timed)
		err_set(e, ERR_INTERRUPTED, "interrupted: %zu meter%s found so far (scan --resume goes on)", s->n, s->n == 1 ? "" : "s");
	else if (why->code && !timed)
		*e = *why;
	else if (failed)
		*e = *failed;
	else if (s->n == 0)
		scan_nothing(s, e);
	else
		return 0;
	return -1;
}

static int scan_search(struct scan_search *s, int cancel_fd, struct err *e)
{
	struct finder_opts o = {
		.discover = {
			.profiles = s->profiles.list, .nprofiles = s->profiles.n, .link = app_link_opts(s->app),
			.intrude = s->own->intrude, .until_us = s->until_us,
		},
		.first = (size_t)s->own->first, .found = scan_found, .said = scan_said, .tick = scan_tick, .arg = s,
	};
	struct err why = { 0 };
	int64_t began_us = time_mono_us();
	char time[24];

	o.discover.link.cancel_fd = cancel_fd;
	o.discover.link.lines = NULL;
	if (printer_begin(&s->out, &found_list, json_object(), e))
		return -1;
	if (s->own->resume && scan_go_on(s, e))
		return -1;
	scan_say_plan(s);
	if (finder_run(s->lines, s->nlines, &o, &why) == 0)
		why.code = ERR_NONE;
	scan_progress_clear(&s->progress);
	scan_keep_state(s, why.code != ERR_INTERRUPTED);
	if (s->app->verbose)
		app_say(s->app, "searched for %s", scan_time(time_mono_us() - began_us, time, sizeof(time)));
	if (printer_end(&s->out, json_object(), e))
		return -1;
	return scan_conclude(s, &why, e);
}

int scan_lines(struct app *a, const struct scan_own *own, char **words, int n, struct err *e)
{
	struct scan_search s = {
		.app = a, .own = own, .out = app_printer(a),
		.progress = { .f = a->redraws && !a->quiet ? a->err : NULL },
	};
	struct signals signals;
	int rc = -1;

	if (own->time.two_intervals)
		return err_set(e, ERR_USAGE, "'--for auto' is for the meters of a broker (scan mqtt://HOST)");
	if (own->time.seconds > 0)
		s.until_us = time_mono_us() + (int64_t)(own->time.seconds * 1e6);
	scan_state_path(a, s.state, sizeof(s.state));
	if (scan_profiles_open(a, &s.profiles, e) == 0
	    && scan_choose(a, own, &s.profiles, words, n, &s.lines, &s.nlines, e) == 0
	    && signals_hold(&signals, a->cancel_fd, e) == 0) {
		rc = scan_search(&s, signals.fd, e);
		signals_release(&signals);
	}
	printer_drop(&s.out);
	for (size_t i = 0; i < s.nlines; i++)
		free(s.lines[i].known);
	free(s.lines);
	free(s.meters);
	scan_profiles_close(&s.profiles);
	return rc;
}
