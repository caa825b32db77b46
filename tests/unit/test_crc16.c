/* The Modbus CRC against frames from elsewhere. */
#include <string.h>

#include "base/crc16.h"
#include "unit.h"

/* Frames printed in the vendor's settings examples, and the public LoRaWAN
 * downlink 00 10 01 C2 0001 02 0001 6A22. */
static const struct {
	uint8_t bytes[16];
	size_t n;
} frames[] = {
	{ { 0x01, 0x03, 0x00, 0x00, 0x00, 0x05, 0x85, 0xC9 }, 8 },
	{ { 0x01, 0x10, 0x00, 0x00, 0x00, 0x01, 0x01, 0xC9 }, 8 },
	{ { 0x01, 0x10, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x05, 0x66, 0x53 }, 11 },
	{ { 0x00, 0x10, 0x01, 0xC2, 0x00, 0x01, 0x02, 0x00, 0x01, 0x6A, 0x22 }, 11 },
	{ { 0x01, 0x03, 0x01, 0x6D, 0x00, 0x15, 0x14, 0x24 }, 8 },
};

static void known_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t copy[16] = { 0 };
		size_t n = frames[i].n;

		assert_true(crc16_good(frames[i].bytes, n));
		memcpy(copy, frames[i].bytes, n - 2);
		assert_int_equal(crc16_append(copy, n - 2), n);
		assert_memory_equal(copy, frames[i].bytes, n);
	}
}

/* The catalogue's check value for CRC-16/MODBUS. */
static void check_value(void **state)
{
	(void)state;
	assert_int_equal(crc16((const uint8_t *)"123456789", 9), 0x4B37);
	assert_int_equal(crc16(NULL, 0), 0xFFFF);
}

/* What one byte does, by the polynomial and bit by bit (Modbus over serial line V1.02, 6.2.2). */
static void every_byte(void **state)
{
	(void)state;
	for (unsigned b = 0; b < 256; b++) {
		const uint8_t byte = (uint8_t)b;
		unsigned crc = 0xFFFF ^ b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
		assert_int_equal(crc16(&byte, 1), crc);
	}
}

static void every_single_and_double_flip_is_seen(void **state)
{
	uint8_t f[8];

	(void)state;
	memcpy(f, frames[0].bytes, sizeof(f));
	for (unsigned a = 0; a < 64; a++) {
		f[a / 8] ^= (uint8_t)(1U << a % 8);
		assert_false(crc16_good(f, sizeof(f)));
		for (unsigned b = a + 1; b < 64; b++) {
			f[b / 8] ^= (uint8_t)(1U << b % 8);
			assert_false(crc16_good(f, sizeof(f)));
			f[b / 8] ^= (uint8_t)(1U << b % 8);
		}
		f[a / 8] ^= (uint8_t)(1U << a % 8);
	}
}

static void too_short(void **state)
{
	static const uint8_t none[2] = { 0xFF, 0xFF };

	(void)state;
	assert_false(crc16_good(none, 0));
	assert_false(crc16_good(none, 1));
	assert_false(crc16_good(none, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames),
		cmocka_unit_test(check_value),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(every_single_and_double_flip_is_seen),
		cmocka_unit_test(too_short),
	};

	return UNIT_RUN(tests);
}
