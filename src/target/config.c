#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"

void config_release(struct config *c)
{
	free(c->connections);
	free(c->settings);
	free(c->mistakes);
	if (c->open)
		yaml_release(&c->yaml);
	*c = (struct config){ 0 };
}

/* Room for one more behind N of SIZE at *LIST, whose room doubles each time it is full: where it
 * is, zeroed; NULL. */
static void *config_grow(void *list, size_t n, size_t size)
{
	char *entries = *(void **)list;

	if ((n & (n - 1)) == 0) {
		void *grown = realloc(entries, (n ? 2 * n : 1) * size);

		if (!grown)
			return NULL;
		*(void **)list = entries = grown;
	}
	return memset(entries + n * size, 0, size);
}

static int config_full(struct err *e)
{
	return err_set(e, ERR_NO, "out of memory");
}

int config_mistake_add(struct config *c, const struct config_mistake *m, struct err *e)
{
	struct config_mistake *at = config_grow(&c->mistakes, c->nmistakes, sizeof(*at));

	if (!at)
		return config_full(e);
	*at = *m;
	text_clean(at->text, sizeof(at->text), m->text);
	c->nmistakes++;
	return 0;
}

int config_mistake_say(const struct config *c, const struct config_mistake *m, struct err *e)
{
	if (!m->at.line)
		return err_set(e, ERR_USAGE, "%s", m->text);
	return err_set(e, ERR_USAGE, "%s:%zu:%zu: %s", c->path, m->at.line, m->at.column, m->text);
}

/* ---- reading ------------------------------------------------------------------ */

/* Where in the file it is read. Functions return 0 also behind a mistake, which is kept;
 * -1: no memory. */
struct config_reader {
	struct config *c;
	enum config_part part;
	const char *of;
	struct err *e;
};

static struct config_place config_place(const yaml_node_t *n)
{
	return (struct config_place){ n->start_mark.line + 1, n->start_mark.column + 1 };
}

static int config_complain(const struct config_reader *r, const yaml_node_t *n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int config_complain(const struct config_reader *r, const yaml_node_t *n, const char *fmt, ...)
{
	struct config_mistake m = { .part = r->part, .of = r->of, .at = config_place(n) };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m.text, sizeof(m.text), fmt, ap);
	va_end(ap);
	return config_mistake_add(r->c, &m, r->e);
}

/* The text of N; NULL: a mistake that is kept, or *RC is -1. */
static const char *config_text(const struct config_reader *r, const yaml_node_t *n, int *rc)
{
	const char *s = yaml_text(&r->c->yaml, n, NULL);

	if (!s)
		*rc = config_complain(r, n, n->type == YAML_SCALAR_NODE ? "text with a NUL character"
				      : "expected a single value, not a list or mapping");
	return s;
}

