#include "profile_load.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "profile_fields.h"

#define MAX_POINTS 8192

static int find_own(const struct loader *l, const char *key)
{
	for (size_t i = 0; i < l->npoints; i++)
		if (strcmp(l->points[i].key, key) == 0)
			return (int)i;
	return -1;
}

/* Appends P, or puts it in the place of the point of that key in the profile that
 * is extended. N is what stands in the file. */
static int profile_load_put(struct loader *l, const struct point *p, const yaml_node_t *n)
{
	int at = find_own(l, p->key);

	if (at >= 0 && ((size_t)at >= l->nbase || l->replaced[at]))
		return yaml_complain(&l->yaml, n, l->e, "key '%s' stands here twice", p->key);
	if (at >= 0) {
		l->replaced[at] = 1;
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

/* New names for the bits of a word of the profile that is extended: the old ones go. */
static void drop_bits(struct loader *l, const struct point *word)
{
	for (size_t i = 0; i < word->nbits; i++) {
		int at = find_own(l, word->bits[i].key);

		if (at < 0 || (size_t)at >= l->nbase || l->replaced[at])
			continue;
		l->npoints--;
		l->nbase--;
		memmove(&l->points[at], &l->points[at + 1],
			(l->npoints - (size_t)at) * sizeof(*l->points));
		memmove(&l->replaced[at], &l->replaced[at + 1], l->nbase - (size_t)at);
	}
}

/* A point for each named bit, so that keys, forms and completion know it. */
static int add_bits(struct loader *l, struct point *p, const char *suffix,
		    const yaml_node_t *n)
{
	struct bit *bits = arena_copy(&l->arena, p->bits, p->nbits * sizeof(*bits));

	if (!bits)
		return load_out_of_memory(l);
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
			return load_out_of_memory(l);
		b.type = TYPE_BIT;
		b.role = POINT_ROLE_NONE;
		b.bit = bits[i].pos;
		b.scale = 1;
		b.flags |= POINT_DERIVED;
		b.bits = NULL;
		b.nbits = 0;
		b.choices = NULL;
		b.nchoices = 0;
		if (profile_load_put(l, &b, n))
			return -1;
	}
	p->bits = bits;
	return 0;
}

/* A point as it stands, or each element of an array, for one instance. */
static int add_instance(struct loader *l, const struct spec *s, long instance,
			const yaml_node_t *n)
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
			return load_out_of_memory(l);
		p.addr = (uint16_t)(p.addr + i * p.words + instance * s->repeat_stride);
		p.instance = (uint8_t)instance;
		if (instance)
			p.flags |= POINT_REPEAT;
		if ((p.nbits && add_bits(l, &p, suffix, n)) || profile_load_put(l, &p, n))
			return -1;
	}
	return suffix ? 0 : load_out_of_memory(l);
}

static void begin_texts(struct point *p)
{
	static const char *const none = "";

	for (size_t i = 0; i < nfields; i++)
		if (fields[i].where & (FIELD_GROUP | FIELD_POINT) && field_is_text(&fields[i]))
			memcpy((char *)p + fields[i].offset, &none, sizeof(none));
}

/* What stands of a point in the profile that is extended. */
static void begin_known(struct loader *l, const struct point *base, yaml_node_t *n,
			struct spec *s)
{
	s->p = *base;
	s->known = true;
	s->ranged = base->min <= base->max;
	/* a note of the user's own answers the doubt */
	if (yaml_get(&l->yaml, n, "note"))
		s->p.flags &= ~(unsigned)POINT_AMBIGUOUS;
	if (yaml_get(&l->yaml, n, "bits"))
		drop_bits(l, &s->p);
}

