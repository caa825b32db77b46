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
	assert_int_equal(trace_file_open(&s, temp_path(path, "trace"), false, &e), 0);
	trace_add(&t, &s);
	trace_emit(&t, TRACE_OUT, (const uint8_t *)"\x01\x03", 2, "");
	f = fopen(path, "r");	/* there while it is still open */
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, " > 01 03\n"));
	fclose(f);
	assert_int_equal(trace_file_close(&s), 0);
	assert_int_equal(trace_file_close(&s), 0);
	assert_int_equal(trace_file_open(&s, "/nonexistent/trace", false, &e), -1);
	assert_int_equal(e.code, ERR_NO);
	assert_non_null(strstr(e.text, "/nonexistent/trace"));
}

/* The words of a block in the byte order of this machine. */
static uint32_t block_word(const uint8_t *b, size_t at)
{
	uint32_t v;

	memcpy(&v, b + at, sizeof(v));
	return v;
}

/* A file is a row of whole blocks after every frame, each as long as its first and last words
 * say. */
static size_t blocks_of(const char *path, uint8_t *b, size_t size, size_t *starts, size_t most)
{
	FILE *f = fopen(path, "r");
	size_t n, at = 0, blocks = 0;

	assert_non_null(f);
	n = fread(b, 1, size, f);
	fclose(f);
	while (at < n && blocks < most) {
		size_t len = block_word(b, at + 4);

		assert_true(len % 4 == 0 && len >= 12 && at + len <= n);
		assert_int_equal(block_word(b, at + len - 4), len);
		starts[blocks++] = at;
		at += len;
	}
	assert_int_equal(at, n);
	return blocks;
}

/* pcapng (draft-ietf-opsawg-pcapng) and LINKTYPE_RTAC_SERIAL (tcpdump.org), by the book. */
static void capture_has_whole_blocks(void **state)
{
	static const uint8_t rtac[12] = { 0x65, 0x53, 0xF1, 0x00, 0x00, 0x01, 0xE2, 0x40, 1, 0, 0, 0 };
	const struct trace_frame frame = {
		.dir = TRACE_OUT, .at_us = 1700000000LL * 1000000 + 123456, .bytes = (const uint8_t *)"\x01\x03\x07", .n = 3,
		.note = "odd",
	};
	char path[TEMP_PATH];
	uint8_t b[2000];
	size_t starts[16];
	struct trace_sink s;
	struct trace t = { NULL };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(trace_file_open(&s, temp_path(path, "x.pcapng"), false, &e), 0);
	trace_add(&t, &s);
	assert_int_equal(blocks_of(path, b, sizeof(b), starts, 16), 3);
	assert_int_equal(block_word(b, 8), 0x1A2B3C4D);
	assert_int_equal(block_word(b, starts[1] + 8) & 0xFFFF, 250);
	trace_pass(&t, &frame);
	assert_int_equal(blocks_of(path, b, sizeof(b), starts, 16), 4);
	assert_int_equal(block_word(b, starts[3]), 6);
	assert_int_equal(block_word(b, starts[3] + 8), 0);
	assert_int_equal((uint64_t)block_word(b, starts[3] + 12) << 32 | block_word(b, starts[3] + 16), frame.at_us);
	assert_int_equal(block_word(b, starts[3] + 20), 15);
	assert_memory_equal(b + starts[3] + 28, rtac, sizeof(rtac));
	assert_memory_equal(b + starts[3] + 40, frame.bytes, 3);
	assert_memory_equal(b + starts[3] + 44, "\1\0\3\0odd", 7);
	trace_emit(&t, TRACE_NOTE, NULL, 0, "no bytes");
	trace_pass(&t, &(struct trace_frame){ .dir = TRACE_IN, .tcp = true, .bytes = frame.bytes, .n = 3, .note = "" });
	trace_pass(&t, &(struct trace_frame){ .dir = TRACE_IN, .topic = "a/b", .topic_len = 3, .bytes = frame.bytes, .n = 3, .note = "" });
	assert_int_equal(blocks_of(path, b, sizeof(b), starts, 16), 7);
	assert_int_equal(block_word(b, starts[5] + 8), 1);
	assert_memory_equal(b + starts[5] + 32, "mbtcp", 5);
	assert_int_equal(trace_file_close(&s), 0);
}

static void full_disk_is_told(void **state)
{
	struct trace_sink s;
	struct trace t = { NULL };
	struct err e = { 0 };

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		UNIT_WITHOUT("/dev/full");
	assert_int_equal(trace_file_open(&s, "/dev/full", false, &e), 0);
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
		cmocka_unit_test(capture_has_whole_blocks),
		cmocka_unit_test(full_disk_is_told),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return UNIT_RUN(tests);
}
