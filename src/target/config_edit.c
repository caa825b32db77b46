/*
 * config_edit.c - changes in the configuration file that leave everything else in it as its
 * author wrote it: a value is exchanged where it stands, a line put in. What comes out is read
 * again before it is written; when that is not the file with just that change, nothing is.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "base/text.h"
#include "profile/profile.h"

/* The file at hand. */
struct config_edit {
	char path[4096];
	char *text;
	struct config now;	/* what TEXT says */
	const char *eol;
};

#define QUOTED (2 * TARGET_TEXT)

static void edit_close(struct config_edit *f)
{
	config_release(&f->now);
	free(f->text);
}

/* TEXT, which is taken over, is what the file says from here on. */
static int edit_read(struct config_edit *f, char *text, struct err *e)
{
	struct err why = { 0 };

	free(f->text);
	f->text = text;
	config_release(&f->now);
	f->eol = strstr(text, "\r\n") ? "\r\n" : "\n";
	if (config_load_text(&f->now, f->path, text, &why) && why.code != ERR_USAGE)
		return err_set(e, why.code, "%s", why.text);
	return config_sound(&f->now, e);
}

static int edit_begin(struct config_edit *f, const char *path, const char *text, struct err *e)
{
	char *own = strdup(text);

	*f = (struct config_edit){ .text = NULL };
	snprintf(f->path, sizeof(f->path), "%s", path);
	return own ? edit_read(f, own, e) : err_set(e, ERR_NO, "out of memory");
}

/* ---- places in the text -------------------------------------------------------------- */

/* libyaml counts characters from the first behind a byte order mark. */
static char *edit_character(const struct config_edit *f, size_t n)
{
	char *text = f->text;
	unsigned cp;

	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	while (n-- > 0 && *text) {
		size_t len = text_utf8(text, strnlen(text, 4), &cp);

		text += len ? len : 1;
	}
	return text;
}

/* Behind the last character of what NODE says. The mark of a block's own end is wherever
 * something else begins. */
static char *edit_end(struct config_edit *f, const yaml_node_t *node)
{
	yaml_node_t *key = NULL, *value = NULL;

	if (node->type == YAML_MAPPING_NODE && node->data.mapping.style != YAML_FLOW_MAPPING_STYLE)
		for (size_t i = 0; yaml_pair(&f->now.yaml, node, i, &key, &value); i++)
			;
	return value ? edit_end(f, value) : edit_character(f, node->end_mark.index);
}

/* The text with FROM up to TO replaced by NEW. */
static int edit_put(struct config_edit *f, const char *from, const char *to, const char *new_text, struct err *e)
{
	char *text;

	if (asprintf(&text, "%.*s%s%s", (int)(from - f->text), f->text, new_text, to) < 0)
		return err_set(e, ERR_NO, "out of memory");
	return edit_read(f, text, e);
}

/* LINE becomes one of its own, below the one in which AT stands. */
static int edit_put_line(struct config_edit *f, const char *at, const char *line, struct err *e)
{
	bool behind_line = at > f->text && at[-1] == '\n';
	const char *end = behind_line ? at : at + strcspn(at, "\n");
	char *text;
	int rc;

	end += !behind_line && *end == '\n';
	/* a file without a last line end stays without */
	if (end == f->text || end[-1] == '\n')
		rc = asprintf(&text, "%s%s", line, f->eol);
	else
		rc = asprintf(&text, "%s%s", f->eol, line);
	if (rc < 0)
		return err_set(e, ERR_NO, "out of memory");
	rc = edit_put(f, end, end, text, e);
	free(text);
	return rc;
}

/* A pair behind the last of the flow mapping MAP. */
static int edit_put_flow(struct config_edit *f, const yaml_node_t *map, const char *pair, struct err *e)
{
	yaml_node_t *key, *value, *last = NULL;
	char *text, *at;
	int rc;

	for (size_t i = 0; yaml_pair(&f->now.yaml, map, i, &key, &value); i++)
		last = value;
	at = last ? edit_end(f, last) : edit_character(f, map->start_mark.index) + 1;
	if (asprintf(&text, "%s%s", last ? ", " : "", pair) < 0)
		return err_set(e, ERR_NO, "out of memory");
	rc = edit_put(f, at, at, text, e);
	free(text);
	return rc;
}

/* The scalar NODE becomes NEW. Fails, without E, where it does not stand there itself. */
static int edit_exchange(struct config_edit *f, const yaml_node_t *node, const char *new_text, struct err *e)
{
	const char *start = edit_character(f, node->start_mark.index);
	const char *end = edit_character(f, node->end_mark.index);
	/* what the marks enclose must be what libyaml made of it, not an anchor */
	bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
		  && strncmp(start, (char *)node->data.scalar.value, node->data.scalar.length) == 0;

	if ((!plain && *start != '"' && *start != '\'') || end <= start)
		return -1;
	return edit_put(f, start, end, new_text, e);
}

