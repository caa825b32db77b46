/*
 * check_step.h - the guided load step of `check --step`.
 */
#ifndef METERCTL_CMD_CHECK_STEP_H
#define METERCTL_CMD_CHECK_STEP_H

#include <jansson.h>

#include "doctor/step.h"
#include "meter/meter.h"
#include "app.h"

/* ERR_USAGE for a meter or a supply that no step can be judged at, told by V. */
int check_step_possible(const struct meter *m, const struct doctor_options *o, const struct doctor_verdict *v,
			struct err *e);
/* Reads SEL until every input has been judged, or it is interrupted; says on a->err what it
 * sees, and where a person can be asked what to do next. -1 and E: the line failed. */
int check_step_run(const struct app *a, struct meter *m, const struct selection *sel, const struct doctor_options *o,
		   const struct doctor_verdict *v, struct step_watch *w, struct err *e);
/* What was seen of each input. The caller owns the JSON. */
void check_step_print(FILE *out, const struct step_watch *w);
json_t *check_step_json(const struct step_watch *w);

#endif
