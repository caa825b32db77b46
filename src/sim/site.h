/*
 * site.h - the electrical installation, and what a meter's inputs see of it.
 *
 * The site is healthy: three phases, loads that move over the day and from
 * second to second. Wiring errors lie between the site and the inputs, so that
 * powers and angles follow from the exchanged or reversed vectors as they do in
 * a cabinet. Everything is a function of the seed and the time: the same moment
 * looks the same however it was reached.
 */
#ifndef METERCTL_SIM_SITE_H
#define METERCTL_SIM_SITE_H

#include <stdbool.h>

#include "scenario.h"

#define HARMONICS 30	/* orders 2 to 31 */

/* One moment at the meter's inputs. Arrays of three are phases a b c, of four
 * a b c total. Powers of a phase keep S = U x I and S^2 = P^2 + Q^2 with the true
 * effective values: Q has the sign of the fundamental's and takes the
 * distortion in (Fryze). Totals are sums of the phases, also that of S. */
struct moment {
	double voltage[3], line[3];	/* V; line: ab bc ca */
	double current[3], vector_sum;	/* A */
	double p[4], q[4], s[4];	/* kW kvar kVA */
	double pf[4];			/* P / S, 1 without a load */
	double frequency;		/* Hz */
	double u1[3], uh[3], i1[3], ih[3];	/* fundamental, rest */
	double p1[4], q1[4], ph[4], qh[4];
	double thd_u[3], thd_i[3];	/* % of the fundamental */
	double harmonic_u[3][HARMONICS], harmonic_i[3][HARMONICS];	/* likewise */
	double voltage_mean, line_mean, current_mean, current_sum;
	double thd_u_mean, thd_i_mean, thd_line[3], thd_line_mean;
	double lag[4];			/* degrees of current behind voltage, 0 to 360 */
	double angle_u[3], angle_i[3];	/* degrees behind input a's voltage, 0 to 360 */
	double unbalance_u, unbalance_i;	/* %: the largest distance of a phase
						   from the mean of the three */
	double temperature[4];		/* degC: a b c n */
	double residual;		/* mA */
	double signal;			/* dBm */
	bool contact[4];		/* digital inputs: closed */
};

struct site {
	const struct scenario *scenario;
	double nominal;		/* V */
	double shape_u[3][HARMONICS], shape_i[3][HARMONICS];	/* squares sum to 1 */
	double cross[3][3];	/* harmonic power of voltage x and current y */
};

/* SCENARIO stays the caller's and must live on. */
void site_init(struct site *s, const struct scenario *scenario);

/* The moment T (s since 1970 on the site's clock) without what site_rest() adds. PAST:
 * before the simulation began, when there was a load by day and night and
 * export by day. */
void site_at(const struct site *s, double t, bool past, struct moment *m);

/* Fills in what nothing is integrated from: the harmonics, the means and the
 * lags of M. */
void site_rest(const struct site *s, struct moment *m);

/* 0 .. 1, the same for the same arguments. */
double site_chance(uint64_t seed, unsigned channel, int64_t n);

#endif
