/*
 * embed.c - a build-time program: reads profiles and the vocabulary of their keys with
 * the program's own parser and prints them as constant C tables, so that starting costs
 * no parsing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "profile_fields.h"
#include "profile_load.h"
#include "vocabulary.h"

/* The program being built has these from us; we have none. */
extern const struct profile *const profiles_built_in[];
extern const size_t nprofiles_built_in;
const struct profile *const profiles_built_in[1] = { NULL };
const size_t nprofiles_built_in = 0;
const struct vocabulary_key vocabulary[1] = { { NULL, NULL, NULL, NULL } };
const size_t nvocabulary = 0;

static void put_text(const char *s)
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
	putchar('"');
}

static void put_names(const struct profile *p, size_t n)
{
	for (size_t i = 0; i < p->npoints; i++) {
		const struct point *pt = &p->points[i];

		if (pt->nchoices) {
			printf("static const struct choice choices_%zu_%zu[] = {", n, i);
			for (size_t k = 0; k < pt->nchoices; k++) {
				printf("{%ld,", pt->choices[k].code);
				put_text(pt->choices[k].name);
				printf("},");
			}
			printf("};\n");
		}
		if (pt->nbits) {
			printf("static const struct bit bits_%zu_%zu[] = {", n, i);
			for (size_t k = 0; k < pt->nbits; k++) {
				printf("{%u,", pt->bits[k].pos);
				put_text(pt->bits[k].name);
				putchar(',');
				put_text(pt->bits[k].key);
				printf("},");
			}
			printf("};\n");
		}
	}
}

/* The members of IN that are one number or one text; zeros are left out. */
static void put_members(const void *in, unsigned where)
{
	for (const struct field *f = fields; f < fields + nfields; f++) {
		if (!(f->where & where) || !f->member)
			continue;
		if (f->kind == FIELD_TEXT || f->kind == FIELD_KEY) {
			printf(".%s=", f->member);
			put_text(field_text(f, in));
			putchar(',');
		} else if (f->kind == FIELD_REAL) {
			printf(".%s=%.17g,", f->member, field_real(f, in));
		} else if (f->kind == FIELD_WORD || f->kind == FIELD_WHOLE || f->kind == FIELD_BOOL) {
			if (field_long(f, in))
				printf(".%s=%ld,", f->member, field_long(f, in));
		}
	}
}

static void put_points(const struct profile *p, size_t n)
{
	printf("static const struct point points_%zu[] = {\n", n);
	for (size_t i = 0; i < p->npoints; i++) {
		const struct point *pt = &p->points[i];

		putchar('{');
		put_members(pt, FIELD_GROUP | FIELD_POINT);
		printf(".flags=%uU,", pt->flags);
		if (pt->nchoices)
			printf(".choices=choices_%zu_%zu,.nchoices=%zu,", n, i, pt->nchoices);
		if (pt->nbits)
			printf(".bits=bits_%zu_%zu,.nbits=%zu,", n, i, pt->nbits);
		printf("},\n");
	}
	printf("};\n");
}

static void put_indices(const char *name, size_t n, const uint16_t *v, size_t count)
{
	printf("static const uint16_t %s_%zu[] = {", name, n);
	for (size_t i = 0; i < count; i++)
		printf("%u,", v[i]);
	printf("0};\n");
}

static void put_vectors(const struct profile *p, size_t n)
{
	for (size_t i = 0; i < p->nvectors; i++) {
		const struct vector *v = &p->vectors[i];

		printf("static const uint16_t regs_%zu_%zu[] = {", n, i);
		for (size_t k = 0; k < v->nregs; k++)
			printf("%u,", v->regs[k]);
		printf("};\nstatic const char *const expect_%zu_%zu[] = {", n, i);
		for (size_t k = 0; k < v->nexpect; k++) {
			put_text(v->expect[k]);
			putchar(',');
		}
		printf("};\n");
	}
	printf("static const struct vector vectors_%zu[] = {", n);
	for (size_t i = 0; i < p->nvectors; i++)
		printf("{%u,%d,regs_%zu_%zu,%zu,expect_%zu_%zu,%zu,%d},\n",
		       p->vectors[i].addr, (int)p->vectors[i].space, n, i,
		       p->vectors[i].nregs, n, i, p->vectors[i].nexpect,
		       p->vectors[i].line);
	printf("{0,0,NULL,0,NULL,0,0}};\n");
}

