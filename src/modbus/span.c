#include "span.h"

#include <stdlib.h>

struct span_cost span_cost_rtu(int baud, int bits, double turnaround_us)
{
	double chr = bits * 1e6 / baud;
	double silence = baud > 19200 ? 1750 : 3.5 * chr;

	return (struct span_cost){
		.word_us = 2 * chr,
		.frame_us = 13 * chr + 2 * silence + turnaround_us,
	};
}

struct span_cost span_cost_tcp(double round_trip_us)
{
	/* two bytes at 10 Mbit/s: enough to prefer the shorter of equal plans */
	return (struct span_cost){ .word_us = 1.6, .frame_us = round_trip_us };
}

static int span_by_address(const void *a, const void *b)
{
	const struct span_want *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->words != y->words)
		return x->words < y->words ? -1 : 1;
	return (x->tag > y->tag) - (x->tag < y->tag);
}

/* Best way to fetch the wants before one of them. */
struct best {
	double cost;
	size_t from;		/* the last span of that way begins here */
	uint16_t words;		/* and is this long */
};

/*
 * Relaxes every span that begins at FIRST. A cheapest set of spans can always be
 * made of runs of the sorted wants: where two overlap, the later one can take
 * over what both reach without growing. So runs are all that is tried.
 */
static void span_extend(const struct span_want *w, size_t n, size_t first,
			uint16_t most, struct span_cost cost, span_hole *hole,
			void *arg, struct best *best)
{
	uint32_t start = w[first].addr, end = start;

	for (size_t i = first; i < n; i++) {
		uint32_t last = (uint32_t)w[i].addr + w[i].words;
		double total;

		if (w[i].addr > end
		    && !(hole && hole(arg, (uint16_t)end, (uint16_t)(w[i].addr - end))))
			return;
		if (last > end)
			end = last;
		if (end - start > most && i > first)
			return;
		total = best[first].cost + cost.frame_us + (end - start) * cost.word_us;
		if (total < best[i + 1].cost)
			best[i + 1] = (struct best){ total, first, (uint16_t)(end - start) };
	}
}

/* One span for each want: right, only not cheap; for when memory has run out. */
static size_t plan_singly(const struct span_want *w, size_t n, struct span *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct span){ w[i].addr, w[i].words, i, 1 };
	return n;
}

size_t span_plan(struct span_want *wants, size_t n, uint16_t most,
		 struct span_cost cost, span_hole *hole, void *arg,
		 struct span *out)
{
	struct best *best;
	size_t count = 0;

	if (n == 0)
		return 0;
	qsort(wants, n, sizeof(*wants), span_by_address);
	best = calloc(n + 1, sizeof(*best));
	if (!best)
		return plan_singly(wants, n, out);
	for (size_t i = 1; i <= n; i++)
		best[i].cost = 1e300;
	for (size_t i = 0; i < n; i++)
		span_extend(wants, n, i, most, cost, hole, arg, best);
	for (size_t i = n; i > 0; i = best[i].from) {
		size_t from = best[i].from;

		out[count++] = (struct span){ wants[from].addr, best[i].words,
					      from, i - from };
	}
	for (size_t i = 0; i < count / 2; i++) {
		struct span swap = out[i];

		out[i] = out[count - 1 - i];
		out[count - 1 - i] = swap;
	}
	free(best);
	return count;
}
