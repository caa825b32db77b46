/* The factory setting of the line and the rules that tell a model: from a profile, and what they
 * match. */
#include <stdio.h>
#include <string.h>

#include "profile/identify.h"
#include "profile/value.h"
#include "profile/profile_load.h"
#include "temp.h"
#include "unit.h"

static char path[TEMP_PATH];

#define POINTS "groups:\n  - {group: g, title: G, points: [{key: a, at: 1, name: A}]}\n"

static const struct profile *load(const char *top, struct err *e)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "profile: x\n%s\n" POINTS, top);
	fclose(f);
	*e = (struct err){ 0 };
	return profile_load(path, e);
}

static const struct profile *must_load(const char *top)
{
	struct err e;
	const struct profile *p = load(top, &e);

	if (!p)
		fail_msg("%s", e.text);
	return p;
}

/* TOP stands in line 2. */
static void must_complain(const char *top, int column, const char *what)
{
	char at[TEMP_PATH + 32];
	struct err e;

	assert_null(load(top, &e));
	assert_int_equal(e.code, ERR_USAGE);
	snprintf(at, sizeof(at), "%s:2:%d: ", path, column);
	if (strncmp(e.text, at, strlen(at)) != 0 || !strstr(e.text, what))
		fail_msg("'%s' is not '%s...%s'", e.text, at, what);
}

static void factory_settings(void **state)
{
	const struct profile *p = must_load("line: {baud: [9600, 19200], frame: [8E1, 8N2], unit: [1, 247], pause: 100 ms, "
					    "answer: 1.5 s}");

	(void)state;
	assert_int_equal(p->line_baud.n, 2);
	assert_string_equal(baud_names[p->line_baud.v[0]], "9600");
	assert_string_equal(baud_names[p->line_baud.v[1]], "19200");
	assert_string_equal(frame_names[p->line_frame.v[0]], "8E1");
	assert_string_equal(frame_names[p->line_frame.v[1]], "8N2");
	assert_int_equal(p->line_unit.v[0], 1);
	assert_int_equal(p->line_unit.v[1], 247);
	assert_int_equal(p->line_pause_ms, 100);
	assert_int_equal(p->line_answer_ms, 1500);
	profile_free(p);
}

static void settings_that_are_wrong(void **state)
{
	(void)state;
	must_complain("line: {baud: [9601]}", 15, "'9601' is none of: 1200");
	must_complain("line: {baud: 9600}", 14, "line.baud is a list");
	must_complain("line: {baud: []}", 14, "empty");
	must_complain("line: {baud: [9600, 9600]}", 21, "twice");
	must_complain("line: {frame: [7E1]}", 16, "'7E1' is none of: 8N1");
	must_complain("line: {unit: [248]}", 15, "from 1 to 247");
	must_complain("line: {unit: [1,2,3,4,5,6,7,8,9]}", 31, "more than 8");
	must_complain("line: {pause: 100}", 15, "'100' is not a time");
	must_complain("line: {pause: 6 s}", 15, "1 ms to 5000 ms");
	must_complain("line: {speed: [9600]}", 8, "unknown field 'line.speed'");
}

static void of_the_profile_that_is_extended(void **state)
{
	const struct profile *p = must_load("extends: sdm630\nline: {unit: [5]}");

	(void)state;
	assert_int_equal(p->line_baud.n, 1);	/* its own */
	assert_int_equal(p->line_unit.v[0], 5);
	assert_int_equal(p->identify.n, 2);
	assert_string_equal(p->identify.list[0].model, "SDM630");
	profile_free(p);
	p = must_load("extends: sdm630\nidentify: [{at: 3, equals: 9, model: Mine}]");
	assert_int_equal(p->identify.n, 1);	/* lists replace */
	profile_free(p);
}

