/*
 * batch.c - `meterctl batch FILE.csv`: many meters, a row each.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc16.h"
#include "base/outfile.h"
#include "base/text.h"
#include "batch/crew.h"
#include "batch/state.h"
#include "auto.h"
#include "batch.h"
#include "cmd.h"
#include "signals.h"
#include "target/secret.h"
#include "write.h"

struct shard {
	int i, of;
};

struct batch_own {
	struct write_opts write;	/* first, for write_writes() */
	int jobs;
	bool resume, only_failed, stop_on_error;
	struct shard shard;
	const char *output, *from_scan;
	bool assign;
};

static int batch_take_shard(const char *arg, void *field, struct err *e)
{
	struct shard *s = field;
	char of[16];
	long i, n;

	if (sscanf(arg, "%*[0-9]/%15[0-9]", of) != 1 || !text_long(of, 1, 1000, &n))
		return err_set(e, ERR_USAGE, "'%s' is not a shard: write I/N, 1/2 for the first of two", arg);
	snprintf(of, sizeof(of), "%.*s", (int)strcspn(arg, "/"), arg);
	if (!text_long(of, 1, n, &i))
		return err_set(e, ERR_USAGE, "'%s': of %ld shards the first is 1/%ld, the last %ld/%ld", arg, n, n, n, n);
	*s = (struct shard){ (int)i, (int)n };
	return 0;
}

static int batch_take_only(const char *arg, void *field, struct err *e)
{
	*(bool *)field = strcmp(arg, "failed") == 0;
	return *(bool *)field ? 0 : err_set(e, ERR_USAGE, "'%s': write --only failed", arg);
}

static const struct opt batch_opts[] = {
	OPT_NUMBER(0, "jobs", "N", struct batch_own, jobs, 1, CREW_LINES_MOST, "number of lines",
		   "work at N lines side by side (default 32)"),
	OPT_FLAG(0, "resume", struct batch_own, resume, "go on with a run that was ended"),
	OPT_CALL(0, "only", "failed", "failed", bool, struct batch_own, only_failed, batch_take_only,
		 "only the meters that the last run has not done"),
	OPT_FLAG(0, "stop-on-error", struct batch_own, stop_on_error, "begin no meter after one has failed"),
	OPT_CALL(0, "shard", "I/N", NULL, struct shard, struct batch_own, shard, batch_take_shard,
		 "only the I-th of N parts of the file"),
	OPT_TEXT('o', "output", "FILE", "@file", struct batch_own, output, "write the summary as CSV to FILE, too"),
	OPT_TEXT(0, "from-scan", "FILE", "@file", struct batch_own, from_scan,
		 "make a batch file (-o FILE) of what scan -f json has found"),
	OPT_FLAG(0, "assign", struct batch_own, assign, "give unit addresses to new meters, switched on one by one"),
	WRITE_ROWS(struct batch_own, write),
};

static void batch_defaults(void *own)
{
	struct batch_own *o = own;

	o->jobs = CREW_LINES;
	o->shard = (struct shard){ 1, 1 };
}

/* A run. */
struct batch {
	struct app *app;
	const struct batch_own *own;
	struct sites sites;
	struct checklist_list list;	/* of every meter */
	struct state *state;		/* NULL: a dry run */
	bool *todo;			/* rows to be done now; those of other shards never are */
	bool *ours;
	struct visit_result *results;	/* by row */
	enum state_row *states;
	struct printer out;
	struct batch_progress *progress;
	char *unlock;			/* the password of --unlock; NULL: none */
	struct err print;		/* why an event could not be printed */
	pthread_mutex_t lock;		/* of what is said while it runs */
};

/* ---- what is said ------------------------------------------------------------------ */

static void batch_mistake(void *arg, const struct err *e)
{
	app_complain(arg, e);
}

/* From any thread, of a link. */
static void batch_remark(void *arg, const char *text)
{
	struct batch *b = arg;

	pthread_mutex_lock(&b->lock);
	batch_progress_clear(b->progress);
	app_say(b->app, "%s", text);
	pthread_mutex_unlock(&b->lock);
}

static void batch_keep(struct batch *b, const struct visit_event *ev)
{
	size_t i = (size_t)ev->site->row - 1;

	b->results[i] = *ev->result;
	b->states[i] = ev->kind == VISIT_DONE ? STATE_DONE : ev->kind == VISIT_FAILED ? STATE_FAILED : STATE_OPEN;
}

