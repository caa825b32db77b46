/*
 * data.c - reads a meter and says in JSON what was found.
 */
#include "data.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "profile/ability.h"
#include "profile/codec.h"
#include "checklist/checklist.h"
#include "checklist/kept.h"
#include "doctor/coach.h"
#include "mqtt/dialects/dialect.h"
#include "meter/missing.h"
#include "output/output.h"
#include "output/reading.h"
#include "profile/ratio.h"
#include "meter/samples.h"
#include "write/settings.h"
#include "base/text.h"
#include "drawing.h"
#include "verdict.h"

#define UPLINK_MAX (1 << 20)	/* bytes; a proof has a few thousand */
#define UPLINK_SCHEMA "meterctl.uplink/"

json_t *data_text(const char *text)
{
	char *clean;
	json_t *j;

	if (!text || !*text)
		return json_null();
	clean = malloc(strlen(text) + 1);
	if (!clean)
		return NULL;
	text_clean(clean, strlen(text) + 1, text);
	j = json_string(clean);
	free(clean);
	return j;
}

json_t *data_value(const struct meter *m, size_t idx)
{
	const struct point *p = &m->profile->points[idx];
	const struct reading *r = &m->readings[idx];
	char text[512];

	if (r->quality != QUALITY_OK)
		return json_null();
	if (r->value.kind == VALUE_BITS && !(p->flags & POINT_SECRET))
		return data_text(*codec_bits(p, &r->value, ", ", text, sizeof(text)) ? text : "none");
	return data_text(output_text(p, &r->value, text, sizeof(text)));
}

/* ---- reading -------------------------------------------------------------------- */

/* The whole main map and what else can be set, but for registers that are a guess of
 * this program: what another meter than its own simulator keeps there means nothing. */
int report_select(const struct meter *m, struct selection *sel, struct err *e)
{
	size_t kept = 0;

	if (profile_select(m->profile, "*", sel, e) || settings_select(m->profile, sel, e))
		return -1;
	for (size_t i = 0; i < sel->n; i++)
		if (m->profile->points[sel->idx[i]].from != FROM_PROVISIONAL
		    || target_is_simulated(&m->link->target))
			sel->idx[kept++] = sel->idx[i];
	sel->n = kept;
	return 0;
}

/* Samples for the verdict, or in UNREAD why there are none. */
static int read_samples(struct meter *m, struct report_request *r, struct err *unread, struct err *e)
{
	struct selection sel = { 0 };
	struct err late;
	int rc = samples_select(m->profile, &sel, e);

	if (rc == 0 && sel.n)
		rc = samples_take(m, &sel, r->samples, &r->nsamples, &late, unread);
	if (rc == 0 && sel.n)
		samples_absent(m, &sel, unread);
	if (rc < 0)
		*e = *unread;
	selection_release(&sel);
	return rc < 0 ? -1 : 0;
}

/* Samples for the verdict, and then everything. A meter that sends by itself is not
 * waited for any longer: its uploads hold more than what the samples need, and what
 * they do not hold may never come. */
static int read_all(struct meter *m, struct report_request *r, struct err *unread, struct err *lacks,
		    struct err *e)
{
	struct selection all = { 0 };
	int rc;

	if (r->as_read)
		return 0;
	rc = read_samples(m, r, unread, e);
	if (rc == 0 && !link_pushes(m->link))
		rc = report_select(m, &all, e);
	if (rc == 0 && all.n)
		rc = meter_read(m, all.idx, all.n, NULL, NULL, e);
	if (rc == 0 && all.n && missing_complain(m, all.idx, all.n, "points", lacks) == 0
	    && r->nsamples < DOCTOR_SAMPLES_LEAST)
		*lacks = *unread;
	selection_release(&all);
	return rc;
}

/* A report of nothing is none: says why there is nothing. */
static int check_any(const struct meter *m, struct err *e)
{
	const struct reading *failed = NULL;

	for (size_t i = 0; i < m->profile->npoints; i++) {
		if (m->readings[i].quality == QUALITY_OK)
			return 0;
		if (!failed && m->readings[i].quality == QUALITY_FAILED)
			failed = &m->readings[i];
	}
	if (!failed)
		return err_set(e, ERR_SILENT, "nothing has come from the meter yet");
	*e = failed->err;
	return -1;
}

/* ---- the parts -------------------------------------------------------------------- */

