/* Dialects: the messages in tests/data/mqtt, the hostile ones, and there and back. */
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profile/codec.h"
#include "mqtt/dialects/dialect.h"
#include "profile/profile.h"
#include "base/text.h"
#include "unit.h"

#define FOLDER "tests/data/mqtt"
#define NOW_US 1784117007000000LL	/* 2026-07-15 12:03:27 UTC */

static const struct profile *profile;
static int wrong;		/* of the case under way */

static void complain(const char *what, const char *is, const char *should)
{
	print_error("# %s is '%s', not '%s'\n", what, is, should);
	wrong++;
}

static void same_text(const char *what, const char *is, const char *should)
{
	if (strcmp(is, should) != 0)
		complain(what, is, should);
}

static void same_number(const char *what, double is, double should)
{
	char a[32], b[32];

	snprintf(a, sizeof(a), "%.15g", is);
	snprintf(b, sizeof(b), "%.15g", should);
	same_text(what, a, b);
}

/* ---- what a case says --------------------------------------------------------- */

/* The bytes of NAME or NAME_hex, in memory of exactly their size. */
static char *bytes_of(const json_t *c, const char *name, size_t *n)
{
	char hex_name[32], *out;
	const json_t *plain = json_object_get(c, name);
	const char *hex;

	snprintf(hex_name, sizeof(hex_name), "%s_hex", name);
	hex = json_string_value(json_object_get(c, hex_name));
	if (hex) {
		*n = strlen(hex) / 2;
		out = malloc(*n);
		assert_non_null(out);
		for (size_t i = 0; i < *n; i++) {
			unsigned byte = 0;

			assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
			out[i] = (char)byte;
		}
		return out;
	}
	assert_non_null(plain);
	if (!json_is_string(plain)) {
		/* as dumped: exactly its size, but for the NUL */
		char *text = json_dumps(plain, JSON_COMPACT | JSON_REAL_PRECISION(10));

		assert_non_null(text);
		*n = strlen(text);
		return text;
	}
	*n = json_string_length(plain);
	out = malloc(*n ? *n : 1);
	assert_non_null(out);
	memcpy(out, json_string_value(plain), *n);
	return out;
}

static const char *text_of(const json_t *c, const char *name, const char *or)
{
	const json_t *v = json_object_get(c, name);

	return v ? json_string_value(v) : or;
}

/* ---- what has come ------------------------------------------------------------ */

struct heard {
	char lines[UPLOAD_VALUES * 2][VALUE_TEXT + 80];
	size_t n;
	char failed[UPLOAD_VALUES][64];
	size_t nfailed;
	char doubts[UPLOAD_VALUES][96];
	size_t ndoubts;
};

static void hear(void *arg, size_t idx, const struct reading *r)
{
	struct heard *h = arg;
	const struct point *p = &profile->points[idx];
	char text[VALUE_TEXT];

	assert_int_equal(r->at_us, NOW_US);
	assert_int_equal(r->mono_us, 77);
	assert_int_equal(r->words, 0);
	if (r->quality == QUALITY_FAILED) {
		assert_int_equal(r->err.code, ERR_FOREIGN);
		assert_int_equal(r->value.kind, VALUE_NONE);
		snprintf(h->failed[h->nfailed++], sizeof(*h->failed), "%s", p->key);
		return;
	}
	if (r->quality == QUALITY_AMBIGUOUS) {
		assert_int_equal(r->value.kind, VALUE_NONE);
		snprintf(h->doubts[h->ndoubts++], sizeof(*h->doubts), "%s: %.*s", p->key,
			 (int)strcspn(r->err.text, ":"), r->err.text);
		return;
	}
	assert_int_equal(r->quality, QUALITY_OK);
	assert_int_equal(r->err.code, ERR_NONE);
	assert_int_equal(r->value.kind, p->type == TYPE_BITS ? VALUE_BITS : VALUE_NUMBER);
	assert_true(h->n < UPLOAD_VALUES * 2);
	snprintf(h->lines[h->n++], sizeof(*h->lines), "%s=%s", p->key,
		 codec_format(p, &r->value, text, sizeof(text)));
}

