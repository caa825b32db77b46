/* Bytes of others into frames: where each ends, what it answers, whatever the lumps in which
 * they are handed over. The traffic is made up here, with its own lengths and check. */
#include <stdlib.h>
#include <string.h>

#include "modbus/splitter.h"
#include "unit.h"

#define FRAMES 10000
#define BYTE_US 87		/* 115200 8N1 */
#define SEEDS 3

static uint64_t luck;

static unsigned dice(unsigned n)
{
	luck ^= luck << 13;
	luck ^= luck >> 7;
	luck ^= luck << 17;
	return (unsigned)(luck >> 20) % n;
}

/* Modbus over Serial Line V1.02, 6.2.2, bit by bit. */
static size_t seal(uint8_t *b, size_t n)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= b[i];
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	b[n] = (uint8_t)crc;
	b[n + 1] = (uint8_t)(crc >> 8);
	return n + 2;
}

/* ---- what was said ------------------------------------------------------------- */

struct said {
	uint8_t bytes[600];
	size_t n;
	enum cut_kind kind;
	bool paired;
	unsigned addr, count;	/* of what a reply answers */
	int64_t from_us;
};

static struct said *said;
static size_t nsaid;
static int64_t clock_us;

static struct said *say(enum cut_kind kind, const uint8_t *b, size_t n, int64_t pause_us)
{
	struct said *s = &said[nsaid++];

	clock_us += pause_us;
	*s = (struct said){ .n = n, .kind = kind, .from_us = clock_us };
	memcpy(s->bytes, b, n);
	clock_us += (int64_t)n * BYTE_US;
	return s;
}

static void put(uint8_t *b, unsigned v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static size_t some(uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)dice(256);
	return n;
}

/* A request of FUNCTION to UNIT into Q, its reply into A, what it is about. */
static void invent(uint8_t unit, uint8_t function, uint8_t *q, size_t *nq, uint8_t *a, size_t *na, unsigned *addr,
		   unsigned *count)
{
	q[0] = a[0] = unit;
	q[1] = a[1] = function;
	*addr = dice(4) ? dice(0x600) : dice(0xFF00);
	*count = 1;
	put(q + 2, *addr);
	switch (function) {
	case 1: case 2:
		*count = 1 + dice(2000);
		put(q + 4, *count);
		*nq = 6;
		a[2] = (uint8_t)((*count + 7) / 8);
		*na = 3 + some(a + 3, a[2]);
		return;
	case 3: case 4:
		*count = 1 + dice(dice(3) ? 20 : 125);
		put(q + 4, *count);
		*nq = 6;
		a[2] = (uint8_t)(2 * *count);
		*na = 3 + some(a + 3, a[2]);
		return;
	case 0x10:
		*count = 1 + dice(123);
		put(q + 4, *count);
		q[6] = (uint8_t)(2 * *count);
		*nq = 7 + some(q + 7, q[6]);
		break;
	case 0x17:
		*count = 1 + dice(60);
		put(q + 4, *count);
		some(q + 6, 2);
		put(q + 8, 3);
		q[10] = 6;
		*nq = 11 + some(q + 11, 6);
		a[2] = (uint8_t)(2 * *count);
		*na = 3 + some(a + 3, a[2]);
		return;
	case 0x2B:	/* its reply does not tell its length */
		memcpy(q + 2, "\x0E\x01", 3);
		*nq = 5;
		memcpy(a + 2, "\x0E\x01\x01", 3);
		*na = 5 + some(a + 5, 20 + dice(40));
		*count = 0;
		return;
	case 0x20:	/* nor does anything of this one */
		*nq = 2 + some(q + 2, 4 + dice(30));
		*na = 2 + some(a + 2, 4 + dice(30));
		*count = 0;
		return;
	default:	/* 5, 6 */
		some(q + 4, 2);
		*nq = 6;
	}
	memcpy(a, q, 6);
	*na = 6;
}