/* What its uploads are in; null of a meter that is asked. */
static json_t *dialect_json(const struct meter *m)
{
	struct link_uplink known;
	const struct dialect *d;

	link_uplink(m->link, &known);
	d = dialect_find(known.dialect);
	if (!d)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s}", "name", d->name, "title", d->title, "source", d->source,
			 "from", provenance_names[d->from]);
}

static json_t *meter_json(const struct meter *m)
{
	const struct profile *p = m->profile;
	size_t from[FROM_COUNT] = { 0 }, ambiguous = 0;
	char target[sizeof(m->link->target.text)];

	for (size_t i = 0; i < p->npoints; i++) {
		if (p->points[i].flags & (POINT_DERIVED | POINT_REPEAT))
			continue;
		from[p->points[i].from]++;
		ambiguous += (p->points[i].flags & POINT_AMBIGUOUS) != 0;
	}
	target_format(&m->link->target, 0, target, sizeof(target));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:{s:i, s:i, s:i, s:i, s:i}}",
		"dialect", dialect_json(m), "profile", data_text(p->name), "title", data_text(p->title),
		"source", data_text(p->source), "origin", data_text(p->origin),
		"target", data_text(target), "unit", m->link->target.unit,
		"id", data_text(m->link->target.mqtt.sn), "points",
		"manual", (int)from[FROM_MANUAL], "public", (int)from[FROM_PUBLIC],
		"learned", (int)from[FROM_LEARNED], "provisional", (int)from[FROM_PROVISIONAL], "ambiguous", (int)ambiguous);
}

/* What the meter should have told and did not, by reason. */
static json_t *missing_json(const struct meter *m, struct err *e)
{
	struct selection sel = { 0 };
	struct missing_group g;
	json_t *list = NULL;
	size_t at = 0;

	if (link_pushes(m->link))
		return json_array();
	if (report_select(m, &sel, e) == 0)
		list = json_array();
	while (list && missing_next(m, sel.idx, sel.n, &at, &g)) {
		json_t *keys = json_array();

		for (size_t i = 0; i < g.n; i++)
			if (reading_missing(&m->readings[g.idx[i]]))
				json_array_append_new(keys, data_text(m->profile->points[g.idx[i]].key));
		json_array_append_new(list, json_pack("{s:o, s:o}", "keys", keys, "error", data_text(g.why)));
	}
	selection_release(&sel);
	return list;
}

/* The live page, the energies and the demands, as `read` prints them. */
static json_t *readings_json(const struct meter *m, struct err *e)
{
	static const char *const more[] = { "energy", "demand" };
	struct selection sel = { 0 };
	json_t *list = NULL;
	struct err none;

	if (profile_select_live(m->profile, &sel, e))
		goto out;
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		profile_select(m->profile, more[i], &sel, &none);	/* a model may have none */
	list = json_array();
	for (size_t i = 0; i < sel.n; i++) {
		const struct point *p = &m->profile->points[sel.idx[i]];
		json_t *one = reading_json(m, sel.idx[i]);

		json_object_set_new(one, "name", data_text(p->name));
		json_object_set_new(one, "text", data_value(m, sel.idx[i]));
		json_object_set_new(one, "decimals", json_integer(p->decimals));
		if (p->flags & POINT_AMBIGUOUS)
			json_object_set_new(one, "ambiguous", json_true());
		json_array_append_new(list, one);
	}
out:
	selection_release(&sel);
	return list;
}

static double data_number_of(const struct meter *m, const char *key)
{
	int idx = profile_find(m->profile, key);
	const struct reading *r = idx < 0 ? NULL : &m->readings[idx];

	return r && r->quality == QUALITY_OK && r->value.kind == VALUE_NUMBER ? r->value.num : NAN;
}

static json_t *harmonics_json(const struct meter *m)
{
	static const char *const kinds[] = { "voltage", "current" };
	json_t *all = json_object();
	char key[64];

	for (int k = 0; k < 2; k++) {
		json_t *kind = json_object();

		for (int x = 0; x < 3; x++) {
			const char phase[] = { (char)('a' + x), '\0' };
			json_t *orders = json_array();

			for (int n = DRAWING_FIRST; n <= DRAWING_LAST; n++) {
				snprintf(key, sizeof(key), "harmonic.%s.%s.%d", kinds[k], phase, n);
				json_array_append_new(orders, verdict_number_json(data_number_of(m, key), 2));
			}
			snprintf(key, sizeof(key), "thd.%s.%s", kinds[k], phase);
			json_object_set_new(kind, phase, json_pack("{s:o, s:o}", "thd",
				verdict_number_json(data_number_of(m, key), 2), "orders", orders));
		}
		json_object_set_new(all, kinds[k], kind);
	}
	return all;
}