static void same_list(const char *what, const json_t *should, const char *is, size_t each, size_t n)
{
	for (size_t i = 0; i < n || i < json_array_size(should); i++) {
		const char *s = json_string_value(json_array_get(should, i));

		same_text(what, i < n ? is + i * each : "(nothing)", s ? s : "(nothing)");
	}
}

static void check_items(const json_t *c, const struct upload *up)
{
	const json_t *list = json_object_get(c, "items"), *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const char *should = json_string_value(one);
		char is[MQTT_NAME * 2] = "(nothing)";

		for (size_t k = 0; k < up->n; k++) {
			const struct upload_value *v = &up->values[k];
			const char *name = up->dialect->items[v->item].name;
			size_t len = strlen(name);

			if (strncmp(should, name, len) != 0 || should[len] != '=')
				continue;
			if (v->is_text)
				snprintf(is, sizeof(is), "%s=%s", name, v->text);
			else
				snprintf(is, sizeof(is), "%s=%.10g", name, v->num);
		}
		same_text("item", is, should);
	}
}

static void check_answer(const json_t *c, const struct upload *up)
{
	const json_t *should = json_object_get(c, "answer");
	struct dialect_outgoing l;
	json_t *is;

	if (!should)
		return;
	if (!up->dialect->answer || !up->dialect->answer(up, NOW_US, &l)) {
		if (!json_is_null(should))
			complain("answer", "none", "due");
		return;
	}
	if (json_is_null(should)) {
		complain("answer", l.payload, "none");
		return;
	}
	same_text("answer's topic", l.topic, json_string_value(json_array_get(should, 0)));
	assert_int_equal(l.n, strlen(l.payload));
	is = json_loadb(l.payload, l.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_equal(is, json_array_get(should, 1)))
		complain("answer", l.payload, json_dumps(json_array_get(should, 1), JSON_COMPACT));
	json_decref(is);
}

static void check_upload(const json_t *c, struct upload *up)
{
	static struct heard h;
	char why[2000];
	const json_t *result = json_object_get(c, "result"), *sent = json_object_get(c, "sent_ms");

	h = (struct heard){ .n = 0 };
	dialect_judge_device(up, text_of(c, "said", ""), text_of(c, "named", ""));
	dialect_deliver(up, profile, NOW_US, 77, hear, &h);
	same_text("dialect", up->dialect->name, text_of(c, "dialect", up->dialect->name));
	same_text("kind", upload_kind_names[up->kind], text_of(c, "kind", ""));
	same_text("serial", up->sn, text_of(c, "serial", ""));
	same_text("product", up->product, text_of(c, "product", up->product));
	same_text("model", up->model, text_of(c, "model", up->model));
	same_number("down", up->down, json_is_true(json_object_get(c, "down")));
	same_number("offline", up->offline, json_is_true(json_object_get(c, "offline")));
	same_number("has a result", up->has_result, result != NULL);
	same_number("result", up->result, (double)json_integer_value(result));
	same_number("interval", up->interval_s, (double)json_integer_value(json_object_get(c, "interval")));
	same_number("dropped", (double)up->drops.total, (double)json_integer_value(json_object_get(c, "dropped")));
	if (sent)
		same_number("sent", (double)up->sent_us / 1000, (double)json_integer_value(sent));
	reasons_text(&up->drops, why, sizeof(why));
	if (!strstr(why, text_of(c, "why", "")) || (up->drops.total == 0) != (why[0] == '\0'))
		complain("why", why, text_of(c, "why", ""));
	same_list("value", json_object_get(c, "values"), h.lines[0], sizeof(*h.lines), h.n);
	same_list("ambiguous", json_object_get(c, "ambiguous"), h.doubts[0], sizeof(*h.doubts), h.ndoubts);
	same_number("history", up->history, json_is_true(json_object_get(c, "history")));
	same_list("failed", json_object_get(c, "failed"), h.failed[0], sizeof(*h.failed), h.nfailed);
	check_items(c, up);
	check_answer(c, up);
}

