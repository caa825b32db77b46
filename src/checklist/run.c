/*
 * run.c - checklist_run(): reads a meter, gathers what is known of it, takes over what a
 * person says now, and computes the list.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "gather.h"
#include "items.h"
#include "kinds.h"
#include "meter/samples.h"
#include "profile/codec.h"
#include "profile/ratio.h"
#include "record.h"

/* One run. */
struct run {
	struct meter *m;
	const struct checklist_request *r;
	struct checklist_list list;
	struct settings own;		/* of the file that the list names */
	struct checklist_facts facts;
	struct doctor_options doctor;
	struct doctor_sample samples[DOCTOR_SAMPLES];
	size_t nsamples;
	struct err unread;		/* why there are too few; "" */
	struct record_whose whose;
};

static void run_remark(const struct run *x, const struct err *e)
{
	if (x->r->remark && *e->text)
		x->r->remark(x->r->remark_arg, e->text);
}

/* ---- before anything is sent ------------------------------------------------------- */

static const struct checklist_entry *run_entry(const struct run *x, enum checklist_id id)
{
	for (size_t i = 0; i < x->list.n; i++)
		if (x->list.entries[i].id == id)
			return &x->list.entries[i];
	return NULL;
}

/* A field of a form may be empty. */
static bool run_said(const char *text)
{
	return text && *text;
}

static int run_check_settings(const struct run *x, struct err *e)
{
	const struct settings *s = x->facts.settings;
	const struct profile *p = x->m->profile;

	if (!s)
		return 0;
	if (settings_check(s, p, e))
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *one = &s->list[i];
		struct value v;

		if (codec_parse(&p->points[profile_find(p, one->key)], one->text, &v, e))
			return settings_place(s, i, e);
	}
	return 0;
}

static int run_load(struct run *x, struct err *e)
{
	const struct checklist_entry *site;
	double ratio;

	if (x->r->list)
		x->list = *x->r->list;
	else if (checklist_list_load(&x->list, NULL, e))
		return -1;
	site = run_entry(x, CHECKLIST_SETTINGS);
	if (site && x->r->settings)
		x->facts.settings = x->r->settings;
	else if (site && *site->file) {
		if (settings_load(site->file, &x->own, e))
			return -1;
		x->facts.settings = &x->own;
	}
	if ((run_said(x->r->nameplate_ct) && ratio_parse(x->r->nameplate_ct, &ratio, e))
	    || (run_said(x->r->nameplate_pt) && ratio_parse(x->r->nameplate_pt, &ratio, e)))
		return -1;
	return run_check_settings(x, e);
}

/* ---- reading ------------------------------------------------------------------------ */

static bool run_wants_samples(const struct run *x)
{
	for (size_t i = 0; i < x->list.n; i++)
		if (checklist_kinds[x->list.entries[i].id].samples)
			return true;
	return false;
}

static int run_select_key(const struct run *x, const char *key, struct selection *sel, struct err *e)
{
	return profile_find(x->m->profile, key) < 0 ? 0 : profile_select(x->m->profile, key, sel, e);
}

/* Registers that are a guess of this program mean nothing in a real meter. */
static bool run_published(const struct run *x, const char *key)
{
	int idx = profile_find(x->m->profile, key);

	return idx >= 0 && (x->m->profile->points[idx].from != FROM_PROVISIONAL
			    || target_is_simulated(&x->m->link->target));
}

/* What the items look at beside the samples. */
static int run_select(const struct run *x, struct selection *sel, struct err *e)
{
	static const char *const keys[] = { "clock", "ratio.ct", "ratio.pt", "signal.strength" };
	const struct checklist_entry *net = run_entry(x, CHECKLIST_NETWORK);
	const struct settings *s = x->facts.settings;
	const char *key;

	if (identity_select(x->m->profile, sel, e))
		return -1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (run_select_key(x, keys[i], sel, e))
			return -1;
	for (size_t i = 0; net && (key = item_network_key(net, i)); i++)
		if (run_published(x, key) && run_select_key(x, key, sel, e))
			return -1;
	for (size_t i = 0; s && i < s->n; i++)
		if (run_select_key(x, s->list[i].key, sel, e))
			return -1;
	/* at least something tells that the meter is there */
	return sel->n ? 0 : profile_select_live(x->m->profile, sel, e);
}

