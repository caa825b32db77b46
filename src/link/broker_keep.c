#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../link.h"
#include "../value.h"
#include "broker_own.h"
#include "lookup.h"
#include "sock.h"

#define PAUSE_LEAST_US 500000LL		/* between two attempts; doubles */
#define PAUSE_MOST_US 30000000LL
#define LOOK_US 5000LL			/* between two looks at a connection */
#define PARTING_US 300000LL		/* for the last messages, and for the DISCONNECT */
#define POSTED_MOST 10000		/* messages that wait to be sent */
#define GRACE_S 600			/* Paho's own deadline: ours is the shorter one */
#define KEPT_S (7 * 24 * 3600)		/* MQTT 5: how long a persistent session is kept */

/* ---- Paho's callbacks ----------------------------------------------------- */

static void answered(struct broker *b, enum connack how, int code, bool session)
{
	pthread_mutex_lock(&b->lock);
	b->connack = how;
	b->connack_code = code;
	b->session = session;
	b->connected = how == CONNACK_YES;
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}

static void accepted(void *b, MQTTAsync_successData *d)
{
	answered(b, CONNACK_YES, 0, d && d->alt.connect.sessionPresent);
}

static void accepted5(void *b, MQTTAsync_successData5 *d)
{
	answered(b, CONNACK_YES, 0, d && d->alt.connect.sessionPresent);
}

static void refused(void *b, MQTTAsync_failureData *d)
{
	answered(b, CONNACK_NO, d ? d->code : MQTTASYNC_FAILURE, false);
}

static void refused5(void *b, MQTTAsync_failureData5 *d)
{
	answered(b, CONNACK_NO, !d ? MQTTASYNC_FAILURE : d->code ? d->code : (int)d->reasonCode,
		 false);
}

static void lost(void *arg, char *cause)
{
	struct broker *b = arg;

	(void)cause;	/* always NULL */
	pthread_mutex_lock(&b->lock);
	b->connected = b->up = false;
	b->step = BROKER_TCP;
	b->down_us = time_wall_us();
	broker_hint_lost(b, &b->why);
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
	broker_wake(b);
}

/* MQTT 5: the broker says why it goes, and the connection is lost next. */
static void dismissed(void *arg, MQTTProperties *properties, enum MQTTReasonCodes code)
{
	struct broker *b = arg;

	(void)properties;
	pthread_mutex_lock(&b->lock);
	snprintf(b->lost, sizeof(b->lost), "%s", broker_reason((int)code));
	pthread_mutex_unlock(&b->lock);
}

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

/* ---- state ---------------------------------------------------------------- */

static void at_step(struct broker *b, enum broker_step step)
{
	pthread_mutex_lock(&b->lock);
	b->step = step;
	pthread_mutex_unlock(&b->lock);
}

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

/* Waits until UNTIL_US, or until it shall leave. With the lock held. */
static bool pause_until(struct broker *b, int64_t until_us)
{
	struct timespec at = { until_us / 1000000, until_us % 1000000 * 1000 };

	return pthread_cond_timedwait(&b->told, &b->lock, &at) != ETIMEDOUT;
}

/* ---- connecting ------------------------------------------------------------- */

static int make_handle(struct broker *b, const char *uri, struct err *e)
{
	MQTTAsync_createOptions o = MQTTAsync_createOptions_initializer;
	int rc;

	if (b->handle && strcmp(uri, b->uri) == 0)
		return 0;
	pthread_mutex_lock(&b->call);
	if (b->handle)
		b->paho->destroy(&b->handle);
	o.MQTTVersion = (int)b->target.mqtt.version;
	o.maxBufferedMessages = POSTED_MOST;
	rc = b->paho->create(&b->handle, uri, b->client, MQTTCLIENT_PERSISTENCE_NONE, NULL, &o);
	if (rc == MQTTASYNC_SUCCESS)
		rc = b->paho->set_callbacks(b->handle, b, lost, broker_arrived, NULL);
	if (rc == MQTTASYNC_SUCCESS && b->target.mqtt.version == MQTT_5)
		rc = b->paho->set_disconnected(b->handle, b, dismissed);
	pthread_mutex_unlock(&b->call);
	if (rc != MQTTASYNC_SUCCESS)
		return err_set(e, ERR_USAGE, "the MQTT library does not take client '%s' of '%s' (error %d)",
			       b->client, uri, rc);
	snprintf(b->uri, sizeof(b->uri), "%s", uri);
	return 0;
}

/* The connection that was only made to see that it can be: Paho makes its own, to
 * the same address. A certificate is for a name, so with TLS it gets the name. */
