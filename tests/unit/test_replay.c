/* Answers that come twice through a tunnel, and those that only look so. */
#include "unit.h"

#include "../../src/link/replay.h"

#define MS 1000LL

/* Requests and answers, without a right CRC: that is for others to look at. */
static const uint8_t A[] = { 1, 3, 0, 1, 0, 1, 9, 9 }, B[] = { 1, 3, 0, 9, 0, 1, 9, 9 };
static const uint8_t X[] = { 1, 3, 2, 0, 7, 9, 9 }, Y[] = { 1, 3, 2, 0, 8, 9, 9 };

#define SENT(r, q, at) replay_sent(r, q, sizeof(q), at)
#define PASSED(r, f, at) replay_passed(r, f, sizeof(f), at)

static void judged(const struct replay *r, const uint8_t *f, size_t n, enum replay_verdict want,
		   int64_t want_until)
{
	int64_t until = 0;

	assert_int_equal(replay_judge(r, f, n, &until), want);
	assert_int_equal(until, want_until);
}
#define JUDGED(r, f, want, until) judged(r, f, sizeof(f), want, until)

static void copies(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	JUDGED(&r, X, REPLAY_PASS, 0);
	PASSED(&r, X, 100 * MS);
	/* nothing is asked: a copy is dropped, what else it is others judge */
	JUDGED(&r, X, REPLAY_DROP, 0);
	JUDGED(&r, Y, REPLAY_PASS, 0);
	/* the same bytes, while something else is asked: twice the usual time, and 30 ms */
	SENT(&r, B, 1000 * MS);
	JUDGED(&r, X, REPLAY_HOLD, 1230 * MS);
	JUDGED(&r, Y, REPLAY_PASS, 0);
	PASSED(&r, Y, 1010 * MS);
	JUDGED(&r, X, REPLAY_DROP, 0);
	JUDGED(&r, Y, REPLAY_DROP, 0);
}

/* The same request gets the same answer, at once. */
static void asked_again(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 10 * MS);
	SENT(&r, A, 20 * MS);
	JUDGED(&r, X, REPLAY_PASS, 0);
	PASSED(&r, X, 30 * MS);
	/* a repeated request counts from the first time, and says nothing of the way */
	assert_true(SENT(&r, B, 100 * MS));
	assert_false(SENT(&r, B, 900 * MS));
	JUDGED(&r, X, REPLAY_HOLD, 150 * MS);
	PASSED(&r, X, 950 * MS);
	SENT(&r, A, 2000 * MS);
	JUDGED(&r, Y, REPLAY_PASS, 0);
	PASSED(&r, Y, 2001 * MS);
	SENT(&r, B, 3000 * MS);
	JUDGED(&r, Y, REPLAY_HOLD, 3000 * MS + 2 * 9 * MS + 30 * MS);
}

/* A copy is late by at most so many exchanges. */
static void forgotten(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 0);
	for (uint8_t i = 0; i < REPLAY_MOST; i++) {
		uint8_t request[] = { 1, 3, 1, i, 0, 1, 9, 9 }, answer[] = { 1, 3, 2, 1, i, 9, 9 };

		JUDGED(&r, X, REPLAY_DROP, 0);
		SENT(&r, request, 0);
		PASSED(&r, answer, 0);
	}
	JUDGED(&r, X, REPLAY_PASS, 0);
}

/* What cannot be the answer does not take its place. */
static void not_the_answer(void **state)
{
	static const uint8_t longer[] = { 1, 3, 4, 0, 7, 0, 7, 9, 9 }, other[] = { 2, 3, 2, 0, 7, 9, 9 },
			     torn[] = { 1, 3, 2, 0 }, no[] = { 1, 0x83, 2, 9, 9 },
			     write[] = { 1, 16, 0, 1, 0, 1, 2, 0, 7, 9, 9 }, done[] = { 1, 16, 0, 1, 0, 1, 9, 9 };
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, longer, 1);
	PASSED(&r, other, 2);
	PASSED(&r, torn, 3);
	JUDGED(&r, X, REPLAY_PASS, 0);
	PASSED(&r, X, 4);
	SENT(&r, A, 10);
	PASSED(&r, longer, 11);
	JUDGED(&r, X, REPLAY_PASS, 0);	/* still asked for */
	PASSED(&r, X, 12);
	JUDGED(&r, X, REPLAY_DROP, 0);
	SENT(&r, B, 20);
	PASSED(&r, no, 21);
	JUDGED(&r, no, REPLAY_DROP, 0);
	SENT(&r, write, 30);
	PASSED(&r, done, 31);
	JUDGED(&r, done, REPLAY_DROP, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies), cmocka_unit_test(asked_again), cmocka_unit_test(forgotten),
		cmocka_unit_test(not_the_answer),
	};

	return UNIT_RUN(tests);
}
