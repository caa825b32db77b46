/* The checklist: each item in each state, from facts made by hand. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "checklist/kinds.h"
#include "checklist/record.h"
#include "profile/codec.h"

#define NOW 1790000000000000LL
#define MINUTE 60000000LL
#define DAY (24 * 60 * MINUTE)

#define POINTS 8192
static struct reading shared[POINTS];	/* those of the bench in use */

/* A wired meter about which nothing is known. */
struct bench {
	struct checklist_facts f;
	struct reading *readings;
	struct target target;
	struct doctor_verdict verdict;
	struct checklist_write writes[8];
	struct checklist_entry entry;
	struct settings settings;
	struct setting list[4];
	struct checklist_item item;
};

static void bench_init(struct bench *b, const char *profile, const char *target)
{
	struct err e;

	memset(b, 0, sizeof(*b));
	b->f.profile = profile_builtin_named(profile);
	assert_non_null(b->f.profile);
	assert_true(b->f.profile->npoints <= POINTS);
	b->readings = shared;
	memset(shared, 0, sizeof(shared));
	if (target_parse(target, &b->target, &e))
		fail_msg("%s", e.text);
	b->f.readings = b->readings;
	b->f.target = &b->target;
	b->f.pushes = target_pushes(&b->target);
	b->f.now_us = NOW;
	b->f.writes = b->writes;
	b->f.verdict = &b->verdict;
	b->verdict.evidence.used = DOCTOR_SAMPLES;
}

/* The proofs' JSON; everything else is in the bench. */
static void bench_free(struct bench *b)
{
	for (enum proof_kind k = 0; k < PROOF_KINDS; k++)
		json_decref(b->f.proofs[k].what);
}

static void has(struct bench *b, const char *key, const char *text)
{
	int idx = profile_find(b->f.profile, key);
	struct err e;

	assert_true(idx >= 0);
	if (codec_parse(&b->f.profile->points[idx], text, &b->readings[idx].value, &e))
		fail_msg("%s", e.text);
	b->readings[idx].quality = QUALITY_OK;
	b->readings[idx].at_us = NOW;
}

static void wrote(struct bench *b, const char *key, const char *after, const char *state, int64_t at_us)
{
	struct checklist_write *w = &b->writes[b->f.nwrites++];

	w->at_us = at_us;
	snprintf(w->key, sizeof(w->key), "%s", key);
	snprintf(w->after, sizeof(w->after), "%s", after);
	snprintf(w->state, sizeof(w->state), "%s", state);
}

static void proven(struct bench *b, enum proof_kind kind, const char *outcome, int64_t at_us, const char *what)
{
	struct checklist_proof *p = &b->f.proofs[kind];

	json_decref(p->what);
	*p = (struct checklist_proof){ .there = true, .at_us = at_us, .what = json_loads(what, 0, NULL) };
	assert_non_null(p->what);
	snprintf(p->outcome, sizeof(p->outcome), "%s", outcome);
}

/* The item ID is in STATE, and says SAYS of it. */
static void assert_item(struct bench *b, enum checklist_id id, enum checklist_state state, const char *says)
{
	struct checklist_list l = { .n = 1 };
	struct checklist c;

	l.entries[0] = b->entry;
	l.entries[0].id = id;
	if (!l.entries[0].tolerance_s)
		l.entries[0].tolerance_s = CHECKLIST_CLOCK_S;
	checklist_compute(&b->f, &l, &c);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.of, state != CHECKLIST_NOT_APPLICABLE);
	assert_int_equal(c.done, state == CHECKLIST_DONE);
	b->item = c.items[0];
	if (c.items[0].state != state)
		fail_msg("%s: %s: %s", checklist_kinds[id].id, checklist_state_names[c.items[0].state], c.items[0].why);
	if (!strstr(c.items[0].why, says))
		fail_msg("%s: no '%s' in '%s'", checklist_kinds[id].id, says, c.items[0].why);
	assert_true(strlen(c.items[0].why) + 1 < CHECKLIST_WHY);
}

/* ---- found ----------------------------------------------------------------------- */