static void name_uri(const struct broker *b, int fd, char *uri, size_t size)
{
	const struct target *t = &b->target;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	char host[256];

	if (t->mqtt.tls || getpeername(fd, (struct sockaddr *)&peer, &len) < 0
	    || getnameinfo((struct sockaddr *)&peer, len, host, sizeof(host), NULL, 0,
			   NI_NUMERICHOST) != 0)
		snprintf(host, sizeof(host), "%s", t->host);
	/* an IPv6 address without brackets: with them it would be compared with the
	 * certificate's. The port is what stands behind the last colon */
	snprintf(uri, size, "%s://%s:%d", t->mqtt.tls ? "ssl" : "tcp", host, t->port);
}

/* Name and TCP, by ourselves, so that each can be told from what comes after it. */
static int reach(struct broker *b, int64_t until_us, char *uri, size_t size, struct err *e)
{
	const struct target *t = &b->target;
	struct addrinfo *list;
	int fd;

	at_step(b, BROKER_NAME);
	if (lookup_host(t->host, t->port, until_us, b->leave_fd, &list, e))
		return -1;
	at_step(b, BROKER_TCP);
	fd = sock_connect(t, list, until_us, b->leave_fd, e);
	freeaddrinfo(list);
	if (fd < 0)
		return -1;
	name_uri(b, fd, uri, size);
	close(fd);
	return 0;
}

static void set_session(struct broker *b, MQTTAsync_connectOptions *o, MQTTProperties *props)
{
	bool persistent = b->target.mqtt.persistent;
	MQTTProperty expiry = {
		.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
		.value.integer4 = KEPT_S,
	};

	if (b->target.mqtt.version != MQTT_5) {
		o->cleansession = !persistent;
		o->onSuccess = accepted;
		o->onFailure = refused;
		return;
	}
	o->cleanstart = !persistent;
	o->onSuccess5 = accepted5;
	o->onFailure5 = refused5;
	if (persistent && b->paho->add_property(props, &expiry) == 0)
		o->connectProperties = props;
}

/* Asks for the connection; what becomes of it a callback says. */
static int login(struct broker *b, struct err *e)
{
	const struct target_mqtt *m = &b->target.mqtt;
	static const MQTTAsync_connectOptions v3 = MQTTAsync_connectOptions_initializer,
					      v5 = MQTTAsync_connectOptions_initializer5;
	MQTTAsync_connectOptions o = m->version == MQTT_5 ? v5 : v3;
	MQTTAsync_SSLOptions tls = broker_tls_options(b);
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	MQTTProperties props = MQTTProperties_initializer;
	int rc;

	set_session(b, &o, &props);
	o.MQTTVersion = (int)m->version;
	o.keepAliveInterval = m->keepalive;
	o.connectTimeout = GRACE_S;
	o.context = b;
	o.username = m->user[0] ? m->user : NULL;
	o.password = m->user[0] ? b->password : NULL;
	o.ssl = m->tls ? &tls : NULL;
	if (b->will_topic) {
		will.topicName = b->will_topic;
		will.message = b->will_payload ? b->will_payload : "";
		will.qos = m->qos;
		o.will = &will;
	}
	pthread_mutex_lock(&b->lock);
	b->connack = CONNACK_AWAITED;
	b->lost[0] = '\0';
	b->tls = (struct broker_tls){ .sent_connect = !m->tls };
	b->step = m->tls ? BROKER_TLS : BROKER_LOGIN;
	pthread_mutex_unlock(&b->lock);
	rc = b->paho->connect(b->handle, &o);
	b->paho->free_properties(&props);
	if (rc != MQTTASYNC_SUCCESS)
		return err_set(e, ERR_NO, "the MQTT library does not begin to connect (error %d)", rc);
	return 0;
}

/* What the broker has said to the login, or that it has not. */
static int judge(struct broker *b, struct err *e)
{
	enum connack how;
	bool leave, tls;
	int code;

	pthread_mutex_lock(&b->lock);
	how = b->connack;
	code = b->connack_code;
	leave = b->leave;
	tls = code <= 0 && (!b->tls.sent_connect || b->tls.alert[0]);
	b->step = tls ? BROKER_TLS : BROKER_LOGIN;
	pthread_mutex_unlock(&b->lock);
	if (how == CONNACK_YES)
		return 0;
	if (leave)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	if (how == CONNACK_AWAITED)
		return broker_hint_late(b, tls ? BROKER_TLS : BROKER_LOGIN, e);
	return tls ? broker_hint_tls(b, e) : broker_hint_login(b, code, e);
}

