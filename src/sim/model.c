#include "model.h"

#include <math.h>
#include <string.h>

/* The longest step: alarms are looked at this often, and power is taken to
 * change evenly in between. */
#define STEP 1.0
#define PAST_MONTHS 15

/* The quantities section 6.5 of the ADW300 manual keeps extremes of. */
static const size_t extreme_offsets[EXTREMES] = {
	offsetof(struct moment, voltage[0]), offsetof(struct moment, voltage[1]),
	offsetof(struct moment, voltage[2]), offsetof(struct moment, line[0]),
	offsetof(struct moment, line[1]), offsetof(struct moment, line[2]),
	offsetof(struct moment, current[0]), offsetof(struct moment, current[1]),
	offsetof(struct moment, current[2]), offsetof(struct moment, vector_sum),
	offsetof(struct moment, p[0]), offsetof(struct moment, p[1]),
	offsetof(struct moment, p[2]), offsetof(struct moment, p[3]),
	offsetof(struct moment, q[0]), offsetof(struct moment, q[1]),
	offsetof(struct moment, q[2]), offsetof(struct moment, q[3]),
	offsetof(struct moment, s[0]), offsetof(struct moment, s[1]),
	offsetof(struct moment, s[2]), offsetof(struct moment, s[3]),
};

int model_extreme(size_t offset)
{
	for (int i = 0; i < EXTREMES; i++)
		if (extreme_offsets[i] == offset)
			return i;
	return -1;
}

double model_clock(const struct model *m)
{
	return m->t + m->clock_ahead;
}

static double model_quantity(const struct moment *now, unsigned i)
{
	double v;

	memcpy(&v, (const char *)now + extreme_offsets[i], sizeof(v));
	return v;
}

static void extremes_begin(struct model *m)
{
	for (unsigned i = 0; i < EXTREMES; i++) {
		struct extreme e = { model_quantity(&m->now, i), model_clock(m) };

		m->months[0].max[i] = m->months[0].min[i] = e;
	}
}

static void extremes_note(struct model *m)
{
	for (unsigned i = 0; i < EXTREMES; i++) {
		struct extreme e = { model_quantity(&m->now, i), model_clock(m) };

		if (e.value > m->months[0].max[i].value)
			m->months[0].max[i] = e;
		if (e.value < m->months[0].min[i].value)
			m->months[0].min[i] = e;
	}
}

/* Adds V x HOURS where the sign of V says. */
static void add_signed(double v, double hours, double *combined, double *import, double *export)
{
	*combined += fabs(v) * hours;
	*(v < 0 ? export : import) += fabs(v) * hours;
}

/* BEFORE and AFTER are the ends of a step; power changes evenly in between. */
static void add_energy(struct energies *e, const struct moment *before,
		       const struct moment *after, double hours, enum tariff rate)
{
	double p = 0, q = 0;

	for (unsigned x = 0; x < 4; x++) {
		p = (before->p[x] + after->p[x]) / 2;
		q = (before->q[x] + after->q[x]) / 2;
		add_signed(p, hours, &e->active_combined[x], &e->active_import[x],
			   &e->active_export[x]);
		add_signed(q, hours, &e->reactive_combined[x], &e->reactive_import[x],
			   &e->reactive_export[x]);
	}
	/* P and Q are those of the total now */
	add_signed(p, hours, &e->tou_active_combined[rate], &e->tou_active_import[rate],
		   &e->tou_active_export[rate]);
	add_signed(q, hours, &e->tou_reactive_combined[rate], &e->tou_reactive_import[rate],
		   &e->tou_reactive_export[rate]);
	e->quadrant[q < 0 ? (p < 0 ? 2 : 3) : (p < 0 ? 1 : 0)] += fabs(q) * hours;
	e->apparent += (before->s[3] + after->s[3]) / 2 * hours;
	for (unsigned x = 0; x < 3; x++)
		e->charge += (before->current[x] + after->current[x]) / 2 * hours;
}

/* The mean of the last minutes, as many as the window has. */
static void demand_slide(struct model *m)
{
	struct demand *d = &m->demand;
	unsigned window = (unsigned)fmin(60, fmax(1, m->set.demand_window));

	for (unsigned i = 0; i < DEMANDS; i++) {
		d->present[i] = 0;
		for (unsigned k = 1; k <= window; k++)
			d->present[i] += d->minutes[(d->next + 60 - k) % 60][i];
		d->present[i] /= window;
		if (d->present[i] > d->max[i]) {
			d->max[i] = d->present[i];
			d->max_at[i] = model_clock(m);
		}
	}
}

