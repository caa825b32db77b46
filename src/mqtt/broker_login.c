#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "broker_own.h"
#include "modbus/lookup.h"
#include "modbus/sock.h"

#define LOOK_US 5000LL			/* between two looks at a connection */
#define POSTED_MAX 10000		/* messages that wait to be sent */
#define GRACE_S 600			/* Paho's own deadline: ours is the shorter one */
#define KEPT_S (7 * 24 * 3600)		/* MQTT 5: how long a persistent session is kept */

/* ---- Paho's callbacks ----------------------------------------------------- */

static void broker_login_answered(struct broker *b, enum connack how, int code, bool session)
{
	pthread_mutex_lock(&b->lock);
	b->connack = how;
	b->connack_code = code;
	b->session = session;
	b->connected = how == CONNACK_YES;
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}

static void broker_login_accepted(void *b, MQTTAsync_successData *d)
{
	broker_login_answered(b, CONNACK_YES, 0, d && d->alt.connect.sessionPresent);
}

static void accepted5(void *arg, MQTTAsync_successData5 *d)
{
	struct broker *b = arg;
	const enum MQTTPropertyCodes shares = MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE;

	/* without this property it has them (3.2.2.3.13) */
	pthread_mutex_lock(&b->lock);
	b->no_shares = d && MQTTProperties_hasProperty(&d->properties, shares)
		&& MQTTProperties_getNumericValue(&d->properties, shares) == 0;
	pthread_mutex_unlock(&b->lock);
	broker_login_answered(b, CONNACK_YES, 0, d && d->alt.connect.sessionPresent);
}

static void broker_login_refused(void *b, MQTTAsync_failureData *d)
{
	broker_login_answered(b, CONNACK_NO, d ? d->code : MQTTASYNC_FAILURE, false);
}

static void refused5(void *b, MQTTAsync_failureData5 *d)
{
	broker_login_answered(b, CONNACK_NO, !d ? MQTTASYNC_FAILURE : d->code ? d->code : (int)d->reasonCode,
			      false);
}

static void broker_login_lost(void *arg, char *cause)
{
	struct broker *b = arg;

	(void)cause;	/* always NULL */
	pthread_mutex_lock(&b->lock);
	b->connected = b->up = false;
	b->fell = true;
	b->step = BROKER_TCP;
	b->down_us = time_wall_us();
	broker_diagnosis_lost(b, &b->why);
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

/* ---- connecting ------------------------------------------------------------- */

static void at_step(struct broker *b, enum broker_step step)
{
	pthread_mutex_lock(&b->lock);
	b->step = step;
	pthread_mutex_unlock(&b->lock);
}

static int make_handle(struct broker *b, const char *uri, struct err *e)
{
	MQTTAsync_createOptions o = MQTTAsync_createOptions_initializer;
	int rc;

	if (b->handle && strcmp(uri, b->uri) == 0)
		return 0;
	pthread_mutex_lock(&b->call);
	if (b->handle)
		MQTTAsync_destroy(&b->handle);
	o.MQTTVersion = (int)b->target.mqtt.version;
	o.maxBufferedMessages = POSTED_MAX;
	rc = MQTTAsync_createWithOptions(&b->handle, uri, b->client, MQTTCLIENT_PERSISTENCE_NONE, NULL, &o);
	if (rc == MQTTASYNC_SUCCESS)
		rc = MQTTAsync_setCallbacks(b->handle, b, broker_login_lost, broker_arrived, NULL);
	if (rc == MQTTASYNC_SUCCESS && b->target.mqtt.version == MQTT_5)
		rc = MQTTAsync_setDisconnected(b->handle, b, dismissed);
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

	if (t->mqtt.tls || t->mqtt.web || t->mqtt.proxy[0] || getpeername(fd, (struct sockaddr *)&peer, &len) < 0
	    || getnameinfo((struct sockaddr *)&peer, len, host, sizeof(host), NULL, 0,
			   NI_NUMERICHOST) != 0)
		snprintf(host, sizeof(host), "%s", t->host);
	/* an IPv6 address without brackets: with them it would be compared with the
	 * certificate's. The port is what stands behind the last colon */
	snprintf(uri, size, "%s://%s:%d%s", t->mqtt.web ? (t->mqtt.tls ? "wss" : "ws") : t->mqtt.tls ? "ssl" : "tcp",
		 host, t->port, !t->mqtt.web ? "" : t->mqtt.path[0] ? t->mqtt.path : WEB_PATH);
}

/* Name and TCP, by ourselves, so that each can be told from what comes after it. */
static int reach(struct broker *b, int64_t until_us, char *uri, size_t size, struct err *e)
{
	struct target t = b->target;
	struct addrinfo *list;
	int fd;

	/* behind a proxy nothing else can be reached from here, often not even the name known */
	if (t.mqtt.proxy[0])
		mqtt_proxy(&b->target.mqtt, t.host, sizeof(t.host), &t.port);
	at_step(b, BROKER_NAME);
	if (lookup_host(t.host, t.port, until_us, b->leave_fd, &list, e))
		return t.mqtt.proxy[0] ? err_prefix(e, "proxy") : -1;
	at_step(b, BROKER_TCP);
	fd = sock_connect(&t, list, until_us, b->leave_fd, e);
	freeaddrinfo(list);
	if (fd < 0)
		return t.mqtt.proxy[0] ? err_prefix(e, "proxy") : -1;
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
		o->onSuccess = broker_login_accepted;
		o->onFailure = broker_login_refused;
		return;
	}
	o->cleanstart = !persistent;
	o->onSuccess5 = accepted5;
	o->onFailure5 = refused5;
	if (persistent && MQTTProperties_add(props, &expiry) == 0)
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
	char proxy[MQTT_TOPIC + 9];
	int rc;

	set_session(b, &o, &props);
	o.MQTTVersion = (int)m->version;
	o.keepAliveInterval = m->keepalive;
	o.connectTimeout = GRACE_S;
	o.context = b;
	o.username = m->user[0] ? m->user : NULL;
	o.password = m->user[0] ? b->password : NULL;
	o.ssl = m->tls ? &tls : NULL;
	/* that of TLS has to begin so, and is spoken to in clear all the same */
	snprintf(proxy, sizeof(proxy), "%s://%s", m->tls ? "https" : "http", m->proxy);
	o.httpProxy = m->proxy[0] && !m->tls ? proxy : NULL;
	o.httpsProxy = m->proxy[0] && m->tls ? proxy : NULL;
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
	rc = MQTTAsync_connect(b->handle, &o);
	MQTTProperties_free(&props);
	if (rc != MQTTASYNC_SUCCESS)
		return err_set(e, ERR_NO, "the MQTT library does not begin to connect (error %d)", rc);
	return 0;
}