static json_t *vectors_json(const struct doctor_vector v[3])
{
	json_t *list = json_array();

	for (int x = 0; x < 3; x++)
		json_array_append_new(list, json_pack("{s:o, s:o}",
			"length", verdict_number_json(v[x].length, 3), "lag", verdict_number_json(v[x].lag, 2)));
	return list;
}

static json_t *phasors_json(const struct doctor_sample *s, const struct doctor_options *o)
{
	struct doctor_phasors p;

	doctor_phasors_make(s, o, &p);
	return json_pack("{s:s, s:s, s:o, s:o}", "source", doctor_source_name(p.source),
			 "rotation", doctor_rotation_name(p.rotation),
			 "u", vectors_json(p.u), "i", vectors_json(p.i));
}

/* What the model never has, and so no section waits for: why, or null. */
static json_t *lacks_json(const struct profile *p, const struct report_request *r)
{
	const char *wiring = ability_lack(p, ABILITY_WIRING), *harmonics = ability_lack(p, ABILITY_HARMONICS);
	/* one that was entered has to be answered */
	bool entered = (r->nameplate_ct && *r->nameplate_ct) || (r->nameplate_pt && *r->nameplate_pt);

	return json_pack("{s:s?, s:s?, s:s?, s:s?}", "wiring", wiring, "harmonics", harmonics,
			 "clock", profile_find(p, "clock") < 0 ? "has no clock" : NULL,
			 "ratios", entered || ability_begins(p, "ratio.") ? NULL : "has no transformer ratios");
}

static json_t *data_wiring_json(const struct meter *m, const struct report_request *r)
{
	const struct doctor_sample none = { .at_us = 0 };
	struct doctor_options o = r->doctor;
	struct correction_energy energy;
	struct tally_reading counters;
	struct doctor_verdict v;
	struct tally tally = { .known = false };
	struct doctor_cure cure;
	struct doctor_own own;
	struct correction c;
	json_t *j;

	o.now_us = time_wall_us();
	kept_reading(m, &counters);
	if (counters.at_us) {
		kept_since(r->journal, m, r->since_us, &counters, &tally);
		o.tally = &tally;
	}
	doctor_check(r->samples, r->nsamples, &o, &v);
	if (r->steps)
		step_conclude(r->steps, &o, &v);
	correction_make(r->samples, r->nsamples, &o, &v, &c);
	correction_energy_counted(&c, &tally, &energy);
	j = verdict_json(&v, &o);
	roles_verdict(m->profile, m->readings, &own);
	roles_cure(m->profile, m->readings, &v, &cure);
	json_object_set_new(j, "own", verdict_own_json(&own));
	json_object_set_new(j, "cure", verdict_cure_json(&cure));
	json_object_set_new(j, "correction", c.known ? verdict_correction_json(&c, &energy, &tally) : json_null());
	json_object_set_new(j, "phasors", phasors_json(r->nsamples ? &r->samples[r->nsamples - 1] : &none, &o));
	return j;
}

/* A nameplate against what the meter holds: most hold whole numbers only, and one
 * rounded is another ratio. */
static json_t *ratio_json(const struct meter *m, const char *key, const char *plate, struct err *e)
{
	double held = data_number_of(m, key), ratio = NAN;

	if (plate && *plate && ratio_parse(plate, &ratio, e))
		return NULL;
	return json_pack("{s:o, s:o, s:o, s:o}", "meter", verdict_number_json(held, 3),
		"nameplate", data_text(plate), "ratio", verdict_number_json(ratio, 3), "fits",
		isnan(held) || isnan(ratio) ? json_null() : json_boolean(ratio_same(ratio, held)));
}

static json_t *ratios_json(const struct meter *m, const struct report_request *r, struct err *e)
{
	json_t *pt = ratio_json(m, "ratio.pt", r->nameplate_pt, e);
	json_t *ct = pt ? ratio_json(m, "ratio.ct", r->nameplate_ct, e) : NULL;

	if (!ct) {
		json_decref(pt);
		return NULL;
	}
	return json_pack("{s:o, s:o}", "pt", pt, "ct", ct);
}

