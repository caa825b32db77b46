/*
 * profile.c - `meterctl profile`: the meter models there are, what stands in
 * them, and whether they hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "output/export.h"
#include "output/printer.h"
#include "profile/base.h"
#include "cmd.h"
#include "profile_mapping.h"
#include "profile_print.h"
#include "profile_schema.h"

/* ---- list --------------------------------------------------------------- */

struct profiles {
	const struct app *app;
	struct printer out;
	struct err *e;		/* the first that went wrong */
	bool failed;
};

static void list_one(struct profiles *l, const struct profile *p, struct err *why)
{
	if (p && profile_list_row(&l->out, p, why) == 0)
		return;
	if (l->failed)
		app_complain(l->app, why);
	else
		*l->e = *why;
	l->failed = true;
}

/* One that cannot be read hides none of the others. */
static void profile_list_own(const char *name, void *arg)
{
	struct err why = { 0 };
	const struct profile *p = profile_open(name, &why);

	list_one(arg, p, &why);
	profile_free(p);
}

static int run_list(struct app *a, struct err *e)
{
	struct profiles l = { .app = a, .out = app_printer(a), .e = e };
	struct err why = { 0 };
	const struct profile *p;

	if (profile_list_begin(&l.out, e))
		return -1;
	for (size_t i = 0; (p = profile_builtin(i)); i++)
		if (!profile_is_own(p->name))
			list_one(&l, p, &why);
	profile_each_own(profile_list_own, &l);
	if (printer_end(&l.out, json_object(), &why))
		list_one(&l, NULL, &why);
	return l.failed ? -1 : 0;
}

/* ---- show --------------------------------------------------------------- */

static int show_points(struct app *a, const struct profile *p, int argc, char **argv,
		       struct err *e)
{
	struct printer out = app_printer(a);
	struct selection sel = { 0 };
	int rc = -1;

	for (int i = 0; i < argc; i++)
		if (profile_select(p, argv[i], &sel, e))
			goto out;
	rc = profile_print(&out, p, argc ? &sel : NULL, e);
out:
	selection_release(&sel);
	return rc;
}

/* Of `show WORD ...`: is WORD the profile to show? A key of the profile at hand
 * is that before it is the name of another one. */
static bool names_profile(const struct profile *p, const char *word)
{
	struct selection sel = { 0 };
	struct err why;
	bool is_key = profile_select(p, word, &sel, &why) == 0;

	selection_release(&sel);
	return !is_key && (profile_is_own(word) || profile_builtin_named(word));
}

/* RUN with the profile that the first word names, if it does, else that of -p, and the words behind. */
static int with_named(struct app *a, int argc, char **argv,
		      int (*run)(struct app *a, const struct profile *p, int argc, char **argv, struct err *e), struct err *e)
{
	bool file = argc > 0 && profile_is_file(argv[0]);
	const struct profile *p = profile_open(file ? argv[0] : a->profile, e);
	bool named = file;
	int rc;

	if (p && argc > 0 && !file && names_profile(p, argv[0])) {
		profile_free(p);
		p = profile_open(argv[0], e);
		named = true;
	}
	if (!p)
		return -1;
	rc = run(a, p, argc - named, argv + named, e);
	profile_free(p);
	return rc;
}

/* ---- check -------------------------------------------------------------- */

/* Those that no vector expects, one group a line. */
static void say_unproven(const struct app *a, const struct profile *p, const struct check *c)
{
	for (size_t g = 0; g < p->ngroups; g++) {
		char keys[1000] = "";
		size_t at = 0;

		for (size_t i = 0; i < p->npoints; i++)
			if (!c->seen[i] && strcmp(p->points[i].group, p->groups[g].name) == 0
			    && !(p->points[i].flags & (POINT_DERIVED | POINT_REPEAT)))
				text_append(keys, sizeof(keys), &at, "%s%s", at ? ", " : "", p->points[i].key);
		if (at)
			app_say(a, "not proven by a vector: %s", keys);
	}
}

static int profile_run_check(struct app *a, int argc, char **argv, struct err *e)
{
	const char *name = argc ? argv[0] : a->profile;
	struct checked is = { "profile", "point", NULL, NULL };
	const struct profile *p;
	struct check c = { 0 };
	int rc;

	if (profile_mapping_named(name))
		return profile_mapping_check(a, name, e);
	p = profile_open(name, e);
	if (!p)
		return -1;
	is.name = p->name;
	is.origin = p->own ? p->origin : p->name;
	rc = profile_check(p, &c, e);
	if (!rc && a->verbose)
		say_unproven(a, p, &c);
	if (!rc)
		rc = profile_check_conclude(a, &is, &c, e);
	check_release(&c);
	profile_free(p);
	return rc;
}

