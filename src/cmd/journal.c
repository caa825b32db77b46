/*
 * journal.c - `meterctl journal`: what was written, when, by whom, to which
 * meter, and what became of it. Asks no meter.
 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "write/journal.h"
#include "output/printer.h"
#include "base/text.h"
#include "cmd.h"

struct journal_own {
	int most;		/* entries; 0: all */
	bool only_target;
};

static const struct opt journal_opts[] = {
	OPT_NUMBER('n', "count", "COUNT", struct journal_own, most, 1, OPT_ANY, "number of entries",
		   "the newest so many entries (default 50)"),
	OPT_CONSTANT(0, "all", struct journal_own, most, 0, "all entries"),
	OPT_FLAG(0, "target", struct journal_own, only_target, "only those of the meter of -c"),
};

static void journal_defaults(void *own)
{
	((struct journal_own *)own)->most = 50;
}

/* A journal being printed. */
struct entries {
	const struct app *app;
	struct printer out;
	size_t n, open;
	bool whole;		/* one, with all that is known of it */
	struct err *e;
};

enum {
	MARK, ID, RUN, AT, DONE, WHEN, WHO, TARGET, PROFILE, KEY, BEFORE, WANT, AFTER, STATE, HOLDS, OPEN, ERROR,
	IDENTITY, COLUMNS
};

static const struct column columns[COLUMNS] = {
	[MARK] = { NULL, .in = IN_TABLE, .after = " " },
	[ID] = { "id", .in = IN_ALL, .width = 1, .most = CELL_WIDEST },
	[RUN] = { "run", .in = IN_DATA },
	[AT] = { "time", .in = IN_DATA },
	[DONE] = { "done", .in = IN_DATA },
	[WHEN] = { NULL, .in = IN_TABLE, .before = "  " },
	[WHO] = { "who", .in = IN_DATA },
	[TARGET] = { "target", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .before = "  " },
	[PROFILE] = { "profile", .in = IN_DATA },
	[KEY] = { "key", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .before = "  " },
	[BEFORE] = { "before", .in = IN_ALL, .before = "  " },
	[WANT] = { "want", .in = IN_ALL, .before = " -> " },
	[AFTER] = { "after", .in = IN_DATA },
	[STATE] = { "state", .in = IN_ALL, .before = "  " },
	[HOLDS] = { NULL, .in = IN_TABLE, .before = ", holds " },
	[OPEN] = { "open", .in = IN_JSON },
	[ERROR] = { "error", .in = IN_DATA },
	[IDENTITY] = { "identity", .in = IN_JSON },
};
static const struct listing listing = {
	.schema = "meterctl.journal/1", .name = "entries", .columns = columns, .ncolumns = COLUMNS,
};

/* Only of what was read back, nothing is an empty text. */
static bool has_after(const struct journal_row *r)
{
	return *r->after || strcmp(r->state, "verified") == 0;
}

static const char *journal_shown(const char *value)
{
	return *value ? value : "\"\"";
}

static int entry_row(struct entries *l, const struct journal_row *r)
{
	char at[48], done[48], when[32];
	struct cell cells[COLUMNS] = {
		[MARK] = cell_text(journal_row_open(r) ? "*" : " "), [ID] = cell_integer(r->id),
		[RUN] = cell_integer(r->run), [WHO] = cell_text(r->who), [TARGET] = cell_text(r->target),
		[PROFILE] = cell_text(r->profile), [KEY] = cell_text(r->key), [BEFORE] = cell_text(r->before),
		[WANT] = cell_text(r->want), [STATE] = cell_text(r->state), [OPEN] = cell_bool(journal_row_open(r)),
		[ERROR] = cell_some(r->error), [IDENTITY] = cell_some(r->identity),
	};

	cells[AT] = cell_text(time_text(r->at_us, at, sizeof(at)));
	snprintf(when, sizeof(when), "%.10s %.8s", at, at + 11);
	cells[WHEN] = cell_text(when);
	if (r->done_us)
		cells[DONE] = cell_text(time_text(r->done_us, done, sizeof(done)));
	cells[BEFORE].shown = journal_shown(r->before);
	cells[WANT].shown = journal_shown(r->want);
	if (has_after(r))
		cells[AFTER] = cell_text(r->after);
	if (*r->after && strcmp(r->after, r->want) != 0)
		cells[HOLDS] = cell_text(r->after);
	return printer_row(&l->out, cells, l->e);
}

