/*
 * gateway.h - a transparent gateway before one simulated meter: Modbus RTU frames
 * come and go as MQTT messages, one a message, as bytes or as hex. What the
 * scenario does to a serial line it does here, too.
 */
#ifndef METERCTL_SIM_GATEWAY_H
#define METERCTL_SIM_GATEWAY_H

#include "target/target_mqtt.h"
#include "line.h"

/* Hex takes two characters a byte. */
#define GATEWAY_REPLY_MAX (2 * sizeof(((struct line *)0)->out))

struct gateway {
	struct line line;
	char request[MQTT_TOPIC], reply[MQTT_TOPIC];
	bool hex;
};

/* Before ONLY, whose serial number is SN. ERR_USAGE: no room for a topic. */
int gateway_init(struct gateway *g, const struct target_mqtt *t, const char *sn,
		 struct sim_meter *only, const struct scenario *scenario, uint64_t seed,
		 struct err *e);

/* A payload has come on the request topic; what is no frame stays unanswered. */
void gateway_put(struct gateway *g, const char *payload, size_t n, int64_t now);

/* The answer as a payload, once it is due: its length, or 0. */
size_t gateway_take(struct gateway *g, int64_t now, char out[GATEWAY_REPLY_MAX]);

#endif
