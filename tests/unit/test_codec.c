/* Registers to values and back, every type, its limits and its refusals. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "unit.h"

static const struct point the_clock = { .type = TYPE_CLOCK };

static struct point make(enum point_type t, double scale, uint8_t decimals)
{
	return (struct point){ .key = "k", .name = "n", .unit = "V", .type = t,
		.words = (uint16_t)codec_words(t), .scale = scale,
		.decimals = decimals, .min = 1, .max = 0 };
}

static const char *show(const struct point *p, const uint16_t *regs)
{
	static char buf[VALUE_TEXT];
	struct value v;
	struct err e;

	if (codec_decode(p, regs, &v, &e))
		return "refused";
	return codec_format(p, &v, buf, sizeof(buf));
}

/* TEXT parses, encodes to REGS, and comes back as SHOWN. */
static void there_and_back(const struct point *p, const char *text,
			   const uint16_t *regs, const char *shown)
{
	uint16_t out[VALUE_WORDS] = { 0 };
	struct value v;
	struct err e = { 0 };

	if (codec_parse(p, text, &v, &e))
		fail_msg("%s", e.text);
	assert_int_equal(codec_encode(p, &v, out, &e), 0);
	assert_memory_equal(out, regs, p->words * sizeof(*regs));
	assert_string_equal(show(p, out), shown);
}

static int refusal(const struct point *p, const char *text)
{
	struct value v;
	struct err e = { 0 };

	return codec_parse(p, text, &v, &e) ? (int)e.code : 0;
}

static void numbers(void **state)
{
	struct point u16 = make(TYPE_U16, 0.1, 1), i16 = make(TYPE_I16, 0.1, 1),
		     i32 = make(TYPE_I32, 0.001, 3), u32 = make(TYPE_U32, 0.01, 2),
		     u64 = make(TYPE_U64, 1, 0);

	(void)state;
	there_and_back(&u16, "230.5", (uint16_t[]){ 2305 }, "230.5");
	there_and_back(&u16, "6553.5", (uint16_t[]){ 65535 }, "6553.5");
	there_and_back(&i16, "-5.0", (uint16_t[]){ 0xFFCE }, "-5.0");
	there_and_back(&i32, "-49.400", (uint16_t[]){ 0xFFFF, 0x3F08 }, "-49.400");
	there_and_back(&u32, "42949672.95", (uint16_t[]){ 0xFFFF, 0xFFFF }, "42949672.95");
	there_and_back(&u64, "4294967296", (uint16_t[]){ 0, 1, 0, 0 }, "4294967296");
	/* no two words alike, so that none can take another's place */
	there_and_back(&u32, "655.38", (uint16_t[]){ 1, 2 }, "655.38");
	there_and_back(&i32, "65.538", (uint16_t[]){ 1, 2 }, "65.538");
	there_and_back(&u64, "281483566841860", (uint16_t[]){ 1, 2, 3, 4 }, "281483566841860");
	assert_int_equal(refusal(&u16, "6553.6"), ERR_DENIED);
	assert_int_equal(refusal(&u16, "-0.1"), ERR_DENIED);
	assert_int_equal(refusal(&u16, "1.05"), ERR_DENIED);
	assert_int_equal(refusal(&u16, "ten"), ERR_USAGE);
	assert_int_equal(refusal(&u16, ""), ERR_USAGE);
	assert_int_equal(refusal(&u16, "nan"), ERR_USAGE);
	assert_int_equal(refusal(&u16, "0x1p3"), ERR_USAGE);
}

static void number_is_the_nearest(void **state)
{
	struct point u16 = make(TYPE_U16, 0.1, 1);
	struct value v;

	(void)state;
	for (unsigned raw = 0; raw < 65536; raw++) {
		uint16_t r = (uint16_t)raw;
		char text[32];

		assert_int_equal(codec_decode(&u16, &r, &v, NULL), 0);
		snprintf(text, sizeof(text), "%u.%u", raw / 10, raw % 10);
		assert_true(v.num == strtod(text, NULL));
	}
}

static void range(void **state)
{
	struct point p = make(TYPE_U16, 1, 0);

	(void)state;
	p.min = 1;
	p.max = 247;
	there_and_back(&p, "247", (uint16_t[]){ 247 }, "247");
	assert_int_equal(refusal(&p, "0"), ERR_DENIED);
	assert_int_equal(refusal(&p, "248"), ERR_DENIED);
}

