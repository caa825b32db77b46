/* How long to wait for a meter (src/modbus/pace.h). */
#include "unit.h"

#include "modbus/pace.h"

static void timeouts_follow_the_meter(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 5000);
	assert_int_equal(pace_timeout_us(&p, false), 1000000);
	/* a meter that has not answered yet: 1, 2 and 3 s leave room for an answer of 2.5 s */
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, false), 2000000);
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, true), 3000000);
	pace_answered(&p, 0, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 250000);
	for (int i = 1; i < 8; i++)
		pace_answered(&p, i, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 50000);	/* the floor */
	pace_answered(&p, 9, 80000, false);
	assert_int_equal(pace_timeout_us(&p, false), 240000);
	assert_int_equal(pace_timeout_us(&p, true), 1000000);
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, false), 480000);
	pace_timed_out(&p);
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, false), 1000000);
	pace_answered(&p, 10, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 240000);
	/* what was slow once is forgotten after enough that were not */
	for (int i = 0; i < PACE_SAMPLES; i++)
		pace_answered(&p, 11 + i, 20000, false);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
}

static void a_meter_slower_than_the_timeout(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 5000);
	/* an answer to a retry may have been one to the first try: that alone shows nothing,
	 * or one lost frame would make every later wait long */
	pace_answered(&p, 1, 1300000, true);
	assert_int_equal(pace_timeout_us(&p, true), 3000000 / 3);
	pace_late(&p, 1300000);
	assert_int_equal(pace_timeout_us(&p, false), 2600000);
	/* a single hiccup does not make every later timeout long */
	for (int i = 0; i < PACE_SAMPLES; i++)
		pace_answered(&p, 2 + i, 20000, false);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
	pace_init(&p, 200, 5000);
	assert_int_equal(pace_timeout_us(&p, false), 200000);
	pace_late(&p, 210000);
	assert_int_equal(pace_timeout_us(&p, false), 400000);
}

static void a_time_that_was_asked_for(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 3000, 5000);
	for (int i = 0; i < 100; i++)
		pace_answered(&p, i, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 3000000);
}

static void backing_off(void **state)
{
	(void)state;
	assert_int_equal(pace_backoff_us(0), 0);
	assert_int_equal(pace_backoff_us(1), 500000);
	assert_int_equal(pace_backoff_us(4), 4000000);
	assert_int_equal(pace_backoff_us(6), 10000000);
	assert_int_equal(pace_backoff_us(1000), 10000000);
}

static void the_rate_is_smoothed(void **state)
{
	struct pace p;
	int64_t now = 1000000;

	(void)state;
	pace_init(&p, 0, 5000);
	for (int i = 0; i < 200; i++, now += 50000)
		pace_answered(&p, now, 5000, false);
	assert_true(pace_rate(&p, now) > 18 && pace_rate(&p, now) < 22);
	assert_true(pace_rate(&p, now + 60000000) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeouts_follow_the_meter),
		cmocka_unit_test(a_meter_slower_than_the_timeout),
		cmocka_unit_test(a_time_that_was_asked_for),
		cmocka_unit_test(backing_off),
		cmocka_unit_test(the_rate_is_smoothed),
	};

	return UNIT_RUN(tests);
}
