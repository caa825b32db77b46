#include "app.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "meter/open.h"
#include "output/printer.h"
#include "signals.h"
#include "target/password.h"
#include "base/paths.h"
#include "target/secret.h"

static int app_take_format(const char *arg, void *field, struct err *e)
{
	const struct format *f = format_find(arg, e);

	if (f)
		*(const struct format **)field = f;
	return f ? 0 : -1;
}

const struct opt app_options[] = {
	OPT_TEXT('c', "connect", "TARGET", "@target", struct app, connect, "where the meter is (default $METERCTL_CONNECT)"),
	OPT_TEXT('p', "profile", "NAME|FILE", "@profile", struct app, profile, "meter model, or auto: identify it (default adw300)"),
	OPT_CALL('f', "format", "FORMAT", FORMATS_SPACED, const struct format *, struct app, format, app_take_format,
		 FORMATS_SPOKEN),
	OPT_NUMBER('t', "timeout", "MS", struct app, timeout_ms, 1, 86400000, "timeout in milliseconds",
		   "wait this long for an answer (default: adapts)"),
	OPT_NUMBER('r', "retries", "N", struct app, retries, 0, 100, "number of retries", "ask again this often (default 2)"),
	OPT_TEXT(0, "trace", "FILE", "@file", struct app, trace_file, "write every frame with its time to FILE"),
	OPT_FLAG(0, "ascii", struct app, ascii, "draw with ASCII characters only"),
	OPT_CHOICE(0, "color", "WHEN", "auto always never", enum color, struct app, color, "colour setting",
		   "auto, always or never (NO_COLOR is honoured)"),
	OPT_TEXT(0, "journal", "FILE", "@file", struct app, journal, "journal of writes (default in the state folder)"),
	OPT_FLAG(0, "primary", struct app, primary, "show primary-side values where PT and CT apply"),
	OPT_FLAG(0, "read-only", struct app, read_only, "refuse everything that would write"),
	OPT_FLAG_BY_HAND(0, "force", struct app, force, "replace a file that exists"),
	OPT_NUMBER(0, "wait", "SECONDS", struct app, wait_s, 0, 86400, "number of seconds",
		   "wait this long for a port that is in use (default 0)"),
	OPT_FLAG_BY_HAND(0, "insecure", struct app, insecure, "accept any certificate of a broker, for any host"),
	OPT_FLAG_BY_HAND(0, "allow-plaintext", struct app, plain_password, "let a broker's password cross an unencrypted line"),
	OPT_FLAG('q', "quiet", struct app, quiet, "say nothing but errors"),
	OPT_COUNT('v', "verbose", struct app, verbose, "say more on stderr"),
	OPT_FLAG_BY_HAND('h', "help", struct app, help, "this help, or that of the command"),
	OPT_FLAG_BY_HAND('V', "version", struct app, version, "version"),
};
const size_t napp_options = sizeof(app_options) / sizeof(*app_options);
_Static_assert(sizeof(app_options) / sizeof(*app_options) <= APP_OPTIONS, "APP_OPTIONS is too small");

void app_init(struct app *a)
{
	*a = (struct app){
		.out = stdout,
		.err = stderr,
		.attended = isatty(STDERR_FILENO) != 0,
		.redraws = isatty(STDERR_FILENO) != 0,
		.asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
		.profile = "adw300",
		.format = format_default(),
		.retries = -1,
	};
	/* "": there is no folder for it */
	paths_state(a->lines_file, sizeof(a->lines_file), "lines.yaml");
}

struct printer app_printer(const struct app *a)
{
	struct printer p;

	printer_init(&p, a->out, a->format, a->primary);
	p.documented = &((struct app *)(uintptr_t)a)->documented;
	return p;
}

int app_open_trace(struct app *a, struct err *e)
{
	if (!a->trace_file)
		return 0;
	if (trace_file_open(&a->trace_sink, a->trace_file, a->force, e)) {
		a->trace_file = NULL;
		return -1;
	}
	trace_add(&a->trace, &a->trace_sink);
	return 0;
}

int app_close_trace(struct app *a, struct err *e)
{
	const char *path = a->trace_file;

	a->trace_file = NULL;
	if (path && trace_file_close(&a->trace_sink))
		return err_set(e, ERR_NO, "cannot write all of the trace to '%s': %s",
			       path, strerror(errno));
	return 0;
}

static void say_remark(void *arg, const char *text)
{
	app_say(arg, "%s", text);
}

