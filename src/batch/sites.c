#include "sites.h"

#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "loading.h"
#include "profile/range.h"
#include "target/config.h"
#include "target/secret.h"

#define EXPECT "expect."

/* ---- mistakes ------------------------------------------------------------------- */

static void sites_tell(struct loading *l, const struct sheet_cell *at, struct err *e)
{
	if (l->nmistakes == l->room) {
		size_t room = 2 * l->room + 16;
		struct mistake *more = realloc(l->mistakes, room * sizeof(*more));

		if (!more)
			return;
		l->mistakes = more;
		l->room = room;
	}
	err_prefix(e, "%s:%d:%d", l->path, at->line, at->column);
	l->mistakes[l->nmistakes++] = (struct mistake){ at->line, at->column, *e };
}

static int sites_by_place(const void *a, const void *b)
{
	const struct mistake *x = a, *y = b;

	return x->line != y->line ? x->line - y->line : x->column - y->column;
}

/* In the order of the file. 0: there are none. */
static int sites_tell_all(struct loading *l, void (*mistake)(void *arg, const struct err *e), void *arg, struct err *e)
{
	if (l->nmistakes == 0)
		return 0;
	qsort(l->mistakes, l->nmistakes, sizeof(*l->mistakes), sites_by_place);
	for (size_t i = 0; i < l->nmistakes; i++)
		mistake(arg, &l->mistakes[i].err);
	return err_set(e, ERR_USAGE, "%zu mistake%s in '%s': nothing was sent", l->nmistakes,
		       l->nmistakes == 1 ? "" : "s", l->path);
}

static const char *sites_column_name(const struct loading *l, size_t column)
{
	return column < l->sites->sheet.rows[0].n ? l->sites->sheet.rows[0].cells[column].text : "";
}

/* Of the cell in column COLUMN. */
static void sites_tell_cell(struct loading *l, const struct sheet_cell *at, size_t column, struct err *e)
{
	err_prefix(e, "column '%s'", sites_column_name(l, column));
	sites_tell(l, at, e);
}

/* KEY of "expect.KEY", or NULL. */
static const char *sites_expected_key(const char *name)
{
	return strncmp(name, EXPECT, strlen(EXPECT)) == 0 ? name + strlen(EXPECT) : NULL;
}

/* ---- the names of the columns -------------------------------------------------------- */

static bool sites_same_column(const struct loading *l, size_t column)
{
	for (size_t i = 0; i < column; i++)
		if (strcmp(sites_column_name(l, i), sites_column_name(l, column)) == 0)
			return true;
	return false;
}

/* May NAME be the key of a point in one of the profiles of the rows? */
static bool sites_known_key(const struct loading *l, const char *name)
{
	const char *expected = sites_expected_key(name);

	for (const struct site_profile *u = l->sites->profiles; u; u = u->next)
		if (!u->profile || profile_find(u->profile, expected ? expected : name) >= 0)
			return true;
	return false;
}

/* What NAME may have been meant to be. */
static const char *sites_nearest(const struct loading *l, const char *name)
{
	const char *expected = sites_expected_key(name), *near = NULL;
	const struct profile *p = l->sites->profiles ? l->sites->profiles->profile : NULL;
	size_t n = p ? p->npoints : 0;
	const char **names = calloc(n + ncolumn_kinds, sizeof(*names));

	for (size_t i = 0; names && i < n; i++)
		names[i] = p->points[i].key;
	for (size_t i = 0; names && i < ncolumn_kinds; i++)
		names[n + i] = column_kinds[i].name;
	if (names)
		near = text_nearest(expected ? expected : name, names, n + (expected ? 0 : ncolumn_kinds));
	free(names);
	return near;
}

static void sites_check_column(struct loading *l, size_t column)
{
	const struct sheet_cell *at = &l->sites->sheet.rows[0].cells[column];
	const char *near;
	struct err e;

	if (!*at->text) {
		err_set(&e, ERR_USAGE, "column without a name");
	} else if (sites_same_column(l, column)) {
		err_set(&e, ERR_USAGE, "column '%s' is there twice", at->text);
	} else if (!column_kind(at->text) && !sites_known_key(l, at->text)) {
		near = sites_nearest(l, at->text);
		err_set(&e, ERR_USAGE, near ? "unknown column '%s'; did you mean '%s%s'?"
			: "unknown column '%s' (a column is target, profile, settings, check, report ..., a key, or expect.KEY)",
			at->text, sites_expected_key(at->text) ? EXPECT : "", near ? near : "");
	} else {
		return;
	}
	sites_tell(l, at, &e);
}

