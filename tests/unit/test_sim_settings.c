/* What is written to a simulated meter: what it takes, refuses and follows. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/unit.h"
#include "simmeter.h"
#include "temp.h"

static uint16_t read_word(struct sim_meter *m, uint16_t addr)
{
	uint16_t w = 0;

	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, addr, 1, &w), 0);
	return w;
}

static void reads_are_judged(void **state)
{
	struct sim_meter *m = sim_new("adw300", "");
	uint16_t regs[200];

	(void)state;
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x0000, 125, regs), 0);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x0000, 126, regs), 3);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x0000, 0, regs), 3);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x026A, 1, regs), 2);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x0269, 2, regs), 2);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0xFFFF, 2, regs), 2);
	assert_int_equal(sim_meter_read(m, SPACE_INPUT, 0x0000, 1, regs), 1);
	sim_meter_free(m);
	m = sim_new("sdm630", "");
	assert_int_equal(sim_meter_read(m, SPACE_INPUT, 0x0000, 36, regs), 0);
	assert_int_equal(sim_meter_read(m, SPACE_INPUT, 0x0000, 81, regs), 3);
	sim_meter_free(m);
}

/* A read that begins inside a value gets its other half. */
static void halves_of_a_value(void **state)
{
	struct sim_meter *m = sim_new("adw300", "");
	uint16_t both[2], low;

	(void)state;
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x003E, 2, both), 0);
	assert_int_equal(sim_meter_read(m, SPACE_HOLDING, 0x003F, 1, &low), 0);
	assert_int_equal(low, both[1]);
	sim_meter_free(m);
}

static void writes_are_judged(void **state)
{
	static const uint16_t words[32] = { 1, 1 };
	static const uint16_t ratio[2] = { 1, 60 }, clock[3] = { 0x351A, 0x090E, 0x0319 };
	static const uint16_t bcd[3] = { 0x5326, 0x0914, 0x0325 }, bad[3] = { 0x351A, 0x090E, 0x0D19 };
	static const uint16_t zero = 0, big = 248, parity = 0x0300, cycle = 5, width = 6, code = 10000;
	struct sim_meter *m = sim_new("adw300", "");

	(void)state;
	assert_int_equal(sim_meter_write(m, 0x000E, 2, ratio), 0);
	assert_int_equal(read_word(m, 0x000F), 60);
	/* measured, reserved, unknown, half a clock, and a point cut off */
	assert_int_equal(sim_meter_write(m, 0x0014, 1, words), 2);
	assert_int_equal(sim_meter_write(m, 0x0005, 2, words), 2);
	assert_int_equal(sim_meter_write(m, 0x0300, 1, words), 2);
	assert_int_equal(sim_meter_write(m, 0x0011, 2, clock), 2);
	assert_int_equal(sim_meter_write(m, 0x0012, 2, clock), 2);
	assert_int_equal(sim_meter_write(m, 0x016D, DAYTABLE_SURE - 1, words), 2);
	assert_int_equal(sim_meter_write(m, 0x000F, 2, words), 2);
	assert_int_equal(sim_meter_write(m, 0x000F, 0, words), 3);
	/* out of range, no choice, no date */
	assert_int_equal(sim_meter_write(m, 0x0000, 1, &zero), 3);
	assert_int_equal(sim_meter_write(m, 0x0000, 1, &big), 3);
	assert_int_equal(sim_meter_write(m, 0x0004, 1, &parity), 3);
	assert_int_equal(sim_meter_write(m, 0x01C4, 1, &cycle), 3);
	assert_int_equal(sim_meter_write(m, 0x01E7, 1, &width), 3);
	assert_int_equal(sim_meter_write(m, 0x0008, 1, &code), 3);
	assert_int_equal(sim_meter_write(m, 0x0011, 3, bad), 3);
	assert_int_equal(sim_meter_write(m, 0x0011, 3, bcd), 3);
	/* one bad value, and nothing of the frame lands */
	assert_int_equal(sim_meter_write(m, 0x000E, 2, (const uint16_t[]){ 7, 0 }), 3);
	assert_int_equal(read_word(m, 0x000E), 1);
	sim_meter_free(m);
}

