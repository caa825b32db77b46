/*
 * What a meter remembers, put together from registers as they came: months,
 * differences, unused records, extremes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profile/codec.h"
#include "meter/history.h"
#include "profile/profile_load.h"
#include "temp.h"
#include "unit.h"

#define IMPORT "history.energy.active.import.total"

static const struct profile *profile;
static struct reading *readings;
static struct history h;

static int start(void **state)
{
	(void)state;
	profile = profile_builtin_named("adw300");
	readings = calloc(profile->npoints, sizeof(*readings));
	return readings ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	history_release(&h);
	free(readings);
	profile_free(profile);
	return 0;
}

static const char *at(const char *key, unsigned instance)
{
	static char full[96];

	snprintf(full, sizeof(full), instance ? "%s@%u" : "%s", key, instance);
	return full;
}

static size_t index_of(const char *key)
{
	int i = profile_find(profile, key);

	if (i < 0)
		fail_msg("no point '%s'", key);
	return (size_t)i;
}

/* The registers of a point, as a reading of them would leave it. */
static void take(size_t idx, const uint16_t *regs)
{
	const struct point *p = &profile->points[idx];
	struct reading *r = &readings[idx];

	r->words = (uint8_t)p->words;
	memcpy(r->raw, regs, p->words * sizeof(*regs));
	r->quality = codec_decode(p, regs, &r->value, &r->err) ? QUALITY_FAILED : QUALITY_OK;
}

static void give(const char *key, uint32_t raw)
{
	size_t idx = index_of(key);
	uint16_t regs[2] = { (uint16_t)(raw >> 16), (uint16_t)raw };

	take(idx, profile->points[idx].words == 1 ? regs + 1 : regs);
}

/* Everything the meter remembers, of one month or (AGO < 0) of all, in WORD. */
static void fill(bool extremes, int ago, uint16_t word)
{
	uint16_t regs[VALUE_WORDS];

	for (int i = 0; i < VALUE_WORDS; i++)
		regs[i] = word;
	for (size_t i = 0; i < profile->npoints; i++) {
		unsigned when;
		bool extreme;

		if (history_month(&profile->points[i], &extreme, &when) && extreme == extremes
		    && (ago < 0 || (int)when == ago))
			take(i, regs);
	}
}

/* A record of the first of a month of 2026, with this import. */
static void record(unsigned ago, unsigned month, uint32_t import)
{
	uint16_t regs[3] = { 0, 1, (uint16_t)(month << 8 | 26) };

	fill(false, (int)ago, 0);
	take(index_of(at("history.time", ago - 1)), regs);
	give(at(IMPORT, ago - 1), import);
}

static void gather(unsigned months)
{
	struct err e = { 0 };

	history_release(&h);
	if (history_init(&h, profile, readings, months, &e))
		fail_msg("%s", e.text);
}

static const struct history_value *import(size_t r)
{
	const struct history_value *v = history_value(&h, r, 0, 0);

	assert_non_null(v);
	return v;
}

static const struct history_extreme *extreme(unsigned ago, const char *quantity)
{
	for (size_t i = 0; i < h.nextremes; i++)
		if (h.extremes[i].ago == ago && strcmp(h.extremes[i].quantity, quantity) == 0)
			return &h.extremes[i];
	fail_msg("no extreme '%s'", quantity);
	return NULL;
}

static void same(double got, double want)
{
	double off = got > want ? got - want : want - got;

	if (!(off < 1e-6))
		fail_msg("%.6f is not %.6f", got, want);
}

static size_t selected(unsigned months)
{
	struct selection sel;
	struct err e = { 0 };
	size_t n;

	assert_int_equal(history_select(profile, months, &sel, &e), 0);
	n = sel.n;
	selection_release(&sel);
	return n;
}

/* ---- what is read --------------------------------------------------------- */

static void months_chosen(void **state)
{
	(void)state;
	/* a record: 40 energies and a time; a month of extremes: 22 of each side */
	assert_int_equal(selected(12), 12 * 41 + 4 * 88 + 2);
	/* one more record, for the difference of the oldest one shown */
	assert_int_equal(selected(1), 2 * 41 + 2 * 88 + 2);
	assert_int_equal(selected(3), 4 * 41 + 4 * 88 + 2);
}

static void none_to_read(void **state)
{
	const struct profile *other = profile_builtin_named("sdm630");
	struct selection sel;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(history_select(other, 12, &sel, &e), -1);
	assert_int_equal(e.code, ERR_NO);
	assert_non_null(strstr(e.text, "sdm630"));
	assert_null(sel.idx);
}

/* ---- records -------------------------------------------------------------- */

static void nothing_read(void **state)
{
	(void)state;
	gather(12);
	assert_int_equal(h.nrecords, 12);
	assert_int_equal(h.nvalues, 40);
	assert_int_equal(h.nextremes, 4 * 22);
	for (size_t r = 0; r < 12; r++) {
		assert_int_equal(h.records[r].ago, r + 1);
		assert_int_equal(h.records[r].state, HISTORY_UNREAD);
		assert_false(import(r)->known);
		assert_false(import(r)->compared);
	}
	assert_int_equal(h.course, HISTORY_FEW);
	assert_int_equal(h.extremes[0].max.state, HISTORY_UNREAD);
}

