/* Settings files: what is written reads as it was, and what a trace hides. */
#include "temp.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "modbus/redact.h"
#include "target/secret.h"
#include "write/settings.h"
#include "base/yaml.h"

static char file[TEMP_PATH];

static void write_file(const char *text, mode_t mode)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(file, mode), 0);
}

static void quoting_is_undone_by_reading(void **state)
{
	static const char *const texts[] = {
		"", "a", "no", "NO", "Yes", "null", "~", "1", "-5", "0", "007", "0x1F", "1e3", "1.5", "1.50",
		"1.", ".5", "12:30", "2026-01-31", "8N1", "15min", "2B", "#4", "a #b", "a: b", "a:", "- a", "-",
		"{a: b}", "[a]", "a, b", "\"", "\\", "'", "a\"b\\c", " a", "a ", "\t", "\n", "\x01", "\x7F",
		"%a", "@a", "`a", "&a", "*a", "!a", "|", ">", "gr\xC3\xBC\xC3\x9F", "rtu:/dev/ttyUSB0?unit=7&baud=9600",
		"overvoltage+undervoltage", "00:00 valley, 08:00 flat", "...", "---", "<<", "=", "y",
	};
	char quoted[400], text[500];
	struct settings s;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		snprintf(text, sizeof(text), "settings:\n  ratio.ct: %s  # x\n",
			 yaml_quote(texts[i], quoted, sizeof(quoted)));
		write_file(text, 0600);
		if (settings_load(file, &s, &e))
			fail_msg("%s: %s", text, e.text);
		assert_int_equal(s.n, 1);
		assert_string_equal(s.list[0].text, texts[i]);
		settings_release(&s);
	}
	assert_string_equal(yaml_quote("9600", quoted, sizeof(quoted)), "9600");
	assert_string_equal(yaml_quote("15min", quoted, sizeof(quoted)), "15min");
	assert_string_equal(yaml_quote("no", quoted, sizeof(quoted)), "\"no\"");
	assert_string_equal(yaml_quote("a b", quoted, 4), "");
}

