#include "site.h"

#include <math.h>
#include <string.h>

#define DEGREES (M_PI / 180)
#define FULL_LOAD 3.6	/* A at the meter's 1(6) A input */
#define DIRECT_V 48	/* ETSI EN 300 132-2, the supply of telecommunications */

/* What wanders, each by itself. Those of a phase take three in a row. */
enum channel {
	CH_SUPPLY, CH_VOLTAGE_SLOW, CH_VOLTAGE_FAST = CH_VOLTAGE_SLOW + 3,
	CH_ANGLE = CH_VOLTAGE_FAST + 3, CH_LOAD_SLOW = CH_ANGLE + 3,
	CH_LOAD = CH_LOAD_SLOW + 3, CH_LOAD_FAST = CH_LOAD + 3,
	CH_LAG = CH_LOAD_FAST + 3, CH_THD_U = CH_LAG + 3, CH_THD_I = CH_THD_U + 3,
	CH_FREQUENCY = CH_THD_I + 3, CH_FREQUENCY_FAST, CH_AMBIENT, CH_RESIDUAL,
	CH_RESIDUAL_FAST, CH_SIGNAL, CH_SIGNAL_FAST, CH_CONTACT,
	CH_SHAPE_U = CH_CONTACT + 4, CH_SHAPE_I = CH_SHAPE_U + 3,
	CH_SHAPE_ANGLE = CH_SHAPE_I + 3
};

/* splitmix64, public domain, Sebastiano Vigna */
static uint64_t mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15U;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
	x = (x ^ x >> 27) * 0x94D049BB133111EBU;
	return x ^ x >> 31;
}

double site_chance(uint64_t seed, unsigned channel, int64_t n)
{
	/* one product each keeps the three apart */
	uint64_t h = mix(seed * 0xD6E8FEB86659FD93U + channel * 0xA0761D6478BD642FU
			 + (uint64_t)n * 0xE7037ED1A0B428DBU);

	return (double)(h >> 11) / 9007199254740992.0;
}

/* Wanders smoothly in -1 .. 1, anew every PERIOD seconds. */
static double wander(const struct site *s, unsigned channel, double t, double period)
{
	double at = t / period, whole = floor(at), f = at - whole;
	double a = site_chance(s->scenario->seed, channel, (int64_t)whole);
	double b = site_chance(s->scenario->seed, channel, (int64_t)whole + 1);

	return 2 * (a + (b - a) * f * f * (3 - 2 * f)) - 1;
}

/* A low-voltage network with rectifier loads: 5th and 7th lead, even orders
 * are small, everything fades with the order. */
static double typical(unsigned order, bool current)
{
	if (order % 2 == 0)
		return 0.2 / order;
	if (order % 3 == 0)
		return (current ? 2.4 : 1.2) / order;
	return (current ? 5.0 : 5.5) / order * (order > 13 ? 0.5 : 1);
}

static void make_shape(uint64_t seed, unsigned channel, bool current, double *out)
{
	double sum = 0;

	for (unsigned i = 0; i < HARMONICS; i++) {
		out[i] = typical(i + 2, current) * (0.8 + 0.4 * site_chance(seed, channel, i));
		sum += out[i] * out[i];
	}
	for (unsigned i = 0; i < HARMONICS; i++)
		out[i] /= sqrt(sum);
}

void site_init(struct site *s, const struct scenario *scenario)
{
	uint64_t seed = scenario->seed;

	memset(s, 0, sizeof(*s));
	s->scenario = scenario;
	/* behind voltage transformers: 100 V between lines (ADW300 manual 3.1) */
	s->nominal = scenario->direct ? DIRECT_V : scenario->pt > 1 ? 57.7 : 230;
	for (unsigned x = 0; x < 3; x++) {
		make_shape(seed, CH_SHAPE_U + x, false, s->shape_u[x]);
		make_shape(seed, CH_SHAPE_I + x, true, s->shape_i[x]);
	}
	/* distorting loads give harmonic power back: angles beyond 90 degrees */
	for (unsigned x = 0; x < 3; x++)
		for (unsigned y = 0; y < 3; y++)
			for (unsigned i = 0; i < HARMONICS; i++)
				s->cross[x][y] += s->shape_u[x][i] * s->shape_i[y][i]
					* cos((100 + 70 * site_chance(seed, CH_SHAPE_ANGLE, i))
					      * DEGREES);
}

