/*
 * sim_link.c - a simulated meter behind a pty, spoken to as to one on a serial port.
 */
#include <stdio.h>

#include "link/link.h"
#include "modbus/modbus_link.h"
#include "modbus/way.h"
#include "sim.h"

static void sim_link_end(void *arg)
{
	sim_stop(arg);
}

struct link *sim_link_open(const struct target *t, const struct link_opts *o,
			   int cancel_fd, struct err *e)
{
	struct target wire = *t;
	struct link_opts alone = *o;
	struct sim_opts so = {
		.profile = o->profile, .scenario = t->scenario,
		.tcp_port = -1, .rtutcp_port = -1, .count = 1,
	};
	struct way way = { .wire = &wire, .end = sim_link_end };
	struct sim *sim;
	struct link *l;

	if (!so.profile)
		so.profile = profile_builtin_named("adw300");
	way.arg = sim = sim_start(&so, e);
	if (!sim)
		return NULL;
	wire.scheme = SCHEME_RTU;
	snprintf(wire.path, sizeof(wire.path), "%s", sim_pty(sim));
	alone.private = true;
	alone.lines = NULL;	/* of a meter that is no more nothing is kept */
	l = modbus_link_by(t, &way, &alone, cancel_fd, e);
	if (!l)
		sim_stop(sim);
	return l;
}
