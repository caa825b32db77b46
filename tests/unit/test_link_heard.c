/* What others have on the line: what counts against our answers, for how long the line is
 * a shared one, and what is said of it. */
#include <string.h>

#include "modbus/frame.h"
#include "modbus/heard.h"
#include "unit.h"

#define OURS 1
#define NOW 1000000LL

static const struct request ours = { .unit = OURS, .function = FUNCTION_HOLDING, .addr = 0x14, .count = 2 };

/* Heard at NOW, TIMES times: a read of COUNT registers from ADDR of UNIT. */
static void asked(struct heard *h, uint8_t unit, uint16_t addr, uint16_t count, int times)
{
	struct request q = { .unit = unit, .function = FUNCTION_HOLDING, .addr = addr, .count = count };
	uint8_t bytes[FRAME_MAX];
	size_t n = request_rtu(&q, bytes);

	while (times-- > 0)
		heard_frame(h, &ours, bytes, n, NOW);
}

/* ... and its reply. */
static void replied(struct heard *h, uint8_t unit, uint8_t count, int times)
{
	const uint8_t bytes[FRAME_MAX] = { unit, FUNCTION_HOLDING, (uint8_t)(2 * count) };

	while (times-- > 0)
		heard_frame(h, &ours, bytes, 5U + 2U * count, NOW);
}

static void says(const struct heard *h, const char *want)
{
	char text[200];

	assert_string_equal(heard_text(h, text, sizeof(text)), want);
}

static void surplus_is_our_units(void **state)
{
	struct heard h = { 0 };

	(void)state;
	asked(&h, OURS + 1, 0x1A, 2, 3);
	replied(&h, OURS + 1, 2, 3);
	assert_int_equal(h.surplus, 0);
	asked(&h, OURS, 0x1A, 2, 1);
	assert_int_equal(h.surplus, 1);
	replied(&h, OURS, 2, 1);
	assert_int_equal(h.surplus, 2);
	/* nobody knows whose bytes they are */
	heard_bytes(&h, NOW);
	assert_int_equal(h.surplus, 3);
	heard_before(&h, NOW);
	assert_int_equal(h.surplus, 3);
}

/* Only what has the length of ours, or tells none, may be taken for it. */
static void alike_is_what_may_pass_for_ours(void **state)
{
	static const uint8_t exception[HEARD_BYTES] = { OURS, 0x83, 2 };
	struct heard h = { 0 };

	(void)state;
	asked(&h, OURS, 0x1A, 3, 1);
	replied(&h, OURS, 3, 1);
	asked(&h, OURS + 1, 0x1A, 2, 1);
	replied(&h, OURS + 1, 2, 1);
	assert_int_equal(h.surplus, 2);
	assert_int_equal(h.alike, 0);
	asked(&h, OURS, 0x1A, 2, 1);
	assert_int_equal(h.alike, 1);
	replied(&h, OURS, 2, 1);
	assert_int_equal(h.alike, 2);
	heard_frame(&h, &ours, exception, sizeof(exception), NOW);
	assert_int_equal(h.alike, 3);
	heard_bytes(&h, NOW);
	assert_int_equal(h.alike, 4);
	h = (struct heard){ 0 };
	heard_noise(&h);
	assert_int_equal(h.surplus, 1);
	assert_int_equal(h.alike, 1);
	assert_false(heard_shared(&h, NOW));
}

static void shared_for_a_minute(void **state)
{
	struct heard h[4] = { 0 };

	(void)state;
	assert_false(heard_shared(&h[0], NOW));
	asked(&h[0], OURS, 0, 1, 1);
	asked(&h[1], OURS + 1, 0, 1, 1);
	heard_bytes(&h[2], NOW);
	heard_before(&h[3], NOW);
	for (size_t i = 0; i < 4; i++) {
		assert_true(heard_shared(&h[i], NOW));
		assert_true(heard_shared(&h[i], NOW + 59999999));
		assert_false(heard_shared(&h[i], NOW + 60000000));
	}
	/* it is the last one that counts */
	heard_bytes(&h[0], NOW + 60000000);
	assert_true(heard_shared(&h[0], NOW + 119999999));
}

static void counts_that_others_use(void **state)
{
	struct heard h = { 0 };

	(void)state;
	assert_false(heard_count(&h, 2));
	asked(&h, OURS, 0x1A, 2, 1);
	replied(&h, OURS + 1, 7, 1);
	assert_true(heard_count(&h, 2));
	assert_true(heard_count(&h, 7));
	assert_false(heard_count(&h, 3));
	/* bytes tell no number */
	heard_bytes(&h, NOW);
	assert_int_equal(h.n, 2);
}