static json_t *clamp_json(const struct meter *m, const struct report_request *r)
{
	struct coach_question q;
	struct coach_answer a;
	json_t *list;
	char text[256];

	if (!coach_ask(m->profile, m->readings, r->doctor.clamp, r->doctor.nominal_current, &q))
		return json_null();
	coach_clamp(&q, &a);
	list = json_array();
	for (int x = 0; x < COACH_PHASES; x++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}",
			"clamp", verdict_number_json(q.clamp[x], 3), "reading", verdict_number_json(q.reading[x], 3),
			"error", verdict_number_json(a.phase[x].error, 1),
			"says", data_text(coach_text(&q, &a, x, text, sizeof(text)))));
	return json_pack("{s:o, s:s, s:o}", "phases", list, "verdict", coach_verdict_name(a.all),
			 "says", data_text(coach_text(&q, &a, -1, text, sizeof(text))));
}

static json_t *clock_json(const struct meter *m)
{
	int idx = profile_find(m->profile, "clock");
	const struct reading *r = idx < 0 ? NULL : &m->readings[idx];
	char host[48];
	int64_t shown;

	if (!r || r->quality != QUALITY_OK || codec_clock_seconds(r->value.text, &shown))
		return json_null();
	return json_pack("{s:o, s:o, s:I}", "meter", data_text(r->value.text),
			 "computer", data_text(time_text(r->at_us, host, sizeof(host))),
			 "ahead", (json_int_t)(shown - time_local_s(r->at_us)));
}

/* What the meter is set to now, and the tables of its tariff, which a settings file
 * leaves out. */
static json_t *settings_json(const struct meter *m, const char *group, struct err *e)
{
	struct selection sel = { 0 };
	json_t *list = NULL;
	struct err none;

	if (!group && settings_select(m->profile, &sel, e))
		goto out;
	if (group)
		profile_select(m->profile, group, &sel, &none);
	list = json_array();
	for (size_t i = 0; i < sel.n; i++) {
		const struct point *p = &m->profile->points[sel.idx[i]];
		const struct reading *r = &m->readings[sel.idx[i]];

		if (r->quality == QUALITY_NEVER)
			continue;
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:s, s:b, s:o}",
			"key", data_text(p->key), "name", data_text(p->name), "unit", data_text(p->unit),
			"value", data_value(m, sel.idx[i]), "from", provenance_names[p->from],
			"ambiguous", (p->flags & POINT_AMBIGUOUS) != 0, "error", data_text(r->err.text)));
	}
out:
	selection_release(&sel);
	return list;
}

/* Is J, which stands in the file PATH, a proof, and none of another meter? A pass of
 * something else would stand in the report as one of the uplink. */
static int check_proof(const struct meter *m, const char *path, const json_t *j, struct err *e)
{
	const char *schema = json_string_value(json_object_get(j, "schema"));
	const char *id = json_string_value(json_object_get(json_object_get(j, "meter"), "id"));
	const char *sn = m->link->target.mqtt.sn;

	if (!schema || strncmp(schema, UPLINK_SCHEMA, strlen(UPLINK_SCHEMA)) != 0)
		return err_set(e, ERR_USAGE, "'%s' is no proof of an uplink: 'uplink -f json' prints one", path);
	if (*sn && (!id || strcmp(id, sn) != 0))
		return err_set(e, ERR_USAGE, "'%s' is the proof of meter '%s', not of '%s'", path, id ? id : "", sn);
	return 0;
}

static json_t *uplink_json(const struct meter *m, const char *path, struct err *e)
{
	json_error_t why;
	char *text;
	json_t *j;
	size_t n;
	FILE *f;

	if (!path)
		return json_null();
	f = fopen(path, "re");
	text = f ? malloc(UPLINK_MAX + 1) : NULL;
	if (!text) {
		err_set(e, ERR_USAGE, "cannot read '%s': %s", path, strerror(errno));
		if (f)
			fclose(f);
		return NULL;
	}
	n = fread(text, 1, UPLINK_MAX + 1, f);
	fclose(f);
	j = n > UPLINK_MAX ? NULL : json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	free(text);
	if (n > UPLINK_MAX)
		err_set(e, ERR_USAGE, "'%s' is longer than %d bytes: no proof of an uplink", path, UPLINK_MAX);
	else if (!j)
		err_set(e, ERR_USAGE, "%s:%d:%d: no JSON: %s", path, why.line, why.column, why.text);
	if (!j || check_proof(m, path, j, e) == 0)
		return j;
	json_decref(j);
	return NULL;
}

