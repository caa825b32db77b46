/*
 * broker_own.h - the inside of a broker connection, for the broker*.c files alone.
 *
 * Three kinds of threads meet here. The owner calls broker.h. The keeper, one for
 * each broker, connects, subscribes again and disconnects. Paho's threads call back.
 * What they share is under `lock`, which is never held during a call into Paho
 * (paho.h says why).
 */
#ifndef METERCTL_MQTT_BROKER_OWN_H
#define METERCTL_MQTT_BROKER_OWN_H

#include <MQTTAsync.h>
#include <pthread.h>

#include "broker.h"
#include "paho.h"

#define BROKER_URI 480	/* a host and the path of a websocket */

/* What waits for an acknowledgement: a subscription or a message. */
struct ack {
	struct ack *next;
	struct broker *b;
	bool done;
	bool left;		/* nobody waits any more: the callback frees it */
	int code;		/* 0: yes; positive: the broker's reason; negative: Paho's */
};

struct filter {
	struct filter *next;
	char text[];		/* with $share/ */
};

struct note {
	struct note *next;
	enum trace_dir dir;
	char text[];
};

/* What is known of a TLS handshake; Paho's own report does not tell one failure
 * from the other. */
struct broker_tls {
	bool sent_connect;	/* handshake and checks are over */
	bool wrong_name;
	bool ours;		/* the alert is what we say to the broker */
	char alert[64];		/* "certificate expired"; "": none */
	char reason[96];	/* OpenSSL's; "": none */
	char call[48];		/* the call to OpenSSL that failed before it; "": none */
};

enum connack { CONNACK_AWAITED, CONNACK_YES, CONNACK_NO };

/* Has it shared subscriptions? */
enum broker_shares { BROKER_SHARES_UNKNOWN, BROKER_SHARES_YES, BROKER_SHARES_NO };

struct broker {
	/* constant, but for the version of MQTT: the keeper changes it once, before it is up */
	struct target target;
	char client[MQTT_NAME];
	char *password, *key_password, *will_topic, *will_payload;
	const struct trace *trace;	/* the owner's thread alone, as these: */
	void (*remark)(void *arg, const char *text);
	void *remark_arg;
	enum broker_shares shares;
	int timeout_ms;
	int cancel_fd;			/* the owner's; -1: none */
	bool insecure;
	size_t room;			/* bytes that may wait */
	int wake_fd;			/* a timer, for the owner's loop: broker_fd() */
	int turn_fd;			/* for the owner's waits in here */
	int leave_fd;			/* ends the keeper's look-ups and connections */
	unsigned char alpn[MQTT_NAME + 1];	/* of the login under way */

	/* the keeper alone; it changes the handle under `call`, under which the owner
	 * uses it. Always taken before `lock`. */
	MQTTAsync handle;
	pthread_mutex_t call;
	char uri[BROKER_URI];
	int64_t began_us;		/* the last attempt, monotonic */
	bool was_up;

	pthread_t keeper;
	pthread_mutex_t lock;
	pthread_cond_t told;

	/* under lock */
	bool leave, left;		/* told to the keeper; it is on its way out */
	bool orphan;			/* the owner is gone: the keeper frees */
	bool opened, good;		/* the first attempt is over, and how */
	bool connected, up;
	bool fell;			/* lost, and broker_back() has not said that it is over */
	enum broker_step step;
	struct err why;			/* not up: which step fails */
	int64_t down_us;		/* wall clock: since when; 0: it is up, or began just now */
	enum connack connack;
	int connack_code;
	bool session;			/* the broker has kept one for us */
	bool no_shares;			/* it says that it has no shared subscriptions */
	char probe[32];			/* what our topics of broker_share.c begin with; "": none */
	bool probe_plain, probe_shared;	/* the messages there have come back */
	char lost[64];			/* what the broker said when it went; "" */
	struct broker_tls tls;
	struct filter *filters;
	struct ack *acks;
	unsigned long posted;		/* not acknowledged yet */
	struct note *notes;		/* for the trace, oldest first */
	unsigned nnotes;
	struct broker_message *first, **last;
	size_t waiting;			/* bytes of them */
	int64_t woken_us;		/* the owner was, or will be, for messages; monotonic */
	struct broker_stats stats;
};

/* ---- broker.c ------------------------------------------------------------ */

