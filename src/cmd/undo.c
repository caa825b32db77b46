/*
 * undo.c - `meterctl undo [ID]`: puts back what the journal says stood there
 * before. That is a write as any other, and can be undone itself.
 */
#include <stdio.h>

#include "base/time.h"
#include "base/text.h"
#include "write/undo.h"
#include "auto.h"
#include "cmd.h"
#include "write.h"

struct undo_own {
	struct write_opts write;
};

static const struct opt undo_opts[] = { WRITE_ROWS(struct undo_own, write) };

/* What is to be put back, once it is known how every write ended. */
static int settle_and_find(struct app *a, struct meter *m, struct journal *j, long id,
			   struct undo *u, struct err *e)
{
	if (write_settle(a, m, j, e))
		return -1;
	undo_release(u);
	return undo_find(j, &m->link->target, id, u, e);
}

static void say_what(const struct app *a, const struct undo *u)
{
	const struct journal_row *r = &u->rows[0];
	char at[48];

	time_text(r->at_us, at, sizeof(at));
	if (u->n == 1)
		app_say(a, "putting back entry %ld, written %.10s %.8s by %s", r->id, at, at + 11, r->who);
	else
		app_say(a, "putting back %zu entries of run %ld, written %.10s %.8s by %s",
			u->n, r->run, at, at + 11, r->who);
}

/* Everything that can be refused without the meter is refused before it is asked. */
static int put_back(struct app *a, const struct profile *profile, const struct target *t,
		    struct journal *j, long id, struct plan *p, struct err *e)
{
	const struct undo_own *own = a->own;
	struct undo u;
	struct meter m;
	bool open;
	int rc = undo_find(j, t, id, &u, e);

	/* a dry run settles nothing */
	open = rc && u.open && !own->write.dry_run;
	if ((rc && !open) || (!rc && undo_add(&u, p, e))
	    || app_open_meter(a, profile, &m, e)) {
		profile_free(profile);
		undo_release(&u);
		return -1;
	}
	if (open && (settle_and_find(a, &m, j, id, &u, e) || undo_add(&u, p, e)))
		rc = -1;
	else
		rc = undo_check(&u, &m, e);
	if (rc == 0) {
		say_what(a, &u);
		rc = write_run(a, &m, p, &own->write, e);
	}
	undo_release(&u);
	app_close_meter(a, &m);
	return rc;
}

static int undo_run(struct app *a, int argc, char **argv, struct err *e)
{
	const struct undo_own *own = a->own;
	const struct profile *profile;
	struct plan_policy policy;
	struct journal *j;
	struct target t;
	struct plan p;
	long id = 0;
	int rc;

	if (cmd_words(&cmd_undo, argc, 0, 1, e))
		return -1;
	if (argc && !text_long(argv[0], 1, 2147483647, &id))
		return err_set(e, ERR_USAGE, "'%s' is no number of an entry (see 'meterctl journal')", argv[0]);
	if (app_target(a, &t, e) || target_may_write(&t, e))
		return -1;
	profile = app_profile(a, e);
	if (!profile)
		return -1;
	j = journal_open(a->journal, e);
	if (!j) {
		profile_free(profile);
		return -1;
	}
	policy = write_policy(a, &t, &own->write);
	plan_init(&p, profile, &policy);
	rc = put_back(a, profile, &t, j, id, &p, e);
	plan_release(&p);
	journal_close(j);
	return rc;
}

const struct cmd cmd_undo = {
	.name = "undo",
	.args = "[ID]",
	.help = "put back what the journal says stood there before",
	.opts = undo_opts,
	.nopts = sizeof(undo_opts) / sizeof(*undo_opts),
	.own_size = sizeof(struct undo_own),
	.writes = write_writes,
	.run = undo_run,
};
