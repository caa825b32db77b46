/* What arrives, judged; open requests; timeouts; what a meter teaches. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/crc16.h"
#include "../../src/link/frame.h"
#include "../../src/link/hint.h"
#include "../../src/link/owed.h"
#include "../../src/link/pace.h"
#include "../../src/link/route.h"

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
	uint8_t buf[FRAME_MOST];

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
	uint8_t sent[FRAME_MOST];
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
	n = frame_of(buf, "\x09\x2B\x0E\x01\x01", 5);
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
	assert_int_equal(hint_trouble(&t, &b, &e), -1);
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
	uint8_t buf[64], own[16], other[16], sent[FRAME_MOST];
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
	uint8_t buf[FRAME_MOST];

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
	q.count = WRITE_MOST;
	assert_true(request_rtu(&q, buf) <= 256 && request_tcp(&q, 1, buf) <= FRAME_MOST);
}

/* CT 60 at 000FH by function 06: what acknowledges it looks like its echo. */
static void writing_one_register(void **state)
{
	static const uint8_t rtu[] = { 0x01, 0x06, 0x00, 0x0F, 0x00, 0x3C, 0xB9, 0xD8 };
	static const uint8_t tcp[] = { 0x12, 0x34, 0, 0, 0, 6, 0x01, 0x06, 0x00, 0x0F, 0x00, 0x3C };
	struct request q = { .unit = 1, .function = FUNCTION_WRITE_ONE, .addr = 0x0F, .count = 1,
			     .regs = { 60 } };
	uint8_t buf[FRAME_MOST];
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
	uint8_t sent[FRAME_MOST], ack[8];
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

/* ---- open requests ------------------------------------------------------ */

static struct request reads(uint16_t addr, uint16_t count)
{
	return (struct request){ .unit = 1, .function = 3, .addr = addr, .count = count };
}

static void open_requests(void **state)
{
	struct request a = reads(10, 1), b = reads(20, 1), c = reads(30, 2), m;
	struct owed o = { .n = 0 };

	(void)state;
	assert_false(owed_ambiguous(&o, &a));
	owed_sent(&o, &a, 1);
	assert_false(owed_ambiguous(&o, &a));	/* the same again is no harm */
	assert_true(owed_ambiguous(&o, &b));
	assert_false(owed_ambiguous(&o, &c));
	/* a marker's answer cannot be mistaken, and clears what was before it */
	m = owed_marker(&o, &b);
	assert_int_not_equal(m.count, 1);
	assert_false(owed_ambiguous(&o, &m));
	owed_sent(&o, &m, 2);
	owed_answered(&o, &m);
	assert_int_equal(o.n, 0);
	/* of two alike the answer is the first one's */
	owed_sent(&o, &a, 3);
	owed_sent(&o, &a, 4);
	owed_answered(&o, &a);
	assert_int_equal(o.n, 1);
	assert_true(owed_ambiguous(&o, &b));
	owed_expire(&o, 4 + OWED_US + 1);
	assert_int_equal(o.n, 0);
}

static void open_requests_and_exceptions(void **state)
{
	struct request a = reads(10, 1), c = reads(30, 2);
	struct owed o = { .n = 0 };

	(void)state;
	owed_sent(&o, &c, 1);
	assert_true(owed_refused(&o, &c));
	/* an exception does not tell whom it refuses */
	owed_sent(&o, &a, 2);
	owed_sent(&o, &c, 3);
	assert_false(owed_refused(&o, &c));
	assert_true(owed_refused(&o, &c));
	assert_int_equal(o.n, 0);
}

/* Another meter on the line keeps an order of its own. */
static void open_requests_of_two_units(void **state)
{
	struct request a = reads(10, 1), b = reads(20, 1), other = reads(10, 1);
	struct owed o = { .n = 0 };

	(void)state;
	other.unit = 2;
	owed_sent(&o, &a, 1);
	owed_sent(&o, &other, 2);
	owed_answered(&o, &other);
	assert_int_equal(o.n, 1);
	assert_true(owed_ambiguous(&o, &b));
	owed_sent(&o, &other, 3);
	assert_true(owed_refused(&o, &other));
	assert_true(owed_ambiguous(&o, &b));
	owed_answered(&o, &a);
	assert_int_equal(o.n, 0);
}

static struct request writes(uint16_t addr, uint16_t count, uint16_t first)
{
	return (struct request){
		.unit = 1, .function = FUNCTION_WRITE, .addr = addr, .count = count, .regs = { first },
	};
}

static void open_writes(void **state)
{
	struct request w = writes(10, 1, 5), again = writes(10, 1, 6), next = writes(11, 1, 5),
		       r = reads(10, 1), m;
	struct owed o = { .n = 0 };

	(void)state;
	owed_sent(&o, &w, 1);
	/* its acknowledgement would do for this, its refusal for that */
	assert_true(owed_ambiguous(&o, &again));
	assert_true(owed_ambiguous(&o, &next));
	/* nor is it known whether the same, sent twice, has landed twice */
	assert_true(owed_ambiguous(&o, &w));
	assert_false(owed_ambiguous(&o, &r));
	m = owed_marker(&o, &again);
	assert_int_equal(m.function, FUNCTION_HOLDING);
	owed_sent(&o, &m, 2);
	owed_answered(&o, &m);
	assert_false(owed_ambiguous(&o, &again));
	/* an acknowledgement names its address */
	owed_sent(&o, &w, 3);
	owed_answered(&o, &next);
	assert_int_equal(o.n, 1);
	owed_answered(&o, &w);
	assert_int_equal(o.n, 0);
}

static void a_full_list_forgets_the_oldest(void **state)
{
	struct request b = reads(9, 1), m;
	struct owed o = { .n = 0 };

	(void)state;
	for (uint16_t i = 1; i <= OWED_MOST + 3; i++) {
		struct request q = reads(500, i);

		owed_sent(&o, &q, i);
	}
	assert_int_equal(o.n, OWED_MOST);
	b.count = 5;
	m = owed_marker(&o, &b);
	assert_false(owed_ambiguous(&o, &m));
	b.addr = 65535;
	b.count = 1;
	owed_clear(&o);
	owed_sent(&o, &ask, 1);
	m = owed_marker(&o, &b);
	assert_true(m.addr + m.count <= 65536);
}

/* ---- how long to wait --------------------------------------------------- */

static void timeouts_follow_the_meter(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 5000);
	assert_int_equal(pace_timeout_us(&p, false), 1000000);
	/* a meter that has not answered yet: 1, 2 and 3 s leave room for an answer of 2.5 s */
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, false), 2000000);
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, true), 3000000);
	pace_answered(&p, 0, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 250000);
	for (int i = 1; i < 8; i++)
		pace_answered(&p, i, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 50000);	/* the floor */
	pace_answered(&p, 9, 80000, false);
	assert_int_equal(pace_timeout_us(&p, false), 240000);
	assert_int_equal(pace_timeout_us(&p, true), 1000000);
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, false), 480000);
	pace_timed_out(&p);
	pace_timed_out(&p);
	assert_int_equal(pace_timeout_us(&p, false), 1000000);
	pace_answered(&p, 10, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 240000);
	/* what was slow once is forgotten after enough that were not */
	for (int i = 0; i < PACE_SAMPLES; i++)
		pace_answered(&p, 11 + i, 20000, false);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
}