static void differences(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++)
		record(i + 1, 12 - i, 200000 - 10050 * i);
	gather(12);
	assert_int_equal(h.records[0].state, HISTORY_KEPT);
	assert_string_equal(history_time(&h, h.records[0].time), "2026-12-01 00:00:00");
	assert_string_equal(history_time(&h, h.records[11].time), "2026-01-01 00:00:00");
	for (size_t r = 0; r < 12; r++) {
		same(import(r)->value, 2000.0 - 100.5 * (double)r);
		assert_int_equal(import(r)->compared, r < 11);
		same(import(r)->difference, r < 11 ? 100.5 : 0);
	}
	assert_int_equal(h.course, HISTORY_RISING);
}

static void the_oldest_shown_has_a_difference(void **state)
{
	(void)state;
	record(1, 3, 300);
	record(2, 2, 200);
	record(3, 1, 150);
	gather(2);
	assert_int_equal(h.nrecords, 2);
	assert_true(import(1)->compared);
	same(import(1)->difference, 0.5);
}

static void some_months_prove_nothing(void **state)
{
	(void)state;
	record(1, 3, 300);
	record(2, 2, 200);
	record(3, 1, 100);
	gather(12);
	assert_int_equal(h.course, HISTORY_FEW);
}

/* Nothing is added for a counter that went over its end: who knows where that is? */
static void a_fall_stays_a_fall(void **state)
{
	(void)state;
	record(1, 3, 5);
	record(2, 2, 4294967290U);
	record(3, 1, 4294967280U);
	gather(12);
	same(import(0)->difference, 0.05 - 42949672.90);
	same(import(1)->difference, 0.10);
	assert_int_equal(h.course, HISTORY_FALLING);
}

static void unused_records(void **state)
{
	(void)state;
	record(1, 12, 500);
	record(2, 11, 400);
	fill(false, 3, 0);
	fill(false, 4, 0xFFFF);
	record(5, 8, 100);
	gather(12);
	assert_int_equal(h.records[2].state, HISTORY_ZERO);
	assert_int_equal(h.records[3].state, HISTORY_FFFF);
	assert_string_equal(history_state_name(HISTORY_ZERO), "unused");
	assert_string_equal(history_time(&h, h.records[2].time), "");
	assert_false(import(2)->known);
	assert_false(import(3)->known);
	/* and none of them is a zero to compare with */
	assert_true(import(0)->compared);
	assert_false(import(1)->compared);
	assert_false(import(3)->compared);
	assert_int_equal(h.course, HISTORY_FEW);
}

/* A new meter on its first of a month: nothing used, and yet a record. */
static void zero_with_a_time_is_a_zero(void **state)
{
	(void)state;
	record(1, 2, 0);
	gather(12);
	assert_int_equal(h.records[0].state, HISTORY_KEPT);
	assert_true(import(0)->known);
	same(import(0)->value, 0);
}

static void energies_without_a_time(void **state)
{
	(void)state;
	record(1, 2, 700);
	fill(false, 2, 0);
	give(at(IMPORT, 1), 650);
	gather(12);
	assert_int_equal(h.records[1].state, HISTORY_KEPT);
	assert_string_equal(history_time(&h, h.records[1].time), "");
	same(import(0)->difference, 0.5);
}

static void one_value_of_ones_is_none(void **state)
{
	(void)state;
	record(1, 2, 0xFFFFFFFF);
	record(2, 1, 100);
	gather(12);
	assert_int_equal(h.records[0].state, HISTORY_KEPT);
	assert_false(import(0)->known);
	assert_false(import(0)->compared);
	assert_int_equal(h.course, HISTORY_FEW);
}

static void half_read(void **state)
{
	(void)state;
	record(1, 2, 100);
	readings[index_of("history.energy.tou.active.import.peak")] = (struct reading){ 0 };
	gather(12);
	assert_int_equal(h.records[0].state, HISTORY_UNREAD);
	assert_true(import(0)->known);
	assert_false(history_value(&h, 0, 0, 2)->known);
	assert_true(history_value(&h, 0, 0, 1)->known);
}

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < profile->npoints; i++) {
		unsigned ago;
		bool extremes;

		if (history_month(&profile->points[i], &extremes, &ago) && !extremes && ago == 2)
			readings[i].quality = QUALITY_FAILED;
	}
	record(1, 2, 100);
	gather(12);
	assert_int_equal(h.records[1].state, HISTORY_REFUSED);
	assert_false(import(1)->known);
}

static void stale_is_still_known(void **state)
{
	(void)state;
	record(1, 2, 100);
	readings[index_of(IMPORT)].quality = QUALITY_STALE;
	gather(12);
	assert_true(import(0)->known);
}

/* ---- extremes ------------------------------------------------------------- */

