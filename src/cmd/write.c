#include "write.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output/printer.h"
#include "target/config.h"
#include "target/password.h"
#include "target/secret.h"
#include "write/journal.h"
#include "points.h"
#include "steps.h"

static bool can_ask(const struct app *a, const struct write_opts *o)
{
	return !o->yes && a->asks;
}

struct plan_policy write_policy(const struct app *a, const struct target *t,
				const struct write_opts *o)
{
	return (struct plan_policy){
		.read_only = a->read_only && !o->dry_run,
		.provisional = o->provisional,
		.switching = o->switching || can_ask(a, o),
		.simulated = target_is_simulated(t),
		.ban = target_unit_ban(t),
		.remote = target_pushes(t),
	};
}

/* One line from the person must be WORD. A signal that comes before it ends the wait. */
static bool write_typed(const struct app *a, int cancel_fd, const char *question, const char *word)
{
	struct pollfd from[] = { { .fd = cancel_fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	char line[64] = "";

	fprintf(a->err, "%s (type \"%s\") ", question, word);
	fflush(a->err);
	while (poll(from, 2, -1) < 0 && errno == EINTR)
		;
	if (from[0].revents || !fgets(line, sizeof(line), stdin))
		fputc('\n', a->err);
	clearerr(stdin);	/* a shell may ask again */
	line[strcspn(line, "\r\n")] = '\0';
	return strcmp(line, word) == 0;
}

int write_confirm(const struct app *a, int cancel_fd, const char *question,
		  const char *word, struct err *e)
{
	struct pollfd cancel = { .fd = cancel_fd, .events = POLLIN };
	bool yes = a->host && a->host->confirm ? a->host->confirm(a->host->arg, question)
					      : write_typed(a, cancel_fd, question, word);

	/* a signal may come before the line or along with it */
	if (poll(&cancel, 1, 0) > 0)
		return err_set(e, ERR_INTERRUPTED, "interrupted: nothing was written");
	return yes ? 0 : err_set(e, ERR_DENIED, "not confirmed: nothing was written");
}

bool write_writes(const struct app *a, int argc, char **argv)
{
	const struct write_opts *o = a->own;

	(void)argc;
	(void)argv;
	return !o->dry_run;
}

/* The first step waiting to be written that may switch a breaker, or NULL. */
static const struct point *first_switching(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct point *pt = &p->profile->points[p->steps[i].idx];

		if (p->steps[i].state == STEP_PLANNED && pt->flags & POINT_SWITCHES)
			return pt;
	}
	return NULL;
}

static int confirm(const struct app *a, const struct plan *p, const struct link *l,
		   const struct write_opts *o, struct err *e)
{
	const struct point *breaker = o->switching ? NULL : first_switching(p);
	char question[160];
	size_t n = plan_pending(p);

	if (breaker && !can_ask(a, o))
		return err_set(e, ERR_DENIED, "'%s' may switch a breaker (--allow-switching writes it)",
			       breaker->key);
	if (o->yes)
		return 0;
	if (!can_ask(a, o))
		return err_set(e, ERR_DENIED, "not confirmed: nothing was written (--yes, or answer on a terminal)");
	snprintf(question, sizeof(question), "write %s?", n == 1 ? "this setting" : "these settings");
	if (write_confirm(a, l->cancel_fd, question, "yes", e))
		return -1;
	if (!breaker)
		return 0;
	snprintf(question, sizeof(question), "%s may switch a breaker: is it safe to do so now?",
		 breaker->key);
	return write_confirm(a, l->cancel_fd, question, "switch", e);
}

int write_password(const struct write_opts *o, char **out, struct err *e)
{
	enum secret_kind kind;

	*out = NULL;
	if (!o->unlock || strcmp(o->unlock, "@ask") == 0)
		return 0;
	kind = secret_value(o->unlock, out, e);
	if (kind == SECRET_REFERENCE)
		return 0;
	secret_free(*out);
	*out = NULL;
	if (kind == SECRET_FAILED && e->code != ERR_USAGE)
		return err_prefix(e, "--unlock");
	return err_set(e, ERR_USAGE, "--unlock is not a reference, and others can read a command line: "
		       "write --unlock @ask, @env:NAME or @file:PATH");
}

char *write_ask_password(const struct app *a, struct err *e)
{
	if (!(a->host && a->host->on_screen))
		return password_ask("unlock password of the meter", e);
	err_set(e, ERR_DENIED, "the screens cannot ask for the unlock password (add --unlock @env:NAME or @file:PATH)");
	return NULL;
}

/* The unlock password into P, where its meter needs one. */
static int write_unlock(const struct app *a, struct plan *p, const char *given, struct err *e)
{
	char *asked;
	int rc;

	if (!plan_asks_password(p))
		return 0;
	if (given)
		return plan_give_password(p, given, e);
	asked = write_ask_password(a, e);
	rc = asked ? plan_give_password(p, asked, e) : -1;
	secret_free(asked);
	return rc ? err_prefix(e, "nothing written") : 0;
}

#define PROGRESS 72	/* cells, so that no line breaks */

/* Where the progress is drawn, on a terminal only. */
struct progress {
	FILE *f;
	size_t done, of;
};

static void write_told(void *arg, const struct plan *p, size_t step)
{
	struct progress *g = arg;
	const struct step *s = &p->steps[step];
	char line[PROGRESS + 1];

	if (!g || s->state == STEP_PLANNED)
		return;
	g->done++;
	snprintf(line, sizeof(line), "[%zu/%zu] %s %s", g->done, g->of,
		 p->profile->points[s->idx].key, step_state_names[s->state]);
	fprintf(g->f, "\r%-*s", PROGRESS, line);
	fflush(g->f);
}

/* A saved connection and the list of recent ones lead to where the meter is now. */
static void write_follow(const struct app *a, const struct target *from, const struct target *to)
{
	char was[sizeof(from->text)], is[sizeof(to->text)];
	struct err e = { 0 };

	target_format(from, 0, was, sizeof(was));
	target_format(to, 0, is, sizeof(is));
	if (strcmp(was, is) == 0)
		return;
	app_say(a, "the meter answers at %s now", is);
	if (config_follow(a->connect, was, is, &e))
		app_say(a, "%s: use -c '%s'", e.text, is);
	else if (!strchr(a->connect, ':'))
		app_say(a, "connection '%s' leads there", a->connect);
}

static int cmd_write_all(struct app *a, struct meter *m, struct plan *p, struct journal *j,
			 struct err *e)
{
	struct progress g = { .f = a->err, .of = plan_pending(p) };
	bool draw = a->redraws && !a->quiet;
	struct target before = m->link->target;
	int rc;

	if (draw && link_pushes(m->link))
		app_say(a, "sending it, and waiting for the meter's word on it (-t MS says how long)");
	rc = plan_apply(p, m, j, write_told, draw ? &g : NULL, e);
	if (draw && g.done)
		fprintf(a->err, "\r%*s\r", PROGRESS, "");
	write_follow(a, &before, &m->link->target);
	return rc;
}

static int cmd_write_refused(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].state == STEP_REFUSED) {
			*e = p->steps[i].err;
			return -1;
		}
	return 0;
}

