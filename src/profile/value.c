#include "value.h"

const char *quality_name(enum quality q)
{
	static const char *const names[] = {
		[QUALITY_NEVER] = "never",
		[QUALITY_OK] = "ok",
		[QUALITY_STALE] = "stale",
		[QUALITY_FAILED] = "failed",
		[QUALITY_ABSENT] = "absent",
		[QUALITY_LATE] = "late",
		[QUALITY_AMBIGUOUS] = "ambiguous",
	};

	return names[q];
}

bool reading_missing(const struct reading *r)
{
	if (r->quality == QUALITY_FAILED)
		return !r->absent && r->words == 0 && r->err.code != ERR_NO;
	return r->quality != QUALITY_OK && r->quality != QUALITY_ABSENT && r->quality != QUALITY_AMBIGUOUS;
}
