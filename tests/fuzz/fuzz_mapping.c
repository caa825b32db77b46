/*
 * fuzz_mapping.c - any file as a dialect that is data: it is refused with a reason, or what it
 * makes of messages keeps to what a dialect promises.
 */
#include "mqtt/dialects/mapping.h"
#include "fuzz.h"

const char *const mapping_seeds[] = {
	"dialect: x\nfrom: manual\ntopics:\n  - topic: \"a/{sn}/b\"\n    serial: id\n    model: m\n    match: [\"t=*\", v]\n"
	"    time: {path: ts, form: iso-or-ms, clock: server}\n    values: o\n    items:\n      - {path: \"v[1]\", key: voltage.a, unit: mV, factor: -0.1}\n"
	"      - {path: \"[\\\"p.q\\\"]\", key: power.active.total, unit: W, from: public, note: n}\n",
	"dialect: y\ntopics: [{topic: \"a/+/b\"}, {topic: \"a/{sn}\", time: {path: ts, form: s}}]\nitems: [{path: v, key: pf.a}, {path: o.v, key: site.x, unit: l}]\n"
	"vectors:\n  - {topic: a/1, payload: '{\"v\":1,\"ts\":2}', serial: '1', time: '2026-07-15T12:03:27Z', expect: [pf.a=1]}\n", NULL
};

static void fuzz_mapping_messages(const struct mapping *m)
{
	static const char *const messages[] = {
		"{\"id\":\"1\",\"m\":\"x\",\"t\":\"y\",\"v\":[1,2],\"ts\":1784117007000,\"o\":{\"v\":[1,2e300],\"p.q\":3}}",
		"{\"id\":5,\"t\":true,\"v\":1e308,\"ts\":\"2026-07-15T12:03:27Z\",\"o\":{\"v\":null}}",
	};

	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		fuzz_decode(&m->dialect, "a/1/b", 5, messages[i], strlen(messages[i]));
		fuzz_decode(&m->dialect, "a/1", 3, messages[i], strlen(messages[i]));
	}
}

void fuzz_mapping(struct input in)
{
	char text[2000];
	struct err e = { 0 };
	struct check c;
	struct mapping *m;

	take_text(&in, text, sizeof(text));
	snprintf(about, sizeof(about), "%.700s", text);
	m = mapping_load_text("fuzz", text, &e);
	if (!m) {
		check_err(&e);
		return;
	}
	HOLDS(m->ntopics > 0 && m->ntopics <= MAPPING_TOPICS && m->dialect.nitems <= UPLOAD_VALUES);
	for (size_t i = 0; i < m->ntopics; i++)
		HOLDS(m->topics[i].n > 0 && m->topics[i].first + m->topics[i].n <= m->dialect.nitems && is_clean(m->topics[i].pattern));
	for (size_t i = 0; i < m->dialect.nitems; i++)
		HOLDS(is_clean(m->dialect.items[i].name) && is_clean(m->dialect.items[i].key) && is_clean(m->dialect.items[i].unit));
	fuzz_mapping_messages(m);
	HOLDS(mapping_check(m, &c, &e) == 0);
	check_release(&c);
	mapping_free(m);
}
