/*
 * The History screen: what it has read when, and what it says of it.
 */
#include "screen_bench.h"
#include "profile/codec.h"
#include "ui/screens/history.h"

static struct ui ui;
static bool zeros;	/* what the meter holds: nothing used */

static int start_as(enum scheme scheme, const char *profile)
{
	if (bench_meter(&ui, profile))
		return -1;
	ui.target.scheme = scheme;
	zeros = false;
	return bench_open(&ui, &screen_history) ? 0 : -1;
}

static int start(void **state)
{
	(void)state;
	return start_as(SCHEME_RTU, "adw300");
}

static int start_broker(void **state)
{
	(void)state;
	return start_as(SCHEME_MQTT, "adw300");
}

static int start_without(void **state)
{
	(void)state;
	return start_as(SCHEME_RTU, "sdm630");
}

static int stop(void **state)
{
	(void)state;
	bench_close();
	bench_meter_free(&ui);
	return 0;
}

/* Record n is of the first of month 12 - n and has 120 - 10 n kWh of everything. */
static void answer(size_t idx)
{
	const struct point *p = &ui.profile->points[idx];
	unsigned raw = zeros ? 0 : 12000 - 1000U * p->instance;
	struct reading r = { .quality = QUALITY_OK, .mono_us = ui.now_us, .words = (uint8_t)p->words };

	r.raw[p->words - 1] = (uint16_t)raw;
	if (p->type == TYPE_CLOCK && !zeros) {
		r.raw[1] = 1;
		r.raw[2] = (uint16_t)((12U - p->instance) << 8 | 26);
	}
	if (codec_decode(p, r.raw, &r.value, &r.err))
		r.quality = QUALITY_FAILED;
	ui_take(&ui, idx, &r);
}

/* One round of the bus: how many words it took. */
static int turn(void)
{
	struct selection sel = { 0 };
	int words = 0;

	screen_history.points(&ui, bench.view, &sel);
	for (size_t i = 0; i < sel.n; i++) {
		answer(sel.idx[i]);
		words += ui.profile->points[sel.idx[i]].words;
	}
	free(sel.idx);
	ui.now_us += 200000;
	return words;
}

static int read_all(void)
{
	int words = 0, took;

	while ((took = turn()) > 0) {
		/* nothing else on the line waits long for it */
		assert_true(took <= 42);
		words += took;
	}
	return words;
}

/* Row Y of the screen as it is now. */
static const char *row(int y)
{
	bench_draw();
	return bench_row(y);
}

static void has(int y, const char *what)
{
	if (!strstr(row(y), what))
		fail_msg("no '%s' in '%s'", what, row(y));
}

#define ALL_WORDS (12 * 83 + 4 * 156)

static void read_once(void **state)
{
	(void)state;
	assert_int_equal(read_all(), ALL_WORDS);
	assert_int_equal(turn(), 0);
	/* never in the background */
	assert_null((void *)screen_history.update);
}

/* The clock of such a record is no date: it has been asked for all the same. */
static void unused_is_read_once(void **state)
{
	(void)state;
	zeros = true;
	assert_int_equal(read_all(), ALL_WORDS);
	has(2, "unused: reads 0");
	has(13, "unused: reads 0");
	ui.now_us += 3600 * 1000000LL;
	assert_int_equal(turn(), 0);
}

static void again_on_the_key(void **state)
{
	(void)state;
	read_all();
	ui.now_us += 1000000;
	bench_key('R');
	/* what is known stays in sight */
	has(2, "2026-12-01 00:00");
	assert_int_equal(read_all(), ALL_WORDS);
	zeros = true;
	bench_key('R');
	assert_int_equal(read_all(), ALL_WORDS);
	bench_key('R');
	assert_int_equal(read_all(), ALL_WORDS);
}

