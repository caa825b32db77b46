/* The link on a line with faults: never a wrong value, and the right reason. */
#include "test_link_slave.h"

#include <sys/stat.h>

#define POINTS 40

static struct point points[POINTS];
static char keys[POINTS][8];
static struct profile profile = { .name = "test", .points = points, .npoints = POINTS, .read_most = 125 };

/* Points 0..29 at registers 0..29, 30..39 at 40, 42, 44 ...: with holes. */
static int prepare(void **state)
{
	(void)state;
	for (unsigned i = 0; i < POINTS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "p%u", i);
		points[i] = (struct point){
			.key = keys[i], .name = "", .group = "", .unit = "", .note = "",
			.section = "", .type = TYPE_U16, .words = 1, .scale = 1,
			.addr = (uint16_t)(i < 30 ? i : 40 + (i - 30) * 2),
			.min = 1, .max = 0,
		};
	}
	return 0;
}

struct got {
	unsigned ok, failed;
	struct reading last[POINTS];
};

/* Every value that is delivered is checked here: the heart of these tests. */
static void take(void *arg, size_t idx, const struct reading *r)
{
	struct got *g = arg;

	g->last[idx] = *r;
	if (r->quality == QUALITY_FAILED) {
		g->failed++;
		return;
	}
	assert_int_equal(r->quality, QUALITY_OK);
	assert_int_equal(r->raw[0], register_value(points[idx].addr));
	assert_true(r->value.num == (double)register_value(points[idx].addr));
	assert_int_equal(r->words, 1);
	assert_true(r->mono_us > 0 && r->mono_us <= time_mono_us());
	g->ok++;
}

static const struct link_opts quick = { .timeout_ms = 60, .retries = 2 };

static int read_range(struct link *l, unsigned first, unsigned n, struct got *g, struct err *e)
{
	uint16_t idx[POINTS];

	for (unsigned i = 0; i < n; i++)
		idx[i] = (uint16_t)(first + i);
	*g = (struct got){ 0 };
	*e = (struct err){ 0 };
	return link_read(l, &profile, idx, n, take, g, e);
}

static void expect_text(const struct err *e, const char *words)
{
	char copy[200], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, "|", &save); w; w = strtok_r(NULL, "|", &save))
		if (!strstr(e->text, w))
			fail_msg("no '%s' in: %s", w, e->text);
}

/* Reads two points over and over with the meter behaving as SERVE says. The read
 * must end with CODE and text (0: all is delivered). */
static struct link_stats with(void (*serve)(struct slave *, const uint8_t *, unsigned),
			      enum err_code code, const char *words)
{
	struct slave s = { .serve = serve };
	struct link_stats st;
	struct link *l;
	struct got g;
	struct err e;
	int rc;

	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &quick);
	rc = read_range(l, 3, 2, &g, &e);
	if (code == 0) {
		if (rc)
			fail_msg("%s", e.text);
		assert_int_equal(g.ok, 2);
	} else {
		assert_int_equal(rc, -1);
		if (e.code != code)
			fail_msg("code %d: %s", e.code, e.text);
		expect_text(&e, words);
		assert_int_equal(g.ok, 0);
	}
	link_stats(l, &st);
	link_close(l);
	slave_stop(&s);
	return st;
}

/* ---- one fault each ----------------------------------------------------- */

static void a_good_line(void **state)
{
	struct link_stats st = with(NULL, 0, "");

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
	struct link_stats st = with(silent, ERR_SILENT, "no reply|unit 1|3 tries|A and B|address|power|speed");

	(void)state;
	assert_int_equal(st.timeouts, 3);
	assert_int_equal(st.requests, 3);
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
	assert_int_equal(with(third_time_lucky, 0, "").timeouts, 2);
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
	struct link_stats st = with(flip, ERR_FOREIGN, "damaged|termination|second master|speed");

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
			struct link_opts o = { .timeout_ms = 30, .retries = 2 };
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
	with(echo_and_answer, 0, "");
	with(echo_only, ERR_SILENT, "echo|silent");
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

static void foreign_frames(void **state)
{
	static const char *const words[] = { "unit 2", "another function", "another length", "another length" };

	(void)state;
	for (int mode = 0; mode < 8; mode++) {
		struct slave s = { .serve = foreign_first, .mode = mode };
		struct link_stats st;
		struct link *l;
		struct got g;
		struct err e;
		int rc;

		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, &quick);
		rc = read_range(l, 3, 2, &g, &e);
		link_stats(l, &st);
		if (mode < 4) {
			assert_int_equal(rc, 0);
			assert_int_equal(st.requests, 1);	/* we waited on, not asked again */
			assert_int_equal(st.foreign, 1);
		} else {
			assert_int_equal(rc, -1);
			assert_int_equal(e.code, ERR_FOREIGN);
			expect_text(&e, words[mode & 3]);
		}
		link_close(l);
		slave_stop(&s);
	}
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
	with(other_master, ERR_FOREIGN, "unit 7|another master");
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
	with(noise_then_answer, 0, "");
	with(noise_only, ERR_FOREIGN, "no frame|speed and parity|noise");
	/* a driver switching direction makes a byte by itself: that is silence */
	with(glitch, ERR_SILENT, "no reply");
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
	with(cut_always, ERR_FOREIGN, "damaged|cut short");
	with(cut_once, 0, "");
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
	assert_int_equal(with(dribble, 0, "").requests, 1);
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
	l = slave_link(&s, SCHEME_RTU, &quick);
	assert_int_equal(read_range(l, 0, POINTS, &g, &e), 0);
	assert_int_equal(g.ok, POINTS - 1);
	assert_int_equal(g.failed, 1);
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
	l = slave_link(&s, SCHEME_RTU, &quick);
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
	l = slave_link(&s, SCHEME_RTU, &quick);
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
	with(busy_twice, 0, "");
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &quick);
	/* refused is an answer: the read itself succeeds */
	assert_int_equal(read_range(l, 3, 2, &g, &e), 0);
	assert_int_equal(g.failed, 2);
	expect_text(&g.last[3].err, "exception 04|device failure");
	assert_int_equal(link_raw_read(l, SPACE_HOLDING, 9, 2, regs, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	expect_text(&e, "0x0009-0x000A");
	link_close(l);
	slave_stop(&s);
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
	for (int i = 0; i < 120; i++) {
		unsigned which = (unsigned)rand_r(&seed) % POINTS;
		struct got g;
		struct err e;

		if (read_range(l, which, 1, &g, &e) == 0)
			good += g.ok;
	}
	assert_true(good > 100);
	link_close(l);
	slave_stop(&s);
}

/* The first answer comes only after the caller has long given up on it. */
static void first_very_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth == 1)
		slave_wait(s, 700);
	slave_good(s, pdu);
}