static int add_point(struct loader *l, yaml_node_t *group, yaml_node_t *n)
{
	struct spec s = { .p = { .scale = 1, .min = 1, .max = 0, .flags = POINT_MAIN, .chars = 2, .order = l->made.order,
				    .side = l->made.side } };
	yaml_node_t *key = n->type == YAML_MAPPING_NODE ? yaml_get(&l->yaml, n, "key") : NULL;
	const char *name = key ? yaml_text(&l->yaml, key, l->e) : "";
	int base = name && key ? find_own(l, name) : -1;

	if (!name)
		return -1;
	begin_texts(&s.p);
	if (base >= 0 && (size_t)base < l->nbase)
		begin_known(l, &l->points[base], n, &s);
	else if (n->type == YAML_MAPPING_NODE && !yaml_get(&l->yaml, n, "at"))
		return yaml_complain(&l->yaml, n, l->e, "a point needs key and at");
	if (spec_apply(l, group, FIELD_GROUP, &s) || spec_apply(l, n, FIELD_POINT, &s) || spec_complete(l, n, &s))
		return -1;
	s.p.line = (unsigned)key->start_mark.line + 1;
	s.p.column = (unsigned)key->start_mark.column + 1;
	for (long i = 0; i < (s.repeat_count ? s.repeat_count : 1); i++)
		if (add_instance(l, &s, i, key))
			return -1;
	return 0;
}

static int profile_load_add_group(struct loader *l, yaml_node_t *n)
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
	if (load_set_key(l, name, &g.name) || (title && load_set_text(l, title, &g.title)))
		return -1;
	for (size_t i = 0; i < l->ngroups; i++)
		if (strcmp(l->groups[i].name, g.name) == 0)
			goto known;
	if (!title)
		return yaml_complain(&l->yaml, n, l->e, "group '%s' needs a title", g.name);
	more = realloc(l->groups, (l->ngroups + 1) * sizeof(*more));
	if (!more)
		return load_out_of_memory(l);
	l->groups = more;
	l->groups[l->ngroups++] = g;
known:
	for (size_t i = 0; (p = yaml_item(&l->yaml, points, i)); i++)
		if (add_point(l, n, p))
			return -1;
	return 0;
}

static int profile_load_compare_keys(const void *a, const void *b, void *points)
{
	const struct point *p = points;

	return strcmp(p[*(const uint16_t *)a].key, p[*(const uint16_t *)b].key);
}

static int index_points(struct loader *l)
{
	uint16_t *by_key = arena_alloc(&l->arena, (l->npoints + 1) * sizeof(*by_key));

	if (!by_key)
		return load_out_of_memory(l);
	for (size_t i = 0; i < l->npoints; i++)
		by_key[i] = (uint16_t)i;
	qsort_r(by_key, l->npoints, sizeof(*by_key), profile_load_compare_keys, l->points);
	l->made.points = l->points;
	l->made.npoints = l->npoints;
	l->made.by_key = by_key;
	l->made.groups = l->groups;
	l->made.ngroups = l->ngroups;
	return 0;
}

/* What scales a point is a number by itself. */
static int check_scalers(struct loader *l, const yaml_node_t *root)
{
	for (size_t i = 0; i < l->npoints; i++) {
		const struct point *p = &l->points[i];
		int by = profile_scaler(&l->made, p);

		if (!codec_is_scaled(p))
			continue;
		if (by < 0 || l->points[by].type > TYPE_LAST_NUMBER || l->points[by].nchoices || codec_is_scaled(&l->points[by]))
			return yaml_complain(&l->yaml, root, l->e, "'%s' is scaled by '%s', which is not a number of this profile",
					     p->key, *p->exponent ? p->exponent : p->factor);
	}
	return 0;
}

/* What belongs to an unlock or a commit needs one. */
static int check_around(struct loader *l, const yaml_node_t *root)
{
	const struct profile *p = &l->made;

	if (!p->unlock_password.n && (p->unlock_check.n || p->unlock_lock.n || p->unlock_holds_ms))
		return yaml_complain(&l->yaml, root, l->e, "unlock needs at and password");
	if (!p->commit_value.n && (p->commit_done.n || p->commit_within_ms))
		return yaml_complain(&l->yaml, root, l->e, "commit needs at and value");
	if (p->unlock_type > TYPE_LAST_NUMBER || !codec_words(p->unlock_type))
		return yaml_complain(&l->yaml, root, l->e, "the password of an unlock is a number of fixed words, not %s",
				     point_type_names[p->unlock_type]);
	return 0;
}

