/* Text from outside is made safe; numbers are taken whole or not at all. */
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
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
	clean("si\xe2\x80\x8bte", "si<U+200B>te");		/* zero width space */
	clean("x\xf3\xa0\x81\xa1", "x<U+E0061>");		/* tag letter a */
	text_clean(four, sizeof(four), "a\xe2\x80\x8b");	/* nor inside a code */
	assert_string_equal(four, "a");
	text_clean(four, sizeof(four), "ab\xc3\xa9");	/* never cut inside a character */
	assert_string_equal(four, "ab");
}

/* UTF-8 of CP in N bytes, also where fewer would do; its end is marked. */
static void put_utf8(char *out, unsigned cp, unsigned n)
{
	static const unsigned lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

	for (unsigned i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3F));
	out[0] = (char)(lead[n] | cp);
	out[n] = '\0';
}

/* Every character there is: those that move the cursor or turn the text
 * around do not pass, those that nobody sees pass as their code, all others as they are. */
static void every_character(void **state)
{
	static const struct { unsigned first, last; } hostile[] = {
		{ 0x01, 0x1F }, { 0x7F, 0x9F },			/* control characters */
		{ 0x061C, 0x061C }, { 0x200E, 0x200F },		/* marks of direction */
		{ 0x2028, 0x2029 },				/* line and paragraph separator */
		{ 0x202A, 0x202E }, { 0x2066, 0x2069 },		/* embeddings, overrides, isolates */
	};
	static const struct { unsigned first, last; } unseen[] = {
		{ 0x00AD, 0x00AD }, { 0x034F, 0x034F },		/* soft hyphen, grapheme joiner */
		{ 0x115F, 0x1160 }, { 0x3164, 0x3164 }, { 0xFFA0, 0xFFA0 },	/* Hangul fillers */
		{ 0x17B4, 0x17B5 }, { 0x180B, 0x180F },		/* Khmer vowels, Mongolian selectors */
		{ 0x200B, 0x200D }, { 0x2060, 0x2065 }, { 0xFEFF, 0xFEFF },	/* of no width */
		{ 0x206A, 0x206F }, { 0xFFF0, 0xFFFB },		/* shaping, annotations */
		{ 0xFE00, 0xFE0F }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
		{ 0xE0000, 0xE0FFF },				/* tags, selectors */
	};

	(void)state;
	for (unsigned cp = 1; cp <= 0x10FFFF; cp++) {
		unsigned n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
		bool bad = false, hidden = false;
		char in[8], out[16], code[16];

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++)
			bad = bad || (cp >= hostile[i].first && cp <= hostile[i].last);
		for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++)
			hidden = hidden || (cp >= unseen[i].first && cp <= unseen[i].last);
		put_utf8(in, cp, n);
		snprintf(code, sizeof(code), "<U+%04X>", cp);
		text_clean(out, sizeof(out), in);
		if (strcmp(out, bad ? "?" : hidden ? code : in) != 0)
			fail_msg("U+%04X is %s", cp, bad ? "not replaced" : "replaced");
	}
}

/* What has a shorter form, is half of a pair or beyond the end is no character. */
static void no_character(void **state)
{
	static const struct { unsigned cp, n; } none[] = {
		{ 0x00, 2 }, { 0x7F, 2 }, { 0x80, 3 }, { 0x7FF, 3 }, { 0x800, 4 }, { 0xFFFF, 4 },
		{ 0xD800, 3 }, { 0xDBFF, 3 }, { 0xDC00, 3 }, { 0xDFFF, 3 }, { 0x110000, 4 }, { 0x1FFFFF, 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		char in[8];
		unsigned cp;

		put_utf8(in, none[i].cp, none[i].n);
		if (text_utf8(in, none[i].n, &cp) != 0)
			fail_msg("U+%04X in %u bytes is taken", none[i].cp, none[i].n);
	}
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
		cmocka_unit_test(every_character),
		cmocka_unit_test(no_character),
		cmocka_unit_test(numbers),
		cmocka_unit_test(nearest),
		cmocka_unit_test(errors),
	};

	return UNIT_RUN(tests);
}
