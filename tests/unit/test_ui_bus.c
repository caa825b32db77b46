/*
 * The bus thread against the simulated meter: readings arrive, a dead line
 * holds nobody, another meter is taken at once, and leaving is leaving.
 */
#include "unit.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../ui/bus.h"
#include "test_link_slave.h"
#include "../../ui/stage.h"

#define SECOND 1000000LL

static struct ui ui;
static struct ui_loop loop;
static struct trace frames;
static struct bus *bus;
static char journal[64];

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
	snprintf(journal, sizeof(journal), "/tmp/meterctl-test-bus-%d.db", (int)getpid());
	bus = bus_new(&opts, &frames, journal, &e);
	return ui.readings && ui.changed_us && bus ? 0 : -1;
}

static int stop(void **state)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	int64_t began = time_mono_us();

	(void)state;
	bus_free(bus);
	assert_true(time_mono_us() - began < SECOND);
	free(ui.readings);
	free(ui.changed_us);
	free(ui.frames);
	work_release(&ui.work);
	work_release(&ui.journal);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char path[80];

		snprintf(path, sizeof(path), "%s%s", journal, endings[i]);
		unlink(path);
	}
	return 0;
}

static void connect_to(const char *target, const char *key)
{
	uint16_t idx = (uint16_t)profile_find(ui.profile, key);
	struct target t;
	struct err e = { 0 };

	assert_int_equal(target_parse(target, &t, &e), 0);
	assert_int_equal(bus_connect(bus, profile_open("adw300", &e), &t, NULL, &e), 0);
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

/* A meter at 17 that replies to unit 0, too. */
static void replies_to_all(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	uint8_t own[6];

	(void)nth;
	memcpy(own, pdu, sizeof(own));
	own[0] = 17;
	if (pdu[0] == 0 || pdu[0] == 17)
		slave_good(s, own);
}

/* Unit 0 leads to the meter's own address, once, and the screens have it. */
static void test_found(void **state)
{
	struct slave s = { .serve = replies_to_all };
	struct pollfd fd = { .events = POLLIN };
	int64_t end = time_mono_us() + 10 * SECOND;
	char target[160];

	(void)state;
	slave_pty(&s);
	snprintf(target, sizeof(target), "rtu:%s?unit=0", s.path);
	assert_int_equal(target_parse(target, &ui.target, NULL), 0);
	connect_to(target, "voltage.a");
	fd.fd = bus_fd(bus);
	while (ui.target.unit == 0 && time_mono_us() < end) {
		poll(&fd, 1, 100);
		bus_take(bus, &ui);
	}
	assert_int_equal(ui.target.unit, 17);
	assert_non_null(strstr(ui.message, "unit address 17"));
	assert_non_null(strstr(ui.target.text, "unit=17"));
	until(LINE_LIVE);
	bus_free(bus);
	bus = NULL;
	slave_stop(&s);
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
	assert_true(time_mono_us() - began < 2 * SECOND);
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

/* A port of 127.0.0.1 that listens, in *HERE. */
static int listen_here(struct sockaddr_in *here, int backlog)
{
	socklen_t len = sizeof(*here);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*here = (struct sockaddr_in){ .sin_family = AF_INET };
	here->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)here, sizeof(*here)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	getsockname(fd, (struct sockaddr *)here, &len);
	return fd;
}

/* A host that never takes the connection. */
struct deaf {
	int fd, full[2];
	char target[48];
};

static void deaf_open(struct deaf *d)
{
	struct sockaddr_in here;

	d->fd = listen_here(&here, 0);
	/* its queue of one is full: a further connection waits for seconds */
	for (int i = 0; i < 2; i++) {
		d->full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(d->full[i], (struct sockaddr *)&here, sizeof(here));
	}
	snprintf(d->target, sizeof(d->target), "tcp:127.0.0.1:%d", ntohs(here.sin_port));
}

static void deaf_close(struct deaf *d)
{
	for (int i = 0; i < 2; i++)
		close(d->full[i]);
	close(d->fd);
}

/* ... left for a meter that answers. */
static void test_hanging_connect(void **state)
{
	struct deaf d;
	int64_t began;

	(void)state;
	deaf_open(&d);
	connect_to(d.target, "voltage.a");
	until(LINE_CONNECTING);
	began = time_mono_us();
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	assert_true(time_mono_us() - began < 2 * SECOND);
	deaf_close(&d);
}

/* As much of a broker as a meter that says nothing needs: yes to a login and to
 * subscriptions, until its listening socket is shut down. */
static void *serve_broker(void *arg)
{
	int listener = *(int *)arg, fd;
	uint8_t head[2], body[256];

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		while (recv(fd, head, 2, MSG_WAITALL) == 2 && head[1] < 128
		       && recv(fd, body, head[1], MSG_WAITALL) == head[1]) {
			const uint8_t connack[] = { 0x20, 2, 0, 0 }, suback[] = { 0x90, 3, body[0], body[1], 1 };

			if (head[0] == 0x10)
				send(fd, connack, sizeof(connack), MSG_NOSIGNAL);
			else if (head[0] == 0x82)
				send(fd, suback, sizeof(suback), MSG_NOSIGNAL);
		}
		close(fd);
	}
	return NULL;
}

