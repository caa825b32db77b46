/* Trace lines, and the file they go to. */
#include "temp.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/trace.h"

static void line_of_a_frame(void **state)
{
	const uint8_t bytes[] = { 1, 3, 0, 0x14, 0, 1, 0xC4, 0x0E };
	/* 2026-11-22 14:03:27.000456 UTC */
	struct trace_frame f = {
		.dir = TRACE_OUT, .at_us = 1795356207000456, .bytes = bytes,
		.n = sizeof(bytes), .note = "",
	};
	char buf[200];

	(void)state;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)),
			    "14:03:27.000456 > 01 03 00 14 00 01 C4 0E");
	f.dir = TRACE_IN;
	f.n = 2;
	f.note = "exception 02";
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 < 01 03  exception 02");
	f.dir = TRACE_BAD;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 ! 01 03  exception 02");
	f.dir = TRACE_NOTE;
	f.n = 0;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 * exception 02");
	/* a small buffer is cut, never overrun */
	assert_int_equal(strlen(trace_line(&f, buf, 10)), 9);
}

static void line_of_a_message(void **state)
{
	struct trace_frame f = {
		.dir = TRACE_IN, .at_us = 1795356207000456, .topic = "a/b", .topic_len = 3,
		.bytes = (const uint8_t *)"{\"v\":\"\xC3\xA9\"}", .n = 10, .note = "",
	};
	char buf[200], small[40];

	(void)state;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)),
			    "14:03:27.000456 < a/b {\"v\":\"\xC3\xA9\"}");
	f.dir = TRACE_OUT;
	f.note = "retained";
	assert_string_equal(trace_line(&f, buf, sizeof(buf)),
			    "14:03:27.000456 > a/b {\"v\":\"\xC3\xA9\"}  retained");
	/* what a terminal would obey, or what is no text at all, is shown in hex */
	f.bytes = (const uint8_t *)"a\x1B[2J";
	f.n = 5;
	f.note = "";
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 > a/b 61 1B 5B 32 4A");
	f.bytes = (const uint8_t *)"\xE2\x80\xAE";
	f.n = 3;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 > a/b E2 80 AE");
	f.bytes = (const uint8_t *)"a\0b";
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 > a/b 61 00 62");
	f.n = 0;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 > a/b");
	/* a topic is never hex, and never obeyed */
	f.topic = "x\0\x1By";
	f.topic_len = 4;
	assert_string_equal(trace_line(&f, buf, sizeof(buf)), "14:03:27.000456 > x??y");
	/* what has no room is said to go on, and no character is cut in two */
	f.topic = "t";
	f.topic_len = 1;
	f.bytes = (const uint8_t *)"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9";
	f.n = 24;
	f.note = "retained";
	assert_string_equal(trace_line(&f, small, sizeof(small)),
			    "14:03:27.000456 > t \xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9...");
}

struct seen {
	int n;
	enum trace_dir dir[4];
};

static void see(void *arg, const struct trace_frame *f)
{
	struct seen *s = arg;

	assert_non_null(f->note);
	assert_true(f->at_us > 1700000000000000);
	s->dir[s->n++] = f->dir;
}

static void every_observer_sees_every_frame(void **state)
{
	struct seen a = { 0 }, b = { 0 };
	struct trace_sink sa = { .frame = see, .arg = &a }, sb = { .frame = see, .arg = &b };
	struct trace t = { NULL };

	(void)state;
	trace_emit(NULL, TRACE_NOTE, NULL, 0, "nobody");
	trace_emit(&t, TRACE_NOTE, NULL, 0, "nobody");
	trace_add(&t, &sa);
	trace_add(&t, &sb);
	trace_emit(&t, TRACE_OUT, (const uint8_t *)"x", 1, NULL);
	trace_emit(&t, TRACE_IN, (const uint8_t *)"x", 1, "");
	assert_int_equal(a.n, 2);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.dir[1], TRACE_IN);
}

static void file_is_written_line_by_line(void **state)
{
	char path[TEMP_PATH], line[100];
	struct trace_sink s;
	struct trace t = { NULL };
	struct err e = { 0 };
	FILE *f;

	(void)state;
	assert_int_equal(trace_file_open(&s, temp_path(path, "trace"), &e), 0);
	trace_add(&t, &s);
	trace_emit(&t, TRACE_OUT, (const uint8_t *)"\x01\x03", 2, "");
	f = fopen(path, "r");	/* there while it is still open */
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, " > 01 03\n"));
	fclose(f);
	assert_int_equal(trace_file_close(&s), 0);
	assert_int_equal(trace_file_close(&s), 0);
	assert_int_equal(trace_file_open(&s, "/nonexistent/trace", &e), -1);
	assert_int_equal(e.code, ERR_NO);
	assert_non_null(strstr(e.text, "/nonexistent/trace"));
}

static void full_disk_is_told(void **state)
{
	struct trace_sink s;
	struct trace t = { NULL };
	struct err e = { 0 };

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		UNIT_WITHOUT("/dev/full");
	assert_int_equal(trace_file_open(&s, "/dev/full", &e), 0);
	trace_add(&t, &s);
	trace_emit(&t, TRACE_OUT, (const uint8_t *)"x", 1, "");
	assert_int_equal(trace_file_close(&s), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_of_a_frame),
		cmocka_unit_test(line_of_a_message),
		cmocka_unit_test(every_observer_sees_every_frame),
		cmocka_unit_test(file_is_written_line_by_line),
		cmocka_unit_test(full_disk_is_told),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return UNIT_RUN(tests);
}
