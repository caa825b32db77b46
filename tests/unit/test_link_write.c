/* Writes: one frame each, whatever the line does, and the truth about it. */
#include "base/cancel.h"
#include "base/time.h"
#include "test_link_points.h"

#define WRITTEN_AT 0x000F

/* What is said and is no acknowledgement has come by then. */
static const struct link_opts heard = { .timeout_ms = 300, .retries = 2 };

/* How one write went. */
struct outcome {
	int rc;
	bool sent;
	struct err e;
	unsigned writes;	/* frames the slave has seen */
	int64_t took_us;
};

typedef void server(struct slave *s, const uint8_t *pdu, unsigned nth);

/* Where a test runs: first those that can be lost. */
static const enum scheme places[] = { SCHEME_RTU, SCHEME_RTUTCP, SCHEME_TCP, SCHEME_UDP, SCHEME_RTUUDP };

#define PLACES (sizeof(places) / sizeof(places[0]))
#define CONNECTIONS 3

static void put(struct link *l, uint16_t value, struct outcome *o)
{
	int64_t began = time_mono_us();

	o->e = (struct err){ 0 };
	o->sent = true;
	o->rc = link_write(l, WRITTEN_AT, 1, &value, &o->sent, &o->e);
	o->took_us = time_mono_us() - began;
}

/* One write to a slave that behaves as SERVE says. */
static struct outcome write_once(enum scheme scheme, const struct link_opts *opts,
				 server *serve, int mode)
{
	struct slave s = { .serve = serve, .mode = mode };
	struct outcome o;
	struct link *l;

	slave_at(&s, scheme);
	l = slave_link(&s, scheme, opts);
	put(l, 40, &o);
	link_close(l);
	slave_stop(&s);
	o.writes = atomic_load(&s.writes);
	return o;
}

static void expect(const struct outcome *o, enum err_code code, bool sent, const char *words)
{
	if (o->rc != (code ? -1 : 0) || (code && o->e.code != code))
		fail_msg("rc %d code %d: %s", o->rc, o->e.code, o->e.text);
	if (code)
		expect_text(&o->e, words);
	assert_int_equal(o->sent, sent);
	assert_int_equal(o->writes, sent);
}

static void everywhere(server *serve, int mode, enum err_code code, const char *words)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct outcome o = write_once(places[i], &patient, serve, mode);

		expect(&o, code, true, words);
	}
}

static void silent(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)s;
	(void)pdu;
	(void)nth;
}

/* ---- what goes out, and the ways it is answered -------------------------- */

static void the_frame_of_the_manual(void **state)
{
	/* CT 40 at 000FH: 01 10 00 0F 00 01 02 00 28 and its check */
	static const uint8_t frame[] = { 0x01, 0x10, 0x00, 0x0F, 0x00, 0x01, 0x02, 0x00, 0x28 };

	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct slave s = { 0 };
		struct link_stats st;
		struct outcome o;
		struct link *l;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &patient);
		put(l, 40, &o);
		link_stats(l, &st);
		link_close(l);
		slave_stop(&s);
		o.writes = atomic_load(&s.writes);
		expect(&o, 0, true, "");
		assert_int_equal(s.nwritten, sizeof(frame));
		assert_memory_equal(s.written, frame, sizeof(frame));
		assert_int_equal(st.requests, 1);
		assert_int_equal(st.replies, 1);
	}
}

