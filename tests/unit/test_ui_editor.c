/* The new value of a setting, being made: what is kept, what is not, and what is shown of it. */
#include "screen_bench.h"
#include "profile/codec.h"
#include "ui/screens/editor.h"

#define DAY "00:00 valley, 08:00 flat, 18:00 peak, 22:00 flat"
#define ESC 27

static struct ui ui;
static struct editor ed;

static int start(void **state)
{
	if (bench_start(state) || bench_meter(&ui, "adw300"))
		return -1;
	ui.writing = true;
	ui.target.scheme = SCHEME_SIM;
	ui.target.unit = 1;
	return 0;
}

static int stop(void **state)
{
	bench_meter_free(&ui);
	return bench_stop(state);
}

/* The meter holds TEXT at KEY, and the editor is opened on it. */
static void open_on(const char *key, const char *text)
{
	uint16_t idx = bench_point(&ui, key);
	struct reading *r = &ui.readings[idx];
	struct err e = { 0 };

	*r = (struct reading){ .quality = QUALITY_OK, .words = (uint8_t)ui.profile->points[idx].words };
	if (codec_parse(&ui.profile->points[idx], text, &r->value, &e))
		fail_msg("%s: %s", key, e.text);
	editor_open(&ui, &ed, idx, NULL);
}

static void press(const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(editor_key(&ui, &ed, (unsigned char)*keys), EDITOR_STAYS);
}

static const char *made(void)
{
	static char text[VALUE_TEXT];

	return editor_text(&ui, &ed, text, sizeof(text));
}

/* What a row of the screen shows of it. */
static const char *shown(void)
{
	werase(bench.w);
	editor_draw(&ui, bench.w, 0, 0, 40, &ed);
	return bench_cells(0, 0, 40);
}

/* It begins with what the meter holds; the first key takes its place, the next do not. */
static void test_number(void **state)
{
	(void)state;
	open_on("ratio.ct", "40");
	assert_int_equal(ed.kind, EDITOR_TEXT);
	assert_string_equal(made(), "40");
	press("60");
	assert_string_equal(made(), "60");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_KEEPS);
	/* a key that moves leaves it as it is, to be changed */
	open_on("ratio.ct", "40");
	editor_key(&ui, &ed, KEY_LEFT);
	press("1");
	assert_string_equal(made(), "410");
	assert_int_equal(editor_key(&ui, &ed, ESC), EDITOR_LEAVES);
}

/* What the meter cannot hold is not kept, and said while it is typed. */
static void test_wrong(void **state)
{
	(void)state;
	open_on("ratio.ct", "40");
	press("0");
	assert_int_equal(ed.err.code, ERR_DENIED);
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_STAYS);
	press("x");
	assert_int_equal(ed.err.code, ERR_USAGE);
	assert_int_equal(editor_key(&ui, &ed, KEY_ENTER), EDITOR_STAYS);
	editor_key(&ui, &ed, KEY_BACKSPACE);
	editor_key(&ui, &ed, KEY_BACKSPACE);
	/* an emptied number is no new value, and nothing wrong */
	assert_int_equal(ed.err.code, ERR_NONE);
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_LEAVES);
}

/* A text may be empty. */
static void test_text(void **state)
{
	(void)state;
	open_on("network.apn", "internet");
	assert_string_equal(made(), "internet");
	editor_key(&ui, &ed, 'U' & 0x1F);
	assert_string_equal(made(), "");
	assert_int_equal(editor_key(&ui, &ed, '\n'), EDITOR_KEEPS);
}

/* Neither what the meter holds nor what is typed can be read. */
static void test_secret(void **state)
{
	(void)state;
	open_on("security.code", "1234");
	assert_string_equal(made(), "");
	assert_string_equal(shown(), "                                        ");
	press("8765");
	assert_string_equal(made(), "8765");
	assert_string_equal(shown(), "****                                    ");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_KEEPS);
	/* nor in what is wrong with it */
	press("99999");
	assert_int_not_equal(ed.err.code, ERR_NONE);
	assert_null(strstr(ed.err.text, "9999"));
}

