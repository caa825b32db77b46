/*
 * A command in a thread of its own and the bus, which lends it the open link: one after
 * another has the meter, questions wait, and an interrupt reaches whoever waits for what.
 */
#include "temp.h"
#include "unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "ui/bus/bus.h"
#include "ui/bus/running.h"
#include "ui/stage.h"

static struct ui ui;
static struct ui_loop loop;
static struct trace frames;
static struct bus *bus;
static char journal[TEMP_PATH], sim[] = "sim:seed=1";
/* what the last command printed, how it ended */
static char *printed;
static size_t nprinted;
static struct running_news news;

static int start(void **state)
{
	struct link_opts opts = { .retries = -1 };
	struct err e = { 0 };
	struct target t;

	(void)state;
	frames = (struct trace){ NULL };
	loop = (struct ui_loop){ .shown = 0 };
	ui = (struct ui){ .loop = &loop, .profile = profile_builtin_named("adw300") };
	ui.readings = calloc(ui.profile->npoints, sizeof(*ui.readings));
	ui.changed_us = calloc(ui.profile->npoints, sizeof(*ui.changed_us));
	temp_path(journal, "journal.db");
	bus = bus_new(&opts, &frames, journal, &e);
	if (!bus || target_parse(sim, &t, &e)
	    || bus_connect(bus, profile_open("adw300", &e), &t, NULL, &e))
		return -1;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(printed);
	printed = NULL;
	nprinted = 0;
	if (!bus_free(bus, UNIT_PATIENCE_MS))
		return -1;
	free(ui.readings);
	free(ui.changed_us);
	free(ui.frames);
	temp_remove();
	return 0;
}

static void take_bus(void)
{
	ui.now_us = time_mono_us();
	bus_take(bus, &ui, stage_job);
}

static void until_live(void)
{
	static const uint16_t first[] = { 0 };

	bus_want(bus, first, 1);
	while (ui.line != LINE_LIVE) {
		unit_readable(bus_fd(bus), 100);
		take_bus();
	}
}

/* LINE, words parted by one space, at the meter of the bus. */
static struct running *begin(const char *line)
{
	const struct running_place place = { .bus = bus };
	char copy[200], *argv[16], *save = NULL;
	struct running *r;
	struct err e = { 0 };
	struct app a;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	app_init(&a);
	a.settled = true;	/* as that of the screens, whose command line has been read */
	a.connect = sim;
	a.journal = journal;
	r = running_new(&a, argc, argv, &e);
	assert_non_null(r);
	assert_int_equal(running_start(r, &place, &e), 0);
	free(printed);
	printed = NULL;
	nprinted = 0;
	return r;
}

static void take(struct running *r)
{
	char *more;

	unit_readable(running_fd(r), 100);
	running_take(r, &news);
	more = realloc(printed, nprinted + news.n + 1);
	assert_non_null(more);
	printed = more;
	if (news.n)
		memcpy(printed + nprinted, news.text, news.n);
	nprinted += news.n;
	printed[nprinted] = '\0';
	free(news.text);
	take_bus();
}

/* To its end, and freed. */
static int end(struct running *r)
{
	do
		take(r);
	while (!news.ended);
	assert_true(running_free(r, UNIT_PATIENCE_MS));
	return news.status;
}

static bool has(const char *text)
{
	return printed && strstr(printed, text);
}

/* The link that is open: a write through it is seen by the next command and the screens. */
static void test_one_meter(void **state)
{
	struct running *r;
	const struct reading *ct;
	struct selection sel = { 0 };

	(void)state;
	until_live();
	r = begin("raw write 0x000F 60");
	do
		take(r);
	while (!news.question[0]);
	assert_true(has("40 -> 60"));
	running_answer(r, false);
	assert_int_equal(end(r), ERR_DENIED);
	r = begin("raw write 0x000F 60");
	do
		take(r);
	while (!news.question[0]);
	running_answer(r, true);
	assert_int_equal(end(r), 0);
	assert_true(has("verified"));
	assert_int_equal(end(begin("get ratio.ct")), 0);
	assert_string_equal(printed, "60\n");
	/* the bus reads on */
	assert_int_equal(profile_select(ui.profile, "ratio.ct", &sel, NULL), 0);
	bus_want(bus, sel.idx, sel.n);
	ct = &ui.readings[sel.idx[0]];
	while (ct->quality != QUALITY_OK || ct->value.num < 59) {
		unit_readable(bus_fd(bus), 100);
		take_bus();
	}
	selection_release(&sel);
}

