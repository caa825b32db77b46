/*
 * clock.c - tariffs and monthly records go by the meter's clock.
 */
#include <stdio.h>

#include "base/time.h"
#include "angle.h"
#include "check_state.h"

/* A broadcast sets a meter's clock only within 5 minutes (DL/T 645): what is off by
 * more stays off. */
#define OFF 60.0
#define FAR_OFF 300.0

void check_clock(struct check_state *x)
{
	double ahead = x->mean.clock_ahead, off = fabs(ahead);
	const char *summer = time_summer(ahead);
	struct doctor_finding *f;
	char span[40];

	x->v->evidence.clock_ahead = ahead;
	if (!(off > OFF))
		return;
	if (off < FAR_OFF)
		snprintf(span, sizeof(span), "%.0f s", off);
	else if (off < 7200)
		snprintf(span, sizeof(span), "%.0f minutes", off / 60);
	else if (off < 2 * 86400)
		snprintf(span, sizeof(span), "%.1f hours", off / 3600);
	else
		snprintf(span, sizeof(span), "%.0f days", off / 86400);
	f = finding_add(x->v, DOCTOR_CLOCK_WRONG, off > FAR_OFF ? DOCTOR_FAULT : DOCTOR_REMARK, 0, 0.95);
	finding_explain(f, "the meter's clock is %s %s this computer's local time%s%s", span,
			ahead > 0 ? "ahead of" : "behind", *summer ? ": " : "", summer);
	if (*summer)
		finding_fix(f, "find out which time the meter is to keep: tariffs and records go by it all year; then set "
			    "its clock, when this computer's time and time zone are right");
	else
		finding_fix(f, "set the meter's clock, when this computer's time and time zone are right");
}
