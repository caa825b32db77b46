/* Frames in datagrams: lost, doubled, late, cut, from elsewhere, or refused. */
#include "base/time.h"
#include "test_link_points.h"

static const enum scheme schemes[] = { SCHEME_UDP, SCHEME_RTUUDP };
static const char *const names[] = { "udp", "rtuudp" };

#define SCHEMES 2

typedef void server(struct slave *s, const uint8_t *pdu, unsigned nth);

static const struct link_opts brisk = { .timeout_ms = 150, .retries = 2 };
/* Where requests are counted, or are answered at once. */

/* The answer of a slave to PDU as it should be, in OUT. */
static size_t right(struct slave *s, const uint8_t *pdu, uint8_t *out)
{
	return slave_answer(s, pdu, out);
}

/* ... and as if it were to the register before that. */
static size_t wrong(struct slave *s, const uint8_t *pdu, uint8_t *out)
{
	uint8_t other[6];

	memcpy(other, pdu, sizeof(other));
	other[3]--;
	return slave_answer(s, other, out);
}

/* Reads three points, each with a request of its own, from a slave that behaves as
 * SERVE says. */
static int read_three(enum scheme scheme, server *serve, int mode, const struct link_opts *o,
		      struct got *g, struct link_stats *st, struct err *e)
{
	struct slave s = { .serve = serve, .mode = mode };
	struct link *l;
	int rc = 0;

	slave_at(&s, scheme);
	l = slave_link(&s, scheme, o);
	for (unsigned i = 32; i < 35 && !rc; i++)
		rc = read_range(l, i, 1, g, e);
	link_stats(l, st);
	link_close(l);
	slave_stop(&s);
	return rc;
}

static void comes_right(server *serve, int mode)
{
	for (size_t i = 0; i < SCHEMES; i++) {
		struct link_stats st;
		struct got g;
		struct err e;

		if (read_three(schemes[i], serve, mode, &brisk, &g, &st, &e))
			fail_msg("%s, %d: %s", names[i], mode, e.text);
		assert_int_equal(g.ok, 1);
	}
}

static void ends(server *serve, int mode, enum err_code code, const char *words)
{
	for (size_t i = 0; i < SCHEMES; i++) {
		struct link_stats st;
		struct got g;
		struct err e;

		if (read_three(schemes[i], serve, mode, &brisk, &g, &st, &e) == 0)
			fail_msg("%s, %d: is read", names[i], mode);
		if (e.code != code)
			fail_msg("%s, %d: code %d: %s", names[i], mode, e.code, e.text);
		expect_text(&e, words);
	}
}

static void reads_and_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCHEMES; i++) {
		struct slave s = { 0 };
		uint16_t regs[125] = { 0 };
		struct link *l;
		struct got g;
		struct err e;
		bool sent;

		slave_at(&s, schemes[i]);
		l = slave_link(&s, schemes[i], &patient);
		for (int k = 0; k < 20; k++) {
			assert_int_equal(read_range(l, 0, POINTS, &g, &e), 0);
			assert_int_equal(g.ok, POINTS);
		}
		assert_int_equal(link_raw_read(l, SPACE_INPUT, 0x1234, 125, regs, &e), 0);
		for (unsigned k = 0; k < 125; k++)
			assert_int_equal(regs[k], register_value(0x1234 + k));
		assert_int_equal(link_write(l, 7, 123, regs, &sent, &e), 0);
		assert_int_equal(atomic_load(&s.writes), 1);
		link_close(l);
		slave_stop(&s);
	}
}

/* MODE of three requests are lost. */
static void loses(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if ((int)(nth % 3) >= s->mode)
		slave_good(s, pdu);
}

static void lost_datagrams_are_asked_for_again(void **state)
{
	(void)state;
	comes_right(loses, 1);
	ends(loses, 3, ERR_SILENT, "no reply|3 tries|UDP");
}

/* What stands before the right answer, or in its place (MODE | 16). */
static void odd(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[2000], junk[1500];
	size_t n = right(s, pdu, out);

	(void)nth;
	memset(junk, 0x55, sizeof(junk));
	switch (s->mode & 15) {
	case 0:		/* empty */
		slave_send(s, out, 0);
		break;
	case 1:		/* longer than any frame, and begins like one */
		n = wrong(s, pdu, junk);
		slave_send(s, junk, sizeof(junk));
		n = right(s, pdu, out);
		break;
	case 2:		/* nothing we know */
		slave_send(s, junk, 40);
		break;
	case 3:		/* cut short ... */
		slave_send(s, out, n - 1);
		break;
	case 4:		/* ... and its rest in a datagram of its own */
		slave_send(s, out, n - 2);
		slave_send(s, out + n - 2, 2);
		break;
	case 5:		/* a byte */
		slave_send(s, out, 1);
		break;
	}
	if (!(s->mode & 16))
		slave_send(s, out, n);
}

static void what_is_no_frame(void **state)
{
	(void)state;
	for (int how = 0; how < 6; how++)
		comes_right(odd, how);
	ends(odd, 16 + 0, ERR_SILENT, "no reply");
	ends(odd, 16 + 1, ERR_SILENT, "no reply");
	ends(odd, 16 + 2, ERR_FOREIGN, "reply from unit 1");
	ends(odd, 16 + 3, ERR_FOREIGN, "cut short");
	ends(odd, 16 + 4, ERR_FOREIGN, "cut short");
}

