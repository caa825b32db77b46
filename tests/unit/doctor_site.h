/*
 * doctor_site.h - electrical sites in waveforms, and what a meter's registers show
 * of them.
 *
 * Independent of the doctor: voltages and currents are drawn point by point over a
 * period, CTs put on conductors and turned round, and the meter integrates. No
 * phasor algebra, no angle of the doctor's.
 */
#ifndef METERCTL_DOCTOR_SITE_H
#define METERCTL_DOCTOR_SITE_H

#include <math.h>
#include <stdint.h>

#include "doctor/doctor.h"

#define POINTS 64	/* of a period */

struct site {
	double volts, amperes;	/* of a phase */
	double pf_lag[3];	/* degrees; beyond 90 it exports */
	double uneven[3];	/* currents, 1 is amperes */
	double thd_u, thd_i;	/* 5th and 7th, share of the fundamental */
	bool acb;		/* turns a c b */
	unsigned of[3];		/* CTs: as in struct doctor_wiring */
	bool reversed[3];
	double noise;		/* of each register, one sigma */
	int angles;		/* 1 registers that count lag, -1 lead, 0 none */
};

static uint64_t dice = 1;

static double chance(void)
{
	dice = dice * 6364136223846793005U + 1442695040888963407U;
	return (double)(dice >> 11) / 9007199254740992.0;
}

static inline double range(double low, double high)
{
	return low + (high - low) * chance();
}

/* Twelve uniform ones: near enough to a normal distribution, and bounded. */
static double gauss(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += chance();
	return sum;
}

static double step(double v, double size)
{
	return floor(v / size + 0.5) * size;
}

/* Cosine and sine of the points of a period. */
static double table[2][POINTS];

static void draw(double *out, double rms, double lag, double thd)
{
	static const int order[] = { 1, 5, 7 };
	double share[] = { 1, thd * 0.85, thd * 0.53 };

	for (int k = 0; k < POINTS && table[0][0] < 1; k++) {
		table[0][(k + 1) % POINTS] = cos(2 * M_PI * (k + 1) / POINTS);
		table[1][(k + 1) % POINTS] = sin(2 * M_PI * (k + 1) / POINTS);
	}
	for (int k = 0; k < POINTS; k++)
		out[k] = 0;
	for (int h = 0; h < 3; h++) {
		double late = order[h] * lag * M_PI / 180 - (h == 1 ? 0.7 : 0);
		double c = rms * sqrt(2) * share[h] * cos(late), d = rms * sqrt(2) * share[h] * sin(late);

		for (int k = 0; share[h] > 0 && k < POINTS; k++)
			out[k] += c * table[0][order[h] * k % POINTS] + d * table[1][order[h] * k % POINTS];
	}
}

static double mean_of(const double *x, const double *y, int shift)
{
	double sum = 0;

	for (int k = 0; k < POINTS; k++)
		sum += x[(k + POINTS - shift) % POINTS] * y[k];
	return sum / POINTS;
}

/* When in the period the fundamental has its top, in degrees. */
static double top_of(const double *x)
{
	double c = 0, s = 0;

	for (int k = 0; k < POINTS; k++) {
		c += x[k] * table[0][k];
		s += x[k] * table[1][k];
	}
	return atan2(s, c) * 180 / M_PI;
}

static double full_circle(double a)
{
	a = fmod(a, 360);
	return a < 0 ? a + 360 : a;
}

static double noisy(const struct site *w, double v)
{
	return v * (1 + w->noise * gauss());
}

/* One reading of everything, in the steps of an ADW300's registers. */
static void site_read(const struct site *w, int64_t at_us, struct doctor_sample *s)
{
	double u[3][POINTS], load[3][POINTS], i[3][POINTS], line[POINTS];

	s->hides_sign[0] = s->shows_sign[0] = '\0';
	for (int x = 0; x < 3; x++) {
		double lag = w->acb ? -120.0 * x : 120.0 * x;

		draw(u[x], w->volts, lag, w->thd_u);
		draw(load[x], w->amperes * w->uneven[x], lag + w->pf_lag[x], w->thd_i);
	}
	for (int x = 0; x < 3; x++)
		for (int k = 0; k < POINTS; k++)
			i[x][k] = load[w->of[x]][k] * (w->reversed[x] ? -1 : 1);
	s->at_us = at_us;
	s->p_total = s->q_total = s->s_total = 0;
	for (int x = 0; x < 3; x++) {
		double rms_u = sqrt(mean_of(u[x], u[x], 0)), rms_i = sqrt(mean_of(i[x], i[x], 0));
		double p = mean_of(u[x], i[x], 0) / 1000;
		/* a quarter of a period later */
		double quarter = mean_of(u[x], i[x], POINTS / 4) / 1000;
		double va = rms_u * rms_i / 1000;
		double q = copysign(sqrt(fmax(0, va * va - p * p)), quarter);

		for (int k = 0; k < POINTS; k++)
			line[k] = u[x][k] - u[(x + 1) % 3][k];
		s->u[x] = step(noisy(w, rms_u), 0.1);
		s->line[x] = step(noisy(w, sqrt(mean_of(line, line, 0))), 0.1);
		s->i[x] = step(noisy(w, rms_i), 0.01);
		s->p[x] = step(p + va * w->noise * gauss(), 0.001);
		s->q[x] = step(q + va * w->noise * gauss(), 0.001);
		s->s[x] = step(noisy(w, va), 0.001);
		s->pf[x] = va > 0 ? step(fmin(1, fabs(s->p[x] / va)), 0.001) : 1;
		s->p_total += s->p[x];
		s->q_total += s->q[x];
		s->s_total += s->s[x];
		s->angle_u[x] = s->angle_i[x] = s->angle_ui[x] = NAN;
		if (w->angles) {
			double error = w->noise * 57.3;

			s->angle_u[x] = step(full_circle(w->angles * (top_of(u[x]) - top_of(u[0])
				+ (x ? error * gauss() : 0))), 0.01);
			s->angle_i[x] = rms_i > 0 ? step(full_circle(w->angles
				* (top_of(i[x]) - top_of(u[0]) + error * gauss())), 0.01) : 0;
		}
	}
	s->pf_total = s->s_total > 0 ? fabs(s->p_total) / s->s_total : 1;
	s->i_sum = NAN;
	s->frequency = 50;
	s->pt = 1;
	s->ct = 40;
	s->clock_ahead = 2;
}

/* Wiring N of the 48. */
static inline void site_wire(struct site *w, unsigned n)
{
	static const unsigned orders[6][3] = {
		{ 0, 1, 2 }, { 1, 0, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 },
	};

	for (unsigned x = 0; x < 3; x++) {
		w->of[x] = orders[n / 8][x];
		w->reversed[x] = n >> x & 1;
	}
}

static const struct site healthy_site = {
	.volts = 230, .amperes = 2.5, .pf_lag = { 20, 20, 20 }, .uneven = { 1, 1, 1 },
	.of = { 0, 1, 2 }, .angles = 1,
};

#endif
