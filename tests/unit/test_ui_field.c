/* A line of text being typed. */
#include "unit.h"

#include <curses.h>
#include <string.h>

#include "ui/draw/field.h"

static void type(struct field *f, const char *text)
{
	for (; *text; text++)
		assert_true(field_key(f, (unsigned char)*text));
}

static void test_typing(void **state)
{
	struct field f = { .text = "" };

	(void)state;
	type(&f, "10.0.5");
	field_key(&f, KEY_LEFT);
	type(&f, "0.");
	assert_string_equal(f.text, "10.0.0.5");
	field_key(&f, KEY_HOME);
	field_key(&f, KEY_DC);
	assert_string_equal(f.text, "0.0.0.5");
	field_key(&f, KEY_END);
	field_key(&f, KEY_BACKSPACE);
	field_key(&f, 127);
	assert_string_equal(f.text, "0.0.0");
	field_key(&f, 'U' & 0x1F);
	assert_string_equal(f.text, "");
}

static void test_words(void **state)
{
	struct field f;

	(void)state;
	field_set(&f, "one two  three");
	field_key(&f, 'W' & 0x1F);
	assert_string_equal(f.text, "one two  ");
	field_key(&f, 'W' & 0x1F);
	assert_string_equal(f.text, "one ");
}

/* Bytes of one character are moved over and deleted together. */
static void test_utf8(void **state)
{
	struct field f = { .text = "" };

	(void)state;
	type(&f, "aé€b");
	field_key(&f, KEY_LEFT);
	field_key(&f, KEY_BACKSPACE);
	assert_string_equal(f.text, "aéb");
	field_key(&f, KEY_HOME);
	field_key(&f, KEY_RIGHT);
	field_key(&f, KEY_DC);
	assert_string_equal(f.text, "ab");
	field_key(&f, KEY_RIGHT);
	field_key(&f, KEY_RIGHT);
	assert_int_equal(f.at, 2);
}

/* What is no text stays out of it, also where there is room. */
static void test_no_text(void **state)
{
	static const int keys[] = { '\t', '\r', 27, 1 + 255, KEY_F(1), KEY_UP };
	struct field f;

	(void)state;
	field_set(&f, "ab");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		assert_false(field_key(&f, keys[i]));
		assert_string_equal(f.text, "ab");
		assert_int_equal(f.at, 2);
	}
}

static void test_full(void **state)
{
	struct field f = { .text = "" };

	(void)state;
	for (int i = 0; i < 1000; i++)
		field_key(&f, 'x');
	assert_int_equal(strlen(f.text), sizeof(f.text) - 1);
	assert_false(field_key(&f, 'x'));
	assert_false(field_key(&f, '\t'));
	assert_false(field_key(&f, KEY_F(1)));
	for (int i = 0; i < 1000; i++)
		field_key(&f, KEY_BACKSPACE);
	assert_string_equal(f.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_full),
	};

	return UNIT_RUN(tests);
}
