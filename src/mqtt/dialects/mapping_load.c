/*
 * mapping_load.c - a mapping from its YAML file. Fields that are not known are errors, and
 * each error has its file, line and column.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/yaml.h"
#include "profile/profile_fields.h"
#include "profile/vocabulary.h"
#include "mapping.h"
#include "upload.h"

const char *const mapping_time_names[MAPPING_TIMES] = {
	[MAPPING_ISO] = "iso", [MAPPING_S] = "s", [MAPPING_MS] = "ms", [MAPPING_EITHER] = "iso-or-ms",
};

struct mapping_loader {
	struct loader l;	/* its tree, its arena and its errors; no profile is made */
	struct mapping *m;
	struct dialect_item items[UPLOAD_VALUES];
	struct mapping_path paths[UPLOAD_VALUES];
	struct mapping_place places[UPLOAD_VALUES];
	size_t n;
	size_t shared, nshared;	/* the items of topics without their own */
};

/* What is wrong at node N: -1. */
#define mapping_wrong(ml, n, ...) yaml_complain(&(ml)->l.yaml, n, (ml)->l.e, __VA_ARGS__)

static int mapping_load_path(struct mapping_loader *ml, const yaml_node_t *n, struct mapping_path *out)
{
	const char *text = load_text(&ml->l, n);

	if (!text)
		return -1;
	return mapping_path(out, text, &ml->l.arena) ? 0
		: mapping_wrong(ml, n, "'%s' is no path (like ENERGY.Voltage[1], at most %d steps)",
				text, MAPPING_STEPS);
}

/* ---- items ----------------------------------------------------------------------- */

enum { ITEM_PATH, ITEM_KEY, ITEM_UNIT, ITEM_FACTOR, ITEM_FROM, ITEM_NOTE, ITEM_FIELDS };
static const char *const item_fields[ITEM_FIELDS] = { "path", "key", "unit", "factor", "from", "note" };

/* The unit that a value has after UNIT, and what leads there, in IT: that of the vocabulary. */
static int mapping_load_unit(struct mapping_loader *ml, yaml_node_t *map, const yaml_node_t *n, struct dialect_item *it)
{
	const struct vocabulary_key *k = vocabulary_find(it->key);
	const char *unit = "";
	double ratio;

	if (n && load_set_text(&ml->l, n, &unit))
		return -1;
	it->unit = unit;
	if (!k || vocabulary_has_unit(k, unit))
		return 0;
	if (!n)
		return mapping_wrong(ml, map, "'%s' needs the unit that it has in the payload (like unit: %s)",
				     it->key, k->units[0]);
	if (!mapping_units(unit, k->units[0], &ratio))
		return mapping_wrong(ml, n, "'%s' is in '%s', which '%s' cannot become", it->key,
				     *k->units[0] ? k->units[0] : "no unit", unit);
	it->scale *= ratio;
	it->unit = k->units[0];
	return 0;
}

static int mapping_load_factor(struct mapping_loader *ml, const yaml_node_t *n, double *out)
{
	*out = 1;
	if (!n)
		return 0;
	if (yaml_double(&ml->l.yaml, n, out, ml->l.e))
		return -1;
	return isfinite(*out) && fabs(*out) >= 1e-9 && fabs(*out) <= 1e9 ? 0
		: mapping_wrong(ml, n, "factor is 1e-9 to 1e9, or the same negative");
}

