/*
 * modbus_link.h - the link to a meter that has registers.
 */
#ifndef METERCTL_MODBUS_MODBUS_LINK_H
#define METERCTL_MODBUS_MODBUS_LINK_H

#include "link/link.h"

struct sim;

/* T is what the person asked for; WIRE is where to open it (the same, or the pty
 * of SIM, which the link stops when it is closed). CANCEL_FD becomes the
 * link's. NULL and E on failure, then SIM and CANCEL_FD stay the caller's. */
struct link *modbus_link_open(const struct target *t, const struct target *wire,
			      const struct link_opts *o, struct sim *sim,
			      int cancel_fd, struct err *e);

#endif
