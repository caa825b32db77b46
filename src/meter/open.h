/*
 * open.h - from a target to the link of its scheme.
 */
#ifndef METERCTL_METER_OPEN_H
#define METERCTL_METER_OPEN_H

#include "link/link.h"

/*
 * Opens what TARGET names. The port or connection must be there now: errors say
 * which step failed and what to check. A `sim:` target starts a simulated meter
 * and speaks to it over a pty. NULL and E on failure; link_close() frees.
 */
struct link *link_open(const struct target *t, const struct link_opts *o,
		       struct err *e);

/* Has another process the serial port of L open, too? "process 4711 (modpoll)" in BUF then.
 * Takes milliseconds. */
bool link_shared(const struct link *l, char *buf, size_t size);

#endif
