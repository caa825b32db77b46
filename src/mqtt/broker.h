/*
 * broker.h - a connection to an MQTT broker: what comes is queued, what is lost is
 * connected again and subscribed again. Eclipse Paho does the protocol; its
 * callbacks run on threads of its own and do nothing but copy, enqueue and wake.
 *
 * One thread owns a broker. Only cancel_raise() on its CANCEL_FD may come from
 * another: it ends every wait below with ERR_INTERRUPTED.
 *
 * Every failure says which step it was: name look-up, TCP connection, TLS, host
 * name, login refused (with the broker's reason), subscription refused, publish
 * refused or not acknowledged, connection lost.
 */
#ifndef METERCTL_MQTT_BROKER_H
#define METERCTL_MQTT_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "target/target.h"
#include "base/trace.h"

struct broker;

/* The step the connection is at; when it has failed, the one that failed. */
enum broker_step {
	BROKER_NAME,		/* looking up the host name */
	BROKER_TCP,
	BROKER_TLS,		/* handshake, certificate, host name */
	BROKER_LOGIN,		/* CONNACK */
	BROKER_SUBSCRIBE,
	BROKER_UP,
	BROKER_STEPS
};
/* "name", "tcp", "tls", "login", "subscribe", "up": as `uplink -f json` says it. */
extern const char *const broker_step_names[BROKER_STEPS];

struct broker_opts {
	int timeout_ms;		/* for connecting, and for each acknowledgement; 0: 10 s */
	const struct trace *trace;	/* every message in and out; may be NULL. Called on the
					   owner's thread, from broker_take() and broker_publish() */
	int cancel_fd;		/* an eventfd; -1: none */
	bool insecure;		/* --insecure: any certificate will do, any host name */
	bool plain_password;	/* --allow-plaintext: a password may cross a plain line */
	const char *password;	/* of TARGET's user; NULL: none. Copied, wiped when closed */
	/* what a person should know of the connection; may be NULL. On the owner's thread, from
	 * broker_open() and broker_subscribe() */
	void (*remark)(void *arg, const char *text);
	void *remark_arg;
	const char *will_topic;	/* our own last will; NULL: none */
	const char *will_payload;
	size_t queue_bytes;	/* what may wait for broker_take(), then no broker is read
				   from (and one that hears nothing for one and a half
				   times the keep-alive time throws us out); 0: 64 MiB */
};

struct broker_message {
	struct broker_message *next;
	int64_t at_us, mono_us;	/* arrival */
	int qos;
	bool retained, duplicate;
	char *topic;		/* terminated; may hold a NUL before TOPIC_LEN */
	size_t topic_len;
	char *payload;		/* terminated behind N bytes; may hold NULs */
	size_t n;
};

struct broker_stats {
	unsigned long messages, bytes, reconnects;
	unsigned long published;	/* and acknowledged, with QoS 1 or 2 */
	unsigned long failed;	/* sent, and refused or lost with the connection */
	unsigned long oversized;	/* dropped: more than BROKER_PAYLOAD_MAX */
	enum broker_step step;
	double connect_ms;	/* the last connection took so long */
};

#define BROKER_PAYLOAD_MAX (256 * 1024)

/* Of a connection with a client id of its own that was lost LOST times: what that looks like; "" when
 * once or never. Returns TEXT. MQTT 3.1.1 does not say why a connection ends. */
const char *broker_namesake(const struct target *t, unsigned long lost, char *text, size_t size);

/*
 * Connects to the broker of T (SCHEME_MQTT) and waits until it has accepted the
 * login. NULL and E on failure: ERR_USAGE a certificate or CA file that cannot be
 * read; ERR_SILENT name, TCP, TLS, or no answer; ERR_REFUSED login refused;
 * ERR_DENIED a password over a plain connection; ERR_NO Paho is not installed. *STEP
 * (may be NULL) is how far it came. Nothing is sent in clear when T says TLS. A broker
 * that does not speak T's version of MQTT is spoken to in the other one, and a remark says so.
 */
struct broker *broker_open(const struct target *t, const struct broker_opts *o,
			   enum broker_step *step, struct err *e);
/* Disconnects, so that nothing comes any more. What has come has been acknowledged and
 * will not come again: who has a persistent session takes it before he closes. Never
 * waits longer than a second. Then only broker_take(), broker_wait() and broker_close(). */
void broker_leave(struct broker *b);
/* The same, and frees; what has come is thrown away. NULL: nothing. */
void broker_close(struct broker *b);

/* Subscribes with T's QoS, behind $share/SHARE/ if T has one, and from then on again by
 * itself after every reconnection. Waits for the acknowledgement. ERR_REFUSED: the
 * broker will not (ACL), or T has a SHARE and it no shared subscriptions; ERR_SILENT: not
 * connected just now. */
int broker_subscribe(struct broker *b, const char *filter, struct err *e);

/* Publishes with T's QoS. With QoS 1 or 2 it waits for the acknowledgement. ERR_USAGE: no
 * topic to publish to; ERR_SILENT: not acknowledged in time (it may arrive all the
 * same), or not connected; ERR_REFUSED: MQTT 5 says so. */
int broker_publish(struct broker *b, const char *topic, const void *payload, size_t n,
		   bool retain, struct err *e);
/* The same, not waiting: for a simulator with a thousand meters. What becomes of
 * it is counted in the statistics. */
int broker_post(struct broker *b, const char *topic, const void *payload, size_t n,
		bool retain, struct err *e);

/* Readable when a message waits or the state has changed, for messages not more often
 * than once a millisecond; broker_take() clears it. */
int broker_fd(const struct broker *b);
/* Everything that waits, oldest first, as a list the caller owns; NULL: nothing. */
struct broker_message *broker_take(struct broker *b);
void broker_message_free(struct broker_message *m);	/* one; not those behind it */

/* Waits until something waits, the state has changed, or UNTIL_US (monotonic): 1, 0,
 * or -1 and E (ERR_INTERRUPTED). */
int broker_wait(struct broker *b, int64_t until_us, struct err *e);

/* Connected, and everything subscribed? If not, WHY (may be NULL) says which step
 * fails and since when; connecting again goes on by itself (0.5 s doubling to 30 s). */
bool broker_up(struct broker *b, struct err *why);
/* True once after the connection was lost and is up again; and before, as often as it is
 * asked, while messages wait: a silence before that says nothing of who was silent. */
bool broker_back(struct broker *b);
void broker_stats(struct broker *b, struct broker_stats *out);

#endif
