/*
 * listen.c - `meterctl listen`: what others say on a line, without a byte of ours.
 */
#include "listen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/outfile.h"
#include "base/pcapng.h"
#include "base/time.h"
#include "cmd.h"
#include "modbus/passive.h"
#include "modbus/recorded.h"
#include "modbus/redact.h"
#include "modbus/speed_search.h"
#include "signals.h"

struct listen_own {
	double for_s;		/* 0: until interrupted */
	int count;		/* -1: any number */
	const char *capture;
};

static const struct opt options[] = {
	OPT_SPAN(0, "for", struct listen_own, for_s, "stop after this time: 90, 90s, 5m, 1h (default: when interrupted)"),
	OPT_NUMBER('n', "count", "COUNT", struct listen_own, count, 1, OPT_ANY, "number of frames",
		   "stop after this many frames"),
	OPT_TEXT('o', "output", "FILE", "@file", struct listen_own, capture, "capture to FILE.pcapng for Wireshark, too"),
};

static void listen_defaults(void *own)
{
	*(struct listen_own *)own = (struct listen_own){ .count = -1 };
}

struct listen {
	const struct app *app;
	const struct listen_own *own;
	const char *name;		/* as given */
	int cancel_fd;
	bool fixed;			/* the target says baud rate or format: they are not changed */
	struct passive line;
	struct speed_search speed;
	size_t frames;			/* since the last burst ended */
	bool told_lost;
	struct splitter splitter;
	struct traffic traffic;
	struct trace capture;
	struct trace_sink sink;
	int64_t wall_us;		/* what the times of frames are behind the wall clock */
	int64_t now_us;			/* as those */
	struct listen_print print;
	int rc;				/* -1: ERR says why it ends */
	struct err err;
};

/* ---- a frame ------------------------------------------------------------------- */

static void listen_trace(struct listen *l, const struct cut *c, const uint8_t *bytes, bool redacted)
{
	const struct trace_frame f = {
		.dir = c->kind == CUT_GARBAGE ? TRACE_BAD : c->kind == CUT_REPLY || c->paired ? TRACE_IN : TRACE_OUT,
		.bytes = bytes, .n = c->n, .at_us = c->at_us + l->wall_us,
		.note = c->kind == CUT_GARBAGE ? "not a frame" : redacted ? REDACT_NOTE : "",
	};

	trace_pass(&l->app->trace, &f);
	trace_pass(&l->capture, &f);
}

static void listen_take(struct listen *l, const struct cut *c)
{
	uint8_t bytes[sizeof(l->splitter.out)];
	bool redacted;

	memcpy(bytes, c->bytes, c->n);
	redacted = c->kind != CUT_GARBAGE && named_redact(l->print.profile, c, bytes);
	traffic_take(&l->traffic, c);
	l->frames += c->kind != CUT_GARBAGE;
	listen_trace(l, c, bytes, redacted);
	if (listen_print_cut(&l->print, c, bytes, c->at_us + l->wall_us, &l->err))
		l->rc = -1;
}

static bool listen_enough(const struct listen *l)
{
	return l->rc || (l->own->count > 0 && l->traffic.frames >= (unsigned long)l->own->count);
}

/* All that is sure at NOW_US. */
static void listen_drain(struct listen *l, int64_t now_us)
{
	struct cut c;

	while (!listen_enough(l) && splitter_next(&l->splitter, now_us, &c))
		listen_take(l, &c);
}

static void listen_bytes(struct listen *l, const uint8_t *bytes, size_t n, int64_t at_us)
{
	l->now_us = at_us;
	listen_drain(l, at_us);
	splitter_feed(&l->splitter, bytes, n, at_us);
	listen_drain(l, at_us);
}

/* ---- the wrong baud rate ----------------------------------------------------------- */

static void tell_lost(struct listen *l)
{
	const struct target *t = &l->line.target;
	char line[24];

	if (l->told_lost)
		return;
	l->told_lost = true;
	if (target_is_serial(t))
		app_say(l->app, "no valid frame in %zu bytes at %s: trying other baud rates and parities", l->speed.rubbish,
			target_line(t, line, sizeof(line)));
	else
		app_say(l->app, "no valid frame in %zu bytes (check baud rate and parity of the serial server, and that the line "
			"carries Modbus RTU)", l->speed.rubbish);
}

