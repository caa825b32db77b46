/* In what order a line is searched, how long it takes, and what is foretold of that. The line is
 * one of the test's: time is what the probes cost. */
#include <string.h>

#include "modbus/sweep.h"
#include "unit.h"

#define READ_US 30000	/* what a reply costs more than the wait for its first byte */

static const struct sweep_setting settings[] = {
	{ 9600, 'N', 1 }, { 9600, 'E', 1 }, { 9600, 'O', 1 }, { 4800, 'N', 1 }, { 4800, 'E', 1 }, { 4800, 'O', 1 },
	{ 2400, 'N', 1 }, { 2400, 'E', 1 }, { 2400, 'O', 1 }, { 19200, 'N', 1 }, { 19200, 'E', 1 }, { 19200, 'O', 1 },
};
#define NSETTINGS (sizeof(settings) / sizeof(*settings))

/* Meters of a line; unit 0 ends them. */
struct fake {
	size_t setting;
	uint8_t unit;
	int64_t answer_us;
};

struct log {
	struct sweep_probe probes[8192];
	size_t n;
	int64_t now_us, found_us;	/* when the last meter was found */
	size_t found;
};

static void sweep_make(struct sweep *s, bool full)
{
	bool units[SWEEP_UNITS] = { false }, rest[SWEEP_UNITS] = { false };

	for (int u = 1; u <= 247; u++)
		*(full || u <= 10 ? &units[u] : &rest[u]) = true;
	units[0] = true;
	sweep_init(s, units, rest, 0);
	s->full = full;
	for (size_t i = 0; i < NSETTINGS; i++)
		assert_int_equal(sweep_add(s, &settings[i]), i);
}

/* Until all is done; the line is 5 % slower than it should be. */
static void run(struct sweep *s, const struct fake *meters, struct log *log)
{
	struct sweep_probe p;

	*log = (struct log){ 0 };
	while (sweep_next(s, &p)) {
		int64_t took = sweep_cost_us(s, &p) * 105 / 100;
		bool before = s->tried[p.setting][p.unit] & SWEEP_WAITED;

		assert_true(log->n < sizeof(log->probes) / sizeof(*log->probes));
		log->probes[log->n++] = p;
		for (const struct fake *m = meters; m->unit; m++)
			if (m->setting == p.setting && m->unit == p.unit && m->answer_us <= sweep_wait_us(s, &p)) {
				assert_false(before);
				sweep_found(s, m->setting, m->unit, m->answer_us);
				took += READ_US;
				log->found++;
				log->found_us = log->now_us + took;
			}
		sweep_tried(s, &p, took);
		log->now_us += took;
	}
	assert_int_equal(sweep_left_us(s), 0);
}

static void likely_then_first_units_then_the_rest_there(void **state)
{
	static const struct fake meters[] = { { 4, 7, 20000 }, { 4, 200, 20000 }, { 0 } };
	static struct sweep s;
	static struct log log;
	size_t i = 0;

	(void)state;
	sweep_make(&s, false);
	sweep_add_likely(&s, &settings[1], 247);
	sweep_add_likely(&s, &settings[0], 1);
	sweep_add_likely(&s, &settings[0], 1);	/* once */
	sweep_add_likely(&s, &(struct sweep_setting){ 300, 'N', 1 }, 1);	/* not wanted */
	sweep_add_likely(&s, &settings[0], 0);
	run(&s, meters, &log);
	assert_int_equal(log.probes[i].setting, 1);
	assert_int_equal(log.probes[i++].unit, 247);
	assert_int_equal(log.probes[i++].unit, 1);
	assert_int_equal(log.probes[i++].unit, 0);
	/* settings in order, units 1 to 10, what was tried not again */
	for (size_t k = 0; k < 4; k++)
		for (unsigned u = k ? 1 : 2; u <= 10; u++, i++) {
			assert_int_equal(log.probes[i].setting, k);
			assert_int_equal(log.probes[i].unit, u);
			assert_int_equal(log.probes[i].last, u == 10);
		}
	/* the meter, and everything at its setting before any other */
	for (unsigned u = 1; u <= 247; u++, i++) {
		assert_int_equal(log.probes[i].setting, 4);
		assert_int_equal(log.probes[i].unit, u);
	}
	assert_int_equal(log.probes[i].setting, 5);
	assert_int_equal(log.found, 2);
	/* units beyond 10 at that setting alone, slow ones waited for there alone */
	for (; i < log.n; i++) {
		assert_true(log.probes[i].unit <= 10);
		assert_true(!log.probes[i].patient || log.probes[i].setting == 4);
	}
}

static void nothing_is_asked_twice_in_the_same_way(void **state)
{
	static const struct fake none[] = { { 0 } };
	static struct sweep s;
	static struct log log;
	size_t done, all, first;

	(void)state;
	sweep_make(&s, false);
	sweep_count(&s, &done, &first);
	assert_int_equal(done, 0);
	run(&s, none, &log);
	/* with nobody there: all units at all settings, the first 10 also patiently, and everybody */
	assert_int_equal(log.n, NSETTINGS * (247 + 10 + 1));
	assert_int_equal(first, log.n);
	for (size_t i = 0; i < log.n; i++)
		for (size_t k = i + 1; k < log.n; k++)
			assert_false(log.probes[i].setting == log.probes[k].setting && log.probes[i].unit == log.probes[k].unit
				     && log.probes[i].patient == log.probes[k].patient);
	sweep_count(&s, &done, &all);
	assert_int_equal(all - done, 0);
}

