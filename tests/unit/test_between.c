/* Standing between a tool and a meter: bytes go both ways unchanged, whoever comes, leaves, and
 * comes again. The meter is the other end of a pseudo terminal, or of a connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>

#include "base/cancel.h"
#include "base/crc16.h"
#include "base/time.h"
#include "modbus/between.h"
#include "modbus/sock.h"
#include "unit.h"

#define STEP_US 2000
#define MUCH 200000
#define MOST (16 << 20)	/* more than a connection keeps for who does not read */

static struct between *between;
static int meter = -1, meter_slave = -1, cancel_fd = -1, tool = -1, listening = -1;
static struct {
	uint8_t bytes[MOST];
	size_t n;
} heard[2];			/* [true]: from the meter */

static void hear(void *arg, bool from_meter, const uint8_t *bytes, size_t n, int64_t at_us)
{
	assert_ptr_equal(arg, &heard);
	assert_true(n > 0 && n <= BETWEEN_LUMP);
	assert_true(at_us <= time_mono_us() && at_us > time_mono_us() - UNIT_PATIENCE_S * 1000000LL);
	assert_true(heard[from_meter].n + n <= MOST);
	memcpy(heard[from_meter].bytes + heard[from_meter].n, bytes, n);
	heard[from_meter].n += n;
}

static void pass_for(int64_t us)
{
	struct err e = { 0 };

	if (between_run(between, time_mono_us() + us, hear, &heard, &e))
		fail_msg("%d: %s", e.code, e.text);
}

static void pass(void)
{
	pass_for(STEP_US);
}

#define PASS_UNTIL(condition) UNIT_UNTIL(condition, pass(), \
	print_message("# heard %zu and %zu bytes\n", heard[false].n, heard[true].n))

