/* The link and time: answers that come late, deadlines, bad days. */
#include "base/time.h"
#include "test_link_points.h"

#include <sys/ioctl.h>

static void silent(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)s;
	(void)pdu;
	(void)nth;
}

/* ---- late answers ------------------------------------------------------- */

/* A meter that works through its requests in order, each taking its time. */
static void slow(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	slave_wait(s, (int)((unsigned)rand_r(&s->seed) % (unsigned)s->mode));
	slave_good(s, pdu);
}

static void late_answers_are_never_mistaken(void **state)
{
	struct slave s = { .serve = slow, .mode = 45, .seed = 5 };
	struct link_opts o = { .timeout_ms = 20, .retries = 3 };
	unsigned good = 0, seed = 9;
	struct link *l;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	/* single registers: every answer looks like every other */
	for (int i = 0; i < 120 || good <= 60; i++) {
		unsigned which = (unsigned)rand_r(&seed) % POINTS;
		struct got g;
		struct err e;

		if (read_range(l, which, 1, &g, &e) == 0)
			good += g.ok;
	}
	link_close(l);
	slave_stop(&s);
}

/* An answer nobody waits for has come as far as the port's buffer. */
static void stray(struct slave *s)
{
	static const uint8_t stale[] = { UNIT, 3, 0, 7, 0, 1 };
	int n = 0;

	slave_good(s, stale);
	UNIT_UNTIL(ioctl(s->keep, FIONREAD, &n) == 0 && n == 7, UNIT_PAUSE,
		   print_message("# %d bytes\n", n));
}

/* What another program, or we before, asked for lies there. */
static void answers_from_before_the_port_was_opened(void **state)
{
	struct slave s = { 0 };
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	stray(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	assert_int_equal(read_range(l, 2, 1, &g, &e), 0);
	assert_int_equal(g.ok, 1);
	/* and likewise what comes between two reads */
	stray(&s);
	assert_int_equal(read_range(l, 3, 1, &g, &e), 0);
	assert_int_equal(g.ok, 1);
	link_close(l);
	slave_stop(&s);
}

/* The first answer comes when the retry has been sent, and that of the retry later: a
 * request that comes while it is under way would collide with it. */
static void late_then_watchful(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth == 1)
		slave_await_more(s);
	if (nth == 2) {
		slave_wait(s, 100);
		s->mode = unit_readable(s->fd, 0);
	}
	slave_good(s, pdu);
}

static void nobody_talks_into_a_late_answer(void **state)
{
	struct slave s = { .serve = late_then_watchful };
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &steady);
	assert_int_equal(read_range(l, 2, 1, &g, &e), 0);
	assert_int_equal(read_range(l, 10, 5, &g, &e), 0);
	assert_int_equal(g.ok, 5);
	assert_int_equal(atomic_load(&s.requests), 3);
	link_close(l);
	slave_stop(&s);
	assert_int_equal(s.mode, 0);
}

/* The first answer comes only after the caller has given up on it: before the next
 * request, or (MODE) when that has been sent. */
static void first_very_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth == 1 && s->mode)
		slave_await_more(s);
	else if (nth == 1)
		slave_await_go(s);
	slave_good(s, pdu);
}

static void an_answer_after_giving_up(void **state)
{
	struct link_opts o = { .timeout_ms = 300, .retries = 0 };

	(void)state;
	for (int mode = 0; mode < 2; mode++) {
		struct slave s = { .serve = first_very_late, .mode = mode };
		struct link_stats st;
		struct link *l;
		struct got g;
		struct err e;

		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, &o);
		assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
		assert_int_equal(e.code, ERR_SILENT);
		atomic_store(&s.go, true);
		/* another register of the same length */
		while (read_range(l, 2, 1, &g, &e))
			assert_int_equal(e.code, ERR_SILENT);
		assert_int_equal(g.ok, 1);
		link_stats(l, &st);
		assert_true(st.foreign >= 1);
		link_close(l);
		slave_stop(&s);
	}
}

/* One answer behind: what has been given up is answered, and nothing else. */
static void answers_the_first(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t first[] = { UNIT, 3, 0, 1, 0, 2 };

	(void)pdu;
	if (nth == 2)
		slave_good(s, first);
}

static void late_answers_are_not_another_masters(void **state)
{
	struct slave s = { .serve = answers_the_first };
	struct link_stats st;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &once);
	assert_int_equal(read_range(l, 1, 2, &g, &e), -1);
	expect_text(&e, "no reply|A and B");
	assert_int_equal(read_range(l, 4, 1, &g, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	expect_text(&e, "no reply from unit 1|late replies to earlier requests|-t MS");
	link_stats(l, &st);
	assert_int_equal(st.foreign, 1);
	link_close(l);
	slave_stop(&s);
}

/* A refusal does not say what it refuses: this one is for what was asked first. */
static void refuses_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth == 2)
		slave_exception(s, pdu, 2);
	else if (nth > 2)
		slave_good(s, pdu);
}

