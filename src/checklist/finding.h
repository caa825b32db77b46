/*
 * finding.h - a verdict of the wiring check in a few words.
 */
#ifndef METERCTL_CHECKLIST_FINDING_H
#define METERCTL_CHECKLIST_FINDING_H

#include "doctor/doctor.h"

#define FINDING_TEXT 120

/* "ct-reversed on B (96 %)": the gravest finding. Returns BUF. */
const char *finding_text(const struct doctor_verdict *v, char buf[FINDING_TEXT]);

#endif
