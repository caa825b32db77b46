#include "mqtt_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "profile/value.h"
#include "mqtt_state.h"

/* After the meter's acknowledgement its next parameters are waited for so long: it
 * is the better proof, and not every meter sends it unasked. */
#define SHOW_US 10000000LL
#define INTERVAL "network.upload_interval"	/* what its rhythm follows */

/* Takes one message that waits; false: none does until UNTIL. */
static bool next_message(struct mqtt_link *m, int64_t until_us, struct broker_message **out,
			 struct err *e)
{
	struct broker_message *first = m->waiting ? m->waiting : broker_take(m->broker);

	while (!first && broker_wait(m->broker, until_us, e) > 0)
		first = broker_take(m->broker);
	*out = first;
	m->waiting = first ? first->next : NULL;
	return first != NULL;
}

/* The dialect and, for the topic of a new value, the product; on a topic of the meter's own its
 * messages do not say that, however long one waits. */
static bool mqtt_set_knows(const struct mqtt_link *m)
{
	return m->dialect && (!m->dialect->set || m->up.product[0] || (m->own_topic && m->up.messages));
}

/* Both are in the meter's own messages. */
static int get_to_know(struct mqtt_link *m, struct err *e)
{
	int64_t began = time_mono_us(), until = began + m->read_us;

	while (!mqtt_set_knows(m)) {
		struct broker_message *msg;

		e->code = ERR_NONE;
		if (!next_message(m, until, &msg, e))
			return e->code ? -1 : mqtt_state_silence(m, began, e);
		mqtt_state_take(m, msg, NULL);
		if (!m->dialect && m->up.dialect[0])
			m->dialect = dialect_find(m->up.dialect);
		broker_message_free(msg);
	}
	return 0;
}

/* New values are for meters that upload by themselves (the vendor's pages, of para frames), and
 * their answers for who has asked. */
static int may_set(const struct mqtt_link *m, const char *key, struct err *e)
{
	if (m->base.target.mqtt.share[0])
		return err_set(e, ERR_DENIED, "'%s' cannot be set with share=%s: the answer could go to another member",
			       key, m->base.target.mqtt.share);
	if (!m->via[0] || strcmp(m->via, m->up.sn) == 0)
		return 0;
	return err_set(e, ERR_DENIED, "'%s' of '%s' cannot be set over %s: the meter is behind gateway '%s', and only "
		       "meters that upload by themselves are known to take it (set it over RS485)",
		       key, m->up.sn, m->dialect->name, m->via);
}

int mqtt_can_set(struct link *l, const struct point *p, const struct value *want,
		 struct err *e)
{
	struct mqtt_link *m = (struct mqtt_link *)l;

	/* a plain no needs no meter to be heard */
	if ((!m->dialect && get_to_know(m, e)) || dialect_can_set(m->dialect, &l->target.mqtt, p, want, e))
		return -1;
	return may_set(m, p->key, e);
}

/* What the meter has said of a new value. */
struct word {
	bool acknowledged, refused;
	bool shown;		/* parameters, from the acknowledgement on or as asked */
	bool before;		/* others, which may have left before the new value came */
	double shows;
};

static void mqtt_set_listen(struct mqtt_link *m, const char *key, double want, struct word *w)
{
	const struct upload *up = &m->upload;

	if (up->kind != UPLOAD_PARA)
		return;
	if (up->has_result) {
		w->acknowledged = up->result == 1;
		w->refused = up->result != 1;
	}
	for (size_t i = 0; i < up->n; i++) {
		const char *of = up->dialect->items[up->values[i].item].key;

		if (!of || strcmp(of, key) != 0 || up->values[i].is_text)
			continue;
		w->shows = up->values[i].num;
		w->shown = w->acknowledged || fabs(w->shows - want) < 0.5;
		w->before = !w->shown;
	}
}

/* Waits for the meter's word. 0: it has spoken; -1 and E. */
static int await_word(struct mqtt_link *m, const char *key, double want, int64_t began, struct word *w,
		      struct err *e)
{
	int64_t until = time_mono_us() + m->patience_us;
	char shows[48] = "";

	for (;;) {
		struct broker_message *msg;
		bool knew = w->acknowledged;

		e->code = ERR_NONE;
		if (!next_message(m, until, &msg, e))
			break;
		mqtt_state_take(m, msg, NULL);
		/* what the broker kept, or had sent already, was said before the new value */
		if (m->ours && !msg->retained && msg->mono_us >= began)
			mqtt_set_listen(m, key, want, w);
		broker_message_free(msg);
		if (w->refused || w->shown)
			return 0;
		if (w->acknowledged && !knew && time_mono_us() + SHOW_US < until)
			until = time_mono_us() + SHOW_US;
	}
	if (e->code)
		return -1;
	if (w->acknowledged)
		return 0;
	if (w->before)
		snprintf(shows, sizeof(shows), ", and shows %g", w->shows);
	return err_set(e, ERR_SILENT, "the meter has not acknowledged it in %.0f s%s",
		       (double)(time_mono_us() - began) / 1e6, shows);
}

int mqtt_set(struct link *l, const struct profile *profile, size_t idx,
	     const struct value *want, struct value *after, bool *sent, struct err *e)
{
	struct mqtt_link *m = (struct mqtt_link *)l;
	const char *key = profile->points[idx].key;
	struct dialect_outgoing outgoing;
	struct word w = { 0 };

	int64_t began;

	*sent = false;
	if (get_to_know(m, e))
		return -1;
	if (!m->dialect->set)
		return mqtt_can_set(l, &profile->points[idx], want, e);
	if (may_set(m, key, e) || m->dialect->set(&l->target.mqtt, m->up.product, key, want->num, &outgoing, e))
		return -1;
	began = time_mono_us();
	if (broker_publish(m->broker, outgoing.topic, outgoing.payload, outgoing.n, false, e)) {
		/* given to the broker, perhaps, and perhaps to the meter */
		*sent = e->code != ERR_USAGE && e->code != ERR_REFUSED;
		return -1;
	}
	*sent = true;
	if (await_word(m, key, want->num, began, &w, e))
		return -1;
	if (w.refused)
		return err_set(e, ERR_REFUSED, "the meter refused '%s' (res 0)", key);
	*after = *want;
	if (w.shown)
		after->num = w.shows;
	/* what it shows instead may be any number, and is not what was agreed */
	if (strcmp(key, INTERVAL) == 0 && fabs(after->num - want->num) < 0.5)
		rhythm_change(&m->up.rhythm, (int)want->num);
	if (!w.shown)
		err_set(e, ERR_NONE, "acknowledged by the meter; no parameters of its have shown it yet");
	return 0;
}
