/*
 * batch_assign.c - `meterctl batch --assign FILE.csv`: unit addresses for factory-new meters.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "batch/assign.h"
#include "batch.h"
#include "write.h"

/* A walk. */
struct assign_walk {
	struct app *app;
	struct sites sites;
	struct printer out;
	struct visit_result *results;	/* by row */
	enum state_row *states;
	int cancel_fd;
	struct err print;		/* why an event could not be printed */
};

static void assign_mistake(void *arg, const struct err *e)
{
	app_complain(((struct assign_walk *)arg)->app, e);
}

/* Also what a link remarks. */
static void assign_said(void *arg, const char *text)
{
	app_say(((struct assign_walk *)arg)->app, "%s", text);
}

static int assign_ask(void *arg, const char *question, struct err *e)
{
	const struct assign_walk *w = arg;

	return write_confirm(w->app, w->cancel_fd, question, "yes", e);
}

static bool assign_ended(void *arg)
{
	const struct assign_walk *w = arg;

	return !w->app->host && app_signal() != 0;
}

static void assign_told(void *arg, const struct visit_event *ev, enum state_row is)
{
	struct assign_walk *w = arg;
	size_t i = (size_t)ev->site->row - 1;
	struct target to;
	struct err e;

	w->results[i] = *ev->result;
	w->states[i] = is;
	if (batch_event_row(&w->out, ev, &e) && !w->print.code)
		w->print = e;
	assign_target(ev->site, &to);
	if (ev->kind == VISIT_FAILED)
		app_say(w->app, "row %d: %s", ev->site->row, ev->result->err.text);
	else if (ev->kind == VISIT_DONE)
		app_say(w->app, ev->result->unchanged ? "row %d: unit address %d was assigned before" : "row %d: unit address %d verified",
			ev->site->row, to.unit);
}

static int assign_count(const struct assign_walk *w, enum state_row is)
{
	int n = 0;

	for (size_t i = 0; i < w->sites.n; i++)
		n += w->states[i] == is;
	return n;
}

/* The end of what is printed, and the exit status. WHY: it ended early. */
static int assign_finish(struct assign_walk *w, const struct err *why, struct err *e)
{
	int done = assign_count(w, STATE_DONE), failed = assign_count(w, STATE_FAILED), open = assign_count(w, STATE_OPEN);
	json_t *tail = json_pack("{s:i, s:i, s:i}", "done", done, "failed", failed, "open", open);

	for (size_t i = 0; i < w->sites.n; i++)
		if (batch_result_row(&w->out, &w->sites.list[i], w->states[i], &w->results[i], e)) {
			json_decref(tail);
			return -1;
		}
	if (batch_summary_event(&w->out, done, failed, open, e)) {
		json_decref(tail);
		return -1;
	}
	if (printer_end(&w->out, tail, e))
		return -1;
	if (w->print.code)
		*e = w->print;
	else if (why->code == ERR_INTERRUPTED)
		err_set(e, ERR_INTERRUPTED, "interrupted: %d of %zu rows not done (the same command goes on)", open + failed, w->sites.n);
	else if (why->code)
		*e = *why;
	else if (failed)
		err_set(e, ERR_SOME, "%d of %zu meters failed", failed, w->sites.n);
	else if (open)
		err_set(e, ERR_DENIED, "%d of %zu rows not confirmed: nothing was written there", open, w->sites.n);
	else
		return 0;
	return -1;
}

static int assign_walk(struct assign_walk *w, const struct plan_policy *policy, bool resume, struct err *e)
{
	struct assign_opts o = {
		.link = app_link_opts(w->app), .policy = *policy, .resume = resume, .said = assign_said, .confirm = assign_ask,
		.told = assign_told, .ended = assign_ended, .arg = w,
	};
	struct journal *j = journal_open(w->app->journal, e);
	struct err why = { 0 };
	int rc = -1;

	if (!j)
		return -1;
	o.link.cancel_fd = w->cancel_fd;
	o.link.remark = assign_said;
	o.link.remark_arg = w;
	if (printer_begin(&w->out, &batch_list, json_object(), e) == 0) {
		if (assign_run(&w->sites, j, &o, &why) == 0)
			why.code = ERR_NONE;
		rc = assign_finish(w, &why, e);
	}
	journal_close(j);
	return rc;
}

/* Each meter is confirmed by a person who sees it. */
static int assign_may_ask(const struct app *a, struct err *e)
{
	if (a->read_only)
		return err_set(e, ERR_DENIED, "read-only: no address is assigned");
	return a->asks ? 0 : err_set(e, ERR_DENIED, "not confirmed: nothing was written (--assign asks on a terminal)");
}

static int assign_prepare(struct assign_walk *w, const char *path, const struct plan_policy *policy, struct err *e)
{
	const struct sites_opts o = { .profile = w->app->profile, .policy = *policy, .moved = true };

	if (sites_load(path, &o, &w->sites, assign_mistake, w, e) || assign_check(path, &w->sites, assign_mistake, w, e))
		return -1;
	w->results = calloc(w->sites.n, sizeof(*w->results));
	w->states = calloc(w->sites.n, sizeof(*w->states));
	w->cancel_fd = w->app->cancel_fd ? w->app->cancel_fd : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!w->results || !w->states)
		return err_set(e, ERR_NO, "out of memory");
	return w->cancel_fd < 0 ? err_set(e, ERR_NO, "cannot make an event: %m") : 0;
}

int batch_assign(struct app *a, const char *path, const struct plan_policy *policy, bool resume, struct err *e)
{
	struct assign_walk w = { .app = a, .out = app_printer(a), .cancel_fd = -1 };
	int rc = assign_prepare(&w, path, policy, e);

	if (!rc)
		rc = assign_may_ask(a, e);
	if (!rc) {
		app_cancel_on_signal(a, w.cancel_fd);
		rc = assign_walk(&w, policy, resume, e);
		app_cancel_on_signal(a, -1);
	}
	if (w.cancel_fd >= 0 && w.cancel_fd != a->cancel_fd)
		close(w.cancel_fd);
	printer_drop(&w.out);
	free(w.results);
	free(w.states);
	sites_release(&w.sites);
	return rc;
}