static void a_quick_meter_is_found_in_twelve_seconds(void **state)
{
	static struct sweep s;
	static struct log log;

	(void)state;
	for (size_t k = 0; k < NSETTINGS; k++) {
		const struct fake meters[] = { { k, 10, 40000 }, { 0 } };

		sweep_make(&s, false);
		sweep_add_likely(&s, &settings[0], 1);
		sweep_add_likely(&s, &settings[1], 1);
		run(&s, meters, &log);
		assert_int_equal(log.found, 1);
		/* a second of listening comes before, and half of one for its identity behind */
		assert_true(log.found_us < 10500000);
	}
}

static void a_slow_meter_is_found_patiently(void **state)
{
	static const struct fake meters[] = { { 8, 3, 400000 }, { 0 } };
	static struct sweep s;
	static struct log log;

	(void)state;
	sweep_make(&s, false);
	run(&s, meters, &log);
	assert_int_equal(log.found, 1);
	/* as soon as there is a sign of it, there */
	sweep_make(&s, false);
	sweep_suspect(&s, 8);
	run(&s, meters, &log);
	assert_int_equal(log.found, 1);
	assert_true(log.found_us < 6 * SWEEP_PATIENT_US);
	/* where one is slow, the others are waited for as long */
	assert_true(sweep_wait_us(&s, &(struct sweep_probe){ .setting = 8, .unit = 99 }) >= 600000);
}

/* Of each tenth of the way: what is still to come, within a fifth. */
static void the_time_is_foretold(void **state)
{
	static const struct fake meters[] = { { 7, 133, 40000 }, { 7, 134, 90000 }, { 0 } };
	static struct sweep s, again;
	static struct log log;
	int64_t at = 0, next = 0;
	struct sweep_probe p;

	(void)state;
	sweep_make(&s, true);
	again = s;
	run(&s, meters, &log);
	s = again;
	for (size_t i = 0; i < log.n; i++) {
		int64_t left = sweep_left_us(&s), really = log.now_us - at, took;

		if (at >= next && really > log.now_us / 10) {
			if (left < really * 8 / 10 || left > really * 12 / 10)
				fail_msg("at %lld: %lld foretold, %lld", (long long)at, (long long)left, (long long)really);
			next += log.now_us / 10;
		}
		assert_true(sweep_next(&s, &p));
		took = sweep_cost_us(&s, &p) * 105 / 100;
		for (const struct fake *m = meters; m->unit; m++)
			if (m->setting == p.setting && m->unit == p.unit && m->answer_us <= sweep_wait_us(&s, &p)) {
				sweep_found(&s, m->setting, m->unit, m->answer_us);
				took += READ_US;
			}
		sweep_tried(&s, &p, took);
		at += took;
	}
	assert_int_equal(log.found, 1);	/* the slower one is late, which is not the sweep's to see */
}

static void garbage_is_a_hint(void **state)
{
	static struct sweep s;

	(void)state;
	sweep_make(&s, false);
	sweep_hint(&s, 7);	/* 2400 8E1 */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(settings[s.order[i]].baud, 2400);
	assert_int_equal(s.order[3], 0);
	assert_int_equal(s.order[11], 11);
}

static void units_of_a_list_and_no_others(void **state)
{
	static const struct fake meters[] = { { 0, 17, 20000 }, { 0 } };
	static struct sweep s;
	static struct log log;
	bool units[SWEEP_UNITS] = { [17] = true };

	(void)state;
	sweep_init(&s, units, NULL, 0);
	sweep_add(&s, &settings[0]);
	sweep_add_likely(&s, &settings[0], 1);
	sweep_add_likely(&s, &settings[0], 0);
	run(&s, meters, &log);
	assert_int_equal(log.n, 1);
	assert_int_equal(log.found, 1);
}

static void behind_a_gateway_each_unit_once(void **state)
{
	static const struct fake meters[] = { { 0, 2, 900000 }, { 0 } };
	static struct sweep s;
	static struct log log;
	bool units[SWEEP_UNITS] = { false };

	(void)state;
	memset(units + 1, true, 10);
	sweep_init(&s, units, NULL, 1000000);
	s.network = true;
	sweep_add(&s, &(struct sweep_setting){ 0 });
	run(&s, meters, &log);
	assert_int_equal(log.n, 10);
	assert_int_equal(log.found, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(likely_then_first_units_then_the_rest_there),
		cmocka_unit_test(nothing_is_asked_twice_in_the_same_way),
		cmocka_unit_test(a_quick_meter_is_found_in_twelve_seconds),
		cmocka_unit_test(a_slow_meter_is_found_patiently), cmocka_unit_test(the_time_is_foretold),
		cmocka_unit_test(garbage_is_a_hint), cmocka_unit_test(units_of_a_list_and_no_others),
		cmocka_unit_test(behind_a_gateway_each_unit_once),
	};

	return UNIT_RUN(tests);
}
