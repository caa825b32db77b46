/*
 * aside.h - work in a thread beside the screens, with the line of the meter to itself where it
 * needs it. It wakes the screens when it has something, and can be ended.
 */
#ifndef METERCTL_UI_BUS_ASIDE_H
#define METERCTL_UI_BUS_ASIDE_H

#include <pthread.h>
#include <stdbool.h>

#include "bus.h"

#define ASIDE_PARTING_MS 1000	/* for the thread to end when it is no longer wanted */

struct aside {
	pthread_mutex_t lock;		/* of what the thread and the screens share */
	int wake_fd, cancel_fd;
	struct bus *bus;		/* NULL: there is none, or it is gone */
	bool parked, ended;
	/* its own */
	pthread_t thread;
	void (*run)(void *arg);
	void *arg;
};

/* Runs RUN(ARG) in a thread. 0; or -1 and E, and there is nothing to end. */
int aside_start(struct aside *a, struct bus *bus, void (*run)(void *arg), void *arg, struct err *e);
/* Tells RUN to end. */
void aside_cancel(struct aside *a);
/* For the screens, before they look at what is shared. */
void aside_took(struct aside *a);
/* Ends it, and waits a little. False: it is left to the end of the process, with all it uses. */
bool aside_end(struct aside *a);

/* ---- for the thread */

void aside_wake(struct aside *a);
/* Has the bus let go of its line, if it is that of T. 0; -1 and E: ended. */
int aside_park(struct aside *a, const struct target *t, struct err *e);
void aside_unpark(struct aside *a);

#endif
