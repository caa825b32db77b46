#include "pace.h"

#include <math.h>

#define FLOOR_US 50000
#define FEW 8			/* samples before the timeout follows them closely */
#define EARLY_US 200000		/* more patience before that */
#define RATE_SPAN_US 2e6	/* the rate is that of about so long */
#define UNKNOWN_US 3000000	/* longest wait for a meter that has not answered yet */
#define LATE_US 5000000		/* ... and for one known to be slow */

void pace_init(struct pace *p, int timeout_ms, double start_us)
{
	*p = (struct pace){
		.base_us = (timeout_ms > 0 ? timeout_ms : 1000) * (int64_t)1000,
		.fixed = timeout_ms > 0,
		.smooth_us = start_us,
	};
}

static int64_t slowest(const struct pace *p)
{
	unsigned n = p->n < PACE_SAMPLES ? p->n : PACE_SAMPLES;
	int64_t most = 0;

	for (unsigned i = 0; i < n; i++)
		if (p->recent[i] > most)
			most = p->recent[i];
	return most;
}

int64_t pace_slowest_us(const struct pace *p)
{
	int64_t most = slowest(p);

	if (p->late_us > most)
		most = p->late_us;
	return p->n || p->late_us ? most : (int64_t)p->smooth_us;
}

/* No wait is longer. */
static int64_t pace_longest(const struct pace *p)
{
	int64_t most = p->fixed ? 2 * p->base_us : LATE_US;

	if (p->late_us)
		return 2 * p->late_us < most ? 2 * p->late_us : most;
	return p->n == 0 && !p->fixed && p->base_us < UNKNOWN_US ? UNKNOWN_US : p->base_us;
}

int64_t pace_timeout_us(const struct pace *p, bool last)
{
	int64_t most = pace_longest(p), t = p->base_us;

	if (most < p->base_us)
		most = p->base_us;
	if (p->late_us)
		t = most;
	else if (p->n > 0 && !p->fixed && !last)
		t = p->n >= FEW ? 3 * slowest(p) : 10 * slowest(p) + EARLY_US;
	if (t < FLOOR_US)
		t = FLOOR_US;
	if (t > most)
		t = most;
	for (unsigned i = 0; i < p->shift && t < most; i++)
		t *= 2;
	return t < most ? t : most;
}

void pace_answered(struct pace *p, int64_t now_us, int64_t latency_us, bool retried)
{
	double gone = (double)(now_us - p->rate_us);

	if (latency_us < 0)
		latency_us = 0;
	if (!retried) {
		p->smooth_us += p->n ? ((double)latency_us - p->smooth_us) / 8
				     : (double)latency_us - p->smooth_us;
		p->recent[p->n++ % PACE_SAMPLES] = latency_us;
		/* a wrap of the counter must not make it look fresh */
		if (p->n == 1U << 31)
			p->n = PACE_SAMPLES;
	}
	if (!retried && latency_us > p->base_us)
		pace_late(p, latency_us);
	else if (++p->since_late >= PACE_SAMPLES)
		p->late_us = 0;
	p->shift = 0;
	p->rate = (p->rate_us ? p->rate * exp(-gone / RATE_SPAN_US) : 0) + 1e6 / RATE_SPAN_US;
	p->rate_us = now_us;
}

void pace_late(struct pace *p, int64_t latency_us)
{
	if (latency_us > p->late_us)
		p->late_us = latency_us;
	p->since_late = 0;
}

void pace_timed_out(struct pace *p)
{
	if (p->shift < 8)
		p->shift++;
}

double pace_rate(const struct pace *p, int64_t now_us)
{
	double rate = p->rate * exp(-(double)(now_us - p->rate_us) / RATE_SPAN_US);

	return rate < 0.05 ? 0 : rate;
}

int64_t pace_backoff_us(unsigned failures)
{
	int64_t t = 500000;

	for (unsigned i = 1; i < failures && t < 10000000; i++)
		t *= 2;
	return failures == 0 ? 0 : t < 10000000 ? t : 10000000;
}