static void run_case(const json_t *c)
{
	size_t topic_n, n;
	char *topic = bytes_of(c, "topic", &topic_n), *payload = bytes_of(c, "payload", &n);
	const char *error = text_of(c, "error", NULL);
	const struct dialect *hint = dialect_find(text_of(c, "hint", ""));
	struct upload up;
	struct err e = { 0 };
	int rc;

	memset(&up, 0xA5, sizeof(up));
	rc = dialect_decode(hint, topic, topic_n, payload, n, &up, &e);
	if (error && (rc == 0 || e.code != ERR_FOREIGN || !strstr(e.text, error)))
		complain("error", rc == 0 ? "none" : e.text, error);
	else if (!error && rc)
		complain("error", e.text, "");
	else if (!error)
		check_upload(c, &up);
	free(topic);
	free(payload);
}

static void run_file(const char *name)
{
	char path[300];
	json_error_t at;
	json_t *cases, *c;
	size_t i;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	cases = json_load_file(path, JSON_REJECT_DUPLICATES, &at);
	if (!cases)
		fail_msg("%s:%d: %s", path, at.line, at.text);
	assert_true(json_array_size(cases) > 0);
	json_array_foreach(cases, i, c) {
		int before = wrong;

		run_case(c);
		if (wrong > before)
			print_error("# ... in %s: %s\n", path, text_of(c, "case", ""));
	}
	json_decref(cases);
}

static void vectors(void **state)
{
	DIR *d = opendir(FOLDER);
	unsigned files = 0;

	(void)state;
	assert_non_null(d);
	wrong = 0;
	for (const struct dirent *f = readdir(d); f; f = readdir(d))
		if (strstr(f->d_name, ".json"))
			run_file(f->d_name), files++;
	closedir(d);
	assert_true(files >= 4);
	assert_int_equal(wrong, 0);
}

/* ---- the tables ---------------------------------------------------------------- */

static void tables(void **state)
{
	(void)state;
	for (size_t i = 0; dialect_table[i]; i++) {
		const struct dialect *d = dialect_table[i];

		assert_ptr_equal(dialect_find(d->name), d);
		assert_true(d->nitems <= 64);	/* hints of dialect.c */
		for (size_t k = 0; k < d->nitems; k++) {
			const struct dialect_item *it = &d->items[k];
			int idx = it->key ? profile_find(profile, it->key) : -1;
			const char *unit;

			for (size_t j = 0; j < k; j++) {
				assert_string_not_equal(it->name, d->items[j].name);
				assert_true(!it->key || !d->items[j].key || strcmp(it->key, d->items[j].key) != 0);
			}
			if (!it->key) {
				assert_true(it->note[0]);	/* says why not */
				continue;
			}
			if (idx < 0)
				fail_msg("%s %s: no point '%s'", d->name, it->name, it->key);
			unit = profile->points[idx].unit;
			assert_int_equal(dialect_carries(d, it->key), it->kinds);
			assert_int_equal(dialect_carries_point(d, profile, (size_t)idx), it->kinds);
			/* another unit has a factor; the register of the signal says none */
			if (it->scale == 1 && strcmp(it->unit, "dBm") != 0)
				assert_string_equal(it->unit, unit);
			else if (it->scale != 1)
				assert_string_not_equal(it->unit, unit);
		}
		assert_int_equal(dialect_carries(d, "network.apn"), 0);
	}
	assert_null(dialect_find("tunnel"));
	assert_int_equal(dialect_carries_point(dialect_find("json-v2"), profile,
					       (size_t)profile_find(profile, "di.3")), 1U << UPLOAD_DATA);
	assert_int_equal(dialect_carries_point(dialect_find("shadow"), profile,
					       (size_t)profile_find(profile, "di.3")), 0);
}

