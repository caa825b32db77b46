/*
 * mapping_list.c - the dialects that are data: the user's own files, in the folder
 * `dialects` beside that of his profiles, and those compiled in. All are read once, when one
 * is first asked for.
 */
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "mapping.h"

static struct mapping *mappings[MAPPINGS_MAX];
static size_t nmappings;
static struct err broken[MAPPINGS_MAX];
static size_t nbroken;

static int mapping_list_wants(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 && strcmp(d->d_name + len - 5, ".yaml") == 0;
}

static bool mapping_list_has(const char *name)
{
	for (size_t i = 0; i < nmappings; i++)
		if (strcmp(mappings[i]->dialect.name, name) == 0)
			return true;
	return false;
}

static void mapping_list_add(struct mapping *m, const struct err *why)
{
	if (m && nmappings < MAPPINGS_MAX)
		mappings[nmappings++] = m;
	else if (!m && nbroken < MAPPINGS_MAX)
		broken[nbroken++] = *why;
	else
		mapping_free(m);
}

static void mapping_list_own(const char *folder, const char *file)
{
	struct err why = { 0 };
	char path[PATH_MAX];
	struct mapping *m;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path))
		return;
	m = mapping_load(path, &why);
	if (m && mapping_list_has(m->dialect.name)) {
		err_set(&why, ERR_USAGE, "%s: dialect '%s' is in another file of this folder, too", path, m->dialect.name);
		mapping_free(m);
		m = NULL;
	}
	mapping_list_add(m, &why);
}

static void mapping_list_load(void)
{
	char folder[PATH_MAX];
	struct dirent **list = NULL;
	int n = scandir(paths_config(folder, sizeof(folder), "dialects"), &list, mapping_list_wants, alphasort);

	for (int i = 0; i < n; i++) {
		mapping_list_own(folder, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	for (const struct mapping_text *t = mapping_texts; t->name; t++) {
		struct err why = { 0 };

		if (!mapping_list_has(t->name))
			mapping_list_add(mapping_load_text(t->name, t->text, &why), &why);
	}
}

static void mapping_list_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, mapping_list_load);
}

const struct dialect *mapping_nth(size_t i)
{
	mapping_list_once();
	return i < nmappings ? &mappings[i]->dialect : NULL;
}

const struct err *mapping_broken(size_t i)
{
	mapping_list_once();
	return i < nbroken ? &broken[i] : NULL;
}

/* The user's file of NAME; false: there is none. */
static bool mapping_list_path(const char *name, char *path, size_t size)
{
	char leaf[NAME_MAX + sizeof("dialects/")];

	if (strchr(name, '/') || (size_t)snprintf(leaf, sizeof(leaf), "dialects/%s.yaml", name) >= sizeof(leaf))
		return false;
	return access(paths_config(path, size, leaf), F_OK) == 0;
}

static const struct mapping_text *mapping_list_text(const char *name)
{
	for (const struct mapping_text *t = mapping_texts; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

bool mapping_known(const char *name)
{
	char path[PATH_MAX];

	return mapping_list_path(name, path, sizeof(path)) || mapping_list_text(name);
}

struct mapping *mapping_open(const char *name, struct err *e)
{
	const struct mapping_text *t = mapping_list_text(name);
	char path[PATH_MAX];

	if (mapping_list_path(name, path, sizeof(path)))
		return mapping_load(path, e);
	if (t)
		return mapping_load_text(name, t->text, e);
	err_set(e, ERR_NO, "no dialect '%s' that is data", name);
	return NULL;
}