static void power_factor_sign(void **state)
{
	struct point p = make(TYPE_U16, 0.001, 3);

	(void)state;
	p.negative_above = 1000;
	assert_string_equal(show(&p, (uint16_t[]){ 953 }), "0.953");
	assert_string_equal(show(&p, (uint16_t[]){ 1000 }), "1.000");
	assert_string_equal(show(&p, (uint16_t[]){ 0xFFD4 }), "-0.044");
	there_and_back(&p, "-0.044", (uint16_t[]){ 0xFFD4 }, "-0.044");
	assert_int_equal(refusal(&p, "1.001"), ERR_DENIED);
}

static void floats(void **state)
{
	struct point p = make(TYPE_F32, 1, 1);

	(void)state;
	assert_string_equal(show(&p, (uint16_t[]){ 0x4366, 0x3333 }), "230.2");
	there_and_back(&p, "230.2", (uint16_t[]){ 0x4366, 0x3333 }, "230.2");
	assert_string_equal(show(&p, (uint16_t[]){ 0xBC23, 0xD70A }), "0.0");	/* -0.01 */
	assert_string_equal(show(&p, (uint16_t[]){ 0x7FC0, 0 }), "");
	assert_string_equal(show(&p, (uint16_t[]){ 0xFF80, 0 }), "refused");
}

/* 0, or the code it is refused with. */
static int named(const struct point *p, double num, struct value *v)
{
	struct err e = { 0 };

	return codec_number(p, num, v, &e) ? (int)e.code : 0;
}

/* Numbers that come by name, not from registers: what these could not hold is none. */
static void numbers_by_name(void **state)
{
	static const struct choice list[] = { { 1, "one" }, { 2, "two" } };
	struct point u16 = make(TYPE_U16, 0.1, 1), i32 = make(TYPE_I32, 0.001, 3),
		     pf = make(TYPE_U16, 0.001, 3), f32 = make(TYPE_F32, 1, 1),
		     bits = make(TYPE_BITS, 1, 0), choice = make(TYPE_U16, 1, 0),
		     clock = make(TYPE_CLOCK, 1, 0);
	struct value v;

	(void)state;
	assert_int_equal(named(&u16, 230.46, &v), 0);
	assert_true(v.kind == VALUE_NUMBER && v.num == 230.46);	/* with all its digits */
	assert_int_equal(named(&u16, 6553.54, &v), 0);
	assert_int_equal(named(&u16, 6553.6, &v), ERR_FOREIGN);
	assert_int_equal(named(&u16, -0.1, &v), ERR_FOREIGN);
	assert_int_equal(named(&u16, -0.0, &v), 0);
	assert_false(signbit(v.num));
	assert_int_equal(named(&u16, NAN, &v), ERR_FOREIGN);
	assert_int_equal(named(&u16, INFINITY, &v), ERR_FOREIGN);
	assert_int_equal(named(&i32, -2147483.648, &v), 0);
	assert_int_equal(named(&i32, 2147483.648, &v), ERR_FOREIGN);
	pf.negative_above = 1000;
	assert_int_equal(named(&pf, -1, &v), 0);
	assert_int_equal(named(&pf, 1.001, &v), ERR_FOREIGN);
	/* what may be written is narrower than what may be read */
	u16.min = 100;
	u16.max = 200;
	assert_int_equal(named(&u16, 230.5, &v), 0);
	assert_int_equal(named(&f32, 1e38, &v), 0);
	assert_int_equal(named(&f32, 1e39, &v), ERR_FOREIGN);
	assert_int_equal(named(&bits, 5, &v), 0);
	assert_true(v.kind == VALUE_BITS && v.num == 5);
	assert_int_equal(named(&bits, 5.5, &v), ERR_FOREIGN);
	choice.choices = list;
	choice.nchoices = 2;
	assert_int_equal(named(&choice, 2, &v), 0);
	assert_int_equal(v.kind, VALUE_CHOICE);
	assert_string_equal(v.text, "two");
	assert_int_equal(named(&choice, 1.5, &v), ERR_FOREIGN);
	assert_int_equal(named(&clock, 1, &v), ERR_FOREIGN);	/* is no number */
}

