/*
 * scan.c - `meterctl scan`: which meters there are, on serial lines, behind gateways or brokers.
 */
#include "scan.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd.h"

#define SCAN_MOST_S 86400

/* Each item of a list "A,B-C" between its commas; false and E: TAKE complained. */
static int scan_take_list(const char *arg, int (*take)(const char *item, void *field, struct err *e), void *field,
			  struct err *e)
{
	char item[32];

	for (const char *p = arg;; p++) {
		size_t n = strcspn(p, ",");

		snprintf(item, sizeof(item), "%.*s", (int)(n < sizeof(item) ? n : sizeof(item) - 1), p);
		if (take(item, field, e))
			return -1;
		p += n;
		if (!*p)
			return 0;
	}
}

/* Marks ITEM of the N words in LIST. */
static int scan_take_word(const char *item, const char *const *words, size_t n, bool *list, const char *what, struct err *e)
{
	char all[120] = "";
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(item, words[i]) == 0) {
			list[i] = true;
			return 0;
		}
		text_append(all, sizeof(all), &at, "%s%s", i ? ", " : "", words[i]);
	}
	return err_set(e, ERR_USAGE, "'%s' is not a %s: %s", item, what, all);
}

static int scan_take_baud(const char *item, void *field, struct err *e)
{
	return scan_take_word(item, baud_names, NBAUDS, field, "baud rate", e);
}

static int scan_take_frame(const char *item, void *field, struct err *e)
{
	return scan_take_word(item, frame_names, NFRAMES, field, "character format", e);
}

/* "17" or "1-10" */
static int scan_take_unit(const char *item, void *field, struct err *e)
{
	struct scan_units *u = field;
	char from[16];
	const char *dash = strchr(item, '-');
	long first, last;

	snprintf(from, sizeof(from), "%.*s", dash ? (int)(dash - item) : 15, item);
	if (!text_long(from, 1, 255, &first) || !text_long(dash ? dash + 1 : from, 1, 255, &last) || last < first)
		return err_set(e, ERR_USAGE, "'%s' is not a unit address or range (1 to 255, like 1-10)", item);
	u->given = true;
	for (long i = first; i <= last; i++)
		u->list[i] = true;
	return 0;
}

static int scan_take_bauds(const char *arg, void *field, struct err *e)
{
	return scan_take_list(arg, scan_take_baud, field, e);
}

static int scan_take_frames(const char *arg, void *field, struct err *e)
{
	return scan_take_list(arg, scan_take_frame, field, e);
}

static int scan_take_units(const char *arg, void *field, struct err *e)
{
	return scan_take_list(arg, scan_take_unit, field, e);
}

static int scan_take_for(const char *arg, void *field, struct err *e)
{
	struct scan_for *f = field;

	f->two_intervals = strcmp(arg, "auto") == 0;
	if (f->two_intervals)
		f->seconds = 0;
	else if (!text_double(arg, &f->seconds) || f->seconds <= 0 || f->seconds > SCAN_MOST_S)
		return err_set(e, ERR_USAGE, "'%s' is not a time in seconds (above 0, to %d) or auto", arg, SCAN_MOST_S);
	return 0;
}

static const struct opt scan_opts[] = {
	{ .name = "baud", .arg = "LIST", .values = "9600 19200 4800 2400 1200 38400 57600 115200", .help = "only these baud rates, like 4800,9600",
	  .kind = OPT_KIND_CALL, .at = offsetof(struct scan_own, baud),
	  .size = sizeof(((struct scan_own *)0)->baud), .take = scan_take_bauds },
	{ .name = "frame", .arg = "LIST", .values = "8N1 8E1 8O1 8N2", .help = "only these character formats, like 8N1,8E1",
	  .kind = OPT_KIND_CALL, .at = offsetof(struct scan_own, frame),
	  .size = sizeof(((struct scan_own *)0)->frame), .take = scan_take_frames },
	OPT_CALL(0, "unit", "LIST", NULL, struct scan_units, struct scan_own, units, scan_take_units,
		 "only these unit addresses, like 1-10,17"),
	OPT_FLAG(0, "full", struct scan_own, full, "every unit address at every baud rate and character format"),
	OPT_NUMBER(0, "first", "N", struct scan_own, first, 1, 10000, "number of meters", "end when N meters are found"),
	OPT_CALL(0, "for", "SECONDS|auto", "auto", struct scan_for, struct scan_own, time, scan_take_for,
		 "end after this time (default: of a broker 10; auto: after two upload intervals)"),
	OPT_FLAG(0, "resume", struct scan_own, resume, "go on with a scan that was ended"),
	OPT_FLAG(0, "intrude", struct scan_own, intrude, "scan also where another master is on the line"),
};

static int scan_run(struct app *a, int argc, char **argv, struct err *e)
{
	const char *only = argc == 1 ? argv[0] : argc ? NULL : a->connect;
	struct target t;

	if (only && *only != '/' && target_parse(only, &t, e) == 0 && target_is_broker(&t))
		return scan_broker(a, a->own, &t, e);
	return scan_lines(a, a->own, argv, argc, e);
}

const struct cmd cmd_scan = {
	.name = "scan",
	.args = "[PORT|TARGET ...]",
	.complete = "@target",
	.help = "find meters: on serial ports, behind gateways, or all that a broker shows",
	.opts = scan_opts,
	.nopts = sizeof(scan_opts) / sizeof(*scan_opts),
	.own_size = sizeof(struct scan_own),
	.own_lines = true,
	.endless = true,
	.run = scan_run,
};
