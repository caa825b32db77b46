/* Answers that come twice through a tunnel, and those that only look so. */
#include "unit.h"

#include "../../src/link/replay.h"

#define MS 1000LL

static const uint8_t A[] = { 1, 3, 0, 1, 0, 1 }, B[] = { 1, 3, 0, 9, 0, 1 };	/* requests */
static const uint8_t W[] = { 1, 16, 0, 1, 0, 1, 2, 0, 7 }, Z[] = { 1, 16, 0, 1, 0, 1 };	/* a write */
static const uint8_t ONE[] = { 1, 6, 0, 1, 0, 7 };
static const uint8_t X[] = { 1, 3, 2, 0, 7 }, Y[] = { 1, 3, 2, 0, 8 };	/* answers */

#define SENT(r, q, at) replay_sent(r, q, sizeof(q), at)
#define PASSED(r, f, at) replay_passed(r, f, sizeof(f), at)

static void judged(struct replay *r, const uint8_t *f, size_t n, int64_t now,
		   enum replay_verdict want, int64_t want_until)
{
	int64_t until = 0;

	assert_int_equal(replay_judge(r, f, n, now, &until), want);
	assert_int_equal(until, want_until);
}
#define JUDGED(r, f, now, want, until) judged(r, f, sizeof(f), now, want, until)
#define AGAIN(r, f) replay_ask_again(r, f, sizeof(f))

static void copies(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	JUDGED(&r, X, 100 * MS, REPLAY_PASS, 0);
	PASSED(&r, X, 100 * MS);
	/* nothing is asked: a copy is dropped, what else it is others judge */
	JUDGED(&r, X, 110 * MS, REPLAY_DROP, 0);
	JUDGED(&r, Y, 110 * MS, REPLAY_PASS, 0);
	/* the same bytes, while something else is asked: twice the usual time, and 30 ms */
	SENT(&r, B, 1000 * MS);
	JUDGED(&r, X, 1010 * MS, REPLAY_HOLD, 1240 * MS);
	JUDGED(&r, Y, 1020 * MS, REPLAY_PASS, 0);
	PASSED(&r, Y, 1020 * MS);
	JUDGED(&r, X, 1030 * MS, REPLAY_DROP, 0);
	JUDGED(&r, Y, 1030 * MS, REPLAY_DROP, 0);
}

/* However late the real answer is, a copy is not taken for it: it is asked for again. */
static void slow(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 10 * MS);
	SENT(&r, B, 20 * MS);
	JUDGED(&r, X, 21 * MS, REPLAY_HOLD, 71 * MS);
	assert_true(AGAIN(&r, X));
	SENT(&r, B, 71 * MS);
	JUDGED(&r, Y, 900 * MS, REPLAY_PASS, 0);
}

/* Two registers may well hold the same: believed when it comes once more. */
static void alike(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 10 * MS);
	SENT(&r, B, 20 * MS);
	JUDGED(&r, X, 30 * MS, REPLAY_HOLD, 80 * MS);
	assert_true(AGAIN(&r, X));
	SENT(&r, B, 80 * MS);
	JUDGED(&r, X, 90 * MS, REPLAY_HOLD, 140 * MS);
	assert_false(AGAIN(&r, X));
	PASSED(&r, X, 140 * MS);
	/* and at once from then on */
	SENT(&r, B, 200 * MS);
	JUDGED(&r, X, 210 * MS, REPLAY_PASS, 0);
	PASSED(&r, X, 210 * MS);
	SENT(&r, A, 300 * MS);
	JUDGED(&r, X, 310 * MS, REPLAY_PASS, 0);
}

/* The same request gets the same answer, at once; not when a write lies between. */
static void asked_again(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 10 * MS);
	SENT(&r, A, 20 * MS);
	JUDGED(&r, X, 30 * MS, REPLAY_PASS, 0);
	PASSED(&r, X, 30 * MS);
	SENT(&r, W, 100 * MS);
	JUDGED(&r, Z, 110 * MS, REPLAY_PASS, 0);
	PASSED(&r, Z, 110 * MS);
	SENT(&r, A, 200 * MS);
	JUDGED(&r, X, 210 * MS, REPLAY_HOLD, 260 * MS);
	JUDGED(&r, Y, 220 * MS, REPLAY_PASS, 0);
	PASSED(&r, Y, 220 * MS);
	/* a write is not sent again, whatever its acknowledgement looks like */
	SENT(&r, W, 300 * MS);
	JUDGED(&r, Z, 310 * MS, REPLAY_HOLD, 380 * MS);
	assert_false(AGAIN(&r, Z));
	/* likewise by function 06, whose acknowledgement has no byte count */
	SENT(&r, ONE, 500 * MS);
	JUDGED(&r, ONE, 510 * MS, REPLAY_PASS, 0);
	PASSED(&r, ONE, 510 * MS);
	SENT(&r, A, 600 * MS);
	JUDGED(&r, Y, 610 * MS, REPLAY_HOLD, 676 * MS);
}

/* What was sent more than once says nothing of how long answers take. */
static void trips(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 10 * MS);
	SENT(&r, B, 100 * MS);
	SENT(&r, B, 900 * MS);
	PASSED(&r, Y, 950 * MS);
	SENT(&r, A, 2000 * MS);
	JUDGED(&r, Y, 2000 * MS, REPLAY_HOLD, 2000 * MS + 2 * 10 * MS + 30 * MS);
}