/* Everything about one, for a person. */
static void print_whole(FILE *f, const struct journal_row *r)
{
	char at[48];

	fprintf(f, "entry    %ld of run %ld\n", r->id, r->run);
	fprintf(f, "time     %s\n", time_text(r->at_us, at, sizeof(at)));
	fprintf(f, "by       %s\n", r->who);
	fprintf(f, "meter    %s, profile %s\n", r->target, r->profile);
	if (*r->identity)
		fprintf(f, "known by %s\n", r->identity);
	fprintf(f, "setting  %s\n", r->key);
	fprintf(f, "before   %s\n", journal_shown(r->before));
	fprintf(f, "wanted   %s\n", journal_shown(r->want));
	fprintf(f, "after    %s\n", has_after(r) ? journal_shown(r->after) : "not read");
	fprintf(f, "state    %s", r->state);
	if (r->done_us)
		fprintf(f, " at %s", time_text(r->done_us, at, sizeof(at)));
	fputc('\n', f);
	if (*r->error)
		fprintf(f, "reason   %s\n", r->error);
}

/* Ends the listing when it cannot be printed: E says why. */
static int entry_print(void *arg, const struct journal_row *r)
{
	struct entries *l = arg;
	FILE *prose = printer_prose(&l->out);

	l->n++;
	l->open += journal_row_open(r);
	if (!prose || !l->whole)
		return entry_row(l, r);
	print_whole(prose, r);
	return 0;
}

static int entries_print(struct journal *j, const struct journal_filter *f, struct entries *l)
{
	*l->e = (struct err){ 0 };
	if (printer_begin(&l->out, &listing, json_object(), l->e)
	    || (j && (journal_each(j, f, entry_print, l, l->e) || l->e->code)))
		return -1;
	if (f->id && l->n == 0)
		return err_set(l->e, ERR_USAGE, "no entry %ld in the journal (see 'meterctl journal')", f->id);
	if (printer_end(&l->out, json_object(), l->e))
		return -1;
	if (l->open && printer_prose(&l->out))
		app_say(l->app, "%zu open (*): what the meter holds was not read; the next "
			"writing command to it reads and settles that", l->open);
	return 0;
}

static int make_filter(const struct app *a, int argc, char **argv,
		       struct journal_filter *f, char *target, size_t size, struct err *e)
{
	const struct journal_own *own = a->own;
	struct target t;

	*f = (struct journal_filter){ .most = own->most };
	if (argc == 2 && strcmp(argv[0], "show") == 0) {
		if (!text_long(argv[1], 1, 2147483647, &f->id))
			return err_set(e, ERR_USAGE, "'%s' is no number of an entry", argv[1]);
		return 0;
	}
	if (argc)
		return err_set(e, ERR_USAGE, "usage: meterctl journal %s", cmd_journal.args);
	if (!own->only_target)
		return 0;
	if (app_target(a, &t, e))
		return -1;
	f->target = target_format(&t, 0, target, size);
	return 0;
}

static int cmd_journal_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct entries l = { .app = a, .out = app_printer(a), .e = e };
	struct journal_filter f;
	struct journal *j = NULL;
	char target[TARGET_TEXT];
	int rc = -1;

	if (make_filter(a, argc, argv, &f, target, sizeof(target), e))
		return -1;
	if (journal_look(a->journal, &j, e))
		return -1;
	l.whole = f.id != 0;
	rc = entries_print(j, &f, &l);
	printer_drop(&l.out);
	journal_close(j);
	return rc;
}

const struct cmd cmd_journal = {
	.name = "journal",
	.args = "[show ID]",
	.complete = "show",
	.help = "what was written, when, by whom, to which meter, with what result",
	.opts = journal_opts,
	.nopts = sizeof(journal_opts) / sizeof(*journal_opts),
	.own_size = sizeof(struct journal_own),
	.defaults = journal_defaults,
	.run = cmd_journal_run,
};
