#include "profile_load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "codec.h"
#include "text.h"
#include "yaml.h"

#define MAX_POINTS 8192
#define MAX_LIST 256	/* choices, bits, live entries, registers of a vector */

/* The profile while it is being read. `made` is what comes out; the rest of the
 * struct is what profile_unload() gives back. */
struct loader {
	struct profile made;	/* first: profile_unload() casts back */
	struct arena arena;
	struct yaml yaml;
	struct point *points;
	size_t npoints, cap;
	struct group *groups;
	size_t ngroups;
	struct err *e;
};

/* A point as written, with what only the file knows. */
struct spec {
	struct point p;
	bool decimals_set, min_set, max_set;
	long array_from, array_count;
	long repeat_count, repeat_stride;
};

static int out_of_memory(struct loader *l)
{
	return err_set(l->e, ERR_NO, "%s: out of memory", l->yaml.file);
}

/* Text that outlives the YAML tree, cleaned: it will be shown. */
static const char *keep(struct loader *l, const yaml_node_t *n)
{
	const char *s = yaml_text(&l->yaml, n, l->e);
	size_t size = s ? strlen(s) + 1 : 0;
	char *copy = s ? arena_alloc(&l->arena, size) : NULL;

	if (copy)
		text_clean(copy, size, s);
	else if (s)
		out_of_memory(l);
	return copy;
}

static int set_text(struct loader *l, const yaml_node_t *n, const char **out)
{
	*out = keep(l, n);
	return *out ? 0 : -1;
}

/* One of a list of words; the index goes to *OUT. */
static int set_word(struct loader *l, const yaml_node_t *n, const char *const *words,
		    size_t count, unsigned *out)
{
	const char *s = yaml_text(&l->yaml, n, l->e);
	char list[160] = "";
	size_t at = 0;

	if (!s)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		/* the type of bits comes with their word */
		if (words[i] == point_type_names[TYPE_BIT])
			continue;
		if (strcmp(s, words[i]) == 0) {
			*out = i;
			return 0;
		}
		text_append(list, sizeof(list), &at, "%s%s", at ? ", " : "", words[i]);
	}
	return yaml_complain(&l->yaml, n, l->e, "'%s' is none of: %s", s, list);
}

static int set_flag(struct loader *l, const yaml_node_t *n, unsigned *flags,
		    unsigned flag)
{
	bool on;

	if (yaml_bool(&l->yaml, n, &on, l->e))
		return -1;
	*flags = on ? *flags | flag : *flags & ~flag;
	return 0;
}

static bool key_valid(const char *key)
{
	size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && len < 64 && key[len] == '\0' && key[0] != '.'
	    && key[0] != '-' && key[len - 1] != '.' && !strstr(key, "..");
}

static int set_key(struct loader *l, const yaml_node_t *n, const char **out)
{
	if (set_text(l, n, out))
		return -1;
	if (!key_valid(*out))
		return yaml_complain(&l->yaml, n, l->e,
			"'%s' is no key: lower-case words joined by dots", *out);
	return 0;
}

/* ["1=1200", "2=2400"] */
static int set_choices(struct loader *l, yaml_node_t *n, struct spec *s)
{
	struct choice list[MAX_LIST];
	size_t count = 0;
	yaml_node_t *item;

	for (; (item = yaml_item(&l->yaml, n, count)); count++) {
		const char *text = keep(l, item);
		char code[24];
		size_t len = text ? strcspn(text, "=") : 0;

		if (!text)
			return -1;
		snprintf(code, sizeof(code), "%.*s", (int)len, text);
		if (count == MAX_LIST || len >= sizeof(code) || !text[len] || !text[len + 1]
		    || !text_long(code, -2147483647L, 2147483647L, &list[count].code))
			return yaml_complain(&l->yaml, item, l->e,
				"'%s' is no choice (like 4=9600)", text);
		list[count].name = text + len + 1;
	}
	if (count == 0)
		return yaml_complain(&l->yaml, n, l->e, "choices is a list like [\"4=9600\"]");
	s->p.choices = arena_copy(&l->arena, list, count * sizeof(*list));
	s->p.nchoices = count;
	return s->p.choices ? 0 : out_of_memory(l);
}

