/* table.h - the dialects, one file each; dialect.c makes the table of them. */
#ifndef METERCTL_MQTT_DIALECTS_TABLE_H
#define METERCTL_MQTT_DIALECTS_TABLE_H

#include "dialect.h"

extern const struct dialect dialect_json_v2, dialect_acrelhw, dialect_shadow;

#endif
