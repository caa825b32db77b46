/* Text and values as they reach the cells. */
#include "screen_bench.h"
#include "ui/draw/draw.h"

static struct ui ui;

static int start(void **state)
{
	(void)state;
	if (bench_curses(4, 40) || bench_meter(&ui, "adw300"))
		return -1;
	ui.now_us = 0;
	return 0;
}

static int stop(void **state)
{
	bench_meter_free(&ui);
	return bench_stop(state);
}

/* WIDTH cells of row Y, which are blank then. */
static const char *row(int y, int width)
{
	const char *text = bench_cells(y, 0, width);

	werase(bench.w);
	return text;
}

static void test_clip(void **state)
{
	(void)state;
	ui_text(&ui, bench.w, 0, 0, 10, ROLE_NORMAL, "0123456789");
	assert_string_equal(row(0, 12), "0123456789  ");
	ui_text(&ui, bench.w, 0, 0, 9, ROLE_NORMAL, "0123456789");
	assert_string_equal(row(0, 12), "01234567…   ");
	ui_right(&ui, bench.w, 0, 2, 6, ROLE_NORMAL, "%d °C", 31);
	assert_string_equal(row(0, 10), "   31 °C  ");
	ui_text(&ui, bench.w, 0, 36, 20, ROLE_NORMAL, "over the edge");
	assert_string_equal(row(0, 40) + 36, "ove…");
	assert_string_equal(row(1, 4), "    ");
	ui_text(&ui, bench.w, 9, 0, 5, ROLE_NORMAL, "outside");
	ui_text(&ui, bench.w, 0, 0, 0, ROLE_NORMAL, "nothing");
	assert_string_equal(row(0, 4), "    ");
}

/* What a meter or a broker says moves no cursor and takes no more cells than
 * it shows. */
static void test_hostile(void **state)
{
	(void)state;
	ui_text(&ui, bench.w, 0, 0, 20, ROLE_NORMAL, "%s", "a\033[2Jb\nc\t\xE2\x80\xAE" "d\xFF");
	assert_string_equal(row(0, 12), "a?[2Jb?c??d?");
	ui_text(&ui, bench.w, 0, 0, 5, ROLE_NORMAL, "%s", "電力量計測");
	assert_string_equal(row(0, 4), "電力… ");
}

static void test_ascii(void **state)
{
	(void)state;
	ui.ascii = true;
	ui_text(&ui, bench.w, 0, 0, 30, ROLE_NORMAL, "▼ 31 °C … é ─ ●");
	assert_string_equal(row(0, 20), "v 31 degC ~ ? - *   ");
	ui_text(&ui, bench.w, 0, 0, 5, ROLE_NORMAL, "0123456789");
	assert_string_equal(row(0, 6), "0123~ ");
	ui.ascii = false;
}

static void test_numbers(void **state)
{
	char b[32];

	(void)state;
	assert_string_equal(draw_number(230.04, 1, 9, b, sizeof(b)), "230.0");
	assert_string_equal(draw_number(-0.0001, 3, 9, b, sizeof(b)), "0.000");
	assert_string_equal(draw_number(-0.0006, 3, 9, b, sizeof(b)), "-0.001");
	assert_string_equal(draw_number(123456.789, 3, 9, b, sizeof(b)), "123456.79");
	assert_string_equal(draw_number(123456789.9, 2, 9, b, sizeof(b)), "123456790");
	assert_int_equal(strlen(draw_number(1234567890123.0, 2, 9, b, sizeof(b))), 8);
}

static void test_quality(void **state)
{
	struct reading *r = bench_reads(&ui, "voltage.a", 230.04);

	(void)state;
	ui_value(&ui, bench.w, 0, 0, 8, "voltage.a");
	assert_int_equal(mvwinch(bench.w, 0, 7) & A_ATTRIBUTES, 0);
	assert_string_equal(row(0, 9), "   230.0 ");
	r->quality = QUALITY_STALE;
	ui_value(&ui, bench.w, 0, 0, 8, "voltage.a");
	assert_true(mvwinch(bench.w, 0, 7) & A_DIM);
	assert_string_equal(row(0, 9), "   230.0 ");
	r->quality = QUALITY_OK;
	ui.now_us = 11 * 1000000;
	ui_value(&ui, bench.w, 0, 0, 8, "voltage.a");
	assert_true(mvwinch(bench.w, 0, 7) & A_DIM);
	assert_string_equal(row(0, 9), "   230.0 ");
	ui.now_us = 0;
	r->quality = QUALITY_FAILED;
	ui_value(&ui, bench.w, 0, 0, 8, "voltage.a");
	assert_string_equal(row(0, 9), "     err ");
	r->quality = QUALITY_NEVER;
	ui_value(&ui, bench.w, 0, 0, 8, "voltage.a");
	assert_string_equal(row(0, 9), "      -- ");
	ui_value(&ui, bench.w, 0, 0, 8, "no.such.key");
	assert_string_equal(row(0, 9), "         ");
}

/* No number of the meter's side under a primary heading, ever. */
static void test_primary(void **state)
{
	(void)state;
	bench_reads(&ui, "current.a", 3.56);
	bench_reads(&ui, "voltage.a", 230.0);
	bench_reads(&ui, "frequency", 50.01);
	bench_reads(&ui, "ratio.pt", 0)->quality = QUALITY_NEVER;
	bench_reads(&ui, "ratio.ct", 0)->quality = QUALITY_NEVER;
	ui.primary = true;
	ui_value(&ui, bench.w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "      -- ");
	bench_reads(&ui, "ratio.ct", 40);
	ui_value(&ui, bench.w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "   142.4 ");
	ui_value(&ui, bench.w, 0, 0, 8, "voltage.a");
	assert_string_equal(row(0, 9), "      -- ");
	bench_reads(&ui, "ratio.ct", 40)->quality = QUALITY_STALE;
	ui_value(&ui, bench.w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "   142.4 ");
	ui_value(&ui, bench.w, 0, 0, 8, "frequency");
	assert_string_equal(row(0, 9), "   50.01 ");
	ui.primary = false;
	ui_value(&ui, bench.w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "    3.56 ");
}

static void test_wrap(void **state)
{
	const char *row_at[3];
	int len[3];

	(void)state;
	assert_int_equal(draw_wrap("one two three four", 8, row_at, len, 3), 3);
	assert_int_equal(len[0], 7);
	assert_memory_equal(row_at[1], "three", 5);
	assert_string_equal(row_at[2], "four");
	assert_int_equal(draw_wrap("", 8, row_at, len, 3), 0);
	assert_int_equal(draw_wrap("unbreakable", 4, row_at, len, 3), 3);
	assert_int_equal(len[0], 4);
	assert_int_equal(draw_wrap("one two three four", 8, row_at, len, 1), 1);
	assert_int_equal(len[0], 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clip),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_primary),
		cmocka_unit_test(test_wrap),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
