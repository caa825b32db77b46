/*
 * mapping.c - messages of a dialect that is data: which topic they came on, whose they
 * are, when they were made, and their values. What comes in may be anything, as for the
 * dialects in C.
 */
#include "mapping.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "upload.h"

size_t mapping_filters(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	size_t n = 0;

	if (t->topic[0])
		return filter_own(t, out);
	for (size_t i = 0; i < d->mapping->ntopics; i++) {
		const char *pattern = d->mapping->topics[i].pattern;

		n += t->sn[0] ? mqtt_fill(out[n], sizeof(out[n]), pattern, t->sn)
			      : mqtt_fill_any(out[n], sizeof(out[n]), pattern);
	}
	return n;
}

/* ---- which topic of the mapping? -------------------------------------------------- */

/* What stands for nothing: JSON's null is no value, and no mistake either. */
static const struct node *mapping_value(const struct mapping_path *path, const struct node *v)
{
	const struct node *found = v ? mapping_follow(path, v) : NULL;

	return found && found->kind != NODE_NULL ? found : NULL;
}

static bool mapping_holds(const struct mapping_condition *c, const struct node *root)
{
	const struct node *v = mapping_value(&c->path, root);
	char text[128] = "";

	if (!v || !c->value)
		return v != NULL;
	if (v->kind == NODE_NUMBER)
		snprintf(text, sizeof(text), "%.*s", (int)v->n, v->text);
	else if (v->kind == NODE_STRING ? !node_raw(v, text, sizeof(text)) : v->kind != NODE_TRUE && v->kind != NODE_FALSE)
		return false;
	else if (v->kind != NODE_STRING)
		snprintf(text, sizeof(text), "%s", v->kind == NODE_TRUE ? "true" : "false");
	return fnmatch(c->value, text, 0) == 0;
}

/* Where the paths of the items begin; NULL: nowhere in ROOT. */
static const struct node *mapping_values(const struct mapping_topic *t, const struct node *root)
{
	return t->values.text ? mapping_value(&t->values, root) : root;
}

/* Has ROOT what T wants, and one of its items? */
static bool mapping_speaks(const struct mapping *m, const struct mapping_topic *t, const struct node *root)
{
	const struct node *values = mapping_values(t, root);

	for (size_t i = 0; i < t->nconditions; i++)
		if (!mapping_holds(&t->conditions[i], root))
			return false;
	for (size_t i = 0; values && i < t->n; i++)
		if (mapping_value(&m->paths[t->first + i], values))
			return true;
	return false;
}

static bool mapping_on(const struct mapping_topic *t, const char *topic, size_t n)
{
	char filter[MQTT_TOPIC * 2];

	return mqtt_fill_any(filter, sizeof(filter), t->pattern) && mqtt_match(filter, topic, n);
}

bool mapping_recognise(const struct dialect *d, const char *topic, size_t n, const struct node *root)
{
	const struct mapping *m = d->mapping;

	for (size_t i = 0; i < m->ntopics; i++)
		if (mapping_on(&m->topics[i], topic, n) && mapping_speaks(m, &m->topics[i], root))
			return true;
	return false;
}

/* By topic and payload; on a topic that a meter was given, by payload alone. */
static const struct mapping_topic *mapping_topic_of(const struct mapping *m, const char *topic, size_t n,
						    const struct node *root, bool *on)
{
	for (size_t i = 0; i < m->ntopics; i++) {
		*on = mapping_on(&m->topics[i], topic, n);
		if (*on && mapping_speaks(m, &m->topics[i], root))
			return &m->topics[i];
	}
	*on = false;
	for (size_t i = 0; i < m->ntopics; i++)
		if (mapping_speaks(m, &m->topics[i], root))
			return &m->topics[i];
	return NULL;
}

/* ---- what it says ----------------------------------------------------------------- */

/* From the topic, the payload, or both, which then must agree. */
static int mapping_take_serial(const struct mapping_topic *t, bool on, const char *topic, size_t n,
			       const struct node *root, struct upload *out, struct err *e)
{
	const struct node *said = t->serial.text ? mapping_value(&t->serial, root) : NULL;
	char sn[MQTT_NAME];

	if (said && upload_serial(out, said, e))
		return -1;
	if (!on || !mqtt_serial(t->pattern, topic, n, sn, sizeof(sn)))
		return 0;
	if (!serial_plain(sn))
		return err_set(e, ERR_FOREIGN, "%s: the topic holds no serial number (1 to %d plain characters)",
			       out->dialect->name, SERIAL_MAX);
	if (out->sn[0] && strcmp(out->sn, sn) != 0)
		return err_set(e, ERR_FOREIGN, "%s: serial number '%s' in the topic, '%s' in the payload",
			       out->dialect->name, sn, out->sn);
	memcpy(out->sn, sn, sizeof(sn));
	return 0;
}

static void mapping_take_time(const struct mapping_topic *t, const struct node *root, struct upload *out)
{
	const struct node *v = t->time.text ? mapping_value(&t->time, root) : NULL;
	double us;
	char text[40];

	if (!v)
		return;
	out->foreign_clock = t->foreign_clock;
	if (v->kind == NODE_STRING && (t->form == MAPPING_ISO || t->form == MAPPING_EITHER)) {
		out->sent_us = node_raw(v, text, sizeof(text)) ? mapping_iso_us(text) : 0;
	} else if (v->kind == NODE_NUMBER && t->form != MAPPING_ISO) {
		us = v->num * (t->form == MAPPING_S ? 1e6 : 1e3);
		out->sent_us = us >= 1 && us < 1e16 ? (int64_t)us : 0;	/* to the year 2286 */
	}
	if (!out->sent_us)
		upload_drop(out, "%s is no time (form %s)", t->time.text, mapping_time_names[t->form]);
}

int mapping_decode(const char *topic, size_t n, const struct node *root, struct upload *out, struct err *e)
{
	const struct mapping *m = out->dialect->mapping;
	bool on;
	const struct mapping_topic *t = mapping_topic_of(m, topic, n, root, &on);
	const struct node *values;

	if (!t)
		return err_set(e, ERR_FOREIGN, "%s: none of its items in the payload", m->dialect.name);
	out->kind = UPLOAD_DATA;
	if (mapping_take_serial(t, on, topic, n, root, out, e))
		return -1;
	mapping_take_time(t, root, out);
	if (t->model.text)
		node_text(mapping_value(&t->model, root), out->model, sizeof(out->model));
	values = mapping_values(t, root);
	for (size_t i = t->first; i < t->first + t->n; i++) {
		const struct node *v = mapping_value(&m->paths[i], values);

		if (v)
			upload_number(out, i, v);
	}
	return 0;
}
