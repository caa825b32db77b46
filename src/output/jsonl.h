/*
 * jsonl.h - what an endless list is as json, too (json.c).
 */
#ifndef METERCTL_OUTPUT_JSONL_H
#define METERCTL_OUTPUT_JSONL_H

#include "base/err.h"

struct cell;
struct printer;
struct readings;

int jsonl_begin(struct printer *p, struct err *e);
int jsonl_row(struct printer *p, const struct cell *cells, struct err *e);
int jsonl_readings(struct printer *p, const struct readings *r, struct err *e);
int jsonl_flush(struct printer *p, struct err *e);
void jsonl_drop(struct printer *p);

#endif
