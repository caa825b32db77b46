/*
 * neutral.c - the neutral on a phase's terminal, and a neutral that is lost.
 */
#include <stdio.h>

#include "angle.h"
#include "check_state.h"

#define SQRT3 1.7320508
#define EXCHANGED_NEAR 0.08	/* how near to 1 and 1.73 times the voltages are */
/* Without a neutral the star point shifts and the lines do not: they agree within 1 %,
 * where a drop that unbalances the phases by 4 % sets the lines 2 % apart. */
#define LINES_AGREE 0.01
#define SHIFT_LEAST 0.04

static bool near_to_ratio(double v, double of, double ratio)
{
	return fabs(v / of / ratio - 1) < EXCHANGED_NEAR;
}

/* Voltages of two phases against a third are 60 degrees apart: the line between them is
 * as long as each. A blown fuse leaves as little on an input, but 120 degrees between the
 * others. */
static bool sixty_apart(const struct check_state *x, unsigned k)
{
	unsigned l = (k + 1) % 3;

	if (!isnan(x->mean.line[k]))
		return near_to_ratio(x->mean.line[k], (x->mean.u[k] + x->mean.u[l]) / 2, 1);
	return fabs(check_apart_u(x, k) - 60) < 20;
}

bool neutral_exchanged(struct check_state *x)
{
	const double *u = x->mean.u;

	for (unsigned k = 0; k < 3; k++) {
		unsigned l = (k + 1) % 3, m = (k + 2) % 3;
		struct doctor_finding *f;
		char a = (char)('a' + (int)k);

		if (!near_to_ratio(u[l], u[k], SQRT3) || !near_to_ratio(u[m], u[k], SQRT3) || !sixty_apart(x, l))
			continue;
		f = finding_add(x->v, DOCTOR_NEUTRAL_EXCHANGED, DOCTOR_FAULT, 1U << k, 0.96);
		finding_explain(f, "input %c has %.1f V, the two others 1.73 times that (%.1f and %.1f V), and no more "
				"between them: the neutral terminal has phase %c, and input %c the neutral", a, u[k],
				u[l], u[m], a, a);
		finding_fix(f, "switch the voltage circuit off, exchange the leads at input %c and at the neutral terminal, "
			    "and check again; the CTs are judged when the voltages are right", a);
		return true;
	}
	return false;
}

/* Is the voltage lowest where the current is highest, and the other way round? */
static bool shift_follows_load(const struct check_state *x)
{
	const double *u = x->mean.u, *i = x->mean.i;
	unsigned low = 0, high = 0, most = 0, least = 0;

	for (unsigned k = 1; k < 3; k++) {
		low = u[k] < u[low] ? k : low;
		high = u[k] > u[high] ? k : high;
		most = i[k] > i[most] ? k : most;
		least = i[k] < i[least] ? k : least;
	}
	return low == most && high == least && i[most] > 1.1 * i[least];
}

bool neutral_lost(struct check_state *x)
{
	const double *u = x->mean.u, *line = x->mean.line;
	double middle = (u[0] + u[1] + u[2]) / 3, lines = (line[0] + line[1] + line[2]) / 3, worst = 0, apart = 0;
	bool follows = shift_follows_load(x);
	struct doctor_finding *f;

	for (unsigned k = 0; k < 3; k++) {
		worst = fmax(worst, fabs(u[k] / middle - 1));
		apart = fmax(apart, fabs(line[k] / lines - 1));
	}
	/* not read is no agreement */
	if (worst < SHIFT_LEAST || !(apart <= LINES_AGREE / 2))
		return false;
	f = finding_add(x->v, DOCTOR_NEUTRAL_LOST, follows ? DOCTOR_FAULT : DOCTOR_REMARK, 0, follows ? 0.9 : 0.6);
	finding_explain(f, "phase voltages %.1f, %.1f and %.1f V, while the line voltages agree within 1 %%: the star point "
			"is shifted%s", u[0], u[1], u[2], follows ? ", and lowest is the phase with the most load" : "");
	finding_fix(f, "danger for all single-phase loads: measure the voltage between the neutral and earth, and check "
		    "the neutral from the supply to the meter for a break or a loose terminal");
	return follows;
}
