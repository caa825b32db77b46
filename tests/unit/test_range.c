/* Ranges: what is taken, what holds, what is refused and with which words. */
#include <math.h>
#include <string.h>

#include "profile/codec.h"
#include "profile/range.h"
#include "unit.h"

static const struct choice baud[] = { { 0, "4800" }, { 1, "9600" }, { 2, "19200" } };
static const struct bit alarms[] = {
	{ 0, "overvoltage", "alarm.overvoltage" }, { 1, "undervoltage", "alarm.undervoltage" },
};

static struct point make(const char *key, enum point_type t, double scale, uint8_t decimals)
{
	return (struct point){ .key = key, .name = "n", .unit = "V", .type = t,
		.words = (uint16_t)codec_words(t), .scale = scale, .decimals = decimals, .min = 1, .max = 0 };
}

static struct point make_choice(void)
{
	struct point p = make("comm.baud", TYPE_U16, 1, 0);

	p.unit = "";
	p.choices = baud;
	p.nchoices = 3;
	return p;
}

static struct point make_bits(void)
{
	struct point p = make("alarm", TYPE_BITS, 1, 0);

	p.unit = "";
	p.bits = alarms;
	p.nbits = 2;
	return p;
}

static struct point make_text(void)
{
	struct point p = make("network.apn", TYPE_STRING, 1, 0);

	p.unit = "";
	p.words = 8;
	return p;
}

static bool holds(const struct point *p, const char *text, double num)
{
	const struct value v = { .kind = VALUE_NUMBER, .num = num };
	struct range r;
	struct err e;

	if (range_parse(p, text, &r, &e))
		fail_msg("%s", e.text);
	return range_holds(&r, &v);
}

/* What is said of TEXT. */
static const char *complaint(const struct point *p, const char *text)
{
	static struct err e;
	struct range r;

	e = (struct err){ 0 };
	if (range_parse(p, text, &r, &e) == 0)
		return "taken";
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(strchr(e.text, '\n'));
	return e.text;
}

static void numbers(void **state)
{
	struct point p = make("voltage.a", TYPE_U16, 0.1, 1);

	(void)state;
	assert_true(holds(&p, "220..240", 220) && holds(&p, "220..240", 240));
	assert_false(holds(&p, "220..240", 219.9) || holds(&p, "220..240", 240.1));
	assert_true(holds(&p, "220..", 1e9) && holds(&p, "..240", -1e9) && holds(&p, "220..", 220));
	assert_false(holds(&p, "220..", 219.9) || holds(&p, "..240", 240.1));
	assert_true(holds(&p, "-5..-2.5", -5) && holds(&p, "-5..-2.5", -2.5));
	assert_false(holds(&p, "-5..-2.5", -2.4));
	assert_true(holds(&p, "230.5", 230.5) && holds(&p, "230.50", 230.5) && holds(&p, "+230", 230));
	assert_false(holds(&p, "230.5", 230.6) || holds(&p, "230.5", 230.4));
	assert_true(holds(&p, "2e2..2.4e2", 230) && holds(&p, "7..7", 7));
	assert_true(holds(&p, " 220 .. 240 ", 230) && holds(&p, " 230.5 ", 230.5));
	assert_true(holds(&p, "0", -0.0) && holds(&p, "-0..0", 0));
}

static void bit_is_a_number(void **state)
{
	struct point p = make("di.1", TYPE_BIT, 1, 0);

	(void)state;
	assert_true(holds(&p, "1", 1) && !holds(&p, "1", 0) && holds(&p, "0..0", 0));
}

/* What is compared is what a person reads. */
static void as_shown(void **state)
{
	struct point tenth = make("k", TYPE_U16, 0.1, 1), f32 = make("k", TYPE_F32, 1, 2),
		     energy = make("k", TYPE_U32, 0.01, 2);
	double sum = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		sum += 0.1;
	assert_true(sum != 0.3 && holds(&tenth, "0.3", sum) && holds(&tenth, "..0.3", sum));
	assert_true(holds(&f32, "..230.20", 230.2000122) && holds(&f32, "230.2", 230.1999969));
	assert_true(holds(&f32, "..230.20", 230.204) && !holds(&f32, "..230.20", 230.206));
	for (unsigned raw = 0; raw < 65536; raw += 7) {
		char text[VALUE_TEXT];
		struct value v;

		assert_int_equal(codec_decode(&tenth, (uint16_t[]){ (uint16_t)raw }, &v, NULL), 0);
		assert_true(holds(&tenth, codec_format(&tenth, &v, text, sizeof(text)), v.num));
		assert_int_equal(codec_decode(&energy, (uint16_t[]){ 0xFFFF, (uint16_t)raw }, &v, NULL), 0);
		assert_true(holds(&energy, codec_format(&energy, &v, text, sizeof(text)), v.num));
	}
}

static void other_values(void **state)
{
	struct point p = make("voltage.a", TYPE_U16, 0.1, 1);
	const struct value none = { .kind = VALUE_NONE }, text = { .kind = VALUE_STRING, .text = "230.0" };
	struct range r;

	(void)state;
	assert_int_equal(range_parse(&p, "..240", &r, NULL), 0);
	assert_false(range_holds(&r, &none) || range_holds(&r, &text));
}

static bool names(const struct point *p, const char *text, const char *value)
{
	struct range r;
	struct value v;
	struct err e;

	if (range_parse(p, text, &r, &e) || codec_parse(p, value, &v, &e))
		fail_msg("%s", e.text);
	return range_holds(&r, &v);
}