static void a_meter_slower_than_the_timeout(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 5000);
	/* an answer to a retry may have been one to the first try: that alone shows nothing,
	 * or one lost frame would make every later wait long */
	pace_answered(&p, 1, 1300000, true);
	assert_int_equal(pace_timeout_us(&p, true), 3000000 / 3);
	pace_late(&p, 1300000);
	assert_int_equal(pace_timeout_us(&p, false), 2600000);
	/* a single hiccup does not make every later timeout long */
	for (int i = 0; i < PACE_SAMPLES; i++)
		pace_answered(&p, 2 + i, 20000, false);
	assert_int_equal(pace_timeout_us(&p, false), 60000);
	pace_init(&p, 200, 5000);
	assert_int_equal(pace_timeout_us(&p, false), 200000);
	pace_late(&p, 210000);
	assert_int_equal(pace_timeout_us(&p, false), 400000);
}

static void a_time_that_was_asked_for(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 3000, 5000);
	for (int i = 0; i < 100; i++)
		pace_answered(&p, i, 5000, false);
	assert_int_equal(pace_timeout_us(&p, false), 3000000);
}

static void backing_off(void **state)
{
	(void)state;
	assert_int_equal(pace_backoff_us(0), 0);
	assert_int_equal(pace_backoff_us(1), 500000);
	assert_int_equal(pace_backoff_us(4), 4000000);
	assert_int_equal(pace_backoff_us(6), 10000000);
	assert_int_equal(pace_backoff_us(1000), 10000000);
}

static void the_rate_is_smoothed(void **state)
{
	struct pace p;
	int64_t now = 1000000;

	(void)state;
	pace_init(&p, 0, 5000);
	for (int i = 0; i < 200; i++, now += 50000)
		pace_answered(&p, now, 5000, false);
	assert_true(pace_rate(&p, now) > 18 && pace_rate(&p, now) < 22);
	assert_true(pace_rate(&p, now + 60000000) == 0);
}

