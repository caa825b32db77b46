#include <errno.h>
#include <time.h>

#include "base/cancel.h"
#include "base/time.h"
#include "base/thread.h"
#include "broker_own.h"

#define PAUSE_LEAST_US 500000LL		/* between two attempts; doubles */
#define PAUSE_MOST_US 30000000LL
#define STEADY_US 600000LL		/* a connection that lasted less may have been ended by
					   a client of our name: one of the two gives way, */
#define PAUSE_WARY_US 2000000LL		/* ... but not for long */
#define PARTING_US 300000LL		/* for the last messages, and for the DISCONNECT */

bool broker_pause(struct broker *b, int64_t until_us)
{
	struct timespec at = { until_us / 1000000, until_us % 1000000 * 1000 };

	return pthread_cond_timedwait(&b->told, &b->lock, &at) != ETIMEDOUT;
}

/* ---- state ---------------------------------------------------------------- */

/* E is why it is not up. */
static void down(struct broker *b, const struct err *e)
{
	pthread_mutex_lock(&b->lock);
	b->why = *e;
	if (b->down_us == 0)
		b->down_us = time_wall_us();
	b->up = false;
	pthread_mutex_unlock(&b->lock);
	broker_note_down(b, e);
	broker_wake(b);
}

static void up(struct broker *b)
{
	double ms = (double)(time_mono_us() - b->began_us) / 1000.0;
	bool session;

	pthread_mutex_lock(&b->lock);
	/* it may be lost again by now */
	if (b->connected) {
		b->up = true;
		b->step = BROKER_UP;
		b->down_us = 0;
		err_clear(&b->why);
	}
	if (b->was_up)
		b->stats.reconnects++;
	b->stats.connect_ms = ms;
	session = b->session;
	pthread_mutex_unlock(&b->lock);
	b->was_up = true;
	broker_note(b, "logged in after %.1f ms%s", ms, session ? ", the broker has kept our session" : "");
	broker_wake(b);
}

/* ---- connecting ------------------------------------------------------------- */

/* Subscribes to what the owner has subscribed to. */
static int subscribe_one(struct broker *b, const char *filter, struct err *e)
{
	int64_t until_us = time_mono_us() + b->timeout_ms * (int64_t)1000;
	struct ack *a;
	int code;

	a = broker_ask(b, filter, true, &code);
	if (!a)
		return broker_diagnosis_subscribe(b, filter, code, e);
	while (!broker_ack_take(a, &code)) {
		bool here, late = false;

		pthread_mutex_lock(&b->lock);
		here = b->connected && !b->leave;
		if (here && !a->done)
			late = !broker_pause(b, until_us) && !a->done;
		pthread_mutex_unlock(&b->lock);
		if (here && !late)
			continue;
		broker_ack_leave(a);
		return here ? broker_diagnosis_late(b, BROKER_SUBSCRIBE, e)
			: broker_diagnosis_subscribe(b, filter, MQTTASYNC_DISCONNECTED, e);
	}
	return code ? broker_diagnosis_subscribe(b, filter, code, e) : 0;
}

static int subscribe_all(struct broker *b, struct err *e)
{
	struct filter *f;
	int rc = 0;

	pthread_mutex_lock(&b->lock);
	f = b->filters;
	if (f)
		b->step = BROKER_SUBSCRIBE;
	pthread_mutex_unlock(&b->lock);
	/* the list only grows, in front */
	for (; f && rc == 0; f = f->next)
		rc = subscribe_one(b, f->text, e);
	return rc;
}

/* Connected, if it is not, and everything subscribed. */
static int establish(struct broker *b, struct err *e)
{
	bool connected;
	int rc = 0;

	broker_calls(true);
	pthread_mutex_lock(&b->lock);
	connected = b->connected;
	pthread_mutex_unlock(&b->lock);
	if (!connected)
		rc = broker_attempt(b, e);
	if (rc == 0)
		rc = subscribe_all(b, e);
	broker_calls(false);
	return rc;
}

/* Of the first attempt; later ones change nothing. */
static void tell_opened(struct broker *b, bool good)
{
	pthread_mutex_lock(&b->lock);
	b->good = b->opened ? b->good : good;
	b->opened = true;
	pthread_mutex_unlock(&b->lock);
	cancel_raise(b->turn_fd);
}