/* One exchange, or a request in vain. */
static void talk(bool unknown)
{
	static const uint8_t functions[] = { 3, 3, 3, 3, 4, 4, 1, 2, 5, 6, 0x10, 0x17, 0x2B, 0x20 };
	uint8_t unit = (uint8_t)(1 + dice(5)), function = functions[dice(unknown ? 14 : 12)];
	uint8_t q[300], a[300];
	size_t nq, na;
	unsigned addr, count, fate = dice(20);
	bool silence = function >= 0x20;
	struct said *s;

	invent(unit, function, q, &nq, a, &na, &addr, &count);
	s = say(function == 0x20 ? CUT_UNKNOWN : CUT_REQUEST, q, seal(q, nq), silence ? 60000 : 2000 + dice(3000));
	s->addr = addr;
	s->count = count;
	if (fate == 0) {	/* nobody is there, and the same bytes may come again */
		clock_us += 1100000;
		return;
	}
	if (fate == 1 && !silence) {
		a[1] = function | 0x80;
		a[2] = (uint8_t)(1 + dice(4));
		na = 3;
	}
	s = say(silence ? CUT_UNKNOWN : CUT_REPLY, a, seal(a, na), silence ? 60000 : 1000 + dice(40000));
	s->paired = true;
	s->addr = addr;
	s->count = count;
	if (silence)
		clock_us += 60000;
}

/* What is no frame, in any part of it: bytes behind which silence is. */
static void disturb(void)
{
	uint8_t b[80];
	size_t n = 1 + dice(60);

	clock_us += 300000;
	some(b, n);
	b[0] = 0xF0;	/* no unit that anybody here waits for */
	say(CUT_GARBAGE, b, n, 0);
	clock_us += 300000;
}

/* ---- what is understood ------------------------------------------------------------ */

static size_t at_said;
static size_t cut_rest;		/* of garbage that comes in parts */

static void compare(const struct cut *c)
{
	const struct said *s = &said[at_said];

	assert_true(at_said < nsaid);
	if (c->kind == CUT_GARBAGE) {
		assert_int_equal(s->kind, CUT_GARBAGE);
		assert_memory_equal(c->bytes, s->bytes + cut_rest, c->n);
		cut_rest += c->n;
		if (cut_rest < s->n)
			return;
		cut_rest = 0;
		at_said++;
		return;
	}
	if (c->kind != s->kind || c->n != s->n || c->paired != s->paired)
		print_message("frame %zu: kind %d want %d, %zu bytes want %zu, paired %d want %d\n", at_said, c->kind, s->kind,
			      c->n, s->n, c->paired, s->paired);
	assert_int_equal(c->kind, s->kind);
	assert_int_equal(c->n, s->n);
	assert_memory_equal(c->bytes, s->bytes, s->n);
	assert_int_equal(c->paired, s->paired);
	assert_false(c->ambiguous);
	if (s->count) {
		assert_true(c->addressed);
		assert_int_equal(c->about.addr, s->addr);
		assert_int_equal(c->about.count, s->count);
	}
	at_said++;
}

static void drain(struct splitter *s, int64_t now)
{
	struct cut c;

	while (splitter_next(s, now, &c))
		compare(&c);
}

/* All of it, handed over in lumps of LUMP_US; 0: by chance. */
static void hand_over(int64_t lump_us)
{
	struct splitter *s = calloc(1, sizeof(*s));
	uint8_t lump[SPLITTER_LUMP];
	size_t n = 0;
	int64_t ends = 0;

	at_said = cut_rest = 0;
	for (size_t i = 0; i < nsaid; i++)
		for (size_t k = 0; k < said[i].n; k++) {
			int64_t at = said[i].from_us + (int64_t)(k + 1) * BYTE_US;

			if (n == sizeof(lump) || (n && at > ends)) {
				int64_t then = ends < at ? ends : at;

				drain(s, then);
				splitter_feed(s, lump, n, then);
				drain(s, then);
				n = 0;
			}
			if (n == 0) {
				int64_t due = splitter_due_us(s, ends);

				/* as one who waits for it */
				while (due < at) {
					drain(s, due);
					due = splitter_due_us(s, due);
				}
				ends = lump_us ? (at / lump_us + 1) * lump_us : at + dice(9) * 1500;
			}
			lump[n++] = said[i].bytes[k];
		}
	drain(s, ends);
	splitter_feed(s, lump, n, ends);
	drain(s, ends);
	drain(s, INT64_MAX);
	assert_int_equal(at_said, nsaid);
	free(s);
}

