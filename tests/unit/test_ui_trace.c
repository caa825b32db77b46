/*
 * The Trace screen: what frames say in words, and that looking closer does not
 * lose them.
 */
#include "screen_bench.h"
#include "ui/screens/frame_decode.h"

static struct ui ui;

static struct ui_frame frame(enum trace_dir dir, const char *hex, const char *note)
{
	struct ui_frame f = { .dir = dir };
	unsigned b;
	int used;

	while (sscanf(hex, " %2x%n", &b, &used) == 1) {
		f.bytes[f.n++] = (uint8_t)b;
		hex += used;
	}
	snprintf(f.note, sizeof(f.note), "%s", note);
	return f;
}

static void says(enum trace_dir dir, const char *hex, const char *asked_hex, bool tcp, const char *want)
{
	struct ui_frame f = frame(dir, hex, ""), asked = frame(TRACE_OUT, asked_hex, "");
	char buf[160];

	assert_string_equal(frame_decode_text(&f, asked.n ? &asked : NULL, tcp, buf, sizeof(buf)), want);
}

static void requests_in_words(void **state)
{
	(void)state;
	says(TRACE_OUT, "01 03 00 14 00 29 C4 0E", "", false, "read 41 holding from 20");
	says(TRACE_OUT, "01 04 00 00 00 02 71 CB", "", false, "read 2 input from 0");
	says(TRACE_OUT, "01 10 00 0F 00 01 02 00 28 A6 41", "", false, "write 1 holding from 15");
	says(TRACE_OUT, "01 06 00 0F 00 28 B8 17", "", false, "write register 15 = 40");
	says(TRACE_OUT, "01 2B 0E 01 00 70 77", "", false, "function 2B");
	says(TRACE_OUT, "00 07 00 00 00 06 01 03 00 14 00 29", "", true, "read 41 holding from 20");
	says(TRACE_OUT, "01 03", "", false, "2 bytes");
}

/* A read of address 0 looks like an MBAP header; only the line tells. */
static void tcp_is_not_guessed(void **state)
{
	(void)state;
	says(TRACE_OUT, "01 03 00 00 00 02 C4 0B", "", false, "read 2 holding from 0");
}

static void replies_in_words(void **state)
{
	const char *asked = "01 03 00 14 00 01 C4 0E";

	(void)state;
	says(TRACE_IN, "01 03 02 09 01 7E 14", asked, false, "1 holding from 20");
	says(TRACE_IN, "01 03 02 09 01 7E 14", "", false, "1 holding");
	says(TRACE_IN, "01 04 02 09 01 7E 14", asked, false, "1 input");
	says(TRACE_IN, "01 10 00 0F 00 01 31 CA", "", false, "written: 1 from 15");
	says(TRACE_IN, "01 83 02 C0 F1", asked, false, "refused: illegal data address");
	says(TRACE_IN, "01 83 07 C0 F1", asked, false, "refused: negative acknowledge");
	says(TRACE_IN, "00 07 00 00 00 03 01 83 0B", "00 07 00 00 00 06 01 03 00 14 00 29",
	     true, "refused: gateway target did not respond");
	says(TRACE_BAD, "01 03 02 09", asked, false, "not an answer");
}

static void no_bytes_are_safe(void **state)
{
	char buf[160];

	(void)state;
	for (uint16_t n = 0; n < 16; n++)
		for (unsigned fn = 0; fn < 256; fn++)
			for (int dir = TRACE_OUT; dir <= TRACE_NOTE; dir++) {
				struct ui_frame f = { .dir = (enum trace_dir)dir, .n = n,
						      .bytes = { 1, (uint8_t)fn, 0xFF, 0xFF } };

				f.bytes[7] = (uint8_t)fn;
				frame_decode_text(&f, &f, n & 1, buf, sizeof(buf));
				frame_decode_hex(&f, 0, n, buf, 8);
				frame_decode_is_trouble(&f, n & 1);
			}
}

static void trouble(void **state)
{
	struct ui_frame ok = frame(TRACE_IN, "01 03 02 09 01 7E 14", "");
	struct ui_frame no = frame(TRACE_IN, "01 83 02 C0 F1", "");
	struct ui_frame bad = frame(TRACE_BAD, "01 03", "bad CRC");
	struct ui_frame note = frame(TRACE_NOTE, "", "no reply");

	(void)state;
	assert_false(frame_decode_is_trouble(&ok, false));
	assert_true(frame_decode_is_trouble(&no, false));
	assert_true(frame_decode_is_trouble(&bad, false));
	assert_true(frame_decode_is_trouble(&note, false));
}

static void sent(enum trace_dir dir, const char *hex, const char *note)
{
	struct ui_frame f = frame(dir, hex, note);

	/* 2026-11-22 14:03:27 UTC */
	f.at_us = 1795356207000000LL + (int64_t)ui.nframes * 12345;
	ui.frames[ui.nframes++ % UI_FRAMES] = f;
}

