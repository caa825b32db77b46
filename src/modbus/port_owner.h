/*
 * port_owner.h - why a serial port cannot be had: who has it, who may, which
 * others there are.
 */
#ifndef METERCTL_MODBUS_PORT_OWNER_H
#define METERCTL_MODBUS_PORT_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* A UUCP lock file (/run/lock/LCK..ttyUSB0, FHS 3.0 section 5.9) of a process
 * that lives: true, and ERR_DENIED naming it. */
bool port_uucp_locked(const char *path, struct err *e);

/* Another process that has PATH open, locked or not, and reads what comes to us: true, and
 * "process 4711 (modpoll)" in BUF. Those of other users are seen by root only (proc(5)).
 * Whoever keeps the other end of a pseudo terminal does not count. It takes milliseconds:
 * for when something is wrong. */
bool port_shared(const char *path, char *buf, size_t size);

/* Opening PATH failed with WHY, an errno; EBUSY also when it is locked (flock),
 * and then the holder is named. Returns -1. */
int port_complain(const char *path, int why, struct err *e);

#endif
