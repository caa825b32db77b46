/*
 * sock.h - a TCP connection to a gateway or serial server.
 */
#ifndef METERCTL_LINK_SOCK_H
#define METERCTL_LINK_SOCK_H

#include "../err.h"
#include "../target.h"

/* Connects to T's host and port within TIMEOUT_MS, unless CANCEL_FD becomes
 * readable. The descriptor (non-blocking, no delay), or -1: ERR_SILENT. Looking
 * up a name is the system resolver's and cannot be cancelled. */
int sock_open(const struct target *t, int timeout_ms, int cancel_fd, struct err *e);

#endif
