/* What is made of the frames of others: who talks, what their registers are called, at which
 * rate they talk. */
#include <string.h>

#include "base/crc16.h"
#include "modbus/named.h"
#include "modbus/recorded.h"
#include "modbus/speed_search.h"
#include "modbus/traffic.h"
#include "temp.h"
#include "unit.h"

#define MS 1000LL

static struct splitter splitter;
static struct traffic traffic;
static struct cut last;

static int clean(void **state)
{
	(void)state;
	memset(&splitter, 0, sizeof(splitter));
	memset(&traffic, 0, sizeof(traffic));
	return 0;
}

/* N bytes without their check at AT_MS: a whole frame. */
static const struct cut *frame(int64_t at_ms, const char *bytes, size_t n)
{
	uint8_t b[FRAME_MAX];

	memcpy(b, bytes, n);
	splitter_feed(&splitter, b, crc16_append(b, n), at_ms * MS);
	/* what may still become something longer is sure only when nothing follows */
	assert_true(splitter_next(&splitter, at_ms * MS, &last)
		    || splitter_next(&splitter, at_ms * MS + SPLITTER_LOST_US, &last));
	traffic_take(&traffic, &last);
	return &last;
}

static void poll_of_unit(int64_t at_ms, char unit)
{
	const char request[] = { unit, 3, 0, 0x14, 0, 1 }, reply[] = { unit, 3, 2, 9, 1 };

	frame(at_ms, request, 6);
	frame(at_ms + 20, reply, 5);
}

static void each_unit_is_counted(void **state)
{
	const struct traffic_unit *one = &traffic.units[1], *two = &traffic.units[2];

	(void)state;
	for (int i = 0; i < 10; i++)
		poll_of_unit(1000 + i * 500, 1);
	for (int i = 0; i < 3; i++)
		frame(6000 + i * 300, "\2\3\0\x14\0\1", 6);
	frame(7000, "\1\3\x70\0\0\1", 6);
	frame(7030, "\1\x83\2", 3);
	assert_int_equal(one->requests, 11);
	assert_int_equal(one->replies, 10);
	assert_int_equal(one->exceptions, 1);
	assert_int_equal(traffic_silent(one, 9000 * MS), 0);
	assert_int_equal(two->requests, 3);
	assert_int_equal(two->repeated, 2);
	/* the last one may still be answered */
	assert_int_equal(traffic_silent(two, 6700 * MS), 2);
	assert_int_equal(traffic_silent(two, 9000 * MS), 3);
	assert_int_equal(one->wait_least_us, 20 * MS);
	assert_int_equal(one->wait_most_us, 30 * MS);
	assert_true(traffic_rate(two) > 3.33 && traffic_rate(two) < 3.34);
}

static void one_master_is_no_second(void **state)
{
	char text[300];

	(void)state;
	/* its list twice a second; another part of it each fourth time; one that is not there */
	for (int i = 0; i < 40; i++) {
		poll_of_unit(1000 + i * 500, 1);
		poll_of_unit(1060 + i * 500, 2);
		if (i % 4 == 0)
			poll_of_unit(1120 + i * 500, 3);
		if (i % 4 == 1)
			frame(1180 + i * 500, "\7\3\0\x14\0\1", 6);
	}
	assert_string_equal(traffic_second_master(&traffic, text, sizeof(text)), "");
}

