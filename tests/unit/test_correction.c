/* The correction factor against published cases, where the registers and K stand. */
#include "unit.h"

#include <string.h>

#include "doctor/correction.h"
#include "doctor_bench.h"

/* Registers of a fault, and what the factor is by the phasors. */
static const struct published {
	const char *source;
	double u[3], i[3], angle_u[3], angle_i[3], p[3], q[3];
	double k, within;
} published[] = {
	/* "voltages A, C, B; currents -Ia, Ib, Ic; load 15 deg lag": the three elements have
	 * cos(195) + cos(225 - 360) + cos(105 + 30): K = 3 cos 15 / (those) */
	{ "xiaomilidoc.com/p-14849048, field example 1", { 228, 228, 228 }, { 1.21, 1.20, 1.20 },
	  { 0, 244, 120 }, { 192, 136, 253 }, { -0.270, -0.085, -0.187 }, { -0.057, -0.260, 0.200 }, -1.48, 0.03 },
};

static void test_published(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(published) / sizeof(*published); n++) {
		const struct published *c = &published[n];
		struct correction k;
		struct bench b;

		set_up(&b);
		take(&b);
		for (struct doctor_sample *s = b.s; s < b.s + SAMPLES; s++) {
			memcpy(s->u, c->u, sizeof(s->u));
			memcpy(s->i, c->i, sizeof(s->i));
			memcpy(s->angle_u, c->angle_u, sizeof(s->angle_u));
			memcpy(s->angle_i, c->angle_i, sizeof(s->angle_i));
			memcpy(s->p, c->p, sizeof(s->p));
			memcpy(s->q, c->q, sizeof(s->q));
			for (unsigned x = 0; x < 3; x++) {
				s->s[x] = hypot(s->p[x], s->q[x]);
				s->pf[x] = fabs(s->p[x]) / s->s[x];
				s->line[x] = NAN;
			}
			s->p_total = s->p[0] + s->p[1] + s->p[2];
			s->q_total = s->q[0] + s->q[1] + s->q[2];
			s->s_total = s->s[0] + s->s[1] + s->s[2];
		}
		judge(&b);
		correction_make(b.s, SAMPLES, &b.o, &b.v, &k);
		if (!k.known || fabs(k.k - c->k) > c->within || !(k.uncertainty > 0 && k.uncertainty < 0.1))
			fail_msg("%s: K %.3f +- %.3f, not %.2f", c->source, k.k, k.uncertainty, c->k);
	}
}

/* What the arithmetic of one mistake says: one of three reversed registers a third. */
static void test_arithmetic(void **state)
{
	struct correction k;
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.reversed[1] = true;
	take(&b);
	judge(&b);
	correction_make(b.s, SAMPLES, &b.o, &b.v, &k);
	assert_true(k.known);
	assert_true(fabs(k.k - 3) < 0.02);
	assert_true(fabs(k.input[0] - 1) < 1e-6 && fabs(k.input[1] + 1) < 1e-6);
	assert_true(fabs(k.lag - 20) < 1);
	assert_true(fabs(k.right - 3 * k.registered) < 0.02 * k.right);
	/* tan 20 on both sides of the fraction, 1 degree */
	assert_true(k.uncertainty > 0.02 && k.uncertainty < 0.06);
}

/* Two exchanged register next to nothing: no factor makes that whole. */
static void test_undefined(void **state)
{
	struct correction k;
	struct bench b;

	(void)state;
	set_up(&b);
	b.w.of[0] = 2;
	b.w.of[2] = 0;
	take(&b);
	judge(&b);
	assert_int_equal(b.v.outcome, DOCTOR_FAIL);
	correction_make(b.s, SAMPLES, &b.o, &b.v, &k);
	assert_false(k.known);
	assert_non_null(strstr(k.why_not, "under 5 %"));
	/* and of a site that is right there is none */
	b.w = healthy_site;
	take(&b);
	judge(&b);
	correction_make(b.s, SAMPLES, &b.o, &b.v, &k);
	assert_false(k.known);
	assert_true(isnan(k.k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_undefined),
	};

	return UNIT_RUN(tests);
}
