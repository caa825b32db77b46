/*
 * bus_work.c - what the screens ask for beside readings: a slot for the meter, and
 * one each for the journal's rows, a report, the checklist.
 */
#include "base/cancel.h"
#include "base/time.h"
#include "mqtt/dialects/dialect.h"
#include "bus_own.h"

static int slot(enum job_kind kind)
{
	return kind == JOB_JOURNAL ? 1 : kind == JOB_REPORT ? 2 : kind == JOB_CHECKLIST ? 3 : 0;
}

bool bus_asked(const struct bus *b)
{
	bool any = b->loan == LOAN_ASKED || bus_parks(b);

	for (int i = 0; i < SLOTS; i++)
		any |= b->ask[i].busy;
	return any;
}

/* With the lock held. */
static void hand_back(struct bus *b, unsigned turn, const struct job *w)
{
	int i = slot(w->kind);

	if (w->kind != JOB_JOURNAL && b->turn != turn)
		return;
	/* without memory the screens learn nothing new, and ask again */
	if (job_copy(&b->done[i], w) == 0)
		b->done_new[i] = true;
	bus_wake(b, true);
}

static void bus_work_on_step(void *arg, const struct job *w)
{
	struct round *r = arg;

	pthread_mutex_lock(&r->b->lock);
	hand_back(r->b, r->turn, w);
	pthread_mutex_unlock(&r->b->lock);
}

/* What a meter that speaks by itself holds after a set, it may not say again for days. */
static void tell_after(struct round *r, const struct job *w, const struct link *link)
{
	const struct dialect *d;
	struct link_uplink up;

	link_uplink(link, &up);
	d = dialect_find(up.dialect);
	for (size_t i = 0; i < w->plan.n; i++) {
		const struct step *s = &w->plan.steps[i];
		struct reading now = { .quality = QUALITY_OK, .value = s->after };

		if (s->state != STEP_VERIFIED)
			continue;
		now.item = d ? dialect_item_of(d, w->plan.profile->points[s->idx].key) : NULL;
		now.at_us = time_wall_us();
		now.mono_us = time_mono_us();
		bus_on_reading(r, s->idx, &now);
	}
}

void bus_do(struct bus *b, unsigned turn, struct meter *m, const char *why)
{
	struct round r = { .b = b, .turn = turn };

	bus_lend(b, turn, m);
	for (int i = 0; i < SLOTS && !bus_over(b, turn); i++) {
		struct job w = b->ask[i];

		if (!w.busy)
			continue;
		b->ask[i] = (struct job){ .kind = JOB_NONE };
		b->doing = w.kind;
		cancel_clear(b->cancel_fd);
		pthread_mutex_unlock(&b->lock);
		job_run(&w, m, why, b->journal, bus_work_on_step, &r);
		if (m && w.kind == JOB_APPLY && link_pushes(m->link))
			tell_after(&r, &w, m->link);
		pthread_mutex_lock(&b->lock);
		b->doing = JOB_NONE;
		hand_back(b, turn, &w);
		job_release(&w);
	}
}

int bus_job(struct bus *b, const struct job *w, struct err *e)
{
	int i = slot(w->kind), rc = -1;

	pthread_mutex_lock(&b->lock);
	if (b->doing == JOB_APPLY && w->kind != JOB_JOURNAL) {
		err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	} else if (job_copy(&b->ask[i], w)) {
		err_set(e, ERR_NO, "out of memory");
	} else {
		b->ask[i].busy = true;
		/* the checklist comes every two seconds, and a slow round takes longer */
		if ((b->reading && w->kind != JOB_CHECKLIST) || ((b->doing == JOB_LOOK || b->doing == JOB_UNDO) && i == 0))
			cancel_raise(b->cancel_fd);
		pthread_cond_broadcast(&b->told);
		rc = 0;
	}
	pthread_mutex_unlock(&b->lock);
	return rc;
}
