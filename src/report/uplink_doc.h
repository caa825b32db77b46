/*
 * uplink_doc.h - the proof of an uplink as JSON (meterctl.uplink/1).
 */
#ifndef METERCTL_REPORT_UPLINK_DOC_H
#define METERCTL_REPORT_UPLINK_DOC_H

#include <jansson.h>

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

/* One step of it. */
json_t *uplink_step_json(const struct uplink *u, enum uplink_step s);

/* VERDICT: "pass", "fail" or "timeout"; STEP, where it ended, NULL for a pass. The
 * caller owns the document; NULL without memory. */
json_t *uplink_document(const struct uplink *u, const struct uplink_about *about,
			const char *verdict, const char *step);

#endif