static void as_many_as_a_frame_holds(void **state)
{
	uint16_t regs[124];

	(void)state;
	for (uint16_t i = 0; i < 124; i++)
		regs[i] = register_value(i);
	for (size_t i = 0; i < PLACES; i++) {
		struct slave s = { 0 };
		struct link *l;
		struct err e;
		bool sent;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &patient);
		assert_int_equal(link_write(l, 0x100, 123, regs, &sent, &e), 0);
		assert_true(sent);
		assert_int_equal(link_write(l, 0x100, 124, regs, &sent, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_false(sent);
		assert_int_equal(link_write(l, 0x100, 0, regs, &sent, &e), -1);
		assert_false(sent);
		assert_int_equal(link_write(l, 0xFFFF, 2, regs, &sent, &e), -1);
		assert_false(sent);
		link_close(l);
		slave_stop(&s);
		assert_int_equal(atomic_load(&s.writes), 1);
		assert_int_equal(s.nwritten, 7 + 2 * 123);
		for (unsigned k = 0; k < 123; k++)
			assert_int_equal(s.written[7 + 2 * k] << 8 | s.written[8 + 2 * k], regs[k]);
	}
}

/* An acknowledgement with the byte MODE says spoilt, soundly framed; with 0x100
 * the right one follows. */
static void acknowledges_another(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t other[6], out[16];

	(void)nth;
	memcpy(other, pdu, 6);
	other[s->mode & 0xFF]++;
	slave_send(s, out, slave_frame(s, other, 6, out));
	if (s->mode & 0x100)
		slave_good(s, pdu);
}

static void acknowledgements_of_something_else(void **state)
{
	static const struct {
		int byte;
		const char *words;
	} wrong[] = {
		{ 0, "unit 2|unit" }, { 2, "acknowledgement of another write" },
		{ 3, "acknowledgement of another write" }, { 4, "acknowledgement of another write" },
		{ 5, "acknowledgement of another write" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		for (size_t k = 0; k < PLACES; k++) {
			const struct target t = { .scheme = places[k] };
			struct outcome o;

			/* Modbus TCP names no unit but ours */
			if (wrong[i].byte == 0 && target_frames_tcp(&t))
				continue;
			o = write_once(places[k], &heard, acknowledges_another, wrong[i].byte);
			expect(&o, ERR_FOREIGN, true, wrong[i].words);
			o = write_once(places[k], &patient, acknowledges_another, wrong[i].byte | 0x100);
			expect(&o, 0, true, "");
		}
	}
}

static void refuses(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	slave_exception(s, pdu, (uint8_t)s->mode);
}

static void refusals(void **state)
{
	(void)state;
	everywhere(refuses, 2, ERR_REFUSED, "exception 02|cannot be written");
	everywhere(refuses, 3, ERR_REFUSED, "exception 03|value");
	everywhere(refuses, 4, ERR_REFUSED, "exception 04|could not");
	/* busy: it is not asked again, only a read may tell */
	everywhere(refuses, 6, ERR_REFUSED, "exception 06|busy");
	/* accepted, and still working on it */
	everywhere(refuses, 5, 0, "");
	/* the gateway has heard nothing; the meter may have */
	everywhere(refuses, 11, ERR_SILENT, "exception 11|gateway");
}

static void no_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct outcome o = write_once(places[i], &quick, silent, 0);

		expect(&o, ERR_SILENT, true, "no reply|unit 1");
		assert_true(o.took_us >= quick.timeout_ms * 1000);
	}
}

static void damaged(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t out[16];
	size_t n = slave_frame(s, pdu, 6, out);

	(void)nth;
	if (s->mode < 0)
		n += (size_t)s->mode;
	else
		out[s->mode] ^= 0x10;
	slave_send(s, out, n);
}

static void a_damaged_acknowledgement(void **state)
{
	(void)state;
	for (int byte = 0; byte < 8; byte++) {
		struct outcome o = write_once(places[0], &patient, damaged, byte);

		expect(&o, ERR_FOREIGN, true, "damaged|CRC");
	}
	for (int missing = -3; missing < 0; missing++) {
		struct outcome o = write_once(places[0], &patient, damaged, missing);

		expect(&o, ERR_FOREIGN, true, "damaged|cut short");
	}
}

/* As an adapter does that echoes: all of the request whose head is PDU. */
static void hand_back(struct slave *s, const uint8_t *pdu)
{
	size_t n = slave_writes(pdu) ? s->nwritten : 6;
	uint8_t frame[270];

	memcpy(frame, slave_writes(pdu) ? s->written : pdu, n);
	slave_send(s, frame, crc16_append(frame, n));
}

static void echoes(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	hand_back(s, pdu);
	if (s->mode)
		slave_good(s, pdu);
}

static void an_adapter_that_echoes(void **state)
{
	struct outcome o = write_once(places[0], &patient, echoes, 1);

	(void)state;
	expect(&o, 0, true, "");
	o = write_once(places[0], &heard, echoes, 0);
	expect(&o, ERR_SILENT, true, "echo");
}

/* ---- time --------------------------------------------------------------- */

/* Answers reads at once and acknowledges writes after MODE ms; then MODE is what it
 * really took. */
static void stores_slowly(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	int64_t began = unit_now_ms();

	(void)nth;
	if (slave_writes(pdu)) {
		slave_wait(s, s->mode);
		s->mode = (int)(unit_now_ms() - began);
	}
	slave_good(s, pdu);
}

