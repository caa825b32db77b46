/*
 * What a link does not believe: frames with a bit flipped, answers to something else, spans
 * that a meter has refused. And what it must not tell: a secret, whoever sends it.
 */
#include "test_link_points.h"

#include "modbus/frame.h"
#include "modbus/pending.h"
#include "modbus/pace.h"
#include "modbus/read_plan.h"

/* ---- frames --------------------------------------------------------------------- */

static const struct request asked = { .unit = 1, .function = FUNCTION_HOLDING, .addr = 0x14, .count = 1 };
static const struct request written = { .unit = 1, .function = FUNCTION_WRITE, .addr = 0x0E, .count = 1,
					.regs = { 40 } };

/* Frames without their checks, and what each is to its request when it is whole. */
static const struct {
	const char *bytes;
	size_t n;
	const struct request *q;
	enum frame_kind kind;
} whole[] = {
	{ "\x01\x03\x02\x09\x04", 5, &asked, FRAME_ANSWER },
	{ "\x01\x83\x02", 3, &asked, FRAME_EXCEPTION },
	{ "\x01\x90\x04", 3, &written, FRAME_EXCEPTION },
	{ "\x01\x10\x00\x0E\x00\x01", 6, &written, FRAME_ANSWER },
	{ "\x02\x03\x02\x09\x04", 5, &asked, FRAME_FOREIGN },		/* another unit answers */
	{ "\x02\x83\x02", 3, &asked, FRAME_FOREIGN },
	{ "\x01\x84\x02", 3, &asked, FRAME_FOREIGN },
	{ "\x07\x03\x00\x09\x00\x04", 6, &asked, FRAME_FOREIGN },	/* another master asks */
	{ "\x07\x10\x00\x09\x00\x01\x02\x12\x34", 9, &asked, FRAME_FOREIGN },
	{ "\x01\x10\x00\x0F\x00\x01", 6, &written, FRAME_FOREIGN },	/* another address */
	{ "\x01\x10\x01\x0E\x00\x01", 6, &written, FRAME_FOREIGN },
	{ "\x01\x10\x00\x0E\x00\x02", 6, &written, FRAME_FOREIGN },	/* another count */
	{ "\x09\x2B\x0E\x01\x01", 5, &asked, FRAME_FOREIGN },		/* a function nobody knows */
};

static bool believed(enum frame_kind kind)
{
	return kind != FRAME_MORE && kind != FRAME_CORRUPT && kind != FRAME_NOISE;
}

static void a_flipped_bit_is_seen_in_every_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		uint8_t buf[32];
		size_t n;

		memcpy(buf, whole[i].bytes, whole[i].n);
		n = crc16_append(buf, whole[i].n);
		assert_int_equal(frame_scan_rtu(whole[i].q, buf, n, true).kind, whole[i].kind);
		for (size_t bit = 0; bit < 8 * n; bit++) {
			buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
			for (int over = 0; over < 2; over++)
				if (believed(frame_scan_rtu(whole[i].q, buf, n, over).kind))
					fail_msg("frame %zu with bit %zu flipped is believed", i, bit);
			buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	}
}

/* Modbus TCP has no check: each field of its head counts, but for the unit, which the
 * transaction number makes good (test_link_frame). */
static void every_field_of_a_tcp_head_counts(void **state)
{
	static const struct { size_t at; uint8_t to; enum frame_kind kind; } cases[] = {
		{ 0, 1, FRAME_FOREIGN }, { 1, 8, FRAME_FOREIGN },	/* transaction */
		{ 2, 1, FRAME_CORRUPT }, { 3, 1, FRAME_CORRUPT },	/* protocol */
		{ 4, 1, FRAME_CORRUPT }, { 5, 2, FRAME_CORRUPT },	/* length */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t answer[] = { 0, 9, 0, 0, 0, 5, 1, 3, 2, 9, 4 };
		uint8_t refused[] = { 0, 9, 0, 0, 0, 3, 1, 0x83, 2 };
		uint8_t ack[] = { 0, 9, 0, 0, 0, 6, 1, 0x10, 0, 0x0E, 0, 1 };

		assert_int_equal(frame_scan_tcp(&asked, 9, answer, sizeof(answer), true).kind, FRAME_ANSWER);
		assert_int_equal(frame_scan_tcp(&asked, 9, refused, sizeof(refused), true).kind, FRAME_EXCEPTION);
		assert_int_equal(frame_scan_tcp(&written, 9, ack, sizeof(ack), true).kind, FRAME_ANSWER);
		answer[cases[i].at] = refused[cases[i].at] = ack[cases[i].at] = cases[i].to;
		assert_int_equal(frame_scan_tcp(&asked, 9, answer, sizeof(answer), true).kind, cases[i].kind);
		assert_int_equal(frame_scan_tcp(&asked, 9, refused, sizeof(refused), true).kind, cases[i].kind);
		assert_int_equal(frame_scan_tcp(&written, 9, ack, sizeof(ack), true).kind, cases[i].kind);
	}
}

