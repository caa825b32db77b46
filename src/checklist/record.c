#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "finding.h"

void record_whose(struct record_whose *w, const struct meter *m)
{
	target_format(&m->link->target, 0, w->target, sizeof(w->target));
	identity_known(m, w->identity);
}

void record_ask_whose(struct record_whose *w, struct meter *m)
{
	struct err none;

	if (link_has_registers(m->link) && identity_read(m, w->identity, &none)) {
		target_format(&m->link->target, 0, w->target, sizeof(w->target));
		w->identity[0] = '\0';
		return;
	}
	record_whose(w, m);
}

static void record_begin(struct record *r, enum proof_kind kind, const char *outcome)
{
	*r = (struct record){ .kind = kind };
	snprintf(r->outcome, sizeof(r->outcome), "%s", outcome);
}

/* What need not be UTF-8; null for NULL and "". */
static json_t *record_text(const char *text)
{
	char clean[512];

	if (!text || !*text)
		return json_null();
	text_clean(clean, sizeof(clean), text);
	return json_string(clean);
}

static json_t *record_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

/* ---- wiring ------------------------------------------------------------------------- */

void record_wiring(struct record *r, const struct doctor_options *o, const struct doctor_verdict *v)
{
	char said[FINDING_TEXT];

	record_begin(r, PROOF_WIRING, doctor_outcome_name(v->outcome));
	r->what = json_pack("{s:s, s:{s:i, s:i, s:i, s:b, s:f, s:f, s:f, s:f}}",
		"said", finding_text(v, said), "options", "wires", o->wires == DOCTOR_3WIRE ? 3 : 4,
		"service", (int)o->service, "site", (int)o->site, "window_said", o->window_said, "window_lag", o->window_lag,
		"window_lead", o->window_lead, "nominal_voltage", o->nominal_voltage,
		"nominal_current", o->nominal_current);
}

static double record_real(const json_t *o, const char *key, double otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : otherwise;
}

void record_wiring_options(const json_t *what, struct doctor_options *o)
{
	const json_t *given = json_object_get(what, "options");
	int site = (int)record_real(given, "site", o->site), service = (int)record_real(given, "service", o->service);

	o->wires = (int)record_real(given, "wires", 4) == 3 ? DOCTOR_3WIRE : DOCTOR_4WIRE;
	if (service >= DOCTOR_SERVICE_UNSAID && service < DOCTOR_SERVICES)
		o->service = (enum doctor_service)service;
	if (site >= DOCTOR_SITE_UNSAID && site <= DOCTOR_SITE_EXPORTING)
		o->site = (enum doctor_site)site;
	o->window_said = json_is_true(json_object_get(given, "window_said"));
	o->window_lag = record_real(given, "window_lag", o->window_lag);
	o->window_lead = record_real(given, "window_lead", o->window_lead);
	o->nominal_voltage = record_real(given, "nominal_voltage", o->nominal_voltage);
	o->nominal_current = record_real(given, "nominal_current", o->nominal_current);
}

/* ---- clamp, nameplate, uplink, report ----------------------------------------------- */

void record_clamp(struct record *r, const struct coach_question *q)
{
	struct coach_answer a;
	char says[256];

	coach_clamp(q, &a);
	record_begin(r, PROOF_CLAMP, coach_verdict_name(a.all));
	r->what = json_pack("{s:o, s:o, s:[o,o,o], s:[o,o,o]}",
		"says", record_text(coach_text(q, &a, -1, says, sizeof(says))), "ct", record_number(q->now),
		"clamp", record_number(q->clamp[0]), record_number(q->clamp[1]), record_number(q->clamp[2]),
		"reading", record_number(q->reading[0]), record_number(q->reading[1]), record_number(q->reading[2]));
}

void record_nameplate(struct record *r, const char *ct, const char *pt)
{
	record_begin(r, PROOF_NAMEPLATE, "entered");
	r->what = json_pack("{s:o, s:o}", "ct", record_text(ct), "pt", record_text(pt));
}

void record_uplink(struct record *r, const struct uplink *u, const char *verdict, const char *step)
{
	const struct uplink_check *c = &u->steps[UPLINK_SECOND];

	for (enum uplink_step s = 0; step && s < UPLINK_STEPS; s++)
		if (strcmp(uplink_step_names[s], step) == 0)
			c = &u->steps[s];
	record_begin(r, PROOF_UPLINK, verdict);
	r->what = json_pack("{s:o, s:o, s:I, s:o}", "said", record_text(c->what), "step", record_text(step),
			    "uploads", (json_int_t)u->uploads,
			    "interval_seen", u->gap_s > 0 ? json_real(u->gap_s) : json_null());
}

void record_report(struct record *r, const char *file, const char *seal, const json_t *checklist)
{
	const json_t *one;
	int done = 0, of = 0;
	size_t i;

	json_array_foreach(json_object_get(checklist, "items"), i, one) {
		const char *id = json_string_value(json_object_get(one, "id"));
		const char *state = json_string_value(json_object_get(one, "state"));

		if (!id || !state || strcmp(id, "report") == 0 || strcmp(state, "not-applicable") == 0)
			continue;
		of++;
		done += strcmp(state, "done") == 0;
	}
	record_begin(r, PROOF_REPORT, "made");
	r->what = json_pack("{s:o, s:o, s:i, s:i}", "file", record_text(file), "seal", record_text(seal),
			    "done", done, "of", of);
}

/* ---- keeping ------------------------------------------------------------------------ */

void record_drop(struct record *r)
{
	json_decref(r->what);
	r->what = NULL;
}

static bool record_proves(const struct record *r)
{
	static const char *const nothing[] = { "insufficient", "too-little", "nothing" };

	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++)
		if (strcmp(r->outcome, nothing[i]) == 0)
			return false;
	return true;
}

/* Takes WHAT over. */
static int record_write(const char *path, const struct record_whose *w, const struct record *r, char *what,
			struct err *e)
{
	struct proof p = { .kind = r->kind, .what = what };
	struct journal *j = journal_open(path, e);
	int rc;

	snprintf(p.target, sizeof(p.target), "%s", w->target);
	snprintf(p.identity, sizeof(p.identity), "%s", w->identity);
	snprintf(p.outcome, sizeof(p.outcome), "%s", r->outcome);
	rc = j ? proof_add(j, &p, e) : -1;
	if (!rc && r->most)
		rc = proof_thin(j, &p, r->most, e);
	journal_close(j);
	free(what);
	return rc;
}

int record_keep(const char *path, const struct record_whose *w, struct record *r, struct err *e)
{
	char *what = r->what ? json_dumps(r->what, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	record_drop(r);
	if (!record_proves(r)) {
		free(what);
		return 0;
	}
	if (what && record_write(path, w, r, what, e) == 0)
		return 0;
	if (!what)
		err_set(e, ERR_NO, "out of memory");
	return err_prefix(e, "proof '%s' not recorded", proof_kind_names[r->kind]);
}
