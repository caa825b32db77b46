/*
 * sample.c - readings to the plain numbers the doctor works on.
 */
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "profile/codec.h"
#include "doctor.h"
#include "roles.h"

#define AT(member) offsetof(struct doctor_sample, member)

static const struct {
	const char *key;
	size_t offset;
} sources[] = {
	{ "voltage.a", AT(u[0]) }, { "voltage.b", AT(u[1]) }, { "voltage.c", AT(u[2]) },
	{ "voltage.ab", AT(line[0]) }, { "voltage.bc", AT(line[1]) },
	{ "voltage.ca", AT(line[2]) },
	{ "current.a", AT(i[0]) }, { "current.b", AT(i[1]) }, { "current.c", AT(i[2]) },
	{ "current.vector_sum", AT(i_sum) },
	{ "power.active.a", AT(p[0]) }, { "power.active.b", AT(p[1]) },
	{ "power.active.c", AT(p[2]) }, { "power.active.total", AT(p_total) },
	{ "power.reactive.a", AT(q[0]) }, { "power.reactive.b", AT(q[1]) },
	{ "power.reactive.c", AT(q[2]) }, { "power.reactive.total", AT(q_total) },
	{ "power.apparent.a", AT(s[0]) }, { "power.apparent.b", AT(s[1]) },
	{ "power.apparent.c", AT(s[2]) }, { "power.apparent.total", AT(s_total) },
	{ "pf.a", AT(pf[0]) }, { "pf.b", AT(pf[1]) }, { "pf.c", AT(pf[2]) },
	{ "pf.total", AT(pf_total) },
	{ "frequency", AT(frequency) },
	{ "angle.voltage.a", AT(angle_u[0]) }, { "angle.voltage.b", AT(angle_u[1]) },
	{ "angle.voltage.c", AT(angle_u[2]) },
	{ "angle.current.a", AT(angle_i[0]) }, { "angle.current.b", AT(angle_i[1]) },
	{ "angle.current.c", AT(angle_i[2]) },
	{ "angle.a", AT(angle_ui[0]) }, { "angle.b", AT(angle_ui[1]) },
	{ "angle.c", AT(angle_ui[2]) },
	{ "ratio.pt", AT(pt) }, { "ratio.ct", AT(ct) },
	{ "clock", AT(clock_ahead) },
};

#define NSOURCES (sizeof(sources) / sizeof(sources[0]))

const char *doctor_key(size_t i)
{
	return i < NSOURCES ? sources[i].key : NULL;
}

bool doctor_key_vital(const char *key)
{
	static const char *const stems[] = { "voltage.", "current.", "power.active.", "power.reactive." };

	for (size_t i = 0; i < sizeof(stems) / sizeof(*stems); i++) {
		size_t n = strlen(stems[i]);

		if (strncmp(key, stems[i], n) == 0)
			return strcmp(key + n, "a") == 0 || strcmp(key + n, "b") == 0 || strcmp(key + n, "c") == 0;
	}
	return false;
}

static double sample_number(const struct reading *r)
{
	int64_t shown;

	switch (r->value.kind) {
	case VALUE_NUMBER:
		return r->value.num;
	case VALUE_STRING:	/* the clock */
		if (codec_clock_seconds(r->value.text, &shown) == 0)
			return (double)(shown - time_local_s(r->at_us));
		return NAN;
	default:
		return NAN;
	}
}

static bool sample_all_zero(const double v[3])
{
	return v[0] == 0 && v[1] == 0 && v[2] == 0;
}

static void forget(double v[3])
{
	v[0] = v[1] = v[2] = NAN;
}

void doctor_sample_take(const struct profile *p, const struct reading *readings,
			struct doctor_sample *s)
{
	s->at_us = 0;
	roles_sign(p, readings, s);
	for (size_t i = 0; i < NSOURCES; i++) {
		int idx = profile_find(p, sources[i].key);
		double v = NAN;

		if (idx >= 0 && readings[idx].quality == QUALITY_OK) {
			v = sample_number(&readings[idx]);
			if (readings[idx].at_us > s->at_us)
				s->at_us = readings[idx].at_us;
		}
		memcpy((char *)s + sources[i].offset, &v, sizeof(v));
	}
	/* Registers that a meter has and does not fill. Three inputs on one phase
	 * would show a tenth of a volt or a hundredth of a degree. */
	if (sample_all_zero(s->angle_u) && sample_all_zero(s->angle_i)) {
		if (sample_all_zero(s->line))
			forget(s->line);
		forget(s->angle_u);
		forget(s->angle_i);
	}
	if (sample_all_zero(s->angle_ui))
		forget(s->angle_ui);
}
