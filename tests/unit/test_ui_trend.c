/*
 * The Trend screen: how often it samples, what it does with silence, and that
 * a held picture stays.
 */
#include <math.h>

#include "screen_bench.h"
#include "ui/screens/trend.h"

#define MINUTE 60

static struct ui ui;
static struct trend *trend;

static int start(void **state)
{
	(void)state;
	if (bench_meter(&ui, "adw300"))
		return -1;
	trend = bench_open(&ui, &screen_trend);
	return trend ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	bench_close();
	bench_meter_free(&ui);
	return 0;
}

/* SECONDS with COUNT readings of all default points in each. */
static void feed(int seconds, int count, double v)
{
	for (int i = 0; i < seconds * count; i++) {
		ui.now_us += SECOND_US / count;
		for (int l = 0; l < trend->n; l++)
			bench_reads(&ui, ui.profile->points[trend->line[l].samples->idx].key, v);
		screen_trend.update(&ui, trend);
	}
}

static void keys(const char *text)
{
	for (; *text; text++)
		assert_true(screen_trend.key_press(&ui, trend, *text));
}

static void usual_points_are_wanted(void **state)
{
	struct selection sel = { 0 };

	(void)state;
	screen_trend.points(&ui, trend, &sel);
	assert_int_equal(sel.n, 7);
	assert_int_equal(sel.idx[0], profile_find(ui.profile, "voltage.a"));
	assert_int_equal(sel.idx[6], profile_find(ui.profile, "power.active.total"));
	free(sel.idx);
}

static void one_sample_a_second(void **state)
{
	(void)state;
	feed(10, 5, 230);
	assert_in_range(trend->line[0].samples->n, 10, 11);
	/* the same reading again is no new sample */
	screen_trend.update(&ui, trend);
	ui.now_us += 10 * SECOND_US;
	screen_trend.update(&ui, trend);
	assert_in_range(trend->line[0].samples->n, 10, 11);
}

static void an_hour_is_kept(void **state)
{
	const struct ui_trend *s = trend->line[0].samples;

	(void)state;
	feed(70 * MINUTE, 1, 230);
	assert_int_equal(s->n, UI_TREND);
	assert_int_equal(s->at_us[trend_sample(s, 0)], ui.now_us - (UI_TREND - 1) * SECOND_US);
	assert_int_equal(s->at_us[trend_sample(s, s->n - 1)], ui.now_us);
}

static void silence_is_a_gap(void **state)
{
	const struct ui_trend *s = trend->line[0].samples;

	(void)state;
	feed(60, 1, 230);
	for (int i = 0; i < 60; i++) {
		ui.now_us += SECOND_US;
		ui.readings[bench_point(&ui, "voltage.a")].quality = QUALITY_STALE;
		screen_trend.update(&ui, trend);
	}
	assert_true(isnan(s->value[trend_sample(s, s->n - 1)]));
	assert_int_equal(s->n, 61);
	feed(60, 1, 230);
	bench_draw();
	/* 5 min in 68 cells: one minute is 13.6 of them */
	assert_string_equal(bench_cells(13, 36, 14), "⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉");
	assert_string_equal(bench_cells(13, 50, 13), "  ·   ·   ·  ");
	assert_string_equal(bench_cells(13, 64, 13), "⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉");
}

static void long_pauses_are_gaps_even_unsaid(void **state)
{
	(void)state;
	feed(20, 1, 230);
	assert_false(trend_gap(&trend->line[0], 0, 4 * SECOND_US));
	assert_true(trend_gap(&trend->line[0], 0, 6 * SECOND_US));
	/* a slow line is not silent all the time */
	for (int i = 0; i < 60; i++) {
		ui.now_us += 9 * SECOND_US;
		bench_reads(&ui, "voltage.a", 230);
		screen_trend.update(&ui, trend);
	}
	assert_false(trend_gap(&trend->line[0], 0, 12 * SECOND_US));
}

static void never_read_is_no_zero(void **state)
{
	(void)state;
	screen_trend.update(&ui, trend);
	assert_int_equal(trend->line[0].samples->n, 0);
	bench_draw();
	assert_string_equal(bench_cells(1, 5, 30), "voltage.a                   --");
	assert_string_equal(bench_cells(9, 9, 25), "nothing read in this time");
}

