/*
 * tunnel.h - Modbus RTU frames through a broker: what is written to a descriptor is
 * published on the request topic of a transparent gateway, what the gateway publishes
 * on its reply topic can be read from it. A thread carries them.
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

struct tunnel;

/* Connects to the broker of T and subscribes to the reply topic. NULL and E on
 * failure, as broker_open(). */
struct tunnel *tunnel_open(const struct target *t, const struct link_opts *o,
			   int cancel_fd, struct err *e);
void tunnel_close(struct tunnel *t);

/* A descriptor to speak RTU over, one frame a write; closed by the tunnel's side when
 * the broker is lost. The one before it, if any, carries nothing any more. Waits up
 * to TIMEOUT_MS for the broker. -1 and E: which step of connecting fails. */
int tunnel_plug(struct tunnel *t, int timeout_ms, struct err *e);

/* The topics in use. */
const char *tunnel_request(const struct tunnel *t);
const char *tunnel_reply(const struct tunnel *t);

#endif
