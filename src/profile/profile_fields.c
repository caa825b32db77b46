#include "profile_fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "base/text.h"

int load_out_of_memory(struct loader *l)
{
	return err_set(l->e, ERR_NO, "%s: out of memory", l->yaml.file);
}

const char *load_clean(struct loader *l, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(&l->arena, size);

	if (copy)
		text_clean(copy, size, text);
	return copy;
}

const char *load_text(struct loader *l, const yaml_node_t *n)
{
	const char *s = yaml_text(&l->yaml, n, l->e);
	const char *copy = s ? load_clean(l, s) : NULL;

	if (s && !copy)
		load_out_of_memory(l);
	return copy;
}

int load_set_text(struct loader *l, const yaml_node_t *n, const char **out)
{
	*out = load_text(l, n);
	return *out ? 0 : -1;
}

int load_set_word(struct loader *l, const yaml_node_t *n, const char *const *words,
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

int load_fields(struct loader *l, yaml_node_t *map, const char *const *names,
		size_t count, yaml_node_t **node)
{
	yaml_node_t *k, *v;

	memset(node, 0, count * sizeof(*node));
	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(&l->yaml, map, l->e, "expected a mapping, like {%s: ...}",
				     names[0]);
	for (size_t i = 0; yaml_pair(&l->yaml, map, i, &k, &v); i++) {
		unsigned which = 0;

		if (load_set_word(l, k, names, count, &which))
			return -1;
		if (node[which])
			return yaml_complain(&l->yaml, k, l->e, "'%s' stands here twice", names[which]);
		node[which] = v;
	}
	return 0;
}

int load_need_list(struct loader *l, const yaml_node_t *n, const char *what)
{
	return n->type == YAML_SEQUENCE_NODE ? 0
		: yaml_complain(&l->yaml, n, l->e, "%s is a list: [...]", what);
}

static int profile_fields_set_flag(struct loader *l, const yaml_node_t *n, unsigned *flags,
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

int load_set_key(struct loader *l, const yaml_node_t *n, const char **out)
{
	if (load_set_text(l, n, out))
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
		const char *text = load_text(l, item);
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
	return s->p.choices ? 0 : load_out_of_memory(l);
}

/* One "1=DI2 di.2"; without a key the name ends that of its word, see
 * add_bits(). */
static int set_bit(struct loader *l, yaml_node_t *n, struct bit *b)
{
	const char *text = load_text(l, n);
	char name[64], key[64] = "";
	unsigned pos;
	int end = 0;

	if (!text)
		return -1;
	if (sscanf(text, "%2u=%63s%n %63s%n", &pos, name, &end, key, &end) < 2
	    || text[end] || pos > 15 || (*key && !key_valid(key)))
		return yaml_complain(&l->yaml, n, l->e,
			"'%s' is no bit (like 0=overvoltage or '0=DI1 di.1')", text);
	if (!*key && !key_valid(name))
		return yaml_complain(&l->yaml, n, l->e,
			"'%s' cannot be part of a key: give the bit one ('%s KEY')", name, text);
	*b = (struct bit){
		.pos = (uint8_t)pos,
		.name = arena_format(&l->arena, "%s", name),
		.key = arena_format(&l->arena, "%s", key),
	};
	return b->name && b->key ? 0 : load_out_of_memory(l);
}

static int set_bits(struct loader *l, yaml_node_t *n, struct spec *s)
{
	struct bit list[16];
	size_t count = 0;
	yaml_node_t *item;

	for (; (item = yaml_item(&l->yaml, n, count)); count++) {
		if (count == 16)
			return yaml_complain(&l->yaml, item, l->e, "a word has 16 bits");
		if (set_bit(l, item, &list[count]))
			return -1;
	}
	if (count == 0)
		return yaml_complain(&l->yaml, n, l->e, "bits is a list like [\"0=overvoltage\"]");
	s->p.bits = arena_copy(&l->arena, list, count * sizeof(*list));
	s->p.nbits = count;
	return s->p.bits ? 0 : load_out_of_memory(l);
}

/* {from: 2, count: 30} */
static int set_array(struct loader *l, yaml_node_t *n, struct spec *s)
{
	static const char *const names[] = { "from", "count" };
	yaml_node_t *node[2];

	if (load_fields(l, n, names, 2, node))
		return -1;
	if (!node[0] || !node[1])
		return yaml_complain(&l->yaml, n, l->e, "an array needs {from: N, count: N}");
	return yaml_long(&l->yaml, node[0], 0, 1000, &s->array_from, l->e)
	    || yaml_long(&l->yaml, node[1], 1, 1000, &s->array_count, l->e) ? -1 : 0;
}

/* {count: 12, stride: 0x100} */
static int set_repeat(struct loader *l, yaml_node_t *n, struct spec *s)
{
	static const char *const names[] = { "count", "stride" };
	yaml_node_t *node[2];

	if (load_fields(l, n, names, 2, node))
		return -1;
	if (!node[0] || !node[1])
		return yaml_complain(&l->yaml, n, l->e, "a repeat needs {count: N, stride: WORDS}");
	return yaml_long(&l->yaml, node[0], 1, UINT8_MAX, &s->repeat_count, l->e)
	    || yaml_long(&l->yaml, node[1], 1, 65535, &s->repeat_stride, l->e) ? -1 : 0;
}

static int profile_fields_set_number(struct loader *l, const yaml_node_t *n, double *v, bool *given)
{
	*given = true;
	return yaml_double(&l->yaml, n, v, l->e);
}

enum field {
	F_KEY, F_AT, F_WORDS, F_NAME, F_TYPE, F_SPACE, F_SCALE, F_DECIMALS, F_UNIT,
	F_ACCESS, F_FROM, F_SECTION, F_RATIO, F_MAP, F_RESERVED, F_NOTE,
	F_AMBIGUOUS, F_CHOICES, F_BITS, F_MIN, F_MAX, F_NEGATIVE, F_SECRET,
	F_DROPS, F_SWITCHES, F_PART, F_HARMFUL, F_FRACTION, F_ARRAY, F_REPEAT,
	F_GROUP, F_TITLE, F_POINTS, F_COUNT
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
	[F_SWITCHES] = { "switches", true, true }, [F_PART] = { "part", true, true },
	[F_HARMFUL] = { "harmful", true, true },
	[F_FRACTION] = { "fraction", true, true }, [F_ARRAY] = { "array", false, true },
	[F_REPEAT] = { "repeat", true, false }, [F_GROUP] = { "group", true, false },
	[F_TITLE] = { "title", true, false }, [F_POINTS] = { "points", true, false },
};

static const char *const access_words[] = { "r", "rw" };
static const char *const map_words[] = { "other", "main" };

#define SET_WORD(words, lvalue, cast) do {					\
	unsigned i_ = 0;							\
	if (load_set_word(l, n, words, sizeof(words) / sizeof(*(words)), &i_))	\
		return -1;							\
	lvalue = cast i_;							\
	return 0;								\
} while (0)

static int set_bit_word(struct loader *l, const yaml_node_t *n, unsigned *flags,
			const char *const *words, unsigned flag)
{
	unsigned on = 0;

	if (load_set_word(l, n, words, 2, &on))
		return -1;
	*flags = on ? *flags | flag : *flags & ~flag;
	return 0;
}

int load_set_u16(struct loader *l, const yaml_node_t *n, long most, uint16_t *out)
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
	case F_AT: return load_set_u16(l, n, 65535, &s->p.addr);
	case F_WORDS: return load_set_u16(l, n, VALUE_WORDS, &s->p.words);
	case F_TYPE:
		s->scale_set = true;
		SET_WORD(point_type_names, s->p.type, (enum point_type));
	case F_SPACE: SET_WORD(space_names, s->p.space, (enum space));
	case F_RATIO: SET_WORD(ratio_names, s->p.ratio, (enum ratio));
	case F_CHOICES: return set_choices(l, n, s);
	case F_BITS: return set_bits(l, n, s);
	case F_SCALE: return profile_fields_set_number(l, n, &s->p.scale, &s->scale_set);
	case F_MIN: return profile_fields_set_number(l, n, &s->p.min, &s->min_set);
	case F_MAX: return profile_fields_set_number(l, n, &s->p.max, &s->max_set);
	case F_NEGATIVE: return yaml_long(&l->yaml, n, 0, 65535, &s->p.negative_above, l->e);
	case F_ARRAY: return set_array(l, n, s);
	case F_REPEAT: return set_repeat(l, n, s);
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
	case F_KEY: return load_set_key(l, n, &p->key);
	case F_NAME: return load_set_text(l, n, &p->name);
	case F_UNIT: return load_set_text(l, n, &p->unit);
	case F_SECTION: return load_set_text(l, n, &p->section);
	case F_NOTE: return load_set_text(l, n, &p->note);
	case F_AMBIGUOUS:
		p->flags |= POINT_AMBIGUOUS;
		return load_set_text(l, n, &p->note);
	case F_FROM: SET_WORD(provenance_names, p->from, (enum provenance));
	case F_ACCESS: return set_bit_word(l, n, &p->flags, access_words, POINT_WRITABLE);
	case F_MAP: return set_bit_word(l, n, &p->flags, map_words, POINT_MAIN);
	case F_RESERVED: return profile_fields_set_flag(l, n, &p->flags, POINT_RESERVED);
	case F_SECRET: return profile_fields_set_flag(l, n, &p->flags, POINT_SECRET);
	case F_DROPS: return profile_fields_set_flag(l, n, &p->flags, POINT_DROPS_LINK);
	case F_SWITCHES: return profile_fields_set_flag(l, n, &p->flags, POINT_SWITCHES);
	case F_PART: return profile_fields_set_flag(l, n, &p->flags, POINT_PART);
	case F_HARMFUL: return profile_fields_set_flag(l, n, &p->flags, POINT_HARMFUL);
	case F_FRACTION: return profile_fields_set_flag(l, n, &p->flags, POINT_FRACTION);
	case F_GROUP: return load_set_text(l, n, &p->group);
	default: return set_shape(l, n, f, s);
	}
}