static void exchange(int times)
{
	for (int i = 0; i < times; i++) {
		sent(TRACE_OUT, "01 03 00 14 00 01 C4 0E", "");
		sent(TRACE_IN, "01 03 02 09 01 7E 14", "");
	}
}

static int start(void **state)
{
	(void)state;
	if (bench_meter(&ui, "adw300"))
		return -1;
	ui.frames = calloc(UI_FRAMES, sizeof(*ui.frames));
	return ui.frames && bench_open(&ui, &screen_trace) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	bench_close();
	free(ui.frames);
	bench_meter_free(&ui);
	return 0;
}

static void newest_at_the_bottom(void **state)
{
	(void)state;
	bench_draw();
	assert_string_equal(bench_row(3), " nothing has been sent yet");
	exchange(1);
	bench_draw();
	assert_string_equal(bench_row(3),
		" 14:03:27.000 → read 1 holding from 20          01 03 00 14 00 01 C4 0E");
	assert_string_equal(bench_row(4),
		" 14:03:27.012 ← 1 holding from 20       12 ms   01 03 02 09 01 7E 14");
	exchange(20);
	sent(TRACE_NOTE, "", "no reply within 1000 ms");
	bench_draw();
	assert_string_equal(bench_row(18), " 14:03:27.518 ! no reply within 1000 ms");
}

static void held_while_the_line_goes_on(void **state)
{
	char before[512];

	(void)state;
	exchange(5);
	sent(TRACE_BAD, "01 03 02 09 01 00 00", "bad CRC");
	bench_key(' ');
	bench_draw();
	strcpy(before, bench_row(13));
	assert_non_null(strstr(before, "bad CRC"));
	exchange(UI_FRAMES);
	bench_draw();
	assert_string_equal(bench_row(13), before);
	assert_non_null(strstr(bench_row(1), "paused · 1024 since"));
	bench_key(KEY_END);
	bench_draw();
	assert_non_null(strstr(bench_row(1), "following"));
	assert_null(strstr(bench_row(13), "bad CRC"));
}

/* By its words and by its bytes; what is found is held. */
static void found_by_what_is_seen(void **state)
{
	static const char *const texts[] = { "ILLEGAL", "83 02" };

	(void)state;
	exchange(30);
	sent(TRACE_IN, "01 83 02 C0 F1", "");
	exchange(30);
	for (size_t i = 0; i < 2; i++) {
		bench_key('/');
		for (const char *c = texts[i]; *c; c++)
			bench_key(*c);
		bench_draw();
		assert_non_null(strstr(bench_row(2), texts[i]));
		bench_key('\r');
		exchange(5);
		bench_draw();
		assert_non_null(strstr(bench_row(1), "paused · 10 since"));
		assert_non_null(strstr(bench_row(11), "refused: illegal data address"));
		bench_key(KEY_END);
	}
}

static void errors_only(void **state)
{
	(void)state;
	exchange(30);
	sent(TRACE_IN, "01 83 02 C0 F1", "");
	exchange(30);
	bench_key('e');
	bench_draw();
	assert_non_null(strstr(bench_row(3), "refused: illegal data address"));
	assert_string_equal(bench_row(4), "");
	bench_key('e');
	bench_draw();
	assert_string_not_equal(bench_row(18), "");
}

static void every_byte_of_one(void **state)
{
	(void)state;
	exchange(3);
	bench_key(KEY_UP);
	bench_key('\n');
	bench_draw();
	assert_string_equal(bench_row(14), "─ sent, 8 bytes ────────────────────────────────────────────────────────────────");
	assert_string_equal(bench_row(15), "   0  01 03 00 14 00 01 C4 0E");
	bench_key(KEY_DOWN);
	bench_draw();
	assert_non_null(strstr(bench_row(14), " answer, 7 bytes, 12.3 ms after the request "));
	bench_key(KEY_HOME);
	bench_key(KEY_PPAGE);
	bench_key(KEY_NPAGE);
	bench_draw();
}

static void any_size_can_be_drawn(void **state)
{
	(void)state;
	exchange(40);
	bench_key('\n');
	bench_sizes(bench_draw);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_in_words), cmocka_unit_test(tcp_is_not_guessed),
		cmocka_unit_test(replies_in_words), cmocka_unit_test(no_bytes_are_safe),
		cmocka_unit_test(trouble),
		TEST(newest_at_the_bottom), TEST(held_while_the_line_goes_on),
		TEST(found_by_what_is_seen), TEST(errors_only), TEST(every_byte_of_one), TEST(any_size_can_be_drawn),
	};

	return UNIT_RUN_WITH(tests, bench_start, bench_stop);
}
