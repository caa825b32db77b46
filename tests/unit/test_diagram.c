/*
 * The geometry of the phasor diagram.
 */
#include "unit.h"

#include <math.h>

#include "report/diagram.h"

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

static const struct diagram_names names = { 0.2, 0.1, 0.1 };

static struct doctor_phasors healthy(void)
{
	struct doctor_phasors p = { .source = DOCTOR_SOURCE_ANGLES };

	for (int x = 0; x < 3; x++) {
		p.u[x] = (struct doctor_vector){ 230, 120 * x };
		p.i[x] = (struct doctor_vector){ 5, 120 * x + 30 };
	}
	return p;
}

/* a up, and a lag of 120 degrees to the lower right: clockwise. */
static void lag_turns_clockwise(void **state)
{
	struct doctor_phasors p = healthy();
	struct diagram d;

	(void)state;
	diagram_make(&p, &names, &d);
	assert_int_equal(d.n, 6);
	assert_true(near(d.arrow[0].x, 0));
	assert_true(near(d.arrow[0].y, -1));
	assert_true(near(d.arrow[1].x, sqrt(3) / 2));
	assert_true(near(d.arrow[1].y, 0.5));
	assert_true(near(d.arrow[2].x, -sqrt(3) / 2));
	/* the current of a: 30 degrees later, shorter */
	assert_true(d.arrow[3].current);
	assert_int_equal(d.arrow[3].input, 0);
	assert_true(near(d.arrow[3].x, DIAGRAM_CURRENT * 0.5));
	assert_true(near(d.arrow[3].y, -DIAGRAM_CURRENT * sqrt(3) / 2));
}

/* Lengths are drawn to scale within a kind, whatever the other kind is. */
static void lengths_keep_their_proportion(void **state)
{
	struct doctor_phasors p = healthy();
	struct diagram d;

	(void)state;
	p.u[1].length = 115;
	p.i[2].length = 1;
	diagram_make(&p, &names, &d);
	assert_true(near(hypot(d.arrow[1].x, d.arrow[1].y), 0.5));
	assert_true(near(hypot(d.arrow[5].x, d.arrow[5].y), DIAGRAM_CURRENT / 5));
}

/* What is not known is not drawn. */
static void nothing_without_length_or_angle(void **state)
{
	struct doctor_phasors p = healthy();
	struct diagram d;

	(void)state;
	p.u[0].length = 0;
	p.u[1].length = NAN;
	p.u[2].lag = NAN;
	p.i[0].length = 0.01;
	diagram_make(&p, &names, &d);
	assert_int_equal(d.n, 2);
	assert_true(d.arrow[0].current && d.arrow[1].current);
	for (int x = 0; x < 3; x++)
		p.i[x].length = 0;
	diagram_make(&p, &names, &d);
	assert_int_equal(d.n, 0);
}

/* Six arrows in one direction: every name can still be read. */
static void names_keep_apart(void **state)
{
	struct doctor_phasors p = healthy();
	struct diagram d;

	(void)state;
	for (int lag = 0; lag < 360; lag += 15) {
		for (int x = 0; x < 3; x++)
			p.u[x].lag = p.i[x].lag = lag;
		diagram_make(&p, &names, &d);
		assert_int_equal(d.n, 6);
		for (size_t i = 0; i < 6; i++)
			for (size_t k = 0; k < i; k++)
				assert_true(fabs(d.arrow[i].name_x - d.arrow[k].name_x) >= names.width - 1e-9
					    || fabs(d.arrow[i].name_y - d.arrow[k].name_y)
					       >= names.height - 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lag_turns_clockwise),
		cmocka_unit_test(lengths_keep_their_proportion),
		cmocka_unit_test(nothing_without_length_or_angle),
		cmocka_unit_test(names_keep_apart),
	};

	return UNIT_RUN(tests);
}
