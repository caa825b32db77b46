/*
 * doctor_bench.h - a site, what the doctor is told of it, and its verdict.
 */
#ifndef METERCTL_DOCTOR_BENCH_H
#define METERCTL_DOCTOR_BENCH_H

#include <string.h>

#include "doctor_site.h"

#define SAMPLES 5

struct bench {
	struct site w;
	struct doctor_options o;
	struct doctor_sample s[SAMPLES];
	struct doctor_verdict v;
};

static inline void set_up(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->w = healthy_site;
	doctor_options_init(&b->o);
	b->o.site = DOCTOR_SITE_CONSUMER;
}

static inline void take(struct bench *b)
{
	for (int k = 0; k < SAMPLES; k++)
		site_read(&b->w, 1700000000000000 + k * 250000, &b->s[k]);
}

static inline void judge(struct bench *b)
{
	doctor_check(b->s, SAMPLES, &b->o, &b->v);
}

static inline const struct doctor_finding *finding(const struct bench *b, enum doctor_code code)
{
	for (size_t k = 0; k < b->v.nfindings; k++)
		if (b->v.findings[k].code == code)
			return &b->v.findings[k];
	return NULL;
}

/* That finding, about these inputs, with this outcome. */
static inline void expect(const struct bench *b, enum doctor_outcome outcome, enum doctor_code code,
		   unsigned phases)
{
	const struct doctor_finding *f = finding(b, code);

	if (!f) {
		fail_msg("no %s", doctor_code_name(code));
		return;
	}
	assert_int_equal(f->phases, phases);
	assert_true(f->confidence > 0 && f->confidence <= 1);
	assert_true(*f->explain && *f->fix);
	assert_int_equal(b->v.outcome, outcome);
}

#endif