static void clock_runs_and_is_set(void **state)
{
	struct sim_meter *m = sim_new("adw300", "start=2026-12-31T23:59:58");

	(void)state;
	assert_string_equal(sim_value(m, "clock").text, "2026-12-31 23:59:58");
	sim_meter_advance(m, 2.5);
	assert_string_equal(sim_value(m, "clock").text, "2027-01-01 00:00:00");
	assert_int_equal(sim_set(m, "clock", "2025-03-14 09:26:53"), 0);
	assert_string_equal(sim_value(m, "clock").text, "2025-03-14 09:26:53");
	sim_meter_advance(m, 3600);
	assert_string_equal(sim_value(m, "clock").text, "2025-03-14 10:26:53");
	sim_meter_free(m);
}

static void tariff_follows_the_tables(void **state)
{
	static const char *const rates[] = { "sharp", "peak", "flat", "valley" };
	struct sim_meter *m = sim_new("adw300", "start=2026-02-10T12:00:00");
	char key[64];

	(void)state;
	/* all three tables the same, so that the season does not matter */
	for (int rate = 0; rate < 4; rate++) {
		double before[4], after;

		for (int t = 1; t <= 3; t++) {
			char text[64];

			snprintf(text, sizeof(text), "00:00 %s", rates[rate]);
			snprintf(key, sizeof(key), "tou.table%d", t);
			assert_int_equal(sim_set(m, key, text), 0);
		}
		for (int i = 0; i < 4; i++)
			before[i] = sim_of(m, "energy.tou.active.import.", rates[i]);
		sim_meter_advance(m, 600);
		for (int i = 0; i < 4; i++) {
			after = sim_of(m, "energy.tou.active.import.", rates[i]);
			if ((after > before[i]) != (i == rate))
				fail_msg("%s moves while %s is due", rates[i], rates[rate]);
		}
	}
	sim_meter_free(m);
}

/* Table 2 is the summer's: from 1 June to 1 October. */
static void season_chooses_the_table(void **state)
{
	struct sim_meter *m = sim_new("adw300", "");
	double peak, sharp;

	(void)state;
	assert_int_equal(sim_set(m, "tou.table1", "00:00 sharp"), 0);
	assert_int_equal(sim_set(m, "tou.table2", "00:00 peak"), 0);
	for (int summer = 0; summer < 2; summer++) {
		assert_int_equal(sim_set(m, "clock", summer ? "2026-06-01 00:00:10"
					 : "2026-05-31 12:00:00"), 0);
		peak = sim_num(m, "energy.tou.active.import.peak");
		sharp = sim_num(m, "energy.tou.active.import.sharp");
		sim_meter_advance(m, 600);
		assert_int_equal(sim_num(m, "energy.tou.active.import.peak") > peak, summer);
		assert_int_equal(sim_num(m, "energy.tou.active.import.sharp") > sharp, !summer);
	}
	/* before the first season of a year the last one of the year before holds */
	assert_int_equal(sim_set(m, "tou.zones", "01-15 table2, 06-01 table2, 10-01 table1"), 0);
	assert_int_equal(sim_set(m, "clock", "2026-01-02 12:00:00"), 0);
	sharp = sim_num(m, "energy.tou.active.import.sharp");
	sim_meter_advance(m, 600);
	assert_true(sim_num(m, "energy.tou.active.import.sharp") > sharp);
	sim_meter_free(m);
}

