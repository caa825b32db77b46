#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/ascii.h"
#include "profile/codec.h"
#include "base/outfile.h"
#include "target/secret.h"
#include "base/text.h"
#include "base/yaml.h"

#define SETTINGS_ROOM 64	/* settings, at first; a power of two */
#define COMMENT_AT 50	/* column of the comments, where the value leaves room */

/* ---- reading ------------------------------------------------------------ */

void settings_release(struct settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].key);
		secret_free(s->list[i].text);
	}
	for (size_t i = 0; i < s->nmissing; i++)
		free(s->missing[i]);
	free(s->list);
	free(s->missing);
	*s = (struct settings){ 0 };
}

/* {env: NAME} or {file: PATH}. */
static char *settings_fetch(struct yaml *y, const yaml_node_t *map, struct err *e)
{
	yaml_node_t *key, *value, *more;
	const char *how, *what;
	char *text;

	if (!yaml_pair(y, map, 0, &key, &value) || yaml_pair(y, map, 1, &more, &more)) {
		yaml_complain(y, map, e, "a value is a text, {env: NAME} or {file: PATH}");
		return NULL;
	}
	how = yaml_text(y, key, e);
	what = how ? yaml_text(y, value, e) : NULL;
	if (!what)
		return NULL;
	if (strcmp(how, "env") != 0 && strcmp(how, "file") != 0) {
		yaml_complain(y, key, e, "'%s' is no way to a value; there is env and file", how);
		return NULL;
	}
	text = strcmp(how, "env") == 0 ? secret_env(what, e) : secret_file(what, e);
	if (!text && e)
		err_prefix(e, "%s:%zu:%zu", y->file, value->start_mark.line + 1,
			   value->start_mark.column + 1);
	return text;
}

/* For one more in the list. */
static int settings_make_room(struct settings *s)
{
	struct setting *more;

	/* doubled whenever it is full: at 0, 64, 128, 256 ... */
	if (s->n > 0 && (s->n < SETTINGS_ROOM || s->n & (s->n - 1)))
		return 0;
	more = realloc(s->list, (s->n ? 2 * s->n : SETTINGS_ROOM) * sizeof(*more));
	if (!more)
		return -1;
	s->list = more;
	return 0;
}

static int settings_add(struct settings *s, struct yaml *y, const yaml_node_t *key,
			const yaml_node_t *value, struct err *e)
{
	const char *name = yaml_text(y, key, e), *text;
	struct setting *at;

	if (!name)
		return -1;
	if (settings_make_room(s))
		return err_set(e, ERR_NO, "out of memory");
	at = &s->list[s->n];
	*at = (struct setting){
		.line = (int)key->start_mark.line + 1,
		.column = (int)key->start_mark.column + 1,
		.secret = value->type == YAML_MAPPING_NODE,
	};
	if (at->secret) {
		at->text = settings_fetch(y, value, e);
	} else {
		text = yaml_text(y, value, e);
		at->text = text ? strdup(text) : NULL;
		if (text && !at->text)
			err_set(e, ERR_NO, "out of memory");
	}
	if (!at->text)
		return -1;
	at->key = strdup(name);
	if (at->key) {
		s->n++;
		return 0;
	}
	secret_free(at->text);
	return err_set(e, ERR_NO, "out of memory");
}

/* By key, then as they stand in the file. */
static int settings_order(const void *a, const void *b)
{
	const struct setting *x = *(struct setting *const *)a, *y = *(struct setting *const *)b;
	int rc = strcmp(x->key, y->key);

	return rc ? rc : x < y ? -1 : x > y;
}

/* The list sorted, for who looks a key up; free() it. NULL: no memory. */
static struct setting **settings_sort(const struct settings *s)
{
	struct setting **by_key = calloc(s->n + 1, sizeof(struct setting *));

	if (!by_key)
		return NULL;
	for (size_t i = 0; i < s->n; i++)
		by_key[i] = &s->list[i];
	qsort(by_key, s->n, sizeof(*by_key), settings_order);
	return by_key;
}

