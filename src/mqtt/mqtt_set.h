/*
 * mqtt_set.h - settings over a dialect that has a way to set them.
 */
#ifndef METERCTL_MQTT_MQTT_SET_H
#define METERCTL_MQTT_MQTT_SET_H

#include "link/link.h"

/* The slots can_set and set of struct link_ops. */
int mqtt_can_set(struct link *l, const struct point *p, const struct value *want,
		 struct err *e);
int mqtt_set(struct link *l, const struct profile *profile, size_t idx,
	     const struct value *want, struct value *after, bool *sent, struct err *e);

#endif