/* ---- open requests --------------------------------------------------------------- */

static struct request reads(uint8_t unit, uint8_t function, uint16_t count)
{
	return (struct request){ .unit = unit, .function = function, .addr = 10, .count = count };
}

/* Only what looks like it could be taken for it. */
static void what_is_mistakable(void **state)
{
	struct request open = reads(1, FUNCTION_HOLDING, 2), q = open;
	struct pending o = { .n = 0 };

	(void)state;
	pending_sent(&o, &open, 1);
	q.addr = 20;
	assert_true(pending_ambiguous(&o, &q));
	for (int i = 0; i < 3; i++) {
		q = reads(i == 0 ? 2 : 1, i == 1 ? FUNCTION_INPUT : FUNCTION_HOLDING, i == 2 ? 3 : 2);
		q.addr = 20;
		assert_false(pending_ambiguous(&o, &q));
		pending_answered(&o, &q);
		assert_int_equal(o.n, 1);
	}
}

/* A radio or a mobile gateway may take long. */
static void an_answer_may_come_for_long(void **state)
{
	struct request open = reads(1, FUNCTION_HOLDING, 2);
	struct pending o = { .n = 0 };

	(void)state;
	pending_sent(&o, &open, 1000);
	pending_sent(&o, &open, 1001);
	pending_expire(&o, 1000 + PENDING_US);
	assert_int_equal(o.n, 2);
	pending_expire(&o, 1001 + PENDING_US);
	assert_int_equal(o.n, 1);
	pending_expire(&o, 1002 + PENDING_US);
	assert_int_equal(o.n, 0);
}

/* ---- what a meter teaches --------------------------------------------------------- */

static const uint16_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
				20, 21, 22, 23, 24, 25, 26, 27, 28, 29 };

/* As much at once as the profile says, and no more. */
static void no_more_than_the_profile_says(void **state)
{
	struct span_cost cost = span_cost_rtu(9600, 10, 5000);
	struct profile few = profile;
	struct read_plan r = { 0 };
	struct err e;

	(void)state;
	for (uint16_t most = 1; most < 40; most++) {
		few.read_most = most;
		read_plan_release(&r);
		assert_int_equal(read_plan_make(&r, &few, all, 30, cost, &e), 0);
		assert_int_equal(r.nspans, (30 + most - 1) / most);
		for (size_t i = 0; i < r.nspans; i++)
			assert_true(r.spans[i].span.words <= most);
	}
	read_plan_release(&r);
}

/* What is refused of holding registers says nothing of input registers. */
static void a_refusal_is_of_its_space(void **state)
{
	struct span_cost cost = span_cost_rtu(9600, 10, 5000);
	struct read_plan r = { 0 };
	struct read_plan_span s, other;
	struct err e;

	(void)state;
	assert_int_equal(read_plan_make(&r, &profile, all, 30, cost, &e), 0);
	assert_int_equal(r.nspans, 1);
	s = read_plan_part(&r, &r.spans[0], 5, 3);
	assert_int_equal(s.span.addr, 5);
	assert_int_equal(s.span.words, 3);
	read_plan_refuse(&r, &s, 2, 77);
	assert_non_null(read_plan_refusal(&r, &s));
	assert_int_equal(read_plan_refusal(&r, &s)->code, 2);
	other = s;
	other.space = SPACE_INPUT;
	assert_null(read_plan_refusal(&r, &other));
	/* neither does it of what lies beside it */
	other = s;
	other.span.addr = 8;
	assert_null(read_plan_refusal(&r, &other));
	other.span.addr = 2;
	assert_null(read_plan_refusal(&r, &other));
	other.span.addr = 3;
	assert_non_null(read_plan_refusal(&r, &other));
	read_plan_forgive(&r, &s);
	assert_null(read_plan_refusal(&r, &s));
	read_plan_release(&r);
}

