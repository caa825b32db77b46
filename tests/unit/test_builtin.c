/*
 * The compiled-in profiles: made when they are asked for, once, and what their files say.
 * The order of the tests matters: what has been made stays so.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "profile/builtin.h"
#include "profile/field.h"
#include "profile/identify.h"
#include "profile/profile_load.h"
#include "unit.h"

#define THREADS 4

/* Starting costs nothing for a model that is not used. */
static void only_the_one_asked_for_is_made(void **state)
{
	const struct profile *p = profile_builtin_named("sdm630");

	(void)state;
	assert_string_equal(p->name, "sdm630");
	assert_ptr_equal(profile_builtin_named("sdm630"), p);
	assert_null(profile_builtin_named("sdm63"));
	for (size_t i = 0; i < nbuiltins; i++)
		assert_int_equal(builtins[i].ready, &builtins[i].profile == p);
}

static pthread_barrier_t together;

static size_t length_of_all(const struct profile *p)
{
	size_t sum = 0, n;
	const struct vocabulary_key *k = vocabulary_all(&n);

	for (; n; k++, n--)
		sum += strlen(k->pattern) + strlen(k->units[0]);
	for (size_t i = 0; i < p->npoints; i++)
		sum += strlen(p->points[i].key) + strlen(p->points[i].note);
	return sum;
}

static void *ask_first(void *sum)
{
	pthread_barrier_wait(&together);
	*(size_t *)sum = length_of_all(profile_builtin_named("adw300"));
	return NULL;
}

static void threads_may_ask_at_once(void **state)
{
	pthread_t thread[THREADS];
	size_t sum[THREADS];

	(void)state;
	assert_int_equal(pthread_barrier_init(&together, NULL, THREADS), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&thread[i], ask_first, &sum[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	pthread_barrier_destroy(&together);
	assert_in_range(sum[0], 10000, 1000000);
	for (size_t i = 1; i < THREADS; i++)
		assert_int_equal(sum[i], sum[0]);
}

static void same_members(const void *a, const void *b, unsigned where)
{
	for (const struct field *f = fields; f < fields + nfields; f++) {
		if (!(f->where & where) || !f->member || strcmp(f->member, "origin") == 0)
			continue;
		if (field_is_text(f))
			assert_string_equal(field_text(f, a), field_text(f, b));
		else if (f->kind == FIELD_REAL)
			assert_true(field_real(f, a) == field_real(f, b));
		else if (f->kind == FIELD_NUMBERS)
			assert_memory_equal((const char *)a + f->offset, (const char *)b + f->offset, f->size);
		else if (f->kind == FIELD_WORD || f->kind == FIELD_WHOLE || f->kind == FIELD_MS || f->kind == FIELD_BOOL)
			assert_int_equal(field_long(f, a), field_long(f, b));
	}
}

static void same_point(const struct point *a, const struct point *b)
{
	same_members(a, b, FIELD_GROUP | FIELD_POINT);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->nchoices, b->nchoices);
	for (size_t i = 0; i < a->nchoices; i++) {
		assert_int_equal(a->choices[i].code, b->choices[i].code);
		assert_string_equal(a->choices[i].name, b->choices[i].name);
	}
	assert_int_equal(a->nbits, b->nbits);
	for (size_t i = 0; i < a->nbits; i++) {
		assert_int_equal(a->bits[i].pos, b->bits[i].pos);
		assert_string_equal(a->bits[i].name, b->bits[i].name);
		assert_string_equal(a->bits[i].key, b->bits[i].key);
	}
}

static void same_vector(const struct vector *a, const struct vector *b)
{
	assert_int_equal(a->addr, b->addr);
	assert_int_equal(a->space, b->space);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->nregs, b->nregs);
	assert_memory_equal(a->regs, b->regs, a->nregs * sizeof(*a->regs));
	assert_int_equal(a->nexpect, b->nexpect);
	for (size_t i = 0; i < a->nexpect; i++)
		assert_string_equal(a->expect[i], b->expect[i]);
}

static void same_rule(const struct identify *a, const struct identify *b)
{
	char text[2][400];

	assert_string_equal(identify_text(a, text[0], sizeof(text[0])), identify_text(b, text[1], sizeof(text[1])));
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->words, b->words);
	assert_int_equal(a->more, b->more);
	assert_true(identify_same_place(a, b));
}

static void same_profile(const struct profile *a, const struct profile *b)
{
	same_members(a, b, FIELD_PROFILE);
	assert_int_equal(a->npoints, b->npoints);
	assert_memory_equal(a->by_key, b->by_key, a->npoints * sizeof(*a->by_key));
	for (size_t i = 0; i < a->npoints; i++)
		same_point(&a->points[i], &b->points[i]);
	assert_int_equal(a->ngroups, b->ngroups);
	for (size_t i = 0; i < a->ngroups; i++) {
		assert_string_equal(a->groups[i].name, b->groups[i].name);
		assert_string_equal(a->groups[i].title, b->groups[i].title);
	}
	assert_int_equal(a->nlive, b->nlive);
	assert_memory_equal(a->live, b->live, a->nlive * sizeof(*a->live));
	assert_int_equal(a->identify.n, b->identify.n);
	for (size_t i = 0; i < a->identify.n; i++)
		same_rule(&a->identify.list[i], &b->identify.list[i]);
	assert_int_equal(a->nvectors, b->nvectors);
	for (size_t i = 0; i < a->nvectors; i++)
		same_vector(&a->vectors[i], &b->vectors[i]);
}

static void each_is_what_its_file_says(void **state)
{
	const struct profile *p;

	(void)state;
	for (size_t i = 0; (p = profile_builtin(i)); i++) {
		char path[64];
		struct err e;
		const struct profile *read;

		snprintf(path, sizeof(path), "src/profiles/%s.yaml", p->name);
		read = profile_load(path, &e);
		if (!read)
			fail_msg("%s", e.text);
		assert_string_equal(p->origin, "built in");
		same_profile(p, read);
		profile_free(read);
		profile_free(p);	/* takes nothing away of one that is built in */
		assert_ptr_equal(profile_builtin_named(p->name), p);
	}
}

/* Rows with one unit, with several, with none, with any. */
static void units_of_the_vocabulary(void **state)
{
	const struct vocabulary_key *k;

	(void)state;
	k = vocabulary_find("voltage.a");
	assert_string_equal(k->pattern, "voltage.{a,b,c}");
	assert_string_equal(k->standard, "IEC 61557-12: U");
	assert_string_equal(k->units[0], "V");
	assert_null(k->units[1]);
	k = vocabulary_find("signal.strength");
	assert_string_equal(k->meaning, "signal of its radio");
	assert_string_equal(k->standard, "");
	assert_string_equal(k->units[0], "dBm");
	assert_string_equal(k->units[1], "");
	assert_null(k->units[2]);
	k = vocabulary_find("pf.a");
	assert_string_equal(k->units[0], "");
	assert_null(k->units[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_one_asked_for_is_made), cmocka_unit_test(threads_may_ask_at_once),
		cmocka_unit_test(each_is_what_its_file_says), cmocka_unit_test(units_of_the_vocabulary),
	};

	return UNIT_RUN(tests);
}
