#include "mqtt_state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../text.h"
#include "../value.h"

static void add_filter(struct mqtt_link *m, const char *filter)
{
	for (size_t i = 0; i < m->nfilters; i++)
		if (strcmp(m->filters[i], filter) == 0)
			return;
	if (m->nfilters < MQTT_FILTERS)
		snprintf(m->filters[m->nfilters++], sizeof(m->filters[0]), "%s", filter);
}

static void add_dialect(struct mqtt_link *m, const struct dialect *d)
{
	char filters[UPLOAD_FILTERS][MQTT_TOPIC * 2];
	size_t n = d->filters(&m->base.target.mqtt, filters);

	for (size_t i = 0; i < n; i++)
		add_filter(m, filters[i]);
}

static int choose_dialect(struct mqtt_link *m, const char *name, struct err *e)
{
	char list[80] = "";
	size_t at = 0;

	if (!*name)
		return 0;
	m->hint = m->dialect = dialect_find(name);
	if (m->hint)
		return 0;
	for (size_t i = 0; dialect_table[i]; i++)
		text_append(list, sizeof(list), &at, "%s, ", dialect_table[i]->name);
	return err_set(e, ERR_USAGE, "no dialect '%s'; there is %stunnel", name, list);
}

int mqtt_state_init(struct mqtt_link *m, struct err *e)
{
	const struct target_mqtt *t = &m->base.target.mqtt;
	char filter[MQTT_TOPIC * 2];

	if (choose_dialect(m, t->dialect, e))
		return -1;
	snprintf(m->up.sn, sizeof(m->up.sn), "%s", t->sn);
	snprintf(m->up.product, sizeof(m->up.product), "%s", t->product);
	if (m->hint)
		snprintf(m->up.dialect, sizeof(m->up.dialect), "%s", m->hint->name);
	if (t->topic[0]) {
		/* a topic with wildcards may be that of many */
		m->own_topic = !strpbrk(t->topic, "+#");
		if (!mqtt_fill(filter, sizeof(filter), t->topic, t->sn))
			return err_set(e, ERR_USAGE, "topic '%s' is too long", t->topic);
		add_filter(m, filter);
	} else if (m->hint) {
		add_dialect(m, m->hint);
	} else {
		for (size_t i = 0; dialect_table[i]; i++)
			add_dialect(m, dialect_table[i]);
	}
	if (t->will[0]) {
		if (!mqtt_fill(m->will, sizeof(m->will), t->will, t->sn))
			return err_set(e, ERR_USAGE, "will '%s' is too long", t->will);
		add_filter(m, m->will);
	}
	return 0;
}

static bool holds(const char *text, size_t n, const char *word)
{
	return memmem(text, n, word, strlen(word)) != NULL;
}

/* Nobody could say what MSG means. On a topic that is not one meter's alone it may be
 * somebody else's, where others are heard. */
static bool refuse(struct mqtt_link *m, const struct broker_message *msg, const struct err *why)
{
	if (m->up.others && !m->own_topic && !holds(msg->topic, msg->topic_len, m->up.sn)
	    && !holds(msg->payload, msg->n, m->up.sn)) {
		m->strange++;
		return false;
	}
	m->up.dropped++;
	snprintf(m->up.why, sizeof(m->up.why), "%s", why->text);
	if (m->tap.refused)
		m->tap.refused(m->tap.arg, why->text);
	return false;
}

/* Does the message of a dialect we know speak of our meter? */
static bool is_ours(const struct mqtt_link *m, const struct upload *up)
{
	if (!up->sn[0])
		return m->own_topic;
	return strcmp(up->sn, m->up.sn) == 0;
}

