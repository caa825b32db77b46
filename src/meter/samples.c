#include "samples.h"

#include "base/time.h"
#include "doctor/roles.h"
#include "profile/ability.h"
#include "missing.h"

#define VITAL 12	/* voltage, current, P and Q of three inputs */

/* Five in a breath would agree on anything. A line at 9600 takes that long anyway. */
#define APART_US 200000

int samples_select(const struct profile *p, struct selection *sel, struct err *e)
{
	const char *key;

	if (ability_lack(p, ABILITY_WIRING))
		return 0;
	for (size_t i = 0; (key = doctor_key(i)); i++)
		if (profile_find(p, key) >= 0 && profile_select(p, key, sel, e))
			return -1;
	for (size_t i = 0; i < POINT_ROLES; i++) {
		key = roles_key(p, i);
		if (key && profile_select(p, key, sel, e))
			return -1;
	}
	return 0;
}

size_t samples_wanted(const struct meter *m)
{
	return link_pushes(m->link) ? DOCTOR_SAMPLES_LEAST : DOCTOR_SAMPLES;
}

/* Those of SEL that every verdict is made from, to IDX. */
static size_t select_vital(const struct meter *m, const struct selection *sel, uint16_t idx[VITAL])
{
	size_t n = 0;

	for (size_t i = 0; i < sel->n && n < VITAL; i++)
		if (doctor_key_vital(m->profile->points[sel->idx[i]].key))
			idx[n++] = sel->idx[i];
	return n;
}

int samples_absent(const struct meter *m, const struct selection *sel, struct err *e)
{
	uint16_t idx[VITAL];
	size_t n = select_vital(m, sel, idx);

	for (size_t i = 0; i < n; i++)
		if (m->readings[idx[i]].absent) {
			*e = m->readings[idx[i]].err;
			return -1;
		}
	return 0;
}

static int samples_check_whole(const struct meter *m, const struct selection *sel, struct err *e)
{
	uint16_t idx[VITAL];
	/* what a meter sends by itself is not asked for */
	size_t n = link_pushes(m->link) ? 0 : select_vital(m, sel, idx);

	return missing_complain(m, idx, n, "voltages, currents and powers", e);
}

int samples_take(struct meter *m, const struct selection *sel,
		 struct doctor_sample samples[DOCTOR_SAMPLES], size_t *n,
		 struct err *late, struct err *e)
{
	size_t wanted = samples_wanted(m);
	int64_t next = time_mono_us();

	*late = (struct err){ 0 };
	for (*n = 0; *n < wanted; (*n)++) {
		if (!link_wait(m->link, next))
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		next = time_mono_us() + APART_US;
		if (meter_read(m, sel->idx, sel->n, NULL, NULL, late)) {
			if (late->code != ERR_INTERRUPTED && *n >= DOCTOR_SAMPLES_LEAST)
				return 0;
			*e = *late;
			return -1;
		}
		if (samples_check_whole(m, sel, e))
			return 1;
		doctor_sample_take(m->profile, m->readings, &samples[*n]);
	}
	return 0;
}