/* One more is acknowledged, so another one may go (paho.h). With the lock held, which
 * is let go of in between. */
static void let_next_go(struct broker *b)
{
	if (b->posted == 0 || b->target.mqtt.version != MQTT_5)
		return;
	pthread_mutex_unlock(&b->lock);
	paho_wake_sender();
	pthread_mutex_lock(&b->lock);
}

/* Until the connection is lost, or it shall leave. */
static void stay(struct broker *b)
{
	struct err why;

	pthread_mutex_lock(&b->lock);
	while (b->connected && !b->leave) {
		pthread_cond_wait(&b->told, &b->lock);
		let_next_go(b);
	}
	why = b->why;
	pthread_mutex_unlock(&b->lock);
	if (why.code != ERR_NONE)
		broker_note_down(b, &why);
}

/* ---- leaving --------------------------------------------------------------- */

/* We have gone. */
static void gone(struct broker *b)
{
	char where[140];

	pthread_mutex_lock(&b->lock);
	b->connected = b->up = false;
	err_set(&b->why, ERR_SILENT, "disconnected from broker %s",
		broker_where(b, where, sizeof(where)));
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}

static void parted(void *b, MQTTAsync_successData *d)
{
	(void)d;
	gone(b);
}

static void parted5(void *b, MQTTAsync_successData5 *d)
{
	(void)d;
	gone(b);
}

/* Messages that were posted get a moment to be acknowledged; then DISCONNECT. */
static void part(struct broker *b)
{
	MQTTAsync_disconnectOptions v3 = MQTTAsync_disconnectOptions_initializer,
				    v5 = MQTTAsync_disconnectOptions_initializer5;
	bool five = b->target.mqtt.version == MQTT_5;
	MQTTAsync_disconnectOptions *o = five ? &v5 : &v3;
	int64_t until_us = time_mono_us() + PARTING_US;

	o->context = b;
	if (five)
		o->onSuccess5 = parted5;
	else
		o->onSuccess = parted;
	broker_calls(true);
	pthread_mutex_lock(&b->lock);
	while (b->connected && b->posted > 0 && broker_pause(b, until_us))
		let_next_go(b);
	pthread_mutex_unlock(&b->lock);
	if (MQTTAsync_disconnect(b->handle, o) == MQTTASYNC_SUCCESS) {
		until_us = time_mono_us() + PARTING_US;
		pthread_mutex_lock(&b->lock);
		while (b->connected && broker_pause(b, until_us))
			;
		pthread_mutex_unlock(&b->lock);
	}
	MQTTAsync_destroy(&b->handle);
	broker_calls(false);
}

static void *broker_keep_keep(void *arg)
{
	struct broker *b = arg;
	int64_t pause = PAUSE_LEAST_US;
	bool leave = false, orphan;

	while (!leave) {
		struct err e = { .code = ERR_NONE };
		int rc = establish(b, &e);

		if (rc == 0) {
			int64_t since_us = time_mono_us();

			up(b);
			tell_opened(b, true);
			stay(b);
			if (time_mono_us() - since_us >= STEADY_US)
				pause = PAUSE_LEAST_US;
			else if (pause > PAUSE_WARY_US)
				pause = PAUSE_WARY_US;
		} else {
			down(b, &e);
			tell_opened(b, false);
			if (!b->was_up)
				break;
		}
		pthread_mutex_lock(&b->lock);
		for (int64_t until = time_mono_us() + pause; !b->leave && broker_pause(b, until);)
			;
		leave = b->leave;
		pthread_mutex_unlock(&b->lock);
		pause = pause * 2 < PAUSE_MOST_US ? pause * 2 : PAUSE_MOST_US;
	}
	if (b->handle)
		part(b);
	pthread_mutex_lock(&b->lock);
	b->left = true;
	orphan = b->orphan;
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
	cancel_raise(b->turn_fd);
	if (orphan)
		broker_free(b);
	return NULL;
}

int broker_keep_start(struct broker *b)
{
	return thread_start(&b->keeper, broker_keep_keep, b);
}
