/* Text and values as they reach the cells. */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ui/draw/draw.h"

static struct ui ui = { .mono = true, .line = LINE_LIVE };
static WINDOW *w;

static int start(void **state)
{
	FILE *null = fopen("/dev/null", "r+");

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TERM", "xterm-256color", 1);
	if (!null || !newterm(NULL, null, null))
		return -1;
	w = newwin(4, 40, 0, 0);
	ui.profile = profile_builtin_named("adw300");
	if (!w || !ui.profile)
		return -1;
	ui.readings = calloc(ui.profile->npoints, sizeof(*ui.readings));
	return ui.readings ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	free(ui.readings);
	delwin(w);
	endwin();
	return 0;
}

static const char *row(int y, int width)
{
	static char text[4000];
	wchar_t wide[100];

	mvwinnwstr(w, y, 0, wide, width);
	snprintf(text, sizeof(text), "%ls", wide);
	werase(w);
	return text;
}

static struct reading *put(const char *key, double v)
{
	int idx = profile_find(ui.profile, key);
	struct reading *r = &ui.readings[idx];

	assert_true(idx >= 0);
	*r = (struct reading){ .quality = QUALITY_OK, .value = { .kind = VALUE_NUMBER, .num = v } };
	return r;
}

static void test_clip(void **state)
{
	(void)state;
	ui_text(&ui, w, 0, 0, 10, ROLE_NORMAL, "0123456789");
	assert_string_equal(row(0, 12), "0123456789  ");
	ui_text(&ui, w, 0, 0, 9, ROLE_NORMAL, "0123456789");
	assert_string_equal(row(0, 12), "01234567…   ");
	ui_right(&ui, w, 0, 2, 6, ROLE_NORMAL, "%d °C", 31);
	assert_string_equal(row(0, 10), "   31 °C  ");
	ui_text(&ui, w, 0, 36, 20, ROLE_NORMAL, "over the edge");
	assert_string_equal(row(0, 40) + 36, "ove…");
	assert_string_equal(row(1, 4), "    ");
	ui_text(&ui, w, 9, 0, 5, ROLE_NORMAL, "outside");
	ui_text(&ui, w, 0, 0, 0, ROLE_NORMAL, "nothing");
	assert_string_equal(row(0, 4), "    ");
}

/* What a meter or a broker says moves no cursor and takes no more cells than
 * it shows. */
static void test_hostile(void **state)
{
	(void)state;
	ui_text(&ui, w, 0, 0, 20, ROLE_NORMAL, "%s", "a\033[2Jb\nc\t\xE2\x80\xAE" "d\xFF");
	assert_string_equal(row(0, 12), "a?[2Jb?c??d?");
	ui_text(&ui, w, 0, 0, 5, ROLE_NORMAL, "%s", "電力量計測");
	assert_string_equal(row(0, 4), "電力… ");
}

static void test_ascii(void **state)
{
	(void)state;
	ui.ascii = true;
	ui_text(&ui, w, 0, 0, 30, ROLE_NORMAL, "▼ 31 °C … é ─ ●");
	assert_string_equal(row(0, 20), "v 31 degC ~ ? - *   ");
	ui_text(&ui, w, 0, 0, 5, ROLE_NORMAL, "0123456789");
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
	struct reading *r = put("voltage.a", 230.04);

	(void)state;
	ui_value(&ui, w, 0, 0, 8, "voltage.a");
	assert_int_equal(mvwinch(w, 0, 7) & A_ATTRIBUTES, 0);
	assert_string_equal(row(0, 9), "   230.0 ");
	r->quality = QUALITY_STALE;
	ui_value(&ui, w, 0, 0, 8, "voltage.a");
	assert_true(mvwinch(w, 0, 7) & A_DIM);
	assert_string_equal(row(0, 9), "   230.0 ");
	r->quality = QUALITY_OK;
	ui.now_us = 11 * 1000000;
	ui_value(&ui, w, 0, 0, 8, "voltage.a");
	assert_true(mvwinch(w, 0, 7) & A_DIM);
	assert_string_equal(row(0, 9), "   230.0 ");
	ui.now_us = 0;
	r->quality = QUALITY_FAILED;
	ui_value(&ui, w, 0, 0, 8, "voltage.a");
	assert_string_equal(row(0, 9), "     err ");
	r->quality = QUALITY_NEVER;
	ui_value(&ui, w, 0, 0, 8, "voltage.a");
	assert_string_equal(row(0, 9), "      -- ");
	ui_value(&ui, w, 0, 0, 8, "no.such.key");
	assert_string_equal(row(0, 9), "         ");
}

/* No number of the meter's side under a primary heading, ever. */
static void test_primary(void **state)
{
	(void)state;
	put("current.a", 3.56);
	put("voltage.a", 230.0);
	put("frequency", 50.01);
	put("ratio.pt", 0)->quality = QUALITY_NEVER;
	put("ratio.ct", 0)->quality = QUALITY_NEVER;
	ui.primary = true;
	ui_value(&ui, w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "      -- ");
	put("ratio.ct", 40);
	ui_value(&ui, w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "   142.4 ");
	ui_value(&ui, w, 0, 0, 8, "voltage.a");
	assert_string_equal(row(0, 9), "      -- ");
	put("ratio.ct", 40)->quality = QUALITY_STALE;
	ui_value(&ui, w, 0, 0, 8, "current.a");
	assert_string_equal(row(0, 9), "   142.4 ");
	ui_value(&ui, w, 0, 0, 8, "frequency");
	assert_string_equal(row(0, 9), "   50.01 ");
	ui.primary = false;
	ui_value(&ui, w, 0, 0, 8, "current.a");
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
