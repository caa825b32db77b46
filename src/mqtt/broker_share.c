/*
 * broker_share.c - does the broker have shared subscriptions? MQTT 5 says so when it does not
 * (3.2.2.3.13); a broker of 3.1.1 takes $share/GROUP/... for a topic like any other, and
 * nothing ever comes. So two messages are sent on topics that are only ours, one subscribed to
 * as shared and one as it is: the second shows that what is sent there comes back.
 */
#include <stdio.h>
#include <string.h>

#include "base/cancel.h"
#include "base/time.h"
#include "broker_own.h"

#define BACK_US 2000000LL	/* for a message to come back; also for the one after the other */
#define LOST_US 1000000LL
#define TOPIC 64

/* On one of Paho's threads, with the lock held. */
bool broker_share_arrived(struct broker *b, const char *topic, size_t len)
{
	size_t n = strlen(b->probe);

	if (n == 0 || len <= n || memcmp(topic, b->probe, n) != 0)
		return false;
	if (topic[n] == 's')
		b->probe_shared = true;
	else
		b->probe_plain = true;
	cancel_raise(b->turn_fd);
	return true;
}

/* Until the one on the shared topic is back. */
static enum broker_shares broker_share_await(struct broker *b, struct err *e)
{
	int64_t until_us = time_mono_us() + BACK_US;
	bool over = false, seen = false;

	for (;;) {
		bool plain, shared;
		int rc;

		pthread_mutex_lock(&b->lock);
		plain = b->probe_plain;
		shared = b->probe_shared;
		pthread_mutex_unlock(&b->lock);
		if (shared)
			return BROKER_SHARES_YES;
		if (plain && !seen) {
			seen = true;
			over = false;
			until_us = time_mono_us() + BACK_US;
		}
		if (over)
			return plain ? BROKER_SHARES_NO : BROKER_SHARES_UNKNOWN;
		rc = broker_await(b, b->turn_fd, until_us, e);
		cancel_clear(b->turn_fd);
		if (rc < 0)
			return BROKER_SHARES_UNKNOWN;
		over = rc == 0;
	}
}

/* A broker that hangs up on a topic that is not allowed is connected to again. What was asked of
 * it may fail before the connection is said to be lost. */
static void broker_share_recover(struct broker *b, struct err *e)
{
	int64_t now_us = time_mono_us(), until_us = now_us + b->timeout_ms * (int64_t)1000;

	pthread_mutex_lock(&b->lock);
	while (!b->fell && broker_pause(b, now_us + LOST_US))
		;
	pthread_mutex_unlock(&b->lock);
	while (!broker_up(b, NULL) && broker_await(b, b->turn_fd, until_us, e) > 0)
		cancel_clear(b->turn_fd);
}

static enum broker_shares broker_share_probe(struct broker *b, struct err *e)
{
	enum broker_shares found = BROKER_SHARES_UNKNOWN;
	char shared[TOPIC], plain[TOPIC], filter[TOPIC + MQTT_NAME + 8], noise[13];
	struct err why = { 0 };

	broker_noise(noise, sizeof(noise));
	pthread_mutex_lock(&b->lock);
	snprintf(b->probe, sizeof(b->probe), "meterctl/%s/", noise);
	snprintf(shared, sizeof(shared), "%sshared", b->probe);
	snprintf(plain, sizeof(plain), "%splain", b->probe);
	pthread_mutex_unlock(&b->lock);
	snprintf(filter, sizeof(filter), "$share/%s/%s", b->target.mqtt.share, shared);
	broker_note(b, "trying a shared subscription on %s", shared);
	if (broker_request(b, filter, true, &why) == 0 && broker_request(b, plain, true, &why) == 0
	    && broker_publish(b, shared, "", 0, false, &why) == 0
	    && broker_publish(b, plain, "", 0, false, &why) == 0)
		found = broker_share_await(b, &why);
	if (why.code == ERR_NONE && (broker_request(b, filter, false, &why) || broker_request(b, plain, false, &why)))
		broker_note_down(b, &why);
	if (why.code == ERR_SILENT)
		broker_share_recover(b, &why);
	if (why.code == ERR_INTERRUPTED)
		*e = why;
	return found;
}

int broker_share_check(struct broker *b, struct err *e)
{
	struct err why = { 0 };
	char where[140];

	if (b->shares == BROKER_SHARES_UNKNOWN && !b->probe[0]) {
		b->shares = broker_share_probe(b, &why);
		if (why.code == ERR_INTERRUPTED) {
			*e = why;
			return -1;
		}
		if (b->shares == BROKER_SHARES_UNKNOWN)
			broker_remark(b, "cannot tell whether broker %s has shared subscriptions: it does not "
				      "return messages on a topic of our own (if nothing arrives, leave out share=)",
				      broker_where(b, where, sizeof(where)));
	}
	return b->shares == BROKER_SHARES_NO ? broker_diagnosis_shares(b, e) : 0;
}