/* The first of the file whose key is there before: -1 and E. */
static int settings_check_twice(const struct settings *s, struct err *e)
{
	struct setting **sorted = settings_sort(s);
	const struct setting *first = NULL, *twice = NULL;

	if (!sorted)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 1; i < s->n; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 && (!twice || sorted[i] < twice)) {
			first = sorted[i - 1];
			twice = sorted[i];
		}
	free(sorted);
	if (!twice)
		return 0;
	err_set(e, ERR_USAGE, "'%s' is there twice (line %d)", twice->key, first->line);
	return settings_place(s, (size_t)(twice - s->list), e);
}

static int load_list(struct settings *s, struct yaml *y, const yaml_node_t *map,
		     struct err *e)
{
	yaml_node_t *key, *value;

	if (map->type == YAML_SCALAR_NODE && map->data.scalar.length == 0)
		return 0;
	if (map->type != YAML_MAPPING_NODE)
		return yaml_complain(y, map, e, "settings are written as 'KEY: VALUE', one a line");
	for (size_t i = 0; yaml_pair(y, map, i, &key, &value); i++)
		if (settings_add(s, y, key, value, e))
			return -1;
	return settings_check_twice(s, e);
}

static int settings_by_name(const void *key, const void *one)
{
	return strcmp(key, (*(struct setting *const *)one)->key);
}

/* `incomplete: [KEY, KEY]`. A key that has been filled in by hand since is not missing. */
static int load_missing(struct settings *s, struct yaml *y, const yaml_node_t *list, struct err *e)
{
	struct setting **sorted;
	yaml_node_t *item;
	int rc = 0;

	if (list->type != YAML_SEQUENCE_NODE)
		return yaml_complain(y, list, e, "'incomplete' lists keys: [KEY, KEY], or one a line after '- '");
	sorted = settings_sort(s);
	s->missing = calloc((size_t)(list->data.sequence.items.top - list->data.sequence.items.start) + 1,
			    sizeof(char *));
	if (!sorted || !s->missing)
		rc = err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; !rc && (item = yaml_item(y, list, i)); i++) {
		const char *key = yaml_text(y, item, e);

		if (!key)
			rc = -1;
		else if (bsearch(key, sorted, s->n, sizeof(*sorted), settings_by_name))
			continue;
		else if (!(s->missing[s->nmissing] = strdup(key)))
			rc = err_set(e, ERR_NO, "out of memory");
		else
			s->nmissing++;
	}
	free(sorted);
	return rc;
}

static int load_root(struct settings *s, struct yaml *y, struct err *e)
{
	yaml_node_t *root = yaml_root(y), *key, *value, *missing = NULL;

	if (!root || root->type != YAML_MAPPING_NODE || !yaml_get(y, root, "settings"))
		return yaml_complain(y, root, e, "no settings file: there is no 'settings:'");
	for (size_t i = 0; yaml_pair(y, root, i, &key, &value); i++) {
		const char *name = yaml_text(y, key, e);
		const char *text = NULL;

		if (!name)
			return -1;
		if (strcmp(name, "settings") == 0) {
			if (load_list(s, y, value, e))
				return -1;
			continue;
		}
		if (strcmp(name, "incomplete") == 0) {
			missing = value;
			continue;
		}
		if (strcmp(name, "profile") != 0)
			return yaml_complain(y, key, e, "'%s' is unknown; there is profile, settings and incomplete", name);
		text = yaml_text(y, value, e);
		if (!text)
			return -1;
		if (snprintf(s->profile, sizeof(s->profile), "%s", text) >= (int)sizeof(s->profile))
			return yaml_complain(y, value, e, "the name of the profile is too long");
	}
	return missing ? load_missing(s, y, missing, e) : 0;
}

int settings_load(const char *path, struct settings *s, struct err *e)
{
	struct yaml y;
	int rc;

	*s = (struct settings){ 0 };
	if (yaml_open(&y, path, e))
		return -1;
	snprintf(s->file, sizeof(s->file), "%s", path);
	rc = load_root(s, &y, e);
	yaml_release(&y);
	if (rc)
		settings_release(s);
	return rc;
}

int settings_place(const struct settings *s, size_t i, struct err *e)
{
	return err_prefix(e, "%s:%d:%d", s->file, s->list[i].line, s->list[i].column);
}