static void choices(void **state)
{
	static const struct choice bauds[] = { { 3, "4800" }, { 4, "9600" } };
	struct point p = make(TYPE_U16, 1, 0);

	(void)state;
	p.choices = bauds;
	p.nchoices = 2;
	there_and_back(&p, "9600", (uint16_t[]){ 4 }, "9600");
	there_and_back(&p, "#3", (uint16_t[]){ 3 }, "4800");
	assert_string_equal(show(&p, (uint16_t[]){ 7 }), "#7");
	assert_int_equal(refusal(&p, "19200"), ERR_DENIED);
	assert_int_equal(refusal(&p, "#7"), ERR_DENIED);
	assert_int_equal(refusal(&p, "4"), ERR_DENIED);
}

static void bit_words(void **state)
{
	static const struct bit bits[] = { { 0, "over", "k.over" }, { 15, "out", "k.out" } };
	struct point p = make(TYPE_BITS, 1, 0), one = make(TYPE_BIT, 1, 0);
	uint16_t word = 0x0004;
	struct value v;
	char buf[64];

	(void)state;
	p.bits = bits;
	p.nbits = 2;
	there_and_back(&p, "over+out", (uint16_t[]){ 0x8001 }, "32769");
	there_and_back(&p, "0x8001", (uint16_t[]){ 0x8001 }, "32769");
	there_and_back(&p, "none", (uint16_t[]){ 0 }, "0");
	assert_int_equal(refusal(&p, "nosuch"), ERR_USAGE);
	assert_int_equal(codec_decode(&p, (uint16_t[]){ 0x8009 }, &v, NULL), 0);
	assert_string_equal(codec_bits(&p, &v, " ", buf, sizeof(buf)), "over bit3 out");
	one.bit = 15;
	assert_int_equal(codec_parse(&one, "1", &v, NULL), 0);
	assert_int_equal(codec_encode(&one, &v, &word, NULL), 0);
	assert_int_equal(word, 0x8004);
	assert_string_equal(show(&one, &word), "1");
	assert_int_equal(refusal(&one, "2"), ERR_DENIED);
}

static void fractions(void **state)
{
	struct point ct = make(TYPE_U16, 1, 0), pt = ct;

	(void)state;
	assert_int_equal(refusal(&ct, "200/5"), ERR_USAGE);	/* not of every number */
	ct.key = "ratio.ct";
	pt.key = "ratio.pt";
	ct.flags = pt.flags = POINT_FRACTION;
	ct.unit = pt.unit = "";
	ct.min = pt.min = 1;
	ct.max = pt.max = 65535;
	there_and_back(&ct, "200/5", (uint16_t[]){ 40 }, "40");
	there_and_back(&ct, "200 A / 5 A", (uint16_t[]){ 40 }, "40");
	there_and_back(&ct, "5/5", (uint16_t[]){ 1 }, "1");
	there_and_back(&ct, "40", (uint16_t[]){ 40 }, "40");
	there_and_back(&pt, "10kV/100V", (uint16_t[]){ 100 }, "100");
	there_and_back(&pt, "10000/100", (uint16_t[]){ 100 }, "100");
	/* a meter of whole ratios cannot be set to these */
	assert_int_equal(refusal(&ct, "75/2"), ERR_DENIED);
	assert_int_equal(refusal(&ct, "5/200"), ERR_DENIED);
	assert_int_equal(refusal(&ct, "70000/1"), ERR_DENIED);
	assert_int_equal(refusal(&ct, "200/0"), ERR_USAGE);
	assert_int_equal(refusal(&ct, "200/"), ERR_USAGE);
	assert_int_equal(refusal(&ct, "10kV/100V"), ERR_USAGE);
	assert_int_equal(refusal(&pt, "200A/5A"), ERR_USAGE);
	/* steps of a tenth hold what whole ones do not */
	ct.scale = 0.1;
	ct.decimals = 1;
	there_and_back(&ct, "75/2", (uint16_t[]){ 375 }, "37.5");
}

