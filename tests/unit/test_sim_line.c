/* The simulated meter on its lines: pace, faults, framing, addresses. What matters to
 * the millisecond is in test_sim_wire.c, in a time of its own. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/crc16.h"
#include "simmeter.h"
#include "temp.h"

/* Long against what an unpaced answer takes, short for a test of silence. */
#define SILENCE_MS 80
/* A master that has not been answered asks again: so late that it was not heard at all,
 * for then no second answer comes. */
#define AGAIN_MS 10000

static const uint8_t ask_voltage[] = { 0x03, 0x00, 0x14, 0x00, 0x03 };	/* 3 registers */

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct sim *start(const char *scenario, struct sim_opts o)
{
	struct err e = { 0 };
	struct sim *s;

	o.profile = profile_builtin_named("adw300");
	o.scenario = scenario;
	s = sim_start(&o, &e);
	if (!s)
		fail_msg("'%s': %s", scenario, e.text);
	return s;
}

#define PTY_ONLY (struct sim_opts){ .tcp_port = -1, .rtutcp_port = -1, .count = 1 }
#define PTY_AND_TCP (struct sim_opts){ .rtutcp_port = -1, .count = 1 }

static int open_port(const struct sim *s, speed_t speed)
{
	int fd = open(sim_pty(s), O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct termios t;

	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	cfmakeraw(&t);
	cfsetspeed(&t, speed);
	assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
	return fd;
}

static int open_tcp(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void put(int fd, const uint8_t *bytes, size_t n)
{
	assert_int_equal(write(fd, bytes, n), n);
}

static size_t frame(uint8_t unit, const uint8_t *pdu, size_t n, uint8_t *out)
{
	out[0] = unit;
	memcpy(out + 1, pdu, n);
	return crc16_append(out, n + 1);
}

static void ask(int fd, uint8_t unit)
{
	uint8_t f[16];

	put(fd, f, frame(unit, ask_voltage, sizeof(ask_voltage), f));
}

static void write_one(int fd, uint8_t unit, uint8_t addr, uint8_t value)
{
	uint8_t pdu[8] = { 0x10, 0, addr, 0, 1, 2, 0, value }, f[16];

	put(fd, f, frame(unit, pdu, sizeof(pdu), f));
}

/* Up to N bytes, or what has come when WAIT_MS pass without any. */
static size_t take(int fd, uint8_t *buf, size_t n, int wait_ms)
{
	size_t got = 0;

	while (got < n && unit_readable(fd, wait_ms)) {
		ssize_t r = read(fd, buf + got, n - got);

		if (r <= 0)
			break;
		got += (size_t)r;
	}
	return got;
}

static void wrong(const char *want, const uint8_t *came, size_t n)
{
	char hex[3 * 300 + 1] = "";

	for (size_t i = 0; i < n && i < 300; i++)
		snprintf(hex + 3 * i, 4, " %02X", came[i]);
	fail_msg("want %s, came %zu bytes:%s", want, n, hex);
}

/* So many bytes come. */
static void take_all(int fd, uint8_t *buf, size_t n)
{
	size_t got = take(fd, buf, n, UNIT_PATIENCE_MS);

	if (got != n)
		wrong("more bytes", buf, got);
}

static void nothing_comes(int fd)
{
	uint8_t b[64];
	size_t n = take(fd, b, sizeof(b), SILENCE_MS);

	if (n)
		wrong("silence", b, n);
}

/* The answer to ask() of UNIT. */
static bool is_answer(const uint8_t *b, size_t n, uint8_t unit)
{
	return n == 11 && b[0] == unit && b[1] == 3 && b[2] == 6 && crc16_good(b, 11);
}

static void answers(int fd, uint8_t unit)
{
	uint8_t b[64];
	size_t n = take(fd, b, 11, UNIT_PATIENCE_MS);

	if (!is_answer(b, n, unit))
		wrong("the answer", b, n);
}

/* An exception CODE to FUNCTION of unit 1. */
static void refuses(int fd, uint8_t function, uint8_t code)
{
	uint8_t b[5];

	take_all(fd, b, sizeof(b));
	if (b[1] != (function | 0x80) || b[2] != code || !crc16_good(b, sizeof(b)))
		wrong("an exception", b, sizeof(b));
}

/* Modbus TCP: what register ADDR of unit 1 holds. */
static uint16_t held(int tcp, uint8_t addr)
{
	const uint8_t request[] = { 0, 1, 0, 0, 0, 6, 1, 0x03, 0, addr, 0, 1 };
	uint8_t b[11];

	put(tcp, request, sizeof(request));
	take_all(tcp, b, sizeof(b));
	return (uint16_t)(b[9] << 8 | b[10]);
}

/* No byte may come before a wire of that speed would have brought it. */
static void check_pace(int baud, speed_t speed, unsigned regs)
{
	uint8_t pdu[5] = { 0x03, 0x00, 0x14, 0x00, (uint8_t)regs }, f[16], b[300];
	char scenario[48];
	double one = 10e3 / baud, silence = baud > 19200 ? 1.75 : 3.5 * one, sent, base;
	size_t n = 0, want = 5 + 2 * regs;
	struct sim *s;
	int fd;

	snprintf(scenario, sizeof(scenario), "pace=%d,turnaround=2", baud);
	s = start(scenario, PTY_ONLY);
	fd = open_port(s, speed);
	for (int round = 0; round < 3; round++) {
		size_t len = frame(1, pdu, sizeof(pdu), f);
		sent = now_ms();
		put(fd, f, len);
		base = sent + (double)len * one + silence + 2;
		for (n = 0; n < want && unit_readable(fd, UNIT_PATIENCE_MS); ) {
			ssize_t r = read(fd, b + n, sizeof(b) - n);
			double came = now_ms();

			assert_true(r > 0);
			n += (size_t)r;
			if (came < base + (double)n * one - 0.001)
				fail_msg("at %d baud byte %zu came %.3f ms early", baud, n,
					 base + (double)n * one - came);
		}
		assert_int_equal(n, want);
		assert_true(crc16_good(b, n));
	}
	close(fd);
	sim_stop(s);
}

static void pace_is_never_exceeded(void **state)
{
	(void)state;
	check_pace(1200, B1200, 2);
	check_pace(9600, B9600, 60);
	check_pace(19200, B19200, 125);
	check_pace(115200, B115200, 125);
}

/* A request that follows at once waits for the silence between frames. */
static void the_line_is_one(void **state)
{
	struct sim *s = start("pace=9600,turnaround=0", PTY_ONLY);
	double one = 10e3 / 9600, began;
	int fd = open_port(s, B9600);

	(void)state;
	began = now_ms();
	for (int i = 0; i < 5; i++) {
		ask(fd, 1);
		answers(fd, 1);
	}
	assert_true(now_ms() - began >= (5 * (8 + 11) + 9 * 3.5) * one);
	close(fd);
	sim_stop(s);
}

static void faults(void **state)
{
	struct {
		const char *scenario;
		bool heard;
	} mute[] = { { "drop=100", false }, { "dead", false }, { "drop=0", true } };
	uint8_t b[64], f[16];
	struct sim *s;
	int fd;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		s = start(mute[i].scenario, PTY_ONLY);
		fd = open_port(s, B9600);
		ask(fd, 1);
		if (mute[i].heard)
			answers(fd, 1);
		else
			nothing_comes(fd);
		close(fd);
		sim_stop(s);
	}

	s = start("flip=100", PTY_ONLY);
	fd = open_port(s, B9600);
	for (int i = 0; i < 200; i++) {
		ask(fd, 1);
		take_all(fd, b, 11);
		assert_false(crc16_good(b, 11));
	}
	close(fd);
	sim_stop(s);

	s = start("echo", PTY_ONLY);
	fd = open_port(s, B9600);
	ask(fd, 1);
	take_all(fd, b, 8);
	assert_int_equal(frame(1, ask_voltage, sizeof(ask_voltage), f), 8);
	assert_memory_equal(b, f, 8);
	answers(fd, 1);
	close(fd);
	sim_stop(s);

	s = start("foreign=100,unit=7", PTY_ONLY);
	fd = open_port(s, B9600);
	ask(fd, 7);
	answers(fd, 8);
	answers(fd, 7);
	close(fd);
	sim_stop(s);

	s = start("exception=6", PTY_ONLY);
	fd = open_port(s, B9600);
	ask(fd, 1);
	refuses(fd, 0x03, 6);
	close(fd);
	sim_stop(s);
}

static bool ends_in_answer(const uint8_t *b, size_t n)
{
	return n >= 11 && is_answer(b + n - 11, 11, 1);
}

static void noise_before_the_answer(void **state)
{
	struct sim *s = start("garbage=100", PTY_ONLY);
	int fd = open_port(s, B9600);
	uint8_t b[64];
	size_t n = 0;

	(void)state;
	ask(fd, 1);
	while (!ends_in_answer(b, n) && n < sizeof(b) && take(fd, b + n, 1, UNIT_PATIENCE_MS) == 1)
		n++;
	if (!ends_in_answer(b, n))
		wrong("an answer at last", b, n);
	assert_true(n > 11);
	close(fd);
	sim_stop(s);
}

static void late_answers(void **state)
{
	struct sim *s = start("late=120", PTY_ONLY);
	int fd = open_port(s, B9600);
	double began = now_ms();

	(void)state;
	ask(fd, 1);
	answers(fd, 1);
	assert_true(now_ms() - began >= 120);
	nothing_comes(fd);
	close(fd);
	sim_stop(s);
}

/* What nobody was there to read is no answer for the next program. */
static void closed_port_forgets(void **state)
{
	struct sim *s = start("late=30", PTY_AND_TCP);
	int fd = open_port(s, B9600), tcp = open_tcp(sim_tcp_port(s));

	(void)state;
	write_one(fd, 1, 0x0F, 61);
	close(fd);
	/* the answer leaves while the port is closed: one that is asked for later and as
	 * late comes after it */
	UNIT_UNTIL(held(tcp, 0x0F) == 61, UNIT_PAUSE, (void)0);
	fd = open_port(s, B9600);
	nothing_comes(fd);
	ask(fd, 1);
	answers(fd, 1);
	ask(fd, 1);
	assert_true(unit_readable(fd, UNIT_PATIENCE_MS));
	close(fd);
	held(tcp, 0x0F);	/* it has been noticed before that is answered */
	fd = open_port(s, B9600);
	nothing_comes(fd);
	close(fd);
	close(tcp);
	sim_stop(s);
}

/* A quarter of 1000 requests, within what chance allows. */
static void shares(void **state)
{
	struct sim *s = start("exception=6/25,seed=3", PTY_ONLY);
	int fd = open_port(s, B9600), refused = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint8_t b[16];

		ask(fd, 1);
		take_all(fd, b, 5);
		if (b[1] == 0x83)
			refused++;
		else
			take_all(fd, b, 6);
	}
	assert_in_range(refused, 190, 310);
	close(fd);
	sim_stop(s);
}