static int keep_live(struct loader *l, const struct selection *sel)
{
	l->made.live = arena_copy(&l->arena, sel->idx, sel->n * sizeof(*sel->idx));
	l->made.nlive = sel->n;
	return l->made.live ? 0 : load_out_of_memory(l);
}

static int set_live(struct loader *l, yaml_node_t *n)
{
	struct selection sel = { 0 };
	struct err why;
	yaml_node_t *item;
	int rc = -1;

	if (load_need_list(l, n, "live"))
		return -1;
	for (size_t i = 0; (item = yaml_item(&l->yaml, n, i)); i++) {
		const char *word = yaml_text(&l->yaml, item, l->e);

		if (!word)
			goto out;
		if (profile_select(&l->made, word, &sel, &why)) {
			yaml_complain(&l->yaml, item, l->e, "%s", why.text);
			goto out;
		}
	}
	rc = keep_live(l, &sel);
out:
	selection_release(&sel);
	return rc;
}

/* The live page of the profile that is extended, by keys: points have moved. */
static int inherit_live(struct loader *l)
{
	struct selection sel = { 0 };
	int rc = 0;

	for (size_t i = 0; i < l->base->nlive && rc == 0; i++) {
		const char *key = l->base->points[l->base->live[i]].key;

		if (profile_find(&l->made, key) >= 0)
			rc = profile_select(&l->made, key, &sel, l->e);
	}
	if (rc == 0)
		rc = keep_live(l, &sel);
	selection_release(&sel);
	return rc;
}

static int set_regs(struct loader *l, yaml_node_t *n, struct vector *out)
{
	uint16_t words[MAX_LIST];
	yaml_node_t *item;
	size_t count = 0;

	if (load_need_list(l, n, "regs"))
		return -1;
	for (; (item = yaml_item(&l->yaml, n, count)); count++) {
		if (count == MAX_LIST)
			return yaml_complain(&l->yaml, item, l->e, "more than %d registers", MAX_LIST);
		if (load_set_u16(l, item, 65535, &words[count]))
			return -1;
	}
	out->regs = arena_copy(&l->arena, words, count * sizeof(*words));
	out->nregs = count;
	return out->regs ? 0 : load_out_of_memory(l);
}

static int set_expect(struct loader *l, yaml_node_t *n, struct vector *out)
{
	const char *texts[MAX_LIST];
	yaml_node_t *item;
	size_t count = 0;

	if (load_need_list(l, n, "expect"))
		return -1;
	for (; (item = yaml_item(&l->yaml, n, count)); count++) {
		if (count == MAX_LIST)
			return yaml_complain(&l->yaml, item, l->e, "more than %d expectations", MAX_LIST);
		if (!(texts[count] = load_text(l, item)))
			return -1;
		if (!strchr(texts[count], '='))
			return yaml_complain(&l->yaml, item, l->e, "'%s' is not KEY=VALUE", texts[count]);
	}
	out->expect = arena_copy(&l->arena, texts, count * sizeof(*texts));
	out->nexpect = count;
	return out->expect ? 0 : load_out_of_memory(l);
}

static int add_vector(struct loader *l, yaml_node_t *n, struct vector *out)
{
	enum { AT, REGS, EXPECT, SPACE, FIELDS };
	static const char *const names[FIELDS] = { "at", "regs", "expect", "space" };
	yaml_node_t *node[FIELDS];
	unsigned which = 0;

	if (load_fields(l, n, names, FIELDS, node))
		return -1;
	if (!node[AT] || !node[REGS] || !node[EXPECT])
		return yaml_complain(&l->yaml, n, l->e, "a vector needs at, regs and expect");
	if (load_set_u16(l, node[AT], 65535, &out->addr)
	    || (node[SPACE] && load_set_word(l, node[SPACE], space_names, 2, &which))
	    || set_regs(l, node[REGS], out) || set_expect(l, node[EXPECT], out))
		return -1;
	if (out->nregs == 0 || out->nexpect == 0)
		return yaml_complain(&l->yaml, n, l->e, "a vector needs registers and expectations");
	out->space = (enum space)which;
	out->line = (int)n->start_mark.line + 1;
	return 0;
}

