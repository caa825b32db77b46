#include "plan_write.h"

#include "plan_around.h"
#include "plan_write_own.h"

static bool commit_waits(const struct plan *p, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++)
		if (p->steps[i].uncommitted)
			return true;
	return false;
}

/* Behind the commit: are the registers of W as they should be? */
static void commit_read_back(struct write *w)
{
	struct err unread = { 0 }, why = { 0 };
	bool landed = true;

	if (write_read_back(w, &unread)) {
		write_unknown(w, &why, &unread);
		return;
	}
	for (size_t i = 0; i < w->n; i++)
		landed &= !write_step(w, i)->uncommitted || write_step_landed(w, write_step(w, i));
	if (write_confirm_meter(w, landed, &unread))
		write_unknown(w, &why, &unread);
	else if (landed)
		write_conclude(w, STEP_VERIFIED, &why, true);
	else
		write_not_there(w, "was committed, but the meter holds something else", &why);
}

/* Concludes all that waits. WHY it was not committed, or no text. */
static int commit_conclude(struct plan *p, struct meter *m, struct journal *j, plan_told *told, void *arg,
			   const struct err *why, bool *interrupted, struct err *e)
{
	int rc = 0;

	for (size_t i = 0, n; i < p->n; i += n) {
		struct err one;

		n = plan_group(p, i);
		if (!commit_waits(p, i, n))
			continue;
		struct write w = write_of(p, i, n, m, j, told, arg);

		w.committed = !*why->text;
		if (w.committed)
			commit_read_back(&w);
		else
			write_conclude(&w, STEP_UNKNOWN, why, false);
		*interrupted |= w.interrupted;
		w.interrupted = false;
		if (write_over(&w, &one) && rc == 0) {
			*e = one;
			rc = -1;
		}
	}
	return rc;
}

/* The unlock that a commit needs, when that before the writes may be over. */
static int commit_unlock(struct plan *p, struct meter *m, struct err *e)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].uncommitted && plan_point(p, &p->steps[i])->flags & POINT_UNLOCK)
			return p->unlocked && !p->profile->unlock_holds_ms ? 0 : around_unlock(p, m, e);
	return 0;
}

int plan_commit(struct plan *p, struct meter *m, struct journal *j, plan_told *told, void *arg, struct err *e)
{
	struct err why = { 0 }, cause = { 0 };
	bool interrupted = false;

	if (!commit_waits(p, 0, p->n))
		return 0;
	if (commit_unlock(p, m, &cause) || around_commit(p, m, &interrupted, &cause))
		err_set(&why, ERR_UNVERIFIED, "written, but the commit failed: %s", cause.text);
	if (around_lock(p, m, &interrupted, &cause) && !*why.text)
		err_set(&why, ERR_UNVERIFIED, "written, but the meter may still be unlocked: %s", cause.text);
	if (commit_conclude(p, m, j, told, arg, &why, &interrupted, e))
		return -1;
	return interrupted ? err_set(e, ERR_INTERRUPTED, "interrupted") : 0;
}

int plan_uncommitted(struct plan *p, struct meter *m, struct journal *j, plan_told *told, void *arg, struct err *e)
{
	struct err why, other = { 0 };
	bool interrupted = false;

	if (e->code == ERR_INTERRUPTED) {
		if (plan_commit(p, m, j, told, arg, &other))
			*e = other;
		return -1;
	}
	err_set(&why, ERR_UNVERIFIED, "written, not committed, since another setting failed: lost at a restart of the meter");
	around_lock(p, m, &interrupted, &other);
	commit_conclude(p, m, j, told, arg, &why, &interrupted, &other);
	return -1;
}