static void a_late_refusal_is_not_taken_for_ours(void **state)
{
	struct slave s = { .serve = refuses_late };
	struct link_opts o = { .timeout_ms = 200, .retries = 0 };
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	assert_int_equal(read_range(l, 1, 2, &g, &e), -1);
	while (read_range(l, 4, 1, &g, &e))
		assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(g.failed, 0);
	assert_int_equal(g.ok, 1);
	link_close(l);
	slave_stop(&s);
}

/* The request was cancelled, its answer comes all the same. */
static void late_100(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth == 1) {
		slave_await_go(s);
		slave_wait(s, 100);
		s->mode = unit_readable(s->fd, 0);
	}
	slave_good(s, pdu);
}

struct canceller {
	struct slave *slave;
	struct link *link;
};

/* Once the request has come. */
static void *cancel_read(void *arg)
{
	struct canceller *c = arg;
	int64_t end = unit_now_ms() + UNIT_PATIENCE_MS;

	while (!atomic_load(&c->slave->requests) && unit_now_ms() < end)
		UNIT_PAUSE;
	link_cancel(c->link);
	return NULL;
}

static void a_cancel_ends_the_wait(void **state)
{
	struct slave s = { .serve = late_100 };
	struct link_opts o = { .timeout_ms = UNIT_FOR_EVER_MS, .retries = 0 };
	struct canceller c = { .slave = &s };
	pthread_t t;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	c.link = l = slave_link(&s, SCHEME_RTU, &o);
	pthread_create(&t, NULL, cancel_read, &c);
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	pthread_join(t, NULL);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	/* it stays cancelled until told otherwise */
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	link_uncancel(l);
	atomic_store(&s.go, true);
	assert_int_equal(read_range(l, 2, 1, &g, &e), 0);
	assert_int_equal(g.ok, 1);
	link_close(l);
	slave_stop(&s);
	/* and nobody talked into the answer that was still to come */
	assert_int_equal(s.mode, 0);
}

/* ---- time --------------------------------------------------------------- */

#define DEADLINE_US 150000
#define PAUSE_US 500000		/* before a dead meter is asked again */
#define LATE_US (DEADLINE_US + PAUSE_US - 50000)

/* Reads from a meter that says nothing; how long that took. */
static int64_t silent_read(struct link *l)
{
	int64_t began = time_mono_us(), took;
	struct got g;
	struct err e;

	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	took = time_mono_us() - began;
	assert_int_equal(e.code, ERR_SILENT);
	assert_true(took >= DEADLINE_US);
	return took;
}

/* True: nothing was late. */
static bool deadlines_kept(void)
{
	struct slave s = { .serve = silent };
	struct link_opts o = { .timeout_ms = DEADLINE_US / 1000, .retries = 0 };
	struct link *l;
	struct got g;
	struct err e;
	int64_t began = time_mono_us();
	bool kept;

	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	kept = silent_read(l) < LATE_US;
	silent_read(l);
	/* once, after the pause */
	assert_true(time_mono_us() - began >= 2 * DEADLINE_US + PAUSE_US);
	/* a cancel ends the pause, and then it is asked at once */
	link_cancel(l);
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	link_uncancel(l);
	kept &= silent_read(l) < LATE_US;
	link_close(l);
	slave_stop(&s);
	/* the last request may still lie in the port */
	assert_in_range(atomic_load(&s.requests), 2, 3);
	return kept;
}

/* Never early; late on a busy machine, but not always. */
static void the_deadline_is_exact(void **state)
{
	(void)state;
	UNIT_UNTIL(deadlines_kept(), UNIT_PAUSE, (void)0);
}

static void dead_until_5(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth >= 5)
		slave_good(s, pdu);
}

static void a_meter_that_comes_back(void **state)
{
	struct slave s = { .serve = dead_until_5 };
	struct link_opts o = { .timeout_ms = 300, .retries = 2 };
	struct link *l;
	struct got g;
	struct err e;
	int64_t began;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	while (read_range(l, 1, 3, &g, &e))
		assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(g.ok, 3);
	began = unit_now_ms();
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(read_range(l, i % 20, 3, &g, &e), 0);
		assert_int_equal(g.ok, 3);
	}
	/* with the pauses of a dead meter, half a second each, it would be 50 s */
	assert_true(unit_now_ms() - began < 25000);
	link_close(l);
	slave_stop(&s);
}

/* ---- a bad day ---------------------------------------------------------- */

static void lossy(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	unsigned luck = (unsigned)rand_r(&s->seed) % 100;
	uint8_t out[270];
	size_t n = slave_answer(s, pdu, out);

	(void)nth;
	if (luck == 0)
		return;
	if (luck == 1) {
		unsigned at = (unsigned)rand_r(&s->seed) % (unsigned)n;

		out[at] = (uint8_t)(out[at] ^ (1U << (unsigned)rand_r(&s->seed) % 8));
	}
	slave_send(s, out, n);
}

