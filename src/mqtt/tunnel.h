/*
 * tunnel.h - Modbus RTU frames through a broker: what the line sends is published on the
 * request topic of a transparent gateway, what the gateway publishes on its reply topic
 * is what the line receives. A thread carries them.
 *
 * No public document describes such a gateway for the ADW300: topics and coding are
 * the person's to say (request=, reply=, coding= of the target); without them it is
 * modbus/SN/request and modbus/SN/reply, our own convention.
 */
#ifndef METERCTL_MQTT_TUNNEL_H
#define METERCTL_MQTT_TUNNEL_H

#include "base/err.h"
#include "link/link.h"
#include "target/target.h"

#define TUNNEL_REQUEST "modbus/{sn}/request"
#define TUNNEL_REPLY "modbus/{sn}/reply"

/* Connects to the broker of T, subscribes to the reply topic and makes a link with
 * registers of it. As modbus_link_open(). */
struct link *tunnel_link_open(const struct target *t, const struct link_opts *o,
			      int cancel_fd, struct err *e);

#endif