static void clocks(void **state)
{
	struct point p = make(TYPE_CLOCK, 1, 0), s = make(TYPE_STAMP, 1, 0);

	(void)state;
	/* adw300-settings example: 2025-03-14 09:26:53, binary and BCD */
	there_and_back(&p, "2025-03-14 09:26:53", (uint16_t[]){ 0x351A, 0x090E, 0x0319 },
		       "2025-03-14 09:26:53");
	there_and_back(&p, "2025-03-14T09:26:53", (uint16_t[]){ 0x351A, 0x090E, 0x0319 },
		       "2025-03-14 09:26:53");
	assert_string_equal(show(&p, (uint16_t[]){ 0x5926, 0x2314, 0x1225 }), "2025-12-14 23:26:59");
	assert_string_equal(show(&p, (uint16_t[]){ 0, 0, 0 }), "refused");
	assert_string_equal(show(&p, (uint16_t[]){ 0, 0x001D, 0x0219 }), "refused");
	assert_string_equal(show(&p, (uint16_t[]){ 0, 0x001D, 0x0218 }), "2024-02-29 00:00:00");
	assert_int_equal(refusal(&p, "2025-02-29 00:00:00"), ERR_USAGE);
	assert_int_equal(refusal(&p, "2025-03-14 09:26:53x"), ERR_USAGE);
	there_and_back(&s, "07-15 14:45", (uint16_t[]){ 0x2D0E, 0x0F07 }, "07-15 14:45");
	there_and_back(&s, "none", (uint16_t[]){ 0, 0 }, "none");
	assert_string_equal(show(&s, (uint16_t[]){ 0xFFFF, 0xFFFF }), "none");
	assert_string_equal(show(&s, (uint16_t[]){ 0x3C00, 0x0101 }), "refused");
}

static void frame_and_freeze(void **state)
{
	struct point f = make(TYPE_FRAME, 1, 0), z = make(TYPE_FREEZE, 1, 0);

	(void)state;
	there_and_back(&f, "8N1", (uint16_t[]){ 0x0000 }, "8N1");
	there_and_back(&f, "8e1", (uint16_t[]){ 0x0100 }, "8E1");
	there_and_back(&f, "8O2", (uint16_t[]){ 0x0201 }, "8O2");
	assert_string_equal(show(&f, (uint16_t[]){ 0x0300 }), "refused");
	assert_int_equal(refusal(&f, "7N1"), ERR_USAGE);
	there_and_back(&z, "25 23:00", (uint16_t[]){ 0x1719 }, "25 23:00");
	there_and_back(&z, "1 00:00", (uint16_t[]){ 0x0001 }, "1 00:00");
	assert_int_equal(refusal(&z, "29 00:00"), ERR_DENIED);
	assert_int_equal(refusal(&z, "1 24:00"), ERR_USAGE);
}

static void day_tables(void **state)
{
	struct point p = make(TYPE_DAYTABLE, 1, 0);
	const char *day = "00:00 valley, 08:00 flat, 18:00 peak, 22:00 flat";
	uint16_t regs[21] = { 0x0400, 0x0003, 0x0008, 0x0200, 0x1203, 0x0016 };
	uint16_t bad[21] = { 0x0500 }, falling[21] = { 0x0400, 0x0803, 0x0007 },
		 gap[21] = { 0x0000, 0x0003, 0x0008 }, twice[21] = { 0x0400, 0x0803, 0x0008 };

	(void)state;
	there_and_back(&p, day, regs, day);
	there_and_back(&p, "empty", (uint16_t[21]){ 0 }, "empty");
	assert_string_equal(show(&p, bad), "refused");
	assert_string_equal(show(&p, falling), "refused");
	assert_string_equal(show(&p, twice), "refused");
	assert_string_equal(show(&p, gap), "refused");
	assert_int_equal(refusal(&p, "00:00 valley, 08:00 noon"), ERR_USAGE);
	assert_int_equal(refusal(&p, "08:00 flat, 07:00 peak"), ERR_USAGE);
	assert_int_equal(refusal(&p, "00:00 valley, 08:00 flat, 07:59 peak"), ERR_USAGE);
	assert_int_equal(refusal(&p, "00:00 valley, 08:00 flat, 08:00 peak"), ERR_USAGE);
	assert_int_equal(refusal(&p, "00:00 valley, 00:00 flat"), ERR_USAGE);
	assert_int_equal(refusal(&p, "00:00 valley,"), ERR_USAGE);
	assert_int_equal(refusal(&p, "06:00 flat, 08:00 peak"), ERR_USAGE);
	assert_string_equal(show(&p, (uint16_t[21]){ 0x0300, 0x0600 }), "06:00 flat");
}

