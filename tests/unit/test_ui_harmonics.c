/*
 * The Harmonics screen: heights, the value under the cursor, the limits.
 */
#include "screen_bench.h"

static struct ui ui;

static int start_with(const char *profile)
{
	return bench_meter(&ui, profile) == 0 && bench_open(&ui, &screen_harmonics) ? 0 : -1;
}

static int start(void **state)
{
	(void)state;
	return start_with("adw300");
}

static int start_without(void **state)
{
	(void)state;
	return start_with("sdm630");
}

static int stop(void **state)
{
	(void)state;
	bench_close();
	bench_meter_free(&ui);
	return 0;
}

/* All orders of all phases at V. */
static void all(const char *kind, double v)
{
	char key[64];

	for (int p = 0; p < 3; p++)
		for (int o = 2; o <= 31; o++) {
			snprintf(key, sizeof(key), "harmonic.%s.%c.%d", kind, 'a' + p, o);
			bench_reads(&ui, key, v);
		}
}

static size_t wanted(void)
{
	struct selection sel = { 0 };

	screen_harmonics.points(&ui, bench.view, &sel);
	free(sel.idx);
	return sel.n;
}

static void only_what_is_shown_is_wanted(void **state)
{
	(void)state;
	assert_int_equal(wanted(), 3 * 30 + 3);
	bench_key('t');
	assert_int_equal(wanted(), 6 * 30 + 6);
	bench_key('t');
	ui.cols = 160;
	assert_int_equal(wanted(), 6 * 30 + 6);
	/* not in the background: there is no update slot */
	assert_null((void *)screen_harmonics.update);
}

static void never_read_is_no_zero(void **state)
{
	(void)state;
	bench_draw();
	assert_non_null(strstr(bench_row(17), "A     -- %    B     -- %    C     -- %"));
	assert_non_null(strstr(bench_row(4), "· · · · ·"));
}

static void bars_have_their_height(void **state)
{
	(void)state;
	all("voltage", 0);
	bench_reads(&ui, "harmonic.voltage.a.7", 8);	/* the whole scale */
	bench_reads(&ui, "harmonic.voltage.b.7", 4);
	bench_reads(&ui, "harmonic.voltage.c.7", 0.25);	/* an eighth of a row */
	bench_reads(&ui, "harmonic.voltage.c.9", 0.05);	/* rounds to nothing */
	bench_draw();
	/* the cursor's guide at the 5th, the bar of the 7th four cells on */
	assert_string_equal(bench_row(1), " A   8 ┤       ┊   █                                                 THD     --");
	for (int y = 2; y <= 4; y++)
		assert_non_null(strstr(bench_row(y), "┊   █"));
	assert_null(strstr(bench_row(7), "█"));
	assert_non_null(strstr(bench_row(8), "┊   █"));
	assert_non_null(strstr(bench_row(9), "┊   █"));
	assert_string_equal(bench_row(14), "       │       ┊   ▁");
}

static void largest_are_named(void **state)
{
	(void)state;
	all("voltage", 0.1);
	bench_reads(&ui, "thd.voltage.a", 5.5);
	bench_reads(&ui, "harmonic.voltage.a.11", 1.25);
	bench_reads(&ui, "harmonic.voltage.a.5", 4.5);
	bench_reads(&ui, "harmonic.voltage.a.3", 2.5);
	bench_draw();
	assert_non_null(strstr(bench_row(1), "THD   5.50"));
	assert_non_null(strstr(bench_row(2), "5th   4.50"));
	assert_non_null(strstr(bench_row(3), "3rd   2.50"));
	assert_non_null(strstr(bench_row(4), "11th  1.25"));
}

static void cursor_reads_exactly(void **state)
{
	(void)state;
	all("voltage", 0);
	bench_reads(&ui, "harmonic.voltage.a.6", 0.12);
	bench_reads(&ui, "harmonic.voltage.b.6", 0.34);
	bench_key(KEY_RIGHT);
	bench_draw();
	assert_string_equal(bench_row(17), " 6th      A   0.12 %    B   0.34 %    C   0.00 %    EN 50160 limit 0.5 %");
	bench_key(KEY_HOME);
	bench_key(KEY_LEFT);
	bench_draw();
	assert_non_null(strstr(bench_row(17), " 2nd "));
	bench_key(KEY_END);
	bench_key(KEY_RIGHT);
	bench_draw();
	assert_non_null(strstr(bench_row(17), " 31st "));
	assert_null(strstr(bench_row(17), "limit"));
}