/* ["0=overvoltage", "1=DI2 di.2"]; the key is made complete in add_bits(). */
static int set_bits(struct loader *l, yaml_node_t *n, struct spec *s)
{
	struct bit list[16];
	size_t count = 0;
	yaml_node_t *item;

	for (; (item = yaml_item(&l->yaml, n, count)); count++) {
		const char *text = yaml_text(&l->yaml, item, l->e);
		char name[64], key[64] = "";
		unsigned pos;
		int end = 0;

		if (!text)
			return -1;
		if (count == 16 || sscanf(text, "%2u=%63s%n %63s%n", &pos, name, &end, key, &end) < 2
		    || text[end] || pos > 15 || (*key && !key_valid(key)))
			return yaml_complain(&l->yaml, item, l->e,
				"'%s' is no bit (like 0=overvoltage or '0=DI1 di.1')", text);
		list[count] = (struct bit){
			.pos = (uint8_t)pos,
			.name = arena_format(&l->arena, "%s", name),
			.key = arena_format(&l->arena, "%s", key),
		};
		if (!list[count].name || !list[count].key)
			return out_of_memory(l);
	}
	if (count == 0)
		return yaml_complain(&l->yaml, n, l->e, "bits is a list like [\"0=overvoltage\"]");
	s->p.bits = arena_copy(&l->arena, list, count * sizeof(*list));
	s->p.nbits = count;
	return s->p.bits ? 0 : out_of_memory(l);
}

/* {from: 2, count: 30} or {count: 12, stride: 0x100} */
static int set_two(struct loader *l, yaml_node_t *n, const char *a, long *av,
		   const char *b, long *bv)
{
	yaml_node_t *na = yaml_get(&l->yaml, n, a), *nb = yaml_get(&l->yaml, n, b);

	if (n->type != YAML_MAPPING_NODE || !na || !nb)
		return yaml_complain(&l->yaml, n, l->e, "needs {%s: N, %s: N}", a, b);
	if (yaml_long(&l->yaml, na, 0, 1000, av, l->e)
	    || yaml_long(&l->yaml, nb, 1, 65535, bv, l->e))
		return -1;
	return 0;
}

static int set_number(struct loader *l, const yaml_node_t *n, double *v, bool *given)
{
	*given = true;
	return yaml_double(&l->yaml, n, v, l->e);
}

enum field {
	F_KEY, F_AT, F_WORDS, F_NAME, F_TYPE, F_SPACE, F_SCALE, F_DECIMALS, F_UNIT,
	F_ACCESS, F_FROM, F_SECTION, F_RATIO, F_MAP, F_RESERVED, F_NOTE,
	F_AMBIGUOUS, F_CHOICES, F_BITS, F_MIN, F_MAX, F_NEGATIVE, F_SECRET,
	F_DROPS, F_SWITCHES, F_ARRAY, F_REPEAT, F_GROUP, F_TITLE, F_POINTS, F_COUNT
};

static const struct { const char *name; bool group, point; } fields[F_COUNT] = {
	[F_KEY] = { "key", false, true }, [F_AT] = { "at", false, true },
	[F_WORDS] = { "words", true, true }, [F_NAME] = { "name", false, true },
	[F_TYPE] = { "type", true, true }, [F_SPACE] = { "space", true, true },
	[F_SCALE] = { "scale", true, true }, [F_DECIMALS] = { "decimals", true, true },
	[F_UNIT] = { "unit", true, true }, [F_ACCESS] = { "access", true, true },
	[F_FROM] = { "from", true, true }, [F_SECTION] = { "section", true, true },
	[F_RATIO] = { "ratio", true, true }, [F_MAP] = { "map", true, true },
	[F_RESERVED] = { "reserved", true, true }, [F_NOTE] = { "note", true, true },
	[F_AMBIGUOUS] = { "ambiguous", true, true },
	[F_CHOICES] = { "choices", true, true }, [F_BITS] = { "bits", true, true },
	[F_MIN] = { "min", true, true }, [F_MAX] = { "max", true, true },
	[F_NEGATIVE] = { "negative_above", true, true },
	[F_SECRET] = { "secret", true, true }, [F_DROPS] = { "drops_link", true, true },
	[F_SWITCHES] = { "switches", true, true }, [F_ARRAY] = { "array", false, true },
	[F_REPEAT] = { "repeat", true, false }, [F_GROUP] = { "group", true, false },
	[F_TITLE] = { "title", true, false }, [F_POINTS] = { "points", true, false },
};

static const char *const access_words[] = { "r", "rw" };
static const char *const map_words[] = { "other", "main" };

