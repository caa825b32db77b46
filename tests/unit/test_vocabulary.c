/*
 * The vocabulary: its patterns, and that the profiles that come along keep to it.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/builtin.h"
#include "profile/profile.h"
#include "profile/profile_check.h"
#include "profile/vocabulary.h"
#include "unit.h"

static void patterns_match(void **state)
{
	static const struct {
		const char *pattern, *key;
		bool yes;
	} all[] = {
		{ "clock", "clock", true }, { "clock", "clocks", false }, { "clock", "cloc", false },
		{ "voltage.{a,b,c}", "voltage.b", true }, { "voltage.{a,b,c}", "voltage.d", false },
		{ "voltage.{a,b,c}", "voltage.ab", false }, { "voltage.{a,b,c}", "voltage.", false },
		{ "voltage.{a,ab}", "voltage.ab", true }, { "v.{a,ab}.x", "v.ab.x", true },
		{ "h.{a,b}.{2..63}", "h.a.2", true }, { "h.{a,b}.{2..63}", "h.b.63", true },
		{ "h.{a,b}.{2..63}", "h.a.64", false }, { "h.{a,b}.{2..63}", "h.a.1", false },
		{ "h.{a,b}.{2..63}", "h.a.02", false }, { "h.{a,b}.{2..63}", "h.a.", false },
		{ "h.{a,b}.{2..63}", "h.a.2x", false }, { "alarm{1..3}.on", "alarm2.on", true },
		{ "n.{0..9}", "n.0", true }, { "n.{0..9}", "n.99999999999", false },
		{ "x{,.time}", "x", true }, { "x{,.time}", "x.time", true },
		{ "site.{*}", "site.any.thing", true }, { "site.{*}", "site.", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (vocabulary_matches(all[i].pattern, all[i].key) != all[i].yes)
			fail_msg("%s and %s", all[i].pattern, all[i].key);
}

static void patterns_are_checked(void **state)
{
	static const char *const bad[] = { "a.{b", "a}", "{}", "a.{b,{c}}", "a.{5..2}", "a.{x..3}", "{*}.a" };

	size_t n;
	const struct vocabulary_key *vocabulary = vocabulary_all(&n);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (vocabulary_pattern_valid(bad[i]))
			fail_msg("%s", bad[i]);
	for (size_t i = 0; i < n; i++)
		if (!vocabulary_pattern_valid(vocabulary[i].pattern))
			fail_msg("%s", vocabulary[i].pattern);
}

/* What a pattern stands for is what it matches, and what no other row does. */
static void a_key_is_of_one_row(void **state)
{
	struct vocabulary_list list = { 0 };
	struct arena arena = { 0 };
	size_t n;
	const struct vocabulary_key *vocabulary = vocabulary_all(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		size_t from = list.n;

		assert_int_equal(vocabulary_expand(vocabulary[i].pattern, &arena, &list), 0);
		for (size_t k = from; k < list.n; k++)
			for (size_t j = 0; j < n; j++)
				if (vocabulary_matches(vocabulary[j].pattern, list.key[k]) != (i == j))
					fail_msg("%s: %s and %s", list.key[k], vocabulary[i].pattern,
						 vocabulary[j].pattern);
	}
	assert_in_range(list.n, 900, 5000);
	free(list.key);
	arena_release(&arena);
}

/* Keys, units, and a few that the contract with scripts names. */
static void built_in_profiles_keep_to_it(void **state)
{
	static const char *const promised[] = { "harmonic.voltage.a.3", "network.upload_interval", "di.1", "voltage.a@3",
		"alarm1.enable.undervoltage", "demand.active.import.present" };
	const struct profile *p;

	(void)state;
	assert_in_range(nbuiltins, 2, 99);
	assert_null(profile_builtin(nbuiltins));
	for (size_t i = 0; (p = profile_builtin(i)); i++) {
		struct check c;
		struct err e;

		assert_int_equal(profile_check(p, &c, &e), 0);
		if (c.nwarnings)
			fail_msg("%s: %s", p->name, c.warnings[0].text);
		check_release(&c);
	}
	for (size_t i = 0; i < sizeof(promised) / sizeof(*promised); i++)
		if (!vocabulary_find(promised[i]))
			fail_msg("%s", promised[i]);
	assert_true(vocabulary_has_unit(vocabulary_find("voltage.a"), "V"));
	assert_false(vocabulary_has_unit(vocabulary_find("voltage.a"), "kV"));
	assert_false(vocabulary_has_unit(vocabulary_find("voltage.a"), ""));
	assert_true(vocabulary_has_unit(vocabulary_find("clock"), ""));
	assert_true(vocabulary_has_unit(vocabulary_find("site.level"), "cm"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match), cmocka_unit_test(patterns_are_checked),
		cmocka_unit_test(a_key_is_of_one_row), cmocka_unit_test(built_in_profiles_keep_to_it),
	};

	return UNIT_RUN(tests);
}