/* ---- connections ---------------------------------------------------------------------- */

static yaml_node_t *edit_connections(struct config_edit *f)
{
	yaml_node_t *root = f->now.open ? yaml_root(&f->now.yaml) : NULL;

	return root ? yaml_get(&f->now.yaml, root, "connections") : NULL;
}

static yaml_node_t *edit_connection(struct config_edit *f, const char *name)
{
	yaml_node_t *map = edit_connections(f);

	return map ? yaml_get(&f->now.yaml, map, name) : NULL;
}

/* The scalar that holds the target of NAME, or NULL. */
static yaml_node_t *edit_target(struct config_edit *f, const char *name)
{
	yaml_node_t *node = edit_connection(f, name);

	if (node && node->type == YAML_MAPPING_NODE)
		node = yaml_get(&f->now.yaml, node, "target");
	return node && node->type == YAML_SCALAR_NODE ? node : NULL;
}

/* "{target: T, profile: P}", or T alone. */
static char *edit_flow(const struct config_new *n)
{
	char target[QUOTED], profile[QUOTED], *out;
	int rc;

	yaml_quote(n->target, target, sizeof(target));
	if (n->profile)
		rc = asprintf(&out, "{target: %s, profile: %s}", target, yaml_quote(n->profile, profile, sizeof(profile)));
	else
		rc = asprintf(&out, "%s", target);
	return rc < 0 ? NULL : out;
}

/* The lines of an entry behind INDENT cells, without the last line end. */
static char *edit_lines(const struct config_edit *f, const struct config_new *n, int indent)
{
	char name[QUOTED], target[QUOTED], profile[QUOTED], *out;
	int rc;

	yaml_quote(n->name, name, sizeof(name));
	yaml_quote(n->target, target, sizeof(target));
	if (n->profile)
		rc = asprintf(&out, "%*s%s:%s%*s  target: %s%s%*s  profile: %s", indent, "", name, f->eol,
			      indent, "", target, f->eol, indent, "",
			      yaml_quote(n->profile, profile, sizeof(profile)));
	else
		rc = asprintf(&out, "%*s%s: %s", indent, "", name, target);
	return rc < 0 ? NULL : out;
}

/* `connections:` itself is missing. */
static int edit_add_section(struct config_edit *f, const struct config_new *n, struct err *e)
{
	yaml_node_t *root = f->now.open ? yaml_root(&f->now.yaml) : NULL;
	bool flow = root && root->data.mapping.style == YAML_FLOW_MAPPING_STYLE;
	int indent = root ? (int)root->start_mark.column : 0, rc = -1;
	char name[QUOTED], *entry = flow ? edit_flow(n) : edit_lines(f, n, indent + 2), *text = NULL;

	if (entry && flow)
		rc = asprintf(&text, "connections: {%s: %s}", yaml_quote(n->name, name, sizeof(name)), entry);
	else if (entry)
		rc = asprintf(&text, "%*sconnections:%s%s", indent, "", f->eol, entry);
	free(entry);
	if (rc < 0)
		return err_set(e, ERR_NO, "out of memory");
	rc = flow ? edit_put_flow(f, root, text, e) : edit_put_line(f, f->text + strlen(f->text), text, e);
	free(text);
	return rc;
}

static int edit_add(struct config_edit *f, const struct config_new *n, struct err *e)
{
	yaml_node_t *map = edit_connections(f), *root, *key, *value;
	bool flow = map && map->type == YAML_MAPPING_NODE && map->data.mapping.style == YAML_FLOW_MAPPING_STYLE;
	char name[QUOTED], *entry, *text = NULL;
	const char *at = NULL;
	int indent = 0, rc;

	if (!map)
		return edit_add_section(f, n, e);
	if (map->type == YAML_MAPPING_NODE && yaml_pair(&f->now.yaml, map, 0, &key, &value))
		indent = (int)key->start_mark.column;
	if (map->type == YAML_SCALAR_NODE) {	/* nothing behind "connections:" */
		root = yaml_root(&f->now.yaml);
		for (size_t i = 0; yaml_pair(&f->now.yaml, root, i, &key, &value) && value != map; i++)
			;
		indent = (int)key->start_mark.column + 2;
		at = edit_character(f, key->end_mark.index);
	}
	entry = flow ? edit_flow(n) : edit_lines(f, n, indent);
	if (!entry || (flow && asprintf(&text, "%s: %s", yaml_quote(n->name, name, sizeof(name)), entry) < 0))
		rc = err_set(e, ERR_NO, "out of memory");
	else if (flow)
		rc = edit_put_flow(f, map, text, e);
	else
		rc = edit_put_line(f, at ? at : edit_end(f, map), entry, e);
	free(text);
	free(entry);
	return rc;
}