static int set_up(void **state)
{
	(void)state;
	memset(heard, 0, sizeof(heard));
	cancel_fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int tear_down(void **state)
{
	(void)state;
	between_close(between);
	between = NULL;
	shut(&meter);
	shut(&meter_slave);
	shut(&cancel_fd);
	shut(&tool);
	shut(&listening);
	return 0;
}

static struct target target_of(const char *text)
{
	struct err e = { 0 };
	struct target t;

	if (target_parse(text, &t, &e))
		fail_msg("%s", e.text);
	return t;
}

/* A port with a meter at its other end. Returns BUF. */
static const char *wire_meter(char *buf, size_t size)
{
	char path[64];

	assert_int_equal(openpty(&meter, &meter_slave, path, NULL, NULL), 0);
	fcntl(meter, F_SETFL, O_NONBLOCK);
	snprintf(buf, size, "rtu:%s?baud=9600", path);
	return buf;
}

static void stand(const char *text, const char *serve)
{
	struct target t = target_of(text);
	struct err e = { 0 };

	if (between_open(&between, &t, serve, cancel_fd, &e))
		fail_msg("%s", e.text);
}

/* Before a port of this machine, with SERVE for the tool. */
static void stand_before_port(const char *serve)
{
	char text[100];

	stand(wire_meter(text, sizeof(text)), serve);
}

/* ... which comes to it. */
static int come_by_pty(speed_t speed)
{
	const char *where = between_where(between);
	struct termios t;
	int fd;

	assert_memory_equal(where, "pty /dev/pts/", 13);
	fd = open(where + 4, O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	cfsetspeed(&t, speed);
	t.c_cflag |= CSTOPB;
	assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
	return fd;
}

static int come_by_tcp(void)
{
	char addr[32];
	int port;
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(sscanf(between_where(between), "tcp %31[0-9.]:%d", addr, &port), 2);
	assert_string_equal(addr, "127.0.0.1");
	a.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, addr, &a.sin_addr);
	assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* All N bytes (MUCH at most), while bytes are passed on, come out at TO. */
static void arrives(int from, int to, const uint8_t *bytes, size_t n)
{
	static uint8_t got[MUCH];
	size_t sent = 0, come = 0;
	int64_t end = unit_now_ms() + UNIT_PATIENCE_MS;

	while (come < n) {
		ssize_t k = sent < n ? write(from, bytes + sent, n - sent) : 0;

		sent += k > 0 ? (size_t)k : 0;
		pass();
		k = read(to, got + come, n - come);
		come += k > 0 ? (size_t)k : 0;
		if (unit_now_ms() > end)
			fail_msg("%zu of %zu bytes have come, %zu were sent", come, n, sent);
	}
	assert_memory_equal(got, bytes, n);
}

static void says(int from, int to, const char *text)
{
	arrives(from, to, (const uint8_t *)text, strlen(text));
}

/* A read of FD ends in END: 0 for the end of it, -1 for nothing there. */
static ssize_t read_end(int fd)
{
	char byte;

	return read(fd, &byte, 1);
}

/* ---- bytes --------------------------------------------------------------------- */

static void every_byte_both_ways(void **state)
{
	static const speed_t speeds[] = { B9600, B115200, B1200 };
	uint8_t all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	stand_before_port("pty");
	for (size_t i = 0; i < 3; i++) {
		tool = come_by_pty(speeds[i]);
		arrives(tool, meter, all, sizeof(all));
		arrives(meter, tool, all, sizeof(all));
		shut(&tool);
	}
	assert_int_equal(heard[false].n, 3 * sizeof(all));
	assert_int_equal(heard[true].n, 3 * sizeof(all));
	assert_memory_equal(heard[true].bytes + 256, all, sizeof(all));
}

static void more_than_either_side_takes(void **state)
{
	static uint8_t much[MUCH];
	char first[3];

	(void)state;
	for (size_t i = 0; i < sizeof(much); i++)
		much[i] = (uint8_t)(i * 7 + i / 251);
	stand_before_port("tcp:0");
	tool = come_by_tcp();
	/* so that what is full is so in the middle of a lump */
	assert_int_equal(write(tool, much, 3), 3);
	PASS_UNTIL(heard[false].n == 3);
	assert_int_equal(read(meter, first, sizeof(first)), 3);
	arrives(tool, meter, much, sizeof(much));
	assert_int_equal(heard[false].n, sizeof(much) + 3);
	arrives(meter, tool, much, sizeof(much));
	assert_memory_equal(heard[true].bytes, much, sizeof(much));
}

static void through_another_port(void **state)
{
	char path[64], serve[100];
	int slave;

	(void)state;
	assert_int_equal(openpty(&tool, &slave, path, NULL, NULL), 0);
	fcntl(tool, F_SETFL, O_NONBLOCK);
	snprintf(serve, sizeof(serve), "rtu:%s?baud=19200", path);
	stand_before_port(serve);
	snprintf(serve, sizeof(serve), "port %s at 19200 8N1", path);
	assert_string_equal(between_where(between), serve);
	says(tool, meter, "request");
	says(meter, tool, "reply");
	close(slave);
}

/* ---- coming and going --------------------------------------------------------------- */

static void nobody_gets_the_reply_to_another(void **state)
{
	(void)state;
	stand_before_port("pty");
	tool = come_by_pty(B9600);
	says(tool, meter, "one");
	shut(&tool);
	assert_int_equal(write(meter, "late", 4), 4);
	PASS_UNTIL(heard[true].n == 4);
	tool = come_by_pty(B9600);
	says(tool, meter, "two");
	says(meter, tool, "reply");
}

static void what_was_said_at_last_goes_on(void **state)
{
	char got[8];

	(void)state;
	stand_before_port("pty");
	tool = come_by_pty(B9600);
	assert_int_equal(write(tool, "last", 4), 4);
	shut(&tool);
	PASS_UNTIL(heard[false].n == 4);
	assert_int_equal(read(meter, got, sizeof(got)), 4);
}

/* TOOL goes with more unread than is kept for it. */
static void leaves_without_reading(void)
{
	static const uint8_t much[BETWEEN_LUMP];
	size_t sent = 0;

	says(tool, meter, "request");
	for (int quiet = 0; quiet < 5; quiet++) {
		ssize_t n = write(meter, much, sizeof(much));

		sent += n > 0 ? (size_t)n : 0;
		pass_for(n > 0 ? 50 : STEP_US);
		quiet = n > 0 ? 0 : quiet;
	}
	assert_true(heard[true].n < sent);
	shut(&tool);
	PASS_UNTIL(heard[true].n == sent);
}

static void who_does_not_read_holds_up_nobody_else(void **state)
{
	(void)state;
	stand_before_port("pty");
	tool = come_by_pty(B9600);
	leaves_without_reading();
	tool = come_by_pty(B9600);
	says(tool, meter, "another");
	says(meter, tool, "reply");
}

static void nor_does_a_client(void **state)
{
	(void)state;
	stand_before_port("tcp:0");
	tool = come_by_tcp();
	leaves_without_reading();
	tool = come_by_tcp();
	says(tool, meter, "another");
	says(meter, tool, "reply");
}

static void one_client_at_a_time(void **state)
{
	char byes[8];
	int second;

	(void)state;
	stand_before_port("tcp:127.0.0.1:0");
	tool = come_by_tcp();
	says(tool, meter, "one");
	second = come_by_tcp();
	PASS_UNTIL(unit_readable(second, 0));
	assert_int_equal(read_end(second), 0);
	close(second);
	says(meter, tool, "still here");
	/* and again, after the first has gone */
	assert_int_equal(write(tool, "bye", 3), 3);
	shut(&tool);
	tool = come_by_tcp();
	PASS_UNTIL(heard[false].n == 6);
	assert_int_equal(read(meter, byes, sizeof(byes)), 3);
	says(tool, meter, "two");
}

static void a_client_that_comes_again(void **state)
{
	(void)state;
	stand_before_port("tcp:0");
	for (int i = 0; i < 5; i++) {
		tool = come_by_tcp();
		says(tool, meter, "request");
		says(meter, tool, "reply");
		shut(&tool);
	}
	assert_int_equal(heard[false].n, 5 * 7);
}

static void who_sends_no_more_still_gets_his_reply(void **state)
{
	(void)state;
	stand_before_port("tcp:0");
	tool = come_by_tcp();
	says(tool, meter, "request");
	shutdown(tool, SHUT_WR);
	for (int i = 0; i < 5; i++)
		pass();
	says(meter, tool, "reply");
	/* which keeps nobody else out */
	close(tool);
	tool = come_by_tcp();
	says(tool, meter, "another");
}

/* ---- the owner's own turn ------------------------------------------------------------ */

static void lent_when_it_is_quiet(void **state)
{
	struct err e = { 0 };
	int rc = 0;

	(void)state;
	stand_before_port("pty");
	tool = come_by_pty(B9600);
	says(tool, meter, "one");
	/* not within a time that is shorter than the silence */
	assert_int_equal(between_lend(between, 3600 * 1000000LL, time_mono_us() + STEP_US, hear, &heard, &e), 0);
	says(meter, tool, "reply");
	UNIT_UNTIL(rc == 1, rc = between_lend(between, 10000, time_mono_us() + STEP_US, hear, &heard, &e),
		   print_message("# it is never quiet: %s\n", e.text));
	assert_int_equal(rc, 1);
	/* the port is free, what the tool says waits */
	assert_int_equal(write(tool, "two", 3), 3);
	assert_int_equal(read_end(meter), -1);
	assert_int_equal(between_resume(between, &e), 0);
	PASS_UNTIL(heard[false].n == 6);
	says(meter, tool, "reply");
}

static void a_cancel_ends_it(void **state)
{
	struct err e = { 0 };

	(void)state;
	stand_before_port("pty");
	cancel_raise(cancel_fd);
	assert_int_equal(between_run(between, INT64_MAX, hear, &heard, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
}

/* ---- what is lost --------------------------------------------------------------------- */

static void the_meter_is_unplugged(void **state)
{
	struct err e = { 0 };

	(void)state;
	stand_before_port("pty");
	shut(&meter);
	assert_int_equal(between_run(between, INT64_MAX, hear, &heard, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_non_null(strstr(e.text, "port of the meter lost: '/dev/pts/"));
}

/* A meter behind a connection: LISTENING takes it. */
static void stand_before_server(const char *scheme)
{
	char text[64];
	struct err e = { 0 };
	int port = 0;

	listening = sock_listen("127.0.0.1", &port, &e);
	assert_true(listening >= 0);
	snprintf(text, sizeof(text), "%s:127.0.0.1:%d", scheme, port);
	stand(text, "tcp:0");
	assert_true(unit_readable(listening, UNIT_PATIENCE_MS));
	meter = sock_accept(listening);
	assert_true(meter >= 0);
}

static void the_serial_server_hangs_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	stand_before_server("rtutcp");
	tool = come_by_tcp();
	says(tool, meter, "request");
	says(meter, tool, "reply");
	shut(&meter);
	assert_int_equal(between_run(between, INT64_MAX, hear, &heard, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_non_null(strstr(e.text, "connection to the meter lost: '127.0.0.1' port "));
}

/* ---- Modbus TCP ------------------------------------------------------------------------- */

static void modbus_tcp_is_heard_as_rtu(void **state)
{
	static const uint8_t request[] = { 0, 7, 0, 0, 0, 6, 1, 3, 0, 0x14, 0, 2 };
	static const uint8_t reply[] = { 0, 7, 0, 0, 0, 7, 1, 3, 4, 8, 0xFD, 8, 0xF0 };
	static const uint8_t too_long[] = { 0, 7, 0, 0, 1, 0, 1, 3 };
	uint8_t frame[32];

	(void)state;
	stand_before_server("tcp");
	tool = come_by_tcp();
	/* in two parts, and two at once */
	arrives(tool, meter, request, 5);
	assert_int_equal(heard[false].n, 0);
	arrives(tool, meter, request + 5, sizeof(request) - 5);
	memcpy(frame, request + 6, 6);
	assert_int_equal(heard[false].n, crc16_append(frame, 6));
	assert_memory_equal(heard[false].bytes, frame, 8);
	memcpy(frame, reply, sizeof(reply));
	memcpy(frame + sizeof(reply), reply, sizeof(reply));
	arrives(meter, tool, frame, 2 * sizeof(reply));
	memcpy(frame, reply + 6, 7);
	assert_int_equal(heard[true].n, 2 * crc16_append(frame, 7));
	assert_memory_equal(heard[true].bytes + 9, frame, 9);
	/* what is none is passed on, and does not stop what follows */
	says(tool, meter, "GET / HTTP/1.0\r\n\r\n");
	arrives(tool, meter, too_long, sizeof(too_long));
	assert_int_equal(heard[false].n, 8);
	arrives(tool, meter, request, sizeof(request));
	assert_int_equal(heard[false].n, 16);
}

/* ---- where one cannot stand ----------------------------------------------------------------- */

static void refused(const char *text, const char *serve, const char *words)
{
	struct target t = target_of(text);
	struct err e = { 0 };

	if (between_open(&between, &t, serve, cancel_fd, &e) == 0)
		fail_msg("'%s' with '%s' is taken", text, serve);
	assert_int_equal(e.code, ERR_USAGE);
	if (!strstr(e.text, words))
		fail_msg("no '%s' in: %s", words, e.text);
}

static void where_one_cannot_stand(void **state)
{
	char text[100];

	(void)state;
	wire_meter(text, sizeof(text));
	refused("tcp:127.0.0.1", "pty", "Modbus TCP: cannot serve it as 'pty' (use tcp:[ADDR:]PORT");
	refused("rtuudp:127.0.0.1:502", "pty", "needs rtu:, rtutcp: or tcp:");
	refused("sim:", "pty", "use simulate --pty");
	refused("mqtt://127.0.0.1", "pty", "needs rtu:");
	refused(text, "ptz", "cannot serve 'ptz'");
	refused(text, "tcp:", "cannot serve 'tcp:'");
	refused(text, "tcp:70000", "cannot serve");
	refused(text, "tcp:here:5", "not an IP address");
	refused(text, "tcp:127.0.0.1", "cannot serve");
	refused(text, "rtutcp:127.0.0.1:1", "cannot serve");
	refused(text, text, "is the port of the meter");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(every_byte_both_ways),
		TEST(more_than_either_side_takes),
		TEST(through_another_port),
		TEST(nobody_gets_the_reply_to_another),
		TEST(what_was_said_at_last_goes_on),
		TEST(who_does_not_read_holds_up_nobody_else),
		TEST(nor_does_a_client),
		TEST(one_client_at_a_time),
		TEST(a_client_that_comes_again),
		TEST(who_sends_no_more_still_gets_his_reply),
		TEST(lent_when_it_is_quiet),
		TEST(a_cancel_ends_it),
		TEST(the_meter_is_unplugged),
		TEST(the_serial_server_hangs_up),
		TEST(modbus_tcp_is_heard_as_rtu),
		TEST(where_one_cannot_stand),
	};

	return UNIT_RUN(tests);
}
