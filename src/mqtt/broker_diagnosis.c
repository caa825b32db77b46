#include <stdio.h>
#include <string.h>

#include "broker_own.h"

const char *broker_where(const struct broker *b, char *buf, size_t size)
{
	snprintf(buf, size, "'%.100s' port %d", b->target.host, b->target.port);
	return buf;
}

const char *broker_version(enum mqtt_version v)
{
	return v == MQTT_5 ? "5" : "3.1.1";
}

/* ---- reasons ---------------------------------------------------------------- */

static const struct {
	int code;
	const char *name;
	const char *check;	/* NULL: nothing a client could do */
} reasons[] = {
	/* MQTT 3.1.1, 3.2.2.3 */
	{ 1, "it does not speak this version of MQTT", NULL },
	{ 2, "it rejects the client identifier", "check client=, or leave it out" },
	{ 3, "its MQTT service is unavailable", "try again later" },
	{ 4, "bad user or password", "check user= and the password" },
	{ 5, "not authorised", "check user=, the password and the broker's access list" },
	/* MQTT 5, 2.4 */
	{ 0x80, "unspecified error", NULL },
	{ 0x81, "malformed packet", NULL },
	{ 0x82, "protocol error", NULL },
	{ 0x83, "not supported by this broker", NULL },
	{ 0x84, "it does not speak this version of MQTT", NULL },
	{ 0x85, "it rejects the client identifier", "check client=, or leave it out" },
	{ 0x86, "bad user or password", "check user= and the password" },
	{ 0x87, "not authorised", "check user=, the password and the broker's access list" },
	{ 0x88, "its MQTT service is unavailable", "try again later" },
	{ 0x89, "it is busy", "try again later" },
	{ 0x8A, "this client is banned", "ask who runs the broker" },
	{ 0x8B, "it is shutting down", NULL },
	{ 0x8C, "bad authentication method", NULL },
	{ 0x8D, "it heard nothing for longer than the keep-alive time", "check the network" },
	{ 0x8E, "another client has connected with the same identifier", "check client=" },
	{ 0x8F, "the topic filter is not valid", NULL },
	{ 0x90, "the topic is not valid", NULL },
	{ 0x93, "too many messages at once", NULL },
	{ 0x95, "the packet is too large", NULL },
	{ 0x96, "messages come too fast", NULL },
	{ 0x97, "a quota is used up", "ask who runs the broker" },
	{ 0x98, "an administrator ended it", "ask who runs the broker" },
	{ 0x99, "the payload has not the format it says", NULL },
	{ 0x9A, "it keeps no retained messages", NULL },
	{ 0x9B, "it does not support this QoS", "try a lower qos=" },
	{ 0x9C, "another broker is to be used", "ask who runs the broker" },
	{ 0x9D, "it has moved", "ask who runs the broker" },
	{ 0x9E, "it has no shared subscriptions", "leave out share=" },
	{ 0x9F, "too many connections in a short time", "try again later" },
	{ 0xA0, "the longest time for a connection is over", NULL },
	{ 0xA2, "it has no subscriptions with wildcards", NULL },
};

#define NREASONS (sizeof(reasons) / sizeof(reasons[0]))

/* NREASONS: none. */
static size_t broker_diagnosis_find(int code)
{
	size_t i = 0;

	while (i < NREASONS && reasons[i].code != code)
		i++;
	return i;
}

const char *broker_reason(int code)
{
	size_t i = broker_diagnosis_find(code);

	return i < NREASONS ? reasons[i].name : "unknown reason";
}

static const char *broker_diagnosis_check(int code)
{
	size_t i = broker_diagnosis_find(code);

	return i < NREASONS ? reasons[i].check : NULL;
}

