/*
 * lookup.h - a host name becomes addresses, with a deadline. The system's resolver
 * has neither a deadline nor a way to be interrupted, so it is asked by a thread of
 * its own that is left behind when nobody waits for it any more.
 */
#ifndef METERCTL_MODBUS_LOOKUP_H
#define METERCTL_MODBUS_LOOKUP_H

#include <netdb.h>
#include <stdint.h>

#include "base/err.h"

/* The addresses of HOST for TCP to PORT, until UNTIL_US (monotonic) or until
 * CANCEL_FD (-1: none) becomes readable. 0 and *LIST, for freeaddrinfo(); -1 and E:
 * ERR_SILENT, ERR_INTERRUPTED. */
int lookup_host(const char *host, int port, int64_t until_us, int cancel_fd,
		struct addrinfo **list, struct err *e);

#endif