#define STORING_MS 500		/* half of what a link waits at first */

/* True: the acknowledgement that was waited for did not come later than meant. */
static bool waited_for_a_write(void)
{
	struct slave s = { .serve = stores_slowly, .mode = STORING_MS };
	struct link_opts o = { .timeout_ms = 0, .retries = -1 };
	struct outcome w;
	struct link *l;
	uint16_t reg;

	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &o);
	for (uint16_t i = 0; i < 20; i++)
		assert_int_equal(link_raw_read(l, SPACE_HOLDING, i, 1, &reg, NULL), 0);
	put(l, 1, &w);
	link_close(l);
	slave_stop(&s);
	assert_int_equal(atomic_load(&s.writes), 1);
	if (w.rc && s.mode > STORING_MS + 200)
		return false;
	assert_int_equal(w.rc, 0);
	assert_true(w.took_us >= STORING_MS * 1000);
	return true;
}

/* Reads are answered at once, and soon waited for no longer than they need; not so
 * writes. */
static void a_write_has_the_full_time(void **state)
{
	(void)state;
	UNIT_UNTIL(waited_for_a_write(), UNIT_PAUSE, (void)0);
}

/* The first write is acknowledged only when it has been given up, and the second never. */
static void one_acknowledgement_behind(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (!slave_writes(pdu)) {
		slave_good(s, pdu);
	} else if (atomic_load(&s->writes) == 1) {
		slave_await_go(s);
		slave_wait(s, 50);
		slave_good(s, pdu);
	}
}

static void a_late_acknowledgement_is_not_the_next_ones(void **state)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct slave s = { .serve = one_acknowledgement_behind };
		struct outcome first, second;
		struct link *l;

		(void)state;
		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &heard);
		put(l, 40, &first);
		atomic_store(&s.go, true);
		put(l, 60, &second);
		while (second.rc && !second.sent)
			put(l, 60, &second);
		UNIT_UNTIL(atomic_load(&s.writes) == 2, UNIT_PAUSE, (void)0);
		link_close(l);
		slave_stop(&s);
		assert_int_equal(first.rc, -1);
		assert_int_equal(first.e.code, ERR_SILENT);
		assert_true(first.sent);
		assert_int_equal(second.rc, -1);
		assert_true(second.sent);
	}
}

/* ... nor is it the answer to the read that follows, nor in its way. */
static void acknowledges_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (slave_writes(pdu))
		slave_await_go(s);
	slave_good(s, pdu);
}

static void a_late_acknowledgement_before_a_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct slave s = { .serve = acknowledges_late };
		struct outcome o;
		struct link *l;
		struct err e = { 0 };
		uint16_t reg;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &steady);
		put(l, 40, &o);
		assert_int_equal(o.rc, -1);
		assert_true(o.sent);
		atomic_store(&s.go, true);
		if (link_raw_read(l, SPACE_HOLDING, WRITTEN_AT, 1, &reg, &e))
			fail_msg("%s", e.text);
		assert_int_equal(reg, register_value(WRITTEN_AT));
		link_close(l);
		slave_stop(&s);
		assert_int_equal(atomic_load(&s.writes), 1);
	}
}

/* The read is answered only when the write has come. */
static void reads_late(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t read[] = { UNIT, 3, 0, WRITTEN_AT, 0, 1 };

	if (nth == 1)
		return;
	slave_good(s, read);
	if (s->mode)
		slave_good(s, pdu);
}

static void a_late_answer_before_the_acknowledgement(void **state)
{
	(void)state;
	for (int mode = 0; mode < 2; mode++) {
		struct slave s = { .serve = reads_late, .mode = mode };
		struct outcome o;
		struct link *l;
		uint16_t reg;

		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, &once);
		assert_int_equal(link_raw_read(l, SPACE_HOLDING, WRITTEN_AT, 1, &reg, NULL), -1);
		put(l, 40, &o);
		link_close(l);
		slave_stop(&s);
		o.writes = atomic_load(&s.writes);
		expect(&o, mode ? 0 : ERR_SILENT, true, "late replies");
	}
}

/* An unanswered write leaves its line alive: it is read at once, and patiently. */
static void answers_the_third_read(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)s;
	if (nth == 4)
		slave_good(s, pdu);
}