/* As other makers have them. */
static void other_layouts(void **state)
{
	struct point c = make(TYPE_CLOCK, 1, 0), s = make(TYPE_STAMP, 1, 0), t = make(TYPE_DAYTABLE, 1, 0);
	uint16_t regs[8] = { 0 };
	int64_t at;

	(void)state;
	c.layout = "year month day hour minute second";
	there_and_back(&c, "2026-07-15 12:45:30", (uint16_t[]){ 0x1A07, 0x0F0C, 0x2D1E }, "2026-07-15 12:45:30");
	c.layout = "century year month day weekday hour minute second";
	c.words = 4;
	there_and_back(&c, "2026-07-15 12:45:30", (uint16_t[]){ 0x141A, 0x070F, 0x030C, 0x2D1E }, "2026-07-15 12:45:30");
	/* a Sunday is day 7 */
	there_and_back(&c, "2026-07-19 00:00:00", (uint16_t[]){ 0x141A, 0x0713, 0x0700, 0x0000 }, "2026-07-19 00:00:00");
	assert_string_equal(show(&c, (uint16_t[]){ 0x131A, 0x070F, 0x030C, 0x2D1E }), "refused");
	/* a byte without a name stays */
	c.layout = "_ year month day hour minute second _";
	regs[0] = 0xAB00;
	regs[3] = 0x00CD;
	assert_int_equal(codec_clock_seconds("2026-07-15 12:45:30", &at), 0);
	assert_int_equal(codec_clock_encode(&c, CLOCK_BCD, at, regs), 0);
	assert_memory_equal(regs, ((uint16_t[]){ 0xAB26, 0x0715, 0x1245, 0x30CD }), 8);
	s.layout = "month day hour minute";
	there_and_back(&s, "07-15 14:45", (uint16_t[]){ 0x070F, 0x0E2D }, "07-15 14:45");
	t.slots = 3;
	t.slot = "hour minute _ rate";
	t.rates = "sharp peak valley flat";
	t.words = 6;
	there_and_back(&t, "00:00 valley, 08:30 flat", (uint16_t[6]){ 0x0000, 3, 0x081E, 4 }, "00:00 valley, 08:30 flat");
	assert_int_equal(refusal(&t, "00:00 valley, 01:00 flat, 02:00 peak, 03:00 flat"), ERR_USAGE);
	assert_string_equal(show(&t, (uint16_t[6]){ 0x0000, 5 }), "refused");
	t.rates = "_ peak";
	assert_string_equal(show(&t, (uint16_t[6]){ 0x0000, 1 }), "refused");
	assert_int_equal(codec_needed(&t, regs, regs), 6);
}

/* The seasons of adw300-settings, and what is none. */
static void zones(void **state)
{
	struct point p = make(TYPE_ZONES, 1, 0);
	const char *year = "01-01 table1, 06-01 table2, 10-01 table1";
	static const uint16_t bad[][6] = {
		{ 0x0401, 0x0100 },				/* table 4 */
		{ 0x0101 },					/* no month */
		{ 0x0100, 0x0100 },				/* no day */
		{ 0x0101, 0x0D00 },				/* month 13 */
		{ 0x011F, 0x0400 },				/* 31 April */
		{ 0x0001, 0x0100 },				/* no table */
		{ 0x0000, 0x0001, 0x0101 },			/* used after unused */
		{ 0x0101, 0x0602, 0x0101 },			/* falling */
		{ 0x0101, 0x0602, 0x0106 },			/* the same day twice */
		{ 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF },
	};

	(void)state;
	there_and_back(&p, year, (uint16_t[]){ 0x0101, 0x0102, 0x0106, 0x0101, 0x0A00, 0x0000 }, year);
	there_and_back(&p, "02-29 table3,3-1 table1, 05-15 table2,12-31 table3",
		       (uint16_t[]){ 0x031D, 0x0201, 0x0103, 0x020F, 0x0503, 0x1F0C },
		       "02-29 table3, 03-01 table1, 05-15 table2, 12-31 table3");
	there_and_back(&p, "empty", (uint16_t[6]){ 0 }, "empty");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(show(&p, bad[i]), "refused");
	assert_int_equal(refusal(&p, "01-01 table4"), ERR_USAGE);
	assert_int_equal(refusal(&p, "01-01 table12"), ERR_USAGE);
	assert_int_equal(refusal(&p, "02-30 table1"), ERR_USAGE);
	assert_int_equal(refusal(&p, "13-01 table1"), ERR_USAGE);
	assert_int_equal(refusal(&p, "01-01"), ERR_USAGE);
	assert_int_equal(refusal(&p, "01-01 table1,"), ERR_USAGE);
	assert_int_equal(refusal(&p, "06-01 table1, 01-01 table2"), ERR_USAGE);
	assert_int_equal(refusal(&p, "06-01 table1, 06-01 table2"), ERR_USAGE);
	assert_int_equal(refusal(&p, "01-01 table1, 02-01 table2, 03-01 table3, 04-01 table1, 05-01 table2"),
			 ERR_USAGE);
}

