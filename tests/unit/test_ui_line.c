/* The screens of a line with others, Find, Listen and Learn: their threads begin and end with them, what
 * is drawn fits, and nothing is sent where it is only listened. */
#include <netinet/in.h>
#include <pty.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crc16.h"
#include "screen_bench.h"
#include "temp.h"
#include "ui/bus/hearing.h"
#include "ui/bus/search.h"
#include "ui/screens/find.h"
#include "ui/screens/hear.h"
#include "ui/screens/lesson.h"

static struct ui ui;
static struct search *fake;

static struct search *fake_search(const struct search_opts *o, struct err *e)
{
	(void)o;
	(void)e;
	return fake;
}

static int start(void **state)
{
	(void)state;
	if (bench_meter(&ui, "adw300"))
		return -1;
	snprintf(ui.loop->profile, sizeof(ui.loop->profile), "adw300");
	bench.ui = &ui;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	screen_find.close(stage_state(&ui, &screen_find));
	screen_hear.close(stage_state(&ui, &screen_hear));
	screen_lesson.close(stage_state(&ui, &screen_lesson));
	screen_output.close(stage_state(&ui, &screen_output));
	bench_meter_free(&ui);
	return 0;
}

static void look_at(const struct screen_ops *ops)
{
	bench.ops = ops;
	bench.view = stage_state(&ui, ops);
}

static void take(void)
{
	size_t i = screen_place(bench.ops);

	if (unit_readable(stage_fd(&ui, i), 50))
		stage_take(&ui, i);
}

static bool shows(const char *text)
{
	bench_draw();
	for (int y = 0; y < getmaxy(bench.w); y++)
		if (strstr(bench_row(y), text))
			return true;
	return false;
}

static void tell(void)
{
	for (int y = 0; y < getmaxy(bench.w); y++)
		print_message("%s\n", bench_row(y));
}

#define UNTIL_SHOWN(text) UNIT_UNTIL(shows(text), take(), tell())

/* ---- Find --------------------------------------------------------------------------------- */

/* A server that takes connections and never replies. */
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

static void a_search_ends_with_its_screen(void **state)
{
	struct err e = { 0 };
	char target[64];
	int fd;

	(void)state;
	snprintf(target, sizeof(target), "tcp:127.0.0.1:%d", mute(&fd));
	assert_int_equal(find_begin(&ui, target, &e), 0);
	assert_ptr_equal(stage_shown(&ui)->ops, &screen_find);
	look_at(&screen_find);
	UNTIL_SHOWN("searching 1 line");
	UNTIL_SHOWN("unit");
	stage_show(&ui, &screen_output);
	UNTIL_SHOWN("stopped: 0 found so far");
	/* Esc stops one that runs, and is nobody's when it has ended */
	assert_int_equal(find_begin(&ui, target, &e), 0);
	UNTIL_SHOWN("searching 1 line");
	bench_key(27);
	assert_true(shows("stopping"));
	UNTIL_SHOWN("stopped: ");
	assert_false(screen_find.key_press(&ui, bench.view, 27));
	assert_ptr_equal(stage_shown(&ui)->ops, &screen_find);
	/* one that cannot begin says why */
	assert_int_equal(find_begin(&ui, "mqtt://127.0.0.1", &e), 0);
	UNTIL_SHOWN("is a broker: scan it alone");
	close(fd);
}

static void draw_find(void)
{
	screen_find.draw(&ui, bench.view, bench.w);
}

static void find_fits_every_size(void **state)
{
	struct err e = { 0 };

	(void)state;
	fake = calloc(1, sizeof(*fake));
	assert_non_null(fake);
	fake->nlines = 30;
	fake->lines = calloc(fake->nlines, sizeof(*fake->lines));
	fake->n = 100;
	fake->meters = calloc(fake->n, sizeof(*fake->meters));
	for (size_t i = 0; i < fake->n; i++)
		assert_int_equal(target_parse("rtu:/dev/ttyUSB0?baud=115200&parity=even", &fake->meters[i].target, &e), 0);
	for (size_t i = 0; i < fake->nlines; i++) {
		fake->lines[i].target = fake->meters[0].target;
		fake->lines[i].begun = i % 2;
		fake->lines[i].over = i % 3;
	}
	ui.loop->hooks.search = fake_search;
	assert_int_equal(find_begin(&ui, NULL, &e), 0);
	look_at(&screen_find);
	bench_sizes(draw_find);
}

/* ---- Listen --------------------------------------------------------------------------------- */

static int master = -1;

static void talks(const char *bytes, size_t n)
{
	uint8_t b[64];

	memcpy(b, bytes, n);
	n = crc16_append(b, n);
	assert_int_equal(write(master, b, n), n);
}