/* True: there was no pause before it, as a dead meter has, of half a second. */
static bool read_at_once(void)
{
	struct slave s = { .serve = answers_the_third_read };
	struct outcome o;
	struct link *l;
	int64_t began, took;
	uint16_t reg;
	int rc;

	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &heard);
	put(l, 40, &o);
	assert_int_equal(o.rc, -1);
	began = unit_now_ms();
	rc = link_raw_read(l, SPACE_HOLDING, WRITTEN_AT, 1, &reg, NULL);
	took = unit_now_ms() - began;
	link_close(l);
	slave_stop(&s);
	return rc == 0 && took < 2 * heard.timeout_ms + 450;
}

static void a_read_follows_at_once(void **state)
{
	(void)state;
	UNIT_UNTIL(read_at_once(), UNIT_PAUSE, (void)0);
}

/* ---- a cancel ----------------------------------------------------------- */

static void cancels(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	cancel_raise(s->mode & 0xFFFF);
	slave_wait(s, 100);
	if (s->mode & 0x10000)
		slave_good(s, pdu);
}

static void a_cancel_waits_for_the_acknowledgement(void **state)
{
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct slave s = { .serve = cancels };
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		struct link_opts o = { .timeout_ms = 1000, .retries = 0, .cancel_fd = fd };
		struct outcome w;
		struct link *l;

		s.mode = fd | answered << 16;
		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, &o);
		put(l, 40, &w);
		w.writes = atomic_load(&s.writes);
		expect(&w, answered ? 0 : ERR_INTERRUPTED, true, "interrupted|not been acknowledged");
		if (!answered)
			assert_true(w.took_us >= o.timeout_ms * 1000);
		/* one that was there before: nothing is sent */
		put(l, 41, &w);
		assert_int_equal(w.rc, -1);
		assert_int_equal(w.e.code, ERR_INTERRUPTED);
		assert_false(w.sent);
		link_close(l);
		slave_stop(&s);
		assert_int_equal(atomic_load(&s.writes), 1);
		close(fd);
	}
}

/* ---- the line goes ------------------------------------------------------ */

static void gone_before(void **state)
{
	struct slave s = { 0 };
	struct outcome o;
	struct link *l;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &quick);
	slave_stop(&s);
	put(l, 40, &o);
	o.writes = 0;
	expect(&o, ERR_SILENT, false, "gone");
	/* still gone, and still nothing sent */
	put(l, 40, &o);
	assert_int_equal(o.rc, -1);
	assert_false(o.sent);
	link_close(l);
}

static void hangs_up(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)pdu;
	(void)nth;
	if (s->listener >= 0) {
		shutdown(s->fd, SHUT_RDWR);
	} else {
		close(s->fd);
		close(s->keep);
		s->fd = s->keep = -1;
	}
}

static void gone_after(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct outcome o = write_once(places[i], i < CONNECTIONS ? &patient : &quick, hangs_up, 0);

		expect(&o, ERR_SILENT, true, i == 0 ? "gone" : i < CONNECTIONS ? "closed" : "no connection");
	}
}

static void answers_and_hangs_up(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	slave_good(s, pdu);
	if (nth == 1)
		shutdown(s->fd, SHUT_RDWR);
}

/* A gateway closes what has been idle: seen before the write is sent. */
static void an_idle_connection(void **state)
{
	(void)state;
	for (size_t i = 1; i < CONNECTIONS; i++) {
		struct slave s = { .serve = answers_and_hangs_up };
		struct outcome o;
		struct link *l;
		uint16_t reg;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &patient);
		assert_int_equal(link_raw_read(l, SPACE_HOLDING, 1, 1, &reg, NULL), 0);
		/* the slave has seen the end of it: so have we */
		UNIT_UNTIL(atomic_load(&s.ended) == 1, UNIT_PAUSE, (void)0);
		put(l, 40, &o);
		link_close(l);
		slave_stop(&s);
		o.writes = atomic_load(&s.writes);
		expect(&o, 0, true, "");
		assert_int_equal(atomic_load(&s.connections), 2);
	}
}

static void nobody_there_any_more(void **state)
{
	(void)state;
	for (size_t i = 1; i < PLACES; i++) {
		struct slave s = { 0 };
		struct outcome o;
		struct link *l;
		uint16_t reg;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &patient);
		assert_int_equal(link_raw_read(l, SPACE_HOLDING, 1, 1, &reg, NULL), 0);
		slave_stop(&s);
		put(l, 40, &o);
		/* a datagram leaves before anybody can refuse it */
		o.writes = i >= CONNECTIONS;
		expect(&o, ERR_SILENT, i >= CONNECTIONS, "refused|nothing listens");
		link_close(l);
	}
}

