#include "assign.h"

#include <stdio.h>
#include <string.h>

#include "assign_own.h"
#include "base/time.h"

void assign_target(const struct site *s, struct target *to)
{
	const char *address = site_value(s, ASSIGN_KEY);

	*to = s->target;
	if (address)
		target_change(to, ASSIGN_KEY, address);
	target_format(to, 0, to->text, sizeof(to->text));
}

/* ---- the file ------------------------------------------------------------------------------ */

static int assign_check_row(const struct sites *all, const struct site *s, struct err *e)
{
	char line[300], first[300];
	struct target to;

	assign_target(s, &to);
	if (target_is_broker(&to) || target_is_simulated(&to) || target_frames_tcp(&to))
		return err_set(e, ERR_USAGE, "'%s' is not an RS485 line (write rtu:PORT or rtutcp:HOST:PORT)", s->target.text);
	if (profile_find(s->profile, ASSIGN_KEY) < 0)
		return err_set(e, ERR_USAGE, "profile '%s' has no '" ASSIGN_KEY "'", s->profile->name);
	if (to.unit < 1 || to.unit > UNIT_MAX)
		return err_set(e, ERR_USAGE, "unit address %d cannot be assigned (1 to %d)", to.unit, UNIT_MAX);
	if (assign_is_factory(s->profile, &to))
		return err_set(e, ERR_USAGE, "unit address %d is that of new meters (choose another one)", to.unit);
	if (strcmp(site_line(s, line, sizeof(line)), site_line(&all->list[0], first, sizeof(first))) != 0)
		return err_set(e, ERR_USAGE, "'%s' is another line than that of the first row (one file, one line)", s->target.text);
	return 0;
}

int assign_check(const char *path, const struct sites *s, void (*mistake)(void *arg, const struct err *e), void *arg,
		 struct err *e)
{
	int mistakes = 0;
	struct err one;

	for (size_t i = 0; i < s->n; i++)
		if (assign_check_row(s, &s->list[i], &one)) {
			err_prefix(&one, "%s:%d", path, s->list[i].line);
			mistake(arg, &one);
			mistakes++;
		}
	if (mistakes)
		return err_set(e, ERR_USAGE, "'%s' has %d mistake%s: nothing was sent", path, mistakes, mistakes == 1 ? "" : "s");
	return 0;
}

/* ---- one row --------------------------------------------------------------------------------- */

static void assign_tell(const struct assign *a, struct visit_event ev, enum state_row is)
{
	ev.site = a->site;
	ev.result = &a->result;
	a->opts->told(a->opts->arg, &ev, is);
}

static void assign_step_told(void *arg, const struct plan *p, size_t step)
{
	struct assign *a = arg;

	if (p->steps[step].state == STEP_PLANNED)
		return;
	a->result.written += p->steps[step].state == STEP_VERIFIED;
	assign_tell(a, (struct visit_event){ .kind = VISIT_STEP, .plan = p, .step = &p->steps[step] }, STATE_OPEN);
	if (p->steps[step].state == STEP_VERIFIED && *p->steps[step].err.text)
		a->opts->said(a->opts->arg, p->steps[step].err.text);
}

static int assign_plan(struct assign *a, struct plan *p, struct meter *m, struct err *e)
{
	char address[8];

	snprintf(address, sizeof(address), "%d", a->to.unit);
	if (plan_add(p, ASSIGN_KEY, address, e) || plan_look(p, m, e))
		return -1;
	return plan_apply(p, m, a->journal, assign_step_told, a, e);
}

static int assign_write(struct assign *a, const struct discover_meter *found, struct err *e)
{
	struct plan_policy policy = a->opts->policy;
	struct plan p;
	struct meter m;
	int rc;

	policy.ban = target_unit_ban(&found->target);
	if (assign_open(a, &found->target, &m, e))
		return -1;
	plan_init(&p, a->site->profile, &policy);
	rc = assign_plan(a, &p, &m, e);
	plan_release(&p);
	assign_close(&m);
	return rc;
}

static int assign_confirm(const struct assign *a, const struct discover_meter *m, bool pending, struct err *e)
{
	char question[ERR_TEXT], serial[sizeof(m->id) + 24] = "", line[16];

	if (*m->id)
		snprintf(serial, sizeof(serial), ", serial number %s", m->id);
	if (pending) {
		snprintf(question, sizeof(question), "row %d: an earlier run was ended while it wrote unit address %d. "
			 "Switch that meter on, too: when it has the address, nothing is written", a->site->row, a->to.unit);
		a->opts->said(a->opts->arg, question);
	}
	snprintf(question, sizeof(question), "row %d: give unit address %d to the %s at unit %d, %s%s%s%s?", a->site->row, a->to.unit,
		 m->model, m->target.unit, target_line(&m->target, line, sizeof(line)), serial, a->site->note ? ": " : "",
		 a->site->note ? a->site->note : "");
	return a->opts->confirm(a->opts->arg, question, e);
}