static void found(void **state)
{
	struct bench b;
	int idx;

	(void)state;
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0?unit=7");
	assert_item(&b, CHECKLIST_FOUND, CHECKLIST_FAILED, "no reading yet");
	idx = profile_find(b.f.profile, "voltage.a");
	b.readings[idx].quality = QUALITY_FAILED;
	err_set(&b.readings[idx].err, ERR_REFUSED, "unit 7 refused register 0x0010");
	assert_item(&b, CHECKLIST_FOUND, CHECKLIST_FAILED, "unit 7 refused register 0x0010");
	has(&b, "voltage.b", "230");
	b.f.latency_ms = 21.4;
	assert_item(&b, CHECKLIST_FOUND, CHECKLIST_DONE, "adw300 at unit 7, reply in 21 ms, no serial number");
	snprintf(b.f.identity, sizeof(b.f.identity), "energy.active.import.total=12.50");
	assert_item(&b, CHECKLIST_FOUND, CHECKLIST_DONE, "identified by its energy counters");
	snprintf(b.f.identity, sizeof(b.f.identity), "meter.serial=4711");
	b.f.latency_ms = 0.2;
	assert_item(&b, CHECKLIST_FOUND, CHECKLIST_DONE, "reply in less than 1 ms, identified by meter.serial=4711");

	bench_init(&b, "adw300", "mqtt://broker/20201998111433");
	has(&b, "voltage.b", "230");
	b.f.uplink.rhythm.last_wall_us = NOW;
	assert_item(&b, CHECKLIST_FOUND, CHECKLIST_DONE, "adw300, serial number 20201998111433, upload at 20");
}

/* ---- clock ----------------------------------------------------------------------- */

static void clock_at(struct bench *b, int64_t off_s)
{
	char text[32];

	has(b, "clock", time_format(NOW + off_s * 1000000, "%Y-%m-%d %H:%M:%S", text, sizeof(text)));
}

static void clock_wired(void **state)
{
	struct bench b;
	int idx;

	(void)state;
	bench_init(&b, "sdm630", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_NOT_APPLICABLE, "profile 'sdm630' has no clock");
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_OPEN, "clock not read");
	idx = profile_find(b.f.profile, "clock");
	b.readings[idx].quality = QUALITY_FAILED;
	b.readings[idx].absent = true;
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_NOT_APPLICABLE, "no clock register");
	clock_at(&b, 0);
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_DONE, "in step with this computer");
	clock_at(&b, -60);
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_DONE, "60 s behind this computer");
	wrote(&b, "clock", "", "verified", NOW - MINUTE);
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_DONE, "60 s behind this computer, set 20");
	clock_at(&b, 61);
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_FAILED, "61 s ahead of this computer, tolerance 60 s");
	b.entry.tolerance_s = 61;
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_DONE, "61 s ahead");
	clock_at(&b, 3600);
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_FAILED, time_summer(3600));
}

/* Behind a broker: what its uploads say of when they were sent. */
static void clock_uploaded(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "mqtt://broker/20201998111433");
	b.f.uplink.rhythm.last_wall_us = NOW;
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_NOT_APPLICABLE, "carry no time");
	b.f.uplink.rhythm.sent_us = NOW - 3 * 1000000;
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_DONE, "3 s behind this computer");
	b.f.uplink.rhythm.sent_us = NOW - 10 * MINUTE;
	assert_item(&b, CHECKLIST_CLOCK, CHECKLIST_FAILED, "600 s behind this computer");
}

/* ---- ratios ---------------------------------------------------------------------- */

