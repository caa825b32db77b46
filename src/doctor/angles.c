#include "angles.h"

#include "angle.h"

/* Below 0.1 A and below 2 % of a meter's ratio an angle means nothing (Accuenergy;
 * Schneider PM750). Of powers in steps of 1 W, 4 W are good to 7 degrees. */
#define CURRENT_LEAST 0.1
#define LOAD_LEAST 0.02
#define POWER_LEAST 0.004
#define VOLTAGE_LEAST 10.0

/* P and Q take distortion in, angles mostly do not: 30 % of it bends atan2(Q, P)
 * of a resistive load by 17 degrees. */
#define AGREE_MEAN 20.0
#define AGREE_EACH 35.0
#define TELLS_SIGN 10.0		/* by so much the other sign must fit worse */
#define GRID 25.0		/* voltages are 120 +- 20 degrees apart */

double nominal_current(const struct doctor_options *o, const double i[3])
{
	static const struct {
		double most, nominal;
	} ratings[] = { { 6.5, 5 }, { 110, 20 }, { 440, 80 } };
	double most = fmax(i[0], fmax(i[1], i[2]));

	if (o->nominal_current > 0)
		return o->nominal_current;
	for (unsigned k = 0; k < sizeof(ratings) / sizeof(ratings[0]); k++)
		if (!(most > ratings[k].most))
			return ratings[k].nominal;
	return 120;
}

bool angles_input(const struct doctor_options *o, const struct doctor_sample *s, unsigned x)
{
	double least = fmax(CURRENT_LEAST, LOAD_LEAST * nominal_current(o, s->i));

	return s->u[x] >= VOLTAGE_LEAST && s->i[x] >= least
	    && hypot(s->p[x], s->q[x]) >= POWER_LEAST;
}

/* What the meter says lies between voltage and current of X; NAN. */
static double between(const struct doctor_sample *s, unsigned x)
{
	double a = s->angle_i[x] - s->angle_u[x];

	return isnan(a) ? s->angle_ui[x] : a;
}

void angles_look(struct angles *a, const struct doctor_options *o,
		 const struct doctor_sample *s)
{
	for (unsigned x = 0; x < 3; x++) {
		double angle = between(s, x), lag = angle_lag(s->p[x], s->q[x]);
		double e[2] = { angle_between(angle, lag), angle_between(-angle, lag) };

		if (isnan(angle) || !angles_input(o, s, x))
			continue;
		a->n++;
		for (unsigned k = 0; k < 2; k++) {
			a->error[k] += e[k];
			a->worst[k] = fmax(a->worst[k], e[k]);
		}
		a->nearest = fmax(a->nearest, fmin(e[0], e[1]));
	}
}

void angles_decide(struct angles *a)
{
	double n = a->n ? a->n : 1, apart = (a->error[1] - a->error[0]) / n;
	unsigned k = apart < 0;

	a->sign = fabs(apart) < TELLS_SIGN ? 0 : k ? -1 : 1;
	a->use = a->n > 0 && a->error[k] / n <= AGREE_MEAN
	      && (a->sign ? a->worst[k] : a->nearest) <= AGREE_EACH;
	if (!a->use)
		a->sign = 0;
}

double angles_lag(const struct angles *a, const struct doctor_sample *s, unsigned x)
{
	double angle = between(s, x), lag = angle_lag(s->p[x], s->q[x]);

	if (!a->use || isnan(angle))
		return lag;
	if (a->sign)
		return angle_wrap(a->sign * angle);
	return angle_wrap(angle_between(angle, lag) <= angle_between(-angle, lag) ? angle : -angle);
}

void angles_grid(const struct doctor_options *o, enum doctor_rotation r, double lag[3])
{
	bool back = r == DOCTOR_ROTATION_ACB;

	lag[0] = 0;
	if (o->service == DOCTOR_SERVICE_SPLIT || o->service == DOCTOR_SERVICE_SINGLE) {
		/* whichever of the two it has */
		lag[1] = lag[2] = o->service == DOCTOR_SERVICE_SPLIT ? 180 : 0;
	} else if (o->wires == DOCTOR_3WIRE) {
		lag[1] = NAN;
		lag[2] = back ? 60 : 300;
	} else {
		lag[1] = back ? 240 : 120;
		lag[2] = back ? 120 : 240;
	}
}

enum doctor_rotation angles_voltages(const struct angles *a, const struct doctor_options *o,
				     const struct doctor_sample *s, double lag[3])
{
	double seen[3];

	for (unsigned x = 0; x < 3; x++)
		seen[x] = angle_circle(a->sign * (s->angle_u[x] - s->angle_u[0]));
	for (unsigned r = DOCTOR_ROTATION_ABC; a->sign && r <= DOCTOR_ROTATION_ACB; r++) {
		bool fits = true;

		angles_grid(o, r, lag);
		for (unsigned x = 1; x < 3; x++)
			fits = fits && (isnan(lag[x]) || angle_between(seen[x], lag[x]) < GRID);
		if (!fits)
			continue;
		for (unsigned x = 1; x < 3; x++)
			lag[x] = isnan(lag[x]) ? NAN : seen[x];
		return r;
	}
	angles_grid(o, DOCTOR_ROTATION_UNKNOWN, lag);
	return DOCTOR_ROTATION_UNKNOWN;
}
