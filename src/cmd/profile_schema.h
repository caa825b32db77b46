/*
 * profile_schema.h - the form of a profile as a JSON schema (draft 2020-12), for editors: made from the
 * table of fields (field.h).
 */
#ifndef METERCTL_CMD_PROFILE_SCHEMA_H
#define METERCTL_CMD_PROFILE_SCHEMA_H

#include <jansson.h>

/* The caller's to json_decref(); NULL: out of memory. */
json_t *profile_schema(void);

#endif