/* Nothing of one is left for the next. */
static void test_options(void **state)
{
	char trace[TEMP_PATH], line[2 * TEMP_PATH];
	struct stat st, later;
	unsigned long seen;

	(void)state;
	until_live();
	assert_int_equal(end(begin("-f csv watch -n 3 -i 0 voltage.a")), 0);
	assert_true(has("voltage.a,"));
	assert_int_equal(end(begin("watch -n 1 frequency")), 0);
	assert_false(has(","));
	assert_int_equal(end(begin("raw read 0x000F")), 0);
	assert_true(has("ratio.ct"));
	assert_int_equal(end(begin("backup --allow-provisional")), 0);
	assert_true(has("network.apn.password: {env:"));
	/* those of the connection hold for it and no longer: its port is open once */
	temp_path(trace, "trace");
	snprintf(line, sizeof(line), "get -t 700 -r 0 --trace %s ratio.ct", trace);
	take_bus();
	seen = ui.nframes;
	assert_int_equal(end(begin("set ratio.ct=60 --yes")), 0);
	assert_int_equal(end(begin(line)), 0);
	assert_string_equal(printed, "60\n");
	take_bus();
	assert_true(ui.nframes > seen);
	assert_int_equal(stat(trace, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(end(begin("get ratio.ct")), 0);
	assert_int_equal(stat(trace, &later), 0);
	assert_int_equal(st.st_size, later.st_size);
}

static void test_interrupted(void **state)
{
	struct running *r;

	(void)state;
	until_live();
	r = begin("watch -i 0 frequency");
	while (!has("frequency"))
		take(r);
	assert_true(bus_lent(bus));
	assert_true(ui.lent);
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
	assert_false(bus_lent(bus));
	while (ui.lent) {
		unit_readable(bus_fd(bus), UNIT_PATIENCE_MS);
		take_bus();
	}
	/* a question, too */
	r = begin("raw write 0x000F 60");
	do
		take(r);
	while (!news.question[0]);
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
	/* at any time */
	for (int i = 0; i < 20; i++) {
		r = begin("watch frequency");
		if (i % 2)
			take(r);
		running_cancel(r);
		assert_int_equal(end(r), ERR_INTERRUPTED);
	}
	/* and by leaving */
	assert_true(running_free(begin("watch -i 0 voltage"), UNIT_PATIENCE_MS));
	assert_int_equal(end(begin("get ratio.ct")), 0);
}

/* Until the first point has been read once more. */
static void read_again(void)
{
	const int64_t now = time_mono_us();
	const struct reading *r = &ui.readings[0];

	while (r->quality != QUALITY_OK || r->mono_us < now) {
		unit_readable(bus_fd(bus), 100);
		take_bus();
	}
}

/* The line is let go of, for whoever wants it alone: nothing is read, nobody borrows it. */
static void test_parked(void **state)
{
	struct err e = { 0 };
	int never = eventfd(0, EFD_CLOEXEC), at_once = eventfd(1, EFD_CLOEXEC);
	struct job rows = { .kind = JOB_JOURNAL, .serial = 7 };
	struct target t;
	int64_t since;

	(void)state;
	until_live();
	assert_int_equal(target_parse("sim:seed=2", &t, &e), 0);
	assert_int_equal(bus_park(bus, never, &e), 0);
	since = time_mono_us();
	take_bus();
	assert_true(ui.parked);
	assert_int_equal(end(begin("get ratio.ct")), ERR_DENIED);
	assert_string_equal(news.err.text, BUS_PARKED);
	/* the journal needs no line */
	ui.journal.serial = 7;
	assert_int_equal(bus_job(bus, &rows, &e), 0);
	ui.journal.busy = true;
	while (ui.journal.busy) {
		unit_readable(bus_fd(bus), 100);
		take_bus();
	}
	/* two of them: until both are done */
	assert_int_equal(bus_park(bus, never, &e), 0);
	assert_int_equal(bus_park(bus, at_once, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	bus_unpark(bus);
	take_bus();
	assert_true(ui.parked);
	assert_true(ui.readings[0].mono_us < since);
	bus_unpark(bus);
	read_again();
	assert_false(ui.parked);
	assert_int_equal(ui.line, LINE_LIVE);
	/* another meter meanwhile: it waits */
	assert_int_equal(bus_park(bus, never, &e), 0);
	assert_int_equal(bus_connect(bus, profile_open("adw300", &e), &t, NULL, &e), 0);
	bus_want(bus, (const uint16_t[]){ 0 }, 1);
	take_bus();
	assert_int_equal(ui.line, LINE_CONNECTING);
	bus_unpark(bus);
	read_again();
	close(never);
	close(at_once);
}

/* A server that takes connections and never replies; its port. */
static int mute(int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(*fd, 8), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &n), 0);
	return ntohs(at.sin_port);
}

/* A command that opens ports by itself has them to itself, however it ends. */
static void test_own_lines(void **state)
{
	struct running *r;
	char line[64];
	int fd;

	(void)state;
	until_live();
	snprintf(line, sizeof(line), "-v scan tcp:127.0.0.1:%d", mute(&fd));
	r = begin(line);
	while (!has("1 line,"))
		take(r);
	assert_true(ui.parked);
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
	read_again();
	assert_false(ui.parked);
	r = begin(line);
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
	read_again();
	close(fd);
}

/* More than anybody takes: it waits, and can still be ended. */
static void test_flood(void **state)
{
	struct running *r;

	(void)state;
	until_live();
	r = begin("-f jsonl watch -i 0 *");
	while (nprinted < 2000000)
		take(r);
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
}

/* Another meter is no matter of the bus, nor is the bus in its way. */
static void test_elsewhere(void **state)
{
	struct running *r;

	(void)state;
	until_live();
	r = begin("-c sim:seed=9 watch -i 0 frequency");
	while (!has("frequency"))
		take(r);
	assert_false(bus_lent(bus));
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
}

/* It keeps the meter: another is not connected to meanwhile. */
static void test_kept(void **state)
{
	struct err e = { 0 };
	struct target t;
	const struct profile *p = profile_open("adw300", &e);
	struct running *r;

	(void)state;
	until_live();
	assert_int_equal(target_parse("sim:seed=2", &t, &e), 0);
	r = begin("watch -i 0 frequency");
	while (!has("frequency"))
		take(r);
	assert_int_equal(bus_connect(bus, p, &t, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	running_cancel(r);
	assert_int_equal(end(r), ERR_INTERRUPTED);
	assert_int_equal(bus_connect(bus, p, &t, NULL, &e), 0);
}

/* A command that comes while the meter is still being connected to. */
static void test_early(void **state)
{
	struct running *r;

	(void)state;
	r = begin("get ratio.ct");
	assert_int_equal(end(r), 0);
	assert_string_equal(printed, "40\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_meter, start, stop),
		cmocka_unit_test_setup_teardown(test_options, start, stop),
		cmocka_unit_test_setup_teardown(test_interrupted, start, stop),
		cmocka_unit_test_setup_teardown(test_parked, start, stop),
		cmocka_unit_test_setup_teardown(test_own_lines, start, stop),
		cmocka_unit_test_setup_teardown(test_flood, start, stop),
		cmocka_unit_test_setup_teardown(test_elsewhere, start, stop),
		cmocka_unit_test_setup_teardown(test_kept, start, stop),
		cmocka_unit_test_setup_teardown(test_early, start, stop),
	};

	return UNIT_RUN(tests);
}
