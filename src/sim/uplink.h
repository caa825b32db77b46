/*
 * uplink.h - simulated meters at a broker, all over one connection: a connection
 * each would need a thread and a socket each, and a broker does not show who
 * published.
 *
 * Meters there is no simulated meter left for share the first ones', each with a
 * load and a signal of its own.
 */
#ifndef METERCTL_SIM_UPLINK_H
#define METERCTL_SIM_UPLINK_H

#include <stdint.h>
#include <stdio.h>

#include "mqtt/broker.h"
#include "target/target.h"

#define UPLINK_METERS 100000

struct scenario_own;
struct sim;
struct sim_meter;
struct uplink;

struct uplink_opts {
	struct broker *broker;	/* connected; the caller's, outlives the simulator */
	struct target target;	/* as uplink_prepare() made it */
	int interval_s;		/* between uploads */
};

/*
 * What `--mqtt` leads to, before anything is connected: T says dialect (DIALECT,
 * its own, or json-v2) and serial number of the first of COUNT meters, and WILL
 * becomes the topic of the last will ("": none). FLEET: COUNT of them, or NULL. ERR_USAGE.
 */
int uplink_prepare(struct target *t, const char *dialect, const char *scenario,
		   const struct scenario_own *fleet, int count, char will[MQTT_TOPIC], struct err *e);

/* Subscribes for COUNT meters, which show what METERS (NMETERS of them) measure.
 * NULL and E on failure. FLEET (COUNT of them, or NULL) outlives it. */
struct uplink *uplink_new(const struct uplink_opts *o, const struct scenario_own *fleet, int count,
			  struct sim_meter *const *meters, int nmeters, struct err *e);
void uplink_free(struct uplink *u);

/* Readable when there is something to take. */
int uplink_fd(const struct uplink *u);
/* When there is something to do without it; ns as server_now(). */
int64_t uplink_next(const struct uplink *u);
/* Everything that can be done now; S is the simulator around it. */
void uplink_run(struct uplink *u, struct sim *s);

/* The meters as targets, one a line. */
void uplink_targets(const struct uplink *u, FILE *f);

#endif
