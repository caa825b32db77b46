/*
 * verdict.h - the doctor's verdict as data (meterctl(1), check).
 */
#ifndef METERCTL_REPORT_VERDICT_H
#define METERCTL_REPORT_VERDICT_H

#include <jansson.h>

#include "doctor/correction.h"
#include "doctor/doctor.h"
#include "doctor/roles.h"
#include "output/printer.h"

/* {"verdict", "findings", "order", "evidence"}; O: what it was judged with. The caller owns
 * it; NULL when memory has run out. */
json_t *verdict_json(const struct doctor_verdict *v, const struct doctor_options *o);
json_t *verdict_evidence_json(const struct doctor_verdict *v, const struct doctor_options *o);

/* What to do, in order, and what the inputs then read; the meter's own verdict, null when it has
 * none; the settings that do the work at the CTs, null when there are none. The caller owns them. */
json_t *verdict_order_json(const struct doctor_order *o);
json_t *verdict_own_json(const struct doctor_own *own);
json_t *verdict_cure_json(const struct doctor_cure *cure);

/* What the fault has cost. T: when ENERGY was counted; NULL: somebody says it. The caller owns it. */
json_t *verdict_correction_json(const struct correction *c, const struct correction_energy *energy, const struct tally *t);

/* Its findings as the rows of a printer. */
extern const struct listing verdict_list;
int verdict_rows(struct printer *out, const struct doctor_verdict *v, struct err *e);

/* V to so many decimals; null for what is not known. */
json_t *verdict_number_json(double v, int decimals);

#endif
