/* The wiring doctor: each finding, each gate, the phasors and the options. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_site.h"

#define SAMPLES 5

struct bench {
	struct site w;
	struct doctor_options o;
	struct doctor_sample s[SAMPLES];
	struct doctor_verdict v;
};

static void set_up(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->w = healthy_site;
	doctor_options_init(&b->o);
	b->o.site = DOCTOR_SITE_CONSUMER;
}

static void take(struct bench *b)
{
	for (int k = 0; k < SAMPLES; k++)
		site_read(&b->w, 1700000000000000 + k * 250000, &b->s[k]);
}

static void judge(struct bench *b)
{
	doctor_judge(b->s, SAMPLES, &b->o, &b->v);
}

static const struct doctor_finding *finding(const struct bench *b, enum doctor_code code)
{
	for (size_t k = 0; k < b->v.nfindings; k++)
		if (b->v.findings[k].code == code)
			return &b->v.findings[k];
	return NULL;
}

/* That finding, about these inputs, with this outcome. */
static void expect(const struct bench *b, enum doctor_outcome outcome, enum doctor_code code,
		   unsigned phases)
{
	const struct doctor_finding *f = finding(b, code);

	if (!f) {
		fail_msg("no %s", doctor_code_name(code));
		return;
	}
	assert_int_equal(f->phases, phases);
	assert_true(f->confidence > 0 && f->confidence <= 1);
	assert_true(*f->explain && *f->fix);
	assert_int_equal(b->v.outcome, outcome);
}

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
	site_wire(&b.w, 33);
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, 7);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 1);
	assert_non_null(strstr(finding(&b, DOCTOR_CT_ROTATED)->fix, "input a is on phase b"));
	assert_non_null(strstr(finding(&b, DOCTOR_CT_ROTATED)->fix, "bring each voltage to the input that has"));
}

/* A wide window leaves two; a narrow one tells. */
static void test_window(void **state)
{
	struct bench b;
	struct err e = { 0 };

	(void)state;
	set_up(&b);
	for (int x = 0; x < 3; x++)
		b.w.pf_lag[x] = 52;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_true(b.v.evidence.ncandidates >= 2);
	assert_true(doctor_wiring_right(&b.v.evidence.candidates[0].wiring));
	assert_int_equal(doctor_window_parse("0.5,1", &b.o, &e), 0);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
}

/* Loads that lead a little look like loads that lag by 60 degrees more and three mistakes
 * more or less: no mistake at all is believed rather than five, and nothing else. */
static void test_fewer_mistakes(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	for (int x = 0; x < 3; x++)
		b.w.pf_lag[x] = -9;
	take(&b);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	assert_true(b.v.evidence.has_unlikely && b.v.evidence.unlikely.changes == 5);
	/* somebody has said that the loads may lag so much */
	b.o.window_said = true;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	b.o.window_said = false;
	for (int x = 0; x < 2; x++) {
		b.w.reversed[x] = true;
		take(&b);
		judge(&b);
		expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
		assert_int_equal(b.v.evidence.ncandidates, 2);
		assert_int_equal(b.v.evidence.candidates[0].changes, x + 1);
		assert_int_equal(b.v.evidence.candidates[1].changes, 4 - x);
	}
}

static void all_lag(struct bench *b, double lag)
{
	for (int x = 0; x < 3; x++)
		b->w.pf_lag[x] = lag;
	take(b);
	judge(b);
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
	assert_int_equal(b->v.evidence.ncandidates, 1);
	doctor_options_init(&b->o);
	b->o.site = DOCTOR_SITE_CONSUMER;
	judge(b);
}

/* A site at PF 0.5 is 60 degrees from heaters with five mistakes: those are believed where
 * the loads would be heaters to the degree, and a site without mistakes may be a little
 * worse than the window. */
