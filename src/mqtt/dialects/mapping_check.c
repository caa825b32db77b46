/*
 * mapping_check.c - does a mapping hold? Its vectors are messages, decoded as one that comes
 * from a broker; its keys are held against the vocabulary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/vocabulary.h"
#include "mapping.h"

struct mapping_checker {
	const struct mapping *m;
	struct check *out;
	struct err *e;
	struct upload up;
};

#define mapping_check_add(c, v, ...) check_add((c)->out, (c)->e, (v)->line, __VA_ARGS__)

/* ---- vectors --------------------------------------------------------------------- */

/* The value of KEY (LEN characters) in the message at hand. */
static const struct upload_value *mapping_check_find(const struct upload *up, const char *key, size_t len)
{
	for (size_t i = 0; i < up->n; i++) {
		const char *is = up->dialect->items[up->values[i].item].key;

		if (strncmp(is, key, len) == 0 && !is[len])
			return &up->values[i];
	}
	return NULL;
}

static int mapping_check_value(struct mapping_checker *c, const struct mapping_vector *v, const char *expect)
{
	size_t len = strcspn(expect, "=");
	const struct upload_value *is = mapping_check_find(&c->up, expect, len);
	char got[32];

	c->out->values++;
	if (!is)
		return mapping_check_add(c, v, "%.*s is not in the message", (int)len, expect);
	c->out->seen[is->item] = true;
	snprintf(got, sizeof(got), "%.10g", is->num);
	return strcmp(got, expect + len + 1) == 0 ? 0
		: mapping_check_add(c, v, "%.*s is %s, the vector says %s", (int)len, expect, got, expect + len + 1);
}

/* What the vector says of the message beside its values. */
static int mapping_check_said(struct mapping_checker *c, const struct mapping_vector *v)
{

	if (v->serial && strcmp(v->serial, c->up.sn) != 0
	    && mapping_check_add(c, v, "serial number is '%s', the vector says '%s'", c->up.sn, v->serial))
		return -1;
	if (v->time && c->up.sent_us != mapping_iso_us(v->time)
	    && mapping_check_add(c, v, "time is not %s", v->time))
		return -1;
	for (size_t i = 0; i < c->up.drops.n; i++)
		if (mapping_check_add(c, v, "value dropped: %s", c->up.drops.list[i].text))
			return -1;
	return 0;
}

/* A message that is another's by its payload or topic never comes as far as a mapping. */
static int mapping_check_taken(struct mapping_checker *c, const struct mapping_vector *v)
{
	struct err why = { 0 };

	if (dialect_decode(NULL, v->topic, strlen(v->topic), v->payload, strlen(v->payload), &c->up, &why) || c->up.dialect->mapping)
		return 0;
	return mapping_check_add(c, v,
				 "the message is taken for dialect %s (name this one in the target: dialect=%s)",
				 c->up.dialect->name, c->m->dialect.name);
}

static int mapping_check_vector(struct mapping_checker *c, const struct mapping_vector *v)
{
	struct err why = { 0 };

	c->out->vectors++;
	if (mapping_check_taken(c, v))
		return -1;
	if (dialect_decode(&c->m->dialect, v->topic, strlen(v->topic), v->payload, strlen(v->payload), &c->up, &why))
		return mapping_check_add(c, v, "%s", why.text);
	if (mapping_check_said(c, v))
		return -1;
	for (size_t i = 0; i < v->nexpect; i++)
		if (mapping_check_value(c, v, v->expect[i]))
			return -1;
	return 0;
}

/* ---- the vocabulary --------------------------------------------------------------- */

static int mapping_check_key(struct mapping_checker *c, size_t item, const struct vocabulary_list *known)
{
	const char *key = c->m->dialect.items[item].key, *near;
	struct check *o = c->out;
	char text[ERR_TEXT];

	if (vocabulary_find(key))
		return 0;
	near = text_nearest(key, known->key, known->n);
	snprintf(text, sizeof(text), near ? "key '%s' is not in the vocabulary (did you mean '%s'?)"
		 : "key '%s' is not in the vocabulary", key, near);
	if (check_append(&o->warnings, &o->nwarnings, text, c->e))
		return -1;
	o->warnings[o->nwarnings - 1].line = c->m->places[item].line;
	o->warnings[o->nwarnings - 1].column = c->m->places[item].column;
	return 0;
}

static int mapping_check_keys(struct mapping_checker *c)
{
	struct vocabulary_list known = { 0 };
	struct arena arena = { 0 };
	int rc = vocabulary_expand_all(&arena, &known) ? err_set(c->e, ERR_NO, "out of memory") : 0;

	for (size_t i = 0; i < c->m->dialect.nitems && !rc; i++)
		rc = mapping_check_key(c, i, &known);
	free(known.key);
	arena_release(&arena);
	return rc;
}

int mapping_check(const struct mapping *m, struct check *out, struct err *e)
{
	struct mapping_checker c = { .m = m, .out = out, .e = e };
	size_t n = m->dialect.nitems;

	*out = (struct check){ .points = n, .listed = n, .seen = calloc(n + 1, sizeof(*out->seen)) };
	if (!out->seen)
		return err_set(e, ERR_NO, "out of memory");
	if (mapping_check_keys(&c))
		return -1;
	for (size_t i = 0; i < m->nvectors; i++)
		if (mapping_check_vector(&c, &m->vectors[i]))
			return -1;
	for (size_t i = 0; i < n; i++)
		out->proven += out->seen[i];
	return 0;
}