/* A meter behind a broker, left for one that is still being connected to: what is asked
 * for meanwhile waits, and does not end the attempt. */
static void test_asked_while_connecting(void **state)
{
	struct work rows = { .kind = WORK_JOURNAL, .busy = true };
	struct sockaddr_in here;
	struct err e = { 0 };
	char target[64];
	pthread_t thread;
	struct deaf d;
	int broker = listen_here(&here, 4);

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, serve_broker, &broker), 0);
	snprintf(target, sizeof(target), "mqtt://127.0.0.1:%d/1?dialect=json-v2", ntohs(here.sin_port));
	connect_to(target, "voltage.a");
	for (int i = 0; i < 100 && !ui.uplink.up; i++) {
		struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };

		poll(&fd, 1, 100);
		bus_take(bus, &ui);
	}
	assert_true(ui.uplink.up);
	deaf_open(&d);
	connect_to(d.target, "voltage.a");
	/* the thread has left the broker when that has been shut out */
	shutdown(broker, SHUT_RDWR);
	pthread_join(thread, NULL);
	assert_int_equal(bus_work(bus, &rows, &e), 0);
	until(LINE_CONNECTING);
	until(LINE_SILENT);
	assert_null(strstr(ui.reason, "interrupted"));
	deaf_close(&d);
	close(broker);
}

static void test_leave_at_once(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
}

/* ---- work ---------------------------------------------------------------- */

static void ask(enum work_kind kind, const char *key, const char *text)
{
	const struct plan_policy policy = { .simulated = true };
	struct err e = { 0 };

	if (kind == WORK_LOOK) {
		plan_release(&ui.work.plan);
		plan_init(&ui.work.plan, ui.profile, &policy);
		assert_int_equal(plan_wish(&ui.work.plan, key, text, &e), 0);
	}
	ui.work.kind = kind;
	ui.work.serial++;
	ui.work.busy = true;
	assert_int_equal(bus_work(bus, &ui.work, &e), 0);
}

static void until_done(void)
{
	struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };
	int64_t end = time_mono_us() + 10 * SECOND;

	while (ui.work.busy && time_mono_us() < end) {
		poll(&fd, 1, 100);
		bus_take(bus, &ui);
	}
	assert_false(ui.work.busy);
}