/* Word by word the seasons would stand for others in between. */
static void seasons_are_one_setting(void **state)
{
	struct sim_meter *m = sim_new("adw300", "");
	static const uint16_t falling[6] = { 0x0101, 0x0602, 0x0101 };

	(void)state;
	assert_string_equal(sim_value(m, "tou.zones").text, "01-01 table1, 06-01 table2, 10-01 table1");
	assert_string_equal(sim_value(m, "tou.zone.word3").text, "0106");
	assert_int_equal(sim_meter_write(m, 0x0167, 1, falling), 2);
	assert_int_equal(sim_meter_write(m, 0x0169, 1, falling), 2);
	assert_int_equal(sim_meter_write(m, 0x0167, 6, falling), 3);
	assert_int_equal(sim_set(m, "tou.zones", "03-01 table3"), 0);
	assert_string_equal(sim_value(m, "tou.zone.word1").text, "0301");
	assert_string_equal(sim_value(m, "tou.zone.word6").text, "0000");
	sim_meter_free(m);
}

static void demand_is_the_mean_of_its_window(void **state)
{
	struct sim_meter *m = sim_new("adw300", "start=2026-03-10T06:30:00");
	double p[7200];

	(void)state;
	for (int t = 0; t < 7200; t++) {
		p[t] = sim_num(m, "power.active.total");
		sim_meter_advance(m, 1);
	}
	for (int code = 1; code <= 4; code++) {
		char text[16];
		double sum = 0;

		snprintf(text, sizeof(text), "%dmin", 15 * code);
		assert_int_equal(sim_set(m, "demand.cycle", text), 0);
		for (int t = 7200 - 900 * code; t < 7200; t++)
			sum += p[t];
		near(sim_num(m, "demand.active.import.present"), sum / (900 * code), 0.002, text, "");
		assert_true(sim_num(m, "demand.active.import.max")
			    >= sim_num(m, "demand.active.import.present"));
	}
	sim_meter_free(m);
}

static unsigned status(struct sim_meter *m, int n)
{
	char key[16];

	snprintf(key, sizeof(key), "alarm%d.status", n);
	return (unsigned)sim_num(m, key);
}

static void alarms_wait_for_their_delay(void **state)
{
	struct sim_meter *m = sim_new("adw300", "");

	(void)state;
	assert_int_equal(status(m, 1) | status(m, 2) | status(m, 3), 0);
	assert_int_equal(sim_set(m, "alarm1.voltage.over.threshold", "200"), 0);
	sim_meter_advance(m, 4);
	assert_int_equal(status(m, 1), 0);
	sim_meter_advance(m, 2);
	assert_int_equal(status(m, 1), 1);
	assert_int_equal(sim_set(m, "alarm1.voltage.over.threshold", "253"), 0);
	sim_meter_advance(m, 1);
	assert_int_equal(status(m, 1), 0);

	assert_int_equal(sim_set(m, "alarm2.pf.total.threshold", "0.99"), 0);
	assert_int_equal(sim_set(m, "alarm2.pf.total.delay", "0.5"), 0);
	sim_meter_advance(m, 2);
	assert_int_equal(status(m, 2), 8);
	assert_int_equal(sim_set(m, "alarm2.enable", "0"), 0);
	sim_meter_advance(m, 1);
	assert_int_equal(status(m, 2), 0);

	assert_int_equal(sim_set(m, "alarm3.demand.apparent.threshold", "0.1"), 0);
	sim_meter_advance(m, 3);
	assert_int_equal(status(m, 3), 16);
	sim_meter_free(m);
}

