#include "odds.h"

#include "angle.h"

/* ---- leads ------------------------------------------------------------------------ */

/* Assumed, not measured: one CT in fifty is turned round; two are exchanged on one site of
 * a hundred, all taken one further on one of 67, all turned round (P1 towards the load) on
 * as many. Independent mistakes multiply; who takes all one further has mistaken
 * a label, and seldom more. */
#define ONE_REVERSED 0.02
#define ALL_REVERSED 0.015
#define EXCHANGED 0.01
#define ROTATED 0.015
#define ROTATED_AND_MORE 0.005
/* A window that somebody gives is his word on the loads; this is what is left of a guess
 * about the leads. */
#define WINDOW_SAID 0.02

double odds_wiring(const struct doctor_options *o, const struct doctor_wiring *w)
{
	unsigned moved = 0, reversed = 0;
	double p;

	for (unsigned x = 0; x < 3; x++) {
		moved += w->of[x] != x;
		reversed += w->reversed[x];
	}
	if (moved + reversed == 0)
		return 1;
	if (o->window_said)
		return WINDOW_SAID;
	p = moved ? EXCHANGED : 1;
	/* with three wires all orders are alike: any conductor may be taken for the middle one */
	if (moved == 3 && o->wires == DOCTOR_4WIRE)
		p = reversed ? ROTATED_AND_MORE : ROTATED;
	/* with three wires there are two */
	if (reversed == (o->wires == DOCTOR_3WIRE ? 2 : 3))
		return p * ALL_REVERSED;
	for (; reversed > 0; reversed--)
		p *= ONE_REVERSED;
	return p;
}

double odds_rotation(enum doctor_rotation r)
{
	return r == DOCTOR_ROTATION_ACB ? 0.4 : 0.6;
}

/* ---- loads ------------------------------------------------------------------------ */

static double odds_bell(double v, double width)
{
	return exp(-v * v / (2 * width * width)) / (width * sqrt(2 * M_PI));
}

/* Even between LOW and HIGH, falling off over some WIDTH beyond. */
static double odds_window(double v, double low, double high, double width)
{
	double beyond = fmax(0, fmax(low - v, v - high));

	return exp(-beyond * beyond / (2 * width * width)) / (high - low + width * sqrt(2 * M_PI));
}

/* Most consumers have 0.98 lead to 0.78 lag. Lamps and drives with filters lead to 0.7,
 * motors without load lag to 0.26: those are the outer window. */
#define USUAL 22.0
#define USUAL_WIDTH 17.0
#define OUTER 0.04
#define OUTER_LEAD -45.0
#define OUTER_LAG 75.0
#define OUTER_EDGE 4.0
#define SAID_EDGE 2.0

static double odds_load(const struct doctor_options *o, double lag)
{
	if (o->window_said)
		return odds_window(lag, -o->window_lead, o->window_lag, SAID_EDGE);
	return (1 - OUTER) * odds_bell(lag - USUAL, USUAL_WIDTH)
	     + OUTER * odds_window(lag, OUTER_LEAD, OUTER_LAG, OUTER_EDGE);
}

/* Loads of the phases are alike, within 7 degrees and the noise; a heater beside a motor
 * is 30 from the mean, a welder between two phases 40. */
static double odds_apart(double d)
{
	return 0.85 * odds_bell(d, 7) + 0.13 * odds_bell(d, 28) + 0.02 / 180;
}

/* Feed-in is active power, with the reactive power of the loads, which mostly lag: against
 * the current turned round it leads by what they lag by. */
#define FEED_IN -8.0
#define FEED_IN_WIDTH 12.0
#define FEED_IN_OTHER 0.05

static double odds_feed_in(double lag)
{
	return (1 - FEED_IN_OTHER) * odds_bell(lag - FEED_IN, FEED_IN_WIDTH) + FEED_IN_OTHER / 180;
}

/* Nobody has said what the site is, and just now power flows out of one conductor, of two
 * (two inverters of one phase), of all: that it is those alone. Where somebody has said
 * that it may, ten times that. */
#define ONE_FEEDS_IN 0.005
#define TWO_FEED_IN 0.002
#define ALL_FEED_IN 0.005
/* An inverter with no sun on it, or as much as the loads take: its filter leads, and the
 * angle may be any. */
#define IDLING 0.003
#define SAID_EXPORTING 10.0

/* Of an idling site's conductor. */
static double odds_idling(double lag)
{
	lag = angle_wrap(lag);
	return fabs(lag) > 90 ? 0.5 / 180 : lag < 0 ? 0.3 / 90 : 0.2 / 90;
}

/* A load takes power: beyond this there is none, whatever the noise. */
#define LOAD_MOST 95.0

/* Those of the conductors of SET, as if they were one group of likes. */
static double odds_group(const struct doctor_options *o, const double *lag, unsigned n, unsigned set, bool out)
{
	double x = 0, y = 0, mean, p;

	if (!set)
		return 1;
	for (unsigned k = 0; k < n; k++)
		if (set >> k & 1) {
			if (!out && fabs(angle_wrap(lag[k])) > LOAD_MOST)
				return 0;
			x += cos(lag[k] * DEGREE);
			y += sin(lag[k] * DEGREE);
		}
	mean = angle_lag(x, y);
	p = (out ? odds_feed_in(angle_wrap(mean + 180)) : odds_load(o, mean)) / odds_apart(0);
	for (unsigned k = 0; k < n; k++)
		if (set >> k & 1)
			p *= odds_apart(angle_wrap(lag[k] - mean));
	return p;
}

double odds_loads(const struct doctor_options *o, const double *lag, unsigned n, unsigned *feeds_in)
{
	unsigned all = (1U << n) - 1, out = 0;
	double consumer = odds_group(o, lag, n, all, false), feeding, idling = IDLING;

	*feeds_in = 0;
	if (o->site == DOCTOR_SITE_CONSUMER)
		return consumer;
	for (unsigned k = 0; k < n; k++) {
		bool flows_out = fabs(angle_wrap(lag[k])) > 90;

		out |= (unsigned)flows_out << k;
		idling *= odds_idling(lag[k]);
	}
	feeding = idling;
	if (out)
		feeding += (out == all ? ALL_FEED_IN : out & (out - 1) ? TWO_FEED_IN : ONE_FEEDS_IN) * odds_group(o, lag, n, all & ~out, false)
			 * odds_group(o, lag, n, out, true);
	if (o->site == DOCTOR_SITE_EXPORTING)
		feeding *= SAID_EXPORTING;
	/* where none does just now, any of them may */
	if (feeding > consumer)
		*feeds_in = out ? out : all;
	return consumer + feeding;
}

#define ANYTHING 1e-4

double odds_anything(unsigned n)
{
	return ANYTHING / pow(360, n);
}