int settings_check(const struct settings *s, const struct profile *p, struct err *e)
{
	if (*s->profile && strcmp(s->profile, p->name) != 0)
		return err_set(e, ERR_USAGE, "%s: written for the profile '%s', not '%s' (-p %s)",
			       s->file, s->profile, p->name, s->profile);
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *one = &s->list[i];
		int idx = profile_find(p, one->key);
		struct selection sel = { 0 };

		if (idx < 0) {
			if (profile_select(p, one->key, &sel, e) == 0)
				err_set(e, ERR_USAGE, "'%s' names %zu points, not one setting", one->key, sel.n);
			selection_release(&sel);
		} else if (p->points[idx].flags & POINT_SECRET && !one->secret) {
			err_set(e, ERR_DENIED, "'%s' is a secret: write {env: NAME} or {file: PATH}", one->key);
		} else {
			continue;
		}
		return settings_place(s, i, e);
	}
	for (size_t i = 0; i < s->nmissing; i++)
		if (profile_find(p, s->missing[i]) < 0)
			return err_set(e, ERR_USAGE, "%s: unknown key '%s' under 'incomplete'", s->file, s->missing[i]);
	return 0;
}

int settings_whole(const struct settings *s, struct err *e)
{
	char keys[160] = "";
	size_t at = 0, i;

	for (i = 0; i < s->nmissing && at + strlen(s->missing[i]) + 2 < sizeof(keys); i++)
		text_append(keys, sizeof(keys), &at, "%s%s", i ? ", " : "", s->missing[i]);
	if (s->nmissing == 0)
		return 0;
	return err_set(e, ERR_DENIED, "'%s' is an incomplete backup: %zu setting%s not in it: %s%s", s->file,
		       s->nmissing, s->nmissing == 1 ? " is" : "s are", keys, i < s->nmissing ? ", ..." : "");
}

/* ---- writing ------------------------------------------------------------ */

/* Outputs are states, not settings: a word of bits that moves a breaker. */
static bool keeps(const struct point *p)
{
	if (!(p->flags & POINT_WRITABLE) || p->type == TYPE_CLOCK)
		return false;
	if (p->flags & (POINT_RESERVED | POINT_DERIVED | POINT_PART | POINT_REPEAT))
		return false;
	return !(p->type == TYPE_BITS && p->flags & POINT_SWITCHES);
}

int settings_select(const struct profile *p, struct selection *sel, struct err *e)
{
	for (size_t i = 0; i < p->npoints; i++)
		if (keeps(&p->points[i]) && profile_select(p, p->points[i].key, sel, e))
			return -1;
	return 0;
}

/* Are these the registers R came with? Strings only as far as they go (a meter
 * may pad them with spaces); a float has more digits than are shown. */
static bool same_registers(const struct point *p, const struct value *v,
			   const struct reading *r)
{
	uint16_t regs[VALUE_WORDS] = { 0 };
	char want[2 * VALUE_WORDS], have[2 * VALUE_WORDS];

	if (codec_encode(p, v, regs, NULL))
		return false;
	if (p->type == TYPE_STRING) {
		codec_text_bytes(p, regs, want);
		codec_text_bytes(p, r->raw, have);
		return memcmp(want, have, strlen(v->text)) == 0;
	}
	if (codec_floats(p->type))
		return true;
	return memcmp(regs, r->raw, p->words * sizeof(*regs)) == 0;
}

/* The value as `set` takes it, in TEXT; false when it could not be put back. */
static bool settings_value_text(const struct point *p, const struct reading *r,
				char *text, size_t size, struct err *e)
{
	struct value back;

	if (r->quality != QUALITY_OK) {
		*e = r->err;
		return false;
	}
	if (p->type == TYPE_BITS) {
		codec_bits(p, &r->value, "+", text, size);
		if (!*text)
			snprintf(text, size, "none");
		if (codec_parse(p, text, &back, NULL) == 0 && back.num == r->value.num)
			return true;
	}
	codec_format(p, &r->value, text, size);
	if (codec_parse(p, text, &back, e))
		return false;
	if (same_registers(p, &back, r))
		return true;
	err_set(e, ERR_FOREIGN, "'%s' is not all that stands there", text);
	return false;
}

/* "ratio.ct" -> "METERCTL_RATIO_CT" */
static void print_variable(FILE *f, const char *key)
{
	fputs("METERCTL_", f);
	for (; *key; key++)
		fputc(ascii_alnum(*key) ? ascii_upper(*key) : '_', f);
}