static void ratios(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "sdm630", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_NOT_APPLICABLE, "no transformer ratios");
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_OPEN, "CT not read; PT not read");
	has(&b, "ratio.ct", "40");
	has(&b, "ratio.pt", "1");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_OPEN, "CT 40, its nameplate not entered; PT 1");
	snprintf(b.f.nameplate_ct, sizeof(b.f.nameplate_ct), "200/5");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_DONE, "CT 200/5 = 40; PT 1");
	proven(&b, PROOF_NAMEPLATE, "entered", NOW, "{}");
	b.f.proofs[PROOF_NAMEPLATE].by_target = true;
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_DONE, "matched by target");
	b.f.proofs[PROOF_NAMEPLATE].by_target = false;
	has(&b, "ratio.ct", "60");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_FAILED, "CT 60 in the meter, nameplate 200/5");
	has(&b, "ratio.ct", "40");
	has(&b, "ratio.pt", "100");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_OPEN, "PT 100, its nameplate not entered");
	snprintf(b.f.nameplate_pt, sizeof(b.f.nameplate_pt), "10kV/100V");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_DONE, "PT 10kV/100V = 100");
	/* a voltage transformer that the meter does not know of */
	has(&b, "ratio.pt", "1");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_FAILED, "PT 1 in the meter, nameplate 10kV/100V");
	/* without one, 1 is a ratio that somebody has to vouch for */
	b.f.nameplate_ct[0] = b.f.nameplate_pt[0] = '\0';
	has(&b, "ratio.ct", "1");
	assert_item(&b, CHECKLIST_RATIOS, CHECKLIST_OPEN, "CT 1, its nameplate not entered");
	bench_free(&b);
}

/* ---- wiring ---------------------------------------------------------------------- */

static void finds(struct bench *b, enum doctor_outcome outcome, enum doctor_code code, enum doctor_weight weight,
		  unsigned phases)
{
	b->verdict.outcome = outcome;
	b->verdict.nfindings = 1;
	b->verdict.findings[0] = (struct doctor_finding){ .code = code, .weight = weight, .phases = phases,
							  .confidence = 0.96 };
}

static void wiring(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	b.verdict.outcome = DOCTOR_PASS;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_DONE, "pass: ");
	finds(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, DOCTOR_FAULT, 2);
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_FAILED, "ct-reversed on B (96 %)");
	finds(&b, DOCTOR_FAIL, DOCTOR_CT_SWAPPED, DOCTOR_FAULT, 5);
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_FAILED, "ct-swapped on A and C (96 %)");
	finds(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, DOCTOR_FAULT, 7);
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_FAILED, "ct-rotated on A, B and C (96 %)");
	finds(&b, DOCTOR_INSUFFICIENT, DOCTOR_INSUFFICIENT_LOAD, DOCTOR_DOUBT, 4);
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_OPEN, "inconclusive: insufficient-load on C");
	b.verdict.evidence.used = DOCTOR_SAMPLES_LEAST - 1;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_OPEN, "inconclusive: too few readings");
	b.f.unread = "unit 1 refused register 0x0010";
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_OPEN, "inconclusive: unit 1 refused register 0x0010");
}

/* What is read now does not tell: then the last check does, while it is good. */
static void wiring_proven(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	finds(&b, DOCTOR_INSUFFICIENT, DOCTOR_INSUFFICIENT_LOAD, DOCTOR_DOUBT, 0);
	proven(&b, PROOF_WIRING, "pass", NOW - 2 * DAY, "{\"said\":\"no findings\"}");
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_DONE, "now inconclusive: insufficient-load");
	assert_null(strstr(b.item.why, "target"));
	b.f.proofs[PROOF_WIRING].by_target = true;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_DONE, "matched by target: meter without identity");
	/* older than what it proves */
	wrote(&b, "demand.cycle", "15min", "verified", NOW - DAY);
	wrote(&b, "ratio.ct", "60", "verified", NOW - 3 * DAY);
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_DONE, "pass at ");
	b.writes[1].at_us = NOW - DAY;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_OPEN, "ratio.ct was written after the check");
	/* the check of now is newer than anything */
	b.verdict.outcome = DOCTOR_PASS;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_DONE, "pass: ");
	b.verdict.outcome = DOCTOR_INSUFFICIENT;
	b.f.nwrites = 0;
	b.entry.days = 2;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_DONE, "pass at ");
	b.entry.days = 1;
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_OPEN, "the check is older than 1 day");
	b.entry.days = 0;
	proven(&b, PROOF_WIRING, "fail", NOW, "{\"said\":\"ct-reversed on B (96 %)\"}");
	assert_item(&b, CHECKLIST_WIRING, CHECKLIST_FAILED, "ct-reversed on B (96 %)");
	bench_free(&b);
}

