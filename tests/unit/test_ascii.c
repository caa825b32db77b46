/* Letters are those of ASCII, for every byte there is. */
#include <string.h>

#include "base/ascii.h"
#include "unit.h"

static void outgoings(void **state)
{
	(void)state;
	for (int i = -128; i < 128; i++) {
		char c = (char)i;
		bool low = c >= 'a' && c <= 'z', up = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';

		assert_int_equal(ascii_lower(c), up ? c + 32 : c);
		assert_int_equal(ascii_upper(c), low ? c - 32 : c);
		assert_int_equal(ascii_alnum(c), low || up || digit);
		assert_int_equal(ascii_blank(c), c && memchr(" \t\n\v\f\r", c, 6) != NULL);
		assert_int_equal(ascii_print(c), i >= 0x20 && i < 0x7F);
	}
}

static void words(void **state)
{
	(void)state;
	assert_int_equal(ascii_casecmp("15MIN", "15min"), 0);
	assert_int_equal(ascii_casecmp("", ""), 0);
	assert_true(ascii_casecmp("a", "B") < 0 && ascii_casecmp("B", "a") > 0);
	assert_true(ascii_casecmp("min", "mins") < 0 && ascii_casecmp("mins", "min") > 0);
	assert_true(ascii_casecmp("Z", "_") > 0);	/* as small letters, like strcasecmp() */
	assert_true(ascii_casecmp("z", "\xc3\xa4") < 0);
	assert_true(ascii_casecmp("\xc4\xb0", "i") != 0);	/* capital I with a dot */
	assert_int_equal(ascii_ncasecmp("ONLINE!", "online?", 6), 0);
	assert_true(ascii_ncasecmp("on", "online", 6) < 0);
	assert_int_equal(ascii_ncasecmp("a", "b", 0), 0);
}

static void finding(void **state)
{
	const char *text = "Line voltage A-B, \xc3\xbc";

	(void)state;
	assert_ptr_equal(ascii_casestr(text, "VOLTAGE"), text + 5);
	assert_ptr_equal(ascii_casestr(text, ""), text);
	assert_ptr_equal(ascii_casestr("", ""), strchr("", '\0'));
	assert_ptr_equal(ascii_casestr(text, "\xc3\xbc"), text + 18);
	assert_null(ascii_casestr(text, "voltages"));
	assert_null(ascii_casestr("", "a"));
	assert_ptr_equal(ascii_casestr(text, "e v"), text + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outgoings),
		cmocka_unit_test(words),
		cmocka_unit_test(finding),
	};

	return UNIT_RUN(tests);
}