#define SET_WORD(words, lvalue, cast) do {					\
	unsigned i_ = 0;							\
	if (set_word(l, n, words, sizeof(words) / sizeof(*(words)), &i_))	\
		return -1;							\
	lvalue = cast i_;							\
	return 0;								\
} while (0)

static int set_bit_word(struct loader *l, const yaml_node_t *n, unsigned *flags,
			const char *const *words, unsigned flag)
{
	unsigned on = 0;

	if (set_word(l, n, words, 2, &on))
		return -1;
	*flags = on ? *flags | flag : *flags & ~flag;
	return 0;
}

static int set_u16(struct loader *l, const yaml_node_t *n, long most, uint16_t *out)
{
	long v = 0;

	if (yaml_long(&l->yaml, n, 0, most, &v, l->e))
		return -1;
	*out = (uint16_t)v;
	return 0;
}

/* What a point's registers hold and how it is read. */
static int set_shape(struct loader *l, yaml_node_t *n, enum field f, struct spec *s)
{
	long v = 0;

	switch (f) {
	case F_AT: return set_u16(l, n, 65535, &s->p.addr);
	case F_WORDS: return set_u16(l, n, VALUE_WORDS, &s->p.words);
	case F_TYPE: SET_WORD(point_type_names, s->p.type, (enum point_type));
	case F_SPACE: SET_WORD(space_names, s->p.space, (enum space));
	case F_RATIO: SET_WORD(ratio_names, s->p.ratio, (enum ratio));
	case F_CHOICES: return set_choices(l, n, s);
	case F_BITS: return set_bits(l, n, s);
	case F_SCALE: return yaml_double(&l->yaml, n, &s->p.scale, l->e);
	case F_MIN: return set_number(l, n, &s->p.min, &s->min_set);
	case F_MAX: return set_number(l, n, &s->p.max, &s->max_set);
	case F_NEGATIVE: return yaml_long(&l->yaml, n, 0, 65535, &s->p.negative_above, l->e);
	case F_ARRAY: return set_two(l, n, "from", &s->array_from, "count", &s->array_count);
	case F_REPEAT: return set_two(l, n, "count", &s->repeat_count, "stride", &s->repeat_stride);
	case F_DECIMALS:
		if (yaml_long(&l->yaml, n, 0, 6, &v, l->e))
			return -1;
		s->p.decimals = (uint8_t)v;
		s->decimals_set = true;
		return 0;
	default: return 0;
	}
}

/* What is said and known about it. */
static int set_field(struct loader *l, yaml_node_t *n, enum field f, struct spec *s)
{
	struct point *p = &s->p;

	switch (f) {
	case F_KEY: return set_key(l, n, &p->key);
	case F_NAME: return set_text(l, n, &p->name);
	case F_UNIT: return set_text(l, n, &p->unit);
	case F_SECTION: return set_text(l, n, &p->section);
	case F_NOTE: return set_text(l, n, &p->note);
	case F_AMBIGUOUS:
		p->flags |= POINT_AMBIGUOUS;
		return set_text(l, n, &p->note);
	case F_FROM: SET_WORD(provenance_names, p->from, (enum provenance));
	case F_ACCESS: return set_bit_word(l, n, &p->flags, access_words, POINT_WRITABLE);
	case F_MAP: return set_bit_word(l, n, &p->flags, map_words, POINT_MAIN);
	case F_RESERVED: return set_flag(l, n, &p->flags, POINT_RESERVED);
	case F_SECRET: return set_flag(l, n, &p->flags, POINT_SECRET);
	case F_DROPS: return set_flag(l, n, &p->flags, POINT_DROPS_LINK);
	case F_SWITCHES: return set_flag(l, n, &p->flags, POINT_SWITCHES);
	case F_GROUP: return set_text(l, n, &p->group);
	default: return set_shape(l, n, f, s);
	}
}

/* Applies every field of a group or point mapping to S. */
static int apply(struct loader *l, yaml_node_t *map, bool group, struct spec *s)
{
	unsigned long seen = 0;
	yaml_node_t *k, *v;

	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(&l->yaml, map, l->e, "expected a mapping");
	for (size_t i = 0; yaml_pair(&l->yaml, map, i, &k, &v); i++) {
		const char *name = yaml_text(&l->yaml, k, l->e);
		unsigned f = 0;

		if (!name)
			return -1;
		while (f < F_COUNT && (strcmp(name, fields[f].name) != 0
				       || !(group ? fields[f].group : fields[f].point)))
			f++;
		if (f == F_COUNT)
			return yaml_complain(&l->yaml, k, l->e, "unknown field '%s' of a %s",
					     name, group ? "group" : "point");
		if (seen >> f & 1)
			return yaml_complain(&l->yaml, k, l->e, "'%s' stands here twice", name);
		seen |= 1UL << f;
		if (set_field(l, v, (enum field)f, s))
			return -1;
	}
	return 0;
}