static int64_t seconds(const char *text)
{
	int64_t t = 0;

	assert_int_equal(codec_clock_seconds(text, &t), 0);
	return t;
}

static void clock_coding(void **state)
{
	static const uint16_t binary[] = { 0x351A, 0x090E, 0x0319 }, bcd[] = { 0x5326, 0x0914, 0x0325 };
	/* in either a date: 2037-06-17 19:08:18 or 2025-06-11 13:08:12 */
	static const uint16_t both[] = { 0x1208, 0x1311, 0x0625 }, none[] = { 0xFFFF, 0xFFFF, 0xFFFF };
	int64_t t = seconds("2025-03-14 09:26:53");
	uint16_t out[3];

	(void)state;
	assert_true(t == 1741944413);
	assert_int_equal(codec_clock_coding(&the_clock, binary, t), CLOCK_BINARY);
	assert_int_equal(codec_clock_coding(&the_clock, bcd, t), CLOCK_BCD);
	/* what the registers say for themselves does not ask the host */
	assert_int_equal(codec_clock_coding(&the_clock, binary, 0), CLOCK_BINARY);
	assert_int_equal(codec_clock_coding(&the_clock, bcd, 0), CLOCK_BCD);
	assert_int_equal(codec_clock_coding(&the_clock, both, seconds("2026-11-22 14:03:27")), CLOCK_BCD);
	assert_int_equal(codec_clock_coding(&the_clock, both, seconds("2036-11-22 14:03:27")), CLOCK_BINARY);
	assert_int_equal(codec_clock_coding(&the_clock, none, t), CLOCK_BINARY);
	assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, t, out), 0);
	assert_memory_equal(out, binary, sizeof(out));
	assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BCD, t, out), 0);
	assert_memory_equal(out, bcd, sizeof(out));
	assert_int_equal(codec_clock_decode(&the_clock, CLOCK_BCD, both, &t), 0);
	assert_true(t == seconds("2025-06-11 13:08:12"));
	assert_int_equal(codec_clock_decode(&the_clock, CLOCK_BINARY, both, &t), 0);
	assert_true(t == seconds("2037-06-17 19:08:18"));
	assert_int_equal(codec_clock_decode(&the_clock, CLOCK_BCD, none, &t), -1);
	assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, seconds("2000-01-01 00:00:00") - 1, out), -1);
	assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BCD, seconds("2099-12-31 23:59:59"), out), 0);
	assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BCD, seconds("2099-12-31 23:59:59") + 1, out), -1);
	assert_int_equal(codec_clock_seconds("now", &t), -1);
	assert_int_equal(codec_clock_seconds("2025-02-29 00:00:00", &t), -1);
}

static void texts(void **state)
{
	struct point p = make(TYPE_STRING, 1, 0), h = make(TYPE_HEX, 1, 0);

	(void)state;
	p.words = 4;
	h.words = 2;
	there_and_back(&p, "net1", (uint16_t[]){ 0x6E65, 0x7431, 0, 0 }, "net1");
	assert_string_equal(show(&p, (uint16_t[]){ 0x1B5B, 0x3141, 0, 0 }), "?[1A");
	assert_int_equal(refusal(&p, "more than eight"), ERR_DENIED);
	/* what could not be read back as it was written */
	assert_int_equal(refusal(&p, "net1 "), ERR_DENIED);
	assert_int_equal(refusal(&p, "a\tb"), ERR_DENIED);
	there_and_back(&p, "gr\xC3\xBCn", (uint16_t[]){ 0x6772, 0xC3BC, 0x6E00, 0 }, "gr\xC3\xBCn");
	there_and_back(&h, "0102 FFFE", (uint16_t[]){ 0x0102, 0xFFFE }, "0102 FFFE");
	assert_int_equal(refusal(&h, "0102"), ERR_USAGE);
}