/* ---- how long to wait -------------------------------------------------------------- */

/* Which try an answer is for is not known: its time is nobody's. */
static void the_time_of_a_retry_is_not_learned(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 5000);
	for (int i = 0; i < 8; i++)
		pace_answered(&p, i, 20000, false);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
	pace_answered(&p, 9, 300000, true);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
	pace_answered(&p, 10, 300000, false);
	assert_int_equal(pace_timeout_us(&p, false), 900000);
}

/* One answer in time is no reason to forget that another was late. */
static void a_late_answer_is_remembered(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 5000);
	pace_late(&p, 1300000);
	for (int i = 1; i < PACE_SAMPLES; i++) {
		pace_answered(&p, 1 + i, 20000, false);
		assert_int_equal(pace_timeout_us(&p, false), 2600000);
	}
	pace_answered(&p, 1 + PACE_SAMPLES, 20000, false);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
}

/* ---- a meter slower than the timeout ----------------------------------------------- */

static void after_400_ms(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	slave_wait(s, 400);
	slave_good(s, pdu);
}

/* Its first answer comes when it has been asked twice. How long it takes is learned from that:
 * it is then waited for, and not asked twice for ever. */
static void a_late_meter_is_waited_for(void **state)
{
	struct slave s = { .serve = after_400_ms };
	struct link_opts o = { .timeout_ms = 300, .retries = 2 };
	struct link_stats st;
	struct link *l;
	struct got g;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(read_range(l, i, 1, &g, &e), 0);
		assert_int_equal(g.ok, 1);
	}
	link_stats(l, &st);
	if (st.timeouts > 2)
		fail_msg("%lu timeouts in 5 reads", (unsigned long)st.timeouts);
	link_close(l);
	slave_stop(&s);
}

/* ---- secrets ------------------------------------------------------------------------ */

#define SECRET 5	/* the point, and its register, which holds 9A B8 */

struct told {
	char text[8192];
	unsigned bad;
};

static void hear(void *arg, const struct trace_frame *f)
{
	struct told *t = arg;
	char line[1000];
	size_t at = strlen(t->text);

	t->bad += f->dir == TRACE_BAD;
	snprintf(t->text + at, sizeof(t->text) - at, "%s\n", trace_line(f, line, sizeof(line)));
}

/* Another unit's frame and the echo of what was sent come before the answer. */
static void babble(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t foreign[] = { 2, 3, 2, 0x9A, 0xB8 };
	uint8_t out[300];

	(void)nth;
	slave_send(s, out, slave_frame(s, foreign, sizeof(foreign), out));
	if (slave_writes(pdu))
		slave_send(s, out, slave_frame(s, s->written, s->nwritten, out));
	slave_good(s, pdu);
}

/* The first answer comes when something else has been asked for; damaged, in mode 1. */
static void one_behind(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static uint8_t late[270];
	static size_t n;

	if (nth == 1) {
		n = slave_answer(s, pdu, late);
		late[n - 1] ^= (uint8_t)s->mode;
		return;
	}
	if (nth == 2)
		slave_send(s, late, n);
	slave_good(s, pdu);
}

/* Writes the secret when WRITES, else reads it; then reads something else until that is there.
 * The trace tells of all that came, and not the secret. */