static void put_profile(const struct profile *p, size_t n)
{
	struct profile shown = *p;

	put_names(p, n);
	put_points(p, n);
	put_indices("by_key", n, p->by_key, p->npoints);
	put_indices("live", n, p->live, p->nlive);
	put_vectors(p, n);
	printf("static const struct group groups_%zu[] = {", n);
	for (size_t i = 0; i < p->ngroups; i++) {
		putchar('{');
		put_text(p->groups[i].name);
		putchar(',');
		put_text(p->groups[i].title);
		printf("},\n");
	}
	printf("};\nstatic const struct profile profile_%zu = {", n);
	shown.origin = "built in";
	put_members(&shown, FIELD_PROFILE);
	printf(".points=points_%zu,.npoints=%zu,.by_key=by_key_%zu,.groups=groups_%zu,.ngroups=%zu,"
	       ".live=live_%zu,.nlive=%zu,.vectors=vectors_%zu,.nvectors=%zu};\n", n, p->npoints, n, n,
	       p->ngroups, n, p->nlive, n, p->nvectors);
}

/* ---- the vocabulary ------------------------------------------------------- */

enum { KEY, UNIT, MEANING, STANDARD, KEY_FIELDS };

/* The units of a row, one or a list of them, as the array units_<N>. */
static int put_units(struct loader *l, yaml_node_t *n, size_t row)
{
	yaml_node_t *item;
	const char *text;

	printf("static const char *const units_%zu[] = {", row);
	if (!n) {
		printf("\"\",NULL};\n");
		return 0;
	}
	for (size_t i = 0; (item = n->type == YAML_SEQUENCE_NODE ? yaml_item(&l->yaml, n, i) : i ? NULL : n); i++) {
		text = yaml_text(&l->yaml, item, l->e);
		if (!text)
			return -1;
		put_text(text);
		putchar(',');
	}
	printf("NULL};\n");
	return 0;
}

/* The rows of LIST: first their units, then (ROWS) themselves. */
static int put_keys(struct loader *l, yaml_node_t *list, bool rows)
{
	static const char *const names[KEY_FIELDS] = { "key", "unit", "meaning", "standard" };
	yaml_node_t *item, *node[KEY_FIELDS];

	for (size_t i = 0; (item = yaml_item(&l->yaml, list, i)); i++) {
		const char *text[KEY_FIELDS] = { "", "", "", "" };

		if (load_fields(l, item, names, KEY_FIELDS, node))
			return -1;
		if (!rows && put_units(l, node[UNIT], i))
			return -1;
		for (int k = 0; k < KEY_FIELDS; k++)
			if (node[k] && k != UNIT && !(text[k] = yaml_text(&l->yaml, node[k], l->e)))
				return -1;
		if (!*text[MEANING] || !vocabulary_pattern_valid(text[KEY]))
			return yaml_complain(&l->yaml, item, l->e, "'%s': no pattern of keys, or without meaning",
					     text[KEY]);
		if (!rows)
			continue;
		putchar('{');
		put_text(text[KEY]);
		printf(",units_%zu,", i);
		put_text(text[MEANING]);
		putchar(',');
		put_text(text[STANDARD]);
		printf("},\n");
	}
	return 0;
}

/* 1: the file at PATH is the vocabulary, and printed; 0: it is not; -1 and E. */
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
	if (list) {
		rc = put_keys(&l, list, false);
		printf("const struct vocabulary_key vocabulary[] = {\n");
		rc = rc || put_keys(&l, list, true) ? -1 : 1;
		printf("};\nconst size_t nvocabulary = sizeof(vocabulary) / sizeof(*vocabulary);\n");
	}
	yaml_release(&l.yaml);
	return rc;
}

/* 1: a profile is printed as profile_<N>; 0: the file was the vocabulary; -1: complained. */
static int put_file(const char *path, size_t n)
{
	struct err e;
	const struct profile *p;
	int rc = put_vocabulary(path, &e);

	p = rc ? NULL : profile_load(path, &e);
	if (rc < 0 || (!rc && !p)) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	if (!p)
		return 0;
	put_profile(p, n);
	profile_free(p);
	return 1;
}

int main(int argc, char **argv)
{
	size_t n = 0;

	printf("#include <stddef.h>\n#include \"profile/profile.h\"\n#include \"profile/vocabulary.h\"\n"
	       "extern const struct profile *const profiles_built_in[];\n"
	       "extern const size_t nprofiles_built_in;\n");
	for (int i = 1; i < argc; i++) {
		int made = put_file(argv[i], n);

		if (made < 0)
			return 1;
		n += (size_t)made;
	}
	printf("const struct profile *const profiles_built_in[] = {");
	for (size_t i = 0; i < n; i++)
		printf("&profile_%zu,", i);
	printf("};\nconst size_t nprofiles_built_in = %zu;\n", n);
	return fflush(stdout) || ferror(stdout);
}
