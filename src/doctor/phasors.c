/*
 * phasors.c - the diagram of a sample, and what it would become.
 */
#include "angle.h"
#include "angles.h"
#include "doctor.h"

static double phasors_sum(const double v[3])
{
	return v[0] + v[1] + v[2];
}

void doctor_phasors_make(const struct doctor_sample *s, const struct doctor_options *o,
			 struct doctor_phasors *out)
{
	struct angles a = { 0 };
	double lag[3];
	bool any = false;

	angles_look(&a, o, s);
	angles_decide(&a);
	*out = (struct doctor_phasors){
		.p_total = s->p_total, .q_total = s->q_total,
		.rotation = angles_voltages(&a, o, s, lag), .angle_sign = a.sign,
	};
	for (unsigned x = 0; x < 3; x++) {
		bool known = angles_input(o, s, x);

		any = any || known;
		out->u[x] = (struct doctor_vector){ s->u[x], lag[x] };
		out->i[x] = (struct doctor_vector){ s->i[x],
			known ? angle_circle(lag[x] + angles_lag(&a, s, x)) : NAN };
		out->p[x] = s->p[x];
		out->q[x] = s->q[x];
	}
	out->source = !any ? DOCTOR_SOURCE_NONE : a.use ? DOCTOR_SOURCE_ANGLES
							: DOCTOR_SOURCE_POWERS;
}

void doctor_correct(const struct doctor_phasors *seen, const struct doctor_wiring *h,
		    struct doctor_phasors *out)
{
	struct doctor_phasors was = *seen;

	*out = was;
	for (unsigned x = 0; x < 3; x++) {
		unsigned to = h->of[x];
		/* what the meter makes of volts times amperes: distortion stays */
		double share = hypot(was.p[x], was.q[x]) / (was.u[x].length * was.i[x].length);
		double s = share * was.u[to].length * was.i[x].length, lag;

		out->i[to] = was.i[x];
		out->i[to].lag = angle_circle(was.i[x].lag + (h->reversed[x] ? 180 : 0));
		if (to == x) {
			out->p[x] = h->reversed[x] ? -was.p[x] : was.p[x];
			out->q[x] = h->reversed[x] ? -was.q[x] : was.q[x];
			continue;
		}
		lag = (out->i[to].lag - was.u[to].lag) * DEGREE;
		/* no current is no power, whatever its angle */
		out->p[to] = was.i[x].length > 0 ? s * cos(lag) : 0;
		out->q[to] = was.i[x].length > 0 ? s * sin(lag) : 0;
	}
	if (!doctor_wiring_right(h)) {
		out->p_total = phasors_sum(out->p);
		out->q_total = phasors_sum(out->q);
	}
}
