/*
 * bus_lend.c - the open link in the hands of a command for a while: the thread of the
 * bus stands still, and a serial port that only one can have open is used by both.
 */
#include <string.h>

#include "base/cancel.h"
#include "bus_own.h"

static bool is_same_place(const struct target *a, const struct target *b)
{
	char one[TARGET_TEXT], other[TARGET_TEXT];

	return strcmp(target_format(a, 0, one, sizeof(one)), target_format(b, 0, other, sizeof(other))) == 0;
}

void bus_lend(struct bus *b, unsigned turn, struct meter *m)
{
	if (b->loan != LOAN_ASKED)
		return;
	/* a broker takes another client; what it sends one, the other gets, too */
	if (!m || b->loan_turn != turn || link_pushes(m->link)) {
		b->loan = LOAN_REFUSED;
		pthread_cond_broadcast(&b->told);
		return;
	}
	b->lent = m->link;
	b->loan = LOAN_OUT;
	cancel_clear(b->cancel_fd);
	pthread_cond_broadcast(&b->told);
	bus_wake(b, true);
	while (b->loan == LOAN_OUT)
		pthread_cond_wait(&b->told, &b->lock);
	b->lent = NULL;
	bus_wake(b, true);
	if (bus_over(b, turn))
		return;
	cancel_clear(b->cancel_fd);
	/* a command may have given it another address */
	if (!is_same_place(&b->target, &m->link->target)) {
		b->target = m->link->target;
		b->found = true;
		bus_wake(b, true);
	}
}

int bus_borrow(struct bus *b, const struct target *t, int cancel_fd, struct link **link, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&b->lock);
	if (b->turn > 0 && !b->leave && is_same_place(&b->target, t) && bus_parks(b)) {
		rc = err_set(e, ERR_DENIED, "%s", BUS_PARKED);
	} else if (b->turn > 0 && !b->leave && is_same_place(&b->target, t)) {
		b->loan = LOAN_ASKED;
		b->loan_turn = b->turn;
		if (b->reading)
			cancel_raise(b->cancel_fd);
		pthread_cond_broadcast(&b->told);
		while (b->loan == LOAN_ASKED && !b->leave && !cancel_raised(cancel_fd))
			pthread_cond_wait(&b->told, &b->lock);
		if (b->loan == LOAN_OUT) {
			*link = b->lent;
			rc = 1;
			if (cancel_raised(cancel_fd))
				cancel_raise(b->cancel_fd);
		} else {
			b->loan = LOAN_NONE;
			rc = b->leave || cancel_raised(cancel_fd) ? err_set(e, ERR_INTERRUPTED, "%s", "")
			     : bus_parks(b) ? err_set(e, ERR_DENIED, "%s", BUS_PARKED) : 0;
		}
	}
	pthread_mutex_unlock(&b->lock);
	return rc;
}

void bus_give_back(struct bus *b)
{
	pthread_mutex_lock(&b->lock);
	b->loan = LOAN_NONE;
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}

void bus_show_frame(void *bus, const struct trace_frame *f)
{
	trace_pass(((struct bus *)bus)->opts.trace, f);
}

bool bus_lent(struct bus *b)
{
	bool out;

	pthread_mutex_lock(&b->lock);
	out = b->loan == LOAN_OUT;
	pthread_mutex_unlock(&b->lock);
	return out;
}

void bus_interrupt(struct bus *b)
{
	pthread_mutex_lock(&b->lock);
	if (b->loan == LOAN_OUT)
		cancel_raise(b->cancel_fd);
	pthread_cond_broadcast(&b->told);
	pthread_mutex_unlock(&b->lock);
}
