/* What is shown of readings: JSON, CSV, tables; secrets; primary values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "output/csv.h"
#include "output/printer.h"
#include "unit.h"

struct fixture {
	bool primary;
	struct link link;
	struct meter meter;
};

static struct fixture fix;

static int setup(void **state)
{
	fix = (struct fixture){ 0 };
	fix.meter.profile = profile_builtin_named("adw300");
	fix.meter.link = &fix.link;
	fix.meter.readings = calloc(fix.meter.profile->npoints, sizeof(*fix.meter.readings));
	strcpy(fix.link.target.text, "tcp:127.0.0.1");
	*state = &fix;
	return fix.meter.readings ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(fix.meter.readings);
	return 0;
}

static size_t give(const char *key, const char *text)
{
	int idx = profile_find(fix.meter.profile, key);
	struct reading *r = &fix.meter.readings[idx];
	struct err e = { 0 };

	if (codec_parse(&fix.meter.profile->points[idx], text, &r->value, &e))
		fail_msg("%s", e.text);
	r->quality = QUALITY_OK;
	r->at_us = 1768485807123456;
	return (size_t)idx;
}

static const char *as_json(size_t idx)
{
	static char buf[1024];
	json_t *j = reading_json(&fix.meter, idx);
	char *s = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15));

	snprintf(buf, sizeof(buf), "%s", s);
	free(s);
	json_decref(j);
	return buf;
}

/* What `watch` prints of it in FORMAT, without what stands above. */
static const char *line(const char *format, size_t idx)
{
	static char *buf;
	uint16_t one = (uint16_t)idx;
	struct printer p;
	size_t size;
	long head;
	FILE *f;

	free(buf);
	buf = NULL;
	f = open_memstream(&buf, &size);
	printer_init(&p, f, format_find(format, NULL), fix.primary);
	assert_int_equal(printer_begin(&p, &reading_watch, json_object(), NULL), 0);
	head = ftell(f);
	assert_int_equal(printer_readings(&p, &(struct readings){ &fix.meter, NULL, &one, 1 }, NULL), 0);
	assert_int_equal(printer_end(&p, json_object(), NULL), 0);
	fclose(f);
	return buf + head;
}

#define AT "\"at\":\"2026-01-15T14:03:27.123+00:00\""

static void json_values(void **state)
{
	size_t idx;

	(void)state;
	assert_string_equal(as_json(give("voltage.a", "230.5")),
		"{\"key\":\"voltage.a\",\"value\":230.5,\"unit\":\"V\",\"quality\":\"ok\"," AT "}");
	assert_string_equal(as_json(give("comm.baud", "9600")),
		"{\"key\":\"comm.baud\",\"value\":\"9600\",\"unit\":\"\",\"quality\":\"ok\"," AT ",\"raw\":4}");
	assert_string_equal(as_json(give("di.status", "5")),
		"{\"key\":\"di.status\",\"value\":5,\"unit\":\"\",\"quality\":\"ok\"," AT ",\"bits\":[\"DI1\",\"DI3\"]}");
	assert_string_equal(as_json(give("comm.address", "7")),
		"{\"key\":\"comm.address\",\"value\":7,\"unit\":\"\",\"quality\":\"ok\"," AT "}");
	idx = give("security.code", "1234");
	assert_null(strstr(as_json(idx), "1234"));
	assert_null(strstr(line("csv", idx), "1234"));
	assert_null(strstr(line("table", idx), "1234"));
	assert_null(strstr(line("jsonl", idx), "1234"));
	assert_null(strstr(line("influx", idx), "1234"));
}

static void json_without_value(void **state)
{
	size_t idx = (size_t)profile_find(fix.meter.profile, "frequency");
	struct reading *r = &fix.meter.readings[idx];

	(void)state;
	assert_string_equal(as_json(idx),
		"{\"key\":\"frequency\",\"value\":null,\"unit\":\"Hz\",\"quality\":\"never\",\"at\":null,\"error\":\"not read\"}");
	give("frequency", "50");
	r->quality = QUALITY_STALE;
	err_set(&r->err, ERR_SILENT, "no reply");
	assert_string_equal(as_json(idx),
		"{\"key\":\"frequency\",\"value\":null,\"unit\":\"Hz\",\"quality\":\"stale\"," AT ",\"error\":\"no reply\"}");
	assert_string_equal(line("csv", idx),
		"2026-01-15T14:03:27.123+00:00,frequency,,Hz,stale,,no reply,\r\n");
}

static void primary_values(void **state)
{
	size_t p = give("power.active.total", "-1.5"), f = give("frequency", "50");
	char value[VALUE_TEXT];
	struct err e;

	(void)state;
	fix.primary = true;
	assert_false(reading_value(&fix.meter, p, fix.primary, value, sizeof(value), &e));
	assert_non_null(strstr(e.text, "PT and CT"));
	assert_true(reading_value(&fix.meter, f, fix.primary, value, sizeof(value), &e));
	assert_null(strstr(as_json(p), "primary"));
	give("ratio.pt", "100");
	assert_null(strstr(as_json(p), "primary"));
	give("ratio.ct", "40");
	assert_true(reading_value(&fix.meter, p, fix.primary, value, sizeof(value), &e));
	assert_string_equal(value, "-6000.000");
	assert_non_null(strstr(as_json(p), "\"value\":-1.5,"));
	assert_non_null(strstr(as_json(p), "\"primary\":-6000.0}"));
	assert_null(strstr(as_json(f), "primary"));
	assert_string_equal(line("csv", p),
		"2026-01-15T14:03:27.123+00:00,power.active.total,-1.500,kW,ok,-6000.000,,\r\n");
	assert_string_equal(line("table", p),
		"14:03:27.123  power.active.total  -6000.000 kW    Active power total\n");
	fix.primary = false;
}

static void csv_cells(void **state)
{
	static const char *const cells[][2] = {
		{ "plain", "plain" }, { "-49.4", "-49.4" }, { "a,b", "\"a,b\"" },
		{ "say \"no\"", "\"say \"\"no\"\"\"" }, { "=1+1", "\"'=1+1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" }, { "-cmd", "\"'-cmd\"" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		char buf[64] = "";
		FILE *f = fmemopen(buf, sizeof(buf), "w");

		csv_cell(f, cells[i][0]);
		fclose(f);
		assert_string_equal(buf, cells[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json_values, setup, teardown),
		cmocka_unit_test_setup_teardown(json_without_value, setup, teardown),
		cmocka_unit_test_setup_teardown(primary_values, setup, teardown),
		cmocka_unit_test(csv_cells),
	};

	setenv("TZ", "UTC", 1);
	return UNIT_RUN(tests);
}
