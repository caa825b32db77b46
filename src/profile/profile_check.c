#include "profile_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "base/text.h"
#include "vocabulary.h"

struct checker {
	const struct profile *p;
	struct check *out;
	struct err *e;
};

int check_append(struct finding **list, size_t *n, const char *text, struct err *e)
{
	struct finding *more, *f;

	/* grows at powers of two, so that n alone tells the capacity */
	if ((*n & (*n - 1)) == 0) {
		more = realloc(*list, (*n ? 2 * *n : 1) * sizeof(*more));
		if (!more)
			return err_set(e, ERR_NO, "out of memory");
		*list = more;
	}
	f = &(*list)[(*n)++];
	*f = (struct finding){ 0 };
	text_clean(f->text, sizeof(f->text), text);
	return 0;
}

int check_add(struct check *out, struct err *e, int line, const char *fmt, ...)
{
	char text[ERR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (check_append(&out->list, &out->n, text, e))
		return -1;
	out->list[out->n - 1].line = line;
	return 0;
}
#define profile_check_add(c, ...) check_add((c)->out, (c)->e, __VA_ARGS__)

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

		bool beside = last && last->addr == q->addr && codec_mask(last) && codec_mask(q)
			   && !(codec_mask(last) & codec_mask(q));

		if (last && last->space == q->space && q->addr < last->addr + last->words && !beside
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

/* A role is one point's, and what is set to cure a wiring can be written. */
static int check_role(struct checker *c, const struct point *q)
{
	int first = profile_role(c->p, q->role);
	bool set = q->role >= POINT_ROLE_INVERT && q->role <= POINT_ROLE_MAP_C;

	if (q->role == POINT_ROLE_NONE)
		return 0;
	if (first >= 0 && &c->p->points[first] != q)
		return profile_check_add(c, 0, "'%s' has the role %s, which '%s' has", q->key, role_names[q->role],
					 c->p->points[first].key);
	if (set && !(q->flags & POINT_WRITABLE))
		return profile_check_add(c, 0, "'%s' has the role %s and is not writable", q->key, role_names[q->role]);
	if (q->type > TYPE_BITS || (q->type == TYPE_BITS && q->role != POINT_ROLE_VERDICT))
		return profile_check_add(c, 0, "'%s' has the role %s and is of type %s", q->key, role_names[q->role],
					 point_type_names[q->type]);
	return 0;
}

static int profile_check_point(struct checker *c, const struct point *q)
{
	if (check_role(c, q))
		return -1;
	if (q->words > c->p->read_most
	    && profile_check_add(c, 0, "'%s' takes %u words, a read carries %u at most",
				 q->key, q->words, c->p->read_most))
		return -1;
	if (q->flags & POINT_WRITABLE && q->words > c->p->write_most && !profile_divides(q)
	    && profile_check_add(c, 0, "'%s' takes %u words, a write carries %u at most",
				 q->key, q->words, c->p->write_most))
		return -1;
	if (q->flags & POINT_WRITABLE && q->space == SPACE_INPUT
	    && profile_check_add(c, 0, "'%s' is writable but an input register", q->key))
		return -1;
	if (q->flags & POINT_UNLOCK && !c->p->unlock_password.n
	    && profile_check_add(c, 0, "'%s' is written after an unlock, the profile has none", q->key))
		return -1;
	if (q->flags & POINT_COMMIT && !c->p->commit_value.n
	    && profile_check_add(c, 0, "'%s' is written with a commit, the profile has none", q->key))
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

	if (codec_mask(q))
		back[0] = regs[0];
	if (codec_parse(q, text, &value, &why) || codec_encode(q, &value, back, &why))
		return profile_check_add(c, v->line, "%s=%s cannot be written: %s", q->key, text, why.text);
	for (unsigned i = 0; i < q->words; i++)
		if (back[i] != regs[i])
			return profile_check_add(c, v->line, "%s=%s would be written as %04X in register 0x%04X, not %04X",
						 q->key, text, back[i], q->addr + i, regs[i]);
	return 0;
}

static bool vector_holds(const struct vector *v, const struct point *q)
{
	return q->space == v->space && q->addr >= v->addr && q->addr + q->words <= v->addr + (long)v->nregs;
}

/* REGS of Q; what scales it must stand in the vector, too. */
static int check_decode(const struct checker *c, const struct vector *v, const struct point *q, const uint16_t *regs,
			struct value *out, struct err *e)
{
	int idx = profile_scaler(c->p, q);
	const struct point *by = &c->p->points[idx < 0 ? 0 : idx];
	struct value scale;

	if (idx < 0)
		return codec_decode(q, regs, out, e);
	if (!vector_holds(v, by))
		return err_set(e, ERR_USAGE, "the vector does not hold '%s'", by->key);
	return codec_decode(by, v->regs + (by->addr - v->addr), &scale, e) ? -1 : codec_decode_by(q, regs, &scale, out, e);
}

/* A vector expects Q; bits are proven with their word, and a word with one of its bits. */
static void check_see(struct checker *c, const struct point *q)
{
	for (size_t i = 0; i < c->p->npoints; i++) {
		const struct point *other = &c->p->points[i];

		if (other == q || ((q->type == TYPE_BIT || q->type == TYPE_BITS)
				   && (other->type == TYPE_BIT || other->type == TYPE_BITS) && other->space == q->space && other->addr == q->addr))
			c->out->seen[i] = true;
	}
}

static void check_count(struct checker *c)
{
	for (size_t i = 0; i < c->p->npoints; i++)
		if (!(c->p->points[i].flags & (POINT_DERIVED | POINT_REPEAT))) {
			c->out->listed++;
			c->out->proven += c->out->seen[i];
		}
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
	check_see(c, q);
	if (!vector_holds(v, q))
		return profile_check_add(c, v->line, "the vector does not hold '%s' (0x%04X, %u word%s)",
					 key, q->addr, q->words, q->words == 1 ? "" : "s");
	regs = v->regs + (q->addr - v->addr);
	if (check_decode(c, v, q, regs, &value, &why))
		return profile_check_add(c, v->line, "%s should be %s: %s", key, want, why.text);
	codec_format(q, &value, got, sizeof(got));
	if (value.kind == VALUE_NONE)
		snprintf(got, sizeof(got), "%s", quality_name(QUALITY_ABSENT));
	if (strcmp(got, want) != 0)
		return profile_check_add(c, v->line, "%s is %s, the vector says %s", key, got, want);
	/* a code without a name can be read but not written */
	if (!(q->flags & POINT_WRITABLE) || value.kind == VALUE_NONE || (value.kind == VALUE_CHOICE && got[0] == '#'))
		return 0;
	return check_back(c, v, q, want, regs);
}

/* ---- the vocabulary ------------------------------------------------------- */

/* A place in the file is warned of once, however many points come of it. */
static bool warned_of(const struct check *o, const struct point *q)
{
	for (size_t i = 0; i < o->nwarnings && q->line; i++)
		if (o->warnings[i].line == (int)q->line && o->warnings[i].column == (int)q->column)
			return true;
	return false;
}

static int add_warning(struct checker *c, const struct point *q, const char *text)
{
	struct check *o = c->out;

	if (check_append(&o->warnings, &o->nwarnings, text, c->e))
		return -1;
	o->warnings[o->nwarnings - 1].line = (int)q->line;
	o->warnings[o->nwarnings - 1].column = (int)q->column;
	return 0;
}

static int warn_key(struct checker *c, const struct point *q, const struct vocabulary_list *known)
{
	size_t len = strcspn(q->key, "@");
	char key[128], text[ERR_TEXT];
	const char *near;

	snprintf(key, sizeof(key), "%.*s", (int)len, q->key);
	near = text_nearest(key, known->key, known->n);
	if (near)
		snprintf(text, sizeof(text), "key '%s' is not in the vocabulary (did you mean '%s'?)", key, near);
	else
		snprintf(text, sizeof(text), "key '%s' is not in the vocabulary", key);
	return add_warning(c, q, text);
}

static int warn_unit(struct checker *c, const struct point *q, const struct vocabulary_key *k)
{
	const char *usual = k->units[0];
	char text[ERR_TEXT];

	if (!*q->unit)
		snprintf(text, sizeof(text), "'%s' has no unit, in the vocabulary it is in '%s'", q->key, usual);
	else if (!*usual)
		snprintf(text, sizeof(text), "'%s' is in '%s', in the vocabulary it has no unit", q->key, q->unit);
	else
		snprintf(text, sizeof(text), "'%s' is in '%s', in the vocabulary it is in '%s'", q->key, q->unit, usual);
	return add_warning(c, q, text);
}

static int check_words(struct checker *c, const struct point *q, const struct vocabulary_list *known)
{
	const struct vocabulary_key *k = vocabulary_find(q->key);

	if (warned_of(c->out, q))
		return 0;
	if (!k)
		return warn_key(c, q, known);
	return vocabulary_has_unit(k, q->unit) ? 0 : warn_unit(c, q, k);
}

/* Bits last: of a word that is not known its bits are not either. */
static int check_vocabulary(struct checker *c)
{
	struct vocabulary_list known = { 0 };
	struct arena arena = { 0 };
	int rc = vocabulary_expand_all(&arena, &known) ? err_set(c->e, ERR_NO, "out of memory") : 0;

	for (int bits = 0; bits < 2; bits++)
		for (size_t i = 0; i < c->p->npoints && !rc; i++) {
			const struct point *q = &c->p->points[i];

			if ((q->line || !c->p->own) && (q->type == TYPE_BIT) == bits)
				rc = check_words(c, q, &known);
		}
	free(known.key);
	arena_release(&arena);
	return rc;
}

int profile_check(const struct profile *p, struct check *out, struct err *e)
{
	struct checker c = { p, out, e };

	*out = (struct check){ .points = p->npoints, .seen = calloc(p->npoints + 1, sizeof(*out->seen)) };
	if (!out->seen)
		return err_set(e, ERR_NO, "out of memory");
	if (check_overlaps(&c) || check_vocabulary(&c))
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
	check_count(&c);
	return 0;
}

void check_release(struct check *c)
{
	free(c->list);
	free(c->warnings);
	free(c->seen);
	*c = (struct check){ 0 };
}
