/*
 * steps.h - the steps of a plan in words: what is about to be
 * written, and what became of it.
 */
#ifndef METERCTL_CMD_STEPS_H
#define METERCTL_CMD_STEPS_H

#include "app.h"
#include "write/plan.h"

/* A table of old -> new, with what each write brings about. */
void steps_show(FILE *f, const struct plan *p);

/* What a step's value looks like, "--" when it is not known. Returns BUF. */
const char *steps_text(const struct plan *p, const struct step *s, const struct value *v,
		       char *buf, size_t size);

/* "ok", "failed", "unknown", "refused", "planned": what P came to. */
const char *steps_result(const struct plan *p);

/* The result in the format asked for: schema meterctl.apply/1. */
int steps_print(struct printer *out, const struct meter *m, const struct plan *p,
		const char *result, struct err *e);

#endif
