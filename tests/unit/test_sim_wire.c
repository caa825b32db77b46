/* A line of the simulated meter in a time that is handed in: when each byte leaves,
 * and what is not heard. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crc16.h"
#include "sim/line.h"
#include "unit.h"

#define MS 1000000LL		/* the line counts in ns */
#define CHUNK (MS * 3 / 10)	/* bytes may leave together that follow each other within it */
#define BITS 10			/* of a character, 8N1 */
#define BAUD 9600

struct wire {
	struct scenario scenario;
	struct line line;
	int meter, master;	/* its two ends */
	int baud;
	int64_t now;
	unsigned answered;
};

static void open_wire(struct wire *w, const char *scenario, int baud)
{
	struct err e = { 0 };
	int pair[2];

	memset(w, 0, sizeof(*w));
	if (scenario_parse(scenario, &w->scenario, &e))
		fail_msg("%s", e.text);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	w->meter = pair[0];
	w->master = pair[1];
	w->baud = baud;
	w->now = 1000 * MS;
	line_init(&w->line, w->meter, FRAMING_RTU, &w->scenario, 0);
}

static void close_wire(struct wire *w)
{
	close(w->meter);
	close(w->master);
}

/* A request for COUNT registers. */
static size_t ask_for(unsigned count, uint8_t out[8])
{
	const uint8_t body[6] = { 1, 3, 0, 0x14, 0, (uint8_t)count };

	memcpy(out, body, sizeof(body));
	return crc16_append(out, sizeof(body));
}

static size_t answer_bytes(unsigned count)
{
	return 5 + 2 * count;
}

/* The meter plans its answer to what it has heard. */
static void serve(struct wire *w)
{
	struct request rq;

	while (line_request(&w->line, w->now, &rq)) {
		uint8_t pdu[PDU_MAX] = { 3, (uint8_t)(2 * rq.pdu[4]) };

		w->answered++;
		line_answer(&w->line, &rq, pdu, 2U + 2U * rq.pdu[4], w->baud, BITS, w->now);
	}
}

/* N bytes come now. */
static void says(struct wire *w, const uint8_t *bytes, size_t n)
{
	assert_int_equal(write(w->master, bytes, n), n);
	assert_true(line_hear(&w->line, w->now));
	serve(w);
}

static void asks(struct wire *w, unsigned count)
{
	uint8_t f[8];

	says(w, f, ask_for(count, f));
}

/* Time goes on to where the line has something to do; the bytes that leave then. */
static size_t goes_on(struct wire *w)
{
	uint8_t out[300];
	ssize_t n;

	w->now = line_next(&w->line);
	assert_true(line_send(&w->line, w->now));
	n = read(w->master, out, sizeof(out));
	serve(w);
	return n < 0 ? 0 : (size_t)n;
}

/* ... until the answer is out. Returns its length. */
static size_t answer_leaves(struct wire *w)
{
	size_t n = 0;

	while (line_busy(&w->line))
		n += goes_on(w);
	return n;
}

/* LATE is how much later than on the wire byte N has left. */
static void check_time(int baud, size_t n, int64_t late)
{
	if (late < 0 || late > CHUNK)
		fail_msg("%d baud: byte %zu leaves %lld ns late", baud, n, (long long)late);
}

/* Never before a wire of that speed would have brought it, and hardly later. */
static void check_pace(int baud, unsigned count)
{
	const int64_t one = BITS * 1000000000LL / baud, silence = baud > 19200 ? 1750000 : one * 7 / 2;
	struct wire w;
	char scenario[48];

	snprintf(scenario, sizeof(scenario), "pace=%d,turnaround=2", baud);
	open_wire(&w, scenario, baud);
	for (int round = 0; round < 3; round++) {
		int64_t base;
		size_t n = 0;

		w.now += 1000 * MS;
		base = w.now + 8 * one + silence + 2 * MS;
		asks(&w, count);
		while (line_busy(&w.line)) {
			size_t before = n;

			n += goes_on(&w);
			check_time(baud, n, w.now - base - (int64_t)n * one);
			check_time(baud, before + 1, w.now - base - (int64_t)(before + 1) * one);
		}
		assert_int_equal(n, answer_bytes(count));
		assert_int_equal(w.now, base + (int64_t)n * one);
	}
	close_wire(&w);
}

static void every_byte_in_its_time(void **state)
{
	(void)state;
	check_pace(1200, 2);
	check_pace(9600, 60);
	check_pace(19200, 125);
	check_pace(115200, 125);
}

/* A request that follows at once waits for the silence between frames. */
static void the_line_is_one(void **state)
{
	const int64_t one = BITS * 1000000000LL / BAUD;
	struct wire w;
	int64_t began;

	(void)state;
	open_wire(&w, "pace=9600,turnaround=0", BAUD);
	began = w.now;
	for (int i = 0; i < 5; i++) {
		asks(&w, 3);
		assert_int_equal(answer_leaves(&w), answer_bytes(3));
	}
	/* five requests and answers, and a silence between each two of these frames */
	assert_int_equal(w.now - began, 5 * (8 + 11) * one + 9 * (one * 7 / 2));
	close_wire(&w);
}

/* Asked again while the first answer is due: half duplex, not heard. */
static void a_late_answer_deafens(void **state)
{
	struct wire w;
	int64_t asked;

	(void)state;
	open_wire(&w, "late=120", BAUD);
	asked = w.now;
	asks(&w, 3);
	assert_int_equal(line_next(&w.line), asked + 120 * MS);
	w.now += 119 * MS;
	asks(&w, 3);
	assert_true(line_send(&w.line, w.now));
	assert_false(unit_readable(w.master, 0));
	assert_int_equal(answer_leaves(&w), answer_bytes(3));
	assert_int_equal(w.now, asked + 120 * MS);
	assert_int_equal(w.answered, 1);
	asks(&w, 3);
	assert_int_equal(answer_leaves(&w), answer_bytes(3));
	assert_int_equal(w.now, asked + 240 * MS);
	close_wire(&w);
}

/* Its pieces may come as late as 20 ms; a longer silence ends what was no frame. */
static void a_frame_in_pieces(void **state)
{
	static const uint8_t noise[] = { 1, 3, 0 };
	struct wire w;
	uint8_t f[8];

	(void)state;
	assert_int_equal(ask_for(3, f), 8);
	open_wire(&w, "", BAUD);
	says(&w, f, 3);
	w.now += 19 * MS;
	says(&w, f + 3, 5);
	assert_int_equal(answer_leaves(&w), answer_bytes(3));
	assert_int_equal(w.answered, 1);
	/* a beginning that nothing follows, and then a whole request */
	says(&w, noise, sizeof(noise));
	w.now += 21 * MS;
	says(&w, f, 8);
	assert_int_equal(answer_leaves(&w), answer_bytes(3));
	assert_int_equal(w.answered, 2);
	/* ... which the beginning spoils when it comes too soon */
	says(&w, noise, sizeof(noise));
	w.now += 19 * MS;
	says(&w, f, 8);
	assert_int_equal(w.answered, 2);
	close_wire(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_in_its_time),
		cmocka_unit_test(the_line_is_one),
		cmocka_unit_test(a_late_answer_deafens),
		cmocka_unit_test(a_frame_in_pieces),
	};

	return UNIT_RUN(tests);
}