static int edit_change_target(struct config_edit *f, const struct config_new *n, struct err *e)
{
	yaml_node_t *node = edit_target(f, n->name);
	bool bare = node == edit_connection(f, n->name);
	struct config_new only = *n;
	char *text;
	int rc;

	if (!bare)
		only.profile = NULL;
	text = edit_flow(&only);
	if (!text)
		return err_set(e, ERR_NO, "out of memory");
	rc = node ? edit_exchange(f, node, text, e) : -1;
	free(text);
	return rc;
}

static int edit_change_profile(struct config_edit *f, const struct config_new *n, struct err *e)
{
	yaml_node_t *map = edit_connection(f, n->name), *had, *key, *value;
	char profile[QUOTED], text[QUOTED + 16 + 64];
	int indent;

	if (map->type == YAML_SCALAR_NODE)
		return edit_change_target(f, n, e);
	had = yaml_get(&f->now.yaml, map, "profile");
	yaml_quote(n->profile, profile, sizeof(profile));
	if (had)
		return had->type == YAML_SCALAR_NODE ? edit_exchange(f, had, profile, e) : -1;
	yaml_pair(&f->now.yaml, map, 0, &key, &value);
	indent = map->data.mapping.style == YAML_FLOW_MAPPING_STYLE ? 0 : (int)key->start_mark.column;
	if (indent > 64)
		return -1;
	snprintf(text, sizeof(text), "%*sprofile: %s", indent, "", profile);
	return indent ? edit_put_line(f, edit_end(f, map), text, e) : edit_put_flow(f, map, text, e);
}

/* ---- is it just that change? ----------------------------------------------------------- */

static const char *edit_profile(const struct config *c, const char *name)
{
	return config_option(c, name, "profile");
}

/* The next setting of C from *I on that is not the profile of NAME. */
static const struct config_setting *edit_next(const struct config *c, const char *name, size_t *i)
{
	for (; *i < c->nsettings; ++*i) {
		const struct config_setting *s = &c->settings[*i];

		if (s->part != CONFIG_CONNECTIONS || strcmp(s->of, name) != 0 || strcmp(s->name, "profile") != 0)
			return &c->settings[(*i)++];
	}
	return NULL;
}

static bool edit_same_settings(const struct config *a, const struct config *b, const char *name)
{
	const struct config_setting *s, *t;
	size_t i = 0, k = 0;

	do {
		s = edit_next(a, name, &i);
		t = edit_next(b, name, &k);
		if (!s || !t)
			return s == t;
	} while (s->part == t->part && strcmp(s->of, t->of) == 0 && strcmp(s->name, t->name) == 0
		 && strcmp(s->value, t->value) == 0);
	return false;
}

static bool edit_same_connections(const struct config *a, const struct config *b, const char *name)
{
	const struct config_connection *is = b->connections, *end = is + b->nconnections;
	size_t others = 0;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct config_connection *was = &a->connections[i];

		if (strcmp(was->name, name) == 0)
			continue;
		/* the others stand in the order in which they stood */
		while (is < end && strcmp(is->name, name) == 0)
			is++;
		if (is == end || strcmp(was->name, is->name) != 0 || strcmp(was->target, is->target) != 0)
			return false;
		is++;
		others++;
	}
	return b->nconnections == others + 1;
}

/* Does AFTER say what BEFORE does, but for NAME, which leads to TARGET with PROFILE (NULL: as
 * before)? */
static bool edit_just(const struct config *before, const struct config *after, const char *name,
		      const char *target, const char *profile)
{
	const struct config_connection *is = config_find(after, name);
	const char *has = edit_profile(after, name);

	if (!profile)
		profile = edit_profile(before, name);
	return is && strcmp(is->target, target) == 0 && (has && profile ? strcmp(has, profile) == 0 : has == profile)
	    && before->nmistakes == after->nmistakes && edit_same_connections(before, after, name)
	    && edit_same_settings(before, after, name);
}

/* RC and WHY of the change N: the text of F when it is just that, which is the caller's; else
 * NULL and E. */
