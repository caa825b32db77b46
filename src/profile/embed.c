/*
 * embed.c - a build-time program: reads profiles with the program's own parser
 * and prints them as constant C tables, so that starting costs no parsing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"
#include "profile_load.h"

/* The program being built has these from us; we have none. */
extern const struct profile *const profiles_built_in[];
extern const size_t nprofiles_built_in;
const struct profile *const profiles_built_in[1] = { NULL };
const size_t nprofiles_built_in = 0;

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

static void put_list(const char *name, size_t n, size_t i, size_t k)
{
	if (k)
		printf("%s_%zu_%zu,%zu,", name, n, i, k);
	else
		printf("NULL,0,");
}

static void put_points(const struct profile *p, size_t n)
{
	printf("static const struct point points_%zu[] = {\n", n);
	for (size_t i = 0; i < p->npoints; i++) {
		const struct point *pt = &p->points[i];
		const char *texts[] = { pt->key, pt->name, pt->group, pt->unit,
					pt->note, pt->section };

		putchar('{');
		for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++) {
			put_text(texts[k]);
			putchar(',');
		}
		printf("%d,%d,%d,%d,%uU,%u,%u,%u,%u,%u,%.17g,%.17g,%.17g,%ld,",
		       (int)pt->type, (int)pt->space, (int)pt->from, (int)pt->ratio,
		       pt->flags, pt->addr, pt->words, pt->bit, pt->decimals,
		       pt->instance, pt->scale, pt->min, pt->max, pt->negative_above);
		put_list("choices", n, i, pt->nchoices);
		put_list("bits", n, i, pt->nbits);
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
	put_text(p->name);
	putchar(',');
	put_text(p->title);
	putchar(',');
	put_text(p->source);
	printf(",\"built in\",points_%zu,%zu,by_key_%zu,groups_%zu,%zu,live_%zu,%zu,"
	       "vectors_%zu,%zu,%u,%u,%d,%d,NULL};\n", n, p->npoints, n, n, p->ngroups,
	       n, p->nlive, n, p->nvectors, p->read_most, p->write_most,
	       (int)p->write_function, p->read_holes);
}

int main(int argc, char **argv)
{
	struct err e;

	printf("#include <stddef.h>\n#include \"profile/profile.h\"\n"
	       "extern const struct profile *const profiles_built_in[];\n"
	       "extern const size_t nprofiles_built_in;\n");
	for (int i = 1; i < argc; i++) {
		const struct profile *p = profile_load(argv[i], &e);

		if (!p) {
			fprintf(stderr, "%s\n", e.text);
			return 1;
		}
		put_profile(p, (size_t)i);
		profile_free(p);
	}
	printf("const struct profile *const profiles_built_in[] = {");
	for (int i = 1; i < argc; i++)
		printf("&profile_%d,", i);
	printf("};\nconst size_t nprofiles_built_in = %d;\n", argc - 1);
	return fflush(stdout) || ferror(stdout);
}