/* ---- export -------------------------------------------------------------- */

struct profile_own {
	const char *to;		/* NULL: not given */
};

static const struct opt profile_opts[] = {
	OPT_TEXT(0, "to", "FORM", EXPORT_FORMS, struct profile_own, to, "of export: what it is for"),
};

/* Where the meter is: -c, else a port, as the meter leaves the factory. */
static int export_target(const struct app *a, const struct profile *p, struct target *t, struct err *e)
{
	const char *frame = p->line_frame.n ? frame_names[p->line_frame.v[0]] : "8N1";
	char text[TARGET_TEXT];

	if (a->connect) {
		if (app_target(a, t, e))
			return -1;
		return target_is_serial(t) || (target_is_network(t) && !target_is_datagram(t)) ? 0
			: err_set(e, ERR_USAGE, "cannot export '%s': other programs have no such connection", t->text);
	}
	snprintf(text, sizeof(text), "rtu:/dev/ttyUSB0?baud=%s&parity=%s&stop=%c&unit=%u",
		 p->line_baud.n ? baud_names[p->line_baud.v[0]] : "9600", frame[1] == 'N' ? "none" : frame[1] == 'E' ? "even" : "odd",
		 frame[2], p->line_unit.n ? p->line_unit.v[0] : 1U);
	return target_parse(text, t, e);
}

static void export_said(void *arg, const char *text)
{
	app_say(arg, "%s", text);
}

static int export_points(struct app *a, const struct profile *p, int argc, char **argv, struct err *e)
{
	const struct profile_own *own = a->own;
	const struct export_form *f = export_find(own->to, e);
	struct selection sel = { 0 };
	struct target t;
	int rc = f ? export_target(a, p, &t, e) : -1;

	if (!rc && base_is_sought(p))
		rc = err_set(e, ERR_USAGE, "cannot export '%s': where its registers begin is found in each meter", p->name);
	if (!rc && argc == 0)
		rc = profile_select_live(p, &sel, e);
	for (int i = 0; i < argc && !rc; i++)
		rc = profile_select(p, argv[i], &sel, e);
	if (!rc)
		rc = export_print(a->out, f, p, &sel, &t, export_said, a, e);
	selection_release(&sel);
	return rc;
}

static int run_export(struct app *a, int argc, char **argv, struct err *e)
{
	const struct profile_own *own = a->own;

	if (!own->to)
		return err_set(e, ERR_USAGE, "export needs --to FORM: %s", EXPORT_FORMS);
	if (a->format != format_default())
		return err_set(e, ERR_USAGE, "-f is not for export, which has the form of --to");
	return with_named(a, argc, argv, export_points, e);
}

/* ---- schema -------------------------------------------------------------- */

static int run_schema(struct app *a, struct err *e)
{
	json_t *schema = profile_schema();
	char *text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;

	json_decref(schema);
	if (!text)
		return err_set(e, ERR_NO, "out of memory");
	fprintf(a->out, "%s\n", text);
	free(text);
	return 0;
}

static int profile_run(struct app *a, int argc, char **argv, struct err *e)
{
	const char *what = argc ? argv[0] : "";

	if (strcmp(what, "list") == 0)
		return cmd_words(&cmd_profile, argc, 1, 1, e) ? -1 : run_list(a, e);
	if (strcmp(what, "show") == 0 && argc == 2 && profile_mapping_named(argv[1]))
		return profile_mapping_show(a, argv[1], e);
	if (strcmp(what, "show") == 0)
		return with_named(a, argc - 1, argv + 1, show_points, e);
	if (strcmp(what, "schema") == 0)
		return cmd_words(&cmd_profile, argc, 1, 1, e) ? -1 : run_schema(a, e);
	if (strcmp(what, "export") == 0)
		return run_export(a, argc - 1, argv + 1, e);
	if (strcmp(what, "check") == 0)
		return cmd_words(&cmd_profile, argc, 1, 2, e)
			? -1 : profile_run_check(a, argc - 1, argv + 1, e);
	return err_set(e, ERR_USAGE, "usage: meterctl profile %s", cmd_profile.args);
}

const struct cmd cmd_profile = {
	.name = "profile",
	.args = "list | show [NAME|FILE] [KEY|GROUP|GLOB ...] | check [NAME|FILE] | export --to FORM [NAME|FILE] [KEY|GROUP|GLOB ...] | schema",
	.complete = "list show check export schema @key @profile",
	.opts = profile_opts,
	.nopts = sizeof(profile_opts) / sizeof(*profile_opts),
	.own_size = sizeof(struct profile_own),
	.help = "meter models: which there are, what stands in one, does it hold",
	.run = profile_run,
};
