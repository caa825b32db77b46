/* What a model has, told by its points. */
#include "profile/ability.h"
#include "unit.h"

static const char *lack(const char *model, enum ability a)
{
	const struct profile *p = profile_builtin_named(model);

	assert_non_null(p);
	return ability_lack(p, a);
}

static void phases_are_those_of_its_points(void **state)
{
	(void)state;
	assert_int_equal(ability_phases(profile_builtin_named("adw300")), ABILITY_THREE_PHASES);
	assert_int_equal(ability_phases(profile_builtin_named("sdm120")), ABILITY_ONE_PHASE);
	assert_int_equal(ability_phases(profile_builtin_named("acrel-djsf1352")), 0);
}

static void three_phases_can_be_exchanged(void **state)
{
	(void)state;
	assert_null(lack("adw300", ABILITY_WIRING));
	assert_null(lack("em24", ABILITY_WIRING));
	assert_string_equal(lack("ddsu666", ABILITY_WIRING), "measures a single phase: there is nothing to exchange");
	assert_string_equal(lack("acrel-djsf1352", ABILITY_WIRING),
			    "measures direct current: there are no phases to exchange");
	assert_string_equal(lack("acrel-dtsy", ABILITY_WIRING), "has no voltages and currents of three phases");
}

static void what_a_model_has_not_is_named(void **state)
{
	(void)state;
	for (int a = ABILITY_NONE; a <= ABILITY_RECORDS; a++)
		assert_null(lack("adw300", (enum ability)a));
	assert_string_equal(lack("nd30iot", ABILITY_VALUES), "has no measured values");
	assert_string_equal(lack("em24", ABILITY_HARMONICS), "has no harmonics");
	assert_string_equal(lack("nd30iot", ABILITY_ENERGIES), "has no energies");
	assert_string_equal(lack("sdm630", ABILITY_ALARMS), "has no alarms");
	assert_string_equal(lack("acrel-djsf1352", ABILITY_SETTINGS), "has no settings");
	assert_string_equal(lack("sdm120", ABILITY_RECORDS), "has no records of past months");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_are_those_of_its_points),
		cmocka_unit_test(three_phases_can_be_exchanged),
		cmocka_unit_test(what_a_model_has_not_is_named),
	};

	return UNIT_RUN(tests);
}