/* A port on which somebody talks; begins to listen there. */
static void listens(void)
{
	struct err e = { 0 };
	struct target t;
	char text[128], path[64];
	int slave;

	assert_int_equal(openpty(&master, &slave, path, NULL, NULL), 0);
	snprintf(text, sizeof(text), "rtu:%s", path);
	assert_int_equal(target_parse(text, &t, &e), 0);
	assert_int_equal(hear_begin(&ui, &t, &e), 0);
	close(slave);
	look_at(&screen_hear);
	UNTIL_SHOWN("listening to");
}

static void what_is_heard_is_named_and_nothing_sent(void **state)
{
	(void)state;
	listens();
	for (int i = 0; i < 3; i++) {
		talks("\1\3\0\x14\0\2", 6);
		talks("\1\3\4\x08\xFC\x08\xF6", 7);
	}
	UNTIL_SHOWN("voltage.a=230.0 V, voltage.b=229.4 V");
	UNTIL_SHOWN("frames 6");
	assert_true(shows("read voltage.a, voltage.b"));
	/* the frame chosen stays while others come */
	bench_key(KEY_UP);
	talks("\1\3\0\x14\0\2", 6);
	UNTIL_SHOWN("paused, 1 since");
	bench_key('G');
	assert_false(shows("paused"));
	/* one that nobody answers turns silent without another byte */
	talks("\7\3\0\x14\0\2", 6);
	UNTIL_SHOWN("    7         1        0       1");
	assert_false(unit_readable(master, 0));
	stage_show(&ui, &screen_output);
	UNTIL_SHOWN("listened to");
	close(master);
}

static void a_port_that_goes_is_said(void **state)
{
	struct err e = { 0 };
	struct target t;

	(void)state;
	listens();
	close(master);
	UNIT_UNTIL(!shows("listening to"), take(), tell());
	assert_int_equal(target_parse("tcp:127.0.0.1", &t, &e), 0);
	assert_int_equal(hear_begin(&ui, &t, &e), 0);
	UNTIL_SHOWN("(listen needs rtu: or rtutcp:)");
}

static void draw_hear(void)
{
	screen_hear.draw(&ui, bench.view, bench.w);
}

static void listen_fits_every_size(void **state)
{
	(void)state;
	listens();
	talks("\1\3\0\x14\0\x50", 6);
	UNTIL_SHOWN("read voltage.a");
	bench_sizes(draw_hear);
	bench_key('\r');
	bench_sizes(draw_hear);
	bench_key('u');
	bench_sizes(draw_hear);
	close(master);
}

/* ---- Learn ----------------------------------------------------------------------------------- */

static void draw_lesson(void)
{
	screen_lesson.draw(&ui, bench.view, bench.w);
}

static void what_was_learned_is_drafted_when_the_screen_is_left(void **state)
{
	char text[128], path[64], draft[TEMP_PATH];
	struct learn_own own = { .output = draft, .values = { { "network.apn=cmiot", "network.topic=never" }, 2 } };
	struct err e = { 0 };
	struct app a;
	int slave;

	(void)state;
	app_init(&a);
	temp_path(draft, "draft.yaml");
	assert_int_equal(openpty(&master, &slave, path, NULL, NULL), 0);
	snprintf(text, sizeof(text), "rtu:%s", path);
	own.tap = text;
	assert_int_equal(lesson_begin(&ui, &a, &own, "adw300", &e), 0);
	close(slave);
	look_at(&screen_lesson);
	UNTIL_SHOWN("hearing rtu:");
	assert_true(shows("not seen"));
	/* one at a time */
	assert_int_equal(lesson_begin(&ui, &a, &own, "adw300", &e), -1);
	talks("\1\x10\x10\x21\0\3\6cmiot\0", 13);
	talks("\1\x10\x10\x21\0\3", 6);
	UNTIL_SHOWN("found at 0x1021 string ABCD");
	assert_true(shows("frames 2, requests 1, writes 1"));
	bench_sizes(draw_lesson);
	assert_int_equal(access(draft, F_OK), -1);
	assert_false(unit_readable(master, 0));
	stage_show(&ui, &screen_output);
	UNTIL_SHOWN("ended: 1 of 2 values found");
	bench_sizes(draw_lesson);
	assert_int_equal(unlink(draft), 0);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_search_ends_with_its_screen, start, stop),
		cmocka_unit_test_setup_teardown(find_fits_every_size, start, stop),
		cmocka_unit_test_setup_teardown(what_is_heard_is_named_and_nothing_sent, start, stop),
		cmocka_unit_test_setup_teardown(a_port_that_goes_is_said, start, stop),
		cmocka_unit_test_setup_teardown(listen_fits_every_size, start, stop),
		cmocka_unit_test_setup_teardown(what_was_learned_is_drafted_when_the_screen_is_left, start, stop),
	};

	return UNIT_RUN_WITH(tests, bench_start, bench_stop);
}
