/* What arrives, judged (src/modbus/frame.h). */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc16.h"
#include "modbus/frame.h"
#include "modbus/diagnosis.h"

static const struct request ask = { .unit = 1, .function = 3, .addr = 0x14, .count = 1 };

static size_t frame_of(uint8_t *out, const char *bytes, size_t n)
{
	memcpy(out, bytes, n);
	return crc16_append(out, n);
}

static void requests(void **state)
{
	/* captured from mbpoll 1.4.11: -0 -a 1 -r 20 -c 1 */
	static const uint8_t rtu[] = { 0x01, 0x03, 0x00, 0x14, 0x00, 0x01, 0xC4, 0x0E };
	static const uint8_t tcp[] = { 0x12, 0x34, 0, 0, 0, 6, 0x01, 0x03, 0x00, 0x14, 0x00, 0x01 };
	uint8_t buf[FRAME_MAX];

	(void)state;
	assert_int_equal(request_rtu(&ask, buf), 8);
	assert_memory_equal(buf, rtu, 8);
	assert_int_equal(request_tcp(&ask, 0x1234, buf), 12);
	assert_memory_equal(buf, tcp, 12);
	assert_int_equal(request_answer_bytes(&ask), 7);
}

static void every_prefix_of_an_answer_waits_for_more(void **state)
{
	uint8_t buf[16];
	size_t n = frame_of(buf, "\x01\x03\x02\x09\x04", 5);
	struct frame f;

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(frame_scan_rtu(&ask, buf, i, false).kind, FRAME_MORE);
	f = frame_scan_rtu(&ask, buf, n, false);
	assert_int_equal(f.kind, FRAME_ANSWER);
	assert_int_equal(f.len, 7);
	assert_int_equal(f.junk, 0);
}

static void exceptions_and_junk(void **state)
{
	uint8_t buf[32] = { 0xFF, 0x01, 0x03 };
	size_t n = 3 + frame_of(buf + 3, "\x01\x83\x02", 3);
	struct frame f;

	(void)state;
	for (size_t i = 1; i < n; i++)
		assert_int_equal(frame_scan_rtu(&ask, buf, i, false).kind, FRAME_MORE);
	f = frame_scan_rtu(&ask, buf, n, false);
	assert_int_equal(f.kind, FRAME_EXCEPTION);
	assert_int_equal(f.code, 2);
	assert_int_equal(f.junk, 3);
	assert_int_equal(f.len, 5);
}

/* What another master asks stands in front of our answer, behind bytes of no frame. */
static void hidden_before_ours(void **state)
{
	uint8_t buf[64] = { 0x95, 0x4B, 0xB9 };
	size_t hidden = 3 + frame_of(buf + 3, "\x01\x03\x00\x7B\x00\x01", 6);
	size_t n = hidden + frame_of(buf + hidden, "\x01\x03\x02\x09\x04", 5);
	struct frame f = frame_scan_rtu(&ask, buf, n, false);

	(void)state;
	assert_int_equal(f.kind, FRAME_FOREIGN);
	assert_true(f.master);
	assert_int_equal(f.junk, 3);
	assert_int_equal(f.len, 8);
	f = frame_scan_rtu(&ask, buf + hidden, n - hidden, false);
	assert_int_equal(f.kind, FRAME_ANSWER);
	/* and damaged, it is noise */
	buf[4] ^= 1;
	f = frame_scan_rtu(&ask, buf, n, false);
	assert_int_equal(f.kind, FRAME_ANSWER);
	assert_int_equal(f.junk, hidden);
}

/* An answer of one register may begin as its request does: seven bytes cannot be
 * told from an echo until the eighth has come or not. */
static void echo_or_answer(void **state)
{
	/* the request whose first seven bytes are a whole answer */
	struct request q = { .unit = 1, .function = 3, .addr = 0x0200, .count = 1 };
	uint8_t sent[FRAME_MAX];
	unsigned found = 0;

	(void)state;
	for (unsigned low = 0; low < 256; low++) {
		q.addr = (uint16_t)(0x0200 | low);
		request_rtu(&q, sent);
		assert_int_equal(frame_scan_rtu(&q, sent, 8, false).kind, FRAME_ECHO);
		assert_int_equal(frame_scan_rtu(&q, sent, 7, false).kind, FRAME_MORE);
		found += crc16_good(sent, 7);
	}
	/* none for this unit; the rule does not depend on it */
	assert_true(found <= 256);
}