static int add_vectors(struct loader *l, yaml_node_t *list)
{
	struct vector *v;
	size_t n = 0;

	if (load_need_list(l, list, "vectors"))
		return -1;
	while (yaml_item(&l->yaml, list, n))
		n++;
	v = arena_alloc(&l->arena, (n + 1) * sizeof(*v));
	if (!v)
		return load_out_of_memory(l);
	for (size_t i = 0; i < n; i++)
		if (add_vector(l, yaml_item(&l->yaml, list, i), &v[i]))
			return -1;
	l->made.vectors = v;
	l->made.nvectors = n;
	return 0;
}

/* What the fields of write: {} mean together. */
static int check_write(struct loader *l, const yaml_node_t *n, const struct spec *given)
{
	if (l->made.write_function != WRITE_BY_06)
		return 0;
	if (spec_given(given, FIELD_PROFILE, "write.most") && l->made.write_most > 1)
		return yaml_complain(&l->yaml, yaml_get(&l->yaml, n, "most"), l->e,
				     "function 06 writes one register: most is 1");
	l->made.write_most = 1;
	return 0;
}

/* ... and those of base: {}. */
static int check_base(struct loader *l, const yaml_node_t *n)
{
	size_t len = strlen(l->made.base_find);

	if (!len || !l->made.base_at.n || !l->made.base_model.n)
		return yaml_complain(&l->yaml, n, l->e, "base needs find, at and model");
	return len % 2 == 0 && len <= 2 * CODE_MAX ? 0
		: yaml_complain(&l->yaml, yaml_get(&l->yaml, n, "find"), l->e, "find is of 2, 4, 6 or 8 characters, two a register");
}

static int profile_load_extend(struct loader *l, yaml_node_t *n)
{
	const char *name = yaml_text(&l->yaml, n, l->e);
	const struct profile *base = name ? profile_builtin_named(name) : NULL;

	if (!name)
		return -1;
	if (!base)
		return yaml_complain(&l->yaml, n, l->e, "there is no built-in profile '%s' to extend", name);
	l->points = malloc(base->npoints * sizeof(*l->points));
	l->groups = malloc(base->ngroups * sizeof(*l->groups));
	l->replaced = arena_alloc(&l->arena, base->npoints);
	if (!l->points || !l->groups || !l->replaced)
		return load_out_of_memory(l);
	memcpy(l->points, base->points, base->npoints * sizeof(*l->points));
	memcpy(l->groups, base->groups, base->ngroups * sizeof(*l->groups));
	l->base = base;
	l->nbase = l->npoints = l->cap = base->npoints;
	l->ngroups = base->ngroups;
	for (size_t i = 0; i < nfields; i++)
		if (fields[i].where & FIELD_PROFILE && fields[i].name && fields[i].member)
			field_copy(&fields[i], &l->made, base);
	return 0;
}

/* What all that follows goes by, in the profile that is extended, too: a point of its own
 * that stood in another order still does. */
static int load_default(struct loader *l, yaml_node_t *root, const char *name)
{
	const struct field *whole = field_find(FIELD_PROFILE, name), *one = field_find(FIELD_POINT, name);
	long before = field_long(whole, &l->made);
	yaml_node_t *n = yaml_get(&l->yaml, root, name);
	unsigned word = 0;

	if (!n)
		return 0;
	if (load_set_word(l, n, whole->words, whole->nwords, &word))
		return -1;
	for (size_t i = 0; i < l->npoints; i++)
		if (field_long(one, &l->points[i]) == before)
			field_set_long(one, &l->points[i], (long)word);
	field_set_long(whole, &l->made, (long)word);
	return 0;
}