/* The manual has a row for every item, in order, and no other. */
static void manual(void **state)
{
	static const char *const from[FROM_COUNT] = {
		[FROM_MANUAL] = "documented", [FROM_PUBLIC] = "seen", [FROM_LEARNED] = "learned",
		[FROM_PROVISIONAL] = "ours",
	};
	FILE *f = fopen("man/meterctl-mqtt.7", "r");
	char line[200], should[200];
	size_t d = 0, i = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		const struct dialect_item *it;
		char *guard = strstr(line, "\\&");

		if (strncmp(line, ".It ", 4) != 0 || !strstr(line, " Ta ") || strstr(line, " Ta Sy "))
			continue;
		if (guard)	/* in front of what is a macro's name */
			memmove(guard, guard + 2, strlen(guard + 2) + 1);
		assert_non_null(dialect_table[d]);
		it = &dialect_table[d]->items[i];
		snprintf(should, sizeof(should), ".It %s Ta %s Ta %s Ta %s\n", it->name, it->key ? it->key : "-",
			 *it->unit ? it->unit : "-", from[it->from]);
		assert_string_equal(line, should);
		if (++i == dialect_table[d]->nitems) {
			d++;
			i = 0;
		}
	}
	fclose(f);
	assert_null(dialect_table[d]);
}

/* ---- there and back ------------------------------------------------------------ */

/* A number of its own for each point, that its register can hold. */
static bool value_of(void *arg, const char *key, double *out)
{
	int idx = profile_find(profile, key);
	const struct point *p;

	(void)arg;
	if (idx < 0)
		return false;
	p = &profile->points[idx];
	*out = round((idx + 1) * 7.0 / (p->scale < 1 ? p->scale * 10 : 1)) * p->scale;
	if (strncmp(key, "pf.", 3) == 0)
		*out = (idx % 20) / 20.0;
	if (strcmp(key, "frequency") == 0)
		*out = 50.07;
	if (strncmp(key, "temperature.", 12) == 0)
		*out = idx % 90;
	if (strncmp(key, "power.", 6) == 0)
		*out = idx / 1000.0;	/* what U and I make is more */
	if (strcmp(key, "signal.strength") == 0)
		*out = -77;
	if (strcmp(key, "di.status") == 0)
		*out = 9;
	if (strcmp(key, "network.upload_interval") == 0)
		*out = 300;
	return true;
}

static unsigned delivered;

static void same_again(void *arg, size_t idx, const struct reading *r)
{
	double should;

	(void)arg;
	if (profile->points[idx].type == TYPE_BIT)
		return;
	assert_int_equal(r->quality, QUALITY_OK);
	assert_true(value_of(NULL, profile->points[idx].key, &should));
	if (fabs(r->value.num - should) > 1e-9 * fmax(1, fabs(should)))
		fail_msg("%s is %.12g, not %.12g", profile->points[idx].key, r->value.num, should);
	delivered++;
}

static struct dialect_device device(void)
{
	return (struct dialect_device){ .sn = "20201998111433", .vendor = "acrel", .product = "meter",
		.group = "0000", .model = "adw300", .interval_s = 300, .now_us = NOW_US, .value = value_of };
}

static void there_and_back(void **state)
{
	static const unsigned kinds[] = { 2, 6, 1 };	/* that json-v2, acrelhw, shadow send */
	static const unsigned values[] = { 40, 26, 47 };
	struct dialect_device dev = device();
	struct dialect_outgoing l;
	struct upload up;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; dialect_table[i]; i++) {
		const struct dialect *d = dialect_table[i];
		unsigned sent = 0;

		delivered = 0;
		for (unsigned k = 0; k < UPLOAD_KINDS; k++) {
			if (!d->device(&dev, (enum upload_kind)k, &l))
				continue;
			sent++;
			assert_int_equal(l.n, strlen(l.payload));
			if (dialect_decode(NULL, l.topic, strlen(l.topic), l.payload, l.n, &up, &e))
				fail_msg("%s %s: %s", d->name, upload_kind_names[k], e.text);
			assert_ptr_equal(up.dialect, d);
			if (strcmp(d->name, "json-v2") != 0)
				assert_int_equal(up.kind, k);
			assert_string_equal(up.sn, dev.sn);
			assert_int_equal(up.sent_us, NOW_US);
			assert_false(up.down);
			dialect_deliver(&up, profile, NOW_US, 77, same_again, NULL);
			assert_int_equal(up.drops.total, 0);
			if (k == UPLOAD_PARA)
				assert_int_equal(up.interval_s, 300);
		}
		assert_int_equal(sent, kinds[i]);
		assert_int_equal(delivered, values[i]);
	}
}

