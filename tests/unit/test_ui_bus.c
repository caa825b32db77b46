/*
 * The bus thread against the simulated meter: readings arrive, a dead line
 * holds nobody, another meter is taken at once, and leaving is leaving.
 */
#include "base/time.h"
#include "temp.h"
#include "unit.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ui/bus/bus.h"
#include "test_link_slave.h"
#include "ui/stage.h"

static struct ui ui;
static struct ui_loop loop;
static struct trace frames;
static struct bus *bus;
static char journal[TEMP_PATH];

static int start_with(int timeout_ms)
{
	struct link_opts opts = { .timeout_ms = timeout_ms, .retries = -1 };
	struct err e = { 0 };

	frames = (struct trace){ NULL };
	loop = (struct ui_loop){ .shown = 0 };
	ui = (struct ui){ .loop = &loop, .profile = profile_builtin_named("adw300") };
	ui.readings = calloc(ui.profile->npoints, sizeof(*ui.readings));
	ui.changed_us = calloc(ui.profile->npoints, sizeof(*ui.changed_us));
	temp_path(journal, "journal.db");
	bus = bus_new(&opts, &frames, journal, &e);
	if (!bus)
		print_message("# %s\n", e.text);
	return ui.readings && ui.changed_us && bus ? 0 : -1;
}

static int start(void **state)
{
	(void)state;
	return start_with(0);
}

/* A line without an answer, and a host that does not take a connection, are waited for
 * until they are left. */
static int start_patient(void **state)
{
	(void)state;
	return start_with(UNIT_FOR_EVER_MS);
}

/* Its thread has ended, and no other test meets it. */
static int stop(void **state)
{

	(void)state;
	if (!bus_free(bus, UNIT_PATIENCE_MS)) {
		print_message("# the thread of the bus has not ended\n");
		return -1;
	}
	free(ui.readings);
	free(ui.changed_us);
	free(ui.frames);
	job_release(&ui.job);
	job_release(&ui.journal);
	job_release(&ui.checklist);
	temp_remove();
	return 0;
}

/* Takes what has come, or comes in a moment. */
static void take(void)
{
	unit_readable(bus_fd(bus), 20);
	ui.now_us = time_mono_us();
	bus_take(bus, &ui, stage_job);
}

static void tell(void)
{
	print_message("# line %d '%s', broker %d, %zu frames, work %d: busy %d, rc %d '%s'\n", ui.line,
		      ui.reason, ui.uplink.up, ui.nframes, ui.job.kind, ui.job.busy, ui.job.rc,
		      ui.job.err.text);
}

#define UNTIL(condition) UNIT_UNTIL(condition, take(), tell())

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

/* The state it is in once all that has come is taken; what it was before does not count. */
static void until(enum line_state line)
{
	bus_take(bus, &ui, stage_job);
	UNTIL(ui.line == line);
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
	assert_true(ui.live_us > 0);
}

/* Other points are read without waiting for the pause between rounds. */
static void test_want(void **state)
{
	uint16_t idx = (uint16_t)profile_find(ui.profile, "voltage.b");

	(void)state;
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	bus_want(bus, &idx, 1);
	UNTIL(reading("voltage.b")->quality == QUALITY_OK);
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
	char target[160];

	(void)state;
	slave_pty(&s);
	snprintf(target, sizeof(target), "rtu:%s?unit=0", s.path);
	assert_int_equal(target_parse(target, &ui.target, NULL), 0);
	connect_to(target, "voltage.a");
	UNTIL(ui.target.unit != 0);
	assert_int_equal(ui.target.unit, 17);
	assert_non_null(strstr(ui.message, "unit address 17"));
	assert_non_null(strstr(ui.target.text, "unit=17"));
	UNTIL(ui.line == LINE_LIVE);
	slave_stop(&s);
}

#define FROM 0x14
#define GIVES 20		/* registers a read */

static void gives_few(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (slave_count(pdu) > GIVES)
		slave_exception(s, pdu, 3);
	else
		slave_good(s, pdu);
}

/* What was learned about a meter is shown once. */
static void test_learned(void **state)
{
	struct slave s = { .serve = gives_few };
	char target[160];
	uint16_t idx[60];
	size_t n = 0;
	unsigned then;

	(void)state;
	for (size_t i = 0; i < ui.profile->npoints && n < 60; i++)
		if (ui.profile->points[i].addr >= FROM && ui.profile->points[i].addr < FROM + 2 * GIVES)
			idx[n++] = (uint16_t)i;
	slave_pty(&s);
	snprintf(target, sizeof(target), "rtu:%s", s.path);
	connect_to(target, "voltage.a");
	bus_want(bus, idx, n);
	UNTIL(strstr(ui.message, "this meter answers at most"));
	ui.message[0] = '\0';
	then = atomic_load(&s.requests);
	UNTIL(atomic_load(&s.requests) > then + 20);
	assert_string_equal(ui.message, "");
	slave_stop(&s);
}

