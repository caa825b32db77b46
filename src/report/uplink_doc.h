/*
 * uplink_doc.h - the proof of an uplink as data (meterctl.uplink/1).
 */
#ifndef METERCTL_REPORT_UPLINK_DOC_H
#define METERCTL_REPORT_UPLINK_DOC_H

#include <jansson.h>

#include "output/printer.h"
#include "target/target.h"
#include "mqtt/uplink.h"

/* Of which meter it is, and over which ways. */
struct uplink_about {
	const char *profile;		/* its name */
	const struct target *target;
	const char *dialect;		/* NULL or "": not known */
	const char *with;		/* the second way; NULL: none */
	const struct profile *points;	/* of the compared values; NULL when none was compared */
};

/* VERDICT: "pass", "fail" or "timeout"; STEP, where it ended, NULL for a pass. The
 * caller owns the document; NULL without memory. */
json_t *uplink_document(const struct uplink *u, const struct uplink_about *about,
			const char *verdict, const char *step);

/* The same for a printer: its steps as rows, and what a document says around them. */
extern const struct listing uplink_list;
int uplink_rows(struct printer *out, const struct uplink *u, struct err *e);
json_t *uplink_head_json(const struct uplink_about *about, const char *verdict, const char *step);
json_t *uplink_tail_json(const struct uplink *u, const struct uplink_about *about);

#endif
