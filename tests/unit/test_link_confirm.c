/* Two answers to one question: when they say the same, and how else it is asked. */
#include <string.h>

#include "profile/codec.h"
#include "modbus/confirm.h"
#include "unit.h"

static const struct point the_clock = { .type = TYPE_CLOCK };

/* Registers 10 to 21; 18 is named by nobody. */
#define FIRST 10
#define N 12
enum { SETTING = 0, MEASURED = 1, SIGNED = 2, CLOCK = 3, ENERGY = 6, UNNAMED = 8, WORD = 9, TEXT = 10 };

#define POINT(KEY, TYPE, AT, WORDS, SCALE, FLAGS) {					\
	.key = KEY, .name = "", .group = "", .unit = "", .note = "", .section = "",	\
	.type = TYPE, .addr = FIRST + (AT), .words = WORDS, .scale = SCALE,		\
	.decimals = (SCALE) < 1 && (SCALE) > 0 ? 1 : 0, .flags = FLAGS, .min = 1, .max = 0,	\
}

static const struct point points[] = {
	POINT("setting", TYPE_U16, SETTING, 1, 0.1, POINT_WRITABLE),
	POINT("measured", TYPE_U16, MEASURED, 1, 0.1, 0),
	POINT("signed", TYPE_I16, SIGNED, 1, -1, 0),
	POINT("clock", TYPE_CLOCK, CLOCK, 3, 1, POINT_WRITABLE),
	POINT("energy", TYPE_U32, ENERGY, 2, 1, 0),
	POINT("word", TYPE_BITS, WORD, 1, 1, 0),
	POINT("word.bit", TYPE_BIT, WORD, 1, 1, POINT_DERIVED),
	POINT("text", TYPE_STRING, TEXT, 2, 1, POINT_SECRET),
};
static const struct profile profile = {
	.name = "test", .points = points, .npoints = sizeof(points) / sizeof(*points), .read_most = 125,
};

/* ---- do two readings agree? ------------------------------------------------------ */

static bool agree(const uint16_t a[N], const uint16_t b[N])
{
	bool one = confirm_agree(&profile, SPACE_HOLDING, FIRST, N, a, b);

	assert_int_equal(confirm_agree(&profile, SPACE_HOLDING, FIRST, N, b, a), one);
	return one;
}

/* The register AT is X in one of them and Y in the other; all others are equal. */
static bool agree_at(size_t at, uint16_t x, uint16_t y)
{
	uint16_t a[N] = { 0 }, b[N] = { 0 };

	a[at] = x;
	b[at] = y;
	return agree(a, b);
}

static void equal_ones_agree(void **state)
{
	uint16_t a[N];

	(void)state;
	memset(a, 0x5A, sizeof(a));	/* whatever it means */
	assert_true(agree(a, a));
	assert_true(confirm_agree(NULL, SPACE_HOLDING, FIRST, N, a, a));
}

static void settings_are_equal(void **state)
{
	(void)state;
	assert_true(agree_at(SETTING, 1000, 1000));
	assert_false(agree_at(SETTING, 1000, 1001));
}

static void measured_within_a_share(void **state)
{
	(void)state;
	assert_true(agree_at(MEASURED, 1000, 1052));
	assert_false(agree_at(MEASURED, 1000, 1053));
	assert_true(agree_at(ENERGY + 1, 10000, 10526));
	assert_false(agree_at(ENERGY + 1, 10000, 10527));
	assert_false(agree_at(ENERGY, 1, 2));
	assert_true(agree_at(SIGNED, (uint16_t)-1000, (uint16_t)-1052));
	assert_false(agree_at(SIGNED, (uint16_t)-1000, (uint16_t)-1053));
	assert_true(agree_at(SIGNED, 1000, 1052));	/* below zero: its scale is -1 */
	assert_false(agree_at(SIGNED, 1000, 1053));
	assert_false(agree_at(SIGNED, (uint16_t)-1000, 1000));
}

static void measured_within_three_digits(void **state)
{
	(void)state;
	assert_true(agree_at(MEASURED, 0, 3));
	assert_false(agree_at(MEASURED, 0, 4));
	assert_true(agree_at(MEASURED, 10, 13));
	assert_false(agree_at(MEASURED, 10, 14));
	/* 2.2 and 1.9 are a little more than 0.3 apart, as numbers are kept */
	assert_true(agree_at(MEASURED, 19, 22));
	/* of a scale that turns the sign, too, and across zero */
	assert_true(agree_at(SIGNED, (uint16_t)-1, 2));
	assert_false(agree_at(SIGNED, (uint16_t)-2, 2));
}

/* Clocks apart by S, the first at a time whose seconds are no binary ones when BCD. */
static bool clocks(enum clock_coding coding, int s)
{
	uint16_t a[N] = { 0 }, b[N] = { 0 };
	int64_t at;

	assert_int_equal(codec_clock_seconds("2026-07-15 12:58:50", &at), 0);
	assert_int_equal(codec_clock_encode(&the_clock, coding, at, a + CLOCK), 0);
	assert_int_equal(codec_clock_encode(&the_clock, coding, at + s, b + CLOCK), 0);
	return agree(a, b);
}

