/* The link on a line with faults: never a wrong value, and the right reason. */
#include "test_link_points.h"

/* Reads two points from a meter that behaves as SERVE says, on a line of BAUD. The read
 * must end with CODE and text (0: all is delivered). */
static struct link_stats with_baud(int baud, void (*serve)(struct slave *, const uint8_t *, unsigned),
				   const struct link_opts *o, enum err_code code, const char *words)
{
	struct slave s = { .serve = serve, .baud = baud };
	struct link_stats st;
	struct link *l;
	struct got g;
	struct err e;
	int rc;

	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, o);
	rc = read_range(l, 3, 2, &g, &e);
	link_stats(l, &st);
	link_close(l);
	slave_stop(&s);
	if (rc != (code ? -1 : 0) || e.code != code)
		fail_msg("rc %d, code %d: %s", rc, e.code, e.text);
	if (code)
		expect_text(&e, words);
	assert_int_equal(g.ok, code ? 0 : 2);
	return st;
}

static struct link_stats with(void (*serve)(struct slave *, const uint8_t *, unsigned),
			      const struct link_opts *o, enum err_code code, const char *words)
{
	return with_baud(0, serve, o, code, words);
}

/* ---- one fault each ----------------------------------------------------- */

static void a_good_line(void **state)
{
	struct link_stats st = with(NULL, &patient, 0, "");

	(void)state;
	assert_int_equal(st.requests, 1);
	assert_int_equal(st.replies, 1);
	assert_int_equal(st.timeouts + st.corrupt + st.foreign, 0);
	assert_true(st.rate > 0);
}

static void silent(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)s;
	(void)pdu;
	(void)nth;
}

static void silence(void **state)
{
	struct link_stats st = with(silent, &quick, ERR_SILENT, "no reply|unit 1|4 tries|A and B|address|power|speed");

	(void)state;
	assert_int_equal(st.timeouts, 4);
	assert_int_equal(st.requests, 4);
	assert_true(st.rate == 0);
}

static void third_time_lucky(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth > 2)
		slave_good(s, pdu);
}

static void two_lost_requests(void **state)
{
	(void)state;
	assert_int_equal(with(third_time_lucky, &steady, 0, "").timeouts, 2);
}

static void flip(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[270];
	size_t n = slave_answer(s, pdu, out);

	if (s->mode == 0 || nth == 1)
		out[nth % n] ^= 0x10;
	slave_send(s, out, n);
}

static void flipped_always(void **state)
{
	struct link_stats st = with(flip, &patient, ERR_FOREIGN, "damaged|termination|second master|speed");

	(void)state;
	assert_true(st.corrupt >= 1);
}

static void flip_bit(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[270];
	size_t n = slave_answer(s, pdu, out);

	if (nth == 1)
		out[s->mode >> 8] = (uint8_t)(out[s->mode >> 8] ^ (s->mode & 0xFF));
	slave_send(s, out, n);
}

