/*
 * span.h - which registers to fetch together.
 *
 * Every transaction costs frame overhead, two silences and the meter's
 * turnaround; every register costs two characters. A hole between two wanted
 * points is read through when that is cheaper and allowed. The plan is the
 * cheapest there is (dynamic programming over the sorted points), not a
 * heuristic.
 */
#ifndef METERCTL_MODBUS_SPAN_H
#define METERCTL_MODBUS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a line makes a transaction cost, in microseconds. */
struct span_cost {
	double word_us;		/* one more register in a reply */
	double frame_us;	/* a transaction with no registers in it: request,
				   reply overhead, silences, turnaround */
};

/* RTU: BITS a character (10 for 8N1, 11 for 8E1 or 8N2), measured turnaround.
 * Frame: 8 request + 5 reply bytes, 3.5 characters of silence after each (at
 * least 1.75 ms above 19200 baud, Modbus over serial line V1.02, 2.5.1.1). */
struct span_cost span_cost_rtu(int baud, int bits, double turnaround_us);
/* TCP: registers are nearly free, round trips are not. */
struct span_cost span_cost_tcp(double round_trip_us);

/* One point wanted. */
struct span_want {
	uint16_t addr, words;
	uint16_t tag;		/* the caller's: which point */
};

/* One transaction: WANTS[first .. first+count-1] of the sorted array. */
struct span {
	uint16_t addr, words;
	size_t first, count;
};

/* May the registers addr .. addr+n-1, which no wanted point covers, be read? */
typedef bool span_hole(void *arg, uint16_t addr, uint16_t n);

/* Sorts WANTS by address and writes at most N spans to OUT (N entries), returns
 * how many. Points may overlap (a word and its bits). MOST is the words one
 * read may carry; a single point larger than MOST gets a span of its own.
 * HOLE NULL: no hole may be read. */
size_t span_plan(struct span_want *wants, size_t n, uint16_t most,
		 struct span_cost cost, span_hole *hole, void *arg,
		 struct span *out);

#endif