static void an_answer_after_giving_up(void **state)
{
	struct slave s = { .serve = first_very_late };
	struct link_opts o = { .timeout_ms = 300, .retries = 0 };
	struct link_stats st;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	/* half a second later, when the answer still is 400 ms - 500 ms away or has
	 * just come: another register of the same length */
	while (read_range(l, 2, 1, &g, &e))
		assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(g.ok, 1);
	link_stats(l, &st);
	assert_true(st.foreign >= 1);
	link_close(l);
	slave_stop(&s);
}

/* The request was cancelled, its answer comes all the same. */
static void late_100(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth == 1)
		slave_wait(s, 100);
	slave_good(s, pdu);
}

static void *cancel_soon(void *arg)
{
	struct link *l = arg;
	struct timespec ts = { 0, 30000000 };

	nanosleep(&ts, NULL);
	link_cancel(l);
	return NULL;
}

static void a_cancel_ends_the_wait(void **state)
{
	struct slave s = { .serve = late_100 };
	struct link_opts o = { .timeout_ms = 2000, .retries = 0 };
	int64_t began;
	pthread_t t;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	pthread_create(&t, NULL, cancel_soon, l);
	began = time_mono_us();
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_true(time_mono_us() - began < 90000);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	pthread_join(t, NULL);
	/* it stays cancelled until told otherwise */
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	link_uncancel(l);
	assert_int_equal(read_range(l, 2, 1, &g, &e), 0);
	assert_int_equal(g.ok, 1);
	link_close(l);
	slave_stop(&s);
}

/* ---- time --------------------------------------------------------------- */

static void the_deadline_is_exact(void **state)
{
	struct slave s = { .serve = silent };
	struct link_opts o = { .timeout_ms = 150, .retries = 0 };
	struct link *l;
	struct got g;
	struct err e;
	int64_t began;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	began = time_mono_us();
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_in_range(time_mono_us() - began, 150000, 190000);
	/* a dead meter is asked again after a pause, once */
	began = time_mono_us();
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_in_range(time_mono_us() - began, 600000, 720000);
	assert_int_equal(atomic_load(&s.requests), 2);
	/* a cancel ends the pause, and then it is asked at once */
	link_cancel(l);
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	link_uncancel(l);
	began = time_mono_us();
	assert_int_equal(read_range(l, 1, 1, &g, &e), -1);
	assert_in_range(time_mono_us() - began, 150000, 190000);
	link_close(l);
	slave_stop(&s);
}

static void dead_until_5(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth >= 5)
		slave_good(s, pdu);
}

static void a_meter_that_comes_back(void **state)
{
	struct slave s = { .serve = dead_until_5 };
	struct link *l;
	struct got g;
	struct err e;
	int64_t began;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &quick);
	while (read_range(l, 1, 3, &g, &e))
		assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(g.ok, 3);
	began = time_mono_us();
	for (int i = 0; i < 10; i++) {
		assert_int_equal(read_range(l, (unsigned)i, 3, &g, &e), 0);
		assert_int_equal(g.ok, 3);
	}
	assert_true(time_mono_us() - began < 200000);
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
	struct link_opts o = { .timeout_ms = 0, .retries = -1 };
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
	case 6: slave_wait(s, rand_r(&s->seed) % 50); slave_good(s, pdu); return;
	case 7: slave_good(s, pdu); slave_good(s, pdu); return;
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
	struct link_opts o = { .timeout_ms = 25, .retries = 5 };
	unsigned seed = 4, good = 0, wanted = 0;
	struct link *l;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	for (int i = 0; i < 150; i++) {
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
	l = slave_link(&s, SCHEME_RTU, &quick);
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
	struct link_opts o = quick;
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
		cmocka_unit_test(a_second_master),
		cmocka_unit_test(noise),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(a_missing_register_costs_only_itself),
		cmocka_unit_test(a_meter_that_gives_little_at_once),
		cmocka_unit_test(holes_are_given_up_when_refused),
		cmocka_unit_test(exceptions),
		cmocka_unit_test(late_answers_are_never_mistaken),
		cmocka_unit_test(an_answer_after_giving_up),
		cmocka_unit_test(a_cancel_ends_the_wait),
		cmocka_unit_test(the_deadline_is_exact),
		cmocka_unit_test(a_meter_that_comes_back),
		cmocka_unit_test(a_thousand_reads_on_a_lossy_line),
		cmocka_unit_test(a_wild_line),
		cmocka_unit_test(reads_are_put_together),
		cmocka_unit_test(the_trace_has_every_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, prepare, NULL);
}
