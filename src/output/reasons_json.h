/*
 * reasons_json.h - what was not used, as data.
 */
#ifndef METERCTL_OUTPUT_REASONS_JSON_H
#define METERCTL_OUTPUT_REASONS_JSON_H

#include <jansson.h>

#include "base/reasons.h"

/* [{"count":3,"reason":"...","last":"..."}, ...], without "last" where nothing differs. The
 * caller owns it; NULL without memory. */
json_t *reasons_json(const struct reasons *r);

#endif
