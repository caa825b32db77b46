/* Reasons: each once with its count, more of them than there is room for, all of them told. */
#include <stdio.h>
#include <string.h>

#include "base/reasons.h"
#include "unit.h"

static const char *all(const struct reasons *r)
{
	static char text[4000];

	return reasons_text(r, text, sizeof(text));
}

static void counted(void **state)
{
	struct reasons r = { 0 };

	(void)state;
	assert_string_equal(all(&r), "");
	assert_int_equal(reasons_add(&r, 1, "no JSON", ""), 0);
	assert_int_equal(reasons_add(&r, 2, "outside", "500 Hz"), 1);
	assert_int_equal(reasons_add(&r, 1, "no JSON", ""), 0);
	assert_int_equal(reasons_add(&r, 1, "outside", "700 Hz"), 1);
	assert_int_equal(r.total, 5);
	assert_string_equal(all(&r), "2 x no JSON; 3 x outside (last: 700 Hz)");
	reasons_clear(&r);
	assert_int_equal(r.total, 0);
	assert_string_equal(all(&r), "");
	/* what was there before does not count on */
	reasons_add(&r, 1, "outside", "1 Hz");
	assert_string_equal(all(&r), "1 x outside (last: 1 Hz)");
}

static void hostile(void **state)
{
	struct reasons r = { 0 };
	char text[8];

	(void)state;
	reasons_add(&r, 1, "a\x1b[2J", "b\xe2\x80\xae");
	assert_string_equal(all(&r), "1 x a?[2J (last: b?)");
	reasons_add(&r, 1, "a\x1b[2J", "c");
	assert_int_equal(r.n, 1);
	assert_string_equal(reasons_text(&r, text, sizeof(text)), "2 x a?[");
}

static void too_many(void **state)
{
	struct reasons r = { 0 }, sum = { 0 };
	char text[32];

	(void)state;
	for (unsigned i = 0; i < REASONS_MAX + 3; i++) {
		snprintf(text, sizeof(text), "reason %u", i);
		assert_int_equal(reasons_add(&r, i + 1, text, ""), i < REASONS_MAX ? i : REASONS_MAX);
	}
	assert_int_equal(r.n, REASONS_MAX);
	assert_int_equal(r.others, REASONS_MAX * 3 + 1 + 2 + 3);
	assert_non_null(strstr(all(&r), "; 16 x reason 15; 54 x other reasons"));
	/* a list that has come before keeps its places */
	reasons_add(&sum, 7, "reason 3", "");
	reasons_join(&sum, &r);
	assert_int_equal(sum.total, r.total + 7);
	assert_int_equal(sum.n, REASONS_MAX);
	assert_int_equal(sum.others, r.others);
	assert_int_equal(strncmp(all(&sum), "11 x reason 3; 1 x reason 0; ", 29), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted),
		cmocka_unit_test(hostile),
		cmocka_unit_test(too_many),
	};

	return UNIT_RUN(tests);
}