static void numbers(void **state)
{
	const struct profile *p = must_load("identify: [{at: 0xFC02, in: [0x70, 121], model: M}, {at: 40, space: input, type: f32, "
					    "equals: 2141.0, model: F}, {at: 1, type: i16, equals: -2, model: S}]");
	const struct identify *r = p->identify.list;

	(void)state;
	assert_true(identify_registers(&r[0], (uint16_t[]){ 0x70 }));
	assert_true(identify_registers(&r[0], (uint16_t[]){ 0x79 }));
	assert_false(identify_registers(&r[0], (uint16_t[]){ 0x71 }));
	assert_int_equal(r[1].words, 2);
	assert_int_equal(r[1].space, SPACE_INPUT);
	assert_true(identify_registers(&r[1], (uint16_t[]){ 0x4505, 0xD000 }));
	assert_false(identify_registers(&r[1], (uint16_t[]){ 0xD000, 0x4505 }));
	assert_false(identify_registers(&r[1], (uint16_t[]){ 0x7FC0, 0 }));	/* not a number */
	assert_true(identify_registers(&r[2], (uint16_t[]){ 0xFFFE }));
	assert_true(identify_same_place(&r[0], &r[0]));
	assert_false(identify_same_place(&r[0], &r[1]));
	profile_free(p);
}

static void texts(void **state)
{
	const struct profile *p = must_load("identify: [{at: 0x8960, words: 3, type: string, matches: \"B2[13]*\", model: B2x}, {at: 0, "
					    "words: 2, type: hex, matches: \"00?? 000[1-4]\", model: H}, {function: 17, matches: "
					    "\"*ND30*\", model: N}, {function: 43, object: 5, equals: iEM3155, model: I}]");
	const struct identify *r = p->identify.list;
	char buf[120];

	(void)state;
	assert_true(identify_registers(&r[0], (uint16_t[]){ 0x4232, 0x3320, 0x3100 }));
	assert_false(identify_registers(&r[0], (uint16_t[]){ 0x4232, 0x3420, 0x3100 }));
	assert_true(identify_registers(&r[1], (uint16_t[]){ 0x0011, 0x0004 }));
	assert_false(identify_registers(&r[1], (uint16_t[]){ 0x0011, 0x0005 }));
	assert_true(identify_begins(&r[1], (uint16_t[]){ 0x0011 }, 1));
	assert_true(identify_begins(&r[1], (uint16_t[]){ 0x0011, 0x0004 }, 2));
	assert_false(identify_begins(&r[1], (uint16_t[]){ 0x0011, 0x0005 }, 2));
	assert_false(identify_begins(&r[1], (uint16_t[]){ 0x0111 }, 1));
	assert_false(identify_begins(&r[1], (uint16_t[]){ 0x0011, 0x0004, 0 }, 3));	/* more than it looks at */
	assert_false(identify_begins(&r[0], (uint16_t[]){ 0x4232 }, 1));	/* no words as they stand */
	assert_true(identify_bytes(&r[2], (const uint8_t *)"\x01\xFFND30IoT", 9));
	assert_false(identify_bytes(&r[2], (const uint8_t *)"ND20", 4));
	assert_int_equal(r[3].object, 5);
	assert_true(identify_bytes(&r[3], (const uint8_t *)"iEM3155", 7));
	assert_string_equal(identify_text(&r[3], buf, sizeof(buf)), "function 43, object 5 is iEM3155: I");
	assert_string_equal(identify_text(&r[1], buf, sizeof(buf)), "holding 0x0000-0x0001 matches 00?? 000[1-4]: H");
	profile_free(p);
}

static void rules_that_are_none(void **state)
{
	(void)state;
	must_complain("identify: [{at: 1, equals: 0, model: M}]", 12, "all 0 or all FFFF would match");
	must_complain("identify: [{at: 1, in: [7, 0xFFFF], model: M}]", 12, "all 0 or all FFFF");
	must_complain("identify: [{at: 1, type: i16, equals: -1, model: M}]", 12, "all 0 or all FFFF");
	must_complain("identify: [{at: 1, words: 2, type: string, matches: \"*\", model: M}]", 12, "all 0 or all FFFF");
	must_complain("identify: [{function: 17, matches: \"?*\", model: M}]", 12, "all 0 or all FFFF");
	must_complain("identify: [{at: 1, equals: 5}]", 12, "needs model");
	must_complain("identify: [{equals: 5, model: M}]", 12, "needs at, or function");
	must_complain("identify: [{at: 1, model: M}]", 12, "one of equals, in and matches");
	must_complain("identify: [{at: 1, equals: 5, in: [5], model: M}]", 12, "one of equals, in and matches");
	must_complain("identify: [{at: 1, equals: five, model: M}]", 28, "'five' is not a number");
	must_complain("identify: [{at: 1, matches: \"5*\", model: M}]", 29, "matches is for text");
	must_complain("identify: [{at: 1, type: clock, equals: 5, model: M}]", 26, "not clock");
	must_complain("identify: [{at: 1, type: string, equals: x, model: M}]", 12, "needs words");
	must_complain("identify: [{at: 1, words: 2, equals: 5, model: M}]", 27, "fixed number of words");
	must_complain("identify: [{at: 65535, type: u32, equals: 5, model: M}]", 17, "behind register 65535");
	must_complain("identify: [{function: 20, equals: x, model: M}]", 23, "17 or 43");
	must_complain("identify: [{function: 43, equals: x, model: M}]", 12, "needs it");
	must_complain("identify: [{function: 17, object: 1, equals: x, model: M}]", 35, "function 43");
	must_complain("identify: [{function: 17, at: 1, equals: x, model: M}]", 31, "by function has no at");
	must_complain("identify: {at: 1}", 11, "identify is a list");
	must_complain("identify: [{at: 1, equal: 5, model: M}]", 20, "'equal' is none of");
}

