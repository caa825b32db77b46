/* Text from outside is made safe; numbers are taken whole or not at all. */
#include <string.h>

#include "../../src/err.h"
#include "../../src/text.h"
#include "unit.h"

static void clean(const char *in, const char *want)
{
	char out[64];

	assert_int_equal(text_clean(out, sizeof(out), in), strlen(want));
	assert_string_equal(out, want);
}

static void cleaning(void **state)
{
	char four[4];

	(void)state;
	clean("plain text", "plain text");
	clean("\x1b[31mred\x07\x7f", "?[31mred??");
	clean("Zähler № 7 °C", "Zähler № 7 °C");
	clean("\xc2\x9b" "1m", "?1m");			/* C1: CSI */
	clean("a\xe2\x80\xae" "b", "a?b");		/* right-to-left override */
	clean("\xff\xc0\xaf\xed\xa0\x80", "??????");	/* invalid, overlong, surrogate */
	clean("end\xe2\x82", "end??");			/* truncated */
	text_clean(four, sizeof(four), "ab\xc3\xa9");	/* never cut inside a character */
	assert_string_equal(four, "ab");
}

static void numbers(void **state)
{
	double d;
	long l;

	(void)state;
	assert_true(text_long("0x1F4", 0, 1000, &l) && l == 500);
	assert_true(text_long("-5", -10, 10, &l) && l == -5);
	assert_false(text_long("11", -10, 10, &l));
	assert_false(text_long("", 0, 10, &l));
	assert_false(text_long(" 1", 0, 10, &l));
	assert_false(text_long("1 ", 0, 10, &l));
	assert_false(text_long("99999999999999999999", 0, 10, &l));
	assert_true(text_double("-1.5e3", &d) && d == -1500);
	assert_false(text_double("inf", &d));
	assert_false(text_double("1e999", &d));
	assert_false(text_double("1.2.3", &d));
}

static void nearest(void **state)
{
	static const char *const keys[] = { "voltage.a", "voltage.b", "ratio.ct" };

	(void)state;
	assert_string_equal(text_nearest("voltge.b", keys, 3), "voltage.b");
	assert_string_equal(text_nearest("ratio.tc", keys, 3), "ratio.ct");
	assert_null(text_nearest("something.else", keys, 3));
}

static void errors(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, ERR_SILENT, "port '%s'", "a\nb"), -1);
	assert_string_equal(e.text, "port 'a?b'");
	assert_int_equal(err_prefix(&e, "row %d", 3), -1);
	assert_string_equal(e.text, "row 3: port 'a?b'");
	assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(err_set(NULL, ERR_NO, "nobody listens"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleaning),
		cmocka_unit_test(numbers),
		cmocka_unit_test(nearest),
		cmocka_unit_test(errors),
	};

	return UNIT_RUN(tests);
}
