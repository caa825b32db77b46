/*
 * broker_listen.h - what the commands that hear a whole broker start from: its connection,
 * the profile of its meters, and the signals that end it.
 */
#ifndef METERCTL_CMD_BROKER_LISTEN_H
#define METERCTL_CMD_BROKER_LISTEN_H

#include "app.h"
#include "dropped.h"
#include "mqtt/fleet_source.h"

struct broker_listener {
	struct target target;
	const struct profile *profile;
	struct fleet_source *source;
	int cancel_fd;
	struct err told;	/* the last failure of the connection that was said */
	struct dropped refusals, drops;	/* of what was dropped so far, what was said */
};

/* Connects and subscribes. broker_listen_close() after success. */
int broker_listen_open(const struct app *a, const struct target *t, struct broker_listener *l, struct err *e);
/* Says what was dropped and has not been said, and with -v what came. */
void broker_listen_close(const struct app *a, struct broker_listener *l);

/* To who watches: what was dropped, as dropped_tell() has it. */
void broker_listen_tell_dropped(const struct app *a, struct broker_listener *l);
/* Takes what waits, or waits until UNTIL_US. A connection that is lost is said once,
 * and waited for: 0. How many messages; -1 and E only when interrupted. */
int broker_listen_receive(const struct app *a, struct broker_listener *l, int64_t until_us, fleet_sink *sink,
		   void *arg, struct err *e);

#endif
