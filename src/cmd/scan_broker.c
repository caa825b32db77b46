/*
 * scan_broker.c - `meterctl scan mqtt://HOST`: the meters that a broker shows.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "mqtt/fleet_census.h"
#include "output/printer.h"
#include "output/reasons_json.h"
#include "cmd.h"
#include "broker_listen.h"
#include "scan.h"

/* A scan under way. */
struct scan {
	const struct app *app;
	double seconds;		/* 0: until two upload intervals are over */
	int64_t since_us;
	struct printer out;
	struct broker_listener listen;
	uint8_t *told;		/* by row: printed */
	size_t room;
	bool failed;		/* output or memory: ERR says which */
	struct err err;
};

/* ---- one meter ------------------------------------------------------------ */

enum {
	TARGET, UNIT, PROFILE, SERIAL, MODEL, DIALECT, LAST, HEARD, INTERVAL, EVERY, INTERVAL_SET, UPLOADS,
	OFFLINE, DROPPED, SIGNAL, SIGNAL_UNIT, VOLTAGE, CURRENT, POWER, FACTOR, ALARMS, ALARMED, OFFLINE_CELL, AWAY, COLUMNS
};

static const struct column columns[COLUMNS] = {
	[TARGET] = { "target", .in = IN_DATA },
	[UNIT] = { "unit", .in = IN_DATA },
	[PROFILE] = { "profile", .in = IN_DATA },
	[SERIAL] = { "id", .in = IN_ALL, .width = -20, .title = "serial" },
	[MODEL] = { "model", .in = IN_ALL, .width = -10, .before = " ", .none = "--", .title = "model" },
	[DIALECT] = { "dialect", .in = IN_ALL, .width = -8, .before = " ", .none = "--", .title = "dialect" },
	[LAST] = { "last", .in = IN_DATA },
	[HEARD] = { NULL, .in = IN_TABLE, .width = -8, .before = " ", .title = "heard" },
	[INTERVAL] = { "interval", .in = IN_DATA },
	[EVERY] = { NULL, .in = IN_TABLE, .width = 7, .before = " ", .none = "--", .title = "every s" },
	[INTERVAL_SET] = { "interval_set", .in = IN_JSON },
	[UPLOADS] = { "uploads", .in = IN_JSON },
	[OFFLINE] = { "offline", .in = IN_JSON },
	[DROPPED] = { "dropped", .in = IN_JSON },
	/* their common title has the width of both */
	[SIGNAL] = { "signal", .in = IN_ALL, .width = 4, .before = " ", .none = "--", .title = "  signal" },
	[SIGNAL_UNIT] = { "signal_unit", .in = IN_ALL, .width = -3, .before = " ", .none = "" },
	[VOLTAGE] = { "u", .in = IN_ALL, .width = 7, .before = " ", .none = "--", .title = "U V" },
	[CURRENT] = { "i", .in = IN_ALL, .width = 8, .before = " ", .none = "--", .title = "I A" },
	[POWER] = { "p", .in = IN_ALL, .width = 9, .before = " ", .none = "--", .title = "P kW" },
	[FACTOR] = { "pf", .in = IN_ALL, .width = 6, .before = " ", .none = "--", .title = "PF" },
	[ALARMS] = { "alarms", .in = IN_DATA },
	[ALARMED] = { NULL, .in = IN_TABLE, .before = "  " },
	[OFFLINE_CELL] = { "offline", .in = IN_CELLS },
	[AWAY] = { NULL, .in = IN_TABLE, .before = "  " },
};
static const struct listing listing = {
	.schema = "meterctl.scan/1", .name = "found", .columns = columns, .ncolumns = COLUMNS,
};

/* What the cells point to. */
struct scan_texts {
	struct target target;
	char last[48], heard[16], every[24], signal[24], u[24], i[24], alarmed[24];
};

/* V with so many decimals in data, and with fewer in a table. */
static struct cell scan_number(double v, int decimals, int shown, char *buf, size_t size)
{
	struct cell c = cell_real(v, decimals);

	snprintf(buf, size, "%.*f", shown, v);
	if (c.kind != CELL_NONE)
		c.shown = buf;
	return c;
}

static void scan_fill_times(const struct fleet_row *r, struct scan_texts *t, struct cell *cells)
{
	double seen = rhythm_seen_s(&r->rhythm), expected = rhythm_expected_s(&r->rhythm);

	snprintf(t->heard, sizeof(t->heard), "retained");
	if (r->heard_us) {
		cells[LAST] = cell_text(time_text(r->heard_wall_us, t->last, sizeof(t->last)));
		snprintf(t->heard, sizeof(t->heard), "%.8s", t->last + 11);
	}
	cells[HEARD] = cell_text(t->heard);
	cells[INTERVAL] = cell_real(seen > 0 ? seen : (double)NAN, 3);
	cells[EVERY] = scan_number(expected > 0 ? expected : (double)NAN, 0, 0, t->every, sizeof(t->every));
	if (r->rhythm.set_s)
		cells[INTERVAL_SET] = cell_integer(r->rhythm.set_s);
	cells[UPLOADS] = cell_integer((int64_t)r->rhythm.uploads);
}