/* The order of the bytes, as a technician writes it: A is the highest. */
static void orders(void **state)
{
	static const uint16_t f32[4][2] = {	/* 230.2 is 43663333H */
		{ 0x4366, 0x3333 }, { 0x3333, 0x4366 }, { 0x6643, 0x3333 }, { 0x3333, 0x6643 },
	};
	static const uint16_t i64[4][4] = {	/* -0102030405060708H is FEFDFCFBFAF9F8F8H */
		{ 0xFEFD, 0xFCFB, 0xFAF9, 0xF8F8 }, { 0xF8F8, 0xFAF9, 0xFCFB, 0xFEFD },
		{ 0xFDFE, 0xFBFC, 0xF9FA, 0xF8F8 }, { 0xF8F8, 0xF9FA, 0xFBFC, 0xFDFE },
	};
	struct point f = make(TYPE_F32, 1, 1), i = make(TYPE_I64, 1, 0), u = make(TYPE_U16, 1, 0);

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		f.order = i.order = u.order = (enum byte_order)k;
		there_and_back(&f, "230.2", f32[k], "230.2");
		assert_string_equal(show(&i, i64[k]), "-72623859790382856");
		/* one word stands as it is */
		there_and_back(&u, "258", (uint16_t[]){ 0x0102 }, "258");
	}
}

/* From 2^53 on a double has not all digits. */
static void all_digits(void **state)
{
	static const uint16_t most[4] = { 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF }, least[4] = { 0x8000 };
	struct point u = make(TYPE_U64, 1, 0), i = make(TYPE_I64, 0.001, 3), w = make(TYPE_U64, 10, 0);
	struct value v;

	(void)state;
	assert_string_equal(show(&u, most), "18446744073709551615");
	assert_string_equal(show(&i, least), "-9223372036854775.808");
	assert_string_equal(show(&i, most), "-0.001");
	assert_string_equal(show(&w, (uint16_t[]){ 0x0100, 0, 0, 1 }), "720575940379279370");
	/* ten times that are more than 64 bits: what a double has of it */
	assert_int_equal(codec_decode(&w, most, &v, NULL), 0);
	assert_string_equal(v.text, "");
	i.offset = 0.5;
	assert_int_equal(codec_decode(&i, least, &v, NULL), 0);
	assert_string_equal(v.text, "");
	there_and_back(&u, "4294967295", (uint16_t[]){ 0, 0, 0xFFFF, 0xFFFF }, "4294967295");
	i.offset = 0;
	there_and_back(&i, "-5", (uint16_t[]){ 0xFFFF, 0xFFFF, 0xFFFF, 0xEC78 }, "-5.000");
}

static void wide_and_packed_numbers(void **state)
{
	struct point d = make(TYPE_F64, 1, 3), b = make(TYPE_BCD, 0.01, 2);

	(void)state;
	there_and_back(&d, "-1.5", (uint16_t[]){ 0xBFF8, 0, 0, 0 }, "-1.500");
	assert_string_equal(show(&d, (uint16_t[]){ 0x7FF0, 0, 0, 0 }), "refused");
	assert_string_equal(show(&d, (uint16_t[]){ 0x7E37, 0xE43C, 0x8800, 0x759C }), "1e+300");
	b.words = 2;
	there_and_back(&b, "123456.78", (uint16_t[]){ 0x1234, 0x5678 }, "123456.78");
	assert_int_equal(refusal(&b, "1000000"), ERR_DENIED);
	assert_string_equal(show(&b, (uint16_t[]){ 0x123A, 0 }), "refused");
	b.order = ORDER_CDAB;
	there_and_back(&b, "123456.78", (uint16_t[]){ 0x5678, 0x1234 }, "123456.78");
	b.words = 1;
	there_and_back(&b, "12.34", (uint16_t[]){ 0x1234 }, "12.34");
}

static void offsets_and_signs(void **state)
{
	struct point t = make(TYPE_U16, 0.1, 1), n = make(TYPE_I16, -1, 0);

	(void)state;
	t.offset = -40;
	there_and_back(&t, "25", (uint16_t[]){ 650 }, "25.0");
	there_and_back(&t, "-40", (uint16_t[]){ 0 }, "-40.0");
	assert_int_equal(refusal(&t, "-41"), ERR_DENIED);
	assert_int_equal(refusal(&t, "25.05"), ERR_DENIED);
	there_and_back(&n, "5", (uint16_t[]){ 0xFFFB }, "5");
}

