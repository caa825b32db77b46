/*
 * mqtt_state.h - what a link through a broker has learned of its meter from the
 * messages that came. Only for the files of that link.
 */
#ifndef METERCTL_MQTT_MQTT_STATE_H
#define METERCTL_MQTT_MQTT_STATE_H

#include "mqtt/dialects/dialect.h"
#include "link/link.h"
#include "broker.h"
#include "subscription.h"

#define SET_US 60000000LL	/* a new value is the meter's to confirm so long */

struct mqtt_link {
	struct link base;
	struct broker *broker;
	struct broker_message *waiting;	/* taken and not looked at yet */
	int64_t read_us, patience_us;	/* deadlines of a read and of a set */
	struct subscription subscription;
	const struct dialect *dialect;	/* of the meter, once known */
	bool own_topic;		/* only its uploads come there: they need not say whose */
	bool names;		/* that topic names it */
	bool ours;		/* the message taken last was understood, and of this meter */
	bool delivered;		/* ... and held readings to deliver */
	unsigned long present;	/* uploads of now, of this meter */
	unsigned long strange;	/* not understood, and perhaps theirs */
	struct upload upload;	/* the message taken last */
	struct link_uplink up;
	char via[MQTT_NAME];	/* the serial number in its topics, once known: a gateway's, perhaps */
	struct link_tap tap;	/* its functions NULL: nobody */
};

/* Dialect and filters from M's target. ERR_USAGE: no such dialect. */
int mqtt_state_init(struct mqtt_link *m, struct err *e);

/* Looks at a message: is it of this meter, and to be delivered? M->upload is then what
 * it says, judged for PROFILE (NULL: its values are not used). */
bool mqtt_state_take(struct mqtt_link *m, const struct broker_message *msg, const struct profile *profile);

/* No upload since BEGAN: ERR_SILENT, or ERR_FOREIGN when something came that could
 * not be understood; says since when, on which topics, and what came instead. -1. */
int mqtt_state_silence(struct mqtt_link *m, int64_t began_us, struct err *e);

#endif
