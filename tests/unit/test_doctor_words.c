/* The wiring doctor: three wires, the phasors, its options and its words. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_bench.h"

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

/* Decided, and rightly; or not decided, with what it is among those named. */
static void told(const struct bench *b, enum doctor_code code, unsigned phases, bool swapped, unsigned reversed)
{
	if (b->v.outcome == DOCTOR_FAIL) {
		expect(b, DOCTOR_FAIL, code, phases);
		return;
	}
	assert_int_equal(b->v.outcome, DOCTOR_INSUFFICIENT);
	for (size_t k = 0; k < b->v.evidence.ncandidates && k < DOCTOR_CANDIDATES; k++) {
		const struct doctor_wiring *w = &b->v.evidence.candidates[k].wiring;

		if ((w->of[0] == (swapped ? 2 : 0)) && (w->of[2] == (swapped ? 0 : 2))
		    && w->reversed[0] == (reversed & 1) && w->reversed[2] == (reversed >> 1 & 1))
			return;
	}
	fail_msg("%s is not among those named", doctor_code_name(code));
}

/* The order of the voltages is all the same to it. */
static void test_three_wires(void **state)
{
	unsigned failed = 0;
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
		told(&b, DOCTOR_CT_SWAPPED, 5, true, 0);
		failed += b.v.outcome == DOCTOR_FAIL;
		judge_three_wires(&b, lag, acb, false, 1);
		told(&b, DOCTOR_CT_REVERSED, 1, false, 1);
		failed += b.v.outcome == DOCTOR_FAIL;
		judge_three_wires(&b, lag, acb, false, 2);
		told(&b, DOCTOR_CT_REVERSED, 4, false, 2);
		failed += b.v.outcome == DOCTOR_FAIL;
		judge_three_wires(&b, lag, acb, false, 3);
		told(&b, DOCTOR_CT_REVERSED, 5, false, 3);
	}
	assert_true(failed >= 16);
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

/* A window that leaves many wirings: the likeliest four are named, the rest is counted. */
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
	assert_int_equal(doctor_window_parse("0.01lag,0.01lead", &b.o, &e), 0);
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	explain = finding(&b, DOCTOR_AMBIGUOUS)->explain;
	for (const char *at = explain; (at = strstr(at, "; or ")); at++)
		named++;
	assert_true(named <= DOCTOR_CANDIDATES);
	if (strstr(explain, "; and "))
		assert_int_equal(sscanf(strstr(explain, "; and "), "; and %u more", &more), 1);
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
	/* as an inverter that nobody has told of */
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	assert_non_null(strstr(finding(&b, DOCTOR_AMBIGUOUS)->fix, "plug-in inverter"));
	b.o.site = DOCTOR_SITE_UNSAID;
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 7);
	b.w.pf_lag[1] = 205;
	b.o.site = DOCTOR_SITE_CONSUMER;
	take(&b);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	assert_null(strstr(finding(&b, DOCTOR_CT_REVERSED)->fix, "PV"));
	b.o.site = DOCTOR_SITE_UNSAID;
	take(&b);
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