/* What the fields of read: {} mean together with the points. */
static int check_read(struct loader *l, yaml_node_t *n)
{
	yaml_node_t *alone = n->type == YAML_MAPPING_NODE ? yaml_get(&l->yaml, n, "alone") : NULL, *item;

	for (size_t i = 0; alone && (item = yaml_item(&l->yaml, alone, i)); i++)
		if (profile_find(&l->made, yaml_text(&l->yaml, item, l->e)) < 0)
			return yaml_complain(&l->yaml, item, l->e, "'%s' is not a point of this profile", yaml_text(&l->yaml, item, l->e));
	for (size_t i = 0; l->made.read_align == ALIGN_EVEN && i < l->npoints; i++)
		if (l->points[i].words > 1 && (l->points[i].words % 2 || l->points[i].addr % 2))
			return yaml_complain(&l->yaml, n, l->e, "'%s': align is even, its registers are not", l->points[i].key);
	return 0;
}

/* The ratios are numbers of the profile, which are not scaled by another one. */
static int check_ratios(struct loader *l, yaml_node_t *n)
{
	for (enum ratio r = RATIO_PT; r <= RATIO_CT; r++) {
		const char *keys = r == RATIO_PT ? l->made.ratio_pt : l->made.ratio_ct;
		const struct ratio_points at = profile_ratio(&l->made, r);

		for (int i = 0; i < (!*keys ? 0 : strchr(keys, ' ') ? 2 : 1); i++)
			if (at.of[i] < 0 || l->points[at.of[i]].type > TYPE_LAST_NUMBER || l->points[at.of[i]].nchoices)
				return yaml_complain(&l->yaml, n, l->e, "'%s' is not a number of this profile",
						     yaml_text(&l->yaml, yaml_item(&l->yaml, yaml_get(&l->yaml, n, ratio_names[r]), (size_t)i), l->e));
	}
	return 0;
}

/* The top of the file, in an order that does not depend on the writer's. */
static int load_top(struct loader *l, yaml_node_t *root)
{
	yaml_node_t *extends = yaml_get(&l->yaml, root, "extends"), *live = yaml_get(&l->yaml, root, "live");
	yaml_node_t *groups = yaml_get(&l->yaml, root, "groups"), *vectors = yaml_get(&l->yaml, root, "vectors");
	yaml_node_t *write = yaml_get(&l->yaml, root, "write"), *ratio = yaml_get(&l->yaml, root, "ratio");
	yaml_node_t *read = yaml_get(&l->yaml, root, "read");
	yaml_node_t *none = yaml_get(&l->yaml, root, "none"), *base = yaml_get(&l->yaml, root, "base"), *group;
	struct spec given = { .known = false };

	if ((extends && profile_load_extend(l, extends)) || load_default(l, root, "order") || load_default(l, root, "side")
	    || (none && load_none(l, none)) || load_profile_fields(l, root, &given)
	    || (write && check_write(l, write, &given)) || (base && check_base(l, base)) || (groups && load_need_list(l, groups, "groups")))
		return -1;
	if (!spec_given(&given, FIELD_PROFILE, "profile"))
		return yaml_complain(&l->yaml, root, l->e, "a profile needs 'profile: NAME'");
	for (size_t i = 0; groups && (group = yaml_item(&l->yaml, groups, i)); i++)
		if (profile_load_add_group(l, group))
			return -1;
	if (l->npoints == 0)
		return yaml_complain(&l->yaml, root, l->e, "a profile without points");
	if (index_points(l) || check_scalers(l, root) || check_around(l, root) || (ratio && check_ratios(l, ratio)) || (read && check_read(l, read)) || (live ? set_live(l, live) : l->base && inherit_live(l))
	    || (vectors && add_vectors(l, vectors)))
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
	l->made = (struct profile){ .title = "", .source = "", .base_find = "", .ratio_ct = "", .ratio_pt = "", .read_alone = "", .read_most = 125,
		.write_most = 123, .own = l };
	l->made.origin = load_clean(l, path);
	root = yaml_root(&l->yaml);
	if (!root || root->type != YAML_MAPPING_NODE)
		err_set(e, ERR_USAGE, "%s:1:1: a profile is a mapping", path);
	else if (l->made.origin)
		rc = load_top(l, root);
	else
		load_out_of_memory(l);
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
