/*
 * profile.c - `meterctl profile`: the meter models there are, what stands in
 * them, and whether they hold.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "profile_print.h"

static bool is_file(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || (len > 5 && strcmp(word + len - 5, ".yaml") == 0);
}

/* A profile that profile_open() finds under that name. */
static bool is_profile(const char *name)
{
	char folder[512], path[640];

	if (is_file(name) || profile_builtin_named(name))
		return true;
	profile_folder(folder, sizeof(folder));
	return snprintf(path, sizeof(path), "%s/%s.yaml", folder, name) < (int)sizeof(path)
	    && access(path, F_OK) == 0;
}

/* ---- list --------------------------------------------------------------- */

/* A user's file of the same name is the one that is used. */
static bool is_overridden(const char *name, const glob_t *own)
{
	for (size_t i = 0; i < own->gl_pathc; i++) {
		const char *file = strrchr(own->gl_pathv[i], '/') + 1;
		size_t len = strlen(name);

		if (strncmp(file, name, len) == 0 && strcmp(file + len, ".yaml") == 0)
			return true;
	}
	return false;
}

static int run_list(struct app *a, struct err *e)
{
	char folder[512], pattern[640];
	struct profile_list list;
	size_t n;
	const struct profile *const *built_in = profile_builtin(&n);
	glob_t own = { 0 };
	int rc = 0;

	profile_folder(folder, sizeof(folder));
	snprintf(pattern, sizeof(pattern), "%s/*.yaml", folder);
	if (glob(pattern, 0, NULL, &own))
		own.gl_pathc = 0;
	profile_list_begin(&list, stdout, a);
	for (size_t i = 0; i < n; i++)
		if (!is_overridden(built_in[i]->name, &own)
		    && profile_list_row(&list, built_in[i], e))
			rc = -1;
	/* one that cannot be read hides none of the others */
	for (size_t i = 0; i < own.gl_pathc; i++) {
		struct err why;
		const struct profile *p = profile_open(own.gl_pathv[i], &why);

		if (p ? profile_list_row(&list, p, e) : 0)
			rc = -1;
		if (!p && rc == 0)
			*e = why;
		else if (!p)
			app_say(a, "%s", why.text);
		rc = p ? rc : -1;
		profile_free(p);
	}
	globfree(&own);
	return profile_list_end(&list, rc ? NULL : e) ? -1 : rc;
}

/* ---- show --------------------------------------------------------------- */

static int show_points(struct app *a, const struct profile *p, int argc, char **argv,
		       struct err *e)
{
	struct selection sel = { 0 };
	int rc = -1;

	for (int i = 0; i < argc; i++)
		if (profile_select(p, argv[i], &sel, e))
			goto out;
	rc = profile_print(stdout, a, p, argc ? &sel : NULL, e);
out:
	selection_release(&sel);
	return rc;
}

/* `show [NAME|FILE] [KEY ...]`; a word that is a key of the profile at hand is
 * that before it is the name of another profile. */
static int run_show(struct app *a, int argc, char **argv, struct err *e)
{
	const struct profile *p = NULL;
	struct selection sel = { 0 };
	struct err why;
	int rc;

	if (argc > 0 && is_file(argv[0])) {
		p = profile_open(argv[0], e);
	} else {
		p = profile_open(a->profile, e);
		if (p && argc > 0 && profile_select(p, argv[0], &sel, &why)
		    && is_profile(argv[0])) {
			profile_free(p);
			p = profile_open(argv[0], e);
		} else if (argc > 0) {
			selection_release(&sel);
			rc = p ? show_points(a, p, argc, argv, e) : -1;
			profile_free(p);
			return rc;
		}
	}
	selection_release(&sel);
	if (!p)
		return -1;
	rc = show_points(a, p, argc ? argc - 1 : 0, argv + 1, e);
	profile_free(p);
	return rc;
}

/* ---- check -------------------------------------------------------------- */

static int run_check(struct app *a, int argc, char **argv, struct err *e)
{
	const struct profile *p = profile_open(argc ? argv[0] : a->profile, e);
	struct check c = { 0 };
	int rc = -1;

	if (!p)
		return -1;
	if (profile_check(p, &c, e) == 0
	    && profile_print_check(stdout, a, p, &c, e) == 0)
		rc = c.n ? err_set(e, ERR_NO, "'%s' does not hold: %zu finding%s",
				   p->name, c.n, c.n == 1 ? "" : "s") : 0;
	check_release(&c);
	profile_free(p);
	return rc;
}

static int run(struct app *a, int argc, char **argv, struct err *e)
{
	const char *what = argc ? argv[0] : "";

	if (strcmp(what, "list") == 0)
		return cmd_words(&cmd_profile, argc, 1, 1, e) ? -1 : run_list(a, e);
	if (strcmp(what, "show") == 0)
		return run_show(a, argc - 1, argv + 1, e);
	if (strcmp(what, "check") == 0)
		return cmd_words(&cmd_profile, argc, 1, 2, e)
			? -1 : run_check(a, argc - 1, argv + 1, e);
	return err_set(e, ERR_USAGE, "usage: meterctl profile %s", cmd_profile.args);
}

const struct cmd cmd_profile = {
	.name = "profile",
	.args = "list | show [NAME|FILE] [KEY|GROUP|GLOB ...] | check [NAME|FILE]",
	.complete = "list show check @key @profile",
	.help = "meter models: which there are, what stands in one, does it hold",
	.run = run,
};
