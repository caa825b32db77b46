/*
 * Bars, sparklines and the dot canvas, drawn into a bench.w and read back.
 */
#include <math.h>

#include "screen_bench.h"
#include "ui/draw/canvas.h"
#include "ui/draw/chart.h"

static int setup(void **state)
{
	(void)state;
	if (bench_curses(8, 20))
		return -1;
	start_color();
	init_pair(1, COLOR_RED, COLOR_BLACK);
	init_pair(2, COLOR_BLUE, COLOR_BLACK);
	return 0;
}

static int wipe(void **state)
{
	(void)state;
	werase(bench.w);
	return 0;
}

/* Number of the colour pair at row 0, column X. */
static int pair_at(int x)
{
	cchar_t c;
	wchar_t text[CCHARW_MAX + 1];
	attr_t attr;
	short pair = -1;

	mvwin_wch(bench.w, 0, x, &c);
	getcchar(&c, text, &attr, &pair, NULL);
	return pair;
}

static void bars_of_no_number(void **state)
{
	(void)state;
	chart_vbar(bench.w, 0, 0, 1, NAN, false);
	chart_vbar(bench.w, 1, 0, 2, -3, false);
	assert_string_equal(bench_row(0), "");
	assert_string_equal(bench_row(1), "");
}

static void vbar_grows_up(void **state)
{
	(void)state;
	chart_vbar(bench.w, 2, 0, 3, 0.5, false);
	chart_vbar(bench.w, 2, 1, 3, 1.0, false);
	chart_vbar(bench.w, 2, 2, 3, 0.001, false);
	chart_vbar(bench.w, 2, 3, 3, 0.5, true);
	assert_string_equal(bench_row(0), " █");
	assert_string_equal(bench_row(1), "▄█ :");
	assert_string_equal(bench_row(2), "██▁#");
}

static void spark_newest_on_the_right(void **state)
{
	static const double v[] = { 5, 0, 1, NAN, 7, 9 };

	(void)state;
	chart_spark(bench.w, 0, 0, 8, v, 6, 0, 7, false);
	chart_spark(bench.w, 1, 0, 3, v, 6, 0, 7, false);
	chart_spark(bench.w, 2, 0, 6, v, 6, 0, 9, true);
	assert_string_equal(bench_row(0), "  ▆▁▂ ██");
	assert_string_equal(bench_row(1), " ██");
	assert_string_equal(bench_row(2), "-__ -'");
}

static void spark_flat_in_the_middle(void **state)
{
	static const double v[] = { 3, 3, 3 };

	(void)state;
	chart_spark(bench.w, 0, 0, 3, v, 3, 3, 3, false);
	assert_string_equal(bench_row(0), "▅▅▅");
}

static void signal_steps(void **state)
{
	(void)state;
	chart_signal(bench.w, 0, 0, 4, false);
	chart_signal(bench.w, 1, 0, 2, false);
	chart_signal(bench.w, 2, 0, 3, true);
	assert_string_equal(bench_row(0), "▂▄▆█");
	assert_string_equal(bench_row(1), "▂▄··");
	assert_string_equal(bench_row(2), "|||.");
}

/* Every single dot, against the code chart of Unicode. */
static void canvas_each_dot(void **state)
{
	static const char *const want[2][4] = {
		{ "⠁", "⠂", "⠄", "⡀" }, { "⠈", "⠐", "⠠", "⢀" },
	};
	struct canvas *c = canvas_new(1, 1, false);

	(void)state;
	assert_non_null(c);
	assert_int_equal(canvas_width(c), 2);
	assert_int_equal(canvas_height(c), 4);
	for (int x = 0; x < 2; x++)
		for (int y = 0; y < 4; y++) {
			canvas_free(c);
			c = canvas_new(1, 1, false);
			canvas_dot(c, x, y, 0);
			canvas_draw(c, bench.w, 0, 0, NULL, 0);
			assert_string_equal(bench_row(0), want[x][y]);
		}
	canvas_dot(c, -1, 0, 0);
	canvas_dot(c, 2, 0, 0);
	canvas_dot(c, 0, 4, 0);
	canvas_draw(c, bench.w, 0, 0, NULL, 0);
	assert_string_equal(bench_row(0), "⢀");
	canvas_free(c);
}