/* ---- all of it -------------------------------------------------------------------- */

/* Takes J over. -1: there is none, and E says why or memory has run out. */
static int data_put(json_t *data, const char *key, json_t *j, struct err *e)
{
	if (j && json_object_set_new(data, key, j) == 0)
		return 0;
	if (!e->text[0])
		err_set(e, ERR_NO, "out of memory for the report");
	return -1;
}

/* What a person typed, in one line. */
static json_t *typed_json(const char *text)
{
	char *line = text ? strdup(text) : NULL;
	json_t *j;

	if (text && !line)
		return NULL;
	for (char *c = line; c && *c; c++)
		if (strchr("\t\n\v\f\r", *c))
			*c = ' ';
	j = data_text(line);
	free(line);
	return j;
}

static json_t *site_json(const struct report_request *r)
{
	return json_pack("{s:o, s:o, s:o}", "name", typed_json(r->site_name),
			 "technician", typed_json(r->technician), "note", typed_json(r->note));
}

/* The list as it stands, with the report itself as done when all others are. GIVEN: with the
 * options as they were given; R: with the samples. */
static struct checklist_request data_checklist(const struct report_request *given, const struct report_request *r)
{
	return (struct checklist_request){
		.journal = given->journal, .nameplate_ct = given->nameplate_ct, .nameplate_pt = given->nameplate_pt,
		.doctor = given->doctor, .record = given->record, .remark = given->remark,
		.remark_arg = given->remark_arg, .samples = r->samples, .nsamples = r->nsamples,
		.steps = r->steps, .unread = r->doctor.unread, .as_read = true, .reporting = true,
	};
}

static json_t *data_checklist_json(struct meter *m, const struct report_request *given,
				   const struct report_request *r, struct err *e)
{
	const struct checklist_request q = data_checklist(given, r);
	struct checklist c;

	return checklist_run(m, &q, &c, e) ? NULL : checklist_json(&c);
}

json_t *report_collect(struct meter *m, const struct report_request *given, struct err *lacks,
		       struct err *e)
{
	const struct checklist_request list = data_checklist(given, given);
	struct report_request r = *given;
	struct err unread = { 0 };
	json_t *data = json_object();
	char now[48];

	/* what people gave is looked at before the line is asked */
	*e = *lacks = (struct err){ 0 };
	if (r.doctor.nominal_current <= 0)
		r.doctor.nominal_current = ratio_full_load(r.nameplate_ct);
	if (data_put(data, "uplink", r.proof ? json_incref(r.proof) : uplink_json(m, r.uplink, e), e)
	    || data_put(data, "ratios", ratios_json(m, &r, e), e) || checklist_validate(m, &list, e))
		goto fail;
	if (read_all(m, &r, &unread, lacks, e) || check_any(m, e))
		goto fail;
	r.doctor.unread = *unread.text ? unread.text : NULL;
	if (data_put(data, "schema", json_string(REPORT_SCHEMA), e)
	    || data_put(data, "tool", json_pack("{s:s, s:s}", "name", "meterctl", "version", METERCTL_VERSION), e)
	    || data_put(data, "time", json_string(time_text(time_wall_us(), now, sizeof(now))), e)
	    || data_put(data, "site", site_json(&r), e) || data_put(data, "meter", meter_json(m), e)
	    || data_put(data, "changes", data_changes(m, r.journal, e), e)
	    || data_put(data, "lacks", lacks_json(m->profile, &r), e)
	    || data_put(data, "wiring", data_wiring_json(m, &r), e)
	    || data_put(data, "missing", r.as_read ? json_array() : missing_json(m, e), e)
	    || data_put(data, "readings", readings_json(m, e), e)
	    || data_put(data, "ratios", ratios_json(m, &r, e), e) || data_put(data, "clamp", clamp_json(m, &r), e)
	    || data_put(data, "harmonics", harmonics_json(m), e) || data_put(data, "clock", clock_json(m), e)
	    || data_put(data, "tariff", settings_json(m, "tou", e), e)
	    || data_put(data, "settings", settings_json(m, NULL, e), e)
	    || data_put(data, "checklist", data_checklist_json(m, given, &r, e), e))
		goto fail;
	return data;
fail:
	json_decref(data);
	return NULL;
}
