/* How many meters were not heard yet: held against simulated fleets whose number is known. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/fleet_census.h"

#define S 1000000LL
#define SINCE (5000 * S)
#define RUNS 200

/* Meters of one interval; SAYS: each says it. */
struct sort {
	size_t n;
	int interval_s;
	bool says;
};

static double random_share(void)
{
	return (double)rand() / ((double)RAND_MAX + 1);
}

/* What is heard of one meter in T_S; false: nothing. */
static bool hear(const struct sort *sort, double t_s, struct fleet_row *row)
{
	*row = (struct fleet_row){ .rhythm.set_s = sort->says ? sort->interval_s : 0 };
	for (double at = random_share() * sort->interval_s; at < t_s; at += sort->interval_s) {
		int64_t us = SINCE + (int64_t)(at * 1e6);

		rhythm_take(&row->rhythm, us, us, 0, false, false);
		row->heard_us = us;
	}
	return row->rhythm.uploads > 0;
}

/* A fleet of N sorts is heard for T_S. How many are missing. */
static size_t listen(const struct sort *sorts, size_t nsorts, double t_s, struct fleet_census *c)
{
	struct fleet_row *rows = calloc(20000, sizeof(*rows));
	struct fleet f = { .rows = rows };
	size_t all = 0;

	assert_non_null(rows);
	for (size_t k = 0; k < nsorts; k++)
		for (size_t i = 0; i < sorts[k].n; i++, all++)
			f.n += hear(&sorts[k], t_s, &rows[f.n]);
	fleet_census_take(&f, SINCE, SINCE + (int64_t)(t_s * 1e6), c);
	assert_int_equal(c->heard, f.n);
	free(rows);
	return all - f.n;
}

/* The means of many runs: what is missing, and what is said of it. */
struct means {
	double missing, least, most;
};

static struct means many(const struct sort *sorts, size_t nsorts, double t_s)
{
	struct means m = { 0 };
	struct fleet_census c;

	for (int i = 0; i < RUNS; i++) {
		m.missing += (double)listen(sorts, nsorts, t_s, &c) / RUNS;
		assert_true(c.least <= c.most);
		m.least += c.least / RUNS;
		m.most += c.most / RUNS;
	}
	return m;
}

static void assert_near(double a, double b, double share)
{
	if (fabs(a - b) > share * b + 0.5)
		fail_msg("%g is not about %g", a, b);
}

/* 1,000 meters, 10 s: those of a minute are the least, those of 15 minutes the most. */
static void intervals_not_known(void **state)
{
	const struct sort minute = { 1000, 60, false }, quarter = { 1000, 900, false }, five = { 1000, 300, false };
	struct means m = many(&minute, 1, 10);

	(void)state;
	assert_near(m.missing, 1000 * 5 / 6.0, 0.02);
	assert_near(m.least, m.missing, 0.03);
	m = many(&quarter, 1, 10);
	assert_near(m.most, m.missing, 0.03);
	m = many(&five, 1, 10);
	assert_true(m.least < m.missing && m.missing < m.most);
}

/* Who says its interval stands for the others of its kind. */
static void intervals_said(void **state)
{
	const struct sort sorts[] = { { 500, 60, true }, { 500, 300, true }, { 1000, 900, true } };
	struct means m = many(sorts, 3, 20);

	(void)state;
	assert_near(m.least, m.missing, 0.03);
	assert_near(m.most, m.missing, 0.03);
}

/* Some were heard twice, and most once, as their interval has it: nobody is missing. */
static void interval_seen(void **state)
{
	const struct sort minute = { 1000, 60, false };
	struct means m = many(&minute, 1, 70);

	(void)state;
	assert_true(m.missing < 0.001);
	assert_true(m.most < 0.001);
	/* hardly more than the interval: what is heard at the ends proves nothing */
	m = many(&minute, 1, 61);
	assert_true(m.least < 0.001);
}

/* Quick ones are all heard; of the slow ones beside them the share is. */
static void slow_beside_quick(void **state)
{
	const struct sort sorts[] = { { 600, 60, false }, { 400, 900, false } };
	struct means m = many(sorts, 2, 200);

	(void)state;
	assert_near(m.missing, 400 * 7 / 9.0, 0.03);
	assert_near(m.most, m.missing, 0.05);
	m = many(sorts, 2, 100);
	assert_near(m.most, m.missing, 0.05);
}

/* After 15 minutes each has been heard. */
static void all_heard(void **state)
{
	const struct sort sorts[] = { { 600, 60, false }, { 400, 900, false } };
	struct means m = many(sorts, 2, 900.5);

	(void)state;
	assert_true(m.missing < 0.001 && m.most < 0.001);
}

/* Those that the broker has kept are listed, and so not missing. */
static void kept_by_the_broker(void **state)
{
	struct fleet_row rows[50] = { 0 };
	struct fleet f = { .rows = rows, .n = 50 };
	struct fleet_census c;

	(void)state;
	fleet_census_take(&f, SINCE, SINCE + 10 * S, &c);
	assert_true(c.heard == 0 && c.least <= 0 && c.most <= 0);
	for (int i = 0; i < 10; i++)
		rhythm_take(&rows[i].rhythm, SINCE + i * S, SINCE, 0, false, false);
	fleet_census_take(&f, SINCE, SINCE + 10 * S, &c);
	assert_near(c.least, 10 * 5 - 40, 0);
	assert_near(c.most, 10 * 89 - 40, 0);
	fleet_census_take(&f, SINCE, SINCE, &c);
	assert_true(c.listened_s <= 0 && c.most <= 0);
}

static void two_intervals(void **state)
{
	struct fleet_row rows[2] = { 0 };
	struct fleet f = { .rows = rows, .n = 2 };
	struct fleet_census c;

	(void)state;
	fleet_census_take(&f, SINCE, SINCE + 1 * S, &c);
	assert_int_equal(fleet_census_until_us(&c, SINCE), SINCE + 1800 * S);
	rhythm_take(&rows[0].rhythm, SINCE + 1 * S, SINCE, 0, false, false);
	rhythm_take(&rows[0].rhythm, SINCE + 31 * S, SINCE, 0, false, false);
	fleet_census_take(&f, SINCE, SINCE + 40 * S, &c);
	assert_int_equal(fleet_census_until_us(&c, SINCE), SINCE + 60 * S);
	/* one whose interval is not known: it may be the longest */
	rhythm_take(&rows[1].rhythm, SINCE + 41 * S, SINCE, 0, false, false);
	fleet_census_take(&f, SINCE, SINCE + 50 * S, &c);
	assert_int_equal(fleet_census_until_us(&c, SINCE), SINCE + 1800 * S);
	rhythm_take(&rows[1].rhythm, SINCE + 341 * S, SINCE, 0, false, false);
	fleet_census_take(&f, SINCE, SINCE + 350 * S, &c);
	assert_int_equal(fleet_census_until_us(&c, SINCE), SINCE + 600 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_not_known), cmocka_unit_test(intervals_said), cmocka_unit_test(interval_seen),
		cmocka_unit_test(slow_beside_quick), cmocka_unit_test(all_heard), cmocka_unit_test(kept_by_the_broker),
		cmocka_unit_test(two_intervals),
	};

	srand(13);
	return UNIT_RUN(tests);
}