static void one_row_each(void **state)
{
	struct heard h = { 0 };

	(void)state;
	asked(&h, 1, 0x1A, 2, 12);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.rows[0].times, 12);
	asked(&h, 2, 0x1A, 2, 1);
	asked(&h, 1, 0x1B, 2, 1);
	asked(&h, 1, 0x1A, 3, 1);
	replied(&h, 1, 2, 1);
	assert_int_equal(h.n, 5);
	assert_int_equal(h.rows[0].times, 12);
	/* a request for what is at 0 is no reply, which has no address */
	asked(&h, 1, 0, 2, 1);
	assert_int_equal(h.n, 6);
}

/* A table that is full gives up what was heard least. */
static void the_least_makes_room(void **state)
{
	struct heard h = { 0 };

	(void)state;
	for (uint16_t i = 0; i < HEARD_ROWS; i++)
		asked(&h, 1, i, (uint16_t)(10 + i), i == 5 ? 2 : 3);
	asked(&h, 1, 100, 50, 1);
	assert_int_equal(h.n, HEARD_ROWS);
	assert_true(heard_count(&h, 50));
	assert_false(heard_count(&h, 15));
	for (uint16_t i = 0; i < HEARD_ROWS; i++)
		assert_true(i == 5 || heard_count(&h, (uint16_t)(10 + i)));
	assert_int_equal(h.rows[5].times, 1);
}

static void told(void **state)
{
	static const uint8_t exception[HEARD_BYTES] = { 3, 0x83, 2 },
		write[13] = { 4, FUNCTION_WRITE, 0, 0x0F, 0, 2, 4 }, done[8] = { 5, FUNCTION_WRITE, 0, 0x0F, 0, 1 },
		one[8] = { 6, FUNCTION_WRITE_ONE, 0, 0x0F, 0, 1 };
	struct heard h = { 0 };

	(void)state;
	says(&h, "");
	heard_bytes(&h, NOW);
	says(&h, "");
	asked(&h, 1, 0x1A, 2, 12);
	says(&h, "unit 1, registers 0x001A-0x001B, 12 times");
	/* the reply to it is no news */
	replied(&h, 1, 2, 13);
	says(&h, "unit 1, registers 0x001A-0x001B, 12 times");
	/* of another unit, or another number, it is */
	replied(&h, 2, 2, 2);
	replied(&h, 1, 1, 1);
	says(&h, "unit 1, registers 0x001A-0x001B, 12 times; unit 2, 2 registers, 2 times; unit 1, 1 register, once");
	h = (struct heard){ 0 };
	asked(&h, 1, 0x1A, 1, 1);
	heard_frame(&h, &ours, exception, sizeof(exception), NOW);
	says(&h, "unit 1, register 0x001A, once; unit 3, function 03, once");
	h = (struct heard){ 0 };
	heard_frame(&h, &ours, write, sizeof(write), NOW);
	heard_frame(&h, &ours, done, sizeof(done), NOW);
	says(&h, "unit 4, registers 0x000F-0x0010, once; unit 5, register 0x000F, once");
	/* by function 06, request and acknowledgement are the same */
	h = (struct heard){ 0 };
	heard_frame(&h, &ours, one, sizeof(one), NOW);
	heard_frame(&h, &ours, one, sizeof(one), NOW);
	says(&h, "unit 6, register 0x000F, 2 times");
}

static void the_most_frequent_three(void **state)
{
	struct heard h = { 0 };
	char text[20];

	(void)state;
	for (uint8_t i = 1; i <= 5; i++)
		asked(&h, i, 0, 1, i == 3 ? 9 : i + 1);
	says(&h, "unit 3, register 0x0000, 9 times; unit 5, register 0x0000, 6 times;"
		 " unit 4, register 0x0000, 5 times");
	/* and no more than there is room for */
	heard_text(&h, text, sizeof(text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
	assert_int_equal(strncmp(text, "unit 3, register 0x", 19), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(surplus_is_our_units), cmocka_unit_test(shared_for_a_minute),
		cmocka_unit_test(alike_is_what_may_pass_for_ours),
		cmocka_unit_test(counts_that_others_use), cmocka_unit_test(one_row_each),
		cmocka_unit_test(the_least_makes_room), cmocka_unit_test(told),
		cmocka_unit_test(the_most_frequent_three),
	};

	return UNIT_RUN(tests);
}
