/*
 * The report: its seal, what it makes of hostile names, and that the document holds
 * what the data do.
 */
#include "temp.h"
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profile/codec.h"
#include "write/journal.h"
#include "report/doc.h"
#include "report/report.h"
#include "meter/samples.h"

#define HOSTILE "<script>alert(1)</script>\"'><img src=x onerror=y>&amp;</code><code id=\"seal\">\n" \
	"seal 0\xE2\x80\xA8\xE2\x80\xAE\x1B[2J\xFF\x01%s"

static struct meter meter;
static struct report_request read_once;

/* Reads the meter once for all of them. */
static int start(void **state)
{
	struct selection sel = { 0 };
	struct err e, late;
	struct target t;
	json_t *data;
	int rc;

	(void)state;
	setenv("XDG_STATE_HOME", "/nonexistent", 1);	/* no journal */
	setenv("TZ", "UTC", 1);
	setlocale(LC_ALL, "C.UTF-8");
	if (target_parse("sim:frozen,seed=1,start=2026-01-15T14:03:27Z,ct=40,ct-reversed=b", &t, &e))
		return -1;
	if (meter_open(&meter, profile_builtin_named("adw300"), &t, &(struct link_opts){ .retries = -1 }, &e))
		return -1;
	rc = samples_select(meter.profile, &sel, &e)
	  || samples_take(&meter, &sel, read_once.samples, &read_once.nsamples, &late, &e) ? -1 : 0;
	selection_release(&sel);
	doctor_options_init(&read_once.doctor);
	data = rc ? NULL : report_collect(&meter, &read_once, &(struct err){ 0 }, &e);
	read_once.as_read = true;
	json_decref(data);
	return data ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	meter_close(&meter);
	return 0;
}

static json_t *collect(const char *site, const char *uplink)
{
	struct report_request r = read_once;
	struct err e = { 0 };
	json_t *data;

	r.site_name = r.technician = r.note = site;
	r.nameplate_ct = "200/5";
	r.uplink = uplink;
	r.doctor.clamp[0] = 120;
	data = report_collect(&meter, &r, &(struct err){ 0 }, &e);
	assert_string_equal(e.text, "");
	assert_non_null(data);
	return data;
}

static char *document(const char *site, bool html)
{
	json_t *data = collect(site, NULL);
	struct err e = { 0 };
	char *text = report_make(data, html, &e);

	assert_non_null(text);
	json_decref(data);
	return text;
}

static enum report_state state_of(const char *text, size_t n)
{
	struct report_check c;

	report_verify(text, n, &c);
	return c.state;
}

/* Bytes in every part of it: changed by one bit, the seal no longer fits. */
static void any_byte_breaks_it(void **state)
{
	(void)state;
	for (int html = 0; html < 2; html++) {
		char *text = document("Station West", html);
		size_t n = strlen(text);

		assert_int_equal(state_of(text, n), REPORT_UNCHANGED);
		/* the whole is hashed each time: steps that leave no part out */
		for (size_t i = 0; i < n; i += 97) {
			text[i] ^= 1;
			assert_int_not_equal(state_of(text, n), REPORT_UNCHANGED);
			text[i] ^= 1;
		}
		assert_int_equal(state_of(text, n), REPORT_UNCHANGED);
		free(text);
	}
}

static size_t at(const char *text, const char *what)
{
	const char *found = strstr(text, what);

	assert_non_null(found);
	return (size_t)(found - text);
}

/* The seal's own bytes and all around it, one by one, and every length. */
static void the_seal_itself(void **state)
{
	char *text = document("Station West", true);
	size_t n = strlen(text), seal = at(text, REPORT_SEAL_HTML);

	(void)state;
	for (size_t i = seal; i < seal + strlen(REPORT_SEAL_HTML) + SHA256_HEX + 8; i++)
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			assert_int_not_equal(state_of(text, n), REPORT_UNCHANGED);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	for (size_t cut = 0; cut < n; cut += 997)
		assert_int_not_equal(state_of(text, cut), REPORT_UNCHANGED);
	assert_int_not_equal(state_of(text, n - 1), REPORT_UNCHANGED);
	assert_int_equal(state_of("", 0), REPORT_UNSEALED);
	assert_int_equal(state_of(REPORT_SEAL_HTML, strlen(REPORT_SEAL_HTML)), REPORT_UNSEALED);
	free(text);
}