static double bump(double x, double width)
{
	return exp(-x * x / (2 * width * width));
}

/* 0 .. 1 over the day: a works that starts at seven, and an evening. */
static double site_level(double t)
{
	double hour = fmod(t, 86400) / 3600;
	bool weekend = fmod(floor(t / 86400) + 4, 7) == 0 || fmod(floor(t / 86400) + 4, 7) == 6;
	double job = 0.55 * bump(hour - 10.5, 2.4) + 0.45 * bump(hour - 15.5, 2.2)
		+ 0.30 * bump(hour - 19.5, 1.8);

	return 0.35 + (weekend ? 0.5 : 1) * job;
}

/* The site itself: fundamental vectors per phase before any wiring. */
struct phase {
	double u, u_lag;	/* V, degrees behind phase a */
	double i, i_lag;	/* A, likewise */
	double thd_u, thd_i;	/* % */
};

static void site_phase(const struct site *s, double t, bool past, double load, unsigned x,
		       struct phase *p)
{
	static const double uneven_u[] = { 1, 0.9968, 1.0026 }, uneven_i[] = { 1.04, 0.95, 1 };
	static const double uneven_lag[] = { 0, 2, -1.5 };
	const struct scenario *sc = s->scenario;
	double hour = fmod(t, 86400) / 3600;

	p->u = s->nominal * uneven_u[x] * (1.004 - 0.004 * load)
		* (1 + 0.007 * wander(s, CH_SUPPLY, t, 1200)
		   + 0.0015 * wander(s, CH_VOLTAGE_SLOW + x, t, 40)
		   + 0.0006 * wander(s, CH_VOLTAGE_FAST + x, t, 4));
	p->u_lag = 120 * x + (x ? 0.15 * wander(s, CH_ANGLE + x, t, 300) : 0);
	p->i = FULL_LOAD * load * uneven_i[x]
		* (1 + 0.10 * wander(s, CH_LOAD_SLOW + x, t, 600)
		   + 0.04 * wander(s, CH_LOAD + x, t, 45)
		   + 0.015 * wander(s, CH_LOAD_FAST + x, t, 5));
	if (sc->no_load && !past)
		p->i = 0;
	if (sc->exporting && (!past || (hour >= 8 && hour < 18)))
		p->i_lag = p->u_lag + 174 + 2 * wander(s, CH_LAG + x, t, 900);
	else
		p->i_lag = p->u_lag + sc->lag + uneven_lag[x] + 3 * wander(s, CH_LAG + x, t, 900);
	if (sc->direct) {	/* with or against the voltage, and nothing else */
		p->i_lag = p->u_lag + (fabs(p->i_lag - p->u_lag) > 90 ? 180 : 0);
		p->thd_u = p->thd_i = 0;
		return;
	}
	p->thd_u = 1.9 + 0.15 * x + 0.25 * wander(s, CH_THD_U + x, t, 180);
	p->thd_i = 7.2 - 0.5 * x + 1.4 * wander(s, CH_THD_I + x, t, 120);
}

/* Pauses are three switchings long: on, off, on, off is one sequence. */
#define STEP_SWITCHINGS 4
#define STEP_CYCLE (2 * STEP_SWITCHINGS - 1)

