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
#include "modbus/listener.h"
#include "modbus/recorded.h"
#include "modbus/redact.h"
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
	struct listener listener;
	struct trace capture;
	struct trace_sink sink;
	int64_t wall_us;		/* what the times of frames are behind the wall clock */
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

static void listen_cut(void *arg, const struct cut *c, const uint8_t *bytes, bool redacted)
{
	struct listen *l = arg;

	listen_trace(l, c, bytes, redacted);
	if (listen_print_cut(&l->print, c, bytes, c->at_us + l->wall_us, &l->err))
		l->rc = -1;
}

static bool listen_enough(void *arg)
{
	const struct listen *l = arg;

	return l->rc || (l->own->count > 0 && l->listener.traffic.frames >= (unsigned long)l->own->count);
}

/* ---- the wrong baud rate ----------------------------------------------------------- */

static void listen_lost(void *arg, size_t bytes)
{
	const struct listen *l = arg;
	const struct target *t = &l->listener.line.target;
	char line[24];

	if (target_is_serial(t))
		app_say(l->app, "no valid frame in %zu bytes at %s: trying other baud rates and parities", bytes,
			target_line(t, line, sizeof(line)));
	else
		app_say(l->app, "no valid frame in %zu bytes (check baud rate and parity of the serial server, and that the line "
			"carries Modbus RTU)", bytes);
}

/* Where the target says another setting, that is the end. */
static void listen_found(void *arg)
{
	struct listen *l = arg;
	const struct target *t = &l->listener.line.target;
	char text[TARGET_TEXT], line[24];

	target_format(t, 0, text, sizeof(text));
	target_line(t, line, sizeof(line));
	if (l->fixed)
		l->rc = err_set(&l->err, ERR_FOREIGN, "the line is at %s, not as '%s' says (use '%s')", line, l->name, text);
	else
		app_say(l->app, "the line is at %s: '%s'", line, text);
}

static const struct listener_ops listen_ops = {
	.cut = listen_cut, .lost = listen_lost, .found = listen_found, .enough = listen_enough,
};

/* ---- a run ------------------------------------------------------------------------------ */

static void tell_begun(const struct listen *l)
{
	char line[24];

	if (!l->app->verbose && !l->app->attended)
		return;
	if (target_is_serial(&l->listener.line.target))
		app_say(l->app, "listening on '%s' at %s", l->name, target_line(&l->listener.line.target, line, sizeof(line)));
	else
		app_say(l->app, "listening on '%s'", l->name);
}

static int listen_line(struct listen *l, struct err *e)
{
	int64_t end = l->own->for_s > 0 ? time_mono_us() + (int64_t)(l->own->for_s * 1e6) : INT64_MAX;
	int rc = 0;

	l->wall_us = time_wall_us() - time_mono_us();
	tell_begun(l);
	while (rc == 0 && !listen_enough(l) && time_mono_us() < end) {
		rc = listener_turn(&l->listener, end, l->cancel_fd, e);
		if (rc == 0)
			rc = printer_flush(&l->print.out, e);
	}
	listener_end(&l->listener);
	return rc;
}

static int listen_recorded(struct listen *l, struct recorded *r, struct err *e)
{
	uint8_t bytes[FRAME_BUFFER];
	int64_t at_us;
	size_t n;

	while (!listen_enough(l) && (n = recorded_next(r, bytes, &at_us)) > 0)
		/* more than a lump is more than a frame */
		listener_bytes(&l->listener, bytes, n < SPLITTER_LUMP ? n : SPLITTER_LUMP, at_us);
	listener_end(&l->listener);
	return printer_flush(&l->print.out, e);
}

/* Nothing was heard: why? */
static int listen_nothing(const struct listen *l, struct err *e)
{
	if (l->listener.traffic.garbage_bytes)
		return err_set(e, ERR_FOREIGN, "no valid frame on '%s', %lu bytes (check baud rate, parity, wires A and B)",
			       l->name, l->listener.traffic.garbage_bytes);
	return err_set(e, ERR_SILENT, "nothing heard on '%s' (check wires A and B, and that a master polls)", l->name);
}

/* RC and E of the run; what it ends with. */
static int listen_end(struct listen *l, int rc, struct err *e)
{
	bool endless = l->own->for_s <= 0 && l->own->count < 0;
	char line[24] = "";
	struct err printing = { 0 };

	if (target_is_serial(&l->listener.line.target) && l->listener.line.target.path[0])
		target_line(&l->listener.line.target, line, sizeof(line));
	if (listen_print_end(&l->print, &l->listener.traffic, l->listener.now_us, line, &printing)) {
		*e = printing;
		return -1;
	}
	if (l->rc) {
		*e = l->err;
		return -1;
	}
	if (rc && e->code != ERR_INTERRUPTED)
		return rc;
	if (l->listener.traffic.frames == 0)
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
	if (passive_open(&l->listener.line, &t, l->app->timeout_ms, l->app->wait_s, l->cancel_fd, e) == 0) {
		if (listen_begin(l, e) == 0)
			rc = listen_end(l, listen_line(l, e), e);
		passive_close(&l->listener.line);
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
	listener_init(&l->listener, &listen_ops, l, l->print.profile);
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
	.own_lines = true,
	.endless = true,
	.run = listen_run,
};
