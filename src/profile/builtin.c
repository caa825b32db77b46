#include "builtin.h"

#include <pthread.h>
#include <string.h>

#include "field.h"

static const char *builtin_text(const char *place)
{
	return place ? builtin_texts + (uintptr_t)place : NULL;
}

static void builtin_make_member(const struct field *f, void *in)
{
	field_set_text(f, in, builtin_text(field_text(f, in)));
}

/* The texts that field.c knows of a profile and its points. Fields outside, points
 * inside: most rows of the table are no texts, and there are a thousand points. */
static void builtin_make_members(struct profile *p, struct point *points)
{
	for (const struct field *f = fields; f < fields + nfields; f++) {
		if (!field_is_text(f))
			continue;
		if (f->where & FIELD_PROFILE)
			builtin_make_member(f, p);
		for (size_t i = 0; i < p->npoints && f->where & (FIELD_GROUP | FIELD_POINT); i++)
			builtin_make_member(f, &points[i]);
	}
}

static void builtin_make_point(struct point *p)
{
	struct choice *choices = builtin_choices + (uintptr_t)p->choices;
	struct bit *bits = builtin_bits + (uintptr_t)p->bits;

	p->choices = choices;
	for (size_t i = 0; i < p->nchoices; i++)
		choices[i].name = builtin_text(choices[i].name);
	p->bits = bits;
	for (size_t i = 0; i < p->nbits; i++) {
		bits[i].name = builtin_text(bits[i].name);
		bits[i].key = builtin_text(bits[i].key);
	}
	p->none = builtin_nones + (uintptr_t)p->none;
}

/* The N texts whose places begin at PLACE of the lists. */
static const char *const *builtin_make_texts(const char *const *place, size_t n)
{
	const char **list = builtin_lists + (uintptr_t)place;

	for (size_t i = 0; i < n; i++)
		list[i] = builtin_text(list[i]);
	return list;
}

static void builtin_make_vector(struct vector *v)
{
	v->regs = builtin_words + (uintptr_t)v->regs;
	v->expect = builtin_make_texts(v->expect, v->nexpect);
}

static void builtin_make_rules(struct identify_list *l)
{
	struct identify *rules = builtin_rules + (uintptr_t)l->list;

	l->list = rules;
	for (size_t i = 0; i < l->n; i++) {
		rules[i].model = builtin_text(rules[i].model);
		rules[i].want = builtin_make_texts(rules[i].want, rules[i].nwant);
	}
}

static void builtin_make_profile(struct profile *p)
{
	struct point *points = builtin_points + (uintptr_t)p->points;
	struct group *groups = builtin_groups + (uintptr_t)p->groups;
	struct vector *vectors = builtin_vectors + (uintptr_t)p->vectors;

	builtin_make_members(p, points);
	p->by_key = builtin_words + (uintptr_t)p->by_key;
	p->live = builtin_words + (uintptr_t)p->live;
	p->points = points;
	for (size_t i = 0; i < p->npoints; i++)
		builtin_make_point(&points[i]);
	p->groups = groups;
	for (size_t i = 0; i < p->ngroups; i++) {
		groups[i].name = builtin_text(groups[i].name);
		groups[i].title = builtin_text(groups[i].title);
	}
	builtin_make_rules(&p->identify);
	p->vectors = vectors;
	for (size_t i = 0; i < p->nvectors; i++)
		builtin_make_vector(&vectors[i]);
}

const struct profile *profile_builtin(size_t i)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	if (i >= nbuiltins)
		return NULL;
	pthread_mutex_lock(&lock);
	if (!builtins[i].ready)
		builtin_make_profile(&builtins[i].profile);
	builtins[i].ready = true;
	pthread_mutex_unlock(&lock);
	return &builtins[i].profile;
}

const struct profile *profile_builtin_named(const char *name)
{
	for (size_t i = 0; i < nbuiltins; i++)
		if (strcmp(builtin_texts + builtins[i].name, name) == 0)
			return profile_builtin(i);
	return NULL;
}

static void builtin_make_keys(void)
{
	for (size_t i = 0; i < nbuiltin_keys; i++) {
		struct vocabulary_key *k = &builtin_keys[i];
		const char **units = builtin_lists + (uintptr_t)k->units;

		k->pattern = builtin_text(k->pattern);
		k->meaning = builtin_text(k->meaning);
		k->standard = builtin_text(k->standard);
		k->units = units;
		for (; *units; units++)
			*units = builtin_text(*units);
	}
}

const struct vocabulary_key *vocabulary_all(size_t *n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, builtin_make_keys);
	*n = nbuiltin_keys;
	return builtin_keys;
}