/* The load that somebody switches, on conductor X. */
static void site_add_step(const struct scenario_step *s, double t, unsigned x, struct phase *p)
{
	double at = fmod(t / s->seconds, STEP_CYCLE * s->phases), in = fmod(at, STEP_CYCLE) - 3;
	double lag = p->i_lag - p->u_lag, a, b;

	/* first the pause, then on, off, on, off */
	if (s->phase[(unsigned)(at / STEP_CYCLE) % 3] != x || !(in >= 0 && fmod(in, 2) < 1))
		return;
	a = p->i * cos(lag * DEGREES) + s->amperes * cos(s->lag * DEGREES);
	b = p->i * sin(lag * DEGREES) + s->amperes * sin(s->lag * DEGREES);
	p->i = hypot(a, b);
	p->i_lag = p->u_lag + atan2(b, a) / DEGREES;
}

static double circle(double degrees)
{
	double d = fmod(degrees, 360);

	return d < 0 ? d + 360 : d;
}

/* Length of the sum of vectors with these lengths and lags. */
static double vector_sum(const double *length, const double *lag, unsigned n)
{
	double x = 0, y = 0;

	for (unsigned i = 0; i < n; i++) {
		x += length[i] * cos(lag[i] * DEGREES);
		y += length[i] * sin(lag[i] * DEGREES);
	}
	return hypot(x, y);
}

static void input_power(const struct site *s, unsigned x, double lag, struct moment *m)
{
	const struct scenario *sc = s->scenario;
	double s1 = m->u1[x] * m->i1[x] / 1000;
	double given = s->cross[sc->voltage_of[x]][sc->current_of[x]];

	m->p1[x] = s1 * cos(lag * DEGREES);
	m->q1[x] = s1 * sin(lag * DEGREES);
	m->ph[x] = m->uh[x] * m->ih[x] / 1000 * given * (sc->reversed[x] ? -1 : 1);
	m->p[x] = m->p1[x] + m->ph[x];
	m->s[x] = m->voltage[x] * m->current[x] / 1000;
	m->q[x] = copysign(sqrt(fmax(0, m->s[x] * m->s[x] - m->p[x] * m->p[x])), m->q1[x]);
	m->qh[x] = m->q[x] - m->q1[x];
}

/* What input X sees, wired as the scenario says. The lags of its vectors go to
 * LAG_U and LAG_I. */
static void input_at(const struct site *s, unsigned x, const struct phase *phase,
		     double *lag_u, double *lag_i, struct moment *m)
{
	const struct scenario *sc = s->scenario;
	const struct phase *u = &phase[sc->voltage_of[x]], *i = &phase[sc->current_of[x]];

	m->thd_u[x] = sc->missing[x] ? 0 : u->thd_u;
	m->u1[x] = sc->missing[x] ? 0 : u->u * sc->voltage_share[x];
	m->i1[x] = i->i * sc->current_share[x];
	m->thd_i[x] = m->i1[x] > 0 ? i->thd_i : 0;
	m->uh[x] = m->u1[x] * m->thd_u[x] / 100;
	m->ih[x] = m->i1[x] * m->thd_i[x] / 100;
	m->voltage[x] = hypot(m->u1[x], m->uh[x]);
	m->current[x] = hypot(m->i1[x], m->ih[x]);
	*lag_u = u->u_lag;
	*lag_i = i->i_lag + (sc->reversed[x] ? 180 : 0);
	input_power(s, x, *lag_i - *lag_u, m);
}

static double mean(const double *v)
{
	return (v[0] + v[1] + v[2]) / 3;
}

static double unbalance(const double *v)
{
	double middle = mean(v), most = 0;

	for (unsigned x = 0; x < 3; x++)
		most = fmax(most, fabs(v[x] - middle));
	return middle > 0 ? 100 * most / middle : 0;
}

