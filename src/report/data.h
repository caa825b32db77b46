/*
 * data.h - what the parts of report_collect() share.
 */
#ifndef METERCTL_REPORT_DATA_H
#define METERCTL_REPORT_DATA_H

#include "report.h"

/* TEXT, which need not be UTF-8 nor free of controls; null for NULL and "". */
json_t *data_text(const char *text);
/* A value of the meter as it is written, secrets hidden; null when there is none. */
json_t *data_value(const struct meter *m, size_t idx);

/* What the journal says was changed at this meter, one entry a setting (changes.c). */
json_t *data_changes(struct meter *m, const char *journal, struct err *e);

#endif