static int find_own(const struct loader *l, const char *key)
{
	for (size_t i = 0; i < l->npoints; i++)
		if (strcmp(l->points[i].key, key) == 0)
			return (int)i;
	return -1;
}

/* Appends P, or puts it in the place of the point of that key. */
static int put(struct loader *l, const struct point *p)
{
	int at = find_own(l, p->key);

	if (at >= 0) {
		l->points[at] = *p;
		return 0;
	}
	if (l->npoints == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 256;
		struct point *more = cap > MAX_POINTS ? NULL
			: realloc(l->points, cap * sizeof(*more));

		if (!more)
			return err_set(l->e, ERR_USAGE, "%s: more than %d points",
				       l->yaml.file, MAX_POINTS);
		l->points = more;
		l->cap = cap;
	}
	l->points[l->npoints++] = *p;
	return 0;
}

/* A point for each named bit, so that keys, forms and completion know it. */
static int add_bits(struct loader *l, struct point *p, const char *suffix)
{
	struct bit *bits = arena_copy(&l->arena, p->bits, p->nbits * sizeof(*bits));

	if (!bits)
		return out_of_memory(l);
	for (size_t i = 0; i < p->nbits; i++) {
		struct point b = *p;

		/* an overlay may take over bits whose keys are complete already */
		if (!*bits[i].key)
			bits[i].key = arena_format(&l->arena, "%.*s.%s%s",
				(int)(strlen(p->key) - strlen(suffix)), p->key,
				bits[i].name, suffix);
		else if (*suffix)
			bits[i].key = arena_format(&l->arena, "%s%s", bits[i].key, suffix);
		b.key = bits[i].key;
		b.name = arena_format(&l->arena, "%s: %s", p->name, bits[i].name);
		if (!b.key || !b.name)
			return out_of_memory(l);
		b.type = TYPE_BIT;
		b.bit = bits[i].pos;
		b.scale = 1;
		b.flags |= POINT_DERIVED;
		b.bits = NULL;
		b.nbits = 0;
		b.choices = NULL;
		b.nchoices = 0;
		if (put(l, &b))
			return -1;
	}
	p->bits = bits;
	return 0;
}

/* A point as it stands, or each element of an array, for one instance. */
static int add_instance(struct loader *l, const struct spec *s, long instance)
{
	const char *suffix = instance ? arena_format(&l->arena, "@%ld", instance) : "";
	long count = s->array_count ? s->array_count : 1;

	for (long i = 0; suffix && i < count; i++) {
		struct point p = s->p;

		if (s->array_count) {
			p.key = arena_format(&l->arena, "%s.%ld%s", p.key, s->array_from + i, suffix);
			p.name = arena_format(&l->arena, "%s, %ld", p.name, s->array_from + i);
		} else if (instance) {
			p.key = arena_format(&l->arena, "%s%s", p.key, suffix);
		}
		if (!p.key || !p.name)
			return out_of_memory(l);
		p.addr = (uint16_t)(p.addr + i * p.words + instance * s->repeat_stride);
		p.instance = (uint8_t)instance;
		if (instance)
			p.flags |= POINT_REPEAT;
		if ((p.nbits && add_bits(l, &p, suffix)) || put(l, &p))
			return -1;
	}
	return suffix ? 0 : out_of_memory(l);
}