static void add_totals(struct moment *m)
{
	double *const sums[] = { m->p, m->q, m->s, m->p1, m->q1, m->ph, m->qh };

	for (unsigned i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		sums[i][3] = sums[i][0] + sums[i][1] + sums[i][2];
	for (unsigned x = 0; x < 4; x++)
		m->pf[x] = m->s[x] > 0 ? m->p[x] / m->s[x] : 1;
}

static void surroundings(const struct site *s, double t, double load, struct moment *m)
{
	static const double warmer[] = { 0.6, 1.4, 0, -2.5 };
	double ambient = 24 + 4 * sin((fmod(t, 86400) / 86400 - 0.375) * 2 * M_PI)
		+ 1.5 * wander(s, CH_AMBIENT, t, 7200);
	bool live = m->voltage[0] > 0 || m->voltage[1] > 0 || m->voltage[2] > 0;

	m->frequency = live ? 50 + 0.02 * wander(s, CH_FREQUENCY, t, 120)
		+ 0.008 * wander(s, CH_FREQUENCY_FAST, t, 8) : 0;
	for (unsigned x = 0; x < 4; x++)
		m->temperature[x] = ambient + warmer[x]
			+ (m->current[x % 3] > 0 ? 11 * load * load : 0);
	m->residual = 13 + 3.5 * wander(s, CH_RESIDUAL, t, 120)
		+ 1.2 * wander(s, CH_RESIDUAL_FAST, t, 7);
	m->signal = -77 + 6 * wander(s, CH_SIGNAL, t, 300)
		+ 3 * wander(s, CH_SIGNAL_FAST, t, 12);
	for (unsigned x = 0; x < 4; x++)
		m->contact[x] = wander(s, CH_CONTACT + x, t, 240 + 70 * x) > (x % 2 ? 0.4 : -0.3);
}

void site_at(const struct site *s, double t, bool past, struct moment *m)
{
	struct phase phase[3];
	double lag_u[3], lag_i[3], load = site_level(t);

	for (unsigned x = 0; x < 3; x++)
		site_phase(s, t, past, load, x, &phase[x]);
	if (s->scenario->step.phases && !past)
		for (unsigned x = 0; x < 3; x++)
			site_add_step(&s->scenario->step, t, x, &phase[x]);
	for (unsigned x = 0; x < 3; x++)
		input_at(s, x, phase, &lag_u[x], &lag_i[x], m);
	for (unsigned x = 0; x < 3; x++) {
		unsigned y = (x + 1) % 3;
		double pair[] = { m->voltage[x], m->voltage[y] };
		double lags[] = { lag_u[x], lag_u[y] + 180 };

		m->line[x] = vector_sum(pair, lags, 2);
		m->angle_u[x] = m->voltage[x] > 0 ? circle(lag_u[x] - lag_u[0]) : 0;
		m->angle_i[x] = m->current[x] > 0 ? circle(lag_i[x] - lag_u[0]) : 0;
	}
	m->vector_sum = vector_sum(m->current, lag_i, 3);
	m->unbalance_u = unbalance(m->voltage);
	m->unbalance_i = unbalance(m->current);
	add_totals(m);
	surroundings(s, t, load, m);
}

void site_rest(const struct site *s, struct moment *m)
{
	const struct scenario *sc = s->scenario;

	for (unsigned x = 0; x < 3; x++) {
		for (unsigned i = 0; i < HARMONICS; i++) {
			m->harmonic_u[x][i] = m->thd_u[x] * s->shape_u[sc->voltage_of[x]][i];
			m->harmonic_i[x][i] = m->thd_i[x] * s->shape_i[sc->current_of[x]][i];
		}
		/* the third and its multiples cancel between lines */
		m->thd_line[x] = 0.45 * (m->thd_u[x] + m->thd_u[(x + 1) % 3]);
	}
	for (unsigned x = 0; x < 4; x++)
		m->lag[x] = m->s[x] > 0 ? circle(atan2(m->q[x], m->p[x]) / DEGREES) : 0;
	m->voltage_mean = mean(m->voltage);
	m->line_mean = mean(m->line);
	m->current_mean = mean(m->current);
	m->current_sum = 3 * m->current_mean;
	m->thd_u_mean = mean(m->thd_u);
	m->thd_i_mean = mean(m->thd_i);
	m->thd_line_mean = mean(m->thd_line);
}
