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

int load_set_u16(struct loader *l, const yaml_node_t *n, long most, uint16_t *out)
{
	long v = 0;

	if (yaml_long(&l->yaml, n, 0, most, &v, l->e))
		return -1;
	*out = (uint16_t)v;
	return 0;
}

/* yes or no, or the second of two words. */
static int set_either(struct loader *l, const yaml_node_t *n, const struct field *f, void *in)
{
	unsigned word = 0;
	bool on = false;

	if (f->words ? load_set_word(l, n, f->words, f->nwords, &word) : yaml_bool(&l->yaml, n, &on, l->e))
		return -1;
	field_set_long(f, in, on || word);
	return 0;
}

static int set_number(struct loader *l, const yaml_node_t *n, const struct field *f, void *in)
{
	unsigned word = 0;
	long v = 0;

	if (f->kind == FIELD_WORD ? load_set_word(l, n, f->words, f->nwords, &word)
				  : yaml_long(&l->yaml, n, f->least, f->most, &v, l->e))
		return -1;
	field_set_long(f, in, f->kind == FIELD_WORD ? (long)word : v);
	return 0;
}

/* [9600, 19200], by their places among the words; or [1, 2]. */
static int set_numbers(struct loader *l, yaml_node_t *n, const struct field *f, struct numbers *out)
{
	yaml_node_t *item;

	*out = (struct numbers){ 0 };
	if (load_need_list(l, n, f->name))
		return -1;
	for (size_t i = 0; (item = yaml_item(&l->yaml, n, i)); i++) {
		unsigned word = 0;
		long v = 0;

		if (f->words ? load_set_word(l, item, f->words, f->nwords, &word)
			     : yaml_long(&l->yaml, item, f->least, f->most, &v, l->e))
			return -1;
		v = f->words ? (long)word : v;
		if (i == NUMBERS_MAX)
			return yaml_complain(&l->yaml, item, l->e, "%s: more than %d", f->name, NUMBERS_MAX);
		if (memchr(out->v, (int)v, out->n))
			return yaml_complain(&l->yaml, item, l->e, "%s: '%s' is given twice", f->name,
					     yaml_text(&l->yaml, item, l->e));
		out->v[out->n++] = (uint8_t)v;
	}
	return out->n ? 0 : yaml_complain(&l->yaml, n, l->e, "%s: the list is empty", f->name);
}

/* [second, minute, hour], or keys */
static int load_set_words(struct loader *l, yaml_node_t *n, const struct field *f, const char **out)
{
	yaml_node_t *item;
	long count = 0;

	*out = "";
	if (load_need_list(l, n, f->name))
		return -1;
	for (; (item = yaml_item(&l->yaml, n, (size_t)count)); count++) {
		const char *word = NULL;
		unsigned which = 0;

		if (count == f->most)
			return yaml_complain(&l->yaml, item, l->e, "%s: more than %ld", f->name, f->most);
		if (f->words ? load_set_word(l, item, f->words, f->nwords, &which) : load_set_key(l, item, &word))
			return -1;
		word = f->words ? f->words[which] : word;
		*out = arena_format(&l->arena, "%s%s%s", *out, count ? " " : "", word);
		if (!*out)
			return load_out_of_memory(l);
	}
	return count >= f->least ? 0 : yaml_complain(&l->yaml, n, l->e, "%s: at least %ld", f->name, f->least);
}

static bool load_is_word(const struct loader *l, const yaml_node_t *n, const char *word)
{
	struct err e;
	const char *text = yaml_text(&l->yaml, n, &e);

	return text && strcmp(text, word) == 0;
}

/* 0x1234 or [0x1234, 1], or the word that stands for those that a person gives */
static int set_code(struct loader *l, yaml_node_t *n, const struct field *f, struct code *out)
{
	bool list = n->type == YAML_SEQUENCE_NODE;
	yaml_node_t *item;

	*out = (struct code){ 0 };
	if (f->words && load_is_word(l, n, f->words[0])) {
		out->n = CODE_ASKED;
		return 0;
	}
	for (size_t i = 0; (item = list ? yaml_item(&l->yaml, n, i) : i ? NULL : n); i++) {
		long v = 0;

		if (i == CODE_MAX)
			return yaml_complain(&l->yaml, item, l->e, "%s: more than %d words", f->name, CODE_MAX);
		if (yaml_long(&l->yaml, item, 0, 65535, &v, l->e))
			return -1;
		out->v[out->n++] = (uint16_t)v;
	}
	return out->n ? 0 : yaml_complain(&l->yaml, n, l->e, "%s: the list is empty", f->name);
}

