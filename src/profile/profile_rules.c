/*
 * profile_rules.c - the rules of `identify` from a profile's YAML.
 */
#include <string.h>

#include "codec.h"
#include "identify.h"
#include "profile_fields.h"
#include "value.h"

#define MAX_RULES 32

enum { AT, SPACE, TYPE, WORDS, EQUALS, IN, MATCHES, MODEL, FUNCTION, OBJECT, AND, RULE_FIELDS };
static const char *const rule_fields[RULE_FIELDS] = {
	[AT] = "at", [SPACE] = "space", [TYPE] = "type", [WORDS] = "words", [EQUALS] = "equals", [IN] = "in",
	[MATCHES] = "matches", [MODEL] = "model", [FUNCTION] = "function", [OBJECT] = "object",
	[AND] = "and",
};

/* Registers: where, and how they are read. */
static int rule_registers(struct loader *l, const yaml_node_t *n, yaml_node_t **node, struct identify *r)
{
	unsigned space = SPACE_HOLDING, type = TYPE_U16, fixed;

	if (!node[AT])
		return yaml_complain(&l->yaml, n, l->e, "a rule needs at, or function");
	if (node[OBJECT])
		return yaml_complain(&l->yaml, node[OBJECT], l->e, "object is for function 43");
	if (load_set_u16(l, node[AT], 65535, &r->addr)
	    || (node[SPACE] && load_set_word(l, node[SPACE], space_names, 2, &space))
	    || (node[TYPE] && load_set_word(l, node[TYPE], point_type_names, TYPE_COUNT, &type))
	    || (node[WORDS] && load_set_u16(l, node[WORDS], VALUE_WORDS, &r->words)))
		return -1;
	r->space = (enum space)space;
	r->type = (enum point_type)type;
	r->order = l->made.order;
	fixed = codec_words(r->type);
	if (!identify_type(r->type))
		return yaml_complain(&l->yaml, node[TYPE], l->e, "a rule is about a number, hex or string, not %s",
				     point_type_names[r->type]);
	if (!node[WORDS])
		r->words = (uint16_t)fixed;
	if (r->words == 0 || (fixed && r->words != fixed))
		return yaml_complain(&l->yaml, node[WORDS] ? node[WORDS] : n, l->e, fixed
				     ? "%s has a fixed number of words" : "%s needs words", point_type_names[r->type]);
	return r->addr + r->words <= 65536 ? 0 : yaml_complain(&l->yaml, node[AT], l->e, "ends behind register 65535");
}

/* What a meter says of itself. */
static int rule_function(struct loader *l, const yaml_node_t *n, yaml_node_t **node, struct identify *r)
{
	uint16_t function = 0, object = 0;

	for (int i = AT; i <= WORDS; i++)
		if (node[i])
			return yaml_complain(&l->yaml, node[i], l->e, "a rule by function has no %s", rule_fields[i]);
	if (load_set_u16(l, node[FUNCTION], 255, &function)
	    || (node[OBJECT] && load_set_u16(l, node[OBJECT], 255, &object)))
		return -1;
	if (function != IDENTIFY_REPORT && function != IDENTIFY_DEVICE)
		return yaml_complain(&l->yaml, node[FUNCTION], l->e, "function is 17 or 43");
	if ((function == IDENTIFY_DEVICE) != (node[OBJECT] != NULL))
		return yaml_complain(&l->yaml, node[OBJECT] ? node[OBJECT] : n, l->e, "object is for function 43, which needs it");
	r->function = (uint8_t)function;
	r->object = (uint8_t)object;
	r->type = TYPE_STRING;
	return 0;
}

static bool rule_is_text(const struct identify *r)
{
	return r->function || r->type == TYPE_HEX || r->type == TYPE_STRING;
}

static int rule_want_one(struct loader *l, const yaml_node_t *n, const struct identify *r, const char **out)
{
	double v;

	if (load_set_text(l, n, out))
		return -1;
	if (!rule_is_text(r) && !identify_number(*out, &v))
		return yaml_complain(&l->yaml, n, l->e, "'%s' is not a number", *out);
	return 0;
}

