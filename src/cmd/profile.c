/*
 * profile.c - `meterctl profile`: the meter models there are, what stands in
 * them, and whether they hold.
 */
#include <stdio.h>
#include <string.h>

#include "output/printer.h"
#include "cmd.h"
#include "profile_print.h"

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

static int run_show(struct app *a, int argc, char **argv, struct err *e)
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
	rc = show_points(a, p, argc - named, argv + named, e);
	profile_free(p);
	return rc;
}

/* ---- check -------------------------------------------------------------- */

/* What others will not understand; it holds nevertheless. */
static void say_warnings(const struct app *a, const struct profile *p, const struct check *c)
{
	for (size_t i = 0; i < c->nwarnings; i++) {
		const struct finding *w = &c->warnings[i];

		if (w->line)
			app_say(a, "%s:%d:%d: %s", p->origin, w->line, w->column, w->text);
		else
			app_say(a, "%s: %s", p->name, w->text);
	}
}

static int profile_run_check(struct app *a, int argc, char **argv, struct err *e)
{
	const struct profile *p = profile_open(argc ? argv[0] : a->profile, e);
	struct printer out = app_printer(a);
	struct check c = { 0 };
	int rc = -1;

	if (!p)
		return -1;
	if (profile_check(p, &c, e))
		goto out;
	say_warnings(a, p, &c);
	if (profile_print_check(&out, p, &c, e) == 0)
		rc = c.n ? err_set(e, ERR_NO, "'%s' does not hold: %zu finding%s",
				   p->name, c.n, c.n == 1 ? "" : "s") : 0;
out:
	check_release(&c);
	profile_free(p);
	return rc;
}

static int profile_run(struct app *a, int argc, char **argv, struct err *e)
{
	const char *what = argc ? argv[0] : "";

	if (strcmp(what, "list") == 0)
		return cmd_words(&cmd_profile, argc, 1, 1, e) ? -1 : run_list(a, e);
	if (strcmp(what, "show") == 0)
		return run_show(a, argc - 1, argv + 1, e);
	if (strcmp(what, "check") == 0)
		return cmd_words(&cmd_profile, argc, 1, 2, e)
			? -1 : profile_run_check(a, argc - 1, argv + 1, e);
	return err_set(e, ERR_USAGE, "usage: meterctl profile %s", cmd_profile.args);
}

const struct cmd cmd_profile = {
	.name = "profile",
	.args = "list | show [NAME|FILE] [KEY|GROUP|GLOB ...] | check [NAME|FILE]",
	.complete = "list show check @key @profile",
	.help = "meter models: which there are, what stands in one, does it hold",
	.run = profile_run,
};
