/*
 * app.h - what every command starts from: the options everywhere, its own, the
 * streams it prints to, and the meter they lead to.
 */
#ifndef METERCTL_CMD_APP_H
#define METERCTL_CMD_APP_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "link/link.h"
#include "meter/meter.h"
#include "opt.h"
#include "output/format.h"
#include "profile/profile.h"
#include "target/target.h"
#include "base/trace.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct app;
struct shell_editor;	/* shell.h */

/* Who runs a command elsewhere than by itself: the screens, the shell. Called on the
 * command's thread. */
struct app_host {
	bool on_screen;		/* others look on */
	/* Lends the link to T when it has one: 1; 0: open your own; -1 and E: interrupted.
	 * give_back() takes back what was lent. */
	int (*borrow)(void *arg, const struct target *t, struct link **link, struct err *e);
	void (*give_back)(void *arg);
	/* As password_fetch(), without a terminal. */
	int (*password)(void *arg, const struct target *t, char **out, struct err *e);
	/* Asks the person. False: no, or interrupted. NULL: asked as on the command line. */
	bool (*confirm)(void *arg, const char *question);
	/* The meter of the commands to come is at TARGET (NULL: there is none), with the profile
	 * that A was given as an option, else the one of that connection, and A's own; after -1
	 * there is none. NULL: it is not for a command to choose. */
	int (*connect)(void *arg, struct app *a, const char *target, struct err *e);
	void *arg;
};


#define APP_GIVEN 64
#define APP_OPTIONS 32

/* Who said what an option is, the least first (preset.h). */
enum app_from { FROM_BUILT_IN, FROM_DEFAULT, FROM_CONNECTION, FROM_ENVIRONMENT, FROM_OPTION };
struct app_origin {
	enum app_from from;
	size_t line;		/* of the file; 0: none */
	const char *value;	/* as it stands there; NULL: built in */
};

/* One invocation. */
struct app {
	FILE *out, *err;	/* results, and what is said to a person; never stdout by itself */
	bool attended;		/* a person reads ERR as it comes */
	bool redraws;		/* ... on a terminal, where a line can be drawn over */
	bool asks;		/* and can be asked */
	const struct app_host *host;	/* NULL: it is the command line */
	const struct shell_editor *editor;	/* of the person's terminal; NULL: there is none */
	unsigned line;		/* of the shell's input that this is, for errors; 0: none */
	const struct opt *given[APP_GIVEN];	/* the options there were, in their order */
	size_t ngiven;
	struct app_origin origin[APP_OPTIONS];	/* of each row of app_options */
	bool settled;		/* a copy of this takes nothing more from environment and defaults */
	struct preset_file *file;	/* whose texts are in here; cmd_release() */
	struct err unset;	/* why what file and environment say is not in here; only for a command that
				   runs all the same (struct cmd) */
	void *own;		/* the command's own options (struct cmd); cmd_release() */
	const char *connect;	/* as given, or NULL */
	const char *profile;	/* name or file, "adw300"; or "auto" (auto.h) */
	const struct format *format;
	int timeout_ms;		/* 0: adapt */
	int retries;		/* -1: default */
	const char *trace_file;
	bool ascii;
	enum color color;
	const char *journal;
	bool primary;
	bool read_only;
	bool force;		/* a file that is there may be replaced */
	int wait_s;		/* for a port that is in use; 0: not at all */
	bool insecure, plain_password;	/* of a broker */
	bool quiet;
	int verbose;
	bool help, version;
	bool documented;	/* -f json, jsonl: the object or the last line has been printed */
	int cancel_fd;		/* an eventfd that ends what waits (struct link_opts); 0: signals do */
	struct trace trace;
	struct trace_sink trace_sink;	/* --trace */
	char lines_file[4096];	/* what is learned about meters is kept there; "": nowhere */
};

/* The options everywhere: meterctl(1), OPTIONS. */
extern const struct opt app_options[];
extern const size_t napp_options;

/* As on the command line when nothing says otherwise. */
void app_init(struct app *a);

struct printer;
/* Prints to a->out, in the format of -f (printer.h). */
struct printer app_printer(const struct app *a);

/* Opens --trace when it is given; ERR_NO. Closing says so when not all of it
 * could be written. */
int app_open_trace(struct app *a, struct err *e);
int app_close_trace(struct app *a, struct err *e);

struct link_opts app_link_opts(const struct app *a);

/* The TARGET of -c. Without one: ERR_USAGE naming the ways to say it. */
int app_target(const struct app *a, struct target *t, struct err *e);

/* Opens the meter of -c, or borrows it from the host; it takes over PROFILE when that succeeds. From here on
 * SIGINT and SIGTERM end what the link is doing with ERR_INTERRUPTED. */
int app_open_meter(const struct app *a, const struct profile *p, struct meter *m,
		   struct err *e);
/* Says what was learned about the meter and, with -v, that another master was heard. */
void app_say_line(const struct app *a, const struct meter *m);
/* Says that, too. */
void app_close_meter(const struct app *a, struct meter *m);
/* SIGINT and SIGTERM raise CANCEL_FD (link.h) from here on; -1: they end the program.
 * With a host, who raises a->cancel_fd, nothing. */
void app_cancel_on_signal(const struct app *a, int cancel_fd);
/* The signal that has come since the last time, or 0. */
int app_signal(void);
/* The password for T: password_fetch(), or the host's. */
int app_password(const struct app *a, const struct target *t, char **out, struct err *e);
/* The two halves of app_open_meter(), for a command with two ways to a meter. STEP as
 * in struct link_opts. */
int app_open_way(const struct app *a, const struct profile *p, struct meter *m,
		 int *step, struct err *e);
void app_catch_signals(const struct app *a, struct meter *m);

/* An error on a->err, also with -q; nothing when it has no text. */
void app_complain(const struct app *a, const struct err *e);
/* A line for the person on a->err, unless -q. */
void app_say(const struct app *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
