/*
 * scan.c - `meterctl scan`: which meters there are. So far those that a broker shows.
 */
#include <jansson.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output/output.h"
#include "base/text.h"
#include "cmd.h"
#include "listen.h"

struct scan_own {
	double seconds;
};

static const struct opt options[] = {
	OPT_REAL(0, "for", "SECONDS", struct scan_own, seconds, DBL_MIN, 86400,
		 "time in seconds (above 0, to 86400)", "listen for so long (default 10)"),
};

static void scan_defaults(void *own)
{
	((struct scan_own *)own)->seconds = 10;
}

/* A scan under way. */
struct scan {
	const struct app *app;
	double seconds;
	struct listen listen;
	uint8_t *told;		/* by row: printed */
	size_t room;
	bool headed;
	bool failed;		/* output or memory: ERR says which */
	struct err err;
};

/* ---- one meter ------------------------------------------------------------ */

static void scan_set_number(json_t *j, const char *key, double v, double ten)
{
	/* a float says no more than its digits; %g would show those it has not */
	json_object_set_new(j, key, isnan(v) ? json_null() : json_real(round(v * ten) / ten));
}

static const char *signal_unit(const struct fleet_row *r)
{
	return isnan(r->values.signal) ? "" : r->values.signal_percent ? "percent" : "dBm";
}

static json_t *row_json(const struct scan *s, const struct fleet_row *r)
{
	const struct fleet_values *v = &r->values;
	double each = rhythm_seen_s(&r->rhythm);
	struct target t;
	char last[48];
	json_t *j = json_object();

	json_object_set_new(j, "target", fleet_target(&s->listen.target, r, &t)
			    ? json_string(t.text) : json_null());
	json_object_set_new(j, "unit", json_integer(s->listen.target.unit));
	json_object_set_new(j, "profile", json_string(s->listen.profile->name));
	json_object_set_new(j, "id", json_string(r->sn));
	json_object_set_new(j, "model", r->model[0] ? json_string(r->model) : json_null());
	json_object_set_new(j, "dialect", r->dialect ? json_string(r->dialect->name) : json_null());
	json_object_set_new(j, "last", r->heard_us ? json_string(output_time(r->heard_wall_us, last,
			    sizeof(last))) : json_null());
	scan_set_number(j, "interval", each > 0 ? each : (double)NAN, 1000);
	json_object_set_new(j, "interval_set", r->rhythm.set_s ? json_integer(r->rhythm.set_s) : json_null());
	json_object_set_new(j, "uploads", json_integer((json_int_t)r->rhythm.uploads));
	json_object_set_new(j, "offline", json_boolean(r->offline));
	scan_set_number(j, "signal", (double)v->signal, 10);
	json_object_set_new(j, "signal_unit", *signal_unit(r) ? json_string(signal_unit(r)) : json_null());
	scan_set_number(j, "u", (double)v->u, 1000);
	scan_set_number(j, "i", (double)v->i, 1000);
	scan_set_number(j, "p", (double)v->p, 1000);
	scan_set_number(j, "pf", (double)v->pf, 1000);
	json_object_set_new(j, "alarms", json_integer(v->alarms));
	return j;
}

/* A number, or EMPTY when it is not known. */
static const char *scan_number(double v, int decimals, const char *empty, char *buf, size_t size)
{
	if (isnan(v))
		snprintf(buf, size, "%s", empty);
	else
		snprintf(buf, size, "%.*f", decimals, v);
	return buf;
}

