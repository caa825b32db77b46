#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"
#include "base/yaml.h"
#include "kinds.h"

static struct checklist_entry list_entry(enum checklist_id id)
{
	return (struct checklist_entry){ .id = id, .tolerance_s = CHECKLIST_CLOCK_S };
}

void checklist_list_default(struct checklist_list *l)
{
	*l = (struct checklist_list){ .n = CHECKLIST_IDS };
	for (enum checklist_id id = 0; id < CHECKLIST_IDS; id++)
		l->entries[id] = list_entry(id);
}

/* ---- parameters ----------------------------------------------------------------- */

static int list_take_number(struct yaml *y, const yaml_node_t *value, long max, int *out, struct err *e)
{
	long v;

	if (yaml_long(y, value, 1, max, &v, e))
		return -1;
	*out = (int)v;
	return 0;
}

static int list_take_tolerance(struct yaml *y, const yaml_node_t *value, struct checklist_entry *p, struct err *e)
{
	return list_take_number(y, value, 86400, &p->tolerance_s, e);
}

static int list_take_days(struct yaml *y, const yaml_node_t *value, struct checklist_entry *p, struct err *e)
{
	return list_take_number(y, value, 3650, &p->days, e);
}

/* A relative one stands beside the list, from wherever the program is called. */
static int list_take_file(struct yaml *y, const yaml_node_t *value, struct checklist_entry *p, struct err *e)
{
	const char *file = yaml_text(y, value, e), *slash = strrchr(y->file, '/');
	int folder = slash && file && *file != '/' ? (int)(slash + 1 - y->file) : 0;

	if (!file)
		return -1;
	if (!*file)
		return yaml_complain(y, value, e, "no file named");
	if (snprintf(p->file, sizeof(p->file), "%.*s%s", folder, y->file, file) >= (int)sizeof(p->file))
		return yaml_complain(y, value, e, "path too long");
	return 0;
}

static int list_take_keys(struct yaml *y, const yaml_node_t *value, struct checklist_entry *p, struct err *e)
{
	yaml_node_t *item;

	if (value->type != YAML_SEQUENCE_NODE)
		return yaml_complain(y, value, e, "'keys' is a list: [KEY, KEY], or one a line after '- '");
	for (p->nkeys = 0; (item = yaml_item(y, value, p->nkeys)); p->nkeys++) {
		const char *key = yaml_text(y, item, e);

		if (!key)
			return -1;
		if (p->nkeys == CHECKLIST_KEYS_MAX)
			return yaml_complain(y, item, e, "more than %d keys", CHECKLIST_KEYS_MAX);
		if (!*key || snprintf(p->keys[p->nkeys], CHECKLIST_KEY, "%s", key) >= CHECKLIST_KEY)
			return yaml_complain(y, item, e, "'%s' is not a key", key);
	}
	return p->nkeys ? 0 : yaml_complain(y, value, e, "no keys named");
}

static const struct list_param {
	const char *name;
	unsigned bit;
	int (*take)(struct yaml *y, const yaml_node_t *value, struct checklist_entry *p, struct err *e);
} list_params[] = {
	{ "tolerance", CHECKLIST_TOLERANCE, list_take_tolerance },
	{ "days", CHECKLIST_DAYS, list_take_days },
	{ "file", CHECKLIST_FILE, list_take_file },
	{ "keys", CHECKLIST_KEYS, list_take_keys },
};
#define LIST_PARAMS (sizeof(list_params) / sizeof(*list_params))

/* "tolerance, days"; of an item without any "none". */
static const char *list_params_text(unsigned bits, char *buf, size_t size)
{
	size_t at = 0;

	snprintf(buf, size, "none");
	for (size_t i = 0; i < LIST_PARAMS; i++)
		if (bits & list_params[i].bit)
			text_append(buf, size, &at, "%s%s", at ? ", " : "", list_params[i].name);
	return buf;
}

static int list_take_param(struct yaml *y, const yaml_node_t *key, const yaml_node_t *value,
			   struct checklist_entry *p, unsigned *seen, struct err *e)
{
	const char *name = yaml_text(y, key, e);
	unsigned allowed = checklist_kinds[p->id].params;
	char names[80];

