#include "alarm.h"

#include <math.h>

/* Loss of voltage and current, after what Chinese meters do: below 78 % Un with
 * a current of 5 % Ib, or a dead phase current at 60 % Un while another phase
 * carries 5 %; both after a minute. Ib of the 1(6) A input is 1 A. */
#define LOSS_OF_VOLTAGE 0.78
#define VOLTAGE_THERE 0.60
#define LOAD_CURRENT 0.05
#define STARTING_CURRENT 0.004
#define LOSS_DELAY 60
#define SEQUENCE_DELAY 1

static bool any(const double *v, double limit, bool above)
{
	for (unsigned x = 0; x < 3; x++)
		if (above ? v[x] > limit : v[x] < limit)
			return true;
	return false;
}

static unsigned conditions_1(const struct alarm_settings *set, const struct alarm *a,
			     double nominal, const struct moment *m)
{
	const struct limit *l = set->limits[0];
	unsigned c = 0;
	bool load = any(m->current, LOAD_CURRENT, true), there = true;

	c |= (unsigned)any(m->voltage, l[0].threshold, true);
	c |= (unsigned)any(m->voltage, l[1].threshold, false) << 1;
	c |= (unsigned)any(m->current, l[2].threshold, true) << 2;
	c |= (unsigned)any(m->current, l[3].threshold, false) << 3;
	c |= (unsigned)(m->p[3] > l[4].threshold) << 4;
	c |= (unsigned)(m->p[3] < l[5].threshold) << 5;
	c |= (unsigned)a->on[0] << 6 | (unsigned)a->on[1] << 7;
	for (unsigned x = 0; x < 3; x++) {
		if (load && m->current[x] < STARTING_CURRENT
		    && m->voltage[x] > VOLTAGE_THERE * nominal)
			c |= 1U << (8 + x);
		if (m->voltage[x] < LOSS_OF_VOLTAGE * nominal && m->current[x] > LOAD_CURRENT)
			c |= 1U << (11 + x);
		there = there && m->voltage[x] > VOLTAGE_THERE * nominal;
	}
	if (there && m->angle_u[1] > 180)
		c |= 1U << 14;
	return c;
}

static unsigned conditions_2(const struct alarm_settings *set, const struct moment *m)
{
	const double above[] = {
		m->temperature[0], m->temperature[1], m->temperature[2], m->temperature[3],
		m->thd_u[0], m->thd_u[1], m->thd_u[2], m->thd_i[0], m->thd_i[1], m->thd_i[2],
		m->unbalance_u, m->unbalance_i,
	};
	const struct limit *l = set->limits[1];
	unsigned c = 0;

	for (unsigned x = 0; x < 4; x++)
		c |= (unsigned)(fabs(m->pf[x]) < l[x].threshold) << x;
	for (unsigned i = 0; i < 12; i++)
		c |= (unsigned)(above[i] > l[4 + i].threshold) << (4 + i);
	return c;
}

static double delay_of(const struct alarm_settings *set, unsigned word, unsigned bit)
{
	if (word == 0 && bit >= 8)
		return bit == 14 ? SEQUENCE_DELAY : LOSS_DELAY;
	return set->limits[word][bit].delay;
}

static void watch(struct alarm *a, const struct alarm_settings *set, unsigned word,
		  unsigned conditions, double dt)
{
	unsigned enabled = (unsigned)set->enable[word];

	a->status[word] = 0;
	for (unsigned bit = 0; bit < 16; bit++) {
		double *held = &a->held[word][bit];

		if (!(conditions & enabled & 1U << bit)) {
			*held = 0;
			continue;
		}
		*held += dt;
		if (*held >= delay_of(set, word, bit))
			a->status[word] |= 1U << bit;
	}
}

static bool alarm_wanted(const struct alarm *a, const struct alarm_settings *set, unsigned n)
{
	const struct output *o = &set->output[n];
	/* an output's own state (bits 6 and 7 of alarm 1) must not hold it */
	bool alarm = (a->status[0] & 0xFF3FU) || a->status[1] || a->status[2];
	bool di1 = a->inputs & 1, di2 = a->inputs & 2;

	for (unsigned x = 0; x < 4; x++)
		if ((unsigned)set->linked[x] == n + 1 && (a->inputs >> x & 1))
			return true;
	switch ((int)o->source) {
	case 0:
		return o->on > 0;
	case 1:
		return alarm;
	case 2:
		return alarm || di1 || di2;
	case 3:
		return di1;
	case 4:
		return di2;
	default:
		return di1 || di2;
	}
}

static void drive(struct alarm *a, const struct alarm_settings *set, unsigned n, double dt)
{
	bool want = alarm_wanted(a, set, n);

	a->pulse_left[n] = fmax(0, a->pulse_left[n] - dt);
	if (want && !a->wanted[n])
		a->pulse_left[n] = set->output[n].width;
	a->wanted[n] = want;
	a->on[n] = set->output[n].pulse > 0 ? a->pulse_left[n] > 0 : want;
}

void alarm_run(struct alarm *a, const struct alarm_settings *set, double nominal,
	       const struct moment *m, const double demand[DEMANDS], double dt)
{
	unsigned over = 0;

	a->inputs = 0;
	for (unsigned x = 0; x < 4; x++)
		if (m->contact[x] != (set->closed_is_normal[x] > 0))
			a->inputs |= 1U << x;
	for (unsigned i = 0; i < DEMAND_LIMITS; i++)
		over |= (unsigned)(demand[i] > set->limits[2][i].threshold) << i;
	watch(a, set, 0, conditions_1(set, a, nominal, m), dt);
	watch(a, set, 1, conditions_2(set, m), dt);
	watch(a, set, 2, over, dt);
	for (unsigned n = 0; n < 2; n++)
		drive(a, set, n, dt);
}