static void says_what_was_changed(void **state)
{
	char *text = document("Station West", true);
	size_t n = strlen(text);

	(void)state;
	text[at(text, "<svg class=\"phasors\"") + 30] ^= 1;
	assert_int_equal(state_of(text, n), REPORT_CHANGED);
	free(text);
	text = document("Station West", true);
	n = strlen(text);
	text[at(text, REPORT_DATA_HTML) + 200] ^= 1;
	assert_int_equal(state_of(text, n), REPORT_DATA_CHANGED);
	free(text);
	assert_int_equal(state_of("no report", 9), REPORT_UNSEALED);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* What people and meters say stays text. */
static void hostile_names(void **state)
{
	char *plain = document("Station West", true), *text = document(HOSTILE, true);

	(void)state;
	assert_int_equal(state_of(text, strlen(text)), REPORT_UNCHANGED);
	assert_int_equal(count(text, "<script"), 1);
	assert_int_equal(count(text, "</script"), 1);
	assert_int_equal(count(text, "<img"), 0);
	assert_int_equal(count(text, REPORT_SEAL_HTML), 1);
	/* not an element more or less */
	assert_int_equal(count(text, "<") - count(plain, "<"), 0);
	assert_non_null(strstr(text, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"));
	assert_null(strstr(text, "\xE2\x80\xA8"));
	assert_null(strstr(text, "\xE2\x80\xAE"));
	assert_null(strchr(text, 0x1B));
	assert_null(strchr(text, 0x01));
	free(text);
	text = document(HOSTILE, false);
	assert_int_equal(state_of(text, strlen(text)), REPORT_UNCHANGED);
	assert_null(strchr(text, 0x1B));
	free(text);
	free(plain);
}

/* The data can be taken out of the document again, and are those it was made of. */
static void data_stand_in_it(void **state)
{
	json_t *data = collect(HOSTILE, NULL), *again;
	struct err e = { 0 };
	char *text = report_make(data, true, &e), *json, *redone, *plain, hash[SHA256_HEX + 1];

	(void)state;
	assert_non_null(text);
	json = text + at(text, REPORT_DATA_HTML) + strlen(REPORT_DATA_HTML);
	*strstr(json, "</script>") = '\0';
	assert_null(strpbrk(json, "<>&"));
	again = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(again);
	/* numbers are written to 15 digits: what was read back is written alike */
	redone = json_dumps(again, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
	plain = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
	assert_string_equal(redone, plain);
	free(redone);
	free(plain);
	assert_string_equal(json_string_value(json_object_get(again, "schema")), REPORT_SCHEMA);
	assert_memory_equal(text + at(text, REPORT_HASH_HTML) + strlen(REPORT_HASH_HTML),
			    report_data_hash(json, hash), SHA256_HEX);
	json_decref(again);
	json_decref(data);
	free(text);
}

/* 200/1 says that full load is 1 A at the meter, and not 5. */
static void the_nameplate_tells_full_load(void **state)
{
	static const struct { const char *plate; double given, full; bool assumed; } rows[] = {
		{ "200/1", 0, 1, false }, { "200/5", 0, 5, false }, { "40", 0, 5, true },
		{ "100A/0.02A", 0, 5, true }, { "200/1", 2, 2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct report_request r = read_once;
		struct err e = { 0 };
		json_t *data, *evidence;

		r.nameplate_ct = rows[i].plate;
		r.doctor.nominal_current = rows[i].given;
		data = report_collect(&meter, &r, &(struct err){ 0 }, &e);
		assert_non_null(data);
		evidence = json_object_get(json_object_get(data, "wiring"), "evidence");
		assert_float_equal(json_number_value(json_object_get(evidence, "nominal_current")), rows[i].full, 1e-9);
		assert_int_equal(json_is_true(json_object_get(evidence, "nominal_current_assumed")), rows[i].assumed);
		json_decref(data);
	}
}

/* Nothing is loaded from anywhere. */
static void self_contained(void **state)
{
	static const char *const outside[] = {
		"http:", "https:", "//", "src=", "href=", "@import", "url(h", "<link", "<iframe", "<base",
	};
	char *text = document("Station West", true);

	(void)state;
	/* that is JSON, and loads nothing; a target may have slashes in it */
	text[at(text, REPORT_DATA_HTML)] = '\0';
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		assert_int_equal(count(text, outside[i]), 0);
	free(text);
}

static void says_what_was_found(void **state)
{
	static const char *const said[] = {
		"FAIL: something is wrong", "ct-reversed on b", "the meter holds it", "CT 40", "A SIMULATED METER",
		"Clamp comparison", "Voltage harmonics", "No proof of the wireless uplink", "Station West",
		"Acrel ADW300 manual V1.3", "limit of EN 50160", "Phasor diagram", "alarm1.voltage.over.threshold",
		"has no write to this meter at sim:frozen", "********",
		"<td>Seasons</td><td class=\"t\">01-01 table1, 06-01 table2, 10-01 table1</td>",
	};
	char *text = document("Station West", true);

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
		assert_non_null(strstr(text, said[i]));
	free(text);
}

/* A name for the file is never that of one there is. */
static void file_names(void **state)
{
	char folder[TEMP_PATH], name[200], cwd[1024];
	struct target t;
	struct err e;
	FILE *f;

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(temp_path(folder, "")), 0);
	assert_int_equal(target_parse("rtu:/dev/ttyUSB0?unit=12", &t, &e), 0);
	report_file_name(&t, 1768485807000000LL, true, name, sizeof(name));
	assert_string_equal(name, "report-ttyUSB0-12-2026-01-15.html");
	f = fopen(name, "w");
	assert_non_null(f);
	fclose(f);
	report_file_name(&t, 1768485807000000LL, true, name, sizeof(name));
	assert_string_equal(name, "report-ttyUSB0-12-2026-01-15-2.html");
	assert_int_equal(unlink("report-ttyUSB0-12-2026-01-15.html"), 0);
	assert_int_equal(target_parse("tcp:..%2f.example", &t, &e), 0);
	report_file_name(&t, 1768485807000000LL, false, name, sizeof(name));
	assert_null(strchr(name, '/'));
	assert_int_equal(chdir(cwd), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* A table in plain text: columns stand under each other, nothing trails. */
static void plain_tables(void **state)
{
	static const char *const heads[] = { "Name", "V", "what" };
	char *text = NULL;
	size_t n;
	struct doc d;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_non_null(f);
	doc_begin(&d, f, false);
	doc_table(&d, "lrl", heads);
	doc_cell(&d, "a long name");
	doc_cell(&d, "1");
	doc_cell(&d, "%s", "");
	doc_cell(&d, "b");
	doc_cell(&d, "%d", 234);
	doc_cell(&d, "last");
	/* bytes are no cells */
	doc_cell(&d, "\xC3\xA4\xC3\xB6 \xC3\xBC");
	doc_cell(&d, "5");
	doc_cell(&d, "\xC2\xB0");
	doc_table_end(&d);
	assert_int_equal(doc_end(&d), 0);
	fclose(f);
	assert_string_equal(text, "  Name           V  what\n  a long name    1\n  b            234  last\n"
			    "  \xC3\xA4\xC3\xB6 \xC3\xBC           5  \xC2\xB0\n\n");
	free(text);
}

/* ... and no line is longer than a page is wide, whatever stands in it. */
static void plain_lines_fit(void **state)
{
	char *text = document("Station West", false), *wide;
	char long_name[400];

	(void)state;
	memset(long_name, 'W', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	wide = document(long_name, false);
	assert_non_null(strstr(text, "\n  alarm2.enable"));
	for (int i = 0; i < 2; i++)
		for (const char *at = i ? wide : text; *at; at += strcspn(at, "\n") + 1)
			assert_in_range(strcspn(at, "\n"), 0, 100);
	free(text);
	free(wide);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_byte_breaks_it),
		cmocka_unit_test(the_seal_itself),
		cmocka_unit_test(says_what_was_changed),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(data_stand_in_it),
		cmocka_unit_test(the_nameplate_tells_full_load),
		cmocka_unit_test(self_contained),
		cmocka_unit_test(says_what_was_found),
		cmocka_unit_test(file_names),
		cmocka_unit_test(plain_tables),
		cmocka_unit_test(plain_lines_fit),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