static int rule_want(struct loader *l, const yaml_node_t *n, yaml_node_t **node, struct identify *r)
{
	yaml_node_t *only = node[EQUALS] ? node[EQUALS] : node[MATCHES], *item;
	const char *want[MAX_LIST];

	if (!!node[EQUALS] + !!node[IN] + !!node[MATCHES] != 1)
		return yaml_complain(&l->yaml, n, l->e, "a rule needs one of equals, in and matches");
	if (node[MATCHES] && !rule_is_text(r))
		return yaml_complain(&l->yaml, node[MATCHES], l->e, "matches is for text, not %s", point_type_names[r->type]);
	r->glob = node[MATCHES] != NULL;
	if (only && rule_want_one(l, only, r, &want[r->nwant++]))
		return -1;
	if (!only && load_need_list(l, node[IN], "in"))
		return -1;
	for (size_t i = 0; !only && (item = yaml_item(&l->yaml, node[IN], i)); i++) {
		if (i == MAX_LIST)
			return yaml_complain(&l->yaml, item, l->e, "more than %d values", MAX_LIST);
		if (rule_want_one(l, item, r, &want[r->nwant++]))
			return -1;
	}
	r->want = arena_copy(&l->arena, want, r->nwant * sizeof(*want));
	return r->want ? 0 : load_out_of_memory(l);
}

/* The parts of all rules, in their order. */
struct rule_list {
	struct identify part[MAX_RULES];
	size_t n;
};

/* One more part of a rule, from the mapping N. */
static int rule_part(struct loader *l, yaml_node_t *n, yaml_node_t **node, struct rule_list *list)
{
	struct identify *r = &list->part[list->n];

	if (list->n == MAX_RULES)
		return yaml_complain(&l->yaml, n, l->e, "more than %d rules", MAX_RULES);
	*r = (struct identify){ .model = "" };
	list->n++;
	if (load_fields(l, n, rule_fields, RULE_FIELDS, node))
		return -1;
	return (node[FUNCTION] ? rule_function(l, n, node, r) : rule_registers(l, n, node, r)) || rule_want(l, n, node, r) ? -1 : 0;
}

/* What must match as well: FIRST is the place of the rule's first part. */
static int rule_and(struct loader *l, yaml_node_t *n, struct rule_list *list, size_t first)
{
	yaml_node_t *item, *node[RULE_FIELDS];

	if (load_need_list(l, n, "and"))
		return -1;
	for (size_t i = 0; (item = yaml_item(&l->yaml, n, i)); i++) {
		list->part[list->n - 1].more = true;
		if (rule_part(l, item, node, list))
			return -1;
		if (node[MODEL] || node[AND])
			return yaml_complain(&l->yaml, item, l->e, "a part of a rule has neither model nor and");
		list->part[list->n - 1].model = list->part[first].model;
	}
	return 0;
}

static int rule_load(struct loader *l, yaml_node_t *n, struct rule_list *list)
{
	size_t first = list->n;
	yaml_node_t *node[RULE_FIELDS];

	if (rule_part(l, n, node, list))
		return -1;
	if (node[MODEL] && load_set_text(l, node[MODEL], &list->part[first].model))
		return -1;
	if (!*list->part[first].model)
		return yaml_complain(&l->yaml, node[MODEL] ? node[MODEL] : n, l->e, "a rule needs model");
	if (node[AND] && rule_and(l, node[AND], list, first))
		return -1;
	if (identify_vacuous(&list->part[first]))
		return yaml_complain(&l->yaml, n, l->e, "a meter whose registers are all 0 or all FFFF would match: that identifies nothing");
	return 0;
}

int load_set_rules(struct loader *l, yaml_node_t *n, struct identify_list *out)
{
	struct rule_list list = { .n = 0 };
	yaml_node_t *item;

	if (load_need_list(l, n, "identify"))
		return -1;
	for (size_t i = 0; (item = yaml_item(&l->yaml, n, i)); i++)
		if (rule_load(l, item, &list))
			return -1;
	*out = (struct identify_list){ arena_copy(&l->arena, list.part, list.n * sizeof(*list.part)), list.n };
	return out->list ? 0 : load_out_of_memory(l);
}
