/* A transformer ratio: how it is written, what it does, and whether it fits. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/coach.h"
#include "profile/ratio.h"

static double ratio(const char *text)
{
	struct err e = { 0 };
	double r = -1;

	return ratio_parse(text, &r, &e) ? -(double)e.code : r;
}

static void test_ratio(void **state)
{
	(void)state;
	assert_true(fabs(ratio("200/5") - 40) < 1e-9);
	assert_true(fabs(ratio("10kV/100V") - 100) < 1e-9);
	assert_true(fabs(ratio(" 200 A : 5 A ") - 40) < 1e-9);
	assert_true(fabs(ratio("1kA/1") - 1000) < 1e-9);
	assert_true(fabs(ratio("12,5/5") - 2.5) < 1e-9);
	assert_true(fabs(ratio("40") - 40) < 1e-9);
	assert_true(fabs(ratio("100/3") - 33.3333) < 1e-3);
}

static void test_no_ratio(void **state)
{
	static const char *const wrong[] = {
		"", "/", "200/", "/5", "200/0", "-200/5", "200/-5", "0", "200A", "k/5",
		"200/5/1", "10kV/5A", "5 5/1", "1e400/1", "nan/1", "200//5", "0x20/5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (ratio(wrong[i]) > 0 || (int)ratio(wrong[i]) != -ERR_USAGE)
			fail_msg("'%s' passes", wrong[i]);
}

static void test_ratio_text(void **state)
{
	char buf[200];

	(void)state;
	assert_string_equal(coach_ratio_text("10kV/100", buf, sizeof(buf)), "10000/100 = 100");
	assert_string_equal(coach_ratio_text("40", buf, sizeof(buf)), "40");
	assert_non_null(strstr(coach_ratio_text("10kV/5A", buf, sizeof(buf)), "volts over amperes"));
}

static void put(const struct profile *p, struct reading *r, const char *key, double v)
{
	int i = profile_find(p, key);

	assert_true(i >= 0);
	r[i].quality = QUALITY_OK;
	r[i].value.kind = VALUE_NUMBER;
	r[i].value.num = v;
}

static const struct coach_line *line(const struct coach_line *l, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(l[i].label, label) == 0)
			return &l[i];
	fail_msg("no line '%s'", label);
	return NULL;
}

static void test_lines(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	struct reading *r = calloc(p->npoints, sizeof(*r));
	const struct coach_ratios now = { 1, 1 }, then = { 100, 40 };
	struct coach_line l[COACH_LINES];
	size_t n;

	(void)state;
	put(p, r, "voltage.a", 57.7);
	put(p, r, "current.a", 3.0);
	put(p, r, "power.active.total", 0.5);
	put(p, r, "demand.active.import.present", 0.4);
	n = coach_lines(p, r, &now, &then, false, l);
	assert_int_equal(n, COACH_LINES);
	assert_true(fabs(line(l, n, "U A")->after - 5770) < 1e-6);
	assert_true(fabs(line(l, n, "I A")->before - 3) < 1e-9);
	assert_true(fabs(line(l, n, "I A")->after - 120) < 1e-9);
	assert_true(fabs(line(l, n, "P total")->after - 2000) < 1e-6);
	assert_true(fabs(line(l, n, "Demand")->after - 1600) < 1e-6);
	assert_true(isnan(line(l, n, "U B")->input));
	assert_true(isnan(line(l, n, "U B")->after));
	free(r);
}

/* Readings that are primary values already. */
static void test_lines_applied(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	struct reading *r = calloc(p->npoints, sizeof(*r));
	const struct coach_ratios now = { 1, 40 }, then = { 1, 60 };
	struct coach_line l[COACH_LINES];
	size_t n;

	(void)state;
	put(p, r, "current.a", 120);
	n = coach_lines(p, r, &now, &then, true, l);
	assert_true(fabs(line(l, n, "I A")->input - 3) < 1e-9);
	assert_true(fabs(line(l, n, "I A")->before - 120) < 1e-9);
	assert_true(fabs(line(l, n, "I A")->after - 180) < 1e-9);
	free(r);
}

/* One phase of a 200/5 site. */
static enum coach_verdict verdict(double now, double then, double reading, double clamp,
				  struct coach_answer *a)
{
	const struct coach_question q = {
		.now = now, .then = then, .rated = 5, .step = 0.01,
		.reading = { reading, NAN, NAN }, .clamp = { clamp, NAN, NAN },
	};

	coach_clamp(&q, a);
	assert_int_equal(a->all, a->phase[0].verdict);
	return a->phase[0].verdict;
}