static void foreign(void **state)
{
	uint8_t buf[64];
	size_t n = frame_of(buf, "\x02\x03\x02\x09\x04", 5);
	struct frame f = frame_scan_rtu(&ask, buf, n, false);

	(void)state;
	assert_int_equal(f.kind, FRAME_FOREIGN);
	assert_int_equal(f.unit, 2);
	assert_false(f.master);
	/* another master asks unit 7, and unit 7 answers: both go by */
	n = frame_of(buf, "\x07\x03\x00\x09\x00\x04", 6);
	f = frame_scan_rtu(&ask, buf, n, false);
	assert_int_equal(f.kind, FRAME_FOREIGN);
	assert_true(f.master);
	assert_int_equal(f.unit, 7);
	n = frame_of(buf, "\x01\x03\x04\x09\x04\x09\x04", 7);
	f = frame_scan_rtu(&ask, buf, n, false);
	assert_int_equal(f.kind, FRAME_FOREIGN);
	assert_int_equal(frame_about(buf, n).count, 2);
	/* a function nobody here knows: only its end tells */
	n = frame_of(buf, "\x09\x41\x0E\x01\x01", 5);
	assert_int_equal(frame_scan_rtu(&ask, buf, n, false).kind, FRAME_MORE);
	assert_int_equal(frame_scan_rtu(&ask, buf, n, true).kind, FRAME_FOREIGN);
}

static void damaged_or_noise(void **state)
{
	uint8_t buf[64];
	size_t n = frame_of(buf, "\x01\x03\x02\x09\x04", 5);

	(void)state;
	buf[4] ^= 1;
	assert_int_equal(frame_scan_rtu(&ask, buf, n, false).kind, FRAME_CORRUPT);
	assert_string_equal(frame_scan_rtu(&ask, buf, 5, true).note, "cut short");
	buf[0] = 0x81;
	assert_int_equal(frame_scan_rtu(&ask, buf, n, true).kind, FRAME_CORRUPT);
	memset(buf, 0, sizeof(buf));
	assert_int_equal(frame_scan_rtu(&ask, buf, 1, true).kind, FRAME_NOISE);
	assert_int_equal(frame_scan_rtu(&ask, buf, 40, true).kind, FRAME_NOISE);
	assert_int_equal(frame_scan_rtu(&ask, buf, 0, true).kind, FRAME_MORE);
}

/* Whatever comes: no byte beyond N is looked at (the sanitizer watches), what is
 * found lies within it, and a burst that is over is always used up. */
static void any_bytes(void **state)
{
	(void)state;
	srand(11);
	for (int i = 0; i < 200000; i++) {
		size_t n = (size_t)rand() % 24;
		uint8_t *buf = malloc(n + 1);
		struct frame f;

		assert_non_null(buf);
		for (size_t k = 0; k < n; k++)
			buf[k] = (uint8_t)(rand() % 3 ? rand() % 4 : rand());
		if (n > 4 && rand() % 2)
			crc16_append(buf, n - 2);
		f = frame_scan_rtu(&ask, buf, n, i & 1);
		assert_true(f.junk + f.len <= n);
		assert_true(f.kind == FRAME_MORE || f.len > 0);
		assert_true(!(i & 1) || n == 0 || f.kind != FRAME_MORE);
		f = frame_scan_tcp(&ask, 1, buf, n, i & 1);
		assert_true(f.junk + f.len <= n);
		free(buf);
	}
}

