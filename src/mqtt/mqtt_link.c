/*
 * mqtt_link.c - the link to a meter that a broker stands before: it sends by itself.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "mqtt/dialects/dialect.h"
#include "link/link.h"
#include "profile/value.h"
#include "broker.h"
#include "tunnel.h"
#include "mqtt_set.h"
#include "mqtt_state.h"

/* A read waits so long for an upload: more than the longest usual interval, 5 min. */
#define READ_MS 330000
/* An upload may come in parts; after one, the others are waited for so long. */
#define PARTS_US 2000000

/* What arrives is for the caller of mqtt_link_receive() or read(). */
struct delivery {
	struct mqtt_link *m;
	const struct profile *profile;
	link_sink *sink;
	void *arg;
	const struct broker_message *msg;	/* the one it comes from */
	uint8_t *wanted;	/* by point, of a read; NULL: everything */
	size_t left;		/* of those, not come yet */
};

static struct mqtt_link *mqtt_link_of(struct link *l)
{
	return (struct mqtt_link *)l;
}

static void mqtt_link_deliver(void *arg, size_t idx, const struct reading *r)
{
	struct delivery *d = arg;

	if (d->wanted && d->wanted[idx] && r->quality != QUALITY_LATE) {
		d->wanted[idx] = 0;
		d->left--;
	}
	d->sink(d->arg, idx, r);
}

static void mqtt_link_take_message(struct delivery *d)
{
	struct mqtt_link *m = d->m;

	if (mqtt_state_take(m, d->msg, d->profile))
		dialect_deliver(&m->upload, d->profile, d->msg->at_us, d->msg->mono_us,
				mqtt_link_deliver, d);
}

/* What waits; NULL: nothing. */
static struct broker_message *mqtt_link_fetch(struct mqtt_link *m)
{
	if (broker_back(m->broker))
		rhythm_resume(&m->up.rhythm, time_mono_us());
	return broker_take(m->broker);
}

/* Everything that waits; true when an upload of this meter with readings of now was among
 * it. */
static bool take_all(struct delivery *d)
{
	struct mqtt_link *m = d->m;
	unsigned long before = m->present;

	if (!m->waiting)
		m->waiting = mqtt_link_fetch(m);
	while (m->waiting) {
		struct broker_message *msg = m->waiting;

		m->waiting = msg->next;
		d->msg = msg;
		mqtt_link_take_message(d);
		broker_message_free(msg);
		if (!m->waiting)
			m->waiting = mqtt_link_fetch(m);
	}
	return m->present > before;
}

static int mqtt_link_receive(struct link *l, const struct profile *profile, int64_t until_us,
			     link_sink *sink, void *arg, struct err *e)
{
	struct mqtt_link *m = mqtt_link_of(l);
	struct delivery d = { .m = m, .profile = profile, .sink = sink, .arg = arg };

	for (;;) {
		struct broker_message *msg;
		bool data;
		int rc;

		if (!m->waiting)
			m->waiting = mqtt_link_fetch(m);
		if (!m->waiting) {
			rc = broker_wait(m->broker, until_us, e);
			if (rc < 0)
				return -1;
			if (rc == 0)
				return broker_up(m->broker, e) ? 0 : -1;
			continue;
		}
		/* one upload a call: who prints them wants each by itself */
		msg = m->waiting;
		m->waiting = msg->next;
		d.msg = msg;
		m->delivered = false;
		mqtt_link_take_message(&d);
		data = m->delivered;
		broker_message_free(msg);
		if (data)
			return 1;
	}
}

/* Points that will not come: a reading that says WHY for each. */
static void mqtt_link_refuse(struct delivery *d, const uint16_t *idx, size_t n, unsigned kinds,
			     bool whole, const char *why)
{
	const struct dialect *dialect = d->m->dialect;

	for (size_t i = 0; i < n; i++) {
		const struct point *p = &d->profile->points[idx[i]];
		unsigned carries = dialect_carries_point(dialect, d->profile, idx[i]);
		struct reading r = {
			.quality = QUALITY_FAILED,
			.at_us = time_wall_us(), .mono_us = time_mono_us(),
		};

		if (!d->wanted[idx[i]] || (whole ? carries != 0 : !(carries & kinds)))
			continue;
		err_set(&r.err, ERR_NO, "'%s' %s", p->key, why);
		d->wanted[idx[i]] = 0;
		d->left--;
		d->sink(d->arg, idx[i], &r);
	}
}

/* What this dialect never sends is known as soon as the dialect is. */
static void refuse_unknown(struct delivery *d, const uint16_t *idx, size_t n)
{
	char why[64];

	if (!d->m->dialect || d->left == 0)
		return;
	snprintf(why, sizeof(why), "is not sent by dialect %s", d->m->dialect->name);
	mqtt_link_refuse(d, idx, n, 0, true, why);
}

static void refuse_absent(struct delivery *d, const uint16_t *idx, size_t n)
{
	char why[64], when[16];

	snprintf(why, sizeof(why), "was not in the upload of %s",
		 time_format(d->m->up.rhythm.last_wall_us, TIME_CLOCK, when, sizeof(when)));
	mqtt_link_refuse(d, idx, n, 1U << UPLOAD_DATA, false, why);
}