static void test_verdicts(void **state)
{
	struct coach_answer a;

	(void)state;
	assert_int_equal(verdict(40, 40, 3.0, 121, &a), COACH_INPUT);
	assert_true(fabs(a.phase[0].error - -0.826) < 0.01);
	assert_true(fabs(a.phase[0].shown - 120) < 1e-9);
	assert_true(fabs(a.phase[0].load - 60.5) < 0.1);
	assert_int_equal(verdict(40, 40, 120, 121, &a), COACH_APPLIED);
	assert_true(fabs(a.phase[0].shown - 120) < 1e-9);
	assert_true(fabs(a.phase[0].error - -0.826) < 0.01);
	assert_int_equal(verdict(1, 40, 3.0, 121, &a), COACH_FITS);
	assert_int_equal(verdict(40, 60, 3.0, 180, &a), COACH_INPUT);
	assert_int_equal(verdict(40, 60, 120, 180, &a), COACH_APPLIED);
	assert_int_equal(verdict(1, 40, 3.0, 180, &a), COACH_MISMATCH);
	assert_true(fabs(a.phase[0].fits - 60) < 1e-9);
	/* ten times too much typed: the meter's own current still proves it */
	assert_int_equal(verdict(1, 400, 0.75, 30, &a), COACH_MISMATCH);
	assert_true(fabs(a.phase[0].fits - 40) < 1e-9);
}

static void test_no_verdict(void **state)
{
	struct coach_answer a;

	(void)state;
	assert_int_equal(verdict(40, 40, 0.09, 3.6, &a), COACH_TOO_LITTLE);
	assert_true(fabs(a.phase[0].load - 1.8) < 1e-6);
	assert_int_equal(verdict(40, 40, 0, 0, &a), COACH_TOO_LITTLE);
	assert_int_equal(verdict(40, 40, 0.1, 4, &a), COACH_INPUT);
	assert_int_equal(verdict(40, 40, 0, 120, &a), COACH_ONE_SIDED);
	assert_int_equal(verdict(1, 40, 3, 0, &a), COACH_ONE_SIDED);
	assert_int_equal(verdict(40, 40, NAN, 120, &a), COACH_NOTHING);
	assert_int_equal(verdict(40, 40, 3, NAN, &a), COACH_NOTHING);
	assert_int_equal(verdict(40, 0, 3, 120, &a), COACH_NOTHING);
	assert_int_equal(verdict(40, 40, 3, -1, &a), COACH_NOTHING);
}

static void test_all_phases(void **state)
{
	struct coach_question q = {
		.now = 40, .then = 40, .rated = 5, .step = 0.01,
		.reading = { 3.0, 2.5, 0.05 }, .clamp = { 121, 99, 2 },
	};
	struct coach_answer a;

	(void)state;
	coach_clamp(&q, &a);
	assert_int_equal(a.phase[2].verdict, COACH_TOO_LITTLE);
	assert_int_equal(a.all, COACH_INPUT);
	q.reading[2] = 2.0;
	q.clamp[2] = 120;
	coach_clamp(&q, &a);
	assert_int_equal(a.all, COACH_MIXED);
	assert_int_equal(a.odd, 2);
	/* all three by the same factor: it is the ratio, not a transformer */
	q.reading[0] = q.reading[1] = 2.0;
	q.clamp[0] = q.clamp[1] = 121;
	coach_clamp(&q, &a);
	assert_int_equal(a.all, COACH_MISMATCH);
	/* two that differ: which of them is wrong is not known */
	q.clamp[2] = NAN;
	q.clamp[0] = 80;
	coach_clamp(&q, &a);
	assert_int_equal(a.all, COACH_MIXED);
	assert_int_equal(a.odd, -1);
}

static void says(const struct coach_question *q, int phase, const char *part)
{
	struct coach_answer a;
	char text[200];

	coach_clamp(q, &a);
	if (!strstr(coach_text(q, &a, phase, text, sizeof(text)), part))
		fail_msg("'%s' in '%s'", part, text);
}

static void test_words(void **state)
{
	struct coach_question q = {
		.now = 1, .then = 40, .rated = 5, .step = 0.01,
		.reading = { 3.0, NAN, NAN }, .clamp = { 180, NAN, NAN },
	};

	(void)state;
	says(&q, -1, "CT 40 does not fit: 60 would (300/5?)");
	says(&q, 0, "CT 40 does not fit: 60 would (300/5?)");
	says(&q, 1, "");
	q.now = 40;
	says(&q, 0, ", or 2400 if the meter multiplies itself");
	q.now = 60;
	says(&q, 0, "CT 40 does not fit: the 60 that the meter holds does");
	q.now = 40;
	q.clamp[0] = 120;
	says(&q, 0, "CT 40 fits: the meter shows its input");
	says(&q, -1, "does not multiply");
	q.reading[0] = 0.02;
	q.clamp[0] = 0.8;
	says(&q, 0, "0.4 % load proves nothing");
	says(&q, -1, "below 2 % load this proves nothing");
	q.clamp[0] = 120;
	says(&q, 0, "the meter sees next to nothing");
	q.reading[0] = 3;
	q.clamp[0] = 0.01;
	q.now = 1;
	says(&q, 0, "the clamp sees next to nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_no_ratio),
		cmocka_unit_test(test_ratio_text),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_applied),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_no_verdict),
		cmocka_unit_test(test_all_phases),
		cmocka_unit_test(test_words),
	};

	return UNIT_RUN(tests);
}