static void flipped_once_anywhere(void **state)
{
	(void)state;
	for (int byte = 0; byte < 9; byte++)
		for (int bit = 0; bit < 8; bit += 3) {
			struct slave s = { .serve = flip_bit, .mode = byte << 8 | 1 << bit };
			struct link_opts o = { .timeout_ms = 250, .retries = 3 };
			struct link *l;
			struct got g;
			struct err e;

			slave_pty(&s);
			l = slave_link(&s, SCHEME_RTU, &o);
			if (read_range(l, 3, 2, &g, &e))
				fail_msg("byte %d bit %d: %s", byte, bit, e.text);
			assert_int_equal(g.ok, 2);
			link_close(l);
			slave_stop(&s);
		}
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

static void echo_only(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t frame[8];

	(void)nth;
	memcpy(frame, pdu, 6);
	crc16_append(frame, 6);
	slave_send(s, frame, 8);
}

static void echo(void **state)
{
	(void)state;
	with(echo_and_answer, &patient, 0, "");
	with(echo_only, &once, ERR_SILENT, "only the echo|rs485=");
}

static void foreign_first(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const struct {
		uint8_t unit, function;
		unsigned words;
	} kinds[] = { { 2, 3, 2 }, { UNIT, 4, 2 }, { UNIT, 3, 3 }, { UNIT, 3, 1 } };
	uint8_t body[16], out[32];
	int k = s->mode & 3;

	if (nth > 1 && !(s->mode & 4)) {
		slave_good(s, pdu);
		return;
	}
	body[0] = kinds[k].unit;
	body[1] = kinds[k].function;
	body[2] = (uint8_t)(2 * kinds[k].words);
	memset(body + 3, 0x55, sizeof(body) - 3);
	slave_send(s, out, slave_frame(s, body, 3 + 2 * kinds[k].words, out));
	if (!(s->mode & 4))
		slave_good(s, pdu);
}

static void foreign_frames(void **state)
{
	static const char *const words[] = { "one from unit 2", "another master", "unit 1, 3 registers,", "unit 1, 1 register," };

	(void)state;
	for (int mode = 0; mode < 8; mode++) {
		struct slave s = { .serve = foreign_first, .mode = mode };
		struct link_stats st;
		struct link *l;
		struct got g;
		struct err e;
		int rc;

		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, mode < 4 ? &patient : &once);
		rc = read_range(l, 3, 2, &g, &e);
		link_stats(l, &st);
		if (mode < 4) {
			assert_int_equal(rc, 0);
			assert_int_equal(g.ok, 2);
			/* somebody else is on the line: we waited on, and asked again to be sure */
			assert_int_equal(st.requests, 2);
			assert_int_equal(st.foreign, 1);
			assert_true(st.shared);
		} else {
			/* one register is what is asked for when all else is silent: the
			 * foreign one is not believed then, either */
			assert_true(rc == -1 || mode == 7);
			assert_int_equal(g.ok, 0);
			if (rc == 0)
				e = g.last[3].err;
			assert_int_equal(e.code, ERR_FOREIGN);
			expect_text(&e, words[mode & 3]);
		}
		link_close(l);
		slave_stop(&s);
	}
}

/* What another master was given, of the form of our own answer, and before it. */
static void anothers_first(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t other[6];

	memcpy(other, pdu, sizeof(other));
	other[3] = (uint8_t)(other[3] + 20);
	if (nth == 1)
		slave_good(s, other);
	slave_good(s, pdu);
}

static void an_answer_of_the_same_form(void **state)
{
	(void)state;
	/* which of two that differ is ours the third tells */
	assert_int_equal(with(anothers_first, &patient, 0, "").requests, 3);
}

static void other_master(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t frame[8] = { 7, 3, 0, 9, 0, 4 };

	(void)pdu;
	(void)nth;
	crc16_append(frame, 6);
	slave_send(s, frame, 8);
}

static void a_second_master(void **state)
{
	(void)state;
	with(other_master, &once, ERR_FOREIGN, "unit 7|another master");
}

static void noise_then_answer(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t noise[] = { 0x00, 0xFF, 0x83, 0x01, 0x03, 0x01 };

	(void)nth;
	slave_send(s, noise, sizeof(noise));
	slave_good(s, pdu);
	slave_send(s, noise, 2);
}

static void noise_only(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t noise[23];

	(void)pdu;
	(void)nth;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(0xA5 ^ (i * 29));
	slave_send(s, noise, sizeof(noise));
}

static void glitch(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)pdu;
	(void)nth;
	slave_send(s, (const uint8_t *)"\0", 1);
}

static void noise(void **state)
{
	(void)state;
	with(noise_then_answer, &patient, 0, "");
	with(noise_only, &once, ERR_FOREIGN, "no frame|speed and parity|noise");
	/* a driver switching direction makes a byte by itself: that is silence */
	with(glitch, &once, ERR_SILENT, "no reply");
}

static void cut(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[270];
	size_t n = slave_answer(s, pdu, out);

	slave_send(s, out, nth <= (unsigned)s->mode ? 5 : n);
}

static void cut_always(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	s->mode = 100;
	cut(s, pdu, nth);
}

static void cut_once(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	s->mode = 1;
	cut(s, pdu, nth);
}

static void cut_short(void **state)
{
	(void)state;
	with(cut_always, &patient, ERR_FOREIGN, "damaged|cut short");
	with(cut_once, &patient, 0, "");
}