static void a_second_master_is_seen(void **state)
{
	char text[300];

	(void)state;
	/* two rhythms that never meet */
	for (int i = 0; i < 20; i++) {
		poll_of_unit(1000 + i * 1400, 1);
		poll_of_unit(1100 + i * 1400, 2);
		poll_of_unit(1600 + i * 1400, 2);
	}
	assert_string_equal(traffic_second_master(&traffic, text, sizeof(text)), "");
	clean(NULL);
	for (int i = 0, k = 0; i < 20; i++) {
		poll_of_unit(1000 + i * 1000, 1);
		for (; k * 1370 < i * 1000; k++)
			poll_of_unit(1000 + k * 1370 + 300, 2);
	}
	assert_non_null(strstr(traffic_second_master(&traffic, text, sizeof(text)),
			       "two polling rhythms: unit 1 register 0x0014 every 1.00 s, unit 2 register 0x0014 every 1.37 s"));
	clean(NULL);
	/* they speak while others are to speak */
	for (int i = 0; i < 3; i++) {
		frame(1000 + i * 1000, "\1\3\0\x14\0\1", 6);
		frame(1010 + i * 1000, "\2\3\0\x14\0\1", 6);
		assert_int_equal(*traffic_second_master(&traffic, text, sizeof(text)) != '\0', i == 2);
	}
}

/* ---- names --------------------------------------------------------------------- */

static struct named items[READ_MAX];
static uint16_t regs[READ_MAX];

static void registers_have_names(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	size_t n;

	(void)state;
	frame(1000, "\1\3\0\x14\0\2", 6);
	n = named_of(p, &last, regs, items);
	assert_int_equal(n, 2);
	assert_string_equal(items[0].point->key, "voltage.a");
	assert_null(items[0].regs);
	frame(1020, "\1\3\4\x09\1\x09\2", 7);
	n = named_of(p, &last, regs, items);
	assert_int_equal(n, 2);
	assert_true(items[0].value.num > 230.4 && items[0].value.num < 230.6);
	assert_string_equal(items[1].point->key, "voltage.b");
	frame(2000, "\1\3\x6F\0\0\3", 6);
	frame(2020, "\1\3\6\0\1\0\2\0\3", 9);
	n = named_of(p, &last, regs, items);
	assert_int_equal(n, 1);
	assert_null(items[0].point);
	assert_int_equal(items[0].words, 3);
	assert_int_equal(items[0].regs[2], 3);
	/* a frame of which the request was not heard names nothing */
	clean(NULL);
	frame(3000, "\1\3\4\x09\1\x09\2", 7);
	assert_int_equal(named_of(p, &last, regs, items), 0);
}

static void secrets_have_no_bytes(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	uint8_t b[FRAME_MAX];

	(void)state;
	frame(1000, "\1\6\0\x08\x12\x34", 6);
	memcpy(b, last.bytes, last.n);
	assert_true(named_redact(p, &last, b));
	assert_memory_equal(b, "\1\6\0\x08\0\0\0\0", 8);
	frame(2000, "\1\3\0\x08\0\1", 6);
	memcpy(b, last.bytes, last.n);
	assert_false(named_redact(p, &last, b));
	frame(2020, "\1\3\2\x12\x34", 5);
	memcpy(b, last.bytes, last.n);
	assert_true(named_redact(p, &last, b));
	assert_memory_equal(b, "\1\3\2\0\0\0\0", 7);
	/* it may be one */
	frame(9000, "\1\3\2\x12\x34", 5);
	memcpy(b, last.bytes, last.n);
	assert_true(named_redact(p, &last, b));
	assert_memory_equal(b, "\1\3\2\0\0\0\0", 7);
}

/* ---- the rate ----------------------------------------------------------------------- */

/* How many bursts until a line at BAUD and PARITY is heard, from 9600 8N1. */
static int bursts_to(int baud, char parity)
{
	struct speed_search s = { 0 };
	struct target t = { .baud = 9600, .parity = 'N', .stop = 1 };

	for (int i = 1; i < 100; i++) {
		bool right = t.baud == baud && t.parity == parity;

		speed_search_bytes(&s, 8, i * 100 * MS);
		assert_false(speed_search_paused(&s, i * 100 * MS + 16 * MS));
		assert_true(speed_search_paused(&s, i * 100 * MS + SPEED_SEARCH_GAP_US));
		if (!speed_search_ended(&s, right, &t) && right)
			return i;
	}
	return 0;
}

