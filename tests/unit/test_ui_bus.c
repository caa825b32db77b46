/*
 * The bus thread against the simulated meter: readings arrive, a dead line
 * holds nobody, another meter is taken at once, and leaving is leaving.
 */
#include "unit.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../ui/bus.h"
#include "../../ui/stage.h"

#define SECOND 1000000LL

static struct ui ui;
static struct ui_loop loop;
static struct trace frames;
static struct bus *bus;

static int start(void **state)
{
	struct link_opts opts = { .retries = -1 };
	struct err e = { 0 };

	(void)state;
	frames = (struct trace){ NULL };
	loop = (struct ui_loop){ .shown = 0 };
	ui = (struct ui){ .loop = &loop, .profile = profile_builtin_named("adw300") };
	ui.readings = calloc(ui.profile->npoints, sizeof(*ui.readings));
	ui.changed_us = calloc(ui.profile->npoints, sizeof(*ui.changed_us));
	bus = bus_new(&opts, &frames, NULL, &e);
	return ui.readings && ui.changed_us && bus ? 0 : -1;
}

static int stop(void **state)
{
	int64_t began = time_mono_us();

	(void)state;
	bus_free(bus);
	assert_true(time_mono_us() - began < SECOND / 2);
	free(ui.readings);
	free(ui.changed_us);
	free(ui.frames);
	return 0;
}

static void connect_to(const char *target, const char *key)
{
	uint16_t idx = (uint16_t)profile_find(ui.profile, key);
	struct target t;
	struct err e = { 0 };

	assert_int_equal(target_parse(target, &t, &e), 0);
	assert_int_equal(bus_connect(bus, profile_open("adw300", &e), &t, &e), 0);
	bus_want(bus, &idx, 1);
}

static const struct reading *reading(const char *key)
{
	return &ui.readings[profile_find(ui.profile, key)];
}

/* Takes what comes until the line is in that state, ten seconds at most. */
static void until(enum line_state line)
{
	struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };
	int64_t end = time_mono_us() + 10 * SECOND;

	while (ui.line != line && time_mono_us() < end) {
		poll(&fd, 1, 100);
		ui.now_us = time_mono_us();
		bus_take(bus, &ui);
	}
	assert_int_equal(ui.line, line);
}

static void test_live(void **state)
{
	(void)state;
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	assert_int_equal(reading("voltage.a")->quality, QUALITY_OK);
	assert_true(reading("voltage.a")->value.num > 200);
	assert_int_equal(reading("voltage.b")->quality, QUALITY_NEVER);
	assert_true(ui.nframes >= 2);
	assert_int_equal(ui.frames[0].dir, TRACE_OUT);
	assert_int_equal(ui.frames[0].bytes[1], 3);
	assert_true(loop.live_us > 0);
}

/* Other points are read without waiting for the pause between rounds. */
static void test_want(void **state)
{
	uint16_t idx = (uint16_t)profile_find(ui.profile, "voltage.b");
	struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };
	int64_t end;

	(void)state;
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	bus_want(bus, &idx, 1);
	end = time_mono_us() + 5 * SECOND;
	while (reading("voltage.b")->quality != QUALITY_OK && time_mono_us() < end) {
		poll(&fd, 1, 100);
		bus_take(bus, &ui);
	}
	assert_int_equal(reading("voltage.b")->quality, QUALITY_OK);
}

static void test_dead(void **state)
{
	int64_t began;

	(void)state;
	connect_to("sim:dead", "voltage.a");
	until(LINE_SILENT);
	assert_true(ui.reason[0]);
	assert_int_equal(reading("voltage.a")->quality, QUALITY_NEVER);
	/* the round under way is given up for another meter */
	began = time_mono_us();
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	assert_true(time_mono_us() - began < SECOND);
	assert_string_equal(ui.reason, "");
}

static void test_no_port(void **state)
{
	(void)state;
	connect_to("rtu:/dev/no-such-port", "voltage.a");
	until(LINE_SILENT);
	assert_non_null(strstr(ui.reason, "/dev/no-such-port"));
}

/* Meter after meter, faster than any answers: the last one counts. */
static void test_hasty(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++)
		connect_to(i % 3 ? "sim:pace=1200" : "sim:dead", "voltage.a");
	connect_to("sim:frozen,seed=1", "voltage.c");
	until(LINE_LIVE);
	assert_int_equal(reading("voltage.c")->quality, QUALITY_OK);
}

/* A host that never takes the connection, left for a meter that answers. */
static void test_hanging_connect(void **state)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t len = sizeof(here);
	int deaf = socket(AF_INET, SOCK_STREAM, 0), full[2];
	char target[48];
	int64_t began;

	(void)state;
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(deaf, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(listen(deaf, 0), 0);
	getsockname(deaf, (struct sockaddr *)&here, &len);
	/* its queue of one is full: a further connection waits for seconds */
	for (int i = 0; i < 2; i++) {
		full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(full[i], (struct sockaddr *)&here, sizeof(here));
	}
	snprintf(target, sizeof(target), "tcp:127.0.0.1:%d", ntohs(here.sin_port));
	connect_to(target, "voltage.a");
	until(LINE_CONNECTING);
	began = time_mono_us();
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	assert_true(time_mono_us() - began < 2 * SECOND);
	for (int i = 0; i < 2; i++)
		close(full[i]);
	close(deaf);
}

static void test_leave_at_once(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_live, start, stop),
		cmocka_unit_test_setup_teardown(test_want, start, stop),
		cmocka_unit_test_setup_teardown(test_dead, start, stop),
		cmocka_unit_test_setup_teardown(test_no_port, start, stop),
		cmocka_unit_test_setup_teardown(test_hasty, start, stop),
		cmocka_unit_test_setup_teardown(test_hanging_connect, start, stop),
		cmocka_unit_test_setup_teardown(test_leave_at_once, start, stop),
	};

	return UNIT_RUN(tests);
}
