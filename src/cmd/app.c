#include "app.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "meter/open.h"
#include "target/password.h"
#include "base/paths.h"
#include "target/secret.h"
#include "base/text.h"

enum { OPT_TRACE = 256, OPT_ASCII, OPT_COLOR, OPT_JOURNAL, OPT_PRIMARY, OPT_READ_ONLY,
       OPT_INSECURE, OPT_PLAINTEXT };

const struct opt app_options[] = {
	{ 'c', "connect", "TARGET", "@target", "where the meter is (default $METERCTL_CONNECT)" },
	{ 'p', "profile", "NAME|FILE", "@profile", "meter model (default adw300)" },
	{ 'f', "format", "FORMAT", "table json jsonl csv", "table, json, jsonl or csv" },
	{ 't', "timeout", "MS", NULL, "wait this long for an answer (default: adapts)" },
	{ 'r', "retries", "N", NULL, "ask again this often (default 2)" },
	{ OPT_TRACE, "trace", "FILE", "@file", "write every frame with its time to FILE" },
	{ OPT_ASCII, "ascii", NULL, NULL, "draw with ASCII characters only" },
	{ OPT_COLOR, "color", "WHEN", "auto always never", "auto, always or never (NO_COLOR is honoured)" },
	{ OPT_JOURNAL, "journal", "FILE", "@file", "journal of writes (default in the state folder)" },
	{ OPT_PRIMARY, "primary", NULL, NULL, "show primary-side values where PT and CT apply" },
	{ OPT_READ_ONLY, "read-only", NULL, NULL, "refuse everything that would write" },
	{ OPT_INSECURE, "insecure", NULL, NULL, "accept any certificate of a broker, for any host" },
	{ OPT_PLAINTEXT, "allow-plaintext", NULL, NULL, "let a broker's password cross an unencrypted line" },
	{ 'q', "quiet", NULL, NULL, "say nothing but errors" },
	{ 'v', "verbose", NULL, NULL, "say more on stderr" },
	{ 'h', "help", NULL, NULL, "this help, or that of the command" },
	{ 'V', "version", NULL, NULL, "version" },
};
const size_t napp_options = sizeof(app_options) / sizeof(*app_options);

void app_init(struct app *a)
{
	const char *connect = getenv("METERCTL_CONNECT");

	*a = (struct app){
		.connect = connect && *connect ? connect : NULL,
		.profile = "adw300",
		.retries = -1,
	};
}

static int one_of(const char *option, const char *arg, const char *const *words,
		  int n, struct err *e)
{
	char list[80] = "";
	size_t at = 0;

	for (int i = 0; i < n; i++) {
		if (strcmp(arg, words[i]) == 0)
			return i;
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "", words[i]);
	}
	return err_set(e, ERR_USAGE, "'%s' is no %s (one of: %s)", arg, option, list);
}

int app_set(struct app *a, int id, const char *arg, struct err *e)
{
	static const char *const formats[] = { "table", "json", "jsonl", "csv" };
	static const char *const colors[] = { "auto", "always", "never" };
	int i = 0;

	switch (id) {
	case 'c': a->connect = arg; break;
	case 'p': a->profile = arg; break;
	case 'f':
		i = one_of("format", arg, formats, 4, e);
		a->format = (enum format)i;
		break;
	case 't': i = opt_number(arg, 1, 86400000, "timeout in milliseconds", &a->timeout_ms, e); break;
	case 'r': i = opt_number(arg, 0, 100, "number of retries", &a->retries, e); break;
	case OPT_TRACE: a->trace_file = arg; break;
	case OPT_ASCII: a->ascii = true; break;
	case OPT_COLOR:
		i = one_of("colour setting", arg, colors, 3, e);
		a->color = (enum color)i;
		break;
	case OPT_JOURNAL: a->journal = arg; break;
	case OPT_PRIMARY: a->primary = true; break;
	case OPT_READ_ONLY: a->read_only = true; break;
	case OPT_INSECURE: a->insecure = true; break;
	case OPT_PLAINTEXT: a->plain_password = true; break;
	case 'q': a->quiet = true; break;
	case 'v': a->verbose++; break;
	case 'h': a->help = true; break;
	case 'V': a->version = true; break;
	default: break;
	}
	return i < 0 ? -1 : 0;
}

int app_open_trace(struct app *a, struct err *e)
{
	if (!a->trace_file)
		return 0;
	if (trace_file_open(&a->trace_sink, a->trace_file, e)) {
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

/* NULL: there is no folder for it. */
static const char *lines_file(void)
{
	static char path[4096];

	return *paths_state(path, sizeof(path), "lines.yaml") ? path : NULL;
}

struct link_opts app_link_opts(const struct app *a)
{
	return (struct link_opts){
		.lines = lines_file(),
		.timeout_ms = a->timeout_ms,
		.retries = a->retries,
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

static void app_on_signal(int sig)
{
	int fd = signalled;

	(void)sig;
	if (fd >= 0)
		cancel_raise(fd);
}

void app_cancel_on_signal(int cancel_fd)
{
	struct sigaction sa = { .sa_handler = cancel_fd >= 0 ? app_on_signal : SIG_DFL };

	signalled = cancel_fd;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

int app_open_way(const struct app *a, const struct profile *p, struct meter *m,
		 int *step, struct err *e)
{
	struct link_opts o = app_link_opts(a);
	char *password;
	struct target t;
	int rc;

	if (app_target(a, &t, e) || password_fetch(&t, true, &password, e))
		return -1;
	o.password = password;
	o.step = step;
	rc = meter_open(m, p, &t, &o, e);
	secret_free(password);
	return rc;
}

void app_catch_signals(struct meter *m)
{
	app_cancel_on_signal(m->link->cancel_fd);
}

int app_open_meter(const struct app *a, const struct profile *p, struct meter *m,
		   struct err *e)
{
	if (app_open_way(a, p, m, NULL, e))
		return -1;
	app_catch_signals(m);
	return 0;
}

void app_say_line(const struct app *a, const struct meter *m)
{
	struct link_stats s;
	char heard[LINK_HEARD], who[128];

	link_stats(m->link, &s);
	if (a->verbose && s.shared)
		app_say(a, "%s", link_heard_text(&s, heard, sizeof(heard)));
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
	app_cancel_on_signal(-1);
	app_say_line(a, m);
	meter_close(m);
}

void app_complain(const struct err *e)
{
	if (*e->text)
		fprintf(stderr, "meterctl: %s\n", e->text);
}

void app_say(const struct app *a, const char *fmt, ...)
{
	va_list ap;

	if (a->quiet)
		return;
	va_start(ap, fmt);
	fputs("meterctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}