	if (!name)
		return -1;
	for (size_t i = 0; i < LIST_PARAMS; i++) {
		const struct list_param *one = &list_params[i];

		if (strcmp(one->name, name) != 0 || !(allowed & one->bit))
			continue;
		if (*seen & one->bit)
			return yaml_complain(y, key, e, "'%s' is given twice", name);
		*seen |= one->bit;
		return one->take(y, value, p, e);
	}
	return yaml_complain(y, key, e, "unknown parameter '%s' of '%s' (parameters: %s)", name,
			     checklist_kinds[p->id].id, list_params_text(allowed, names, sizeof(names)));
}

/* ---- items ---------------------------------------------------------------------- */

static int list_find_item(struct yaml *y, const yaml_node_t *node, enum checklist_id *id, struct err *e)
{
	const char *names[CHECKLIST_IDS + 1] = { NULL }, *near, *name = yaml_text(y, node, e);

	if (!name)
		return -1;
	for (*id = 0; *id < CHECKLIST_IDS; (*id)++) {
		names[*id] = checklist_kinds[*id].id;
		if (strcmp(names[*id], name) == 0)
			return 0;
	}
	near = text_nearest(name, names, CHECKLIST_IDS);
	return yaml_complain(y, node, e, "unknown item '%s'%s%s%s", name, near ? " (nearest: " : "",
			     near ? near : "", near ? ")" : "");
}

/* `clock`, or `clock: {tolerance: 30}` */
static int list_take_item(struct yaml *y, yaml_node_t *node, struct checklist_entry *out, struct err *e)
{
	yaml_node_t *name = node, *params = NULL, *key, *value;
	enum checklist_id id;
	unsigned seen = 0;

	if (node->type == YAML_MAPPING_NODE
	    && (!yaml_pair(y, node, 0, &name, &params) || yaml_pair(y, node, 1, &key, &value)))
		return yaml_complain(y, node, e, "an item is written as 'ID' or 'ID: {PARAMETER: VALUE}'");
	if (list_find_item(y, name, &id, e))
		return -1;
	*out = list_entry(id);
	if (!params || (params->type == YAML_SCALAR_NODE && params->data.scalar.length == 0))
		return 0;
	if (params->type != YAML_MAPPING_NODE)
		return yaml_complain(y, params, e, "parameters are written as '{PARAMETER: VALUE}'");
	for (size_t i = 0; yaml_pair(y, params, i, &key, &value); i++)
		if (list_take_param(y, key, value, out, &seen, e))
			return -1;
	return 0;
}

static int list_take_items(struct yaml *y, yaml_node_t *items, struct checklist_list *l, struct err *e)
{
	yaml_node_t *node;

	if (items->type != YAML_SEQUENCE_NODE)
		return yaml_complain(y, items, e, "items are written as '- ID', one a line");
	for (size_t i = 0; (node = yaml_item(y, items, i)); i++) {
		struct checklist_entry one;

		if (list_take_item(y, node, &one, e))
			return -1;
		for (size_t k = 0; k < l->n; k++)
			if (l->entries[k].id == one.id)
				return yaml_complain(y, node, e, "'%s' is there twice", checklist_kinds[one.id].id);
		l->entries[l->n++] = one;
	}
	return l->n ? 0 : yaml_complain(y, items, e, "no items");
}

static int list_take_root(struct yaml *y, struct checklist_list *l, struct err *e)
{
	yaml_node_t *root = yaml_root(y), *key, *value;

	if (!root || root->type != YAML_MAPPING_NODE || !yaml_get(y, root, "items"))
		return yaml_complain(y, root, e, "no checklist: 'items:' is missing");
	for (size_t i = 0; yaml_pair(y, root, i, &key, &value); i++) {
		const char *name = yaml_text(y, key, e);

		if (!name)
			return -1;
		if (strcmp(name, "items") != 0)
			return yaml_complain(y, key, e, "unknown entry '%s' (entries: items)", name);
		if (l->n)
			return yaml_complain(y, key, e, "'items' is there twice");
		if (list_take_items(y, value, l, e))
			return -1;
	}
	return 0;
}

int checklist_list_load(struct checklist_list *l, const char *path, struct err *e)
{
	char own[4096];
	struct yaml y;
	int rc;

	checklist_list_default(l);
	if (!path) {
		path = paths_config(own, sizeof(own), "checklist.yaml");
		if (!*path || (access(path, F_OK) != 0 && errno == ENOENT))
			return 0;
	}
	if (yaml_open(&y, path, e))
		return -1;
	l->n = 0;
	rc = list_take_root(&y, l, e);
	yaml_release(&y);
	return rc;
}
