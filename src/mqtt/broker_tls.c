#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker_own.h"

/* Where Debian's ca-certificates puts them; elsewhere OpenSSL's own default is used. */
#define SYSTEM_STORE "/etc/ssl/certs/ca-certificates.crt"

static int broker_tls_readable(const char *part, const char *file, struct err *e)
{
	if (!file[0] || access(file, R_OK) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "cannot read %s file '%s': %s", part, file, strerror(errno));
}

int broker_tls_check(const struct target *t, struct err *e)
{
	if (broker_tls_readable("ca", t->mqtt.ca, e) || broker_tls_readable("cert", t->mqtt.cert, e))
		return -1;
	return broker_tls_readable("key", t->mqtt.key, e);
}

/* OpenSSL's error queue, a line an error:
 * "thread:error:number:library:function:reason:file:line:data". The first is the
 * cause. */
static int on_error(const char *line, size_t n, void *arg)
{
	struct broker *b = arg;
	char reason[sizeof(b->tls.reason)];
	const char *at = line, *end = line + n;

	for (int colons = 0; colons < 5 && at; colons++) {
		at = memchr(at, ':', (size_t)(end - at));
		if (at)
			at++;
	}
	if (!at)
		return 1;
	snprintf(reason, sizeof(reason), "%.*s", (int)(end - at), at);
	reason[strcspn(reason, ":\n")] = '\0';
	pthread_mutex_lock(&b->lock);
	if (!b->tls.reason[0])
		memcpy(b->tls.reason, reason, sizeof(reason));
	pthread_mutex_unlock(&b->lock);
	return 1;
}

/* The names of alpn=, each behind its length (RFC 7301, 3.1). Returns the bytes. */
static unsigned broker_tls_alpn(const struct target_mqtt *m, unsigned char *out)
{
	unsigned n = 0;

	for (const char *at = m->alpn; *at;) {
		size_t len = strcspn(at, ",");

		out[n] = (unsigned char)len;
		memcpy(out + n + 1, at, len);
		n += (unsigned)len + (len > 0);
		at += len + (at[len] == ',');
	}
	return n;
}

MQTTAsync_SSLOptions broker_tls_options(struct broker *b)
{
	const struct target_mqtt *m = &b->target.mqtt;
	MQTTAsync_SSLOptions o = MQTTAsync_SSLOptions_initializer;

	o.trustStore = m->ca[0] ? m->ca : access(SYSTEM_STORE, R_OK) == 0 ? SYSTEM_STORE : NULL;
	o.keyStore = m->cert[0] ? m->cert : NULL;
	o.privateKey = m->key[0] ? m->key : NULL;
	/* OpenSSL would ask for it on the terminal */
	o.privateKeyPassword = b->key_password ? b->key_password : "";
	/* the certificate, and that it is of this host: the second is off by default */
	o.enableServerCertAuth = !b->insecure;
	o.verify = !b->insecure;
	o.sslVersion = MQTT_SSL_VERSION_DEFAULT;
	o.ssl_error_cb = on_error;
	o.ssl_error_context = b;
	o.protos_len = broker_tls_alpn(m, b->alpn);
	o.protos = o.protos_len ? b->alpn : NULL;
	return o;
}

/* ---- what Paho's log says ------------------------------------------------- */

/* Why a certificate was not accepted is told to the broker (an alert) and to Paho's
 * log, and nowhere else; so it is with the name. The log is one for the process, so
 * one handshake at a time is listened to. */
static struct {
	pthread_mutex_t lock;
	struct broker *b;
} watched = { PTHREAD_MUTEX_INITIALIZER, NULL };

/* "SSL alert write:fatal:certificate expired" */
static void alert(struct broker_tls *t, const char *s)
{
	const char *text = strrchr(s, ':');

	if (t->alert[0] || !text || strstr(s, ":warning:"))
		return;
	t->ours = strncmp(s, "write", 5) == 0;
	snprintf(t->alert, sizeof(t->alert), "%s", text + 1);
}

/* "SSLSocket error <what>(<n>) in SSL_CTX_use_PrivateKey_file for socket 5 ..." */
static void failed_call(struct broker_tls *t, const char *s)
{
	const char *in = strstr(s, ") in SSL_CTX_");

	if (in && !t->call[0])
		snprintf(t->call, sizeof(t->call), "%.*s", (int)strcspn(in + 5, " "), in + 5);
}

/* "7 meterctl-0123 -> CONNECT version 4 clean: 1 (0)": other clients connect, too. */
static bool connects(const struct broker *b, const char *s)
{
	const char *name = strstr(s, b->client);

	return name && strncmp(name + strlen(b->client), " -> CONNECT ", 12) == 0;
}

static void on_log(enum MQTTASYNC_TRACE_LEVELS level, char *line)
{
	static const char alert_is[] = "SSL alert ";
	const char *at;

	(void)level;
	pthread_mutex_lock(&watched.lock);
	if (watched.b) {
		struct broker_tls *t = &watched.b->tls;

		pthread_mutex_lock(&watched.b->lock);
		at = strstr(line, alert_is);
		if (at)
			alert(t, at + sizeof(alert_is) - 1);
		failed_call(t, line);
		if (connects(watched.b, line))
			t->sent_connect = true;
		if (strstr(line, "X509_check_host for hostname"))
			t->wrong_name = true;
		pthread_mutex_unlock(&watched.b->lock);
	}
	pthread_mutex_unlock(&watched.lock);
}

void broker_tls_watch(struct broker *b)
{
	bool mine;

	if (!b->target.mqtt.tls)
		return;
	pthread_mutex_lock(&watched.lock);
	mine = watched.b == NULL;
	if (mine)
		watched.b = b;
	pthread_mutex_unlock(&watched.lock);
	if (mine) {
		MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_MINIMUM);
		MQTTAsync_setTraceCallback(on_log);
	}
}

void broker_tls_unwatch(struct broker *b)
{
	bool mine;

	pthread_mutex_lock(&watched.lock);
	mine = watched.b == b;
	if (mine)
		watched.b = NULL;
	pthread_mutex_unlock(&watched.lock);
	if (mine) {
		MQTTAsync_setTraceCallback(NULL);
		MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
	}
}