/* "100 ms", "2 s" */
static int set_ms(struct loader *l, const yaml_node_t *n, const struct field *f, void *in)
{
	const char *text = yaml_text(&l->yaml, n, l->e), *unit;
	char number[24];
	double v;

	if (!text)
		return -1;
	unit = strchr(text, ' ');
	snprintf(number, sizeof(number), "%.*s", unit ? (int)(unit - text) : 0, text);
	if (!unit || (strcmp(unit, " ms") != 0 && strcmp(unit, " s") != 0) || !text_double(number, &v))
		return yaml_complain(&l->yaml, n, l->e, "'%s' is not a time (like 100 ms or 2 s)", text);
	v *= unit[1] == 's' ? 1000 : 1;
	if (!(v >= (double)f->least && v <= (double)f->most))
		return yaml_complain(&l->yaml, n, l->e, "%s: %ld ms to %ld ms", f->name, f->least, f->most);
	field_set_long(f, in, lround(v));
	return 0;
}

/* One field into IN: the profile, or the point of S. */
static int set_field(struct loader *l, yaml_node_t *n, const struct field *f, void *in, struct spec *s)
{
	void *member = (char *)in + f->offset;

	switch (f->kind) {
	case FIELD_DOUBT:
		field_set_long(f, in, 1);
		return load_set_text(l, n, member);
	case FIELD_TEXT: return load_set_text(l, n, member);
	case FIELD_KEY: return load_set_key(l, n, member);
	case FIELD_REAL: return yaml_double(&l->yaml, n, member, l->e);
	case FIELD_WORD:
	case FIELD_WHOLE: return set_number(l, n, f, in);
	case FIELD_BOOL:
	case FIELD_FLAG:
	case FIELD_ACCESS: return set_either(l, n, f, in);
	case FIELD_NUMBERS: return set_numbers(l, n, f, member);
	case FIELD_MS: return set_ms(l, n, f, in);
	case FIELD_LIST: return load_set_words(l, n, f, member);
	case FIELD_CODE: return set_code(l, n, f, member);
	case FIELD_RULES: return load_set_rules(l, n, member);
	case FIELD_CHOICES: return set_choices(l, n, s);
	case FIELD_NONE: s->none = n; return 0;
	case FIELD_BITS: return set_bits(l, n, s);
	case FIELD_ARRAY: return set_array(l, n, s);
	case FIELD_REPEAT: return set_repeat(l, n, s);
	case FIELD_INSTANCES:
	case FIELD_STRIDE:
	case FIELD_PARTS: break;
	}
	return 0;
}

static int complain_field(struct loader *l, const yaml_node_t *k, unsigned where, const char *name)
{
	const char *near = field_nearest(where, name);
	const char *whose = where == FIELD_PROFILE ? "profile" : where == FIELD_GROUP ? "group" : "point";

	if (near)
		return yaml_complain(&l->yaml, k, l->e, "unknown field '%s' of a %s (did you mean '%s'?)",
				     name, whose, near);
	return yaml_complain(&l->yaml, k, l->e, "unknown field '%s' of a %s", name, whose);
}