static void tcp_frames(void **state)
{
	uint8_t good[] = { 0, 9, 0, 0, 0, 5, 1, 3, 2, 9, 4 };
	uint8_t refused[] = { 0, 9, 0, 0, 0, 3, 1, 0x83, 2 };
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(good); i++)
		assert_int_equal(frame_scan_tcp(&ask, 9, good, i, false).kind, FRAME_MORE);
	assert_int_equal(frame_scan_tcp(&ask, 9, good, sizeof(good), false).kind, FRAME_ANSWER);
	assert_int_equal(frame_scan_tcp(&ask, 8, good, sizeof(good), false).kind, FRAME_FOREIGN);
	/* the transaction fits, whoever says to have replied */
	good[6] = 255;
	f = frame_scan_tcp(&ask, 9, good, sizeof(good), false);
	assert_int_equal(f.kind, FRAME_ANSWER);
	assert_int_equal(f.unit, 255);
	assert_int_equal(frame_scan_tcp(&ask, 8, good, sizeof(good), false).kind, FRAME_FOREIGN);
	good[6] = 1;
	good[8] = 4;
	assert_int_equal(frame_scan_tcp(&ask, 9, good, sizeof(good), false).kind, FRAME_FOREIGN);
	good[8] = 2;
	good[2] = 1;
	assert_int_equal(frame_scan_tcp(&ask, 9, good, sizeof(good), false).kind, FRAME_CORRUPT);
	f = frame_scan_tcp(&ask, 9, refused, sizeof(refused), false);
	assert_int_equal(f.kind, FRAME_EXCEPTION);
	assert_int_equal(f.code, 2);
	assert_int_equal(f.unit, 1);
	assert_int_equal(frame_scan_tcp(&ask, 9, refused, 8, true).kind, FRAME_CORRUPT);
}

/* Whose bytes are they? What a reply to the request below is made of by boxes in the wrong
 * mode, each told apart from a reply, and from one another. */
static void clues(void **state)
{
	/* unit 1, function 03, one register from 14H that holds 08FFH */
	static const uint8_t rtu[] = { 1, 3, 2, 0x08, 0xFF };
	static const uint8_t mbap[] = { 0, 9, 0, 0, 0, 5, 1, 3, 2, 0x08, 0xFF };
	static const uint8_t mbap_no[] = { 0, 9, 0, 0, 0, 3, 1, 0x83, 2 };
	static const uint8_t twice[] = { 0, 9, 0, 0, 0, 5, 1, 3, 2, 0x08, 0xFF, 0xFF };
	static const uint8_t options[] = { 0xFF, 0xFD, 0x18, 0xFF, 0xFB, 0x03 };
	static const uint8_t ffff[] = { 0, 9, 0, 0, 0, 5, 1, 3, 2, 0xFF, 0xFF };
	uint8_t frame[16], doubled[32];
	size_t n, m = 0;
	struct frame f;

	(void)state;
	memcpy(frame, rtu, sizeof(rtu));
	n = crc16_append(frame, sizeof(rtu));
	for (size_t i = 0; i < n; i++) {
		doubled[m++] = frame[i];
		if (frame[i] == 0xFF)
			doubled[m++] = 0xFF;
	}

	assert_int_equal(frame_scan_tcp(&ask, 9, frame, n, false).clue, CLUE_RTU);
	frame_of(doubled + 20, "\x01\x83\x02", 3);
	assert_int_equal(frame_scan_tcp(&ask, 9, doubled + 20, 5, false).kind, FRAME_MORE);
	assert_int_equal(frame_scan_tcp(&ask, 9, doubled + 20, 5, true).clue, CLUE_RTU);

	assert_int_equal(frame_scan_rtu(&ask, mbap, sizeof(mbap), false).kind, FRAME_MORE);
	f = frame_scan_rtu(&ask, mbap, sizeof(mbap), true);
	assert_int_equal(f.kind, FRAME_CORRUPT);
	assert_int_equal(f.clue, CLUE_MBAP);
	assert_int_equal(frame_scan_rtu(&ask, mbap_no, sizeof(mbap_no), true).clue, CLUE_MBAP);

	f = frame_scan_tcp(&ask, 10, mbap, sizeof(mbap), false);
	assert_int_equal(f.kind, FRAME_FOREIGN);
	assert_int_equal(f.clue, CLUE_RENUMBERED);
	assert_int_equal(frame_scan_tcp(&ask, 10, mbap_no, sizeof(mbap_no), false).clue, CLUE_RENUMBERED);
	assert_int_equal(frame_scan_tcp(&ask, 9, mbap, sizeof(mbap), false).clue, CLUE_NONE);
	/* of another length it is a reply to something else */
	frame_of(frame, (const char *)mbap, sizeof(mbap));
	frame[5] = 7;
	frame[8] = 4;
	assert_int_equal(frame_scan_tcp(&ask, 10, frame, sizeof(mbap) + 2, false).clue, CLUE_NONE);

	f = frame_scan_rtu(&ask, doubled, m, false);
	assert_int_equal(f.kind, FRAME_CORRUPT);
	assert_int_equal(f.clue, CLUE_TELNET);
	f = frame_scan_tcp(&ask, 9, twice, sizeof(twice), false);
	assert_int_equal(f.kind, FRAME_CORRUPT);
	assert_int_equal(f.clue, CLUE_TELNET);
	assert_int_equal(frame_scan_tcp(&ask, 9, options, sizeof(options), false).clue, CLUE_TELNET);
	assert_int_equal(frame_scan_rtu(&ask, options, sizeof(options), true).clue, CLUE_TELNET);
	/* a register may hold FFFFH */
	assert_int_equal(frame_scan_tcp(&ask, 9, ffff, sizeof(ffff), false).kind, FRAME_ANSWER);
}

