#include <stdlib.h>

#include "base/cancel.h"
#include "broker_own.h"

struct ack *broker_ack_new(struct broker *b)
{
	struct ack *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->b = b;
	pthread_mutex_lock(&b->lock);
	a->next = b->acks;
	b->acks = a;
	pthread_mutex_unlock(&b->lock);
	return a;
}

/* With the lock held. */
static void mqtt_broker_ack_drop(struct ack *a)
{
	struct ack **at = &a->b->acks;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	free(a);
}

/* On one of Paho's threads. */
static void broker_ack_settle(struct ack *a, int code)
{
	struct broker *b = a->b;

	pthread_mutex_lock(&b->lock);
	if (a->left) {
		mqtt_broker_ack_drop(a);
	} else {
		a->done = true;
		a->code = code;
		pthread_cond_broadcast(&b->told);
		cancel_raise(b->turn_fd);
	}
	pthread_mutex_unlock(&b->lock);
}

static void broker_ack_yes(void *a, MQTTAsync_successData *d)
{
	(void)d;
	broker_ack_settle(a, 0);
}

static void yes5(void *a, MQTTAsync_successData5 *d)
{
	(void)d;
	broker_ack_settle(a, 0);
}

static void no(void *a, MQTTAsync_failureData *d)
{
	broker_ack_settle(a, d && d->code ? d->code : MQTTASYNC_FAILURE);
}

/* In some reports of 1.3.12 the reason is set and the code is 0, in the others the
 * reason is not filled in at all. */
static void no5(void *a, MQTTAsync_failureData5 *d)
{
	int code = !d ? MQTTASYNC_FAILURE : d->code ? d->code : (int)d->reasonCode;

	broker_ack_settle(a, code ? code : MQTTASYNC_FAILURE);
}

MQTTAsync_responseOptions broker_ack_options(struct ack *a)
{
	MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;

	o.context = a;
	if (a->b->target.mqtt.version == MQTT_5) {
		o.onSuccess5 = yes5;
		o.onFailure5 = no5;
	} else {
		o.onSuccess = broker_ack_yes;
		o.onFailure = no;
	}
	return o;
}

bool broker_ack_take(struct ack *a, int *code)
{
	struct broker *b = a->b;
	bool done;

	pthread_mutex_lock(&b->lock);
	done = a->done;
	if (done) {
		*code = a->code;
		mqtt_broker_ack_drop(a);
	}
	pthread_mutex_unlock(&b->lock);
	return done;
}

void broker_ack_leave(struct ack *a)
{
	struct broker *b = a->b;

	pthread_mutex_lock(&b->lock);
	if (a->done)
		mqtt_broker_ack_drop(a);
	else
		a->left = true;
	pthread_mutex_unlock(&b->lock);
}

void broker_ack_drop(struct ack *a)
{
	struct broker *b = a->b;

	pthread_mutex_lock(&b->lock);
	mqtt_broker_ack_drop(a);
	pthread_mutex_unlock(&b->lock);
}

struct ack *broker_ask(struct broker *b, const char *filter, bool on, int *code)
{
	struct ack *a = broker_ack_new(b);
	MQTTAsync_responseOptions o;

	*code = MQTTASYNC_FAILURE;
	if (!a)
		return NULL;
	o = broker_ack_options(a);
	*code = on ? MQTTAsync_subscribe(b->handle, filter, b->target.mqtt.qos, &o)
		: MQTTAsync_unsubscribe(b->handle, filter, &o);
	if (*code == MQTTASYNC_SUCCESS)
		return a;
	broker_ack_drop(a);
	return NULL;
}