static void scan_fill_values(const struct fleet_values *v, struct scan_texts *t, struct cell *cells)
{
	/* a float says no more than its digits; %g would show those it has not */
	cells[SIGNAL] = scan_number((double)v->signal, 1, 0, t->signal, sizeof(t->signal));
	cells[SIGNAL].text = cells[SIGNAL].shown;
	if (!isnan(v->signal))
		cells[SIGNAL_UNIT] = cell_text(v->signal_percent ? "percent" : "dBm");
	if (v->signal_percent)
		cells[SIGNAL_UNIT].shown = isnan(v->signal) ? NULL : "%";
	cells[VOLTAGE] = scan_number((double)v->u, 3, 1, t->u, sizeof(t->u));
	cells[CURRENT] = scan_number((double)v->i, 3, 2, t->i, sizeof(t->i));
	cells[POWER] = cell_real((double)v->p, 3);
	cells[FACTOR] = cell_real((double)v->pf, 3);
	cells[ALARMS] = cell_integer(v->alarms);
	snprintf(t->alarmed, sizeof(t->alarmed), "%u alarm%s", v->alarms, v->alarms == 1 ? "" : "s");
	if (v->alarms)
		cells[ALARMED] = cell_text(t->alarmed);
}

static int scan_row(struct scan *s, const struct fleet_row *r)
{
	struct scan_texts t;
	struct reasons drops;
	struct cell cells[COLUMNS] = {
		[UNIT] = cell_integer(s->listen.target.unit), [PROFILE] = cell_text(s->listen.profile->name),
		[SERIAL] = cell_text(r->sn), [MODEL] = cell_some(r->model),
		[OFFLINE] = cell_bool(r->offline), [OFFLINE_CELL] = cell_bool(r->offline),
	};

	if (fleet_target(&s->listen.target, r, &t.target))
		cells[TARGET] = cell_text(t.target.text);
	if (r->dialect)
		cells[DIALECT] = cell_text(r->dialect->name);
	if (r->offline)
		cells[AWAY] = cell_text("offline");
	fleet_drops(fleet_source_fleet(s->listen.source), r, &drops);
	cells[DROPPED] = cell_json(reasons_json(&drops));
	scan_fill_times(r, &t, cells);
	scan_fill_values(&r->values, &t, cells);
	return printer_row(&s->out, cells, &s->err);
}

/* ---- all of them ---------------------------------------------------------- */

/* Each once. */
static void tell_row(struct scan *s, size_t i)
{
	const struct fleet_row *r = &fleet_source_fleet(s->listen.source)->rows[i];

	if (i >= s->room) {
		size_t room = i + 256;
		uint8_t *more = realloc(s->told, room);

		if (!more) {
			s->failed = true;
			err_set(&s->err, ERR_NO, "out of memory");
			return;
		}
		memset(more + s->room, 0, room - s->room);
		s->told = more;
		s->room = room;
	}
	if (s->told[i])
		return;
	s->told[i] = 1;
	if (scan_row(s, r))
		s->failed = true;
}

/* A meter is told of when its first readings are there; where nobody waits for rows, at
 * the end: its rhythm is known then. */
static bool scan_on_upload(void *arg, const struct fleet_row *row, struct upload *up,
			   const struct broker_message *msg)
{
	struct scan *s = arg;

	(void)msg;
	if (up->kind == UPLOAD_DATA && printer_live(&s->out))
		tell_row(s, (size_t)(row - fleet_source_fleet(s->listen.source)->rows));
	return !s->failed;
}

static int64_t scan_until_us(const struct scan *s)
{
	struct fleet_census c;

	if (s->seconds > 0)
		return s->since_us + (int64_t)(s->seconds * 1e6);
	fleet_census_take(fleet_source_fleet(s->listen.source), s->since_us, time_mono_us(), &c);
	return fleet_census_until_us(&c, s->since_us);
}

/* Until the time is over, or (-1 and E) it is interrupted or cannot be printed. */
static int scan_hear(struct scan *s, struct err *e)
{
	int64_t until;

	while (time_mono_us() < (until = scan_until_us(s))) {
		if (broker_listen_receive(s->app, &s->listen, until, scan_on_upload, s, e) < 0)
			return -1;
		if (s->failed) {
			*e = s->err;
			return -1;
		}
		if (printer_flush(&s->out, e))
			return -1;
	}
	return 0;
}