static int mapping_load_item(struct mapping_loader *ml, yaml_node_t *n)
{
	struct dialect_item *it = &ml->items[ml->n];
	yaml_node_t *node[ITEM_FIELDS];
	unsigned from = ml->m->dialect.from;

	if (ml->n == UPLOAD_VALUES)
		return mapping_wrong(ml, n, "more than %d items", UPLOAD_VALUES);
	if (load_fields(&ml->l, n, item_fields, ITEM_FIELDS, node))
		return -1;
	if (!node[ITEM_PATH] || !node[ITEM_KEY])
		return mapping_wrong(ml, n, "an item needs path and key");
	*it = (struct dialect_item){ .kinds = 1U << UPLOAD_DATA, .note = "" };
	if (mapping_load_path(ml, node[ITEM_PATH], &ml->paths[ml->n]) || load_set_key(&ml->l, node[ITEM_KEY], &it->key)
	    || mapping_load_factor(ml, node[ITEM_FACTOR], &it->scale) || mapping_load_unit(ml, n, node[ITEM_UNIT], it)
	    || (node[ITEM_FROM] && load_set_word(&ml->l, node[ITEM_FROM], provenance_names, FROM_COUNT, &from))
	    || (node[ITEM_NOTE] && load_set_text(&ml->l, node[ITEM_NOTE], &it->note)))
		return -1;
	it->name = ml->paths[ml->n].text;
	it->from = (enum provenance)from;
	ml->places[ml->n++] = (struct mapping_place){ (int)n->start_mark.line + 1, (int)n->start_mark.column + 1 };
	return 0;
}

static int mapping_load_items(struct mapping_loader *ml, yaml_node_t *list, size_t *first, size_t *n)
{
	yaml_node_t *item;

	*first = ml->n;
	if (load_need_list(&ml->l, list, "items"))
		return -1;
	for (size_t i = 0; (item = yaml_item(&ml->l.yaml, list, i)); i++) {
		if (mapping_load_item(ml, item))
			return -1;
		for (size_t k = *first; k + 1 < ml->n; k++)
			if (strcmp(ml->items[k].key, ml->items[ml->n - 1].key) == 0)
				return mapping_wrong(ml, item, "'%s' is given twice for one topic", ml->items[k].key);
	}
	*n = ml->n - *first;
	return *n ? 0 : mapping_wrong(ml, list, "no items");
}

/* ---- topics ---------------------------------------------------------------------- */

enum { TOPIC_TOPIC, TOPIC_SERIAL, TOPIC_TIME, TOPIC_MODEL, TOPIC_MATCH, TOPIC_VALUES, TOPIC_ITEMS, TOPIC_FIELDS };
static const char *const topic_fields[TOPIC_FIELDS] = { "topic", "serial", "time", "model", "match", "values", "items" };
enum { TIME_PATH, TIME_FORM, TIME_CLOCK_OF, TIME_FIELDS };
static const char *const time_fields[TIME_FIELDS] = { "path", "form", "clock" };

static int mapping_load_pattern(struct mapping_loader *ml, const yaml_node_t *n, struct mapping_topic *t)
{
	char filter[MQTT_TOPIC * 2];
	const char *sn;

	if (load_set_text(&ml->l, n, &t->pattern))
		return -1;
	sn = strstr(t->pattern, "{sn}");
	if (strlen(t->pattern) >= MQTT_TOPIC || !mqtt_fill_any(filter, sizeof(filter), t->pattern) || !mqtt_topic(filter, true)
	    || strpbrk(filter, "{}"))
		return mapping_wrong(ml, n, "'%s' is no topic (levels by '/', '+' for any, {sn} for the serial number)",
					     t->pattern);
	if (sn && strstr(sn + 1, "{sn}"))
		return mapping_wrong(ml, n, "'%s' has two serial numbers", t->pattern);
	return 0;
}

static int mapping_load_time(struct mapping_loader *ml, yaml_node_t *n, struct mapping_topic *t)
{
	static const char *const clocks[] = { "meter", "server" };
	yaml_node_t *node[TIME_FIELDS];
	unsigned form = MAPPING_ISO, other = 0;

	if (load_fields(&ml->l, n, time_fields, TIME_FIELDS, node))
		return -1;
	if (!node[TIME_PATH] || !node[TIME_FORM])
		return mapping_wrong(ml, n, "time needs path and form");
	if (mapping_load_path(ml, node[TIME_PATH], &t->time)
	    || load_set_word(&ml->l, node[TIME_FORM], mapping_time_names, MAPPING_TIMES, &form)
	    || (node[TIME_CLOCK_OF] && load_set_word(&ml->l, node[TIME_CLOCK_OF], clocks, 2, &other)))
		return -1;
	t->form = (enum mapping_time)form;
	t->foreign_clock = other != 0;
	return 0;
}