static void test_edges(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	site_wire(&b.w, 39);	/* rotated, all reversed */
	all_lag(&b, 0);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, 7);
	all_lag(&b, 10);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, 7);
	site_wire(&b.w, 0);
	for (double lag = 62.8; lag < 63.7; lag += 0.4) {
		all_lag(&b, lag);
		expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
		assert_true(doctor_wiring_right(&b.v.evidence.candidates[0].wiring));
		offered(&b, true, DOCTOR_PASS);
		offered(&b, false, DOCTOR_FAIL);
	}
	/* one mistake there: four others are less sure than that, and it is said */
	b.w.reversed[1] = true;
	all_lag(&b, 64);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_ROTATED, 7);
	assert_true(finding(&b, DOCTOR_CT_ROTATED)->confidence < 0.8);
	assert_non_null(strstr(finding(&b, DOCTOR_CT_ROTATED)->explain, "it would be: CT b reversed"));
	b.w.reversed[1] = false;
	/* said, it is as good as any other, at both edges */
	b.o.window_said = true;
	all_lag(&b, 60);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	site_wire(&b.w, 39);
	all_lag(&b, 0);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
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
}

static void test_samples(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	doctor_judge(b.s, 0, &b.o, &b.v);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	doctor_judge(b.s, 2, &b.o, &b.v);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	doctor_judge(b.s, 3, &b.o, &b.v);
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

/* ---- three wires: input a between lines a and b, input c between c and b -------- */

static void three_wire_sample(double lag, bool acb, bool swapped, unsigned reversed,
			      struct doctor_sample *s)
{
	double u[3][POINTS], i[2][POINTS];

	site_read(&healthy_site, s->at_us, s);
	for (int x = 0; x < 3; x++)
		draw(u[x], 58, acb ? -120.0 * x : 120.0 * x, 0);
	draw(i[swapped], 2.5, lag, 0);
	draw(i[!swapped], 2.5, (acb ? 120 : 240) + lag, 0);
	for (int e = 0; e < 2; e++) {
		int x = e ? 2 : 0;
		double v[POINTS];

		for (int k = 0; k < POINTS; k++) {
			v[k] = u[x][k] - u[1][k];
			i[e][k] *= reversed >> e & 1 ? -1 : 1;
		}
		s->u[x] = sqrt(mean_of(v, v, 0));
		s->i[x] = 2.5;
		s->p[x] = mean_of(v, i[e], 0) / 1000;
		s->q[x] = mean_of(v, i[e], POINTS / 4) / 1000;
		s->s[x] = s->u[x] * 2.5 / 1000;
	}
	s->u[1] = s->p[1] = s->q[1] = s->s[1] = 0;
	s->line[0] = s->line[1] = s->line[2] = s->u[0];
	for (int x = 0; x < 3; x++)
		s->angle_u[x] = s->angle_i[x] = s->pf[x] = NAN;
	s->p_total = s->p[0] + s->p[2];
	s->q_total = s->q[0] + s->q[2];
	s->s_total = hypot(s->p_total, s->q_total);
}

static void judge_three_wires(struct bench *b, double lag, bool acb, bool swapped, unsigned reversed)
{
	for (int k = 0; k < SAMPLES; k++) {
		b->s[k].at_us = 1700000000000000 + k;
		three_wire_sample(lag, acb, swapped, reversed, &b->s[k]);
	}
	judge(b);
}

static void test_three_wires(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.o.wires = DOCTOR_3WIRE;
	for (int turn = 0; turn < 8; turn++) {
		double lag = 15 * (turn / 2);
		bool acb = turn % 2;

		judge_three_wires(&b, lag, acb, false, 0);
		assert_int_equal(b.v.outcome, DOCTOR_PASS);
		judge_three_wires(&b, lag, acb, true, 0);
		expect(&b, DOCTOR_FAIL, DOCTOR_CT_SWAPPED, 5);
		judge_three_wires(&b, lag, acb, false, 1);
		expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 1);
		judge_three_wires(&b, lag, acb, false, 2);
		expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 4);
		judge_three_wires(&b, lag, acb, false, 3);
		expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 5);
	}
	judge_three_wires(&b, 20, false, false, 0);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].line[2] *= 1.73;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_UNBALANCED, 5);
	/* taken for four wires, b has no voltage, and the fix names the way out */
	b.o.wires = DOCTOR_4WIRE;
	judge_three_wires(&b, 20, false, false, 0);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_MISSING, 2);
	assert_non_null(strstr(finding(&b, DOCTOR_VOLTAGE_MISSING)->fix, "--wires 3"));
}