static void last_min_max(void **state)
{
	(void)state;
	feed(10, 1, 231.5);
	feed(1, 1, 228.25);
	feed(10, 1, 230.1);
	bench_draw();
	assert_string_equal(bench_cells(1, 1, 60),
		"▸ A voltage.a                230.1 V        228.2     231.5 ");
	/* what has left the time shown does not count */
	feed(5 * MINUTE, 1, 230.1);
	bench_draw();
	assert_string_equal(bench_cells(1, 41, 20), "    230.1     230.1 ");
}

static void primary_side(void **state)
{
	(void)state;
	feed(10, 1, 2.5);
	ui.primary = true;
	bench_draw();
	/* no ratio read: no number is better than a wrong one */
	assert_string_equal(bench_cells(4, 5, 30), "current.a                   --");
	bench_reads(&ui, "ratio.pt", 1);
	bench_reads(&ui, "ratio.ct", 40);
	bench_draw();
	assert_string_equal(bench_cells(4, 5, 32), "current.a                100.0 A");
	assert_string_equal(bench_cells(0, 9, 10), "primary   ");
}

static void scale_has_round_numbers(void **state)
{
	(void)state;
	feed(30, 1, 228.3);
	feed(30, 1, 231.9);
	bench_draw();
	assert_string_equal(bench_cells(8, 0, 9), "    232 ┤");
	assert_string_equal(bench_cells(17, 0, 9), "    228 ┤");
	keys("z");
	bench_draw();
	assert_string_equal(bench_cells(17, 0, 9), "      0 ┤");
}

static void paused_picture_stays(void **state)
{
	char before[19][512];

	(void)state;
	feed(100, 1, 229);
	keys(" ");
	bench_draw();
	for (int y = 0; y < 19; y++)
		strcpy(before[y], bench_cells(y, 0, 80));
	feed(100, 1, 250);
	bench_draw();
	for (int y = 0; y < 19; y++)
		assert_string_equal(bench_cells(y, 0, 80), before[y]);
	/* and what came meanwhile is there */
	keys(" ");
	bench_draw();
	assert_string_equal(bench_cells(1, 50, 10), "     250.0");
}

static void choosing_points(void **state)
{
	(void)state;
	keys("a");
	keys("thd current b");
	bench_draw();
	assert_string_equal(bench_cells(1, 1, 19), "▸ [ ] thd.current.b");
	keys("\n");
	assert_int_equal(trend->n, 8);
	keys("\n\n\033");
	assert_int_equal(trend->line[7].samples->idx, profile_find(ui.profile, "thd.current.b"));
	/* what has just been put in is in sight, and that there is more above */
	assert_int_equal(trend->cursor, 7);
	bench_draw();
	assert_string_equal(bench_cells(7, 1, 18), "▸ B thd.current.b ");
	assert_string_equal(bench_cells(1, 0, 1), "↑");
	/* digits belong to what is typed, and to the tabs again afterwards */
	keys("a2");
	assert_true(screen_trend.key_press(&ui, trend, 27));
	assert_false(screen_trend.key_press(&ui, trend, '2'));
}

static void twelve_are_the_most(void **state)
{
	(void)state;
	keys("aharmonic.voltage.a");
	for (int i = 0; i < 8; i++) {
		keys("\n");
		screen_trend.key_press(&ui, trend, KEY_DOWN);
	}
	assert_int_equal(trend->n, TREND_MAX);
	assert_non_null(strstr(ui.message, "take one out"));
	keys("\033");
	for (int i = 0; i < TREND_MAX + 1; i++)
		keys("x");
	assert_int_equal(trend->n, 0);
	bench_draw();
	assert_string_equal(bench_cells(2, 2, 25), "no points: a chooses some");
}

static void any_size_can_be_drawn(void **state)
{
	(void)state;
	feed(100, 1, 230);
	bench_sizes(bench_draw);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(usual_points_are_wanted), TEST(one_sample_a_second),
		TEST(an_hour_is_kept), TEST(silence_is_a_gap),
		TEST(long_pauses_are_gaps_even_unsaid), TEST(never_read_is_no_zero),
		TEST(last_min_max), TEST(primary_side), TEST(scale_has_round_numbers),
		TEST(paused_picture_stays), TEST(choosing_points),
		TEST(twelve_are_the_most), TEST(any_size_can_be_drawn),
	};

	return UNIT_RUN_WITH(tests, bench_start, bench_stop);
}