static void positions_and_references(void **state)
{
	struct settings s;
	struct err e = { 0 };
	const struct profile *p = profile_builtin_named("adw300");

	(void)state;
	setenv("METERCTL_TEST_CODE", "1234", 1);
	write_file("profile: adw300\nsettings:\n  ratio.ct: 4\n  security.code: {env: METERCTL_TEST_CODE}\n", 0644);
	assert_int_equal(settings_load(file, &s, &e), 0);
	assert_string_equal(s.profile, "adw300");
	assert_int_equal(s.list[1].line, 4);
	assert_int_equal(s.list[1].column, 3);
	assert_true(s.list[1].secret);
	assert_string_equal(s.list[1].text, "1234");
	assert_int_equal(settings_check(&s, p, &e), 0);
	settings_release(&s);
	write_file("settings:\n  security.code: 1234\n", 0600);
	assert_int_equal(settings_load(file, &s, &e), 0);
	assert_int_equal(settings_check(&s, p, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_null(strstr(e.text, "1234"));
	settings_release(&s);
}

static void secrets_from_files(void **state)
{
	struct err e = { 0 };
	char long_text[SECRET_MAX + 2];
	char *text;

	(void)state;
	write_file("hush\n", 0600);
	text = secret_file(file, &e);
	assert_string_equal(text, "hush");
	secret_free(text);
	write_file("hush", 0640);
	assert_null(secret_file(file, &e));
	assert_int_equal(e.code, ERR_DENIED);
	write_file("two\nlines\n", 0600);
	assert_null(secret_file(file, &e));
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	write_file(long_text, 0600);
	assert_null(secret_file(file, &e));
	assert_null(secret_file("/", &e));
	assert_null(secret_file("/nowhere/at/all", &e));
	write_file("", 0600);
	text = secret_file(file, &e);
	assert_string_equal(text, "");
	secret_free(text);
	secret_free(NULL);
}

static void what_a_file_keeps(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	struct selection sel = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(settings_select(p, &sel, &e), 0);
	assert_true(sel.n > 80);
	for (size_t i = 0; i < sel.n; i++) {
		const struct point *pt = &p->points[sel.idx[i]];

		assert_true(pt->flags & POINT_WRITABLE);
		assert_false(pt->flags & (POINT_RESERVED | POINT_DERIVED | POINT_PART | POINT_REPEAT));
		assert_string_not_equal(pt->key, "clock");
		assert_string_not_equal(pt->key, "do.1");
	}
	selection_release(&sel);
}

static void a_trace_hides_secrets(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	/* security.code is register 8 */
	struct request read = { 1, FUNCTION_HOLDING, 7, 3, { 0 } };
	struct request write = { 1, FUNCTION_WRITE, 8, 1, { 4711 } };
	struct request other = { 1, FUNCTION_HOLDING, 9, 3, { 0 } };
	uint8_t answer[] = { 1, 3, 6, 0, 60, 0x12, 0x67, 0xAB, 0xCD, 0x11, 0x22 };
	uint8_t sent[] = { 1, 16, 0, 8, 0, 1, 2, 0x12, 0x67, 0x11, 0x22 };
	uint8_t tcp[] = { 0, 1, 0, 0, 0, 9, 1, 3, 6, 0, 60, 0x12, 0x67, 0xAB, 0xCD };
	uint8_t asked[] = { 1, 3, 0, 7, 0, 3, 0x11, 0x22 };
	uint8_t exception[] = { 1, 0x83, 2, 0x11, 0x22 };
	struct request one = { 1, FUNCTION_WRITE_ONE, 8, 1, { 4711 } };
	uint8_t by_06[] = { 1, 6, 0, 8, 0x12, 0x67, 0x11, 0x22 };
	uint8_t done[] = { 0, 1, 0, 0, 0, 6, 1, 6, 0, 8, 0x12, 0x67 };

	(void)state;
	assert_true(redact_frame(p, &one, false, TRACE_OUT, by_06, sizeof(by_06)));
	assert_memory_equal(by_06, ((uint8_t[]){ 1, 6, 0, 8, 0, 0, 0, 0 }), sizeof(by_06));
	assert_true(redact_frame(p, &one, true, TRACE_IN, done, sizeof(done)));
	assert_memory_equal(done, ((uint8_t[]){ 0, 1, 0, 0, 0, 6, 1, 6, 0, 8, 0, 0 }), sizeof(done));
	assert_true(redact_needed(p, &read));
	assert_false(redact_needed(p, &other));
	assert_false(redact_needed(NULL, &read));
	assert_true(redact_frame(p, &read, false, TRACE_IN, answer, sizeof(answer)));
	assert_memory_equal(answer, ((uint8_t[]){ 1, 3, 6, 0, 60, 0, 0, 0xAB, 0xCD, 0, 0 }), sizeof(answer));
	assert_true(redact_frame(p, &write, false, TRACE_OUT, sent, sizeof(sent)));
	assert_memory_equal(sent, ((uint8_t[]){ 1, 16, 0, 8, 0, 1, 2, 0, 0, 0, 0 }), sizeof(sent));
	assert_true(redact_frame(p, &read, true, TRACE_IN, tcp, sizeof(tcp)));
	assert_memory_equal(tcp, ((uint8_t[]){ 0, 1, 0, 0, 0, 9, 1, 3, 6, 0, 60, 0, 0, 0xAB, 0xCD }), sizeof(tcp));
	assert_false(redact_frame(p, &read, false, TRACE_OUT, asked, sizeof(asked)));
	assert_int_equal(asked[7], 0x22);
	assert_false(redact_frame(p, &read, false, TRACE_IN, exception, sizeof(exception)));
	assert_false(redact_frame(p, &other, false, TRACE_IN, answer, sizeof(answer)));
}

/* A read that has one register of a secret in it, the first, the last or one between; and
 * those beside it. */
static void a_part_of_a_secret_is_one(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	const struct point *pt = &p->points[profile_find(p, "network.apn.password")];
	const int first = pt->addr, last = pt->addr + pt->words - 1;
	static const struct { int from_first, count; bool redacted; } cases[] = {
		{ -1, 2, true }, { 0, 1, true }, { 7, 2, true }, { -2, 2, false },
	};

	(void)state;
	assert_true(pt->flags & POINT_SECRET && pt->words > 8);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct request q = { 1, FUNCTION_HOLDING, (uint16_t)(first + cases[i].from_first),
				     (uint16_t)cases[i].count, { 0 } };
		uint8_t answer[] = { 1, 3, 4, 'a', 'b', 'c', 'd', 0x11, 0x22 };

		assert_int_equal(redact_needed(p, &q), cases[i].redacted);
		assert_int_equal(redact_frame(p, &q, false, TRACE_IN, answer, (size_t)(5 + 2 * q.count)), cases[i].redacted);
		for (int r = 0; r < q.count; r++) {
			bool in = q.addr + r >= first && q.addr + r <= last;

			assert_int_equal(answer[3 + 2 * r] == 0 && answer[4 + 2 * r] == 0, in);
		}
	}
	assert_true(redact_needed(p, &(struct request){ 1, FUNCTION_HOLDING, (uint16_t)last, 1, { 0 } }));
	assert_false(redact_needed(p, &(struct request){ 1, FUNCTION_INPUT, (uint16_t)first, 1, { 0 } }));
}

static int prepare(void **state)
{
	(void)state;
	temp_path(file, "settings.yaml");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoting_is_undone_by_reading),
		cmocka_unit_test(positions_and_references),
		cmocka_unit_test(secrets_from_files),
		cmocka_unit_test(what_a_file_keeps),
		cmocka_unit_test(a_trace_hides_secrets),
		cmocka_unit_test(a_part_of_a_secret_is_one),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
