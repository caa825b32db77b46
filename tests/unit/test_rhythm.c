/* How regularly a meter uploads: what counts, what is missing, what is overdue. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "link/rhythm.h"
#include "mqtt/dialects/dialect.h"

#define S 1000000LL
#define WALL (1700000000LL * S)

/* An upload at AT seconds, stamped with STAMP seconds (0: none). */
static enum rhythm_verdict take(struct rhythm *r, double at, double stamp)
{
	int64_t us = (int64_t)(at * 1e6);

	return rhythm_take(r, us, WALL + us, stamp > 0 ? WALL + (int64_t)(stamp * 1e6) : 0,
			   false, false);
}

/* What a broker had kept for us comes at once: it says nothing of the interval. */
static void burst(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++)
		take(&r, 100 + i * 0.001, 1 + i * 60);
	assert_int_equal(r.uploads, 20);
	assert_true(rhythm_seen_s(&r) == 0);
	assert_int_equal(rhythm_overdue(&r, 130 * S), 0);
	assert_int_equal(take(&r, 130, 20 * 60), RHYTHM_ON_TIME);
	assert_int_equal(take(&r, 190, 21 * 60), RHYTHM_LATE);
	assert_int_equal(take(&r, 250, 22 * 60), RHYTHM_ON_TIME);
	assert_true(rhythm_seen_s(&r) == 60);
}

static void regular(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	assert_true(rhythm_seen_s(&r) == 0 && rhythm_expected_s(&r) == 0);
	assert_int_equal(rhythm_overdue(&r, 1000 * S), 0);
	r.set_s = 60;
	assert_true(rhythm_expected_s(&r) == 60);
	assert_int_equal(rhythm_overdue(&r, 1000 * S), 0);	/* not heard yet: not overdue */
	assert_int_equal(take(&r, 100, 0), RHYTHM_FIRST);
	assert_int_equal(take(&r, 130, 0), RHYTHM_ON_TIME);
	assert_int_equal(take(&r, 161, 0), RHYTHM_ON_TIME);
	assert_int_equal(take(&r, 190, 0), RHYTHM_ON_TIME);
	assert_true(rhythm_seen_s(&r) == 30);			/* of 30, 31, 29 */
	assert_true(rhythm_expected_s(&r) == 30);		/* what is seen, not what is set */
	assert_int_equal(r.uploads, 4);
	assert_int_equal(r.missed, 0);
	assert_true(r.first_us == 100 * S && r.last_us == 190 * S);
	assert_true(r.last_wall_us == WALL + 190 * S);
}

static void late_and_missed(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	take(&r, 10, 0);
	take(&r, 20, 0);
	assert_int_equal(take(&r, 36.9, 0), RHYTHM_ON_TIME);	/* 1.5 x 10 s and 2 s */
	take(&r, 46.9, 0);
	assert_int_equal(take(&r, 64, 0), RHYTHM_LATE);
	assert_int_equal(r.missed, 1);
	assert_int_equal(take(&r, 114, 0), RHYTHM_LATE);	/* the usual one is 13.45 s now */
	assert_int_equal(r.missed, 1 + 3);
}

/* An interval made longer is late until the median has followed. */
static void new_interval(void **state)
{
	struct rhythm r = { 0 };
	double at = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		take(&r, at += 10, 0);
	for (int i = 0; i < 6; i++)
		take(&r, at += 60, 0);
	assert_int_equal(take(&r, at += 60, 0), RHYTHM_ON_TIME);
	assert_true(rhythm_seen_s(&r) == 60);
	assert_int_equal(r.ngaps, RHYTHM_SAMPLES);
}

static void overdue(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	take(&r, 100, 0);
	take(&r, 110, 0);
	assert_int_equal(rhythm_overdue(&r, 110 * S), 0);
	assert_int_equal(rhythm_overdue(&r, 126 * S), 0);
	assert_int_equal(rhythm_overdue(&r, 127 * S), 1);
	assert_int_equal(rhythm_overdue(&r, 136 * S), 1);
	assert_int_equal(rhythm_overdue(&r, 137 * S), 2);
	assert_int_equal(rhythm_overdue(&r, 90 * S), 0);	/* a clock cannot be trusted */
	assert_true(rhythm_overdue(&r, INT64_MAX) > 1000);
}

static void again_and_old(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	take(&r, 100, 50);
	assert_int_equal(take(&r, 101, 50), RHYTHM_DUPLICATE);
	assert_int_equal(take(&r, 110, 60), RHYTHM_ON_TIME);
	assert_int_equal(take(&r, 111, 55), RHYTHM_OLD);
	assert_int_equal(take(&r, 120, 70), RHYTHM_ON_TIME);
	assert_true(r.uploads == 3 && r.duplicates == 1 && r.old == 1);
	assert_true(rhythm_seen_s(&r) == 10);		/* neither has made a gap */
}