/* ---- what a meter teaches ----------------------------------------------- */

enum { LONG = 140 };	/* points of two registers, and the second of each also by itself */

static void every_want_is_in_its_span(const struct route *p, unsigned most)
{
	size_t wants = 0;

	for (size_t i = 0; i < p->nspans; i++) {
		const struct span *s = &p->spans[i].span;

		assert_true(s->words <= most);
		assert_int_equal(s->first, wants);
		for (size_t k = s->first; k < s->first + s->count; k++)
			assert_true(p->wants[k].addr >= s->addr
				    && p->wants[k].addr + p->wants[k].words <= s->addr + s->words);
		wants += s->count;
	}
	assert_int_equal(wants, p->n);
}

/* Answers of one length in a row cannot be told apart. */
static void lengths_in_a_row_differ(void **state)
{
	static struct point points[2 * LONG];
	struct profile profile = { .points = points, .npoints = 2 * LONG, .read_most = 100 };
	struct span_cost cost = span_cost_rtu(9600, 10, 5000);
	struct route p = { 0 };
	uint16_t idx[2 * LONG];
	struct err e;

	(void)state;
	for (uint16_t i = 0; i < 2 * LONG; i++) {
		points[i].addr = i;
		points[i].words = i % 2 ? 1 : 2;
		idx[i] = i;
	}
	/* wherever there is room to move an edge */
	for (uint16_t n = 101; n < 2 * LONG - 4; n++) {
		assert_int_equal(route_make(&p, &profile, idx, n, cost, &e), 0);
		every_want_is_in_its_span(&p, 100);
		for (size_t i = 0; i < p.nspans && n < 100 * p.nspans - 8; i++)
			assert_true(i == 0 || p.spans[i].span.words != p.spans[i - 1].span.words);
	}
	/* but for what must not be read across */
	route_cut(&p, SPACE_HOLDING, 100);
	route_cut(&p, SPACE_HOLDING, 200);
	assert_int_equal(route_make(&p, &profile, idx, 2 * LONG, cost, &e), 0);
	every_want_is_in_its_span(&p, 100);
	for (size_t i = 0; i < p.nspans; i++)
		for (unsigned edge = 100; edge <= 200; edge += 100)
			assert_true(p.spans[i].span.addr >= edge
				    || p.spans[i].span.addr + p.spans[i].span.words <= (int)edge);
	route_release(&p);
}

static void routes_are_kept_until_something_is_learned(void **state)
{
	struct point points[6] = { 0 };
	struct profile profile = { .points = points, .npoints = 6, .read_most = 125 };
	uint16_t idx[] = { 0, 1, 3, 4, 5 };	/* point 2 is not asked for */
	struct span_cost cost = span_cost_rtu(9600, 10, 5000);
	struct route p = { 0 };
	struct route_span *spans, first;
	struct err e;

	(void)state;
	for (int i = 0; i < 6; i++) {
		points[i].addr = (uint16_t)(i * 2);
		points[i].words = 2;
	}
	/* the hole is a point of the profile, so it may be read through */
	assert_int_equal(route_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_int_equal(p.nspans, 1);
	assert_true(route_has_holes(&p, &p.spans[0]));
	spans = p.spans;
	assert_int_equal(route_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_ptr_equal(p.spans, spans);
	first = p.spans[0];
	route_ban_holes(&p, &first);
	assert_int_equal(route_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_int_equal(p.nspans, 2);
	assert_int_equal(p.spans[1].span.addr, 6);
	assert_int_equal(p.spans[1].span.words, 6);
	route_cut(&p, SPACE_HOLDING, 8);
	assert_int_equal(route_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_int_equal(p.nspans, 3);
	first = p.spans[0];
	route_refuse(&p, &first, 2, 1000);
	assert_int_equal(route_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_non_null(route_refusal(&p, &first));
	route_forgive(&p, &first);
	assert_null(route_refusal(&p, &first));
	route_release(&p);
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
		cmocka_unit_test(open_requests),
		cmocka_unit_test(open_requests_and_exceptions),
		cmocka_unit_test(open_requests_of_two_units),
		cmocka_unit_test(open_writes),
		cmocka_unit_test(a_full_list_forgets_the_oldest),
		cmocka_unit_test(timeouts_follow_the_meter),
		cmocka_unit_test(a_meter_slower_than_the_timeout),
		cmocka_unit_test(a_time_that_was_asked_for),
		cmocka_unit_test(backing_off),
		cmocka_unit_test(the_rate_is_smoothed),
		cmocka_unit_test(lengths_in_a_row_differ),
		cmocka_unit_test(routes_are_kept_until_something_is_learned),
	};

	return UNIT_RUN(tests);
}