static int run_read_samples(struct run *x, struct err *e)
{
	struct selection sel = { 0 };
	struct err late;
	int rc = samples_select(x->m->profile, &sel, e);

	if (rc == 0 && sel.n)
		rc = samples_take(x->m, &sel, x->samples, &x->nsamples, &late, &x->unread);
	if (rc == 0 && sel.n)
		samples_absent(x->m, &sel, &x->unread);
	if (rc < 0)
		*e = x->unread;
	selection_release(&sel);
	return rc < 0 ? -1 : 0;
}

/* Of a meter that sends by itself one upload is waited for, and what it does not hold is
 * not. */
static int run_read_rest(struct run *x, struct err *e)
{
	struct selection sel = { 0 };
	int rc;

	if (link_pushes(x->m->link))
		rc = x->nsamples ? 0 : profile_select_live(x->m->profile, &sel, e);
	else
		rc = run_select(x, &sel, e);
	if (rc == 0 && sel.n)
		rc = meter_read(x->m, sel.idx, sel.n, NULL, NULL, e);
	selection_release(&sel);
	return rc;
}

static int run_read(struct run *x, struct err *e)
{
	const struct checklist_request *r = x->r;

	if (r->nsamples) {
		x->nsamples = r->nsamples < DOCTOR_SAMPLES ? r->nsamples : DOCTOR_SAMPLES;
		memcpy(x->samples, r->samples, x->nsamples * sizeof(*x->samples));
	}
	if (r->unread)
		err_set(&x->unread, ERR_NO, "%s", r->unread);
	if (r->as_read)
		return 0;
	if (!x->nsamples && run_wants_samples(x) && run_read_samples(x, e))
		return -1;
	return run_read_rest(x, e);
}

/* ---- what a person says --------------------------------------------------------------- */

/* Of this meter, from now on; and kept, when it is to be. */
static void run_prove(struct run *x, struct record *rec)
{
	struct checklist_proof *at = &x->facts.proofs[rec->kind];
	struct err e = { 0 };

	json_decref(at->what);
	*at = (struct checklist_proof){ .there = true, .at_us = x->facts.now_us, .what = json_incref(rec->what) };
	snprintf(at->outcome, sizeof(at->outcome), "%s", rec->outcome);
	if (!x->r->record)
		record_drop(rec);
	else if (record_keep(x->r->journal, &x->whose, rec, &e))
		run_remark(x, &e);
}

static void run_remember(const struct run *x, const char *key, const char *now, char *out, size_t size)
{
	const char *was = json_string_value(json_object_get(x->facts.proofs[PROOF_NAMEPLATE].what, key));

	snprintf(out, size, "%s", run_said(now) ? now : was ? was : "");
}

static void run_nameplates(struct run *x)
{
	struct checklist_facts *f = &x->facts;
	struct record rec;

	run_remember(x, "ct", x->r->nameplate_ct, f->nameplate_ct, sizeof(f->nameplate_ct));
	run_remember(x, "pt", x->r->nameplate_pt, f->nameplate_pt, sizeof(f->nameplate_pt));
	if (!run_said(x->r->nameplate_ct) && !run_said(x->r->nameplate_pt))
		return;
	record_nameplate(&rec, f->nameplate_ct, f->nameplate_pt);
	run_prove(x, &rec);
}

/* Has anybody said something of the site? */
static bool run_site_said(const struct doctor_options *o)
{
	struct doctor_options usual;

	doctor_options_init(&usual);
	return o->wires != usual.wires || o->site != usual.site || o->service != usual.service || o->window_said || o->nominal_voltage > 0
	    || o->nominal_current > 0;
}