/* N bytes of F, in two pieces when FIRST of them come first, until B of SIZE comes. What
 * follows a silence is heard as a frame of its own, and what follows none as part of the
 * one before; on a busy machine there is a silence when nobody wants it, and none where
 * there was one: then it is said again. */
static size_t until_heard(int fd, const uint8_t *f, size_t n, size_t first, uint8_t *b, size_t size)
{
	size_t got = 0;

	UNIT_UNTIL(got > 0, {
		put(fd, f, first);
		put(fd, f + first, n - first);
		got = take(fd, b, size, AGAIN_MS);
	}, (void)0);
	return got;
}

static void until_answered(int fd, const uint8_t *f, size_t n, size_t first)
{
	uint8_t b[11];
	size_t got = until_heard(fd, f, n, first, b, sizeof(b));

	if (!is_answer(b, got, 1))
		wrong("the answer", b, got);
}

static void until_refused(int fd, const uint8_t *f, size_t n, uint8_t code)
{
	uint8_t b[5];
	size_t got = until_heard(fd, f, n, 0, b, sizeof(b));

	if (got != sizeof(b) || b[1] != (f[1] | 0x80) || b[2] != code || !crc16_good(b, sizeof(b)))
		wrong("an exception", b, got);
}

static void frames_in_pieces(void **state)
{
	static const uint8_t noise[3] = { 1, 3, 0 };
	struct sim *s = start("", PTY_ONLY);
	int fd = open_port(s, B9600);
	uint8_t f[16];

	(void)state;
	assert_int_equal(frame(1, ask_voltage, sizeof(ask_voltage), f), 8);
	until_answered(fd, f, 8, 3);
	/* a beginning, silence, and then a whole request */
	put(fd, noise, sizeof(noise));
	nothing_comes(fd);
	until_answered(fd, f, 8, 0);
	/* a bad CRC is not answered; another's request neither */
	f[7] ^= 1;
	put(fd, f, 8);
	nothing_comes(fd);
	ask(fd, 2);
	nothing_comes(fd);
	/* functions this meter does not know */
	{
		static const uint8_t coils[] = { 0x01, 0, 0, 0, 1 }, identify[] = { 0x2B, 0x0E, 1, 0 };

		until_refused(fd, f, frame(1, coils, sizeof(coils), f), 1);
		until_refused(fd, f, frame(1, identify, sizeof(identify), f), 1);
	}
	close(fd);
	sim_stop(s);
}

