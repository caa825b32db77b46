/* Spans: legal, and as cheap as any way there is. */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modbus/span.h"

#define MOST_WANTS 7

static bool all_holes(void *arg, uint16_t addr, uint16_t n)
{
	(void)arg;
	(void)addr;
	(void)n;
	return true;
}

/* Registers 0 .. 63: a bit says whether one may be read through. */
static bool holes_of(void *arg, uint16_t addr, uint16_t n)
{
	const uint64_t *allowed = arg;

	for (unsigned i = 0; i < n; i++)
		if (!(*allowed >> (addr + i) & 1))
			return false;
	return true;
}

static double plan_cost(const struct span *s, size_t n, struct span_cost c)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += c.frame_us + s[i].words * c.word_us;
	return sum;
}

/* Cost of reading the wants in SET together, or -1 when that is not allowed. */
static double set_cost(const struct span_want *w, size_t n, unsigned in,
		       uint16_t most, struct span_cost c, uint64_t allowed)
{
	uint64_t covered = 0;
	int lo = 64, hi = 0, count = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(in & 1U << i))
			continue;
		count++;
		for (int a = w[i].addr; a < w[i].addr + w[i].words; a++)
			covered |= 1ULL << a;
		lo = w[i].addr < lo ? w[i].addr : lo;
		hi = w[i].addr + w[i].words > hi ? w[i].addr + w[i].words : hi;
	}
	if (hi - lo > most && count > 1)
		return -1;
	for (int a = lo; a < hi; a++)
		if (!(covered >> a & 1) && !(allowed >> a & 1))
			return -1;
	return c.frame_us + (hi - lo) * c.word_us;
}

/* The cheapest of all partitions, in whatever order: every way there is. */
static double brute(const struct span_want *w, size_t n, unsigned left,
		    uint16_t most, struct span_cost c, uint64_t allowed)
{
	unsigned first = left & (~left + 1U), rest = left & ~first;
	double best = 1e300;

	if (!left)
		return 0;
	for (unsigned sub = rest;; sub = (sub - 1) & rest) {
		double one = set_cost(w, n, first | sub, most, c, allowed);

		if (one >= 0) {
			double all = one + brute(w, n, left & ~(first | sub), most, c, allowed);

			best = all < best ? all : best;
		}
		if (!sub)
			return best;
	}
}

/* Every want is in the span that names it, and no span breaks a rule. */
static void check_legal(const struct span_want *w, size_t n, const struct span *s,
			size_t spans, uint16_t most, uint64_t allowed)
{
	size_t next = 0;

	for (size_t i = 0; i < spans; i++) {
		unsigned in = 0;

		assert_int_equal(s[i].first, next);
		assert_true(s[i].count > 0);
		assert_true(s[i].words <= most || s[i].count == 1);
		for (size_t k = next; k < next + s[i].count; k++) {
			assert_true(w[k].addr >= s[i].addr);
			assert_true(w[k].addr + w[k].words <= s[i].addr + s[i].words);
			in |= 1U << k;
		}
		assert_true(set_cost(w, n, in, most, (struct span_cost){ 1, 1 }, allowed) >= 0);
		next += s[i].count;
	}
	assert_int_equal(next, n);
}

