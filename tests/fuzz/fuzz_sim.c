/*
 * fuzz_sim.c - the simulated meter, whose clients may send what they like: its
 * scenarios, requests, and streams of frames.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "sim/line.h"
#include "sim/unit.h"
#include "fuzz.h"

void fuzz_scenario(struct input in)
{
	struct scenario s;
	struct err e = { 0 };
	char text[400];

	if (scenario_parse(take_text(&in, text, sizeof(text)), &s, &e))
		check_err(&e);
}

static struct sim_meter *frozen_meter(void)
{
	static struct sim_meter *m;
	struct err e = { 0 };

	if (!m)
		m = sim_meter_new(profile_builtin_named("adw300"), "frozen,seed=3", &e);
	HOLDS(m);
	return m;
}

/* Requests of any shape to the simulated meter. */
void fuzz_slave(struct input in)
{
	struct sim_meter *m = frozen_meter();
	uint8_t request[253], reply[253];
	bool written;
	size_t n = 0, got;

	while (in.n > 0 && n < sizeof(request))
		request[n++] = (uint8_t)take(&in);
	if (n == 0)
		return;
	got = unit_answer(m, request, n, reply, &written);
	HOLDS(got >= 2 && got <= sizeof(reply));
	HOLDS((reply[0] & 0x7F) == (request[0] & 0x7F));
	HOLDS(!(reply[0] & 0x80) || got == 2);
}

/* A frame of a request: heads are right most of the time, lengths often at an edge. */
static size_t put_frame(struct input *in, bool mbap, uint8_t *out)
{
	static const uint16_t edges[] = { 0, 1, 2, 6, 253, 254, 255, 256, 260, 500, 65535 };
	unsigned how = take(in);
	size_t n = how & 1 ? 6 : how & 2 ? edges[take(in) % 11] : take_word(in) % 512, at = 0;

	if (mbap) {
		out[at++] = (uint8_t)take(in);
		out[at++] = (uint8_t)take(in);
		out[at++] = (how & 0xF0) == 0xF0;
		out[at++] = 0;
		out[at++] = (uint8_t)(n >> 8);
		out[at++] = (uint8_t)n;
	}
	n = n > 512 ? 512 : n;
	for (size_t i = 0; i < n; i++)
		out[at++] = (uint8_t)take(in);
	if (n > 1 && how & 4)
		out[at - n + 1] = how & 8 ? 0x10 : 0x03;
	if (!mbap) {
		uint16_t crc = crc_of(out, at);

		out[at++] = (uint8_t)crc;
		out[at++] = (uint8_t)(crc >> 8);
	}
	return at;
}

/* All that is whole is answered, and the answers are as long as a frame can be. */
static void answer_all(struct line *l, int peer, int64_t now)
{
	uint8_t pdu[PDU_MAX], reply[1200];
	struct request rq;
	bool written;
	size_t n;

	while (line_request(l, now, &rq)) {
		HOLDS(rq.n >= 1 && rq.n <= PDU_MAX && !l->broken);
		n = unit_answer(frozen_meter(), rq.pdu, rq.n, pdu, &written);
		line_answer(l, &rq, pdu, n, 9600, 10, now);
		HOLDS(l->nout <= sizeof(l->out));
		line_send(l, INT64_MAX);
		HOLDS(!line_busy(l));
		HOLDS(read(peer, reply, sizeof(reply)) == (ssize_t)l->nout || l->nout == 0);
	}
	HOLDS(l->nin <= sizeof(l->in));
}

/* As the server does: what is no Modbus ends the connection. */
static void hear_all(struct line *l, int peer, const uint8_t *bytes, size_t n, int64_t *now)
{
	HOLDS(write(peer, bytes, n) == (ssize_t)n);
	/* a line has room for two frames, a burst may have twice as much */
	for (int i = 0; i < 4 && !l->broken; i++) {
		HOLDS(line_hear(l, *now));
		answer_all(l, peer, *now);
		*now += 1000000;
	}
}

/* Frames one after the other, in pieces of any size, as a client may send them. */
void fuzz_line(struct input in)
{
	static const char *const scenarios[] = { "", "echo,garbage=30,foreign=30,flip=30", "drop=50" };
	unsigned how = take(&in);
	bool mbap = how & 1;
	int64_t now = 1000000000;
	struct scenario s;
	struct err e = { 0 };
	struct line l;
	int pair[2];

	HOLDS(scenario_parse(scenarios[(how >> 1) % 3], &s, &e) == 0);
	HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
	line_init(&l, pair[0], mbap ? FRAMING_MBAP : FRAMING_RTU, &s, how);
	while (in.n > 0 && !l.broken) {
		uint8_t burst[2 * (6 + 512)];
		unsigned order = take(&in);
		size_t n = put_frame(&in, mbap, burst), first;

		if (order & 1)
			n += put_frame(&in, mbap, burst + n);
		first = order & 2 ? n : order * 5 % (n + 1);
		hear_all(&l, pair[1], burst, first, &now);
		hear_all(&l, pair[1], burst + first, n - first, &now);
		/* on a wire a silence ends what is no frame */
		now += 100000000;
		answer_all(&l, pair[1], now);
	}
	close(pair[0]);
	close(pair[1]);
}
