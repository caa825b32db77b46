/* Readings as InfluxDB line protocol: what is escaped, what is a field, what is a line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/printer.h"
#include "profile/codec.h"
#include "unit.h"

static struct link meter_link;
static struct meter meter;
static struct profile profile;
static struct point odd_points[1];

static int setup(void **state)
{
	(void)state;
	meter_link = (struct link){ 0 };
	meter = (struct meter){ .profile = profile_builtin_named("adw300"), .link = &meter_link };
	meter.readings = calloc(meter.profile->npoints, sizeof(*meter.readings));
	strcpy(meter_link.target.text, "tcp:192.0.2.10");
	return meter.readings ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(meter.readings);
	return 0;
}

static uint16_t give(const char *key, const char *value, int64_t at_us)
{
	int idx = profile_find(meter.profile, key);
	struct reading *r = &meter.readings[idx];

	assert_true(idx >= 0);
	assert_int_equal(codec_parse(&meter.profile->points[idx], value, &r->value, NULL), 0);
	r->quality = QUALITY_OK;
	r->at_us = at_us;
	return (uint16_t)idx;
}

static void printed(bool primary, const char *id, const uint16_t *idx, size_t n, const char *want)
{
	struct printer p;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	printer_init(&p, f, format_find("influx", NULL), primary);
	assert_int_equal(printer_begin(&p, &reading_watch, json_object(), NULL), 0);
	assert_int_equal(printer_readings(&p, &(struct readings){ &meter, id, idx, n }, NULL), 0);
	assert_int_equal(printer_end(&p, json_object(), NULL), 0);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

#define SERIES "meter,profile=adw300,target=tcp:192.0.2.10 "
#define AT 1768485807123456
#define AT_NS " 1768485807123456000\n"

static void types(void **state)
{
	uint16_t idx[] = { give("voltage.a", "230.5", AT), give("comm.address", "7", AT),
			   give("di.status", "5", AT), give("comm.baud", "9600", AT),
			   give("energy.active.import.total", "0", AT) };

	(void)state;
	printed(false, NULL, idx, 5, SERIES "voltage.a=230.5,comm.address=7.0,di.status=5i,"
		"comm.baud=\"9600\",energy.active.import.total=0.0" AT_NS);
}

static void instants(void **state)
{
	uint16_t idx[] = { give("voltage.a", "1", AT), give("voltage.b", "2", AT + 1),
			   give("voltage.c", "3", AT), 0 };

	(void)state;
	idx[3] = idx[0];
	printed(false, NULL, idx, 4, SERIES "voltage.a=1.0,voltage.c=3.0" AT_NS
		SERIES "voltage.b=2.0 1768485807123457000\n");
}

static void what_is_no_field(void **state)
{
	uint16_t idx[] = { give("voltage.a", "1", AT), give("security.code", "1234", AT),
			   give("voltage.b", "1", AT), give("voltage.c", "1", AT),
			   give("frequency", "50", AT), give("current.a", "1", AT) };

	(void)state;
	meter.readings[idx[0]].quality = QUALITY_STALE;
	meter.readings[idx[2]].quality = QUALITY_FAILED;
	meter.readings[idx[3]].value.num = (double)NAN;
	meter.readings[idx[4]].value.num = (double)INFINITY;
	meter.readings[idx[5]].value.kind = VALUE_NONE;
	printed(false, NULL, idx, 6, "");
	give("voltage.a", "230", AT);
	printed(false, NULL, idx, 6, SERIES "voltage.a=230.0" AT_NS);
}

static void primary(void **state)
{
	uint16_t idx[] = { give("power.active.total", "-1.5", AT), give("frequency", "50", AT) };

	(void)state;
	printed(true, NULL, idx, 2, SERIES "frequency=50.0" AT_NS);
	give("ratio.pt", "100", AT);
	give("ratio.ct", "40", AT);
	printed(true, NULL, idx, 2, SERIES "power.active.total=-6000.0,frequency=50.0" AT_NS);
	printed(false, NULL, idx, 2, SERIES "power.active.total=-1.5,frequency=50.0" AT_NS);
}

static void whose(void **state)
{
	uint16_t idx[] = { give("voltage.a", "1", AT) };

	(void)state;
	printed(false, "20201998111433", idx, 1, "meter,id=20201998111433,profile=adw300 voltage.a=1.0" AT_NS);
	strcpy(meter_link.target.text, "mqtt://192.0.2.5/2020?dialect=json-v2");
	meter_link.target.scheme = SCHEME_MQTT;
	strcpy(meter_link.target.mqtt.sn, "2020");
	printed(false, NULL, idx, 1, "meter,id=2020,profile=adw300 voltage.a=1.0" AT_NS);
	/* the gateway's, behind which there may be more than one meter */
	strcpy(meter_link.target.text, "mqtt://192.0.2.5/2020?dialect=tunnel&unit=3");
	strcpy(meter_link.target.mqtt.dialect, "tunnel");
	printed(false, NULL, idx, 1, "meter,profile=adw300,target=mqtt://192.0.2.5/2020?dialect\\=tunnel&unit\\=3 "
		"voltage.a=1.0" AT_NS);
}

static void escapes_in_names(void **state)
{
	uint16_t idx[] = { give("voltage.a", "1", AT) };

	(void)state;
	printed(false, "a,b=c d\\e\"f", idx, 1, "meter,id=a\\,b\\=c\\ d\\e\"f,profile=adw300 voltage.a=1.0" AT_NS);
	printed(false, "a\nb\\\\", idx, 1, "meter,id=a?b,profile=adw300 voltage.a=1.0" AT_NS);
	strcpy(meter_link.target.text, "rtu:/dev/my port?unit=2");
	printed(false, NULL, idx, 1, "meter,profile=adw300,target=rtu:/dev/my\\ port?unit\\=2 voltage.a=1.0" AT_NS);
}

static void escapes_in_strings(void **state)
{
	struct reading r = { .quality = QUALITY_OK, .at_us = AT, .value = { .kind = VALUE_STRING } };
	struct meter odd = meter;
	uint16_t idx = 0;

	(void)state;
	odd_points[0] = meter.profile->points[0];
	odd_points[0].key = "a key,of=all";
	profile = *meter.profile;
	profile.points = odd_points;
	profile.npoints = 1;
	profile.name = "my own";
	meter.profile = &profile;
	meter.readings = &r;
	strcpy(r.value.text, "say \"no\", c:\\x = 1\nnext");
	printed(false, "7", &idx, 1, "meter,id=7,profile=my\\ own "
		"a\\ key\\,of\\=all=\"say \\\"no\\\", c:\\\\x = 1?next\"" AT_NS);
	meter = odd;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(types, setup, teardown),
		cmocka_unit_test_setup_teardown(instants, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_field, setup, teardown),
		cmocka_unit_test_setup_teardown(primary, setup, teardown),
		cmocka_unit_test_setup_teardown(whose, setup, teardown),
		cmocka_unit_test_setup_teardown(escapes_in_names, setup, teardown),
		cmocka_unit_test_setup_teardown(escapes_in_strings, setup, teardown),
	};

	return UNIT_RUN(tests);
}
