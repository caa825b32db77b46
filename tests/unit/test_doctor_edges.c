/*
 * The wiring doctor: where each of its thresholds lies, from both sides. A healthy
 * site in which one thing is changed, just short of a finding and just beyond.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "doctor/angles.h"
#include "doctor_bench.h"

#define SQRT3 1.7320508
#define EACH_SAMPLE(b, s) \
	for (struct doctor_sample *s = (b)->s; s < (b)->s + SAMPLES; s++)

/* ---- what is changed ---------------------------------------------------------- */

static void voltage_c(struct bench *b, double share)
{
	EACH_SAMPLE(b, s)
		s->u[2] = 230 * share;
}

static void voltage_b(struct bench *b, double volts)
{
	EACH_SAMPLE(b, s)
		s->u[1] = volts;
}

static void all_voltages(struct bench *b, double volts)
{
	EACH_SAMPLE(b, s)
		s->u[0] = s->u[1] = s->u[2] = volts;
}

/* Of what two voltages 120 degrees apart have between them. */
static void line_bc(struct bench *b, double share)
{
	EACH_SAMPLE(b, s)
		s->line[1] = 230 * SQRT3 * share;
}

static void lines_of_a(struct bench *b, double share)
{
	EACH_SAMPLE(b, s)
		s->line[0] = s->line[2] = 230 * SQRT3 * share;
}

static void c_behind_b(struct bench *b, double degrees)
{
	EACH_SAMPLE(b, s) {
		s->line[0] = s->line[1] = s->line[2] = NAN;
		s->angle_u[2] = full_circle(s->angle_u[1] + degrees);
	}
}

static void expected_voltage(struct bench *b, double share)
{
	b->o.nominal_voltage = 230 / share;
}

static void full_load(struct bench *b, double share)
{
	b->o.nominal_current = 2.5 / share;
}

static void current_b(struct bench *b, double amperes)
{
	EACH_SAMPLE(b, s)
		s->i[1] = amperes;
}

static void clamped_b(struct bench *b, double amperes)
{
	b->o.clamp[1] = 95;
	current_b(b, amperes);
}

static void clamped_all(struct bench *b, double share)
{
	b->o.clamp[0] = b->o.clamp[1] = b->o.clamp[2] = 100;
	current_b(b, 2.5 * share);
}

static void p_total(struct bench *b, double more)
{
	EACH_SAMPLE(b, s)
		s->p_total += more;
}

static void q_total(struct bench *b, double more)
{
	EACH_SAMPLE(b, s)
		s->q_total += more;
}

static void s_total(struct bench *b, double more)
{
	EACH_SAMPLE(b, s)
		s->s_total += more;
}

static void apparent_a(struct bench *b, double kva)
{
	EACH_SAMPLE(b, s)
		s->s[0] = kva;
}

static void factor_c(struct bench *b, double pf)
{
	EACH_SAMPLE(b, s)
		s->pf[2] = pf;
}

static void bench_clock(struct bench *b, double ahead)
{
	EACH_SAMPLE(b, s)
		s->clock_ahead = ahead;
}

/* Of the neutral on input a's terminal: what is left between b and c, of each. */
static void neutral_on_a(struct bench *b, double share)
{
	EACH_SAMPLE(b, s) {
		s->u[1] = s->u[2] = 230 * SQRT3;
		s->line[0] = s->line[2] = 230;
		s->line[1] = 230 * SQRT3 * share;
	}
}

/* The star point shifted towards phase a, which has the most load. */
static void shifted(struct bench *b, double share)
{
	EACH_SAMPLE(b, s) {
		s->u[0] = 230 * (1 - share);
		s->u[1] = 230 * (1 + share / 2);
		s->u[2] = 230 * (1 + share / 2) + 0.1;
		s->i[2] = 2;
	}
}

/* The same with a line voltage that far from the others. */
static void shifted_line(struct bench *b, double share)
{
	shifted(b, 0.08);
	EACH_SAMPLE(b, s)
		s->line[0] *= 1 + share;
}

/* ---- the thresholds ------------------------------------------------------------- */

static bool found(const struct bench *b, enum doctor_code code, unsigned phases)
{
	for (size_t k = 0; k < b->v.nfindings; k++)
		if (b->v.findings[k].code == code && b->v.findings[k].phases == phases)
			return true;
	return false;
}

