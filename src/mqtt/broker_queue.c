#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/time.h"
#include "broker_own.h"

#define BATCH_US 1000		/* between two wake-ups for messages */

/* All brokers share Paho's receiving thread, so the wait for room is shared, too. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned calls;		/* under way into Paho, or waiting for its answer */
} gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

void broker_calls(bool begin)
{
	pthread_mutex_lock(&gate.lock);
	if (begin)
		gate.calls++;
	else
		gate.calls--;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

void broker_room(void)
{
	pthread_mutex_lock(&gate.lock);
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

/* WAKE_FD is a timer, so that under load the owner is woken for many messages at once:
 * one by one costs more than all the rest. AT_US: monotonic. */
static void wake_at(struct broker *b, int64_t at_us)
{
	const struct itimerspec at = {
		.it_value = { .tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000 + 1 },
	};

	timerfd_settime(b->wake_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

void broker_wake(struct broker *b)
{
	wake_at(b, time_mono_us());
}

/* With the lock held. */
static bool full(const struct broker *b)
{
	return b->waiting >= b->room && !b->leave;
}

/* Nobody takes while the owner waits for an answer, which this thread must bring:
 * what comes meanwhile is kept whatever its size. With the lock held, and let go of
 * in between. */
static void await_room(struct broker *b)
{
	bool wait = full(b);

	while (wait) {
		pthread_mutex_unlock(&b->lock);
		pthread_mutex_lock(&gate.lock);
		pthread_mutex_lock(&b->lock);
		wait = gate.calls == 0 && full(b);
		pthread_mutex_unlock(&b->lock);
		if (wait)
			pthread_cond_wait(&gate.changed, &gate.lock);
		pthread_mutex_unlock(&gate.lock);
		pthread_mutex_lock(&b->lock);
	}
}

static struct broker_message *broker_queue_copy(const char *topic, size_t len, const MQTTAsync_message *m)
{
	const struct broker_message as_it_came = {
		.at_us = time_wall_us(), .mono_us = time_mono_us(), .qos = m->qos,
		.retained = m->retained != 0, .duplicate = m->dup != 0,
		.topic = (char *)(uintptr_t)topic, .topic_len = len,
		.payload = m->payload, .n = (size_t)m->payloadlen,
	};

	return broker_message_copy(&as_it_came);
}

/* What B holds in memory for M. */
static size_t weight(const struct broker_message *m)
{
	return sizeof(*m) + m->topic_len + m->n + 2;
}

/* Paho acknowledges a message when this has returned. */
int broker_arrived(void *arg, char *topic, int topic_len, MQTTAsync_message *m)
{
	struct broker *b = arg;
	/* 0: it is a string */
	size_t len = topic_len > 0 ? (size_t)topic_len : strlen(topic);
	struct broker_message *c = NULL;
	int64_t wake_us = 0;

	if (m->payloadlen <= BROKER_PAYLOAD_MAX) {
		c = broker_queue_copy(topic, len, m);
		/* no memory: Paho keeps it and comes again */
		if (!c)
			return 0;
	}
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	pthread_mutex_lock(&b->lock);
	if (c && broker_share_arrived(b, c->topic, len)) {
		free(c);
	} else if (c) {
		await_room(b);
		if (!b->first) {
			wake_us = b->woken_us + BATCH_US > c->mono_us ? b->woken_us + BATCH_US
				: c->mono_us;
			b->woken_us = wake_us;
		}
		*b->last = c;
		b->last = &c->next;
		b->waiting += weight(c);
		b->stats.messages++;
		b->stats.bytes += c->n;
	} else {
		b->stats.oversized++;
	}
	pthread_mutex_unlock(&b->lock);
	if (wake_us)
		wake_at(b, wake_us);
	return 1;
}

struct broker_message *broker_take(struct broker *b)
{
	struct broker_message *list;
	uint64_t times;

	/* EAGAIN: it was not due */
	if (read(b->wake_fd, &times, sizeof(times)) < 0)
		times = 0;
	pthread_mutex_lock(&b->lock);
	list = b->first;
	b->first = NULL;
	b->last = &b->first;
	b->waiting = 0;
	pthread_mutex_unlock(&b->lock);
	if (list)
		broker_room();
	broker_trace(b, list);
	return list;
}

struct broker_message *broker_message_copy(const struct broker_message *m)
{
	struct broker_message *c = malloc(sizeof(*c) + m->topic_len + 1 + m->n + 1);

	if (!c)
		return NULL;
	*c = *m;
	c->next = NULL;
	c->topic = (char *)(c + 1);
	c->payload = c->topic + m->topic_len + 1;
	memcpy(c->topic, m->topic, m->topic_len);
	c->topic[m->topic_len] = '\0';
	if (m->n)
		memcpy(c->payload, m->payload, m->n);
	c->payload[m->n] = '\0';
	return c;
}

void broker_message_free(struct broker_message *m)
{
	free(m);
}
