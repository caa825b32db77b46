/*
 * subscription.h - what to subscribe to for a target behind a broker: its own topic, or what
 * its dialect uses, or what all of them do; and its last will.
 */
#ifndef METERCTL_MQTT_SUBSCRIPTION_H
#define METERCTL_MQTT_SUBSCRIPTION_H

#include "mqtt/dialects/dialect.h"
#include "broker.h"

#define SUBSCRIPTION_MAX 48	/* what most dialects have, and a few of a user's own */

struct subscription {
	const struct dialect *hint;	/* of the target; NULL: to be recognised */
	char filters[SUBSCRIPTION_MAX][MQTT_TOPIC * 2];
	size_t n;
	char will[MQTT_TOPIC * 2];	/* filter; "": none */
	bool refused[SUBSCRIPTION_MAX];	/* by filter: the broker does not allow it */
	size_t nrefused;
};

/* For one meter, or all of them when T has no serial. ERR_USAGE: no such dialect, a topic
 * that is too long, a will of many meters that does not say whose it is. */
int subscription_choose(struct subscription *s, const struct target_mqtt *t, struct err *e);
/* ERR_REFUSED when all filters are: access lists often allow some, and those go on. */
int subscription_subscribe(struct subscription *s, struct broker *b, struct err *e);
/* Says what will not be heard, if anything: the filters that the broker refused, and what to do;
 * files of the user's own dialects that cannot be read, where the target names none. */
void subscription_say(const struct subscription *s, void (*remark)(void *arg, const char *text), void *arg);

/* "'a', 'b' and 3 more": the first MOST of them. Returns BUF. */
const char *subscription_text(const struct subscription *s, size_t most, char *buf, size_t size);

#endif