static void demand_of(const struct moment *before, const struct moment *after,
		      double out[DEMANDS])
{
	double p = (before->p[3] + after->p[3]) / 2, q = (before->q[3] + after->q[3]) / 2;

	out[DEMAND_ACTIVE_IMPORT] = fmax(0, p);
	out[DEMAND_ACTIVE_EXPORT] = fmax(0, -p);
	out[DEMAND_REACTIVE_IMPORT] = fmax(0, q);
	out[DEMAND_REACTIVE_EXPORT] = fmax(0, -q);
	out[DEMAND_APPARENT] = (before->s[3] + after->s[3]) / 2;
	out[DEMAND_ACTIVE_NET] = p;
	for (unsigned x = 0; x < 3; x++)
		out[DEMAND_CURRENT + x] = (before->current[x] + after->current[x]) / 2;
	out[DEMAND_CURRENT + 3] = (before->vector_sum + after->vector_sum) / 2;
}

static void add_demand(struct model *m, const struct moment *before, double dt)
{
	struct demand *d = &m->demand;
	double now[DEMANDS];

	demand_of(before, &m->now, now);
	if (dt > 60) {	/* the past: as even as the hour that is looked at */
		for (unsigned k = 0; k < 60; k++)
			memcpy(d->minutes[k], now, sizeof(now));
		demand_slide(m);
		return;
	}
	for (unsigned i = 0; i < DEMANDS; i++)
		d->sum[i] += now[i] * dt;
	d->seconds += dt;
	if (floor(m->t / 60) <= floor((m->t - dt) / 60))
		return;
	for (unsigned i = 0; i < DEMANDS; i++) {
		d->minutes[d->next][i] = d->sum[i] / d->seconds;
		d->sum[i] = 0;
	}
	d->seconds = 0;
	d->next = (d->next + 1) % 60;
	demand_slide(m);
}

static void close_month(struct model *m, int month)
{
	memmove(&m->history[1], &m->history[0], sizeof(m->history) - sizeof(m->history[0]));
	m->history[0].at = calendar_month_start(&m->set.calendar, month);
	m->history[0].energy = m->energy;
	memmove(&m->months[1], &m->months[0], sizeof(m->months) - sizeof(m->months[0]));
	extremes_begin(m);
	for (unsigned i = 0; i < DEMANDS; i++) {
		m->demand.max[i] = m->demand.present[i];
		m->demand.max_at[i] = m->demand.max[i] > 0 ? model_clock(m) : 0;
	}
}

static void model_step(struct model *m, double dt)
{
	struct moment before = m->now;
	int month;

	m->t += dt;
	site_at(&m->site, m->t, m->past, &m->now);
	add_energy(&m->energy, &before, &m->now, dt / 3600,
		   calendar_tariff(&m->set.calendar, model_clock(m) - dt / 2));
	add_demand(m, &before, dt);
	/* a clock set back opens the old month again and closes none */
	month = calendar_month(&m->set.calendar, model_clock(m));
	if (month > m->month)
		close_month(m, month);
	m->month = month;
	extremes_note(m);
	alarm_run(&m->alarm, &m->set.alarm, m->site.nominal, &m->now,
		  m->demand.present, dt);
}

/* Hours of uneven length, so that no extreme falls on the full hour, and longer
 * ones before the months that extremes are kept of; then minutes to fill the
 * demand window. */
static void live_past(struct model *m, double start)
{
	double kept = start - 32.0 * 86400 * EXTREME_MONTHS;
	int64_t n = 0;

	while (start - m->t > 2 * 3600) {
		double hours = 1 + site_chance(m->site.scenario->seed, 255, n++);

		model_step(m, 3600 * hours * (m->t < kept ? 3 : 1));
	}
	while (start - m->t > 60)
		model_step(m, 60);
	model_step(m, start - m->t);
}

void model_init(struct model *m, const struct scenario *scenario,
		const struct settings *set, double start)
{
	*m = (struct model){ .set = *set, .past = true };
	site_init(&m->site, scenario);
	m->t = calendar_month_start(&set->calendar,
				    calendar_month(&set->calendar, start) - PAST_MONTHS);
	m->month = calendar_month(&set->calendar, m->t);
	site_at(&m->site, m->t, true, &m->now);
	extremes_begin(m);
	live_past(m, start);
	m->past = false;
	/* from here on the site is as the scenario has it */
	site_at(&m->site, m->t, false, &m->now);
	site_rest(&m->site, &m->now);
	extremes_note(m);
}

void model_advance(struct model *m, double seconds)
{
	while (seconds > 0) {
		double dt = fmin(seconds, STEP);

		model_step(m, dt);
		seconds -= dt;
	}
	site_rest(&m->site, &m->now);
}

void model_settle(struct model *m)
{
	m->month = calendar_month(&m->set.calendar, model_clock(m));
	demand_slide(m);
	alarm_run(&m->alarm, &m->set.alarm, m->site.nominal, &m->now,
		  m->demand.present, 0);
}

void model_set_clock(struct model *m, double clock)
{
	m->clock_ahead = clock - m->t;
	m->month = calendar_month(&m->set.calendar, clock);
}