int spec_apply(struct loader *l, yaml_node_t *map, bool group, struct spec *s)
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

/* The fewest that show every step of the scale. */
static uint8_t decimals_of(const struct point *p)
{
	double step = p->scale;
	uint8_t n = 0;

	if (p->type == TYPE_F32)
		return 3;
	for (; n < 6 && fabs(step - round(step)) > 1e-9 * step; n++)
		step *= 10;
	return n;
}

/* Fields that mean nothing for the type would be passed over in silence. */
static int check_type(struct loader *l, const yaml_node_t *n, const struct point *p)
{
	const char *type = point_type_names[p->type];
	bool number = p->type <= TYPE_F32;	/* those stand first in the list */
	unsigned fixed = codec_words(p->type);

	if (fixed && p->words != fixed)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s takes %u word%s, not %u",
				     p->key, type, fixed, fixed == 1 ? "" : "s", p->words);
	if (p->words == 0)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s needs words", p->key, type);
	if (p->nbits && p->type != TYPE_BITS)
		return yaml_complain(&l->yaml, n, l->e, "'%s': bits are of type bits, not %s",
				     p->key, type);
	if (p->nchoices && !number)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s has no choices", p->key, type);
	if (p->flags & POINT_FRACTION && (!number || p->type == TYPE_BITS || p->nchoices))
		return yaml_complain(&l->yaml, n, l->e, "'%s': fraction is for numbers", p->key);
	if (p->negative_above && p->type != TYPE_U16)
		return yaml_complain(&l->yaml, n, l->e, "'%s': negative_above is for u16, not %s",
				     p->key, type);
	return 0;
}