/* What the broker has said to the login, or that it has not. */
static int broker_login_judge(struct broker *b, struct err *e)
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
		return broker_diagnosis_late(b, tls ? BROKER_TLS : BROKER_LOGIN, e);
	return tls ? broker_diagnosis_tls(b, e) : broker_diagnosis_login(b, code, e);
}

/* Waits for the answer to the login. Paho sees late that a connection stands, so it is
 * made to look. */
static void await_connack(struct broker *b, int64_t until_us)
{
	pthread_mutex_lock(&b->lock);
	while (b->connack == CONNACK_AWAITED && !b->leave && time_mono_us() < until_us) {
		int64_t next_us = time_mono_us() + LOOK_US;

		if (broker_pause(b, next_us < until_us ? next_us : until_us))
			continue;
		pthread_mutex_unlock(&b->lock);
		paho_wake_receiver();
		pthread_mutex_lock(&b->lock);
	}
	pthread_mutex_unlock(&b->lock);
}

/* The login under way was not answered by a yes: does the broker speak the other version of MQTT
 * only? An old one hangs up on what it does not know. */
static bool broker_login_version(struct broker *b)
{
	int code;
	bool refused;

	pthread_mutex_lock(&b->lock);
	refused = b->connack == CONNACK_NO && b->step == BROKER_LOGIN;
	code = b->connack_code;
	pthread_mutex_unlock(&b->lock);
	return refused && (broker_diagnosis_version(code) || (code <= 0 && b->target.mqtt.version == MQTT_5));
}

/* One attempt, in the version of MQTT that B says now. */
static int broker_login_try(struct broker *b, int64_t until_us, struct err *e)
{
	char uri[BROKER_URI];
	int rc;

	if (reach(b, until_us, uri, sizeof(uri), e) || make_handle(b, uri, e))
		return -1;
	broker_note(b, "connecting to %s as '%s'", uri, b->client);
	broker_tls_watch(b);
	rc = login(b, e);
	if (rc == 0)
		await_connack(b, until_us);
	broker_tls_unwatch(b);
	if (rc == 0)
		rc = broker_login_judge(b, e);
	/* it cannot be told to give up: what is late goes with its handle */
	pthread_mutex_lock(&b->lock);
	if (rc && b->connack == CONNACK_AWAITED)
		b->uri[0] = '\0';
	pthread_mutex_unlock(&b->lock);
	return rc;
}

int broker_attempt(struct broker *b, struct err *e)
{
	const int64_t timeout_us = b->timeout_ms * (int64_t)1000;
	struct err other = { 0 };
	int rc;

	b->began_us = time_mono_us();
	rc = broker_login_try(b, b->began_us + timeout_us, e);
	if (rc == 0 || b->was_up || !broker_login_version(b))
		return rc;
	broker_note(b, "the broker does not accept MQTT %s", broker_version(b->target.mqtt.version));
	/* a handle is for one version */
	b->uri[0] = '\0';
	b->target.mqtt.version = b->target.mqtt.version == MQTT_5 ? MQTT_311 : MQTT_5;
	/* with a time of its own: that of the first may be nearly over */
	rc = broker_login_try(b, time_mono_us() + timeout_us, &other);
	/* it hangs up on both: what it was first tells more */
	if (rc && e->code == ERR_SILENT && other.code == ERR_SILENT)
		at_step(b, BROKER_LOGIN);
	else if (rc)
		*e = other;
	return rc;
}
