#include "plan_write.h"

#include "plan_write_own.h"

/* Sent once; what the meter then says decides. */
static void plan_write_new_value(struct write *w)
{
	struct step *s = write_step(w, 0);
	struct err why = { 0 };
	bool sent = false;
	int rc = link_set(w->m->link, w->p->profile, s->idx, &s->want, &s->after, &sent, &why);

	if (rc && why.code == ERR_INTERRUPTED) {
		w->interrupted = true;
		link_uncancel(w->m->link);
	}
	if (rc && (!sent || why.code == ERR_REFUSED))
		write_conclude(w, STEP_REFUSED, &why, false);
	else if (rc)
		write_unknown(w, &why, &why);
	else if (s->after.num < s->want.num || s->after.num > s->want.num)
		write_not_there(w, "was acknowledged, but the meter says it holds something else", &(struct err){ 0 });
	else
		write_conclude(w, STEP_VERIFIED, &why, false);
}

int plan_tell(struct plan *p, size_t step, struct meter *m, struct journal *j, long run,
	      plan_told *told, void *arg, struct err *e)
{
	struct write w = write_of(p, step, 1, m, j, told, arg);
	struct err why = { 0 };

	if (write_intend(&w, run, &why))
		write_conclude(&w, STEP_REFUSED, &why, false);
	else
		plan_write_new_value(&w);
	if (write_over(&w, e) == 0)
		return 0;
	/* there is no read-back to wait for: the person who ended it is told so */
	if (w.interrupted)
		e->code = ERR_INTERRUPTED;
	return -1;
}