/* "PATH" or "PATH=VALUE" */
static int mapping_load_condition(struct mapping_loader *ml, const yaml_node_t *n, struct mapping_condition *c)
{
	const char *text = load_text(&ml->l, n), *is = text ? strchr(text, '=') : NULL, *path = text;

	if (!text)
		return -1;
	if (is) {
		path = arena_format(&ml->l.arena, "%.*s", (int)(is - text), text);
		c->value = is + 1;
	}
	if (!path)
		return load_out_of_memory(&ml->l);
	return mapping_path(&c->path, path, &ml->l.arena) ? 0
		: mapping_wrong(ml, n, "'%s' is no condition (PATH or PATH=VALUE)", text);
}

static int mapping_load_match(struct mapping_loader *ml, yaml_node_t *list, struct mapping_topic *t)
{
	yaml_node_t *item;

	if (load_need_list(&ml->l, list, "match"))
		return -1;
	for (; (item = yaml_item(&ml->l.yaml, list, t->nconditions)); t->nconditions++)
		if (t->nconditions == MAPPING_CONDITIONS)
			return mapping_wrong(ml, item, "more than %d conditions", MAPPING_CONDITIONS);
		else if (mapping_load_condition(ml, item, &t->conditions[t->nconditions]))
			return -1;
	return 0;
}

static int mapping_load_topic(struct mapping_loader *ml, yaml_node_t *n)
{
	struct mapping_topic *t = &ml->m->topics[ml->m->ntopics];
	yaml_node_t *node[TOPIC_FIELDS];

	if (ml->m->ntopics == MAPPING_TOPICS)
		return mapping_wrong(ml, n, "more than %d topics", MAPPING_TOPICS);
	if (load_fields(&ml->l, n, topic_fields, TOPIC_FIELDS, node))
		return -1;
	if (!node[TOPIC_TOPIC])
		return mapping_wrong(ml, n, "a topic needs its pattern, topic: PATTERN");
	if (mapping_load_pattern(ml, node[TOPIC_TOPIC], t)
	    || (node[TOPIC_SERIAL] && mapping_load_path(ml, node[TOPIC_SERIAL], &t->serial))
	    || (node[TOPIC_MODEL] && mapping_load_path(ml, node[TOPIC_MODEL], &t->model))
	    || (node[TOPIC_VALUES] && mapping_load_path(ml, node[TOPIC_VALUES], &t->values))
	    || (node[TOPIC_TIME] && mapping_load_time(ml, node[TOPIC_TIME], t))
	    || (node[TOPIC_MATCH] && mapping_load_match(ml, node[TOPIC_MATCH], t)))
		return -1;
	t->first = ml->shared;
	t->n = ml->nshared;
	if (node[TOPIC_ITEMS] && mapping_load_items(ml, node[TOPIC_ITEMS], &t->first, &t->n))
		return -1;
	if (!t->n)
		return mapping_wrong(ml, n, "a topic without items, and none for all topics");
	ml->m->ntopics++;
	return 0;
}

/* ---- vectors --------------------------------------------------------------------- */

enum { VECTOR_TOPIC, VECTOR_PAYLOAD, VECTOR_SERIAL, VECTOR_TIME, VECTOR_EXPECT, VECTOR_FIELDS };
static const char *const vector_fields[VECTOR_FIELDS] = { "topic", "payload", "serial", "time", "expect" };

static int mapping_load_expect(struct mapping_loader *ml, yaml_node_t *list, struct mapping_vector *v)
{
	const char *expect[UPLOAD_VALUES];
	yaml_node_t *item;

	if (load_need_list(&ml->l, list, "expect"))
		return -1;
	for (; (item = yaml_item(&ml->l.yaml, list, v->nexpect)); v->nexpect++) {
		if (v->nexpect == UPLOAD_VALUES)
			return mapping_wrong(ml, item, "more than %d values", UPLOAD_VALUES);
		if (load_set_text(&ml->l, item, &expect[v->nexpect]))
			return -1;
		if (!strchr(expect[v->nexpect], '='))
			return mapping_wrong(ml, item, "'%s' is no KEY=VALUE", expect[v->nexpect]);
	}
	v->expect = arena_copy(&ml->l.arena, expect, v->nexpect * sizeof(*expect));
	return v->expect ? 0 : load_out_of_memory(&ml->l);
}

