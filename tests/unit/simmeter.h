/* simmeter.h - reading a simulated meter by key, in unit tests. */
#ifndef METERCTL_TEST_SIMMETER_H
#define METERCTL_TEST_SIMMETER_H

#include <stdio.h>
#include <string.h>

#include "profile/codec.h"
#include "sim/sim.h"
#include "unit.h"

static inline struct sim_meter *sim_new(const char *profile, const char *scenario)
{
	struct err e = { 0 };
	struct sim_meter *m = sim_meter_new(profile_builtin_named(profile), scenario, &e);

	if (!m)
		fail_msg("'%s': %s", scenario, e.text);
	return m;
}

static inline const struct point *sim_point(const char *profile, const char *key)
{
	const struct profile *p = profile_builtin_named(profile);
	int i = profile_find(p, key);

	if (i < 0)
		fail_msg("no point '%s'", key);
	return &p->points[i];
}

static inline struct value sim_value(struct sim_meter *m, const char *key)
{
	const struct point *p = sim_point("adw300", key);
	uint16_t regs[VALUE_WORDS];
	struct value v;
	struct err e = { 0 };

	assert_int_equal(sim_meter_read(m, p->space, p->addr, p->words, regs), 0);
	if (codec_decode(p, regs, &v, &e))
		fail_msg("%s", e.text);
	return v;
}

static inline double sim_num(struct sim_meter *m, const char *key)
{
	return sim_value(m, key).num;
}

/* KEY with SUFFIX behind it. */
static inline double sim_of(struct sim_meter *m, const char *key, const char *suffix)
{
	char full[96];

	snprintf(full, sizeof(full), "%s%s", key, suffix);
	return sim_num(m, full);
}

/* Writes TEXT as a person would; the exception code, or 0. */
static inline int sim_set(struct sim_meter *m, const char *key, const char *text)
{
	const struct point *p = sim_point("adw300", key);
	uint16_t regs[VALUE_WORDS] = { 0 };
	struct value v;
	struct err e = { 0 };

	if (codec_parse(p, text, &v, &e) || codec_encode(p, &v, regs, &e))
		fail_msg("%s", e.text);
	return sim_meter_write(m, p->addr, p->words, regs);
}

static inline void near(double a, double b, double within, const char *what, const char *where)
{
	double off = a > b ? a - b : b - a;

	if (!(off <= within))
		fail_msg("%s (%s): %.6f and %.6f differ by more than %.6f", what, where, a, b, within);
}

#endif