/* ---- function 06 ---------------------------------------------------------- */

/* A meter that knows no 10H. With MODE an adapter hands back what we send. */
static void knows_06_only(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (s->mode)
		hand_back(s, pdu);
	(void)nth;
	if (pdu[1] == 16)
		slave_exception(s, pdu, 1);
	else
		slave_good(s, pdu);
}

static void a_meter_that_knows_06_only(void **state)
{
	static const uint8_t frame[] = { 0x01, 0x06, 0x00, 0x0F, 0x00, 0x28 };

	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct slave s = { .serve = knows_06_only };
		const uint16_t two[] = { 1, 40 };
		uint8_t written[600];
		struct outcome o;
		struct link *l;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &patient);
		put(l, 40, &o);
		o.writes = atomic_load(&s.writes);
		assert_int_equal(o.rc, 0);
		assert_true(o.sent);
		assert_int_equal(o.writes, 2);	/* 10H, which is refused, then 06 */
		assert_int_equal(slave_written(&s, written), sizeof(frame));
		assert_memory_equal(written, frame, sizeof(frame));
		/* and from then on by 06 alone */
		put(l, 40, &o);
		assert_int_equal(o.rc, 0);
		assert_int_equal(atomic_load(&s.writes), 3);
		/* two registers cannot go by it */
		assert_int_equal(link_write(l, WRITTEN_AT, 2, two, &o.sent, &o.e), -1);
		assert_false(o.sent);
		assert_int_equal(o.e.code, ERR_REFUSED);
		expect_text(&o.e, "one register at a time|0x000F-0x0010");
		assert_int_equal(atomic_load(&s.writes), 3);
		link_close(l);
		slave_stop(&s);
	}
}

/* Two registers before anything is known: the meter says that it knows no 10H. */
static void two_registers_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct slave s = { .serve = knows_06_only };
		const uint16_t two[] = { 1, 40 };
		struct err e = { 0 };
		struct link *l;
		bool sent;

		slave_at(&s, places[i]);
		l = slave_link(&s, places[i], &patient);
		assert_int_equal(link_write(l, WRITTEN_AT, 2, two, &sent, &e), -1);
		assert_true(sent);
		assert_int_equal(e.code, ERR_REFUSED);
		expect_text(&e, "one register at a time");
		assert_int_equal(atomic_load(&s.writes), 1);
		link_close(l);
		slave_stop(&s);
	}
}

/* Nothing that reads on but exception 01 is a proof that nothing was written. */
static void refuses_10H(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (pdu[1] == 16)
		slave_exception(s, pdu, (uint8_t)s->mode);
	else
		slave_good(s, pdu);
}

static void only_an_unknown_function_is_tried_otherwise(void **state)
{
	(void)state;
	for (int code = 2; code < 16; code++)
		for (size_t i = 0; i < PLACES; i++) {
			struct outcome o = write_once(places[i], &patient, refuses_10H, code);

			assert_int_equal(o.writes, 1);
			assert_true(o.sent);
		}
}

static void as_the_profile_says(void **state)
{
	static const struct {
		enum write_function by;
		int rc;
		unsigned writes;
		uint8_t function;	/* of the last */
	} rows[] = { { WRITE_BY_ANY, 0, 2, 6 }, { WRITE_BY_06, 0, 1, 6 }, { WRITE_BY_10H, -1, 1, 16 } };

	(void)state;
	for (size_t i = 0; i < PLACES * sizeof(rows) / sizeof(rows[0]); i++) {
		const struct profile p = { .name = "test", .write_function = rows[i / PLACES].by };
		const struct link_opts opts = { .timeout_ms = UNIT_PATIENCE_MS, .profile = &p };
		struct slave s = { .serve = knows_06_only };
		struct outcome o;
		struct link *l;

		slave_at(&s, places[i % PLACES]);
		l = slave_link(&s, places[i % PLACES], &opts);
		put(l, 40, &o);
		link_close(l);
		slave_stop(&s);
		assert_int_equal(o.rc, rows[i / PLACES].rc);
		assert_int_equal(atomic_load(&s.writes), rows[i / PLACES].writes);
		assert_int_equal(s.written[1], rows[i / PLACES].function);
	}
}