static void acknowledges(int fd, uint8_t unit)
{
	uint8_t b[8];

	take_all(fd, b, sizeof(b));
	if (b[0] != unit || b[1] != 0x10 || !crc16_good(b, sizeof(b)))
		wrong("an acknowledgement", b, sizeof(b));
}

static void address_and_speed_take_effect(void **state)
{
	struct sim_opts o = PTY_ONLY;
	struct sim *s;
	int fd;

	(void)state;
	o.count = 3;
	s = start("unit=10", o);
	fd = open_port(s, B9600);
	for (uint8_t u = 10; u < 13; u++) {
		ask(fd, u);
		answers(fd, u);
	}
	write_one(fd, 11, 0, 99);
	acknowledges(fd, 11);
	ask(fd, 11);
	nothing_comes(fd);
	ask(fd, 99);
	answers(fd, 99);

	write_one(fd, 12, 1, 3);
	acknowledges(fd, 12);
	ask(fd, 12);
	nothing_comes(fd);
	close(fd);
	fd = open_port(s, B4800);
	ask(fd, 12);
	answers(fd, 12);
	ask(fd, 10);
	nothing_comes(fd);
	close(fd);

	/* to all, and nobody answers */
	fd = open_port(s, B9600);
	write_one(fd, 0, 0x0F, 123);
	nothing_comes(fd);
	{
		static const uint8_t ct[] = { 0x03, 0, 0x0F, 0, 1 };
		uint8_t f[16], b[8];

		put(fd, f, frame(99, ct, sizeof(ct), f));
		take_all(fd, b, 7);
		assert_int_equal(b[4], 123);
	}
	close(fd);
	sim_stop(s);
}

