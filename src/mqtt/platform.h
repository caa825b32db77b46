/*
 * platform.h - standing in for the cloud: which messages of meters are to be
 * answered, and whether somebody else answers them already. Pure: messages and
 * clock are the caller's.
 *
 * Only one may answer a meter. So nothing is said before a time of listening is over;
 * the first answer to each meter is held back for PLATFORM_HOLD_US more, in which
 * another's would be seen, and for a while by chance, so that of two that start together
 * one is first and the other sees it; and every answer on the way to a meter that was not
 * ours ends it for good. Only where both answers were on their way already the broker's
 * order decides, which both see: whose own came back less than PLATFORM_FIRST_US before
 * stays, for PLATFORM_RIVAL_US, in which the other one leaves. Answers of ours come back
 * from the broker like anybody's: each is expected once. Two that are alike to the byte
 * both platforms take for their own, and both stay: then every answer is held back again,
 * so that chance decides the next one, at most PLATFORM_TIES times.
 *
 * Logins, requests for the time and parameters are answered. Whether a meter wants
 * its data, heartbeats and alarms acknowledged is not public: they are not.
 */
#ifndef METERCTL_MQTT_PLATFORM_H
#define METERCTL_MQTT_PLATFORM_H

#include "mqtt/dialects/dialect.h"

#define PLATFORM_HOLD_US 1000000LL
#define PLATFORM_CHANCE_US 1000000LL	/* up to so much more, where platform_init() has a SEED */
#define PLATFORM_FIRST_US 2000000LL
#define PLATFORM_RIVAL_US 5000000LL
#define PLATFORM_TIES 3
#define PLATFORM_WAITING 256
/* Whoever may publish can invent serial numbers: so many meters are known to be alone
 * with us; the answers of others are held back each time. */
#define PLATFORM_METERS 10000
#define PLATFORM_ECHOES 1024

enum platform_event {
	PLATFORM_SEEN,		/* a message of a meter that needs no answer */
	PLATFORM_ASKED,		/* one that will be answered */
	PLATFORM_ANSWERED,	/* ours, as it leaves */
	PLATFORM_RIVAL,		/* another one's, after ours: it will leave */
	PLATFORM_OTHER,		/* another platform answers: platform_take() is over */
	PLATFORM_WISH,		/* somebody wants a setting of the meter: no answer */
	PLATFORM_KEPT,		/* retained by the broker: not of now, not answered */
	PLATFORM_CROWDED,	/* too many wait for an answer: this one gets none */
	PLATFORM_NOTHING,	/* our own, come back; or sent twice by the broker */
	PLATFORM_EVENTS
};
extern const char *const platform_event_names[PLATFORM_EVENTS];	/* "seen", ... */

/* A message that is to be answered, and when. */
struct platform_waiting {
	struct upload up;
	int64_t due_us;
};

struct platform {
	int64_t listen_until_us;
	struct platform_meter *meters;	/* answered before, and nobody objected */
	struct platform_waiting *waiting;	/* PLATFORM_WAITING of them */
	size_t nwaiting;
	struct { uint64_t hash; int64_t at_us; } echoes[PLATFORM_ECHOES];	/* a ring */
	size_t echo;
	unsigned long asked, answered;
	unsigned long meters_answered;	/* PLATFORM_METERS: or more */
	unsigned long crowded;	/* of those asked */
	uint64_t seed;		/* 0: no chance */
	int64_t echo_us;	/* an answer of ours came back; 0: none */
	int64_t rival_us;	/* another's was seen after ours, at the last tie; 0: never */
	unsigned ties;
	bool other;		/* another platform has been seen */
};

/* How a message came. */
struct platform_message {
	const char *topic, *payload;
	size_t topic_len, n;
	bool retained, duplicate;
	int64_t now_us;		/* monotonic */
	int64_t wall_us;
};

/* -1: out of memory. LISTEN_US from NOW_US on nothing is answered. SEED: of chance; 0: there is none. */
int platform_init(struct platform *p, int64_t now_us, int64_t listen_us, uint64_t seed, struct err *e);
void platform_release(struct platform *p);

/* Looks at UP, which came as M. */
enum platform_event platform_take(struct platform *p, const struct upload *up,
				  const struct platform_message *m);

/* The answer that is due, to be sent at once, as of WALL_US: what it answers into *UP, what the caller
 * sends into *OUT. False: none is. */
bool platform_next(struct platform *p, int64_t now_us, int64_t wall_us, struct upload *up,
		   struct dialect_outgoing *out);
/* When one will be; INT64_MAX: none waits. */
int64_t platform_due(const struct platform *p);

#endif
