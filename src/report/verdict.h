/*
 * verdict.h - the doctor's verdict as JSON (meterctl(1), check).
 */
#ifndef METERCTL_REPORT_VERDICT_H
#define METERCTL_REPORT_VERDICT_H

#include <jansson.h>

#include "doctor/doctor.h"

/* {"verdict", "findings", "evidence"}; O: what it was judged with. The caller owns
 * it; NULL when memory has run out. */
json_t *verdict_json(const struct doctor_verdict *v, const struct doctor_options *o);
json_t *verdict_finding_json(const struct doctor_finding *f);

/* V to so many decimals; null for what is not known. */
json_t *verdict_number_json(double v, int decimals);

#endif
