/* The silence before a request: what is tried, what is learned, and what is forgotten. */
#include "modbus/pause.h"
#include "unit.h"

#define LEFT_OUT 64	/* answered with a pause, before it is left out once */
#define PROVEN 8	/* answered without, before one loss says less */

/* Lost when sent at once, and answered after the pause that is then tried. */
static void lost_and_helped(struct pause *p)
{
	pause_lost(p, 0);
	pause_answered(p, pause_us(p));
}

static struct pause fresh(void)
{
	struct pause p;

	pause_init(&p, 0);
	return p;
}

static struct pause learned(void)
{
	struct pause p = fresh();

	lost_and_helped(&p);
	pause_lost(&p, 0);
	return p;
}

static void answered(struct pause *p, int times, int64_t gap_us)
{
	for (int i = 0; i < times; i++)
		pause_answered(p, gap_us);
}

static void one_loss_is_a_trial(void **state)
{
	struct pause p = fresh();

	(void)state;
	assert_int_equal(pause_us(&p), 0);
	pause_lost(&p, 0);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
	assert_int_equal(p.us, 0);
	/* it helped: the next one goes out at once, to see */
	pause_answered(&p, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), 0);
	assert_int_equal(p.us, 0);
}

static void a_late_request_proves_nothing(void **state)
{
	struct pause p = fresh();

	(void)state;
	pause_lost(&p, 0);
	pause_answered(&p, PAUSE_FIRST_US);
	pause_lost(&p, PAUSE_FIRST_US / 2);
	assert_int_equal(p.us, PAUSE_FIRST_US);
	/* longer than the first pause is no proof that none is needed */
	p = fresh();
	lost_and_helped(&p);
	pause_answered(&p, PAUSE_FIRST_US);
	pause_lost(&p, 0);
	assert_int_equal(p.us, PAUSE_FIRST_US);
}

