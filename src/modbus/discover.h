/*
 * discover.h - finds the meters of one line: a serial port at unknown speed, character format and
 * addresses, or the units behind a gateway. Reads only.
 *
 * What is tried is sweep.h's; here the line is asked and what comes back is understood: a slow
 * reply is asked for again in its own time, garbage is asked for again before it is believed, and
 * who else speaks is heard before anything is sent.
 */
#ifndef METERCTL_MODBUS_DISCOVER_H
#define METERCTL_MODBUS_DISCOVER_H

#include "link/link.h"
#include "profile/profile.h"
#include "sweep.h"
#include "target/target.h"

struct discover_meter {
	struct target target;		/* all that is needed to connect; its text is canonical */
	const struct profile *profile;	/* by whose rules it is identified; NULL: by none */
	const char *model;		/* of that rule; NULL */
	char id[64];			/* serial number, where the profile has one; "" */
	char reply[160];		/* "holding 0x0000-0x0001: 0011 0003", "exception 02 ..." */
	double latency_ms;
	bool doubled;			/* two meters have this address */
	bool any_unit;			/* a network: every unit address is replied to */
};

struct discover_opts {
	const struct profile *const *profiles;	/* whose rules are tried, in order */
	size_t nprofiles;
	const struct discover_meter *known;	/* found in a run before: not told again */
	size_t nknown;
	struct link_opts link;		/* its cancel_fd ends the search */
	bool intrude;			/* also where another master speaks */
	bool *master;			/* set where it ends because one does; NULL: nobody asks */
	int64_t until_us;		/* monotonic; 0: no end */
	void (*found)(void *arg, const struct discover_meter *m);
	void (*said)(void *arg, const char *text);	/* what a person should know */
	/* Before each probe; false: enough. The sweep is the caller's to look at meanwhile. */
	bool (*trying)(void *arg, const struct sweep_probe *p);
	void *arg;
};

/*
 * Searches the line of T by S, which may have come some way already. 0: S is done, or it was
 * enough; -1 and E: ERR_INTERRUPTED, by the cancel or UNTIL_US; ERR_DENIED, in use, or another
 * master speaks; ERR_SILENT, no such port or connection.
 */
int discover_line(const struct target *t, struct sweep *s, const struct discover_opts *o, struct err *e);

#endif
