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