static void modbus_tcp(void **state)
{
	static const uint8_t two[] = {
		0x12, 0x34, 0, 0, 0, 6, 1, 0x03, 0x00, 0x14, 0x00, 0x01,
		0x12, 0x35, 0, 0, 0, 6, 1, 0x03, 0x00, 0x15, 0x00, 0x01,
	};
	static const uint8_t nobody[] = { 0, 1, 0, 0, 0, 6, 9, 0x03, 0x00, 0x14, 0x00, 0x01 };
	static const uint8_t http[] = "GET / HTTP/1.1\r\n\r\n";
	struct sim *s = start("frozen", (struct sim_opts){ .no_pty = 1, .rtutcp_port = 0, .count = 1 });
	int a = open_tcp(sim_tcp_port(s)), b = open_tcp(sim_tcp_port(s));
	uint8_t x[32], y[32];

	(void)state;
	assert_null(sim_pty(s));
	/* two requests in one segment: the second waits for nothing */
	put(a, two, sizeof(two));
	take_all(a, x, 22);
	put(b, two, 12);
	take_all(b, y, 11);
	assert_memory_equal(x, y, 11);
	assert_true(x[0] == 0x12 && x[1] == 0x34 && x[5] == 5 && x[8] == 2);
	assert_true(x[11] == 0x12 && x[12] == 0x35);
	put(a, nobody, sizeof(nobody));
	take_all(a, x, 9);
	assert_true(x[7] == 0x83 && x[8] == 0x0B);
	/* no Modbus: the connection ends */
	put(b, http, sizeof(http) - 1);
	assert_true(unit_readable(b, UNIT_PATIENCE_MS));
	assert_true(read(b, y, sizeof(y)) <= 0);
	close(a);
	close(b);
	a = open_tcp(sim_rtutcp_port(s));
	ask(a, 1);
	answers(a, 1);
	close(a);
	sim_stop(s);
}

/* The connection has ended, and nothing more has come. */
static bool hung_up(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t b;

	return poll(&p, 1, UNIT_PATIENCE_MS) == 1 && read(fd, &b, 1) <= 0;
}

/* Not only the first frame of a segment is looked at: what comes behind a good
 * one and is no Modbus ends the connection, and nothing else. */