/* ---- clamp ----------------------------------------------------------------------- */

static void clamp(void **state)
{
	static const char what[] = "{\"says\":\"the ratio fits\"}";
	struct bench b;

	(void)state;
	bench_init(&b, "sdm630", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_NOT_APPLICABLE, "no CT ratio to compare");
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_OPEN, "no clamp meter value entered");
	proven(&b, PROOF_CLAMP, "fits", NOW - MINUTE, what);
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_DONE, ": the ratio fits");
	wrote(&b, "ratio.pt", "2", "verified", NOW);
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_DONE, ": the ratio fits");
	wrote(&b, "ratio.ct", "60", "unknown", NOW);
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_OPEN, "ratio.ct was written after the clamp comparison");
	b.f.nwrites = 0;
	proven(&b, PROOF_CLAMP, "mismatch", NOW, "{\"says\":\"CT 40 does not fit\"}");
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_FAILED, "CT 40 does not fit");
	proven(&b, PROOF_CLAMP, "too-little", NOW, "{\"says\":\"load too little\"}");
	assert_item(&b, CHECKLIST_CLAMP, CHECKLIST_OPEN, "load too little");
	bench_free(&b);
}

/* ---- settings -------------------------------------------------------------------- */

static void settings(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "sim:");
	assert_item(&b, CHECKLIST_SETTINGS, CHECKLIST_NOT_APPLICABLE, "no settings file");
	b.list[0] = (struct setting){ .key = "ratio.ct", .text = "200/5" };
	b.list[1] = (struct setting){ .key = "demand.cycle", .text = "15min" };
	b.list[2] = (struct setting){ .key = "network.apn.password", .text = "hush", .secret = true };
	b.settings = (struct settings){ .list = b.list, .n = 2 };
	snprintf(b.settings.file, sizeof(b.settings.file), "/where/ever/site.yaml");
	b.f.settings = &b.settings;
	has(&b, "ratio.ct", "40");
	assert_item(&b, CHECKLIST_SETTINGS, CHECKLIST_OPEN, "1 of 2 as in site.yaml; demand.cycle not read");
	has(&b, "demand.cycle", "15min");
	assert_item(&b, CHECKLIST_SETTINGS, CHECKLIST_DONE, "2 of 2 as in site.yaml");
	has(&b, "ratio.ct", "60");
	assert_item(&b, CHECKLIST_SETTINGS, CHECKLIST_FAILED, "1 of 2 as in site.yaml; ratio.ct is 60, not 200/5");
	has(&b, "ratio.ct", "40");
	has(&b, "network.apn.password", "other");
	b.settings.n = 3;
	assert_item(&b, CHECKLIST_SETTINGS, CHECKLIST_FAILED, "; network.apn.password differs");
	assert_null(strstr(b.item.why, "other"));
	assert_null(strstr(b.item.why, "hush"));
	b.settings.n = 2;
	b.settings.nmissing = 1;
	b.settings.missing = &(char *){ "lora.sf" };
	assert_item(&b, CHECKLIST_SETTINGS, CHECKLIST_OPEN, "2 of 2 as in site.yaml; incomplete backup, without lora.sf");
}

/* ---- network --------------------------------------------------------------------- */