static json_t *scan_tail(const struct fleet *f, const struct fleet_census *c)
{
	return json_pack("{s:I, s:o, s:f, s:I, s:I}", "refused", (json_int_t)f->refusals.total, "dropped",
			 reasons_json(&f->refusals), "listened_s", round(c->listened_s * 10) / 10,
			 "likely_missing_min", (json_int_t)round(c->least), "likely_missing_max", (json_int_t)round(c->most));
}

/* How many are likely missing still. */
static void scan_say_missing(const struct scan *s, const struct fleet_census *c)
{
	char many[64] = "no more";

	if (c->most >= 0.5 && c->most - c->least < 1)
		snprintf(many, sizeof(many), "about %.0f more", c->most);
	else if (c->most >= 0.5)
		snprintf(many, sizeof(many), "about %.0f to %.0f more", c->least, c->most);
	app_say(s->app, "listened for %.0f s: %zu meter%s found, %s likely (meters upload every %d to %d minutes%s)", c->listened_s,
		fleet_source_fleet(s->listen.source)->n, fleet_source_fleet(s->listen.source)->n == 1 ? "" : "s", many,
		CENSUS_SHORTEST_S / 60, CENSUS_LONGEST_S / 60, s->seconds > 0 ? "; --for auto listens for two intervals" : "");
}

static int scan_print_rest(struct scan *s, struct err *e)
{
	const struct fleet *f = fleet_source_fleet(s->listen.source);
	struct fleet_census c;

	fleet_census_take(f, s->since_us, time_mono_us(), &c);
	for (size_t i = 0; i < f->n && !s->failed; i++)
		tell_row(s, i);
	if (s->failed) {
		*e = s->err;
		return -1;
	}
	if (printer_end(&s->out, scan_tail(f, &c), e))
		return -1;
	if (f->n)
		scan_say_missing(s, &c);
	return 0;
}

static int nobody(const struct scan *s, time_t since, struct err *e)
{
	const struct fleet *f = fleet_source_fleet(s->listen.source);
	char topics[200], clock[16] = "", why[120], what[ERR_TEXT] = "";
	struct tm tm;

	if (s->listen.told.code) {
		*e = s->listen.told;
		e->text[0] = '\0';	/* said already */
		return -1;
	}
	if (localtime_r(&since, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (f->refusals.total)
		snprintf(what, sizeof(what), "; %lu message%s no meter's: %s", f->refusals.total,
			 f->refusals.total == 1 ? " was" : "s were", reasons_text(&f->refusals, why, sizeof(why)));
	return err_set(e, ERR_SILENT, "no meter heard since %s on %s (is the topic another: topic=...?)%s",
		       clock, fleet_source_topics(s->listen.source, topics, sizeof(topics)), what);
}

#define SCAN_SECONDS 10

static int scan_scan(struct scan *s, struct err *e)
{
	char topics[400];
	time_t since = time(NULL);
	int rc;

	fleet_source_topics(s->listen.source, topics, sizeof(topics));
	if ((s->app->verbose || s->app->attended) && s->seconds > 0)
		app_say(s->app, "listening for %g s on %s (meters upload every %d to %d minutes)", s->seconds, topics,
			CENSUS_SHORTEST_S / 60, CENSUS_LONGEST_S / 60);
	else if (s->app->verbose || s->app->attended)
		app_say(s->app, "listening for two upload intervals, at most %d minutes, on %s", 2 * CENSUS_LONGEST_S / 60, topics);
	s->since_us = time_mono_us();
	if (printer_begin(&s->out, &listing, json_object(), e))
		return -1;
	rc = scan_hear(s, e);
	if (rc && e->code != ERR_INTERRUPTED)
		return -1;
	/* whoever ends it early wants what has been found */
	if (scan_print_rest(s, e))
		return -1;
	if (fleet_source_fleet(s->listen.source)->n > 0) {
		err_clear(e);
		return 0;
	}
	return rc ? rc : nobody(s, since, e);
}

int scan_broker(struct app *a, const struct scan_own *own, const struct target *t, struct err *e)
{
	struct scan s = { .app = a, .out = app_printer(a), .seconds = own->time.seconds };
	int rc;

	if (s.seconds <= 0 && !own->time.two_intervals)
		s.seconds = SCAN_SECONDS;
	if (target_is_meter(t))
		return err_set(e, ERR_USAGE, "'%s' is one meter: leave '/%s' out to find all the broker shows", t->text, t->mqtt.sn);
	if (broker_listen_open(a, t, &s.listen, e))
		return -1;
	rc = scan_scan(&s, e);
	printer_drop(&s.out);
	broker_listen_close(a, &s.listen);
	free(s.told);
	return rc;
}
