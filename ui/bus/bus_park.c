/*
 * bus_park.c - the line of the meter for somebody else alone: who searches it, who only
 * listens to it, a command that opens ports by itself.
 */
#include "base/cancel.h"
#include "bus_own.h"

bool bus_parks(const struct bus *b)
{
	return b->parkers > 0 && !target_pushes(&b->target);
}

void bus_stay_parked(struct bus *b, unsigned turn)
{
	while (bus_parks(b) && !bus_over(b, turn)) {
		bus_do(b, turn, NULL, BUS_PARKED);
		if (bus_parks(b) && !bus_over(b, turn))
			pthread_cond_wait(&b->told, &b->lock);
	}
}

int bus_park(struct bus *b, int cancel_fd, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&b->lock);
	b->parkers++;
	if (b->doing == JOB_NONE && b->loan != LOAN_OUT && bus_parks(b))
		cancel_raise(b->cancel_fd);
	pthread_cond_broadcast(&b->told);
	bus_wake(b, true);
	while (b->open && bus_parks(b) && !b->leave && !cancel_raised(cancel_fd))
		pthread_cond_wait(&b->told, &b->lock);
	if (b->leave || cancel_raised(cancel_fd)) {
		b->parkers--;
		pthread_cond_broadcast(&b->told);
		rc = err_set(e, ERR_INTERRUPTED, "%s", "");
	}
	pthread_mutex_unlock(&b->lock);
	return rc;
}

void bus_unpark(struct bus *b)
{
	pthread_mutex_lock(&b->lock);
	b->parkers--;
	pthread_cond_broadcast(&b->told);
	bus_wake(b, true);
	pthread_mutex_unlock(&b->lock);
}

bool bus_has_line(struct bus *b, const struct target *t)
{
	bool has;

	pthread_mutex_lock(&b->lock);
	has = b->turn > 0 && target_same_line(&b->target, t);
	pthread_mutex_unlock(&b->lock);
	return has;
}