static void network(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "sdm630", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_NOT_APPLICABLE, "profile 'sdm630' has no network settings");
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_NOT_APPLICABLE, "not published");
	bench_init(&b, "adw300", "mqtt://broker/20201998111433");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_NOT_APPLICABLE, "uploads to this broker");
	bench_init(&b, "adw300", "sim:");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_OPEN, "no write of network.apn in the journal");
	wrote(&b, "network.apn", "iot.example", "verified", NOW);
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_OPEN, "no write of network.broker.host");
	wrote(&b, "network.broker.host", "broker.example", "verified", NOW);
	wrote(&b, "network.upload_interval", "300", "unknown", NOW);
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_OPEN, "network.upload_interval: result of the write pending");
	snprintf(b.writes[2].state, sizeof(b.writes[2].state), "failed");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_FAILED, "network.upload_interval: read-back differs");
	snprintf(b.writes[2].state, sizeof(b.writes[2].state), "verified");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_DONE,
		    "network.apn, network.broker.host, network.upload_interval written and read back");
	has(&b, "network.apn", "iot.example");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_DONE, "written and read back");
	has(&b, "network.apn", "elsewhere");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_FAILED, "network.apn is now 'elsewhere', 'iot.example' was written");
	b.entry.nkeys = 1;
	snprintf(b.entry.keys[0], sizeof(b.entry.keys[0]), "network.broker.host");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_DONE, "network.broker.host written and read back");
	snprintf(b.entry.keys[0], sizeof(b.entry.keys[0]), "network.qos");
	assert_item(&b, CHECKLIST_NETWORK, CHECKLIST_OPEN, "no write of network.qos");
}

/* ---- uplink ---------------------------------------------------------------------- */

static void uplink(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_NOT_APPLICABLE, "no uplink known");
	has(&b, "signal.strength", "0");
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_NOT_APPLICABLE, "no uplink known");
	has(&b, "signal.strength", "-75");
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_OPEN, "no proof of the uplink");
	bench_init(&b, "adw300", "mqtt://broker/20201998111433");
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_OPEN, "no proof of the uplink");
	bench_init(&b, "sdm630", "rtu:/dev/ttyUSB0");
	wrote(&b, "network.apn", "iot.example", "verified", NOW);
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_OPEN, "no proof of the uplink");
	proven(&b, PROOF_UPLINK, "pass", NOW - MINUTE, "{\"said\":\"300.1 s after the one before; 300 s are set\",\"step\":null}");
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_OPEN, "network.apn was written after the proof of the uplink");
	b.f.nwrites = 0;
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_DONE, ": 300.1 s after the one before");
	proven(&b, PROOF_UPLINK, "timeout", NOW, "{\"said\":\"not within 700 s\",\"step\":\"first-data\"}");
	assert_item(&b, CHECKLIST_UPLINK, CHECKLIST_FAILED, ": first-data: not within 700 s");
	bench_free(&b);
}

/* ---- report ---------------------------------------------------------------------- */

static void report(void **state)
{
	static const char made[] = "{\"file\":\"cabinet3.html\",\"seal\":\"0123456789abcdef\",\"done\":5,\"of\":5}";
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	assert_item(&b, CHECKLIST_REPORT, CHECKLIST_OPEN, "not made yet");
	b.f.reporting = true;
	assert_item(&b, CHECKLIST_REPORT, CHECKLIST_DONE, "this report");
	b.f.reporting = false;
	proven(&b, PROOF_REPORT, "made", NOW - MINUTE, made);
	assert_item(&b, CHECKLIST_REPORT, CHECKLIST_DONE, "'cabinet3.html', seal 0123456789ab...");
	wrote(&b, "alarm1.enable", "none", "verified", NOW);
	assert_item(&b, CHECKLIST_REPORT, CHECKLIST_OPEN, "alarm1.enable was written after the report");
	b.f.nwrites = 0;
	proven(&b, PROOF_REPORT, "made", NOW, "{\"file\":\"cabinet3.html\",\"done\":3,\"of\":5}");
	assert_item(&b, CHECKLIST_REPORT, CHECKLIST_OPEN, "'cabinet3.html' was made when 2 of the others were open");
	bench_free(&b);
}

/* It comes after the others wherever it stands on the list. */
static void report_last(void **state)
{
	struct checklist_list l = { .n = 3 };
	struct checklist c;
	struct bench b;

	(void)state;
	bench_init(&b, "adw300", "rtu:/dev/ttyUSB0");
	has(&b, "voltage.a", "230");
	b.verdict.outcome = DOCTOR_PASS;
	b.f.reporting = true;
	l.entries[0].id = CHECKLIST_REPORT;
	l.entries[1].id = CHECKLIST_FOUND;
	l.entries[2].id = CHECKLIST_WIRING;
	checklist_compute(&b.f, &l, &c);
	assert_int_equal(c.done, 3);
	assert_int_equal(c.of, 3);
	assert_int_equal(c.items[0].id, CHECKLIST_REPORT);
	b.verdict.outcome = DOCTOR_INSUFFICIENT;
	checklist_compute(&b.f, &l, &c);
	assert_int_equal(c.done, 1);
	assert_int_equal(c.items[0].state, CHECKLIST_OPEN);
	assert_string_equal(c.items[0].why, "after the others");
}