/* Frames, after other settings were tried. -1: the target says another one. */
static int listen_found(struct listen *l)
{
	char text[TARGET_TEXT], line[24];

	target_format(&l->line.target, 0, text, sizeof(text));
	target_line(&l->line.target, line, sizeof(line));
	l->told_lost = false;
	if (l->fixed)
		return err_set(&l->err, ERR_FOREIGN, "the line is at %s, not as '%s' says (use '%s')", line, l->name, text);
	app_say(l->app, "the line is at %s: '%s'", line, text);
	return 0;
}

/* The next setting that the port can do. */
static void listen_try(struct listen *l, struct target *t)
{
	struct err cannot;

	memset(&l->splitter, 0, sizeof(l->splitter));
	for (int left = SPEED_SEARCH_SETTINGS; left > 0 && passive_set_line(&l->line, t, &cannot); left--)
		speed_search_ended(&l->speed, 0, t);
}

/* A burst has ended: what was it? */
static void listen_paused(struct listen *l)
{
	struct target t = l->line.target;
	bool serial = target_is_serial(&t), searched = l->speed.searching, lost;

	/* where frames are heard, they may have a pause in them */
	if (serial && l->frames == 0 && (!l->speed.known || searched))
		listen_drain(l, INT64_MAX);
	lost = speed_search_ended(&l->speed, l->frames, &t);
	if (serial && searched && l->frames && listen_found(l))
		l->rc = -1;
	l->frames = 0;
	if (!lost || l->rc)
		return;
	tell_lost(l);
	if (serial)
		listen_try(l, &t);
}

/* ---- a run ------------------------------------------------------------------------------ */

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What comes until the next thing is due. -1 and E: it ends. */
static int listen_turn(struct listen *l, int64_t end_us, struct err *e)
{
	uint8_t bytes[SPLITTER_LUMP];
	int64_t now = time_mono_us(), due = earliest(splitter_due_us(&l->splitter, now), speed_search_due_us(&l->speed));
	int n = passive_read(&l->line, bytes, sizeof(bytes), earliest(end_us, earliest(due, now + 1000000)), l->cancel_fd, e);

	if (n < 0)
		return -1;
	l->now_us = time_mono_us();
	if (n > 0) {
		if (speed_search_paused(&l->speed, l->now_us))
			listen_paused(l);
		listen_bytes(l, bytes, (size_t)n, l->now_us);
		speed_search_bytes(&l->speed, (size_t)n, l->now_us);
	}
	listen_drain(l, l->now_us);
	if (speed_search_paused(&l->speed, l->now_us))
		listen_paused(l);
	return printer_flush(&l->print.out, e);
}

static void tell_begun(const struct listen *l)
{
	char line[24];

	if (!l->app->verbose && !l->app->attended)
		return;
	if (target_is_serial(&l->line.target))
		app_say(l->app, "listening on '%s' at %s", l->name, target_line(&l->line.target, line, sizeof(line)));
	else
		app_say(l->app, "listening on '%s'", l->name);
}

static int listen_line(struct listen *l, struct err *e)
{
	int64_t end = l->own->for_s > 0 ? time_mono_us() + (int64_t)(l->own->for_s * 1e6) : INT64_MAX;
	int rc = 0;

	l->wall_us = time_wall_us() - time_mono_us();
	tell_begun(l);
	while (rc == 0 && !listen_enough(l) && time_mono_us() < end)
		rc = listen_turn(l, end, e);
	listen_drain(l, INT64_MAX);
	return rc;
}

static int listen_recorded(struct listen *l, struct recorded *r, struct err *e)
{
	uint8_t bytes[FRAME_BUFFER];
	int64_t at_us;
	size_t n;

	while (!listen_enough(l) && (n = recorded_next(r, bytes, &at_us)) > 0)
		/* more than a lump is more than a frame */
		listen_bytes(l, bytes, n < SPLITTER_LUMP ? n : SPLITTER_LUMP, at_us);
	listen_drain(l, INT64_MAX);
	return printer_flush(&l->print.out, e);
}

/* Nothing was heard: why? */
static int listen_nothing(const struct listen *l, struct err *e)
{
	if (l->traffic.garbage_bytes)
		return err_set(e, ERR_FOREIGN, "no valid frame on '%s', %lu bytes (check baud rate, parity, wires A and B)",
			       l->name, l->traffic.garbage_bytes);
	return err_set(e, ERR_SILENT, "nothing heard on '%s' (check wires A and B, and that a master polls)", l->name);
}

