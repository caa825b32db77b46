#include "profile_mapping.h"

#include <stdio.h>

#include "mqtt/dialects/mapping.h"
#include "output/printer.h"

bool profile_mapping_named(const char *name)
{
	if (profile_is_file(name))
		return mapping_in(name);
	return !profile_is_own(name) && !profile_builtin_named(name) && mapping_known(name);
}

static struct mapping *profile_mapping_open(const char *name, struct err *e)
{
	return profile_is_file(name) ? mapping_load(name, e) : mapping_open(name, e);
}

/* ---- check -------------------------------------------------------------- */

/* What others will not understand; it holds nevertheless. */
static void say_warnings(const struct app *a, const struct checked *is, const struct check *c)
{
	for (size_t i = 0; i < c->nwarnings; i++) {
		const struct finding *w = &c->warnings[i];

		if (w->line)
			app_say(a, "%s:%d:%d: %s", is->origin, w->line, w->column, w->text);
		else
			app_say(a, "%s: %s", is->name, w->text);
	}
}

int profile_check_conclude(struct app *a, const struct checked *is, const struct check *c, struct err *e)
{
	struct printer out = app_printer(a);

	say_warnings(a, is, c);
	if (profile_print_check(&out, is, c, e))
		return -1;
	return c->n ? err_set(e, ERR_NO, "'%s' does not hold: %zu finding%s", is->name, c->n, c->n == 1 ? "" : "s") : 0;
}

int profile_mapping_check(struct app *a, const char *name, struct err *e)
{
	struct mapping *m = profile_mapping_open(name, e);
	struct check c = { 0 };
	int rc;

	if (!m)
		return -1;
	rc = mapping_check(m, &c, e);
	for (size_t i = 0; !rc && a->verbose && i < c.points; i++)
		if (!c.seen[i])
			app_say(a, "not proven by a vector: %s (%s)", m->dialect.items[i].key, m->dialect.items[i].name);
	if (!rc)
		rc = profile_check_conclude(a, &(struct checked){ "dialect", "item", m->dialect.name,
								  m->builtin ? m->dialect.name : m->origin }, &c, e);
	check_release(&c);
	mapping_free(m);
	return rc;
}

/* ---- show --------------------------------------------------------------- */

enum { SHOW_TOPIC, SHOW_PATH, SHOW_KEY, SHOW_UNIT, SHOW_FACTOR, SHOW_TIMES, SHOW_FROM, SHOW_NOTE, SHOW_COLUMNS };

static const struct column show_columns[SHOW_COLUMNS] = {
	[SHOW_TOPIC] = { "topic", .in = IN_ALL & ~(unsigned)IN_TABLE },
	[SHOW_PATH] = { "path", .in = IN_ALL, .width = -24, .after = "  ", .title = "path" },
	[SHOW_KEY] = { "key", .in = IN_ALL, .width = -28, .after = "  ", .title = "key" },
	[SHOW_UNIT] = { "unit", .in = IN_ALL, .width = -5, .after = "  ", .title = "unit" },
	[SHOW_FACTOR] = { "factor", .in = IN_ALL & ~(unsigned)IN_TABLE },
	[SHOW_TIMES] = { NULL, .in = IN_TABLE, .width = -8, .after = "  ", .title = "factor" },
	[SHOW_FROM] = { "from", .in = IN_ALL, .width = -11, .title = "from" },
	[SHOW_NOTE] = { "note", .in = IN_ALL & ~(unsigned)IN_TABLE },
};
static const struct listing show_list = {
	.schema = "meterctl.dialect/1", .name = "items", .columns = show_columns, .ncolumns = SHOW_COLUMNS,
};

static int profile_mapping_rows(struct printer *out, const struct mapping *m, const struct mapping_topic *t, struct err *e)
{
	printer_note(out, "%s", t->pattern);
	for (size_t i = t->first; i < t->first + t->n; i++) {
		const struct dialect_item *it = &m->dialect.items[i];
		char times[24];
		const struct cell cells[SHOW_COLUMNS] = {
			[SHOW_TOPIC] = cell_text(t->pattern), [SHOW_PATH] = cell_text(it->name), [SHOW_KEY] = cell_text(it->key),
			[SHOW_UNIT] = cell_text(it->unit), [SHOW_FACTOR] = cell_real(it->scale, 12), [SHOW_TIMES] = cell_text(times),
			[SHOW_FROM] = cell_text(provenance_names[it->from]), [SHOW_NOTE] = cell_text(it->note),
		};

		snprintf(times, sizeof(times), "%.10g", it->scale);
		if (printer_row(out, cells, e))
			return -1;
	}
	return 0;
}

int profile_mapping_show(struct app *a, const char *name, struct err *e)
{
	struct mapping *m = profile_mapping_open(name, e);
	struct printer out = app_printer(a);
	int rc;

	if (!m)
		return -1;
	rc = printer_begin(&out, &show_list, json_pack("{s:s, s:s, s:s, s:s}", "dialect", m->dialect.name, "title", m->dialect.title,
						       "source", m->dialect.source, "origin", m->origin), e);
	for (size_t i = 0; i < m->ntopics && !rc; i++)
		rc = profile_mapping_rows(&out, m, &m->topics[i], e);
	if (!rc) {
		printer_note(&out, "%s: %s", m->dialect.name, m->dialect.title);
		printer_note(&out, "source: %s", m->dialect.source);
		rc = printer_end(&out, json_object(), e);
	}
	printer_drop(&out);
	mapping_free(m);
	return rc;
}
