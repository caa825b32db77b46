/*
 * journal.c - `meterctl journal`: what was written, when, by whom, to which
 * meter, and what became of it. Asks no meter.
 */
#include <stdio.h>
#include <string.h>

#include "write/journal.h"
#include "output/output.h"
#include "base/text.h"
#include "cmd.h"

#define SCHEMA "meterctl.journal/1"

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

struct listing {
	FILE *f;
	const struct app *app;
	json_t *entries;	/* of a JSON document */
	int id, target, key;	/* widths of columns */
	size_t n, open;
	struct err *e;
};

static json_t *time_json(int64_t us)
{
	char text[48];

	return us ? json_string(output_time(us, text, sizeof(text))) : json_null();
}

/* Only of what was read back, nothing is an empty text. */
static bool has_after(const struct journal_row *r)
{
	return *r->after || strcmp(r->state, "verified") == 0;
}

static json_t *entry_json(const struct journal_row *r)
{
	return json_pack("{s:I, s:I, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:b, s:o, s:o}",
		"id", (json_int_t)r->id, "run", (json_int_t)r->run,
		"time", time_json(r->at_us), "done", time_json(r->done_us),
		"who", r->who, "target", r->target, "profile", r->profile, "key", r->key,
		"before", r->before, "want", r->want,
		"after", has_after(r) ? json_string(r->after) : json_null(),
		"state", r->state, "open", journal_row_open(r),
		"error", *r->error ? json_string(r->error) : json_null(),
		"identity", *r->identity ? json_string(r->identity) : json_null());
}

static void journal_print_csv(FILE *f, const struct journal_row *r)
{
	const char *const cells[] = { r->who, r->target, r->profile, r->key, r->before,
				      r->want, r->after, r->state, r->error };
	char at[48], done[48];

	fprintf(f, "%ld,%ld,%s,%s", r->id, r->run, output_time(r->at_us, at, sizeof(at)),
		r->done_us ? output_time(r->done_us, done, sizeof(done)) : "");
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		fputc(',', f);
		output_csv_cell(f, cells[i]);
	}
	fputs("\r\n", f);
}

static const char *journal_shown(const char *value)
{
	return *value ? value : "\"\"";
}

static void print_line(const struct listing *l, const struct journal_row *r)
{
	char at[48];

	output_time(r->at_us, at, sizeof(at));
	fprintf(l->f, "%c %*ld  %.10s %.8s  %-*s  %-*s  %s -> %s  %s",
		journal_row_open(r) ? '*' : ' ', l->id, r->id, at, at + 11,
		l->target, r->target, l->key, r->key, journal_shown(r->before), journal_shown(r->want), r->state);
	if (*r->after && strcmp(r->after, r->want) != 0)
		fprintf(l->f, ", holds %s", r->after);
	fputc('\n', l->f);
}

static int measure_row(void *arg, const struct journal_row *r)
{
	struct listing *l = arg;
	int id = snprintf(NULL, 0, "%ld", r->id), target = output_cells(r->target);
	int key = (int)strlen(r->key);

	l->id = id > l->id ? id : l->id;
	l->target = target > l->target ? target : l->target;
	l->key = key > l->key ? key : l->key;
	return 0;
}

/* Ends the listing when it cannot be printed: E says why. */
static int journal_print_row(void *arg, const struct journal_row *r)
{
	struct listing *l = arg;

	l->n++;
	l->open += journal_row_open(r);
	switch (l->app->format) {
	case FORMAT_TABLE: print_line(l, r); break;
	case FORMAT_CSV: journal_print_csv(l->f, r); break;
	case FORMAT_JSONL: return output_json(l->f, entry_json(r), l->e);
	case FORMAT_JSON:
		if (json_array_append_new(l->entries, entry_json(r)))
			return err_set(l->e, ERR_NO, "out of memory for JSON");
		break;
	}
	return 0;
}

/* Everything about one, for a person. */
static int print_whole(void *arg, const struct journal_row *r)
{
	struct listing *l = arg;
	char at[48];

	l->n++;
	l->open += journal_row_open(r);
	fprintf(l->f, "entry    %ld of run %ld\n", r->id, r->run);
	fprintf(l->f, "time     %s\n", output_time(r->at_us, at, sizeof(at)));
	fprintf(l->f, "by       %s\n", r->who);
	fprintf(l->f, "meter    %s, profile %s\n", r->target, r->profile);
	if (*r->identity)
		fprintf(l->f, "known by %s\n", r->identity);
	fprintf(l->f, "setting  %s\n", r->key);
	fprintf(l->f, "before   %s\n", journal_shown(r->before));
	fprintf(l->f, "wanted   %s\n", journal_shown(r->want));
	fprintf(l->f, "after    %s\n", has_after(r) ? journal_shown(r->after) : "not read");
	fprintf(l->f, "state    %s", r->state);
	if (r->done_us)
		fprintf(l->f, " at %s", output_time(r->done_us, at, sizeof(at)));
	fputc('\n', l->f);
	if (*r->error)
		fprintf(l->f, "reason   %s\n", r->error);
	return 0;
}

static int journal_finish(struct listing *l)
{
	if (l->app->format == FORMAT_JSON)
		return output_json(l->f, json_pack("{s:s, s:O}", "schema", SCHEMA,
						   "entries", l->entries), l->e);
	if (l->open && l->app->format == FORMAT_TABLE)
		app_say(l->app, "%zu open (*): what the meter holds was not read; the next "
			"writing command to it reads and settles that", l->open);
	return 0;
}

static int list(struct journal *j, const struct journal_filter *f, struct listing *l)
{
	const struct app *a = l->app;

	*l->e = (struct err){ 0 };
	if (a->format == FORMAT_TABLE && !f->id && j
	    && journal_each(j, f, measure_row, l, l->e))
		return -1;
	if (a->format == FORMAT_CSV)
		fputs("id,run,time,done,who,target,profile,key,before,want,after,state,error\r\n", l->f);
	if (j && (journal_each(j, f, a->format == FORMAT_TABLE && f->id ? print_whole : journal_print_row,
			       l, l->e) || l->e->code))
		return -1;
	if (f->id && l->n == 0)
		return err_set(l->e, ERR_USAGE, "no entry %ld in the journal (see 'meterctl journal')", f->id);
	return journal_finish(l);
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
	struct listing l = { .f = a->out, .app = a, .e = e };
	struct journal_filter f;
	struct journal *j = NULL;
	char target[TARGET_TEXT];
	int rc = -1;

	if (make_filter(a, argc, argv, &f, target, sizeof(target), e))
		return -1;
	if (journal_exists(a->journal)) {
		j = journal_open(a->journal, e);
		if (!j)
			return -1;
	}
	l.entries = json_array();
	rc = list(j, &f, &l);
	json_decref(l.entries);
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
