/* What bytes after a request tell of who is on the line. */
#include <string.h>

#include "base/crc16.h"
#include "modbus/sighting.h"
#include "unit.h"

static const struct request two = { .unit = 5, .function = FUNCTION_HOLDING, .addr = 0, .count = 2 };

static uint8_t buf[FRAME_BUFFER];
static size_t n;

/* One more frame behind those in BUF. */
static void add(const uint8_t *bytes, size_t len)
{
	memcpy(buf + n, bytes, len);
	n += crc16_append(buf + n, len);
}
#define ADD(...) add((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static struct sighting judge(const struct request *q)
{
	struct sighting s;

	sighting_judge(q, buf, n, &s);
	return s;
}

static int begin(void **state)
{
	(void)state;
	n = 0;
	return 0;
}

static void a_reply(void **state)
{
	struct sighting s = judge(&two);

	(void)state;
	assert_int_equal(s.replies + s.garbage, 0);
	ADD(5, 3, 4, 1, 2, 3, 4);
	s = judge(&two);
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.unit, 5);
	assert_int_equal(s.ndata, 4);
	assert_int_equal(s.data[3], 4);
	assert_false(s.refused || s.other || s.master || s.garbage);
}

static void an_exception_behind_an_echo(void **state)
{
	struct sighting s;

	(void)state;
	ADD(5, 3, 0, 0, 0, 2);
	ADD(5, 0x83, 2);
	s = judge(&two);
	assert_int_equal(s.replies, 1);
	assert_true(s.refused);
	assert_int_equal(s.exception, 2);
	assert_false(s.master);
	/* the same bytes later are somebody's request */
	ADD(5, 3, 0, 0, 0, 2);
	s = judge(&two);
	assert_true(s.master);
	assert_int_equal(s.master_unit, 5);
}

static void two_meters_one_after_the_other(void **state)
{
	(void)state;
	ADD(5, 3, 4, 1, 2, 3, 4);
	ADD(5, 3, 4, 1, 2, 3, 5);
	assert_int_equal(judge(&two).replies, 2);
}

static void one_that_is_slow(void **state)
{
	struct sighting s;

	(void)state;
	ADD(4, 3, 4, 1, 2, 3, 4);
	s = judge(&two);
	assert_int_equal(s.replies, 0);
	assert_true(s.other);
	assert_int_equal(s.other_unit, 4);
	ADD(5, 3, 4, 1, 2, 3, 4);
	s = judge(&two);
	assert_int_equal(s.replies, 1);
	assert_true(s.other);
	/* of its own unit, but not so long as what was asked: not to this request */
	n = 0;
	ADD(5, 3, 2, 1, 2);
	s = judge(&two);
	assert_int_equal(s.replies, 0);
	assert_true(s.other);
}

static void garbage(void **state)
{
	struct sighting s;

	(void)state;
	ADD(5, 3, 4, 1, 2, 3, 4);
	buf[4] ^= 1;
	s = judge(&two);
	assert_int_equal(s.replies, 0);
	assert_int_equal(s.garbage, n);
	/* a sound reply behind noise is one */
	n = 2;
	ADD(5, 3, 4, 1, 2, 3, 4);
	s = judge(&two);
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.garbage, 2);
}

static void everybody(void **state)
{
	const struct request q = { .unit = 0, .function = FUNCTION_HOLDING, .addr = 0, .count = 2 };
	struct sighting s;

	(void)state;
	ADD(117, 3, 4, 1, 2, 3, 4);
	s = judge(&q);
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.unit, 117);
}

static void nothing_was_asked(void **state)
{
	struct sighting s;

	(void)state;
	ADD(9, 3, 0, 20, 0, 2);
	ADD(9, 16, 0, 20, 0, 1, 2, 0, 5);
	ADD(9, 0x90, 2);
	s = judge(NULL);
	assert_true(s.master && s.other);
	assert_int_equal(s.garbage + s.replies, 0);
}

static void what_a_meter_says_of_itself(void **state)
{
	const struct request id = { .unit = 5, .function = FUNCTION_REPORT };
	const struct request device = { .unit = 5, .function = FUNCTION_DEVICE, .addr = 5 };
	uint8_t sent[FRAME_MAX];
	struct sighting s;

	(void)state;
	assert_int_equal(request_rtu(&id, sent), 4);
	assert_int_equal(request_bytes(&id), 4);
	ADD(5, 17, 4, 'N', 'D', '3', '0');
	s = judge(&id);
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.ndata, 4);
	assert_memory_equal(s.data, "ND30", 4);
	n = 0;
	assert_int_equal(request_rtu(&device, sent), 7);
	assert_memory_equal(sent, "\x05\x2B\x0E\x04\x05", 5);
	ADD(5, 43, 0x0E, 4, 0x82, 0, 0, 1, 5, 3, 'i', 'E', 'M');
	s = judge(&device);
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.ndata, 3);
	assert_memory_equal(s.data, "iEM", 3);
}

/* Over Modbus TCP the number of the request proves it, and there is no CRC. */
static void by_tcp(void **state)
{
	static const uint8_t old[] = { 0, 6, 0, 0, 0, 6, 1, 17, 3, 'o', 'l', 'd' };
	static const uint8_t device[] = { 0, 7, 0, 0, 0, 13, 1, 43, 0x0E, 4, 0x82, 0, 0, 1, 5, 3, 'i', 'E', 'M' };
	static const uint8_t refused[] = { 0, 7, 0, 0, 0, 3, 1, 0xAB, 1 };
	const struct request q = { .unit = 5, .function = FUNCTION_DEVICE, .addr = 5 };
	struct sighting s;

	(void)state;
	memcpy(buf, old, sizeof(old));
	memcpy(buf + sizeof(old), device, sizeof(device));
	sighting_judge_tcp(&q, 7, buf, sizeof(old) + sizeof(device), &s);
	assert_int_equal(s.replies, 1);
	assert_int_equal(s.ndata, 3);
	assert_memory_equal(s.data, "iEM", 3);
	sighting_judge_tcp(&q, 8, buf, sizeof(old) + sizeof(device), &s);
	assert_int_equal(s.replies, 0);
	for (size_t cut = 1; cut < sizeof(device); cut++) {
		sighting_judge_tcp(&q, 7, device, sizeof(device) - cut, &s);
		assert_int_equal(s.replies, 0);
	}
	sighting_judge_tcp(&q, 7, refused, sizeof(refused), &s);
	assert_true(s.replies == 1 && s.refused && s.exception == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_reply, begin), cmocka_unit_test_setup(an_exception_behind_an_echo, begin),
		cmocka_unit_test_setup(two_meters_one_after_the_other, begin), cmocka_unit_test_setup(one_that_is_slow, begin),
		cmocka_unit_test_setup(garbage, begin), cmocka_unit_test_setup(everybody, begin),
		cmocka_unit_test_setup(nothing_was_asked, begin), cmocka_unit_test_setup(what_a_meter_says_of_itself, begin),
		cmocka_unit_test_setup(by_tcp, begin),
	};

	return UNIT_RUN(tests);
}
