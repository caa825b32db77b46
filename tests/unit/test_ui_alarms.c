/*
 * Which settings say when an alarm trips; the cursor on the alarms, and the ways from there.
 */
#include "ui/screens/alarm_limit.h"
#include "screen_bench.h"

static const struct profile *profile;

static int start(void **state)
{
	profile = profile_builtin_named("adw300");
	return profile ? bench_start(state) : -1;
}

static const struct point *status(const char *key)
{
	return &profile->points[profile_find(profile, key)];
}

static const char *limit_of(const char *word, const char *bit)
{
	struct alarm_limit l;

	alarm_limit_find(profile, status(word), bit, &l);
	return l.threshold < 0 ? "none" : profile->points[l.threshold].key;
}

static void the_words_of_a_bit_lead_to_its_threshold(void **state)
{
	(void)state;
	assert_string_equal(limit_of("alarm1.status", "overvoltage"), "alarm1.voltage.over.threshold");
	assert_string_equal(limit_of("alarm1.status", "underpower"), "alarm1.power.under.threshold");
	assert_string_equal(limit_of("alarm2.status", "pf-low-total"), "alarm2.pf.total.threshold");
	assert_string_equal(limit_of("alarm2.status", "overtemperature-b"), "alarm2.temperature.b.threshold");
	/* "reactive" ends with "active" */
	assert_string_equal(limit_of("alarm3.status", "demand-reactive-import"), "alarm3.demand.reactive.import.threshold");
	assert_string_equal(limit_of("alarm3.status", "demand-active-import"), "alarm3.demand.active.import.threshold");
}

static void a_bit_without_a_threshold_has_none(void **state)
{
	(void)state;
	assert_string_equal(limit_of("alarm1.status", "voltage-loss-a"), "none");
	assert_string_equal(limit_of("alarm1.status", "phase-sequence"), "none");
	assert_string_equal(limit_of("alarm1.status", "do1"), "none");
}

static void no_two_bits_share_one(void **state)
{
	static const struct { const char *word; size_t n; } words[] = {
		{ "alarm1.status", 6 }, { "alarm2.status", 16 }, { "alarm3.status", 5 },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct point *p = status(words[i].word);
		bool taken[4096] = { false };
		size_t found = 0;

		for (size_t b = 0; b < p->nbits; b++) {
			struct alarm_limit l;

			alarm_limit_find(profile, p, p->bits[b].name, &l);
			if (l.threshold < 0)
				continue;
			assert_false(taken[l.threshold]);
			taken[l.threshold] = true;
			assert_true(l.delay == l.threshold + 1);
			found++;
		}
		assert_int_equal(found, words[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_a_bit_lead_to_its_threshold),
		cmocka_unit_test(a_bit_without_a_threshold_has_none),
		cmocka_unit_test(no_two_bits_share_one),
	};

	return UNIT_RUN_WITH(tests, start, bench_stop);
}