/* PARENT: of the fields in MAP, "read."; or "". */
static int read_fields(struct loader *l, yaml_node_t *map, unsigned where, const char *parent,
		       void *in, struct spec *s)
{
	yaml_node_t *k, *v;

	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(&l->yaml, map, l->e, "expected a mapping");
	for (size_t i = 0; yaml_pair(&l->yaml, map, i, &k, &v); i++) {
		const char *word = yaml_text(&l->yaml, k, l->e);
		const struct field *f;
		char name[64];

		if (!word)
			return -1;
		if (yaml_get(&l->yaml, map, word) != v)
			return yaml_complain(&l->yaml, k, l->e, "'%s' stands here twice", word);
		snprintf(name, sizeof(name), "%s%s", parent, word);
		f = strchr(word, '.') ? NULL : field_find(where, name);
		if (f) {
			s->given[f - fields] = true;
			if (set_field(l, v, f, in, s))
				return -1;
		} else if (field_is_parent(where, name)) {
			snprintf(name, sizeof(name), "%s%s.", parent, word);
			if (read_fields(l, v, where, name, in, s))
				return -1;
		} else {
			return complain_field(l, k, where, name);
		}
	}
	return 0;
}

int load_profile_fields(struct loader *l, yaml_node_t *map, struct spec *s)
{
	return read_fields(l, map, FIELD_PROFILE, "", &l->made, s);
}

int spec_apply(struct loader *l, yaml_node_t *map, unsigned where, struct spec *s)
{
	return read_fields(l, map, where, "", &s->p, s);
}

bool spec_given(const struct spec *s, unsigned where, const char *name)
{
	const struct field *f = field_find(where, name);

	return f && s->given[f - fields];
}

/* Of a point, by itself or by its group. */
static bool point_given(const struct spec *s, const char *name)
{
	return spec_given(s, FIELD_POINT, name);
}

/* The fewest that show every step of the scale. */
static uint8_t decimals_of(const struct point *p)
{
	double step = fabs(p->scale), rest = fabs(p->offset);
	uint8_t n = 0;

	for (; n < 6 && (fabs(step - round(step)) > 1e-9 * step || fabs(rest - round(rest)) > 1e-9 * rest); n++) {
		step *= 10;
		rest *= 10;
	}
	return n;
}

static void spec_decimals(struct point *p)
{
	bool own = codec_floats(p->type) || codec_is_scaled(p);

	p->decimals = own ? 3 : decimals_of(p);
	if (own && !p->nchoices)
		p->flags |= POINT_OWN_DIGITS;
}

/* What the bytes of a clock or a table are is said in full, once each. */
static int spec_packed(struct loader *l, const yaml_node_t *n, const struct point *p)
{
	const char *type = point_type_names[p->type], *missing;

	if (*p->layout && p->type != TYPE_CLOCK && p->type != TYPE_STAMP)
		return yaml_complain(&l->yaml, n, l->e, "'%s': layout is for clock and stamp, not %s", p->key, type);
	if ((p->slots || *p->slot || *p->rates) && p->type != TYPE_DAYTABLE)
		return yaml_complain(&l->yaml, n, l->e, "'%s': slots, slot and rates are for daytable, not %s", p->key, type);
	if ((*p->slot || *p->rates) && !p->slots)
		return yaml_complain(&l->yaml, n, l->e, "'%s': slot and rates need slots", p->key);
	missing = codec_layout_odd(p);
	return missing ? yaml_complain(&l->yaml, n, l->e, "'%s': %s", p->key, missing) : 0;
}

