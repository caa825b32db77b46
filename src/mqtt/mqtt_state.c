#include "mqtt_state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "base/text.h"

int mqtt_state_init(struct mqtt_link *m, struct err *e)
{
	const struct target_mqtt *t = &m->base.target.mqtt;

	if (subscription_choose(&m->subscription, t, e))
		return -1;
	m->dialect = m->subscription.hint;
	/* a topic with wildcards may be that of many */
	m->own_topic = t->topic[0] && !strpbrk(t->topic, "+#");
	m->names = mqtt_names(t);
	snprintf(m->up.sn, sizeof(m->up.sn), "%s", t->sn);
	snprintf(m->up.product, sizeof(m->up.product), "%s", t->product);
	if (m->dialect)
		snprintf(m->up.dialect, sizeof(m->up.dialect), "%s", m->dialect->name);
	return 0;
}

static bool mqtt_state_holds(const char *text, size_t n, const char *word)
{
	return memmem(text, n, word, strlen(word)) != NULL;
}

/* Nobody could say what MSG means. On a topic that is not one meter's alone it may be
 * somebody else's, where others are heard. */
static bool mqtt_state_refuse(struct mqtt_link *m, const struct broker_message *msg, const struct err *why)
{
	if (m->up.others && !m->own_topic && !mqtt_state_holds(msg->topic, msg->topic_len, m->up.sn)
	    && !mqtt_state_holds(msg->payload, msg->n, m->up.sn)) {
		m->strange++;
		return false;
	}
	reasons_add(&m->up.drops, 1, why->text, "");
	if (m->tap.refused)
		m->tap.refused(m->tap.arg, why->text);
	return false;
}

/* Does the message of a dialect we know speak of our meter? One without a serial number may,
 * on a topic of its own; but not where others are seen. */
static bool mqtt_state_is_ours(struct mqtt_link *m, const struct upload *up)
{
	if (up->sn[0]) {
		if (strcmp(up->sn, m->up.sn) == 0)
			return true;
		if (m->own_topic && !up->down)
			memcpy(m->up.other, up->sn, sizeof(m->up.other));
		return false;
	}
	return m->own_topic;
}

/* A message without a serial number, where another meter sends, too: whose it is nobody knows. */
static bool mqtt_state_mixed(const struct mqtt_link *m, const struct upload *up, struct err *why)
{
	if (up->sn[0] || up->down || !m->own_topic || !m->up.other[0])
		return false;
	err_set(why, ERR_FOREIGN, "a message without a serial number on a topic of two meters, '%s' and '%s': not used",
		m->up.sn, m->up.other);
	return true;
}

/* What it says of itself beside its readings. */
static void mqtt_state_learn(struct mqtt_link *m, const struct upload *up)
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
	if (up->via[0])
		snprintf(m->via, sizeof(m->via), "%s", up->via);
	if (up->interval_s > 0)
		rhythm_set(&known->rhythm, up->interval_s);
}

/* What is not used of an upload of our meter. */
static void mqtt_state_judge(struct mqtt_link *m, struct upload *up, const struct profile *profile)
{
	dialect_judge_device(up, m->up.model, m->base.target.mqtt.product);
	if (profile)
		dialect_judge(up, profile);
	reasons_join(&m->up.drops, &up->drops);
}

