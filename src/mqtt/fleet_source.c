#include "fleet_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/text.h"
#include "subscription.h"

struct fleet_source {
	struct fleet fleet;
	struct target_mqtt target;
	struct broker *broker;
	struct broker_message *waiting;	/* taken and not looked at yet */
	struct subscription subscription;
	uint32_t *changed;		/* as many as the fleet has rows */
	size_t nchanged, room;
	struct upload upload;		/* the message taken last */
};

struct fleet_source *fleet_source_open(const struct target *t, const struct link_opts *o,
				       struct err *e)
{
	const struct broker_opts opts = {
		.timeout_ms = o->timeout_ms, .trace = o->trace,
		.cancel_fd = o->cancel_fd ? o->cancel_fd : -1, .insecure = o->insecure,
		.plain_password = o->plain_password, .password = o->password, .remark = o->remark, .remark_arg = o->remark_arg,
	};
	struct fleet_source *s = calloc(1, sizeof(*s));
	char refused[400];

	if (!s) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	s->target = t->mqtt;
	fleet_init(&s->fleet, o->profile);
	memcpy(s->fleet.product, t->mqtt.product, sizeof(s->fleet.product));
	if (subscription_choose(&s->subscription, &t->mqtt, e) == 0) {
		s->broker = broker_open(t, &opts, NULL, e);
		if (s->broker && subscription_subscribe(&s->subscription, s->broker, e) == 0) {
			if (s->subscription.nrefused && o->remark)
				o->remark(o->remark_arg, subscription_refused(&s->subscription, refused, sizeof(refused)));
			return s;
		}
	}
	fleet_source_close(s);
	return NULL;
}

void fleet_source_close(struct fleet_source *s)
{
	if (!s)
		return;
	if (s->broker)
		broker_close(s->broker);
	for (struct broker_message *m = s->waiting, *next; m; m = next) {
		next = m->next;
		broker_message_free(m);
	}
	fleet_release(&s->fleet);
	free(s->changed);
	free(s);
}

void fleet_source_part(struct fleet_source *s, struct fleet *fleet)
{
	*fleet = s->fleet;
	fleet_init(&s->fleet, NULL);
	fleet_source_close(s);
}

static void note_changed(struct fleet_source *s, size_t row)
{
	if (s->fleet.rows[row].changed)
		return;
	if (s->nchanged == s->room) {
		size_t room = s->room ? s->room * 2 : 256;
		uint32_t *more = realloc(s->changed, room * sizeof(*more));

		if (!more)
			return;	/* it is noted when it changes again */
		s->changed = more;
		s->room = room;
	}
	s->changed[s->nchanged++] = (uint32_t)row;
	s->fleet.rows[row].changed = true;
}

/* Nobody has listened for a while. */
static void resume(struct fleet_source *s)
{
	fleet_resume(&s->fleet, time_mono_us());
	for (size_t i = 0; i < s->fleet.n; i++)
		note_changed(s, i);
}

void fleet_source_resume(struct fleet_source *s, struct fleet *fleet)
{
	const struct profile *profile = s->fleet.profile;

	fleet_release(&s->fleet);
	s->fleet = *fleet;
	s->fleet.profile = profile;
	fleet_init(fleet, NULL);
	for (size_t i = 0; i < s->fleet.n; i++)
		s->fleet.rows[i].changed = false;
	resume(s);
}

/* Whose topic that of M is by FORM. False: nobody's, or a name that could not be shown as
 * it is: two that look the same then must not become one meter. */
static bool serial_of(const char *form, const struct broker_message *m, char sn[MQTT_NAME])
{
	char raw[MQTT_NAME];

	if (!mqtt_serial(form, m->topic, m->topic_len, raw, sizeof(raw)))
		return false;
	text_clean(sn, MQTT_NAME, raw);
	return strcmp(sn, raw) == 0;
}

/* A message where a last will shows. */
static void take_will(struct fleet_source *s, const struct broker_message *m)
{
	char sn[MQTT_NAME];
	struct err e = { 0 };
	long row;

	if (!serial_of(s->target.will, m, sn)) {
		err_set(&e, ERR_FOREIGN, "a last will that names no meter");
		fleet_refused(&s->fleet, &e, m->topic);
		return;
	}
	row = fleet_will(&s->fleet, sn, mqtt_will_gone(m->payload, m->n), &e);
	if (row >= 0)
		note_changed(s, (size_t)row);
	else
		fleet_refused(&s->fleet, &e, m->topic);
}