struct link_opts app_link_opts(const struct app *a)
{
	return (struct link_opts){
		.lines = *a->lines_file ? a->lines_file : NULL,
		.timeout_ms = a->timeout_ms,
		.retries = a->retries,
		.wait_s = a->wait_s,
		.trace = &a->trace,
		.insecure = a->insecure,
		.plain_password = a->plain_password,
		.cancel_fd = a->cancel_fd,
		.remark = say_remark,
		.remark_arg = (void *)(uintptr_t)a,
	};
}

int app_target(const struct app *a, struct target *t, struct err *e)
{
	if (!a->connect)
		return err_set(e, ERR_USAGE, "no meter named (-c rtu:/dev/ttyUSB0, "
			"-c tcp:HOST, -c mqtt://HOST/SN, -c sim: or METERCTL_CONNECT)");
	return target_parse(a->connect, t, e);
}

static volatile sig_atomic_t signalled = -1;	/* eventfd */
static volatile sig_atomic_t signalled_by;	/* 0: none has come */

static void app_on_signal(int sig)
{
	int fd = signalled;

	signalled_by = sig;
	if (fd >= 0)
		cancel_raise(fd);
}

int app_signal(void)
{
	int sig = signalled_by;

	signalled_by = 0;
	return sig;
}

void app_cancel_on_signal(const struct app *a, int cancel_fd)
{
	struct sigaction sa = { .sa_handler = cancel_fd >= 0 ? app_on_signal : SIG_DFL };

	if (a->host)
		return;
	signalled = cancel_fd;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (signals_hangup())
		sigaction(SIGHUP, &sa, NULL);
}

int app_password(const struct app *a, const struct target *t, char **out, struct err *e)
{
	return a->host ? a->host->password(a->host->arg, t, out, e) : password_fetch(t, true, out, e);
}

int app_open_way(const struct app *a, const struct profile *p, struct meter *m,
		 int *step, struct err *e)
{
	struct link_opts o = app_link_opts(a);
	char *password;
	struct target t;
	int rc;

	if (app_target(a, &t, e) || app_password(a, &t, &password, e))
		return -1;
	o.password = password;
	o.step = step;
	rc = meter_open(m, p, &t, &o, e);
	secret_free(password);
	return rc;
}

void app_catch_signals(const struct app *a, struct meter *m)
{
	app_cancel_on_signal(a, m->link->cancel_fd);
}

/* 1: the host's meter; 0: there is none, or another one; -1 and E. */
static int borrow_meter(const struct app *a, const struct profile *p, struct meter *m, struct err *e)
{
	struct link *link;
	struct target t;
	int rc;

	if (!a->host)
		return 0;
	if (app_target(a, &t, e))
		return -1;
	rc = a->host->borrow(a->host->arg, &t, &link, e);
	if (rc <= 0)
		return rc;
	if (meter_borrow(m, p, link, e) == 0)
		return 1;
	a->host->give_back(a->host->arg);
	return -1;
}

int app_open_meter(const struct app *a, const struct profile *p, struct meter *m,
		   struct err *e)
{
	int rc = borrow_meter(a, p, m, e);

	if (rc < 0 || (rc == 0 && app_open_way(a, p, m, NULL, e)))
		return -1;
	app_catch_signals(a, m);
	return 0;
}

void app_say_line(const struct app *a, const struct meter *m)
{
	struct link_stats s;
	char heard[LINK_HEARD], who[128];

	meter_stats(m, &s);
	/* on a line of one's own others are known; nobody sees who sends to a topic */
	if (s.shared && (a->verbose || target_tunnels(&m->link->target)))
		app_say(a, "%s", link_heard_text(m->link, &s, heard, sizeof(heard)));
	/* not all went well, and another program listens: it may be the reason; a line that
	 * is down has said it */
	if (s.timeouts + s.corrupt + s.foreign > 0 && s.rate > 0 && link_shared(m->link, who, sizeof(who)))
		app_say(a, "%s has '%s' open, too, and takes replies away (end that program first)", who,
			m->link->target.path);
	if (*s.learned)
		app_say(a, "%s", s.learned);
}

void app_close_meter(const struct app *a, struct meter *m)
{
	bool borrowed = m->borrowed;

	app_cancel_on_signal(a, -1);
	app_say_line(a, m);
	meter_close(m);
	if (borrowed)
		a->host->give_back(a->host->arg);
}

void app_complain(const struct app *a, const struct err *e)
{
	if (*e->text && a->line)
		fprintf(a->err, "meterctl: line %u: %s\n", a->line, e->text);
	else if (*e->text)
		fprintf(a->err, "meterctl: %s\n", e->text);
}

void app_say(const struct app *a, const char *fmt, ...)
{
	va_list ap;

	if (a->quiet)
		return;
	va_start(ap, fmt);
	fputs("meterctl: ", a->err);
	vfprintf(a->err, fmt, ap);
	fputc('\n', a->err);
	va_end(ap);
}
