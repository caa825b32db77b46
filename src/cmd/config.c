/*
 * config.c - `meterctl config`: where the configuration file is, whether it is right, and
 * what each option is at the moment and why. Asks no meter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/printer.h"
#include "cmd.h"
#include "preset.h"

/* ---- check ------------------------------------------------------------------- */

enum { PLACE, LINE, COLUMN, MISTAKE, CHECK_COLUMNS };
static const struct column config_check_columns[CHECK_COLUMNS] = {
	[PLACE] = { NULL, .in = IN_TABLE, .after = " " },
	[LINE] = { "line", .in = IN_DATA },
	[COLUMN] = { "column", .in = IN_DATA },
	[MISTAKE] = { "mistake", .in = IN_ALL },
};
static const struct listing config_check_list = {
	.schema = "meterctl.config-check/1", .name = "mistakes", .columns = config_check_columns,
	.ncolumns = CHECK_COLUMNS, .concludes = true,
};

/* A mistake of the environment has no place. */
static int config_check_row(struct printer *out, const struct config *c, const struct config_mistake *m,
			    const char *text, struct err *e)
{
	struct cell cells[CHECK_COLUMNS] = { [MISTAKE] = cell_text(text) };
	char place[sizeof(c->path) + 48];

	if (m && m->at.line) {
		snprintf(place, sizeof(place), "%s:%zu:%zu:", c->path, m->at.line, m->at.column);
		cells[PLACE] = cell_text(place);
		cells[LINE] = cell_integer((int64_t)m->at.line);
		cells[COLUMN] = cell_integer((int64_t)m->at.column);
	}
	return printer_row(out, cells, e);
}

static int config_check_rows(struct printer *out, const struct config *c, size_t *n, struct err *e)
{
	struct err why = { 0 };
	size_t at = 0;

	for (*n = 0; *n < c->nmistakes; ++*n)
		if (config_check_row(out, c, &c->mistakes[*n], c->mistakes[*n].text, e))
			return -1;
	for (; preset_check_environment(&at, &why); ++*n)
		if (config_check_row(out, c, NULL, why.text, e))
			return -1;
	return 0;
}

static int config_print_check(struct app *a, const struct config *c, struct err *e)
{
	struct printer out = app_printer(a);
	size_t n;

	if (printer_begin(&out, &config_check_list, json_pack("{s:s}", "file", c->path), e))
		return -1;
	if (config_check_rows(&out, c, &n, e)) {
		printer_drop(&out);
		return -1;
	}
	if (n == 0 && !c->open)
		printer_note(&out, "%s: there is none", c->path);
	else if (n == 0)
		printer_note(&out, "%s: valid, %zu connection%s", c->path, c->nconnections, c->nconnections == 1 ? "" : "s");
	if (printer_end(&out, json_pack("{s:b}", "valid", n == 0), e))
		return -1;
	return n == 0 ? 0 : err_set(e, ERR_USAGE, "%zu mistake%s in '%s'%s", n, n == 1 ? "" : "s", c->path,
				    n > c->nmistakes ? " and the environment" : "");
}

static int config_check(struct app *a, struct err *e)
{
	struct err first = { 0 };
	struct config c;
	int rc = config_load(&c, &first);

	if (rc && first.code != ERR_USAGE)
		*e = first;
	else if (preset_check(&c, true, e) == 0)
		rc = config_print_check(a, &c, e);
	else
		rc = -1;
	config_release(&c);
	return rc;
}

/* ---- show ---------------------------------------------------------------------- */

enum { NAME, VALUE, FROM, SHOW_COLUMNS };
static const struct column config_show_columns[SHOW_COLUMNS] = {
	[NAME] = { "name", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .after = "  " },
	[VALUE] = { "value", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .after = "  ", .none = "--" },
	[FROM] = { "from", .in = IN_ALL },
};
static const struct listing config_show_list = {
	.schema = "meterctl.config/1", .name = "settings", .columns = config_show_columns, .ncolumns = SHOW_COLUMNS,
};

static int config_show_row(struct printer *out, const char *name, const char *value, const char *from, struct err *e)
{
	return printer_row(out, (struct cell[SHOW_COLUMNS]){ cell_text(name), cell_some(value), cell_text(from) }, e);
}