/* The broker's mark counts where the meter gives no time. */
static void marked_again(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	assert_int_equal(rhythm_take(&r, 5 * S, WALL, 0, false, true), RHYTHM_FIRST);
	assert_int_equal(rhythm_take(&r, 6 * S, WALL, 0, false, true), RHYTHM_DUPLICATE);
	assert_int_equal(rhythm_take(&r, 15 * S, WALL, WALL, false, true), RHYTHM_ON_TIME);
	assert_int_equal(rhythm_take(&r, 16 * S, WALL, WALL, false, true), RHYTHM_DUPLICATE);
	assert_int_equal(r.uploads, 2);
}

static void retained(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	assert_int_equal(rhythm_take(&r, 5 * S, WALL, WALL, true, false), RHYTHM_RETAINED);
	assert_true(r.uploads == 0 && r.last_us == 0 && r.retained == 1);
	assert_int_equal(rhythm_take(&r, 9 * S, WALL, WALL, false, false), RHYTHM_FIRST);
}

/* A backlog comes in a burst and is old; a clock put back an hour goes on. */
static void clock_set_back(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	take(&r, 100, 5000);
	take(&r, 110, 5010);
	for (int i = 0; i < 5; i++)
		assert_int_equal(take(&r, 110.1 + i * 0.01, 4000 + i * 10), RHYTHM_OLD);
	assert_int_equal(take(&r, 120, 5020), RHYTHM_ON_TIME);
	assert_int_equal(take(&r, 130, 1430), RHYTHM_OLD);
	assert_int_equal(take(&r, 140, 1440), RHYTHM_LATE);	/* 20 s since the last that counts */
	assert_int_equal(take(&r, 150, 1450), RHYTHM_ON_TIME);
	assert_int_equal(r.sent_us, WALL + 1450 * S);
}

/* A minute instead of two seconds: at once nothing is overdue; what is said again, or
 * for the first time, takes nothing away. */
static void interval_set(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	take(&r, 100, 5000);
	take(&r, 102, 5002);
	rhythm_set(&r, 2);
	assert_int_equal(r.ngaps, 1);
	assert_true(rhythm_overdue(&r, 110 * S) > 0);
	rhythm_set(&r, 60);
	assert_true(rhythm_expected_s(&r) > 59 && rhythm_overdue(&r, 110 * S) == 0);
	assert_int_equal(take(&r, 162, 5062), RHYTHM_ON_TIME);
	rhythm_set(&r, 60);
	assert_int_equal(r.ngaps, 1);
}

/* The broker was away, or we were: what came meanwhile nobody knows. */
static void not_listened(void **state)
{
	struct rhythm r = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		take(&r, 100 + i * 60, 0);
	assert_true(rhythm_overdue(&r, 1000 * S) > 0);
	rhythm_resume(&r, 1000 * S);
	assert_int_equal(rhythm_overdue(&r, 1000 * S), 0);
	assert_int_equal(rhythm_overdue(&r, 1091 * S), 0);
	assert_int_equal(rhythm_overdue(&r, 1093 * S), 1);	/* but from then on */
	assert_int_equal(take(&r, 1010, 0), RHYTHM_ON_TIME);
	assert_int_equal(r.missed, 0);
	assert_true(rhythm_seen_s(&r) == 60);
	assert_int_equal(r.ngaps, 3);
	assert_int_equal(take(&r, 1190, 0), RHYTHM_LATE);
	assert_int_equal(r.missed, 2);
	rhythm_resume(&r, 2000 * S);
	assert_int_equal(rhythm_overdue(&r, 2100 * S), 1);
}

/* An upload of one value, stamped OFF seconds from its arrival AT. */
static enum rhythm_verdict upload(struct rhythm *r, struct upload *up, double at, double off, double value)
{
	int64_t us = (int64_t)(at * 1e6);

	memset(up, 0, sizeof(*up));
	up->kind = UPLOAD_DATA;
	up->n = 1;
	up->values[0] = (struct upload_value){ .item = 1, .num = value };
	up->sent_us = isnan(off) ? 0 : WALL + us + (int64_t)(off * 1e6);
	return rhythm_upload(r, up, us, WALL + us, false, false);
}

/* Three hours, two, one: of then; and then one of now, which alone counts. */
static void backlog(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };
	char text[80];

	(void)state;
	for (int h = 3; h > 0; h--) {
		assert_int_equal(upload(&r, &up, 100 - 2 * h, -3600 * h, h), RHYTHM_BACKLOG);
		assert_true(up.late && up.measured_us == up.sent_us);
	}
	assert_int_equal(upload(&r, &up, 100, -1, 230), RHYTHM_FIRST);
	assert_true(!up.late && up.measured_us == WALL + 99 * S);
	assert_true(r.backlog == 3 && r.uploads == 1 && rhythm_seen_s(&r) == 0);
	assert_string_equal(moment_text(&r.moment, MOMENT_TOLERANCE_S, text, sizeof(text)), "");
	/* the rest of it, behind one of now */
	assert_int_equal(upload(&r, &up, 101, -1800, 4), RHYTHM_BACKLOG);
	assert_true(up.late && r.uploads == 1);
}

