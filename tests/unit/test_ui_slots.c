/*
 * Day tables and seasons as the editor lays them out: what comes from the codec
 * goes back to it, and what is wrong is said.
 */
#include "unit.h"

#include <curses.h>
#include <string.h>

#include "../../src/codec.h"
#include "../../ui/slots.h"

#define DAY "00:00 valley, 08:00 flat, 18:00 peak, 22:00 flat"
#define YEAR "01-01 table1, 06-01 table2, 10-01 table1"

static struct slots day(const char *text)
{
	struct slots s;

	assert_true(slots_parse(&s, TYPE_DAYTABLE, text));
	return s;
}

static void press(struct slots *s, const char *keys)
{
	for (; *keys; keys++)
		slots_key(s, (unsigned char)*keys);
}

static void test_there_and_back(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	char text[VALUE_TEXT];
	struct value v;
	struct slots s = day(DAY);

	(void)state;
	assert_int_equal(s.n, 4);
	assert_string_equal(slots_format(&s, text, sizeof(text)), DAY);
	assert_int_equal(codec_parse(&p->points[profile_find(p, "tou.table1")], text, &v, NULL), 0);
	assert_true(slots_parse(&s, TYPE_ZONES, YEAR));
	assert_string_equal(slots_format(&s, text, sizeof(text)), YEAR);
	assert_int_equal(codec_parse(&p->points[profile_find(p, "tou.zones")], text, &v, NULL), 0);
	assert_true(slots_parse(&s, TYPE_DAYTABLE, "empty"));
	assert_string_equal(slots_format(&s, text, sizeof(text)), "empty");
	assert_false(slots_parse(&s, TYPE_DAYTABLE, "0909 0909"));
	assert_false(slots_parse(&s, TYPE_DAYTABLE, YEAR));
}

static void test_edit(void **state)
{
	char text[VALUE_TEXT], why[80];
	struct slots s = day(DAY);

	(void)state;
	slots_key(&s, KEY_DOWN);
	press(&s, "0730");
	assert_string_equal(slots_format(&s, text, sizeof(text)),
			    "00:00 valley, 07:30 flat, 18:00 peak, 22:00 flat");
	press(&s, "s");
	assert_int_equal(s.slot[1].what, 0);
	slots_key(&s, KEY_RIGHT);
	assert_int_equal(s.slot[1].what, 1);
	assert_null(slots_wrong(&s, why, sizeof(why)));
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
	assert_int_equal(s.n, SLOTS_MOST);
	for (int i = 0; i < 20; i++)
		press(&s, "d");
	assert_int_equal(s.n, 0);
	press(&s, "a");
	assert_string_equal(slots_format(&s, text, sizeof(text)), "00:00 sharp");
}

static void test_wrong(void **state)
{
	char why[80];
	struct slots s = day(DAY);

	(void)state;
	press(&s, "0100");
	assert_non_null(strstr(slots_wrong(&s, why, sizeof(why)), "begins at 00:00"));
	press(&s, "0000");
	slots_key(&s, KEY_DOWN);
	press(&s, "1900");
	assert_non_null(strstr(slots_wrong(&s, why, sizeof(why)), "row 3 does not begin after row 2"));
	press(&s, "08");
	assert_non_null(strstr(slots_wrong(&s, why, sizeof(why)), "four digits"));
	slots_key(&s, KEY_BACKSPACE);
	slots_key(&s, KEY_BACKSPACE);
	assert_int_equal(s.n, 4);
	press(&s, "0800");
	assert_null(slots_wrong(&s, why, sizeof(why)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_wrong),
	};

	return UNIT_RUN(tests);
}
