/*
 * port_who.h - why a serial port cannot be had: who has it, who may, which
 * others there are.
 */
#ifndef METERCTL_LINK_PORT_WHO_H
#define METERCTL_LINK_PORT_WHO_H

#include <stdbool.h>

#include "../err.h"

/* A UUCP lock file (/run/lock/LCK..ttyUSB0, FHS 3.0 section 5.9) of a process
 * that lives: true, and ERR_DENIED naming it. */
bool port_uucp_locked(const char *path, struct err *e);

/* Opening PATH failed with WHY, an errno; EBUSY also when it is locked (flock),
 * and then the holder is named. Returns -1. */
int port_complain(const char *path, int why, struct err *e);

#endif