/* What is no answer to the request is not ours to judge, and ends no wait. */
static void strange(void **state)
{
	static const uint8_t longer[] = { 1, 3, 4, 0, 7, 0, 7 }, other[] = { 2, 3, 2, 0, 7 },
		no[] = { 1, 0x83, 2 };
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 10 * MS);
	SENT(&r, B, 20 * MS);
	JUDGED(&r, longer, 21 * MS, REPLAY_PASS, 0);
	PASSED(&r, longer, 21 * MS);
	JUDGED(&r, other, 21 * MS, REPLAY_PASS, 0);
	PASSED(&r, other, 21 * MS);
	JUDGED(&r, X, 22 * MS, REPLAY_HOLD, 72 * MS);
	/* a refusal is an answer */
	JUDGED(&r, no, 23 * MS, REPLAY_PASS, 0);
}

/* A copy is late by at most so many exchanges. */
static void forgotten(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 0);
	PASSED(&r, X, 0);
	for (uint8_t i = 0; i < REPLAY_MOST; i++) {
		uint8_t request[] = { 1, 3, 1, i, 0, 1 }, answer[] = { 1, 3, 2, 1, i };

		JUDGED(&r, X, 0, REPLAY_DROP, 0);
		SENT(&r, request, 0);
		PASSED(&r, answer, 0);
	}
	JUDGED(&r, X, 0, REPLAY_PASS, 0);
}

#define HEARD(r, q, at) replay_heard(r, q, sizeof(q), at)

/* Others ask, too: as long as an answer may be theirs it is not ours. */
static void others(void **state)
{
	static const uint8_t longer[] = { 1, 3, 0, 5, 0, 2 }, long_answer[] = { 1, 3, 4, 0, 7, 0, 7 };
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 1 * MS);
	HEARD(&r, A, 2 * MS);		/* ours comes by, and is nobody else's */
	JUDGED(&r, X, 11 * MS, REPLAY_PASS, 0);
	PASSED(&r, X, 11 * MS);
	HEARD(&r, B, 20 * MS);
	JUDGED(&r, Y, 30 * MS, REPLAY_DROP, 0);	/* theirs: we ask for nothing */
	JUDGED(&r, Y, 31 * MS, REPLAY_PASS, 0);
	HEARD(&r, B, 40 * MS);
	SENT(&r, A, 41 * MS);
	HEARD(&r, A, 42 * MS);
	JUDGED(&r, Y, 50 * MS, REPLAY_HOLD, 100 * MS);
	JUDGED(&r, X, 60 * MS, REPLAY_HOLD, 128 * MS);	/* one of the two is ours */
	assert_true(AGAIN(&r, X));
	SENT(&r, A, 128 * MS);
	HEARD(&r, A, 129 * MS);
	JUDGED(&r, X, 140 * MS, REPLAY_PASS, 0);
	PASSED(&r, X, 140 * MS);
	/* of another length: theirs, and ours is still to come */
	HEARD(&r, longer, 200 * MS);
	SENT(&r, A, 201 * MS);
	JUDGED(&r, long_answer, 210 * MS, REPLAY_DROP, 0);
	JUDGED(&r, X, 220 * MS, REPLAY_PASS, 0);
}

/* One who asks the same as we do, is not answered, or writes. */
static void others_do_no_harm(void **state)
{
	struct replay r = { 0 };

	(void)state;
	SENT(&r, A, 1 * MS);
	HEARD(&r, A, 2 * MS);
	HEARD(&r, A, 3 * MS);
	JUDGED(&r, X, 11 * MS, REPLAY_PASS, 0);
	PASSED(&r, X, 11 * MS);
	/* their copy of that answer is none to what we ask next */
	SENT(&r, B, 12 * MS);
	HEARD(&r, B, 13 * MS);
	JUDGED(&r, Y, 14 * MS, REPLAY_HOLD, 64 * MS);
	assert_true(AGAIN(&r, Y));
	SENT(&r, B, 64 * MS);
	HEARD(&r, B, 65 * MS);
	JUDGED(&r, Y, 70 * MS, REPLAY_PASS, 0);
	PASSED(&r, Y, 70 * MS);
	HEARD(&r, A, 100 * MS);
	SENT(&r, B, 100 * MS + REPLAY_THEIRS_US);
	JUDGED(&r, Y, 101 * MS + REPLAY_THEIRS_US, REPLAY_PASS, 0);
	PASSED(&r, Y, 101 * MS + REPLAY_THEIRS_US);
	HEARD(&r, W, 200 * MS + REPLAY_THEIRS_US);
	SENT(&r, B, 201 * MS + REPLAY_THEIRS_US);
	JUDGED(&r, Y, 202 * MS + REPLAY_THEIRS_US, REPLAY_PASS, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies), cmocka_unit_test(slow), cmocka_unit_test(alike),
		cmocka_unit_test(asked_again), cmocka_unit_test(trips), cmocka_unit_test(strange),
		cmocka_unit_test(forgotten), cmocka_unit_test(others),
		cmocka_unit_test(others_do_no_harm),
	};

	return UNIT_RUN(tests);
}