static void converse(unsigned seed, bool unknown, bool garbage)
{
	luck = 88172645463325252ULL + seed;
	nsaid = 0;
	clock_us = 1000000;
	while (nsaid < FRAMES) {
		talk(unknown);
		if (garbage && dice(8) == 0)
			disturb();
	}
}

static void frames_of_others(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < SEEDS; seed++) {
		converse(seed, false, false);
		hand_over(16000);
		hand_over(1);
		hand_over(0);
		hand_over(120000);
	}
}

static void functions_nobody_knows(void **state)
{
	(void)state;
	converse(7, true, false);
	hand_over(16000);
	hand_over(1);
}

static void garbage_between(void **state)
{
	(void)state;
	converse(11, true, true);
	hand_over(16000);
	hand_over(1);
}

/* ---- one thing each ---------------------------------------------------------------- */

static struct splitter one;

/* N bytes without their check, at AT_US. */
static void at(int64_t at_us, const char *bytes, size_t n)
{
	uint8_t b[FRAME_MAX];

	memcpy(b, bytes, n);
	splitter_feed(&one, b, seal(b, n), at_us);
}

static struct cut next(int64_t now_us)
{
	struct cut c;

	assert_true(splitter_next(&one, now_us, &c));
	return c;
}

static int afresh(void **state)
{
	(void)state;
	memset(&one, 0, sizeof(one));
	return 0;
}

static void two_masters(void **state)
{
	struct cut c;

	(void)state;
	/* both ask, then both are answered: by other units */
	at(1000000, "\1\3\0\x14\0\1", 6);
	assert_false(next(1000000).early);
	at(1010000, "\2\3\0\x20\0\1", 6);
	assert_true(next(1010000).early);
	at(1020000, "\1\3\2\x09\1", 5);
	c = next(1020000);
	assert_true(c.paired && c.late && !c.ambiguous);
	assert_int_equal(c.about.addr, 0x14);
	assert_int_equal(c.wait_us, 20000);
	at(1030000, "\2\3\2\x09\1", 5);
	c = next(1030000);
	assert_true(c.paired && !c.late);
	assert_int_equal(c.about.addr, 0x20);
	/* of one unit: nobody knows whose the reply is */
	at(2000000, "\1\3\0\x14\0\1", 6);
	next(2000000);
	at(2010000, "\1\3\0\x18\0\1", 6);
	assert_true(next(2010000).early);
	at(2020000, "\1\3\2\x09\1", 5);
	assert_true(next(2020000).ambiguous);
}

static void a_master_that_gives_up(void **state)
{
	struct cut c;

	(void)state;
	at(1000000, "\1\3\0\x14\0\1", 6);
	next(1000000);
	at(1300000, "\1\3\0\x14\0\1", 6);
	c = next(1300000);
	assert_true(c.repeated && !c.early);
	at(1350000, "\1\x83\2", 3);
	c = next(1350000);
	assert_true(c.paired && !c.ambiguous);
	assert_int_equal(c.kind, CUT_REPLY);
	assert_int_equal(c.function, 0x83);
	/* a request that was answered may come again */
	at(2000000, "\1\3\0\x14\0\1", 6);
	assert_false(next(2000000).repeated);
}