static bool batch_told(void *arg, const struct visit_event *ev)
{
	struct batch *b = arg;
	bool ended = ev->kind == VISIT_DONE || ev->kind == VISIT_FAILED || ev->kind == VISIT_INTERRUPTED;
	bool heard;
	struct err e;

	pthread_mutex_lock(&b->lock);
	if (ended)
		batch_keep(b, ev);
	if (printer_prose(&b->out) && ev->kind == VISIT_STEP && ev->step->state == STEP_PLANNED) {
		batch_progress_clear(b->progress);
		batch_plan_line(b->app->out, ev);
	}
	if (batch_event_row(&b->out, ev, &e) && !b->print.code)
		b->print = e;
	if (b->progress)
		batch_progress_take(b->progress, ev);
	else if (ended && b->app->verbose)
		app_say(b->app, "row %d %s: %s%s%s", ev->site->row, ev->site->target.text, visit_kind_names[ev->kind],
			*ev->result->err.text ? ": " : "", ev->result->err.text);
	heard = b->print.code == ERR_NONE;
	pthread_mutex_unlock(&b->lock);
	return heard;
}

#define COMPLAINTS 20	/* a person reads no more of them; the summary has all */

static void batch_say_failed(const struct batch *b)
{
	int said = 0, failed = 0;

	for (size_t i = 0; i < b->sites.n; i++) {
		if (!b->ours[i] || b->states[i] != STATE_FAILED)
			continue;
		failed++;
		if (said++ < COMPLAINTS)
			fprintf(b->app->err, "meterctl: row %d %s: %s\n", b->sites.list[i].row,
				b->sites.list[i].target.text, b->results[i].err.text);
	}
	if (failed > COMPLAINTS)
		fprintf(b->app->err, "meterctl: and %d more (see the summary)\n", failed - COMPLAINTS);
}

static int batch_print_rows(struct batch *b, struct printer *out, struct err *e)
{
	for (size_t i = 0; i < b->sites.n; i++)
		if (b->ours[i] && batch_result_row(out, &b->sites.list[i], b->states[i], &b->results[i], e))
			return -1;
	return 0;
}

/* An older summary is what a resumed run goes on from. */
static unsigned batch_output_how(const struct batch *b)
{
	return outfile_how(b->app->force || b->own->resume);
}

/* The summary as CSV in a file. */
static int batch_save(struct batch *b, struct err *e)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct printer csv;
	int rc;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	printer_init(&csv, f, format_find("csv", e), false);
	rc = printer_begin(&csv, &batch_list, json_object(), e);
	if (!rc)
		rc = batch_print_rows(b, &csv, e);
	if (!rc)
		rc = printer_end(&csv, json_object(), e);
	printer_drop(&csv);
	fclose(f);
	if (!rc)
		rc = outfile_put(b->own->output, text, batch_output_how(b), e);
	free(text);
	return rc;
}

static int batch_count(const struct batch *b, enum state_row is)
{
	int n = 0;

	for (size_t i = 0; i < b->sites.n; i++)
		n += b->ours[i] && b->states[i] == is;
	return n;
}

/* The end of what is printed, and the exit status. WHY: it ended early. */
static int batch_finish(struct batch *b, const struct err *why, struct err *e)
{
	int done = batch_count(b, STATE_DONE), failed = batch_count(b, STATE_FAILED), open = batch_count(b, STATE_OPEN);
	json_t *tail = json_pack("{s:i, s:i}", "done", done, "failed", failed);

	if (done + failed + open == 0)
		app_say(b->app, "no meter of this file belongs to shard %d/%d", b->own->shard.i, b->own->shard.of);
	if (tail && open)
		json_object_set_new(tail, "open", json_integer(open));
	if (batch_print_rows(b, &b->out, e) || batch_summary_event(&b->out, done, failed, open, e)) {
		json_decref(tail);
		return -1;
	}
	printer_documented(&b->out);
	if (printer_end(&b->out, tail, e) || (b->own->output && batch_save(b, e)))
		return -1;
	batch_say_failed(b);
	if (b->print.code)
		*e = b->print;
	else if (why->code)
		*e = *why;
	else if (failed)
		err_set(e, ERR_SOME, "%d of %d meters failed", failed, done + failed + open);
	else
		return 0;
	return -1;
}

/* ---- which rows ------------------------------------------------------------------------ */

/* A serial line or a gateway is one machine's: it goes as a whole. A broker's meters are
 * dealt out one by one. */
static bool batch_ours(const struct batch *b, const struct site *s)
{
	unsigned deal = (unsigned)s->row - 1;
	char line[300];

	if (!target_is_broker(&s->target) && !target_is_simulated(&s->target)) {
		site_place(s, line, sizeof(line));
		deal = crc16((const uint8_t *)line, strlen(line));
	}
	return deal % (unsigned)b->own->shard.of == (unsigned)b->own->shard.i - 1;
}

