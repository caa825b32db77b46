/* Answers that come once more (src/modbus/copies.h). */
#include <string.h>

#include "modbus/copies.h"
#include "unit.h"

static const uint8_t one[] = { 1, 3, 2, 0, 1, 9, 9 }, two[] = { 1, 3, 2, 0, 2, 9, 9 },
	longer[] = { 1, 3, 4, 0, 1, 0, 2, 9, 9 };

static void the_last_one(void **state)
{
	struct copies c = { .n = 0 };

	(void)state;
	assert_false(copies_has(&c, one, sizeof(one)));
	copies_add(&c, one, sizeof(one));
	assert_true(copies_has(&c, one, sizeof(one)));
	assert_false(copies_has(&c, two, sizeof(two)));
	assert_false(copies_has(&c, one, sizeof(one) - 1));
}

/* An earlier one is known as long as the last has another length: else it may be ours. */
static void an_earlier_one(void **state)
{
	struct copies c = { .n = 0 };

	(void)state;
	copies_add(&c, one, sizeof(one));
	copies_add(&c, longer, sizeof(longer));
	assert_true(copies_has(&c, one, sizeof(one)));
	assert_false(copies_has(&c, two, sizeof(two)));
	copies_add(&c, two, sizeof(two));
	assert_true(copies_has(&c, two, sizeof(two)));
	assert_false(copies_has(&c, one, sizeof(one)));
	assert_true(copies_has(&c, longer, sizeof(longer)));
}

static void so_many(void **state)
{
	struct copies c = { .n = 0 };
	uint8_t frame[] = { 1, 3, 2, 7, 0, 9, 9 };

	(void)state;
	copies_add(&c, one, sizeof(one));
	for (unsigned i = 1; i < COPIES_MAX; i++) {
		frame[4] = (uint8_t)i;
		copies_add(&c, frame, sizeof(frame));
	}
	/* the last has another length, and takes the place of the oldest */
	frame[4] = 1;
	copies_add(&c, longer, sizeof(longer));
	assert_false(copies_has(&c, one, sizeof(one)));
	assert_true(copies_has(&c, frame, sizeof(frame)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_one),
		cmocka_unit_test(an_earlier_one),
		cmocka_unit_test(so_many),
	};

	return UNIT_RUN(tests);
}