/* Their acknowledgement is the same bytes: time tells. */
static void writes(void **state)
{
	struct cut c;

	(void)state;
	at(1000000, "\1\6\0\x14\0\1", 6);
	assert_int_equal(next(1000000).kind, CUT_REQUEST);
	at(1020000, "\1\6\0\x14\0\1", 6);
	c = next(1020000);
	assert_true(c.kind == CUT_REPLY && c.paired && c.about.addr == 0x14);
	at(2000000, "\1\6\0\x14\0\1", 6);
	assert_int_equal(next(2000000).kind, CUT_REQUEST);
	at(3100000, "\1\6\0\x14\0\1", 6);
	c = next(3100000);
	assert_true(c.kind == CUT_REQUEST && c.repeated);
	/* nobody acknowledges what is for all */
	at(5000000, "\0\6\0\x14\0\1", 6);
	assert_int_equal(next(5000000).kind, CUT_REQUEST);
	at(5020000, "\0\6\0\x14\0\1", 6);
	assert_int_equal(next(5020000).kind, CUT_REQUEST);
}

/* The first bytes are the rest of a frame; the reply is nobody's who was heard. */
static void begun_in_the_middle(void **state)
{
	struct cut c;

	(void)state;
	splitter_feed(&one, (const uint8_t *)"\0\1\x84\x0A", 4, 1000000);
	at(1000000, "\1\3\4\x09\1\x09\2", 7);
	assert_false(splitter_next(&one, 1000000, &c));
	c = next(1000000 + SPLITTER_LOST_US);
	assert_true(c.kind == CUT_GARBAGE && c.n == 4);
	c = next(1000000 + SPLITTER_LOST_US);
	assert_true(c.kind == CUT_REPLY && !c.paired && !c.addressed && c.about.count == 0);
}

/* The first bytes of a reply are a request, check included: it is the reply that is due. */
static void right_by_chance(void **state)
{
	uint8_t b[40] = "\1\3\x0A\0\0\1";
	struct cut c;

	(void)state;
	at(1000000, "\1\3\0\x14\0\5", 6);
	next(1000000);
	seal(b, 6);
	seal(b, 13);
	splitter_feed(&one, b, 8, 1010000);
	assert_false(splitter_next(&one, 1010000, &c));
	splitter_feed(&one, b + 8, 7, 1020000);
	c = next(1020000);
	assert_true(c.kind == CUT_REPLY && c.n == 15 && c.paired);
}

/* A frame in the envelope of another is no frame. */
static void wrapped_up(void **state)
{
	uint8_t b[40] = "\1\x20\x0C";
	uint8_t in[16] = "\1\3\0\x14\0\1";
	struct cut c;

	(void)state;
	memcpy(b + 3, in, seal(in, 6));
	splitter_feed(&one, b, seal(b, 11), 1000000);
	assert_false(splitter_next(&one, 1000000, &c));
	c = next(1000000 + SPLITTER_QUIET_US);
	assert_true(c.kind == CUT_UNKNOWN && c.n == 13);
}

static void damaged(void **state)
{
	struct cut c;

	(void)state;
	at(1000000, "\1\3\0\x14\0\2", 6);
	next(1000000);
	at(1010000, "\1\3\4\x09\1\x09\2", 7);
	one.buf[one.n - 4] ^= 1;
	at(1040000, "\2\3\0\x14\0\2", 6);
	c = next(1040000 + SPLITTER_QUIET_US);
	assert_true(c.kind == CUT_GARBAGE && c.n == 9);
	c = next(1040000 + SPLITTER_QUIET_US);
	assert_true(c.kind == CUT_REQUEST && c.unit == 2);
}

static int splitter_setup(void **state)
{
	(void)state;
	said = calloc(2 * FRAMES, sizeof(*said));
	return said ? 0 : -1;
}

static int splitter_teardown(void **state)
{
	(void)state;
	free(said);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_others),
		cmocka_unit_test(functions_nobody_knows),
		cmocka_unit_test(garbage_between),
		cmocka_unit_test_setup(two_masters, afresh),
		cmocka_unit_test_setup(a_master_that_gives_up, afresh),
		cmocka_unit_test_setup(writes, afresh),
		cmocka_unit_test_setup(begun_in_the_middle, afresh),
		cmocka_unit_test_setup(right_by_chance, afresh),
		cmocka_unit_test_setup(wrapped_up, afresh),
		cmocka_unit_test_setup(damaged, afresh),
	};

	return UNIT_RUN_WITH(tests, splitter_setup, splitter_teardown);
}
