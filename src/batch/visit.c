#include "visit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/time.h"
#include "checklist/record.h"
#include "profile/ability.h"
#include "meter/missing.h"
#include "meter/samples.h"
#include "output/reading.h"
#include "report/report.h"

const char *const visit_kind_names[VISIT_KINDS] = {
	[VISIT_START] = "start", [VISIT_STEP] = "step", [VISIT_EXPECT] = "expect", [VISIT_CHECK] = "check",
	[VISIT_CHECKLIST] = "checklist", [VISIT_REPORT] = "report", [VISIT_DONE] = "done", [VISIT_FAILED] = "failed",
	[VISIT_INTERRUPTED] = "interrupted",
};

struct visiting {
	const struct site *site;
	const struct visit_opts *opts;
	struct meter *meter;
	struct journal *journal;
	struct visit_result *result;
};

static void visit_tell(const struct visiting *v, struct visit_event ev)
{
	ev.site = v->site;
	ev.result = v->result;
	v->opts->told(v->opts->arg, &ev);
}

/* The first reason is the row's. */
static void visit_fail(struct visiting *v, const struct err *e)
{
	if (v->result->err.code == ERR_NONE)
		v->result->err = *e;
}

/* ---- settings ------------------------------------------------------------------- */

static void visit_tell_step(const struct visiting *v, const struct plan *p, size_t step)
{
	visit_tell(v, (struct visit_event){ .kind = VISIT_STEP, .plan = p, .step = &p->steps[step] });
}

static void visit_step_told(void *arg, const struct plan *p, size_t step)
{
	struct visiting *v = arg;

	if (p->steps[step].state == STEP_PLANNED)
		return;
	v->result->written += p->steps[step].state == STEP_VERIFIED;
	visit_tell_step(v, p, step);
}

/* Has the run that goes on now written S already? */
struct visit_before {
	const struct visiting *v;
	const struct plan *plan;
	const struct step *step;
	bool verified;
};

static int visit_journal_row(void *arg, const struct journal_row *r)
{
	struct visit_before *b = arg;

	if (r->at_us >= b->v->opts->resumed_us && strcmp(r->key, plan_point(b->plan, b->step)->key) == 0)
		b->verified = strcmp(r->state, step_state_names[STEP_VERIFIED]) == 0;
	return 0;
}

/* What is not read before it is written (a meter behind a broker), or is another value each
 * time (the clock), would be written a second time by a run that is resumed. The journal has
 * what that run has verified already. */
static int visit_skip_written(const struct visiting *v, struct plan *p, struct err *e)
{
	char target[TARGET_TEXT];
	struct journal_filter f = { .target = target_format(&v->site->target, 0, target, sizeof(target)) };

	for (size_t i = 0; i < p->n && v->opts->resumed_us && v->journal; i++) {
		struct visit_before b = { .v = v, .plan = p, .step = &p->steps[i] };

		if (p->steps[i].state != STEP_PLANNED
		    || (!p->steps[i].now && p->steps[i].before.kind != VALUE_NONE))
			continue;
		if (journal_each(v->journal, &f, visit_journal_row, &b, e))
			return -1;
		if (b.verified)
			p->steps[i].state = STEP_UNCHANGED;
	}
	return 0;
}

/* A file may hold the settings of outputs; who wants one of them changed has said so. */
static int visit_check_switching(const struct visiting *v, const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n && !v->opts->policy.switching; i++)
		if (p->steps[i].state == STEP_PLANNED && plan_point(p, &p->steps[i])->flags & POINT_SWITCHES)
			return err_set(e, ERR_DENIED, "'%s' may switch a breaker (--allow-switching writes it)",
				       plan_point(p, &p->steps[i])->key);
	return 0;
}

/* Tells the steps that stay as they are. */
static void visit_tell_rest(struct visiting *v, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		enum step_state state = p->steps[i].state;

		v->result->unchanged += state == STEP_UNCHANGED;
		v->result->planned += state == STEP_PLANNED && v->opts->dry_run;
		if (state == STEP_UNCHANGED || state == STEP_REFUSED || (state == STEP_PLANNED && v->opts->dry_run))
			visit_tell_step(v, p, i);
	}
}

static int visit_refused(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].state == STEP_REFUSED) {
			*e = p->steps[i].err;
			return -1;
		}
	return 0;
}

static int visit_write(struct visiting *v, struct plan *p, struct err *e)
{
	if (v->journal && plan_settle(v->meter->profile, v->meter, v->journal, NULL, e))
		return err_prefix(e, "cannot settle what an earlier run left open");
	if (plan_look(p, v->meter, e) || visit_skip_written(v, p, e))
		return -1;
	visit_tell_rest(v, p);
	if (visit_refused(p, e) || visit_check_switching(v, p, e))
		return -1;
	if (v->opts->unlock && plan_asks_password(p) && plan_give_password(p, v->opts->unlock, e))
		return -1;
	return v->opts->dry_run ? 0 : plan_apply(p, v->meter, v->journal, visit_step_told, v, e);
}

