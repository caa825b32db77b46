/* Dialects as data: what a file may say and what it may not, paths, times and units, whose a
 * message is, and what becomes of values in a profile with units of its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/dialects/mapping.h"
#include "mqtt/dialects/upload.h"
#include "temp.h"
#include "unit.h"

#define TOPIC "topics:\n  - topic: m/{sn}\n    items:\n"

static struct upload up;

/* ---- files ---------------------------------------------------------------------- */

static struct mapping *mapping_of(const char *text)
{
	struct err e = { 0 };
	struct mapping *m = mapping_load_text("t.yaml", text, &e);

	if (!m)
		fail_msg("%s", e.text);
	return m;
}

/* What a file must not say, and what is answered: each with its place. */
static void files(void **state)
{
	static const struct { const char *text, *error; } bad[] = {
		{ "", "t.yaml" },
		{ "[1]", "t.yaml:1:1: a dialect is a mapping" },
		{ "dialect: x\n", "t.yaml:1:1: a dialect needs" },
		{ "dialect: X\ntopics: []\n", "t.yaml:1:10: 'X' is no key" },
		{ "dialect: x\ntopics: []\n", "t.yaml:2:9: no topics" },
		{ "dialect: x\ntopics: 5\n", "t.yaml:2:9: topics is a list" },
		{ "dialect: a-name-that-is-too-long\ntopics: []\n", "t.yaml:1:10: 'a-name-that-is-too-long' is longer than 15" },
		{ "dialect: shadow\ntopics: []\n", "t.yaml:1:10: 'shadow' is a dialect of the program's own" },
		{ "dialect: tunnel\ntopics: []\n", "t.yaml:1:10: 'tunnel' is no dialect of messages" },
		{ "dialect: x\ncolour: red\ntopics: []\n", "t.yaml:2:1: 'colour' is none of: dialect," },
		{ "dialect: x\ndialect: y\ntopics: []\n", "t.yaml:2:1: 'dialect' stands here twice" },
		{ "dialect: x\nfrom: hearsay\ntopics: []\n", "t.yaml:2:7: 'hearsay' is none of" },
		{ "dialect: x\ntopics:\n  - topic: m/#/{sn}\n", "t.yaml:3:12: 'm/#/{sn}' is no topic" },
		{ "dialect: x\ntopics:\n  - topic: m/{id}\n", "t.yaml:3:12: 'm/{id}' is no topic" },
		{ "dialect: x\ntopics:\n  - topic: \"{sn}/{sn}\"\n", "t.yaml:3:12: '{sn}/{sn}' has two serial numbers" },
		{ "dialect: x\ntopics:\n  - {items: []}\n", "t.yaml:3:5: a topic needs its pattern" },
		{ "dialect: x\ntopics:\n  - topic: m/{sn}\n", "t.yaml:3:5: a topic without items" },
		{ "dialect: x\n" TOPIC "      []\n", "t.yaml:5:7: no items" },
		{ "dialect: x\n" TOPIC "      - {path: v}\n", "t.yaml:5:9: an item needs path and key" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: voltage.a}\n", "t.yaml:5:9: 'voltage.a' needs the unit" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: voltage.a, unit: A}\n", "t.yaml:5:41: 'voltage.a' is in 'V', which 'A' cannot become" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: pf.a, unit: V}\n", "t.yaml:5:36: 'pf.a' is in 'no unit', which 'V' cannot become" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: power.active.a, unit: Wh}\n", "which 'Wh' cannot become" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: pf.a, factor: 0}\n", "t.yaml:5:38: factor is 1e-9 to 1e9" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: pf.a, factor: .nan}\n", "t.yaml:5:38: " },
		{ "dialect: x\n" TOPIC "      - {path: v, key: pf.a, factor: 1e300}\n", "t.yaml:5:38: factor is" },
		{ "dialect: x\n" TOPIC "      - {path: \"v[\", key: pf.a}\n", "t.yaml:5:16: 'v[' is no path" },
		{ "dialect: x\n" TOPIC "      - {path: v, key: pf.a}\n      - {path: w, key: pf.a}\n", "t.yaml:6:9: 'pf.a' is given twice" },
		{ "dialect: x\ntopics:\n  - topic: m\n    time: {path: t}\n", "t.yaml:4:11: time needs path and form" },
		{ "dialect: x\ntopics:\n  - topic: m\n    time: {path: t, form: h}\n", "t.yaml:4:27: 'h' is none of: iso, s, ms" },
		{ "dialect: x\ntopics:\n  - topic: m\n    match: [a, b, c, d, e]\n", "t.yaml:4:25: more than 4 conditions" },
		{ "dialect: x\ntopics:\n  - topic: m\n    match: [\"=1\"]\n", "t.yaml:4:13: '=1' is no condition" },
		{ "dialect: x\nvectors:\n  - {topic: m}\n" TOPIC "      - {path: v, key: pf.a}\n", "t.yaml:3:5: a vector needs topic, payload and expect" },
		{ "dialect: x\nvectors:\n  - {topic: m, payload: '{}', expect: [v]}\n" TOPIC "      - {path: v, key: pf.a}\n", "'v' is no KEY=VALUE" },
		{ "dialect: x\nvectors:\n  - {topic: m, payload: '{}', time: noon, expect: []}\n" TOPIC "      - {path: v, key: pf.a}\n",
		  "'noon' is no time" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = { 0 };
		struct mapping *m = mapping_load_text("t.yaml", bad[i].text, &e);

		if (m || !strstr(e.text, bad[i].error))
			fail_msg("%s\n%s, not %s", bad[i].text, m ? "taken" : e.text, bad[i].error);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

/* ---- paths, times, units ---------------------------------------------------------- */

static void paths(void **state)
{
	static const struct { const char *path; double found; } cases[] = {
		{ "a", 1 }, { "b.c", 2 }, { "b.d[1]", 4 }, { "b.d[1][0]", 4 }, { "a[0]", 1 }, { "a[1]", NAN }, { "b.d[2]", NAN },
		{ "[\"x.y\"]", 5 }, { "b[\"c\"]", 2 }, { "b[\"c\"][0]", 2 }, { "l[1].m", 6 }, { "b", NAN }, { "z", NAN }, { "a.b", NAN },
	};
	static const char *const bad[] = {
		"", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[1", "a[1]b", "a.[0]", "[\"\"]", "[\"a\"", "a[12345678]",
		"a[0][0][0][0][0][0][0][0]",
	};
	static const char text[] = "{\"a\":1,\"b\":{\"c\":2,\"d\":[3,4]},\"x.y\":5,\"l\":[{\"m\":0},{\"m\":6}]}";
	static struct payload p;
	struct arena a = { 0 };
	struct err e = { 0 };
	struct mapping_path path;

	(void)state;
	assert_int_equal(payload_read(&p, text, strlen(text), &e), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct node *v;

		if (!mapping_path(&path, cases[i].path, &a))
			fail_msg("'%s' is no path", cases[i].path);
		v = mapping_follow(&path, p.nodes);
		if (isnan(cases[i].found) ? v && v->kind == NODE_NUMBER : !v || v->kind != NODE_NUMBER || fabs(v->num - cases[i].found) > 0)
			fail_msg("'%s'", cases[i].path);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (mapping_path(&path, bad[i], &a))
			fail_msg("'%s' is a path", bad[i]);
	arena_release(&a);
}

static void times(void **state)
{
	static const struct { const char *text; int64_t us; } cases[] = {
		{ "2026-07-15T12:03:27Z", 1784117007000000 }, { "2026-07-15 12:03:27Z", 1784117007000000 },
		{ "2026-07-15T14:03:27+02:00", 1784117007000000 }, { "2026-07-15T08:33:27-0330", 1784117007000000 },
		{ "2026-07-15T12:03:27.5Z", 1784117007500000 }, { "2026-07-15T12:03:27.775023242+00:00", 1784117007775023 },
		{ "2026-07-15T14:03:27", 1784117007000000 },	/* local time, of Berlin */
		{ "2026-02-31T14:03:27Z", 0 }, { "2026-07-15", 0 }, { "2026-07-15T14:03", 0 }, { "", 0 }, { "noon", 0 },
		{ "2026-07-15T14:03:27+5", 0 }, { "2026-07-15T14:03:27+99:00", 0 }, { "2026-07-15T14:03:27.Z", 0 },
		{ "2026-07-15T14:03:27 Z", 0 }, { "2026-07-15T14:03:27Z ", 0 }, { "1970-01-01T00:00:00Z", 0 },
		{ "2026-07-15T14:03:27+0200x", 0 }, { "2026-07-15T14:03:27+02:60", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (mapping_iso_us(cases[i].text) != cases[i].us)
			fail_msg("'%s': %lld", cases[i].text, (long long)mapping_iso_us(cases[i].text));
}

static void units(void **state)
{
	static const struct { const char *from, *to; double ratio; } cases[] = {
		{ "W", "kW", 0.001 }, { "kW", "kW", 1 }, { "MWh", "kWh", 1000 }, { "mA", "A", 0.001 }, { "A", "mA", 1000 },
		{ "kvar", "var", 1000 }, { "mV", "V", 0.001 }, { "W", "kVA", 0 }, { "W", "Wh", 0 }, { "", "V", 0 }, { "V", "", 0 },
		{ "uA", "A", 0 }, { "kwh", "kWh", 0 }, { "degF", "degC", 0 }, { "m", "V", 0 }, { "M", "M", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double ratio;
		bool can = mapping_units(cases[i].from, cases[i].to, &ratio);

		if (can != (cases[i].ratio > 0) || (can && fabs(ratio / cases[i].ratio - 1) > 1e-12))
			fail_msg("'%s' to '%s': %g", cases[i].from, cases[i].to, ratio);
	}
}

/* ---- messages --------------------------------------------------------------------- */

static struct err decode(const struct mapping *m, const char *topic, const char *payload)
{
	struct err e = { 0 };

	dialect_decode(&m->dialect, topic, strlen(topic), payload, strlen(payload), &up, &e);
	return e;
}

#define ITEMS "    items: [{path: v, key: voltage.a, unit: V}]\n"

/* A message without any sign of whose it is has no serial number. */
static void identity(void **state)
{
	struct mapping *topic = mapping_of("dialect: x\ntopics:\n  - topic: a/meter-{sn}/b\n" ITEMS);
	struct mapping *payload = mapping_of("dialect: x\ntopics:\n  - topic: a/+\n    serial: id\n" ITEMS);
	struct mapping *nobody = mapping_of("dialect: x\ntopics:\n  - topic: a/+\n" ITEMS);

	(void)state;
	assert_int_equal(decode(topic, "a/meter-17/b", "{\"v\":230}").code, ERR_NONE);
	assert_string_equal(up.sn, "17");
	assert_int_equal(decode(topic, "a/clock-17/b", "{\"v\":230}").code, ERR_NONE);
	assert_string_equal(up.sn, "");
	assert_int_equal(decode(topic, "other", "{\"v\":230}").code, ERR_NONE);
	assert_string_equal(up.sn, "");
	assert_int_equal(decode(topic, "a/meter-1234567890123456789012345678901234567890/b", "{\"v\":230}").code, ERR_FOREIGN);
	assert_int_equal(decode(payload, "a/17", "{\"v\":230,\"id\":\"M1\"}").code, ERR_NONE);
	assert_string_equal(up.sn, "M1");
	assert_int_equal(decode(payload, "a/17", "{\"v\":230}").code, ERR_NONE);
	assert_string_equal(up.sn, "");
	assert_int_equal(decode(payload, "a/17", "{\"v\":230,\"id\":17}").code, ERR_FOREIGN);
	assert_int_equal(decode(payload, "a/17", "{\"v\":230,\"id\":\"a/b\"}").code, ERR_FOREIGN);
	assert_int_equal(decode(nobody, "a/17", "{\"v\":230,\"id\":\"M1\"}").code, ERR_NONE);
	assert_string_equal(up.sn, "");
	mapping_free(topic);
	mapping_free(payload);
	mapping_free(nobody);
}

/* What one subscribes to, for one meter and for all. */
static void subscriptions(void **state)
{
	struct mapping *m = mapping_of("dialect: x\ntopics:\n  - topic: a/meter-{sn}/b\n" ITEMS "  - topic: c/+/d\n" ITEMS);
	struct target_mqtt t = { .sn = "17" };
	char out[UPLOAD_FILTERS][MQTT_TOPIC * 2];

	(void)state;
	assert_int_equal(m->dialect.filters(&m->dialect, &t, out), 2);
	assert_string_equal(out[0], "a/meter-17/b");
	assert_string_equal(out[1], "c/+/d");
	t.sn[0] = '\0';
	assert_int_equal(m->dialect.filters(&m->dialect, &t, out), 2);
	assert_string_equal(out[0], "a/+/b");
	strcpy(t.topic, "own/{sn}");
	strcpy(t.sn, "5");
	assert_int_equal(m->dialect.filters(&m->dialect, &t, out), 1);
	assert_string_equal(out[0], "own/5");
	mapping_free(m);
}

static bool recognised(const struct mapping *m, const char *topic, const char *payload)
{
	static struct payload p;
	struct err e = { 0 };

	assert_int_equal(payload_read(&p, payload, strlen(payload), &e), 0);
	return m->dialect.recognise(&m->dialect, topic, strlen(topic), p.nodes);
}

static void conditions(void **state)
{
	struct mapping *m = mapping_of("dialect: x\ntopics:\n  - topic: a/{sn}\n    match: [\"type=meter*\", n=3, \"on=true\", o]\n" ITEMS);
	static const struct { const char *payload; bool is; } cases[] = {
		{ "{\"type\":\"meter-3\",\"n\":3,\"on\":true,\"o\":{},\"v\":1}", true },
		{ "{\"type\":\"clock\",\"n\":3,\"on\":true,\"o\":{},\"v\":1}", false },
		{ "{\"type\":\"meter\",\"n\":4,\"on\":true,\"o\":{},\"v\":1}", false },
		{ "{\"type\":\"meter\",\"n\":3,\"on\":false,\"o\":{},\"v\":1}", false },
		{ "{\"type\":\"meter\",\"n\":3,\"on\":true,\"o\":null,\"v\":1}", false },
		{ "{\"type\":\"meter\",\"n\":3,\"on\":true,\"o\":{}}", false },
		{ "{\"type\":\"meter\",\"n\":3,\"on\":true,\"o\":{},\"v\":null}", false },
		{ "{\"type\":{},\"n\":3,\"on\":true,\"o\":{},\"v\":1}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (recognised(m, "a/1", cases[i].payload) != cases[i].is)
			fail_msg("%s", cases[i].payload);
	assert_false(recognised(m, "b/1", cases[0].payload));
	mapping_free(m);
}

/* ---- a profile with units of its own ------------------------------------------------ */

static double delivered;
static struct err failed;

static void hear(void *arg, size_t idx, const struct reading *r)
{
	(void)arg;
	(void)idx;
	if (r->quality == QUALITY_OK)
		delivered = r->value.num;
	else
		failed = r->err;
}

/* VALUE of KEY in UNIT, by a profile where the point is in OF. */
static void deliver(const char *item, const char *point)
{
	char path[TEMP_PATH], text[400];
	struct err e = { 0 };
	const struct profile *p;
	struct mapping *m;
	FILE *f = fopen(temp_path(path, "p.yaml"), "w");

	assert_non_null(f);
	fprintf(f, "profile: own\ngroups:\n  - group: g\n    title: G\n    from: public\n    points:\n      - %s\n", point);
	fclose(f);
	p = profile_open(path, &e);
	if (!p)
		fail_msg("%s", e.text);
	snprintf(text, sizeof(text), "dialect: x\ntopics:\n  - topic: a\n    items: [%s]\n", item);
	m = mapping_of(text);
	delivered = NAN;
	failed = (struct err){ 0 };
	assert_int_equal(decode(m, "a", "{\"v\":1500}").code, ERR_NONE);
	dialect_deliver(&up, p, 1, 1, hear, NULL);
	mapping_free(m);
	profile_free(p);
}

static void profiles(void **state)
{
	(void)state;
	deliver("{path: v, key: power.active.total, unit: W}", "{key: power.active.total, at: 0, type: f32, unit: W, name: P}");
	assert_true(fabs(delivered - 1500) < 1e-9);
	deliver("{path: v, key: power.active.total, unit: W}", "{key: power.active.total, at: 0, type: f32, unit: kW, name: P}");
	assert_true(fabs(delivered - 1.5) < 1e-9);
	deliver("{path: v, key: power.active.total, unit: W}", "{key: power.active.total, at: 0, type: f32, unit: hp, name: P}");
	assert_true(isnan(delivered));
	assert_non_null(strstr(failed.text, "1.5 kW: the profile has it in hp"));
	assert_int_equal(up.drops.total, 1);
	/* a key of one's own: its unit is that of the file, or nothing is known */
	deliver("{path: v, key: site.flow, unit: l}", "{key: site.flow, at: 0, type: f32, unit: l, name: F}");
	assert_true(fabs(delivered - 1500) < 1e-9);
	deliver("{path: v, key: site.flow}", "{key: site.flow, at: 0, type: f32, unit: l, name: F}");
	assert_true(isnan(delivered));
	assert_non_null(strstr(failed.text, "1500: the profile has it in l"));
}

/* ---- check -------------------------------------------------------------------------- */

#define ONE "dialect: x\ntopics:\n  - topic: a/{sn}\n    time: {path: t, form: s}\n" \
	"    items: [{path: v, key: voltage.a, unit: V}, {path: w, key: my.own}]\n"

static void checks(void **state)
{
	static const struct { const char *vector, *finding; size_t proven; } cases[] = {
		{ "{topic: a/1, payload: '{\"v\":230}', serial: '1', expect: [voltage.a=230]}", NULL, 1 },
		{ "{topic: a/1, payload: '{\"v\":230,\"w\":1}', expect: [voltage.a=230, my.own=1]}", NULL, 2 },
		{ "{topic: a/1, payload: '{\"v\":230}', expect: [voltage.a=231]}", "voltage.a is 230, the vector says 231", 1 },
		{ "{topic: a/1, payload: '{\"v\":230}', expect: [voltage.b=1]}", "voltage.b is not in the message", 0 },
		{ "{topic: a/1, payload: '{\"v\":230}', serial: '2', expect: []}", "serial number is '1', the vector says '2'", 0 },
		{ "{topic: a/1, payload: '{\"v\":230,\"t\":1}', time: '2026-07-15T12:03:27Z', expect: []}", "time is not 2026-07-15T12:03:27Z", 0 },
		{ "{topic: a/1, payload: '{\"v\":\"x\"}', expect: []}", "value dropped: item v is a string, not a number", 0 },
		{ "{topic: a/1, payload: '{\"v\":', expect: []}", "not JSON", 0 },
		{ "{topic: a/1, payload: '{\"u\":1}', expect: []}", "x: none of its items in the payload", 0 },
		{ "{topic: a/1, payload: '{\"v\":1,\"data\":[{\"point\":[]}]}', expect: []}", "the message is taken for dialect json-v2", 0 },
	};
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = { 0 };
		struct mapping *m;
		struct check c;

		snprintf(text, sizeof(text), ONE "vectors:\n  - %s\n", cases[i].vector);
		m = mapping_of(text);
		assert_int_equal(mapping_check(m, &c, &e), 0);
		if (c.n != (cases[i].finding != NULL) || (c.n && (!strstr(c.list[0].text, cases[i].finding) || c.list[0].line != 7)))
			fail_msg("%s: %zu findings, %s", cases[i].vector, c.n, c.n ? c.list[0].text : "");
		assert_int_equal(c.proven, cases[i].proven);
		assert_int_equal(c.nwarnings, 1);
		assert_string_equal(c.warnings[0].text, "key 'my.own' is not in the vocabulary");
		assert_int_equal(c.warnings[0].line, 5);
		check_release(&c);
		mapping_free(m);
	}
}

/* ---- those that there are ------------------------------------------------------------ */

static void write_file(const char *name, const char *text)
{
	char path[TEMP_PATH];
	FILE *f = fopen(temp_path(path, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* In one process they are read once: this is the first test that asks for them. */
static void list(void **state)
{
	const struct dialect *d;
	char path[TEMP_PATH];
	size_t n = 0;

	(void)state;
	setenv("XDG_CONFIG_HOME", temp_path(path, ""), 1);
	mkdir(temp_path(path, "meterctl"), 0700);
	mkdir(temp_path(path, "meterctl/dialects"), 0700);
	write_file("meterctl/dialects/a.yaml", "dialect: own\n" TOPIC "      - {path: v, key: pf.a}\n");
	write_file("meterctl/dialects/b.yaml", "dialect: own\n" TOPIC "      - {path: v, key: pf.b}\n");
	write_file("meterctl/dialects/tasmota.yaml", "dialect: tasmota\ntitle: mine\n" TOPIC "      - {path: v, key: pf.a}\n");
	write_file("meterctl/dialects/wrong.yaml", "dialect: wrong\n");
	write_file("meterctl/dialects/note.txt", "dialect: note\n");
	for (; (d = dialect_nth(n)); n++)
		assert_ptr_equal(dialect_find(d->name), d);
	assert_int_equal(n, DIALECTS + 5);
	assert_string_equal(dialect_nth(DIALECTS)->name, "own");
	assert_string_equal(dialect_nth(DIALECTS)->items[0].key, "pf.a");
	assert_string_equal(dialect_find("tasmota")->title, "mine");
	assert_null(dialect_find(""));
	assert_non_null(strstr(mapping_broken(0)->text, "b.yaml: dialect 'own' is in another file"));
	assert_non_null(strstr(mapping_broken(1)->text, "wrong.yaml:1:1: a dialect needs"));
	assert_null(mapping_broken(2));
	assert_true(mapping_known("tasmota") && mapping_known("lorawan") && mapping_known("a"));
	assert_false(mapping_known("note") || mapping_known("../dialects/a") || mapping_known("json-v2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list), cmocka_unit_test(files), cmocka_unit_test(paths), cmocka_unit_test(times), cmocka_unit_test(units),
		cmocka_unit_test(identity), cmocka_unit_test(subscriptions), cmocka_unit_test(conditions), cmocka_unit_test(profiles),
		cmocka_unit_test(checks),
	};

	/* the rules of Berlin, without a data base of zones */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	return UNIT_RUN(tests);
}
