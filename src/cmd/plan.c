/*
 * plan.c - `meterctl plan`, `apply`, `restore` and `backup`: the settings of a
 * meter as a file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "meter/missing.h"
#include "base/outfile.h"
#include "write/settings.h"
#include "base/text.h"
#include "auto.h"
#include "cmd.h"
#include "own.h"
#include "points.h"
#include "write.h"

static const struct opt plan_opts[] = { WRITE_ALLOW_ROWS(struct plan_own, write) };
static const struct opt apply_opts[] = { WRITE_ROWS(struct plan_own, write) };
static const struct opt restore_opts[] = {
	WRITE_ROWS(struct plan_own, write),
	OPT_FLAG(0, "incomplete", struct plan_own, incomplete, "restore what an incomplete backup holds"),
};
static const struct opt backup_opts[] = {
	OPT_TEXT('o', "output", "FILE", "@file", struct plan_own, output,
		 "write to FILE, whole or not at all (default: stdout); an older one needs --force"),
	WRITE_ALLOW_PROVISIONAL_ROW(struct plan_own, write, "keep settings whose registers are not published, too"),
};

static int add_all(struct plan *p, const struct settings *s, struct err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (plan_add(p, s->list[i].key, s->list[i].text, e))
			return settings_place(s, i, e);
	return 0;
}

/* Only who has been told that settings are not in S, and says so, restores the others;
 * to look at what it would write nothing needs to be said. */
static int plan_check_whole(const struct app *a, const struct settings *s, bool restores, struct err *e)
{
	const struct plan_own *own = a->own;
	struct err lacks;

	if (settings_whole(s, &lacks) == 0)
		return 0;
	if (restores && !own->incomplete && !own->write.dry_run)
		return err_set(e, ERR_DENIED, "%s (--incomplete restores the others)", lacks.text);
	app_say(a, "%s", lacks.text);
	return 0;
}

/* RESTORES: the file is to be a whole backup. */
static int run_file(struct app *a, const char *path, bool restores, struct plan *p, struct err *e)
{
	const struct plan_own *own = a->own;
	struct settings s = { 0 };
	const struct profile *profile;
	struct plan_policy policy;
	struct target t;
	int rc = -1;

	if (app_target(a, &t, e))
		return -1;
	profile = app_profile(a, e);
	if (!profile || settings_load(path, &s, e))
		goto out;
	policy = write_policy(a, &t, &own->write);
	/* a file holds outputs' settings, too: consent is due when one changes */
	policy.switching = true;
	plan_init(p, profile, &policy);
	if (settings_check(&s, profile, e) || add_all(p, &s, e) || plan_check_whole(a, &s, restores, e))
		goto out;
	rc = write_meter(a, profile, p, &own->write, e);
	profile = NULL;
out:
	profile_free(profile);
	settings_release(&s);
	return rc;
}

static int run_writing(struct app *a, const struct cmd *c, int argc, char **argv, struct err *e)
{
	struct plan p = { 0 };
	int rc;

	if (cmd_words(c, argc, 1, 1, e))
		return -1;
	rc = run_file(a, argv[0], c == &cmd_restore, &p, e);
	plan_release(&p);
	return rc;
}

static int plan_run_apply(struct app *a, int argc, char **argv, struct err *e)
{
	return run_writing(a, &cmd_apply, argc, argv, e);
}

static int run_restore(struct app *a, int argc, char **argv, struct err *e)
{
	return run_writing(a, &cmd_restore, argc, argv, e);
}

static int run_plan(struct app *a, int argc, char **argv, struct err *e)
{
	struct plan_own *own = a->own;
	struct plan p = { 0 };
	int rc;

	if (cmd_words(&cmd_plan, argc, 1, 1, e))
		return -1;
	own->write.dry_run = true;
	rc = run_file(a, argv[0], false, &p, e);
	if (!rc && plan_pending(&p))
		rc = err_set(e, ERR_NO, "%s", "");
	plan_release(&p);
	return rc;
}

/* What is kept: all settings but those whose registers nobody vouches for. */
static int select_kept(const struct profile *p, bool doubtful, struct selection *sel,
		       struct err *e)
{
	size_t n = 0;

	if (settings_select(p, sel, e))
		return -1;
	for (size_t i = 0; i < sel->n; i++) {
		const struct point *pt = &p->points[sel->idx[i]];

		if (doubtful || !(pt->from == FROM_PROVISIONAL || pt->flags & POINT_HARMFUL))
			sel->idx[n++] = sel->idx[i];
	}
	if (n == 0)
		return err_set(e, ERR_NO, "profile '%s' has no settings to keep", p->name);
	sel->n = n;
	return 0;
}