/* What only makes sense when the whole point is known. */
static int complete(struct loader *l, const yaml_node_t *n, struct spec *s)
{
	struct point *p = &s->p;
	unsigned fixed = codec_words(p->type);
	long last;

	if (!yaml_get(&l->yaml, n, "key") || !*p->name)
		return yaml_complain(&l->yaml, n, l->e, "a point needs key and name");
	if (fixed && p->words && p->words != fixed && yaml_get(&l->yaml, n, "words"))
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s takes %u words",
				     p->key, point_type_names[p->type], fixed);
	if (fixed)
		p->words = (uint16_t)fixed;
	if (p->words == 0)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s needs words",
				     p->key, point_type_names[p->type]);
	if (!(p->scale > 0 && p->scale <= 1e6))
		return yaml_complain(&l->yaml, n, l->e, "'%s': scale must be above 0", p->key);
	if (s->min_set != s->max_set || (s->min_set && p->min > p->max))
		return yaml_complain(&l->yaml, n, l->e, "'%s': min and max go together, min first", p->key);
	if (!s->decimals_set)
		p->decimals = p->type == TYPE_F32 ? 3 : p->scale >= 1 ? 0
			: (uint8_t)ceil(-log10(p->scale) - 1e-9);
	if ((p->flags & POINT_RESERVED) && (p->flags & POINT_WRITABLE))
		return yaml_complain(&l->yaml, n, l->e, "'%s': reserved and writable", p->key);
	last = p->addr + p->words * (s->array_count ? s->array_count : 1) - 1
	     + (s->repeat_count ? s->repeat_count - 1 : 0) * s->repeat_stride;
	if (last > 65535)
		return yaml_complain(&l->yaml, n, l->e, "'%s': ends behind register 65535", p->key);
	return 0;
}

/* 0 when KEY is fresh, else a complaint naming where it stands already. */
static int add_point(struct loader *l, yaml_node_t *group, yaml_node_t *n,
		     size_t nbase)
{
	struct spec s = { .p = { .name = "", .group = "", .unit = "", .note = "",
				 .section = "", .scale = 1, .min = 1, .max = 0,
				 .flags = POINT_MAIN } };
	yaml_node_t *key = n->type == YAML_MAPPING_NODE ? yaml_get(&l->yaml, n, "key") : NULL;
	const char *name = key ? yaml_text(&l->yaml, key, l->e) : "";
	int base = name && key ? find_own(l, name) : -1;

	if (!name)
		return -1;
	if (base >= 0 && (size_t)base >= nbase)
		return yaml_complain(&l->yaml, key, l->e, "key '%s' stands here twice", name);
	if (base >= 0) {
		s.p = l->points[base];
		/* a note of the user's own answers the doubt */
		if (yaml_get(&l->yaml, n, "note"))
			s.p.flags &= ~(unsigned)POINT_AMBIGUOUS;
		s.decimals_set = true;
		s.min_set = s.max_set = s.p.min <= s.p.max;
	} else if (n->type == YAML_MAPPING_NODE && !yaml_get(&l->yaml, n, "at")) {
		return yaml_complain(&l->yaml, n, l->e, "a point needs key and at");
	}
	if (apply(l, group, true, &s) || apply(l, n, false, &s) || complete(l, n, &s))
		return -1;
	for (long i = 0; i < (s.repeat_count ? s.repeat_count : 1); i++)
		if (add_instance(l, &s, i))
			return -1;
	return 0;
}

static int add_group(struct loader *l, yaml_node_t *n, size_t nbase)
{
	yaml_node_t *name, *title, *points, *p;
	struct group g = { NULL, "" };
	struct group *more;

	if (n->type != YAML_MAPPING_NODE)
		return yaml_complain(&l->yaml, n, l->e, "a group is a mapping");
	name = yaml_get(&l->yaml, n, "group");
	title = yaml_get(&l->yaml, n, "title");
	points = yaml_get(&l->yaml, n, "points");
	if (!name || !points || points->type != YAML_SEQUENCE_NODE)
		return yaml_complain(&l->yaml, n, l->e, "a group needs group, title and a list of points");
	if (set_key(l, name, &g.name) || (title && set_text(l, title, &g.title)))
		return -1;
	for (size_t i = 0; i < l->ngroups; i++)
		if (strcmp(l->groups[i].name, g.name) == 0)
			goto known;
	if (!title)
		return yaml_complain(&l->yaml, n, l->e, "group '%s' needs a title", g.name);
	more = realloc(l->groups, (l->ngroups + 1) * sizeof(*more));
	if (!more)
		return out_of_memory(l);
	l->groups = more;
	l->groups[l->ngroups++] = g;
known:
	for (size_t i = 0; (p = yaml_item(&l->yaml, points, i)); i++)
		if (add_point(l, n, p, nbase))
			return -1;
	return 0;
}

static int compare_keys(const void *a, const void *b, void *points)
{
	const struct point *p = points;

	return strcmp(p[*(const uint16_t *)a].key, p[*(const uint16_t *)b].key);
}

