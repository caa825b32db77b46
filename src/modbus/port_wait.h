/*
 * port_wait.h - a serial port that another program has: opened once that lets go of it.
 */
#ifndef METERCTL_MODBUS_PORT_WAIT_H
#define METERCTL_MODBUS_PORT_WAIT_H

#include "port.h"

/* OPEN, which is port_open() or port_open_passive(); while the port is in use again, for up to
 * WAIT_S seconds. Then the error is that of the last try; ERR_INTERRUPTED once CANCEL_FD is
 * readable. */
int port_wait(int (*open)(struct port *p, const struct target *t, struct err *e), struct port *p,
	      const struct target *t, int wait_s, int cancel_fd, struct err *e);

#endif
