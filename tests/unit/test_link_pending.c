/* Requests that an answer may still come to (src/modbus/pending.h). */
#include "unit.h"

#include <string.h>

#include "modbus/frame.h"
#include "modbus/pending.h"

static const struct request ask = { .unit = 1, .function = 3, .addr = 0x14, .count = 1 };

static struct request reads(uint16_t addr, uint16_t count)
{
	return (struct request){ .unit = 1, .function = 3, .addr = addr, .count = count };
}

static void open_requests(void **state)
{
	struct request a = reads(10, 1), b = reads(20, 1), c = reads(30, 2), m;
	struct pending o = { .n = 0 };

	(void)state;
	assert_false(pending_ambiguous(&o, &a));
	pending_sent(&o, &a, 1);
	assert_false(pending_ambiguous(&o, &a));	/* the same again is no harm */
	assert_true(pending_ambiguous(&o, &b));
	assert_false(pending_ambiguous(&o, &c));
	/* a marker's answer cannot be mistaken, and clears what was before it */
	m = pending_marker(&o, &b);
	assert_int_not_equal(m.count, 1);
	assert_false(pending_ambiguous(&o, &m));
	pending_sent(&o, &m, 2);
	pending_answered(&o, &m);
	assert_int_equal(o.n, 0);
	/* of two alike the answer is the first one's */
	pending_sent(&o, &a, 3);
	pending_sent(&o, &a, 4);
	pending_answered(&o, &a);
	assert_int_equal(o.n, 1);
	assert_true(pending_ambiguous(&o, &b));
	pending_expire(&o, 4 + PENDING_US + 1);
	assert_int_equal(o.n, 0);
}

static void open_requests_and_exceptions(void **state)
{
	struct request a = reads(10, 1), c = reads(30, 2);
	struct pending o = { .n = 0 };

	(void)state;
	pending_sent(&o, &c, 1);
	assert_true(pending_refused(&o, &c));
	/* an exception does not tell whom it refuses */
	pending_sent(&o, &a, 2);
	pending_sent(&o, &c, 3);
	assert_false(pending_refused(&o, &c));
	assert_true(pending_refused(&o, &c));
	assert_int_equal(o.n, 0);
}

/* Another meter on the line keeps an order of its own. */
static void open_requests_of_two_units(void **state)
{
	struct request a = reads(10, 1), b = reads(20, 1), other = reads(10, 1);
	struct pending o = { .n = 0 };

	(void)state;
	other.unit = 2;
	pending_sent(&o, &a, 1);
	pending_sent(&o, &other, 2);
	pending_answered(&o, &other);
	assert_int_equal(o.n, 1);
	assert_true(pending_ambiguous(&o, &b));
	pending_sent(&o, &other, 3);
	assert_true(pending_refused(&o, &other));
	assert_true(pending_ambiguous(&o, &b));
	pending_answered(&o, &a);
	assert_int_equal(o.n, 0);
}

static struct request writes(uint16_t addr, uint16_t count, uint16_t first)
{
	return (struct request){
		.unit = 1, .function = FUNCTION_WRITE, .addr = addr, .count = count, .regs = { first },
	};
}

static void open_writes(void **state)
{
	struct request w = writes(10, 1, 5), again = writes(10, 1, 6), next = writes(11, 1, 5),
		       r = reads(10, 1), m;
	struct pending o = { .n = 0 };

	(void)state;
	pending_sent(&o, &w, 1);
	/* its acknowledgement would do for this, its refusal for that */
	assert_true(pending_ambiguous(&o, &again));
	assert_true(pending_ambiguous(&o, &next));
	/* nor is it known whether the same, sent twice, has landed twice */
	assert_true(pending_ambiguous(&o, &w));
	assert_false(pending_ambiguous(&o, &r));
	m = pending_marker(&o, &again);
	assert_int_equal(m.function, FUNCTION_HOLDING);
	pending_sent(&o, &m, 2);
	pending_answered(&o, &m);
	assert_false(pending_ambiguous(&o, &again));
	/* an acknowledgement names its address */
	pending_sent(&o, &w, 3);
	pending_answered(&o, &next);
	assert_int_equal(o.n, 1);
	pending_answered(&o, &w);
	assert_int_equal(o.n, 0);
}

static void a_full_list_forgets_the_oldest(void **state)
{
	struct request b = reads(9, 1), m;
	struct pending o = { .n = 0 };

	(void)state;
	for (uint16_t i = 1; i <= PENDING_MAX + 3; i++) {
		struct request q = reads(500, i);

		pending_sent(&o, &q, i);
	}
	assert_int_equal(o.n, PENDING_MAX);
	b.count = 5;
	m = pending_marker(&o, &b);
	assert_false(pending_ambiguous(&o, &m));
	b.addr = 65535;
	b.count = 1;
	pending_clear(&o);
	pending_sent(&o, &ask, 1);
	m = pending_marker(&o, &b);
	assert_true(m.addr + m.count <= 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_requests),
		cmocka_unit_test(open_requests_and_exceptions),
		cmocka_unit_test(open_requests_of_two_units),
		cmocka_unit_test(open_writes),
		cmocka_unit_test(a_full_list_forgets_the_oldest),
	};

	return UNIT_RUN(tests);
}
