/*
 * traffic.h - who talks on a line, counted from its frames (splitter.h): each unit's requests
 * and replies, and what tells a second master. Pure; times are those of the frames.
 */
#ifndef METERCTL_MODBUS_TRAFFIC_H
#define METERCTL_MODBUS_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "splitter.h"

#define TRAFFIC_UNITS 256
#define TRAFFIC_POLLS 64
/* So many requests while another's reply was due, or replies that came out of turn: one may
 * be an accident of a machine that was busy. */
#define TRAFFIC_CROWDED 3

struct traffic_unit {
	unsigned long requests, replies, exceptions;
	unsigned long unasked;		/* replies to no request that was heard */
	unsigned long repeated;
	int64_t first_us, last_us;	/* of its requests */
	int64_t asked_us;		/* when the one was sent that still waits; 0: none does */
	unsigned long waits;		/* replies whose time is known, and their times */
	int64_t wait_sum_us, wait_least_us, wait_most_us;
};

/* The same request, again and again. */
struct traffic_poll {
	uint8_t unit, function;
	uint16_t addr, count;
	unsigned long times;
	int64_t last_us;
	double mean_us, spread;		/* of the time between two; SPREAD: sum of squares */
};

struct traffic {
	struct traffic_unit units[TRAFFIC_UNITS];
	struct traffic_poll polls[TRAFFIC_POLLS];
	size_t npolls;
	unsigned long frames, garbage, garbage_bytes;
	unsigned long crowded;		/* see TRAFFIC_CROWDED */
	int64_t first_us, last_us;	/* of anything */
};

void traffic_take(struct traffic *t, const struct cut *c);

/* Requests nobody answered. NOW_US: of one sent less than SPLITTER_DUE_US ago, that is not
 * said yet. */
unsigned long traffic_silent(const struct traffic_unit *u, int64_t now_us);
/* Requests a second; 0: there were not two. */
double traffic_rate(const struct traffic_unit *u);

/* Two polls with steady times of which neither is a multiple of the other; false: there are
 * no such. */
bool traffic_two_rhythms(const struct traffic *t, const struct traffic_poll **a, const struct traffic_poll **b);

/* Why more than one master is taken to be on the line, in words; "": it is not. Returns BUF. */
const char *traffic_second_master(const struct traffic *t, char *buf, size_t size);

#endif