/* What CLUE gives away, seen TIMES times in two tries, is said where it can be so. */
static void says_of(enum scheme scheme, enum frame_clue clue, unsigned times, const char *word, bool said)
{
	const struct target t = { .scheme = scheme, .path = "/dev/ttyS0", .host = "h", .port = 502,
				  .baud = 9600, .parity = 'N', .stop = 1, .unit = 1 };
	struct trouble b = { .tries = 2, .silent = 2, .noise = 6, .note = "noise" };
	struct err e = { 0 };

	b.clues[clue] = times;
	assert_int_equal(diagnosis_trouble(&t, &b, &e), -1);
	if ((strstr(e.text, word) != NULL) != said)
		fail_msg("scheme %d, clue %d: %s", scheme, clue, e.text);
}

static void says(enum scheme scheme, enum frame_clue clue, const char *word, bool said)
{
	says_of(scheme, clue, 2, word, said);
}

static void clues_are_said(void **state)
{
	(void)state;
	says(SCHEME_TCP, CLUE_TELNET, "raw TCP mode", true);
	says(SCHEME_RTUTCP, CLUE_TELNET, "raw TCP mode", true);
	/* on a wire FF FD 18 is noise */
	says(SCHEME_RTU, CLUE_TELNET, "telnet", false);
	says(SCHEME_TCP, CLUE_RTU, "use rtutcp:h:502", true);
	says(SCHEME_RTUTCP, CLUE_MBAP, "use tcp:h", true);
	says(SCHEME_RTU, CLUE_MBAP, "tcp:", false);
	says(SCHEME_TCP, CLUE_RENUMBERED, "another transaction number", true);
	/* one of two was a late reply */
	says_of(SCHEME_TCP, CLUE_RENUMBERED, 1, "another transaction number", false);
	says(SCHEME_TCP, CLUE_NONE, "rtutcp:", false);
}