/* ---- a row ------------------------------------------------------------------------------ */

/* What the cell TEXT of KEY stands for, as in `set`; a path is one of the file's folder. In a cell, a
 * secret is only by reference. -1 and E. */
static int sites_fetch(struct loading *l, const struct point *p, struct site_entry *entry, struct err *e)
{
	const char *text = entry->text;
	bool file = strncmp(text, "@file:", 6) == 0;
	const char *path = file ? column_path(l, text + 6, e) : NULL;
	char *out = NULL;
	enum secret_kind kind;

	if (file && !path)
		return -1;
	if (file)
		out = secret_file(path, e);
	kind = !file ? secret_value(text, &out, e) : out ? SECRET_REFERENCE : SECRET_FAILED;
	if (p->flags & POINT_SECRET && kind != SECRET_REFERENCE && !(kind == SECRET_FAILED && e->code == ERR_DENIED)) {
		secret_free(out);
		return err_set(e, ERR_USAGE, "'%s' is a secret: write @env:NAME or @file:NAME", entry->key);
	}
	entry->secret = out != NULL;
	entry->text = out ? out : text;
	return kind == SECRET_FAILED ? -1 : 0;
}

/* A cell whose column is a key. */
static int sites_take_key(struct loading *l, struct site *s, const char *name, const char *text, struct err *e)
{
	const struct profile *p = s->profile;
	const char *expected = sites_expected_key(name), *key = expected ? expected : name;
	int idx = p ? profile_find(p, key) : -1;
	struct site_entry *entry = expected ? &s->expected[s->nexpected] : &s->wanted[s->nwanted];
	struct range range;

	if (!p)
		return 0;	/* said of its profile */
	if (idx < 0)
		return err_set(e, ERR_USAGE, "profile '%s' has no '%s'", p->name, key);
	*entry = (struct site_entry){ .key = key, .text = text };
	if (expected) {
		s->nexpected++;
		return range_parse(&p->points[idx], text, &range, e);
	}
	if (sites_fetch(l, &p->points[idx], entry, e))
		return -1;
	s->nwanted++;
	return 0;
}

static const struct sheet_cell *sites_find_cell(const struct loading *l, const struct sheet_row *row,
						const char *name)
{
	for (size_t i = 0; i < row->n && i < l->sites->sheet.rows[0].n; i++)
		if (*row->cells[i].text && strcmp(sites_column_name(l, i), name) == 0)
			return &row->cells[i];
	return NULL;
}

static void sites_read_cell(struct loading *l, struct site *s, const struct sheet_row *row, size_t column)
{
	const struct sheet_cell *cell = &row->cells[column];
	const char *name = sites_column_name(l, column);
	const struct column_kind *kind = column_kind(name);
	struct err e = { 0 };

	if (!*cell->text)
		return;
	if (column >= l->sites->sheet.rows[0].n) {
		err_set(&e, ERR_USAGE, "a cell behind the last column: '%s' (put text with separators in quotes)", cell->text);
		sites_tell(l, cell, &e);
		return;
	}
	if (!kind && !sites_known_key(l, name))
		return;		/* said of the column */
	if ((kind ? kind->take(l, s, cell->text, &e) : sites_take_key(l, s, name, cell->text, &e)) && e.code)
		sites_tell_cell(l, cell, column, &e);
}

static struct site_file *sites_file(const struct loading *l, const struct site *s)
{
	struct site_file *f;

	for (f = l->sites->files; f && &f->settings != s->settings; f = f->next)
		;
	return f;
}

/* Would the meter be sent all of it? Each cell by itself, then the file, so that every
 * mistake is told where it is. */