/* Behind WIDTH columns of a line, which it ends. */
static void print_comment(FILE *f, int width, const char *text)
{
	fprintf(f, "%*s# %s\n", width < COMMENT_AT - 2 ? COMMENT_AT - width : 2, "", text);
}

/* A line of the file, or the comment in its place. */
static void print_point(FILE *f, const struct point *p, const struct reading *r,
			struct settings_left *left)
{
	char text[512], quoted[1100];
	struct err why = { 0 };
	int width;

	if (p->flags & POINT_SECRET) {
		fprintf(f, "  # %s: {env: ", p->key);
		print_variable(f, p->key);
		fprintf(f, "}    # %s: not kept here\n", p->name);
		left->secrets++;
		return;
	}
	if (!settings_value_text(p, r, text, sizeof(text), &why)) {
		fprintf(f, "  # %s: %s\n", p->key, why.text);
		if (r->absent || r->quality == QUALITY_ABSENT)
			left->absent++;
		else
			left->odd++;
		return;
	}
	width = fprintf(f, "  %s: %s", p->key, yaml_quote(text, quoted, sizeof(quoted)));
	snprintf(text, sizeof(text), "%s%s%s", p->unit, *p->unit ? ", " : "", p->name);
	print_comment(f, width, text);
}

/* A secret is not kept, read or not. */
static bool lacks(const struct point *p, const struct reading *r)
{
	return !(p->flags & POINT_SECRET) && reading_missing(r);
}

static void print_missing(FILE *f, const struct meter *m, const uint16_t *idx, size_t n,
			  struct settings_left *left)
{
	for (size_t i = 0; i < n; i++) {
		const struct point *p = &m->profile->points[idx[i]];
		const struct reading *r = &m->readings[idx[i]];
		int width;

		if (!lacks(p, r))
			continue;
		if (left->missing++ == 0)
			fputs("incomplete:  # these could not be read\n", f);
		width = fprintf(f, "  - %s", p->key);
		print_comment(f, width, r->err.text);
	}
}

static int by_key(const void *a, const void *b, void *points)
{
	const struct point *p = points;

	return strcmp(p[*(const uint16_t *)a].key, p[*(const uint16_t *)b].key);
}

static void print_all(FILE *f, const struct meter *m, const uint16_t *idx, size_t n,
		      struct settings_left *left)
{
	char target[sizeof(m->link->target.text)], now[48];

	text_clean(target, sizeof(target), m->link->target.text);
	fprintf(f, "# %s at %s,\n# read %s\n\nprofile: %s\n", m->profile->title,
		target, time_text(time_wall_us(), now, sizeof(now)), m->profile->name);
	print_missing(f, m, idx, n, left);
	fputs("settings:\n", f);
	for (size_t i = 0; i < n; i++)
		if (!lacks(&m->profile->points[idx[i]], &m->readings[idx[i]]))
			print_point(f, &m->profile->points[idx[i]], &m->readings[idx[i]], left);
}

int settings_save(const char *path, unsigned how, FILE *to, const struct meter *m, const struct selection *sel,
		  struct settings_left *left, struct err *e)
{
	uint16_t *idx = calloc(sel->n + 1, sizeof(*idx));
	char *text = NULL;
	size_t size;
	FILE *f = idx ? open_memstream(&text, &size) : NULL;
	int rc = -1;

	*left = (struct settings_left){ 0 };
	if (!f) {
		err_set(e, ERR_NO, "out of memory");
		goto out;
	}
	if (sel->n)
		memcpy(idx, sel->idx, sel->n * sizeof(*idx));
	qsort_r(idx, sel->n, sizeof(*idx), by_key, (void *)(uintptr_t)m->profile->points);
	print_all(f, m, idx, sel->n, left);
	if (fclose(f))
		err_set(e, ERR_NO, "out of memory");
	else if (path)
		rc = outfile_put(path, text, how | OUTFILE_PRIVATE, e);
	else if (fputs(text, to) < 0)
		err_set(e, ERR_NO, "cannot write output: %s", strerror(errno));
	else
		rc = 0;
out:
	free(text);
	free(idx);
	return rc;
}
