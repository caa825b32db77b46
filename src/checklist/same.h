/*
 * same.h - whose is a proof? As plan_settle() tells whose a write was: the target must be
 * the meter's, and its identity must not be another one's. Pure.
 */
#ifndef METERCTL_CHECKLIST_SAME_H
#define METERCTL_CHECKLIST_SAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/target.h"
#include "write/proof.h"

/* Where a meter was before it was given another address, speed or frame, and until when. */
struct same_alias {
	char target[TARGET_TEXT];
	int64_t until_us;
};
#define SAME_ALIASES 8

/* The meter that answers now. */
struct same_meter {
	const struct target *target;
	const char *identity;		/* identity.h; "": none */
	int64_t now_us;
	struct same_alias aliases[SAME_ALIASES];
	size_t naliases;
};

/* Notes that the meter was at TARGET until UNTIL_US; what does not fit is forgotten. */
void same_note_alias(struct same_meter *s, const char *target, int64_t until_us);

enum same_whose {
	SAME_NO,		/* another meter's */
	SAME_YES,
	SAME_BY_TARGET		/* only its target tells: nothing in it speaks against it */
};

/*
 * Of a meter behind a broker its serial number tells. A simulated meter is what its target
 * says, and no other. Else: a serial number in the identity tells by itself; without one the
 * target must be that of the meter, now or when the proof was made, and its energy counters
 * must have gone on from where they stood.
 */
enum same_whose same_whose(const struct same_meter *s, const char *target, const char *identity,
			   int64_t at_us);

#endif
