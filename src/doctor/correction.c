#include "correction.h"

#include "angle.h"

/* Less than this of what is right has been registered: what is divided by is noise. */
#define REGISTERED_LEAST 0.05
#define TOO_LITTLE "under 5 % of the right energy is registered: no factor makes it whole"
/* What an angle of a class 1 meter and its transformers is good to, expanded. */
#define ANGLE_ERROR 1.0

/* One reading, as it is and put right. */
struct correction_pair {
	double p, q, right_p, right_q;
};

static bool correction_found(const struct doctor_verdict *v)
{
	for (size_t k = 0; k < v->nfindings; k++)
		switch (v->findings[k].code) {
		case DOCTOR_CT_REVERSED: case DOCTOR_CT_SWAPPED: case DOCTOR_CT_ROTATED:
			return v->outcome == DOCTOR_FAIL && v->evidence.ncandidates > 0;
		default:
			break;
		}
	return false;
}

/* Element X, or all that count where X is 3. */
static struct correction_pair correction_pair(const struct doctor_phasors *seen, const struct doctor_phasors *right,
					      unsigned inputs, unsigned x)
{
	struct correction_pair c = { 0 };

	for (unsigned k = 0; k < 3; k++) {
		if (!(inputs >> k & 1) || (x < 3 && k != x))
			continue;
		c.p += seen->p[k];
		c.q += seen->q[k];
		c.right_p += right->p[k];
		c.right_q += right->q[k];
	}
	return c;
}

static double correction_ratio(const struct correction_pair *c)
{
	return fabs(c->p) < REGISTERED_LEAST * fabs(c->right_p) ? NAN : c->right_p / c->p;
}

/* An error of the angle turns both powers: tan of each, times the angle. */
static double correction_angle_error(const struct correction_pair *c)
{
	return ANGLE_ERROR * DEGREE * fabs(correction_ratio(c)) * hypot(c->q / c->p, c->right_q / c->right_p);
}

/* Sums over the readings; SQUARES of the ratios of each, for how they scatter. */
struct correction_sum {
	struct correction_pair all[4];
	double k, squares;
	unsigned n;
};

static void correction_add(struct correction_sum *s, const struct doctor_sample *sample,
			   const struct doctor_options *o, const struct doctor_wiring *w)
{
	unsigned inputs = o->wires == DOCTOR_3WIRE ? 5 : 7;
	struct doctor_phasors seen, right;
	double k;

	doctor_phasors_make(sample, o, &seen);
	doctor_correct(&seen, w, &right);
	for (unsigned x = 0; x < 4; x++) {
		struct correction_pair c = correction_pair(&seen, &right, inputs, x);

		s->all[x].p += c.p;
		s->all[x].q += c.q;
		s->all[x].right_p += c.right_p;
		s->all[x].right_q += c.right_q;
		if (x < 3)
			continue;
		k = correction_ratio(&c);
		s->k += k;
		s->squares += k * k;
		s->n++;
	}
}

void correction_make(const struct doctor_sample *samples, size_t n, const struct doctor_options *o,
		     const struct doctor_verdict *v, struct correction *c)
{
	struct correction_sum s = { 0 };
	double mean, scatter;

	*c = (struct correction){ .k = NAN, .uncertainty = NAN, .input = { NAN, NAN, NAN }, .registered = NAN, .right = NAN,
				  .lag = NAN, .why_not = "no fault of the CTs was found that could be put right by a factor" };
	if (!correction_found(v))
		return;
	for (size_t i = 0; i < n; i++)
		if (samples[i].at_us > 0)
			correction_add(&s, &samples[i], o, &v->evidence.candidates[0].wiring);
	c->registered = s.all[3].p / s.n;
	c->right = s.all[3].right_p / s.n;
	c->lag = angle_lag(s.all[3].right_p, s.all[3].right_q);
	c->k = correction_ratio(&s.all[3]);
	for (unsigned x = 0; x < 3; x++)
		c->input[x] = correction_ratio(&s.all[x]);
	c->known = !isnan(c->k);
	c->why_not = c->known ? NULL : TOO_LITTLE;
	if (!c->known)
		return;
	mean = s.k / s.n;
	scatter = sqrt(fmax(0, s.squares / s.n - mean * mean) / s.n);
	/* a reading without a factor tells nothing of the scatter */
	c->uncertainty = hypot(isnan(scatter) ? 0 : 2 * scatter, correction_angle_error(&s.all[3]));
}

/* ---- energy ----------------------------------------------------------------------- */

static void correction_apply(const struct correction *c, double registered, struct correction_energy *out)
{
	out->known = true;
	out->why_not = NULL;
	out->right = c->k * registered;
	out->uncertainty = c->uncertainty * fabs(registered);
	out->difference = out->right - registered;
}

static bool correction_begin(const struct correction *c, double registered, struct correction_energy *out)
{
	*out = (struct correction_energy){ .registered = registered, .right = NAN, .uncertainty = NAN, .difference = NAN,
					   .why_not = c->why_not };
	return c->known;
}

void correction_energy_said(const struct correction *c, double registered, struct correction_energy *out)
{
	if (!correction_begin(c, registered > 0 ? registered : NAN, out))
		return;
	if (registered > 0)
		correction_apply(c, registered, out);
	else
		out->why_not = "no registered energy is given";
}

/* All that inputs counted, whichever way. */
static double correction_gross(const struct tally *r)
{
	double gross = 0;

	for (unsigned x = 0; x < 3; x++)
		gross += r->import[x] + r->export[x];
	return isnan(gross) ? 0 : gross;
}

void correction_energy_counted(const struct correction *c, const struct tally *r, struct correction_energy *out)
{
	if (!correction_begin(c, r->known ? r->net : NAN, out))
		return;
	if (!r->known)
		out->why_not = *r->why_not ? r->why_not : "no earlier reading of the energy registers is kept";
	else if (isnan(r->net) || r->net == 0)
		out->why_not = "no energy was registered";
	else if (fabs(r->net) < REGISTERED_LEAST * correction_gross(r))
		out->why_not = TOO_LITTLE;
	else if ((r->net < 0) != (c->registered < 0))
		out->why_not = "the registered energy has not the sign of the registered power: loads or wiring were others";
	else
		correction_apply(c, r->net, out);
}
