#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "check_state.h"

struct doctor_finding *finding_add(struct doctor_verdict *v, enum doctor_code code,
				   enum doctor_weight weight, unsigned phases,
				   double confidence)
{
	struct doctor_finding *f;

	if (v->nfindings < DOCTOR_FINDINGS)
		v->nfindings++;
	f = &v->findings[v->nfindings - 1];
	*f = (struct doctor_finding){
		.code = code, .weight = weight, .phases = phases, .confidence = confidence,
	};
	return f;
}

void finding_explain(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->explain, sizeof(f->explain), fmt, ap);
	va_end(ap);
}

void finding_fix(struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->fix, sizeof(f->fix), fmt, ap);
	va_end(ap);
}

void finding_fix_reversed(struct doctor_finding *f, const char *unless)
{
	bool many = (f->phases & (f->phases - 1)) != 0;
	const char *them = many ? "them" : "it";
	char names[24];

	finding_fix(f, "%sexchange the two secondary leads of the CT%s of %s, or turn %s round (short %s first: "
		    NEVER_OPEN ")", unless, many ? "s" : "", doctor_phases_text(f->phases, names, sizeof(names)), them, them);
}

void finding_fix_swapped(struct doctor_finding *f, enum doctor_rotation r)
{
	/* two voltages exchanged turn the other way */
	static const char *const sequence[] = {
		[DOCTOR_ROTATION_UNKNOWN] = "", [DOCTOR_ROTATION_ABC] = " (sequence then acb)",
		[DOCTOR_ROTATION_ACB] = " (which also puts the phase sequence right)",
	};
	char names[24];

	doctor_phases_text(f->phases, names, sizeof(names));
	finding_fix(f, "exchange the CT leads of %s (short the CTs first: " NEVER_OPEN "), or the voltage "
		    "leads of %s%s", names, names, sequence[r]);
}

void finding_fix_moved(struct doctor_finding *f, const unsigned of[3], const char *or_else)
{
	finding_fix(f, "the CT at input a is on phase %c, b on %c, c on %c%s: move each pair of CT leads to "
		    "the input of its phase (short the CTs first: " NEVER_OPEN "); or, where the voltage leads are "
		    "what was confused, bring each voltage to the input that has its current",
		    'a' + (int)of[0], 'a' + (int)of[1], 'a' + (int)of[2], or_else);
}

const char *ratio_text(double ratio, char buf[24])
{
	if (isnan(ratio))
		snprintf(buf, 24, "not known");
	else
		snprintf(buf, 24, "%g", ratio);
	return buf;
}

static bool graver(const struct doctor_finding *a, const struct doctor_finding *b)
{
	return a->weight != b->weight ? a->weight > b->weight : a->confidence > b->confidence;
}

void findings_sort(struct doctor_verdict *v)
{
	for (size_t i = 1; i < v->nfindings; i++) {
		struct doctor_finding f = v->findings[i];
		size_t at = i;

		for (; at > 0 && graver(&f, &v->findings[at - 1]); at--)
			v->findings[at] = v->findings[at - 1];
		v->findings[at] = f;
	}
}
