/*
 * embed.c - a build-time program: reads profiles and the vocabulary of their keys with
 * the program's own parser and prints them as C tables (builtin.h), so that starting
 * costs no parsing.
 */
#include <inttypes.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "profile_fields.h"
#include "profile_load.h"
#include "vocabulary.h"

/* The program being built has these from builtin.c; we have none. */
const struct profile *profile_builtin_named(const char *name)
{
	(void)name;
	return NULL;
}

const struct vocabulary_key *vocabulary_all(size_t *n)
{
	*n = 0;
	return NULL;
}

static void *need(void *got)
{
	if (got)
		return got;
	fprintf(stderr, "out of memory\n");
	exit(1);
}

/* ---- pools ------------------------------------------------------------------ */

/* An array to be printed. A place in it is what builtin.c makes a pointer of. */
struct pool {
	const char *declared;	/* its type and name */
	FILE *out;
	char *text;		/* what was written to `out`, and its size */
	size_t size;
	size_t n;		/* elements so far: the place of the next one */
};

static struct pool lists = { .declared = "const char *builtin_lists" };
static struct pool words = { .declared = "const uint16_t builtin_words" };
static struct pool points = { .declared = "struct point builtin_points" };
static struct pool choices = { .declared = "struct choice builtin_choices" };
static struct pool bits = { .declared = "struct bit builtin_bits" };
static struct pool nones = { .declared = "const struct none builtin_nones" };
static struct pool groups = { .declared = "struct group builtin_groups" };
static struct pool rules = { .declared = "struct identify builtin_rules" };
static struct pool vectors = { .declared = "struct vector builtin_vectors" };
static struct pool profiles = { .declared = "struct builtin builtins" };
static struct pool keys = { .declared = "struct vocabulary_key builtin_keys" };
static struct pool *const pools[] = {
	&lists, &words, &points, &choices, &bits, &nones, &groups, &rules, &vectors, &profiles, &keys,
};
#define NPOOLS (sizeof(pools) / sizeof(*pools))

static void pools_open(void)
{
	for (size_t i = 0; i < NPOOLS; i++)
		pools[i]->out = need(open_memstream(&pools[i]->text, &pools[i]->size));
}

static void pools_print(void)
{
	for (size_t i = 0; i < NPOOLS; i++) {
		need(fclose(pools[i]->out) ? NULL : pools[i]->text);
		printf("%s[%zu] = {\n%s};\n", pools[i]->declared, pools[i]->n, pools[i]->text);
		free(pools[i]->text);
	}
}

/* One element, as printf() would write it. */
__attribute__((format(printf, 2, 3)))
static void put(struct pool *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(to->out, format, args);
	va_end(args);
	fputs(",\n", to->out);
	to->n++;
}

static void put_words(const uint16_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(&words, "%u", v[i]);
}

/* ---- texts ------------------------------------------------------------------ */

struct text {
	const char *s;
	size_t place;
};

static void *texts;		/* tsearch(): struct text by s */
static size_t texts_end = 1;	/* the place of the next one: 0 is NULL */

static int text_compare(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->s, ((const struct text *)b)->s);
}

static void print_text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		/* octal escapes end after three digits: nothing runs into them */
		if (c < 0x20 || c > 0x7E || strchr("\"\\?", c))
			printf("\\%03o", c);
		else
			putchar(c);
	}
	printf("\\0\"\n");
}

/* The place of S. A new one is printed at once: the array of them is open. */
static size_t text(const char *s)
{
	struct text sought = { s, texts_end };
	struct text **found = need(tsearch(&sought, &texts, text_compare));

	if (*found == &sought) {
		*found = need(malloc(sizeof(**found)));
		**found = (struct text){ need(strdup(s)), texts_end };
		texts_end += strlen(s) + 1;
		print_text(s);
	}
	return (*found)->place;
}

/* ---- profiles --------------------------------------------------------------- */

static void put_choices(const struct point *p)
{
	for (size_t i = 0; i < p->nchoices; i++)
		put(&choices, "{%ld,TEXT(%zu)}", p->choices[i].code, text(p->choices[i].name));
}

static void embed_put_bits(const struct point *p)
{
	for (size_t i = 0; i < p->nbits; i++)
		put(&bits, "{%u,TEXT(%zu),TEXT(%zu)}", p->bits[i].pos, text(p->bits[i].name),
		    text(p->bits[i].key));
}