/* Names of a serial that JSON has to escape. */
static void quoted(void **state)
{
	struct dialect_device dev = device();
	struct dialect_outgoing l;
	struct upload up;
	struct err e = { 0 };

	(void)state;
	dev.sn = "a\"\\b";
	for (size_t i = 0; dialect_table[i]; i++) {
		assert_true(dialect_table[i]->device(&dev, UPLOAD_DATA, &l));
		assert_int_equal(dialect_decode(NULL, l.topic, strlen(l.topic), l.payload, l.n, &up, &e), 0);
		assert_string_equal(up.sn, dev.sn);
	}
	dev.product = "a/#";	/* no topic to publish to */
	assert_false(dialect_table[1]->device(&dev, UPLOAD_DATA, &l));
	dev.topic = "site/7";
	assert_true(dialect_table[1]->device(&dev, UPLOAD_DATA, &l));
	assert_string_equal(l.topic, "site/7");
}

static size_t filters_of(const char *name, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	const struct dialect *d = dialect_find(name);

	return d->filters(d, t, out);
}

static void filters(void **state)
{
	char out[UPLOAD_FILTERS][MQTT_TOPIC * 2], own[MQTT_TOPIC * 2];
	struct dialect_device dev = device();
	struct dialect_outgoing l;
	struct target_mqtt t;

	(void)state;
	target_mqtt_init(&t, false);
	assert_int_equal(filters_of("json-v2", &t, out), 1);
	assert_string_equal(out[0], "platform/+/+/json-v2/analog/+");
	assert_int_equal(filters_of("acrelhw", &t, out), 2);
	assert_string_equal(out[0], "/gw/acrelHW/+/+/+");
	assert_string_equal(out[1], "/server/acrelHW/+/+/+");
	assert_int_equal(filters_of("shadow", &t, out), 2);
	assert_string_equal(out[1], "data/down/+/+");
	snprintf(t.sn, sizeof(t.sn), "123");
	snprintf(t.vendor, sizeof(t.vendor), "acrel");
	snprintf(t.product, sizeof(t.product), "meter");
	filters_of("json-v2", &t, out);
	assert_string_equal(out[0], "platform/acrel/meter/json-v2/analog/+");
	filters_of("acrelhw", &t, out);
	assert_string_equal(out[0], "/gw/acrelHW/meter/+/123");
	filters_of("shadow", &t, out);
	assert_string_equal(out[0], "data/up/meter/123");
	snprintf(t.topic, sizeof(t.topic), "site/{sn}/up");
	for (size_t i = 0; dialect_table[i]; i++) {
		assert_int_equal(dialect_table[i]->filters(dialect_table[i], &t, out), 1);
		assert_string_equal(out[0], "site/123/up");
	}
	t.sn[0] = '\0';
	assert_int_equal(filters_of("shadow", &t, out), 1);
	assert_string_equal(out[0], "site/+/up");

	/* a device hears what is sent to it */
	assert_null(dialect_find("json-v2")->device_filter);
	assert_true(dialect_find("acrelhw")->device_filter(&dev, own, sizeof(own)));
	target_mqtt_init(&t, false);
	snprintf(t.sn, sizeof(t.sn), "%s", dev.sn);
	assert_int_equal(dialect_find("acrelhw")->set(&t, dev.product, "network.upload_interval", 60, &l, NULL), 0);
	assert_true(mqtt_match(own, l.topic, strlen(l.topic)));
	assert_false(dialect_find("acrelhw")->device_filter(&dev, own, 10));
}