/* EN 50160:2010, table 1: at the limit is within it. */
static void limits_of_the_voltage(void **state)
{
	static const struct { int order; double limit; } table[] = {
		{ 2, 2.0 }, { 3, 5.0 }, { 4, 1.0 }, { 5, 6.0 }, { 6, 0.5 },
		{ 7, 5.0 }, { 9, 1.5 }, { 11, 3.5 }, { 13, 3.0 }, { 15, 0.5 },
		{ 17, 2.0 }, { 19, 1.5 }, { 21, 0.5 }, { 23, 1.5 }, { 24, 0.5 }, { 25, 1.5 },
	};
	char name[64], want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		all("voltage", 0);
		snprintf(name, sizeof(name), "harmonic.voltage.b.%d", table[i].order);
		bench_reads(&ui, name, table[i].limit);
		bench_draw();
		assert_string_equal(bench_row(18), "");
		bench_reads(&ui, name, table[i].limit + 0.01);
		bench_draw();
		snprintf(want, sizeof(want), "phase B: %.2f %% now", table[i].limit + 0.01);
		assert_non_null(strstr(bench_row(18), want));
	}
	/* none above the 25th, and none for the current */
	all("voltage", 0);
	bench_reads(&ui, "harmonic.voltage.a.26", 50);
	all("current", 60);
	bench_draw();
	assert_string_equal(bench_row(18), "");
	bench_key('v');
	bench_draw();
	assert_string_equal(bench_row(18), "");
	assert_null(strstr(bench_row(17), "!"));
}

static void scale_follows_without_jumping(void **state)
{
	(void)state;
	all("current", 0);
	bench_key('v');
	bench_reads(&ui, "harmonic.current.a.5", 41);
	bench_draw();
	assert_non_null(strstr(bench_row(1), " A  60 ┤"));
	bench_reads(&ui, "harmonic.current.a.5", 39);
	bench_draw();
	assert_non_null(strstr(bench_row(1), " A  60 ┤"));
	bench_reads(&ui, "harmonic.current.a.5", 30);
	bench_draw();
	assert_non_null(strstr(bench_row(1), " A  40 ┤"));
	bench_key('-');
	bench_reads(&ui, "harmonic.current.a.5", 5);
	bench_draw();
	assert_non_null(strstr(bench_row(1), " A  60 ┤"));
	assert_non_null(strstr(bench_row(0), "scale: fixed"));
	bench_key('f');
	bench_draw();
	assert_non_null(strstr(bench_row(1), " A   6 ┤"));
}

static void higher_than_the_scale_is_said(void **state)
{
	(void)state;
	all("voltage", 0);
	bench_key('+');
	bench_reads(&ui, "harmonic.voltage.a.3", 90);
	bench_draw();
	assert_non_null(strstr(bench_row(1), "▲"));
}

static void table_has_all(void **state)
{
	(void)state;
	all("voltage", 0.1);
	all("current", 0.2);
	bench_reads(&ui, "harmonic.voltage.c.16", 11.25);
	bench_reads(&ui, "harmonic.current.c.31", 100);
	bench_key('t');
	bench_draw();
	assert_string_equal(bench_row(17), " 16  0.10  0.10!11.25   0.20  0.20  0.20 31  0.10  0.10  0.10   0.20  0.20 100.0");
	assert_non_null(strstr(bench_row(3), "  2  0.10"));
}

static void a_meter_without(void **state)
{
	(void)state;
	assert_int_equal(wanted(), 0);
	bench_draw();
	assert_string_equal(bench_row(1), "  this model has no harmonics");
}

static void draw_both(void)
{
	bench_draw();
	bench_key('t');
	bench_draw();
	bench_key('t');
}

static void any_size_can_be_drawn(void **state)
{
	(void)state;
	all("voltage", 3);
	all("current", 3);
	bench_sizes(draw_both);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_shown_is_wanted), TEST(never_read_is_no_zero),
		TEST(bars_have_their_height), TEST(largest_are_named),
		TEST(cursor_reads_exactly), TEST(limits_of_the_voltage),
		TEST(scale_follows_without_jumping), TEST(higher_than_the_scale_is_said),
		TEST(table_has_all), TEST(any_size_can_be_drawn),
		cmocka_unit_test_setup_teardown(a_meter_without, start_without, stop),
	};

	return UNIT_RUN_WITH(tests, bench_start, bench_stop);
}