static void outputs_follow_their_source(void **state)
{
	struct sim_meter *m = sim_new("adw300", "");

	(void)state;
	assert_int_equal(sim_set(m, "do.1", "1"), 0);
	assert_int_equal(sim_num(m, "do.1"), 1);
	assert_int_equal(sim_num(m, "do.2"), 0);
	assert_int_equal(sim_set(m, "do.1", "0"), 0);
	assert_int_equal(sim_num(m, "do.1"), 0);

	/* two seconds on any alarm */
	assert_int_equal(sim_set(m, "do.2.mode", "pulse"), 0);
	assert_int_equal(sim_set(m, "do.2.source", "any-alarm"), 0);
	assert_int_equal(sim_set(m, "do.2.pulse_width", "2"), 0);
	sim_meter_advance(m, 1);
	assert_int_equal(sim_num(m, "do.2"), 0);
	assert_int_equal(sim_set(m, "alarm1.voltage.over.delay", "0"), 0);
	assert_int_equal(sim_set(m, "alarm1.voltage.over.threshold", "200"), 0);
	assert_int_equal(sim_num(m, "do.2"), 1);
	sim_meter_advance(m, 1);
	assert_int_equal(sim_num(m, "do.2"), 1);
	sim_meter_advance(m, 2);
	assert_int_equal(sim_num(m, "do.2"), 0);
	/* by remote control it does nothing now */
	assert_int_equal(sim_set(m, "do.2", "1"), 0);
	assert_int_equal(sim_num(m, "do.2"), 0);

	/* an input turned round by its normal state, linked to DO1 */
	{
		int before = (int)sim_num(m, "di.status");

		assert_int_equal(sim_set(m, "di.3.normal_state", "normally-closed"), 0);
		assert_int_equal((int)sim_num(m, "di.status"), before ^ 4);
		assert_int_equal(sim_set(m, "di.3.linked_do", "DO1"), 0);
		assert_int_equal(sim_num(m, "do.1"), (before ^ 4) >> 2 & 1);
	}
	sim_meter_free(m);
}

static void ratios_and_thresholds_of_the_scenario(void **state)
{
	struct sim_meter *m = sim_new("adw300", "ct=200,pt=100,unit=17,pace=2400");

	(void)state;
	assert_int_equal(sim_num(m, "ratio.ct"), 200);
	assert_int_equal(sim_num(m, "ratio.pt"), 100);
	assert_int_equal(sim_num(m, "comm.address"), 17);
	assert_string_equal(sim_value(m, "comm.baud").text, "2400");
	near(sim_num(m, "voltage.a"), 57.7, 1.5, "secondary voltage", "");
	assert_int_equal(status(m, 1), 0);
	sim_meter_free(m);
}

static void state_survives(void **state)
{
	char file[TEMP_PATH];
	struct sim_meter *m = sim_new("adw300", "seed=4"), *n = sim_new("adw300", "seed=4");
	struct err e = { 0 };
	FILE *f;

	(void)state;
	assert_int_equal(state_load(m, temp_path(file, "state"), &e), 0);	/* not there: as new */
	assert_int_equal(sim_set(m, "ratio.ct", "77"), 0);
	assert_int_equal(sim_set(m, "tou.table3", "00:00 valley, 08:00 peak"), 0);
	assert_int_equal(sim_set(m, "do.1", "1"), 0);
	assert_int_equal(sim_set(m, "tou.zones", "03-01 table3"), 0);
	assert_int_equal(sim_set(m, "network.apn", "iot.example"), 0);
	assert_int_equal(sim_set(m, "network.wifi.password", "a pass phrase of 32 bytes or more"), 0);
	sim_meter_advance(m, 7200);
	assert_int_equal(state_save(m, file, &e), 0);
	assert_int_equal(state_load(n, file, &e), 0);
	assert_int_equal(sim_num(n, "ratio.ct"), 77);
	assert_string_equal(sim_value(n, "tou.table3").text, "00:00 valley, 08:00 peak");
	assert_string_equal(sim_value(n, "tou.zones").text, "03-01 table3");
	assert_string_equal(sim_value(n, "network.apn").text, "iot.example");
	assert_string_equal(sim_value(n, "network.wifi.password").text,
			    "a pass phrase of 32 bytes or more");
	near(sim_num(n, "energy.active.import.total"), sim_num(m, "energy.active.import.total"),
	     0, "energy", "");
	near(sim_num(n, "history.energy.active.import.total@5"),
	     sim_num(m, "history.energy.active.import.total@5"), 0, "history", "");
	sim_meter_advance(n, 1);
	assert_int_equal(sim_num(n, "do.1"), 1);

	f = fopen(file, "w");
	assert_non_null(f);
	fputs("meterctl-sim 1 adw300\nratio.ct xyz\n", f);
	fclose(f);
	assert_int_equal(state_load(n, file, &e), -1);
	assert_non_null(strstr(e.text, "line 2"));
	assert_int_equal(state_save(n, "/nonexistent/folder/file", &e), -1);
	sim_meter_free(m);
	sim_meter_free(n);
}