/* ---- phasors ---------------------------------------------------------------------- */

static void test_phasors(void **state)
{
	struct bench b;
	struct doctor_phasors p;

	(void)state;
	set_up(&b);
	for (b.w.angles = -1; b.w.angles <= 1; b.w.angles++) {
		take(&b);
		doctor_phasors_make(&b.s[0], &b.o, &p);
		assert_int_equal(p.angle_sign, b.w.angles);
		for (int x = 0; x < 3; x++) {
			assert_true(fabs(p.u[x].lag - 120 * x) < 0.5);
			assert_true(fabs(p.i[x].lag - 120 * x - 20) < 0.5);
			assert_true(fabs(p.i[x].length - 2.5) < 0.01);
		}
	}
	b.w.amperes = 0;
	take(&b);
	doctor_phasors_make(&b.s[0], &b.o, &p);
	assert_int_equal(p.source, DOCTOR_SOURCE_NONE);
	assert_true(isnan(p.i[0].lag));
}

/* Any of the 48, put right by what it is: what the healthy site shows. */
static void test_correct(void **state)
{
	struct bench b;
	struct doctor_phasors healthy, seen, right;

	(void)state;
	set_up(&b);
	b.w.uneven[0] = 0.7;
	b.w.uneven[2] = 1.3;
	b.w.pf_lag[1] = 35;
	take(&b);
	doctor_phasors_make(&b.s[0], &b.o, &healthy);
	for (unsigned n = 0; n < 48; n++) {
		struct doctor_wiring w;

		site_wire(&b.w, n);
		memcpy(w.of, b.w.of, sizeof(w.of));
		memcpy(w.reversed, b.w.reversed, sizeof(w.reversed));
		take(&b);
		doctor_phasors_make(&b.s[0], &b.o, &seen);
		doctor_correct(&seen, &w, &right);
		for (int x = 0; x < 3; x++) {
			assert_true(fabs(right.i[x].length - healthy.i[x].length) < 0.011);
			assert_true(fabs(right.i[x].lag - healthy.i[x].lag) < 0.6);
			assert_true(fabs(right.p[x] - healthy.p[x]) < 0.006);
			assert_true(fabs(right.q[x] - healthy.q[x]) < 0.006);
		}
		assert_true(fabs(right.p_total - healthy.p_total) < 0.01);
	}
}

/* ---- options, words ------------------------------------------------------------------ */

/* A window that leaves more wirings than there is room for: the rest is counted. */
static void test_many_wirings(void **state)
{
	struct bench b;
	struct err e = { 0 };
	const char *explain;
	unsigned named = 1, more = 0;

	(void)state;
	set_up(&b);
	b.w.angles = 0;
	b.w.reversed[1] = true;
	assert_int_equal(doctor_window_parse("0.1,0.4", &b.o, &e), 0);
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	explain = finding(&b, DOCTOR_AMBIGUOUS)->explain;
	for (const char *at = explain; (at = strstr(at, "; or ")); at++)
		named++;
	assert_non_null(strstr(explain, "; and "));
	assert_int_equal(sscanf(strstr(explain, "; and "), "; and %u more", &more), 1);
	assert_string_equal(explain + strlen(explain) - strlen(" more"), " more");
	assert_int_equal(named + more, b.v.evidence.ncandidates);
}

