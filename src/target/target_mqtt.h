/*
 * target_mqtt.h - the part of a target that only a broker has: `mqtt://`, `mqtts://`,
 * `ws://` and `wss://` (meterctl(1), TARGETS).
 */
#ifndef METERCTL_TARGET_TARGET_MQTT_H
#define METERCTL_TARGET_TARGET_MQTT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define MQTT_NAME 64		/* a serial number, a topic level, a user */
#define MQTT_TOPIC 160
#define MQTT_FILE 200
#define WEB_PATH "/mqtt"	/* where brokers have their websocket, mostly */

enum mqtt_version { MQTT_311 = 4, MQTT_5 = 5 };	/* as the protocol numbers them */

struct target_mqtt {
	bool tls;
	bool web;		/* inside a websocket */
	char sn[MQTT_NAME];	/* "": every meter the broker shows */
	char dialect[16];	/* "": told from topic and payload */
	char vendor[MQTT_NAME], product[MQTT_NAME], group[MQTT_NAME];
				/* levels of the topic; "": any */
	char topic[MQTT_TOPIC];	/* where uploads come, when the meter was given a topic of
				   its own; {sn} stands for the serial; "": the dialect's */
	char request[MQTT_TOPIC], reply[MQTT_TOPIC];	/* tunnel; "": its own */
	bool hex;		/* tunnel: frames as hex text, not bytes */
	char user[MQTT_NAME];
	char password_file[MQTT_FILE];	/* mode 0600; "": METERCTL_MQTT_PASSWORD or a prompt */
	char ca[MQTT_FILE], cert[MQTT_FILE], key[MQTT_FILE];	/* PEM; "": the system's, none */
	char key_password[MQTT_FILE];	/* where that of the key is: see password_key(); "": it has none */
	char path[MQTT_TOPIC];	/* of the websocket; "": WEB_PATH */
	char alpn[MQTT_NAME];	/* TLS: names of protocols, by commas, as RFC 7301 has them; "": none */
	char proxy[MQTT_TOPIC];	/* HOST:PORT that leads there by CONNECT; "": none */
	enum mqtt_version version;
	int qos;		/* 0 .. 2, of subscriptions and of what we publish; default 1 */
	int keepalive;		/* s; default 30 */
	bool persistent;	/* the broker keeps what comes while we are away; needs client */
	char client[MQTT_NAME];	/* "": made up anew each time */
	char share[MQTT_NAME];	/* $share/SHARE/...: workers divide the messages; "": not */
	char will[MQTT_TOPIC];	/* where the meter's last will shows; "": nowhere */
};

/* What stands behind the scheme of T. The host and port are the caller's. */
void target_mqtt_init(struct target_mqtt *t, bool tls);
/* One `?` part; ERR_USAGE. */
int target_mqtt_set(struct target_mqtt *t, const char *key, const char *value, struct err *e);
/* Parts that need each other; ERR_USAGE. */
int target_mqtt_check(const struct target_mqtt *t, struct err *e);

/* The names of the parts, in order; NULL at the end. */
extern const char *const target_mqtt_parts[];
/* Part I as target_mqtt_set() takes it, or NULL when it is at its default (FULL:
 * only when it is empty). BUF holds it. */
const char *target_mqtt_get(const struct target_mqtt *t, size_t i, bool full,
			    char *buf, size_t size);

/* A target of a broker as it may be complained of: where a password was written although
 * none belongs there, BUF has "..." */
const char *target_mqtt_shown(const char *text, char *buf, size_t size);

/* May S stand in a topic as one level: no '/', '+', '#' or control character,
 * and UTF-8? */
bool mqtt_level(const char *s);
/* May S be a topic to publish to, or (FILTER) to subscribe to (MQTT 3.1.1, 4.7)? */
bool mqtt_topic(const char *s, bool filter);
/* Does TOPIC (N bytes, not terminated) match FILTER? A $share/NAME/ in front of
 * FILTER does not count. */
bool mqtt_match(const char *filter, const char *topic, size_t n);
/* FORM with every "{sn}" replaced; false: no room in BUF. */
bool mqtt_fill(char *buf, size_t size, const char *form, const char *sn);
/* The filter for all meters: FORM with '+' for every level that holds "{sn}". */
bool mqtt_fill_any(char *buf, size_t size, const char *form);
/* The serial that stands for "{sn}" in TOPIC (N bytes); false: TOPIC is not of FORM,
 * or FORM has none. */
bool mqtt_serial(const char *form, const char *topic, size_t n, char *buf, size_t size);
/* Whose a message is that does not say so: does the topic of T tell, by {sn} or a level that is
 * the serial number? Also when T leaves it to the dialect, which then takes none such. */
bool mqtt_names(const struct target_mqtt *t);
/* Host and port of T's proxy. False: it is not HOST:PORT. HOST and PORT may be NULL. */
bool mqtt_proxy(const struct target_mqtt *t, char *host, size_t size, int *port);
/* Does a message (N bytes) where a last will shows say that its sender has gone? Not an
 * empty one, which takes a retained will back, nor one that says "online", "connected",
 * "true" or "1", as devices do there when they come. */
bool mqtt_will_gone(const char *payload, size_t n);

#endif