static void a_meter_that_knows_neither(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct outcome o = write_once(places[i], &patient, refuses, 1);

		assert_int_equal(o.writes, 2);
		assert_true(o.sent);
		assert_int_equal(o.e.code, ERR_REFUSED);
		expect_text(&o.e, "unit 1 refused a write to register 0x000F|exception 01|function");
	}
}

/* The same with an adapter that echoes, until it has written once: then the echo is all
 * there is. */
static void falls_silent(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (atomic_load(&s->writes) < 2)
		knows_06_only(s, pdu, nth);
	else
		hand_back(s, pdu);
}

/* With an adapter that echoes, the echo of function 06 is no acknowledgement. */
static void an_echo_of_function_06(void **state)
{
	struct slave s = { .serve = falls_silent, .mode = 1 };
	const struct profile p = { .name = "test", .write_function = WRITE_BY_06 };
	const struct link_opts opts = { .timeout_ms = steady.timeout_ms, .retries = 2, .profile = &p };
	struct link_stats st;
	struct outcome o;
	struct link *l;
	uint16_t reg;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &opts);
	assert_int_equal(link_raw_read(l, SPACE_HOLDING, 1, 1, &reg, NULL), 0);
	put(l, 40, &o);
	assert_int_equal(o.rc, 0);
	link_stats(l, &st);
	assert_int_equal(st.replies, 2);
	/* nothing is left over that would be taken for something else */
	assert_int_equal(link_raw_read(l, SPACE_HOLDING, 1, 1, &reg, NULL), 0);
	link_stats(l, &st);
	assert_int_equal(st.foreign, 0);
	put(l, 40, &o);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.code, ERR_SILENT);
	expect_text(&o.e, "echo");
	link_close(l);
	slave_stop(&s);
}

/* The last guard: whoever comes this far with such an address sends nothing. */
static void addresses_nobody_may_write_to(void **state)
{
	static const struct {
		int unit;
		bool rtu, tcp;		/* may be written */
	} rows[] = { { 0, false, false }, { 247, true, true }, { 248, false, true }, { 255, false, true } };

	(void)state;
	for (size_t i = 0; i < PLACES * sizeof(rows) / sizeof(rows[0]); i++) {
		const struct target at = { .scheme = places[i % PLACES] };
		int unit = rows[i / PLACES].unit;
		bool may = target_frames_tcp(&at) ? rows[i / PLACES].tcp : rows[i / PLACES].rtu;
		struct slave s = { 0 };
		struct outcome o;
		struct link *l;

		slave_at(&s, at.scheme);
		l = slave_link_unit(&s, at.scheme, unit, &patient);
		put(l, 40, &o);
		link_close(l);
		slave_stop(&s);
		o.writes = atomic_load(&s.writes);
		expect(&o, may ? ERR_NONE : ERR_DENIED, may, "write not allowed");
		assert_true(!may || s.written[0] == unit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_frame_of_the_manual),
		cmocka_unit_test(as_many_as_a_frame_holds),
		cmocka_unit_test(acknowledgements_of_something_else),
		cmocka_unit_test(refusals),
		cmocka_unit_test(no_answer),
		cmocka_unit_test(a_damaged_acknowledgement),
		cmocka_unit_test(an_adapter_that_echoes),
		cmocka_unit_test(a_write_has_the_full_time),
		cmocka_unit_test(a_late_acknowledgement_is_not_the_next_ones),
		cmocka_unit_test(a_late_acknowledgement_before_a_read),
		cmocka_unit_test(a_late_answer_before_the_acknowledgement),
		cmocka_unit_test(a_read_follows_at_once),
		cmocka_unit_test(a_cancel_waits_for_the_acknowledgement),
		cmocka_unit_test(gone_before),
		cmocka_unit_test(gone_after),
		cmocka_unit_test(an_idle_connection),
		cmocka_unit_test(nobody_there_any_more),
		cmocka_unit_test(a_meter_that_knows_06_only),
		cmocka_unit_test(two_registers_at_once),
		cmocka_unit_test(only_an_unknown_function_is_tried_otherwise),
		cmocka_unit_test(as_the_profile_says),
		cmocka_unit_test(a_meter_that_knows_neither),
		cmocka_unit_test(an_echo_of_function_06),
		cmocka_unit_test(addresses_nobody_may_write_to),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
