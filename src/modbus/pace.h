/*
 * pace.h - how long to wait for a meter: learned from how long it takes.
 */
#ifndef METERCTL_MODBUS_PACE_H
#define METERCTL_MODBUS_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_SAMPLES 64

struct pace {
	int64_t base_us;	/* first-byte timeout before anything is known */
	bool fixed;		/* the person has said how long: not shortened */
	int64_t recent[PACE_SAMPLES];	/* request sent to first byte */
	unsigned n;		/* samples so far */
	int64_t late_us;	/* longest answer beyond the base time; 0: none lately */
	unsigned since_late;	/* answers in time since then */
	unsigned shift;		/* timeouts since the last answer: doublings */
	double smooth_us;	/* of the samples; for cost and display */
	double rate;		/* answers a second, as of rate_us */
	int64_t rate_us;
};

/* TIMEOUT_MS 0: one second, and more for a meter that needs it. START_US: what an
 * answer is assumed to take until one has been measured. */
void pace_init(struct pace *p, int timeout_ms, double start_us);

/* How long to wait for the first byte once the request is out: three times the
 * slowest of the last answers (ten times and 0.2 s when there were few), at least 50 ms (a USB adapter and a scheduler
 * may take 16 + 20 of them), at most the base time, or twice as long as the latest
 * answer took if it came later than that (up to 5 s; with a base time that a person
 * gave, up to twice it); doubled after each timeout up to the same limit, and of a
 * meter that has not answered yet up to 3 s: three tries then leave room for an
 * answer of 2.5 s and are over after 6 s. The LAST try waits the base time at least:
 * a meter that is busy for once must not be given up in a hurry. */
int64_t pace_timeout_us(const struct pace *p, bool last);

/* An answer took LATENCY; RETRIED: it may be that to an earlier try, so it is no
 * measure of the meter. */
void pace_answered(struct pace *p, int64_t now_us, int64_t latency_us, bool retried);
/* An answer is now known to have taken that long: it came while a later try was under
 * way, as the answer to that one has come as well. */
void pace_late(struct pace *p, int64_t latency_us);
/* The longest time an answer has lately taken, in us; the assumed one before any. */
int64_t pace_slowest_us(const struct pace *p);
void pace_timed_out(struct pace *p);
double pace_rate(const struct pace *p, int64_t now_us);

/* Pause before a dead meter is asked again after FAILURES in a row: 0.5 s
 * doubling to 10 s. */
int64_t pace_backoff_us(unsigned failures);

#endif
