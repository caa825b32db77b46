#include "coach.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "profile/codec.h"
#include "profile/ratio.h"
#include "base/text.h"

/* Clamp meters promise 2 to 3 %, the transformer 1 %, and the load moves between
 * the two looks. */
#define TOLERANCE 5.0
#define RATED 5.0
#define LEAST_RATIO 0.5

/* ---- both sides --------------------------------------------------------- */

static const struct {
	const char *key, *label;
} rows[COACH_LINES] = {
	{ "voltage.a", "U A" }, { "voltage.b", "U B" }, { "voltage.c", "U C" },
	{ "current.a", "I A" }, { "current.b", "I B" }, { "current.c", "I C" },
	{ "power.active.a", "P A" }, { "power.active.b", "P B" }, { "power.active.c", "P C" },
	{ "power.active.total", "P total" },
	{ "demand.active.import.present", "Demand" },
};

size_t coach_lines(const struct profile *p, const struct reading *readings,
		   const struct coach_ratios *now, const struct coach_ratios *then,
		   bool applied, struct coach_line out[COACH_LINES])
{
	size_t n = 0;

	for (size_t i = 0; i < COACH_LINES; i++) {
		int at = profile_find(p, rows[i].key);
		const struct point *pt = at < 0 ? NULL : &p->points[at];
		double by_now, v = NAN;

		if (!pt)
			continue;
		if (readings[at].value.kind == VALUE_NUMBER)
			v = readings[at].value.num;
		by_now = codec_transforms(pt, now->pt, now->ct);
		if (applied || pt->side == SIDE_PRIMARY)
			v /= by_now;
		out[n++] = (struct coach_line){
			.label = rows[i].label,
			.point = pt,
			.input = v,
			.before = v * by_now,
			.after = v * codec_transforms(pt, then->pt, then->ct),
		};
	}
	return n;
}

/* ---- the clamp ---------------------------------------------------------- */

static double coach_rated(const struct coach_question *q)
{
	return q->rated > 0 ? q->rated : RATED;
}

static double error_of(double shown, double clamp)
{
	return (shown - clamp) / clamp * 100;
}

/* How far READING may be off, in percent, and still be the same current. */
static double tolerance(const struct coach_question *q, double reading)
{
	return TOLERANCE + q->step / 2 / reading * 100;
}

static void coach_judge(const struct coach_question *q, double reading, double clamp,
			struct coach_phase *p)
{
	/* the reading as the meter's input, or as a primary value already */
	double as_input = reading * q->then, as_primary = reading / q->now * q->then;
	double at_meter = fmin(reading, reading / q->now);
	double at_input = at_meter / coach_rated(q) * 100;
	double at_clamp = clamp / (q->then * coach_rated(q)) * 100;
	bool input, primary;

	p->load = fmax(at_input, at_clamp);
	p->shown = as_input;
	p->error = error_of(as_input, clamp);
	if (p->load < COACH_LOAD_LEAST) {
		p->verdict = COACH_TOO_LITTLE;
		return;
	}
	/* too little of either to name a ratio by; none is far below 1 */
	if (reading / coach_rated(q) * 100 < COACH_LOAD_LEAST || clamp / at_meter < LEAST_RATIO) {
		p->verdict = COACH_ONE_SIDED;
		return;
	}
	input = fabs(p->error) <= tolerance(q, reading);
	primary = fabs(error_of(as_primary, clamp)) <= tolerance(q, reading);
	if (primary && (!input || fabs(error_of(as_primary, clamp)) < fabs(p->error))) {
		p->shown = as_primary;
		p->error = error_of(as_primary, clamp);
	}
	p->verdict = input && primary ? COACH_FITS : input ? COACH_INPUT
		   : primary ? COACH_APPLIED : COACH_MISMATCH;
	p->fits = clamp / reading;
}

static bool decides(enum coach_verdict v)
{
	return v != COACH_NOTHING && v != COACH_TOO_LITTLE;
}

/* Do two phases say the same? Mismatches do when one ratio would fit both. */
static bool coach_agree(const struct coach_phase *a, const struct coach_phase *b)
{
	if (a->verdict != b->verdict)
		return false;
	return a->verdict != COACH_MISMATCH
	    || fabs(a->fits / b->fits - 1) * 100 <= 2 * TOLERANCE;
}