static void again_when_the_month_has_changed(void **state)
{
	int newest = profile_find(ui.profile, "history.time");

	(void)state;
	read_all();
	ui.now_us += 59 * 1000000LL;
	screen_history.tick(&ui, bench.view);
	assert_true(turn() <= 3);
	ui.now_us += 61 * 1000000LL;
	screen_history.tick(&ui, bench.view);
	/* the newest time alone, and it has not changed */
	assert_int_equal(turn(), 3);
	screen_history.tick(&ui, bench.view);
	assert_int_equal(turn(), 0);
	ui.changed_us[newest] = ui.now_us;
	screen_history.tick(&ui, bench.view);
	ui.now_us += 1000;
	assert_int_equal(read_all(), ALL_WORDS);
}

static void what_is_in_sight_comes_first(void **state)
{
	(void)state;
	bench_key('e');
	turn();
	has(2, "120");
	assert_int_equal(ui.readings[profile_find(ui.profile, "history.time")].quality, QUALITY_NEVER);
}

static void energies_and_differences(void **state)
{
	(void)state;
	read_all();
	has(0, "Active energy import  kWh");
	has(2, "▸ 2026-12-01 00:00      120.00       +10.00");
	has(13, "2026-01-01 00:00       10.00           --");
	has(1, "difference up to 10.00");
	bench_key('d');
	has(1, "as kept up to 120.00");
	bench_key('t');
	has(1, "sharp");
	bench_key(KEY_END);
	has(13, "▸ 2026-01-01");
	bench_key(KEY_RIGHT);
	has(0, "Active energy export");
	bench_key(KEY_LEFT);
	bench_key(KEY_LEFT);
	has(0, "Reactive energy export  kvarh");
}

/* No counter: its bars are of what is kept, until somebody wants the others. */
static void what_falls_is_shown_as_kept(void **state)
{
	int newest = profile_find(ui.profile, "history.energy.active.import.total");

	(void)state;
	read_all();
	ui.readings[newest].value.num = 50;
	ui.readings[newest].raw[1] = 5000;
	has(2, "-60.00");
	has(1, "as kept up to 110.00");
	bench_key('d');
	has(1, "difference up to 10.00");
}

static void extremes_by_month(void **state)
{
	(void)state;
	read_all();
	bench_key('e');
	has(0, "Extremes this month");
	has(18, "without a year");
	bench_key(KEY_RIGHT);
	has(0, "Extremes 1 month ago");
	for (int i = 0; i < 5; i++)
		bench_key(KEY_RIGHT);
	has(0, "Extremes 3 months ago");
	bench_key(KEY_END);
	has(17, "power.apparent.total");
	bench_key('e');
	has(0, "Active energy import");
}

static void a_broker_has_none(void **state)
{
	(void)state;
	assert_int_equal(turn(), 0);
	has(1, "no meter uploads its records of past months");
	assert_false(screen_history.key_press(&ui, bench.view, 'R'));
}

static void a_meter_without(void **state)
{
	(void)state;
	assert_int_equal(turn(), 0);
	has(1, "no records of past months");
	assert_false(screen_history.key_press(&ui, bench.view, 'e'));
}

static void draw_all(void)
{
	for (int i = 0; i < 4; i++) {
		ui.ascii = i & 1;
		bench_key(i & 2 ? 'e' : KEY_DOWN);
		bench_draw();
	}
}

static void any_size_can_be_drawn(void **state)
{
	(void)state;
	read_all();
	bench_sizes(draw_all);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(read_once), TEST(unused_is_read_once), TEST(again_on_the_key),
		TEST(again_when_the_month_has_changed), TEST(what_is_in_sight_comes_first),
		TEST(energies_and_differences), TEST(what_falls_is_shown_as_kept),
		TEST(extremes_by_month), TEST(any_size_can_be_drawn),
		cmocka_unit_test_setup_teardown(a_broker_has_none, start_broker, stop),
		cmocka_unit_test_setup_teardown(a_meter_without, start_without, stop),
	};

	return UNIT_RUN_WITH(tests, bench_start, bench_stop);
}