static void sites_check_plan(struct loading *l, struct site *s, const struct sheet_row *row)
{
	const struct profile *p = s->profile;
	struct plan_policy policy = l->opts->policy;
	struct plan plan;
	struct site_file *file;
	struct err e;
	bool whole;

	policy.simulated = target_is_simulated(&s->target);
	policy.remote = target_pushes(&s->target);
	policy.ban = *s->target.text ? target_unit_ban(&s->target) : UNIT_FREE;
	plan_init(&plan, p, &policy);
	for (size_t i = 0; i < s->nwanted; i++)
		if (plan_add(&plan, s->wanted[i].key, s->wanted[i].text, &e)) {
			const struct sheet_cell *cell = sites_find_cell(l, row, s->wanted[i].key);

			err_prefix(&e, "column '%s'", s->wanted[i].key);
			sites_tell(l, cell ? cell : &row->cells[0], &e);
		}
	whole = plan.n == s->nwanted;
	plan_release(&plan);
	file = sites_file(l, s);
	if (!whole || !file || file->settings.n == 0 || file->bad_for == p)
		return;		/* what is wrong in a cell would be told again of the file */
	plan_init(&plan, p, &policy);
	if (settings_check(s->settings, p, &e) || site_plan(s, &plan, &e)) {
		const struct sheet_cell *cell = sites_find_cell(l, row, "settings");

		err_prefix(&e, "column 'settings'");
		sites_tell(l, cell ? cell : &row->cells[0], &e);
		file->bad_for = p;
	}
	plan_release(&plan);
}

/* As it stands in the row, or NULL. */
static const char *sites_target_text(const struct loading *l, const struct sheet_row *row)
{
	const struct sheet_cell *target = sites_find_cell(l, row, "target");

	return target ? target->text : NULL;
}

/* The meter model of a row that names none: of the saved connection it names, or of all. */
static const char *sites_profile_name(const struct loading *l, const struct sheet_row *row)
{
	const char *target = sites_target_text(l, row);
	const char *saved = target && !strpbrk(target, ":/") ? config_option(&l->config, target, "profile") : NULL;

	return saved ? saved : l->opts->profile;
}

/* Before its keys are understood. */
static void sites_choose_profile(struct loading *l, const struct sheet_row *row, struct site *s)
{
	const struct sheet_cell *cell = sites_find_cell(l, row, "profile");
	const char *name = cell ? cell->text : sites_profile_name(l, row);
	bool identified = column_asks(l, name);	/* each row for itself */
	struct err e;

	s->profile = column_profile(l, name, sites_target_text(l, row), &e);
	if (cell && !identified)
		return;		/* not there: told with the cell */
	if (!s->profile && (identified || !(name == l->opts->profile && l->default_told)))
		sites_tell(l, cell ? cell : &row->cells[0], &e);
	l->default_told = l->default_told || (!identified && !s->profile && name == l->opts->profile);
}