/* Only the topic of its own says whose a message is that does not say it. */
static void name_by_topic(struct fleet_source *s, const struct broker_message *m)
{
	char sn[MQTT_NAME];

	if (!s->upload.sn[0] && serial_of(s->target.topic, m, sn))
		memcpy(s->upload.sn, sn, sizeof(sn));
}

/* False: SINK has enough. */
static bool fleet_source_take_message(struct fleet_source *s, const struct broker_message *m,
				      fleet_sink *sink, void *arg)
{
	struct upload *up = &s->upload;
	struct err why = { 0 };
	long row;

	if (s->subscription.will[0] && mqtt_match(s->subscription.will, m->topic, m->topic_len)) {
		take_will(s, m);
		return true;
	}
	if (dialect_decode(s->subscription.hint, m->topic, m->topic_len, m->payload, m->n, up, &why)) {
		fleet_refused(&s->fleet, &why, m->topic);
		return true;
	}
	if (up->down)
		return true;
	name_by_topic(s, m);
	row = fleet_take(&s->fleet, up, m->mono_us, m->at_us, m->retained, m->duplicate, &why);
	if (row < 0) {
		fleet_refused(&s->fleet, &why, m->topic);
		return true;
	}
	note_changed(s, (size_t)row);
	return !sink || sink(arg, &s->fleet.rows[row], up, m);
}

/* What waits; NULL: nothing. */
static struct broker_message *fleet_source_fetch(struct fleet_source *s)
{
	if (broker_back(s->broker))
		resume(s);
	return broker_take(s->broker);
}

/* Those whose change has been told. */
static void forget_changed(struct fleet_source *s)
{
	if (s->nchanged > 0 && !s->fleet.rows[s->changed[0]].changed)
		s->nchanged = 0;
}

int fleet_source_receive(struct fleet_source *s, int64_t until_us, fleet_sink *sink, void *arg,
			 struct err *e)
{
	bool more = true;
	int n = 0;

	forget_changed(s);
	if (!s->waiting)
		s->waiting = fleet_source_fetch(s);
	if (!s->waiting) {
		if (broker_wait(s->broker, until_us, e) < 0)
			return -1;
		s->waiting = fleet_source_fetch(s);
		if (!s->waiting)
			return broker_up(s->broker, e) ? 0 : -1;
	}
	while (s->waiting && more) {
		struct broker_message *m = s->waiting;

		s->waiting = m->next;
		more = fleet_source_take_message(s, m, sink, arg);
		broker_message_free(m);
		n++;
	}
	return n;
}

void fleet_source_leave(struct fleet_source *s)
{
	broker_leave(s->broker);
}

int fleet_source_silence(struct fleet_source *s, int64_t since_us, struct err *e)
{
	double waited = (double)(time_mono_us() - since_us) / 1e6;
	const struct fleet *f = &s->fleet;
	char where[160], why[200];

	if (!broker_up(s->broker, e))
		return -1;
	if (f->refusals.total && !f->messages)
		return err_set(e, ERR_FOREIGN, "no upload could be used in %.0f s: %s", waited,
			       reasons_text(&f->refusals, why, sizeof(why)));
	return err_set(e, ERR_SILENT, "no upload in %.0f s on %s (wait longer with -t MS)", waited,
		       subscription_text(&s->subscription, 3, where, sizeof(where)));
}

void fleet_source_stats(struct fleet_source *s, struct broker_stats *out)
{
	broker_stats(s->broker, out);
}

const struct fleet *fleet_source_fleet(const struct fleet_source *s)
{
	return &s->fleet;
}

const uint32_t *fleet_source_changed(struct fleet_source *s, size_t *n)
{
	forget_changed(s);
	*n = s->nchanged;
	for (size_t i = 0; i < s->nchanged; i++)
		s->fleet.rows[s->changed[i]].changed = false;
	return s->changed;
}

const char *fleet_source_topics(const struct fleet_source *s, char *buf, size_t size)
{
	return subscription_text(&s->subscription, SUBSCRIPTION_MAX, buf, size);
}

bool fleet_target(const struct target *broker, const struct fleet_row *row, struct target *out)
{
	*out = *broker;
	if (!mqtt_level(row->sn))
		return false;
	snprintf(out->mqtt.sn, sizeof(out->mqtt.sn), "%s", row->sn);
	if (row->dialect)
		snprintf(out->mqtt.dialect, sizeof(out->mqtt.dialect), "%s", row->dialect->name);
	out->mqtt.share[0] = '\0';
	if (out->mqtt.persistent)
		out->mqtt.client[0] = '\0';
	out->mqtt.persistent = false;
	target_format(out, 0, out->text, sizeof(out->text));
	return true;
}