static int visit_settings(struct visiting *v, struct err *e)
{
	struct plan_policy policy = v->opts->policy;
	struct plan p;
	int rc;

	if (v->site->nwanted == 0 && !v->site->settings)
		return 0;
	policy.simulated = target_is_simulated(&v->site->target);
	policy.remote = target_pushes(&v->site->target);
	policy.ban = target_unit_ban(&v->site->target);
	plan_init(&p, v->meter->profile, &policy);
	rc = site_plan(v->site, &p, e);
	if (!rc && p.n)
		rc = visit_write(v, &p, e);
	plan_release(&p);
	return rc;
}

/* ---- what is expected ---------------------------------------------------------------- */

static int visit_read_expected(struct visiting *v, uint16_t *idx, struct range *ranges, struct err *e)
{
	const struct profile *p = v->meter->profile;

	for (size_t i = 0; i < v->site->nexpected; i++) {
		int at = profile_find(p, v->site->expected[i].key);

		if (at < 0 || range_parse(&p->points[at], v->site->expected[i].text, &ranges[i], e))
			return at < 0 ? err_set(e, ERR_USAGE, "profile '%s' has no '%s'", p->name,
						v->site->expected[i].key) : -1;
		idx[i] = (uint16_t)at;
	}
	return meter_read(v->meter, idx, v->site->nexpected, NULL, NULL, e);
}

static void visit_compare(struct visiting *v, size_t idx, const struct range *range)
{
	const struct reading *r = &v->meter->readings[idx];
	bool met = r->quality == QUALITY_OK && range_holds(range, &r->value);
	/* what is expected of a setting is expected after it is written */
	bool later = v->opts->dry_run && site_value(v->site, range->point->key);
	struct err e;

	if (later)
		return;
	visit_tell(v, (struct visit_event){ .kind = VISIT_EXPECT, .range = range, .reading = r, .met = met });
	if (met)
		return;
	reading_unexpected(r, range, "", &e);
	visit_fail(v, &e);
}

static int visit_expectations(struct visiting *v, struct err *e)
{
	size_t n = v->site->nexpected;
	uint16_t *idx = calloc(n + 1, sizeof(*idx));
	struct range *ranges = calloc(n + 1, sizeof(*ranges));
	int rc = -1;

	if (!idx || !ranges)
		err_set(e, ERR_NO, "out of memory");
	else
		rc = n == 0 ? 0 : visit_read_expected(v, idx, ranges, e);
	for (size_t i = 0; i < n && !rc; i++)
		visit_compare(v, idx[i], &ranges[i]);
	free(idx);
	free(ranges);
	return rc;
}

/* ---- is it wired right? ---------------------------------------------------------------- */

static void visit_doctor_options(const struct visiting *v, struct doctor_options *o)
{
	doctor_options_init(o);
	memcpy(o->clamp, v->site->clamp, sizeof(o->clamp));
	o->now_us = time_wall_us();
}

static void visit_remark(const struct visiting *v, const struct err *e)
{
	char text[ERR_TEXT + 32];

	snprintf(text, sizeof(text), "row %d: %s", v->site->row, e->text);
	v->opts->remark(v->opts->arg, text);
}

/* For the checklist of later days. */
static void visit_keep_verdict(const struct visiting *v, const struct doctor_options *o, const struct doctor_verdict *d)
{
	struct record_whose whose;
	struct record r;
	struct err e;

	if (v->opts->dry_run || d->outcome == DOCTOR_INSUFFICIENT)
		return;
	record_ask_whose(&whose, v->meter);
	record_wiring(&r, o, d);
	if (record_keep(v->opts->journal_path, &whose, &r, &e))
		visit_remark(v, &e);
}

static void visit_judge(struct visiting *v, const struct doctor_options *options,
			const struct doctor_sample *samples, size_t n)
{
	struct doctor_verdict verdict;
	struct err e;

	doctor_check(samples, n, options, &verdict);
	snprintf(v->result->verdict, sizeof(v->result->verdict), "%s", doctor_outcome_name(verdict.outcome));
	visit_tell(v, (struct visit_event){ .kind = VISIT_CHECK, .verdict = &verdict });
	visit_keep_verdict(v, options, &verdict);
	if (verdict.outcome == DOCTOR_PASS)
		return;
	err_set(&e, ERR_NO, "wiring check: %s%s%s", v->result->verdict, verdict.nfindings ? ", " : "",
		verdict.nfindings ? doctor_code_name(verdict.findings[0].code) : "");
	visit_fail(v, &e);
}

/* ---- the checklist ------------------------------------------------------------------------- */

static void visit_tell_checklist(struct visiting *v, const json_t *list)
{
	if (!list)
		return;
	v->result->list_done = (int)json_integer_value(json_object_get(list, "done"));
	v->result->list_of = (int)json_integer_value(json_object_get(list, "of"));
	visit_tell(v, (struct visit_event){ .kind = VISIT_CHECKLIST, .checklist = list });
}

static void visit_fail_by_list(struct visiting *v, const struct checklist *c)
{
	struct err e;

	for (size_t i = 0; i < c->n; i++)
		if (c->items[i].state == CHECKLIST_FAILED) {
			err_set(&e, ERR_NO, "checklist: %s", c->items[i].why);
			visit_fail(v, &e);
			return;
		}
}