/* All that comes after a read of unit 0: one sound reply, or it is none. */
static void replies_to_everybody(void **state)
{
	const struct request all = { .unit = 0, .function = 3, .addr = 0x14, .count = 1 };
	uint8_t buf[64], own[16], other[16], sent[FRAME_MAX];
	size_t n = frame_of(own, "\x11\x03\x02\x09\x04", 5), m = frame_of(other, "\x12\x03\x02\x09\x05", 5);
	size_t asked = request_rtu(&all, sent);
	struct frame f;

	(void)state;
	assert_int_equal(frame_scan_broadcast(&all, buf, 0).kind, FRAME_MORE);
	assert_int_equal(frame_scan_broadcast(&all, sent, asked).kind, FRAME_MORE);
	f = frame_scan_broadcast(&all, own, n);
	assert_int_equal(f.kind, FRAME_ANSWER);
	assert_int_equal(f.unit, 0x11);
	assert_int_equal(f.junk, 0);
	memcpy(buf, sent, asked);
	memcpy(buf + asked, own, n);
	f = frame_scan_broadcast(&all, buf, asked + n);
	assert_int_equal(f.kind, FRAME_ANSWER);
	assert_int_equal(f.unit, 0x11);
	assert_int_equal(f.junk, asked);
	for (size_t i = 1; i < n; i++) {
		assert_int_equal(frame_scan_broadcast(&all, own, i).kind, FRAME_CORRUPT);
		assert_int_equal(frame_scan_broadcast(&all, own + i, n - i).kind, FRAME_CORRUPT);
	}
	/* another one, or a byte of it, before or behind */
	for (size_t i = 1; i <= m; i++) {
		memcpy(buf, own, n);
		memcpy(buf + n, other, i);
		assert_int_equal(frame_scan_broadcast(&all, buf, n + i).kind, FRAME_CORRUPT);
		memcpy(buf, other + m - i, i);
		memcpy(buf + i, own, n);
		assert_int_equal(frame_scan_broadcast(&all, buf, n + i).kind, FRAME_CORRUPT);
	}
	for (size_t i = 0; i < 8 * n; i++) {
		memcpy(buf, own, n);
		buf[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_int_equal(frame_scan_broadcast(&all, buf, n).kind, FRAME_CORRUPT);
	}
	n = frame_of(buf, "\x11\x83\x02", 3);
	f = frame_scan_broadcast(&all, buf, n);
	assert_int_equal(f.kind, FRAME_EXCEPTION);
	assert_int_equal(f.unit, 0x11);
	assert_int_equal(f.code, 2);
	/* of another length or function it is no reply to this */
	n = frame_of(buf, "\x11\x03\x04\x09\x04\x09\x04", 7);
	assert_int_equal(frame_scan_broadcast(&all, buf, n).kind, FRAME_CORRUPT);
	n = frame_of(buf, "\x11\x04\x02\x09\x04", 5);
	assert_int_equal(frame_scan_broadcast(&all, buf, n).kind, FRAME_CORRUPT);
}

/* ---- writes ------------------------------------------------------------- */

static void write_requests(void **state)
{
	/* PT 1 and CT 40 at 000EH, and its acknowledgement */
	static const uint8_t rtu[] = { 0x01, 0x10, 0x00, 0x0E, 0x00, 0x02, 0x04, 0x00, 0x01,
				       0x00, 0x28, 0x23, 0xFD };
	static const uint8_t tcp[] = { 0x12, 0x34, 0, 0, 0, 11, 0x01, 0x10, 0x00, 0x0E, 0x00,
				       0x02, 0x04, 0x00, 0x01, 0x00, 0x28 };
	static const uint8_t ack[] = { 0x12, 0x34, 0, 0, 0, 6, 0x01, 0x10, 0x00, 0x0E, 0x00, 0x02 };
	struct request q = { .unit = 1, .function = FUNCTION_WRITE, .addr = 0x0E, .count = 2,
			     .regs = { 1, 40 } };
	uint8_t buf[FRAME_MAX];

	(void)state;
	assert_int_equal(request_rtu(&q, buf), sizeof(rtu));
	assert_int_equal(request_bytes(&q), sizeof(rtu));
	assert_memory_equal(buf, rtu, sizeof(rtu));
	assert_int_equal(request_tcp(&q, 0x1234, buf), sizeof(tcp));
	assert_memory_equal(buf, tcp, sizeof(tcp));
	assert_int_equal(request_answer_bytes(&q), 8);
	assert_int_equal(frame_scan_tcp(&q, 0x1234, ack, sizeof(ack), false).kind, FRAME_ANSWER);
	q.count = 1;
	assert_int_equal(frame_scan_tcp(&q, 0x1234, ack, sizeof(ack), false).kind, FRAME_FOREIGN);
	q.count = WRITE_MAX;
	assert_true(request_rtu(&q, buf) <= 256 && request_tcp(&q, 1, buf) <= FRAME_MAX);
}

/* CT 60 at 000FH by function 06: what acknowledges it looks like its echo. */
static void writing_one_register(void **state)
{
	static const uint8_t rtu[] = { 0x01, 0x06, 0x00, 0x0F, 0x00, 0x3C, 0xB9, 0xD8 };
	static const uint8_t tcp[] = { 0x12, 0x34, 0, 0, 0, 6, 0x01, 0x06, 0x00, 0x0F, 0x00, 0x3C };
	struct request q = { .unit = 1, .function = FUNCTION_WRITE_ONE, .addr = 0x0F, .count = 1,
			     .regs = { 60 } };
	uint8_t buf[FRAME_MAX];
	struct frame f;

	(void)state;
	assert_true(request_writes(&q));
	assert_int_equal(request_rtu(&q, buf), sizeof(rtu));
	assert_int_equal(request_bytes(&q), sizeof(rtu));
	assert_memory_equal(buf, rtu, sizeof(rtu));
	assert_int_equal(request_tcp(&q, 0x1234, buf), sizeof(tcp));
	assert_memory_equal(buf, tcp, sizeof(tcp));
	assert_int_equal(frame_scan_tcp(&q, 0x1234, tcp, sizeof(tcp), false).kind, FRAME_ANSWER);
	for (size_t i = 0; i < sizeof(rtu); i++)
		assert_int_equal(frame_scan_rtu(&q, rtu, i, false).kind, FRAME_MORE);
	assert_int_equal(frame_scan_rtu(&q, rtu, sizeof(rtu), false).kind, FRAME_ECHO);
	/* of another value, or another register */
	q.regs[0] = 61;
	assert_int_equal(frame_scan_tcp(&q, 0x1234, tcp, sizeof(tcp), false).kind, FRAME_FOREIGN);
	f = frame_scan_rtu(&q, rtu, sizeof(rtu), false);
	assert_int_equal(f.kind, FRAME_FOREIGN);
	assert_string_equal(f.note, "acknowledgement of another write");
	f = frame_about(rtu, sizeof(rtu));
	assert_int_equal(f.function, FUNCTION_WRITE_ONE);
	assert_int_equal(f.addr, 0x0F);
	assert_int_equal(f.count, 1);
	frame_of(buf, "\x01\x86\x03", 3);
	f = frame_scan_rtu(&q, buf, 5, false);
	assert_int_equal(f.kind, FRAME_EXCEPTION);
	assert_int_equal(f.code, 3);
}

/* The acknowledgement of some writes is how their echo begins. */
static void echo_or_acknowledgement(void **state)
{
	struct request q = { .unit = 1, .function = FUNCTION_WRITE, .count = 1 };
	uint8_t sent[FRAME_MAX], ack[8];
	unsigned found = 0;

	(void)state;
	for (unsigned addr = 0; addr < 65536 && found < 20; addr++) {
		q.addr = (uint16_t)addr;
		request_rtu(&q, sent);
		memcpy(ack, sent, 6);
		crc16_append(ack, 6);
		assert_int_equal(frame_scan_rtu(&q, ack, 8, true).kind, FRAME_ANSWER);
		if (ack[6] != 2)
			continue;
		found++;
		q.regs[0] = (uint16_t)(ack[7] << 8);
		assert_int_equal(request_rtu(&q, sent), 11);
		assert_int_equal(frame_scan_rtu(&q, ack, 8, false).kind, FRAME_MORE);
		assert_int_equal(frame_scan_rtu(&q, ack, 8, true).kind, FRAME_ANSWER);
		for (size_t n = 1; n < 11; n++)
			assert_int_equal(frame_scan_rtu(&q, sent, n, false).kind, FRAME_MORE);
		assert_int_equal(frame_scan_rtu(&q, sent, 11, false).kind, FRAME_ECHO);
	}
	assert_int_equal(found, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(every_prefix_of_an_answer_waits_for_more),
		cmocka_unit_test(exceptions_and_junk),
		cmocka_unit_test(hidden_before_ours),
		cmocka_unit_test(echo_or_answer),
		cmocka_unit_test(foreign),
		cmocka_unit_test(damaged_or_noise),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(tcp_frames),
		cmocka_unit_test(write_requests),
		cmocka_unit_test(clues),
		cmocka_unit_test(clues_are_said),
		cmocka_unit_test(replies_to_everybody),
		cmocka_unit_test(writing_one_register),
		cmocka_unit_test(echo_or_acknowledgement),
	};

	return UNIT_RUN(tests);
}