static void the_right_rate_is_found(void **state)
{
	static const int rates[] = { 4800, 9600, 19200, 38400 };
	static const struct {
		int baud;
		char parity;
	} likely[] = {
		{ 9600, 'E' }, { 9600, 'O' }, { 4800, 'N' }, { 4800, 'E' }, { 19200, 'N' }, { 19200, 'E' },
		{ 38400, 'N' }, { 115200, 'N' },
	};

	(void)state;
	/* a burst is a request and its reply, or one of them: 20 frames are 10 bursts at least */
	assert_int_equal(bursts_to(9600, 'N'), 1);
	for (size_t i = 0; i < sizeof(likely) / sizeof(likely[0]); i++) {
		int n = bursts_to(likely[i].baud, likely[i].parity);

		assert_true(n > 1 && n <= 10);
	}
	for (size_t i = 0; i < 4; i++)
		for (const char *p = "NEO"; *p; p++) {
			int n = bursts_to(rates[i], *p);

			assert_true(n > 0 && n <= 15);
		}
	assert_true(bursts_to(57600, 'E') > 0);
}

/* Some rubbish on a line that is heard well is a collision. */
static void a_good_line_is_not_left(void **state)
{
	struct speed_search s = { 0 };
	struct target t = { .baud = 9600, .parity = 'N', .stop = 1 };

	(void)state;
	for (int i = 0; i < 60; i++) {
		speed_search_bytes(&s, 8, i * 100 * MS);
		assert_false(speed_search_ended(&s, i % 10 == 0, &t));
	}
	assert_int_equal(t.baud, 9600);
}

/* ---- from a file ------------------------------------------------------------------------ */

static void a_trace_is_read(void **state)
{
	char path[TEMP_PATH];
	struct recorded r;
	uint8_t b[FRAME_BUFFER];
	struct err e = { 0 };
	int64_t first, at;
	FILE *f = fopen(temp_path(path, "trace"), "w");

	(void)state;
	assert_non_null(f);
	fputs("23:59:59.900000 > 01 03 00 14 00 01 C4 0E\n"
	      "23:59:59.950000 * a remark 01 02\n"
	      "00:00:00.100000 < 01 03 02 09 01 7E 14  a remark\n"
	      "00:00:01.000000 > 00 01 00 00 00 06 01 03 00 14 00 01\n"
	      "00:00:01.100000 < 01 03 02 00 00 00 00  secret bytes and the check shown as 00\n"
	      "00:00:02.000000 < a/topic {\"01\":2}\n", f);
	fclose(f);
	assert_int_equal(recorded_open(&r, path, &e), 0);
	assert_int_equal(recorded_next(&r, b, &first), 8);
	assert_memory_equal(b, "\1\3\0\x14\0\1\xC4\x0E", 8);
	assert_int_equal(recorded_next(&r, b, &at), 7);
	assert_int_equal(at - first, 200 * MS);
	assert_int_equal(recorded_next(&r, b, &at), 8);
	assert_memory_equal(b, "\1\3\0\x14\0\1\xC4\x0E", 8);
	assert_int_equal(recorded_next(&r, b, &at), 7);
	assert_true(crc16_good(b, 7));
	assert_int_equal(recorded_next(&r, b, &at), 0);
	recorded_close(&r);
	assert_int_equal(recorded_open(&r, "/dev/null", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_unit_is_counted, clean),
		cmocka_unit_test_setup(one_master_is_no_second, clean),
		cmocka_unit_test_setup(a_second_master_is_seen, clean),
		cmocka_unit_test_setup(registers_have_names, clean),
		cmocka_unit_test_setup(secrets_have_no_bytes, clean),
		cmocka_unit_test(the_right_rate_is_found),
		cmocka_unit_test(a_good_line_is_not_left),
		cmocka_unit_test(a_trace_is_read),
	};

	return UNIT_RUN(tests);
}