static void test_options(void **state)
{
	static const char *const bad_windows[] = { "", "0.5", "0,1", "0.5,1.1", "0.5,x", "-0.5,1",
						   "0.5lug,1", "nan,1", "0.5,0.9,1" };
	static const char *const bad_clamps[] = { "", "a", "a=", "d=5", "a=-1", "a=1,b", "a=nan", "a=inf",
						  "a=1;b=2", "ab=5" };
	struct doctor_options o;
	struct err e = { 0 };

	(void)state;
	doctor_options_init(&o);
	assert_true(fabs(cos(o.window_lead * M_PI / 180) - 0.95) < 1e-6);
	assert_int_equal(doctor_window_parse("0.52lag,0.95lag", &o, &e), 0);
	assert_true(fabs(o.window_lag - 58.67) < 0.01 && fabs(o.window_lead + 18.19) < 0.01);
	assert_int_equal(doctor_window_parse("0.97,0.89", &o, &e), 0);
	assert_true(fabs(o.window_lag - 14.07) < 0.01 && fabs(o.window_lead - 27.13) < 0.01);
	for (size_t k = 0; k < sizeof(bad_windows) / sizeof(bad_windows[0]); k++)
		if (!doctor_window_parse(bad_windows[k], &o, &e) || e.code != ERR_USAGE)
			fail_msg("'%s' passes", bad_windows[k]);
	assert_int_equal(doctor_clamp_parse("a=120,c=118.5", &o, &e), 0);
	assert_true(fabs(o.clamp[2] - 118.5) < 1e-9 && isnan(o.clamp[1]));
	doctor_options_init(&o);
	for (size_t k = 0; k < sizeof(bad_clamps) / sizeof(bad_clamps[0]); k++) {
		doctor_options_init(&o);
		if (!doctor_clamp_parse(bad_clamps[k], &o, &e) || e.code != ERR_USAGE)
			fail_msg("'%s' passes", bad_clamps[k]);
	}
}

static void test_words(void **state)
{
	struct doctor_wiring w = { .of = { 0, 1, 2 } };
	char buf[120];

	(void)state;
	assert_string_equal(doctor_wiring_text(&w, buf, sizeof(buf)), "as it should be");
	w = (struct doctor_wiring){ { 2, 1, 0 }, { false, true, false } };
	assert_string_equal(doctor_wiring_text(&w, buf, sizeof(buf)), "CTs a and c exchanged, CT b reversed");
	assert_string_equal(doctor_phases_text(7, buf, sizeof(buf)), "a, b and c");
	assert_string_equal(doctor_phases_text(0, buf, sizeof(buf)), "");
	assert_string_equal(doctor_pf_text(60, buf, sizeof(buf)), "PF 0.50 lag");
	assert_string_equal(doctor_pf_text(-18.2, buf, sizeof(buf)), "PF 0.95 lead");
	for (unsigned c = 0; c < DOCTOR_CODES; c++)
		assert_non_null(doctor_code_name(c));
}

/* A sample of what the profile has, and of nothing else. */
static void test_sample(void **state)
{
	const struct profile *p = profile_builtin_named("sdm630");
	struct reading *r = calloc(p->npoints, sizeof(*r));
	int u = profile_find(p, "voltage.b"), angle = profile_find(p, "angle.c");
	struct doctor_sample s;

	(void)state;
	assert_non_null(r);
	r[u] = (struct reading){ .quality = QUALITY_OK, .at_us = 7, .value = { VALUE_NUMBER, 231, "" } };
	r[angle] = (struct reading){ .quality = QUALITY_STALE, .at_us = 9, .value = { VALUE_NUMBER, 20, "" } };
	doctor_sample_take(p, r, &s);
	assert_true(fabs(s.u[1] - 231) < 1e-9 && isnan(s.u[0]) && isnan(s.angle_ui[2]) && isnan(s.ct));
	assert_int_equal(s.at_us, 7);
	free(r);
}

