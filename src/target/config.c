#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "target.h"
#include "base/text.h"
#include "base/yaml.h"

void config_release(struct config *c)
{
	for (size_t i = 0; i < c->nconnections; i++) {
		free(c->connections[i].name);
		free(c->connections[i].target);
	}
	free(c->connections);
	*c = (struct config){ 0 };
}

static const char *config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->nconnections; i++)
		if (strcmp(c->connections[i].name, name) == 0)
			return c->connections[i].target;
	return NULL;
}

static int config_add(struct config *c, const char *name, const char *target, struct err *e)
{
	struct config_connection *grown, *at;

	grown = realloc(c->connections, (c->nconnections + 1) * sizeof(*grown));
	if (!grown)
		return err_set(e, ERR_NO, "out of memory");
	c->connections = grown;
	at = &grown[c->nconnections];
	at->name = strdup(name);
	at->target = strdup(target);
	if (at->name && at->target) {
		c->nconnections++;
		return 0;
	}
	free(at->name);
	free(at->target);
	return err_set(e, ERR_NO, "out of memory");
}

static int load_connections(struct config *c, struct yaml *y,
			    const yaml_node_t *map, struct err *e)
{
	yaml_node_t *key, *value;

	if (map->type == YAML_SCALAR_NODE && map->data.scalar.length == 0)
		return 0;
	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(y, map, e, "connections are written as 'NAME: TARGET', one a line");
	for (size_t i = 0; yaml_pair(y, map, i, &key, &value); i++) {
		const char *name = yaml_text(y, key, e);
		const char *target = name ? yaml_text(y, value, e) : NULL;

		if (!target)
			return -1;
		if (!*name || strpbrk(name, ":/"))
			return yaml_complain(y, key, e, "a connection's name has no ':' or '/': '%s'", name);
		if (config_find(c, name))
			return yaml_complain(y, key, e, "connection '%s' is there twice", name);
		if (config_add(c, name, target, e))
			return -1;
	}
	return 0;
}

int config_load_file(struct config *c, const char *path, struct err *e)
{
	yaml_node_t *root, *key, *value;
	struct yaml y;
	int rc = 0;

	*c = (struct config){ 0 };
	if (yaml_open(&y, path, e))
		return -1;
	root = yaml_root(&y);
	if (root && root->type != YAML_MAPPING_NODE)
		rc = yaml_complain(&y, root, e, "expected 'connections:'");
	for (size_t i = 0; root && !rc && yaml_pair(&y, root, i, &key, &value); i++) {
		const char *name = yaml_text(&y, key, e);

		if (!name)
			rc = -1;
		else if (strcmp(name, "connections") == 0)
			rc = load_connections(c, &y, value, e);
		else
			rc = yaml_complain(&y, key, e, "unknown setting '%s'; there is connections", name);
	}
	yaml_release(&y);
	return rc;
}

int config_load(struct config *c, struct err *e)
{
	char path[4096];

	*c = (struct config){ 0 };
	paths_config(path, sizeof(path), "config.yaml");
	if (!path[0] || (access(path, F_OK) != 0 && errno == ENOENT))
		return 0;
	return config_load_file(c, path, e);
}

/* Nothing is saved as NAME: the nearest there is, or how to save one. */
static int config_complain(const struct config *c, const char *name, struct err *e)
{
	const char **names = calloc(c->nconnections + 1, sizeof(*names));
	const char *near = NULL;
	char path[4096], forms[TARGET_FORMS];

	for (size_t i = 0; names && i < c->nconnections; i++)
		names[i] = c->connections[i].name;
	if (names)
		near = text_nearest(name, names, c->nconnections);
	paths_config(path, sizeof(path), "config.yaml");
	if (near)
		err_set(e, ERR_USAGE, "no connection is saved as '%s'; did you mean '%s'?", name, near);
	else
		err_set(e, ERR_USAGE, "no connection is saved as '%s'%s%s (a target is %s)",
			name, *path ? " in " : "", path, target_forms(forms, sizeof(forms)));
	free(names);
	return -1;
}

int config_connection(const char *name, char *buf, size_t size, struct err *e)
{
	struct config c;
	const char *target;
	int rc = config_load(&c, e);

	if (rc)
		goto out;
	target = config_find(&c, name);
	if (!target)
		rc = config_complain(&c, name, e);
	else if (snprintf(buf, size, "%s", target) >= (int)size)
		rc = err_set(e, ERR_USAGE, "the target saved as '%s' is too long", name);
out:
	config_release(&c);
	return rc;
}

