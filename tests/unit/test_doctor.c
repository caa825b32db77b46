/* The wiring doctor: each finding and each gate, with four wires. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "doctor_bench.h"

static void test_healthy(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	assert_int_equal(b.v.nfindings, 0);
	assert_int_equal(b.v.evidence.agreeing, SAMPLES);
	assert_int_equal(b.v.evidence.source, DOCTOR_SOURCE_ANGLES);
	assert_int_equal(b.v.evidence.angle_sign, 1);
	assert_int_equal(b.v.evidence.rotation, DOCTOR_ROTATION_ABC);
	assert_true(fabs(b.v.evidence.nominal_voltage - 230) < 1);
	assert_true(fabs(b.v.evidence.load[0] - 0.5) < 0.01);
}

/* The same site through registers that count the other way, and through none. */
static void test_angle_sign(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.acb = true;
	for (int sign = -1; sign <= 1; sign++) {
		b.w.angles = sign;
		take(&b);
		judge(&b);
		assert_int_equal(b.v.outcome, DOCTOR_PASS);
		assert_int_equal(b.v.evidence.angle_sign, sign);
		assert_int_equal(b.v.evidence.rotation, sign ? DOCTOR_ROTATION_ACB
							     : DOCTOR_ROTATION_UNKNOWN);
		assert_int_equal(b.v.evidence.source, sign ? DOCTOR_SOURCE_ANGLES
							   : DOCTOR_SOURCE_POWERS);
		assert_true(!finding(&b, DOCTOR_PHASE_SEQUENCE_REVERSED) == !sign);
	}
}

/* Angles that contradict P and Q decide nothing. */
static void test_wrong_angles(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		for (int x = 0; x < 3; x++)
			b.s[k].angle_i[x] = full_circle(b.s[k].angle_i[x] + 120);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	assert_int_equal(b.v.evidence.source, DOCTOR_SOURCE_POWERS);
	assert_int_equal(b.v.evidence.rotation, DOCTOR_ROTATION_UNKNOWN);
}

static void test_reversed(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.o.site = DOCTOR_SITE_UNSAID;
	b.w.reversed[1] = true;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	assert_int_equal(b.v.nfindings, 1);
	/* all of them: or the site exports */
	b.w.reversed[0] = b.w.reversed[2] = true;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_true(b.v.evidence.export_possible);
	b.o.site = DOCTOR_SITE_CONSUMER;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 7);
	b.o.site = DOCTOR_SITE_EXPORTING;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_AMBIGUOUS)->explain, "may export"));
}

static void test_moved(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.of[0] = 2;
	b.w.of[2] = 0;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_SWAPPED, 5);
	assert_non_null(strstr(finding(&b, DOCTOR_CT_SWAPPED)->fix, "exchange the CT leads of a and c"));
	site_wire(&b.w, 32);
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_CT_ROTATED)->fix, "input a is on phase b"));
	assert_non_null(strstr(finding(&b, DOCTOR_CT_ROTATED)->fix, "bring each voltage to the input that has"));
}

static void all_lag(struct bench *b, double lag)
{
	for (int x = 0; x < 3; x++)
		b->w.pf_lag[x] = lag;
	take(b);
	judge(b);
}

/* What nobody has given is a guess: a site without mistakes passes also where motors idle or
 * lamps lead. What somebody has given is all as likely, and nothing beyond it. */
static void test_window(void **state)
{
	struct err e = { 0 };
	struct bench b;

	(void)state;
	set_up(&b);
	for (double lag = -36; lag < 72; lag += 12) {
		all_lag(&b, lag);
		assert_int_equal(b.v.outcome, DOCTOR_PASS);
	}
	b.o.window_said = true;
	all_lag(&b, 52);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_true(b.v.evidence.ncandidates >= 2);
	assert_int_equal(doctor_window_parse("0.5,1", &b.o, &e), 0);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	/* sixty degrees from what he says */
	assert_int_equal(doctor_window_parse("0.9,0.9", &b.o, &e), 0);
	all_lag(&b, 60);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, 7);
}

/* Each lamp-lit, idling or mixed site may look like one with more mistakes and usual loads:
 * where both are likely neither is chosen, and the one with fewer is among them. */