static int index_points(struct loader *l)
{
	uint16_t *by_key = arena_alloc(&l->arena, (l->npoints + 1) * sizeof(*by_key));

	if (!by_key)
		return out_of_memory(l);
	for (size_t i = 0; i < l->npoints; i++)
		by_key[i] = (uint16_t)i;
	qsort_r(by_key, l->npoints, sizeof(*by_key), compare_keys, l->points);
	l->made.points = l->points;
	l->made.npoints = l->npoints;
	l->made.by_key = by_key;
	l->made.groups = l->groups;
	l->made.ngroups = l->ngroups;
	return 0;
}

static int set_live(struct loader *l, yaml_node_t *n)
{
	struct selection sel = { 0 };
	struct err why;
	yaml_node_t *item;
	int rc = -1;

	for (size_t i = 0; (item = yaml_item(&l->yaml, n, i)); i++) {
		const char *word = yaml_text(&l->yaml, item, l->e);

		if (!word)
			goto out;
		if (profile_select(&l->made, word, &sel, &why)) {
			yaml_complain(&l->yaml, item, l->e, "%s", why.text);
			goto out;
		}
	}
	l->made.live = arena_copy(&l->arena, sel.idx, sel.n * sizeof(*sel.idx));
	l->made.nlive = sel.n;
	rc = l->made.live ? 0 : out_of_memory(l);
out:
	selection_release(&sel);
	return rc;
}

static int add_vector(struct loader *l, yaml_node_t *n, struct vector *out)
{
	yaml_node_t *at, *regs, *expect, *space, *item;
	uint16_t words[MAX_LIST];
	const char *texts[MAX_LIST];
	unsigned which = 0;
	size_t nw = 0, nt = 0;

	if (n->type != YAML_MAPPING_NODE || !(at = yaml_get(&l->yaml, n, "at"))
	    || !(regs = yaml_get(&l->yaml, n, "regs")) || !(expect = yaml_get(&l->yaml, n, "expect")))
		return yaml_complain(&l->yaml, n, l->e, "a vector needs at, regs and expect");
	space = yaml_get(&l->yaml, n, "space");
	if (set_u16(l, at, 65535, &out->addr)
	    || (space && set_word(l, space, space_names, 2, &which)))
		return -1;
	for (; nw < MAX_LIST && (item = yaml_item(&l->yaml, regs, nw)); nw++)
		if (set_u16(l, item, 65535, &words[nw]))
			return -1;
	for (; nt < MAX_LIST && (item = yaml_item(&l->yaml, expect, nt)); nt++) {
		if (!(texts[nt] = keep(l, item)))
			return -1;
		if (!strchr(texts[nt], '='))
			return yaml_complain(&l->yaml, item, l->e, "'%s' is not KEY=VALUE", texts[nt]);
	}
	if (nw == 0 || nt == 0)
		return yaml_complain(&l->yaml, n, l->e, "a vector needs registers and expectations");
	out->space = (enum space)which;
	out->regs = arena_copy(&l->arena, words, nw * sizeof(*words));
	out->nregs = nw;
	out->expect = arena_copy(&l->arena, texts, nt * sizeof(*texts));
	out->nexpect = nt;
	out->line = (int)n->start_mark.line + 1;
	return out->regs && out->expect ? 0 : out_of_memory(l);
}

static int add_vectors(struct loader *l, yaml_node_t *list)
{
	struct vector *v;
	size_t n = 0;

	while (yaml_item(&l->yaml, list, n))
		n++;
	v = arena_alloc(&l->arena, (n + 1) * sizeof(*v));
	if (!v)
		return out_of_memory(l);
	for (size_t i = 0; i < n; i++)
		if (add_vector(l, yaml_item(&l->yaml, list, i), &v[i]))
			return -1;
	l->made.vectors = v;
	l->made.nvectors = n;
	return 0;
}

/* read: {most: 125, holes: no} */
static int set_limits(struct loader *l, yaml_node_t *n, bool reading)
{
	yaml_node_t *most = yaml_get(&l->yaml, n, "most");
	yaml_node_t *holes = reading ? yaml_get(&l->yaml, n, "holes") : NULL;
	long v = 0;

	if (n->type != YAML_MAPPING_NODE)
		return yaml_complain(&l->yaml, n, l->e, "expected {most: N}");
	/* 125 and 123: Modbus application protocol V1.1b3, 6.3 and 6.12 */
	if (most && yaml_long(&l->yaml, most, 1, reading ? 125 : 123, &v, l->e))
		return -1;
	if (most && reading)
		l->made.read_most = (uint16_t)v;
	else if (most)
		l->made.write_most = (uint16_t)v;
	return holes ? yaml_bool(&l->yaml, holes, &l->made.read_holes, l->e) : 0;
}