/* Another legal value than V, as text. */
static void another(const struct point *p, const struct value *v, char *text, size_t size)
{
	static const char *const texts[TYPE_COUNT][2] = {
		[TYPE_CLOCK] = { "2027-01-31 14:03:27", "2028-02-29 23:59:58" },
		[TYPE_FRAME] = { "8E1", "8O2" },
		[TYPE_FREEZE] = { "28 23:00", "2 01:00" },
		[TYPE_DAYTABLE] = { "00:00 flat, 06:30 sharp", "00:00 valley" },
		[TYPE_ZONES] = { "02-29 table3, 12-31 table1", "empty" },
		[TYPE_STRING] = { "A b-9", "" },
	};
	double step = p->scale, next;

	if (texts[p->type][0]) {
		snprintf(text, size, "%s", texts[p->type][strcmp(v->text, texts[p->type][0]) == 0]);
		return;
	}
	if (p->nchoices) {
		const struct choice *c = &p->choices[p->nchoices - 1];

		snprintf(text, size, "%s", (long)v->num == c->code ? p->choices[0].name : c->name);
		return;
	}
	next = p->min <= p->max && v->num + step > p->max ? v->num - step : v->num + step;
	if (p->type == TYPE_BITS)
		next = (int)v->num ^ 1 << p->bits[0].pos;
	else if (!(p->min <= p->max) && v->num + step > 65535 * step)
		next = v->num - step;
	snprintf(text, size, "%.*f", p->decimals, next);
}

static void every_setting_can_be_set(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < p->npoints; i++) {
		const struct point *q = &p->points[i];
		struct value before;
		char text[VALUE_TEXT], after[VALUE_TEXT];
		struct sim_meter *m;
		int rc;

		if (!(q->flags & POINT_WRITABLE) || q->flags & (POINT_PART | POINT_DERIVED))
			continue;
		/* a new one each: an output obeys its source and the inputs linked to it */
		m = sim_new("adw300", "frozen");
		before = sim_value(m, q->key);
		another(q, &before, text, sizeof(text));
		rc = sim_set(m, q->key, text);
		before = sim_value(m, q->key);
		codec_format(q, &before, after, sizeof(after));
		if (rc || strcmp(text, after) != 0)
			fail_msg("'%s' set to '%s': exception %d, reads '%s'", q->key, text, rc, after);
		sim_meter_free(m);
		n++;
	}
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_are_judged),
		cmocka_unit_test(halves_of_a_value),
		cmocka_unit_test(writes_are_judged),
		cmocka_unit_test(clock_runs_and_is_set),
		cmocka_unit_test(tariff_follows_the_tables),
		cmocka_unit_test(season_chooses_the_table),
		cmocka_unit_test(seasons_are_one_setting),
		cmocka_unit_test(every_setting_can_be_set),
		cmocka_unit_test(demand_is_the_mean_of_its_window),
		cmocka_unit_test(alarms_wait_for_their_delay),
		cmocka_unit_test(outputs_follow_their_source),
		cmocka_unit_test(ratios_and_thresholds_of_the_scenario),
		cmocka_unit_test(state_survives),
	};

	return UNIT_RUN(tests);
}