/* What a technician is told to do to a CT may kill: an open secondary makes kilovolts. */
static void test_safe_words(void **state)
{
	static const enum doctor_code codes[] = { DOCTOR_CT_REVERSED, DOCTOR_CT_SWAPPED, DOCTOR_CT_ROTATED };
	static const unsigned wirings[] = { 2, 8, 32 };
	struct bench b;

	(void)state;
	set_up(&b);
	for (size_t k = 0; k < sizeof(codes) / sizeof(codes[0]); k++) {
		site_wire(&b.w, wirings[k]);
		take(&b);
		judge(&b);
		assert_non_null(strstr(finding(&b, codes[k])->fix, "never open a 5 A or 1 A CT under load"));
	}
	b.w = healthy_site;
	b.w.uneven[2] = 0.05;
	take(&b);
	judge(&b);
	assert_non_null(strstr(finding(&b, DOCTOR_CT_SHORTED)->fix, "never open a 5 A or 1 A CT under load"));
}

/* One phase that feeds in looks like one reversed CT: who has not said that nothing
 * does is told before he turns it. */
static void test_feeding_in(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.pf_lag[1] = 178;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	assert_null(strstr(finding(&b, DOCTOR_CT_REVERSED)->fix, "PV"));
	b.o.site = DOCTOR_SITE_UNSAID;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	assert_non_null(strstr(finding(&b, DOCTOR_CT_REVERSED)->fix, "unless PV feeds in on b"));
}

static void no_nan(const struct bench *b)
{
	for (size_t k = 0; k < b->v.nfindings; k++)
		if (strstr(b->v.findings[k].explain, "nan") || strstr(b->v.findings[k].fix, "nan"))
			fail_msg("%s: %s: %s", doctor_code_name(b->v.findings[k].code),
				 b->v.findings[k].explain, b->v.findings[k].fix);
}

/* A model without line voltages and ratios: what is not known is no number. */
static void test_unread_words(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++) {
		b.s[k].line[0] = b.s[k].line[1] = b.s[k].line[2] = b.s[k].pt = b.s[k].ct = NAN;
		b.s[k].u[1] = 180;
	}
	b.o.nominal_voltage = 57.7;
	b.o.nominal_current = 1;
	judge(&b);
	assert_non_null(finding(&b, DOCTOR_VOLTAGE_UNBALANCED));
	assert_non_null(finding(&b, DOCTOR_RATIO_MISMATCH));
	no_nan(&b);
	for (int k = 0; k < SAMPLES; k++) {
		b.s[k].u[1] = 230;
		b.s[k].angle_u[1] = b.s[k].angle_u[2];
	}
	judge(&b);
	assert_non_null(finding(&b, DOCTOR_VOLTAGE_DUPLICATED));
	no_nan(&b);
}

static void test_voltage_words(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].u[0] = b.s[k].u[1] = b.s[k].u[2] = 0;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_MISSING, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_VOLTAGE_MISSING)->explain, "no input has any"));
	/* four wires taken for three look like a transformer upside down */
	take(&b);
	b.o.wires = DOCTOR_3WIRE;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_UNBALANCED, 5);
	assert_non_null(strstr(finding(&b, DOCTOR_VOLTAGE_UNBALANCED)->fix, "--wires 4"));
}

/* CTs are made in steps of a fifth: what is off by less is the load that moved, or the
 * clamp meter. */
static void test_clamp_a_little_off(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 108;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_RATIO_MISMATCH, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_RATIO_MISMATCH)->fix, "measure again"));
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 120;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_RATIO_MISMATCH, 7);
	/* of a meter that multiplies */
	for (int k = 0; k < SAMPLES; k++)
		b.s[k].ct = 2;
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 2.7;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_RATIO_MISMATCH, 7);
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
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_voltages),
		cmocka_unit_test(test_currents),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_clamp_of_moved),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_three_wires),
		cmocka_unit_test(test_phasors),
		cmocka_unit_test(test_correct),
		cmocka_unit_test(test_many_wirings),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_safe_words),
		cmocka_unit_test(test_feeding_in),
		cmocka_unit_test(test_unread_words),
		cmocka_unit_test(test_voltage_words),
		cmocka_unit_test(test_clamp_a_little_off),
	};

	return UNIT_RUN(tests);
}