static void nothing_is_told(void (*serve)(struct slave *, const uint8_t *, unsigned), int mode, bool writes)
{
	struct told told = { .bad = 0 };
	struct trace_sink sink = { .frame = hear, .arg = &told };
	struct trace trace = { .first = &sink };
	struct slave s = { .serve = serve, .mode = mode };
	struct link_opts o = { .timeout_ms = writes ? 1000 : 60, .retries = 0, .trace = &trace, .profile = &profile };
	const uint16_t value = 0x9AB8;
	bool sent = false;
	struct link *l;
	struct got g;
	struct err e = { 0 };

	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	if (writes) {
		if (link_write(l, SECRET, 1, &value, &sent, &e))
			fail_msg("%s", e.text);
	} else {
		(void)!read_range(l, SECRET, 1, &g, &e);
	}
	while (read_range(l, 2, 2, &g, &e))
		assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(g.ok, 2);
	link_close(l);
	slave_stop(&s);
	if (told.bad == 0 || strstr(told.text, "9A B8"))
		fail_msg("told: %s", told.text);
}

static void a_secret_is_not_told(void **state)
{
	(void)state;
	points[SECRET].flags = POINT_SECRET;
	assert_int_equal(register_value(SECRET), 0x9AB8);
	nothing_is_told(babble, 0, true);
	nothing_is_told(one_behind, 0, false);
	nothing_is_told(one_behind, 1, false);
	points[SECRET].flags = 0;
}

/* ---- copies ---------------------------------------------------------------------- */

/* The answer to 4 once more, in front of that to 10. */
static void a_copy_first(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t four[] = { 1, 3, 0, 4, 0, 2 };

	if (nth == 3)
		slave_good(s, four);
	slave_good(s, pdu);
}

/* Both frames have come before. The first is a copy, and only the second is ours. */
static void a_known_answer_may_be_ours(void **state)
{
	static const uint16_t at[] = { 10, 4, 10 };
	struct slave s = { .serve = a_copy_first };
	struct link *l;
	uint16_t regs[2];
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &patient);
	for (size_t i = 0; i < 3; i++) {
		if (link_raw_read(l, SPACE_HOLDING, at[i], 2, regs, &e))
			fail_msg("%s", e.text);
		assert_int_equal(regs[0], register_value(at[i]));
	}
	link_close(l);
	slave_stop(&s);
}

/* ---- a request in the place of silence ------------------------------------------------- */

/* Another master's reply comes first, and ours when the second request is there already
 * (mode 0); or the second request is never answered (mode 1). */
static void ours_comes_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t others[] = { 1, 3, 0, 20, 0, 2 }, ours[] = { 1, 3, 0, 4, 0, 2 };

	if (nth == 1 && s->mode == 0) {
		slave_good(s, others);
		return;
	}
	if (nth == 2 && s->mode == 0)
		slave_good(s, ours);
	if (nth != 2 || s->mode == 0)
		slave_good(s, pdu);
}

/* Whoever hurries does not believe it either, and does not take silence for a fault. */
static void a_hurried_answer_is_proved(void **state)
{
	struct link_opts hurried = patient;

	(void)state;
	hurried.hurried = true;
	for (int mode = 0; mode < 2; mode++) {
		struct slave s = { .serve = ours_comes_late, .mode = mode };
		struct link *l;
		uint16_t regs[2];
		struct err e;

		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, &hurried);
		if (link_raw_read(l, SPACE_HOLDING, 4, 2, regs, &e))
			fail_msg("mode %d: %s", mode, e.text);
		assert_int_equal(regs[0], register_value(4));
		assert_true(atomic_load(&s.requests) >= 2);
		link_close(l);
		slave_stop(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flipped_bit_is_seen_in_every_frame),
		cmocka_unit_test(every_field_of_a_tcp_head_counts),
		cmocka_unit_test(what_is_mistakable),
		cmocka_unit_test(an_answer_may_come_for_long),
		cmocka_unit_test(no_more_than_the_profile_says),
		cmocka_unit_test(a_refusal_is_of_its_space),
		cmocka_unit_test(the_time_of_a_retry_is_not_learned),
		cmocka_unit_test(a_late_answer_is_remembered),
		cmocka_unit_test(a_late_meter_is_waited_for),
		cmocka_unit_test(a_secret_is_not_told),
		cmocka_unit_test_setup(a_known_answer_may_be_ours, prepare),
		cmocka_unit_test_setup(a_hurried_answer_is_proved, prepare),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
