/*
 * set.c - `meterctl set KEY=VALUE ...`: a few settings, written and read back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/secret.h"
#include "auto.h"
#include "cmd.h"
#include "write.h"

struct set_own {
	struct write_opts write;
};

static const struct opt set_opts[] = { WRITE_ROWS(struct set_own, write) };

/* The value that TEXT stands for in *OUT, or NULL: itself. A secret is not taken from the command
 * line. -1 and E. */
static int set_fetch(const struct profile *p, const char *key, const char *text, char **out, struct err *e)
{
	enum secret_kind kind = secret_value(text, out, e);
	int idx = profile_find(p, key);

	if (idx < 0 || !(p->points[idx].flags & POINT_SECRET) || kind == SECRET_REFERENCE)
		return kind == SECRET_FAILED ? err_prefix(e, "'%s'", key) : 0;
	secret_free(*out);
	*out = NULL;
	if (kind == SECRET_FAILED && e->code != ERR_USAGE)
		return -1;
	return err_set(e, ERR_USAGE, "'%s' is a secret, and others can read a command line: "
		       "write %s=@env:NAME or %s=@file:PATH", key, key, key);
}

static int set_new_value(struct plan *p, const char *word, struct err *e)
{
	size_t len = strcspn(word, "=");
	char key[128], *fetched;
	const char *text = word + len + 1;
	int rc;

	if (word[len] == '\0' || len == 0 || len >= sizeof(key))
		return err_set(e, ERR_USAGE, "'%.*s' is not written KEY=VALUE", (int)len, word);
	snprintf(key, sizeof(key), "%.*s", (int)len, word);
	if (set_fetch(p->profile, key, text, &fetched, e))
		return -1;
	rc = plan_add(p, key, fetched ? fetched : text, e);
	secret_free(fetched);
	return rc;
}

static int set_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct set_own *own = a->own;
	const struct profile *profile;
	struct plan_policy policy;
	struct plan p;
	struct target t;
	int rc = -1;

	if (cmd_words(&cmd_set, argc, 1, -1, e) || app_target(a, &t, e))
		return -1;
	profile = app_profile(a, e);
	if (!profile)
		return -1;
	policy = write_policy(a, &t, &own->write);
	plan_init(&p, profile, &policy);
	for (int i = 0; i < argc; i++)
		if (set_new_value(&p, argv[i], e)) {
			profile_free(profile);
			goto out;
		}
	rc = write_meter(a, profile, &p, &own->write, e);
out:
	plan_release(&p);
	return rc;
}

const struct cmd cmd_set = {
	.name = "set",
	.args = "KEY=VALUE ...",
	.complete = "@setting",
	.help = "write settings: shows old -> new, asks, writes, reads back",
	.opts = set_opts,
	.nopts = sizeof(set_opts) / sizeof(*set_opts),
	.own_size = sizeof(struct set_own),
	.writes = write_writes,
	.run = set_run,
};