/* Full load is taken for 5 A. The site has 2.5 A, 0.540 kW and 0.575 kVA a phase. */
static const struct edge {
	const char *what;
	void (*change)(struct bench *b, double to);
	double before, beyond;
	enum doctor_code code;
	unsigned phases;
} edges[] = {
	{ "a lost voltage", voltage_c, 0.62, 0.60, DOCTOR_VOLTAGE_MISSING, 4 },
	{ "no voltage at all", all_voltages, 31, 29, DOCTOR_VOLTAGE_MISSING, 7 },
	{ "57.7 V", all_voltages, 57.7, 29, DOCTOR_VOLTAGE_MISSING, 7 },
	{ "uneven voltages", voltage_b, 199, 195, DOCTOR_VOLTAGE_UNBALANCED, 2 },
	{ "uneven voltages", voltage_b, 265, 270, DOCTOR_VOLTAGE_UNBALANCED, 2 },
	{ "one phase, by lines", line_bc, 0.26, 0.24, DOCTOR_VOLTAGE_DUPLICATED, 6 },
	{ "one phase, by angles", c_behind_b, 21, 19, DOCTOR_VOLTAGE_DUPLICATED, 6 },
	{ "one phase, by angles", c_behind_b, -21, -19, DOCTOR_VOLTAGE_DUPLICATED, 6 },
	{ "upside down", lines_of_a, 0.665, 0.65, DOCTOR_VOLTAGE_UNBALANCED, 1 },
	{ "upside down", lines_of_a, 0.49, 0.505, DOCTOR_VOLTAGE_UNBALANCED, 1 },
	{ "a line voltage off", line_bc, 0.86, 0.84, DOCTOR_VOLTAGE_UNBALANCED, 0 },
	{ "a line voltage off", line_bc, 1.14, 1.16, DOCTOR_VOLTAGE_UNBALANCED, 0 },
	{ "a neutral exchanged", neutral_on_a, 0.91, 0.93, DOCTOR_NEUTRAL_EXCHANGED, 1 },
	{ "a neutral exchanged", neutral_on_a, 1.09, 1.07, DOCTOR_NEUTRAL_EXCHANGED, 1 },
	{ "a neutral lost", shifted, 0.038, 0.042, DOCTOR_NEUTRAL_LOST, 0 },
	{ "lines that agree", shifted_line, 0.010, 0.006, DOCTOR_NEUTRAL_LOST, 0 },
	{ "another system", expected_voltage, 0.81, 0.79, DOCTOR_RATIO_MISMATCH, 0 },
	{ "another system", expected_voltage, 1.19, 1.21, DOCTOR_RATIO_MISMATCH, 0 },
	{ "too little load", current_b, 0.51, 0.49, DOCTOR_INSUFFICIENT_LOAD, 2 },
	{ "hardly any current", current_b, 0.26, 0.24, DOCTOR_CT_SHORTED, 2 },
	{ "no current", current_b, 0.021, 0.019, DOCTOR_CT_MISSING, 2 },
	{ "overload", full_load, 1.24, 1.26, DOCTOR_RATIO_MISMATCH, 7 },
	{ "a shunt", clamped_all, 0.71, 0.69, DOCTOR_CT_SHORTED, 2 },
	{ "no current, by the clamp", clamped_b, 0.011, 0.009, DOCTOR_CT_MISSING, 2 },
	{ "not volts times amperes", apparent_a, 0.623, 0.626, DOCTOR_RATIO_MISMATCH, 1 },
	{ "not volts times amperes", apparent_a, 0.527, 0.524, DOCTOR_RATIO_MISMATCH, 1 },
	{ "S below P and Q", apparent_a, 0.541, 0.537, DOCTOR_SUM_MISMATCH, 1 },
	{ "P in sum", p_total, 0.105, 0.108, DOCTOR_SUM_MISMATCH, 0 },
	{ "P in sum", p_total, -0.105, -0.108, DOCTOR_SUM_MISMATCH, 0 },
	{ "Q in sum", q_total, 0.105, 0.108, DOCTOR_SUM_MISMATCH, 0 },
	{ "Q in sum", q_total, -0.105, -0.108, DOCTOR_SUM_MISMATCH, 0 },
	{ "S in sum", s_total, 0.105, 0.108, DOCTOR_SUM_MISMATCH, 0 },
	{ "S in sum", s_total, -0.105, -0.108, DOCTOR_SUM_MISMATCH, 0 },
	{ "another power factor", factor_c, 0.857, 0.852, DOCTOR_SUM_MISMATCH, 4 },
	{ "the clock", bench_clock, 60, 61, DOCTOR_CLOCK_WRONG, 0 },
	{ "the clock", bench_clock, -60, -61, DOCTOR_CLOCK_WRONG, 0 },
};

static void test_edges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		const struct edge *g = &edges[i];

		for (int beyond = 0; beyond < 2; beyond++) {
			struct bench b;

			set_up(&b);
			take(&b);
			g->change(&b, beyond ? g->beyond : g->before);
			judge(&b);
			if (found(&b, g->code, g->phases) != beyond)
				fail_msg("%s, %g: %s %s", g->what, beyond ? g->beyond : g->before,
					 beyond ? "no" : "not yet", doctor_code_name(g->code));
		}
	}
}

/* ---- what has no finding of its own --------------------------------------------- */

