/*
 * pace.h - how long to wait for a meter: learned from how long it takes.
 */
#ifndef METERCTL_LINK_PACE_H
#define METERCTL_LINK_PACE_H

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

/* TIMEOUT_MS 0: one second. START_US: what an answer is assumed to take until
 * one has been measured. */
void pace_init(struct pace *p, int timeout_ms, double start_us);

/* How long to wait for the first byte once the request is out: three times the
 * slowest of the last answers, at least 50 ms (a USB adapter and a scheduler
 * may take 16 + 20 of them), at most the base time or twice it if answers that
 * late have been seen; doubled after each timeout up to the same limit. The
 * LAST try waits the base time at least: a meter that is busy for once must
 * not be given up in a hurry. */
int64_t pace_timeout_us(const struct pace *p, bool last);

/* An answer took LATENCY; RETRIED: it may be that to an earlier try. */
void pace_answered(struct pace *p, int64_t now_us, int64_t latency_us, bool retried);
void pace_timed_out(struct pace *p);
double pace_rate(const struct pace *p, int64_t now_us);

/* Pause before a dead meter is asked again after FAILURES in a row: 0.5 s
 * doubling to 10 s. */
int64_t pace_backoff_us(unsigned failures);

#endif
