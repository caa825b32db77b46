#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/paths.h"
#include "target/target.h"
#include "base/yaml.h"
#include "frame.h"
#include "pause.h"

static const char *const spaces[] = { "holding", "input" };

struct named {
	char target[TARGET_TEXT];
	struct lines_entry entry;
};

struct lines {
	struct named *list;
	size_t n;
};

const char *lines_name(const struct target *t, char *buf, size_t size)
{
	struct target named = *t;

	named.pause_ms = 0;
	named.exclusive = false;
	return target_format(&named, 0, buf, size);
}

void lines_today(char date[LINES_DATE])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, LINES_DATE, "%Y-%m-%d", &tm);
}

static bool nothing(const struct lines_entry *a)
{
	return !*a->profile && !a->most[0] && !a->most[1] && !a->pause_ms && !a->nrefused;
}

bool lines_same(const struct lines_entry *a, const struct lines_entry *b)
{
	if (a->most[0] != b->most[0] || a->most[1] != b->most[1] || a->pause_ms != b->pause_ms
	    || a->nrefused != b->nrefused || strcmp(a->profile, b->profile) != 0)
		return false;
	for (size_t i = 0; i < a->nrefused; i++) {
		const struct lines_refused *x = &a->refused[i], *y = &b->refused[i];

		if (x->space != y->space || x->addr != y->addr || x->words != y->words
		    || x->silent != y->silent || x->code != y->code)
			return false;
	}
	return true;
}

/* ---- reading ---------------------------------------------------------------------- */

static int read_space(struct yaml *y, const yaml_node_t *n, enum space *out, struct err *e)
{
	const char *text = yaml_text(y, n, e);

	for (int s = SPACE_HOLDING; text && s <= SPACE_INPUT; s++)
		if (strcmp(text, spaces[s]) == 0) {
			*out = (enum space)s;
			return 0;
		}
	return text ? yaml_complain(y, n, e, "'%s' is not holding or input", text) : -1;
}

static int read_most(struct yaml *y, const yaml_node_t *map, struct lines_entry *out, struct err *e)
{
	yaml_node_t *key, *value;

	for (size_t i = 0; yaml_pair(y, map, i, &key, &value); i++) {
		enum space space;
		long most;

		if (read_space(y, key, &space, e) || yaml_long(y, value, 1, READ_MAX, &most, e))
			return -1;
		out->most[space] = (uint16_t)most;
	}
	return 0;
}

/* [holding, ADDRESS, REGISTERS, CODE or silent] */
static int read_refused(struct yaml *y, const yaml_node_t *n, struct lines_refused *out, struct err *e)
{
	yaml_node_t *part[4];
	const char *how;
	long addr, words, code = 0;

	for (size_t i = 0; i < 4; i++)
		if (n->type != YAML_SEQUENCE_NODE || !(part[i] = yaml_item(y, n, i)))
			return yaml_complain(y, n, e, "expected [holding or input, register, registers, exception or silent]");
	how = yaml_text(y, part[3], e);
	if (!how || read_space(y, part[0], &out->space, e)
	    || yaml_long(y, part[1], 0, 65535, &addr, e)
	    || yaml_long(y, part[2], 1, 65536 - addr, &words, e))
		return -1;
	out->silent = strcmp(how, "silent") == 0;
	if (!out->silent && yaml_long(y, part[3], 0, 255, &code, e))
		return -1;
	out->addr = (uint16_t)addr;
	out->words = (uint16_t)words;
	out->code = (uint8_t)code;
	return 0;
}

static int read_all_refused(struct yaml *y, const yaml_node_t *seq, struct lines_entry *out, struct err *e)
{
	const yaml_node_t *n;

	for (size_t i = 0; (n = yaml_item(y, seq, i)) && i < LINES_REFUSED; i++)
		if (read_refused(y, n, &out->refused[out->nrefused++], e))
			return -1;
	return 0;
}

static int read_part(struct yaml *y, const yaml_node_t *key, const yaml_node_t *value,
		     struct lines_entry *out, struct err *e)
{
	const char *name = yaml_text(y, key, e), *text;
	long ms;

	if (!name)
		return -1;
	if (strcmp(name, "most") == 0)
		return read_most(y, value, out, e);
	if (strcmp(name, "refused") == 0)
		return read_all_refused(y, value, out, e);
	if (strcmp(name, "pause") == 0) {
		if (yaml_long(y, value, 1, PAUSE_MOST_US / 1000, &ms, e))
			return -1;
		out->pause_ms = (int)ms;
		return 0;
	}
	if (strcmp(name, "date") == 0) {
		text = yaml_text(y, value, e);
		return text ? (snprintf(out->date, sizeof(out->date), "%s", text), 0) : -1;
	}
	if (strcmp(name, "profile") == 0) {
		text = yaml_text(y, value, e);
		return text ? (snprintf(out->profile, sizeof(out->profile), "%s", text), 0) : -1;
	}
	return yaml_complain(y, key, e, "unknown '%s'; there are date, profile, most, pause, refused", name);
}

static int read_entry(struct yaml *y, const yaml_node_t *key, const yaml_node_t *map,
		      struct named *out, struct err *e)
{
	const char *target = yaml_text(y, key, e);
	yaml_node_t *name, *value;