/* What is found, and whether it fails the site. */
static void test_outcomes(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	bench_clock(&b, 300);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	bench_clock(&b, 301);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_FAIL);
	/* half a step of rated currents off, it may be the load that has moved */
	set_up(&b);
	take(&b);
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 109;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_RATIO_MISMATCH, 7);
	b.o.clamp[0] = b.o.clamp[1] = b.o.clamp[2] = 112;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_RATIO_MISMATCH, 7);
}

static void test_fresh(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	b.o.now_us = b.s[0].at_us + 15 * 60 * 1000000LL;
	judge(&b);
	assert_int_equal(b.v.evidence.used, SAMPLES);
	b.o.now_us++;
	judge(&b);
	assert_int_equal(b.v.evidence.used, SAMPLES - 1);
}

/* What full load is taken for: the ratings of section 3.2 of the ADW300 manual. */
static void test_nominal_current(void **state)
{
	static const double cases[][2] = {
		{ 0, 5 }, { 6.4, 5 }, { 6.6, 20 }, { 109, 20 }, { 111, 80 }, { 439, 80 }, { 441, 120 },
	};
	struct doctor_options o;

	(void)state;
	doctor_options_init(&o);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned k = 0; k < 3; k++) {
			double amperes[3] = { 0 };

			amperes[k] = cases[i][0];
			assert_true(nominal_current(&o, amperes) == cases[i][1]);
		}
	o.nominal_current = 1;
	assert_true(nominal_current(&o, (double[]){ 500, 0, 0 }) == 1);
}

/* Below these an angle means nothing. */
static void test_angle_wants(void **state)
{
	struct doctor_sample s;
	struct doctor_options o;

	(void)state;
	doctor_options_init(&o);
	memset(&s, 0, sizeof(s));
	s.u[1] = 10;
	s.i[1] = 0.1;
	s.q[1] = 0.004;
	assert_true(angles_input(&o, &s, 1));
	s.i[1] = 0.099;
	assert_false(angles_input(&o, &s, 1));
	s.i[1] = 0.1;
	s.u[1] = 9.9;
	assert_false(angles_input(&o, &s, 1));
	s.u[1] = 230;
	s.q[1] = 0.0039;
	assert_false(angles_input(&o, &s, 1));
	s.p[1] = -0.004;
	assert_true(angles_input(&o, &s, 1));
	/* 2 % of full load, where that is more */
	o.nominal_current = 20;
	s.i[1] = 0.39;
	assert_false(angles_input(&o, &s, 1));
	s.i[1] = 0.4;
	assert_true(angles_input(&o, &s, 1));
}

/* The angle registers of input B or of all are off by so many degrees. */
static enum doctor_source source(double b_off, double all_off)
{
	struct bench b;

	set_up(&b);
	take(&b);
	EACH_SAMPLE(&b, s)
		for (int x = 0; x < 3; x++)
			s->angle_i[x] = full_circle(s->angle_i[x] + all_off + (x == 1 ? b_off : 0));
	judge(&b);
	return b.v.evidence.source;
}

/* How far angles may be from what P and Q say, and still be used. */
static void test_angles_agree(void **state)
{
	struct bench b;

	(void)state;
	assert_int_equal(source(0, 19), DOCTOR_SOURCE_ANGLES);
	assert_int_equal(source(0, 21), DOCTOR_SOURCE_POWERS);
	assert_int_equal(source(34, 0), DOCTOR_SOURCE_ANGLES);
	assert_int_equal(source(36, 0), DOCTOR_SOURCE_POWERS);
	/* near to unity lag and lead look alike: which way they count is not told */
	for (int lag = 4; lag <= 6; lag += 2) {
		set_up(&b);
		b.w.pf_lag[0] = b.w.pf_lag[1] = b.w.pf_lag[2] = lag;
		take(&b);
		judge(&b);
		assert_int_equal(b.v.evidence.angle_sign, lag == 6);
	}
}

/* Voltages are a three-phase system when they are 120 degrees apart, more or less. */
static void test_grid(void **state)
{
	(void)state;
	for (int off = -26; off <= 26; off += off == -24 ? 48 : 2) {
		struct bench b;

		set_up(&b);
		take(&b);
		EACH_SAMPLE(&b, s) {
			s->angle_u[1] = full_circle(s->angle_u[1] + off);
			s->angle_i[1] = full_circle(s->angle_i[1] + off);
		}
		judge(&b);
		assert_int_equal(b.v.evidence.rotation, off == 24 || off == -24 ? DOCTOR_ROTATION_ABC
								     : DOCTOR_ROTATION_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges), cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_fresh), cmocka_unit_test(test_nominal_current),
		cmocka_unit_test(test_angle_wants), cmocka_unit_test(test_angles_agree),
		cmocka_unit_test(test_grid),
	};

	return UNIT_RUN(tests);
}