static void settings(void **state)
{
	const struct dialect *hw = dialect_find("acrelhw");
	static const double no[] = { 0, 59, 61, 90, -60, 86460, 1e300, 0.5 };
	struct dialect_outgoing l, back;
	struct target_mqtt t;
	struct upload up;
	struct err e = { 0 };

	(void)state;
	target_mqtt_init(&t, false);
	snprintf(t.sn, sizeof(t.sn), "123");
	assert_int_equal(hw->set(&t, "null", "network.upload_interval", 300, &l, &e), 0);
	assert_string_equal(l.topic, "/server/acrelHW/null/para/123");
	assert_string_equal(l.payload, "{\"type\":\"para\",\"gwSN\":\"123\",\"meterSN\":\"123\",\"upInterval\":\"5\"}");
	/* as the meter takes it, and as it answers */
	assert_int_equal(dialect_decode(hw, l.topic, strlen(l.topic), l.payload, l.n, &up, &e), 0);
	assert_true(up.down);
	assert_int_equal(up.interval_s, 300);
	assert_true(hw->answer(&up, NOW_US, &back));
	assert_int_equal(dialect_decode(hw, back.topic, strlen(back.topic), back.payload, back.n, &up, &e), 0);
	assert_true(!up.down && up.has_result && up.result == 1 && up.kind == UPLOAD_PARA);

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		assert_int_equal(hw->set(&t, "null", "network.upload_interval", no[i], &l, &e), -1);
		assert_int_equal(e.code, ERR_DENIED);
	}
	assert_int_equal(hw->set(&t, "null", "ratio.ct", 60, &l, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.text, "no public way"));
	assert_int_equal(hw->set(&t, "", "network.upload_interval", 60, &l, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(hw->set(&t, "a+b", "network.upload_interval", 60, &l, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(dialect_find("json-v2")->set);
	assert_int_equal(dialect_find("shadow")->set(&t, "k", "network.upload_interval", 60, &l, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_null(dialect_find("shadow")->answer);
}

/* ---- hostile -------------------------------------------------------------------- */

static struct err refused(const char *payload, size_t n)
{
	/* exactly its size, so that a byte too far is seen */
	char *own = malloc(n ? n : 1);
	struct err e = { 0 };
	struct upload up;

	assert_non_null(own);
	memcpy(own, payload, n);
	assert_int_equal(dialect_decode(NULL, "x", 1, own, n, &up, &e), -1);
	assert_int_equal(e.code, ERR_FOREIGN);
	assert_true(e.text[0]);
	free(own);
	return e;
}

/* No upload is anything until its last byte has come. */
static void truncated(void **state)
{
	struct dialect_device dev = device();
	struct dialect_outgoing l;

	(void)state;
	for (size_t i = 0; dialect_table[i]; i++) {
		assert_true(dialect_table[i]->device(&dev, UPLOAD_DATA, &l));
		for (size_t n = 0; n < l.n; n++)
			refused(l.payload, n);
	}
}

static void too_much(void **state)
{
	static char big[DIALECT_PAYLOAD_MAX + 16];
	size_t n;
	clock_t start = clock();

	(void)state;
	memset(big, ' ', sizeof(big));
	assert_non_null(strstr(refused(big, DIALECT_PAYLOAD_MAX + 1).text, "at most 65536"));
	assert_non_null(strstr(refused(big, DIALECT_PAYLOAD_MAX).text, "ends early"));
	memset(big, '[', sizeof(big));
	assert_non_null(strstr(refused(big, DIALECT_PAYLOAD_MAX).text, "deeper"));
	for (n = 0; n + 5 < DIALECT_PAYLOAD_MAX; n += 5)
		memcpy(big + n, "{\"a\":", 5);
	assert_non_null(strstr(refused(big, n).text, "deeper"));
	n = (size_t)snprintf(big, sizeof(big), "{\"data\":[0");
	while (n + 3 < DIALECT_PAYLOAD_MAX)
		n += (size_t)snprintf(big + n, 3, ",0");
	n += (size_t)snprintf(big + n, 3, "]}");
	assert_non_null(strstr(refused(big, n).text, "more than 4096 values"));
	n = (size_t)snprintf(big, sizeof(big), "{\"a\":0");
	for (unsigned i = 0; i < 3000; i++)
		n += (size_t)snprintf(big + n, sizeof(big) - n, ",\"a%u\":0", i);
	n += (size_t)snprintf(big + n, 3, "}");
	assert_non_null(strstr(refused(big, n).text, "more than 256 members"));
	/* long names that differ in their last characters only, and long digits */
	n = (size_t)snprintf(big, sizeof(big), "{\"type\":\"x\"");
	for (unsigned i = 0; i < 200; i++)
		n += (size_t)snprintf(big + n, sizeof(big) - n, ",\"%0200u\":%0100d", i, 1);
	refused(big, n);
	n = (size_t)snprintf(big, sizeof(big), "{\"data\":[{\"point\":[{\"id\":1,\"val\":1%060000d}]}]}", 0);
	assert_true(n < DIALECT_PAYLOAD_MAX);
	/* all of it in well under a second */
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 1);
}

/* An upload holds no more than there is room for, whatever a table may grow to. */
static void many_elements(void **state)
{
	static char big[DIALECT_PAYLOAD_MAX];
	size_t n = (size_t)snprintf(big, sizeof(big), "{\"data\":[{\"tp\":1,\"point\":[");
	struct upload up;
	struct err e = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(big + n, sizeof(big) - n, "%s{\"id\":%u,\"val\":%u}", i ? "," : "", i % 40 + 1, i % 40);
	n += (size_t)snprintf(big + n, sizeof(big) - n, "]}]}");
	assert_int_equal(dialect_decode(NULL, "x", 1, big, n, &up, &e), 0);
	assert_int_equal(up.n, 39);	/* 33 is a text */
	assert_int_equal(up.drops.total, 1);
}

/* ---- profiles -------------------------------------------------------------------- */

static void count(void *arg, size_t idx, const struct reading *r)
{
	(void)r;
	(void)idx;
	++*(unsigned *)arg;
}

/* Another profile in turn, with its points elsewhere or not at all. */
static void profiles_in_turn(void **state)
{
	const struct profile *sdm = profile_builtin_named("sdm630");
	struct dialect_device dev = device();
	struct dialect_outgoing l;
	struct upload up;
	struct err e = { 0 };

	(void)state;
	assert_true(dialect_find("json-v2")->device(&dev, UPLOAD_DATA, &l));
	for (int round = 0; round < 3; round++) {
		unsigned n = 0;

		assert_int_equal(dialect_decode(NULL, l.topic, strlen(l.topic), l.payload, l.n, &up, &e), 0);
		delivered = 0;
		dialect_deliver(&up, profile, 1, 77, same_again, NULL);
		assert_int_equal(delivered, 40);
		dialect_deliver(&up, sdm, 1, 77, count, &n);
		assert_true(n > 10 && n < 40);
	}
	up.down = true;
	dialect_deliver(&up, profile, 1, 77, same_again, NULL);
	assert_int_equal(delivered, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(tables),
		cmocka_unit_test(manual),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(quoted),
		cmocka_unit_test(filters),
		cmocka_unit_test(settings),
		cmocka_unit_test(truncated),
		cmocka_unit_test(too_much),
		cmocka_unit_test(many_elements),
		cmocka_unit_test(profiles_in_turn),
	};

	/* no dialects of a person's own */
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	/* the rules of Berlin, without a data base of zones */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	profile = profile_builtin_named("adw300");
	return UNIT_RUN(tests);
}