static int mapping_load_vector(struct mapping_loader *ml, yaml_node_t *n, struct mapping_vector *v)
{
	yaml_node_t *node[VECTOR_FIELDS];
	const char *payload;

	if (load_fields(&ml->l, n, vector_fields, VECTOR_FIELDS, node))
		return -1;
	if (!node[VECTOR_TOPIC] || !node[VECTOR_PAYLOAD] || !node[VECTOR_EXPECT])
		return mapping_wrong(ml, n, "a vector needs topic, payload and expect");
	payload = yaml_text(&ml->l.yaml, node[VECTOR_PAYLOAD], ml->l.e);	/* as it stands: it is not shown */
	if (!payload || load_set_text(&ml->l, node[VECTOR_TOPIC], &v->topic)
	    || (node[VECTOR_SERIAL] && load_set_text(&ml->l, node[VECTOR_SERIAL], &v->serial))
	    || (node[VECTOR_TIME] && load_set_text(&ml->l, node[VECTOR_TIME], &v->time))
	    || mapping_load_expect(ml, node[VECTOR_EXPECT], v))
		return -1;
	if (v->time && !mapping_iso_us(v->time))
		return mapping_wrong(ml, node[VECTOR_TIME], "'%s' is no time (like 2026-07-15T14:03:27Z)", v->time);
	v->line = (int)n->start_mark.line + 1;
	v->payload = arena_copy(&ml->l.arena, payload, strlen(payload) + 1);
	return v->payload ? 0 : load_out_of_memory(&ml->l);
}

static int mapping_load_vectors(struct mapping_loader *ml, yaml_node_t *list)
{
	struct mapping_vector *v;
	size_t n = 0;

	if (load_need_list(&ml->l, list, "vectors"))
		return -1;
	while (yaml_item(&ml->l.yaml, list, n))
		n++;
	v = arena_alloc(&ml->l.arena, (n + 1) * sizeof(*v));
	if (!v)
		return load_out_of_memory(&ml->l);
	for (size_t i = 0; i < n; i++)
		if (mapping_load_vector(ml, yaml_item(&ml->l.yaml, list, i), &v[i]))
			return -1;
	ml->m->vectors = v;
	ml->m->nvectors = n;
	return 0;
}

/* ---- the file -------------------------------------------------------------------- */

enum { TOP_DIALECT, TOP_TITLE, TOP_SOURCE, TOP_FROM, TOP_TOPICS, TOP_ITEMS, TOP_VECTORS, TOP_FIELDS };
static const char *const top_fields[TOP_FIELDS] = { "dialect", "title", "source", "from", "topics", "items", "vectors" };

static int mapping_load_name(struct mapping_loader *ml, const yaml_node_t *n)
{
	struct dialect *d = &ml->m->dialect;

	if (load_set_key(&ml->l, n, &d->name))
		return -1;
	if (strlen(d->name) > MAPPING_NAME)
		return mapping_wrong(ml, n, "'%s' is longer than %d characters", d->name, MAPPING_NAME);
	for (size_t i = 0; dialect_table[i]; i++)
		if (strcmp(dialect_table[i]->name, d->name) == 0)
			return mapping_wrong(ml, n, "'%s' is a dialect of the program's own", d->name);
	return strcmp(d->name, "tunnel") == 0 ? mapping_wrong(ml, n, "'%s' is no dialect of messages", d->name) : 0;
}

