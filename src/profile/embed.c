/*
 * embed.c - a build-time program: reads profiles with the program's own parser
 * and prints them as constant C tables, so that starting costs no parsing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
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