/* What the manual of an ADW300 prints of its first registers, and what it does not. */
static void an_adw300(void **state)
{
	const struct identify_list *l = &profile_builtin_named("adw300")->identify;
	uint16_t regs[20] = { 17, 3, 0, 0, 0x0100, [0x11] = 0x1E3B, 0x170F, 0x0C1A };	/* 30 s, 59 min; 23 h, 15th; Dec 2026 */

	(void)state;
	assert_int_equal(l->n, 2);
	assert_true(identify_registers(&l->list[0], regs));
	regs[0x13] = 0x1226;	/* December, as BCD */
	assert_false(identify_registers(&l->list[0], regs));
	assert_true(identify_registers(&l->list[1], regs));
	regs[0x13] = 0x0026;	/* no month */
	assert_false(identify_registers(&l->list[0], regs) || identify_registers(&l->list[1], regs));
	regs[0x13] = 0x0C1A;
	regs[4] = 0x0300;	/* no parity */
	assert_false(identify_registers(&l->list[0], regs));
	regs[4] = 0;
	regs[1] = 5;		/* no speed */
	assert_false(identify_registers(&l->list[0], regs));
}

/* Registers made up for a rule are those of its model, for every rule that comes along. */
static void examples(void **state)
{
	static const char *const numeral[] = { "7" }, *const glob[] = { "A?[BC]*D" };
	struct identify r = { .words = 1, .type = TYPE_U16, .want = numeral, .nwant = 1 };
	uint8_t bytes[IDENTIFY_BYTES];
	uint16_t regs[VALUE_WORDS];
	const struct profile *p;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; (p = profile_builtin(i)); i++)
		for (size_t k = 0; k < p->identify.n; k++, n++) {
			assert_true(identify_example(&p->identify.list[k], regs));
			assert_true(identify_registers(&p->identify.list[k], regs));
		}
	assert_true(n > 10);
	assert_true(identify_example(&r, regs));
	assert_int_equal(regs[0], 7);
	r = (struct identify){ .words = 2, .type = TYPE_STRING, .want = glob, .nwant = 1, .glob = true };
	assert_true(identify_example(&r, regs));
	assert_int_equal(regs[0], 'A' << 8 | '0');
	assert_int_equal(regs[1], 'B' << 8 | 'D');
	r.words = 1;	/* no room for it */
	assert_false(identify_example(&r, regs));
	r.words = 2;
	r.function = IDENTIFY_REPORT;	/* no registers */
	assert_false(identify_example(&r, regs));
	assert_true(identify_example_bytes(&r, bytes, &n));
	assert_int_equal(n, 4);
	assert_memory_equal(bytes, "A0BD", 4);
	r.function = 0;
	assert_false(identify_example_bytes(&r, bytes, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(factory_settings), cmocka_unit_test(settings_that_are_wrong),
		cmocka_unit_test(of_the_profile_that_is_extended), cmocka_unit_test(numbers), cmocka_unit_test(texts),
		cmocka_unit_test(rules_that_are_none), cmocka_unit_test(an_adw300),
		cmocka_unit_test(examples),
	};

	temp_path(path, "identify.yaml");
	return UNIT_RUN(tests);
}