static int mapping_load_top(struct mapping_loader *ml, yaml_node_t *root)
{
	struct dialect *d = &ml->m->dialect;
	yaml_node_t *node[TOP_FIELDS], *topic;
	unsigned from = FROM_PUBLIC;

	if (load_fields(&ml->l, root, top_fields, TOP_FIELDS, node))
		return -1;
	if (!node[TOP_DIALECT] || !node[TOP_TOPICS])
		return mapping_wrong(ml, root, "a dialect needs 'dialect: NAME' and topics");
	if (mapping_load_name(ml, node[TOP_DIALECT]) || (node[TOP_TITLE] && load_set_text(&ml->l, node[TOP_TITLE], &d->title))
	    || (node[TOP_SOURCE] && load_set_text(&ml->l, node[TOP_SOURCE], &d->source))
	    || (node[TOP_FROM] && load_set_word(&ml->l, node[TOP_FROM], provenance_names, FROM_COUNT, &from)))
		return -1;
	d->from = (enum provenance)from;
	if ((node[TOP_ITEMS] && mapping_load_items(ml, node[TOP_ITEMS], &ml->shared, &ml->nshared))
	    || load_need_list(&ml->l, node[TOP_TOPICS], "topics"))
		return -1;
	for (size_t i = 0; (topic = yaml_item(&ml->l.yaml, node[TOP_TOPICS], i)); i++)
		if (mapping_load_topic(ml, topic))
			return -1;
	if (!ml->m->ntopics)
		return mapping_wrong(ml, node[TOP_TOPICS], "no topics");
	return node[TOP_VECTORS] ? mapping_load_vectors(ml, node[TOP_VECTORS]) : 0;
}

/* What has been read of it, for as long as the mapping lives. */
static int mapping_load_keep(struct mapping_loader *ml)
{
	struct mapping *m = ml->m;
	struct arena *a = &ml->l.arena;

	m->dialect.items = arena_copy(a, ml->items, ml->n * sizeof(*ml->items));
	m->dialect.nitems = ml->n;
	m->paths = arena_copy(a, ml->paths, ml->n * sizeof(*ml->paths));
	m->places = arena_copy(a, ml->places, ml->n * sizeof(*ml->places));
	return m->dialect.items && m->paths && m->places ? 0 : load_out_of_memory(&ml->l);
}

/* ML's tree is open; it is released. */
static struct mapping *mapping_load_open(struct mapping_loader *ml, const char *origin)
{
	struct mapping *m = calloc(1, sizeof(*m));
	yaml_node_t *root = yaml_root(&ml->l.yaml);
	int rc = -1;

	ml->m = m;
	if (!m) {
		load_out_of_memory(&ml->l);
	} else if (!root || root->type != YAML_MAPPING_NODE) {
		err_set(ml->l.e, ERR_USAGE, "%s:1:1: a dialect is a mapping", ml->l.yaml.file);
	} else {
		m->dialect = (struct dialect){
			.title = "", .source = "", .mapping = m,
			.filters = mapping_filters, .recognise = mapping_recognise, .decode = mapping_decode,
		};
		m->origin = load_clean(&ml->l, origin);
		rc = !m->origin ? load_out_of_memory(&ml->l) : mapping_load_top(ml, root) || mapping_load_keep(ml) ? -1 : 0;
	}
	yaml_release(&ml->l.yaml);
	if (m)
		m->arena = ml->l.arena;
	else
		arena_release(&ml->l.arena);
	if (rc == 0)
		return m;
	mapping_free(m);
	return NULL;
}

static struct mapping *mapping_load_from(const char *path, const char *text, struct err *e)
{
	struct mapping_loader *ml = calloc(1, sizeof(*ml));
	struct mapping *m = NULL;

	if (!ml) {
		err_set(e, ERR_NO, "%s: out of memory", path);
		return NULL;
	}
	ml->l.e = e;
	if ((text ? yaml_open_text(&ml->l.yaml, path, text, e) : yaml_open(&ml->l.yaml, path, e)) == 0)
		m = mapping_load_open(ml, text ? "built in" : path);
	if (m)
		m->builtin = text != NULL;
	free(ml);
	return m;
}

struct mapping *mapping_load(const char *path, struct err *e)
{
	return mapping_load_from(path, NULL, e);
}

struct mapping *mapping_load_text(const char *name, const char *text, struct err *e)
{
	return mapping_load_from(name, text, e);
}

void mapping_free(struct mapping *m)
{
	if (!m)
		return;
	arena_release(&m->arena);
	free(m);
}

bool mapping_in(const char *path)
{
	struct err why = { 0 };
	struct yaml y;
	bool found;

	if (yaml_open(&y, path, &why))
		return false;
	found = yaml_root(&y) && yaml_root(&y)->type == YAML_MAPPING_NODE && yaml_get(&y, yaml_root(&y), "dialect");
	yaml_release(&y);
	return found;
}
