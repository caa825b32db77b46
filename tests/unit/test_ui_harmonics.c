/*
 * The Harmonics screen: heights, the value under the cursor, the limits.
 */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/stage.h"

static SCREEN *screen;
static FILE *nowhere;
static WINDOW *body;
static struct ui_loop loop;
static struct ui ui;
static void *view;

static int start_with(const char *profile)
{
	ui = (struct ui){ .line = LINE_LIVE, .cols = 80, .rows = 24, .mono = true,
			  .now_us = 1000000000, .loop = &loop };
	ui.profile = profile_builtin_named(profile);
	if (!ui.profile)
		return -1;
	ui.readings = calloc(ui.profile->npoints, sizeof(*ui.readings));
	view = screen_harmonics.open(&ui);
	return ui.readings && view ? 0 : -1;
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
	screen_harmonics.close(view);
	free(ui.readings);
	return 0;
}

static void arrives(const char *key, double v)
{
	int idx = profile_find(ui.profile, key);

	assert_true(idx >= 0);
	ui.readings[idx].quality = QUALITY_OK;
	ui.readings[idx].value.kind = VALUE_NUMBER;
	ui.readings[idx].value.num = v;
	ui.readings[idx].mono_us = ui.now_us;
}

/* All orders of all phases at V. */
static void all(const char *kind, double v)
{
	char key[64];

	for (int p = 0; p < 3; p++)
		for (int o = 2; o <= 31; o++) {
			snprintf(key, sizeof(key), "harmonic.%s.%c.%d", kind, 'a' + p, o);
			arrives(key, v);
		}
}

static const char *row(int y)
{
	static char buf[512];
	wchar_t wide[81];
	size_t n;

	mvwinnwstr(body, y, 0, wide, 80);
	n = wcstombs(buf, wide, sizeof(buf));
	assert_true(n != (size_t)-1);
	while (n > 0 && buf[n - 1] == ' ')
		buf[--n] = '\0';
	return buf;
}

static void draw(void)
{
	werase(body);
	screen_harmonics.draw(&ui, view, body);
}

static void key(int k)
{
	assert_true(screen_harmonics.key_press(&ui, view, k));
}

static size_t wanted(void)
{
	struct selection sel = { 0 };

	screen_harmonics.points(&ui, view, &sel);
	free(sel.idx);
	return sel.n;
}

static void only_what_is_shown_is_wanted(void **state)
{
	(void)state;
	assert_int_equal(wanted(), 3 * 30 + 3);
	key('t');
	assert_int_equal(wanted(), 6 * 30 + 6);
	key('t');
	ui.cols = 160;
	assert_int_equal(wanted(), 6 * 30 + 6);
	/* not in the background: there is no update slot */
	assert_null((void *)screen_harmonics.update);
}

static void never_read_is_no_zero(void **state)
{
	(void)state;
	draw();
	assert_non_null(strstr(row(17), "A     -- %    B     -- %    C     -- %"));
	assert_non_null(strstr(row(4), "· · · · ·"));
}

static void bars_have_their_height(void **state)
{
	(void)state;
	all("voltage", 0);
	arrives("harmonic.voltage.a.7", 8);	/* the whole scale */
	arrives("harmonic.voltage.b.7", 4);
	arrives("harmonic.voltage.c.7", 0.25);	/* an eighth of a row */
	arrives("harmonic.voltage.c.9", 0.05);	/* rounds to nothing */
	draw();
	/* the cursor's guide at the 5th, the bar of the 7th four cells on */
	assert_string_equal(row(1), " A   8 ┤       ┊   █                                                 THD     --");
	for (int y = 2; y <= 4; y++)
		assert_non_null(strstr(row(y), "┊   █"));
	assert_null(strstr(row(7), "█"));
	assert_non_null(strstr(row(8), "┊   █"));
	assert_non_null(strstr(row(9), "┊   █"));
	assert_string_equal(row(14), "       │       ┊   ▁");
}

static void largest_are_named(void **state)
{
	(void)state;
	all("voltage", 0.1);
	arrives("thd.voltage.a", 5.5);
	arrives("harmonic.voltage.a.11", 1.25);
	arrives("harmonic.voltage.a.5", 4.5);
	arrives("harmonic.voltage.a.3", 2.5);
	draw();
	assert_non_null(strstr(row(1), "THD   5.50"));
	assert_non_null(strstr(row(2), "5th   4.50"));
	assert_non_null(strstr(row(3), "3rd   2.50"));
	assert_non_null(strstr(row(4), "11th  1.25"));
}

