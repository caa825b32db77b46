/*
 * app.h - what every command starts from: the options everywhere, and the
 * meter they lead to.
 */
#ifndef METERCTL_APP_H
#define METERCTL_APP_H

#include <stdbool.h>

#include "err.h"
#include "meter.h"
#include "opt.h"
#include "profile.h"
#include "target.h"
#include "trace.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct app {
	const char *connect;	/* as given, METERCTL_CONNECT, or NULL */
	const char *profile;	/* name or file; "adw300" */
	enum format format;
	bool format_set;
	int timeout_ms;		/* 0: adapt */
	int retries;		/* -1: default */
	const char *trace_file;
	bool ascii;
	enum color color;
	const char *journal;
	bool primary;
	bool read_only;
	int quiet, verbose;
	struct trace trace;
	struct trace_sink trace_sink;
};

/* Opens the meter of -c. Without one: ERR_USAGE naming the ways to say it. */
int app_open_meter(struct app *a, struct meter *m, struct err *e);
void app_close_meter(struct app *a, struct meter *m);

/* Set by SIGINT/SIGTERM; long loops look at it. */
extern volatile int app_interrupted;
/* Installs the handlers; the link given is cancelled by them (NULL: none). */
void app_on_signal(struct link *l);

#endif
