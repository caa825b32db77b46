/*
 * device.h - the uplink of one simulated meter: what it says through a broker,
 * and when. It logs in, asks for the time, tells its parameters, then uploads at
 * its interval, with a heartbeat in between. Pure: the caller has the clock, the
 * connection and the values.
 *
 * What the dialects leave open is our own reading: an answer is waited for 5 s (a
 * quarter of a shorter interval) and asked for twice; who gets none goes on and
 * waits for no other, unless the scenario says wait-login. An upload is sent once,
 * acknowledged or not.
 */
#ifndef METERCTL_SIM_DEVICE_H
#define METERCTL_SIM_DEVICE_H

#include "mqtt/dialects/dialect.h"
#include "scenario.h"

/* Puts a message on the line. */
typedef void device_post(void *arg, const char *topic, const void *payload, size_t n,
			 bool retain);

enum device_stage { DEVICE_OFF, DEVICE_LOGIN, DEVICE_TIME, DEVICE_PARA, DEVICE_ON };

struct sim_device {
	const struct dialect *dialect;
	struct dialect_device as;	/* interval_s is the one in force */
	const struct scenario_uplink *faults;
	device_post *post;
	void *post_arg;
	uint64_t luck;
	enum device_stage stage;
	int tries;		/* of what the stage asks */
	bool answered;		/* somebody answers */
	int64_t due_us;		/* the next step; of DEVICE_ON the next upload */
	int64_t heartbeat_us, time_us;	/* the next heartbeat, the next look at the time */
	unsigned long uploads;
	int backlog;		/* uploads of before that are still to be sent */
	int64_t stuck_us;	/* the stamp that it is stuck at; 0: none yet */
	struct outgoing *out;	/* uploads under way, by when they leave */
	unsigned waiting;	/* of them */
};

/* Times are us of the monotonic clock, NOW; WALL is the wall clock. */

/* AS, FAULTS and what they point to outlive D. */
void device_init(struct sim_device *d, const struct dialect *dialect,
		 const struct dialect_device *as, const struct scenario_uplink *faults,
		 uint64_t luck, device_post *post, void *arg);
void device_release(struct sim_device *d);

/* Connected: it begins at AT. */
void device_connect(struct sim_device *d, int64_t at);
/* The connection is gone; what was under way is lost. */
void device_disconnect(struct sim_device *d);

/* Everything that is due. Returns when something will be. */
int64_t device_run(struct sim_device *d, int64_t now, int64_t wall);

/* The platform has said DOWN to it. */
void device_hear(struct sim_device *d, const struct upload *down, int64_t now, int64_t wall);

#endif