/* Looked at, written, verified, and in the journal; readings go on. */
static void test_write(void **state)
{
	struct work rows = { .kind = WORK_JOURNAL, .busy = true };
	struct err e = { 0 };

	(void)state;
	connect_to("sim:frozen,seed=1", "ratio.ct");
	until(LINE_LIVE);
	ask(WORK_LOOK, "ratio.ct", "60");
	until_done();
	assert_int_equal(ui.work.rc, 0);
	assert_int_equal(ui.work.plan.steps[0].state, STEP_PLANNED);
	assert_int_equal((int)ui.work.plan.steps[0].before.num, 40);
	ask(WORK_APPLY, NULL, NULL);
	until_done();
	assert_int_equal(ui.work.rc, 0);
	assert_int_equal(ui.work.plan.steps[0].state, STEP_VERIFIED);
	assert_false(ui.work.moved);
	for (int i = 0; i < 50 && reading("ratio.ct")->value.num < 59; i++) {
		struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };

		poll(&fd, 1, 100);
		bus_take(bus, &ui);
	}
	assert_int_equal((int)reading("ratio.ct")->value.num, 60);
	ui.journal = rows;
	assert_int_equal(bus_work(bus, &rows, &e), 0);
	for (int i = 0; i < 50 && ui.journal.busy; i++) {
		struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };

		poll(&fd, 1, 100);
		bus_take(bus, &ui);
	}
	assert_int_equal(ui.journal.rc, 0);
	assert_true(ui.journal.nrows >= 1);
	assert_string_equal(ui.journal.rows[ui.journal.nrows - 1].state, "verified");
}

/* A round under way on a silent line is no reason to wait. */
static void test_look_dead(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
	until(LINE_SILENT);
	ask(WORK_LOOK, "ratio.ct", "60");
	until_done();
	assert_int_equal(ui.work.rc, -1);
	assert_true(ui.work.err.text[0]);
	/* without a meter it is said at once */
	connect_to("rtu:/dev/no-such-port", "voltage.a");
	until(LINE_SILENT);
	ask(WORK_LOOK, "ratio.ct", "60");
	until_done();
	assert_non_null(strstr(ui.work.err.text, "there is no meter"));
}

/* While a write is under way another meter is not taken. */
static void test_write_holds(void **state)
{
	const struct profile *other;
	struct err e = { 0 };
	struct target t;
	int rc = 0;

	(void)state;
	connect_to("sim:frozen,seed=1,late=300", "ratio.ct");
	until(LINE_LIVE);
	ask(WORK_LOOK, "ratio.ct", "60");
	until_done();
	ask(WORK_APPLY, NULL, NULL);
	assert_int_equal(target_parse("sim:", &t, &e), 0);
	/* the thread takes it up within its round */
	for (int i = 0; i < 100 && rc == 0; i++) {
		struct pollfd fd = { .fd = bus_fd(bus), .events = POLLIN };

		poll(&fd, 1, 20);
		if (ui.nframes == 0 || !ui.work.busy)
			break;
		bus_take(bus, &ui);
		rc = bus_work(bus, &ui.work, &e);
	}
	assert_int_equal(rc, -1);
	other = profile_open("adw300", &e);
	assert_int_equal(bus_connect(bus, other, &t, NULL, &e), -1);
	profile_free(other);
	until_done();
	assert_int_equal(ui.work.plan.steps[0].state, STEP_VERIFIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_live, start, stop),
		cmocka_unit_test_setup_teardown(test_want, start, stop),
		cmocka_unit_test_setup_teardown(test_found, start, stop),
		cmocka_unit_test_setup_teardown(test_dead, start, stop),
		cmocka_unit_test_setup_teardown(test_no_port, start, stop),
		cmocka_unit_test_setup_teardown(test_hasty, start, stop),
		cmocka_unit_test_setup_teardown(test_hanging_connect, start, stop),
		cmocka_unit_test_setup_teardown(test_asked_while_connecting, start, stop),
		cmocka_unit_test_setup_teardown(test_leave_at_once, start, stop),
		cmocka_unit_test_setup_teardown(test_write, start, stop),
		cmocka_unit_test_setup_teardown(test_look_dead, start, stop),
		cmocka_unit_test_setup_teardown(test_write_holds, start, stop),
	};

	return UNIT_RUN(tests);
}