static void clocks_within_two_minutes(void **state)
{
	(void)state;
	for (enum clock_coding c = CLOCK_BINARY; c <= CLOCK_BCD; c++) {
		assert_true(clocks(c, 120));
		assert_true(clocks(c, -120));
		assert_false(clocks(c, 121));
		assert_false(clocks(c, -121));
		assert_false(clocks(c, 86400));
	}
	/* what is no date agrees with itself only */
	assert_false(agree_at(CLOCK, 0xFFFF, 0xFFFE));
}

static void the_rest_is_equal(void **state)
{
	(void)state;
	/* no point names it */
	assert_false(agree_at(UNNAMED, 1000, 1001));
	/* bits, and text, are no numbers */
	assert_false(agree_at(WORD, 0x8000, 0x8001));
	assert_false(agree_at(TEXT, 0x4141, 0x4142));
	/* nor is anything without a profile, or in another space */
	assert_false(confirm_agree(NULL, SPACE_HOLDING, FIRST + MEASURED, 1,
				   (const uint16_t[]){ 1000 }, (const uint16_t[]){ 1001 }));
	assert_false(confirm_agree(&profile, SPACE_INPUT, FIRST + MEASURED, 1,
				   (const uint16_t[]){ 1000 }, (const uint16_t[]){ 1001 }));
	assert_true(confirm_agree(&profile, SPACE_HOLDING, FIRST + MEASURED, 1,
				  (const uint16_t[]){ 1000 }, (const uint16_t[]){ 1001 }));
}

/* Half a point is no value: its first half, and its second. */
static void half_a_point_is_equal(void **state)
{
	static const uint16_t a = 1000, b = 1001;

	(void)state;
	assert_false(confirm_agree(&profile, SPACE_HOLDING, FIRST + ENERGY, 1, &a, &b));
	assert_false(confirm_agree(&profile, SPACE_HOLDING, FIRST + ENERGY + 1, 1, &a, &b));
	assert_true(confirm_agree(&profile, SPACE_HOLDING, FIRST + ENERGY, 1, &a, &a));
}

/* ---- the next longer read -------------------------------------------------------- */

static struct read_plan read_plan;

static int know(void **state)
{
	(void)state;
	read_plan_know(&read_plan, &profile);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	read_plan_release(&read_plan);
	return 0;
}

/* The read that is longer than that of the N_REGS from register AT; false: there is none. */
static bool longer(unsigned at, uint16_t n_regs, unsigned *from, unsigned *count)
{
	struct request f = { 0 };

	if (!confirm_longer(&read_plan, SPACE_HOLDING, (uint16_t)(FIRST + at), n_regs, &f))
		return false;
	*from = f.addr - (unsigned)FIRST;
	*count = f.count;
	return true;
}

static void longer_by_the_least(void **state)
{
	static const struct { unsigned at, n, from, count; } rows[] = {
		{ SETTING, 1, SETTING, 2 },		/* nothing before it */
		{ SIGNED, 1, MEASURED, 2 },		/* one before, three behind */
		{ ENERGY, 2, CLOCK, 5 },		/* nobody's behind */
		{ CLOCK, 3, SIGNED, 4 },		/* one before, two behind */
		{ MEASURED, 2, SETTING, 3 },
		{ SETTING, 3, SETTING, 6 },		/* no part of a clock */
		{ SETTING, 6, SETTING, 8 },
	};
	unsigned from, count;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!longer(rows[i].at, (uint16_t)rows[i].n, &from, &count)
		    || from != rows[i].from || count != rows[i].count)
			fail_msg("row %zu: %u registers from %u", i, count, from);
}

static void nothing_longer(void **state)
{
	struct profile few = profile;
	unsigned from, count;

	(void)state;
	/* all that may be read together, and a word beside a secret */
	assert_false(longer(SETTING, 8, &from, &count));
	assert_false(longer(WORD, 1, &from, &count));
	/* a meter that gives no more at once */
	read_plan_learn_most(&read_plan, SPACE_HOLDING, 4);
	assert_true(longer(CLOCK, 3, &from, &count));
	read_plan_learn_most(&read_plan, SPACE_HOLDING, 3);
	assert_false(longer(CLOCK, 3, &from, &count));
	/* one that is not read across an edge */
	read_plan_learn_most(&read_plan, SPACE_HOLDING, 0);
	read_plan_cut(&read_plan, SPACE_HOLDING, FIRST + CLOCK);
	assert_true(longer(CLOCK, 3, &from, &count));
	assert_int_equal(from, CLOCK);
	assert_int_equal(count, 5);
	/* a profile that knows of a limit */
	few.read_most = 3;
	read_plan_know(&read_plan, &few);
	assert_false(longer(CLOCK, 3, &from, &count));
}

#define ROUTED(f) cmocka_unit_test_setup_teardown(f, know, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_ones_agree), cmocka_unit_test(settings_are_equal),
		cmocka_unit_test(measured_within_a_share), cmocka_unit_test(measured_within_three_digits),
		cmocka_unit_test(clocks_within_two_minutes), cmocka_unit_test(the_rest_is_equal),
		cmocka_unit_test(half_a_point_is_equal),
		ROUTED(longer_by_the_least), ROUTED(nothing_longer),
	};

	return UNIT_RUN(tests);
}