/* What a broker kept for a session comes at once. */
static void backlog_burst(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(upload(&r, &up, 100 + i * 0.01, -7200 + i * 2, i), RHYTHM_BACKLOG);
		assert_true(up.late);
	}
}

/* A clock that is behind goes on as time does: late until that is certain. */
static void clock_behind(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };
	char text[80];

	(void)state;
	assert_int_equal(upload(&r, &up, 100, -8 * 3600, 1), RHYTHM_BACKLOG);
	assert_int_equal(upload(&r, &up, 102, -8 * 3600, 2), RHYTHM_BACKLOG);
	assert_int_equal(upload(&r, &up, 104, -8 * 3600, 3), RHYTHM_FIRST);
	assert_true(!up.late && up.measured_us == WALL + 104 * S);
	assert_string_equal(moment_text(&r.moment, MOMENT_TOLERANCE_S, text, sizeof(text)), "clock 8 h behind");
}

/* One that is ahead cannot be a backlog; set right, it goes on at once. */
static void clock_ahead(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };
	char text[80];

	(void)state;
	assert_int_equal(upload(&r, &up, 100, 8 * 3600, 1), RHYTHM_FIRST);
	assert_true(!up.late && up.measured_us == WALL + 100 * S);
	assert_string_equal(moment_text(&r.moment, MOMENT_TOLERANCE_S, text, sizeof(text)), "clock 8 h ahead");
	assert_int_equal(upload(&r, &up, 102, 0, 2), RHYTHM_ON_TIME);
	assert_string_equal(moment_text(&r.moment, MOMENT_TOLERANCE_S, text, sizeof(text)), "clock set 1 time while listening");
}

/* The same stamp with other values is no copy. */
static void clock_stuck(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };

	(void)state;
	assert_int_equal(upload(&r, &up, 100, 0, 230), RHYTHM_FIRST);
	assert_int_equal(upload(&r, &up, 102, -2, 230), RHYTHM_DUPLICATE);
	assert_int_equal(upload(&r, &up, 102.1, -2.1, 231), RHYTHM_ON_TIME);
	assert_int_equal(r.moment.clock, MOMENT_STUCK);
	assert_int_equal(upload(&r, &up, 1000, -900, 232), RHYTHM_LATE);
	assert_true(!up.late && up.measured_us == WALL + 1000 * S);
	assert_int_equal(r.uploads, 3);
}

/* No stamp: it is of when it came. Kept by the broker: of then, or of nobody knows when. */
static void unstamped(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };

	(void)state;
	assert_int_equal(upload(&r, &up, 100, NAN, 1), RHYTHM_FIRST);
	assert_true(!up.late && up.measured_us == WALL + 100 * S);
	assert_int_equal(rhythm_upload(&r, &up, 101 * S, WALL, true, false), RHYTHM_RETAINED);
	assert_true(up.late && up.measured_us == 0);
	up.history = true;
	assert_int_equal(rhythm_upload(&r, &up, 102 * S, WALL, false, false), RHYTHM_BACKLOG);
	assert_true(up.late && up.measured_us == 0);
}

/* 1,000 of a backlog between uploads of now, at random: none of then is taken for one of now. */
static void backlog_random(void **state)
{
	static struct upload up;
	struct rhythm r = { 0 };
	uint32_t seed = 1;
	double at = 100;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		bool late;
		double off;

		seed = seed * 1664525 + 1013904223;
		late = seed >> 30 != 0;
		off = late ? -300 - (double)(seed >> 8 & 0x3FFFF) : -(double)(seed >> 8 & 63);
		at += 0.05 + (double)(seed >> 20 & 255) / 50;
		upload(&r, &up, at, off, i);
		if (late && !up.late)
			fail_msg("upload %d, %.0f s old, is taken for one of now", i, -off);
		if (!late && up.late)
			fail_msg("upload %d of now is taken for one of then", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst), cmocka_unit_test(regular),
		cmocka_unit_test(late_and_missed),
		cmocka_unit_test(new_interval),
		cmocka_unit_test(overdue),
		cmocka_unit_test(again_and_old),
		cmocka_unit_test(marked_again),
		cmocka_unit_test(retained),
		cmocka_unit_test(clock_set_back),
		cmocka_unit_test(interval_set),
		cmocka_unit_test(not_listened),
		cmocka_unit_test(backlog), cmocka_unit_test(backlog_burst),
		cmocka_unit_test(backlog_random),
		cmocka_unit_test(clock_behind), cmocka_unit_test(clock_ahead),
		cmocka_unit_test(clock_stuck), cmocka_unit_test(unstamped),
	};

	return UNIT_RUN(tests);
}