static void put_rule(const struct identify *r)
{
	put(&rules, "{TEXT(%zu),PLACE(%zu),%zu,%d,%d,%d,%d,%u,%u,%u,%u,%d}", text(r->model), lists.n, r->nwant, r->glob,
	    (int)r->space, (int)r->type, (int)r->order, r->addr, r->words, r->function, r->object, r->more);
	for (size_t i = 0; i < r->nwant; i++)
		put(&lists, "TEXT(%zu)", text(r->want[i]));
}

static void put_numbers(FILE *out, const struct field *f, const void *in)
{
	const struct numbers *list = (const void *)((const char *)in + f->offset);

	fprintf(out, ".%s={%u,{", f->member, list->n);
	for (unsigned i = 0; i < list->n; i++)
		fprintf(out, "%u,", list->v[i]);
	fputs(list->n ? "}}," : "0}},", out);
}

static void put_code(FILE *out, const struct field *f, const void *in)
{
	const struct code *c = (const void *)((const char *)in + f->offset);

	if (!c->n)
		return;
	fprintf(out, ".%s={%u,{", f->member, c->n);
	for (unsigned i = 0; i < CODE_MAX; i++)
		fprintf(out, "%u,", c->v[i]);
	fputs("}},", out);
}

/* The members of IN that are numbers or one text; zeros are left out. */
static void put_members(FILE *out, const void *in, unsigned where)
{
	for (const struct field *f = fields; f < fields + nfields; f++) {
		if (!(f->where & where) || !f->member)
			continue;
		if (field_is_text(f)) {
			fprintf(out, ".%s=TEXT(%zu),", f->member, text(field_text(f, in)));
		} else if (f->kind == FIELD_REAL) {
			fprintf(out, ".%s=%.17g,", f->member, field_real(f, in));
		} else if (f->kind == FIELD_NUMBERS) {
			put_numbers(out, f, in);
		} else if (f->kind == FIELD_CODE) {
			put_code(out, f, in);
		} else if (f->kind == FIELD_WORD || f->kind == FIELD_WHOLE || f->kind == FIELD_MS || f->kind == FIELD_BOOL) {
			if (field_long(f, in))
				fprintf(out, ".%s=%ld,", f->member, field_long(f, in));
		}
	}
}

static void put_point(const struct point *p)
{
	fputc('{', points.out);
	put_members(points.out, p, FIELD_GROUP | FIELD_POINT);
	if (p->nchoices)
		fprintf(points.out, ".choices=PLACE(%zu),.nchoices=%zu,", choices.n, p->nchoices);
	if (p->nbits)
		fprintf(points.out, ".bits=PLACE(%zu),.nbits=%zu,", bits.n, p->nbits);
	if (p->nnone)
		fprintf(points.out, ".none=PLACE(%zu),.nnone=%zu,", nones.n, p->nnone);
	put(&points, ".flags=%uU}", p->flags);
	for (size_t i = 0; i < p->nnone; i++)
		put(&nones, "{0x%" PRIx64 "U,%.17g}", p->none[i].bits, p->none[i].num);
	put_choices(p);
	embed_put_bits(p);
}

static void put_vector(const struct vector *v)
{
	put(&vectors, "{%u,%d,PLACE(%zu),%zu,PLACE(%zu),%zu,%d}", v->addr, (int)v->space, words.n, v->nregs,
	    lists.n, v->nexpect, v->line);
	put_words(v->regs, v->nregs);
	for (size_t i = 0; i < v->nexpect; i++)
		put(&lists, "TEXT(%zu)", text(v->expect[i]));
}

static void put_profile(const struct profile *p)
{
	struct profile shown = *p;

	shown.origin = "built in";
	fprintf(profiles.out, "{.name=%zu,.profile={", text(p->name));
	put_members(profiles.out, &shown, FIELD_PROFILE);
	fprintf(profiles.out, ".identify={PLACE(%zu),%zu},", rules.n, p->identify.n);
	fprintf(profiles.out, ".by_key=PLACE(%zu),.live=PLACE(%zu),.nlive=%zu,", words.n, words.n + p->npoints, p->nlive);
	put(&profiles, ".points=PLACE(%zu),.npoints=%zu,.groups=PLACE(%zu),.ngroups=%zu,"
	    ".vectors=PLACE(%zu),.nvectors=%zu}}", points.n, p->npoints, groups.n, p->ngroups, vectors.n, p->nvectors);
	put_words(p->by_key, p->npoints);
	put_words(p->live, p->nlive);
	for (size_t i = 0; i < p->npoints; i++)
		put_point(&p->points[i]);
	for (size_t i = 0; i < p->ngroups; i++)
		put(&groups, "{TEXT(%zu),TEXT(%zu)}", text(p->groups[i].name), text(p->groups[i].title));
	for (size_t i = 0; i < p->identify.n; i++)
		put_rule(&p->identify.list[i]);
	for (size_t i = 0; i < p->nvectors; i++)
		put_vector(&p->vectors[i]);
}

