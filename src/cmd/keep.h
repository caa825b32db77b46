/*
 * keep.h - what a command has shown, kept as a proof in the journal's file.
 */
#ifndef METERCTL_CMD_KEEP_H
#define METERCTL_CMD_KEEP_H

#include "app.h"
#include "checklist/record.h"

/* Into the journal of --journal. What goes wrong is said, and is no failure of the command:
 * a proof is a note of what was done, and no condition of it. R is given back. -1: it went wrong. */
int keep_proof(const struct app *a, const struct record_whose *w, struct record *r);
/* For struct checklist_request and struct report_request: ARG is the struct app. */
void keep_remark(void *arg, const char *text);

#endif