/* "line 12", "environment METERCTL_TIMEOUT" ... */
static const char *config_from(const struct app *a, const struct opt *o, const struct app_origin *at,
			       char *buf, size_t size)
{
	char variable[PRESET_VARIABLE];

	switch (at->from) {
	case FROM_BUILT_IN:
		return "built in";
	case FROM_DEFAULT:
		snprintf(buf, size, "line %zu", at->line);
		break;
	case FROM_CONNECTION:
		snprintf(buf, size, "connection %s, line %zu", a->connect, at->line);
		break;
	case FROM_ENVIRONMENT:
		snprintf(buf, size, "environment %s", preset_variable(o, variable));
		break;
	case FROM_OPTION:
		return "option";
	}
	return buf;
}

/* Where the saved connection in use leads. */
static int config_show_target(const struct app *a, const struct config *c, struct printer *out, struct err *e)
{
	const struct config_connection *found = a->connect ? config_find(c, a->connect) : NULL;
	char from[256], shown[TARGET_TEXT];

	if (!found)
		return 0;
	snprintf(from, sizeof(from), "connection %s, line %zu", a->connect, found->at.line);
	return config_show_row(out, "target", target_mqtt_shown(found->target, shown, sizeof(shown)), from, e);
}

static int config_show_option(const struct app *a, const struct config *c, size_t i, struct printer *out,
			      struct err *e)
{
	const struct opt *o = &app_options[i];
	const struct app_origin *at = &a->origin[i];
	char value[64], from[256], shown[TARGET_TEXT];
	const char *text = at->value ? at->value : opt_value(o, a, value, sizeof(value));

	if (o->by_hand)
		return 0;
	if (config_show_row(out, o->name, target_mqtt_shown(text, shown, sizeof(shown)),
			    config_from(a, o, at, from, sizeof(from)), e))
		return -1;
	return strcmp(o->name, "connect") == 0 ? config_show_target(a, c, out, e) : 0;
}

/* What commands have of their own. */
static int config_show_command(const struct config_setting *s, struct printer *out, struct err *e)
{
	char name[128], from[48], shown[TARGET_TEXT];

	if (s->part != CONFIG_COMMANDS)
		return 0;
	snprintf(name, sizeof(name), "%s.%s", s->of, s->name);
	snprintf(from, sizeof(from), "line %zu", s->name_at.line);
	return config_show_row(out, name, target_mqtt_shown(s->value, shown, sizeof(shown)), from, e);
}

static int config_show(struct app *a, struct err *e)
{
	struct printer out = app_printer(a);
	struct config *c;
	int rc = 0;

	if (a->unset.code) {
		*e = a->unset;
		return -1;
	}
	c = &a->file->config;
	if (preset_check(c, false, e))
		return -1;
	if (c->nmistakes)
		return config_mistake_say(c, &c->mistakes[0], e);
	if (printer_begin(&out, &config_show_list, json_pack("{s:s}", "file", c->path), e))
		return -1;
	for (size_t i = 0; i < napp_options && !rc; i++)
		rc = config_show_option(a, c, i, &out, e);
	for (size_t i = 0; i < c->nsettings && !rc; i++)
		rc = config_show_command(&c->settings[i], &out, e);
	if (rc == 0)
		return printer_end(&out, json_object(), e);
	printer_drop(&out);
	return -1;
}

/* ---- path ---------------------------------------------------------------------- */

static int config_path(struct app *a, struct err *e)
{
	struct config c;
	struct err wrong = { 0 };
	int rc = 0;

	config_load(&c, &wrong);
	if (*c.path)
		fprintf(a->out, "%s\n", c.path);
	else
		rc = err_set(e, ERR_NO, "there is no home folder for a configuration file (set XDG_CONFIG_HOME)");
	config_release(&c);
	return rc;
}

static int config_run(struct app *a, int argc, char **argv, struct err *e)
{
	const char *what = argc == 1 ? argv[0] : "";

	if (strcmp(what, "check") == 0)
		return config_check(a, e);
	if (strcmp(what, "show") == 0)
		return config_show(a, e);
	if (strcmp(what, "path") == 0)
		return config_path(a, e);
	return err_set(e, ERR_USAGE, "usage: meterctl config %s", cmd_config.args);
}

const struct cmd cmd_config = {
	.name = "config",
	.args = "check | show | path",
	.complete = "check show path",
	.help = "check, show or locate the configuration file",
	.regardless = true,
	.run = config_run,
};