static void names_and_texts(void **state)
{
	struct point choice = make_choice(), bits = make_bits(), text = make_text(),
		     frame = make("comm.frame", TYPE_FRAME, 1, 0);

	(void)state;
	assert_true(names(&choice, "9600", "9600") && names(&choice, "#1", "9600"));
	assert_false(names(&choice, "9600", "4800"));
	assert_true(names(&bits, "overvoltage+undervoltage", "3") && names(&bits, "3", "3"));
	assert_true(names(&bits, "none", "0") && names(&bits, "UNDERVOLTAGE", "2"));
	assert_false(names(&bits, "overvoltage", "3") || names(&bits, "none", "1"));
	assert_true(names(&text, "internet", "internet") && names(&text, "a..b", "a..b") && names(&text, "", ""));
	assert_false(names(&text, "internet", "Internet"));
	assert_true(names(&frame, "8n1", "8N1") && !names(&frame, "8N1", "8E1"));
}

static void ratios(void **state)
{
	struct point p = make("ratio.ct", TYPE_U16, 1, 0);

	(void)state;
	p.unit = "";
	p.flags = POINT_FRACTION;
	assert_true(holds(&p, "200/5", 40) && !holds(&p, "200/5", 200));
	assert_string_equal(complaint(&p, "200/7"), "'ratio.ct=200/7': not a ratio this meter can hold "
			    "(write PRIMARY/SECONDARY, like 200/5, or a number)");
}

static void refused_numbers(void **state)
{
	static const char *const odd[] = {
		"", " ", "..", " .. ", "abc", "220-240", "220..abc", "abc..240", "nan", "inf", "..inf", "nan..5",
		"-inf..5", "220,5", "220..240..260", "230 V", "1e999", "0x10", "220.. 2 30", "...",
		"1000000000000000000000000000000000000000000000000000",
	};
	struct point p = make("voltage.a", TYPE_U16, 0.1, 1), bare = make("count", TYPE_U16, 1, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		const char *said = complaint(&p, odd[i]);

		if (!strstr(said, "': not a number or range (write LOW..HIGH, LOW.., ..HIGH or one number, in V)"))
			fail_msg("'%s': %s", odd[i], said);
	}
	assert_string_equal(complaint(&p, "240..220"), "'voltage.a=240..220': the first number is greater than "
			    "the second (write 220..240)");
	assert_string_equal(complaint(&p, "230.55"), "'voltage.a=230.55': values come in steps of 0.1 "
			    "(write 230.5..230.6)");
	assert_string_equal(complaint(&p, "230.52"), "'voltage.a=230.52': values come in steps of 0.1 "
			    "(write 230.5..230.6)");
	bare.unit = "";
	assert_string_equal(complaint(&bare, "0.5"), "'count=0.5': values come in steps of 1 (write 0..1)");
	assert_string_equal(complaint(&bare, "x"), "'count=x': not a number or range "
			    "(write LOW..HIGH, LOW.., ..HIGH or one number)");
}

static void refused_names(void **state)
{
	struct point choice = make_choice(), bits = make_bits(), frame = make("comm.frame", TYPE_FRAME, 1, 0),
		     secret = make_text();

	(void)state;
	assert_string_equal(complaint(&choice, "9601"), "'comm.baud=9601': unknown value (did you mean '9600'?)");
	assert_string_equal(complaint(&choice, "fast"), "'comm.baud=fast': unknown value "
			    "(write one of: 4800, 9600, 19200)");
	assert_string_equal(complaint(&choice, "4800..9600"), "'comm.baud=4800..9600': a range needs a number, and "
			    "this setting has names (write one of: 4800, 9600, 19200)");
	assert_string_equal(complaint(&bits, "overvolt"), "'alarm=overvolt': not a set of its bits (write their "
			    "names with + between, none, or the number; names: overvoltage, undervoltage)");
	assert_non_null(strstr(complaint(&bits, "1..3"), "not a set of its bits"));
	assert_non_null(strstr(complaint(&frame, "9N1"), "'comm.frame=9N1': "));
	assert_non_null(strstr(complaint(&frame, "8N1..8E1"), "a range needs a number, and this value is a text"));
	secret.flags = POINT_SECRET;
	assert_string_equal(complaint(&secret, "hunter2"), "'network.apn' is secret: its value cannot be compared");
}

/* It is taken again, and means the same. */
static void assert_text(const struct point *p, const char *text, const char *shown)
{
	char buf[RANGE_TEXT], again[RANGE_TEXT];
	struct range r;

	assert_int_equal(range_parse(p, text, &r, NULL), 0);
	assert_string_equal(range_text(&r, buf, sizeof(buf)), shown);
	assert_int_equal(range_parse(p, buf, &r, NULL), 0);
	assert_string_equal(range_text(&r, again, sizeof(again)), shown);
}

static void shown(void **state)
{
	struct point p = make("voltage.a", TYPE_U16, 0.1, 1), choice = make_choice(), bits = make_bits(),
		     text = make_text();

	(void)state;
	assert_text(&p, "220..240.5", "220..240.5");
	assert_text(&p, "220..", "220..");
	assert_text(&p, "..-0.5", "..-0.5");
	assert_text(&p, "5..5", "5");
	assert_text(&p, "230.50", "230.5");
	assert_text(&p, "..42949672.95", "..42949672.95");
	assert_text(&choice, "#2", "19200");
	assert_text(&bits, "3", "overvoltage+undervoltage");
	assert_text(&bits, "0", "none");
	assert_text(&bits, "9", "9");		/* bit 3 has no name */
	assert_text(&text, "internet", "internet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(bit_is_a_number),
		cmocka_unit_test(as_shown),
		cmocka_unit_test(other_values),
		cmocka_unit_test(names_and_texts),
		cmocka_unit_test(ratios),
		cmocka_unit_test(refused_numbers),
		cmocka_unit_test(refused_names),
		cmocka_unit_test(shown),
	};

	return UNIT_RUN(tests);
}