static char *edit_result(struct config_edit *f, const struct config_edit *before, int rc, const struct err *why,
			 const struct config_new *n, struct err *e)
{
	char *text = f->text;

	if (rc && why->code == ERR_NO) {
		err_set(e, ERR_NO, "%s", why->text);
	} else if (rc || !edit_just(&before->now, &f->now, n->name, n->target, n->profile)) {
		err_set(e, ERR_NO, "cannot change connection '%s' in '%s' (nothing was changed there; "
			"change it with an editor)", n->name, before->path);
	} else {
		f->text = NULL;
		return text;
	}
	return NULL;
}

/* ---- what others call ------------------------------------------------------------------- */

static bool edit_same_target(const char *a, const char *b)
{
	char left[TARGET_TEXT], right[TARGET_TEXT];
	struct target t, u;

	if (strcmp(a, b) == 0)
		return true;
	return !config_is_name(a) && !config_is_name(b) && target_parse(a, &t, NULL) == 0 && target_parse(b, &u, NULL) == 0
	    && strcmp(target_format(&t, 1, left, sizeof(left)), target_format(&u, 1, right, sizeof(right))) == 0;
}

static int edit_connection_to(struct config_edit *f, const struct config_new *n, bool same, struct err *e)
{
	const char *profile;

	if (!edit_connection(f, n->name))
		return n->there ? -1 : edit_add(f, n, e);
	if (!same && edit_change_target(f, n, e))
		return -1;
	profile = edit_profile(&f->now, n->name);
	if (!n->profile || (profile && strcmp(profile, n->profile) == 0))
		return 0;
	return edit_change_profile(f, n, e);
}

char *config_edited(const char *path, const char *text, const struct config_new *n, struct err *e)
{
	struct config_edit f, before;
	const struct config_connection *old;
	struct config_new save = *n;
	struct err why = { 0 };
	char shown[TARGET_TEXT], *out = NULL;
	bool same;

	if (edit_begin(&before, path, text, e))
		goto out_before;
	old = config_find(&before.now, n->name);
	same = old && edit_same_target(old->target, n->target);
	if (old && !same && !n->replace) {
		err_set(e, ERR_DENIED, "connection '%s' leads to '%s' already (--force replaces it)", n->name,
			target_mqtt_shown(old->target, shown, sizeof(shown)));
		goto out_before;
	}
	/* the same one may be said otherwise: it stays so */
	if (same)
		save.target = old->target;
	if (edit_begin(&f, path, text, e) == 0)
		out = edit_result(&f, &before, edit_connection_to(&f, &save, same, &why), &why, &save, e);
	edit_close(&f);
out_before:
	edit_close(&before);
	return out;
}

/* The file itself, where config.yaml is a link to it. */
static int edit_path(char *buf, size_t size, struct err *e)
{
	char path[4096], *real;

	paths_config(path, sizeof(path), "config.yaml");
	if (!path[0])
		return err_set(e, ERR_NO, "no home folder to save the connection in");
	real = realpath(path, NULL);
	snprintf(buf, size, "%s", real ? real : path);
	free(real);
	return 0;
}

static int edit_file(const struct config_new *n, struct err *e)
{
	char path[4096], *text, *edited = NULL;
	struct stat st;
	int rc = 0;

	if (edit_path(path, sizeof(path), e))
		return -1;
	text = !n->there && lstat(path, &st) && errno == ENOENT ? strdup("") : paths_read(path, e);
	if (text)
		edited = config_edited(path, text, n, e);
	if (!edited)
		rc = -1;
	else if (strcmp(text, edited) != 0)
		rc = paths_replace(path, edited, e);
	free(edited);
	free(text);
	return rc;
}

int config_follow(const char *connect, const char *from, const char *to, struct err *e)
{
	const struct config_new n = { .name = connect, .target = to, .replace = true, .there = true };

	if (config_is_name(connect) && edit_file(&n, e))
		return -1;
	return recent_follow(from, to, e);
}

static int edit_check_name(const char *name, struct err *e)
{
	char clean[128];

	if (!config_is_name(name))
		return err_set(e, ERR_USAGE, "a connection's name has no ':' or '/': '%s'", name);
	text_clean(clean, sizeof(clean), name);
	if (strcmp(clean, name) != 0 || *name == ' ' || name[strlen(name) - 1] == ' ')
		return err_set(e, ERR_USAGE, "'%s' is not a name for a connection (at most %zu bytes of text)", name,
			       sizeof(clean) - 1);
	return 0;
}

int config_save(const struct config_new *n, struct err *e)
{
	struct config_new save = *n;
	char *real = n->profile && profile_is_file(n->profile) ? realpath(n->profile, NULL) : NULL;
	int rc;

	/* a file is found from wherever the connection is used */
	if (real)
		save.profile = real;
	rc = edit_check_name(n->name, e) ? -1 : edit_file(&save, e);
	free(real);
	return rc;
}