static int read_until(struct delivery *d, const uint16_t *idx, size_t n, struct err *e)
{
	struct mqtt_link *m = d->m;
	int64_t began = time_mono_us(), deadline = began + m->read_us, parts = 0;

	while (d->left > 0) {
		int64_t until;
		int rc;

		/* from the first upload on: a meter may upload every second */
		if (take_all(d) && !parts)
			parts = time_mono_us() + PARTS_US;
		refuse_unknown(d, idx, n);
		if (d->left == 0)
			break;
		until = parts && parts < deadline ? parts : deadline;
		rc = broker_wait(m->broker, until, e);
		if (rc < 0)
			return -1;
		if (rc > 0 || time_mono_us() < until)
			continue;
		/* a gateway that cannot reach it has uploaded nothing of it */
		if (parts && until == parts && !m->up.offline)
			refuse_absent(d, idx, n);
		parts = 0;
		if (until == deadline && d->left > 0)
			return mqtt_state_silence(m, began, e);
	}
	return 0;
}

static int read_points(struct link *l, const struct profile *profile,
		       const uint16_t *idx, size_t n, link_sink *sink, void *arg,
		       struct err *e)
{
	struct delivery d = {
		.m = mqtt_link_of(l), .profile = profile, .sink = sink, .arg = arg,
		.wanted = calloc(profile->npoints, 1),
	};
	int rc;

	if (!d.wanted)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < n; i++) {
		d.left += !d.wanted[idx[i]];
		d.wanted[idx[i]] = 1;
	}
	rc = read_until(&d, idx, n, e);
	free(d.wanted);
	return rc;
}

static void mqtt_link_stats(const struct link *l, struct link_stats *out)
{
	const struct mqtt_link *m = (const struct mqtt_link *)l;
	struct broker_stats b;

	broker_stats(m->broker, &b);
	*out = (struct link_stats){
		.requests = b.published, .replies = m->up.messages,
		.foreign = b.messages - m->up.messages, .corrupt = m->up.drops.total,
		.reopened = b.reconnects,
	};
}

static void leave(struct link *l)
{
	broker_leave(mqtt_link_of(l)->broker);
}

static void uplink(const struct link *l, struct link_uplink *out)
{
	struct mqtt_link *m = mqtt_link_of((struct link *)(uintptr_t)l);

	struct broker_stats b;

	broker_stats(m->broker, &b);
	*out = m->up;
	out->oversized = b.oversized;
	out->lost = b.reconnects;
	out->up = broker_up(m->broker, NULL);
}

static int mqtt_link_silence(const struct link *l, int64_t since_us, struct err *e)
{
	return mqtt_state_silence(mqtt_link_of((struct link *)(uintptr_t)l), since_us, e);
}

static void set_tap(struct link *l, const struct link_tap *tap)
{
	mqtt_link_of(l)->tap = tap ? *tap : (struct link_tap){ 0 };
}

static void mqtt_link_close_link(struct link *l)
{
	struct mqtt_link *m = mqtt_link_of(l);

	while (m->waiting) {
		struct broker_message *next = m->waiting->next;

		broker_message_free(m->waiting);
		m->waiting = next;
	}
	broker_close(m->broker);
	free(m);
}

static const struct link_ops mqtt_ops = {
	.name = "mqtt",
	.close = mqtt_link_close_link,
	.read = read_points,
	.stats = mqtt_link_stats,
	.receive = mqtt_link_receive,
	.leave = leave,
	.uplink = uplink,
	.silence = mqtt_link_silence,
	.tap = set_tap,
	.can_set = mqtt_can_set,
	.set = mqtt_set,
};

struct link *mqtt_link_open(const struct target *t, const struct link_opts *o,
			    int cancel_fd, struct err *e)
{
	const struct broker_opts bo = {
		.timeout_ms = o->timeout_ms && o->timeout_ms < 10000 ? o->timeout_ms : 0,
		.trace = o->trace, .cancel_fd = cancel_fd,
		.insecure = o->insecure, .plain_password = o->plain_password,
		.password = o->password, .remark = o->remark, .remark_arg = o->remark_arg,
	};
	enum broker_step step = BROKER_NAME;
	struct mqtt_link *m;
	char refused[400];

	if (target_tunnels(t))
		return tunnel_link_open(t, o, cancel_fd, e);
	if (!t->mqtt.sn[0]) {
		err_set(e, ERR_USAGE, "'%s' is a broker, not a meter: write the meter's serial number behind it (/SN; 'scan' lists them)", t->text);
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (!m) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	m->base = (struct link){ .ops = &mqtt_ops, .target = *t, .cancel_fd = cancel_fd };
	m->read_us = (o->timeout_ms > 0 ? o->timeout_ms : READ_MS) * (int64_t)1000;
	m->patience_us = o->timeout_ms > 0 ? m->read_us : SET_US;
	if (mqtt_state_init(m, e) == 0) {
		m->broker = broker_open(t, &bo, &step, e);
		if (m->broker)
			step = BROKER_SUBSCRIBE;
		if (m->broker && subscription_subscribe(&m->subscription, m->broker, e) == 0) {
			if (m->subscription.nrefused && o->remark)
				o->remark(o->remark_arg, subscription_refused(&m->subscription, refused, sizeof(refused)));
			return &m->base;
		}
	}
	if (o->step)
		*o->step = step;
	if (m->broker)
		broker_close(m->broker);
	free(m);
	return NULL;
}