static void a_thousand_reads_on_a_lossy_line(void **state)
{
	struct slave s = { .serve = lossy, .seed = 1 };
	/* private: no tail after each read, which is not what is tried here */
	struct link_opts o = { .retries = -1, .private = true };
	struct link_stats st;
	struct link *l;
	unsigned seed = 3;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	for (int i = 0; i < 1000; i++) {
		unsigned first = (unsigned)rand_r(&seed) % 20, n = 1 + (unsigned)rand_r(&seed) % 10;
		struct got g;
		struct err e;

		if (read_range(l, first, n, &g, &e))
			fail_msg("read %d: %s", i, e.text);
		assert_int_equal(g.ok, n);
	}
	link_stats(l, &st);
	assert_true(st.timeouts > 3 && st.corrupt > 3);
	link_close(l);
	slave_stop(&s);
}

static void flip(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[270];
	size_t n = slave_answer(s, pdu, out);

	if (s->mode == 0 || nth == 1)
		out[nth % n] ^= 0x10;
	slave_send(s, out, n);
}

static void echo_and_answer(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t frame[8];

	(void)nth;
	memcpy(frame, pdu, 6);
	crc16_append(frame, 6);
	slave_send(s, frame, 8);
	slave_good(s, pdu);
}

static void foreign_first(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const struct {
		uint8_t unit, function;
		unsigned words;
	} kinds[] = { { 2, 3, 2 }, { UNIT, 4, 2 }, { UNIT, 3, 3 }, { UNIT, 3, 1 } };
	uint8_t body[16], out[32];
	int k = s->mode & 3;

	(void)nth;
	body[0] = kinds[k].unit;
	body[1] = kinds[k].function;
	body[2] = (uint8_t)(2 * kinds[k].words);
	memset(body + 3, 0x55, sizeof(body) - 3);
	slave_send(s, out, slave_frame(s, body, 3 + 2 * kinds[k].words, out));
	if (!(s->mode & 4))
		slave_good(s, pdu);
}

static void other_master(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t frame[8] = { 7, 3, 0, 9, 0, 4 };

	(void)pdu;
	(void)nth;
	crc16_append(frame, 6);
	slave_send(s, frame, 8);
}

static void noise_then_answer(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t noise[] = { 0x00, 0xFF, 0x83, 0x01, 0x03, 0x01 };

	(void)nth;
	slave_send(s, noise, sizeof(noise));
	slave_good(s, pdu);
	slave_send(s, noise, 2);
}

/* In one piece, and only while nobody has asked for more: a copy that comes behind the
 * next request would look like its answer, and nobody could tell. */
static void twice(struct slave *s, const uint8_t *pdu)
{
	uint8_t out[540];
	size_t n = slave_answer(s, pdu, out);

	memcpy(out + n, out, n);
	slave_send(s, out, unit_readable(s->fd, 0) ? n : 2 * n);
}

/* Everything at once, and worse than any line. */
static void wild(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t junk[40];

	switch ((unsigned)rand_r(&s->seed) % 12) {
	case 0: return;
	case 1: s->mode = 2; flip(s, pdu, nth); return;
	case 2: echo_and_answer(s, pdu, nth); return;
	case 3: noise_then_answer(s, pdu, nth); return;
	case 4: other_master(s, pdu, nth); slave_good(s, pdu); return;
	/* not its right-looking answers of another length: nobody could tell */
	case 5: s->mode = rand_r(&s->seed) & 1; foreign_first(s, pdu, nth); return;
	case 6: slave_wait(s, rand_r(&s->seed) % 120); slave_good(s, pdu); return;
	case 7: twice(s, pdu); return;
	case 8:
		for (size_t i = 0; i < sizeof(junk); i++)
			junk[i] = (uint8_t)rand_r(&s->seed);
		slave_send(s, junk, sizeof(junk));
		return;
	default: slave_good(s, pdu); return;
	}
}

static void a_wild_line(void **state)
{
	struct slave s = { .serve = wild, .seed = 77 };
	struct link_opts o = { .timeout_ms = 60, .retries = 5 };
	unsigned seed = 4, good = 0, wanted = 0;
	struct link *l;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	for (int i = 0; i < 60; i++) {
		unsigned first = (unsigned)rand_r(&seed) % 20, n = 1 + (unsigned)rand_r(&seed) % 3;
		struct got g;
		struct err e;

		wanted += n;
		read_range(l, first, n, &g, &e);
		good += g.ok;
	}
	assert_true(good * 10 > wanted * 9);
	link_close(l);
	slave_stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_answers_are_never_mistaken),
		cmocka_unit_test(answers_from_before_the_port_was_opened),
		cmocka_unit_test(nobody_talks_into_a_late_answer),
		cmocka_unit_test(an_answer_after_giving_up),
		cmocka_unit_test(late_answers_are_not_another_masters),
		cmocka_unit_test(a_late_refusal_is_not_taken_for_ours),
		cmocka_unit_test(a_cancel_ends_the_wait),
		cmocka_unit_test(the_deadline_is_exact),
		cmocka_unit_test(a_meter_that_comes_back),
		cmocka_unit_test(a_thousand_reads_on_a_lossy_line),
		cmocka_unit_test(a_wild_line),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