bool mqtt_state_take(struct mqtt_link *m, const struct broker_message *msg, const struct profile *profile)
{
	struct upload *up = &m->upload;
	enum rhythm_verdict v;
	struct err why = { 0 };

	m->ours = m->delivered = false;
	if (m->subscription.will[0] && mqtt_match(m->subscription.will, msg->topic, msg->topic_len)) {
		m->up.offline = mqtt_will_gone(msg->payload, msg->n);
		return false;
	}
	if (dialect_decode(m->subscription.hint, msg->topic, msg->topic_len, msg->payload, msg->n, up, &why)
	    || mqtt_state_mixed(m, up, &why))
		return mqtt_state_refuse(m, msg, &why);
	if (!mqtt_state_is_ours(m, up)) {
		m->up.others++;
		return false;
	}
	mqtt_state_judge(m, up, profile);
	v = rhythm_upload(&m->up.rhythm, up, msg->mono_us, msg->at_us, msg->retained, msg->duplicate);
	if (up->kind == UPLOAD_DATA && !up->down && v != RHYTHM_RETAINED && v != RHYTHM_PART && v != RHYTHM_BACKLOG)
		m->up.offline = up->offline;
	if (m->tap.upload)
		m->tap.upload(m->tap.arg, up, v, msg->mono_us, msg->at_us);
	if (up->down)
		return false;
	m->ours = true;
	m->up.messages++;
	m->up.nameless += !up->sn[0] && !m->names;
	mqtt_state_learn(m, up);
	m->delivered = up->n > 0 && v != RHYTHM_DUPLICATE && v != RHYTHM_OLD;
	m->present += m->delivered && up->kind == UPLOAD_DATA && !up->late;
	return m->delivered;
}

/* It is heard, and what was waited for was not in it. */
static int heard_without(const struct mqtt_link *m, double waited, struct err *e)
{
	const struct rhythm *r = &m->up.rhythm;
	double every = rhythm_expected_s(r);
	char more[48] = "", when[48];

	if (r->backlog && !m->present)
		return err_set(e, ERR_SILENT, "only late values of '%s' in %.0f s, the last measured %s (a backlog, or the "
			       "meter's clock is behind; wait longer with -t MS, set the clock)", m->up.sn, waited,
			       r->moment.measured_us ? time_text(r->moment.measured_us, when, sizeof(when)) : "at an unknown time");
	if (!r->uploads && r->retained)
		return err_set(e, ERR_SILENT, "no upload of '%s' in %.0f s but an older one that the broker has kept (wait longer with -t MS)",
			       m->up.sn, waited);
	if (every > 0)
		snprintf(more, sizeof(more), "it uploads every %.0f s; ", every);
	return err_set(e, ERR_SILENT, "no upload of '%s'%s in %.0f s, though it is heard (%swait longer with -t MS)",
		       m->up.sn, r->uploads ? " with this" : "", waited, more);
}

int mqtt_state_silence(struct mqtt_link *m, int64_t began_us, struct err *e)
{
	double waited = (double)(time_mono_us() - began_us) / 1e6;
	char where[160], others[128] = "", why[240];
	struct broker_stats stats;
	size_t at = 0;

	broker_stats(m->broker, &stats);
	if (*broker_namesake(&m->base.target, stats.reconnects, why, sizeof(why)))
		return err_set(e, ERR_SILENT, "no upload of '%s' in %.0f s: %s", m->up.sn, waited, why);
	if (!broker_up(m->broker, e))
		return -1;
	subscription_text(&m->subscription, 3, where, sizeof(where));
	if (m->up.others)
		text_append(others, sizeof(others), &at, "; %lu message%s of other meters came", m->up.others,
			    m->up.others == 1 ? "" : "s");
	if (m->strange)
		text_append(others, sizeof(others), &at, ", and %lu that nobody understands", m->strange);
	if (m->up.drops.total && m->present == 0 && !m->up.rhythm.backlog && !m->up.offline)
		return err_set(e, ERR_FOREIGN, "no upload of '%s' could be used in %.0f s: %s", m->up.sn, waited,
			       reasons_text(&m->up.drops, why, sizeof(why)));
	if (m->up.offline)
		return err_set(e, ERR_SILENT, "no upload of '%s' in %.0f s: its gateway or its last will says that it is offline",
			       m->up.sn, waited);
	if (m->up.messages)
		return heard_without(m, waited, e);
	return err_set(e, ERR_SILENT, "no message of '%s' yet in %.0f s on %s%s (is the meter online, the serial number right, its topic another: topic=...?)",
		       m->up.sn, waited, where, others);
}