static void against_every_other_way(void **state)
{
	struct span_cost costs[] = {
		span_cost_rtu(9600, 10, 5000), span_cost_rtu(1200, 11, 20000),
		span_cost_rtu(115200, 10, 30000), span_cost_tcp(2000), { 10, 25 },
	};
	(void)state;
	srand(20261122);
	for (int round = 0; round < 6000; round++) {
		size_t n = 1 + (size_t)rand() % MOST_WANTS, spans;
		uint16_t most = (uint16_t)(3 + rand() % 30);
		uint64_t allowed = (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ (uint64_t)rand();
		struct span_cost c = costs[(size_t)round % (sizeof(costs) / sizeof(costs[0]))];
		struct span_want w[MOST_WANTS];
		struct span s[MOST_WANTS];
		double best;

		for (size_t i = 0; i < n; i++)
			w[i] = (struct span_want){ (uint16_t)(rand() % 50), (uint16_t)(1 + rand() % 3), (uint16_t)i };
		spans = span_plan(w, n, most, c, holes_of, &allowed, s);
		check_legal(w, n, s, spans, most, allowed);
		best = brute(w, n, (1U << n) - 1, most, c, allowed);
		assert_true(plan_cost(s, spans, c) <= best * (1 + 1e-9));
	}
}

static void reads_through_a_hole_only_when_cheaper(void **state)
{
	struct span_want w[] = { { 0, 1, 0 }, { 11, 1, 1 } };
	struct span s[2];

	(void)state;
	/* a register is 2.08 ms at 9600 8N1, a transaction 25.8 with 5 ms turnaround:
	 * 10 registers (20.8 ms) are read through, 13 (27.1 ms) are not */
	assert_int_equal(span_plan(w, 2, 125, span_cost_rtu(9600, 10, 5000), all_holes, NULL, s), 1);
	assert_int_equal(s[0].words, 12);
	w[1].addr = 14;
	assert_int_equal(span_plan(w, 2, 125, span_cost_rtu(9600, 10, 5000), all_holes, NULL, s), 2);
	w[1].addr = 11;
	assert_int_equal(span_plan(w, 2, 125, span_cost_rtu(9600, 10, 5000), NULL, NULL, s), 2);
}

static void rtu_cost_is_that_of_the_line(void **state)
{
	struct span_cost c = span_cost_rtu(9600, 10, 5000);

	(void)state;
	assert_true(c.word_us > 2083.3 && c.word_us < 2083.4);
	/* 13 characters of 1041.67 us, 7 more of silence, turnaround */
	assert_true(c.frame_us > 25833.2 && c.frame_us < 25833.4);
	/* above 19200 silence is 1.75 ms each */
	c = span_cost_rtu(115200, 10, 0);
	assert_true(c.frame_us > 4628.4 && c.frame_us < 4628.5);
}

static void bits_share_the_word_of_their_parent(void **state)
{
	struct span_want w[] = { { 5, 1, 9 }, { 5, 1, 3 }, { 5, 1, 4 }, { 6, 2, 1 } };
	struct span s[4];

	(void)state;
	assert_int_equal(span_plan(w, 4, 125, span_cost_rtu(9600, 10, 5000), NULL, NULL, s), 1);
	assert_int_equal(s[0].addr, 5);
	assert_int_equal(s[0].words, 3);
	assert_int_equal(s[0].count, 4);
}

static void a_point_larger_than_a_read_stands_alone(void **state)
{
	struct span_want w[] = { { 0, 1, 0 }, { 1, 10, 1 }, { 11, 1, 2 } };
	struct span s[3];

	(void)state;
	assert_int_equal(span_plan(w, 3, 5, span_cost_rtu(9600, 10, 5000), NULL, NULL, s), 3);
	assert_int_equal(s[1].words, 10);
}

static void the_last_register(void **state)
{
	struct span_want w[] = { { 65535, 1, 0 }, { 65411, 1, 1 } };
	struct span s[2];

	(void)state;
	assert_int_equal(span_plan(w, 2, 125, (struct span_cost){ 1, 1000 }, all_holes, NULL, s), 1);
	assert_int_equal(s[0].words, 125);
	assert_int_equal(span_plan(w, 0, 125, (struct span_cost){ 1, 1 }, NULL, NULL, s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_every_other_way),
		cmocka_unit_test(reads_through_a_hole_only_when_cheaper),
		cmocka_unit_test(rtu_cost_is_that_of_the_line),
		cmocka_unit_test(bits_share_the_word_of_their_parent),
		cmocka_unit_test(a_point_larger_than_a_read_stands_alone),
		cmocka_unit_test(the_last_register),
	};

	return UNIT_RUN(tests);
}