static void the_second_loss_is_learned(void **state)
{
	struct pause p = learned();

	(void)state;
	assert_int_equal(p.us, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
	pause_answered(&p, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
}

/* Answered at once in between: the first loss is forgotten. */
static void an_answer_at_once_forgets(void **state)
{
	struct pause p = fresh();

	(void)state;
	lost_and_helped(&p);
	pause_answered(&p, 0);
	assert_int_equal(p.candidate_us, 0);
	pause_lost(&p, 0);
	assert_int_equal(p.us, 0);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
}

/* On a line that has done without one it takes three. */
static void a_proven_line_needs_three(void **state)
{
	(void)state;
	for (int good = PROVEN - 1; good <= PROVEN; good++) {
		struct pause p = fresh();

		answered(&p, good, 0);
		lost_and_helped(&p);
		lost_and_helped(&p);
		assert_int_equal(p.us, good < PROVEN ? PAUSE_FIRST_US : 0);
		pause_lost(&p, 0);
		assert_int_equal(p.us, PAUSE_FIRST_US);
	}
}

static void a_trial_doubles(void **state)
{
	static const int64_t then[] = { 200000, 400000, 800000, PAUSE_MOST_US };
	struct pause p = fresh();

	(void)state;
	pause_lost(&p, 0);
	for (size_t i = 0; i < sizeof(then) / sizeof(*then); i++) {
		pause_lost(&p, pause_us(&p));
		assert_int_equal(pause_us(&p), then[i]);
		assert_int_equal(p.us, 0);
	}
	/* after so long a silence it is lost for another reason */
	pause_lost(&p, PAUSE_MOST_US);
	assert_int_equal(pause_us(&p), PAUSE_MOST_US);
	assert_int_equal(p.us, 0);
	/* what helped is what is learned */
	pause_answered(&p, PAUSE_MOST_US);
	pause_lost(&p, 0);
	assert_int_equal(p.us, PAUSE_MOST_US);
}

/* After a second's silence nothing is lost for want of one. */
static void a_long_silence_teaches_nothing(void **state)
{
	struct pause p = fresh();

	(void)state;
	for (int i = 0; i < 4; i++)
		pause_lost(&p, PAUSE_MOST_US);
	assert_int_equal(pause_us(&p), 0);
	pause_lost(&p, PAUSE_MOST_US - 1);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
}

static void a_learned_one_doubles(void **state)
{
	static const int64_t then[] = { 200000, 400000, 800000, PAUSE_MOST_US, PAUSE_MOST_US };
	struct pause p = learned();

	(void)state;
	/* sent too soon: that says nothing of the pause */
	for (int i = 0; i < 4; i++)
		pause_lost(&p, PAUSE_FIRST_US - 1);
	assert_int_equal(p.us, PAUSE_FIRST_US);
	/* once is not enough, and an answer between two makes them two times once */
	pause_lost(&p, PAUSE_FIRST_US);
	pause_answered(&p, PAUSE_FIRST_US);
	pause_lost(&p, PAUSE_FIRST_US);
	assert_int_equal(p.us, PAUSE_FIRST_US);
	pause_answered(&p, PAUSE_FIRST_US);
	for (size_t i = 0; i < sizeof(then) / sizeof(*then); i++) {
		pause_lost(&p, p.us);
		pause_lost(&p, p.us);
		assert_int_equal(pause_us(&p), then[i]);
	}
}

static void left_out_to_see(void **state)
{
	struct pause p = learned();

	(void)state;
	answered(&p, LEFT_OUT - 1, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
	answered(&p, 1, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), 0);
	/* it came late enough all the same: nothing is seen */
	answered(&p, 1, PAUSE_FIRST_US);
	assert_int_equal(p.us, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), 0);
	/* lost: it is needed, and no longer one */
	pause_lost(&p, 0);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
	answered(&p, LEFT_OUT - 1, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
	answered(&p, 1, PAUSE_FIRST_US);
	/* answered: it is not needed any more */
	pause_answered(&p, 0);
	assert_int_equal(p.us, 0);
	assert_int_equal(pause_us(&p), 0);
	/* and is learned as at first */
	lost_and_helped(&p);
	assert_int_equal(p.us, 0);
	pause_lost(&p, 0);
	assert_int_equal(p.us, PAUSE_FIRST_US);
}

/* What was tried before it was learned is gone with it. */
static void learned_anew_from_the_first(void **state)
{
	struct pause p = fresh();

	(void)state;
	/* the second loss while the trial is still to come */
	pause_lost(&p, 0);
	pause_lost(&p, 0);
	assert_int_equal(p.us, PAUSE_FIRST_US);
	pause_lost(&p, PAUSE_FIRST_US);
	pause_lost(&p, PAUSE_FIRST_US);
	assert_int_equal(pause_us(&p), 2 * PAUSE_FIRST_US);
	/* one that was found by doubling, and is not needed any more */
	p = fresh();
	pause_lost(&p, 0);
	pause_lost(&p, PAUSE_FIRST_US);
	pause_answered(&p, 2 * PAUSE_FIRST_US);
	pause_lost(&p, 0);
	assert_int_equal(p.us, 2 * PAUSE_FIRST_US);
	answered(&p, LEFT_OUT, 2 * PAUSE_FIRST_US);
	pause_answered(&p, 0);
	assert_int_equal(p.us, 0);
	pause_lost(&p, 0);
	assert_int_equal(pause_us(&p), PAUSE_FIRST_US);
}

static void a_given_one_stays(void **state)
{
	struct pause p;

	(void)state;
	pause_init(&p, 30);
	assert_int_equal(pause_us(&p), 30000);
	pause_recall(&p, 200000, false);
	for (int i = 0; i < 4; i++)
		pause_lost(&p, 30000);
	assert_int_equal(pause_us(&p), 30000);
	answered(&p, 2 * LEFT_OUT, 30000);
	assert_int_equal(pause_us(&p), 30000);
	pause_answered(&p, 0);
	assert_int_equal(pause_us(&p), 30000);
	assert_int_equal(p.good, 0);
}

static void recalled(void **state)
{
	static const struct { int64_t us, then; } rows[] = {
		{ 200000, 200000 }, { PAUSE_MOST_US, PAUSE_MOST_US }, { 1, 1 },
		{ PAUSE_MOST_US + 1, 0 }, { 0, 0 }, { -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pause p = fresh();

		pause_recall(&p, rows[i].us, false);
		assert_int_equal(pause_us(&p), rows[i].then);

	}
}

/* Left out once, to see; and needed still. */
static void recalled_in_doubt(void **state)
{
	struct pause p = fresh();

	(void)state;
	pause_recall(&p, 200000, true);
	assert_int_equal(pause_us(&p), 0);
	pause_lost(&p, 0);
	assert_int_equal(pause_us(&p), 200000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_loss_is_a_trial), cmocka_unit_test(a_late_request_proves_nothing),
		cmocka_unit_test(the_second_loss_is_learned), cmocka_unit_test(an_answer_at_once_forgets),
		cmocka_unit_test(a_proven_line_needs_three), cmocka_unit_test(a_trial_doubles),
		cmocka_unit_test(a_long_silence_teaches_nothing), cmocka_unit_test(a_learned_one_doubles),
		cmocka_unit_test(left_out_to_see), cmocka_unit_test(learned_anew_from_the_first),
		cmocka_unit_test(a_given_one_stays), cmocka_unit_test(recalled), cmocka_unit_test(recalled_in_doubt),
	};

	return UNIT_RUN(tests);
}
