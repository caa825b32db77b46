/*
 * sock.h - a TCP connection to a gateway or serial server, or a socket for datagrams
 * that go to it and come from it alone; and the other end of one, for programs on this side.
 */
#ifndef METERCTL_MODBUS_SOCK_H
#define METERCTL_MODBUS_SOCK_H

#include <netdb.h>
#include <stdint.h>

#include "base/err.h"
#include "target/target.h"

/* Connects to T's host and port within TIMEOUT_MS, unless CANCEL_FD becomes
 * readable. The descriptor (non-blocking, no delay), or -1: ERR_SILENT, or
 * ERR_INTERRUPTED. */
int sock_open(const struct target *t, int timeout_ms, int cancel_fd, struct err *e);

/* Why there is no connection, or nothing comes of datagrams: WHY is an errno. Returns
 * -1, ERR_SILENT (ECANCELED: ERR_INTERRUPTED). */
int sock_complain(const struct target *t, int why, struct err *e);

/* The second half of it: to one of the addresses in LIST (lookup_host()) until
 * UNTIL_US (monotonic). */
int sock_connect(const struct target *t, const struct addrinfo *list, int64_t until_us,
		 int cancel_fd, struct err *e);

/* Listens on ADDR, an IPv4 or IPv6 address in digits, and *PORT (0: a free one, which it then is).
 * The descriptor (non-blocking), or -1: ERR_USAGE no such address, ERR_DENIED in use or not
 * permitted. */
int sock_listen(const char *addr, int *port, struct err *e);
/* Takes who waits there (non-blocking, no delay); -1: nobody does. */
int sock_accept(int listening);

#endif
