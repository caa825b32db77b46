/*
 * plan.c - `meterctl plan`, `apply`, `restore` and `backup`: the settings of a
 * meter as a file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../settings.h"
#include "cmd.h"
#include "write.h"

enum { OPT_OUTPUT = 'o' };

static const struct opt plan_opts[] = { WRITE_ALLOW_ROWS };
static const struct opt apply_opts[] = { WRITE_ROWS };
static const struct opt backup_opts[] = {
	{ OPT_OUTPUT, "output", "FILE", "@file", "write to FILE, whole or not at all (default: stdout)" },
	{ OPT_ALLOW_PROVISIONAL, "allow-provisional", NULL, NULL,
	  "keep settings whose registers are not published, too" },
};
static struct write_opts opts;
static const char *output;

static int set(int id, const char *arg, struct err *e)
{
	(void)e;
	if (id == OPT_OUTPUT)
		output = arg;
	else
		write_set(&opts, id);
	return 0;
}

static int wish_all(struct plan *p, const struct settings *s, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *one = &s->list[i];

		if (plan_wish(p, one->key, one->text, e))
			return err_prefix(e, "%s:%d:%d", s->file, one->line, one->column);
	}
	return 0;
}

static int run_file(struct app *a, const char *path, struct plan *p, struct err *e)
{
	struct settings s = { 0 };
	const struct profile *profile;
	struct plan_policy policy;
	struct target t;
	int rc = -1;

	if (app_target(a, &t, e))
		return -1;
	profile = profile_open(a->profile, e);
	if (!profile || settings_load(path, &s, e))
		goto out;
	policy = write_policy(a, &t, &opts);
	/* a file holds outputs' settings, too: consent is due when one changes */
	policy.switching = true;
	plan_init(p, profile, &policy);
	if (settings_check(&s, profile, e) || wish_all(p, &s, e))
		goto out;
	rc = write_meter(a, profile, p, &opts, e);
	profile = NULL;
out:
	profile_free(profile);
	settings_release(&s);
	return rc;
}

static int run_apply(struct app *a, int argc, char **argv, struct err *e)
{
	struct plan p = { 0 };
	int rc;

	if (cmd_words(&cmd_apply, argc, 1, 1, e))
		return -1;
	rc = run_file(a, argv[0], &p, e);
	plan_release(&p);
	return rc;
}

static int run_plan(struct app *a, int argc, char **argv, struct err *e)
{
	struct plan p = { 0 };
	int rc;

	if (cmd_words(&cmd_plan, argc, 1, 1, e))
		return -1;
	opts.dry_run = true;
	rc = run_file(a, argv[0], &p, e);
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

static int save(struct app *a, struct meter *m, const struct selection *sel, struct err *e)
{
	size_t left, got = 0;

	if (meter_read(m, sel->idx, sel->n, NULL, NULL, e))
		return -1;
	for (size_t i = 0; i < sel->n; i++)
		got += m->readings[sel->idx[i]].quality == QUALITY_OK;
	if (got == 0) {
		*e = m->readings[sel->idx[0]].err;
		return -1;
	}
	if (settings_save(output, m, sel, &left, e))
		return -1;
	if (left)
		app_say(a, "%zu of %zu settings stand there as a comment only: secrets, and what could not be put back",
			left, sel->n);
	return 0;
}

static int run_backup(struct app *a, int argc, char **argv, struct err *e)
{
	struct selection sel = { 0 };
	const struct profile *profile;
	struct target t;
	struct meter m;
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_backup, argc, 0, 0, e) || app_target(a, &t, e))
		return -1;
	if (t.scheme == SCHEME_MQTT && target_is_meter(&t) && !target_tunnels(&t))
		return err_set(e, ERR_DENIED, "'%s' uploads readings and no settings (back them up over RS485, or through dialect=tunnel)", t.text);
	profile = profile_open(a->profile, e);
	if (!profile)
		return -1;
	if (select_kept(profile, opts.provisional || t.scheme == SCHEME_SIM, &sel, e)
	    || app_open_meter(a, profile, &m, e)) {
		profile_free(profile);
		goto out;
	}
	rc = save(a, &m, &sel, e);
	app_close_meter(&m);
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
	.set = set,
	.run = run_plan,
};

const struct cmd cmd_apply = {
	.name = "apply",
	.args = "FILE",
	.complete = "@file",
	.help = "write the settings of a file that differ from the meter's",
	.opts = apply_opts,
	.nopts = sizeof(apply_opts) / sizeof(*apply_opts),
	.set = set,
	.run = run_apply,
};

const struct cmd cmd_restore = {
	.name = "restore",
	.args = "FILE",
	.complete = "@file",
	.help = "the same with a file that 'backup' wrote",
	.opts = apply_opts,
	.nopts = sizeof(apply_opts) / sizeof(*apply_opts),
	.set = set,
	.run = run_apply,
};

const struct cmd cmd_backup = {
	.name = "backup",
	.args = "",
	.help = "all settings of a meter as a file for 'apply', 'restore' and 'diff'",
	.opts = backup_opts,
	.nopts = sizeof(backup_opts) / sizeof(*backup_opts),
	.set = set,
	.run = run_backup,
};