/* N samples have been taken of the meter. What the row says of it is kept for later days. */
static int visit_checklist(struct visiting *v, const struct doctor_options *options,
			   const struct doctor_sample *samples, size_t n, struct err *e)
{
	const struct checklist_request request = {
		.journal = v->opts->journal_path, .list = v->opts->list, .settings = v->site->settings,
		.nameplate_ct = v->site->nameplate_ct, .nameplate_pt = v->site->nameplate_pt, .doctor = *options,
		.record = !v->opts->dry_run, .remark = v->opts->remark, .remark_arg = v->opts->arg,
		.samples = samples, .nsamples = n,
	};
	struct checklist c;
	json_t *list;

	if (checklist_run(v->meter, &request, &c, e))
		return -1;
	list = checklist_json(&c);
	visit_tell_checklist(v, list);
	json_decref(list);
	visit_fail_by_list(v, &c);
	return 0;
}

static int visit_check(struct visiting *v, struct err *e)
{
	struct doctor_sample samples[DOCTOR_SAMPLES];
	struct doctor_options options;
	struct selection sel = { 0 };
	struct err late;
	size_t n = 0;
	int rc;

	if (!v->site->check)
		return 0;
	visit_doctor_options(v, &options);
	rc = samples_select(v->meter->profile, &sel, e);
	if (!rc && sel.n == 0)
		rc = err_set(e, ERR_NO, "no wiring check: the model of profile '%s' %s", v->meter->profile->name,
			     ability_lack(v->meter->profile, ABILITY_WIRING));
	if (!rc)
		rc = samples_take(v->meter, &sel, samples, &n, &late, e) == 0 ? 0 : -1;
	selection_release(&sel);
	if (rc)
		return -1;
	options.now_us = time_wall_us();
	visit_judge(v, &options, samples, n);
	return visit_checklist(v, &options, samples, n, e);
}

/* ---- the report ------------------------------------------------------------------------------ */

/* NAME.html, or where there is one already NAME-2.html and so on: none is lost. */
static int visit_save_report(struct visiting *v, const char *text, struct err *e)
{
	const char *wanted = v->site->report, *dot = strrchr(wanted, '.'), *slash = strrchr(wanted, '/');
	size_t stem = dot && (!slash || dot > slash) ? (size_t)(dot - wanted) : strlen(wanted);

	snprintf(v->result->report, sizeof(v->result->report), "%s", wanted);
	for (int n = 2; n < 10000; n++) {
		if (paths_create(v->result->report, text, false, e) == 0)
			return 0;
		if (e->code != ERR_DENIED)
			break;
		snprintf(v->result->report, sizeof(v->result->report), "%.*s-%d%s", (int)stem, wanted, n, wanted + stem);
	}
	v->result->report[0] = '\0';
	return -1;
}

static bool visit_wants_html(const char *file)
{
	size_t n = strlen(file);

	return n < 4 || strcmp(file + n - 4, ".txt") != 0;
}

static int visit_report(struct visiting *v, struct err *e)
{
	struct report_request request = {
		.note = v->site->note,
		.nameplate_ct = v->site->nameplate_ct,
		.nameplate_pt = v->site->nameplate_pt,
		.journal = v->opts->journal_path,
		.record = true,
		.remark = v->opts->remark,
		.remark_arg = v->opts->arg,
	};
	struct err lacks = { 0 }, lost;
	struct record_whose whose;
	json_t *data;
	char *text;
	int rc;

	if (!v->site->report || v->opts->dry_run)
		return 0;
	visit_doctor_options(v, &request.doctor);
	data = report_collect(v->meter, &request, &lacks, e);
	text = data ? report_make(data, visit_wants_html(v->site->report), e) : NULL;
	rc = text ? visit_save_report(v, text, e) : -1;
	if (!rc) {
		if (v->result->list_of == 0)
			visit_tell_checklist(v, json_object_get(data, "checklist"));
		visit_tell(v, (struct visit_event){ .kind = VISIT_REPORT });
		record_whose(&whose, v->meter);
		if (report_record(v->opts->journal_path, &whose, v->result->report, text, data, &lost))
			visit_remark(v, &lost);
	}
	json_decref(data);
	free(text);
	if (rc)
		return err_prefix(e, "report");
	if (lacks.code) {
		err_prefix(&lacks, "the report is incomplete");
		visit_fail(v, &lacks);
	}
	return 0;
}

/* A part that could not be carried out ends the row; one whose answer is no does not. */
void visit(const struct site *s, struct meter *m, struct journal *j, const struct visit_opts *o,
	   struct visit_result *r)
{
	struct visiting v = { .site = s, .opts = o, .meter = m, .journal = j, .result = r };
	struct err e = { 0 };

	if (visit_settings(&v, &e) || visit_expectations(&v, &e) || visit_check(&v, &e) || visit_report(&v, &e))
		visit_fail(&v, &e);
	/* what interrupts a row says more than what it found before */
	if (e.code == ERR_INTERRUPTED)
		r->err = e;
}