/* The journal has that a meter was given the address, and nobody replies there: it is switched off, or
 * that was another site. 1: a meter is to have it; 0: it is done; -1 and E. */
static int assign_again(const struct assign *a, const struct assign_past *past, struct err *e)
{
	char question[ERR_TEXT], at[48];

	if (a->opts->resume)
		return 0;
	snprintf(question, sizeof(question), "row %d: the journal has unit address %d as assigned on %.10s, and no meter replies there. "
		 "Assign it to another meter?", a->site->row, a->to.unit, time_text(past->at_us, at, sizeof(at)));
	if (a->opts->confirm(a->opts->arg, question, e) == 0)
		return 1;
	return e->code == ERR_DENIED ? 0 : -1;
}

/* Is the address of the row free? 1; 0: the meter of the row has it; -1 and E. */
static int assign_free(struct assign *a, bool *pending, struct err *e)
{
	struct assign_seen seen;
	struct assign_past past;
	struct err why = { 0 };
	int rc;

	if (assign_look(a, &a->to, &seen, e) || assign_past(a, &past, e))
		return -1;
	*pending = past.open;
	if (seen.n == 0)
		return past.verified ? assign_again(a, &past, e) : 1;
	a->taken = true;
	if (seen.n > 1 || seen.first.doubled)
		return err_set(e, ERR_DENIED, "unit address %d is in use twice: two meters reply", a->to.unit);
	rc = assign_settled(a, &why);
	if (rc) {
		a->taken = rc > 0;
		*e = why;
		return rc < 0 ? -1 : 0;
	}
	return err_set(e, ERR_DENIED, "unit address %d is in use: %s", a->to.unit,
		       *why.text ? why.text : "another device replies (choose a free address)");
}

static void assign_say_wait(const struct assign *a)
{
	char text[ERR_TEXT];

	snprintf(text, sizeof(text), "row %d of %zu, unit address %d%s%s: switch on the next new meter, alone", a->site->row, a->sites->n,
		 a->to.unit, a->site->note ? ", " : "", a->site->note ? a->site->note : "");
	a->opts->said(a->opts->arg, text);
}

/* A person takes his time to answer, and the switches are at hand. 1; 0, and that is said; -1 and E. */
static int assign_still(const struct assign *a, const struct discover_meter *m, struct err *e)
{
	char text[80];
	int rc = assign_read_again(a, m, 1, e);

	snprintf(text, sizeof(text), "row %d: nothing was written: the meter has changed since the question", a->site->row);
	if (rc == 0)
		a->opts->said(a->opts->arg, text);
	return rc;
}

enum assign_end { ASSIGN_DONE, ASSIGN_OPEN, ASSIGN_FAILED, ASSIGN_ENDED };

/* How the row ends, and of all but DONE why. ENDED: no row will do better, the line or the program
 * is what failed. */
static enum assign_end assign_row(struct assign *a, struct err *e)
{
	struct discover_meter m;
	bool pending = false;
	int free_now = assign_free(a, &pending, e), still;

	if (free_now < 0)
		return e->code == ERR_DENIED && a->taken ? ASSIGN_FAILED : ASSIGN_ENDED;
	if (!free_now) {
		a->result.unchanged = 1;
		return ASSIGN_DONE;
	}
	assign_say_wait(a);
	do {
		if (assign_find(a, &m, e))
			return ASSIGN_ENDED;
		if (assign_confirm(a, &m, pending, e))
			return e->code == ERR_DENIED ? ASSIGN_OPEN : ASSIGN_ENDED;
		still = assign_still(a, &m, e);
		if (still < 0)
			return ASSIGN_ENDED;
	} while (!still);
	if (assign_write(a, &m, e))
		return e->code == ERR_INTERRUPTED ? ASSIGN_ENDED : ASSIGN_FAILED;
	return ASSIGN_DONE;
}

static void assign_tell_end(struct assign *a, enum assign_end end)
{
	static const enum visit_kind kinds[] = { VISIT_DONE, VISIT_INTERRUPTED, VISIT_FAILED, VISIT_INTERRUPTED };
	static const enum state_row states[] = { STATE_DONE, STATE_OPEN, STATE_FAILED, STATE_OPEN };

	if (end == ASSIGN_DONE)
		err_clear(&a->result.err);
	assign_tell(a, (struct visit_event){ .kind = kinds[end] }, states[end]);
}

int assign_run(const struct sites *s, struct journal *j, const struct assign_opts *o, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		struct assign a = { .opts = o, .sites = s, .journal = j, .site = &s->list[i] };
		enum assign_end end;

		if (o->ended(o->arg))
			return err_set(e, ERR_INTERRUPTED, "interrupted");
		assign_target(a.site, &a.to);
		assign_tell(&a, (struct visit_event){ .kind = VISIT_START }, STATE_OPEN);
		end = assign_row(&a, &a.result.err);
		assign_tell_end(&a, end);
		if (end == ASSIGN_ENDED) {
			*e = a.result.err;
			return -1;
		}
	}
	return 0;
}
