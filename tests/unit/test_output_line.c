/* Lines written fast are the lines the JSON library would write. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "profile/codec.h"
#include "mqtt/dialects/dialect.h"
#include "output/output_line.h"
#include "output/reading.h"

static struct meter meter;
static struct output_lines lines;

static int setup(void **state)
{
	(void)state;
	meter.profile = profile_builtin_named("adw300");
	meter.readings = calloc(meter.profile->npoints, sizeof(*meter.readings));
	return meter.readings ? output_lines_init(&lines, meter.profile, NULL) : -1;
}

static int teardown(void **state)
{
	(void)state;
	output_lines_release(&lines);
	free(meter.readings);
	return 0;
}

/* Reading IDX: both ways, with and without an id. */
static void same(size_t idx)
{
	json_t *j = reading_json(&meter, idx);
	char *slow = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15)), *want;

	assert_non_null(slow);
	assert_int_equal(output_line_json(&lines, NULL, meter.readings, idx, NULL), 0);
	assert_int_equal(output_line_json(&lines, "20\"1\x01", meter.readings, idx, NULL), 0);
	assert_true(asprintf(&want, "%s\n{\"id\":\"20\\\"1\\u0001\",%s\n", slow, slow + 1) > 0);
	lines.buf[lines.n] = '\0';	/* there is room for more than a line */
	lines.n = 0;
	assert_string_equal(lines.buf, want);
	free(want);
	free(slow);
	json_decref(j);
}

static size_t give(const char *key, enum value_kind kind, double num, const char *text)
{
	int idx = profile_find(meter.profile, key);
	struct reading *r = &meter.readings[idx];

	assert_true(idx >= 0);
	*r = (struct reading){ .quality = QUALITY_OK, .at_us = 1768485807123456 };
	r->value.kind = kind;
	r->value.num = num;
	snprintf(r->value.text, sizeof(r->value.text), "%s", text);
	return (size_t)idx;
}

static void numbers(void **state)
{
	static const double v[] = {
		0, -0.0, 1, -1, 0.1, 0.3, 220.1, 229.99999999999997, -77, 1e-4, 9.9e-5, 1e-5,
		123456.789, 999999999, 1e9, 1e15, 1e16, 123456789012345, 0.1 + 0.2, 1.0 / 3, 2.5e-7,
		1e300, 4.45, 45.5, 1234567.890123, 0.000123, 32767.5, 4503599627370496.5
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		same(give("voltage.a", VALUE_NUMBER, v[i], ""));
	for (int i = -70000; i < 70000; i++)
		if (i % 7 == 0)
			same(give("power.active.total", VALUE_NUMBER, i * 0.001, ""));
	/* products, which end in 00000000000003 and the like */
	for (int i = 1; i < 20000; i++)
		same(give("power.active.total", VALUE_NUMBER, i * 0.037 * 40, ""));
	srand(1);
	for (int i = 0; i < 20000; i++)
		same(give("power.active.total", VALUE_NUMBER, rand() / (1.0 + rand() % 10000), ""));
	same(give("comm.address", VALUE_NUMBER, 7, ""));
	same(give("comm.address", VALUE_NUMBER, -7, ""));
	same(give("comm.address", VALUE_NUMBER, 9007199254740991.0, ""));
	same(give("comm.address", VALUE_NUMBER, 1e17, ""));
}

static void other_kinds(void **state)
{
	(void)state;
	same(give("comm.baud", VALUE_CHOICE, 4, "9600"));
	same(give("comm.baud", VALUE_STRING, 0, "a\"b\\c\td\x01\x1f/\xc3\xa9\x7f"));
	same(give("di.status", VALUE_BITS, 5, ""));
	same(give("di.status", VALUE_BITS, 0, ""));
	same(give("di.status", VALUE_BITS, 0xFFFF, ""));
	same(give("alarm1.status", VALUE_BITS, 0xFFFF, ""));
	same(give("security.code", VALUE_NUMBER, 1234, ""));
	same(give("voltage.a", VALUE_NONE, 0, ""));
}

static void from_a_message(void **state)
{
	static const struct dialect_item items[] = {
		{ .name = "27", .key = "signal.strength", .from = FROM_PUBLIC, .unit = "dBm" },
		{ .name = "rssi", .key = "signal.strength", .from = FROM_MANUAL, .unit = "percent" },
		{ .name = "x", .key = "signal.strength", .from = FROM_PROVISIONAL, .unit = "\"" },
	};
	size_t idx = give("signal.strength", VALUE_NUMBER, -77, "");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		meter.readings[idx].item = &items[i];
		same(idx);
		meter.readings[idx].quality = QUALITY_FAILED;
		same(idx);
		meter.readings[idx].quality = QUALITY_OK;
	}
}

static void primary_side(void **state)
{
	size_t p = give("power.active.total", VALUE_NUMBER, -1.5, "");

	(void)state;
	give("ratio.pt", VALUE_NUMBER, 10, "");
	same(p);
	give("ratio.ct", VALUE_NUMBER, 40, "");
	same(p);
	same(give("voltage.a", VALUE_NUMBER, 57.735, ""));
	same(give("frequency", VALUE_NUMBER, 49.98, ""));
	give("ratio.ct", VALUE_NUMBER, 0, "");
	same(p);
}

static void no_value(void **state)
{
	size_t idx = give("frequency", VALUE_NUMBER, 50, "");
	struct reading *r = &meter.readings[idx];

	(void)state;
	for (int q = QUALITY_NEVER; q <= QUALITY_FAILED; q++) {
		r->quality = (enum quality)q;
		same(idx);
	}
	err_set(&r->err, ERR_SILENT, "no \"reply\" from 'x'");
	same(idx);
	r->at_us = 0;
	same(idx);
}

/* The zone and the second that are kept are not those of another time. */
static void times(void **state)
{
	size_t idx = give("frequency", VALUE_NUMBER, 50, "");

	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (int64_t at = 1774745998; at < 1774746004; at++) {	/* 2026-03-29, 02:00 */
		meter.readings[idx].at_us = at * 1000000 + 7999;
		same(idx);
		same(idx);
	}
	meter.readings[idx].at_us = 1768485807123456;
	same(idx);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void many_written(void **state)
{
	size_t idx = give("frequency", VALUE_NUMBER, 50, ""), size;
	struct err e = { 0 };
	char *text;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(output_line_json(&lines, "1", meter.readings, idx, &e), 0);
	assert_int_equal(output_lines_write(&lines, f, &e), 0);
	assert_int_equal(lines.n, 0);
	fclose(f);
	assert_int_equal(size % 5000, 0);
	free(text);
	f = fopen("/dev/full", "w");
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	output_line_json(&lines, "1", meter.readings, idx, &e);
	assert_int_equal(output_lines_write(&lines, f, &e), -1);
	assert_string_equal(e.text, "cannot write output: No space left on device");
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(from_a_message),
		cmocka_unit_test(primary_side),
		cmocka_unit_test(no_value),
		cmocka_unit_test(times),
		cmocka_unit_test(many_written),
	};

	setenv("TZ", "UTC", 1);
	return UNIT_RUN_WITH(tests, setup, teardown);
}