static void each_pipelined_frame_is_checked(void **state)
{
	static const uint8_t good[] = { 0, 1, 0, 0, 0, 6, 1, 0x03, 0x00, 0x14, 0x00, 0x01 };
	static const struct {
		unsigned protocol, length;
	} bad[] = { { 0, 0 }, { 0, 1 }, { 0, 255 }, { 0, 300 }, { 0, 400 }, { 0, 500 }, { 0, 65535 }, { 1, 6 } };
	struct sim *s = start("frozen", (struct sim_opts){ .no_pty = 1, .rtutcp_port = -1, .count = 1 });
	uint8_t b[512], answer[11];
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t before = 1; before <= 2; before++) {
			size_t n = before * sizeof(good);
			uint8_t *head = b + n;

			memset(b, 'A', sizeof(b));
			for (size_t k = 0; k < before; k++)
				memcpy(b + k * sizeof(good), good, sizeof(good));
			memcpy(head, (uint8_t[]){ 0, 2, 0, (uint8_t)bad[i].protocol,
			       (uint8_t)(bad[i].length >> 8), (uint8_t)bad[i].length, 1, 0x03 }, 8);
			fd = open_tcp(sim_tcp_port(s));
			/* all that a line has room for */
			put(fd, b, sizeof(b));
			for (size_t k = 0; k < before; k++) {
				assert_int_equal(take(fd, answer, 11, UNIT_PATIENCE_MS), 11);
				assert_int_equal(answer[7], 3);
			}
			if (!hung_up(fd))
				fail_msg("protocol %u, length %u", bad[i].protocol, bad[i].length);
			close(fd);
		}
	/* the longest request there can be, behind another one, is one */
	fd = open_tcp(sim_tcp_port(s));
	memset(b, 0, sizeof(b));
	memcpy(b, good, sizeof(good));
	memcpy(b + sizeof(good), (uint8_t[]){ 0, 2, 0, 0, 0, 254, 1, 0x03 }, 8);
	put(fd, b, sizeof(good) + 260);
	assert_int_equal(take(fd, b, 11 + 9, UNIT_PATIENCE_MS), 20);
	assert_true(b[11 + 7] == 0x83 && b[11 + 8] == 3);
	close(fd);
	sim_stop(s);
}

static void the_link_stays_and_goes(void **state)
{
	char link[TEMP_PATH], target[64];
	struct sim_opts o = PTY_ONLY;
	struct err e = { 0 };
	struct sim *s;
	struct stat st;
	int fd;

	(void)state;
	o.pty_link = temp_path(link, "tty");
	s = start("", o);
	assert_string_equal(sim_pty(s), link);
	assert_int_equal(strncmp(sim_targets(s), "rtu:", 4), 0);
	fd = open_port(s, B9600);
	ask(fd, 1);
	answers(fd, 1);
	close(fd);
	/* a second one does not take the name */
	o.profile = profile_builtin_named("adw300");
	assert_null(sim_start(&o, &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(sim_pty(s), link);
	sim_stop(s);
	assert_int_equal(readlink(link, target, sizeof(target)), -1);
	/* one that was left behind goes */
	assert_int_equal(symlink("/dev/pts/nowhere", link), 0);
	s = start("unit=2", o);
	fd = open_port(s, B9600);
	ask(fd, 2);
	answers(fd, 2);
	close(fd);
	sim_stop(s);
	assert_int_equal(readlink(link, target, sizeof(target)), -1);

	fd = open(link, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_null(sim_start(&o, &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(stat(link, &st), 0);
	unlink(link);
}

/* A port that is taken, and more meters than there are addresses. */
static void starts_that_fail(void **state)
{
	struct sim_opts o = { .profile = profile_builtin_named("adw300"), .no_pty = 1,
		.rtutcp_port = -1, .count = 1 };
	struct sim *s = start("", o);
	struct err e = { 0 };

	(void)state;
	o.tcp_port = sim_tcp_port(s);
	assert_null(sim_start(&o, &e));
	assert_non_null(strstr(e.text, "cannot listen"));
	o.tcp_port = 0;
	o.scenario = "unit=240";
	o.count = 9;
	assert_null(sim_start(&o, &e));
	assert_int_equal(e.code, ERR_USAGE);
	o.scenario = "state=/nonexistent/folder/file";
	o.count = 1;
	assert_null(sim_start(&o, &e));
	assert_int_equal(e.code, ERR_NO);
	sim_stop(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pace_is_never_exceeded),
		cmocka_unit_test(the_line_is_one),
		cmocka_unit_test(faults),
		cmocka_unit_test(noise_before_the_answer),
		cmocka_unit_test(late_answers),
		cmocka_unit_test(closed_port_forgets),
		cmocka_unit_test(shares),
		cmocka_unit_test(frames_in_pieces),
		cmocka_unit_test(address_and_speed_take_effect),
		cmocka_unit_test(modbus_tcp),
		cmocka_unit_test(each_pipelined_frame_is_checked),
		cmocka_unit_test(the_link_stays_and_goes),
		cmocka_unit_test(starts_that_fail),
	};

	return UNIT_RUN(tests);
}
