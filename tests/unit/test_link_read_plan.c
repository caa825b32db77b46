/* Which reads bring the points, and what a meter teaches about it (src/modbus/read_plan.h). */
#include "unit.h"

#include "modbus/read_plan.h"

enum { LONG = 140 };	/* points of two registers, and the second of each also by itself */

static void every_want_is_in_its_span(const struct read_plan *p, unsigned most)
{
	size_t wants = 0;

	for (size_t i = 0; i < p->nspans; i++) {
		const struct span *s = &p->spans[i].span;

		assert_true(s->words <= most);
		assert_int_equal(s->first, wants);
		for (size_t k = s->first; k < s->first + s->count; k++)
			assert_true(p->wants[k].addr >= s->addr
				    && p->wants[k].addr + p->wants[k].words <= s->addr + s->words);
		wants += s->count;
	}
	assert_int_equal(wants, p->n);
}

/* Answers of one length in a row cannot be told apart. */
static void lengths_in_a_row_differ(void **state)
{
	static struct point points[2 * LONG];
	struct profile profile = { .points = points, .npoints = 2 * LONG, .read_most = 100 };
	struct span_cost cost = span_cost_rtu(9600, 10, 5000);
	struct read_plan p = { 0 };
	uint16_t idx[2 * LONG];
	struct err e;

	(void)state;
	for (uint16_t i = 0; i < 2 * LONG; i++) {
		points[i].addr = i;
		points[i].words = i % 2 ? 1 : 2;
		idx[i] = i;
	}
	/* wherever there is room to move an edge */
	for (uint16_t n = 101; n < 2 * LONG - 4; n++) {
		assert_int_equal(read_plan_make(&p, &profile, idx, n, cost, &e), 0);
		every_want_is_in_its_span(&p, 100);
		for (size_t i = 0; i < p.nspans && n < 100 * p.nspans - 8; i++)
			assert_true(i == 0 || p.spans[i].span.words != p.spans[i - 1].span.words);
	}
	/* but for what must not be read across */
	read_plan_cut(&p, SPACE_HOLDING, 100);
	read_plan_cut(&p, SPACE_HOLDING, 200);
	assert_int_equal(read_plan_make(&p, &profile, idx, 2 * LONG, cost, &e), 0);
	every_want_is_in_its_span(&p, 100);
	for (size_t i = 0; i < p.nspans; i++)
		for (unsigned edge = 100; edge <= 200; edge += 100)
			assert_true(p.spans[i].span.addr >= edge
				    || p.spans[i].span.addr + p.spans[i].span.words <= (int)edge);
	read_plan_release(&p);
}

/* Of six values side by side, the third by itself, and a word that is no pair. */
static void some_are_read_alone(void **state)
{
	struct point points[6] = { 0 };
	struct profile profile = { .points = points, .npoints = 6, .read_most = 125, .read_align = ALIGN_EVEN, .read_alone = "k2" };
	uint16_t idx[] = { 0, 1, 2, 3, 4, 5 };
	static const char *const keys[] = { "k0", "k1", "k2", "k3", "k4", "k5" };
	static const struct { uint16_t addr, words; } want[] = { { 0, 4 }, { 4, 2 }, { 6, 2 }, { 8, 1 }, { 10, 2 } };
	struct read_plan p = { 0 };
	struct err e;

	(void)state;
	for (int i = 0; i < 6; i++)
		points[i] = (struct point){ .key = keys[i], .addr = (uint16_t)(i * 2), .words = i == 4 ? 1 : 2 };
	assert_int_equal(read_plan_make(&p, &profile, idx, 6, span_cost_rtu(9600, 10, 5000), &e), 0);
	assert_int_equal(p.nspans, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(p.spans[i].span.addr, want[i].addr);
		assert_int_equal(p.spans[i].span.words, want[i].words);
	}
	read_plan_release(&p);
}

static void routes_are_kept_until_something_is_learned(void **state)
{
	struct point points[6] = { 0 };
	struct profile profile = { .points = points, .npoints = 6, .read_most = 125 };
	uint16_t idx[] = { 0, 1, 3, 4, 5 };	/* point 2 is not asked for */
	struct span_cost cost = span_cost_rtu(9600, 10, 5000);
	struct read_plan p = { 0 };
	struct read_plan_span *spans, first;
	struct err e;

	(void)state;
	for (int i = 0; i < 6; i++) {
		points[i].addr = (uint16_t)(i * 2);
		points[i].words = 2;
	}
	/* the hole is a point of the profile, so it may be read through */
	assert_int_equal(read_plan_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_int_equal(p.nspans, 1);
	assert_true(read_plan_has_holes(&p, &p.spans[0]));
	spans = p.spans;
	assert_int_equal(read_plan_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_ptr_equal(p.spans, spans);
	first = p.spans[0];
	read_plan_ban_holes(&p, &first);
	assert_int_equal(read_plan_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_int_equal(p.nspans, 2);
	assert_int_equal(p.spans[1].span.addr, 6);
	assert_int_equal(p.spans[1].span.words, 6);
	read_plan_cut(&p, SPACE_HOLDING, 8);
	assert_int_equal(read_plan_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_int_equal(p.nspans, 3);
	first = p.spans[0];
	read_plan_refuse(&p, &first, 2, 1000);
	assert_int_equal(read_plan_make(&p, &profile, idx, 5, cost, &e), 0);
	assert_non_null(read_plan_refusal(&p, &first));
	read_plan_forgive(&p, &first);
	assert_null(read_plan_refusal(&p, &first));
	read_plan_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_in_a_row_differ),
		cmocka_unit_test(some_are_read_alone), cmocka_unit_test(routes_are_kept_until_something_is_learned),
	};

	return UNIT_RUN(tests);
}