static void judge_all(struct coach_answer *a)
{
	int first = -1, differs = 0;
	enum coach_verdict weak = COACH_NOTHING;

	a->odd = -1;
	for (int i = 0; i < COACH_PHASES; i++) {
		const struct coach_phase *p = &a->phase[i];

		if (p->verdict == COACH_TOO_LITTLE)
			weak = COACH_TOO_LITTLE;
		if (!decides(p->verdict))
			continue;
		if (first < 0)
			first = i;
		else if (!coach_agree(&a->phase[first], p))
			differs++;
	}
	a->all = first < 0 ? weak : differs ? COACH_MIXED : a->phase[first].verdict;
	/* two against one */
	for (int i = 0; i < COACH_PHASES && a->all == COACH_MIXED; i++) {
		const struct coach_phase *p = &a->phase[(i + 1) % 3], *q = &a->phase[(i + 2) % 3];

		if (decides(p->verdict) && decides(a->phase[i].verdict) && coach_agree(p, q)
		    && !coach_agree(p, &a->phase[i]))
			a->odd = i;
	}
}

static double coach_number(const struct profile *p, const struct reading *readings, const char *key)
{
	int idx = profile_find(p, key);
	const struct reading *r = idx < 0 ? NULL : &readings[idx];

	return r && r->quality == QUALITY_OK && r->value.kind == VALUE_NUMBER ? r->value.num : NAN;
}

bool coach_ask(const struct profile *p, const struct reading *readings, const double clamp[COACH_PHASES],
	       double rated, struct coach_question *q)
{
	static const char *const keys[COACH_PHASES] = { "current.a", "current.b", "current.c" };
	int idx = profile_find(p, keys[0]);
	bool any = false;

	*q = (struct coach_question){ .now = coach_number(p, readings, "ratio.ct"), .rated = rated,
				      .step = idx < 0 ? 0.01 : p->points[idx].scale };
	q->then = q->now;
	for (int x = 0; x < COACH_PHASES; x++) {
		q->reading[x] = coach_number(p, readings, keys[x]);
		q->clamp[x] = clamp[x];
		any = any || !isnan(clamp[x]);
	}
	return any;
}

const char *coach_verdict_name(enum coach_verdict v)
{
	static const char *const names[] = {
		[COACH_NOTHING] = "nothing", [COACH_FITS] = "fits", [COACH_INPUT] = "fits",
		[COACH_APPLIED] = "fits", [COACH_MISMATCH] = "mismatch", [COACH_ONE_SIDED] = "mismatch",
		[COACH_TOO_LITTLE] = "too-little", [COACH_MIXED] = "mismatch",
	};

	return names[v];
}

void coach_clamp(const struct coach_question *q, struct coach_answer *a)
{
	*a = (struct coach_answer){ .all = COACH_NOTHING };
	for (int i = 0; i < COACH_PHASES; i++) {
		struct coach_phase *p = &a->phase[i];

		p->load = p->shown = p->error = p->fits = NAN;
		if (isfinite(q->reading[i]) && isfinite(q->clamp[i]) && q->clamp[i] >= 0
		    && q->now > 0 && q->then > 0)
			coach_judge(q, fabs(q->reading[i]), q->clamp[i], p);
	}
	judge_all(a);
}

/* ---- in words ----------------------------------------------------------- */

/* A rated primary current near to what would fit RATIO, or 0: IEC 61869-2, 5.201. */
static double usual(const struct coach_question *q, double ratio)
{
	static const double series[] = { 10, 12.5, 15, 20, 25, 30, 40, 50, 60, 75 };

	for (double ten = 0.1; ten <= 1000; ten *= 10)
		for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
			double off = series[i] * ten / coach_rated(q) / ratio - 1;

			if (fabs(off) * 100 <= TOLERANCE)
				return series[i] * ten;
		}
	return 0;
}

/* For %g: as many digits as a clamp meter is worth, without an exponent. */
static double three_digits(double v)
{
	double unit = pow(10, floor(log10(v)) - 2);

	return unit >= 1 ? round(v / unit) * unit : round(v / unit) / round(1 / unit);
}