/* The run, in its state; a dry run looks at the state only, where it has to. */
static int batch_begin(struct batch *b, const char *path, bool *resumed, struct err *e)
{
	const struct batch_own *own = b->own;
	bool known;

	if (own->write.dry_run && !own->resume && !own->only_failed)
		return 0;
	b->state = state_open(path, b->app->journal, own->shard.i, own->shard.of, e);
	if (!b->state)
		return -1;
	known = state_known(b->state);
	if (own->only_failed && !known)
		return err_set(e, ERR_DENIED, "no earlier run of '%s' is known (run it without --only)", path);
	*resumed = own->resume && known;
	if (*resumed || own->write.dry_run)
		return known ? state_resume(b->state, &b->sites, e) : 0;
	return state_begin(b->state, &b->sites, own->only_failed, e);
}

static int batch_choose(struct batch *b, const char *path, bool *resumed, struct err *e)
{
	size_t n = b->sites.n;

	b->todo = calloc(n, sizeof(*b->todo));
	b->ours = calloc(n, sizeof(*b->ours));
	b->results = calloc(n, sizeof(*b->results));
	b->states = calloc(n, sizeof(*b->states));
	if (!b->todo || !b->ours || !b->results || !b->states)
		return err_set(e, ERR_NO, "out of memory");
	if (batch_begin(b, path, resumed, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		b->ours[i] = batch_ours(b, &b->sites.list[i]);
		if (b->state && state_known(b->state) && state_get(b->state, (int)i + 1, &b->states[i], &b->results[i], e))
			return -1;
		b->todo[i] = b->ours[i] && (b->states[i] == STATE_OPEN
					    || (b->states[i] == STATE_FAILED && b->own->only_failed));
	}
	return 0;
}

/* ---- carrying it out ------------------------------------------------------------------ */

/* How many rows have settings. */
static size_t batch_writing(const struct batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->sites.n; i++)
		n += batch_ours(b, &b->sites.list[i]) && (b->sites.list[i].nwanted || b->sites.list[i].settings);
	return n;
}

/* Nothing is known of the old values yet; --dry-run shows them. */
static int batch_confirm(const struct batch *b, struct err *e)
{
	const struct app *a = b->app;
	char question[120];
	size_t n = batch_writing(b);

	if (n == 0 || b->own->write.dry_run)
		return 0;
	if (a->read_only)
		return err_set(e, ERR_DENIED, "read-only: the settings of %zu meter%s are not written", n, n == 1 ? "" : "s");
	if (b->own->write.yes)
		return 0;
	if (!a->asks)
		return err_set(e, ERR_DENIED, "not confirmed: nothing was written (--yes, or answer on a terminal; --dry-run shows the plan)");
	snprintf(question, sizeof(question), "write the settings of %zu meter%s (--dry-run shows them)?", n, n == 1 ? "" : "s");
	return write_confirm(a, a->cancel_fd ? a->cancel_fd : -1, question, "yes", e);
}

/* Many lines are worked at side by side: a password is asked for now. */
static int batch_unlock(struct batch *b, struct err *e)
{
	const struct write_opts *o = &b->own->write;

	if (write_password(o, &b->unlock, e))
		return -1;
	if (o->unlock && !b->unlock && !o->dry_run)
		b->unlock = write_ask_password(b->app, e);
	return o->unlock && !b->unlock && !o->dry_run ? -1 : 0;
}

static int batch_password(void *arg, const struct target *t, char **out, struct err *e)
{
	return app_password(((struct batch *)arg)->app, t, out, e);
}

static struct plan_policy batch_policy(const struct batch *b)
{
	return (struct plan_policy){	/* read-only: none that has settings gets so far */
		.provisional = b->own->write.provisional,
		.switching = b->own->write.switching,
	};
}

