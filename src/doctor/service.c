/*
 * service.c - what the supply is: said, or told by voltages that no other one has.
 */
#include "angle.h"
#include "check_state.h"

#define SERVICE_NEAR 0.08	/* of what a service's voltages are to each other */
#define NO_VOLTAGE 0.2		/* an input that is not connected, of the others */

/* The line voltage between inputs K and L. */
static double service_line(const struct check_state *x, unsigned k, unsigned l)
{
	return x->mean.line[(k + 1) % 3 == l ? k : l];
}

static bool service_ratio(double v, double of, double ratio)
{
	return fabs(v / of / ratio - 1) < SERVICE_NEAR;
}

/* Two equal voltages with twice as much between them: 180 degrees, as no three phases. */
static bool two_legs(const struct check_state *x, unsigned k, unsigned l)
{
	const double *u = x->mean.u;

	return service_ratio(u[l], u[k], 1) && service_ratio(service_line(x, k, l), u[k], 2);
}

static enum doctor_service service_recognise(const struct check_state *x, unsigned *inputs)
{
	const double *u = x->mean.u;

	for (unsigned k = 0; k < 3; k++) {
		unsigned l = (k + 1) % 3, m = (k + 2) % 3;

		if (!two_legs(x, k, l))
			continue;
		if (u[m] < NO_VOLTAGE * u[k] && m != 0) {
			*inputs = 7 & ~(1U << m);
			return DOCTOR_SERVICE_SPLIT;
		}
		if (service_ratio(u[m], u[k], 1.732))
			return DOCTOR_SERVICE_HIGH_LEG;
	}
	return DOCTOR_SERVICE_WYE;
}

unsigned service_inputs(const struct doctor_options *o)
{
	return o->service == DOCTOR_SERVICE_SINGLE ? 1 : o->service == DOCTOR_SERVICE_SPLIT ? 3
	     : o->wires == DOCTOR_3WIRE ? 5 : 7;
}

/* Angles between a high leg and the others are 90 degrees, and loads hang between all. */
static void tell_high_leg(struct check_state *x)
{
	struct doctor_finding *f = finding_add(x->v, DOCTOR_AMBIGUOUS, DOCTOR_DOUBT, 0, 1);

	finding_explain(f, "voltage a %.1f V, b %.1f V, c %.1f V: a delta with a high leg. Its loads hang between any two "
			"conductors, so the angles tell nothing of the CTs", x->mean.u[0], x->mean.u[1], x->mean.u[2]);
	finding_fix(f, "switch a heater on and off between each phase and the neutral, and see that the power of that "
		    "input alone rises");
}

void check_service(struct check_state *x, struct doctor_options *told)
{
	const struct doctor_options *said = x->o;

	*told = *said;
	if (said->service == DOCTOR_SERVICE_UNSAID && !said->wires_said && said->wires == DOCTOR_4WIRE)
		told->service = service_recognise(x, &x->inputs);
	else if (said->service == DOCTOR_SERVICE_UNSAID)
		told->service = said->wires == DOCTOR_3WIRE ? DOCTOR_SERVICE_DELTA3 : DOCTOR_SERVICE_WYE;
	x->o = told;
	x->v->evidence.service = told->service;
	if (told->service == DOCTOR_SERVICE_HIGH_LEG && x->v->evidence.used >= DOCTOR_SAMPLES_LEAST)
		tell_high_leg(x);
}