static void dribble(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[270];
	size_t n = slave_answer(s, pdu, out);

	(void)nth;
	for (size_t i = 0; i < n; i++) {
		slave_send(s, out + i, 1);
		slave_wait(s, 5);
	}
}

static void byte_by_byte(void **state)
{
	(void)state;
	/* at that speed a pause of 20 characters, 167 ms, ends a frame: on a busy machine
	 * there may be one, but not always */
	UNIT_UNTIL(with_baud(1200, dribble, &patient, 0, "").requests == 1, UNIT_PAUSE, (void)0);
}

/* ---- exceptions --------------------------------------------------------- */

/* Register 17 is missing, and so are those no point covers. */
static void lacks_17(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	unsigned from = slave_addr(pdu), to = from + slave_count(pdu);

	(void)nth;
	if (from <= 17 && 17 < to)
		slave_exception(s, pdu, 2);
	else if (to > 40 && slave_count(pdu) > 1)
		slave_exception(s, pdu, 3);
	else
		slave_good(s, pdu);
}

static void a_missing_register_costs_only_itself(void **state)
{
	struct slave s = { .serve = lacks_17 };
	struct link *l;
	struct got g;
	struct err e;
	unsigned before;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	assert_int_equal(read_range(l, 0, POINTS, &g, &e), 0);
	assert_int_equal(g.ok, POINTS - 1);
	assert_int_equal(g.failed, 1);
	assert_true(g.last[17].absent);
	assert_int_equal(g.last[17].quality, QUALITY_FAILED);
	assert_int_equal(g.last[17].err.code, ERR_REFUSED);
	expect_text(&g.last[17].err, "0x0011|exception 02|illegal data address|no such register");
	/* learned: the second time nothing is refused, and little is asked */
	before = atomic_load(&s.requests);
	assert_int_equal(read_range(l, 0, POINTS, &g, &e), 0);
	assert_int_equal(g.ok, POINTS - 1);
	assert_int_equal(atomic_load(&s.requests) - before, 2 + 10);
	link_close(l);
	slave_stop(&s);
}

static void at_most_eight(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (slave_count(pdu) > 8)
		slave_exception(s, pdu, 3);
	else
		slave_good(s, pdu);
}

static void a_meter_that_gives_little_at_once(void **state)
{
	struct slave s = { .serve = at_most_eight };
	struct link *l;
	struct got g;
	struct err e;
	unsigned before;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	assert_int_equal(read_range(l, 0, 30, &g, &e), 0);
	assert_int_equal(g.ok, 30);
	before = atomic_load(&s.requests);
	assert_int_equal(read_range(l, 0, 30, &g, &e), 0);
	assert_int_equal(g.ok, 30);
	assert_int_equal(atomic_load(&s.requests) - before, 4);
	link_close(l);
	slave_stop(&s);
}

static void no_holes(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (slave_addr(pdu) >= 40 && slave_count(pdu) > 1)
		slave_exception(s, pdu, 2);
	else
		slave_good(s, pdu);
}

static void holes_are_given_up_when_refused(void **state)
{
	struct slave s = { .serve = no_holes };
	struct link *l;
	struct got g;
	struct err e;
	unsigned before;

	(void)state;
	profile.read_holes = true;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	assert_int_equal(read_range(l, 30, 10, &g, &e), 0);
	assert_int_equal(g.ok, 10);
	assert_int_equal(atomic_load(&s.requests), 11);
	before = atomic_load(&s.requests);
	assert_int_equal(read_range(l, 30, 10, &g, &e), 0);
	assert_int_equal(atomic_load(&s.requests) - before, 10);
	profile.read_holes = false;
	link_close(l);
	slave_stop(&s);
}

static void busy_twice(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth <= 2)
		slave_exception(s, pdu, nth == 1 ? 6 : 5);
	else
		slave_good(s, pdu);
}

static void busy(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	slave_exception(s, pdu, 6);
}