static void cursor_reads_exactly(void **state)
{
	(void)state;
	all("voltage", 0);
	arrives("harmonic.voltage.a.6", 0.12);
	arrives("harmonic.voltage.b.6", 0.34);
	key(KEY_RIGHT);
	draw();
	assert_string_equal(row(17), " 6th      A   0.12 %    B   0.34 %    C   0.00 %    EN 50160 limit 0.5 %");
	key(KEY_HOME);
	key(KEY_LEFT);
	draw();
	assert_non_null(strstr(row(17), " 2nd "));
	key(KEY_END);
	key(KEY_RIGHT);
	draw();
	assert_non_null(strstr(row(17), " 31st "));
	assert_null(strstr(row(17), "limit"));
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
		arrives(name, table[i].limit);
		draw();
		assert_string_equal(row(18), "");
		arrives(name, table[i].limit + 0.01);
		draw();
		snprintf(want, sizeof(want), "phase B: %.2f %% now", table[i].limit + 0.01);
		assert_non_null(strstr(row(18), want));
	}
	/* none above the 25th, and none for the current */
	all("voltage", 0);
	arrives("harmonic.voltage.a.26", 50);
	all("current", 60);
	draw();
	assert_string_equal(row(18), "");
	key('v');
	draw();
	assert_string_equal(row(18), "");
	assert_null(strstr(row(17), "!"));
}

static void scale_follows_without_jumping(void **state)
{
	(void)state;
	all("current", 0);
	key('v');
	arrives("harmonic.current.a.5", 41);
	draw();
	assert_non_null(strstr(row(1), " A  60 ┤"));
	arrives("harmonic.current.a.5", 39);
	draw();
	assert_non_null(strstr(row(1), " A  60 ┤"));
	arrives("harmonic.current.a.5", 30);
	draw();
	assert_non_null(strstr(row(1), " A  40 ┤"));
	key('-');
	arrives("harmonic.current.a.5", 5);
	draw();
	assert_non_null(strstr(row(1), " A  60 ┤"));
	assert_non_null(strstr(row(0), "scale: fixed"));
	key('f');
	draw();
	assert_non_null(strstr(row(1), " A   6 ┤"));
}

static void higher_than_the_scale_is_said(void **state)
{
	(void)state;
	all("voltage", 0);
	key('+');
	arrives("harmonic.voltage.a.3", 90);
	draw();
	assert_non_null(strstr(row(1), "▲"));
}

static void table_has_all(void **state)
{
	(void)state;
	all("voltage", 0.1);
	all("current", 0.2);
	arrives("harmonic.voltage.c.16", 11.25);
	arrives("harmonic.current.c.31", 100);
	key('t');
	draw();
	assert_string_equal(row(17), " 16  0.10  0.10!11.25   0.20  0.20  0.20 31  0.10  0.10  0.10   0.20  0.20 100.0");
	assert_non_null(strstr(row(3), "  2  0.10"));
}

static void a_meter_without(void **state)
{
	(void)state;
	assert_int_equal(wanted(), 0);
	draw();
	assert_string_equal(row(1), "  this meter model has no harmonic points");
}

static void any_size_can_be_drawn(void **state)
{
	WINDOW *full = body;

	(void)state;
	all("voltage", 3);
	all("current", 3);
	for (int cols = 1; cols < 260; cols += 7)
		for (int rows = 1; rows < 50; rows += 3) {
			ui.cols = cols;
			body = newpad(rows, cols);
			draw();
			key('t');
			draw();
			key('t');
			delwin(body);
		}
	body = full;
}

static int group_setup(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	nowhere = fopen("/dev/null", "r+");
	screen = nowhere ? newterm("xterm-256color", nowhere, nowhere) : NULL;
	body = screen ? newpad(19, 80) : NULL;
	return body ? 0 : -1;
}

static int group_teardown(void **state)
{
	(void)state;
	delwin(body);
	endwin();
	delscreen(screen);
	fclose(nowhere);
	return 0;
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

	return UNIT_RUN_WITH(tests, group_setup, group_teardown);
}