/* ---- the vocabulary ------------------------------------------------------- */

enum { KEY, UNIT, MEANING, STANDARD, KEY_FIELDS };

/* The units of a row, one or a list of them, and their end. */
static int put_units(struct loader *l, yaml_node_t *n)
{
	yaml_node_t *item;
	const char *unit;

	if (!n)
		put(&lists, "TEXT(%zu)", text(""));
	for (size_t i = 0; n && (item = n->type == YAML_SEQUENCE_NODE ? yaml_item(&l->yaml, n, i) : i ? NULL : n); i++) {
		unit = yaml_text(&l->yaml, item, l->e);
		if (!unit)
			return -1;
		put(&lists, "TEXT(%zu)", text(unit));
	}
	put(&lists, "NULL");
	return 0;
}

static int put_keys(struct loader *l, yaml_node_t *list)
{
	static const char *const names[KEY_FIELDS] = { "key", "unit", "meaning", "standard" };
	yaml_node_t *item, *node[KEY_FIELDS];

	for (size_t i = 0; (item = yaml_item(&l->yaml, list, i)); i++) {
		const char *given[KEY_FIELDS] = { "", "", "", "" };

		if (load_fields(l, item, names, KEY_FIELDS, node))
			return -1;
		for (int k = 0; k < KEY_FIELDS; k++)
			if (node[k] && k != UNIT && !(given[k] = yaml_text(&l->yaml, node[k], l->e)))
				return -1;
		if (!*given[MEANING] || !vocabulary_pattern_valid(given[KEY]))
			return yaml_complain(&l->yaml, item, l->e, "'%s': no pattern of keys, or without meaning",
					     given[KEY]);
		put(&keys, "{TEXT(%zu),PLACE(%zu),TEXT(%zu),TEXT(%zu)}", text(given[KEY]), lists.n,
		    text(given[MEANING]), text(given[STANDARD]));
		if (put_units(l, node[UNIT]))
			return -1;
	}
	return 0;
}

/* 1: the file at PATH is the vocabulary, and put; 0: it is not; -1 and E. */
static int put_vocabulary(const char *path, struct err *e)
{
	struct loader l = { .e = e };
	yaml_node_t *root, *list = NULL;
	int rc = 0;

	if (yaml_open(&l.yaml, path, e))
		return -1;
	root = yaml_root(&l.yaml);
	if (root && root->type == YAML_MAPPING_NODE)
		list = yaml_get(&l.yaml, root, "vocabulary");
	if (list)
		rc = put_keys(&l, list) ? -1 : 1;
	yaml_release(&l.yaml);
	return rc;
}

/* The vocabulary or a profile. -1: complained. */
static int put_file(const char *path)
{
	struct err e;
	const struct profile *p;
	int rc = put_vocabulary(path, &e);

	p = rc ? NULL : profile_load(path, &e);
	if (rc < 0 || (!rc && !p)) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	if (p)
		put_profile(p);
	profile_free(p);
	return 0;
}

int main(int argc, char **argv)
{
	pools_open();
	/* a number that is given as a pointer is compiled as it stands */
	printf("#include \"profile/builtin.h\"\n"
	       "#define PLACE(n) (const void *)(n)\n"
	       "#define TEXT(n) (const char *)(n)\n"
	       "const char builtin_texts[] =\n\"\\0\"\n");
	for (int i = 1; i < argc; i++)
		if (put_file(argv[i]))
			return 1;
	printf(";\n");
	pools_print();
	printf("const size_t nbuiltins = %zu, nbuiltin_keys = %zu;\n", profiles.n, keys.n);
	return fflush(stdout) || ferror(stdout);
}