static bool config_nothing(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE && n->data.scalar.length == 0
	    && n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* The key of a pair, and which it is. */
struct config_key {
	const char *name;
	size_t at;
};

static int config_key_order(const void *a, const void *b)
{
	const struct config_key *l = a, *r = b;
	int order = strcmp(l->name, r->name);

	return order ? order : l->at < r->at ? -1 : 1;
}

/* For each pair of MAP: is its key there before it, too? NULL: no memory; free() it. */
static bool *config_twice(struct config *c, const yaml_node_t *map)
{
	size_t pairs = (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start), n = 0;
	struct config_key *keys = calloc(pairs + 1, sizeof(*keys));
	bool *twice = calloc(pairs + 1, sizeof(*twice));
	yaml_node_t *key, *value;

	for (size_t i = 0; keys && yaml_pair(&c->yaml, map, i, &key, &value); i++)
		if (key->type == YAML_SCALAR_NODE)
			keys[n++] = (struct config_key){ (const char *)key->data.scalar.value, i };
	if (keys)
		qsort(keys, n, sizeof(*keys), config_key_order);
	for (size_t k = 1; twice && k < n; k++)
		twice[keys[k].at] = strcmp(keys[k - 1].name, keys[k].name) == 0;
	if (!keys) {
		free(twice);
		twice = NULL;
	}
	free(keys);
	return twice;
}

/* Each pair of MAP to TAKE, with the key's text; nothing written there is an empty one. */
static int config_each(const struct config_reader *r, const yaml_node_t *map, const char *like,
		       int (*take)(const struct config_reader *r, const yaml_node_t *key, const char *name,
				   yaml_node_t *value))
{
	yaml_node_t *key, *value;
	bool *twice;
	int rc = 0;

	if (config_nothing(map))
		return 0;
	if (map->type != YAML_MAPPING_NODE)
		return config_complain(r, map, "expected %s, one a line", like);
	twice = config_twice(r->c, map);
	if (!twice)
		return config_full(r->e);
	for (size_t i = 0; !rc && yaml_pair(&r->c->yaml, map, i, &key, &value); i++) {
		const char *name = config_text(r, key, &rc);

		if (!name)
			continue;
		if (twice[i])
			rc = config_complain(r, key, "'%s' is there twice", name);
		else
			rc = take(r, key, name, value);
	}
	free(twice);
	return rc;
}

static int config_take_setting(const struct config_reader *r, const yaml_node_t *key, const char *name,
			       yaml_node_t *value)
{
	struct config_setting *s;
	int rc = 0;
	const char *text = config_text(r, value, &rc);

	if (!text)
		return rc;
	if (config_nothing(value))
		return config_complain(r, key, "'%s' has no value", name);
	s = config_grow(&r->c->settings, r->c->nsettings, sizeof(*s));
	if (!s)
		return config_full(r->e);
	*s = (struct config_setting){ r->part, r->of, name, text, config_place(key), config_place(value) };
	r->c->nsettings++;
	return 0;
}

static int config_take_target(const struct config_reader *r, const char *name, const yaml_node_t *value)
{
	struct config_connection *at;
	int rc = 0;
	const char *target = config_text(r, value, &rc);

	if (!target)
		return rc;
	at = config_grow(&r->c->connections, r->c->nconnections, sizeof(*at));
	if (!at)
		return config_full(r->e);
	*at = (struct config_connection){ .name = name, .target = target, .at = config_place(value) };
	r->c->nconnections++;
	return 0;
}

static int config_take_part(const struct config_reader *r, const yaml_node_t *key, const char *name,
			    yaml_node_t *value)
{
	return strcmp(name, "target") == 0 ? config_take_target(r, r->of, value)
	     : config_take_setting(r, key, name, value);
}

bool config_is_name(const char *text)
{
	return *text && !strpbrk(text, ":/");
}

static int config_take_connection(const struct config_reader *all, const yaml_node_t *key, const char *name,
				  yaml_node_t *value)
{
	struct config_reader r = *all;
	size_t before = r.c->nmistakes, first = r.c->nsettings, known = r.c->nconnections;
	struct config_connection *at;

	r.of = name;
	if (!config_is_name(name))
		return config_complain(&r, key, "a connection's name has no ':' or '/': '%s'", name);
	if (value->type == YAML_SCALAR_NODE)
		return config_take_target(&r, name, value);
	if (config_each(&r, value, "a target, or 'target: TARGET' and options", config_take_part))
		return -1;
	/* what is there and wrong is not missing */
	if (r.c->nconnections == known)
		return r.c->nmistakes > before ? 0 : config_complain(&r, key, "connection '%s' has no target", name);
	at = &r.c->connections[known];
	at->first = first;
	at->nsettings = r.c->nsettings - first;
	return 0;
}

static int config_take_command(const struct config_reader *all, const yaml_node_t *key, const char *name,
			       yaml_node_t *value)
{
	struct config_reader r = *all;

	(void)key;
	r.of = name;
	return config_each(&r, value, "'OPTION: VALUE'", config_take_setting);
}

static const struct config_section {
	const char *name, *like;
	enum config_part part;
	int (*take)(const struct config_reader *r, const yaml_node_t *key, const char *name, yaml_node_t *value);
} config_sections[] = {
	{ "connections", "'NAME: TARGET'", CONFIG_CONNECTIONS, config_take_connection },
	{ "defaults", "'OPTION: VALUE'", CONFIG_DEFAULTS, config_take_setting },
	{ "commands", "'COMMAND: {OPTION: VALUE}'", CONFIG_COMMANDS, config_take_command },
};
#define NSECTIONS (sizeof(config_sections) / sizeof(*config_sections))

static int config_take_section(const struct config_reader *all, const yaml_node_t *key, const char *name,
			       yaml_node_t *value)
{
	struct config_reader r = *all;
	const char *names[NSECTIONS], *near;

	for (size_t i = 0; i < NSECTIONS; i++) {
		const struct config_section *s = &config_sections[i];

		names[i] = s->name;
		if (strcmp(s->name, name) != 0)
			continue;
		r.part = s->part;
		return config_each(&r, value, s->like, s->take);
	}
	near = text_nearest(name, names, NSECTIONS);
	if (near)
		return config_complain(&r, key, "unknown section '%s' (did you mean '%s'?)", name, near);
	return config_complain(&r, key, "unknown section '%s' (there are connections, defaults and commands)", name);
}

/*
 * The file is no YAML: PROBLEM. Whoever would take options from it must not go on as if it
 * had none. One in which no section of them is named can only hold connections.
 */
static int config_no_yaml(const struct config_reader *r, const struct err *problem)
{
	struct config_mistake m = { .of = "", .part = CONFIG_FILE };
	const char *text = problem->text + strlen(r->c->yaml.file);
	char *whole = paths_read(r->c->path, NULL);
	int n = 0;

	if (whole && !strstr(whole, "defaults") && !strstr(whole, "commands"))
		m.part = CONFIG_CONNECTIONS;
	free(whole);
	if (strncmp(problem->text, r->c->yaml.file, strlen(r->c->yaml.file)) != 0
	    || sscanf(text, ":%zu:%zu: %n", &m.at.line, &m.at.column, &n) < 2 || !n)
		text = problem->text, m.at.line = 0, n = 0;
	snprintf(m.text, sizeof(m.text), "%s", text + n);
	return config_mistake_add(r->c, &m, r->e);
}

static int config_read(struct config *c, const char *path, const char *text, struct err *e)
{
	struct config_reader r = { .c = c, .part = CONFIG_FILE, .of = "", .e = e };
	struct err problem = { 0 };
	yaml_node_t *root;
	int rc;

	*c = (struct config){ 0 };
	snprintf(c->path, sizeof(c->path), "%s", path);
	c->open = (text ? yaml_open_text(&c->yaml, path, text, &problem) : yaml_open(&c->yaml, path, &problem)) == 0;
	root = c->open ? yaml_root(&c->yaml) : NULL;
	if (!c->open)
		rc = config_no_yaml(&r, &problem);
	else
		rc = root ? config_each(&r, root, "'connections:', 'defaults:' or 'commands:'", config_take_section) : 0;
	if (rc == 0 && c->nmistakes)
		rc = config_mistake_say(c, &c->mistakes[0], e);
	return rc;
}

int config_load_file(struct config *c, const char *path, struct err *e)
{
	return config_read(c, path, NULL, e);
}

int config_load_text(struct config *c, const char *path, const char *text, struct err *e)
{
	return config_read(c, path, text, e);
}

int config_load(struct config *c, struct err *e)
{
	char path[sizeof(c->path)];

	paths_config(path, sizeof(path), "config.yaml");
	if (*path && (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)))
		return config_load_file(c, path, e);
	*c = (struct config){ 0 };
	memcpy(c->path, path, sizeof(path));
	return 0;
}