static void test_dead(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
	until(LINE_SILENT);
	assert_true(ui.reason[0]);
	assert_int_equal(reading("voltage.a")->quality, QUALITY_NEVER);
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	assert_string_equal(ui.reason, "");
}

/* The round under way is given up for another meter. */
static void test_dead_is_left(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
	UNTIL(ui.nframes == 1);
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
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

/* A host that does not take the connection. */
struct deaf {
	int fd, full[2], port;
	int before;		/* attempts that are none of the bus's */
	char target[48];
};

/* How many sockets try to connect to that port just now. */
static int attempts(int port)
{
	FILE *f = fopen("/proc/net/tcp", "r");
	unsigned to, state;
	char line[256];
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		n += sscanf(line, " %*d: %*8x:%*x %*8x:%x %x", &to, &state) == 2
		     && (int)to == port && state == TCP_SYN_SENT;
	fclose(f);
	return n;
}

static void deaf_open(struct deaf *d)
{
	struct sockaddr_in here;

	d->fd = listen_here(&here, 0);
	/* its queue of one is full: a further connection waits for seconds */
	for (int i = 0; i < 2; i++) {
		d->full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(d->full[i], (struct sockaddr *)&here, sizeof(here));
	}
	d->port = ntohs(here.sin_port);
	d->before = attempts(d->port);
	snprintf(d->target, sizeof(d->target), "tcp:127.0.0.1:%d", d->port);
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

	(void)state;
	deaf_open(&d);
	connect_to(d.target, "voltage.a");
	UNTIL(attempts(d.port) > d.before);
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
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
	struct job rows = { .kind = JOB_JOURNAL, .busy = true };
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
	UNTIL(ui.uplink.up);
	deaf_open(&d);
	connect_to(d.target, "voltage.a");
	UNTIL(attempts(d.port) > d.before);
	assert_int_equal(bus_job(bus, &rows, &e), 0);
	until(LINE_SILENT);
	if (strstr(ui.reason, "interrupted"))
		fail_msg("%s", ui.reason);
	deaf_close(&d);
	shutdown(broker, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(broker);
}

static void test_leave_at_once(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
}

static void test_leave_a_dead_line(void **state)
{
	(void)state;
	connect_to("sim:dead", "voltage.a");
	UNTIL(ui.nframes == 1);
}

/* ---- work ---------------------------------------------------------------- */

static void ask(enum job_kind kind, const char *key, const char *text)
{
	const struct plan_policy policy = { .simulated = true };
	struct err e = { 0 };

	if (kind == JOB_LOOK) {
		plan_release(&ui.job.plan);
		plan_init(&ui.job.plan, ui.profile, &policy);
		assert_int_equal(plan_add(&ui.job.plan, key, text, &e), 0);
	}
	ui.job.kind = kind;
	ui.job.serial++;
	ui.job.busy = true;
	assert_int_equal(bus_job(bus, &ui.job, &e), 0);
}

static void until_done(void)
{
	UNTIL(!ui.job.busy);
}

static void ask_checklist(bool record)
{
	struct job w = { .kind = JOB_CHECKLIST, .busy = true, .serial = ++ui.checklist.serial, .record = record };
	struct err e = { 0 };

	doctor_options_init(&w.report.doctor);
	if (record)
		snprintf(w.report.nameplate_ct, sizeof(w.report.nameplate_ct), "200/5");
	ui.checklist.busy = true;
	assert_int_equal(bus_job(bus, &w, &e), 0);
	UNTIL(!ui.checklist.busy);
	assert_int_equal(ui.checklist.rc, 0);
}

static enum checklist_state item_state(enum checklist_id id)
{
	assert_int_equal(ui.checklist.checklist.items[id].id, id);
	return ui.checklist.checklist.items[id].state;
}

static bool checklist_wants(const char *key)
{
	for (size_t i = 0; i < ui.checklist.nwant; i++)
		if (ui.checklist.want[i] == profile_find(ui.profile, key))
			return true;
	return false;
}

static bool checklist_reads(void)
{
	for (size_t i = 0; i < ui.checklist.nwant; i++)
		if (ui.readings[ui.checklist.want[i]].quality == QUALITY_NEVER)
			return true;
	return false;
}

/* What is done, from what the screens have had read: it reads nothing itself, and says what it wants. */
static void test_checklist(void **state)
{
	(void)state;
	connect_to("sim:frozen,seed=1", "voltage.a");
	until(LINE_LIVE);
	ask_checklist(false);
	assert_int_equal(ui.checklist.checklist.n, CHECKLIST_IDS);
	assert_int_equal(item_state(CHECKLIST_FOUND), CHECKLIST_DONE);
	assert_int_equal(item_state(CHECKLIST_CLOCK), CHECKLIST_OPEN);
	assert_true(checklist_wants("clock") && checklist_wants("ratio.ct"));
	bus_want(bus, ui.checklist.want, ui.checklist.nwant);
	UNTIL(!checklist_reads());
	ask_checklist(false);
	assert_int_not_equal(item_state(CHECKLIST_CLOCK), CHECKLIST_OPEN);
	assert_int_equal(item_state(CHECKLIST_RATIOS), CHECKLIST_OPEN);
	/* what is said is kept */
	ask_checklist(true);
	assert_int_equal(item_state(CHECKLIST_RATIOS), CHECKLIST_DONE);
	ask_checklist(false);
	assert_int_equal(item_state(CHECKLIST_RATIOS), CHECKLIST_DONE);
}

/* Looked at, written, verified, and in the journal; readings go on. */
static void test_write(void **state)
{
	struct job rows = { .kind = JOB_JOURNAL, .busy = true };
	struct err e = { 0 };

	(void)state;
	connect_to("sim:frozen,seed=1", "ratio.ct");
	until(LINE_LIVE);
	ask(JOB_LOOK, "ratio.ct", "60");
	until_done();
	assert_int_equal(ui.job.rc, 0);
	assert_int_equal(ui.job.plan.steps[0].state, STEP_PLANNED);
	assert_int_equal((int)ui.job.plan.steps[0].before.num, 40);
	ask(JOB_APPLY, NULL, NULL);
	until_done();
	assert_int_equal(ui.job.rc, 0);
	assert_int_equal(ui.job.plan.steps[0].state, STEP_VERIFIED);
	assert_false(ui.job.moved);
	UNTIL((int)reading("ratio.ct")->value.num == 60);
	ui.journal = rows;
	assert_int_equal(bus_job(bus, &rows, &e), 0);
	UNTIL(!ui.journal.busy);
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
	ask(JOB_LOOK, "ratio.ct", "60");
	until_done();
	assert_int_equal(ui.job.rc, -1);
	assert_true(ui.job.err.text[0]);
	/* without a meter it is said at once */
	connect_to("rtu:/dev/no-such-port", "voltage.a");
	until(LINE_SILENT);
	ask(JOB_LOOK, "ratio.ct", "60");
	until_done();
	assert_non_null(strstr(ui.job.err.text, "there is no meter"));
}

/* While a write is under way another meter is not taken. */
static void test_write_holds(void **state)
{
	const struct profile *other;
	struct err e = { 0 };
	struct target t;

	(void)state;
	/* its exchanges take a second each: there is time to ask for something else */
	connect_to("sim:frozen,seed=1,late=1000", "ratio.ct");
	until(LINE_LIVE);
	ask(JOB_LOOK, "ratio.ct", "60");
	until_done();
	ask(JOB_APPLY, NULL, NULL);
	assert_int_equal(target_parse("sim:", &t, &e), 0);
	/* the thread takes it up within its round */
	UNTIL(!ui.job.busy || bus_job(bus, &ui.job, &e) == -1);
	assert_true(ui.job.busy);
	other = profile_open("adw300", &e);
	assert_int_equal(bus_connect(bus, other, &t, NULL, &e), -1);
	profile_free(other);
	until_done();
	assert_int_equal(ui.job.plan.steps[0].state, STEP_VERIFIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_live, start, stop),
		cmocka_unit_test_setup_teardown(test_want, start, stop),
		cmocka_unit_test_setup_teardown(test_found, start, stop),
		cmocka_unit_test_setup_teardown(test_learned, start, stop),
		cmocka_unit_test_setup_teardown(test_dead, start, stop),
		cmocka_unit_test_setup_teardown(test_dead_is_left, start_patient, stop),
		cmocka_unit_test_setup_teardown(test_no_port, start, stop),
		cmocka_unit_test_setup_teardown(test_hasty, start, stop),
		cmocka_unit_test_setup_teardown(test_hanging_connect, start_patient, stop),
		cmocka_unit_test_setup_teardown(test_asked_while_connecting, start, stop),
		cmocka_unit_test_setup_teardown(test_leave_at_once, start_patient, stop),
		cmocka_unit_test_setup_teardown(test_leave_a_dead_line, start_patient, stop),
		cmocka_unit_test_setup_teardown(test_write, start, stop),
		cmocka_unit_test_setup_teardown(test_checklist, start, stop),
		cmocka_unit_test_setup_teardown(test_look_dead, start, stop),
		cmocka_unit_test_setup_teardown(test_write_holds, start_patient, stop),
	};

	return UNIT_RUN(tests);
}