int spec_complete(struct loader *l, const yaml_node_t *n, struct spec *s)
{
	struct point *p = &s->p;
	unsigned fixed = codec_words(p->type);
	long last;

	if (!yaml_get(&l->yaml, n, "key") || !*p->name)
		return yaml_complain(&l->yaml, n, l->e, "a point needs key and name");
	if (fixed && !yaml_get(&l->yaml, n, "words"))
		p->words = (uint16_t)fixed;
	if (check_type(l, n, p))
		return -1;
	if (!(p->scale >= 1e-6 && p->scale <= 1e6))
		return yaml_complain(&l->yaml, n, l->e, "'%s': scale is from 0.000001 to 1000000", p->key);
	if (s->min_set != s->max_set || (s->min_set && p->min > p->max))
		return yaml_complain(&l->yaml, n, l->e, "'%s': min and max go together, min first", p->key);
	if (!s->decimals_set && (!s->known || s->scale_set))
		p->decimals = decimals_of(p);
	if ((p->flags & POINT_RESERVED) && (p->flags & POINT_WRITABLE))
		return yaml_complain(&l->yaml, n, l->e, "'%s': reserved and writable", p->key);
	last = p->addr + p->words * (s->array_count ? s->array_count : 1) - 1
	     + (s->repeat_count ? s->repeat_count - 1 : 0) * s->repeat_stride;
	if (last > 65535)
		return yaml_complain(&l->yaml, n, l->e, "'%s': ends behind register 65535", p->key);
	return 0;
}
