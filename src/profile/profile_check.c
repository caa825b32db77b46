#include "profile_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "base/text.h"

struct checker {
	const struct profile *p;
	struct check *out;
	struct err *e;
};

static int profile_check_add(struct checker *c, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int profile_check_add(struct checker *c, int line, const char *fmt, ...)
{
	struct check *o = c->out;
	char text[ERR_TEXT];
	va_list ap;

	/* grows at powers of two, so that n alone tells the capacity */
	if ((o->n & (o->n - 1)) == 0) {
		struct finding *more = realloc(o->list, (o->n ? 2 * o->n : 1) * sizeof(*more));

		if (!more)
			return err_set(c->e, ERR_NO, "out of memory");
		o->list = more;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_clean(o->list[o->n].text, sizeof(o->list[o->n].text), text);
	o->list[o->n++].line = line;
	return 0;
}

static int profile_check_by_address(const void *a, const void *b)
{
	const struct point *pa = *(const struct point *const *)a;
	const struct point *pb = *(const struct point *const *)b;

	if (pa->space != pb->space)
		return pa->space < pb->space ? -1 : 1;
	return (int)pa->addr - (int)pb->addr;
}

/* The listed points whose flags, of MASK, are WANT: in order of address. */
static size_t profile_check_collect(const struct profile *p, unsigned mask, unsigned want,
				    const struct point **list)
{
	size_t n = 0;

	for (size_t i = 0; i < p->npoints; i++)
		if ((p->points[i].flags & mask) == want)
			list[n++] = &p->points[i];
	qsort(list, n, sizeof(*list), profile_check_by_address);
	return n;
}

static int check_apart(struct checker *c, const struct point *const *list, size_t n)
{
	const struct point *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct point *q = list[i];

		if (last && last->space == q->space && q->addr < last->addr + last->words
		    && profile_check_add(c, 0, "'%s' (0x%04X, %u word%s) and '%s' (0x%04X) overlap",
					 last->key, last->addr, last->words,
					 last->words == 1 ? "" : "s", q->key, q->addr))
			return -1;
		/* keep the one that reaches further */
		if (!last || last->space != q->space
		    || q->addr + q->words > last->addr + last->words)
			last = q;
	}
	return 0;
}

static bool covers(const struct point *whole, const struct point *part)
{
	return whole->space == part->space && whole->addr <= part->addr
	    && whole->addr + whole->words >= part->addr + part->words;
}

/* Every register belongs to one point; a bit shares the register of its word, a
 * part those of its whole. */
static int check_overlaps(struct checker *c)
{
	const struct point **list = malloc((2 * c->p->npoints + 1) * sizeof(*list));
	const struct point **parts;
	size_t n, nparts;
	int rc = -1;

	if (!list)
		return err_set(c->e, ERR_NO, "out of memory");
	parts = list + c->p->npoints;
	n = profile_check_collect(c->p, POINT_DERIVED | POINT_PART, 0, list);
	nparts = profile_check_collect(c->p, POINT_DERIVED | POINT_PART, POINT_PART, parts);
	if (check_apart(c, list, n) || check_apart(c, parts, nparts))
		goto out;
	for (size_t i = 0; i < nparts; i++) {
		size_t k = 0;

		while (k < n && !covers(list[k], parts[i]))
			k++;
		if (k == n && profile_check_add(c, 0, "'%s' (0x%04X) is part of no point", parts[i]->key,
						parts[i]->addr))
			goto out;
	}
	rc = 0;
out:
	free(list);
	return rc;
}

static int profile_check_point(struct checker *c, const struct point *q)
{
	if (q->words > c->p->read_most
	    && profile_check_add(c, 0, "'%s' takes %u words, a read carries %u at most",
				 q->key, q->words, c->p->read_most))
		return -1;
	if (q->flags & POINT_WRITABLE && q->words > c->p->write_most
	    && profile_check_add(c, 0, "'%s' takes %u words, a write carries %u at most",
				 q->key, q->words, c->p->write_most))
		return -1;
	if (q->flags & POINT_WRITABLE && q->space == SPACE_INPUT
	    && profile_check_add(c, 0, "'%s' is writable but an input register", q->key))
		return -1;
	for (size_t i = 0; i < q->nchoices; i++)
		for (size_t k = i + 1; k < q->nchoices; k++)
			if ((q->choices[i].code == q->choices[k].code
			     || strcmp(q->choices[i].name, q->choices[k].name) == 0)
			    && profile_check_add(c, 0, "'%s': choices %ld=%s and %ld=%s are not distinct", q->key,
						 q->choices[i].code, q->choices[i].name,
						 q->choices[k].code, q->choices[k].name))
				return -1;
	for (size_t i = 0; i < q->nbits; i++)
		for (size_t k = i + 1; k < q->nbits; k++)
			if ((q->bits[i].pos == q->bits[k].pos
			     || strcmp(q->bits[i].key, q->bits[k].key) == 0)
			    && profile_check_add(c, 0, "'%s': bits %u=%s and %u=%s are not distinct", q->key,
						 q->bits[i].pos, q->bits[i].name,
						 q->bits[k].pos, q->bits[k].name))
				return -1;
	return 0;
}

/* A setting is written as it is read: TEXT must give REGS back. */
static int check_back(struct checker *c, const struct vector *v, const struct point *q,
		      const char *text, const uint16_t *regs)
{
	uint16_t back[VALUE_WORDS] = { 0 };
	struct value value;
	struct err why;

	if (q->type == TYPE_BIT)
		back[0] = regs[0];
	if (codec_parse(q, text, &value, &why) || codec_encode(q, &value, back, &why))
		return profile_check_add(c, v->line, "%s=%s cannot be written: %s", q->key, text, why.text);
	for (unsigned i = 0; i < q->words; i++)
		if (back[i] != regs[i])
			return profile_check_add(c, v->line, "%s=%s would be written as %04X in register 0x%04X, not %04X",
						 q->key, text, back[i], q->addr + i, regs[i]);
	return 0;
}

/* One "KEY=VALUE" of a vector. */
static int check_value(struct checker *c, const struct vector *v, const char *expect)
{
	const char *want = strchr(expect, '=') + 1;
	char key[128], got[VALUE_TEXT];
	const struct point *q;
	const uint16_t *regs;
	struct value value;
	struct err why;
	int idx;

	snprintf(key, sizeof(key), "%.*s", (int)(want - 1 - expect), expect);
	idx = profile_find(c->p, key);
	if (idx < 0)
		return profile_check_add(c, v->line, "unknown key '%s' in a vector", key);
	q = &c->p->points[idx];
	if (q->space != v->space || q->addr < v->addr
	    || q->addr + q->words > v->addr + (long)v->nregs)
		return profile_check_add(c, v->line, "the vector does not hold '%s' (0x%04X, %u word%s)",
					 key, q->addr, q->words, q->words == 1 ? "" : "s");
	regs = v->regs + (q->addr - v->addr);
	if (codec_decode(q, regs, &value, &why))
		return profile_check_add(c, v->line, "%s should be %s: %s", key, want, why.text);
	codec_format(q, &value, got, sizeof(got));
	if (strcmp(got, want) != 0)
		return profile_check_add(c, v->line, "%s is %s, the vector says %s", key, got, want);
	/* a code without a name can be read but not written */
	if (!(q->flags & POINT_WRITABLE) || (value.kind == VALUE_CHOICE && got[0] == '#'))
		return 0;
	return check_back(c, v, q, want, regs);
}

int profile_check(const struct profile *p, struct check *out, struct err *e)
{
	struct checker c = { p, out, e };

	*out = (struct check){ .points = p->npoints };
	if (check_overlaps(&c))
		return -1;
	for (size_t i = 0; i < p->npoints; i++)
		if (profile_check_point(&c, &p->points[i]))
			return -1;
	for (size_t i = 0; i < p->nvectors; i++) {
		const struct vector *v = &p->vectors[i];

		for (size_t k = 0; k < v->nexpect; k++, out->values++)
			if (check_value(&c, v, v->expect[k]))
				return -1;
		out->vectors++;
	}
	return 0;
}

void check_release(struct check *c)
{
	free(c->list);
	*c = (struct check){ 0 };
}