/* What it says of itself beside its readings. */
static void learn(struct mqtt_link *m, const struct upload *up)
{
	struct link_uplink *known = &m->up;

	if (!m->dialect && up->kind == UPLOAD_DATA)
		m->dialect = up->dialect;
	if (!known->dialect[0] || (m->dialect && strcmp(known->dialect, m->dialect->name) != 0))
		snprintf(known->dialect, sizeof(known->dialect), "%s",
			 m->dialect ? m->dialect->name : up->dialect->name);
	if (up->model[0])
		snprintf(known->model, sizeof(known->model), "%s", up->model);
	if (up->product[0])
		snprintf(known->product, sizeof(known->product), "%s", up->product);
	if (up->interval_s > 0)
		rhythm_set(&known->rhythm, up->interval_s);
}

bool mqtt_state_take(struct mqtt_link *m, const struct broker_message *msg)
{
	struct upload *up = &m->upload;
	enum rhythm_verdict v;
	struct err why = { 0 };

	up->dropped = 0;
	m->ours = m->delivered = false;
	if (m->will[0] && mqtt_match(m->will, msg->topic, msg->topic_len)) {
		/* an empty message takes a retained will back */
		m->up.offline = msg->n > 0;
		return false;
	}
	if (dialect_decode(m->hint, msg->topic, msg->topic_len, msg->payload, msg->n, up, &why)) {
		up->dropped = 0;
		return refuse(m, msg, &why);
	}
	if (!is_ours(m, up)) {
		m->up.others++;
		up->dropped = 0;
		return false;
	}
	v = rhythm_upload(&m->up.rhythm, up, msg->mono_us, msg->at_us, msg->retained, msg->duplicate);
	if (up->kind == UPLOAD_DATA && !up->down && v != RHYTHM_RETAINED && v != RHYTHM_PART)
		m->up.offline = up->offline;
	if (m->tap.upload)
		m->tap.upload(m->tap.arg, up, v, msg->mono_us, msg->at_us);
	if (up->down)
		return false;
	m->ours = true;
	m->up.messages++;
	learn(m, up);
	m->delivered = up->n > 0 && v != RHYTHM_DUPLICATE && v != RHYTHM_OLD;
	return m->delivered;
}

void mqtt_state_dropped(struct mqtt_link *m)
{
	if (m->upload.dropped == 0)
		return;
	m->up.dropped += m->upload.dropped;
	snprintf(m->up.why, sizeof(m->up.why), "%s", m->upload.why);
	m->upload.dropped = 0;
}

static void topics(const struct mqtt_link *m, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < m->nfilters && i < 3; i++)
		text_append(buf, size, &at, "%s%s", i ? ", " : "", m->filters[i]);
	if (m->nfilters > 3)
		text_append(buf, size, &at, " and %zu more", m->nfilters - 3);
}

int mqtt_state_silence(struct mqtt_link *m, int64_t began_us, struct err *e)
{
	double waited = (double)(time_mono_us() - began_us) / 1e6;
	char where[160], others[128] = "";
	size_t at = 0;

	if (!broker_up(m->broker, e))
		return -1;
	topics(m, where, sizeof(where));
	if (m->up.others)
		text_append(others, sizeof(others), &at, "; %lu message%s of other meters came", m->up.others,
			    m->up.others == 1 ? "" : "s");
	if (m->strange)
		text_append(others, sizeof(others), &at, ", and %lu that nobody understands", m->strange);
	if (m->up.dropped && m->up.rhythm.uploads == 0)
		return err_set(e, ERR_FOREIGN, "no upload of '%s' could be understood in %.0f s (%lu came): %s",
			       m->up.sn, waited, m->up.dropped, m->up.why);
	if (m->up.messages)
		return err_set(e, ERR_SILENT, "no upload of '%s' with this in %.0f s, though it is heard (it uploads every %.0f s; wait longer with -t MS)",
			       m->up.sn, waited, rhythm_expected_s(&m->up.rhythm));
	return err_set(e, ERR_SILENT, "no message of '%s' yet in %.0f s on %s%s (is the meter online, the serial number right, its topic another: topic=...?)",
		       m->up.sn, waited, where, others);
}
