/*
 * modbus_link.h - the link to a meter that has registers.
 */
#ifndef METERCTL_MODBUS_MODBUS_LINK_H
#define METERCTL_MODBUS_MODBUS_LINK_H

#include "link/link.h"

struct way;

/* modbus_link_open() by another WAY than T names, copied, which the link ends when it is
 * closed. On failure the way stays the caller's, too. */
struct link *modbus_link_by(const struct target *t, const struct way *way,
			    const struct link_opts *o, int cancel_fd, struct err *e);

#endif
