/*
 * Day tables and seasons as the editor lays them out: what comes from the codec
 * goes back to it, and what is wrong is said.
 */
#include "screen_bench.h"
#include "profile/codec.h"
#include "ui/screens/schedule_edit.h"

#define DAY "00:00 valley, 08:00 flat, 18:00 peak, 22:00 flat"
#define YEAR "01-01 table1, 06-01 table2, 10-01 table1"

static struct schedule day(const char *text)
{
	struct schedule s;

	assert_true(schedule_parse(&s, TYPE_DAYTABLE, text));
	return s;
}

static struct schedule year(const char *text)
{
	struct schedule s;

	assert_true(schedule_parse(&s, TYPE_ZONES, text));
	return s;
}

static void press(struct schedule *s, const char *keys)
{
	for (; *keys; keys++)
		schedule_key(s, (unsigned char)*keys);
}

static void test_there_and_back(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	char text[VALUE_TEXT];
	struct value v;
	struct schedule s = day(DAY);

	(void)state;
	assert_int_equal(s.n, 4);
	assert_string_equal(schedule_format(&s, text, sizeof(text)), DAY);
	assert_int_equal(codec_parse(&p->points[profile_find(p, "tou.table1")], text, &v, NULL), 0);
	assert_true(schedule_parse(&s, TYPE_ZONES, YEAR));
	assert_string_equal(schedule_format(&s, text, sizeof(text)), YEAR);
	assert_int_equal(codec_parse(&p->points[profile_find(p, "tou.zones")], text, &v, NULL), 0);
	assert_true(schedule_parse(&s, TYPE_DAYTABLE, "empty"));
	assert_string_equal(schedule_format(&s, text, sizeof(text)), "empty");
	assert_false(schedule_parse(&s, TYPE_DAYTABLE, "0909 0909"));
	assert_false(schedule_parse(&s, TYPE_DAYTABLE, YEAR));
}

static void test_edit(void **state)
{
	char text[VALUE_TEXT], why[80];
	struct schedule s = day(DAY);

	(void)state;
	schedule_key(&s, KEY_DOWN);
	press(&s, "0730");
	assert_string_equal(schedule_format(&s, text, sizeof(text)),
			    "00:00 valley, 07:30 flat, 18:00 peak, 22:00 flat");
	press(&s, "s");
	assert_int_equal(s.slot[1].what, 0);
	schedule_key(&s, KEY_RIGHT);
	assert_int_equal(s.slot[1].what, 1);
	assert_null(schedule_wrong(&s, why, sizeof(why)));
	/* no such time: it stays as it was */
	press(&s, "2560");
	assert_int_equal(s.slot[1].major, 7);
	press(&s, "a");
	assert_int_equal(s.n, 5);
	assert_int_equal(s.slot[2].major, 8);
	press(&s, "d");
	assert_int_equal(s.n, 4);
	for (int i = 0; i < 20; i++)
		press(&s, "a");
	assert_int_equal(s.n, SCHEDULE_MAX);
	for (int i = 0; i < 20; i++)
		press(&s, "d");
	assert_int_equal(s.n, 0);
	press(&s, "a");
	assert_string_equal(schedule_format(&s, text, sizeof(text)), "00:00 sharp");
}

static void test_wrong(void **state)
{
	char why[80];
	struct schedule s = day(DAY);

	(void)state;
	press(&s, "0100");
	assert_non_null(strstr(schedule_wrong(&s, why, sizeof(why)), "begins at 00:00"));
	press(&s, "0000");
	schedule_key(&s, KEY_DOWN);
	press(&s, "1900");
	assert_non_null(strstr(schedule_wrong(&s, why, sizeof(why)), "row 3 does not begin after row 2"));
	press(&s, "08");
	assert_non_null(strstr(schedule_wrong(&s, why, sizeof(why)), "four digits"));
	schedule_key(&s, KEY_BACKSPACE);
	schedule_key(&s, KEY_BACKSPACE);
	assert_int_equal(s.n, 4);
	press(&s, "0800");
	assert_null(schedule_wrong(&s, why, sizeof(why)));
}

/* Days and months begin with 1, hours and minutes with 0; and there are three day tables. */
static void test_year(void **state)
{
	static const char *const none[] = { "0001", "0100", "1301", "0132" };
	struct schedule s = year(YEAR);
	char text[VALUE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		press(&s, none[i]);
		assert_string_equal(schedule_format(&s, text, sizeof(text)), YEAR);
	}
	press(&s, "1231");
	assert_string_equal(schedule_format(&s, text, sizeof(text)), "12-31 table1, 06-01 table2, 10-01 table1");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(s.slot[0].what, i);
		schedule_key(&s, KEY_RIGHT);
	}
	assert_int_equal(s.slot[0].what, 0);
	schedule_key(&s, KEY_LEFT);
	assert_int_equal(s.slot[0].what, 2);
	/* letters are for rates */
	assert_false(schedule_key(&s, 's'));
	for (int i = 0; i < 20; i++)
		press(&s, "a");
	assert_int_equal(s.n, 4);
}

/* Two rows at one time are one too many, of a year as of a day. */
static void test_twice(void **state)
{
	char why[80];
	struct schedule d = day(DAY), y = year(YEAR);

	(void)state;
	schedule_key(&d, KEY_DOWN);
	press(&d, "1800");
	assert_non_null(strstr(schedule_wrong(&d, why, sizeof(why)), "row 3 does not begin after row 2"));
	press(&d, "1759");
	assert_null(schedule_wrong(&d, why, sizeof(why)));
	schedule_key(&y, KEY_DOWN);
	press(&y, "1001");
	assert_non_null(strstr(schedule_wrong(&y, why, sizeof(why)), "row 3 does not begin after row 2"));
	press(&y, "0930");
	assert_null(schedule_wrong(&y, why, sizeof(why)));
	/* a year may begin in the middle: it goes on where the last one ended */
	press(&y, "0301");
	schedule_key(&y, KEY_UP);
	press(&y, "0201");
	assert_null(schedule_wrong(&y, why, sizeof(why)));
}

/* The bar of S in WIDTH cells, as ASCII. */
static const char *bar(const struct schedule *s, int width)
{
	static const struct ui ui = { .mono = true, .ascii = true };

	werase(bench.w);
	schedule_bar(&ui, bench.w, 0, 0, width, s);
	return bench_cells(0, 0, width);
}

static void test_bar(void **state)
{
	struct schedule s = day(DAY);

	(void)state;
	assert_string_equal(bar(&s, 24), "VvvvvvvvFfffffffffPpppFf");
	/* before the first row of a day nothing is known; a year's last one goes on */
	assert_true(schedule_parse(&s, TYPE_DAYTABLE, "12:00 peak"));
	assert_string_equal(bar(&s, 12), "------Pppppp");
	s = year("04-01 table2, 10-01 table3");
	assert_string_equal(bar(&s, 12), "3==2=====3==");
	assert_true(schedule_parse(&s, TYPE_ZONES, "empty"));
	assert_string_equal(bar(&s, 12), "------------");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_year),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_bar),
	};

	return UNIT_RUN_WITH(tests, bench_start, bench_stop);
}