/* ---- as data --------------------------------------------------------------------- */

/* Every kind is there; counts are of those that apply; hostile text is cleaned. */
static void as_json(void **state)
{
	struct checklist_list l;
	struct checklist c;
	struct bench b;
	const json_t *one;
	json_t *j;
	size_t i, applies = 0;

	(void)state;
	bench_init(&b, "sdm630", "rtu:/dev/ttyUSB0");
	has(&b, "voltage.a", "230");
	b.verdict.outcome = DOCTOR_PASS;
	proven(&b, PROOF_UPLINK, "fail", NOW, "{\"said\":\"\\u001b[2J\",\"step\":\"login\"}");
	checklist_list_default(&l);
	checklist_compute(&b.f, &l, &c);
	j = checklist_json(&c);
	assert_non_null(j);
	assert_int_equal(json_array_size(json_object_get(j, "items")), CHECKLIST_IDS);
	json_array_foreach(json_object_get(j, "items"), i, one) {
		const char *state_name = json_string_value(json_object_get(one, "state"));
		bool todo = strcmp(state_name, "open") == 0 || strcmp(state_name, "failed") == 0;

		assert_string_equal(json_string_value(json_object_get(one, "id")), checklist_kinds[i].id);
		assert_non_null(json_string_value(json_object_get(one, "title")));
		assert_true(*json_string_value(json_object_get(one, "why")) != '\0');
		assert_int_equal(json_is_string(json_object_get(one, "go")), todo);
		applies += strcmp(state_name, "not-applicable") != 0;
	}
	assert_int_equal(json_integer_value(json_object_get(j, "of")), applies);
	assert_int_equal(json_integer_value(json_object_get(j, "done")), 2);
	assert_null(strchr(c.items[CHECKLIST_UPLINK].why, '\033'));
	json_decref(j);
	bench_free(&b);
}

/* What a check was told of the site comes back from its proof. */
static void options_remembered(void **state)
{
	struct doctor_options o, back;
	struct doctor_verdict v = { .outcome = DOCTOR_PASS };
	struct record r;

	(void)state;
	doctor_options_init(&o);
	o.wires = DOCTOR_3WIRE;
	o.site = DOCTOR_SITE_EXPORTING;
	o.window_lag = 31.5;
	o.window_said = true;
	o.nominal_voltage = 100;
	o.nominal_current = 1;
	record_wiring(&r, &o, &v);
	assert_int_equal(r.kind, PROOF_WIRING);
	assert_string_equal(r.outcome, "pass");
	doctor_options_init(&back);
	back.clamp[1] = 7;
	record_wiring_options(r.what, &back);
	record_drop(&r);
	assert_int_equal(back.wires, DOCTOR_3WIRE);
	assert_int_equal(back.site, DOCTOR_SITE_EXPORTING);
	assert_true(back.window_said);
	assert_float_equal(back.window_lag, 31.5, 1e-9);
	assert_float_equal(back.window_lead, o.window_lead, 1e-9);
	assert_float_equal(back.nominal_voltage, 100, 1e-9);
	assert_float_equal(back.nominal_current, 1, 1e-9);
	assert_float_equal(back.clamp[1], 7, 1e-9);
	/* a proof without them changes nothing */
	record_wiring_options(NULL, &back);
	assert_float_equal(back.window_lag, 31.5, 1e-9);
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(found), TEST(clock_wired), TEST(clock_uploaded), TEST(ratios), TEST(wiring),
		TEST(wiring_proven), TEST(clamp), TEST(settings), TEST(network), TEST(uplink), TEST(report),
		TEST(report_last), TEST(as_json), TEST(options_remembered),
	};

	return UNIT_RUN(tests);
}