/* The owner waits until FD is readable: 1; until UNTIL_US: 0; or -1 and E. */
int broker_await(const struct broker *b, int fd, int64_t until_us, struct err *e);
void broker_free(struct broker *b);
/* Hexadecimal digits that nobody else has, to fill HEX. */
void broker_noise(char *hex, size_t size);
void broker_remark(const struct broker *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- broker_keep.c: the keeper's thread -------------------------------- */

/* Starts it so that neither it nor what it starts gets a signal. */
int broker_keep_start(struct broker *b);
/* The keeper waits until UNTIL_US or until something has changed; false: the first.
 * With the lock held. */
bool broker_pause(struct broker *b, int64_t until_us);

/* ---- broker_login.c: the keeper connects -------------------------------- */

/* One attempt, up to the accepted login. */
int broker_attempt(struct broker *b, struct err *e);

/* ---- broker_send.c: what goes out ----------------------------------------- */

/* Subscribes to FILTER as it stands, or (ON false) no longer, and waits for the
 * acknowledgement. Errors as broker_subscribe(). */
int broker_request(struct broker *b, const char *filter, bool on, struct err *e);

/* ---- broker_share.c: has the broker shared subscriptions? ---------------- */

/* On the owner's thread, behind the first shared subscription: 0, also when it cannot be told,
 * which is remarked. ERR_REFUSED: it has none; ERR_INTERRUPTED. */
int broker_share_check(struct broker *b, struct err *e);
/* A message on TOPIC: true when it was one of the check's own. With the lock held. */
bool broker_share_arrived(struct broker *b, const char *topic, size_t len);

/* ---- broker_queue.c: what comes in ------------------------------------- */

int broker_arrived(void *b, char *topic, int len, MQTTAsync_message *m);
/* Around a call into Paho, and around the wait for what it shall do: a callback that
 * waits for room in a queue would stop both. */
void broker_calls(bool begin);
void broker_room(void);		/* there may be some again */
void broker_wake(struct broker *b);	/* the owner's loop */

/* ---- broker_ack.c: requests and their acknowledgements ----------------- */

struct ack *broker_ack_new(struct broker *b);
/* The callbacks that settle A, in the version B speaks. */
MQTTAsync_responseOptions broker_ack_options(struct ack *a);
/* What A has come to: true and *CODE (A is gone then), or not yet. */
bool broker_ack_take(struct ack *a, int *code);
void broker_ack_leave(struct ack *a);	/* nobody will take it */
void broker_ack_drop(struct ack *a);	/* nobody will settle it */
/* Sends a subscription, or (ON false) the end of one. A or NULL: without an answer, *CODE is
 * Paho's. */
struct ack *broker_ask(struct broker *b, const char *filter, bool on, int *code);

/* ---- broker_trace.c: on the owner's thread ------------------------------ */

/* The notes that have gathered, then the messages of LIST. */
void broker_trace(struct broker *b, const struct broker_message *list);
void broker_trace_out(struct broker *b, const char *topic, const void *payload, size_t n);
/* A line for it, from any thread. */
void broker_note(struct broker *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same: it is not up, and why. */
void broker_note_down(struct broker *b, const struct err *why);

/* ---- broker_diagnosis.c: what went wrong, in words --------------------------- */

/* "3.1.1" or "5" */
const char *broker_version(enum mqtt_version v);
/* "'host' port 1883" */
const char *broker_where(const struct broker *b, char *buf, size_t size);
/* The words for a reason: 1 .. 5 of MQTT 3.1.1's CONNACK (3.2.2.3), 0x80 and up of
 * MQTT 5 (2.4). */
const char *broker_reason(int code);
/* Is CODE the refusal of a version of MQTT? */
bool broker_diagnosis_version(int code);
int broker_diagnosis_login(const struct broker *b, int code, struct err *e);
int broker_diagnosis_tls(const struct broker *b, struct err *e);
int broker_diagnosis_late(const struct broker *b, enum broker_step step, struct err *e);
int broker_diagnosis_subscribe(const struct broker *b, const char *filter, int code, struct err *e);
int broker_diagnosis_shares(const struct broker *b, struct err *e);	/* it has none */
int broker_diagnosis_lost(const struct broker *b, struct err *e);
int broker_diagnosis_publish(const struct broker *b, const char *topic, int code, struct err *e);

/* ---- broker_tls.c -------------------------------------------------------- */

/* The files T names can be read. ERR_USAGE. */
int broker_tls_check(const struct target *t, struct err *e);
MQTTAsync_SSLOptions broker_tls_options(struct broker *b);
/* Between these two, B->tls learns what Paho's log says of the handshake. */
void broker_tls_watch(struct broker *b);
void broker_tls_unwatch(struct broker *b);

#endif
