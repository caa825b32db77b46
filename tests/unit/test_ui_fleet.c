/* Rows on their way from the bus to the screens: each once, as it is last. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/bus/bus_fleet.h"

static struct fleet from, to;
static struct bus_fleet queue;

static int setup(void **state)
{
	(void)state;
	fleet_init(&from, profile_builtin_named("adw300"));
	fleet_init(&to, NULL);
	queue = (struct bus_fleet){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fleet_release(&from);
	fleet_release(&to);
	bus_fleet_release(&queue);
	return 0;
}

static void heard(const char *sn, unsigned dropped)
{
	struct fleet_row r = { .drops = { (uint16_t)dropped } };

	snprintf(r.sn, sizeof(r.sn), "%s", sn);
	assert_true(fleet_copy_row(&from, &r, NULL) >= 0);
}

static void each_once(void **state)
{
	const uint32_t both[] = { 0, 1 }, one[] = { 1 };
	struct err why = { .text = "not JSON" };

	(void)state;
	heard("a", 1);
	heard("b", 1);
	bus_fleet_put(&queue, &from, both, 2);
	heard("b", 2);
	fleet_refused(&from, &why, "a/b");
	bus_fleet_put(&queue, &from, one, 1);
	assert_int_equal(queue.n, 2);
	assert_true(queue.some);
	bus_fleet_take(&queue, &to);
	assert_int_equal(to.n, 2);
	assert_int_equal(fleet_find(&to, "a")->drops[0], 1);
	assert_int_equal(fleet_find(&to, "b")->drops[0], 2);
	assert_int_equal(to.refusals.total, 1);
	assert_string_equal(to.refusals.list[0].text, "not JSON");
	assert_false(queue.some);
	/* what has been taken comes again when it changes again */
	heard("b", 3);
	bus_fleet_put(&queue, &from, one, 1);
	assert_int_equal(queue.n, 1);
	bus_fleet_take(&queue, &to);
	assert_int_equal(to.n, 2);
	assert_int_equal(fleet_find(&to, "b")->drops[0], 3);
}

/* Only a message that nobody understood: the screens learn of it, too. */
static void nothing_but_refused(void **state)
{
	struct err why = { .text = "too long" };

	(void)state;
	bus_fleet_put(&queue, &from, NULL, 0);
	assert_false(queue.some);
	fleet_refused(&from, &why, "a/b");
	bus_fleet_put(&queue, &from, NULL, 0);
	assert_true(queue.some);
	bus_fleet_take(&queue, &to);
	assert_int_equal(to.refusals.total, 1);
}

/* What was heard of a broker is kept for it and for its meters. */
static void kept_for(void **state)
{
	static const struct {
		const char *target;
		bool stays;
	} cases[] = {
		{ "mqtt://192.0.2.5", true }, { "mqtt://192.0.2.5/4711?dialect=shadow", true },
		{ "mqtt://192.0.2.5?dialect=shadow", false }, { "mqtt://192.0.2.6/4711", false },
		{ "mqtt://192.0.2.5:1884/4711", false }, { "tcp:192.0.2.5:1883", false },
	};
	struct target broker, none = { .port = 0 }, t;

	(void)state;
	assert_int_equal(target_parse("mqtt://192.0.2.5", &broker, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(target_parse(cases[i].target, &t, NULL), 0);
		if (bus_fleet_stays(&broker, &t) != cases[i].stays)
			fail_msg("%s", cases[i].target);
		assert_false(bus_fleet_stays(&none, &t));
	}
}

static void many(void **state)
{
	uint32_t changed[5000];
	char sn[16];

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(sn, sizeof(sn), "%u", i);
		heard(sn, i);
		changed[i] = i;
		if (i % 7 == 0)
			bus_fleet_put(&queue, &from, changed, i + 1);
	}
	bus_fleet_put(&queue, &from, changed, 5000);
	assert_int_equal(queue.n, 5000);
	bus_fleet_take(&queue, &to);
	assert_int_equal(to.n, 5000);
	assert_int_equal(fleet_find(&to, "4321")->drops[0], 4321);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_once, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_but_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(many, setup, teardown),
		cmocka_unit_test(kept_for),
	};

	return UNIT_RUN(tests);
}