/* "WHAT: bad user or password, reason 134 (check user=)" */
static int broker_diagnosis_refusal(const char *what, int code, struct err *e)
{
	const char *hint = broker_diagnosis_check(code);

	return err_set(e, ERR_REFUSED, "%s: %s, reason %d%s%s%s", what, broker_reason(code), code,
		       hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
}

/* ---- steps -------------------------------------------------------------------- */

/* Where a connection leads that is answered otherwise than a broker would. */
static const char *broker_diagnosis_door(const struct broker *b)
{
	const struct target_mqtt *m = &b->target.mqtt;

	if (m->web)
		return m->tls ? "check the port and path=: an MQTT port with TLS needs mqtts://"
			: "check the port and path=: a plain MQTT port needs mqtt://, a TLS port wss://";
	return m->tls ? "check the port: a websocket port needs wss://"
		: "check the port: a TLS port needs mqtts://, a websocket port ws://";
}

bool broker_diagnosis_version(int code)
{
	return code == 1 || code == 0x84;
}

int broker_diagnosis_login(const struct broker *b, int code, struct err *e)
{
	char where[140], what[180];

	broker_where(b, where, sizeof(where));
	/* Paho takes parts of a web server's page for a reason */
	if (b->target.mqtt.web && (code <= 0 || broker_diagnosis_find(code) == NREASONS))
		return err_set(e, ERR_SILENT, "broker %s did not accept the websocket (%s)", where, broker_diagnosis_door(b));
	if (code <= 0)
		return err_set(e, ERR_SILENT, "broker %s closed the connection instead of answering the login (%s%s)", where,
			       !b->target.mqtt.tls ? "" : b->target.mqtt.cert[0] ? "check that it accepts our client certificate; "
			       : "a broker that demands a client certificate needs cert= and key=; ", broker_diagnosis_door(b));
	snprintf(what, sizeof(what), "broker %s refused the login", where);
	if (broker_diagnosis_version(code))
		return err_set(e, ERR_REFUSED, "%s: it accepts neither MQTT 5 nor MQTT 3.1.1 (is it an MQTT broker?)", what);
	return broker_diagnosis_refusal(what, code, e);
}

/* The same of one that does not speak TLS. */
static const char *broker_diagnosis_plain(const struct broker *b)
{
	return b->target.mqtt.web ? "check the port and path=: a plain websocket needs ws://, an MQTT port mqtts:// or mqtt://"
		: "check the port: a plain MQTT port needs mqtt://, a plain websocket ws://";
}

int broker_diagnosis_late(const struct broker *b, enum broker_step step, struct err *e)
{
	char where[140];
	double s = b->timeout_ms / 1000.0;

	broker_where(b, where, sizeof(where));
	if (step == BROKER_TLS)
		return err_set(e, ERR_SILENT, "no TLS handshake with %s in %g s: the connection was accepted, and then came nothing (%s)",
			       where, s, broker_diagnosis_plain(b));
	if (step == BROKER_LOGIN)
		return err_set(e, ERR_SILENT, "broker %s accepted the connection and did not answer the login in %g s (%s)",
			       where, s, broker_diagnosis_door(b));
	return err_set(e, ERR_SILENT, "broker %s did not answer the subscription in %g s", where, s);
}

/* With the lock held: `lost` is Paho's threads'. */
int broker_diagnosis_lost(const struct broker *b, struct err *e)
{
	char where[140];
	/* who has a name may have a namesake, whom the broker prefers */
	const char *more = b->lost[0] ? b->lost
		: b->target.mqtt.client[0] ? "is there another client of that name?" : "";

	return err_set(e, ERR_SILENT, "connection to broker %s was lost%s%s%s",
		       broker_where(b, where, sizeof(where)), *more ? " (" : "", more, *more ? ")" : "");
}

const char *broker_namesake(const struct target *t, unsigned long lost, char *text, size_t size)
{
	text[0] = '\0';
	if (lost > 1 && t->mqtt.client[0])
		snprintf(text, size, "the connection was lost %lu times, as when another client takes the id '%s' "
			 "(is there another client of that name? choose another client=)", lost, t->mqtt.client);
	return text;
}

int broker_diagnosis_subscribe(const struct broker *b, const char *filter, int code, struct err *e)
{
	char where[140], what[360];

	broker_where(b, where, sizeof(where));
	if (code < 0)
		return err_set(e, ERR_SILENT, "cannot subscribe to '%.120s' at broker %s: the connection was lost "
			       "(check the broker's access list: some hang up on a topic that is not allowed)",
			       filter, where);
	snprintf(what, sizeof(what), "broker %s refused the subscription to '%.120s'", where, filter);
	/* 3.1.1 has this one code for it and gives no reason */
	if (code == 0x80)
		return err_set(e, ERR_REFUSED, "%s (check the broker's access list%s)", what,
			       strncmp(filter, "$share/", 7) == 0 ? "; without shared subscriptions, leave out share=" : "");
	return broker_diagnosis_refusal(what, code, e);
}

int broker_diagnosis_shares(const struct broker *b, struct err *e)
{
	char where[140];

	return err_set(e, ERR_REFUSED, "broker %s has no shared subscriptions: with share=%s nothing arrives (leave out share=)",
		       broker_where(b, where, sizeof(where)), b->target.mqtt.share);
}

int broker_diagnosis_publish(const struct broker *b, const char *topic, int code, struct err *e)
{
	char where[140], what[360];

	broker_where(b, where, sizeof(where));
	if (code == MQTTASYNC_MAX_BUFFERED_MESSAGES || code == MQTTASYNC_NO_MORE_MSGIDS)
		return err_set(e, ERR_SILENT, "cannot publish to '%.120s': too many messages wait for broker %s",
			       topic, where);
	if (code < 0)
		return err_set(e, ERR_SILENT, "cannot publish to '%.120s': the connection to broker %s was lost",
			       topic, where);
	snprintf(what, sizeof(what), "broker %s refused the message to '%.120s'", where, topic);
	return broker_diagnosis_refusal(what, code, e);
}

/* ---- TLS ------------------------------------------------------------------------ */

#define TLS_OLD "it speaks no version of TLS that is accepted here (the broker needs TLS 1.2 or later)"

/* Alerts (RFC 8446, 6.2) that we send say what is wrong with the broker's
 * certificate; those that come, with ours. */
static const struct {
	const char *alert;
	const char *ours, *theirs;
} alerts[] = {
	{ "certificate expired",
	  "its certificate has expired (renew it on the broker; check this machine's clock)",
	  "it says that our client certificate has expired (renew cert=)" },
	{ "unknown CA",
	  "its certificate is signed by nobody who is trusted here (give the broker's CA with ca=FILE)",
	  "it does not trust who signed our client certificate (check cert=)" },
	/* OpenSSL 3.0 has no name for 116, certificate_required */
	{ "unknown", NULL,
	  "it demands a client certificate (give cert=FILE and key=FILE)" },
	{ "certificate required", NULL,
	  "it demands a client certificate (give cert=FILE and key=FILE)" },
	{ "bad certificate",
	  "its certificate is not valid, or not yet (check it, and this machine's clock)",
	  "it does not accept our client certificate (check cert= and key=)" },
	{ "unsupported certificate", "its certificate is not for a server",
	  "our client certificate is not for a client (check cert=)" },
	{ "certificate revoked", "its certificate was revoked",
	  "it says that our client certificate was revoked" },
	{ "handshake failure", NULL,
	  "it refused the handshake (does it demand a client certificate, cert= and key=?)" },
	{ "protocol version", TLS_OLD, TLS_OLD },
};

#define NOT_TLS "what answers there is not TLS"
#define CLOSED "it closed the connection during the handshake"

/* What OpenSSL says when there was no alert, or one that does not tell. */
static const struct {
	const char *part, *means;
} failures[] = {
	{ "wrong version number", NOT_TLS },
	{ "packet length too long", NOT_TLS },
	{ "unexpected eof", CLOSED },
	{ "legacy sigalg", TLS_OLD },
	{ "unsupported protocol", TLS_OLD },
	{ "SSL_CTX_load_verify_locations", "ca= holds no certificate (it has to be PEM)" },
	{ "SSL_CTX_use_certificate_chain_file", "cert= holds no certificate that OpenSSL takes (it has to be PEM)" },
	{ "SSL_CTX_use_PrivateKey_file", "key= is not the key of cert=, or its password is missing or wrong (keypass=@env:NAME, @file:PATH or @ask; it has to be PEM)" },
};

int broker_diagnosis_tls(const struct broker *b, struct err *e)
{
	const struct broker_tls *t = &b->tls;
	const char *why = NULL;
	char where[140];

	broker_where(b, where, sizeof(where));
	for (size_t i = 0; t->alert[0] && i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (strcmp(alerts[i].alert, t->alert) == 0)
			why = t->ours ? alerts[i].ours : alerts[i].theirs;
	for (size_t i = 0; !why && i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strstr(t->call, failures[i].part) || strstr(t->reason, failures[i].part))
			why = failures[i].means;
	if (!why && t->alert[0])
		return err_set(e, ERR_SILENT, "TLS with broker %s failed: %s says '%s'%s%s", where,
			       t->ours ? "this side" : "it", t->alert, t->reason[0] ? ", " : "", t->reason);
	if (!why && t->wrong_name)
		return err_set(e, ERR_SILENT, "TLS with broker %s failed: its certificate is for another host name (use a name that is in the certificate)",
			       where);
	if (!why && t->reason[0])
		return err_set(e, ERR_SILENT, "TLS with broker %s failed: %s", where, t->reason);
	if (!why || strcmp(why, CLOSED) == 0 || strcmp(why, NOT_TLS) == 0)
		return err_set(e, ERR_SILENT, "TLS with broker %s failed: %s (%s)", where, why ? why : CLOSED,
			       broker_diagnosis_plain(b));
	return err_set(e, ERR_SILENT, "TLS with broker %s failed: %s", where, why);
}