/* What is left out for good, which is no fault of the backup. */
static void say_left(const struct app *a, const struct settings_left *left, size_t of)
{
	const struct { size_t n; const char *what; } kinds[] = {
		{ left->secrets, left->secrets == 1 ? "secret" : "secrets" },
		{ left->absent, "without a register in this meter" },
		{ left->odd, "that could not be put back" },
	};
	char text[160] = "";
	size_t at = 0, n = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		n += kinds[i].n;
		if (kinds[i].n)
			text_append(text, sizeof(text), &at, "%s%zu %s", at ? ", " : "", kinds[i].n, kinds[i].what);
	}
	if (n)
		app_say(a, "%zu of %zu settings stand there as a comment only: %s", n, of, text);
}

/* Which of SEL are missing, but for secrets, which no file keeps: -1 and E when any is. */
static int check_missing(const struct app *a, const struct meter *m, const struct selection *sel,
			 struct err *e)
{
	uint16_t *kept = calloc(sel->n, sizeof(*kept));
	size_t n = 0;
	int rc;

	if (!kept)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < sel->n; i++)
		if (!(m->profile->points[sel->idx[i]].flags & POINT_SECRET))
			kept[n++] = sel->idx[i];
	points_say_missing(a, m, kept, n);
	rc = missing_complain(m, kept, n, "settings", e);
	free(kept);
	return rc ? err_prefix(e, "the backup is incomplete") : 0;
}

static int save(struct app *a, struct meter *m, const struct selection *sel, struct err *e)
{
	const char *output = ((struct plan_own *)a->own)->output;
	struct settings_left left;
	struct err lacks, there;
	size_t got = 0;

	if (meter_read(m, sel->idx, sel->n, NULL, NULL, e))
		return -1;
	for (size_t i = 0; i < sel->n; i++)
		got += m->readings[sel->idx[i]].quality == QUALITY_OK;
	if (got == 0) {
		*e = m->readings[sel->idx[0]].err;
		return -1;
	}
	if (check_missing(a, m, sel, &lacks) == 0)
		lacks.code = ERR_NONE;
	/* an older one may be whole */
	if (lacks.code && output && outfile_check(output, 0, &there) && there.code == ERR_DENIED) {
		*e = lacks;
		return err_prefix(e, "'%s' is left as it was", output);
	}
	if (settings_save(output, outfile_how(a->force), a->out, m, sel, &left, e))
		return -1;
	say_left(a, &left, sel->n);
	if (lacks.code)
		*e = lacks;
	return lacks.code ? -1 : 0;
}

static int run_backup(struct app *a, int argc, char **argv, struct err *e)
{
	const struct plan_own *own = a->own;
	struct selection sel = { 0 };
	const struct profile *profile;
	struct target t;
	struct meter m;
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_backup, argc, 0, 0, e) || app_target(a, &t, e))
		return -1;
	/* the meter is not read for nothing */
	if (own->output && outfile_check(own->output, outfile_how(a->force), e))
		return -1;
	if (target_pushes(&t) && target_is_meter(&t))
		return err_set(e, ERR_DENIED, "'%s' uploads readings and no settings (back them up over RS485, or through dialect=tunnel)", t.text);
	profile = app_profile(a, e);
	if (!profile)
		return -1;
	if (select_kept(profile, own->write.provisional || target_is_simulated(&t), &sel, e)
	    || app_open_meter(a, profile, &m, e)) {
		profile_free(profile);
		goto out;
	}
	rc = save(a, &m, &sel, e);
	app_close_meter(a, &m);
out:
	selection_release(&sel);
	return rc;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.args = "FILE",
	.complete = "@file",
	.help = "what 'apply' would write (exit status 1: something)",
	.opts = plan_opts,
	.nopts = sizeof(plan_opts) / sizeof(*plan_opts),
	.own_size = sizeof(struct plan_own),
	.run = run_plan,
};

const struct cmd cmd_apply = {
	.name = "apply",
	.args = "FILE",
	.complete = "@file",
	.help = "write the settings of a file that differ from the meter's",
	.opts = apply_opts,
	.nopts = sizeof(apply_opts) / sizeof(*apply_opts),
	.own_size = sizeof(struct plan_own),
	.writes = write_writes,
	.run = plan_run_apply,
};

const struct cmd cmd_restore = {
	.name = "restore",
	.args = "FILE",
	.complete = "@file",
	.help = "the same with a file that 'backup' wrote",
	.opts = restore_opts,
	.nopts = sizeof(restore_opts) / sizeof(*restore_opts),
	.own_size = sizeof(struct plan_own),
	.writes = write_writes,
	.run = run_restore,
};

const struct cmd cmd_backup = {
	.name = "backup",
	.args = "",
	.help = "all settings of a meter as a file for 'apply', 'restore' and 'diff'",
	.opts = backup_opts,
	.nopts = sizeof(backup_opts) / sizeof(*backup_opts),
	.own_size = sizeof(struct plan_own),
	.run = run_backup,
	.plain = true,
};