static void test_fewer_mistakes(void **state)
{
	unsigned named = 0;
	struct bench b;

	(void)state;
	set_up(&b);
	/* exchanged and all turned round at PF 0.87 lag, or only exchanged at 0.87 lead */
	site_wire(&b.w, 8);
	all_lag(&b, -30);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_int_equal(b.v.evidence.candidates[0].changes, 1);
	assert_int_equal(b.v.evidence.candidates[1].changes, 4);
	/* one further at PF 0.71 lead, or right at 0.26 lag */
	site_wire(&b.w, 32);
	all_lag(&b, -45);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	for (size_t k = 0; k < b.v.evidence.ncandidates && k < DOCTOR_CANDIDATES; k++)
		named |= 1U << b.v.evidence.candidates[k].changes;
	assert_int_equal(named & 5, 5);
}

/* What the fix of two wirings offers leaves each of them alone. */
static void offered(struct bench *b, bool first, enum doctor_outcome outcome)
{
	const char *at = strstr(finding(b, DOCTOR_AMBIGUOUS)->fix, "--pf-window ");
	struct err e = { 0 };
	char window[32];

	assert_non_null(at);
	if (!first)
		at = strstr(at + 1, "--pf-window ");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "--pf-window %31[0-9.,a-z]", window), 1);
	assert_int_equal(doctor_window_parse(window, &b->o, &e), 0);
	judge(b);
	assert_int_equal(b->v.outcome, outcome);
	doctor_options_init(&b->o);
	b->o.site = DOCTOR_SITE_CONSUMER;
	judge(b);
}

static void test_offered_windows(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	site_wire(&b.w, 32);
	all_lag(&b, -45);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	offered(&b, true, b.v.evidence.candidates[0].changes ? DOCTOR_FAIL : DOCTOR_PASS);
	offered(&b, false, b.v.evidence.candidates[1].changes ? DOCTOR_FAIL : DOCTOR_PASS);
}

/* Feed-in turns active power alone, a CT that is turned round reactive power too. */
static void test_feed_in(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.o.site = DOCTOR_SITE_UNSAID;
	b.w.pf_lag[1] = 165;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_true(b.v.evidence.export_possible);
	assert_int_equal(b.v.evidence.candidates[0].feeds_in, 2);
	assert_non_null(strstr(finding(&b, DOCTOR_AMBIGUOUS)->explain, "as it should be, feed-in on b"));
	b.w.pf_lag[1] = 205;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
}

static void test_voltages(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].u[2] = 80;	/* what leaks over from the others */
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_MISSING, 4);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].line[1] = 0.3;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_DUPLICATED, 6);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].line[0] = b.s[k].line[2] = 230;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_UNBALANCED, 1);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].u[1] = 180;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_UNBALANCED, 2);
	take(&b);
	b.o.nominal_voltage = 57.7;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_RATIO_MISMATCH, 0);
}

static void test_currents(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.uneven[1] = 0;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_MISSING, 2);
	/* the clamp sees none either: there is no load, and nothing to be judged */
	b.o.clamp[1] = 0;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_INSUFFICIENT_LOAD, 2);
	assert_null(finding(&b, DOCTOR_CT_MISSING));
	b.o.clamp[1] = 95;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_MISSING, 2);
	b.o.clamp[1] = NAN;
	b.w.uneven[1] = 0.06;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_CT_SHORTED, 2);
	b.w.uneven[1] = 0.5;
	take(&b);
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 100;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_SHORTED, 2);
}

/* A current of which the meter makes no power is no lack of load. */
static void test_powerless(void **state)
{
	const struct doctor_finding *f;
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.amperes = 4.8;
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].p[0] = b.s[k].q[0] = b.s[k].s[0] = 0;
	judge(&b);
	f = finding(&b, DOCTOR_INSUFFICIENT_LOAD);
	assert_non_null(f);
	assert_int_equal(f->phases, 1);
	assert_null(strstr(f->explain, "less than"));
	assert_non_null(strstr(f->explain, "without power"));
}

static void test_ratio(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 101;
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	assert_true(fabs(b.v.evidence.clamp_ct[0] - 40.4) < 0.2);
	/* 300/5 where the meter holds 200/5 */
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 150;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_RATIO_MISMATCH, 7);
	set_up(&b);
	b.o.nominal_current = 1;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_RATIO_MISMATCH, 7);
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++) {
		b.s[k].s[0] *= 40;
		b.s[k].p[0] *= 40;
		b.s[k].q[0] *= 40;
	}
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_RATIO_MISMATCH, 1);
}