static int sites_read_row(struct loading *l, const struct sheet_row *row, struct site *s, struct err *e)
{
	struct err none;

	*s = (struct site){ .line = row->line, .clamp = { NAN, NAN, NAN } };
	s->wanted = arena_alloc(&l->sites->arena, (row->n + 1) * sizeof(*s->wanted));
	s->expected = arena_alloc(&l->sites->arena, (row->n + 1) * sizeof(*s->expected));
	if (!s->wanted || !s->expected)
		return err_set(e, ERR_NO, "out of memory");
	sites_choose_profile(l, row, s);
	if (l->has_targets && !sites_find_cell(l, row, "target")) {
		err_set(&none, ERR_USAGE, "no target in this row");
		sites_tell(l, &row->cells[0], &none);
	}
	for (size_t i = 0; i < row->n; i++)
		sites_read_cell(l, s, row, i);
	if (s->profile)
		sites_check_plan(l, s, row);
	return 0;
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* What only one row may have. */
struct naming {
	const char *text;
	size_t row;
};

static int sites_by_name(const void *a, const void *b)
{
	const struct naming *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static const char *sites_name_target(struct loading *l, const struct site *s)
{
	char text[TARGET_TEXT], line[PATH_MAX + 300];
	struct target to = s->target;

	if (!*s->target.text || target_is_simulated(&s->target))
		return NULL;	/* each is another one */
	if (l->opts->moved)
		site_moved(s, &to);
	/* a port may have two names */
	if (target_is_serial(&s->target))
		return arena_format(&l->sites->arena, "%s %d", site_line(s, line, sizeof(line)), to.unit);
	return arena_format(&l->sites->arena, "%d %s", (int)to.scheme, target_format(&to, 0, text, sizeof(text)));
}

static const char *sites_name_report(struct loading *l, const struct site *s)
{
	(void)l;
	return s->report;
}

/* Nothing is there twice: a meter would be set twice, a report would be of two. */
static int sites_check_twice(struct loading *l, const char *column, const char *what,
			     const char *(*name)(struct loading *l, const struct site *s), struct err *e)
{
	const struct site *list = l->sites->list;
	struct naming *names = calloc(l->sites->n + 1, sizeof(*names));
	size_t n = 0;
	struct err twice;

	if (!names)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < l->sites->n; i++) {
		names[n] = (struct naming){ name(l, &list[i]), i };
		n += names[n].text != NULL;
	}
	qsort(names, n, sizeof(*names), sites_by_name);
	for (size_t first = 0, i = 1; i < n; i++) {
		if (strcmp(names[i].text, names[first].text) != 0) {
			first = i;
			continue;
		}
		err_set(&twice, ERR_USAGE, "column '%s': same %s as line %d", column, what, list[names[first].row].line);
		sites_tell(l, sites_find_cell(l, &l->sites->sheet.rows[names[i].row + 1], column), &twice);
	}
	free(names);
	return 0;
}

static void sites_hash(struct loading *l)
{
	SHA256_CTX all;

	SHA256Init(&all);
	SHA256Update(&all, (const uint8_t *)l->sites->sheet.bytes, l->sites->sheet.nbytes);
	for (const struct site_file *f = l->sites->files; f; f = f->next) {
		char one[65] = "";

		SHA256File(f->path, one);
		SHA256Update(&all, (const uint8_t *)one, sizeof(one));
	}
	SHA256End(&all, l->sites->hash);
}

/* Profiles first: a column's key is known when one of them has it. */
static void sites_open_profiles(struct loading *l)
{
	struct err ignored;	/* told of the row that names it */

	for (size_t i = 1; i < l->sites->sheet.nrows; i++) {
		const struct sheet_cell *cell = sites_find_cell(l, &l->sites->sheet.rows[i], "profile");

		column_profile(l, cell ? cell->text : sites_profile_name(l, &l->sites->sheet.rows[i]),
			       sites_target_text(l, &l->sites->sheet.rows[i]), &ignored);
	}
}

static int sites_read(struct loading *l, struct err *e)
{
	const struct sheet_row *head = &l->sites->sheet.rows[0];
	struct sites *s = l->sites;
	struct err none;

	sites_open_profiles(l);
	for (size_t i = 0; i < head->n; i++)
		sites_check_column(l, i);
	l->has_targets = sites_find_cell(l, head, "target") != NULL;
	if (!l->has_targets && err_set(&none, ERR_USAGE, "no column 'target'"))
		sites_tell(l, &head->cells[0], &none);
	s->list = calloc(l->sites->sheet.nrows, sizeof(*s->list));
	if (!s->list)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 1; i < l->sites->sheet.nrows; i++) {
		if (sites_read_row(l, &l->sites->sheet.rows[i], &s->list[s->n], e))
			return -1;
		s->list[s->n++].row = (int)i;
	}
	if (sites_check_twice(l, "target", "meter", sites_name_target, e)
	    || sites_check_twice(l, "report", "file", sites_name_report, e))
		return -1;
	if (s->n == 0)
		return err_set(e, ERR_USAGE, "%s: no row with a meter", l->path);
	if (l->nmistakes == 0)
		sites_hash(l);
	return 0;
}

int sites_load(const char *path, const struct sites_opts *o, struct sites *s,
	       void (*mistake)(void *arg, const struct err *e), void *arg, struct err *e)
{
	struct loading l = { .opts = o, .sites = s, .path = path };
	char copy[PATH_MAX];
	int rc;

	*s = (struct sites){ 0 };
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return err_set(e, ERR_USAGE, "the path '%s' is too long", path);
	snprintf(l.folder, sizeof(l.folder), "%s", dirname(copy));
	config_load(&l.config, NULL);
	rc = sheet_load(path, &s->sheet, e);
	if (!rc)
		rc = sites_read(&l, e);
	if (!rc)
		rc = sites_tell_all(&l, mistake, arg, e);
	free(l.mistakes);
	config_release(&l.config);
	return rc;
}

void sites_release(struct sites *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->list[i].nwanted; k++)
			if (s->list[i].wanted[k].secret)
				secret_free((char *)(uintptr_t)s->list[i].wanted[k].text);
	for (struct site_file *f = s->files; f; f = f->next)
		settings_release(&f->settings);
	for (struct site_profile *u = s->profiles; u; u = u->next)
		profile_free(u->profile);
	free(s->list);
	sheet_release(&s->sheet);
	arena_release(&s->arena);
	*s = (struct sites){ 0 };
}
