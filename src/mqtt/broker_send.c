#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/time.h"
#include "broker_own.h"

/* Waits for A's settlement. 0 and *CODE, or -1 and E. */
static int await_ack(struct broker *b, struct ack *a, int *code, struct err *e)
{
	int64_t until_us = time_mono_us() + b->timeout_ms * (int64_t)1000;
	char where[140];
	int rc = 1;

	while (rc > 0) {
		if (broker_ack_take(a, code))
			return 0;
		rc = broker_await(b, b->turn_fd, until_us, e);
		cancel_clear(b->turn_fd);
	}
	broker_ack_leave(a);
	if (rc == 0)
		return err_set(e, ERR_SILENT, "broker %s did not acknowledge in %g s",
			       broker_where(b, where, sizeof(where)), b->timeout_ms / 1000.0);
	return -1;
}

/* Can it be sent to? Whether everything is subscribed does not matter then. */
static bool connected(struct broker *b, struct err *e)
{
	bool yes;

	pthread_mutex_lock(&b->lock);
	yes = b->connected;
	pthread_mutex_unlock(&b->lock);
	if (!yes && broker_up(b, e))
		err_set(e, ERR_SILENT, "connecting to the broker again just now");
	return yes;
}

static int broker_send_remember(struct broker *b, const char *filter, struct err *e)
{
	struct filter *f;
	bool known = false;

	pthread_mutex_lock(&b->lock);
	for (f = b->filters; f; f = f->next)
		known = known || strcmp(f->text, filter) == 0;
	pthread_mutex_unlock(&b->lock);
	if (known)
		return 0;
	f = malloc(sizeof(*f) + strlen(filter) + 1);
	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	memcpy(f->text, filter, strlen(filter) + 1);
	pthread_mutex_lock(&b->lock);
	f->next = b->filters;
	b->filters = f;
	pthread_mutex_unlock(&b->lock);
	return 0;
}

int broker_request(struct broker *b, const char *filter, bool on, struct err *e)
{
	struct ack *a;
	int code, rc = -1;

	if (!connected(b, e))
		return -1;
	broker_calls(true);
	pthread_mutex_lock(&b->call);
	a = broker_ask(b, filter, on, &code);
	pthread_mutex_unlock(&b->call);
	if (!a)
		broker_diagnosis_subscribe(b, filter, code, e);
	else if (await_ack(b, a, &code, e) == 0)
		rc = code ? broker_diagnosis_subscribe(b, filter, code, e) : 0;
	broker_calls(false);
	return rc;
}

/* What MQTT 5 has said at the login: a shared subscription would end the connection. */
static bool broker_send_unshared(struct broker *b)
{
	bool none;

	pthread_mutex_lock(&b->lock);
	none = b->no_shares;
	pthread_mutex_unlock(&b->lock);
	return none;
}

int broker_subscribe(struct broker *b, const char *filter, struct err *e)
{
	char text[512];
	const char *share = b->target.mqtt.share;

	if (!mqtt_topic(filter, true)
	    || (size_t)snprintf(text, sizeof(text), "%s%s%s%s", share[0] ? "$share/" : "", share,
				share[0] ? "/" : "", filter) >= sizeof(text))
		return err_set(e, ERR_USAGE, "'%s' is no topic to subscribe to", filter);
	if (share[0] && broker_send_unshared(b))
		return broker_diagnosis_shares(b, e);
	if (broker_request(b, text, true, e))
		return -1;
	broker_note(b, "subscribed to %s", text);
	broker_trace(b, NULL);
	if (broker_send_remember(b, text, e))
		return -1;
	return share[0] ? broker_share_check(b, e) : 0;
}

/* What may be published, and now? */
static int sendable(struct broker *b, const char *topic, size_t n, struct err *e)
{
	if (!mqtt_topic(topic, false))
		return err_set(e, ERR_USAGE, "'%s' is no topic to publish to (not empty, no '+', '#')",
			       topic);
	if (n > BROKER_PAYLOAD_MAX)
		return err_set(e, ERR_USAGE, "%zu bytes are too many to publish (at most %d)", n,
			       BROKER_PAYLOAD_MAX);
	return connected(b, e) ? 0 : -1;
}

static int broker_send_hand_over(struct broker *b, const char *topic, const void *payload, size_t n,
				 bool retain, MQTTAsync_responseOptions *o)
{
	int rc;

	broker_trace_out(b, topic, payload, n);
	pthread_mutex_lock(&b->call);
	rc = MQTTAsync_send(b->handle, topic, (int)n, payload, b->target.mqtt.qos, retain, o);
	pthread_mutex_unlock(&b->call);
	return rc;
}

static void broker_send_count(struct broker *b, bool good)
{
	pthread_mutex_lock(&b->lock);
	if (good)
		b->stats.published++;
	else
		b->stats.failed++;
	pthread_mutex_unlock(&b->lock);
}

int broker_publish(struct broker *b, const char *topic, const void *payload, size_t n,
		   bool retain, struct err *e)
{
	MQTTAsync_responseOptions o;
	struct ack *a;
	int code, rc;

	if (sendable(b, topic, n, e))
		return -1;
	a = broker_ack_new(b);
	if (!a)
		return err_set(e, ERR_NO, "out of memory");
	o = broker_ack_options(a);
	broker_calls(true);
	code = broker_send_hand_over(b, topic, payload, n, retain, &o);
	if (code == MQTTASYNC_SUCCESS) {
		rc = await_ack(b, a, &code, e);
	} else {
		broker_ack_drop(a);
		rc = 0;
	}
	broker_calls(false);
	if (rc == 0 && code)
		rc = broker_diagnosis_publish(b, topic, code, e);
	broker_send_count(b, rc == 0);
	return rc;
}

/* ---- sending without waiting ------------------------------------------------ */

static void posted(struct broker *b, bool good)
{
	broker_send_count(b, good);
	pthread_mutex_lock(&b->lock);
	if (--b->posted == 0 || b->target.mqtt.version == MQTT_5)
		pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}

static void post_yes(void *b, MQTTAsync_successData *d)
{
	(void)d;
	posted(b, true);
}

static void post_no(void *b, MQTTAsync_failureData *d)
{
	(void)d;
	posted(b, false);
}

static void post_yes5(void *b, MQTTAsync_successData5 *d)
{
	(void)d;
	posted(b, true);
}

static void post_no5(void *b, MQTTAsync_failureData5 *d)
{
	(void)d;
	posted(b, false);
}

int broker_post(struct broker *b, const char *topic, const void *payload, size_t n,
		bool retain, struct err *e)
{
	MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;
	int rc;

	if (sendable(b, topic, n, e))
		return -1;
	o.context = b;
	if (b->target.mqtt.version == MQTT_5) {
		o.onSuccess5 = post_yes5;
		o.onFailure5 = post_no5;
	} else {
		o.onSuccess = post_yes;
		o.onFailure = post_no;
	}
	pthread_mutex_lock(&b->lock);
	b->posted++;
	pthread_mutex_unlock(&b->lock);
	broker_calls(true);
	rc = broker_send_hand_over(b, topic, payload, n, retain, &o);
	broker_calls(false);
	if (rc == MQTTASYNC_SUCCESS)
		return 0;
	posted(b, false);
	return broker_diagnosis_publish(b, topic, rc, e);
}