static void test_choice(void **state)
{
	const struct point *p = &ui.profile->points[bench_point(&ui, "comm.baud")];
	size_t last = p->nchoices - 1;

	(void)state;
	open_on("comm.baud", p->choices[1].name);
	assert_int_equal(ed.kind, EDITOR_CHOICE);
	assert_string_equal(made(), p->choices[1].name);
	editor_key(&ui, &ed, KEY_LEFT);
	assert_string_equal(made(), p->choices[0].name);
	editor_key(&ui, &ed, KEY_UP);
	assert_string_equal(made(), p->choices[last].name);
	editor_key(&ui, &ed, KEY_RIGHT);
	assert_string_equal(made(), p->choices[0].name);
	editor_key(&ui, &ed, ' ');
	assert_string_equal(made(), p->choices[1].name);
	/* the next that begins so, and round again */
	open_on("comm.baud", "9600");
	press("1");
	assert_string_equal(made(), "1200");
	press("4x");
	assert_string_equal(made(), "4800");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_KEEPS);
}

/* Each row is the bit that it names: in the table they need not stand in the order of the word. */
static void test_bits(void **state)
{
	static const struct bit bits[] = { { 2, "two", "k.two" }, { 15, "out", "k.out" }, { 0, "zero", "k.zero" } };
	const struct profile *whole = ui.profile;
	struct point p = whole->points[bench_point(&ui, "alarm1.enable")];
	const uint16_t by_key[] = { 0 };
	struct profile one = *whole;

	(void)state;
	p.bits = bits;
	p.nbits = 3;
	one.points = &p;
	one.npoints = 1;
	one.by_key = by_key;
	ui.profile = &one;
	open_on("alarm1.enable", "0");
	assert_int_equal(ed.kind, EDITOR_BITS);
	assert_true(editor_is_page(&ed));
	press(" ");
	assert_int_equal(ed.word, 0x0004);
	editor_key(&ui, &ed, KEY_DOWN);
	editor_key(&ui, &ed, KEY_RIGHT);
	assert_int_equal(ed.word, 0x8004);
	/* behind the last row there is none */
	editor_key(&ui, &ed, KEY_DOWN);
	editor_key(&ui, &ed, KEY_DOWN);
	press(" ");
	assert_int_equal(ed.word, 0x8005);
	for (int i = 0; i < 4; i++)
		editor_key(&ui, &ed, KEY_UP);
	press(" ");
	assert_string_equal(made(), "32769");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_KEEPS);
	ui.profile = whole;
	/* it begins with what the meter holds */
	open_on("alarm1.enable", "5");
	assert_int_equal(ed.word, 5);
}

/* A table that cannot be decoded is only looked at, whatever text there is of it. */
static void test_tables(void **state)
{
	struct reading *r = &ui.readings[bench_point(&ui, "tou.table1")];

	(void)state;
	open_on("tou.table1", DAY);
	assert_int_equal(ed.kind, EDITOR_SCHEDULE);
	assert_string_equal(made(), DAY);
	press("0100");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_STAYS);
	assert_int_equal(ed.err.code, ERR_DENIED);
	press("0000");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_KEEPS);
	r->quality = QUALITY_FAILED;
	editor_open(&ui, &ed, bench_point(&ui, "tou.table1"), DAY);
	assert_int_equal(ed.kind, EDITOR_HEX);
	press("0000");
	assert_int_equal(editor_key(&ui, &ed, '\r'), EDITOR_LEAVES);
	*r = (struct reading){ .quality = QUALITY_NEVER };
	editor_open(&ui, &ed, bench_point(&ui, "tou.table1"), DAY);
	assert_int_equal(ed.kind, EDITOR_HEX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number), cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_text), cmocka_unit_test(test_secret),
		cmocka_unit_test(test_choice), cmocka_unit_test(test_bits),
		cmocka_unit_test(test_tables),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