/* Waits for the answer to the login. Paho sees late that a connection stands, so it is
 * made to look. */
static void await_connack(struct broker *b, int64_t until_us)
{
	pthread_mutex_lock(&b->lock);
	while (b->connack == CONNACK_AWAITED && !b->leave && time_mono_us() < until_us) {
		int64_t next_us = time_mono_us() + LOOK_US;

		if (pause_until(b, next_us < until_us ? next_us : until_us))
			continue;
		pthread_mutex_unlock(&b->lock);
		paho_wake_receiver();
		pthread_mutex_lock(&b->lock);
	}
	pthread_mutex_unlock(&b->lock);
}

/* One attempt to connect, up to the accepted login. */
static int attempt(struct broker *b, struct err *e)
{
	int64_t until_us;
	char uri[300];
	int rc;

	b->began_us = time_mono_us();
	until_us = b->began_us + b->timeout_ms * (int64_t)1000;
	if (reach(b, until_us, uri, sizeof(uri), e) || make_handle(b, uri, e))
		return -1;
	broker_note(b, "connecting to %s as '%s'", uri, b->client);
	broker_tls_watch(b);
	rc = login(b, e);
	if (rc == 0)
		await_connack(b, until_us);
	broker_tls_unwatch(b);
	if (rc == 0)
		rc = judge(b, e);
	/* it cannot be told to give up: what is late goes with its handle */
	pthread_mutex_lock(&b->lock);
	if (rc && b->connack == CONNACK_AWAITED)
		b->uri[0] = '\0';
	pthread_mutex_unlock(&b->lock);
	return rc;
}

/* Subscribes to what the owner has subscribed to. */
static int subscribe_one(struct broker *b, const char *filter, struct err *e)
{
	int64_t until_us = time_mono_us() + b->timeout_ms * (int64_t)1000;
	struct ack *a;
	int code;

	a = broker_ask(b, filter, &code);
	if (!a)
		return broker_hint_subscribe(b, filter, code, e);
	while (!broker_ack_take(a, &code)) {
		bool go_on;

		pthread_mutex_lock(&b->lock);
		go_on = !b->leave && b->connected
			&& (a->done || pause_until(b, until_us) || a->done);
		pthread_mutex_unlock(&b->lock);
		if (!go_on) {
			broker_ack_leave(a);
			return broker_hint_late(b, BROKER_SUBSCRIBE, e);
		}
	}
	return code ? broker_hint_subscribe(b, filter, code, e) : 0;
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
		rc = attempt(b, e);
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

/* Until the connection is lost, or it shall leave. */
static void stay(struct broker *b)
{
	struct err why;

	pthread_mutex_lock(&b->lock);
	while (b->connected && !b->leave) {
		pthread_cond_wait(&b->told, &b->lock);
		/* one more is acknowledged, so another one may go */
		if (b->posted > 0 && b->target.mqtt.version == MQTT_5) {
			pthread_mutex_unlock(&b->lock);
			paho_wake_sender();
			pthread_mutex_lock(&b->lock);
		}
	}
	why = b->why;
	pthread_mutex_unlock(&b->lock);
	if (why.code != ERR_NONE)
		broker_note_down(b, &why);
}

/* ---- leaving --------------------------------------------------------------- */

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
	while (b->connected && b->posted > 0 && pause_until(b, until_us))
		;
	pthread_mutex_unlock(&b->lock);
	if (b->paho->disconnect(b->handle, o) == MQTTASYNC_SUCCESS) {
		until_us = time_mono_us() + PARTING_US;
		pthread_mutex_lock(&b->lock);
		while (b->connected && pause_until(b, until_us))
			;
		pthread_mutex_unlock(&b->lock);
	}
	b->paho->destroy(&b->handle);
	broker_calls(false);
}

static void *keep(void *arg)
{
	struct broker *b = arg;
	int64_t pause = PAUSE_LEAST_US;
	bool leave = false, orphan;

	while (!leave) {
		struct err e = { .code = ERR_NONE };
		int rc = establish(b, &e);

		if (rc == 0) {
			pause = PAUSE_LEAST_US;
			up(b);
			tell_opened(b, true);
			stay(b);
		} else {
			down(b, &e);
			tell_opened(b, false);
			if (!b->was_up)
				break;
		}
		pthread_mutex_lock(&b->lock);
		for (int64_t until = time_mono_us() + pause; !b->leave && pause_until(b, until);)
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
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&b->keeper, NULL, keep, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}