static int extend(struct loader *l, yaml_node_t *n)
{
	const char *name = yaml_text(&l->yaml, n, l->e);
	const struct profile *base = name ? profile_builtin_named(name) : NULL;

	if (!name)
		return -1;
	if (!base)
		return yaml_complain(&l->yaml, n, l->e, "there is no built-in profile '%s' to extend", name);
	l->points = malloc(base->npoints * sizeof(*l->points));
	l->groups = malloc(base->ngroups * sizeof(*l->groups));
	if (!l->points || !l->groups)
		return out_of_memory(l);
	memcpy(l->points, base->points, base->npoints * sizeof(*l->points));
	memcpy(l->groups, base->groups, base->ngroups * sizeof(*l->groups));
	l->npoints = l->cap = base->npoints;
	l->ngroups = base->ngroups;
	l->made.title = base->title;
	l->made.source = base->source;
	l->made.live = base->live;
	l->made.nlive = base->nlive;
	l->made.read_most = base->read_most;
	l->made.write_most = base->write_most;
	l->made.read_holes = base->read_holes;
	return 0;
}

/* The top of the file, in an order that does not depend on the writer's. */
static int load_top(struct loader *l, yaml_node_t *root)
{
	static const char *const known[] = { "profile", "title", "source", "extends",
		"read", "write", "live", "groups", "vectors" };
	yaml_node_t *k, *v, *node[9] = { NULL };
	size_t nbase;

	for (size_t i = 0; yaml_pair(&l->yaml, root, i, &k, &v); i++) {
		unsigned which = 0;

		if (set_word(l, k, known, 9, &which))
			return -1;
		if (node[which])
			return yaml_complain(&l->yaml, k, l->e, "'%s' stands here twice", known[which]);
		node[which] = v;
	}
	if (!node[0])
		return yaml_complain(&l->yaml, root, l->e, "a profile needs 'profile: NAME'");
	if (set_key(l, node[0], &l->made.name) || (node[3] && extend(l, node[3]))
	    || (node[1] && set_text(l, node[1], &l->made.title))
	    || (node[2] && set_text(l, node[2], &l->made.source))
	    || (node[4] && set_limits(l, node[4], true))
	    || (node[5] && set_limits(l, node[5], false)))
		return -1;
	nbase = l->npoints;
	if (node[7] && node[7]->type != YAML_SEQUENCE_NODE)
		return yaml_complain(&l->yaml, node[7], l->e, "groups is a list");
	for (size_t i = 0; node[7] && (v = yaml_item(&l->yaml, node[7], i)); i++)
		if (add_group(l, v, nbase))
			return -1;
	if (l->npoints == 0)
		return yaml_complain(&l->yaml, root, l->e, "a profile without points");
	if (index_points(l) || (node[6] && set_live(l, node[6]))
	    || (node[8] && add_vectors(l, node[8])))
		return -1;
	return 0;
}

const struct profile *profile_load(const char *path, struct err *e)
{
	struct loader *l = calloc(1, sizeof(*l));
	yaml_node_t *root;
	int rc = -1;

	if (!l) {
		err_set(e, ERR_NO, "%s: out of memory", path);
		return NULL;
	}
	if (yaml_open(&l->yaml, path, e)) {
		free(l);
		return NULL;
	}
	l->e = e;
	l->made = (struct profile){ .title = "", .source = "", .read_most = 125,
		.write_most = 123, .own = l };
	l->made.origin = arena_format(&l->arena, "%s", path);
	root = yaml_root(&l->yaml);
	if (!root || root->type != YAML_MAPPING_NODE)
		err_set(e, ERR_USAGE, "%s:1:1: a profile is a mapping", path);
	else if (l->made.origin)
		rc = load_top(l, root);
	else
		out_of_memory(l);
	yaml_release(&l->yaml);
	if (rc) {
		profile_unload(&l->made);
		return NULL;
	}
	return &l->made;
}

void profile_unload(const struct profile *p)
{
	struct loader *l = p->own;

	free(l->points);
	free(l->groups);
	arena_release(&l->arena);
	free(l);
}
