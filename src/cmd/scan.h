/*
 * scan.h - the ways of `scan`: the meters a broker shows, and those on lines that are searched;
 * what is kept of a search for --resume, and shown of it meanwhile.
 */
#ifndef METERCTL_CMD_SCAN_H
#define METERCTL_CMD_SCAN_H

#include "app.h"
#include "modbus/finder.h"

struct scan_units {
	bool given, list[SWEEP_UNITS];
};

/* --for */
struct scan_for {
	double seconds;			/* 0: not given */
	bool two_intervals;		/* auto: of a broker's meters */
};

struct scan_own {
	struct scan_for time;
	bool baud[NBAUDS], frame[NFRAMES];	/* none: the usual ones; as baud_names, frame_names */
	struct scan_units units;
	int first;			/* 0: all */
	bool full, resume, intrude;
};

/* All that T, a broker, shows. */
int scan_broker(struct app *a, const struct scan_own *own, const struct target *t, struct err *e);

/* Searches the lines of the N WORDS (0: -c, or every port): ports, targets, ranges of hosts. */
int scan_lines(struct app *a, const struct scan_own *own, char **words, int n, struct err *e);

/* ---- which lines, and in what order ------------------------------------------------------- */

struct scan_profiles {
	const struct profile **list;
	size_t n;
};

/* A person's own and the built-in ones; one that cannot be read is said and left out. */
int scan_profiles_open(const struct app *a, struct scan_profiles *p, struct err *e);
void scan_profiles_close(struct scan_profiles *p);

/* The lines of WORDS, the caller's to free(), with their sweeps ready. ERR_USAGE, ERR_SILENT. */
int scan_choose(const struct app *a, const struct scan_own *own, const struct scan_profiles *p, char **words, int nwords,
		struct finder_line **lines, size_t *n, struct err *e);

/* ---- kept for --resume ---------------------------------------------------------------------- */

/* One that was found, on which line. */
struct scan_meter {
	size_t line;
	struct discover_meter meter;
};

/* The file beside the journal. Returns BUF; "": there is no place for it. */
const char *scan_state_path(const struct app *a, char *buf, size_t size);
/* Keeps how far the lines have come, and the N meters found. ERR_NO. */
int scan_state_save(const char *path, const struct finder_line *lines, size_t nlines, const struct scan_meter *meters,
		    size_t n, struct err *e);
/* What it knows of these lines: they go on there, and METERS, the caller's to free(), are those
 * found on them. None is known when there is no such file. ERR_NO: it cannot be read. */
int scan_state_load(const char *path, struct finder_line *lines, size_t nlines, const struct scan_profiles *p,
		    struct scan_meter **meters, size_t *n, struct err *e);

/* ---- on a terminal ----------------------------------------------------------------------------- */

struct scan_progress {
	FILE *f;		/* NULL: none is shown */
	int drawn;		/* lines */
};

void scan_progress_draw(struct scan_progress *p, const struct finder_line *lines, size_t n);
void scan_progress_clear(struct scan_progress *p);
/* "1:05" of us; minutes and seconds, above an hour "1:02:30". Returns BUF. */
const char *scan_time(int64_t us, char *buf, size_t size);
/* How a person calls a line: its port, or host. */
const char *scan_line_name(const struct finder_line *l, char *buf, size_t size);

#endif