static void extremes_and_their_times(void **state)
{
	static const uint16_t stamp[2] = { 45 << 8 | 14, 15 << 8 | 7 };

	(void)state;
	fill(true, 0, 0);
	fill(true, 1, 0xFFFF);
	give("extreme.max.voltage.a", 2324);
	take(index_of("extreme.max.voltage.a.time"), stamp);
	/* -1 is FFFFFFFFH, and with a time it is a value */
	give(at("extreme.min.power.active.a", 1), 0xFFFFFFFF);
	take(index_of(at("extreme.min.power.active.a.time", 1)), stamp);
	/* a voltage of FFFFH is none, whatever its time */
	take(index_of(at("extreme.max.voltage.a.time", 1)), stamp);
	gather(12);
	assert_int_equal(extreme(0, "voltage.a")->max.state, HISTORY_KEPT);
	assert_true(extreme(0, "voltage.a")->max.known);
	same(extreme(0, "voltage.a")->max.value, 232.4);
	assert_string_equal(history_time(&h, extreme(0, "voltage.a")->max.time), "07-15 14:45");
	assert_int_equal(extreme(0, "voltage.a")->min.state, HISTORY_ZERO);
	assert_string_equal(history_time(&h, extreme(0, "voltage.a")->min.time), "");
	assert_int_equal(extreme(1, "voltage.b")->max.state, HISTORY_FFFF);
	assert_int_equal(extreme(1, "voltage.a")->max.state, HISTORY_KEPT);
	assert_false(extreme(1, "voltage.a")->max.known);
	assert_int_equal(extreme(1, "power.active.a")->min.state, HISTORY_KEPT);
	assert_true(extreme(1, "power.active.a")->min.known);
	assert_int_equal(extreme(2, "voltage.a")->max.state, HISTORY_UNREAD);
	assert_int_equal(extreme(3, "voltage.a")->max.point, (int)index_of("extreme.max.voltage.a@3"));
}

static void months_of_extremes(void **state)
{
	(void)state;
	gather(1);
	assert_int_equal(h.nrecords, 1);
	assert_int_equal(h.nextremes, 2 * 22);
}

/* ---- notes ---------------------------------------------------------------- */

static bool noted(const char *what)
{
	const char *note[HISTORY_NOTES];

	history_notes(&h, note);
	for (int i = 0; note[i]; i++)
		if (strstr(note[i], what))
			return true;
	return false;
}

static void notes_say_what_is_open(void **state)
{
	(void)state;
	record(1, 2, 100);
	gather(12);
	assert_true(noted("is not known"));
	assert_true(noted("without a year"));
	assert_false(noted("taken for unused"));
	fill(false, 2, 0);
	gather(12);
	assert_true(noted("taken for unused"));
	record(2, 1, 200);
	gather(12);
	assert_true(noted("some are below"));
}

/* ---- another meter -------------------------------------------------------- */

/* Few records, no tariffs, minima alone. */
static void a_meter_of_its_own(void **state)
{
	static const char yaml[] =
		"profile: own\ntitle: Own\ngroups:\n"
		"  - group: history\n    title: History\n    type: u32\n    repeat: {count: 3, stride: 16}\n"
		"    points:\n"
		"      - {key: history.energy.active.import.total, at: 0, unit: kWh, name: Import}\n"
		"  - group: low\n    title: Low\n    points:\n"
		"      - {key: extreme.min.frequency, at: 100, scale: 0.01, unit: Hz, name: Lowest}\n";
	char path[TEMP_PATH];
	struct err e = { 0 };
	FILE *f = fopen(temp_path(path, "own.yaml"), "w");

	(void)state;
	assert_non_null(f);
	fputs(yaml, f);
	fclose(f);
	free(readings);
	readings = NULL;
	profile = profile_load(path, &e);
	if (!profile)
		fail_msg("%s", e.text);
	readings = calloc(profile->npoints, sizeof(*readings));
	give(IMPORT, 12);
	give(at(IMPORT, 1), 9);
	give("extreme.min.frequency", 4990);
	gather(12);
	assert_int_equal(h.nrecords, 3);
	same(import(0)->difference, 3);
	assert_int_equal(h.records[0].time, -1);
	assert_string_equal(history_time(&h, h.records[0].time), "");
	assert_null(history_value(&h, 0, 0, 1));
	assert_null(history_value(&h, 0, 1, 0));
	assert_int_equal(h.nextremes, 1);
	assert_int_equal(h.extremes[0].max.point, -1);
	assert_int_equal(h.extremes[0].min.state, HISTORY_KEPT);
	assert_int_equal(h.extremes[0].min.time, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(months_chosen), TEST(none_to_read), TEST(nothing_read), TEST(differences),
		TEST(the_oldest_shown_has_a_difference), TEST(some_months_prove_nothing),
		TEST(a_fall_stays_a_fall), TEST(unused_records), TEST(zero_with_a_time_is_a_zero),
		TEST(energies_without_a_time), TEST(one_value_of_ones_is_none), TEST(half_read),
		TEST(refused), TEST(stale_is_still_known), TEST(extremes_and_their_times),
		TEST(months_of_extremes), TEST(notes_say_what_is_open), TEST(a_meter_of_its_own),
	};

	return UNIT_RUN(tests);
}