static void scan_print_csv(const struct scan *s, const struct fleet_row *r, FILE *f)
{
	const struct fleet_values *v = &r->values;
	const double numbers[] = { (double)v->u, (double)v->i, (double)v->p, (double)v->pf };
	double each = rhythm_seen_s(&r->rhythm);
	struct target t;
	char buf[48];

	output_csv_cell(f, fleet_target(&s->listen.target, r, &t) ? t.text : "");
	fprintf(f, ",%d,%s,", s->listen.target.unit, s->listen.profile->name);
	output_csv_cell(f, r->sn);
	fputc(',', f);
	output_csv_cell(f, r->model);
	fprintf(f, ",%s,%s,", r->dialect ? r->dialect->name : "",
		r->heard_us ? output_time(r->heard_wall_us, buf, sizeof(buf)) : "");
	fprintf(f, "%s,", scan_number(each > 0 ? each : (double)NAN, 3, "", buf, sizeof(buf)));
	fprintf(f, "%s,%s", scan_number((double)v->signal, 0, "", buf, sizeof(buf)), signal_unit(r));
	for (size_t i = 0; i < 4; i++)
		fprintf(f, ",%s", scan_number(numbers[i], 3, "", buf, sizeof(buf)));
	fprintf(f, ",%u,%s\r\n", v->alarms, r->offline ? "true" : "false");
}

static void scan_print_table(const struct scan *s, const struct fleet_row *r, FILE *f)
{
	const struct fleet_values *v = &r->values;
	char last[16] = "retained", signal[24], u[24], i[24], p[24], pf[24], every[24];
	double each = rhythm_expected_s(&r->rhythm);
	time_t at = (time_t)(r->heard_wall_us / 1000000);
	struct tm tm;

	(void)s;
	if (r->heard_us && localtime_r(&at, &tm))
		strftime(last, sizeof(last), "%H:%M:%S", &tm);
	scan_number((double)v->signal, 0, "--", signal, sizeof(signal));
	scan_number(each > 0 ? each : (double)NAN, 0, "--", every, sizeof(every));
	fprintf(f, "%-20s %-10s %-8s %-8s %7s %4s %-3s %7s %8s %9s %6s", r->sn, r->model[0] ? r->model : "--",
		r->dialect ? r->dialect->name : "--", last, every, signal,
		isnan(v->signal) ? "" : v->signal_percent ? "%" : "dBm",
		scan_number((double)v->u, 1, "--", u, sizeof(u)), scan_number((double)v->i, 2, "--", i, sizeof(i)),
		scan_number((double)v->p, 3, "--", p, sizeof(p)), scan_number((double)v->pf, 3, "--", pf, sizeof(pf)));
	if (v->alarms)
		fprintf(f, "  %u alarm%s", v->alarms, v->alarms == 1 ? "" : "s");
	fputs(r->offline ? "  offline\n" : "\n", f);
}

/* Of the table: above its first row, if there is one. */
static void print_header(struct scan *s)
{
	if (s->app->format == FORMAT_CSV)
		fputs("target,unit,profile,id,model,dialect,last,interval,signal,signal_unit,u,i,p,pf,"
		      "alarms,offline\r\n", s->app->out);
	else if (s->app->format == FORMAT_TABLE)
		fprintf(s->app->out, "%-20s %-10s %-8s %-8s %7s %-8s %7s %8s %9s %6s\n", "serial", "model", "dialect",
		       "heard", "every s", "  signal", "U V", "I A", "P kW", "PF");
	s->headed = true;
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
	if (!s->headed)
		print_header(s);
	if (s->app->format == FORMAT_TABLE)
		scan_print_table(s, r, s->app->out);
	else if (s->app->format == FORMAT_CSV)
		scan_print_csv(s, r, s->app->out);
	else if (s->app->format == FORMAT_JSONL && output_json(s->app->out, row_json(s, r), &s->err))
		s->failed = true;
}

/* A meter is told of when its first readings are there; in a file of rows, which nobody
 * waits for, at the end: its rhythm is known then. */
static bool scan_on_upload(void *arg, const struct fleet_row *row, struct upload *up,
			   const struct broker_message *msg)
{
	struct scan *s = arg;

	(void)msg;
	if (up->kind == UPLOAD_DATA && s->app->format != FORMAT_CSV)
		tell_row(s, (size_t)(row - fleet_source_fleet(s->listen.source)->rows));
	return !s->failed;
}