/* The clamp was on the conductors, the CTs are on the wrong ones: no ratio is wrong. */
static void test_clamp_of_moved(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.uneven[1] = 0.8;
	b.w.uneven[2] = 0.5;
	for (int x = 0; x < 3; x++)
		b.o.clamp[x] = 100 * b.w.uneven[x];
	for (unsigned wiring = 0; wiring < 48; wiring += 8) {
		site_wire(&b.w, wiring);
		take(&b);
		judge(&b);
		assert_int_equal(b.v.outcome, wiring ? DOCTOR_FAIL : DOCTOR_PASS);
		assert_int_equal(b.v.nfindings, wiring > 0);
		for (int x = 0; x < 3; x++)
			assert_true(fabs(b.v.evidence.clamp_ct[x] - 40) < 0.5);
	}
	b.o.clamp[b.w.of[1]] *= 2;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_SHORTED, 2);
	assert_int_equal(b.v.nfindings, 2);
}

static void test_sums(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].p_total *= 0.66;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_SUM_MISMATCH, 0);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].pf[2] = 0.4;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_SUM_MISMATCH, 4);
	/* a signed power factor, in whatever sense, and a vector sum are no mistakes */
	take(&b);
	for (int k = 0; k < SAMPLES; k++) {
		b.s[k].pf[2] *= -1;
		b.s[k].s_total = hypot(b.s[k].p_total, b.s[k].q_total);
	}
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
}

static void test_clock(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].clock_ahead = -90;
	judge(&b);
	expect(&b, DOCTOR_PASS, DOCTOR_CLOCK_WRONG, 0);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].clock_ahead = 3600;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CLOCK_WRONG, 0);
	assert_non_null(strstr(b.v.findings[0].explain, "60 minutes ahead of"));
	assert_non_null(strstr(b.v.findings[0].explain, "only one of the two clocks is on summer time"));
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].clock_ahead = -1770;
	judge(&b);
	assert_non_null(strstr(b.v.findings[0].explain, "summer time of 30 minutes"));
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].clock_ahead = 3700;
	judge(&b);
	assert_null(strstr(b.v.findings[0].explain, "summer"));
}

static void test_samples(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	doctor_check(b.s, 0, &b.o, &b.v);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	b.o.unread = "unit 1 refused it";
	doctor_check(b.s, 2, &b.o, &b.v);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	assert_non_null(strstr(b.v.findings[0].explain, ": unit 1 refused it"));
	b.o.unread = NULL;
	doctor_check(b.s, 3, &b.o, &b.v);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	/* one upload read five times is one */
	for (int k = 1; k < SAMPLES; k++)
		b.s[k].at_us = b.s[0].at_us;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	/* old ones say nothing of now */
	take(&b);
	b.o.now_us = b.s[0].at_us + 16 * 60 * 1000000LL;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	b.o.now_us = 0;
	b.s[0].at_us -= 20 * 60 * 1000000LL;
	b.s[1].at_us = 0;
	judge(&b);
	assert_int_equal(b.v.evidence.used, 3);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	/* two readings of a phase that was reversed just then */
	take(&b);
	for (int k = 0; k < 2; k++) {
		b.s[k].p[1] *= -1;
		b.s[k].q[1] *= -1;
		b.s[k].angle_i[1] = full_circle(b.s[k].angle_i[1] + 180);
		b.s[k].p_total = b.s[k].p[0] + b.s[k].p[1] + b.s[k].p[2];
		b.s[k].q_total = b.s[k].q[0] + b.s[k].q[1] + b.s[k].q[2];
	}
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	assert_int_equal(b.v.evidence.agreeing, 3);
}

/* What was not read is no reason for anything. */
static void test_holes(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++) {
		struct doctor_sample *s = &b.s[k];

		s->p_total = s->q_total = s->s_total = s->pf_total = NAN;
		s->pt = s->ct = s->clock_ahead = s->frequency = NAN;
		for (int x = 0; x < 3; x++)
			s->s[x] = s->pf[x] = s->line[x] = s->angle_u[x] = s->angle_i[x] = NAN;
	}
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].q[1] = NAN;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].i[2] = NAN;
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_INSUFFICIENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_angle_sign),
		cmocka_unit_test(test_wrong_angles),
		cmocka_unit_test(test_reversed),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_fewer_mistakes),
		cmocka_unit_test(test_offered_windows),
		cmocka_unit_test(test_feed_in),
		cmocka_unit_test(test_voltages),
		cmocka_unit_test(test_currents),
		cmocka_unit_test(test_powerless),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_clamp_of_moved),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_holes),
	};

	return UNIT_RUN(tests);
}