/* Another's answer and ours in one datagram, ours first (MODE 1) or second. */
static void two_in_one(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t both[600], other[6];
	size_t n = 0;

	(void)nth;
	memcpy(other, pdu, sizeof(other));
	other[0]++;
	other[3]--;
	if (s->mode)
		n += right(s, pdu, both);
	s->head[1]--;
	n += slave_answer(s, other, both + n);
	s->head[1]++;
	if (!s->mode)
		n += right(s, pdu, both + n);
	slave_send(s, both, n);
}

static void two_frames_in_a_datagram(void **state)
{
	(void)state;
	comes_right(two_in_one, 0);
	comes_right(two_in_one, 1);
}

/* An answer that does not come from where the request went. */
static void elsewhere(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	struct slave other = *s;
	uint8_t out[270];
	size_t n = wrong(s, pdu, out);

	(void)nth;
	other.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	slave_send(&other, out, n);
	close(other.fd);
	if (s->mode)
		slave_good(s, pdu);
}

static void datagrams_from_elsewhere(void **state)
{
	(void)state;
	comes_right(elsewhere, 1);
	ends(elsewhere, 0, ERR_SILENT, "no reply");
}

static atomic_uint doubled;

static void doubles(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	for (int i = 0; i < s->mode; i++)
		slave_good(s, pdu);
	atomic_fetch_add(&doubled, 1);
}

/* All copies that are there are thrown away before the next request. */
static void copies_of_the_last_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCHEMES; i++) {
		struct slave s = { .serve = doubles, .mode = 5 };
		struct link_stats st;
		struct link *l;
		struct got g;
		struct err e;

		slave_at(&s, schemes[i]);
		l = slave_link(&s, schemes[i], &patient);
		atomic_store(&doubled, 0);
		for (unsigned k = 0; k < 10; k++) {
			if (read_range(l, 30 + k, 1, &g, &e))
				fail_msg("%s: %s", names[i], e.text);
			assert_int_equal(g.ok, 1);
			while (atomic_load(&doubled) <= k)
				slave_wait(&s, 1);
		}
		link_stats(l, &st);
		assert_int_equal(st.requests, 10);
		link_close(l);
		slave_stop(&s);
	}
}

/* Every request is answered with what the one before asked, and then as it should. */
static void one_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static uint8_t before[270];
	static size_t n;

	if (nth > 1)
		slave_send(s, before, n);
	n = right(s, pdu, before);
	slave_good(s, pdu);
}

/* Modbus TCP frames name the request they answer. */
static void late_answers_of_another_transaction(void **state)
{
	struct link_stats st;
	struct got g;
	struct err e;

	(void)state;
	assert_int_equal(read_three(SCHEME_UDP, one_late, 0, &patient, &g, &st, &e), 0);
	assert_int_equal(st.requests, 3);
	assert_int_equal(st.foreign, 2);
}

/* The first answer comes when it is no longer waited for. */
static void answers_the_retry_first(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static uint8_t first[270];
	static size_t n;

	if (nth == 1) {
		n = right(s, pdu, first);
		return;
	}
	slave_good(s, pdu);
	if (nth == 2)
		slave_send(s, first, n);
}

static void an_answer_to_an_earlier_try(void **state)
{
	(void)state;
	comes_right(answers_the_retry_first, 0);
}

/* Nothing listens: the host itself says so; and who is back is found. */
static void a_port_that_is_closed(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCHEMES; i++) {
		struct slave s = { 0 };
		int64_t began;
		struct link *l;
		struct got g;
		struct err e;

		slave_at(&s, schemes[i]);
		l = slave_link(&s, schemes[i], &patient);
		assert_int_equal(read_range(l, 0, 1, &g, &e), 0);
		slave_stop(&s);
		assert_int_equal(read_range(l, 0, 1, &g, &e), -1);
		assert_int_equal(e.code, ERR_SILENT);
		expect_text(&e, "cannot reach|refused|nothing listens");
		/* asked again after a pause, not in a spin */
		began = time_mono_us();
		assert_int_equal(read_range(l, 0, 1, &g, &e), -1);
		assert_true(time_mono_us() - began > 400000);
		slave_at(&s, schemes[i]);
		assert_int_equal(read_range(l, 0, 1, &g, &e), 0);
		assert_int_equal(g.ok, 1);
		link_close(l);
		slave_stop(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_and_writes, prepare),
		cmocka_unit_test(lost_datagrams_are_asked_for_again),
		cmocka_unit_test(what_is_no_frame),
		cmocka_unit_test(two_frames_in_a_datagram),
		cmocka_unit_test(datagrams_from_elsewhere),
		cmocka_unit_test(copies_of_the_last_answer),
		cmocka_unit_test(late_answers_of_another_transaction),
		cmocka_unit_test(an_answer_to_an_earlier_try),
		cmocka_unit_test(a_port_that_is_closed),
	};

	return UNIT_RUN(tests);
}