static int batch_work(struct batch *b, struct journal *j, int cancel_fd, bool resumed, struct err *e)
{
	struct crew_count count;
	struct crew_opts o = {
		.visit = {
			.policy = batch_policy(b), .dry_run = b->own->write.dry_run, .unlock = b->unlock,
			.journal_path = b->app->journal,
			.resumed_us = resumed ? state_began(b->state) : 0, .told = batch_told,
			.remark = batch_remark, .arg = b, .list = &b->list,
		},
		.link = app_link_opts(b->app), .lines = b->own->jobs, .stop_on_error = b->own->stop_on_error,
		.password = batch_password, .password_arg = b,
	};
	struct err why = { 0 };

	o.link.hurried = true;
	o.link.cancel_fd = cancel_fd;
	o.link.remark = batch_remark;
	o.link.remark_arg = b;
	if (printer_begin(&b->out, &batch_list, json_object(), e))
		return -1;
	/* events on the same terminal say as much, and would be drawn over */
	if (b->app->redraws && !(b->out.format->form & IN_JSON && isatty(fileno(b->app->out))))
		b->progress = batch_progress_new(b->app->err, &b->sites, b->todo);
	if (crew_run(&b->sites, b->todo, o.visit.dry_run ? NULL : b->state, j, &o, &count, &why) == 0)
		why.code = ERR_NONE;
	batch_progress_free(b->progress);
	b->progress = NULL;
	return batch_finish(b, &why, e);
}

static int batch_carry_out(struct batch *b, const char *path, struct err *e)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	struct journal *j = NULL;
	struct signals signals;
	bool resumed = false;
	int rc;

	if (batch_confirm(b, e) || batch_unlock(b, e) || batch_choose(b, path, &resumed, e))
		return -1;
	if (b->own->resume && !resumed)
		app_say(b->app, "no run of '%s' to go on with: this is a new one", path);
	if (!b->own->write.dry_run) {
		j = journal_open(b->app->journal, e);
		if (!j)
			return -1;
	}
	/* who reads the events may go; what is being written is seen through all the same */
	sigaction(SIGPIPE, &ignore, &before);
	rc = signals_hold(&signals, b->app->cancel_fd, e);
	if (!rc) {
		rc = batch_work(b, j, signals.fd, resumed, e);
		signals_release(&signals);
	}
	if (!b->print.code)	/* else the rest of it is still to be given up */
		sigaction(SIGPIPE, &before, NULL);
	journal_close(j);
	return rc;
}

/* A walk asks about each meter: what else there is for a batch means nothing to it. */
static int batch_assign_alone(const struct batch *b, struct err *e)
{
	if (b->own->write.yes || b->own->write.dry_run)
		return err_set(e, ERR_USAGE, "--assign asks about each meter: leave out --yes and --dry-run");
	if (b->own->only_failed || b->own->output || b->own->shard.of > 1)
		return err_set(e, ERR_USAGE, "--assign goes with --resume only: leave out --only, --output and --shard");
	return 0;
}

/* The profile NAME of the meter at TARGET, who is asked before anything else is done. */
static const struct profile *batch_identify(void *arg, const char *name, const char *target, struct err *e)
{
	struct app a = *(const struct app *)arg;

	a.connect = target;
	a.profile = name;
	return app_profile(&a, e);
}

static int batch_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct batch b = { .app = a, .own = a->own, .out = app_printer(a) };
	struct sites_opts o = { .profile = a->profile, .identify = batch_identify, .identify_arg = a };
	int rc;

	if (b.own->from_scan)
		return cmd_words(&cmd_batch, argc, 0, 0, e) ? -1 : batch_from_scan(a, b.own->from_scan, b.own->output, e);
	if (cmd_words(&cmd_batch, argc, 1, 1, e) || (b.own->output && outfile_check(b.own->output, batch_output_how(&b), e)))
		return -1;
	o.policy = batch_policy(&b);
	if (b.own->assign)
		return batch_assign_alone(&b, e) ? -1 : batch_assign(a, argv[0], &o.policy, b.own->resume, e);
	pthread_mutex_init(&b.lock, NULL);
	rc = checklist_list_load(&b.list, NULL, e);
	if (!rc)
		rc = sites_load(argv[0], &o, &b.sites, batch_mistake, a, e);
	if (!rc)
		rc = batch_carry_out(&b, argv[0], e);
	printer_drop(&b.out);
	state_close(b.state);
	free(b.todo);
	free(b.ours);
	free(b.results);
	free(b.states);
	secret_free(b.unlock);
	sites_release(&b.sites);
	pthread_mutex_destroy(&b.lock);
	return rc;
}

const struct cmd cmd_batch = {
	.name = "batch",
	.args = "FILE.csv | --from-scan FILE | --assign FILE.csv",
	.complete = "@file",
	.help = "set, check and report on many meters, a row each (exit status 8: some failed)",
	.opts = batch_opts,
	.nopts = sizeof(batch_opts) / sizeof(*batch_opts),
	.own_size = sizeof(struct batch_own),
	.own_lines = true,
	.defaults = batch_defaults,
	.writes = write_writes,
	.run = batch_run,
};