/* ---- a saved connection --------------------------------------------------------- */

const struct config_connection *config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->nconnections; i++)
		if (strcmp(c->connections[i].name, name) == 0)
			return &c->connections[i];
	return NULL;
}

const char *config_option_of(const struct config *c, const struct config_connection *at, const char *option)
{
	for (const struct config_setting *s = c->settings + at->first; s < c->settings + at->first + at->nsettings; s++)
		if (strcmp(s->name, option) == 0)
			return s->value;
	return NULL;
}

const char *config_option(const struct config *c, const char *name, const char *option)
{
	const struct config_connection *at = config_find(c, name);

	return at ? config_option_of(c, at, option) : NULL;
}

/* Nothing is saved as NAME: the nearest there is, or how to save one. */
static int config_unknown(const struct config *c, const char *name, struct err *e)
{
	const char **names = calloc(c->nconnections + 1, sizeof(*names));
	const char *near = NULL;
	char forms[TARGET_FORMS];

	for (size_t i = 0; names && i < c->nconnections; i++)
		names[i] = c->connections[i].name;
	if (names)
		near = text_nearest(name, names, c->nconnections);
	if (near)
		err_set(e, ERR_USAGE, "no connection is saved as '%s'; did you mean '%s'?", name, near);
	else
		err_set(e, ERR_USAGE, "no connection is saved as '%s'%s%s (a target is %s)",
			name, *c->path ? " in " : "", c->path, target_forms(forms, sizeof(forms)));
	free(names);
	return -1;
}

int config_sound(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->nmistakes; i++)
		if (c->mistakes[i].part <= CONFIG_CONNECTIONS)
			return config_mistake_say(c, &c->mistakes[i], e);
	return 0;
}

int config_connection(const char *name, char *buf, size_t size, struct err *e)
{
	const struct config_connection *found;
	struct err why = { 0 };
	struct config c;
	int rc = -1;

	if (config_load(&c, &why) && why.code != ERR_USAGE) {
		err_set(e, why.code, "%s", why.text);
		goto out;
	}
	if (config_sound(&c, e))
		goto out;
	found = config_find(&c, name);
	if (!found)
		config_unknown(&c, name, e);
	else if (snprintf(buf, size, "%s", found->target) >= (int)size)
		err_set(e, ERR_USAGE, "the target saved as '%s' is too long", name);
	else
		rc = 0;
out:
	config_release(&c);
	return rc;
}