	if (!target)
		return -1;
	snprintf(out->target, sizeof(out->target), "%s", target);
	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(y, map, e, "expected 'date:' and what was learned");
	for (size_t i = 0; yaml_pair(y, map, i, &name, &value); i++)
		if (read_part(y, name, value, &out->entry, e))
			return -1;
	return 0;
}

static int read_root(struct yaml *y, struct lines *out, struct err *e)
{
	yaml_node_t *root = yaml_root(y), *key, *value;

	if (!root)
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return yaml_complain(y, root, e, "expected 'TARGET:' and what was learned about it");
	out->list = calloc(LINES_MAX, sizeof(*out->list));
	if (!out->list)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; yaml_pair(y, root, i, &key, &value) && out->n < LINES_MAX; i++)
		if (read_entry(y, key, value, &out->list[out->n++], e))
			return -1;
	return 0;
}

static int lines_read_file(const char *path, struct lines *out, struct err *e)
{
	struct yaml y;
	int rc;

	*out = (struct lines){ 0 };
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	if (yaml_open(&y, path, e))
		return -1;
	rc = read_root(&y, out, e);
	yaml_release(&y);
	if (rc) {
		free(out->list);
		*out = (struct lines){ 0 };
	}
	return rc;
}

static struct named *lines_find(const struct lines *l, const char *target)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->list[i].target, target) == 0)
			return &l->list[i];
	return NULL;
}

int lines_load(const char *path, const char *target, struct lines_entry *out, struct err *e)
{
	struct lines all;
	const struct named *n;

	*out = (struct lines_entry){ 0 };
	if (lines_read_file(path, &all, e))
		return -1;
	n = lines_find(&all, target);
	if (n)
		*out = n->entry;
	free(all.list);
	return 0;
}

/* ---- writing ---------------------------------------------------------------------- */

static void write_refused(FILE *f, const struct lines_refused *r)
{
	fprintf(f, "    - [%s, 0x%04X, %u, ", spaces[r->space], r->addr, r->words);
	if (r->silent)
		fputs("silent]\n", f);
	else
		fprintf(f, "0x%02X]\n", r->code);
}

static void write_entry(FILE *f, const char *target, const struct lines_entry *a)
{
	char quoted[TARGET_TEXT + 8];

	fprintf(f, "%s:\n  date: %s\n", yaml_quote(target, quoted, sizeof(quoted)), a->date);
	if (*a->profile)
		fprintf(f, "  profile: %s\n", yaml_quote(a->profile, quoted, sizeof(quoted)));
	if (a->most[SPACE_HOLDING] || a->most[SPACE_INPUT]) {
		fputs("  most:\n", f);
		for (int s = SPACE_HOLDING; s <= SPACE_INPUT; s++)
			if (a->most[s])
				fprintf(f, "    %s: %u\n", spaces[s], a->most[s]);
	}
	if (a->pause_ms)
		fprintf(f, "  pause: %d\n", a->pause_ms);
	if (a->nrefused)
		fputs("  refused:\n", f);
	for (size_t i = 0; i < a->nrefused; i++)
		write_refused(f, &a->refused[i]);
}

static struct named *oldest(const struct lines *l)
{
	struct named *at = &l->list[0];

	for (size_t i = 1; i < l->n; i++)
		if (strcmp(l->list[i].entry.date, at->entry.date) < 0)
			at = &l->list[i];
	return at;
}

/* ENTRY takes the place of what ALL says of TARGET, or of the oldest. */
static int lines_put(struct lines *all, const char *target, const struct lines_entry *entry, struct err *e)
{
	struct named *at = lines_find(all, target);
	char profile[LINES_PROFILE];

	if (!all->list && !(all->list = calloc(LINES_MAX, sizeof(*all->list))))
		return err_set(e, ERR_NO, "out of memory");
	if (!at)
		at = all->n < LINES_MAX ? &all->list[all->n++] : oldest(all);
	if (strcmp(at->target, target) != 0)
		at->entry = (struct lines_entry){ 0 };
	snprintf(profile, sizeof(profile), "%s", *entry->profile ? entry->profile : at->entry.profile);
	snprintf(at->target, sizeof(at->target), "%s", target);
	at->entry = *entry;
	snprintf(at->entry.profile, sizeof(at->entry.profile), "%s", profile);
	return 0;
}

static int write_file(const char *path, const struct lines *all, struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int rc;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	fputs("# What was learned about meters. Delete an entry, or the file: it is learned again.\n", f);
	for (size_t i = 0; i < all->n; i++)
		if (!nothing(&all->list[i].entry))
			write_entry(f, all->list[i].target, &all->list[i].entry);
	rc = fclose(f) ? err_set(e, ERR_NO, "out of memory") : paths_replace(path, text, e);
	free(text);
	return rc;
}

int lines_save(const char *path, const char *target, const struct lines_entry *entry, struct err *e)
{
	struct lines all;
	int rc;

	if (lines_read_file(path, &all, e))
		return -1;
	rc = lines_put(&all, target, entry, e);
	if (!rc)
		rc = write_file(path, &all, e);
	free(all.list);
	return rc;
}