/* The verdict of now, with what was said of the site at this or the last check. */
static void run_wiring(struct run *x, struct doctor_verdict *v)
{
	bool said = run_site_said(&x->r->doctor);
	struct record rec;

	x->doctor = x->r->doctor;
	if (!said && x->facts.proofs[PROOF_WIRING].there)
		record_wiring_options(x->facts.proofs[PROOF_WIRING].what, &x->doctor);
	if (x->doctor.nominal_current <= 0)
		x->doctor.nominal_current = ratio_full_load(x->facts.nameplate_ct);
	x->doctor.now_us = x->facts.now_us;
	if (*x->unread.text)
		x->doctor.unread = x->unread.text;
	doctor_check(x->samples, x->nsamples, &x->doctor, v);
	if (x->r->steps)
		step_conclude(x->r->steps, &x->doctor, v);
	if (!said && !x->r->steps)
		return;
	record_wiring(&rec, said ? &x->r->doctor : &x->doctor, v);
	run_prove(x, &rec);
}

static void run_clamp(struct run *x)
{
	struct coach_question q;
	struct record rec;

	if (!coach_ask(x->m->profile, x->m->readings, x->r->doctor.clamp, x->doctor.nominal_current, &q))
		return;
	record_clamp(&rec, &q);
	run_prove(x, &rec);
}

/* What the steps of the uplink have shown, until the next. */
static void run_uplink(struct run *x)
{
	enum uplink_step step = UPLINK_BROKER;
	struct record rec;
	bool pass;

	if (!x->r->uplink)
		return;
	pass = uplink_verdict(x->r->uplink, &step) == UPLINK_PASSED;
	record_uplink(&rec, x->r->uplink, pass ? "pass" : "fail", pass ? NULL : uplink_step_names[step]);
	run_prove(x, &rec);
}

/* ---- all of it -------------------------------------------------------------------------- */

static void run_facts(struct run *x)
{
	struct checklist_facts *f = &x->facts;
	struct link_stats stats;
	struct err e = { 0 };

	record_whose(&x->whose, x->m);
	f->profile = x->m->profile;
	f->readings = x->m->readings;
	f->target = &x->m->link->target;
	f->pushes = link_pushes(x->m->link);
	link_uplink(x->m->link, &f->uplink);
	link_stats(x->m->link, &stats);
	f->latency_ms = stats.latency_ms;
	f->now_us = x->r->now_us ? x->r->now_us : time_wall_us();
	f->reporting = x->r->reporting;
	snprintf(f->identity, sizeof(f->identity), "%s", x->whose.identity);
	if (gather_journal(f, x->r->journal, &e))
		run_remark(x, &e);
}

int checklist_run(struct meter *m, const struct checklist_request *r, struct checklist *out,
		  struct err *e)
{
	struct run x = { .m = m, .r = r };
	struct doctor_verdict v;
	int rc = -1;

	if (run_load(&x, e) || run_read(&x, e))
		goto out;
	run_facts(&x);
	run_nameplates(&x);
	run_wiring(&x, &v);
	run_clamp(&x);
	run_uplink(&x);
	x.facts.verdict = &v;
	x.facts.unread = *x.unread.text ? x.unread.text : NULL;
	checklist_compute(&x.facts, &x.list, out);
	rc = 0;
out:
	checklist_facts_release(&x.facts);
	settings_release(&x.own);
	return rc;
}

int checklist_select(struct meter *m, const struct checklist_request *r, struct selection *sel, struct err *e)
{
	struct run x = { .m = m, .r = r };
	int rc = run_load(&x, e) || run_select(&x, sel, e) ? -1 : 0;

	settings_release(&x.own);
	return rc;
}

int checklist_validate(struct meter *m, const struct checklist_request *r, struct err *e)
{
	struct run x = { .m = m, .r = r };
	int rc = run_load(&x, e);

	settings_release(&x.own);
	return rc;
}
