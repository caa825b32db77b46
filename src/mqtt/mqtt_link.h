/*
 * mqtt_link.h - the link to a meter that a broker stands before: it sends by itself.
 */
#ifndef METERCTL_MQTT_MQTT_LINK_H
#define METERCTL_MQTT_MQTT_LINK_H

#include "link/link.h"

/* For T (SCHEME_MQTT, with a serial number). A tunnel becomes a link with registers
 * (link/tunnel.h). NULL and E on failure; CANCEL_FD then stays the caller's. */
struct link *mqtt_link_open(const struct target *t, const struct link_opts *o,
			    int cancel_fd, struct err *e);

#endif
