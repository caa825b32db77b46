/*
 * profile_none.c - `none` of a profile, a group or a point: the codes that mean "this meter
 * has no such value".
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "codec.h"
#include "profile_fields.h"

/* Words that a code of this type has; 0: a code means nothing for it. */
static unsigned none_words(enum point_type t)
{
	return t == TYPE_BCD ? 4 : t <= TYPE_LAST_NUMBER ? codec_words(t) : 0;
}

/* "0xFFFF", "-1", of so many words. */
static bool none_whole(const char *text, unsigned words, uint64_t *out)
{
	uint64_t most = words == 4 ? UINT64_MAX : (1ULL << 16 * words) - 1;
	bool negative = *text == '-';
	unsigned long long v;
	char *end;

	text += negative;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoull(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
	if (*end || errno || v > (negative ? most / 2 + 1 : most))
		return false;
	*out = (negative ? 0 - (uint64_t)v : v) & most;
	return true;
}

static int none_take(struct loader *l, const yaml_node_t *n, enum point_type type, struct none *out)
{
	const char *text = yaml_text(&l->yaml, n, l->e);
	bool ok;

	if (!text)
		return -1;
	*out = (struct none){ 0 };
	ok = codec_floats(type) || type == TYPE_BCD ? text_double(text, &out->num)
	   : none_whole(text, none_words(type), &out->bits);
	return ok ? 0 : yaml_complain(&l->yaml, n, l->e, "'%s' is not a code of a %s", text, point_type_names[type]);
}

int load_set_none(struct loader *l, yaml_node_t *n, enum point_type type, const struct none **out, size_t *count)
{
	struct none list[MAX_LIST];
	yaml_node_t *item;

	*count = 0;
	if (load_need_list(l, n, "none"))
		return -1;
	if (!none_words(type))
		return yaml_complain(&l->yaml, n, l->e, "none is for numbers, not %s", point_type_names[type]);
	for (; (item = yaml_item(&l->yaml, n, *count)); ++*count) {
		if (*count == MAX_LIST)
			return yaml_complain(&l->yaml, item, l->e, "more than %d codes", MAX_LIST);
		if (none_take(l, item, type, &list[*count]))
			return -1;
	}
	*out = *count ? arena_copy(&l->arena, list, *count * sizeof(*list)) : NULL;
	return *count && !*out ? load_out_of_memory(l) : 0;
}

int load_none(struct loader *l, yaml_node_t *map)
{
	yaml_node_t *k, *v;

	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(&l->yaml, map, l->e, "none is a mapping, like {u16: [0xFFFF]}");
	for (size_t i = 0; yaml_pair(&l->yaml, map, i, &k, &v); i++) {
		unsigned type = 0;

		if (load_set_word(l, k, point_type_names, TYPE_COUNT, &type)
		    || load_set_none(l, v, (enum point_type)type, &l->none[type].list, &l->none[type].n))
			return -1;
	}
	for (size_t i = 0; i < l->npoints; i++)
		load_none_default(l, &l->points[i]);
	return 0;
}

void load_none_default(const struct loader *l, struct point *p)
{
	if (p->nnone || !l->none[p->type].n)
		return;
	p->none = l->none[p->type].list;
	p->nnone = l->none[p->type].n;
}