void recent_load(struct recent *r)
{
	char path[4096], line[sizeof(r->target[0]) + 1];
	FILE *f;

	r->n = 0;
	paths_state(path, sizeof(path), "recent");
	f = path[0] ? fopen(path, "re") : NULL;
	if (!f)
		return;
	while (r->n < RECENT_MAX && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		/* somebody may have edited it: never more than a line to show */
		if (text_clean(r->target[r->n], sizeof(r->target[0]), line) > 0)
			r->n++;
	}
	fclose(f);
}

/* Writes the list with TARGET first and without GONE (NULL: none). */
static int recent_put(const char *target, const char *gone, struct err *e)
{
	char path[4096], text[RECENT_MAX * (sizeof(((struct recent *)0)->target[0]) + 1) + 1];
	struct recent r;
	size_t at = 0, kept = 1;

	paths_state(path, sizeof(path), "recent");
	if (!path[0])
		return err_set(e, ERR_NO, "no home folder to remember the connection in");
	recent_load(&r);
	text[0] = '\0';
	text_append(text, sizeof(text), &at, "%s\n", target);
	for (size_t i = 0; i < r.n && kept < RECENT_MAX; i++) {
		if (strcmp(r.target[i], target) == 0
		    || (gone && strcmp(r.target[i], gone) == 0))
			continue;
		text_append(text, sizeof(text), &at, "%s\n", r.target[i]);
		kept++;
	}
	return paths_replace(path, text, e);
}

int recent_add(const char *target, struct err *e)
{
	return recent_put(target, NULL, e);
}

static int recent_follow(const char *from, const char *to, struct err *e)
{
	struct recent r;

	recent_load(&r);
	for (size_t i = 0; i < r.n; i++)
		if (strcmp(r.target[i], from) == 0)
			return recent_put(to, from, e);
	return 0;
}

/* The whole file, or NULL. */
static char *config_read_file(const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t n = f ? getdelim(&text, &size, '\0', f) : -1;

	if (n < 0) {
		err_set(e, ERR_NO, "cannot read '%s': %s", path, strerror(errno));
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

/* libyaml counts characters from the first behind a byte order mark. */
static char *at_character(char *text, size_t n)
{
	unsigned cp;

	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	while (n-- > 0 && *text) {
		size_t len = text_utf8(text, strlen(text), &cp);

		text += len ? len : 1;
	}
	return text;
}

/* TEXT with the scalar NODE replaced by the target TO. */
static char *with_target(char *text, const yaml_node_t *node, const char *to)
{
	char *start = at_character(text, node->start_mark.index);
	char *end = at_character(text, node->end_mark.index);
	char quoted[2 * sizeof(((struct recent *)0)->target[0])];
	char *out = NULL;
	/* what the marks enclose must be what libyaml made of it, not an anchor */
	bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
		  && strncmp(start, (char *)node->data.scalar.value, node->data.scalar.length) == 0;

	if ((!plain && *start != '"' && *start != '\'') || end <= start)
		return NULL;
	yaml_quote(to, quoted, sizeof(quoted));
	if (asprintf(&out, "%.*s%s%s", (int)(start - text), text, quoted, end) < 0)
		return NULL;
	return out;
}

static int connection_follow(const char *name, const char *to, struct err *e)
{
	char path[4096], *real = NULL, *text = NULL, *changed = NULL;
	yaml_node_t *root, *map, *node = NULL;
	struct yaml y;
	int rc = -1;

	paths_config(path, sizeof(path), "config.yaml");
	if (yaml_open(&y, path, e))
		return -1;
	root = yaml_root(&y);
	map = root ? yaml_get(&y, root, "connections") : NULL;
	node = map ? yaml_get(&y, map, name) : NULL;
	/* the file itself, where PATH is a link to it */
	real = realpath(path, NULL);
	text = real ? config_read_file(real, e) : NULL;
	if (text && node && node->type == YAML_SCALAR_NODE)
		changed = with_target(text, node, to);
	if (changed)
		rc = paths_replace(real, changed, e);
	else
		err_set(e, ERR_NO, "cannot change connection '%s' in '%s'", name, path);
	free(changed);
	free(text);
	free(real);
	yaml_release(&y);
	return rc;
}

int config_follow(const char *connect, const char *from, const char *to, struct err *e)
{
	if (!strpbrk(connect, ":/") && connection_follow(connect, to, e))
		return -1;
	return recent_follow(from, to, e);
}
