/* The wiring doctor: supplies that are no three phases with a neutral, said or told by
 * their voltages. */
#include "unit.h"

#include <string.h>

#include "doctor_bench.h"

/* Input X of all samples: U volts at ANGLE (lag), and 2.5 A that lag it by LAG. */
static void input_is(struct bench *b, unsigned x, double u, double angle, double amperes, double lag)
{
	for (struct doctor_sample *s = b->s; s < b->s + SAMPLES; s++) {
		s->u[x] = u;
		s->i[x] = amperes;
		s->s[x] = u * amperes / 1000;
		s->p[x] = s->s[x] * cos(lag * M_PI / 180);
		s->q[x] = s->s[x] * sin(lag * M_PI / 180);
		s->pf[x] = fabs(cos(lag * M_PI / 180));
		s->angle_u[x] = angle;
		s->angle_i[x] = amperes > 0 ? full_circle(angle + lag) : 0;
	}
}

static void lines_are(struct bench *b, double ab, double bc, double ca)
{
	for (struct doctor_sample *s = b->s; s < b->s + SAMPLES; s++) {
		s->line[0] = ab;
		s->line[1] = bc;
		s->line[2] = ca;
		s->p_total = s->p[0] + s->p[1] + s->p[2];
		s->q_total = s->q[0] + s->q[1] + s->q[2];
		s->s_total = s->s[0] + s->s[1] + s->s[2];
	}
}

/* 120/240 V, with the currents' lags behind their own legs. */
static void split(struct bench *b, double lag_a, double lag_b)
{
	set_up(b);
	take(b);
	input_is(b, 0, 120, 0, 2.5, lag_a);
	input_is(b, 1, 120, 180, 2.2, lag_b);
	input_is(b, 2, 0, 0, 0, 0);
	lines_are(b, 240, 120, 120);
	judge(b);
}

static void test_split(void **state)
{
	struct bench b;

	(void)state;
	split(&b, 20, 18);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	assert_int_equal(b.v.evidence.service, DOCTOR_SERVICE_SPLIT);
	split(&b, 20, 198);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 2);
	/* the same two as two phases of three are no split service */
	split(&b, 20, 18);
	lines_are(&b, 208, 120, 120);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_MISSING, 4);
	/* both inputs on one leg, which only somebody who says the service lets be known */
	lines_are(&b, 0.4, 120, 120);
	b.o.service = DOCTOR_SERVICE_SPLIT;
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_DUPLICATED, 3);
	input_is(&b, 0, 100, 0, 2.5, 20);
	input_is(&b, 1, 140, 180, 2.5, 20);
	lines_are(&b, 240, 140, 100);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_NEUTRAL_LOST, 0);
}

static void test_single(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	input_is(&b, 1, 0, 0, 0, 0);
	input_is(&b, 2, 0, 0, 0, 0);
	lines_are(&b, 230, 0, 230);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_VOLTAGE_MISSING, 6);
	b.o.service = DOCTOR_SERVICE_SINGLE;
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_PASS);
	input_is(&b, 0, 230, 0, 2.5, 200);
	lines_are(&b, 230, 0, 230);
	judge(&b);
	expect(&b, DOCTOR_FAIL, DOCTOR_CT_REVERSED, 1);
}

static void test_high_leg(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	take(&b);
	input_is(&b, 0, 120, 0, 2.5, 20);
	input_is(&b, 1, 208, 90, 2.5, 20);
	input_is(&b, 2, 120, 180, 2.5, 20);
	lines_are(&b, 240, 240, 240);
	judge(&b);
	expect(&b, DOCTOR_INSUFFICIENT, DOCTOR_AMBIGUOUS, 0);
	assert_int_equal(b.v.nfindings, 1);
	assert_int_equal(b.v.evidence.service, DOCTOR_SERVICE_HIGH_LEG);
	/* who says that it is none has voltages that are wrong */
	b.o.service = DOCTOR_SERVICE_WYE;
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_FAIL);
}

static void test_words_of_services(void **state)
{
	struct doctor_options o;
	struct err e = { 0 };

	(void)state;
	for (unsigned s = DOCTOR_SERVICE_WYE; s < DOCTOR_SERVICES; s++) {
		doctor_options_init(&o);
		assert_int_equal(doctor_service_parse(doctor_service_name((enum doctor_service)s), &o, &e), 0);
		assert_int_equal(o.service, s);
		assert_int_equal(o.wires, s == DOCTOR_SERVICE_DELTA3 || s == DOCTOR_SERVICE_CORNER
				 ? DOCTOR_3WIRE : DOCTOR_4WIRE);
	}
	doctor_options_init(&o);
	assert_int_equal(doctor_service_parse("unsaid", &o, &e), -1);
	/* in whichever order */
	assert_int_equal(doctor_wires_parse("3", &o, &e), 0);
	assert_int_equal(doctor_service_parse("corner", &o, &e), 0);
	assert_int_equal(doctor_service_parse("wye", &o, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	doctor_options_init(&o);
	assert_int_equal(doctor_service_parse("split", &o, &e), 0);
	assert_int_equal(doctor_wires_parse("4", &o, &e), 0);
	assert_int_equal(doctor_wires_parse("3", &o, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_high_leg),
		cmocka_unit_test(test_words_of_services),
	};

	return UNIT_RUN(tests);
}