/* Until the time is over, or (-1 and E) it is interrupted or cannot be printed. */
static int scan_hear(struct scan *s, struct err *e)
{
	int64_t until = time_mono_us() + (int64_t)(s->seconds * 1e6);

	while (time_mono_us() < until) {
		if (listen_receive(s->app, &s->listen, until, scan_on_upload, s, e) < 0)
			return -1;
		if (s->failed) {
			*e = s->err;
			return -1;
		}
		if (fflush(s->app->out))
			return err_set(e, ERR_NO, "cannot write output: %m");
	}
	return 0;
}

static int scan_print_rest(struct scan *s, struct err *e)
{
	const struct fleet *f = fleet_source_fleet(s->listen.source);
	json_t *found;

	for (size_t i = 0; i < f->n && !s->failed; i++)
		tell_row(s, i);
	if (s->failed) {
		*e = s->err;
		return -1;
	}
	if (s->app->format != FORMAT_JSON)
		return 0;
	found = json_array();
	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(found, row_json(s, &f->rows[i]));
	return output_json(s->app->out, json_pack("{s:s, s:o, s:I}", "schema", "meterctl.scan/1",
					     "found", found, "refused", (json_int_t)f->refused), e);
}

static int nobody(const struct scan *s, time_t since, struct err *e)
{
	const struct fleet *f = fleet_source_fleet(s->listen.source);
	char topics[200], clock[16] = "", what[ERR_TEXT] = "";
	struct tm tm;

	if (s->listen.told.code) {
		*e = s->listen.told;
		e->text[0] = '\0';	/* said already */
		return -1;
	}
	if (localtime_r(&since, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (f->refused)
		snprintf(what, sizeof(what), "; %lu message%s no meter's: %.100s", f->refused,
			 f->refused == 1 ? " was" : "s were", f->why);
	return err_set(e, ERR_SILENT, "no meter heard since %s on %s (is the topic another: topic=...?)%s",
		       clock, fleet_source_topics(s->listen.source, topics, sizeof(topics)), what);
}

static int scan_scan(struct scan *s, struct err *e)
{
	char topics[400];
	time_t since = time(NULL);
	int rc;

	if (s->app->verbose || s->app->attended)
		app_say(s->app, "listening for %g s on %s", s->seconds,
			fleet_source_topics(s->listen.source, topics, sizeof(topics)));
	if (s->app->format == FORMAT_CSV)
		print_header(s);
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

static int scan_choose(const struct app *a, int argc, char **argv, struct target *t, struct err *e)
{
	if (argc == 0 && !a->connect)
		return err_set(e, ERR_USAGE, "no broker named (scan mqtt://HOST; so far scan finds the meters a broker shows)");
	if (target_parse(argc ? argv[0] : a->connect, t, e))
		return -1;
	if (t->scheme != SCHEME_MQTT)
		return err_set(e, ERR_USAGE, "cannot scan '%s': so far scan finds the meters a broker shows (mqtt://HOST), none on a serial port or network", t->text);
	if (target_is_meter(t))
		return err_set(e, ERR_USAGE, "'%s' is one meter: leave '/%s' out to find all the broker shows", t->text, t->mqtt.sn);
	return 0;
}

static int scan_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct scan_own *own = a->own;
	struct scan s = { .app = a, .seconds = own->seconds };
	struct target t;
	int rc;

	if (cmd_words(&cmd_scan, argc, 0, 1, e) || scan_choose(a, argc, argv, &t, e)
	    || listen_open(a, &t, &s.listen, e))
		return -1;
	rc = scan_scan(&s, e);
	listen_close(a, &s.listen);
	free(s.told);
	return rc;
}

const struct cmd cmd_scan = {
	.name = "scan",
	.args = "[TARGET]",
	.complete = "@target",
	.help = "which meters there are: every one a broker shows",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct scan_own),
	.defaults = scan_defaults,
	.run = scan_run,
};