int write_settle(const struct app *a, struct meter *m, struct journal *j, struct err *e)
{
	struct plan_settled s;

	if (plan_settle(m->profile, m, j, &s, e))
		return err_prefix(e, "cannot settle what an earlier run left open");
	if (s.n)
		app_say(a, "%zu write%s an earlier run left open: read and settled (see 'journal')",
			s.n, s.n == 1 ? "" : "s");
	if (s.others)
		app_say(a, "%zu write%s an earlier run left open %s so: nothing shows that it was to the meter that answers now",
			s.others, s.others == 1 ? "" : "s", s.others == 1 ? "stays" : "stay");
	return 0;
}

/* Steps that were not reached: because nobody agreed, or the line failed early. */
static const char *write_result_of(const struct plan *p, int rc, const struct err *e, bool dry, bool cancelled)
{
	const char *result = steps_result(p);

	/* all of them are verified: it is the journal that failed */
	if (rc && e->code == ERR_UNVERIFIED && strcmp(result, "ok") == 0)
		return "unrecorded";

	if (strcmp(result, "planned") != 0 || dry)
		return result;
	return cancelled ? "cancelled" : rc ? "failed" : result;
}

int write_run(struct app *a, struct meter *m, struct plan *p,
	      const struct write_opts *o, struct err *e)
{
	struct printer out = app_printer(a);
	struct journal *j = NULL;
	struct err print = { 0 };
	bool cancelled = false, in_full;	/* a person's dry run: with all that is to be known */
	char *unlock;
	int rc = -1;

	if (write_password(o, &unlock, e))
		return -1;
	if (!o->dry_run) {
		j = journal_open(a->journal, e);
		if (!j || write_settle(a, m, j, e))
			goto out;
	}
	points_patience(a, m);
	if (plan_look(p, m, e))
		goto out;
	in_full = o->dry_run && printer_prose(&out);
	rc = cmd_write_refused(p, e);
	if (!in_full && (rc || plan_pending(p)) && (!a->quiet || can_ask(a, o)))
		steps_show(a->err, p);
	if (!rc && !o->dry_run && plan_pending(p)) {
		cancelled = confirm(a, p, m->link, o, e) || write_unlock(a, p, unlock, e);
		rc = cancelled ? -1 : cmd_write_all(a, m, p, j, e);
	}
	if (in_full)
		steps_show(a->out, p);
	else if (steps_print(&out, m, p, write_result_of(p, rc, e, o->dry_run, cancelled), &print) && !rc) {
		*e = print;
		rc = -1;
	}
out:
	secret_free(unlock);
	journal_close(j);
	return rc;
}

int write_meter(struct app *a, const struct profile *profile, struct plan *p,
		const struct write_opts *o, struct err *e)
{
	struct meter m;
	int rc;

	if (app_open_meter(a, profile, &m, e)) {
		profile_free(profile);
		return -1;
	}
	rc = write_run(a, &m, p, o, e);
	app_close_meter(a, &m);
	return rc;
}
