#include "aside.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/thread.h"

static void *aside_run(void *arg)
{
	struct aside *a = arg;

	a->run(a->arg);
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	aside_wake(a);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static void aside_release(struct aside *a)
{
	if (a->wake_fd >= 0)
		close(a->wake_fd);
	if (a->cancel_fd >= 0)
		close(a->cancel_fd);
	pthread_mutex_destroy(&a->lock);
}

int aside_start(struct aside *a, struct bus *bus, void (*run)(void *arg), void *arg, struct err *e)
{
	*a = (struct aside){ .bus = bus, .run = run, .arg = arg };
	pthread_mutex_init(&a->lock, NULL);
	a->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	a->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->wake_fd >= 0 && a->cancel_fd >= 0 && thread_start(&a->thread, aside_run, a) == 0)
		return 0;
	aside_release(a);
	return err_set(e, ERR_NO, "cannot start a thread: %s", strerror(errno));
}

void aside_cancel(struct aside *a)
{
	cancel_raise(a->cancel_fd);
	if (a->bus)
		bus_interrupt(a->bus);
}

void aside_wake(struct aside *a)
{
	cancel_raise(a->wake_fd);
}

void aside_took(struct aside *a)
{
	cancel_clear(a->wake_fd);
}

bool aside_end(struct aside *a)
{
	aside_cancel(a);
	if (!thread_part(a->thread, ASIDE_PARTING_MS)) {
		/* only the look-up of a host name lasts so long; the bus may go before it is over */
		pthread_mutex_lock(&a->lock);
		if (a->parked)
			bus_unpark(a->bus);
		a->parked = false;
		a->bus = NULL;
		pthread_mutex_unlock(&a->lock);
		return false;
	}
	aside_release(a);
	return true;
}

int aside_park(struct aside *a, const struct target *t, struct err *e)
{
	if (a->parked || !a->bus || !bus_has_line(a->bus, t))
		return 0;
	if (bus_park(a->bus, a->cancel_fd, e))
		return -1;
	pthread_mutex_lock(&a->lock);
	a->parked = true;
	pthread_mutex_unlock(&a->lock);
	return 0;
}

void aside_unpark(struct aside *a)
{
	pthread_mutex_lock(&a->lock);
	if (a->parked)
		bus_unpark(a->bus);
	a->parked = false;
	pthread_mutex_unlock(&a->lock);
}