/* It is not asked for its registers one by one. */
static void a_meter_that_is_busy(void **state)
{
	struct slave s = { .serve = busy };
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	assert_int_equal(read_range(l, 3, 20, &g, &e), 0);
	assert_int_equal(g.failed, 20);
	assert_false(g.last[3].absent);
	expect_text(&g.last[3].err, "exception 06|busy");
	assert_int_equal(atomic_load(&s.requests), 1 + patient.retries);
	link_close(l);
	slave_stop(&s);
}

static void refuses(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	slave_exception(s, pdu, 4);
}

static void exceptions(void **state)
{
	struct slave s = { .serve = refuses };
	struct link *l;
	struct got g;
	struct err e;
	uint16_t regs[2];

	(void)state;
	with(busy_twice, &patient, 0, "");
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	/* refused is an answer: the read itself succeeds */
	assert_int_equal(read_range(l, 3, 2, &g, &e), 0);
	assert_int_equal(g.failed, 2);
	expect_text(&g.last[3].err, "exception 04|device failure");
	assert_false(g.last[3].absent);
	assert_int_equal(link_raw_read(l, SPACE_HOLDING, 9, 2, regs, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	expect_text(&e, "0x0009-0x000A");
	link_close(l);
	slave_stop(&s);
}

/* ---- what it costs ------------------------------------------------------ */

static void reads_are_put_together(void **state)
{
	struct slave s = { 0 };
	struct link_stats st;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	assert_int_equal(read_range(l, 0, 30, &g, &e), 0);
	link_stats(l, &st);
	assert_int_equal(st.requests, 1);
	assert_int_equal(g.ok, 30);
	assert_int_equal(read_range(l, 0, 0, &g, &e), 0);
	link_stats(l, &st);
	assert_int_equal(st.requests, 1);
	link_close(l);
	slave_stop(&s);
}

struct seen {
	unsigned out, in, bad, note;
	char text[4096];
};

static void see(void *arg, const struct trace_frame *f)
{
	struct seen *v = arg;
	char line[1000];
	size_t at = strlen(v->text);

	v->out += f->dir == TRACE_OUT;
	v->in += f->dir == TRACE_IN;
	v->bad += f->dir == TRACE_BAD;
	v->note += f->dir == TRACE_NOTE;
	snprintf(v->text + at, sizeof(v->text) - at, "%s\n", trace_line(f, line, sizeof(line)));
}

static void cut_then_silent_then_good(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[270];

	if (nth == 1)
		slave_send(s, out, slave_answer(s, pdu, out) - 3);
	else if (nth == 3)
		echo_and_answer(s, pdu, nth);
}

static void the_trace_has_every_byte(void **state)
{
	struct seen v = { 0 };
	struct trace_sink sink = { .frame = see, .arg = &v };
	struct trace trace = { .first = &sink };
	struct slave s = { .serve = cut_then_silent_then_good };
	struct link_opts o = steady;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	o.trace = &trace;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	assert_int_equal(read_range(l, 3, 2, &g, &e), 0);
	assert_int_equal(v.out, 3);
	assert_int_equal(v.in, 1);
	assert_int_equal(v.bad, 2);
	assert_int_equal(v.note, 1);
	assert_non_null(strstr(v.text, "> 01 03 00 03 00 02 34 0B"));
	assert_non_null(strstr(v.text, "! 01 03 04 5C DA 7B  cut short"));
	assert_non_null(strstr(v.text, "! 01 03 00 03 00 02 34 0B  echo"));
	assert_non_null(strstr(v.text, "no reply within"));
	link_close(l);
	slave_stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_line),
		cmocka_unit_test(silence),
		cmocka_unit_test(two_lost_requests),
		cmocka_unit_test(flipped_always),
		cmocka_unit_test(flipped_once_anywhere),
		cmocka_unit_test(echo),
		cmocka_unit_test(foreign_frames),
		cmocka_unit_test(an_answer_of_the_same_form),
		cmocka_unit_test(a_second_master),
		cmocka_unit_test(noise),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(a_missing_register_costs_only_itself),
		cmocka_unit_test(a_meter_that_gives_little_at_once),
		cmocka_unit_test(holes_are_given_up_when_refused),
		cmocka_unit_test(exceptions),
		cmocka_unit_test(a_meter_that_is_busy),
		cmocka_unit_test(reads_are_put_together),
		cmocka_unit_test(the_trace_has_every_byte),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