static void canvas_lines(void **state)
{
	struct canvas *c = canvas_new(4, 2, false);

	(void)state;
	assert_non_null(c);
	canvas_line(c, 0, 7, 7, 0, 0);
	canvas_draw(c, bench.w, 0, 0, NULL, 0);
	assert_string_equal(bench_row(0), "  ⡠⠊");
	assert_string_equal(bench_row(1), "⡠⠊");
	canvas_free(c);
	c = canvas_new(4, 2, false);
	canvas_line(c, 7, 3, 0, 3, 0);
	canvas_line(c, 0, 7, 0, 0, 0);
	werase(bench.w);
	canvas_draw(c, bench.w, 0, 0, NULL, 0);
	assert_string_equal(bench_row(0), "⣇⣀⣀⣀");
	assert_string_equal(bench_row(1), "⡇");
	canvas_free(c);
}

static void canvas_ascii_twin(void **state)
{
	struct canvas *c = canvas_new(4, 2, true);

	(void)state;
	assert_non_null(c);
	assert_int_equal(canvas_width(c), 4);
	assert_int_equal(canvas_height(c), 4);
	canvas_line(c, 0, 3, 3, 0, 0);
	canvas_dot(c, 3, 1, 0);
	canvas_draw(c, bench.w, 0, 0, NULL, 0);
	assert_string_equal(bench_row(0), "  .:");
	assert_string_equal(bench_row(1), ".'");
	canvas_free(c);
}

/* What stands under empty cells stays; the highest layer gives the colour. */
static void canvas_layers(void **state)
{
	const attr_t attrs[] = { (attr_t)COLOR_PAIR(1), (attr_t)COLOR_PAIR(2) };
	struct canvas *c = canvas_new(3, 1, false);

	(void)state;
	assert_non_null(c);
	mvwaddstr(bench.w, 0, 0, "---");
	canvas_dot(c, 0, 0, 0);
	canvas_dot(c, 2, 0, 1);
	canvas_dot(c, 3, 0, 0);
	canvas_draw(c, bench.w, 0, 0, attrs, 2);
	assert_string_equal(bench_row(0), "⠁⠉-");
	assert_int_equal(pair_at(0), 1);
	assert_int_equal(pair_at(1), 2);
	assert_int_equal(pair_at(2), 0);
	canvas_free(c);
}

static void canvas_broken_lines(void **state)
{
	struct canvas *c = canvas_new(5, 1, false);

	(void)state;
	assert_non_null(c);
	canvas_dashes(c, 0, 0, 9, 0, 2, 2, 0);
	canvas_dashes(c, 9, 3, 0, 3, 1, 1, 0);
	canvas_draw(c, bench.w, 0, 0, NULL, 0);
	assert_string_equal(bench_row(0), "⢉⢀⢉⢀⢉");
	canvas_free(c);
}

/* In ASCII a layer can have a letter; the highest in a cell shows. */
static void canvas_letters(void **state)
{
	struct canvas *c = canvas_new(4, 1, true);

	(void)state;
	assert_non_null(c);
	canvas_letter(c, 1, 'b');
	canvas_letter(c, CANVAS_LAYERS, 'x');
	canvas_line(c, 0, 0, 3, 0, 0);
	canvas_line(c, 1, 1, 2, 1, 1);
	canvas_dot(c, 0, 1, CANVAS_LAYERS);
	canvas_draw(c, bench.w, 0, 0, NULL, 0);
	assert_string_equal(bench_row(0), "'bb'");
	canvas_free(c);
}

static void canvas_of_no_size(void **state)
{
	(void)state;
	assert_null(canvas_new(0, 4, false));
	canvas_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(bars_of_no_number, wipe),
		cmocka_unit_test_setup(vbar_grows_up, wipe),
		cmocka_unit_test_setup(spark_newest_on_the_right, wipe),
		cmocka_unit_test_setup(spark_flat_in_the_middle, wipe),
		cmocka_unit_test_setup(signal_steps, wipe),
		cmocka_unit_test_setup(canvas_each_dot, wipe),
		cmocka_unit_test_setup(canvas_lines, wipe),
		cmocka_unit_test_setup(canvas_ascii_twin, wipe),
		cmocka_unit_test_setup(canvas_layers, wipe),
		cmocka_unit_test_setup(canvas_broken_lines, wipe),
		cmocka_unit_test_setup(canvas_letters, wipe),
		cmocka_unit_test_setup(canvas_of_no_size, wipe),
	};

	return UNIT_RUN_WITH(tests, setup, bench_stop);
}