/* Fields that mean nothing for the type would be passed over in silence. */
static int check_type(struct loader *l, const yaml_node_t *n, const struct point *p)
{
	const char *type = point_type_names[p->type];
	bool number = p->type <= TYPE_LAST_NUMBER;
	unsigned fixed = codec_point_words(p);

	if (fixed && p->words != fixed)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s takes %u word%s, not %u",
				     p->key, type, fixed, fixed == 1 ? "" : "s", p->words);
	if (spec_packed(l, n, p))
		return -1;
	if (p->words == 0)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s needs words", p->key, type);
	if (p->nbits && p->type != TYPE_BITS)
		return yaml_complain(&l->yaml, n, l->e, "'%s': bits are of type bits, not %s",
				     p->key, type);
	if (p->nchoices && !number)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a %s has no choices", p->key, type);
	if (p->flags & POINT_FRACTION && (!number || p->type == TYPE_BITS || p->nchoices))
		return yaml_complain(&l->yaml, n, l->e, "'%s': fraction is for numbers", p->key);
	if (p->type == TYPE_BCD && p->words > 4)
		return yaml_complain(&l->yaml, n, l->e, "'%s': a bcd takes 1 to 4 words, not %u", p->key, p->words);
	if (codec_is_scaled(p) && (!number || p->nchoices || p->flags & POINT_WRITABLE || (*p->exponent && *p->factor)))
		return yaml_complain(&l->yaml, n, l->e, "'%s': exponent or factor, one of them, is for numbers that are not written", p->key);
	if (p->mask && p->type != TYPE_U16 && p->type != TYPE_I16)
		return yaml_complain(&l->yaml, n, l->e, "'%s': byte and mask are for u16 and i16, not %s", p->key, type);
	if (p->mask && ((p->mask / (p->mask & -p->mask)) & (p->mask / (p->mask & -p->mask) + 1)))
		return yaml_complain(&l->yaml, n, l->e, "'%s': the bits of mask stand side by side", p->key);
	if (p->negative_above && p->type != TYPE_U16)
		return yaml_complain(&l->yaml, n, l->e, "'%s': negative_above is for u16, not %s",
				     p->key, type);
	return 0;
}

/* The codes of "no such value". Those of a group are for its numbers. */
static int spec_none(struct loader *l, const yaml_node_t *n, struct spec *s)
{
	struct point *p = &s->p;

	if (!s->none) {
		load_none_default(l, p);
		return 0;
	}
	if (s->none != yaml_get(&l->yaml, n, "none") && p->type > TYPE_LAST_NUMBER)
		return 0;
	return load_set_none(l, s->none, p->type, &p->none, &p->nnone);
}

int spec_complete(struct loader *l, const yaml_node_t *n, struct spec *s)
{
	struct point *p = &s->p;
	unsigned fixed = codec_point_words(p);
	bool has_min = s->ranged || point_given(s, "min"), has_max = s->ranged || point_given(s, "max");
	long last;

	if (!yaml_get(&l->yaml, n, "key") || !*p->name)
		return yaml_complain(&l->yaml, n, l->e, "a point needs key and name");
	if (point_given(s, "byte"))
		p->mask = p->byte == PART_HIGH ? 0xFF00 : p->byte == PART_LOW ? 0x00FF : 0;
	if (fixed && !yaml_get(&l->yaml, n, "words") && fixed <= VALUE_WORDS)
		p->words = (uint16_t)fixed;
	if (check_type(l, n, p) || spec_none(l, n, s))
		return -1;
	if (!(fabs(p->scale) >= 1e-6 && fabs(p->scale) <= 1e6))
		return yaml_complain(&l->yaml, n, l->e, "'%s': scale is from 0.000001 to 1000000, or less than 0", p->key);
	if (!(fabs(p->offset) <= 1e9))
		return yaml_complain(&l->yaml, n, l->e, "'%s': offset is from -1e9 to 1e9", p->key);
	if (has_min != has_max || (has_min && p->min > p->max))
		return yaml_complain(&l->yaml, n, l->e, "'%s': min and max go together, min first", p->key);
	if (point_given(s, "decimals"))
		p->flags &= ~(unsigned)POINT_OWN_DIGITS;
	else if (!s->known || point_given(s, "scale") || point_given(s, "type") || point_given(s, "offset")
		 || point_given(s, "exponent") || point_given(s, "factor"))
		spec_decimals(p);
	/* nothing is wrong by 0, what is switched on is so by 1 */
	if (point_given(s, "role") && !point_given(s, "role_code"))
		p->role_code = p->role != POINT_ROLE_NONE && p->role != POINT_ROLE_VERDICT;
	if ((p->flags & POINT_RESERVED) && (p->flags & POINT_WRITABLE))
		return yaml_complain(&l->yaml, n, l->e, "'%s': reserved and writable", p->key);
	last = p->addr + p->words * (s->array_count ? s->array_count : 1) - 1
	     + (s->repeat_count ? s->repeat_count - 1 : 0) * s->repeat_stride;
	if (last > 65535)
		return yaml_complain(&l->yaml, n, l->e, "'%s': ends behind register 65535", p->key);
	return 0;
}