/* "This meter has no such value" is no number. */
static void no_values(void **state)
{
	static const struct none code = { .bits = 0x7FFF, .num = 9999 };
	struct point i = make(TYPE_I16, 0.001, 3), f = make(TYPE_F32, 1, 1), b = make(TYPE_BCD, 1, 0);
	struct value v;
	struct err e = { 0 };

	(void)state;
	b.words = 1;
	i.none = f.none = b.none = &code;
	i.nnone = f.nnone = b.nnone = 1;
	assert_int_equal(codec_decode(&i, (uint16_t[]){ 0x7FFF }, &v, &e), 0);
	assert_int_equal(v.kind, VALUE_NONE);
	assert_int_equal(e.code, ERR_NO);
	assert_string_equal(show(&i, (uint16_t[]){ 0x7FFE }), "32.766");
	assert_string_equal(show(&f, (uint16_t[]){ 0x461C, 0x3C00 }), "");	/* 9999 */
	assert_string_equal(show(&f, (uint16_t[]){ 0x7FC0, 0 }), "");		/* NaN always */
	assert_string_equal(show(&f, (uint16_t[]){ 0x7F80, 0 }), "refused");	/* infinite */
	assert_string_equal(show(&b, (uint16_t[]){ 0x9999 }), "");
}

/* Numbers of which a word holds more than one. */
static void parts_of_a_word(void **state)
{
	struct point p = make(TYPE_U16, 1, 0), s = make(TYPE_I16, 1, 0);
	uint16_t word = 0xABCD;
	struct value v;

	(void)state;
	p.mask = 0x0FF0;
	s.mask = 0x00FF;
	assert_string_equal(show(&p, &word), "188");		/* BCH */
	assert_string_equal(show(&s, &word), "-51");		/* CDH */
	assert_int_equal(codec_parse(&p, "18", &v, NULL), 0);
	assert_int_equal(codec_encode(&p, &v, &word, NULL), 0);
	assert_int_equal(word, 0xA12D);
	assert_int_equal(codec_parse(&s, "-128", &v, NULL), 0);
	assert_int_equal(codec_encode(&s, &v, &word, NULL), 0);
	assert_int_equal(word, 0xA180);
	assert_int_equal(refusal(&p, "256"), ERR_DENIED);
	assert_int_equal(refusal(&s, "128"), ERR_DENIED);
}

static void addresses(void **state)
{
	struct point a = make(TYPE_IPV4, 1, 0);

	(void)state;
	there_and_back(&a, "192.168.1.10", (uint16_t[]){ 0xC0A8, 0x010A }, "192.168.1.10");
	a.order = ORDER_DCBA;
	there_and_back(&a, "192.168.1.10", (uint16_t[]){ 0x0A01, 0xA8C0 }, "192.168.1.10");
	assert_int_equal(refusal(&a, "192.168.1.256"), ERR_USAGE);
	assert_int_equal(refusal(&a, "192.168.1"), ERR_USAGE);
}

/* Bytes turned round, one character a word, filled up with blanks. */
static void text_layouts(void **state)
{
	struct point s = make(TYPE_STRING, 1, 0);

	(void)state;
	s.words = 3;
	s.chars = 2;
	s.order = ORDER_CDAB;
	there_and_back(&s, "abc", (uint16_t[]){ 0x6162, 0x6300, 0 }, "abc");
	s.order = ORDER_BADC;
	there_and_back(&s, "abc", (uint16_t[]){ 0x6261, 0x0063, 0 }, "abc");
	s.pad = PAD_BLANK;
	there_and_back(&s, "abc", (uint16_t[]){ 0x6261, 0x2063, 0x2020 }, "abc");
	s.order = ORDER_ABCD;
	s.chars = 1;
	there_and_back(&s, "abc", (uint16_t[]){ 0x61, 0x62, 0x63 }, "abc");
	assert_int_equal(refusal(&s, "abcd"), ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(number_is_the_nearest),
		cmocka_unit_test(range),
		cmocka_unit_test(power_factor_sign),
		cmocka_unit_test(floats),
		cmocka_unit_test(numbers_by_name),
		cmocka_unit_test(choices),
		cmocka_unit_test(bit_words),
		cmocka_unit_test(fractions),
		cmocka_unit_test(clocks),
		cmocka_unit_test(frame_and_freeze),
		cmocka_unit_test(day_tables), cmocka_unit_test(other_layouts),
		cmocka_unit_test(zones),
		cmocka_unit_test(clock_coding),
		cmocka_unit_test(texts), cmocka_unit_test(orders), cmocka_unit_test(all_digits),
		cmocka_unit_test(wide_and_packed_numbers), cmocka_unit_test(offsets_and_signs),
		cmocka_unit_test(no_values), cmocka_unit_test(parts_of_a_word), cmocka_unit_test(addresses), cmocka_unit_test(text_layouts),
	};

	return UNIT_RUN(tests);
}
