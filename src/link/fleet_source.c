#include "fleet_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "../value.h"

#define FILTERS_MOST 16

struct fleet_source {
	struct fleet fleet;
	struct target_mqtt target;
	struct broker *broker;
	struct broker_message *waiting;	/* taken and not looked at yet */
	const struct dialect *hint;	/* of the target; NULL: to be recognised */
	char filters[FILTERS_MOST][MQTT_TOPIC * 2];
	size_t nfilters;
	char will[MQTT_TOPIC * 2];	/* filter; "": none */
	uint32_t *changed;		/* as many as the fleet has rows */
	size_t nchanged, room;
	struct upload upload;		/* the message taken last */
};

static void add_filter(struct fleet_source *s, const char *filter)
{
	for (size_t i = 0; i < s->nfilters; i++)
		if (strcmp(s->filters[i], filter) == 0)
			return;
	if (s->nfilters < FILTERS_MOST)
		snprintf(s->filters[s->nfilters++], sizeof(s->filters[0]), "%s", filter);
}

static void add_dialect(struct fleet_source *s, const struct dialect *d)
{
	char filters[UPLOAD_FILTERS][MQTT_TOPIC * 2];
	size_t n = d->filters(&s->target, filters);

	for (size_t i = 0; i < n; i++)
		add_filter(s, filters[i]);
}

static int choose_dialect(struct fleet_source *s, struct err *e)
{
	char list[80] = "";
	size_t at = 0;

	if (!s->target.dialect[0])
		return 0;
	s->hint = dialect_find(s->target.dialect);
	if (s->hint)
		return 0;
	for (size_t i = 0; dialect_table[i]; i++)
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "", dialect_table[i]->name);
	return err_set(e, ERR_USAGE, "no dialect '%s' of many meters; there is %s",
		       s->target.dialect, list);
}

static int choose_filters(struct fleet_source *s, struct err *e)
{
	const struct target_mqtt *t = &s->target;
	char filter[MQTT_TOPIC * 2];

	if (choose_dialect(s, e))
		return -1;
	if (t->topic[0]) {
		if (!mqtt_fill_any(filter, sizeof(filter), t->topic))
			return err_set(e, ERR_USAGE, "topic '%s' is too long", t->topic);
		add_filter(s, filter);
	} else if (s->hint) {
		add_dialect(s, s->hint);
	} else {
		for (size_t i = 0; dialect_table[i]; i++)
			add_dialect(s, dialect_table[i]);
	}
	if (!t->will[0])
		return 0;
	if (!strstr(t->will, "{sn}"))
		return err_set(e, ERR_USAGE, "will '%s' does not say whose it is: {sn} stands for the serial",
			       t->will);
	if (!mqtt_fill_any(s->will, sizeof(s->will), t->will))
		return err_set(e, ERR_USAGE, "will '%s' is too long", t->will);
	add_filter(s, s->will);
	return 0;
}

struct fleet_source *fleet_source_open(const struct target *t, const struct link_opts *o,
				       struct err *e)
{
	const struct broker_opts opts = {
		.timeout_ms = o->timeout_ms, .trace = o->trace,
		.cancel_fd = o->cancel_fd ? o->cancel_fd : -1, .insecure = o->insecure,
		.plain_password = o->plain_password, .password = o->password,
	};
	struct fleet_source *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	s->target = t->mqtt;
	fleet_init(&s->fleet, o->profile);
	if (choose_filters(s, e))
		goto fail;
	s->broker = broker_open(t, &opts, NULL, e);
	if (!s->broker)
		goto fail;
	for (size_t i = 0; i < s->nfilters; i++)
		if (broker_subscribe(s->broker, s->filters[i], e))
			goto fail;
	return s;
fail:
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

/* A message where a last will shows; an empty one takes a retained will back. */
static void take_will(struct fleet_source *s, const struct broker_message *m)
{
	char sn[MQTT_NAME];
	struct err e = { 0 };
	long row;

	if (!serial_of(s->target.will, m, sn)) {
		err_set(&e, ERR_FOREIGN, "a last will that names no meter, on '%.80s'", m->topic);
		fleet_refused(&s->fleet, &e);
		return;
	}
	row = fleet_will(&s->fleet, sn, m->n > 0, &e);
	if (row >= 0)
		note_changed(s, (size_t)row);
	else
		fleet_refused(&s->fleet, &e);
}

/* Only the topic of its own says whose a message is that does not say it. */
static void name_by_topic(struct fleet_source *s, const struct broker_message *m)
{
	char sn[MQTT_NAME];

	if (!s->upload.sn[0] && serial_of(s->target.topic, m, sn))
		memcpy(s->upload.sn, sn, sizeof(sn));
}

/* False: SINK has enough. */
static bool take_message(struct fleet_source *s, const struct broker_message *m,
			 fleet_sink *sink, void *arg)
{
	struct upload *up = &s->upload;
	struct err why = { 0 }, where;
	long row;

	if (s->will[0] && mqtt_match(s->will, m->topic, m->topic_len)) {
		take_will(s, m);
		return true;
	}
	if (dialect_decode(s->hint, m->topic, m->topic_len, m->payload, m->n, up, &why)) {
		err_set(&where, ERR_FOREIGN, "%.200s (on '%.80s')", why.text, m->topic);
		fleet_refused(&s->fleet, &where);
		return true;
	}
	if (up->down)
		return true;
	name_by_topic(s, m);
	row = fleet_take(&s->fleet, up, m->mono_us, m->at_us, m->retained, m->duplicate, &why);
	if (row < 0) {
		fleet_refused(&s->fleet, &why);
		return true;
	}
	note_changed(s, (size_t)row);
	return !sink || sink(arg, &s->fleet.rows[row], up, m);
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
		s->waiting = broker_take(s->broker);
	if (!s->waiting) {
		if (broker_wait(s->broker, until_us, e) < 0)
			return -1;
		s->waiting = broker_take(s->broker);
		if (!s->waiting)
			return broker_up(s->broker, e) ? 0 : -1;
	}
	while (s->waiting && more) {
		struct broker_message *m = s->waiting;

		s->waiting = m->next;
		more = take_message(s, m, sink, arg);
		broker_message_free(m);
		n++;
	}
	return n;
}

void fleet_source_leave(struct fleet_source *s)
{
	broker_leave(s->broker);
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
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < s->nfilters; i++)
		text_append(buf, size, &at, "%s'%s'", i ? ", " : "", s->filters[i]);
	return buf;
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