/* RC and E of the run; what it ends with. */
static int listen_end(struct listen *l, int rc, struct err *e)
{
	bool endless = l->own->for_s <= 0 && l->own->count < 0;
	char line[24] = "";
	struct err printing = { 0 };

	if (target_is_serial(&l->line.target) && l->line.target.path[0])
		target_line(&l->line.target, line, sizeof(line));
	if (listen_print_end(&l->print, &l->traffic, l->now_us, line, &printing)) {
		*e = printing;
		return -1;
	}
	if (l->rc) {
		*e = l->err;
		return -1;
	}
	if (rc && e->code != ERR_INTERRUPTED)
		return rc;
	if (l->traffic.frames == 0)
		return rc ? rc : listen_nothing(l, e);
	/* it runs until it is told to end */
	if (rc && endless)
		err_clear(e);
	return rc && endless ? 0 : rc;
}

static int listen_begin(struct listen *l, struct err *e)
{
	const char *path = l->own->capture;

	if (path && !pcapng_named(path))
		return err_set(e, ERR_USAGE, "'%s' is not a name for a capture (-o FILE.pcapng)", path);
	/* a capture is kept where a trace is not */
	if (path && (outfile_check(path, outfile_how(l->app->force), e)
		     || trace_file_open(&l->sink, path, l->app->force, e)))
		return -1;
	if (path)
		trace_add(&l->capture, &l->sink);
	return printer_begin(&l->print.out, &listen_list, json_object(), e);
}

static int listen_close(struct listen *l, int rc, struct err *e)
{
	printer_drop(&l->print.out);
	if (l->sink.arg && trace_file_close(&l->sink) && rc == 0)
		return err_set(e, ERR_NO, "cannot write all of the capture to '%s': %m", l->own->capture);
	return rc;
}

static bool is_file(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISREG(st.st_mode);
}

/* Does T say how the line is set, by its parts or by the connection that was saved? */
static bool says_line(const struct target *t)
{
	return strstr(t->text, "baud=") || strstr(t->text, "parity=") || strstr(t->text, "stop=") || t->baud != 9600
	    || t->parity != 'N' || t->stop != 1;
}

static int listen_to_file(struct listen *l, struct err *e)
{
	struct recorded r;
	int rc = -1;

	if (recorded_open(&r, l->name, e))
		return -1;
	if (listen_begin(l, e) == 0)
		rc = listen_end(l, listen_recorded(l, &r, e), e);
	recorded_close(&r);
	return listen_close(l, rc, e);
}

static int listen_to_line(struct listen *l, struct err *e)
{
	struct signals signals;
	struct target t;
	int rc = -1;

	if (target_parse(l->name, &t, e) || signals_hold(&signals, l->app->cancel_fd, e))
		return -1;
	l->cancel_fd = signals.fd;
	l->fixed = says_line(&t);
	if (passive_open(&l->line, &t, l->app->timeout_ms, l->app->wait_s, l->cancel_fd, e) == 0) {
		if (listen_begin(l, e) == 0)
			rc = listen_end(l, listen_line(l, e), e);
		passive_close(&l->line);
	}
	signals_release(&signals);
	return listen_close(l, rc, e);
}

static int listen_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct listen *l;
	int rc;

	if (cmd_words(&cmd_listen, argc, 0, 1, e))
		return -1;
	if (argc == 0 && !a->connect)
		return err_set(e, ERR_USAGE, "no line named (listen rtu:/dev/ttyUSB0, rtutcp:HOST:PORT or the FILE of a --trace)");
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, ERR_NO, "out of memory");
	l->app = a;
	l->own = a->own;
	l->name = argc ? argv[0] : a->connect;
	l->print = (struct listen_print){ .app = a, .out = app_printer(a), .profile = profile_open(a->profile, e) };
	rc = !l->print.profile ? -1 : is_file(l->name) ? listen_to_file(l, e) : listen_to_line(l, e);
	profile_free(l->print.profile);
	free(l);
	return rc;
}

const struct cmd cmd_listen = {
	.name = "listen",
	.args = "[TARGET|FILE]",
	.complete = "@target",
	.help = "hear a line without sending: frames of other masters and meters, named",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct listen_own),
	.defaults = listen_defaults,
	.endless = true,
	.run = listen_run,
};