static void coach_mismatch(const struct coach_question *q, double fits, char *buf, size_t size)
{
	double a = usual(q, fits);
	size_t at = 0;

	if (fabs(fits / q->now - 1) * 100 <= TOLERANCE) {
		snprintf(buf, size, "CT %g does not fit: the %g that the meter holds does",
			 q->then, q->now);
		return;
	}
	text_append(buf, size, &at, "CT %g does not fit: %g would", q->then,
		    three_digits(fits));
	if (a > 0)
		text_append(buf, size, &at, " (%g/%g?)", a, coach_rated(q));
	if (q->now > 1)
		text_append(buf, size, &at, ", or %g if the meter multiplies itself",
			    three_digits(fits * q->now));
}

static void phase_text(const struct coach_question *q, const struct coach_phase *p, int i,
		       char *buf, size_t size)
{
	switch (p->verdict) {
	case COACH_NOTHING:
	case COACH_MIXED:
		buf[0] = '\0';
		break;
	case COACH_FITS:
		snprintf(buf, size, "CT %g fits", q->then);
		break;
	case COACH_INPUT:
		snprintf(buf, size, "CT %g fits: the meter shows its input", q->then);
		break;
	case COACH_APPLIED:
		snprintf(buf, size, "CT %g fits: the meter multiplies itself", q->then);
		break;
	case COACH_MISMATCH:
		coach_mismatch(q, p->fits, buf, size);
		break;
	case COACH_ONE_SIDED:
		if (fabs(q->reading[i]) < q->clamp[i])
			snprintf(buf, size, "the meter sees next to nothing: CT open, shorted, "
				 "or on another wire?");
		else
			snprintf(buf, size, "the clamp sees next to nothing: is it round the same wire?");
		break;
	case COACH_TOO_LITTLE:
		snprintf(buf, size, "%.1f %% load proves nothing", p->load);
		break;
	}
}

static const char *const mixed[COACH_PHASES] = {
	"phase A does not go with B and C: look at its CT",
	"phase B does not go with A and C: look at its CT",
	"phase C does not go with A and B: look at its CT",
};

static void all_text(const struct coach_question *q, const struct coach_answer *a,
		     char *buf, size_t size)
{
	double fits = 0;
	int n = 0;

	switch (a->all) {
	case COACH_NOTHING:
		snprintf(buf, size, "measure a phase with a clamp meter on the primary side and enter it");
		break;
	case COACH_FITS:
		snprintf(buf, size, "the ratio fits; whether the meter multiplies itself "
			 "shows once it holds a CT other than 1");
		break;
	case COACH_INPUT:
		snprintf(buf, size, "the ratio fits, and the meter does not multiply: "
			 "its values x CT are the primary ones");
		break;
	case COACH_APPLIED:
		snprintf(buf, size, "the ratio fits, and the meter multiplies by it itself: "
			 "do not multiply its values again");
		break;
	case COACH_MISMATCH:
		for (int i = 0; i < COACH_PHASES; i++)
			if (a->phase[i].verdict == COACH_MISMATCH) {
				fits += a->phase[i].fits;
				n++;
			}
		coach_mismatch(q, fits / n, buf, size);
		break;
	case COACH_ONE_SIDED:
		snprintf(buf, size, "meter and clamp do not see the same current: compare the wires first");
		break;
	case COACH_TOO_LITTLE:
		snprintf(buf, size, "below %g %% load this proves nothing: so little current "
			 "is within the errors of CT, meter and clamp", COACH_LOAD_LEAST);
		break;
	case COACH_MIXED:
		snprintf(buf, size, "%s", a->odd < 0 ? "the phases do not agree: look at each CT"
			 : mixed[a->odd]);
		break;
	}
}

const char *coach_text(const struct coach_question *q, const struct coach_answer *a,
		       int phase, char *buf, size_t size)
{
	if (phase < 0)
		all_text(q, a, buf, size);
	else
		phase_text(q, &a->phase[phase], phase, buf, size);
	return buf;
}

const char *coach_ratio_text(const char *text, char *buf, size_t size)
{
	double primary, secondary;
	struct err e;

	if (ratio_sides(text, &primary, &secondary, &e))
		snprintf(buf, size, "%s", e.text);
	else if (secondary > 0)
		snprintf(buf, size, "%g/%g = %g", primary, secondary, primary / secondary);
	else
		snprintf(buf, size, "%g", primary);
	return buf;
}
